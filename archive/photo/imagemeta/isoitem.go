package imagemeta

import (
	"bytes"
	"encoding/binary"
)

// isoItem is an item of a file that holds metadata.
type isoItem struct {
	id   uint32
	kind string // "Exif", or "mime" for XMP
}

// metadataItems lists them by the item information box (ISO/IEC 14496-12, section 8.11.6).
func metadataItems(iinf []byte) []isoItem {
	skip := 6
	if len(iinf) > 0 && iinf[0] > 0 {
		skip = 8
	}
	if len(iinf) < skip {
		return nil
	}
	var items []isoItem
	for _, b := range boxes(iinf[skip:]) {
		f := fields{b: b.body}
		version := f.take(1)
		f.take(3)
		if b.kind != "infe" || version < 2 {
			continue
		}
		idBytes := 2
		if version > 2 {
			idBytes = 4
		}
		id := uint32(f.take(idBytes))
		f.take(2) // protection
		if f.short || len(f.b) < 4 {
			continue
		}
		kind, rest := string(f.b[:4]), f.b[4:]
		switch kind {
		case "Exif":
			items = append(items, isoItem{id, kind})
		case "mime": // its name, its media type
			if parts := bytes.SplitN(rest, []byte{0}, 3); len(parts) > 1 && string(parts[1]) == "application/rdf+xml" {
				items = append(items, isoItem{id, kind})
			}
		}
		if len(items) == maxItems {
			break
		}
	}
	return items
}

// maxItems is how many items of metadata are read; there is one of each kind.
const maxItems = 8

// itemPlace says where an item stands.
type itemPlace struct {
	id      uint32
	method  uint64 // 0: at offsets of the file, 1: of the idat box
	extents []extent
}

type extent struct{ at, n uint64 }

// itemPlaces reads the item location box (ISO/IEC 14496-12, section 8.11.3).
func itemPlaces(iloc []byte) []itemPlace {
	f := fields{b: iloc}
	version := f.take(1)
	f.take(3)
	sizes := f.take(2)
	offset, length, base, index := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if offset > 8 || length > 8 || base > 8 || index > 8 {
		return nil
	}
	idBytes := 2
	if version == 2 {
		idBytes = 4
	}
	var all []itemPlace
	total := 0
	for range f.take(idBytes) {
		p := itemPlace{id: uint32(f.take(idBytes))}
		if version > 0 {
			p.method = f.take(2) & 15
		}
		f.take(2) // which file it stands in: this one
		start := f.take(base)
		for range f.take(2) {
			if version > 0 {
				f.take(index)
			}
			e := extent{start + f.take(offset), f.take(length)}
			if f.short || total == maxSegments {
				return all
			}
			total++
			p.extents = append(p.extents, e)
		}
		if f.short || len(all) == maxSegments {
			return all
		}
		all = append(all, p)
	}
	return all
}

// fields takes big-endian numbers from the front of b.
type fields struct {
	b     []byte
	short bool // there was less than asked for
}

func (f *fields) take(n int) (v uint64) {
	if len(f.b) < n {
		f.b, f.short = nil, true
		return 0
	}
	for _, c := range f.b[:n] {
		v = v<<8 | uint64(c)
	}
	f.b = f.b[n:]
	return v
}

// primarySize reads the size of the primary item: pitm names it, iprp/ipma its properties, and iprp/ipco holds these (ISO/IEC 23008-12,
// section 6.5). A quarter turn (irot) swaps the sides.
func primarySize(meta []box) (width, height int, ok bool) {
	properties := boxes(child(meta, "iprp"))
	all := boxes(child(properties, "ipco"))
	turned := false
	for _, i := range associated(child(properties, "ipma"), primaryItem(child(meta, "pitm"))) {
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
	if turned {
		width, height = height, width
	}
	return width, height, width > 0 && height > 0
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
	f := fields{b: ipma}
	version := f.take(1)
	flags := f.take(3)
	idBytes, indexBytes, mask := 2, 1, uint64(0x7F) // the first bit says essential
	if version > 0 {
		idBytes = 4
	}
	if flags&1 == 1 {
		indexBytes, mask = 2, 0x7FFF
	}
	for range f.take(4) {
		id := uint32(f.take(idBytes))
		var indexes []int
		for range f.take(1) {
			index := f.take(indexBytes)
			if f.short {
				break
			}
			indexes = append(indexes, int(index&mask))
		}
		if id == item {
			return indexes
		}
		if f.short {
			break
		}
	}
	return nil
}
