package wire

import (
	"cmp"
	"time"

	"tearsheet/archive/warc"
	"tearsheet/archive/warc/coding"
)

// Limits bound an exchange; a zero field takes its value from [DefaultLimits]. An answer that meets a limit is cut there and recorded as
// truncated; it is not lost.
type Limits struct {
	HeadBytes int64 // bytes of one message head
	HeadLines int   // lines of one message head
	LineBytes int   // bytes of a chunk-size or trailer line
	Interim   int   // interim (1xx) answers before the final one
	Trailers  int   // trailer lines after the last chunk
	BodyBytes int64 // bytes of body on the wire, chunk framing included; a body of exactly this length is whole

	Decoded int64 // decoded bytes given to the reader
	Ratio   int64 // decoding ends when it has given more than Ratio bytes for each byte of the entity, and more than coding.RatioFloor

	Dial  time.Duration // DNS and connecting, a proxy's handshake included
	TLS   time.Duration // TLS handshake
	Head  time.Duration // from the request's last byte to the end of the final head, however slowly it drips
	Idle  time.Duration // gap between two reads of the body
	Total time.Duration // whole exchange

	MinRate    int64 // bytes of body per second, on average over RateWindow
	RateWindow time.Duration

	MemoryBytes int64 // memory of all spools together; beyond it they go to files
	SpoolBytes  int64 // memory of one spool
}

// DefaultLimits are generous to slow newspapers and stop what is meant to exhaust a crawler.
func DefaultLimits() Limits {
	return Limits{
		HeadBytes: 256 << 10,
		HeadLines: 512,
		LineBytes: 8 << 10,
		Interim:   8,
		Trailers:  64,
		BodyBytes: 1 << 30,

		Decoded: 32 << 20,
		Ratio:   200,

		Dial:  10 * time.Second,
		TLS:   10 * time.Second,
		Head:  30 * time.Second,
		Idle:  30 * time.Second,
		Total: 15 * time.Minute,

		MinRate:    1024,
		RateWindow: time.Minute,

		MemoryBytes: 64 << 20,
		SpoolBytes:  256 << 10,
	}
}

// withDefaults fills the zero fields.
func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	return Limits{
		HeadBytes:   cmp.Or(l.HeadBytes, d.HeadBytes),
		HeadLines:   cmp.Or(l.HeadLines, d.HeadLines),
		LineBytes:   cmp.Or(l.LineBytes, d.LineBytes),
		Interim:     cmp.Or(l.Interim, d.Interim),
		Trailers:    cmp.Or(l.Trailers, d.Trailers),
		BodyBytes:   cmp.Or(l.BodyBytes, d.BodyBytes),
		Decoded:     cmp.Or(l.Decoded, d.Decoded),
		Ratio:       cmp.Or(l.Ratio, d.Ratio),
		Dial:        cmp.Or(l.Dial, d.Dial),
		TLS:         cmp.Or(l.TLS, d.TLS),
		Head:        cmp.Or(l.Head, d.Head),
		Idle:        cmp.Or(l.Idle, d.Idle),
		Total:       cmp.Or(l.Total, d.Total),
		MinRate:     cmp.Or(l.MinRate, d.MinRate),
		RateWindow:  cmp.Or(l.RateWindow, d.RateWindow),
		MemoryBytes: cmp.Or(l.MemoryBytes, d.MemoryBytes),
		SpoolBytes:  cmp.Or(l.SpoolBytes, d.SpoolBytes),
	}
}

// bound is how much of an entity of that length the reader may have.
func (l *Limits) bound(length int64) coding.Bound {
	return coding.Bound{Decoded: l.Decoded, Ratio: l.Ratio, Coded: length}
}

// chunks is what bounds the framing of a chunked body.
func (l *Limits) chunks() warc.Chunks {
	return warc.Chunks{LineBytes: l.LineBytes, Trailers: l.Trailers}
}
