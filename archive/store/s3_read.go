package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// s3Reader reads a range of an object, and opens it again where a connection broke.
type s3Reader struct {
	s    *S3
	ctx  context.Context
	key  string
	at   int64  // of the next byte
	end  int64  // of the range; -1 until it is known
	size int64  // of the object
	etag string // of the version that is being read
	body io.ReadCloser
	bad  int // how often in turn the connection broke without giving a byte
}

// maxBreaks is how often a connection may break without a byte before the object counts as unreadable.
const maxBreaks = 8

// open asks for what is left of the range. When the object ends before the range does, end is the object's, and missing tells.
func (r *s3Reader) open() error {
	if r.end >= 0 && r.at == r.end { // no bytes: S3 has no such range
		info, err := r.s.head(r.ctx, r.key)
		if err != nil {
			return err
		}
		return r.settle(info.Size)
	}
	in := &s3.GetObjectInput{Bucket: &r.s.o.Bucket, Key: r.s.full(r.key)}
	if r.at > 0 || r.end >= 0 {
		last := ""
		if r.end >= 0 {
			last = strconv.FormatInt(r.end-1, 10)
		}
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%s", r.at, last))
	}
	if r.etag != "" {
		in.IfMatch = &r.etag
	}
	var beyond int64 = -1
	out, err := try(r.ctx, r.s, r.key, func(ctx context.Context) (*s3.GetObjectOutput, error) {
		out, err := r.s.client.GetObject(ctx, in)
		if a := answerOf(err); err != nil && a.status == http.StatusRequestedRangeNotSatisfiable {
			beyond = total(a.header.Get("Content-Range"))
			return nil, nil
		}
		return out, err
	})
	switch {
	case errors.Is(err, errPrecondition):
		return fmt.Errorf("%w: %s changed while it was read", ErrMismatch, r.s.place(r.key))
	case err != nil:
		return err
	case out == nil: // the range begins at the end of the object, or beyond
		if beyond < 0 {
			info, err := r.s.head(r.ctx, r.key)
			if err != nil {
				return err
			}
			beyond = info.Size
		}
		return r.settle(beyond)
	}
	r.body, r.etag = out.Body, aws.ToString(out.ETag)
	size := total(aws.ToString(out.ContentRange))
	if size < 0 { // no range was asked for, or the store gave all
		size = aws.ToInt64(out.ContentLength)
		if in.Range != nil && r.at > 0 {
			return errors.Join(fmt.Errorf("%s gives %s whole when a range is asked for", r.s.host(), r.s.place(r.key)), r.Close())
		}
	}
	return r.settle(size)
}

// settle takes note of the object's size.
func (r *s3Reader) settle(size int64) error {
	r.size = size
	if r.at > size {
		return fmt.Errorf("range begins at %d of %d bytes: %w", r.at, size, io.ErrUnexpectedEOF)
	}
	if r.end < 0 {
		r.end = size
	}
	return nil
}

// total takes the object's size out of a Content-Range header ("bytes 0-9/100", "bytes */100"); -1 when it says none.
func total(contentRange string) int64 {
	_, size, ok := strings.Cut(contentRange, "/")
	n, err := strconv.ParseInt(size, 10, 64)
	if !ok || err != nil {
		return -1
	}
	return n
}

func (r *s3Reader) Read(p []byte) (int, error) {
	for {
		left := min(r.end, r.size) - r.at
		if left <= 0 {
			return 0, io.EOF
		}
		if err := r.ctx.Err(); err != nil {
			return 0, err
		}
		if r.body == nil {
			if err := r.open(); err != nil {
				return 0, err
			}
			continue
		}
		n, err := r.body.Read(p[:min(int64(len(p)), left)])
		r.at += int64(n)
		if n > 0 {
			r.bad = 0
			return n, nil
		}
		if err == nil {
			continue
		}
		// The connection broke, or ended too early.
		_ = r.body.Close()
		r.body = nil
		if r.ctx.Err() != nil {
			return 0, r.ctx.Err()
		}
		if r.bad++; r.bad > maxBreaks {
			return 0, fmt.Errorf("%w: %s: the connection broke %d times at byte %d: %w", ErrUnavailable, r.s.host(), r.bad, r.at, root(err))
		}
		r.s.log.Info("a connection broke, and the object is opened again where it broke", "object", r.s.place(r.key), "byte", r.at, "error", root(err))
	}
}

// Close implements io.Closer.
func (r *s3Reader) Close() error {
	if r.body == nil {
		return nil
	}
	return r.body.Close()
}
