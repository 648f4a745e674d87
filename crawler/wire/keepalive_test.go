package wire

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestStaleConnectionIsReplacedOnce(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	for name, config := range map[string]*tls.Config{"plain": nil, "TLS": config} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			closed := false
			o := newOrigin(t, config, func(path string) answer {
				mu.Lock()
				defer mu.Unlock()
				if path == "/second" && !closed {
					closed = true // the connection closes just when the request comes
					return answer{end: closes}
				}
				return answer{wire: ok(path)}
			})
			k := &keeper{}
			tr := newTransport(t, k, func(o *Options) { o.TLS = trusting(roots) })
			for _, path := range []string{"/first", "/second"} {
				if f, err := get(t, tr, o.url+path); err != nil || string(f.body) != path {
					t.Fatalf("%s: body %q, %v", path, f.body, err)
				}
			}
			records := k.all()
			if len(records) != 2 || len(records[1].Notes) != 1 || !strings.HasPrefix(records[1].Notes[0], "asked again") {
				t.Errorf("%d records, notes %q", len(records), records[len(records)-1].Notes)
			}
			if _, conns := o.seen(); conns != 2 {
				t.Errorf("%d connections", conns)
			}
		})
	}
}

func TestStaleConnectionIsReplacedOnceOnly(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(path string) answer {
		if path == "/first" {
			return answer{wire: ok("")}
		}
		return answer{end: closes}
	})
	k := &keeper{}
	tr := newTransport(t, k, nil)
	if _, err := get(t, tr, o.url+"/first"); err != nil {
		t.Fatal(err)
	}
	_, err := get(t, tr, o.url+"/second")
	wantClass(t, err, ClassBroken)
	requests, _ := o.seen()
	if records := k.all(); len(records) != 2 || records[1].Exchange.Response != nil || records[1].Failure == "" || len(requests) != 3 {
		t.Errorf("%d records, %d requests", len(records), len(requests))
	}
}

func TestNewConnectionIsNotReplaced(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]ending{"closed": closes, "reset": resets} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, nil, func(string) answer { return answer{end: end} })
			k := &keeper{}
			_, err := get(t, newTransport(t, k, nil), o.url)
			wantClass(t, err, ClassBroken)
			r := k.only(t)
			requests, _ := o.seen()
			if r.Exchange.Response != nil || r.Truncated != "" || len(requests) != 1 || string(r.request) != requests[0] {
				t.Errorf("record %+v, %d requests", r.Exchange, len(requests))
			}
		})
	}
}

func TestBrokenAnswerOnAReusedConnectionIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(path string) answer {
		if path == "/first" {
			return answer{wire: ok("")}
		}
		return answer{wire: "HTTP/1.1 2", end: closes}
	})
	tr := newTransport(t, &keeper{}, nil)
	get(t, tr, o.url+"/first")
	_, err := get(t, tr, o.url+"/second")
	wantClass(t, err, ClassBroken)
	if requests, _ := o.seen(); len(requests) != 2 {
		t.Errorf("%d requests", len(requests))
	}
}

// TestUnsolicitedBytesOnAnIdleConnection: what comes unasked is nobody's answer.
func TestUnsolicitedBytesOnAnIdleConnection(t *testing.T) {
	t.Parallel()
	conns := make(chan net.Conn, 2)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { l.Close() })
	serving.Go(func() {
		for range 2 {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var buf [4096]byte
			c.Read(buf[:])
			io.WriteString(c, ok("mine"))
			conns <- c
		}
	})
	tr := newTransport(t, &keeper{}, nil)
	for range 2 {
		f, err := get(t, tr, "http://"+l.Addr().String())
		if err != nil || string(f.body) != "mine" {
			t.Fatalf("body %q, %v", f.body, err)
		}
		c := <-conns
		io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
		defer c.Close()
	}
}

// TestMixedKeepAlive: 64 workers, 50 requests each, all kinds of answers on shared connections. Every record must be exactly what the origin
// sent for that URL, and there must be one for each request that the origin counted.
func TestMixedKeepAlive(t *testing.T) {
	t.Parallel()
	const workers, each = 64, 50
	config, roots := testCertificate(t)
	var cases []exchangeCase
	for _, c := range allCases() {
		if c.answer.end != staysQuiet && c.method == "" && !strings.Contains(strings.Join(c.notes, ""), "surplus") {
			cases = append(cases, c)
		}
	}
	script := func(path string) answer {
		var i, worker, n int
		fmt.Sscanf(path, "/%d/%d/%d", &i, &worker, &n)
		if i == len(cases) {
			return answer{wire: mixedAnswer(worker, n)}
		}
		return cases[i].answer
	}
	origins := []*origin{newOrigin(t, nil, script), newOrigin(t, config, script)}
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.TLS, o.Limits.MemoryBytes = trusting(roots), 1<<20 })
	var working sync.WaitGroup
	for worker := range workers {
		working.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 1))
			for n := range each {
				i := random.IntN(2 * len(cases))
				i = min(i, len(cases))
				f, err := get(t, tr, fmt.Sprintf("%s/%d/%d/%d", origins[n%2].url, i, worker, n))
				if i == len(cases) && (err != nil || string(f.body) != mixedBody(worker, n)) {
					t.Errorf("worker %d, request %d: %d bytes, %v", worker, n, len(f.body), err)
				}
			}
		})
	}
	working.Wait()
	counted, conns := 0, 0
	for _, o := range origins {
		requests, c := o.seen()
		counted, conns = counted+len(requests), conns+c
	}
	records := k.all()
	if len(records) != workers*each || counted != workers*each {
		t.Errorf("%d records, %d requests served, want %d", len(records), counted, workers*each)
	}
	t.Logf("%d connections for %d requests", conns, counted)
	for _, r := range records {
		checkMixed(t, r, cases)
	}
}

