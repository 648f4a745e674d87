package wire

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"tearsheet/archive/warc"
)

// ending is what the origin does when it has sent an answer.
type ending int

const (
	staysOpen ending = iota
	closes
	resets     // RST
	hangs      // sends nothing more and reads nothing
	dropsTLS   // closes the socket without close_notify
	staysQuiet // keeps open but reads no other request: for answers after which the connection must not be used
)

// answer is what the origin sends for one path, byte for byte.
type answer struct {
	wire   string
	pieces []string // in place of wire: one write each
	end    ending
}

// origin is a scripted server: it parses nothing but the request line and sends bytes as told.
type origin struct {
	t      *testing.T
	url    string // "http://127.0.0.1:port" or https
	answer func(path string) answer

	mu       sync.Mutex
	requests []string // heads as received, in order
	conns    int
}

// newOrigin starts an origin; config is nil for plain TCP.
func newOrigin(t *testing.T, config *tls.Config, script func(path string) answer) *origin {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &origin{t: t, answer: script, url: "http://" + l.Addr().String()}
	if config != nil {
		o.url = "https://" + l.Addr().String()
		l = tls.NewListener(l, config)
	}
	var serving sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			o.mu.Lock()
			o.conns++
			o.mu.Unlock()
			serving.Go(func() { o.serve(ctx, c) })
		}
	})
	t.Cleanup(func() {
		cancel()
		l.Close()
		serving.Wait()
	})
	return o
}

func (o *origin) serve(ctx context.Context, c net.Conn) {
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	defer c.Close()
	socket := c
	if tc, ok := c.(*tls.Conn); ok {
		socket = tc.NetConn()
	}
	r := bufio.NewReader(c)
	for {
		head, err := readRequestHead(r)
		if err != nil {
			return
		}
		o.mu.Lock()
		o.requests = append(o.requests, head)
		o.mu.Unlock()
		a := o.answer(strings.Fields(head)[1])
		pieces := a.pieces
		if pieces == nil {
			pieces = []string{a.wire}
		}
		for _, piece := range pieces {
			if _, err := io.WriteString(c, piece); err != nil {
				return
			}
		}
		switch a.end {
		case closes:
			return
		case dropsTLS:
			socket.Close()
			return
		case resets:
			socket.(*net.TCPConn).SetLinger(0)
			socket.Close()
			return
		case hangs, staysQuiet:
			<-ctx.Done()
			return
		}
	}
}

func readRequestHead(r *bufio.Reader) (string, error) {
	var head strings.Builder
	for !strings.HasSuffix(head.String(), "\r\n\r\n") {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		head.WriteString(line)
	}
	return head.String(), nil
}

func (o *origin) seen() (requests []string, conns int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.requests...), o.conns
}

// testCertificate gives a certificate for 127.0.0.1, ::1 and example.com, and the roots that vouch for it.
func testCertificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, roots
}

// record is an exchange with copies of its blocks.
type record struct {
	warc.Exchange
	request, response []byte
}

// keeper is a Recorder that keeps everything.
type keeper struct {
	mu      sync.Mutex
	records []record
	err     error                // what Record returns
	look    func(*warc.Exchange) // called in Record
}

func (k *keeper) Record(ctx context.Context, x *warc.Exchange) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := record{Exchange: *x}
	var err1, err2 error
	r.request, err1 = readBlock(x.Request)
	if x.Response != nil {
		r.response, err2 = readBlock(x.Response)
	}
	if k.look != nil {
		k.look(x)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.records = append(k.records, r)
	return errors.Join(k.err, err1, err2)
}

func readBlock(b warc.Block) ([]byte, error) {
	return io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
}

func (k *keeper) all() []record {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]record(nil), k.records...)
}

// only gives the one record that there must be.
func (k *keeper) only(t *testing.T) record {
	t.Helper()
	all := k.all()
	if len(all) != 1 {
		t.Fatalf("%d records, want 1", len(all))
	}
	return all[0]
}

// newTransport makes a Transport that may reach loopback and records to k.
func newTransport(t testing.TB, k Recorder, change func(*Options)) *Transport {
	t.Helper()
	o := Options{
		Recorder:     k,
		UserAgent:    "tearsheet-test",
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		SpoolDir:     t.TempDir(),
	}
	if change != nil {
		change(&o)
	}
	tr, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tr.Close(); err != nil {
			t.Errorf("close the transport: %v", err)
		}
	})
	return tr
}

func newGet(ctx context.Context, t testing.TB, method, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fetched is the outcome of a round trip whose body was read to the end and closed.
type fetched struct {
	*http.Response
	body     []byte
	decoding Decoding
}

func get(t testing.TB, tr *Transport, url string) (fetched, error) {
	t.Helper()
	return do(t, tr, newGet(t.Context(), t, http.MethodGet, url))
}

func do(t testing.TB, tr *Transport, r *http.Request) (fetched, error) {
	t.Helper()
	resp, err := tr.RoundTrip(r)
	if err != nil {
		return fetched{}, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("read the body: %v", err)
	}
	f := fetched{resp, body, resp.Body.(*Body).Decoding()}
	most := int64(len(body)) + 1
	if f.decoding.Limited {
		most-- // a plain entity is not limited as a whole
	}
	whole, err := resp.Body.(*Body).Whole(most)
	if err != nil {
		t.Errorf("read the body as a whole: %v", err)
	} else if again, err := io.ReadAll(io.NewSectionReader(whole, 0, whole.Size())); !bytes.Equal(again, body) || err != nil || whole.Cut() != f.decoding.Limited {
		t.Errorf("as a whole the body has %d bytes, not %d, cut %v: %v", len(again), len(body), whole.Cut(), err)
	} else if err := whole.Close(); err != nil {
		t.Errorf("close the whole: %v", err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Errorf("close the body: %v", err)
	}
	return f, nil
}

// wantClass fails unless err is an *Error of that class.
func wantClass(t *testing.T, err error, class Class) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v (%T), want an *Error of class %q", err, err, class)
	}
	if e.Class != class {
		t.Fatalf("class %q (%v), want %q", e.Class, err, class)
	}
	return e
}

func sameBytes(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	around := func(b []byte) []byte { return b[max(0, min(i-20, len(b))):min(len(b), i+40)] }
	t.Errorf("%s: %d bytes, want %d; they differ from byte %d:\n got …%q\nwant …%q", what, len(got), len(want), i, around(got), around(want))
}
