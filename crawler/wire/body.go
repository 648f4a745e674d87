package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"tearsheet/archive/warc"
	"tearsheet/archive/warc/coding"
)

// Body is the body of every response that a Transport returns: the entity, decoded and bounded. It is read from the spool, so reading waits
// for no network, and the bytes of a truncated answer end with io.EOF like those of a whole one; Exchange().Truncated tells them apart.
//
// A Body is safe for concurrent use. It must be closed.
type Body struct {
	x       *warc.Exchange
	spool   *spool
	codings []string
	limits  *Limits

	mu      sync.Mutex
	entity  *entity
	decoder *coding.Reader
	ended   bool
	closed  bool
}

// Decoding tells how far the content coding of a body could be removed. When the codings are unknown or false, it is Raw: the body is read as
// it came, and the exchange has a note about it.
type Decoding = coding.Status

// open makes the body that the caller reads. It decodes the first bytes already, so that a false label is noted in the exchange before that
// is recorded.
func (t *Transport) open(a *attempt) *Body {
	b := &Body{x: a.x, spool: a.spool, codings: a.head.Codings(), limits: &t.limits, entity: newEntity(a.x, &t.limits)}
	bound := t.limits.bound(a.x.PayloadLength)
	var err error
	b.decoder, err = coding.Decode(b.codings, b.entity, bound)
	switch {
	case err != nil:
		b.decoder = coding.AsItCame(b.codings, b.entity, bound)
		if a.x.PayloadLength > 0 {
			a.notef("the body is read as it came: %v", err)
		}
	case b.decoder.Status().Raw:
		a.notef("the body is read as it came: it is not coded with %s", b.decoder.Mislabeled())
	case b.decoder.Mislabeled() != "":
		a.notef("the body is coded once less than its label says: %s is false", b.decoder.Mislabeled())
	}
	return b
}

// Exchange returns what was recorded. Its Response can be read until the body is closed.
func (b *Body) Exchange() *warc.Exchange { return b.x }

// Decoding tells how the decoding went so far; it is final when Read has returned io.EOF.
func (b *Body) Decoding() Decoding {
	b.mu.Lock()
	defer b.mu.Unlock()
	status := b.decoder.Status()
	if status.Damaged != nil {
		status.Damaged = fmt.Errorf("decode %s: %w", b.x.URL, status.Damaged)
	}
	return status
}

// Read gives the decoded entity. Damage in the coded body ends it with io.EOF and is told by Decoding; an error is one of the spool.
func (b *Body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case b.ended:
		return 0, io.EOF
	}
	n, err := b.decoder.Read(p)
	switch {
	case err == nil:
		return n, nil
	case b.entity.body.err != nil:
		return n, &Error{ClassArchive, b.x.URL, b.entity.body.err}
	}
	b.ended = true
	return n, io.EOF
}

// Close releases the spool: the exchange's Response cannot be read any more.
func (b *Body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	b.closed = true
	if err := errors.Join(b.decoder.Close(), b.spool.free()); err != nil {
		return &Error{ClassArchive, b.x.URL, err}
	}
	return nil
}
