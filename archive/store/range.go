package store

import (
	"context"
	"fmt"
	"io"
)

// rangeReader reads exactly left bytes: an end before that is an error, because a reader of a record must never take half for whole.
type rangeReader struct {
	ctx  context.Context
	key  string
	rc   io.ReadCloser
	left int64
}

func (r *rangeReader) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, io.EOF
	}
	if err := r.ctx.Err(); err != nil {
		return 0, fmt.Errorf("read %s: %w", r.key, err)
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.rc.Read(p)
	r.left -= int64(n)
	switch {
	case err == io.EOF && r.left > 0:
		err = fmt.Errorf("read %s: %d bytes of the range are missing: %w", r.key, r.left, io.ErrUnexpectedEOF)
	case err != nil && err != io.EOF:
		err = fmt.Errorf("read %s: %w", r.key, err)
	}
	return n, err
}

func (r *rangeReader) Close() error { return r.rc.Close() }
