// Package raster turns the bytes of an archived picture into pixels, for those who must look at it: the contact sheet, which shows a small
// version of it, and archive/photo/likeness, which tells whether two files are the same picture.
//
// Pictures come from the web, so nothing is decoded before its header has said how many pixels it has. Pixels are never decoded while
// capturing; what a file says about itself is the business of archive/photo/imagemeta and needs none.
//
// The package imports nothing of ours. Only those who show or compare pictures may import it: it brings the decoders along.
package raster

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"

	_ "image/gif" // the formats that can be decoded, beside those that x/image has
	_ "image/jpeg"
	_ "image/png"

	"golang.org/x/image/draw"

	_ "golang.org/x/image/bmp" // the other formats that can be decoded
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// MaxPixels bounds the pictures that are decoded, in pixels. One of a press camera has 20 to 50 million, one made for the web far fewer. A
// progressive JPEG of this size takes some 700 MB while it is decoded, hence only one picture at a time should be.
const MaxPixels = 40_000_000

var (
	// ErrTooLarge says that a picture has more than MaxPixels.
	ErrTooLarge = errors.New("it has too many pixels to be decoded")
	// ErrFormat says that the bytes are of no format that can be decoded: JPEG, PNG, GIF, WebP, TIFF or BMP.
	ErrFormat = errors.New("its format cannot be decoded")
	// ErrDamaged says that the bytes are not what their format asks for, or end too early.
	ErrDamaged = errors.New("it is damaged")
)

// Measure gives the size of a picture in pixels, as it is stored, from its header. The error wraps ErrTooLarge, ErrFormat or ErrDamaged.
func Measure(file []byte) (image.Point, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(file))
	size := image.Pt(c.Width, c.Height)
	switch {
	case errors.Is(err, image.ErrFormat):
		return image.Point{}, ErrFormat
	case err != nil:
		return image.Point{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return size, Check(size)
}

// Check tells whether a picture of a size, in pixels, may be decoded. The error wraps ErrTooLarge or ErrDamaged.
func Check(size image.Point) error {
	switch {
	case size.X <= 0 || size.Y <= 0:
		return fmt.Errorf("%w: its size is %d × %d pixels", ErrDamaged, size.X, size.Y)
	case int64(size.X)*int64(size.Y) > MaxPixels:
		return fmt.Errorf("%w: its size is %d × %d, and %d million pixels are the most", ErrTooLarge, size.X, size.Y, MaxPixels/1_000_000)
	}
	return nil
}

// Decode gives the pixels of a picture as they are stored, and of a moving one those of its first frame. Its size is checked before any of them
// is decoded. The error wraps ErrTooLarge, ErrFormat or ErrDamaged.
func Decode(file []byte) (image.Image, error) {
	if _, err := Measure(file); err != nil {
		return nil, err
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err == nil && img.Bounds().Empty() {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return img, nil
}

// Fit gives the picture no larger than side × side pixels, in its proportions. One that is small enough is given back as it is.
func Fit(img image.Image, side int) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if w <= side && h <= side {
		return img
	}
	if w >= h {
		w, h = side, max(1, (h*side+w/2)/w)
	} else {
		w, h = max(1, (w*side+h/2)/h), side
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, out.Bounds(), img, b, draw.Src, nil)
	return out
}

// Upright turns a picture as the orientation says that its file carries (EXIF 2.32, tag 0x0112: 1 to 8). Any other number leaves it as it is.
// Browsers do the same with the file itself, and a copy without that tag would lie on its side.
func Upright(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			to := [...]image.Point{
				2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x},
			}[orientation]
			out.Set(to.X, to.Y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}
