package imagemeta

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"tearsheet/archive/photo"
)

// png walks the chunks (ISO/IEC 15948, section 5.3) to the end of the file: texts may stand behind the picture.
func (rd *reading) png() {
	at := int64(8)
	for n := 0; !rd.full; n++ {
		if n == maxChunks {
			rd.problem("it has more than %d chunks", maxChunks)
			return
		}
		head := rd.at(at, 8)
		if len(head) < 8 {
			rd.problem("the file ends before its last chunk")
			return
		}
		length, kind := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		at += 8
		if kind == "IEND" {
			return
		}
		if length > rd.size-at {
			rd.problem("the file ends within a chunk")
		}
		rd.chunk(kind, at, length)
		at += length + 4 // its checksum
	}
}

func (rd *reading) chunk(kind string, at, n int64) {
	body := rd.part(at, n)
	switch kind {
	case "IHDR":
		if b := rd.at(at, 8); len(b) == 8 {
			rd.sized(int(binary.BigEndian.Uint32(b)), int(binary.BigEndian.Uint32(b[4:])))
		}
	case "eXIf", "exIf":
		rd.exif(withoutHead(body, headEXIF+"\x00"), false)
	case "caBX":
		rd.c2pa(body)
	case "tEXt", "zTXt", "iTXt":
		rd.pngText(kind, rd.at(at, int(min(n, 80+256))), body)
	}
}

// withoutHead drops a prefix that some writers copy from JPEG.
func withoutHead(s source, head string) source {
	var b [16]byte
	n, _ := s.r.ReadAt(b[:min(int64(len(head)), s.size)], 0)
	if string(b[:n]) == head {
		return s.part(int64(n), s.size)
	}
	return s
}

// pngText reads a chunk of text: a keyword of up to 79 bytes, NUL, and what the kind of chunk puts before the text itself (ISO/IEC 15948,
// section 11.3.4).
func (rd *reading) pngText(kind string, head []byte, body source) {
	key, rest, ok := bytes.Cut(head, []byte{0})
	if !ok || len(key) == 0 || len(key) > 79 {
		rd.problem("a %s chunk has no keyword", kind)
		return
	}
	use, known := pngKeys[strings.ToLower(string(key))]
	if !known {
		return
	}
	skip, packed := int64(len(key)+1), false
	switch kind {
	case "zTXt":
		if len(rest) < 1 || rest[0] != 0 {
			rd.problem("the text %q is compressed in an unknown way", key)
			return
		}
		skip, packed = skip+1, true
	case "iTXt": // flag, method, language NUL, translated keyword NUL
		fields := bytes.SplitN(rest[min(2, len(rest)):], []byte{0}, 3)
		if len(fields) < 3 {
			rd.problem("the head of the text %q is damaged", key)
			return
		}
		packed = rest[0] == 1
		skip += int64(2 + len(fields[0]) + 1 + len(fields[1]) + 1)
	}
	text := body.part(skip, body.size)
	place := kind + ":" + string(key)
	if packed {
		limit := int64(2 * MaxValue)
		switch use {
		case pngXMP:
			limit = maxUnpacked
		case pngProfile:
			limit = maxText
		}
		text = rd.inflate(text, limit, place)
	}
	rd.pngValue(use, text, place, kind != "iTXt")
}

// pngUse says what to make of a text.
type pngUse int

const (
	pngXMP pngUse = iota
	pngProfile
	pngAuthor
	pngCopyright
	pngDescription
	pngTitle
	pngDisclaimer
	pngComment
)

// pngKeys are the keywords that matter, in lower case. "Source" is none of them: in PNG it is the device that made the picture.
var pngKeys = map[string]pngUse{
	"xml:com.adobe.xmp":     pngXMP,
	"raw profile type iptc": pngProfile, "raw profile type 8bim": pngProfile, "raw profile type exif": pngProfile,
	"raw profile type app1": pngProfile, "raw profile type xmp": pngProfile,
	"author": pngAuthor, "artist": pngAuthor, "creator": pngAuthor, "copyright": pngCopyright, "description": pngDescription,
	"title": pngTitle, "disclaimer": pngDisclaimer, "comment": pngComment,
}

var pngProperties = map[pngUse]photo.Property{
	pngAuthor: photo.Creator, pngCopyright: photo.Copyright, pngDescription: photo.Caption, pngTitle: photo.Title,
	pngDisclaimer: photo.UsageTerms,
}

