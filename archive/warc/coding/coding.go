// Package coding removes HTTP content codings (RFC 9110 §8.4): gzip, deflate, br and zstd.
//
// It serves whoever reads a document that was sent encoded: the crawler's transport, and records that are read back. What servers really send
// decides: a label without the coding behind it gives the bytes as they are, gzip may have several members and garbage behind them, deflate
// comes with and without its zlib frame. How much may come out is the caller's to bound, as a small body can hide a huge document.
//
// The package knows nothing of HTTP messages or WARC records; it imports nothing of ours, and anything may import it.
package coding

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const (
	maxCodings = 4       // one over the other
	zstdWindow = 8 << 20 // bytes: what RFC 9659 lets a server use
)

var (
	// ErrLimit is the error of reading more decoded bytes than were allowed.
	ErrLimit = errors.New("decoded document is larger than allowed")
	// ErrUnknown is wrapped by the error of a coding that is not known, and of too many codings.
	ErrUnknown = errors.New("content coding is not known")
)

// Reader gives decoded bytes.
type Reader struct {
	r          io.Reader
	left       int64 // bytes that may still come
	bounded    bool
	mislabeled string
	closers    []func()
}

// Decode removes the codings that the values of a Content-Encoding field name from what r gives. With limit > 0, reading more than limit
// decoded bytes fails with ErrLimit; otherwise there is no bound. When a name is not known the error wraps ErrUnknown and nothing of r is used
// up. r is never closed; Close gives the decoders back and must be called.
//
// Errors of corrupt data come from Read, after all that could be decoded.
func Decode(contentEncoding []string, r io.Reader, limit int64) (*Reader, error) {
	codings, err := split(contentEncoding)
	if err != nil {
		return nil, err
	}
	d := &Reader{r: r, left: limit, bounded: limit > 0}
	for i := len(codings) - 1; i >= 0; i-- {
		if err := d.push(codings[i]); err != nil {
			d.Close()
			return nil, fmt.Errorf("decode %s: %w", codings[i], err)
		}
	}
	return d, nil
}

// split reads the list of codings in the order in which they were applied, without those that do nothing.
func split(values []string) ([]string, error) {
	var codings []string
	for _, value := range values {
		for name := range strings.SplitSeq(value, ",") {
			switch name = strings.ToLower(strings.TrimSpace(name)); name {
			case "", "identity":
			case "gzip", "x-gzip":
				codings = append(codings, "gzip")
			case "deflate", "br", "zstd":
				codings = append(codings, name)
			default:
				return nil, fmt.Errorf("%w: %q", ErrUnknown, name)
			}
		}
	}
	if len(codings) > maxCodings {
		return nil, fmt.Errorf("%w: %d codings one over the other", ErrUnknown, len(codings))
	}
	return codings, nil
}

// Mislabeled returns the coding that the field named although the bytes are not encoded so, "" in the ordinary case.
func (d *Reader) Mislabeled() string { return d.mislabeled }

// Read implements io.Reader.
func (d *Reader) Read(p []byte) (int, error) {
	if !d.bounded {
		return d.r.Read(p)
	}
	if d.left == 0 {
		// Only one byte more tells a document of just this size from a larger one.
		var one [1]byte
		n, err := io.ReadFull(d.r, one[:])
		if n > 0 {
			return 0, ErrLimit
		}
		return 0, err
	}
	if int64(len(p)) > d.left {
		p = p[:d.left]
	}
	n, err := d.r.Read(p)
	d.left -= int64(n)
	return n, err
}

// Close gives the decoders back. It never fails; reading on does.
func (d *Reader) Close() error {
	for _, c := range d.closers {
		c()
	}
	d.closers = nil
	d.r, d.bounded = closed{}, false
	return nil
}

type closed struct{}

func (closed) Read([]byte) (int, error) { return 0, errors.New("read of a closed decoder") }

// push puts a decoder in front of d.r, unless the first bytes show that there is nothing to decode.
func (d *Reader) push(coding string) error {
	b, ok := d.r.(*bufio.Reader)
	if !ok {
		b = bufio.NewReader(d.r)
	}
	d.r = b
	start, err := b.Peek(4)
	if err != nil && err != io.EOF {
		return err
	}
	if len(start) == 0 {
		return nil // the answer to a HEAD, a 304: labelled, and empty
	}
	switch coding {
	case "gzip":
		if !bytes.HasPrefix(start, []byte{0x1f, 0x8b}) {
			d.mislabeled = coding
			return nil
		}
		z := &gunzip{src: b, z: gzips.Get().(*gzip.Reader)}
		d.closers = append(d.closers, func() { gzips.Put(z.z) })
		d.r = z
	case "deflate":
		if len(start) >= 2 && start[0]&0x0f == 8 && (int(start[0])<<8|int(start[1]))%31 == 0 {
			z, err := zlib.NewReader(b)
			if err != nil {
				return err
			}
			d.r = z
		} else {
			d.r = flate.NewReader(b)
		}
	case "br":
		d.r = brotli.NewReader(b)
	case "zstd":
		if !isZstd(start) {
			d.mislabeled = coding
			return nil
		}
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return err
		}
		d.closers = append(d.closers, z.Close)
		d.r = z
	}
	return nil
}

// isZstd knows the magic numbers of RFC 8878: a frame, or one of the skippable frames that may stand before it.
func isZstd(b []byte) bool {
	return len(b) == 4 && (bytes.Equal(b, []byte{0x28, 0xb5, 0x2f, 0xfd}) || b[0]&0xf0 == 0x50 && bytes.Equal(b[1:], []byte{0x2a, 0x4d, 0x18}))
}

// gzips keeps inflaters, which cost more to make than a small page takes to inflate.
var gzips = sync.Pool{New: func() any { return new(gzip.Reader) }}

// gunzip reads members as long as members follow. Like browsers it does not mind what stands behind the last.
type gunzip struct {
	src   *bufio.Reader
	z     *gzip.Reader
	begun bool
	err   error
}

func (g *gunzip) Read(p []byte) (int, error) {
	for g.err == nil {
		if !g.begun {
			if g.err = g.next(); g.err != nil {
				break
			}
		}
		n, err := g.z.Read(p)
		if err == io.EOF {
			g.begun, err = false, nil
		}
		g.err = err
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, g.err
}

// next begins a member; EOF when none follows.
func (g *gunzip) next() error {
	magic, err := g.src.Peek(2)
	if err != nil && err != io.EOF {
		return err
	}
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return io.EOF
	}
	if err := g.z.Reset(g.src); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	g.z.Multistream(false)
	g.begun = true
	return nil
}
