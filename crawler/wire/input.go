package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tearsheet/archive/warc"
)

// input reads the answers to one request from a connection, under all clocks of Limits and the context. The context's end must also set a
// deadline in the past on the connection, to wake a read that waits.
type input struct {
	ctx    context.Context
	c      *conn
	limits *Limits
	buf    []byte
	r, w   int // buf[r:w] has come and is not taken

	total   time.Time // when the exchange must be over
	head    time.Time // when the final head must be there
	inBody  bool
	window  time.Time // when the measuring of the rate began
	rated   int64     // bytes since then
	arrived time.Time // of the first byte
}

// buffered is what has come and is not taken.
func (in *input) buffered() []byte { return in.buf[in.r:in.w] }

func (in *input) take(n int) { in.r += n }

// startBody changes the clocks from the head's to the body's.
func (in *input) startBody(now time.Time) {
	in.inBody, in.window, in.rated = true, now, int64(len(in.buffered()))
}

// fill waits for more bytes. Everything buffered must have been taken. Its error is io.EOF or a *failure.
func (in *input) fill() error {
	in.r, in.w = 0, 0
	for in.w == 0 {
		now := time.Now()
		if in.slow(now) {
			return tooSlow("the body came slower than %d bytes/s over %v", in.limits.MinRate, in.limits.RateWindow)
		}
		deadline, clock := in.deadline(now)
		err := in.c.SetReadDeadline(deadline)
		if err != nil {
			return in.explain(err, clock)
		}
		// The context may have ended, and its deadline been overwritten, just before that.
		if in.ctx.Err() != nil {
			return ended(in.ctx)
		}
		in.w, err = in.c.Read(in.buf)
		if in.w == 0 && err != nil {
			return in.explain(err, clock)
		}
	}
	if in.arrived.IsZero() {
		in.arrived = time.Now()
	}
	in.rated += int64(in.w)
	return nil
}

// slow measures the rate of the body, one window after the other.
func (in *input) slow(now time.Time) bool {
	l := in.limits
	age := now.Sub(in.window)
	if !in.inBody || age < l.RateWindow {
		return false
	}
	if float64(in.rated) < float64(l.MinRate)*age.Seconds() {
		return true
	}
	in.window, in.rated = now, 0
	return false
}

// clock is one that ends a read.
type clock uint8

const (
	clockHead clock = iota
	clockIdle
	clockTotal
)

// deadline gives the end of the next read and the clock that sets it.
func (in *input) deadline(now time.Time) (time.Time, clock) {
	deadline, which := in.head, clockHead
	if in.inBody {
		deadline, which = now.Add(in.limits.Idle), clockIdle
	}
	if in.total.Before(deadline) {
		return in.total, clockTotal
	}
	return deadline, which
}

func (in *input) explain(err error, which clock) error {
	switch {
	case in.ctx.Err() != nil:
		return ended(in.ctx)
	case errors.Is(err, io.EOF):
		return io.EOF
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return &failure{ClassBroken, warc.TruncatedDisconnect, err}
	case which == clockHead:
		return tooSlow("the head did not come within %v", in.limits.Head)
	case which == clockIdle:
		return tooSlow("nothing came for %v", in.limits.Idle)
	}
	return tooSlow("the exchange took longer than %v", in.limits.Total)
}

// tooSlow is an answer for which a clock ran out.
func tooSlow(format string, args ...any) *failure {
	return &failure{ClassTimeout, warc.TruncatedTime, fmt.Errorf(format, args...)}
}