func mixedBody(worker, n int) string {
	return strings.Repeat(fmt.Sprintf("worker %d request %d\n", worker, n), 1+(worker*n)%4000)
}

func mixedAnswer(worker, n int) string {
	if n%3 == 0 {
		return chunked(fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(mixedBody(worker, n)), mixedBody(worker, n)))
	}
	return ok(mixedBody(worker, n))
}

func checkMixed(t *testing.T, r record, cases []exchangeCase) {
	t.Helper()
	var i, worker, n int
	path := r.URL[strings.Index(r.URL, "://")+3:]
	fmt.Sscanf(path[strings.IndexByte(path, '/'):], "/%d/%d/%d", &i, &worker, &n)
	if !strings.HasPrefix(string(r.request), "GET "+path[strings.IndexByte(path, '/'):]+" HTTP/1.1\r\n") {
		t.Errorf("%s: request %.60q", r.URL, r.request)
	}
	if i == len(cases) {
		sameBytes(t, r.URL, r.response, []byte(mixedAnswer(worker, n)))
		return
	}
	c := cases[i]
	block := c.block
	if block == "" {
		block = c.sent()
	}
	sameBytes(t, r.URL+" ("+c.name+")", r.response, []byte(block))
	if r.Truncated != c.truncated {
		t.Errorf("%s (%s): truncated %q", r.URL, c.name, r.Truncated)
	}
}

// isOpen reports whether the other end of a pipe is open.
func isOpen(c net.Conn) bool {
	c.SetReadDeadline(time.Now().Add(time.Nanosecond))
	_, err := c.Read(make([]byte, 1))
	return !errors.Is(err, io.EOF)
}

func TestPoolClosesWhatIsIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // it also shows that nothing runs on after Close
		tr := newTransport(t, &keeper{}, nil)
		old := piped(tr, "a.test")
		<-time.After(idleTimeout / 2) // fake time
		young := piped(tr, "b.test")
		<-time.After(idleTimeout/2 + time.Second)
		if isOpen(old) || !isOpen(young) {
			t.Error("after the time-out: old open, or young closed")
		}
		<-time.After(idleTimeout / 2)
		if isOpen(young) {
			t.Error("the second is open after its own time")
		}
		last := piped(tr, "c.test")
		if err := tr.Close(); err != nil {
			t.Fatal(err)
		}
		if isOpen(last) {
			t.Error("open after Close")
		}
		if isOpen(piped(tr, "d.test")) {
			t.Error("taken after Close")
		}
	})
}

func TestPoolIsBounded(t *testing.T) {
	t.Parallel()
	tr := newTransport(t, &keeper{}, func(o *Options) { o.MaxIdlePerHost = 2 })
	kept := []net.Conn{piped(tr, "a.test"), piped(tr, "a.test"), piped(tr, "a.test")}
	if !isOpen(kept[0]) || !isOpen(kept[1]) || isOpen(kept[2]) {
		t.Error("not two are kept of one host")
	}
	for i := range idleTotal - 1 {
		piped(tr, fmt.Sprintf("host-%d.test", i))
	}
	if isOpen(kept[0]) || !isOpen(kept[1]) {
		t.Error("the longest idle is not the one that goes")
	}
}

func TestClosedTransportRefuses(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok("ok")} })
	k := &keeper{}
	tr := newTransport(t, k, nil)
	if _, err := get(t, tr, o.url); err != nil {
		t.Fatal(err)
	}
	tr.Close()
	if _, err := get(t, tr, o.url); !errors.Is(err, errClosed) || len(k.all()) != 1 {
		t.Errorf("after Close: %v, %d records", err, len(k.all()))
	}
}

func TestHTTPClientCanUseIt(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(path string) answer {
		if path == "/" {
			return answer{wire: message("", "HTTP/1.1 302 Found", "Location: /target", "Content-Length: 0")}
		}
		return answer{wire: ok(gzipped(text), "Content-Encoding: gzip")}
	})
	k := &keeper{}
	client := &http.Client{Transport: newTransport(t, k, nil)}
	resp, err := client.Get(o.url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != text || len(k.all()) != 2 {
		t.Errorf("%d bytes, %v, %d records", len(body), err, len(k.all()))
	}
}
