package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"

	"tearsheet/archive/warc"
)

// maxIdlePerHost is the default of Options.MaxIdlePerHost: above what one host is asked at once.
const maxIdlePerHost = 8

// errClosed is what a closed Transport answers.
var errClosed = errors.New("the transport is closed")

// Transport is an http.RoundTripper that records. Every response that it returns has a [*Body]; its Uncompressed is true, and the fields
// Content-Encoding, Content-Length and Transfer-Encoding are gone from its Header, so that neither http.Client nor Colly decodes again.
// Redirects are answers like any other. It is safe for concurrent use and must be closed.
type Transport struct {
	recorder  Recorder
	limits    Limits
	userAgent string
	insecure  bool

	dialer *dialer
	pool   *pool
	spools *spools
	works  sync.Pool
}

// New makes a Transport. It fails when the options contradict each other or name what is not there.
func New(o Options) (*Transport, error) {
	if o.Recorder == nil {
		return nil, errors.New("a transport needs a recorder")
	}
	if o.SpoolDir != "" {
		if info, err := os.Stat(o.SpoolDir); err != nil {
			return nil, fmt.Errorf("folder for spool files: %w", err)
		} else if !info.IsDir() {
			return nil, fmt.Errorf("folder for spool files: %s is not a folder", o.SpoolDir)
		}
	}
	if o.Proxy != nil {
		switch o.Proxy.Scheme {
		case "http", "socks5", "socks5h":
		default:
			return nil, fmt.Errorf("proxy scheme %q: only http, socks5 and socks5h are supported", o.Proxy.Scheme)
		}
		if o.Proxy.Hostname() == "" {
			return nil, errors.New("the proxy's URL has no host")
		}
	}
	perHost := o.MaxIdlePerHost
	if perHost == 0 {
		perHost = maxIdlePerHost
	}
	t := &Transport{recorder: o.Recorder, limits: o.Limits.withDefaults(), userAgent: o.UserAgent, insecure: o.Insecure, pool: newPool(perHost)}
	t.dialer = &dialer{
		guard: &guard{o.AllowPrivate}, connectTo: o.ConnectTo, proxy: o.Proxy, tls: newTLSConfig(o.TLS, o.Insecure), limits: &t.limits,
	}
	t.spools = newSpools(t.limits, o.SpoolDir)
	t.works.New = newWork
	return t, nil
}

// RoundTrip makes the exchange, has it recorded and returns the answer. The error of an exchange is an [*Error]; other errors are about a
// request that cannot be made (method, scheme, URL, header fields, a closed transport): nothing was sent and nothing is recorded.
//
// A response whose body is truncated is returned without an error; see [Body]. So is one that came too late to be whole: when the context
// ends inside the body, what had come is recorded and returned.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	q, err := newRequest(req, t.userAgent)
	if req.Body != nil {
		err = errors.Join(err, req.Body.Close())
	}
	if t.pool.isClosed() {
		err = errors.Join(err, errClosed)
	}
	if err != nil {
		return nil, fmt.Errorf("request %s: %w", redactURL(req), err)
	}
	a := t.makeAttempt(req.Context(), q, false)
	if a.stale() {
		a = t.makeAttempt(req.Context(), q, true)
		a.notef("asked again: the connection that had been kept alive was closed before an answer")
	}
	return t.deliver(a, req)
}

// redactURL gives the URL of a request that cannot be made, without its credentials.
func redactURL(req *http.Request) string {
	if req.URL == nil {
		return "without URL"
	}
	u := *req.URL
	u.User = nil
	return u.String()
}

// connection takes one from the pool, unless it must be fresh, or dials; what comes with an error is as dial gives it.
func (t *Transport) connection(ctx context.Context, q *request, fresh bool) (c *conn, reused bool, err error) {
	if ctx.Err() != nil {
		return nil, false, ended(ctx)
	}
	key := q.scheme + "://" + q.hostname + " " + q.port
	if !fresh {
		c = t.pool.get(key)
	}
	if reused = c != nil; !reused {
		c, err = t.dialer.dial(ctx, q)
		if err != nil {
			return c, false, err
		}
		c.key = key
	}
	c.uses++
	return c, reused, nil
}

// deliver records the exchange and makes the response.
func (t *Transport) deliver(a *attempt, req *http.Request) (*http.Response, error) {
	if a.failure != nil {
		a.x.Failure = a.failure.Error()
		if a.spool != nil {
			a.x.Truncated = a.failure.truncated
		}
	}
	var body *Body
	if a.answered {
		body = t.open(a)
	}
	err := t.recorder.Record(context.WithoutCancel(a.ctx), a.x)
	switch {
	case err != nil:
		err = &Error{ClassArchive, a.x.URL, fmt.Errorf("record the exchange: %w", err)}
	case !a.answered:
		err = &Error{a.failure.class, a.x.URL, a.failure.err}
	default:
		return newResponse(a, body, req), nil
	}
	switch {
	case body != nil:
		err = errors.Join(err, body.Close())
	case a.spool != nil:
		err = errors.Join(err, a.spool.free())
	}
	return nil, err
}

func newResponse(a *attempt, body *Body, req *http.Request) *http.Response {
	header := a.head.Header.Clone()
	for _, key := range []string{"Content-Encoding", "Content-Length", "Transfer-Encoding"} {
		delete(header, key)
	}
	return &http.Response{
		Status:        strings.TrimSpace(fmt.Sprintf("%d %s", a.head.Status, a.head.Reason)),
		StatusCode:    a.head.Status,
		Proto:         fmt.Sprintf("HTTP/1.%d", max(0, a.head.Minor)),
		ProtoMajor:    1,
		ProtoMinor:    max(0, a.head.Minor),
		Header:        header,
		Body:          body,
		ContentLength: -1,
		Uncompressed:  true,
		Request:       req,
		TLS:           a.c.secure,
	}
}

// Close closes the idle connections. Round trips that are under way finish; their bodies can still be read. Its error is always nil.
func (t *Transport) Close() error {
	t.pool.close()
	return nil
}

var (
	_ http.RoundTripper = (*Transport)(nil)
	_ warc.Block        = (*spool)(nil)
)
