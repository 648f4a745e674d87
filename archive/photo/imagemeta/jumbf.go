package imagemeta

import "bytes"

const maxJUMBFDepth = 8

// jumbfBox is a JUMBF superbox (ISO/IEC 19566-5): a label, and boxes in it.
type jumbfBox struct {
	label    string
	inner    []*jumbfBox
	contents []content
}

// content is a content box that is not held in memory.
type content struct {
	kind string // "cbor", "json", …
	body source
}

// superboxes reads the superboxes of s. left bounds the boxes of the whole tree.
func (rd *reading) superboxes(s source, depth int, left *int) (supers []*jumbfBox, contents []content) {
	err := boxesIn(newWindow(s), func(b fileBox) {
		body := s.part(b.body, b.size)
		switch *left--; {
		case *left < 0 || b.kind == "jumd" || b.kind == "free":
		case b.kind != "jumb":
			contents = append(contents, content{b.kind, body})
		case depth < maxJUMBFDepth:
			j := &jumbfBox{label: jumbfLabel(body)}
			j.inner, j.contents = rd.superboxes(body, depth+1, left)
			supers = append(supers, j)
		}
	})
	if err != nil {
		rd.problem("the C2PA manifests: %w", err)
	}
	return supers, contents
}

// jumbfLabel reads the description box at the start of a superbox: a UUID of 16 bytes, a byte whose second bit says that there is a label,
// and the label with a NUL (ISO/IEC 19566-5, section A.3).
func jumbfLabel(s source) string {
	head := newWindow(s).at(0, 8+17+256)
	if len(head) < 8+17 || string(head[4:8]) != "jumd" || head[8+16]&2 == 0 {
		return ""
	}
	label, _, ok := bytes.Cut(head[8+17:], []byte{0})
	if !ok {
		return ""
	}
	return string(bytes.ToValidUTF8(label, nil))
}
