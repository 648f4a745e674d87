package wire

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tearsheet/archive/warc"
)

// piped puts a connection into the pool whose other end the caller holds.
func piped(tr *Transport, host string) net.Conn {
	client, server := net.Pipe()
	tr.pool.put(&conn{Conn: client, socket: client, key: "http://" + host + " 80", protocols: []string{"http/1.1"}, uses: 1})
	return server
}

// drip writes pieces, one each gap, until the other end closes or ctx ends.
func drip(ctx context.Context, w io.Writer, gap time.Duration, pieces ...string) {
	tick := time.NewTicker(gap)
	defer tick.Stop()
	for _, piece := range pieces {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := io.WriteString(w, piece); err != nil {
			return
		}
	}
}

// TestClocks runs on fake time (testing/synctest): the default limits are what is tested.
func TestClocks(t *testing.T) {
	t.Parallel()
	head := "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n"
	many := func(n int, s string) []string { return strings.SplitAfter(strings.Repeat(s+"|", n), "|") }
	kib2 := strings.Repeat("x", 2047)
	for _, c := range []struct {
		name      string
		start     string // sent at once
		gap       time.Duration
		pieces    []string // then one each gap
		after     time.Duration
		class     Class // of the error, "" when there is an answer
		truncated warc.Truncation
		failure   string
		entity    int
	}{
		{name: "nothing comes", after: 30 * time.Second, class: ClassTimeout, failure: "timeout: the head did not come within 30s"},
		{name: "the head stalls", start: "HTTP/1.1 200 OK\r\nX", after: 30 * time.Second, class: ClassTimeout, truncated: warc.TruncatedTime, failure: "head did not come within 30s"},
		{name: "the head drips", start: "HTTP/1.1 200 OK\r\nX: ", gap: time.Second, pieces: many(100, "y"), after: 30 * time.Second, class: ClassTimeout, truncated: warc.TruncatedTime, failure: "head did not come within 30s"},
		{name: "interim answers drip", gap: time.Second, pieces: slices.Repeat([]string{"HTTP/1.1 102 X\r\n\r\n"}, 100), after: 9 * time.Second, class: ClassLimit, failure: "more than 8 interim answers"},
		{name: "the body stalls", start: head + "abc", after: 30 * time.Second, truncated: warc.TruncatedTime, failure: "nothing came for 30s", entity: 3},
		{name: "the body drips a byte a second", start: head, gap: time.Second, pieces: many(900, ""), after: 60 * time.Second, truncated: warc.TruncatedTime, failure: "slower than 1024 bytes/s over 1m0s", entity: 60},
		{name: "the body comes too slowly after a good start", start: head + strings.Repeat("x", 200_000), gap: 10 * time.Second, pieces: many(90, "x"), after: 120 * time.Second, truncated: warc.TruncatedTime, failure: "slower than", entity: 200_024},
		{name: "the body takes too long", start: head, gap: 1100 * time.Millisecond, pieces: many(1000, kib2), after: 15 * time.Minute, truncated: warc.TruncatedTime, failure: "longer than 15m0s", entity: 818 * 2048},
		{name: "slow, but fast enough", start: "HTTP/1.1 200 OK\r\nContent-Length: 614400\r\n\r\n", gap: time.Second, pieces: many(300, kib2), after: 300 * time.Second, entity: 614400},
		{name: "a stall behind the last chunk", start: chunked("3\r\nfoo\r\n0\r\n"), after: 30 * time.Second, entity: 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &keeper{}
				tr := newTransport(t, k, nil)
				server := piped(tr, "origin.test")
				defer server.Close()
				go func() {
					var buf [4096]byte
					server.Read(buf[:])
					io.WriteString(server, c.start)
					if c.gap > 0 {
						drip(t.Context(), server, c.gap, c.pieces...)
					}
				}()
				began := time.Now()
				f, err := get(t, tr, "http://origin.test/")
				if c.class != "" {
					wantClass(t, err, c.class)
				} else if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took != c.after {
					t.Errorf("took %v, want %v", took, c.after)
				}
				r := k.only(t)
				if r.Truncated != c.truncated || !strings.Contains(r.Failure, c.failure) || (r.Failure == "") != (c.failure == "") {
					t.Errorf("truncated %q: %s", r.Truncated, r.Failure)
				}
				if len(f.body) != c.entity {
					t.Errorf("%d bytes of body, want %d", len(f.body), c.entity)
				}
				if (r.Exchange.Response != nil) != (c.start != "") || len(r.request) == 0 {
					t.Errorf("response %v, request %q", r.Exchange.Response, r.request)
				}
			})
		})
	}
}

