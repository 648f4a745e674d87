// Package coding removes HTTP content codings (RFC 9110 §8.4): gzip, deflate, br and zstd.
//
// It serves whoever reads a document that was sent encoded: the crawler's transport, and records that are read back. What servers really send
// decides: a label without the coding behind it gives the bytes as they are, gzip may have several members and garbage behind them, deflate
// comes with and without its zlib frame. How much may come out is the caller's to bound, as a small body can hide a huge document.
//
// Whether a label is true is seen before the first byte is given: gzip and zstd have magic numbers, and whatever is left is decoded a little
// way. What the decoder used up of the body is kept so long, so that a body with a false label can be given from its start, from a socket or
// a file that is read once.
//
// The package knows nothing of HTTP messages or WARC records; it imports nothing of ours, and anything may import it.
package coding

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// maxCodings is how many codings of one body, one over the other, are removed; nobody honest nests more.
const maxCodings = 2

var (
	// ErrLimit is the error of reading more decoded bytes than were allowed.
	ErrLimit = errors.New("decoded document is larger than allowed")
	// ErrUnknown is wrapped by the error of a coding that is not known, and of too many codings.
	ErrUnknown = errors.New("content coding is not known")
	// ErrSurplus is what Status.Damaged says of bytes behind the last gzip member. Reading does not fail by it: the document is whole.
	ErrSurplus = errors.New("something that is not gzip follows the last member")

	errClosed = errors.New("read of a closed decoder")
)

// Bound is how much may be read of a document, in bytes.
type Bound struct {
	Decoded int64 // bytes of the document; 0 for no bound
	// Ratio, when it is not 0, ends a coded document also when it has given more than Ratio bytes for each of the Coded bytes of its body,
	// and more than RatioFloor.
	Ratio, Coded int64
}

// RatioFloor is what any coded body may decode to, whatever its ratio: a page of repeated markup compresses very well and is no bomb.
const RatioFloor = 8 << 20

// limit returns the most that may be given of a document, coded or not; 0 for no bound.
func (b Bound) limit(coded bool) int64 {
	if !coded || b.Ratio == 0 {
		return b.Decoded
	}
	most := int64(math.MaxInt64)
	if b.Coded < most/b.Ratio {
		most = max(RatioFloor, b.Ratio*b.Coded)
	}
	if b.Decoded == 0 {
		return most
	}
	return min(b.Decoded, most)
}

// Status tells how far the codings of a body could be removed.
type Status struct {
	Codings []string // codings as named, in the order in which they were applied; empty for an identity body
	Raw     bool     // none of them is removed, as the bytes are not encoded so: the body is read as it came
	Unknown error    // why no attempt was made: wraps ErrUnknown; the body is Raw then
	Damaged error    // what the decoder stumbled over after the bytes that were given; known when they have been read
	Limited bool     // there is more than may be read; known when the rest has been read
}

