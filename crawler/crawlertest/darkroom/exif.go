package darkroom

import (
	"encoding/binary"
	"strings"
)

// IFD0 tags that carry credits (Exif 3.0 section 4.6.5), ascending as TIFF 6.0 wants them.
const (
	tagImageDescription = 0x010e
	tagArtist           = 0x013b
	tagCopyright        = 0x8298

	typeASCII = 2
)

// exif is a little-endian TIFF header with one IFD of ASCII values. Several creators are joined by "; " as the standard says for Artist.
func (m Metadata) exif() []byte {
	values := []struct {
		tag   uint16
		value string
	}{
		{tagImageDescription, m.Caption},
		{tagArtist, strings.Join(m.Creators, "; ")},
		{tagCopyright, m.Copyright},
	}
	var count uint16
	for _, v := range values {
		if v.value != "" {
			count++
		}
	}
	le := binary.LittleEndian
	out := []byte("II*\x00\x08\x00\x00\x00")
	out = le.AppendUint16(out, count)
	data := uint32(len(out)) + uint32(count)*12 + 4 // where the values begin: after the entries and the offset of a next IFD
	var tail []byte
	for _, v := range values {
		if v.value == "" {
			continue
		}
		text := append([]byte(v.value), 0)
		out = le.AppendUint16(out, v.tag)
		out = le.AppendUint16(out, typeASCII)
		out = le.AppendUint32(out, uint32(len(text)))
		if len(text) <= 4 {
			out = append(out, append(text, 0, 0, 0)[:4]...)
			continue
		}
		out = le.AppendUint32(out, data+uint32(len(tail)))
		tail = append(tail, text...)
		if len(tail)%2 == 1 {
			tail = append(tail, 0) // values begin at even offsets (TIFF 6.0 section 2)
		}
	}
	out = le.AppendUint32(out, 0)
	return append(out, tail...)
}
