package wire

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"
	"time"

	"tearsheet/archive/warc"
)

// attempt is one request over one connection and what came back. The methods below run in their order in the file.
type attempt struct {
	t   *Transport
	ctx context.Context
	q   *request
	x   *warc.Exchange

	c      *conn
	reused bool // c had served before
	in     input
	work   *work
	spool  *spool     // of the final answer; nil when none of its bytes came
	head   *warc.Head // of the final answer; nil when it could not be read

	answered bool     // the final head could be read and is an answer to the request
	failure  *failure // nil when the answer is whole
}

// work is the memory of an attempt that the next one can use again.
type work struct {
	buf           [32 << 10]byte
	head          []byte
	block         hash.Hash
	sha256, sha1  hash.Hash // of the entity
	sum           [sha256.Size]byte
	payloadLength int64
}

func newWork() any {
	return &work{block: sha256.New(), sha256: sha256.New(), sha1: sha1.New(), head: make([]byte, 0, 4<<10)}
}

// makeAttempt sends q once. Whatever happens is in the attempt that it returns; the connection is back in the pool, or closed.
func (t *Transport) makeAttempt(ctx context.Context, q *request, fresh bool) *attempt {
	a := &attempt{t: t, ctx: ctx, q: q}
	a.x = &warc.Exchange{URL: q.url, Method: q.method, Started: time.Now().UTC(), Request: bytes.NewReader(nil)}
	defer func() { a.x.Timing.Total = time.Since(a.x.Started) }()
	var err error
	a.c, a.reused, err = t.connection(ctx, q, fresh)
	if err != nil {
		if !errors.As(err, &a.failure) {
			a.failure = &failure{ClassConnect, "", err}
		}
		if a.c != nil {
			a.x.TLS = a.c.certified
		}
		return a
	}
	a.c.describe(a.x, t.insecure)

	past := time.Unix(1, 0)
	stop := context.AfterFunc(ctx, func() { _ = a.c.SetDeadline(past) })
	a.work = t.works.Get().(*work)
	keep := a.exchange()
	t.works.Put(a.work)
	a.work, a.in.buf = nil, nil
	if stop() && keep {
		t.pool.put(a.c)
	} else {
		discard(a.c)
	}
	return a
}

// exchange sends the request and receives the answer. It reports whether the connection can serve again.
func (a *attempt) exchange() (keep bool) {
	a.in = input{ctx: a.ctx, c: a.c, limits: &a.t.limits, buf: a.work.buf[:], total: a.x.Started.Add(a.t.limits.Total)}
	for _, h := range []hash.Hash{a.work.block, a.work.sha256, a.work.sha1} {
		h.Reset()
	}
	a.work.payloadLength = 0
	if a.failure = a.send(); a.failure != nil {
		return false
	}
	sent := time.Now()
	a.in.head = sent.Add(a.t.limits.Head)
	if a.failure = a.receiveHead(); a.failure == nil {
		a.answered = true
		keep, a.failure = a.receiveBody()
	}
	if !a.in.arrived.IsZero() {
		a.x.Timing.FirstByte = a.in.arrived.Sub(sent)
	}
	if a.failure != nil && a.failure.class == ClassArchive {
		a.answered = false
		a.dropSpool()
	}
	a.sum()
	return keep && a.failure == nil
}

// send writes the request.
func (a *attempt) send() *failure {
	wire, grown := a.q.bytes, 0
	if a.c.forwarded {
		wire = a.q.forProxy(a.t.dialer.proxy.User)
		grown = len(wire) - len(a.q.bytes)
	}
	deadline := time.Now().Add(a.t.limits.Idle)
	if a.in.total.Before(deadline) {
		deadline = a.in.total
	}
	err := a.c.SetWriteDeadline(deadline)
	n := 0
	if err == nil && a.ctx.Err() == nil {
		n, err = a.c.Write(wire)
	}
	a.x.Request = bytes.NewReader(a.q.bytes[:max(0, n-grown)])
	switch {
	case a.ctx.Err() != nil:
		return ended(a.ctx)
	case err == nil:
		return nil
	case isTimeout(err):
		return tooSlow("the request could not be sent within %v", a.t.limits.Idle)
	}
	return broken("", "send the request: %w", err)
}

// stale reports whether the origin had closed a kept-alive connection before it saw the request, so that it may be sent once more.
func (a *attempt) stale() bool {
	return a.reused && a.failure != nil && a.failure.class == ClassBroken && a.in.arrived.IsZero()
}

