package index

import (
	"strings"
	"testing"
)

// The answers are those of the Python package surt 0.3.1, which pywb and cdxj-indexer build their keys with.
var surtCases = []struct{ url, key string }{
	{"http://www.example.com/", "com,example)/"},
	{"http://example.com", "com,example)/"},
	{"example.com/x", "com,example)/x"},
	{"https://www2.Example.com:443/A/B/?b=2&a=1&a=0#frag", "com,example)/a/b?a=0&a=1&b=2"},
	{"http://example.com:8080/x", "com,example:8080)/x"},
	{"http://example.com:443/x", "com,example:443)/x"},
	{"https://example.com:80/x", "com,example:80)/x"},
	{"http://example.com:/x", "com,example)/x"},
	{"http://user:pw@example.com/x", "com,example)/x"},
	{"http://example.com./x", "com,example)/x"},
	{"http://www.com/", "com)/"},
	{"http://www1.www.example.com/", "com,example,www)/"},
	{"http://wwwx.example.com/", "com,example,wwwx)/"},
	{"http://host_name.example/x", "example,host_name)/x"},
	{"http://192.168.1.2/x", "2,1,168,192)/x"},
	{"http://192.168.1.2:8080/x", "2,1,168,192:8080)/x"},
	{"http://3279880203/blah", "11,0,127,195)/blah"},
	{"http://010.0.0.1/", "1,0,0,8)/"},
	{"http://1.2/x", "2,0,0,1)/x"},
	{"http://[::1]:80/x", "::1)/x"},
	{"http://[2001:db8::1]:8080/x", "2001:db8::1:8080)/x"},
	{"http://bücher.example/x", "example,xn--bcher-kva)/x"},
	{"http://BÜCHER.example/x", "example,xn--bcher-kva)/x"},
	{"http://xn--bcher-kva.example/x", "example,xn--bcher-kva)/x"},
	{"http://a%2eb.example/x", "example,b,a)/x"},
	{"http://example.com?x=Y", "com,example)/?x=y"},
	{"http://example.com/x?", "com,example)/x"},
	{"http://example.com/x?&&", "com,example)/x?&&"},
	{"http://example.com/x?a&b=&a=", "com,example)/x?a&a=&b="},
	{"http://example.com/x?b&a&c=1", "com,example)/x?a&b&c=1"},
	{"http://example.com/x?q=%26amp%3D", "com,example)/x?amp=&q="},
	{"http://example.com/x?q=a+b%20c", "com,example)/x?q=a+b%20c"},
	{"http://example.com/x?q=#f?", "com,example)/x?q="},
	{"http://example.com/x?%00", "com,example)/x?%00"},
	{"http://example.com/a//b/../c/./d/", "com,example)/a/c/d"},
	{"http://example.com/a%2fb%41%20c%25%2541", "com,example)/a/ba%20c%25a"},
	{"http://example.com/a b", "com,example)/a%20b"},
	{"http://example.com/é?ü=1", "com,example)/%c3%a9?%c3%bc=1"},
	{"http://EXAMPLE.com/%C3%89", "com,example)/%c3%89"},
	{"http://example.com/%E9", "com,example)/%e9"},
	{"http://example.com/a%23b", "com,example)/a%23b"},
	{"http://example.com/..", "com,example)/.."},
	{"http://example.com/../../x", "com,example)/x"},
	{"http://example.com/a/../..", "com,example)/.."},
	{"http:/example.com/x", "com,example)/x"},
	{"http://http://example.com/x", "com,example)/x"},
	{" http://exa\nmple.com/x\t", "com,example)/x"},
	{"http://example.com/x?jsessionid=0123456789ABCDEF0123456789abcdef&x=1", "com,example)/x?x=1"},
	{"http://example.com/x?y=1&PHPSESSID=0123456789ABCDEF0123456789abcdef&x=1", "com,example)/x?x=1&y=1"},
	{"http://example.com/x?sid=0123456789ABCDEF0123456789abcdef", "com,example)/x"},
	{"http://example.com/x?sid=0123", "com,example)/x?sid=0123"},
	{"http://example.com/x?cfid=1&cftoken=2&z=3", "com,example)/x?z=3"},
	{"http://example.com/x;jsessionid=0123456789ABCDEF0123456789abcdef", "com,example)/x;jsessionid=0123456789abcdef0123456789abcdef"},
	{"http://example.com/(4hqa0555fwsecu455xqckv45)/mileg.aspx", "com,example)/mileg.aspx"},
	{"http://example.com/(a(4hqa0555fwsecu455xqckv45)S(4hqa0555fwsecu455xqckv45)f(4hqa0555fwsecu455xqckv45))/mileg.aspx?page=sectionlist",
		"com,example)/mileg.aspx?page=sectionlist"},
	{"ftp://www.example.com/x", "com,example)/x"},
	{"dns:www.example.com", "dns:www.example.com"},
	{"urn:uuid:ABC-def", "urn:uuid:abc-def"},
	{"file:///etc/Passwd", "file:/etc/passwd"},
	{"mailto:Foo@example.com", "mailto:foo@example.com"},
	{"data:text/html,<p>HI", "data:text/html,<p>hi"},
	{"about:blank", "about:blank"},
	{"metadata://tearsheet/Page", "tearsheet)/page"},
	{"screenshot:https://example.com/", "screenshot:https://example.com"},
}

func TestSURT(t *testing.T) {
	for _, test := range surtCases {
		got, err := SURT(test.url)
		if err != nil || got != test.key {
			t.Errorf("SURT(%q) = %q, %v, want %q", test.url, got, err, test.key)
		}
	}
}

func TestSURTRefuses(t *testing.T) {
	for _, url := range []string{"", " \n", "http://example.com:http/", "http://example.com:65536/", "http://example.com:-1/"} {
		if got, err := SURT(url); err == nil {
			t.Errorf("SURT(%q) = %q, want an error", url, got)
		}
	}
}

func FuzzSURT(f *testing.F) {
	for _, test := range surtCases {
		f.Add(test.url)
	}
	f.Add("http://%2525252525253a/")
	f.Add("http://\xff/\xff?\xff")
	f.Fuzz(func(t *testing.T, url string) {
		key, err := SURT(url)
		if err != nil {
			return
		}
		if !validKey(key) || key != strings.ToLower(key) {
			t.Errorf("SURT(%q) = %q is no key", url, key)
		}
		if again, err := SURT(" " + url + "\n"); err != nil || again != key {
			t.Errorf("SURT(%q) with spaces around = %q, %v, want %q", url, again, err, key)
		}
		bare := strings.TrimRight(url, " \t\n\r\v\f") // spaces before a fragment are part of the path
		if again, err := SURT(bare + "#fragment"); err != nil || again != key {
			t.Errorf("SURT(%q) with a fragment = %q, %v, want %q", url, again, err, key)
		}
	})
}

func BenchmarkSURT(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := SURT("https://www.harbour-gazette.example/2024/03/05/Storm-closes-harbour/photo.jpg?w=1200&h=800&q=80"); err != nil {
			b.Fatal(err)
		}
	}
}
