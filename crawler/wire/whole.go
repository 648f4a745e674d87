package wire

import (
	"errors"
	"io"
	"net/http"

	"tearsheet/archive/warc/coding"
)

// Whole is a decoded entity that can be read from any offset, as formats want it whose parts refer to each other.
type Whole struct {
	io.ReaderAt
	size  int64
	cut   bool
	spool *spool // of what had to be decoded; nil where the answer's own spool is read
}

// Size is the number of bytes that can be read.
func (w *Whole) Size() int64 { return w.size }

// Cut reports whether the entity has more bytes than were asked for or than the limits allow.
func (w *Whole) Cut() bool { return w.cut }

// Close gives back what was decoded. It must be called before the body is closed.
func (w *Whole) Close() error {
	if w.spool == nil {
		return nil
	}
	return w.spool.free()
}

// Whole gives the first most bytes of the decoded entity, whatever Read has given of it. An entity without chunk framing and content coding is
// read where it lies, whatever its length; any other is decoded into a spool, within the limits. Damage in it ends it, and is told by Decoding when the body is read; an error is one
// of the spools.
func (b *Body) Whole(most int64) (*Whole, error) {
	b.mu.Lock()
	status, closed := b.decoder.Status(), b.closed
	b.mu.Unlock()
	if closed {
		return nil, http.ErrBodyReadAfterClose
	}
	plain := len(status.Codings) == 0 || status.Raw
	if plain && !b.x.Chunked {
		n := min(most, b.x.PayloadLength)
		return &Whole{ReaderAt: io.NewSectionReader(b.spool, b.x.HeadLength, n), size: n, cut: n < b.x.PayloadLength}, nil
	}
	w := &Whole{spool: b.spool.s.from.open()}
	w.ReaderAt = w.spool
	if err := w.fill(b, plain, most); err != nil {
		return nil, &Error{ClassArchive, b.x.URL, errors.Join(err, w.spool.free())}
	}
	w.size = w.spool.Size()
	return w, nil
}

// fill decodes up to most bytes.
func (w *Whole) fill(b *Body, plain bool, most int64) error {
	entity := newEntity(b.x, b.limits)
	bound := b.limits.bound(b.x.PayloadLength)
	decoder := coding.AsItCame(b.codings, entity, bound)
	if !plain {
		var err error
		if decoder, err = coding.Decode(b.codings, entity, bound); err != nil {
			return err
		}
	}
	_, err := io.Copy(spoolOnly{w.spool}, io.LimitReader(decoder, most))
	if errors.Is(err, errSpool) || entity.body.err != nil {
		return errors.Join(err, entity.body.err, decoder.Close())
	}
	var one [1]byte
	n, _ := io.ReadFull(decoder, one[:])
	w.cut = n > 0 || decoder.Status().Limited
	return decoder.Close()
}

// errSpool marks the errors of writing, among those of reading.
var errSpool = errors.New("spooling what was decoded")

type spoolOnly struct{ *spool }

func (s spoolOnly) Write(p []byte) (int, error) {
	n, err := s.spool.Write(p)
	if err != nil {
		err = errors.Join(errSpool, err)
	}
	return n, err
}
