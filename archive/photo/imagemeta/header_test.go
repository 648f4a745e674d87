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
	"testing"
	"testing/iotest"

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

func TestReadHeaderTellsFormatAndSize(t *testing.T) {
	for name, file := range samples(t) {
		t.Run(name, func(t *testing.T) {
			got, err := ReadHeader(iotest.HalfReader(bytes.NewReader(file)))
			if want := (Header{Format(name), 64, 48}); err != nil || got != want {
				t.Errorf("ReadHeader = %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestReadHeaderOfSpecialCases(t *testing.T) {
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
		{"an SVG file with a viewBox only", []byte("\xEF\xBB\xBF\n<svg viewBox='0 0 300.4,150'>"), Header{SVG, 300, 150}},
		{"an SVG file with relative sides and a viewBox", []byte(`<svg width="100%" height="100%" viewBox="0 0 30 20">`), Header{SVG, 30, 20}},
		{"an SVG file that names no size", []byte(`<!DOCTYPE svg><svg>`), Header{SVG, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := ReadHeader(bytes.NewReader(c.file)); err != nil || got != c.want {
				t.Errorf("ReadHeader = %+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

func TestReadHeaderRefusesWhatIsNoImage(t *testing.T) {
	for name, file := range map[string]string{
		"nothing": "", "text": "Hello", "HTML": "<!doctype html><html><svg></svg></html>", "MP4": "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := ReadHeader(bytes.NewReader([]byte(file))); !errors.Is(err, ErrUnknownFormat) {
				t.Errorf("ReadHeader = %+v, %v; want ErrUnknownFormat", got, err)
			}
		})
	}
}

func TestReadHeaderOfCutFilesKeepsTheFormat(t *testing.T) {
	for name, file := range samples(t) {
		if name == "svg" {
			continue // a cut tag is no element
		}
		t.Run(name, func(t *testing.T) {
			got, err := ReadHeader(bytes.NewReader(file[:min(18, len(file))]))
			if got.Format != Format(name) {
				t.Errorf("format of the first 18 bytes = %q (%v)", got.Format, err)
			}
		})
	}
}

func TestReadHeaderReportsReadErrors(t *testing.T) {
	broken := errors.New("the disk is gone")
	if _, err := ReadHeader(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error = %v, want it to wrap %v", err, broken)
	}
}

func FuzzReadHeader(f *testing.F) {
	for _, file := range samples(f) {
		f.Add(file)
	}
	f.Add(isoFile("heic", 1<<31, 1<<31, true))
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := ReadHeader(bytes.NewReader(file))
		if err == nil && (h.Format == "" || h.Width < 0 || h.Height < 0) {
			t.Errorf("ReadHeader = %+v without an error", h)
		}
	})
}
