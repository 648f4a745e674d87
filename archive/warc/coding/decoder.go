package coding

import (
	"bufio"
	"bytes"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// zstdWindow is the largest window that a receiver on the web must support, in bytes (RFC 9659).
const zstdWindow = 8 << 20

// gzips and brotlis keep decoders, which cost more to make than a small page takes to decode.
var (
	gzips   = sync.Pool{New: func() any { return new(gzip.Reader) }}
	brotlis = sync.Pool{New: func() any { return new(brotli.Reader) }}
)

// push puts a decoder in front of d.r, unless the first bytes show that there is nothing to decode: an empty body, as the answer to a HEAD
// has, or another one than its label says.
func (d *Reader) push(coding string) error {
	b, ok := d.r.(*bufio.Reader)
	if !ok {
		b = bufio.NewReader(d.r)
	}
	d.r = b
	start, _ := b.Peek(4) // errors come again when the bytes are read
	if len(start) == 0 {
		return nil
	}
	switch coding {
	case "gzip", "x-gzip":
		if !isGzip(start) {
			d.mislabeled = append(d.mislabeled, coding)
			return nil
		}
		z := &gunzip{src: b, z: gzips.Get().(*gzip.Reader), damaged: &d.status.Damaged}
		d.release = append(d.release, func() { gzips.Put(z.z) })
		d.r = z
	case "deflate":
		return d.inflate(b, start)
	case "br":
		d.trust = bare
		z := brotlis.Get().(*brotli.Reader)
		d.release = append(d.release, func() { brotlis.Put(z) })
		d.r = z
		return z.Reset(b)
	case "zstd":
		if !isZstd(start) {
			d.mislabeled = append(d.mislabeled, coding)
			return nil
		}
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return err
		}
		d.release = append(d.release, z.Close)
		d.r = z
	}
	return nil
}

// inflate takes the two things that are sent as deflate: zlib as the standard says (RFC 9110 §8.4.1.2), and bare DEFLATE.
func (d *Reader) inflate(b *bufio.Reader, start []byte) error {
	if len(start) >= 2 && start[0]&0x0f == 8 && start[0]>>4 <= 7 && (int(start[0])<<8|int(start[1]))%31 == 0 {
		d.trust = min(d.trust, framed)
		z, err := zlib.NewReader(b)
		d.r = z
		return err
	}
	d.trust = bare
	d.r = flate.NewReader(b)
	return nil
}

func isGzip(b []byte) bool { return bytes.HasPrefix(b, []byte{0x1f, 0x8b}) }

// isZstd knows the magic numbers of RFC 8878: a frame, or one of the skippable frames that may stand before it.
func isZstd(b []byte) bool {
	return len(b) == 4 && (bytes.Equal(b, []byte{0x28, 0xb5, 0x2f, 0xfd}) || b[0]&0xf0 == 0x50 && bytes.Equal(b[1:], []byte{0x2a, 0x4d, 0x18}))
}

// gunzip reads members as long as members follow. Like browsers it does not mind what stands behind the last, and tells it.
type gunzip struct {
	src     *bufio.Reader
	z       *gzip.Reader
	damaged *error
	begun   bool
	err     error
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
	if !isGzip(magic) {
		if len(magic) > 0 {
			*g.damaged = ErrSurplus
		}
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
