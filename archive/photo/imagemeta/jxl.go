package imagemeta

import (
	"bytes"
	"io"

	"github.com/andybalholm/brotli"
)

// jxl reads a JPEG XL file: a bare codestream, which has no metadata, or a container of boxes (ISO/IEC 18181-2, section 9).
func (rd *reading) jxl() {
	if head := rd.at(0, 16); len(head) > 2 && head[0] == 0xFF {
		rd.jxlSize(head)
		return
	}
	w := newWindow(rd.source)
	err := boxesIn(w, 0, rd.size, func(b fileBox) bool {
		switch b.kind {
		case "jxlc":
			rd.jxlSize(w.at(b.body, int(min(b.size, 16))))
		case "jxlp": // a part of the codestream, behind its number
			if rd.meta.Header.Width == 0 && b.size > 4 {
				rd.jxlSize(w.at(b.body+4, int(min(b.size-4, 16))))
			}
		case "jumb":
			rd.c2pa(rd.part(b.at, b.body-b.at+b.size))
		case "brob": // a box that is compressed: its kind, then brotli
			if kind := w.at(b.body, 4); len(kind) == 4 && isJXLMetadata(string(kind)) {
				rd.jxlBox(string(kind), rd.unbrotli(rd.part(b.body+4, b.size-4)))
			}
		default:
			rd.jxlBox(b.kind, rd.part(b.body, b.size))
		}
		return !rd.full
	})
	if err != nil {
		rd.problem("the file: %w", err)
	}
	if rd.meta.Header.Width == 0 {
		rd.problem("the file names no size")
	}
}

func isJXLMetadata(kind string) bool { return kind == "Exif" || kind == "xml " }

func (rd *reading) jxlBox(kind string, body source) {
	switch kind {
	case "Exif":
		rd.exifItem(body)
	case "xml ":
		rd.xmp(body, "xml")
	}
}

// unbrotli decompresses a box. The first bits of the stream tell how much memory its decoder wants (RFC 7932, section 9.1): more than four
// megabytes no writer of metadata needs.
func (rd *reading) unbrotli(s source) source {
	head := newWindow(s).at(0, 1)
	if len(head) == 0 || brotliWindow(head[0]) > 22 {
		rd.problem("a compressed box is not read, as its decoder would want too much memory")
		return source{}
	}
	if rd.texts -= maxInflations / 2; rd.texts < 0 || rd.full {
		rd.problem("a compressed box is not read: the file has too many")
		return source{}
	}
	return rd.unpacked(brotli.NewReader(io.NewSectionReader(s.r, 0, s.size)), maxText, "a compressed box")
}

// brotliWindow is the binary logarithm of the window size.
func brotliWindow(head byte) int {
	switch {
	case head&1 == 0:
		return 16
	case head>>1&7 != 0:
		return 17 + int(head>>1&7)
	case head>>4&7 == 0:
		return 17
	case head>>4&7 == 1: // the large window of an extension
		return 62
	}
	return 8 + int(head>>4&7)
}

// jxlSize reads the SizeHeader of a codestream (ISO/IEC 18181-1, section D.2), behind its signature.
func (rd *reading) jxlSize(b []byte) {
	b, ok := bytes.CutPrefix(b, []byte{0xFF, 0x0A})
	if !ok || len(b) < 2 {
		return
	}
	var bits jxlBits
	copy(bits.buf[:], b) // what is missing counts as zero; the header is often shorter
	small := bits.take(1) == 1
	height := bits.side(small)
	if ratio := bits.take(3); ratio > 0 {
		of := [...][2]int{{1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}}[ratio-1]
		rd.sized(int(int64(height)*int64(of[0])/int64(of[1])), height)
		return
	}
	rd.sized(bits.side(small), height)
}

// jxlBits takes bits from the least significant on.
type jxlBits struct {
	buf [10]byte
	at  int
}

func (b *jxlBits) take(n int) int {
	v := 0
	for i := range n {
		v |= int(b.buf[b.at>>3]>>(b.at&7)&1) << i
		b.at++
	}
	return v
}

// side is a height or width: in eights of pixels when small, else with one of four widths.
func (b *jxlBits) side(small bool) int {
	if small {
		return (b.take(5) + 1) * 8
	}
	return 1 + b.take([...]int{9, 13, 18, 30}[b.take(2)])
}
