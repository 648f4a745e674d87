package imagemeta

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// encoded writes a picture of 64 by 48 pixels with one of the standard encoders.
func encoded(t testing.TB, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 64, 48), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	if err := encode(&b, img); err != nil {
		t.Fatalf("encode: %v", err)
	}
	return b.Bytes()
}

func samples(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"jpeg": encoded(t, func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }),
		"png":  encoded(t, png.Encode),
		"gif":  encoded(t, func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }),
		"tiff": encoded(t, func(w io.Writer, m image.Image) error { return tiff.Encode(w, m, nil) }),
		"bmp":  encoded(t, bmp.Encode),
		"webp": webpFile(64, 48),
		"avif": isoFile("avif", 64, 48, false),
		"heic": isoFile("heic", 64, 48, false),
		"jxl":  jxlFile(64, 48),
		"svg":  []byte(`<?xml version="1.0"?><!-- drawn --><svg xmlns="http://www.w3.org/2000/svg" width="64" height="48px"/>`),
	}
}

// webpFile is the head of an extended WebP file: RIFF, WEBP, VP8X with the sides less one in 24 bits each.
func webpFile(w, h int) []byte {
	b := []byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00")
	return append(b, byte(w-1), byte((w-1)>>8), 0, byte(h-1), byte((h-1)>>8), 0)
}

func isoBox(kind string, body ...[]byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(bytes.Join(body, nil))))
	b = append(b, kind...)
	return append(b, bytes.Join(body, nil)...)
}

// isoFile is a file with two items: a thumbnail of 8 by 6 pixels listed first, and the primary one.
func isoFile(brand string, w, h uint32, turned bool) []byte {
	ispe := func(w, h uint32) []byte {
		return isoBox("ispe", binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 4), w), h))
	}
	turn := byte(0)
	if turned {
		turn = 1
	}
	return bytes.Join([][]byte{
		isoBox("ftyp", []byte(brand), make([]byte, 4), []byte("mif1")),
		isoBox("free", make([]byte, 5)),
		isoBox("meta", make([]byte, 4),
			isoBox("pitm", []byte{0, 0, 0, 0, 0, 2}),
			isoBox("iprp",
				isoBox("ipco", ispe(8, 6), ispe(w, h), isoBox("irot", []byte{turn})),
				isoBox("ipma", []byte{0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 0, 2, 2, 2, 0x83}))),
	}, nil)
}

// jxlFile is the head of a bare codestream in the long form, without ratio.
func jxlFile(w, h int) []byte {
	var bits uint64
	at := 0
	put := func(v uint64, n int) { bits |= v << at; at += n }
	put(0, 1)
	put(1, 2)
	put(uint64(h-1), 13)
	put(0, 3)
	put(1, 2)
	put(uint64(w-1), 13)
	return binary.LittleEndian.AppendUint64([]byte{0xFF, 0x0A}, bits)
}

func TestReadTellsFormatAndSize(t *testing.T) {
	for name, file := range samples(t) {
		t.Run(name, func(t *testing.T) {
			m := read(t, file)
			if want := (Header{Format(name), 64, 48}); m.Header != want || m.Damage != nil {
				t.Errorf("header %+v, damage %v; want %+v", m.Header, m.Damage, want)
			}
		})
	}
}

