package contactsheet

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"slices"

	"github.com/dustin/go-humanize"
	"golang.org/x/image/draw"

	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/photo/raster"
)

const (
	maxAsItIs    = 200 << 10 // bytes up to which a file is shown as it was archived
	maxUndecoded = 2 << 20   // bytes up to which one that only the browser decodes is
	maxFile      = 64 << 20  // bytes up to which a file is read at all
	side         = 640       // pixels of a picture that was scaled down: on a dense screen a card is about as wide
	quality      = 82        // of such a picture's JPEG, of 100
)

// picture is what is shown of an entry.
type picture struct {
	Source  template.URL    // data: URI; "" when nothing can be shown
	Set     template.Srcset // the same, when only some browsers decode it
	Type    string          // media type of Set
	Missing string          // why nothing is shown

	File *File       // the one that is shown, or that could not be
	Kind string      // its format
	Size image.Point // in pixels, as stored
	How  string      // what was done to it
}

// choose puts the files of a picture in the order in which they are tried: those that can be shown as they are, the widest first; then those
// that have to be scaled down, the smallest first; then the rest. That saves decoding where a page offers several sizes.
func choose(files []File) []*File {
	class := func(f *File) int {
		switch {
		case f.Size <= maxAsItIs && f.Width >= side/2:
			return 0
		case f.Width > side:
			return 1
		}
		return 2
	}
	var chosen []*File
	for i := range files {
		if f := &files[i]; f.Open != nil {
			chosen = append(chosen, f)
		}
	}
	slices.SortStableFunc(chosen, func(a, b *File) int {
		wider := cmp.Compare(b.Width, a.Width)
		if class(a) == 1 {
			wider = -wider
		}
		return cmp.Or(cmp.Compare(class(a), class(b)), wider)
	})
	return chosen
}

// show makes what is shown of a picture from the first of its files that can be. The error tells which files could not be read; there is a
// picture all the same when another one could.
func show(ctx context.Context, files []File) (picture, error) {
	best := picture{Missing: "no file of it is in the archive"}
	var unread []error
	for i, f := range choose(files) {
		b, err := read(ctx, f)
		if ctx.Err() != nil {
			return picture{}, context.Cause(ctx)
		}
		p := picture{File: f}
		if err == nil {
			p = develop(f, b)
		} else {
			unread = append(unread, fmt.Errorf("%s: %w", f.URL, err))
			p.Missing = "its file cannot be read from the archive: " + err.Error()
		}
		if p.Source != "" {
			return p, errors.Join(unread...)
		}
		if i == 0 {
			best = p
		}
	}
	return best, errors.Join(unread...)
}

func read(ctx context.Context, f *File) ([]byte, error) {
	rc, err := f.Open(ctx)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(rc, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("it is larger than %s", humanize.IBytes(maxFile))
	}
	return b, errors.Join(err, rc.Close())
}

// develop makes what is shown of one file.
func develop(f *File, b []byte) picture {
	format := imagemeta.Sniff(b)
	p := picture{File: f, Kind: names[format], Size: image.Pt(f.Width, f.Height)}
	if format == "" {
		p.Missing = "its file is no picture of a known format"
		return p
	}
	if size, _ := raster.Measure(b); size != (image.Point{}) { // what cannot be measured is left to what follows
		p.Size = size
	}
	if p.Size != (image.Point{}) && format != imagemeta.SVG {
		if err := raster.Check(p.Size); err != nil {
			p.Missing = err.Error()
			return p
		}
	}
	if len(b) <= maxAsItIs && everywhere[format] {
		return p.asItIs(format, b)
	}
	img, err := raster.Decode(b)
	switch {
	case err == nil:
		return p.scaled(img, orientationOf(b))
	case len(b) <= maxUndecoded && format != imagemeta.TIFF: // browsers know more formats, and show what is left of a damaged file
		return p.asItIs(format, b)
	case errors.Is(err, raster.ErrFormat):
		err = fmt.Errorf("%s is not decoded here, and the file is too large to be put here as it is: %s", p.Kind, humanize.IBytes(uint64(len(b))))
	}
	p.Missing = err.Error()
	return p
}

// asItIs shows the file itself. When not all browsers know its format, those that do not show a word in its place.
func (p picture) asItIs(format imagemeta.Format, b []byte) picture {
	p.Source, p.How = dataURI(mediaType(format), b), "shown as archived"
	if !everywhere[format] {
		p.Set, p.Type = template.Srcset(p.Source), mediaType(format)
		p.Source = dataURI("image/svg+xml", fmt.Appendf(nil, unknownFormat, p.Kind))
		p.How += ", by browsers that know the format"
	}
	return p
}

// everywhere are the formats that all browsers show.
var everywhere = map[imagemeta.Format]bool{
	imagemeta.JPEG: true, imagemeta.PNG: true, imagemeta.GIF: true, imagemeta.WebP: true, imagemeta.BMP: true, imagemeta.SVG: true,
}

// unknownFormat is shown by browsers that do not know a file's format.
const unknownFormat = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200"><rect width="300" height="200" fill="#777"/>` +
	`<text x="150" y="105" fill="#fff" font-family="sans-serif" font-size="13" text-anchor="middle">This browser does not show %s</text></svg>`

// orientationOf tells how a file wants to be turned. Of a file that says so browsers know it themselves, a copy has to be turned.
func orientationOf(b []byte) int {
	m, err := imagemeta.Read(bytes.NewReader(b), int64(len(b)))
	if err != nil { // it says nothing that can be read
		return 0
	}
	return m.Orientation
}

// scaled shows a smaller copy, turned as orientation says. Where pixels let something through there is white behind them, as JPEG knows no such
// pixels.
func (p picture) scaled(img image.Image, orientation int) picture {
	img = raster.Upright(raster.Fit(img, side), orientation)
	if o, ok := img.(interface{ Opaque() bool }); !ok || !o.Opaque() {
		paper := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
		draw.Draw(paper, paper.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.Draw(paper, paper.Bounds(), img, img.Bounds().Min, draw.Over)
		img = paper
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		p.Missing = "no smaller copy of it could be made: " + err.Error()
		return p
	}
	p.Source = dataURI("image/jpeg", out.Bytes())
	p.How = fmt.Sprintf("shown as a JPEG of %d × %d", img.Bounds().Dx(), img.Bounds().Dy())
	return p
}

func dataURI(mediaType string, b []byte) template.URL {
	return template.URL("data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(b))
}

// mediaType is that of a format in IANA's registry.
func mediaType(f imagemeta.Format) string {
	if f == imagemeta.SVG {
		return "image/svg+xml"
	}
	return "image/" + string(f)
}

// names of the formats, as people write them.
var names = map[imagemeta.Format]string{
	imagemeta.JPEG: "JPEG", imagemeta.PNG: "PNG", imagemeta.GIF: "GIF", imagemeta.WebP: "WebP", imagemeta.TIFF: "TIFF", imagemeta.BMP: "BMP",
	imagemeta.AVIF: "AVIF", imagemeta.HEIC: "HEIC", imagemeta.JPEGXL: "JPEG XL", imagemeta.SVG: "SVG",
}
