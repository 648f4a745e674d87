package imagemeta

import (
	"bytes"
	"compress/zlib"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"tearsheet/archive/photo"
)

// read reads a file that is an image.
func read(t testing.TB, file []byte) *Metadata {
	t.Helper()
	m, err := Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return m
}

// said tells statements as lines: "creator: Jane Doe [file.iim APP13/8BIM:0404/2:80[1]] (truncated)".
func said(all []photo.Statement) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%s: %s [%s %s]", s.Property, s.Value, s.Kind, s.Locator)
		if s.Lang != "" {
			fmt.Fprintf(&b, " in %s", s.Lang)
		}
		for _, t := range s.Translations {
			fmt.Fprintf(&b, " %s=%s", t.Lang, t.Value)
		}
		for _, f := range s.Flags {
			fmt.Fprintf(&b, " (%s)", f)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// wants compares the statements of a file with lines.
func wants(t *testing.T, file []byte, lines ...string) *Metadata {
	t.Helper()
	m := read(t, file)
	want := strings.Join(append(lines, ""), "\n")
	if got := said(m.Statements); got != want {
		t.Errorf("it says\n%.2000swant\n%.2000sdamage: %v", got, want, m.Damage)
	}
	return m
}

func cat(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		case byte:
			b = append(b, p)
		default:
			panic(fmt.Sprintf("cat: %T", p))
		}
	}
	return b
}

