package darkroom

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The datasets that carry credits, with the octets that IIM 4.2 chapter 6 allows them. Longer values are cut, as every writer does: half of
// the apparent conflicts between IIM and XMP in real files are such cuts.
const (
	iimCharset   = 0x015a // 1:90 coded character set
	iimVersion   = 0x0200 // 2:00
	iimByline    = 0x0250 // 2:80, repeatable
	iimHeadline  = 0x0269 // 2:105
	iimCredit    = 0x026e // 2:110
	iimSource    = 0x0273 // 2:115
	iimCopyright = 0x0274 // 2:116
	iimCaption   = 0x0278 // 2:120

	shortDataset   = 32
	noticeDataset  = 128
	headDataset    = 256
	captionDataset = 2000
)

// Photoshop resource ids.
const (
	resourceIIM           = 0x0404
	resourceCopyrightFlag = 0x040a
)

// photoshop is the content of an APP13 segment: the signature, and 8BIM resources padded to even length. A copyright notice comes with
// Photoshop's flag of one byte, so that readers meet a resource of odd size before the IIM.
func (m Metadata) photoshop() ([]byte, error) {
	iim, err := m.iim()
	if err != nil {
		return nil, err
	}
	out := []byte("Photoshop 3.0\x00")
	if m.Copyright != "" {
		out = appendResource(out, resourceCopyrightFlag, []byte{1})
	}
	return appendResource(out, resourceIIM, iim), nil
}

func appendResource(out []byte, id uint16, data []byte) []byte {
	out = append(out, "8BIM"...)
	out = binary.BigEndian.AppendUint16(out, id)
	out = append(out, 0, 0) // empty Pascal name, padded
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	out = append(out, data...)
	if len(data)%2 == 1 {
		out = append(out, 0)
	}
	return out
}

func (m Metadata) iim() ([]byte, error) {
	var out bytes.Buffer
	if !m.Latin {
		dataset(&out, iimCharset, "\x1b%G") // ISO 2022: UTF-8
	}
	dataset(&out, iimVersion, "\x00\x04")
	write := func(id uint16, limit int, values ...string) error {
		for _, v := range values {
			if v == "" {
				continue
			}
			if m.Latin {
				latin, err := charmap.Windows1252.NewEncoder().String(v)
				if err != nil {
					return fmt.Errorf("dataset %d:%d: %q is not windows-1252: %w", id>>8, id&0xff, v, err)
				}
				dataset(&out, id, latin[:min(len(latin), limit)])
				continue
			}
			dataset(&out, id, cut(v, limit))
		}
		return nil
	}
	for _, d := range []struct {
		id     uint16
		limit  int
		values []string
	}{
		{iimByline, shortDataset, m.Creators},
		{iimHeadline, headDataset, []string{m.Headline}},
		{iimCredit, shortDataset, []string{m.Credit}},
		{iimSource, shortDataset, []string{m.Source}},
		{iimCopyright, noticeDataset, []string{m.Copyright}},
		{iimCaption, captionDataset, []string{m.Caption}},
	} {
		if err := write(d.id, d.limit, d.values...); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// dataset writes tag marker, record, number, length and value (IIM 4.2 section 1.6). Values here stay far below the 32,767 octets from which
// the extended form would be needed.
func dataset(out *bytes.Buffer, id uint16, value string) {
	out.Write([]byte{0x1c, byte(id >> 8), byte(id), byte(len(value) >> 8), byte(len(value))})
	out.WriteString(value)
}

// cut shortens to a number of octets without splitting a character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