func (rd *reading) pngValue(use pngUse, text source, place string, latin bool) {
	switch use {
	case pngXMP:
		rd.xmp(text, place)
	case pngProfile:
		rd.profile(text, place)
	case pngComment:
		rd.comment(text, place)
	default:
		if !rd.admits() {
			return
		}
		b := rd.take(text.part(0, MaxValue+utf8Max), MaxValue+utf8Max, place)
		s := photo.Statement{Property: pngProperties[use], Kind: photo.FilePNG, Locator: rd.place(place)}
		if latin { // the standard says Latin-1, and writers put UTF-8
			s.Value, s.Raw, s.Flags = decodeASCII(b)
		} else {
			s.Value, s.Raw, s.Flags = decodeUTF8(b)
		}
		rd.carrier(CarrierPNG)
		rd.say(s)
	}
}

// profile reads a profile that ImageMagick writes as text: its name, its length and its bytes in hexadecimal digits, on lines of their own.
func (rd *reading) profile(text source, place string) {
	b := bytes.TrimLeft(rd.take(text, maxText, place), "\n")
	lines := bytes.SplitN(b, []byte("\n"), 3)
	if len(lines) < 3 {
		rd.problem("the %s is damaged", place)
		return
	}
	raw := unhex(lines[2])
	s := inMemory(raw)
	switch {
	case bytes.HasPrefix(raw, []byte("8BIM")):
		rd.resources(s, place+"/")
	case bytes.HasPrefix(raw, []byte("\x1C")):
		rd.iim(s, place)
	case bytes.HasPrefix(raw, []byte(headEXIF)):
		rd.exif(s.part(int64(len(headEXIF)+1), s.size), false)
	case bytes.HasPrefix(raw, []byte("II*\x00")), bytes.HasPrefix(raw, []byte("MM\x00*")):
		rd.exif(s, false)
	case bytes.HasPrefix(raw, []byte(headXMP)):
		rd.xmp(s.part(int64(len(headXMP)), s.size), place)
	case bytes.IndexByte(raw[:min(len(raw), 256)], '<') >= 0:
		rd.xmp(s, place)
	}
}

// unhex decodes hexadecimal digits in place, up to the first byte that is none; white space between them does not count.
func unhex(b []byte) []byte {
	digits := b[:0]
	for _, c := range b {
		if c != '\n' && c != '\r' && c != ' ' {
			digits = append(digits, c)
		}
	}
	n, _ := hex.Decode(digits, digits[:len(digits)&^1]) // what came before an error is of use
	return digits[:n]
}

// inflate decompresses up to limit bytes.
func (rd *reading) inflate(s source, limit int64, what string) source {
	if rd.texts--; rd.texts < 0 {
		rd.problem("%s is not read: the file has too many compressed texts", what)
		return source{}
	}
	z, err := zlib.NewReader(io.NewSectionReader(s.r, 0, s.size))
	if err != nil {
		rd.problem("%s cannot be decompressed: %w", what, err)
		return source{}
	}
	return rd.unpacked(z, limit, what)
}

// readUpTo reads at most limit bytes, into a buffer that doubles: what it takes, all in all, is known.
func readUpTo(r io.Reader, limit int64) ([]byte, error) {
	b := make([]byte, min(limit, 16<<10))
	n := 0
	for {
		got, err := r.Read(b[n:])
		n += got
		switch {
		case errors.Is(err, io.EOF):
			return b[:n], nil
		case err != nil || int64(n) == limit:
			return b[:n], err
		case n == len(b):
			more := make([]byte, min(limit, int64(2*len(b))))
			copy(more, b)
			b = more
		}
	}
}

// unpacked reads up to limit bytes of what a decompressor gives.
func (rd *reading) unpacked(z io.Reader, limit int64, what string) source {
	const growth = 3 // what a buffer takes, all in all, to hold a byte
	if limit = min(limit, rd.room/growth); limit < MaxValue {
		rd.problem("%s is not read: the file has too much metadata", what)
		rd.full = true
		return source{}
	}
	b, err := readUpTo(z, limit)
	n := int64(len(b))
	rd.room -= growth * n
	switch {
	case err != nil:
		rd.problem("%s cannot be decompressed to its end: %w", what, err)
	case n == limit:
		rd.problem("of %s only %d bytes are read", what, n)
	}
	return inMemory(b)
}