func be16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
func le32(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

// jpegFile has segments, then the head of a picture of 64 by 48 pixels.
func jpegFile(segments ...[]byte) []byte {
	return cat("\xFF\xD8", bytes.Join(segments, nil), segment(0xC0, "\x08\x00\x30\x00\x40\x01\x01\x11\x00"), segment(0xDA, "\x01\x01\x00\x00\x3F\x00"), "\x00\xFF\xD9")
}

func segment(marker byte, parts ...any) []byte {
	body := cat(parts...)
	return cat("\xFF", marker, be16(len(body)+2), body)
}

func iimSegment(b []byte) []byte  { return segment(markerAPP13, headIRB, resource(resourceIIM, "", b)) }
func xmpSegment(x string) []byte  { return segment(markerAPP1, headXMP, x) }
func exifSegment(b []byte) []byte { return segment(markerAPP1, headEXIF, "\x00", b) }

// resource is an image resource of Photoshop.
func resource(id int, name string, body []byte) []byte {
	b := cat("8BIM", be16(id), byte(len(name)), name)
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	b = cat(b, be32(len(body)), body)
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// ds is a dataset of IIM.
func ds(record, number byte, value string) []byte {
	return cat("\x1C", record, number, be16(len(value)), value)
}

const declaresUTF8 = "\x1B%G"

// byline is an IIM block of one dataset.
func byline(value string) []byte { return ds(2, 80, value) }

// directory is a TIFF structure in either byte order: IFD0 with these tags, and an EXIF directory, if there are tags for one.
func directory(order byteOrder, ifd0, exif []tiffTag) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	if order.String() == binary.BigEndian.String() {
		b = []byte("MM\x00*\x00\x00\x00\x08")
	}
	u16 := func(n int) []byte { return order.AppendUint16(nil, uint16(n)) }
	u32 := func(n int) []byte { return order.AppendUint32(nil, uint32(n)) }
	if exif != nil {
		ifd0 = append(ifd0, tiffTag{tagEXIF, typeLong, nil})
	}
	dirs := [][]tiffTag{ifd0}
	if exif != nil {
		dirs = append(dirs, exif)
	}
	values := len(b)
	for _, d := range dirs {
		values += 2 + 12*len(d) + 4
	}
	var data []byte
	for i, d := range dirs {
		b = append(b, u16(len(d))...)
		for _, t := range d {
			count := len(t.value)
			switch t.kind {
			case typeShort:
				count /= 2
			case typeLong:
				count /= 4
			}
			b = cat(b, u16(t.id), u16(t.kind))
			switch {
			case t.id == tagEXIF && i == 0:
				b = cat(b, u32(1), u32(8+2+12*len(d)+4))
			case len(t.value) <= 4:
				b = cat(b, u32(count), cat(t.value, make([]byte, 4))[:4])
			default:
				b = cat(b, u32(count), u32(values+len(data)))
				data = append(data, t.value...)
			}
		}
		b = append(b, 0, 0, 0, 0)
	}
	return append(b, data...)
}

var (
	bigEndian    byteOrder = binary.BigEndian
	littleEndian byteOrder = binary.LittleEndian
)

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

type tiffTag struct {
	id, kind int
	value    []byte
}

func text(id int, value string) tiffTag { return tiffTag{id, typeASCII, append([]byte(value), 0)} }

// artist is an EXIF block that names an artist.
func artist(name string) []byte {
	return directory(binary.LittleEndian, []tiffTag{text(tagArtist, name)}, nil)
}

const xmpNamespaceAttributes = ` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"` +
	` xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"` +
	` xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:cc="http://creativecommons.org/ns#"` +
	` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"` +
	` xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"`

// packet is an XMP packet with a description that has these properties as elements.
func packet(properties string) string {
	return packetOf(`<rdf:Description rdf:about=""` + xmpNamespaceAttributes + `>` + properties + `</rdf:Description>`)
}

func packetOf(nodes string) string {
	return `<?xpacket begin="` + "\uFEFF" + `" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">` +
		`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` + nodes + `</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
}

const (
	creditElement = `<photoshop:Credit>AFP/Getty Images</photoshop:Credit>`
	creditLine    = "credit: AFP/Getty Images [file.xmp %s/photoshop:Credit]"
)

func pngFile(chunks ...[]byte) []byte {
	return cat("\x89PNG\r\n\x1a\n", chunk("IHDR", "\x00\x00\x00\x40\x00\x00\x00\x30\x08\x00\x00\x00\x00"), bytes.Join(chunks, nil),
		chunk("IDAT", deflated("")), chunk("IEND"))
}

func chunk(kind string, parts ...any) []byte {
	body := cat(append([]any{kind}, parts...)...)
	return cat(be32(len(body)-4), body, be32(int(crc32.ChecksumIEEE(body))))
}

func deflated(parts ...any) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(cat(parts...))
	z.Close()
	return b.Bytes()
}

// hexProfile is bytes as ImageMagick writes them into a text.
func hexProfile(name string, b []byte) string {
	return fmt.Sprintf("\n%s\n%8d\n%x\n", name, len(b), b)
}

func riffChunk(kind string, body []byte) []byte {
	b := cat(kind, le32(len(body)), body)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func riff(chunks ...[]byte) []byte {
	body := cat("WEBP", bytes.Join(chunks, nil))
	return cat("RIFF", le32(len(body)), body)
}

var vp8 = riffChunk("VP8 ", []byte("\x30\x01\x00\x9D\x01\x2A\x40\x00\x30\x00\x02")) // of odd length

// gifFile has blocks in front of its picture and behind it.
func gifFile(front, behind []byte) []byte {
	return cat("GIF89a\x40\x00\x30\x00\x80\x00\x00\x00\x00\x00\xFF\xFF\xFF", front, ",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00", behind, ";")
}

// gifXMP is a packet with the trailer that leads readers of sub-blocks to its end.
func gifXMP(x string) []byte {
	b := cat("!\xFF\x0BXMP DataXMP", x, "\x01")
	for i := 255; i >= 0; i-- {
		b = append(b, byte(i))
	}
	return append(b, 0)
}

// gifBlocks cuts an application's data into sub-blocks.
func gifBlocks(head string, b []byte) []byte {
	out := []byte(head)
	for len(b) > 0 {
		n := min(len(b), 255)
		out = cat(out, byte(n), b[:n])
		b = b[n:]
	}
	return append(out, 0)
}

// extendedXMP is a main packet that names an extended one, and the segments of that, of which the last comes first.
func extendedXMP(main, extended string, size int) []byte {
	guid := strings.ToUpper(fmt.Sprintf("%x", md5.Sum([]byte(extended))))
	file := xmpSegment(packet(`<xmpNote:HasExtendedXMP>` + guid + `</xmpNote:HasExtendedXMP>` + main))
	var parts []byte
	for at := 0; at < len(extended); at += size {
		parts = cat(segment(markerAPP1, headExtended, guid, be32(len(extended)), be32(at), extended[at:min(at+size, len(extended))]), parts)
	}
	return append(file, parts...)
}

// superbox is a JUMBF box with a label.
func superbox(label string, inner ...[]byte) []byte {
	return isoBox("jumb", isoBox("jumd", make([]byte, 16), []byte("\x03"+label+"\x00")), bytes.Join(inner, nil))
}

// jumbfSegments cuts a box into segments of JPEG, which all begin with its head.
func jumbfSegments(b []byte, size int) (list [][]byte) {
	for at := 8; at < len(b); at += size {
		list = append(list, segment(markerAPP11, "JP", be16(1), be32(len(list)+1), b[:8], b[at:min(at+size, len(b))]))
	}
	return list
}

// isoFile with items is an AVIF file: EXIF at an offset of the file, in two extents, and XMP in the idat box of its meta box.
func isoWithItems(exif []byte, x string) []byte {
	item := cat("\x00\x00\x00\x06", headEXIF, "\x00", exif)
	front := isoBox("ftyp", []byte("avif\x00\x00\x00\x00mif1"))
	mdat := isoBox("mdat", item)
	at := len(front) + 8
	infe := func(id int, kind, rest string) []byte {
		return isoBox("infe", cat("\x02\x00\x00\x00", be16(id), "\x00\x00", kind, rest))
	}
	meta := isoBox("meta", make([]byte, 4),
		isoBox("pitm", []byte{0, 0, 0, 0, 0, 1}),
		isoBox("iinf", cat("\x00\x00\x00\x00", be16(3), infe(1, "av01", "\x00"), infe(2, "Exif", "\x00"), infe(3, "mime", "\x00application/rdf+xml\x00"))),
		isoBox("iprp", isoBox("ipco", isoBox("ispe", cat(be32(0), be32(64), be32(48)))), isoBox("ipma", []byte{0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1})),
		isoBox("idat", []byte(x)),
		isoBox("iloc", cat("\x01\x00\x00\x00\x44\x00", be16(2),
			be16(2), be16(0), be16(0), be16(2), be32(at), be32(7), be32(at+7), be32(len(item)-7),
			be16(3), be16(1), be16(0), be16(1), be32(0), be32(len(x)))),
	)
	return cat(front, mdat, meta)
}

func jxlContainer(boxes ...[]byte) []byte {
	return cat(isoBox("JXL ", []byte("\r\n\x87\n")), isoBox("ftyp", []byte("jxl \x00\x00\x00\x00jxl ")), bytes.Join(boxes, nil), isoBox("jxlc", jxlFile(64, 48)))
}
