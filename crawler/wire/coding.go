package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxCodings is how many content codings of one body are removed; nobody honest nests more.
const maxCodings = 2

// zstdWindow is the largest window that a receiver on the web must support (RFC 9659).
const zstdWindow = 8 << 20

// codings lists what was applied to the entity, in that order: content codings, then transfer codings other than chunked.
func codings(h http.Header) []string {
	var out []string
	for _, field := range []string{"Content-Encoding", "Transfer-Encoding"} {
		for _, token := range tokens(h[field]) {
			if token != "identity" && token != "chunked" {
				out = append(out, token)
			}
		}
	}
	return out
}

// decoders makes decoders for content codings and keeps gzip's, which are many and large, for use again.
type decoders struct{ gzip sync.Pool }

// decoder is a chain of decoders over an entity.
type decoder struct {
	io.Reader
	magic   bool // every coding is told by its first bytes, so that what decodes at all has its right label
	release []func()
}

// errUnknownCoding is a content coding that we do not decode.
var errUnknownCoding = errors.New("not a coding that is decoded")

// open chains decoders for codings, the last applied first. What any of them gives is bounded by limit, and one byte more to tell that there
// was more. An error says which coding is unknown or not what the bytes are.
func (ds *decoders) open(r io.Reader, codings []string, limit int64) (*decoder, error) {
	if len(codings) > maxCodings {
		return nil, fmt.Errorf("%d codings: %w", len(codings), errUnknownCoding)
	}
	d := &decoder{Reader: r, magic: true}
	for i := len(codings) - 1; i >= 0; i-- {
		next, err := ds.layer(d, codings[i])
		if err != nil {
			d.close()
			return nil, fmt.Errorf("content coding %.40q: %w", codings[i], err)
		}
		d.Reader = io.LimitReader(next, limit+1)
	}
	return d, nil
}

func (d *decoder) close() {
	for _, release := range d.release {
		release()
	}
	d.release = nil
}

func (ds *decoders) layer(d *decoder, coding string) (io.Reader, error) {
	switch coding {
	case "gzip", "x-gzip":
		z, _ := ds.gzip.Get().(*gzip.Reader)
		if z == nil {
			z = new(gzip.Reader)
		}
		d.release = append(d.release, func() { ds.gzip.Put(z) })
		return z, z.Reset(d.Reader)
	case "deflate":
		return d.deflate()
	case "br":
		d.magic = false
		return brotli.NewReader(d.Reader), nil
	case "zstd":
		z, err := zstd.NewReader(d.Reader, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, err
		}
		d.release = append(d.release, z.Close)
		return z, nil
	}
	return nil, errUnknownCoding
}

// deflate takes the two things that are sent under this name: zlib as the standard says (RFC 9110 §8.4.1.2), and bare DEFLATE.
func (d *decoder) deflate() (io.Reader, error) {
	br := bufio.NewReader(d.Reader)
	if b, err := br.Peek(2); err == nil && b[0]&0x0f == 8 && b[0]>>4 <= 7 && (int(b[0])<<8|int(b[1]))%31 == 0 {
		return zlib.NewReader(br)
	}
	d.magic = false
	return flate.NewReader(br), nil
}
