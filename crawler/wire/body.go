package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"tearsheet/archive/warc"
)

// Body is the body of every response that a Transport returns: the entity, decoded and bounded. It is read from the spool, so reading waits
// for no network, and the bytes of a truncated answer end with io.EOF like those of a whole one; Exchange().Truncated tells them apart.
//
// A Body is safe for concurrent use. It must be closed.
type Body struct {
	x     *warc.Exchange
	spool *spool

	mu      sync.Mutex
	entity  *entity
	decoder *decoder
	probe   [512]byte // the first decoded bytes, taken to see whether the label is true
	ready   []byte    // of probe
	left    int64     // bytes that may still be given
	status  Decoding
	ended   bool
	closed  bool
}

// Decoding tells how far the content coding of a body could be removed.
type Decoding struct {
	Codings []string // codings as applied, in that order; empty for an identity body
	Raw     bool     // the codings are unknown or false: the body is read as it came. The exchange has a note about it.
	Damaged error    // the decoder failed after the bytes that were given; known when they have been read
	Limited bool     // there is more than Limits allow to read; known when the rest has been read
}

// open makes the body that the caller reads. It decodes the first bytes already, so that a false label is noted in the exchange before that
// is recorded.
func (t *Transport) open(a *attempt) *Body {
	b := &Body{x: a.x, spool: a.spool, entity: newEntity(a.x, &t.limits)}
	b.status.Codings = codings(a.x.Header)
	coded := len(b.status.Codings) > 0 && a.x.PayloadLength > 0
	b.left = t.limits.entityCap(a.x.PayloadLength, coded)
	b.decoder = &decoder{Reader: b.entity}
	if !coded {
		return b
	}
	d, err := t.decoders.open(b.entity, b.status.Codings, b.left)
	if err == nil {
		b.decoder = d
		var n int
		n, err = io.ReadFull(d, b.probe[:])
		b.ready = b.probe[:n]
		if !falseLabel(d, n, err) {
			return b
		}
		d.close()
	}
	if b.entity.err == nil {
		a.notef("the body is read as it came: %v", err)
	}
	b.status.Raw, b.ready = true, nil
	b.entity = newEntity(a.x, &t.limits)
	b.decoder = &decoder{Reader: b.entity}
	b.left = t.limits.entityCap(a.x.PayloadLength, false)
	return b
}

// falseLabel judges by the first n bytes, and what ended them, whether a body is not coded as it says. A coding without a magic number can
// make a few bytes out of anything, so it must do better than one with.
func falseLabel(d *decoder, n int, err error) bool {
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return false
	case errors.Is(err, io.ErrUnexpectedEOF): // the decoded body, or the coded one, is shorter than the probe
		return n == 0
	}
	return n == 0 || !d.magic
}

// Exchange returns what was recorded. Its Response can be read until the body is closed.
func (b *Body) Exchange() *warc.Exchange { return b.x }

// Decoding tells how the decoding went so far; it is final when Read has returned io.EOF.
func (b *Body) Decoding() Decoding {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// Read gives the decoded entity. Damage in the coded body ends it with io.EOF and is told by Decoding; an error is one of the spool.
func (b *Body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case len(p) == 0:
		return 0, nil
	case b.ended:
		return 0, io.EOF
	case b.left == 0:
		return b.atLimit()
	}
	p = p[:min(int64(len(p)), b.left)]
	n, err := b.source(p)
	b.left -= int64(n)
	if err == nil {
		return n, nil
	}
	return n, b.end(err)
}

// source gives the bytes of the probe, then the others.
func (b *Body) source(p []byte) (int, error) {
	if len(b.ready) > 0 {
		n := copy(p, b.ready)
		b.ready = b.ready[n:]
		return n, nil
	}
	return b.decoder.Read(p)
}

// atLimit looks whether anything follows the last byte that may be given.
func (b *Body) atLimit() (int, error) {
	n := len(b.ready)
	var err error
	for n == 0 && err == nil {
		n, err = b.decoder.Read(b.probe[:1])
	}
	b.status.Limited = n > 0
	if n > 0 {
		err = io.EOF
	}
	return 0, b.end(err)
}

// end turns the end of the decoder into that of the body.
func (b *Body) end(err error) error {
	if b.entity.err != nil {
		return &Error{ClassArchive, b.x.URL, b.entity.err}
	}
	b.ended = true
	if !errors.Is(err, io.EOF) {
		b.status.Damaged = fmt.Errorf("decode %s: %w", b.x.URL, err)
	}
	return io.EOF
}

// Close releases the spool: the exchange's Response cannot be read any more.
func (b *Body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	b.closed = true
	b.decoder.close()
	if err := b.spool.free(); err != nil {
		return &Error{ClassArchive, b.x.URL, err}
	}
	return nil
}
