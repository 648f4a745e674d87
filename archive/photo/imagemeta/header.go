// Package imagemeta reads what an image file says about itself without decoding a pixel.
//
// It goes by the bytes, never by a file's name or its Content-Type, and it reads files from the web: everything is bounded, and a file
// that is cut or damaged gives an error or what was readable, never a panic. The standard library's and golang.org/x/image's decoders
// read the headers of the formats that they know; ISO base media files (AVIF, HEIC), JPEG XL and SVG are read here.
//
// It knows nothing about pages or archives; archive/photo's neighbours and the command line import it.
package imagemeta

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Format is an image file format by its usual short name.
type Format string

const (
	JPEG   Format = "jpeg"
	PNG    Format = "png"
	GIF    Format = "gif"
	WebP   Format = "webp"
	TIFF   Format = "tiff"
	BMP    Format = "bmp"
	AVIF   Format = "avif"
	HEIC   Format = "heic"
	JPEGXL Format = "jxl"
	SVG    Format = "svg"
)

// Header is what the header of an image file says. Width and Height are pixels as stored: an EXIF orientation is not applied. For SVG
// they are the user units of width and height or of the viewBox, and 0 where the file gives neither.
type Header struct {
	Format        Format
	Width, Height int
}

// ErrUnknownFormat says that the bytes begin like no image format that this package knows.
var ErrUnknownFormat = errors.New("not an image format that is known here")

const (
	sniffBytes = 1024
	// maxHeader is how far into a file a header is looked for. Colour profiles, thumbnails and metadata may stand before the size;
	// a TIFF file may have it at its end.
	maxHeader = 32 << 20
)

// ReadHeader tells format and size of the image in r. It returns the format even when the size cannot be read, together with the error.
func ReadHeader(r io.Reader) (Header, error) {
	br := bufio.NewReaderSize(io.LimitReader(r, maxHeader), sniffBytes)
	head, err := br.Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return Header{}, fmt.Errorf("read the head of the image: %w", err)
	}
	h := Header{Format: Sniff(head)}
	if h.Format == "" {
		return h, ErrUnknownFormat
	}
	h.Width, h.Height, err = size(h.Format, br)
	if err != nil {
		return h, fmt.Errorf("read the size of the %s image: %w", h.Format, err)
	}
	return h, nil
}

func size(f Format, r io.Reader) (width, height int, err error) {
	var c image.Config
	switch f {
	case JPEG:
		c, err = jpeg.DecodeConfig(r)
	case PNG:
		c, err = png.DecodeConfig(r)
	case GIF:
		c, err = gif.DecodeConfig(r)
	case WebP:
		c, err = webp.DecodeConfig(r)
	case TIFF:
		c, err = tiffConfig(r)
	case BMP:
		c, err = bmp.DecodeConfig(r)
	case AVIF, HEIC:
		return isoSize(r)
	case JPEGXL:
		return jxlSize(r)
	case SVG:
		return svgSize(r)
	}
	return c.Width, c.Height, err
}

// tiffConfig gives the decoder the whole file: for a mere reader it sets aside ten megabytes, however small the file is.
func tiffConfig(r io.Reader) (image.Config, error) {
	file, err := io.ReadAll(r)
	if err != nil {
		return image.Config{}, err
	}
	return tiff.DecodeConfig(bytes.NewReader(file))
}

// Sniff tells the format by the first bytes of a file; "" for none that is known. 1024 bytes are enough for all.
func Sniff(head []byte) Format {
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("\xFF\xD8\xFF"):
		return JPEG
	case has("\x89PNG\r\n\x1a\n"):
		return PNG
	case has("GIF87a"), has("GIF89a"):
		return GIF
	case has("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return WebP
	case has("II*\x00"), has("MM\x00*"):
		return TIFF
	case has("BM") && len(head) >= 18 && head[15] == 0 && head[16] == 0 && head[17] == 0:
		return BMP
	case has("\xFF\x0A"), has("\x00\x00\x00\x0CJXL \r\n\x87\n"):
		return JPEGXL
	case len(head) >= 16 && string(head[4:8]) == "ftyp":
		return sniffBrands(head)
	}
	if isSVG(head) {
		return SVG
	}
	return ""
}

// sniffBrands looks for the first brand in the ftyp box that names a picture (ISO/IEC 23008-12, AV1 Image File Format).
func sniffBrands(head []byte) Format {
	end := min(len(head), max(16, int(head[2])<<8|int(head[3])))
	for at := 8; at+4 <= end; at += 4 {
		if at == 12 {
			continue // the minor version
		}
		switch string(head[at : at+4]) {
		case "avif", "avis":
			return AVIF
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			if bytes.Contains(head[8:end], []byte("avif")) {
				return AVIF
			}
			return HEIC
		}
	}
	return ""
}
