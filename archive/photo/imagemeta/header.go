package imagemeta

import (
	"bytes"
	"encoding/binary"
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
// they are the user units of width and height or of the viewBox. Both are 0 where the file does not say, or could not be read so far.
type Header struct {
	Format        Format
	Width, Height int
}

// sized notes the size of the image, in pixels.
func (rd *reading) sized(width, height int) {
	rd.meta.Header.Width, rd.meta.Header.Height = width, height
}

// bmp reads the size from the bitmap's header: 16 bits each in the oldest one, else 32, with a negative height for rows from the top.
func (rd *reading) bmp() {
	b := rd.at(0, 26)
	switch {
	case len(b) < 26:
		rd.problem("the file ends before its size")
	case binary.LittleEndian.Uint32(b[14:]) == 12:
		rd.sized(int(binary.LittleEndian.Uint16(b[18:])), int(binary.LittleEndian.Uint16(b[20:])))
	default:
		w, h := int(int32(binary.LittleEndian.Uint32(b[18:]))), int(int32(binary.LittleEndian.Uint32(b[22:])))
		rd.sized(w, max(h, -h))
	}
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
