package warc

import (
	"errors"
	"io"
)

// Dechunk takes the chunked transfer coding (RFC 9112 §7.1) off a recorded body. It is made for evidence and not for a connection: where the
// framing breaks off or becomes nonsense the entity ends, without error. When not even the first size can be read the body was never chunked,
// and is given as it stands. Only errors of r come through. It reads ahead of the body's end.
func Dechunk(r io.Reader) io.Reader { return Chunks{}.Reader(r) }

// Reader is Dechunk with the bounds of c.
func (c Chunks) Reader(r io.Reader) io.Reader { return &dechunker{r: r, chunks: c} }

type dechunker struct {
	r      io.Reader
	chunks Chunks
	start  []byte // eaten before the first size line had come to its end
	raw    bool   // it is not chunked at all; start is given first
	err    error
}

// Read takes the framing out in place: p receives bytes of the body, and the data among them is moved down.
func (d *dechunker) Read(p []byte) (int, error) {
	for len(p) > 0 {
		switch {
		case d.raw && len(d.start) > 0:
			n := copy(p, d.start)
			d.start = d.start[n:]
			return n, nil
		case d.err != nil:
			return 0, d.err
		}
		n, err := d.r.Read(p)
		d.err = err
		if !d.raw {
			n = d.unframe(p[:n])
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, nil
}

// unframe moves the data in body to its start.
func (d *dechunker) unframe(body []byte) int {
	size := 0
	for rest := body; len(rest) > 0; {
		data, n, err := d.chunks.Next(rest)
		size += copy(body[size:], data)
		switch {
		case d.chunks.Begun():
			d.start = nil
		case errors.Is(err, ErrNotChunked):
			d.raw, d.start = true, append(d.start, rest...)
			return 0
		default:
			d.start = append(d.start, rest[:n]...)
		}
		if err != nil || d.chunks.Done() {
			d.err = io.EOF
			break
		}
		rest = rest[n:]
	}
	return size
}
