package imagemeta

import "encoding/binary"

// webp walks the chunks of the RIFF container (RFC 9649, section 2.3), whatever VP8X says is among them. Each is padded to even length.
func (rd *reading) webp() {
	at := int64(12)
	for n := 0; !rd.full; n++ {
		if n == maxChunks {
			rd.problem("it has more than %d chunks", maxChunks)
			return
		}
		head := rd.at(at, 8)
		if len(head) < 8 {
			if rd.riffEnd() > at {
				rd.problem("the file ends before its last chunk")
			}
			return
		}
		length := int64(binary.LittleEndian.Uint32(head[4:]))
		kind := string(head[:4])
		at += 8
		if length > rd.size-at {
			rd.problem("the file ends within a chunk")
		}
		body := rd.part(at, length)
		switch kind {
		case "VP8X", "VP8 ", "VP8L":
			rd.webpSize(kind, rd.at(at, int(min(length, 10))))
		case "EXIF":
			rd.exif(withoutHead(body, headEXIF+"\x00"), false)
		case "XMP ", "XMP\x00":
			rd.xmp(body, "XMP")
		case "C2PA":
			rd.c2pa(body)
		}
		at += even(length)
	}
}

// riffEnd is where the file ends by its own account.
func (rd *reading) riffEnd() int64 {
	b := rd.at(4, 4)
	if len(b) < 4 {
		return 0
	}
	return 8 + int64(binary.LittleEndian.Uint32(b))
}

// webpSize reads the canvas (RFC 9649, section 2.7), or the size of the only picture: VP8 has it behind its start code (RFC 6386, section
// 9.1), VP8L behind its signature (RFC 9649, section 3.4).
func (rd *reading) webpSize(kind string, b []byte) {
	switch {
	case len(b) >= 10 && kind == "VP8X":
		rd.sized(1+(int(b[4])|int(b[5])<<8|int(b[6])<<16), 1+(int(b[7])|int(b[8])<<8|int(b[9])<<16))
	case rd.meta.Header.Width > 0:
	case len(b) >= 10 && kind == "VP8 " && string(b[3:6]) == "\x9D\x01\x2A":
		rd.sized(int(binary.LittleEndian.Uint16(b[6:])&0x3FFF), int(binary.LittleEndian.Uint16(b[8:])&0x3FFF))
	case len(b) >= 5 && kind == "VP8L" && b[0] == 0x2F:
		bits := binary.LittleEndian.Uint32(b[1:])
		rd.sized(1+int(bits&0x3FFF), 1+int(bits>>14&0x3FFF))
	}
}
