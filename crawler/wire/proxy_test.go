package wire

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// proxyServer accepts connections and gives each to serve; everything that it relays goes to target, whatever name was asked.
type proxyServer struct {
	addr   string
	target string

	mu    sync.Mutex
	asked []string
}

func newProxyServer(t *testing.T, target string, serve func(p *proxyServer, c net.Conn, r *bufio.Reader)) *proxyServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(target)
	p := &proxyServer{addr: l.Addr().String(), target: u.Host}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				defer context.AfterFunc(ctx, func() { c.Close() })()
				serve(p, c, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		l.Close()
		serving.Wait()
	})
	return p
}

func (p *proxyServer) note(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, what)
}

func (p *proxyServer) seen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.asked, "\n")
}

// relay joins c and the target.
func (p *proxyServer) relay(c net.Conn, r io.Reader) {
	up, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { io.Copy(up, r); up.(*net.TCPConn).CloseWrite() })
	io.Copy(c, up)
	c.Close()
	both.Wait()
	up.Close()
}

// httpProxy answers CONNECT and requests in absolute-form, which it passes on as they are.
func httpProxy(p *proxyServer, c net.Conn, r *bufio.Reader) {
	for {
		head, err := readRequestHead(r)
		if err != nil {
			return
		}
		p.note(head)
		if strings.HasPrefix(head, "GET http://refused.test/") {
			io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno!")
			return
		}
		if strings.HasPrefix(head, "CONNECT ") {
			if strings.Contains(head, "refused.test") {
				io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno!")
				return
			}
			io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
			p.relay(c, r)
			return
		}
		io.WriteString(c, ok("through the proxy"))
	}
}

// socksProxy speaks SOCKS5 with a user name and password (RFC 1928, RFC 1929).
func socksProxy(p *proxyServer, c net.Conn, r *bufio.Reader) {
	read := func(n int) []byte {
		b := make([]byte, n)
		io.ReadFull(r, b)
		return b
	}
	read(int(read(2)[1]))
	c.Write([]byte{5, 2})
	user := read(int(read(2)[1]))
	password := read(int(read(1)[0]))
	c.Write([]byte{1, 0})
	var host []byte
	switch read(4)[3] {
	case 1:
		host = []byte(netip.AddrFrom4([4]byte(read(4))).String())
	case 3:
		host = read(int(read(1)[0]))
	default:
		return
	}
	read(2)
	p.note(string(user) + ":" + string(password) + " " + string(host))
	if strings.HasPrefix(string(host), "refused") {
		c.Write([]byte{5, 2, 0, 1, 0, 0, 0, 0, 0, 0})
		return
	}
	c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	p.relay(c, r)
}

func proxyURL(scheme string, p *proxyServer) *url.URL {
	return &url.URL{Scheme: scheme, User: url.UserPassword("me", "hush"), Host: p.addr}
}

// checkProxied looks that the record is about the origin and tells nothing of the proxy.
func checkProxied(t *testing.T, r record, url string) {
	t.Helper()
	if r.URL != url || r.IP.IsValid() || !strings.HasPrefix(string(r.request), "GET /p HTTP/1.1\r\nHost: ") {
		t.Errorf("URI %s, IP %v, request %q", r.URL, r.IP, r.request)
	}
	for _, secret := range []string{"CONNECT", "Proxy-", "hush", base64.StdEncoding.EncodeToString([]byte("me:hush"))} {
		if strings.Contains(string(r.request)+string(r.response), secret) {
			t.Errorf("the record holds %q", secret)
		}
	}
}

func TestHTTPProxy(t *testing.T) {
	t.Parallel()
	p := newProxyServer(t, "http://unused.test", httpProxy)
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.Proxy, o.AllowPrivate = proxyURL("http", p), nil })
	for range 2 {
		f, err := get(t, tr, "http://origin.test/p")
		if err != nil || string(f.body) != "through the proxy" {
			t.Fatalf("body %q, %v", f.body, err)
		}
	}
	for _, r := range k.all() {
		checkProxied(t, r, "http://origin.test/p")
		sameBytes(t, "record", r.response, []byte(ok("through the proxy")))
	}
	want := "GET http://origin.test/p HTTP/1.1\r\nHost: origin.test\r\nUser-Agent: tearsheet-test\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nProxy-Authorization: Basic bWU6aHVzaA==\r\n\r\n"
	if got := p.seen(); got != want+"\n"+want {
		t.Errorf("the proxy got %q", got)
	}
}

func TestTunnelThroughAProxy(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	for _, c := range []struct {
		name, scheme string
		serve        func(*proxyServer, net.Conn, *bufio.Reader)
		seen         string
	}{
		{"HTTP", "http", httpProxy, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nProxy-Authorization: Basic bWU6aHVzaA==\r\n\r\n"},
		{"SOCKS5", "socks5h", socksProxy, "me:hush example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, config, func(string) answer { return answer{wire: ok("secure")} })
			p := newProxyServer(t, o.url, c.serve)
			k := &keeper{}
			tr := newTransport(t, k, func(o *Options) {
				o.Proxy, o.AllowPrivate, o.TLS = proxyURL(c.scheme, p), nil, trusting(roots)
			})
			for range 2 {
				f, err := get(t, tr, "https://example.com/p")
				if err != nil || string(f.body) != "secure" {
					t.Fatalf("body %q, %v", f.body, err)
				}
			}
			for _, r := range k.all() {
				checkProxied(t, r, "https://example.com/p")
				if r.Protocols[1] != "tls/1.3" {
					t.Errorf("protocols %q", r.Protocols)
				}
			}
			if got := p.seen(); got != c.seen { // once: the second request uses the same connection
				t.Errorf("the proxy got %q", got)
			}
			_, err := get(t, tr, "https://refused.test/p")
			if e := wantClass(t, err, ClassConnect); strings.Contains(e.Error(), "hush") || strings.Contains(e.Error(), "127.0") {
				t.Errorf("the error tells too much: %v", e)
			}
		})
	}
}

