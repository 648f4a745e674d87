package wire

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestTargetURIIsWhatIsSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, url, line, host string }{
		{"http://example.com", "http://example.com/", "GET / HTTP/1.1", "example.com"},
		{"HTTP://EXAMPLE.com:8080/A?b#c", "http://example.com:8080/A?b", "GET /A?b HTTP/1.1", "example.com:8080"},
		{"http://user:secret@example.com/", "http://example.com/", "GET / HTTP/1.1", "example.com"},
		{"http://bücher.example/", "http://xn--bcher-kva.example/", "GET / HTTP/1.1", "xn--bcher-kva.example"},
		{"http://BÜCHER.example/", "http://xn--bcher-kva.example/", "GET / HTTP/1.1", "xn--bcher-kva.example"},
		{"http://例え.テスト/", "http://xn--r8jz45g.xn--zckzah/", "GET / HTTP/1.1", "xn--r8jz45g.xn--zckzah"},
		{"http://example.com/straße/日本?q=ü&r=a b", "http://example.com/stra%C3%9Fe/%E6%97%A5%E6%9C%AC?q=%C3%BC&r=a%20b", "GET /stra%C3%9Fe/%E6%97%A5%E6%9C%AC?q=%C3%BC&r=a%20b HTTP/1.1", "example.com"},
		{"http://example.com/a%2Fb%2fc%20d?x=%zz&y=%", "http://example.com/a%2Fb%2fc%20d?x=%zz&y=%", "GET /a%2Fb%2fc%20d?x=%zz&y=% HTTP/1.1", "example.com"},
		{`http://example.com/?q="<x>"`, "http://example.com/?q=%22%3Cx%3E%22", "GET /?q=%22%3Cx%3E%22 HTTP/1.1", "example.com"},
		{"http://example.com/a;b=1,2/(c)!*'/~x?", "http://example.com/a;b=1,2/(c)!*'/~x?", "GET /a;b=1,2/(c)!*'/~x? HTTP/1.1", "example.com"},
		{"http://example.com//double//slash", "http://example.com//double//slash", "GET //double//slash HTTP/1.1", "example.com"},
		{"http://example.com:/", "http://example.com/", "GET / HTTP/1.1", "example.com"},
		{"https://[2001:DB8::0:1]:444/x", "https://[2001:db8::1]:444/x", "GET /x HTTP/1.1", "[2001:db8::1]:444"},
		{"http://under_score.example./", "http://under_score.example./", "GET / HTTP/1.1", "under_score.example."},
	} {
		r, err := http.NewRequest("GET", c.raw, nil)
		if err != nil {
			t.Fatal(err)
		}
		q, err := newRequest(r, "")
		if err != nil {
			t.Errorf("%s: %v", c.raw, err)
			continue
		}
		lines := strings.Split(string(q.bytes), "\r\n")
		if q.url != c.url || lines[0] != c.line || lines[1] != "Host: "+c.host {
			t.Errorf("%s: URI %s, lines %q", c.raw, q.url, lines[:2])
		}
	}
}

func TestFieldsAreSentInOneOrder(t *testing.T) {
	t.Parallel()
	r, _ := http.NewRequest("", "http://example.com/p", nil)
	r.Header = http.Header{
		"X-Zulu": {"1", "2"}, "X-Alpha": {"a"}, "Cookie": {"c=1"}, "Referer": {"http://example.com/"}, "Accept": {"text/html"}, "Accept-Language": {"de"},
		"If-None-Match": {`"x"`}, "Accept-Encoding": {"br"}, "Connection": {"close"}, "Host": {"evil.test"}, "Content-Length": {"5"},
		"Transfer-Encoding": {"chunked"}, "Proxy-Authorization": {"Basic x"}, "Te": {"trailers"}, "Expect": {"100-continue"}, "Upgrade": {"h2c"},
	}
	q, err := newRequest(r, "tearsheet/1")
	if err != nil {
		t.Fatal(err)
	}
	want := "GET /p HTTP/1.1\r\nHost: example.com\r\nUser-Agent: tearsheet/1\r\nAccept: text/html\r\nAccept-Language: de\r\nAccept-Encoding: gzip\r\n" +
		"Referer: http://example.com/\r\nCookie: c=1\r\nIf-None-Match: \"x\"\r\nX-Alpha: a\r\nX-Zulu: 1\r\nX-Zulu: 2\r\n\r\n"
	if string(q.bytes) != want {
		t.Errorf("got %q\nwant %q", q.bytes, want)
	}
	r.Header = http.Header{"User-Agent": {"mine"}}
	q, _ = newRequest(r, "tearsheet/1")
	if want := "GET /p HTTP/1.1\r\nHost: example.com\r\nUser-Agent: mine\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\r\n"; string(q.bytes) != want {
		t.Errorf("got %q\nwant %q", q.bytes, want)
	}
}

func TestRequestsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	k := &keeper{}
	tr := newTransport(t, k, nil)
	base := func(change func(*http.Request)) *http.Request {
		r, _ := http.NewRequest("GET", "http://user:secret@127.0.0.1:1/", nil)
		change(r)
		return r
	}
	for name, r := range map[string]*http.Request{
		"POST":                  base(func(r *http.Request) { r.Method = "POST" }),
		"a method with CRLF":    base(func(r *http.Request) { r.Method = "GET / HTTP/1.1\r\nX: y\r\n" }),
		"a body":                base(func(r *http.Request) { r.Body = http.MaxBytesReader(nil, http.NoBody, 1) }),
		"ftp":                   base(func(r *http.Request) { r.URL.Scheme = "ftp" }),
		"no scheme":             base(func(r *http.Request) { r.URL.Scheme = "" }),
		"no URL":                base(func(r *http.Request) { r.URL = nil }),
		"no host":               base(func(r *http.Request) { r.URL.Host = "" }),
		"an opaque URL":         base(func(r *http.Request) { r.URL = &url.URL{Scheme: "http", Opaque: "//x"} }),
		"a host with CRLF":      base(func(r *http.Request) { r.URL.Host = "a\r\nX: y" }),
		"a host with a zone":    base(func(r *http.Request) { r.URL.Host = "[fe80::1%25eth0]" }),
		"another host":          base(func(r *http.Request) { r.Host = "other.test" }),
		"CRLF in a value":       base(func(r *http.Request) { r.Header["X-A"] = []string{"b\r\nX-C: d"} }),
		"NUL in a value":        base(func(r *http.Request) { r.Header["Referer"] = []string{"b\x00"} }),
		"a blank in a name":     base(func(r *http.Request) { r.Header["X A"] = []string{"b"} }),
		"a line end in a name":  base(func(r *http.Request) { r.Header["X\n"] = []string{"b"} }),
		"CRLF in a raw query":   base(func(r *http.Request) { r.URL.RawQuery = "a\r\nb"; r.Method = "PUT" }),
		"an invalid IDN":        base(func(r *http.Request) { r.URL.Host = "a\u00adü..x" }),
		"an IPv6 that is wrong": base(func(r *http.Request) { r.URL.Host = "[1::2::3]" }),
	} {
		resp, err := tr.RoundTrip(r)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s is sent", name)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
	if n := len(k.all()); n != 0 {
		t.Errorf("%d records", n)
	}
	r := base(func(r *http.Request) { r.URL.RawQuery = "a\r\nX: y" })
	if q, err := newRequest(r, ""); err != nil || !strings.HasPrefix(string(q.bytes), "GET /?a%0D%0AX:%20y HTTP/1.1\r\nHost") {
		t.Errorf("CRLF in a query: %q, %v", q.bytes, err)
	}
}

func TestIDNIsReached(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(path string) answer { return answer{wire: ok(path)} })
	to, err := ParseConnectTo("xn--bcher-kva.example:80:" + strings.TrimPrefix(o.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.ConnectTo = []ConnectTo{to} })
	f, err := get(t, tr, "http://bücher.example/größe?ß#x")
	if err != nil {
		t.Fatal(err)
	}
	r := k.only(t)
	if r.URL != "http://xn--bcher-kva.example/gr%C3%B6%C3%9Fe?%C3%9F" || string(f.body) != "/gr%C3%B6%C3%9Fe?%C3%9F" || !strings.Contains(string(r.request), "\r\nHost: xn--bcher-kva.example\r\n") {
		t.Errorf("URI %s, body %q, request %q", r.URL, f.body, r.request)
	}
}

func TestIPv6Literal(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok("six")} })
	u, _ := url.Parse(o.url)
	to := ConnectTo{Host: "2001:4860::1", Port: u.Port(), Addr: "127.0.0.1"}
	k := &keeper{}
	f, err := get(t, newTransport(t, k, func(o *Options) { o.ConnectTo = []ConnectTo{to} }), "http://[2001:4860:0::1]:"+u.Port()+"/")
	if err != nil || string(f.body) != "six" {
		t.Fatalf("body %q, %v", f.body, err)
	}
	if r := k.only(t); !strings.Contains(string(r.request), "Host: [2001:4860::1]:"+u.Port()+"\r\n") {
		t.Errorf("request %q", r.request)
	}
}