// receiveHead receives the final head and, before it, interim answers, which are not kept (RFC 9110 §15.2).
func (a *attempt) receiveHead() *failure {
	for interim := 0; ; {
		raw, f := a.headBytes()
		if f != nil {
			if len(raw) == 0 {
				return f
			}
			return a.keepHead(raw, f)
		}
		h, err := warc.ParseHead(raw)
		switch {
		case err != nil:
			return a.keepHead(raw, broken(warc.TruncatedUnspecified, "%w", err))
		case h.Status/100 == 1 && h.Status != http.StatusSwitchingProtocols:
			a.notef("interim answer %d of %d bytes", h.Status, len(raw))
			if interim++; interim > a.t.limits.Interim {
				return tooLarge("more than %d interim answers", a.t.limits.Interim)
			}
			continue
		}
		if a.c.forwarded && h.Status == http.StatusProxyAuthRequired { // it is the proxy's own, not the origin's (RFC 9110 §15.5.8)
			return &failure{ClassConnect, "", fmt.Errorf("through the proxy: it answered %d, as it wants other credentials", h.Status)}
		}
		a.head = h
		a.x.Status, a.x.Header = h.Status, h.Header
		a.x.Notes = append(a.x.Notes, h.Notes...)
		if h.Minor == 0 {
			a.x.Protocols = append([]string{"http/1.0"}, a.x.Protocols[1:]...)
		}
		if h.Status == http.StatusSwitchingProtocols {
			return a.keepHead(raw, broken(warc.TruncatedUnspecified, "the origin changes to a protocol that was not asked for"))
		}
		return a.keepHead(raw, nil)
	}
}

// headBytes takes the bytes of one head, its empty line included, or those that came of it before it failed. They are valid until it is
// called again.
func (a *attempt) headBytes() ([]byte, *failure) {
	l := &a.t.limits
	raw := a.work.head[:0]
	defer func() {
		if cap(raw) <= 64<<10 { // what is larger is rare and left to the garbage collector
			a.work.head = raw
		}
	}()
	for line, lines := 0, 0; ; {
		if len(a.in.buffered()) == 0 {
			if err := a.in.fill(); err != nil {
				return raw, headFailure(err, len(raw))
			}
		}
		piece := a.in.buffered()
		end := bytes.IndexByte(piece, '\n')
		if end >= 0 {
			piece = piece[:end+1]
		}
		room := l.HeadBytes - int64(len(raw))
		over := int64(len(piece)) > room
		piece = piece[:min(int64(len(piece)), room)]
		raw = append(raw, piece...)
		a.in.take(len(piece))
		const start = "HTTP/"
		n := min(len(raw), len(start))
		switch {
		case !strings.EqualFold(string(raw[:n]), start[:n]):
			raw = append(raw, a.in.buffered()...)
			a.in.take(len(a.in.buffered()))
			return raw, broken(warc.TruncatedUnspecified, "the answer does not begin with an HTTP/1 status line but with %.60q", raw)
		case over:
			return raw, tooLarge("the head is longer than %d bytes", l.HeadBytes)
		case end < 0:
			continue
		}
		if lines++; lines > l.HeadLines {
			return raw, tooLarge("the head has more than %d lines", l.HeadLines)
		}
		if content := raw[line:]; len(content) == 1 || len(content) == 2 && content[0] == '\r' {
			return raw, nil
		}
		line = len(raw)
	}
}

func headFailure(err error, got int) *failure {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f
	case got == 0:
		return broken("", "the connection ended before the answer: %w", err)
	}
	return broken(warc.TruncatedDisconnect, "the answer ended inside its head: %w", io.ErrUnexpectedEOF)
}

// keepHead spools the head, whole or not, and passes f on.
func (a *attempt) keepHead(raw []byte, f *failure) *failure {
	a.spool = a.t.spools.open()
	a.x.HeadLength = int64(len(raw))
	if failed := a.keep(raw); failed != nil {
		return failed
	}
	return f
}

// keep adds bytes of the answer to the record.
func (a *attempt) keep(b []byte) *failure {
	a.work.block.Write(b)
	if _, err := a.spool.Write(b); err != nil {
		return &failure{ClassArchive, "", err}
	}
	return nil
}

// receiveBody receives the body and reports whether the connection can be used again.
func (a *attempt) receiveBody() (keep bool, _ *failure) {
	f := newFraming(a.q.method, a.head, &a.t.limits)
	a.x.Chunked = f.kind == framedByChunks
	a.in.startBody(time.Now())
	failed := a.copyBody(&f)
	a.x.Notes = append(a.x.Notes, f.notes...)
	if failed != nil {
		return false, failed
	}
	surplus := len(a.in.buffered())
	n, err := a.c.held(a.in.buf)
	if surplus += n; surplus > 0 {
		a.notef("%d surplus bytes came after the message", surplus)
	}
	return f.done() && surplus == 0 && err == nil && !f.odd && keepsAlive(a.head), nil
}

