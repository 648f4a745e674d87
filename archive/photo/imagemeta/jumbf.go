package imagemeta

import "bytes"

const maxJUMBFDepth = 8

// jumbfBox is a JUMBF superbox (ISO/IEC 19566-5): a label, superboxes and content boxes. Nothing of it is held in memory.
type jumbfBox struct {
	label    string
	inner    []*jumbfBox
	contents []fileBox // "cbor", "json", …
}

// jumbf is a tree of superboxes that is being read.
type jumbf struct {
	w     *window
	count *int  // boxes so far
	err   error // the first that was in the way
}

// boxes reads the boxes between two offsets into one that they are in.
func (j *jumbf) boxes(in *jumbfBox, at, end int64, depth int) {
	err := boxesIn(j.w, at, end, func(b fileBox) bool {
		if *j.count++; *j.count > maxSegments {
			return false
		}
		switch {
		case b.kind == "cbor" || b.kind == "json":
			in.contents = append(in.contents, b)
		case b.kind == "jumb" && depth < maxJUMBFDepth:
			inner := &jumbfBox{label: j.label(b)}
			in.inner = append(in.inner, inner)
			j.boxes(inner, b.body, b.body+b.size, depth+1)
		}
		return true
	})
	if j.err == nil {
		j.err = err
	}
}

// label reads the description box at the start of a superbox: a UUID of 16 bytes, a byte whose second bit says that there is a label, and the
// label with a NUL (ISO/IEC 19566-5, section A.3).
func (j *jumbf) label(b fileBox) string {
	head := j.w.at(b.body, int(min(b.size, 8+17+256)))
	if len(head) < 8+17 || string(head[4:8]) != "jumd" || head[8+16]&2 == 0 {
		return ""
	}
	label, _, ok := bytes.Cut(head[8+17:], []byte{0})
	if !ok {
		return ""
	}
	return string(bytes.ToValidUTF8(label, nil))
}
