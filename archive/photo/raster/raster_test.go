package raster

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/HugoSmits86/nativewebp"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// quarters is a picture whose four quarters have different colours, clockwise from the upper left: red, green, blue, white.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, colourOf(2*x/w, 2*y/h))
		}
	}
	return img
}

func colourOf(right, below int) color.RGBA {
	return [2][2]color.RGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{255, 255, 255, 255}, {0, 0, 255, 255}}}[below][right]
}

// corners names the colours in the middles of a picture's quarters, clockwise from the upper left.
func corners(img image.Image) string {
	b := img.Bounds()
	names := ""
	for _, at := range [][2]int{{1, 1}, {3, 1}, {3, 3}, {1, 3}} {
		r, g, bl, _ := img.At(b.Min.X+at[0]*b.Dx()/4, b.Min.Y+at[1]*b.Dy()/4).RGBA()
		switch {
		case r > 0xc000 && g > 0xc000 && bl > 0xc000:
			names += "W"
		case r > g && r > bl:
			names += "R"
		case g > r && g > bl:
			names += "G"
		default:
			names += "B"
		}
	}
	return names
}

func TestDecode(t *testing.T) {
	img := quarters(48, 32)
	for name, encode := range map[string]func(*bytes.Buffer) error{
		"JPEG": func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) },
		"PNG":  func(b *bytes.Buffer) error { return png.Encode(b, img) },
		"GIF":  func(b *bytes.Buffer) error { return gif.Encode(b, img, nil) },
		"WebP": func(b *bytes.Buffer) error { return nativewebp.Encode(b, img, nil) },
		"TIFF": func(b *bytes.Buffer) error { return tiff.Encode(b, img, nil) },
		"BMP":  func(b *bytes.Buffer) error { return bmp.Encode(b, img) },
	} {
		t.Run("a "+name+" file gives its pixels", func(t *testing.T) {
			var b bytes.Buffer
			if err := encode(&b); err != nil {
				t.Fatal(err)
			}
			got, err := Decode(b.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			if got.Bounds().Size() != image.Pt(48, 32) || corners(got) != "RGBW" {
				t.Errorf("it is %v with the corners %s", got.Bounds(), corners(got))
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	var whole bytes.Buffer
	if err := png.Encode(&whole, quarters(64, 64)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file []byte
		want error
	}{
		{"a file that is no picture", []byte("<!DOCTYPE html><title>404</title>"), ErrFormat},
		{"nothing", nil, ErrFormat},
		{"a picture that ends in its middle", whole.Bytes()[:whole.Len()/2], ErrDamaged},
		{"a picture that ends in its header", whole.Bytes()[:20], ErrDamaged},
		{"a picture of a billion pixels", pngHeader(40_000, 25_000), ErrTooLarge},
		{"a picture one row too high", pngHeader(8_000, 5_001), ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Decode(c.file); !errors.Is(err, c.want) {
				t.Errorf("the error is %v, want %v", err, c.want)
			}
		})
	}
	t.Run("before it decodes a pixel", func(t *testing.T) {
		large := pngHeader(40_000, 25_000)
		allocated := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(large); err == nil {
					b.Fatal("it was decoded")
				}
			}
		})
		if n := allocated.AllocedBytesPerOp(); n > 64<<10 {
			t.Errorf("it took %d bytes", n)
		}
	})
}

// pngHeader is a PNG file of which only the header is there.
func pngHeader(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	file = append(file, chunk...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(chunk))
}

func TestFit(t *testing.T) {
	for _, c := range []struct{ from, want image.Point }{
		{image.Pt(1200, 800), image.Pt(600, 400)},
		{image.Pt(800, 1200), image.Pt(400, 600)},
		{image.Pt(6000, 2), image.Pt(600, 1)},
		{image.Pt(600, 20), image.Pt(600, 20)},
	} {
		got := Fit(quarters(c.from.X, c.from.Y), 600)
		if got.Bounds().Size() != c.want {
			t.Errorf("%v becomes %v, want %v", c.from, got.Bounds().Size(), c.want)
		}
		if c.want.Y > 10 && corners(got) != "RGBW" {
			t.Errorf("%v has the corners %s", c.from, corners(got))
		}
	}
	part := quarters(100, 100).SubImage(image.Rect(50, 50, 100, 100)) // blue alone
	if got := Fit(part, 10); corners(got) != "BBBB" {
		t.Errorf("a part of a picture has the corners %s", corners(got))
	}
}

func TestUpright(t *testing.T) {
	for orientation, want := range map[int]string{
		0: "RGBW", 1: "RGBW", 2: "GRWB", 3: "BWRG", 4: "WBGR", 5: "RWBG", 6: "WRGB", 7: "BGRW", 8: "GBWR", 9: "RGBW",
	} {
		got := Upright(quarters(40, 20), orientation)
		size := image.Pt(40, 20)
		if orientation >= 5 && orientation <= 8 {
			size = image.Pt(20, 40)
		}
		if got.Bounds().Size() != size || corners(got) != want {
			t.Errorf("orientation %d gives %v with the corners %s, want %v and %s", orientation, got.Bounds().Size(), corners(got), size, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	img := quarters(8, 8)
	var j, p, w bytes.Buffer
	for _, err := range []error{jpeg.Encode(&j, img, nil), png.Encode(&p, img), nativewebp.Encode(&w, img, nil)} {
		if err != nil {
			f.Fatal(err)
		}
	}
	for _, b := range [][]byte{j.Bytes(), p.Bytes(), w.Bytes(), pngHeader(1, 1)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if size, err := Measure(file); err != nil || size.X*size.Y > 1<<20 {
			return // larger ones take fuzzing time and show nothing new
		}
		img, err := Decode(file)
		if err != nil {
			return
		}
		if got := Fit(img, 64).Bounds().Size(); got.X > 64 || got.Y > 64 {
			t.Errorf("it was to fit into 64 × 64 and is %v", got)
		}
	})
}
