// Package darkroom makes the photographs of the synthetic newspaper: it draws a scene, encodes it as JPEG, PNG, GIF or WebP, and writes
// credits into the file where press pictures carry them.
//
// A [Print] says what is on the picture, how wide it is, in which format, and what the file says about itself. Equal prints give equal
// bytes; two widths of one print show the same scene. The credits go into [Blocks] of [Metadata]: IPTC IIM (IIM 4.2 inside Photoshop
// resource 0x0404), an XMP packet, EXIF, or PNG text, each of which may say something else, as real files do.
//
// The package knows nothing of newspapers, pages or HTTP, and it only writes: reading credits is the business of archive/photo/imagemeta,
// which must not learn its formats from the code that made the test files. Tests may import it; of shipped code only crawlertest does.
package darkroom

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"

	"github.com/HugoSmits86/nativewebp"
)

// Format is the file format of a print.
type Format string

// The formats that news pages use and that can be written without cgo.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	GIF  Format = "gif"
	WebP Format = "webp" // VP8L, lossless
)

// Extension is the usual ending of file names, without the dot.
func (f Format) Extension() string {
	if f == JPEG {
		return "jpg"
	}
	return string(f)
}

// ContentType is the media type as registered with IANA.
func (f Format) ContentType() string { return "image/" + string(f) }

// Print describes one file. Its zero Format is JPEG.
type Print struct {
	Scene  string // one of Scenes
	Seed   uint64 // varies the drawing
	Width  int    // in pixels, at least 16; every print is 3 wide by 2 high
	Format Format
	Blocks []Metadata // what the file says about itself; later blocks of the same carrier win
}

// jpegQuality keeps a print of 480 pixels near 10 kB, as a thumbnail of a news site is.
const jpegQuality = 82

// Size is the width and height of the print in pixels.
func (p Print) Size() (width, height int) { return p.Width, p.Width * 2 / 3 }

// Make draws, encodes and labels the print. It fails on an unknown scene, a width below 16 pixels, and a carrier that the format does not have.
func (p Print) Make() ([]byte, error) {
	if p.Format == "" {
		p.Format = JPEG
	}
	img, err := p.draw()
	if err != nil {
		return nil, err
	}
	file, err := encode(img, p.Format)
	if err != nil {
		return nil, fmt.Errorf("encoding scene %q: %w", p.Scene, err)
	}
	return Embed(p.Format, file, p.Blocks)
}

func (p Print) draw() (*image.RGBA, error) {
	scene, ok := scenes()[p.Scene]
	if !ok {
		return nil, fmt.Errorf("no scene is called %q", p.Scene)
	}
	w, h := p.Size()
	if w < 16 {
		return nil, fmt.Errorf("a print %d pixels wide is too small to draw on", w)
	}
	c := newCanvas(w, h, p.Seed, p.Scene)
	scene(c)
	return c.img, nil
}

func encode(img *image.RGBA, f Format) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch f {
	case JPEG:
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: jpegQuality})
	case PNG:
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img)
	case GIF:
		err = gif.Encode(&b, posterise(img), nil)
	case WebP:
		err = nativewebp.Encode(&b, img, nil)
	default:
		err = fmt.Errorf("no format is called %q", f)
	}
	return b.Bytes(), err
}