// TestConnectToThroughAProxy: as in curl, a redirected connection is always a tunnel.
func TestConnectToThroughAProxy(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok("staging")} })
	p := newProxyServer(t, o.url, httpProxy)
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) {
		o.Proxy, o.ConnectTo = proxyURL("http", p), []ConnectTo{{"origin.test", "80", "staging.test", "8080"}}
	})
	f, err := get(t, tr, "http://origin.test/p")
	if err != nil || string(f.body) != "staging" || !strings.HasPrefix(p.seen(), "CONNECT staging.test:8080 ") {
		t.Fatalf("body %q, %v; the proxy got %q", f.body, err, p.seen())
	}
	checkProxied(t, k.only(t), "http://origin.test/p")
}

func TestProxyIsNotAskedForPrivateAddresses(t *testing.T) {
	t.Parallel()
	p := newProxyServer(t, "http://unused.test", httpProxy)
	tr := newTransport(t, &keeper{}, func(o *Options) { o.Proxy, o.AllowPrivate = proxyURL("http", p), nil })
	for _, u := range []string{"http://10.0.0.1/", "https://[fd00::1]/", "http://localhost/", "http://2130706433/"} {
		_, err := get(t, tr, u)
		wantClass(t, err, ClassRefused)
	}
	if got := p.seen(); got != "" {
		t.Errorf("the proxy was asked: %q", got)
	}
}

func TestProxyThatIsNotThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	for _, scheme := range []string{"http", "socks5h"} {
		tr := newTransport(t, &keeper{}, func(o *Options) { o.Proxy = &url.URL{Scheme: scheme, Host: l.Addr().String()} })
		_, err := get(t, tr, "https://origin.test/")
		if e := wantClass(t, err, ClassConnect); !strings.Contains(e.Error(), "through the proxy") || strings.Contains(e.Error(), "127.0") {
			t.Errorf("%s: %v", scheme, e)
		}
	}
}

func TestOptionsThatContradict(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/missing"
	for name, o := range map[string]Options{
		"no recorder":          {},
		"no folder for spools": {Recorder: &keeper{}, SpoolDir: file},
		"a proxy over TLS":     {Recorder: &keeper{}, Proxy: &url.URL{Scheme: "https", Host: "p.test"}},
		"a proxy without host": {Recorder: &keeper{}, Proxy: &url.URL{Scheme: "http"}},
	} {
		if tr, err := New(o); err == nil {
			tr.Close()
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestEnvironmentProxyIsIgnored(t *testing.T) {
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok("direct")} })
	to, _ := ParseConnectTo("origin.test:80:" + strings.TrimPrefix(o.url, "http://"))
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("ALL_PROXY", "socks5://127.0.0.1:1")
	tr := newTransport(t, &keeper{}, func(o *Options) { o.ConnectTo = []ConnectTo{to} })
	if f, err := get(t, tr, "http://origin.test/"); err != nil || string(f.body) != "direct" {
		t.Errorf("body %q, %v", f.body, err)
	}
}

func TestAProxyThatWantsOtherCredentialsIsNoAnswerOfTheOrigin(t *testing.T) {
	t.Parallel()
	p := newProxyServer(t, "http://unused.test", httpProxy)
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.Proxy, o.AllowPrivate = proxyURL("http", p), nil })
	_, err := get(t, tr, "http://refused.test/p")
	if e := wantClass(t, err, ClassConnect); !strings.Contains(e.Error(), "through the proxy: it answered 407") {
		t.Errorf("the error is %v", e)
	}
	if r := k.only(t); len(r.response) > 0 || r.Status != 0 || !strings.Contains(r.Failure, "407") {
		t.Errorf("recorded as the origin's: status %d, failure %q, %q", r.Status, r.Failure, r.response)
	}
}

// TestWhoLooksUpNamesForSOCKS: as in curl, we for socks5 and the proxy for socks5h.
func TestWhoLooksUpNamesForSOCKS(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok("ok")} })
	for _, c := range []struct {
		name, scheme string
		addresses    []string
		want         Class
		seen         string
	}{
		{"socks5: a public address is asked for", "socks5", []string{"10.0.0.1", "93.184.215.14"}, "", "me:hush 93.184.215.14"},
		{"socks5: a name with a private address is refused", "socks5", []string{"10.0.0.1"}, ClassRefused, ""},
		{"socks5: a name that does not exist", "socks5", nil, ClassDNS, ""},
		{"socks5h: the proxy gets the name", "socks5h", nil, "", "me:hush origin.test"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newProxyServer(t, o.url, socksProxy)
			tr := newTransport(t, &keeper{}, func(o *Options) { o.Proxy, o.AllowPrivate = proxyURL(c.scheme, p), nil })
			zone := map[string][][]string{}
			if c.addresses != nil {
				zone["origin.test"] = [][]string{c.addresses}
			}
			tr.dialer.resolver = nameServer(t, zone)
			_, err := get(t, tr, "http://origin.test/p")
			if c.want == "" && err != nil {
				t.Error(err)
			} else if c.want != "" {
				wantClass(t, err, c.want)
			}
			if got := p.seen(); got != c.seen {
				t.Errorf("the proxy was asked for %q, want %q", got, c.seen)
			}
		})
	}
}
