package coding

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"
)

const (
	// probeSize is how many decoded bytes are made before a label is believed.
	probeSize = 512
	// maxKept bounds what is kept of a body for the case that its label is false, in bytes. It has room for any first block of zstd
	// (128 KiB, RFC 8878 §3.1.1.2.4), the coding that wants most before it gives anything.
	maxKept = 256 << 10
)

// tap is what the decoders read from. Until the labels are believed it keeps what went through it.
type tap struct {
	r       io.Reader
	err     error // of r
	buf     *bufio.Reader
	kept    []byte
	keeping bool
	first   [probeSize]byte
}

var taps = sync.Pool{New: func() any {
	return &tap{buf: bufio.NewReader(nil), kept: make([]byte, 0, 8<<10)}
}}

func newTap(r io.Reader) *tap {
	t := taps.Get().(*tap)
	t.r, t.err, t.keeping, t.kept = r, nil, true, t.kept[:0]
	t.buf.Reset(t)
	return t
}

func (t *tap) free() {
	t.r, t.err = nil, nil
	t.buf.Reset(nil)
	if cap(t.kept) > 64<<10 { // rare, and left to the garbage collector
		t.kept = nil
	}
	taps.Put(t)
}

// Read implements io.Reader. An error of r stays.
func (t *tap) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.r.Read(p)
	t.err = err
	if t.keeping {
		if t.keeping = len(t.kept)+n <= maxKept; t.keeping {
			t.kept = append(t.kept, p[:n]...)
		}
	}
	return n, err
}

// open puts the decoders for codings in front of d.r and decodes the first bytes. When they show that the labels are false, the body is given
// as it came. What each coding but the outermost gives is bounded by limit, as the document is.
func (d *Reader) open(codings []string, limit int64) {
	d.tap = newTap(d.r)
	d.r = d.tap.buf
	for i := len(codings) - 1; i >= 0; i-- {
		if err := d.push(codings[i]); err != nil {
			d.r, d.err = nil, err
			break
		}
		if i > 0 && limit > 0 {
			d.r = &bounded{d.r, limit}
		}
	}
	if len(d.mislabeled) == len(codings) {
		d.status.Raw, d.tap.keeping = true, false
		return
	}
	n := 0
	for n < probeSize && d.err == nil {
		var got int
		got, d.err = d.r.Read(d.tap.first[n:])
		n += got
	}
	if d.tap.keeping && d.isFalse(n) {
		d.giveBack()
		d.r, d.err = io.MultiReader(bytes.NewReader(d.tap.kept), d.tap), nil
		d.status.Raw, d.status.Damaged, d.mislabeled = true, nil, codings
		n = 0
	}
	d.ready, d.tap.keeping = d.tap.first[:n], false
}

// trust is how sure the first bytes of a body make its label.
type trust uint8

const (
	bare   trust = iota // br, DEFLATE without zlib: a few bytes come out of anything
	framed              // zlib: its two bytes may begin a text, but hardly go on to decode
	magic               // gzip, zstd: no text begins so
)

// isFalse judges by the first n decoded bytes, and by the error that ended them, whether a body is not coded as it says.
func (d *Reader) isFalse(n int) bool {
	switch {
	case d.err == nil, d.err == io.EOF, errors.Is(d.err, ErrLimit), d.tap.err != nil && d.tap.err != io.EOF:
		return false
	case errors.Is(d.err, io.ErrUnexpectedEOF): // a body that is cut, or another thing
		return n == 0 && d.trust < magic
	}
	return n == 0 || d.trust == bare
}

// bounded gives ErrLimit in place of more than left bytes.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrLimit
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrLimit
	}
	return n, err
}
