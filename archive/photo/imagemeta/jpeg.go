package imagemeta

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// JPEG markers (ITU-T T.81, table B.1).
const (
	markerSOI   = 0xD8
	markerEOI   = 0xD9
	markerSOS   = 0xDA
	markerAPP1  = 0xE1
	markerAPP11 = 0xEB
	markerAPP13 = 0xED
	markerCOM   = 0xFE
)

// What the segments of metadata begin with.
const (
	headEXIF     = "Exif\x00"
	headXMP      = "http://ns.adobe.com/xap/1.0/\x00"
	headExtended = "http://ns.adobe.com/xmp/extension/\x00"
	headIRB      = "Photoshop 3.0\x00"
	headOldIRB   = "Adobe_Photoshop2.5:"
)

// jpegParts is what stands in several segments of a JPEG file, and can be read when all of them were seen.
type jpegParts struct {
	resources pieces // the image resources of Photoshop, which go on in the next segment where one is full
	extended  []xmpPart
	jumbf     []*jumbfParts
}

// jpeg walks the segments up to the picture's data (T.81, annex B). Bytes between segments, and fill bytes before markers, are passed over.
func (rd *reading) jpeg() {
	parts := &jpegParts{resources: pieces{r: rd.r}}
	at, garbage := int64(2), 0
	for n := 0; ; {
		head := rd.at(at, 4)
		if len(head) < 2 {
			rd.problem("the file ends before its picture")
			break
		}
		if n == maxSegments || garbage == maxGarbage || rd.full {
			rd.problem("there is no picture behind %d segments and %d other bytes", n, garbage)
			break
		}
		marker := head[1]
		if head[0] != 0xFF || marker == 0xFF { // not a marker, or a fill byte before one
			garbage++
			at++
			continue
		}
		n++
		if marker == markerEOI || marker == markerSOS {
			break
		}
		if marker <= 1 || marker >= 0xD0 && marker <= markerSOI { // without a length
			at += 2
			continue
		}
		length := int64(0)
		if len(head) == 4 {
			length = int64(binary.BigEndian.Uint16(head[2:]))
		}
		if length < 2 {
			rd.problem("the segment at %d has no length", at)
			at += 2
			continue
		}
		if at+2+length > rd.size {
			rd.problem("the file ends within a segment")
		}
		rd.segment(marker, at+4, min(length-2, rd.size-at-4), parts)
		at += 2 + length
	}
	rd.jpegParts(parts)
}

// segment reads one segment, whose n bytes stand at an offset.
func (rd *reading) segment(marker byte, at, n int64, parts *jpegParts) {
	head := rd.at(at, int(min(n, 256)))
	body := func(skip int64) source { return rd.part(at+skip, n-skip) }
	has := func(prefix string) bool { return len(head) >= len(prefix) && string(head[:len(prefix)]) == prefix }
	switch {
	case isStartOfFrame(marker) && len(head) >= 5:
		rd.sized(int(binary.BigEndian.Uint16(head[3:])), int(binary.BigEndian.Uint16(head[1:])))
	case marker == markerAPP1 && has(headEXIF):
		rd.exif(body(int64(len(headEXIF)+1)), false)
	case marker == markerAPP1 && has(headExtended) && len(head) >= len(headExtended)+40:
		parts.addExtended(head[len(headExtended):], at+int64(len(headExtended))+40, n-int64(len(headExtended))-40)
	case marker == markerAPP1 && has(headXMP):
		rd.xmp(body(int64(len(headXMP))), "APP1:xmp")
	case marker == markerAPP1:
		// Some agencies' writers damage the header, so the packet is looked for.
		for _, start := range []string{"<?xpacket", "<x:xmp", "<rdf:RDF"} {
			if i := bytes.Index(head, []byte(start)); i >= 0 {
				rd.xmp(body(int64(i)), "APP1:xmp")
				break
			}
		}
	case marker == markerAPP13 && has(headIRB):
		parts.resources.add(at+int64(len(headIRB)), n-int64(len(headIRB)))
	case marker == markerAPP13 && has(headOldIRB):
		parts.resources.add(at+int64(len(headOldIRB)), n-int64(len(headOldIRB)))
	case marker == markerAPP13 && (has("\x1C\x01") || has("\x1C\x02")):
		rd.iim(body(0), "APP13")
	case marker == markerAPP11 && has("JP") && len(head) >= 16:
		parts.addJUMBF(head, at+8, n-8)
	case marker == markerCOM:
		rd.comment(body(0), "COM")
	}
}

