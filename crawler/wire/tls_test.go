package wire

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

// authority makes certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate that a signs; nil signs itself. It is for example.com and loopback, valid at the time of the tests unless it ended.
func (a *authority) issue(t *testing.T, name string, isCA bool, until time.Time) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Unix(0, 0), NotAfter: until,
		IsCA: isCA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if isCA {
		c.KeyUsage |= x509.KeyUsageCertSign
	} else {
		c.DNSNames, c.IPAddresses = []string{"example.com"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	parent, signer := c, key
	if a != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return &authority{c, key}
}

// chain is what a server shows that has the certificate first and sends the others with it.
func chain(first *authority, others ...*authority) tls.Certificate {
	c := tls.Certificate{Certificate: [][]byte{first.cert.Raw}, PrivateKey: first.key}
	for _, o := range others {
		c.Certificate = append(c.Certificate, o.cert.Raw)
	}
	return c
}

// wantShown fails unless h has the chain of c, and failed with the word or, when that is "", did not fail.
func wantShown(t *testing.T, h *warc.Handshake, o *origin, c tls.Certificate, word string) {
	t.Helper()
	if h == nil {
		t.Fatal("nothing is known of the certificates")
	}
	if !slices.EqualFunc(h.Chain, c.Certificate, bytes.Equal) {
		t.Errorf("%d certificates, expected %d", len(h.Chain), len(c.Certificate))
	}
	if (h.Failure == "") != (word == "") || !strings.Contains(h.Failure, word) {
		t.Errorf("failure %q, expected %q", h.Failure, word)
	}
	if want := warc.CertificatesURI(o.url); h.URI() != want || h.IP.String() != "127.0.0.1" || h.Time.IsZero() || h.Time.Location() != time.UTC {
		t.Errorf("%s of %v at %v, expected %s", h.URI(), h.IP, h.Time, want)
	}
	if h.Protocol != "tls/1.3" || h.CipherSuite == "" {
		t.Errorf("protocol %q, cipher %q", h.Protocol, h.CipherSuite)
	}
}

func TestCertificatesAreKnownWhetherTheyAreBelievedOrNot(t *testing.T) {
	t.Parallel()
	long := time.Now().Add(time.Hour)
	root := (*authority)(nil).issue(t, "root", true, long)
	middle := root.issue(t, "intermediate", true, long)
	leaf := middle.issue(t, "leaf", false, long)
	roots := x509.NewCertPool()
	roots.AddCert(root.cert)
	for name, c := range map[string]struct {
		shows    tls.Certificate
		insecure bool
		failure  string
	}{
		"a whole chain":                       {chain(leaf, middle), false, ""},
		"a whole chain, and not asked":        {chain(leaf, middle), true, ""},
		"without intermediate":                {chain(leaf), false, "unknown authority"},
		"without intermediate, and not asked": {chain(leaf), true, "unknown authority"},
		"expired":                             {chain(middle.issue(t, "old", false, time.Unix(1, 0)), middle), false, "expired"},
		"expired, and not asked":              {chain(middle.issue(t, "old", false, time.Unix(1, 0)), middle), true, "expired"},
		"no server's, and not asked":          {chain(middle), true, "doesn't contain any IP SANs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, &tls.Config{Certificates: []tls.Certificate{c.shows}}, func(string) answer { return answer{wire: ok("ok")} })
			k := &keeper{}
			_, err := get(t, newTransport(t, k, func(o *Options) { o.TLS, o.Insecure = trusting(roots), c.insecure }), o.url)
			if refused := c.failure != "" && !c.insecure; refused {
				wantClass(t, err, ClassTLS)
			} else if err != nil {
				t.Fatal(err)
			}
			wantShown(t, k.only(t).TLS, o, c.shows, c.failure)
		})
	}
}

func TestAConnectionThatServesAgainHasTheCertificatesOfItsHandshake(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	o := newOrigin(t, config, func(path string) answer {
		if path == "/close" {
			return answer{wire: ok("ok", "Connection: close"), end: closes}
		}
		return answer{wire: ok("ok")}
	})
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.TLS = trusting(roots) })
	for _, path := range []string{"/", "/close", "/"} { // the last resumes the session of the first, in which no certificate is sent
		if _, err := get(t, tr, o.url+path); err != nil {
			t.Fatal(err)
		}
	}
	all := k.all()
	if all[0].TLS == nil || all[1].TLS != all[0].TLS {
		t.Errorf("a reused connection has the handshake %+v, expected %+v", all[1].TLS, all[0].TLS)
	}
	if all[2].TLS == all[0].TLS {
		t.Error("a new connection has the handshake of another")
	}
	wantShown(t, all[2].TLS, o, config.Certificates[0], "")
}

func TestAHandshakeThatBreaksOffBehindTheCertificatesProvesNothing(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	config.ClientAuth, config.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12
	o := newOrigin(t, config, func(string) answer { return answer{wire: ok("ok")} })
	k := &keeper{}
	_, err := get(t, newTransport(t, k, func(o *Options) { o.TLS = trusting(roots) }), o.url)
	wantClass(t, err, ClassTLS)
	h := k.only(t).TLS
	if h == nil || len(h.Chain) != 1 || h.Failure == "" || h.Protocol != "tls/1.2" {
		t.Errorf("%+v", h)
	}
}

func TestWithoutCertificatesNoneAreTold(t *testing.T) {
	t.Parallel()
	plain := newOrigin(t, nil, func(string) answer { return answer{wire: ok("ok")} })
	k := &keeper{}
	tr := newTransport(t, k, nil)
	for _, url := range []string{plain.url, strings.Replace(plain.url, "http:", "https:", 1)} { // the second does not speak TLS
		_, _ = get(t, tr, url)
	}
	for _, r := range k.all() {
		if r.TLS != nil {
			t.Errorf("%s: %+v", r.URL, r.TLS)
		}
	}
}
