package contactsheet

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

// grain is a picture that does not compress.
type grain struct{ width, height int }

func (g grain) ColorModel() color.Model { return color.GrayModel }
func (g grain) Bounds() image.Rectangle { return image.Rect(0, 0, g.width, g.height) }
func (g grain) Opaque() bool            { return true }
func (g grain) At(x, y int) color.Color {
	n := uint32(x+1)*2654435761 ^ uint32(y+1)*2246822519
	n ^= n >> 15
	return color.Gray{uint8(n * 2654435761 >> 24)}
}

// glass is a picture of which the left half lets everything through.
type glass struct{ grain }

func (g glass) ColorModel() color.Model { return color.NRGBAModel }
func (g glass) Opaque() bool            { return false }
func (g glass) At(x, y int) color.Color {
	if x < g.width/2 {
		return color.NRGBA{}
	}
	v := g.grain.At(x, y).(color.Gray).Y
	return color.NRGBA{v, v, v, 255}
}

func tiffOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := tiff.Encode(&b, img, nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// boxes is an ISO base media file of a brand, of so many bytes: enough to be known as one, and nothing that can be decoded.
func boxes(brand string, size int) []byte {
	b := make([]byte, size)
	binary.BigEndian.PutUint32(b, 24)
	copy(b[4:], "ftyp"+brand+"\x00\x00\x00\x00"+brand+"mif1")
	return b
}

func TestDevelop(t *testing.T) {
	small, large := jpegOf(t, painting{600, 400, hue(0)}), jpegOf(t, grain{1600, 1200})
	for _, c := range []struct {
		name    string
		file    []byte
		w, h    int    // as the archive tells
		as      string // media type of what is shown
		same    bool   // the very bytes
		say     string // how, or why not
		offered string // media type that is offered to browsers that know it
	}{
		{name: "a small JPEG as it is", file: small, as: "image/jpeg", same: true, say: "shown as archived"},
		{name: "a large JPEG scaled down", file: large, as: "image/jpeg", say: "shown as a JPEG of 640 × 480"},
		{name: "a large JPEG that lies on its side upright", file: lying(large), as: "image/jpeg", say: "shown as a JPEG of 480 × 640"},
		{name: "a large PNG that is half transparent as JPEG", file: pngOf(t, glass{grain{900, 900}}), as: "image/jpeg", say: "shown as a JPEG of 640 × 640"},
		{name: "a small TIFF, which browsers do not know, as JPEG", file: tiffOf(t, grain{100, 50}), as: "image/jpeg", say: "shown as a JPEG of 100 × 50"},
		{name: "a drawing as it is", file: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>`), as: "image/svg+xml", same: true, say: "shown as archived"},
		{name: "AVIF to browsers that know it", file: boxes("avif", 300<<10), w: 800, h: 600, as: "image/svg+xml", offered: "image/avif", say: "shown as archived, by browsers that know the format"},
		{name: "HEIC to browsers that know it", file: boxes("heic", 9000), as: "image/svg+xml", offered: "image/heic", say: "shown as archived, by browsers that know the format"},
		{name: "no AVIF of several megabytes", file: boxes("avif", 3<<20), say: "AVIF is not decoded here, and the file is too large to be put here as it is: 3.0 MiB"},
		{name: "no AVIF of a billion pixels", file: boxes("avif", 9000), w: 40_000, h: 30_000, say: "it has too many pixels to be decoded: its size is 40000 × 30000, and 40 million pixels are the most"},
		{name: "no PNG of a billion pixels, however small", file: pngHeader(40_000, 30_000), say: "it has too many pixels to be decoded: its size is 40000 × 30000, and 40 million pixels are the most"},
		{name: "what is left of a large JPEG that was cut", file: large[:len(large)/2], as: "image/jpeg", same: true, say: "shown as archived"},
		{name: "no error page in a picture's place", file: []byte("<!DOCTYPE html><p>404"), say: "its file is no picture of a known format"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fileOf("x", c.w, c.h, c.file)
			p := develop(&f, c.file)
			kind, data, _ := strings.Cut(strings.TrimPrefix(string(p.Source), "data:"), ";base64,")
			if kind != c.as || p.Type != c.offered || p.How+p.Missing != c.say {
				t.Errorf("it is shown as %q, offered as %q: %s%s", kind, p.Type, p.How, p.Missing)
			}
			if same := data == base64.StdEncoding.EncodeToString(c.file); c.as != "" && same != c.same {
				t.Errorf("the bytes are the file's: %v, want %v", same, c.same)
			}
			if set := string(p.Set); set != "" && set != "data:"+c.offered+";base64,"+base64.StdEncoding.EncodeToString(c.file) {
				t.Errorf("the bytes that are offered are not the file's: %.80s", set)
			}
			if strings.HasPrefix(p.How, "shown as a JPEG") && len(p.Source) > 400<<10 {
				t.Errorf("the smaller copy has %d bytes", len(p.Source))
			}
		})
	}
}

// pngHeader is a PNG file of which only the header is there.
func pngHeader(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	file = append(file, chunk...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(chunk))
}

// lying gives a JPEG whose EXIF says that it is to be turned clockwise.
func lying(file []byte) []byte {
	const exif = "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return slices.Concat(file[:2], segment, file[2:])
}

func TestTransparentPixelsBecomeWhite(t *testing.T) {
	f := fileOf("x", 0, 0, nil)
	p := develop(&f, pngOf(t, glass{grain{900, 900}}))
	_, data, _ := strings.Cut(string(p.Source), ",")
	b, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, bl, _ := img.At(100, 300).RGBA(); r < 0xfa00 || g < 0xfa00 || bl < 0xfa00 {
		t.Errorf("it is %x %x %x, want white", r, g, bl)
	}
}

func TestChoose(t *testing.T) {
	b := []byte("x")
	sized := func(name string, width int, size int64) File {
		f := fileOf(name, width, width*2/3, b)
		f.Size = size
		return f
	}
	got := ""
	for _, f := range choose([]File{
		sized("thumb", 160, 9<<10), sized("original", 5000, 6<<20), sized("column", 640, 90<<10), sized("large", 1280, 260<<10), sized("wide", 900, 150<<10),
		sized("unknown", 0, 30<<10), {URL: "https://media.harbour.example/never-came"},
	}) {
		got += strings.TrimPrefix(f.URL, "https://media.harbour.example/") + " "
	}
	if want := "wide column large original thumb unknown "; got != want {
		t.Errorf("they are tried in the order %s, want %s", got, want)
	}
}

func TestShowTakesTheNextFile(t *testing.T) {
	p, err := show(t.Context(), []File{rotten("rotten.jpg"), fileOf("whole.jpg", 320, 200, jpegOf(t, painting{320, 200, hue(1)}))})
	if p.Source == "" || p.File.URL != "https://media.harbour.example/whole.jpg" {
		t.Errorf("it shows %+v", p.File)
	}
	if err == nil || !strings.Contains(err.Error(), "rotten.jpg") {
		t.Errorf("the error is %v, and must tell the file that could not be read", err)
	}
}
