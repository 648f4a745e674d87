package wire

import (
	"errors"
	"io"

	"tearsheet/archive/warc"
)

// entity reads the entity of a spooled answer: the body without transfer coding, content coding kept.
type entity struct {
	block    warc.Block
	off, end int64
	chunks   *chunks // nil when the body is not chunked
	err      error   // of the spool, apart from errors of what is in it
}

func newEntity(x *warc.Exchange, l *Limits) *entity {
	e := &entity{block: x.Response, off: x.HeadLength, end: x.Response.Size()}
	if x.Chunked {
		c := newChunks(l)
		e.chunks = &c
	}
	return e
}

// Read takes the chunk framing out in place: p receives bytes of the wire, and the data among them is moved down.
func (e *entity) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if e.err != nil {
			return 0, e.err
		}
		wire := p[:min(int64(len(p)), e.end-e.off)]
		if len(wire) == 0 {
			return 0, io.EOF
		}
		n, err := e.block.ReadAt(wire, e.off)
		if err != nil && !errors.Is(err, io.EOF) {
			e.err = err
			return 0, err
		}
		e.off += int64(n)
		if e.chunks != nil {
			n = e.unframe(wire[:n])
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, nil
}

// unframe moves the data in wire to its start. An error of the framing ends the entity, where it ended on the wire.
func (e *entity) unframe(wire []byte) int {
	size := 0
	rest := wire
	for len(rest) > 0 && !e.chunks.done() {
		data, n, err := e.chunks.next(rest)
		size += copy(wire[size:], data)
		rest = rest[n:]
		if err != nil {
			e.off = e.end
			break
		}
	}
	return size
}