func TestReadOfSpecialHeaders(t *testing.T) {
	container := func(kind string, head ...byte) []byte {
		return bytes.Join([][]byte{
			isoBox("JXL ", []byte("\r\n\x87\n")), isoBox("ftyp", []byte("jxl \x00\x00\x00\x00jxl ")), isoBox(kind, head, jxlFile(640, 427)),
		}, nil)
	}
	for _, c := range []struct {
		name string
		file []byte
		want Header
	}{
		{"a picture stored lying and shown standing has its shown sides", isoFile("heic", 64, 48, true), Header{HEIC, 48, 64}},
		{"an AVIF file under a general brand", append(isoBox("ftyp", []byte("mif1\x00\x00\x00\x00avif")), isoFile("avif", 9, 7, false)[20:]...), Header{AVIF, 9, 7}},
		{"a JPEG XL codestream in a container", container("jxlc"), Header{JPEGXL, 640, 427}},
		{"a JPEG XL codestream in parts", container("jxlp", 0, 0, 0, 0), Header{JPEGXL, 640, 427}},
		{"a JPEG XL size in the short form with a ratio", []byte{0xFF, 0x0A, 0x49, 0x01, 0}, Header{JPEGXL, 71, 40}},
		{"a lossy WebP file without VP8X", riff(riffChunk("VP8 ", []byte("\x30\x01\x00\x9D\x01\x2A\x40\x01\xF0\x40"))), Header{WebP, 320, 240}},
		{"a lossless WebP file without VP8X", riff(riffChunk("VP8L", []byte("\x2F\x3F\x81\x3B\x00"))), Header{WebP, 320, 239}},
		{"a bitmap with its rows from the top", append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x1A\x00\x00\x00\x28\x00\x00\x00"), 9, 0, 0, 0, 0xF9, 0xFF, 0xFF, 0xFF), Header{BMP, 9, 7}},
		{"an SVG file with a viewBox only", []byte("\xEF\xBB\xBF\n<svg viewBox='0 0 300.4,150'>"), Header{SVG, 300, 150}},
		{"an SVG file with relative sides and a viewBox", []byte(`<svg width="100%" height="100%" viewBox="0 0 30 20">`), Header{SVG, 30, 20}},
		{"an SVG file that names no size", []byte(`<!DOCTYPE svg><svg>`), Header{SVG, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := read(t, c.file); m.Header != c.want {
				t.Errorf("header %+v, want %+v (damage %v)", m.Header, c.want, m.Damage)
			}
		})
	}
}

func TestReadRefusesWhatIsNoImage(t *testing.T) {
	for name, file := range map[string]string{
		"nothing": "", "text": "Hello", "HTML": "<!doctype html><html><svg></svg></html>", "MP4": "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42",
	} {
		t.Run(name, func(t *testing.T) {
			if m, err := Read(strings.NewReader(file), int64(len(file))); !errors.Is(err, ErrUnknownFormat) || m != nil {
				t.Errorf("Read = %+v, %v; want ErrUnknownFormat", m, err)
			}
		})
	}
}

func TestReadOfCutFilesKeepsTheFormat(t *testing.T) {
	for name, file := range samples(t) {
		if name == "svg" {
			continue // a tag that is cut is no element
		}
		t.Run(name, func(t *testing.T) {
			m := read(t, file[:min(18, len(file))])
			if m.Header.Format != Format(name) || m.Damage == nil && name != "jxl" {
				t.Errorf("the first 18 bytes give %+v, damage %v", m.Header, m.Damage)
			}
		})
	}
}

// brokenDisk reads what is in front of a damaged sector.
type brokenDisk struct {
	file []byte
	good int64
}

var errSector = errors.New("a sector cannot be read")

func (d brokenDisk) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > d.good {
		return 0, errSector
	}
	return bytes.NewReader(d.file).ReadAt(p, off)
}

func TestReadReportsReadErrors(t *testing.T) {
	segment := append([]byte{0xFF, 0xE0, 0x10, 0x02}, make([]byte, 4096)...)
	file := append([]byte{0xFF, 0xD8}, bytes.Repeat(segment, 8)...)
	for _, good := range []int64{0, 1024, 9000} {
		m, err := Read(brokenDisk{file, good}, int64(len(file)))
		if !errors.Is(err, errSector) || m != nil {
			t.Errorf("with %d good bytes: %+v, %v; want the error of the disk", good, m, err)
		}
	}
}

func TestReadOfAFileShorterThanItsSize(t *testing.T) {
	file := samples(t)["png"]
	m, err := Read(bytes.NewReader(file[:len(file)/2]), int64(len(file)))
	if err != nil || m.Header.Width != 64 || m.Damage == nil {
		t.Errorf("Read = %+v, %v", m, err)
	}
}
