package imagemeta

import (
	"testing"

	"golang.org/x/text/encoding/charmap"
)

func TestEXIFTexts(t *testing.T) {
	const zoe = "Zoë Müller"
	u16 := func(s string) []byte { return append([]byte(utf16Of(littleEndian, s)), 0, 0) }
	for _, c := range []struct {
		name       string
		ifd0, exif []tiffTag
		want       []string
	}{
		{"artist, description and copyright", []tiffTag{text(tagDescription, " Boats "), text(tagArtist, "Jane Doe"), text(tagCopyright, "© Daily")}, nil, []string{
			"caption: Boats [file.exif IFD0/0x010E]", "creator: Jane Doe [file.exif IFD0/0x013B]", "copyright: © Daily [file.exif IFD0/0x8298] (charset_detected)"}},
		{"several artists", []tiffTag{text(tagArtist, "Jane Doe; John Roe")}, nil, []string{"creator: Jane Doe [file.exif IFD0/0x013B[1]]", "creator: John Roe [file.exif IFD0/0x013B[2]]"}},
		{"the copyright of photographer and editor", []tiffTag{text(tagCopyright, "Jane Doe\x00The Daily")}, nil, []string{"copyright: Jane Doe [file.exif IFD0/0x8298[1]]", "copyright: The Daily [file.exif IFD0/0x8298[2]]"}},
		{"the copyright of the editor alone", []tiffTag{text(tagCopyright, " \x00The Daily")}, nil, []string{"copyright: The Daily [file.exif IFD0/0x8298[2]]"}},
		{"UTF-8 in a field for ASCII", []tiffTag{text(tagArtist, zoe)}, nil, []string{"creator: Zoë Müller [file.exif IFD0/0x013B] (charset_detected)"}},
		{"Latin-1 in a field for ASCII", []tiffTag{text(tagArtist, encodedIn(t, charmap.Windows1252, zoe))}, nil, []string{"creator: Zoë Müller [file.exif IFD0/0x013B]"}},
		{"the author of Windows", []tiffTag{{tagXPAuthor, typeByte, u16(zoe)}}, nil, []string{"creator: Zoë Müller [file.exif IFD0/0x9C9D]"}},
		{"an author of Windows that is none", []tiffTag{{tagXPAuthor, typeByte, []byte("\x02\x00\x32\x01\x07\x00\x08\x00")}}, nil, []string{"creator: Ĳ [file.exif IFD0/0x9C9D] (junk)"}},
		{"the fields of Exif 3.0, in UTF-8 by their type", nil, []tiffTag{{tagTitle, typeUTF8, []byte("Boats\x00")}, {tagPhotograph, typeUTF8, []byte(zoe + "\x00")}, text(tagEditor, "Ed")}, []string{
			"title: Boats [file.exif ExifIFD/0xA436]", "creator: Zoë Müller [file.exif ExifIFD/0xA437]", "editor: Ed [file.exif ExifIFD/0xA438]"}},
		{"an artist who is no text", []tiffTag{{tagArtist, typeLong, []byte("abcd")}, {tagArtist, 99, []byte("abcd")}}, nil, nil},
		{"IIM that was left over from another file", []tiffTag{{tagIIM, typeByte, byline("Jane Doe")}}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, order := range []byteOrder{bigEndian, littleEndian} {
				wants(t, jpegFile(exifSegment(directory(order, c.ifd0, c.exif))), c.want...)
			}
		})
	}
}

func TestDamagedEXIF(t *testing.T) {
	block := directory(bigEndian, []tiffTag{text(tagDescription, "Boats at the quay"), text(tagArtist, "Jane Doe")}, nil)
	for _, c := range []struct {
		name  string
		block []byte
		want  []string
	}{
		{"no byte order", []byte("no byte order"), nil},
		{"nothing behind its head", block[:8], nil},
		{"an end within its directory", block[:30], nil},
		{"an end within a text", block[:len(block)-4], []string{"caption: Boats at the quay [file.exif IFD0/0x010E]", "creator: Jane [file.exif IFD0/0x013B]"}},
		{"a directory beyond its end", cat("MM\x00*\x7F\xFF\xFF\xFF"), nil},
		{"a directory that is its own EXIF directory", cat("MM\x00*\x00\x00\x00\x08\x00\x01\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x08"), nil},
	} {
		t.Run(c.name, func(t *testing.T) { wants(t, jpegFile(exifSegment(c.block)), c.want...) })
	}
}

func TestOrientation(t *testing.T) {
	short := func(n int) tiffTag { return tiffTag{tagOrientation, typeShort, []byte{byte(n), 0}} }
	turned := func(n int) []byte { return directory(littleEndian, []tiffTag{short(n)}, nil) }
	for name, c := range map[string]struct {
		file []byte
		want int
	}{
		"of a JPEG":                    {jpegFile(exifSegment(turned(6))), 6},
		"of a big-endian block":        {jpegFile(exifSegment(directory(bigEndian, []tiffTag{{tagOrientation, typeShort, []byte{0, 8}}}, nil))), 8},
		"of a PNG":                     {pngFile(chunk("eXIf", turned(3))), 3},
		"the first of two counts":      {jpegFile(exifSegment(turned(6)), exifSegment(turned(3))), 6},
		"none":                         {jpegFile(exifSegment(artist("Ann Roe"))), 0},
		"a number that means nothing":  {jpegFile(exifSegment(turned(9))), 0},
		"none in the EXIF's directory": {jpegFile(exifSegment(directory(littleEndian, []tiffTag{}, []tiffTag{short(6)}))), 0},
	} {
		if got := read(t, c.file).Orientation; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
