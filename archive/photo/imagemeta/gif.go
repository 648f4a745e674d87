package imagemeta

import (
	"bytes"
	"encoding/binary"
)

// Blocks of a GIF file (GIF89a specification, appendix A).
const (
	gifExtension   = 0x21
	gifImage       = 0x2C
	gifTrailer     = 0x3B
	gifComment     = 0xFE
	gifApplication = 0xFF
)

// gif walks the blocks to the end of the file: the XMP may stand in front of the pictures or behind them.
func (rd *reading) gif() {
	head := rd.at(0, 13)
	if len(head) < 13 {
		rd.problem("the file ends before its size")
		return
	}
	rd.sized(int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:])))
	at := 13 + colorTable(head[10])
	left := maxSubBlocks
	for left > 0 && at < maxGIF && !rd.full {
		b := rd.at(at, 14)
		left--
		switch {
		case len(b) > 0 && b[0] == gifTrailer:
			return
		case len(b) < 10:
			rd.problem("the file ends before its trailer")
			return
		case b[0] == gifImage:
			at = rd.subBlocks(at+10+colorTable(b[9])+1, nil, &left)
		case b[0] == gifExtension:
			at = rd.gifExtension(b, at, &left)
		default:
			rd.problem("there is no block at %d", at)
			return
		}
	}
	rd.problem("it is too long to be read to its end")
}

// gifExtension reads an extension and gives the offset behind it. XMP (part 3, section 1.1.2) is not cut into sub-blocks: a trailer of
// descending bytes leads a reader that takes it for sub-blocks to their end.
func (rd *reading) gifExtension(b []byte, at int64, left *int) int64 {
	if b[1] == gifApplication && b[2] == 11 && len(b) == 14 {
		switch app := string(b[3:]); {
		case app == "XMP DataXMP":
			rd.gifXMP(rd.part(at+14, maxXMP))
		case len(app) == 11 && app[:8] == "C2PA_GIF":
			whole := &pieces{r: rd.r}
			end := rd.subBlocks(at+14, whole, left)
			rd.c2pa(whole.joined())
			return end
		}
		return rd.subBlocks(at+14, nil, left)
	}
	if b[1] == gifComment {
		whole := &pieces{r: rd.r}
		end := rd.subBlocks(at+2, whole, left)
		rd.comment(whole.joined(), "comment")
		return end
	}
	return rd.subBlocks(at+2, nil, left)
}

// gifXMP finds the end of the packet.
func (rd *reading) gifXMP(s source) {
	w := newWindow(s)
	end := s.size
	for at := int64(0); at < s.size; at += 1024 - 3 { // the windows overlap
		if i := bytes.Index(w.at(at, 1024), []byte{1, 0xFF, 0xFE, 0xFD}); i >= 0 {
			end = at + int64(i)
			break
		}
	}
	rd.xmp(s.part(0, end), "XMP DataXMP")
}

// subBlocks passes over sub-blocks and gives the offset behind their terminator. It adds them to whole, unless that is nil.
func (rd *reading) subBlocks(at int64, whole *pieces, left *int) int64 {
	for ; *left > 0 && at < maxGIF; *left-- {
		b := rd.at(at, 1)
		if len(b) == 0 {
			return at
		}
		n := int64(b[0])
		if n == 0 {
			return at + 1
		}
		if whole != nil && len(whole.list) < maxSegments {
			whole.add(at+1, min(n, rd.size-at-1))
		}
		at += 1 + n
	}
	return at
}

// colorTable is the length of a colour table, in bytes, by the flags of what it belongs to.
func colorTable(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}