func (a *attempt) copyBody(f *framing) *failure {
	for size := int64(0); !f.done(); {
		room := a.t.limits.BodyBytes - size
		if len(a.in.buffered()) == 0 && (room > 0 || f.kind == framedByClose) {
			if err := a.in.fill(); err != nil {
				return a.endOfBody(f, err)
			}
		}
		if room == 0 {
			return tooLarge("the body is longer than %d bytes", a.t.limits.BodyBytes)
		}
		b := a.in.buffered()
		b = b[:min(int64(len(b)), room)]
		n, err := a.entity(f, b)
		size += int64(n)
		a.in.take(n)
		if failed := a.keep(b[:n]); failed != nil {
			return failed
		}
		if err != nil {
			if failed := a.badChunk(f, b[n:], err); failed != nil {
				return failed
			}
		}
	}
	return nil
}

// entity digests the payload in b and returns how much of b belongs to the message.
func (a *attempt) entity(f *framing, b []byte) (n int, err error) {
	for n < len(b) && err == nil && !f.done() {
		var data []byte
		var eaten int
		data, eaten, err = f.next(b[n:])
		n += eaten
		a.digest(data)
	}
	return n, err
}

func (a *attempt) digest(entity []byte) {
	a.work.sha256.Write(entity)
	a.work.sha1.Write(entity)
	a.work.payloadLength += int64(len(entity))
}

// badChunk decides what becomes of a body that is not framed as its head says; rest is what else has come.
func (a *attempt) badChunk(f *framing, rest []byte, err error) *failure {
	switch {
	case !errors.Is(err, warc.ErrNotChunked):
		return tooLarge("%w", err)
	case f.chunks.Begun(): // the framing is lost for good; what came is evidence
		a.in.take(len(rest))
		if failed := a.keep(rest); failed != nil {
			return failed
		}
		return broken(warc.TruncatedUnspecified, "the body's chunks break off: %w", err)
	}
	// The label is false from the start. The first line, which was taken for framing, is entity.
	a.x.Chunked = false
	eaten := a.spool.Size() - a.x.HeadLength
	line := make([]byte, eaten)
	if _, err := a.spool.ReadAt(line, a.x.HeadLength); err != nil {
		return &failure{ClassArchive, "", err}
	}
	a.digest(line)
	f.unchunk(a.head, eaten, err)
	return nil
}

// endOfBody judges a body whose connection gave no more bytes.
func (a *attempt) endOfBody(f *framing, err error) *failure {
	closed := errors.Is(err, io.EOF)
	switch {
	case f.kind == framedByChunks && f.chunks.Whole():
		a.notef("the empty line behind the last chunk is missing")
		return nil
	case f.kind == framedByClose && closed:
		if a.c.link != nil && a.c.link.eof { // RFC 9112 §9.8
			return broken(warc.TruncatedDisconnect, "the connection ended without TLS close_notify, which alone would show that the body is whole")
		}
		return nil
	case f.kind == framedByLength && closed:
		return broken(warc.TruncatedDisconnect, "the connection ended with %d bytes of the body missing", f.left)
	case closed:
		return broken(warc.TruncatedDisconnect, "the connection ended before the last chunk")
	}
	var failed *failure
	if errors.As(err, &failed) {
		return failed
	}
	return broken(warc.TruncatedUnspecified, "%w", err)
}

// sum writes what was kept into the exchange.
func (a *attempt) sum() {
	if a.spool == nil {
		a.x.HeadLength = 0
		return
	}
	a.x.Response = a.spool
	a.x.BlockSHA256 = warc.NewDigest(warc.SHA256, a.work.block.Sum(a.work.sum[:0]))
	if a.answered {
		a.x.PayloadSHA256 = warc.NewDigest(warc.SHA256, a.work.sha256.Sum(a.work.sum[:0]))
		a.x.PayloadSHA1 = warc.NewDigest(warc.SHA1, a.work.sha1.Sum(a.work.sum[:0]))
		a.x.PayloadLength = a.work.payloadLength
	}
}

func (a *attempt) dropSpool() {
	if a.spool == nil {
		return
	}
	if err := a.spool.free(); err != nil {
		a.failure = &failure{a.failure.class, a.failure.truncated, errors.Join(a.failure.err, err)}
	}
	a.spool = nil
}

func (a *attempt) notef(format string, args ...any) {
	a.x.Notes = append(a.x.Notes, fmt.Sprintf(format, args...))
}
