package wire

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"tearsheet/archive/warc"
	"tearsheet/archive/warc/coding"
)

// framing is how the end of a body is found (RFC 9112 §6.3).
type framing struct {
	kind   framingKind
	left   int64 // framedByLength: bytes still to come
	chunks warc.Chunks
	odd    bool     // the head contradicts itself: do not trust the connection after this message
	notes  []string // what was odd
}

type framingKind uint8

const (
	framedEmpty framingKind = iota
	framedByLength
	framedByChunks
	framedByClose
)

// newFraming decides the framing of the answer with that head to a request with that method.
func newFraming(method string, h *warc.Head, l *Limits) framing {
	if method == http.MethodHead || h.Status/100 == 1 || h.Status == http.StatusNoContent || h.Status == http.StatusNotModified {
		return framing{kind: framedEmpty}
	}
	var f framing
	codings := coding.Tokens(h.Header["Transfer-Encoding"])
	switch {
	case len(codings) == 0 || len(codings) == 1 && codings[0] == "identity":
		f.byLength(h)
		return f
	case h.Chunked():
		f.kind, f.chunks = framedByChunks, l.chunks()
	default:
		f.kind = framedByClose
		f.notef("Transfer-Encoding %q does not end in chunked: the body is all that came until the connection closed", strings.Join(codings, ", "))
	}
	if len(codings) > 1 {
		f.notef("Transfer-Encoding is %q: only the chunks are removed from the payload", strings.Join(codings, ", "))
	}
	if len(h.Header["Content-Length"]) > 0 {
		f.odd = true
		f.notef("both Transfer-Encoding and Content-Length: the first holds")
	}
	if h.Minor != 1 {
		f.odd = true // RFC 9112 §6.1: framing of a 1.0 sender that claims a transfer coding is not to be trusted
	}
	return f
}

// byLength frames by Content-Length, or by the end of the connection when there is none that can be read.
func (f *framing) byLength(h *warc.Head) {
	f.kind = framedByClose
	var first string
	for _, value := range coding.Tokens(h.Header["Content-Length"]) {
		n, err := strconv.ParseUint(value, 10, 63)
		switch {
		case err != nil: // a sign is one, too
			f.odd = true
			f.notef("Content-Length %.40q is not a length", value)
		case f.kind == framedByClose:
			f.kind, f.left, first = framedByLength, int64(n), value
		case int64(n) != f.left:
			f.odd = true
			f.notef("Content-Length %s and %s: the first holds", first, value)
		}
	}
}

// unchunk changes to another framing after eaten bytes of the body showed that it is not chunked at all.
func (f *framing) unchunk(h *warc.Head, eaten int64, why error) {
	f.notef("Transfer-Encoding says chunked, but the body is %v: it is kept as it came", why)
	f.odd = true
	f.byLength(h)
	if f.left -= eaten; f.kind == framedByLength && f.left < 0 {
		f.kind = framedByClose
	}
}

// done reports whether the message ended.
func (f *framing) done() bool {
	switch f.kind {
	case framedByLength:
		return f.left == 0
	case framedByChunks:
		return f.chunks.Done()
	case framedByClose:
		return false
	}
	return true
}

// next eats p from its start, at most to the end of the message; see warc.Chunks.Next.
func (f *framing) next(p []byte) (entity []byte, n int, err error) {
	switch f.kind {
	case framedByLength:
		n = int(min(f.left, int64(len(p))))
		f.left -= int64(n)
		return p[:n], n, nil
	case framedByChunks:
		return f.chunks.Next(p)
	case framedByClose:
		return p, len(p), nil
	}
	return nil, 0, nil
}

func (f *framing) notef(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}
