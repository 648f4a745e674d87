package imagemeta

import "encoding/binary"

// Photoshop image resources that matter here (Adobe Photoshop File Formats Specification, "Image Resource IDs").
const (
	resourceIIM    = 0x0404
	resourceEXIF   = 0x0422
	resourceXMP    = 0x0424
	resourceDigest = 0x0425 // MD5 of the IIM
)

// resources walks image resources: a signature, 16 bits of id, a Pascal string and a length of 32 bits, the last two padded to even length.
// Where one is damaged, the next signature is looked for.
func (rd *reading) resources(s source, prefix string) {
	w := newWindow(s)
	lost := 0
	at := int64(0)
	for n := 0; n < maxSegments && lost < maxGarbage && at+12 <= s.size; {
		head := w.at(at, 7)
		if len(head) < 7 || !isResource(head) {
			if lost == 0 && len(head) > 0 && head[0] != 0 { // one NUL may be padding that was counted wrongly
				rd.problem("an image resource of Photoshop is damaged")
			}
			lost++
			at++
			continue
		}
		n++
		start, id := at, binary.BigEndian.Uint16(head[4:])
		at += 6 + even(int64(head[6])+1)
		if length := w.at(at, 4); len(length) == 4 {
			size := int64(binary.BigEndian.Uint32(length))
			rd.resource(id, s.part(at+4, size), prefix)
			at += 4 + even(size)
		} else {
			at = s.size + 2
		}
		if at > s.size+1 {
			rd.problem("an image resource of Photoshop is cut, or its length is wrong")
			at = start + 4
		}
	}
}

func (rd *reading) resource(id uint16, body source, prefix string) {
	switch id {
	case resourceIIM:
		rd.iim(body, prefix+"8BIM:0404")
	case resourceXMP:
		rd.xmp(body, prefix+"8BIM:0424")
	case resourceEXIF:
		rd.exif(body, false)
	case resourceDigest:
		if body.size == 16 {
			rd.digest = body.load(16)
			rd.checkDigest()
		}
	}
}

func isResource(head []byte) bool {
	switch string(head[:4]) {
	case "8BIM", "MeSa", "PHUT", "AgHg", "DCSR":
		return true
	}
	return false
}

// even rounds up to an even number.
func even(n int64) int64 { return n + n&1 }