func TestCancelledExchangeIsRecorded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		sent     string
		class    Class // of the error, "" when there is an answer
		response bool
	}{
		{"while waiting for the head", "", ClassCancel, false},
		{"inside the head", "HTTP/1.1 200 OK\r\n", ClassCancel, true},
		{"inside the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &keeper{}
				tr := newTransport(t, k, nil)
				server := piped(tr, "origin.test")
				defer server.Close()
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					var buf [4096]byte
					server.Read(buf[:])
					io.WriteString(server, c.sent)
					synctest.Wait() // the transport waits for more
					cancel()
				}()
				f, err := do(t, tr, newGet(ctx, t, http.MethodGet, "http://origin.test/"))
				r := k.only(t)
				if c.class != "" {
					wantClass(t, err, c.class)
				} else if err != nil || string(f.body) != "abc" {
					t.Errorf("body %q, %v", f.body, err)
				}
				if string(r.response) != c.sent || (r.Truncated == warc.TruncatedTime) != c.response || !strings.HasPrefix(r.Failure, "cancelled: ") {
					t.Errorf("recorded %q, truncated %q, %s", r.response, r.Truncated, r.Failure)
				}
			})
		})
	}
}

func TestDeadlineOfTheContextIsATimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{}
		tr := newTransport(t, k, nil)
		server := piped(tr, "origin.test")
		defer server.Close()
		go io.Copy(io.Discard, server)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := do(t, tr, newGet(ctx, t, http.MethodGet, "http://origin.test/"))
		wantClass(t, err, ClassTimeout)
		if r := k.only(t); r.Exchange.Response != nil || !strings.HasPrefix(r.Failure, "timeout: ") {
			t.Errorf("record %+v", r.Exchange)
		}
	})
}

// TestStallOnASocket shows on real sockets, plain and TLS, what TestClocks shows on fake time.
func TestStallOnASocket(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	wire := "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
	for name, o := range map[string]*origin{
		"plain": newOrigin(t, nil, func(string) answer { return answer{wire: wire, end: hangs} }),
		"TLS":   newOrigin(t, config, func(string) answer { return answer{wire: wire, end: hangs} }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &keeper{}
			tr := newTransport(t, k, func(o *Options) {
				o.TLS = trusting(roots)
				o.Limits.Idle = 50 * time.Millisecond
			})
			f, err := get(t, tr, o.url)
			if err != nil || string(f.body) != "abc" {
				t.Fatalf("body %q, %v", f.body, err)
			}
			if r := k.only(t); r.Truncated != warc.TruncatedTime || string(r.response) != wire {
				t.Errorf("truncated %q, recorded %q", r.Truncated, r.response)
			}
		})
	}
}

func TestCancelOnASocket(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	o := newOrigin(t, nil, func(string) answer {
		cancel()
		return answer{end: hangs}
	})
	k := &keeper{}
	_, err := do(t, newTransport(t, k, nil), newGet(ctx, t, http.MethodGet, o.url))
	wantClass(t, err, ClassCancel)
	if r := k.only(t); r.Exchange.Response != nil || len(r.request) == 0 {
		t.Errorf("record %+v", r.Exchange)
	}
}

func TestCancelWhileConnecting(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	k := &keeper{}
	tr := newTransport(t, k, nil)
	tr.dialer.resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	_, err := do(t, tr, newGet(ctx, t, http.MethodGet, "http://origin.test/"))
	wantClass(t, err, ClassCancel)
	if r := k.only(t); r.Exchange.Response != nil || len(r.request) != 0 {
		t.Errorf("record %+v with request %q", r.Exchange, r.request)
	}
}
