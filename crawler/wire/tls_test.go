package wire

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"tearsheet/archive/warc"
)

func trusting(roots *x509.CertPool) *tls.Config { return &tls.Config{RootCAs: roots} }

func TestTLSVersionAndCipherAreRecorded(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	for version, want := range map[uint16]string{tls.VersionTLS12: "tls/1.2", tls.VersionTLS13: "tls/1.3"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			server := config.Clone()
			server.MaxVersion = version
			server.NextProtos = []string{"h2", "http/1.1"}
			o := newOrigin(t, server, func(string) answer { return answer{wire: ok("ok")} })
			k := &keeper{}
			f, err := get(t, newTransport(t, k, func(o *Options) { o.TLS = trusting(roots) }), o.url)
			if err != nil {
				t.Fatal(err)
			}
			r := k.only(t)
			if r.Protocols[0] != "http/1.1" || r.Protocols[1] != want || r.CipherSuite != tls.CipherSuiteName(f.TLS.CipherSuite) || r.Insecure {
				t.Errorf("protocols %q, cipher %q, insecure %v", r.Protocols, r.CipherSuite, r.Insecure)
			}
			if f.TLS.NegotiatedProtocol != "http/1.1" {
				t.Errorf("ALPN %q", f.TLS.NegotiatedProtocol)
			}
			if r.Timing.TLS <= 0 || r.Timing.Connect <= 0 || r.Timing.FirstByte <= 0 || r.Timing.Total < r.Timing.TLS+r.Timing.FirstByte {
				t.Errorf("timing %+v", r.Timing)
			}
		})
	}
}

func TestTLSSessionIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	o := newOrigin(t, config, func(string) answer { return answer{wire: ok("ok", "Connection: close"), end: closes} })
	tr := newTransport(t, &keeper{}, func(o *Options) { o.TLS = trusting(roots) })
	for i := range 3 {
		f, err := get(t, tr, o.url)
		if err != nil {
			t.Fatal(err)
		}
		if f.TLS.DidResume != (i > 0) {
			t.Errorf("connection %d: resumed %v", i, f.TLS.DidResume)
		}
	}
}

func TestUnknownCertificate(t *testing.T) {
	t.Parallel()
	config, _ := testCertificate(t)
	o := newOrigin(t, config, func(string) answer { return answer{wire: ok("ok")} })

	k := &keeper{}
	_, err := get(t, newTransport(t, k, nil), o.url)
	wantClass(t, err, ClassTLS)
	if r := k.only(t); r.Exchange.Response != nil || len(r.request) > 0 || !strings.HasPrefix(r.Failure, "tls: ") {
		t.Errorf("record %+v", r.Exchange)
	}

	k = &keeper{}
	if _, err := get(t, newTransport(t, k, func(o *Options) { o.Insecure = true }), o.url); err != nil {
		t.Fatalf("insecure: %v", err)
	}
	if !k.only(t).Insecure {
		t.Error("the record does not say that TLS was not verified")
	}
}

func TestInsecureSaysNothingAboutPlainHTTP(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok("ok")} })
	k := &keeper{}
	if _, err := get(t, newTransport(t, k, func(o *Options) { o.Insecure = true }), o.url); err != nil || k.only(t).Insecure {
		t.Errorf("insecure %v, %v", k.only(t).Insecure, err)
	}
}

func TestCertificateOfAnotherHost(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	o := newOrigin(t, config, func(string) answer { return answer{wire: ok("ok")} })
	to, err := ParseConnectTo("::" + strings.TrimPrefix(o.url, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	tr := newTransport(t, &keeper{}, func(o *Options) { o.TLS, o.ConnectTo = trusting(roots), []ConnectTo{to} })
	if _, err := get(t, tr, "https://example.com/"); err != nil {
		t.Errorf("the certificate's host: %v", err)
	}
	_, err = get(t, tr, "https://other.test/")
	wantClass(t, err, ClassTLS)
}

func TestNameIsSentInTheHandshake(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	names := make(chan string, 2)
	config.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		names <- h.ServerName
		return nil, nil
	}
	o := newOrigin(t, config, func(string) answer { return answer{wire: ok("ok")} })
	to, _ := ParseConnectTo("example.com:443:" + strings.TrimPrefix(o.url, "https://"))
	tr := newTransport(t, &keeper{}, func(o *Options) { o.TLS, o.ConnectTo = trusting(roots), []ConnectTo{to} })
	for url, want := range map[string]string{"https://example.com/": "example.com", o.url: ""} {
		if _, err := get(t, tr, url); err != nil {
			t.Fatal(err)
		}
		if got := <-names; got != want {
			t.Errorf("%s: SNI %q, want %q", url, got, want)
		}
	}
}

func TestCloseWithoutCloseNotify(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	for _, c := range []exchangeCase{
		{name: "leaves open whether a body without a length is whole", answer: answer{wire: "HTTP/1.1 200 OK\r\n\r\n" + text, end: dropsTLS}, entity: text, truncated: warc.TruncatedDisconnect},
		{name: "does not matter behind a length", answer: answer{wire: ok(text), end: dropsTLS}, entity: text},
		{name: "does not matter behind the last chunk", answer: answer{wire: chunked("3\r\nfoo\r\n0\r\n\r\n"), end: dropsTLS}, entity: "foo"},
		{name: "with close_notify such a body is whole", answer: answer{wire: "HTTP/1.1 200 OK\r\n\r\n" + text, end: closes}, entity: text},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, config, func(string) answer { return c.answer })
			k := &keeper{}
			f, err := get(t, newTransport(t, k, func(o *Options) { o.TLS = trusting(roots) }), o.url)
			c.checkOutcome(t, f, err)
			c.checkRecord(t, k.only(t), f)
		})
	}
}

// corked holds what is written to it back until it is told to send everything in one write.
type corked struct {
	net.Conn
	mu   sync.Mutex
	on   bool
	held bytes.Buffer
}

func (c *corked) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on {
		return c.held.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *corked) cork(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = on
	if !on {
		c.Conn.Write(c.held.Bytes())
		c.held.Reset()
	}
}

// TestSurplusInsideTLS: surplus in a TLS record of its own is not in the socket any more and not in our buffer yet, but in crypto/tls. A
// client that does not look there takes it for the next answer.
func TestSurplusInsideTLS(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
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
			cork := &corked{Conn: c}
			s := tls.Server(cork, config)
			defer s.Close()
			var buf [4096]byte
			if _, err := s.Read(buf[:]); err != nil {
				return
			}
			cork.cork(true)
			io.WriteString(s, ok("mine"))
			io.WriteString(s, ok("another's"))
			cork.cork(false)
		}
	})
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.TLS = trusting(roots) })
	for range 2 {
		f, err := get(t, tr, "https://"+l.Addr().String())
		if err != nil || string(f.body) != "mine" {
			t.Fatalf("body %q, %v", f.body, err)
		}
	}
	for _, r := range k.all() {
		sameBytes(t, "record", r.response, []byte(ok("mine")))
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "surplus") {
			t.Errorf("notes %q", r.Notes)
		}
	}
}
