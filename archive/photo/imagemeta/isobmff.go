package imagemeta

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

var errTruncated = errors.New("it ends too early")

// What the uuid boxes of XMP (XMP part 3, section 1.1.9) and of C2PA (C2PA 2.1, section A.5) begin with.
const (
	uuidXMP  = "\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC"
	uuidC2PA = "\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81"
)

// fileBox is a box of a file that is not held in memory.
type fileBox struct {
	kind     string
	at, body int64 // offsets of the box and of what is in it
	size     int64 // bytes of what is in it
}

// boxesIn calls visit for the boxes between two offsets of w (ISO/IEC 14496-12, section 4.2). A box that is cut is visited as far as it goes,
// and the error is errTruncated.
func boxesIn(w *window, at, end int64, visit func(fileBox) (goOn bool)) error {
	for n := 0; at < end; n++ {
		if n == maxSegments {
			return fmt.Errorf("it has more than %d boxes", maxSegments)
		}
		head := w.at(at, int(min(16, end-at)))
		if len(head) < 8 {
			return errTruncated
		}
		b := fileBox{kind: string(head[4:8]), at: at, body: at + 8}
		length := uint64(binary.BigEndian.Uint32(head))
		switch length {
		case 0: // to the end of the file
			length = uint64(end - at)
		case 1:
			if len(head) < 16 {
				return errTruncated
			}
			length, b.body = binary.BigEndian.Uint64(head[8:]), at+16
		}
		if length < uint64(b.body-at) {
			return fmt.Errorf("the box at %d is shorter than its head", at)
		}
		cut := length > uint64(end-at)
		length = min(length, uint64(end-at))
		b.size = at + int64(length) - b.body
		if !visit(b) {
			return nil
		}
		if cut {
			return errTruncated
		}
		at += int64(length)
	}
	return nil
}

// iso walks the boxes of an AVIF or HEIC file.
func (rd *reading) iso() {
	err := boxesIn(newWindow(rd.source), 0, rd.size, func(b fileBox) bool {
		body := rd.part(b.body, b.size)
		switch b.kind {
		case "meta":
			rd.isoMeta(body, b.body)
		case "uuid":
			rd.isoUUID(body)
		}
		return !rd.full
	})
	if err != nil {
		rd.problem("the file: %w", err)
	}
	if rd.meta.Header.Width == 0 {
		rd.problem("the file names no size")
	}
}

func (rd *reading) isoUUID(body source) {
	head := newWindow(body).at(0, 64)
	switch {
	case bytes.HasPrefix(head, []byte(uuidXMP)):
		rd.xmp(body.part(16, body.size), "uuid:xmp")
	case bytes.HasPrefix(head, []byte(uuidC2PA)):
		// Version and flags, the purpose with a NUL, and the offset of a Merkle tree, before the manifest store.
		const purpose = "manifest\x00"
		if len(head) > 20 && bytes.HasPrefix(head[20:], []byte(purpose)) {
			rd.c2pa(body.part(20+int64(len(purpose))+8, body.size))
		}
	}
}

// isoMeta reads the size of the primary item, and the items that hold metadata; at is where the box's body stands in the file.
func (rd *reading) isoMeta(body source, at int64) {
	b := rd.take(body, maxMeta, "the meta box")
	if len(b) < 4 {
		return
	}
	parts := boxes(b[4:])
	if w, h, ok := primarySize(parts); ok {
		rd.sized(w, h)
	}
	idat := at + 4
	for _, p := range parts {
		if p.kind == "idat" {
			idat += int64(p.at)
		}
	}
	places := itemPlaces(child(parts, "iloc"))
	for _, item := range metadataItems(child(parts, "iinf")) {
		for _, p := range places {
			if p.id == item.id {
				rd.isoItem(item, p, idat)
			}
		}
	}
}

// isoItem reads an item, which may stand in several extents.
func (rd *reading) isoItem(item isoItem, p itemPlace, idat int64) {
	whole := pieces{r: rd.r}
	for _, e := range p.extents {
		at := int64(e.at & (1<<62 - 1))
		if p.method == 1 { // within the meta box
			at += idat
		} else if p.method != 0 {
			rd.problem("item %d is built of other items, which is not read", item.id)
			return
		}
		if at >= rd.size {
			rd.problem("the file ends before item %d", item.id)
			break
		}
		n := int64(min(e.n, uint64(rd.size-at)))
		if e.n == 0 {
			n = rd.size - at
		}
		whole.add(at, n)
	}
	s := whole.joined()
	if item.kind == "mime" {
		rd.xmp(s, fmt.Sprintf("item %d", item.id))
		return
	}
	rd.exifItem(s)
}

// exifItem reads EXIF in a box: 32 bits say how many bytes stand before its byte order (ISO/IEC 23008-12, annex A). Some writers forget them.
func (rd *reading) exifItem(s source) {
	head := newWindow(s).at(0, 4)
	switch {
	case len(head) < 4:
		rd.problem("the EXIF block ends before it begins")
	case string(head) == "II*\x00", string(head) == "MM\x00*":
		rd.exif(s, false)
	default:
		rd.exif(s.part(4+int64(binary.BigEndian.Uint32(head)), s.size), false)
	}
}

// box is a part of an ISO base media file.
type box struct {
	kind string
	body []byte
	at   int // offset of the body
}

// boxes cuts b into its boxes; what is cut off at the end is left out.
func boxes(b []byte) []box {
	var all []box
	for at := 0; len(b) >= 8 && len(all) < maxSegments; {
		length := int64(binary.BigEndian.Uint32(b))
		if length == 0 {
			length = int64(len(b))
		}
		if length < 8 || length > int64(len(b)) {
			break
		}
		all = append(all, box{string(b[4:8]), b[8:length], at + 8})
		b, at = b[length:], at+int(length)
	}
	return all
}

func child(all []box, kind string) []byte {
	for _, b := range all {
		if b.kind == kind {
			return b.body
		}
	}
	return nil
}
