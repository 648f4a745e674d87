package imagemeta

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"tearsheet/archive/photo"
)

// Tags of TIFF and EXIF (TIFF 6.0; CIPA DC-008-2023, "Exif 3.0"; XMP part 3, section 2.2.1).
const (
	tagWidth       = 0x0100
	tagHeight      = 0x0101
	tagDescription = 0x010E
	tagOrientation = 0x0112
	tagArtist      = 0x013B
	tagXMP         = 0x02BC
	tagCopyright   = 0x8298
	tagIIM         = 0x83BB
	tagResources   = 0x8649
	tagEXIF        = 0x8769
	tagXPAuthor    = 0x9C9D // of Windows: UTF-16
	tagTitle       = 0xA436 // from here on Exif 3.0
	tagPhotograph  = 0xA437
	tagEditor      = 0xA438
	tagC2PA        = 0xCD41
)

// exifTexts are the tags that say something.
var exifTexts = map[uint16]photo.Property{
	tagDescription: photo.Caption, tagArtist: photo.Creator, tagCopyright: photo.Copyright, tagXPAuthor: photo.Creator,
	tagTitle: photo.Title, tagPhotograph: photo.Creator, tagEditor: photo.Editor,
}

// Types of TIFF values; the table has their sizes in bytes.
const (
	typeByte, typeASCII, typeShort, typeLong, typeUndefined, typeUTF8 = 1, 2, 3, 4, 7, 129
)

var typeSizes = map[uint16]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, typeUTF8: 1}

// directories is a TIFF structure: an EXIF block, or a whole TIFF file.
type directories struct {
	*reading
	w     *window
	order binary.ByteOrder
	tiff  bool // it is the file
}

// tag is an entry of a directory.
type tag struct {
	id, kind uint16
	value    source
	at       int64 // where the entry stands
}

// tiff reads a TIFF file.
func (rd *reading) tiff() { rd.exif(rd.part(0, rd.size), true) }

// exif reads an EXIF block, which begins with its byte order.
func (rd *reading) exif(s source, tiff bool) {
	if !rd.admits() {
		return
	}
	d := &directories{reading: rd, w: newWindow(s), tiff: tiff}
	head := d.w.at(0, 8)
	switch {
	case len(head) == 8 && string(head[:2]) == "II":
		d.order = binary.LittleEndian
	case len(head) == 8 && string(head[:2]) == "MM":
		d.order = binary.BigEndian
	default:
		rd.problem("the EXIF block has no byte order")
		return
	}
	if !tiff {
		rd.carrier(CarrierEXIF)
	}
	d.directory("IFD0", int64(d.order.Uint32(head[4:])), 0)
}

// directory reads a directory and those that it names, which must be other ones.
func (d *directories) directory(name string, at int64, depth int) {
	b := d.w.at(at, 2)
	if len(b) < 2 {
		d.problem("the EXIF block ends before its directory %s", name)
		return
	}
	n := int64(d.order.Uint16(b))
	for i := range min(n, maxSegments) {
		if d.full {
			return
		}
		t, ok := d.entry(at + 2 + 12*i)
		if !ok {
			d.problem("the EXIF block ends within its directory %s", name)
			return
		}
		switch {
		case t.id == tagEXIF && depth == 0:
			d.carrier(CarrierEXIF)
			d.directory("ExifIFD", int64(d.number(t)), depth+1)
		case exifTexts[t.id] != "":
			d.text(t, name)
		case t.id == tagOrientation && depth == 0:
			if o := d.number(t); d.meta.Orientation == 0 && o >= 1 && o <= 8 {
				d.meta.Orientation = int(o)
			}
		case depth == 0 && d.tiff: // in the EXIF of other files these are leftovers of what it was converted from
			d.embedded(t)
		}
	}
}

