package imagemeta

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

var (
	errTruncated = errors.New("the file ends before its size")
	errNoSize    = errors.New("the file names no size")
)

const (
	maxMeta  = 4 << 20 // bytes of the meta box: it lists items, it does not hold pictures
	maxBoxes = 4096
)

// isoSize reads the size of the primary item of an ISO base media file: meta/pitm names the item, meta/iprp/ipma its properties, and
// meta/iprp/ipco holds these (ISO/IEC 23008-12, section 6.5). A quarter turn (irot) swaps the sides.
func isoSize(r io.Reader) (width, height int, err error) {
	for range maxBoxes {
		var head [16]byte
		if _, err := io.ReadFull(r, head[:8]); err != nil {
			return 0, 0, errTruncated
		}
		length := int64(binary.BigEndian.Uint32(head[:4])) - 8
		if length == 1-8 {
			if _, err := io.ReadFull(r, head[8:]); err != nil {
				return 0, 0, errTruncated
			}
			length = int64(binary.BigEndian.Uint64(head[8:])) - 16
		}
		if string(head[4:8]) != "meta" {
			if length < 0 { // to the end of the file, or nonsense
				return 0, 0, errNoSize
			}
			if _, err := io.CopyN(io.Discard, r, length); err != nil {
				return 0, 0, errTruncated
			}
			continue
		}
		if length < 4 || length > maxMeta {
			return 0, 0, fmt.Errorf("meta box of %d bytes: %w", length, errNoSize)
		}
		meta := make([]byte, length)
		if _, err := io.ReadFull(r, meta); err != nil {
			return 0, 0, errTruncated
		}
		return primarySize(meta[4:])
	}
	return 0, 0, errNoSize
}

// box is a part of an ISO base media file.
type box struct {
	kind string
	body []byte
}

// boxes cuts b into its boxes; what is cut off at the end is left out.
func boxes(b []byte) []box {
	var all []box
	for len(b) >= 8 && len(all) < maxBoxes {
		length := int(binary.BigEndian.Uint32(b))
		if length == 0 {
			length = len(b)
		}
		if length < 8 || length > len(b) {
			break
		}
		all = append(all, box{string(b[4:8]), b[8:length]})
		b = b[length:]
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

func primarySize(meta []byte) (width, height int, err error) {
	parts := boxes(meta)
	properties := boxes(child(parts, "iprp"))
	all := boxes(child(properties, "ipco"))
	item := primaryItem(child(parts, "pitm"))
	turned := false
	for _, i := range associated(child(properties, "ipma"), item) {
		if i < 1 || i > len(all) {
			continue
		}
		switch p := all[i-1]; {
		case p.kind == "ispe" && len(p.body) >= 12:
			width, height = int(binary.BigEndian.Uint32(p.body[4:])), int(binary.BigEndian.Uint32(p.body[8:]))
		case p.kind == "irot" && len(p.body) >= 1:
			turned = p.body[0]&1 == 1
		}
	}
	if width == 0 || height == 0 {
		return 0, 0, errNoSize
	}
	if turned {
		width, height = height, width
	}
	return width, height, nil
}

func primaryItem(pitm []byte) uint32 {
	switch {
	case len(pitm) >= 8 && pitm[0] > 0:
		return binary.BigEndian.Uint32(pitm[4:])
	case len(pitm) >= 6:
		return uint32(binary.BigEndian.Uint16(pitm[4:]))
	}
	return 0
}

// associated lists the property numbers (from 1) of an item.
func associated(ipma []byte, item uint32) []int {
	if len(ipma) < 8 {
		return nil
	}
	wideItem, wideIndex := ipma[0] > 0, ipma[3]&1 == 1
	b := ipma[8:]
	take := func(n int) (v uint32, ok bool) {
		if len(b) < n {
			return 0, false
		}
		for _, c := range b[:n] {
			v = v<<8 | uint32(c)
		}
		b = b[n:]
		return v, true
	}
	width := func(wide bool, small, large int) int {
		if wide {
			return large
		}
		return small
	}
	for range min(binary.BigEndian.Uint32(ipma[4:]), maxBoxes) {
		id, _ := take(width(wideItem, 2, 4))
		n, ok := take(1)
		if !ok {
			return nil
		}
		var indexes []int
		for range n {
			v, ok := take(width(wideIndex, 1, 2))
			if !ok {
				return indexes
			}
			if wideIndex {
				v &= 0x7FFF // the first bit says essential
			} else {
				v &= 0x7F
			}
			indexes = append(indexes, int(v))
		}
		if id == item {
			return indexes
		}
	}
	return nil
}