// isStartOfFrame reports whether a segment holds the picture's size: SOF0 to SOF15 without DHT, JPG and DAC, which have numbers among them.
func isStartOfFrame(marker byte) bool {
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
}

// jpegParts reads what was gathered from several segments.
func (rd *reading) jpegParts(parts *jpegParts) {
	if parts.resources.size > 0 {
		rd.resources(parts.resources.joined(), "APP13/")
	}
	for _, j := range parts.jumbf {
		rd.c2pa(j.joined(rd))
	}
	rd.extendedXMP(parts.extended)
}

// xmpPart is a part of an extended XMP packet (XMP part 3, section 1.1.3.1).
type xmpPart struct {
	guid  string
	from  int64 // where it stands in the packet
	at, n int64 // where it stands in the file
}

// addExtended notes a part: 32 hexadecimal digits of the packet's MD5, its length and the part's offset, 32 bits each, then the part.
func (p *jpegParts) addExtended(head []byte, at, n int64) {
	p.extended = append(p.extended, xmpPart{string(head[:32]), int64(binary.BigEndian.Uint32(head[36:])), at, n})
}

// extendedXMP joins the parts of the extended packet that the main packet names, in their order, up to the first that is missing.
func (rd *reading) extendedXMP(parts []xmpPart) {
	slices.SortStableFunc(parts, func(a, b xmpPart) int { return int(min(1, max(-1, a.from-b.from))) })
	whole := pieces{r: rd.r}
	strange := false
	for _, p := range parts {
		skip := whole.size - p.from // what a part before it had already
		switch {
		case !strings.EqualFold(p.guid, string(rd.extended)):
			strange = true
		case skip < 0:
			rd.problem("a part of the extended XMP is missing")
			rd.xmp(whole.joined(), "APP1:xmp-extension")
			return
		default:
			whole.add(p.at+skip, p.n-skip)
		}
	}
	if strange {
		rd.problem("there is extended XMP that the main packet does not name")
	}
	if whole.size > 0 {
		rd.xmp(whole.joined(), "APP1:xmp-extension")
	}
}

// jumbfParts are the segments of one JUMBF box (ISO/IEC 19566-5, annex D): each has the box's instance number, its own number, and the box's
// header again.
type jumbfParts struct {
	instance uint16
	kind     uint32
	list     []jumbfPart
}

type jumbfPart struct {
	number    uint32
	header    int64 // bytes of the box's header
	at, bytes int64
}

func (p *jpegParts) addJUMBF(head []byte, at, n int64) {
	instance, kind := binary.BigEndian.Uint16(head[2:]), binary.BigEndian.Uint32(head[12:])
	part := jumbfPart{binary.BigEndian.Uint32(head[4:]), 8, at, n}
	if binary.BigEndian.Uint32(head[8:]) == 1 {
		part.header = 16
	}
	for _, j := range p.jumbf {
		if j.instance == instance && j.kind == kind {
			j.list = append(j.list, part)
			return
		}
	}
	p.jumbf = append(p.jumbf, &jumbfParts{instance, kind, []jumbfPart{part}})
}

func (j *jumbfParts) joined(rd *reading) source {
	slices.SortStableFunc(j.list, func(a, b jumbfPart) int { return int(min(1, max(-1, int64(a.number)-int64(b.number)))) })
	whole := pieces{r: rd.r}
	for i, p := range j.list {
		if i > 0 {
			p.at, p.bytes = p.at+p.header, p.bytes-p.header
		}
		whole.add(p.at, p.bytes)
	}
	return whole.joined()
}
