package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// errStalled says that a connection is open, and nothing moves on it.
var errStalled = errors.New("nothing moved on the connection")

// watched is an HTTP client that gives up requests on which nothing moves: a store, or something on the way to it, that has gone away without a word. As
// long as bytes come or go, however slowly, it waits.
type watched struct {
	s3.HTTPClient
	idle time.Duration
}

func (w *watched) Do(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	stalled := fmt.Errorf("%w for %s", errStalled, w.idle)
	timer := time.AfterFunc(w.idle, func() { cancel(stalled) })
	m := &movement{timer: timer, idle: w.idle}
	r = r.WithContext(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &movingBody{ReadCloser: r.Body, m: m}
	}
	resp, err := w.HTTPClient.Do(r)
	if err != nil {
		timer.Stop()
		if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
			err = cause
		}
		cancel(nil)
		return nil, err
	}
	m.moved()
	resp.Body = &movingBody{ReadCloser: resp.Body, m: m, ctx: ctx, done: func() { timer.Stop(); cancel(nil) }}
	return resp, nil
}

// movement puts the end off whenever something moves.
type movement struct {
	timer *time.Timer
	idle  time.Duration
}

func (m *movement) moved() { m.timer.Reset(m.idle) }

// movingBody tells of every byte that moves.
type movingBody struct {
	io.ReadCloser
	m    *movement
	ctx  context.Context // of an answer
	done func()
}

func (b *movingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 || err == nil {
		b.m.moved()
	}
	if err != nil && b.ctx != nil {
		if cause := context.Cause(b.ctx); errors.Is(cause, errStalled) {
			err = cause
		}
	}
	return n, err
}

func (b *movingBody) Close() error {
	if b.done != nil {
		b.done()
	}
	return b.ReadCloser.Close()
}
