package darkroom

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

var errNotFormat = errors.New("the file does not begin as this format does")

// JPEG markers.
const (
	markerAPP1  = 0xe1
	markerAPP13 = 0xed

	segmentLimit = 65533 // octets of a JPEG segment without its length
)

// embedJPEG puts the segments straight after SOI, in the order that cameras and photo editors write.
func embedJPEG(out *bytes.Buffer, file []byte, made map[Carrier][]byte) error {
	if !bytes.HasPrefix(file, []byte{0xff, 0xd8}) {
		return errNotFormat
	}
	out.Write(file[:2])
	for _, s := range []struct {
		carrier Carrier
		marker  byte
		prefix  string
	}{
		{EXIF, markerAPP1, "Exif\x00\x00"},
		{XMP, markerAPP1, "http://ns.adobe.com/xap/1.0/\x00"},
		{IIM, markerAPP13, ""},
	} {
		block, ok := made[s.carrier]
		if !ok {
			continue
		}
		n := len(s.prefix) + len(block)
		if n > segmentLimit {
			return fmt.Errorf("%s of %d bytes does not fit into a segment", s.carrier, n)
		}
		out.Write([]byte{0xff, s.marker, byte((n + 2) >> 8), byte(n + 2)})
		out.WriteString(s.prefix)
		out.Write(block)
	}
	out.Write(file[2:])
	return nil
}

const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	pngHeaderEnd = len(pngSignature) + 4 + 4 + 13 + 4 // IHDR is always 13 bytes
)

// embedPNG puts eXIf and the XMP iTXt after IHDR, and the texts before IEND, where a reader that stops at the pixels misses them.
func embedPNG(out *bytes.Buffer, file []byte, made map[Carrier][]byte) error {
	const end = 12 // an IEND chunk
	if !bytes.HasPrefix(file, []byte(pngSignature)) || len(file) < pngHeaderEnd+end {
		return errNotFormat
	}
	out.Write(file[:pngHeaderEnd])
	if b, ok := made[EXIF]; ok {
		pngChunk(out, "eXIf", b)
	}
	if b, ok := made[XMP]; ok {
		pngChunk(out, "iTXt", append([]byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"), b...))
	}
	out.Write(file[pngHeaderEnd : len(file)-end])
	for b := range bytes.SplitSeq(made[Text], []byte("\n")) {
		if len(b) > 0 {
			pngChunk(out, "tEXt", b)
		}
	}
	out.Write(file[len(file)-end:])
	return nil
}

func pngChunk(out *bytes.Buffer, kind string, data []byte) {
	body := append([]byte(kind), data...)
	out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
	out.Write(body)
	out.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body)))
}

// pngText gives "keyword NUL value" lines for tEXt chunks, in Latin-1 as PNG (ISO 15948 section 11.3.4.3) wants; what Latin-1 does not have
// becomes a question mark, as most writers let it.
func (m Metadata) pngText() []byte {
	var lines []string
	for _, t := range [][2]string{
		{"Author", strings.Join(m.Creators, "; ")},
		{"Copyright", m.Copyright},
		{"Description", m.Caption},
	} {
		if t[1] != "" {
			lines = append(lines, t[0]+"\x00"+strings.ReplaceAll(t[1], "\n", " "))
		}
	}
	var out []byte
	for _, r := range strings.Join(lines, "\n") {
		b, ok := charmap.ISO8859_1.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

// embedGIF writes the XMP as an application extension before the trailer, with the "magic trailer" of XMP part 3 section 1.1.2: the packet is
// not cut into sub-blocks, and 257 descending bytes lead a reader that takes it for sub-blocks to their end.
func embedGIF(out *bytes.Buffer, file []byte, made map[Carrier][]byte) error {
	if !bytes.HasPrefix(file, []byte("GIF8")) || file[len(file)-1] != ';' {
		return errNotFormat
	}
	head := bytes.Replace(file[:len(file)-1], []byte("GIF87a"), []byte("GIF89a"), 1) // extensions came with 89a
	out.Write(head)
	out.WriteString("\x21\xff\x0bXMP DataXMP")
	out.Write(made[XMP])
	out.WriteByte(1)
	for b := 0xff; b >= 0; b-- {
		out.WriteByte(byte(b))
	}
	out.WriteString("\x00;")
	return nil
}

// embedWebP turns a simple WebP file into an extended one: VP8X, the picture, EXIF and XMP chunks (RFC 9649 section 2.7), each padded to even
// length.
func embedWebP(out *bytes.Buffer, file []byte, made map[Carrier][]byte) error {
	const riffHead, lossless = 12, "VP8L"
	if len(file) < riffHead+13 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WEBP" || string(file[12:16]) != lossless {
		return errNotFormat
	}
	const flagXMP, flagEXIF = 0x04, 0x08
	bits := binary.LittleEndian.Uint32(file[21:25]) // after the chunk's head and the signature 0x2f: 14 bits width-1, 14 bits height-1
	width, height := bits&0x3fff, bits>>14&0x3fff
	var flags byte
	var body bytes.Buffer
	body.WriteString("WEBP")
	if made[XMP] != nil {
		flags |= flagXMP
	}
	if made[EXIF] != nil {
		flags |= flagEXIF
	}
	riffChunk(&body, "VP8X", []byte{
		flags, 0, 0, 0,
		byte(width), byte(width >> 8), byte(width >> 16),
		byte(height), byte(height >> 8), byte(height >> 16),
	})
	body.Write(file[riffHead:])
	if made[EXIF] != nil {
		riffChunk(&body, "EXIF", made[EXIF])
	}
	if made[XMP] != nil {
		riffChunk(&body, "XMP ", made[XMP])
	}
	out.WriteString("RIFF")
	out.Write(binary.LittleEndian.AppendUint32(nil, uint32(body.Len())))
	out.Write(body.Bytes())
	return nil
}

func riffChunk(out *bytes.Buffer, kind string, data []byte) {
	out.WriteString(kind)
	out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(data))))
	out.Write(data)
	if len(data)%2 == 1 {
		out.WriteByte(0)
	}
}