// entry reads a directory's entry: tag, type, count, and the value or, where it is longer than four bytes, its offset (TIFF 6.0, section 2).
func (d *directories) entry(at int64) (tag, bool) {
	b := d.w.at(at, 12)
	if len(b) < 12 {
		return tag{}, false
	}
	t := tag{id: d.order.Uint16(b), kind: d.order.Uint16(b[2:]), at: at}
	n := int64(d.order.Uint32(b[4:])) * typeSizes[t.kind]
	if n <= 4 {
		t.value = d.w.part(at+8, n)
	} else {
		t.value = d.w.part(int64(d.order.Uint32(b[8:])), n)
	}
	return t, true
}

// number is a value of one SHORT or LONG.
func (d *directories) number(t tag) uint32 {
	b := d.w.at(t.at+8, 4)
	switch {
	case len(b) < 4:
		return 0
	case t.kind == typeShort:
		return uint32(d.order.Uint16(b))
	}
	return d.order.Uint32(b)
}

// embedded reads what stands in the first directory of a TIFF file besides texts.
func (d *directories) embedded(t tag) {
	place := fmt.Sprintf("IFD0/0x%04X", t.id)
	switch t.id {
	case tagWidth:
		d.sized(int(d.number(t)), d.meta.Header.Height)
	case tagHeight:
		d.sized(d.meta.Header.Width, int(d.number(t)))
	case tagXMP:
		d.xmp(t.value, place)
	case tagIIM:
		d.iim(d.inOrder(t), place)
	case tagResources:
		d.resources(t.value, place+"/")
	case tagC2PA:
		d.c2pa(t.value)
	}
}

// inOrder undoes what some writers do to IIM in a little-endian file: they write it as LONGs, with their bytes turned round.
func (d *directories) inOrder(t tag) source {
	head := newWindow(t.value).at(0, 4)
	if t.kind != typeLong || len(head) < 4 || head[0] == iimMarker || head[3] != iimMarker {
		return t.value
	}
	b := d.take(t.value, maxIIM, "the IIM")
	for i := 0; i+4 <= len(b); i += 4 {
		b[i], b[i+1], b[i+2], b[i+3] = b[i+3], b[i+2], b[i+1], b[i]
	}
	return inMemory(b)
}

// text makes statements of a text.
func (d *directories) text(t tag, directory string) {
	d.carrier(CarrierEXIF)
	s := photo.Statement{Property: exifTexts[t.id], Kind: photo.FileEXIF, Locator: fmt.Sprintf("%s/0x%04X", directory, t.id)}
	b := d.take(t.value.part(0, MaxValue+utf8Max), MaxValue+utf8Max, s.Locator)
	switch {
	case t.id == tagXPAuthor:
		b = []byte(decodeUTF16(binary.LittleEndian, b))
	case t.kind != typeASCII && t.kind != typeByte && t.kind != typeUndefined && t.kind != typeUTF8:
		return
	}
	parts := textParts(s.Property, b)
	set := textSet{declared: true} // UTF-8
	if t.kind != typeUTF8 && t.id != tagXPAuthor {
		set = detectSet(parts)
	}
	for i, part := range parts {
		one := s
		if one.Value, one.Raw, one.Flags = set.decode(part); mostlyControl(one.Value) {
			one.Flags = append(one.Flags, photo.Junk)
		}
		if len(parts) > 1 {
			one.Locator = fmt.Sprintf("%s[%d]", s.Locator, i+1)
		}
		d.say(one)
	}
}

// textParts cuts a text where it says several things: names are parted by semicolons, the copyrights of photographer and editor by NUL, and
// nothing else stands behind a NUL.
func textParts(p photo.Property, b []byte) [][]byte {
	if p == photo.Copyright {
		parts := bytes.SplitN(bytes.TrimRight(b, "\x00"), []byte{0}, 3)
		return parts[:min(len(parts), 2)]
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	if p != photo.Creator {
		return [][]byte{b}
	}
	parts := bytes.SplitN(b, []byte(";"), maxNames+1)
	return parts[:min(len(parts), maxNames)]
}