// Tokens splits the values of a list field, such as Content-Encoding (RFC 9110 §5.6.1), in lower case, without parameters and empty members.
func Tokens(values []string) []string {
	var out []string
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			part, _, _ = strings.Cut(part, ";")
			if part = strings.ToLower(strings.Trim(part, " \t")); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// named gives the codings that are to be removed, without those that do nothing.
func named(values []string) ([]string, error) {
	codings := Tokens(values)
	kept := codings[:0]
	for _, name := range codings {
		switch name {
		case "identity", "none", "utf-8", "utf8": // the last three are mistakes for "nothing" that servers make
		case "gzip", "x-gzip", "deflate", "br", "zstd":
			kept = append(kept, name)
		default:
			return nil, fmt.Errorf("%w: %.40q", ErrUnknown, name)
		}
	}
	if len(kept) > maxCodings {
		return nil, fmt.Errorf("%w: %d codings one over the other", ErrUnknown, len(kept))
	}
	return kept, nil
}

// Reader gives decoded bytes.
type Reader struct {
	r       io.Reader // what is left of the document behind ready
	tap     *tap      // under the decoders; nil when there is nothing to remove
	release []func()
	trust   trust // in the least sure of the labels

	ready   []byte // the first decoded bytes, which showed whether the labels are true
	err     error  // what follows ready or, without it, what ended the document
	left    int64  // bytes that may still come
	bounded bool

	mislabeled []string
	status     Status
}

// Decode removes the codings that the values of a Content-Encoding field name from what r gives. When a name is not known the error wraps
// ErrUnknown and nothing of r is used up. r is never closed; Close gives the decoders back and must be called.
//
// Reading more than the bound fails with ErrLimit. Errors of r and of corrupt data come from Read, after all that could be decoded.
func Decode(contentEncoding []string, r io.Reader, bound Bound) (*Reader, error) {
	codings, err := named(contentEncoding)
	if err != nil {
		return nil, err
	}
	d := &Reader{r: r, trust: magic}
	d.status.Codings = codings
	if len(codings) > 0 {
		d.open(codings, bound.limit(true))
	}
	d.left = bound.limit(len(codings) > 0 && !d.status.Raw)
	d.bounded = d.left > 0
	return d, nil
}

// AsItCame gives what comes from r without decoding, for a body with codings that Decode does not know.
func AsItCame(contentEncoding []string, r io.Reader, bound Bound) *Reader {
	left := bound.limit(false)
	_, err := named(contentEncoding)
	return &Reader{r: r, left: left, bounded: left > 0, status: Status{Codings: Tokens(contentEncoding), Raw: true, Unknown: err}}
}

// Mislabeled returns the codings that the field named although the bytes are not encoded so, "" in the ordinary case.
func (d *Reader) Mislabeled() string { return strings.Join(d.mislabeled, ", ") }

// Status tells how the decoding went so far; it is final when Read has returned an error.
func (d *Reader) Status() Status { return d.status }

// Read implements io.Reader.
func (d *Reader) Read(p []byte) (int, error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case d.bounded && d.left == 0:
		return 0, d.atLimit()
	case d.bounded:
		p = p[:min(int64(len(p)), d.left)]
	}
	n, err := d.next(p)
	d.left -= int64(n)
	return n, err
}

// atLimit looks whether anything follows the last byte that may be given: only one byte more tells a document of just this size from a
// larger one.
func (d *Reader) atLimit() error {
	var one [1]byte
	for {
		n, err := d.next(one[:])
		switch {
		case n > 0:
			d.ready, d.err = nil, ErrLimit
			d.status.Limited = true
			return ErrLimit
		case err != nil:
			return err
		}
	}
}

// next gives the bytes that are ready, then the others.
func (d *Reader) next(p []byte) (int, error) {
	if len(d.ready) > 0 {
		n := copy(p, d.ready)
		d.ready = d.ready[n:]
		return n, nil
	}
	if d.err != nil {
		return 0, d.judge(d.err)
	}
	n, err := d.r.Read(p)
	if err != nil {
		err = d.judge(err)
	}
	d.err = err
	return n, err
}

// judge turns the end of the decoders into that of the document.
func (d *Reader) judge(err error) error {
	switch {
	case err == io.EOF, err == errClosed:
	case d.tap == nil:
	case d.tap.err != nil && d.tap.err != io.EOF:
		return d.tap.err
	case errors.Is(err, ErrLimit): // of a coding under the outermost
		d.status.Limited = true
		return ErrLimit
	default:
		d.status.Damaged = err
	}
	return err
}

// Close gives the decoders back. It never fails; reading on does. Status can still be asked.
func (d *Reader) Close() error {
	d.giveBack()
	if d.tap != nil {
		d.tap.free()
		d.tap = nil
	}
	d.r, d.ready, d.err, d.bounded = nil, nil, errClosed, false
	return nil
}

func (d *Reader) giveBack() {
	for _, f := range d.release {
		f()
	}
	d.release = nil
}
