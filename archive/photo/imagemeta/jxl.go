package imagemeta

import (
	"encoding/binary"
	"io"
)

// jxlSize reads the SizeHeader of a JPEG XL codestream (ISO/IEC 18181-1, section D.2), bare or inside its container.
func jxlSize(r io.Reader) (width, height int, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, errTruncated
	}
	if head != [2]byte{0xFF, 0x0A} {
		if err := skipToCodestream(r, head); err != nil {
			return 0, 0, err
		}
	}
	var buf [10]byte
	n, _ := io.ReadFull(r, buf[:]) // what is missing of ten bytes counts as zero; the header is often shorter
	if n < 2 {
		return 0, 0, errTruncated
	}
	bits := jxlBits{buf: buf}
	small := bits.take(1) == 1
	height = bits.side(small)
	if ratio := bits.take(3); ratio > 0 {
		of := [...][2]int{{1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}}[ratio-1]
		return int(int64(height) * int64(of[0]) / int64(of[1])), height, nil
	}
	return bits.side(small), height, nil
}

// skipToCodestream reads boxes up to the one that begins the codestream, and the codestream's signature.
func skipToCodestream(r io.Reader, start [2]byte) error {
	head := make([]byte, 8)
	copy(head, start[:])
	if _, err := io.ReadFull(r, head[2:]); err != nil {
		return errTruncated
	}
	for range maxBoxes {
		length := int64(binary.BigEndian.Uint32(head))
		switch kind := string(head[4:]); {
		case kind == "jxlc" || kind == "jxlp":
			skip := int64(2) // the signature
			if kind == "jxlp" {
				skip += 4 // the part's number
			}
			if _, err := io.CopyN(io.Discard, r, skip); err != nil {
				return errTruncated
			}
			return nil
		case length < 8:
			return errNoSize
		}
		if _, err := io.CopyN(io.Discard, r, length-8); err != nil {
			return errTruncated
		}
		if _, err := io.ReadFull(r, head); err != nil {
			return errTruncated
		}
	}
	return errNoSize
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
