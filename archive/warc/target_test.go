package warc

import (
	"errors"
	"strings"
	"testing"
)

func TestTargetsOfRecords(t *testing.T) {
	for _, c := range []struct{ name, uri, why string }{
		{"a page", "https://news.example/a?b=c", ""},
		{"letters that a browser sends as they are", "http://news.example/ä|b", ""},
		{"an IPv6 address", "http://[2001:db8::1]:8080/", ""},
		{"another scheme", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", ""},
		{"the last port", "http://news.example:65535/", ""},
		{"a port behind the last", "http://127.0.0.1:65536/", "impossible port"},
		{"a port beyond all integers", "http://news.example:99999999999999999999/", "impossible port"},
		{"no host", "http:///a", "no host"},
		{"no scheme", "//news.example/", "no scheme"},
		{"a password", "http://bob:hush@news.example/", "user name or password"},
		{"a password in what does not parse", "http://bob:hush@news.example:port/", "does not parse"},
		{"a fragment", "http://news.example/#a", "fragment"},
		{"a space", "http://news.example/a b", "space"},
		{"a line end", "http://news.example/a\r\nb", "space or control"},
		{"not UTF-8", "http://news.example/\xff", "not UTF-8"},
		{"more than a header should hold", "http://news.example/" + strings.Repeat("a", maxTarget), "bytes, more than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := CheckTarget(c.uri)
			if c.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, ErrTarget) || !strings.Contains(err.Error(), c.why) || strings.Contains(err.Error(), "hush") {
				t.Errorf("CheckTarget(%.60q) = %v, want an ErrTarget that says %q and no secret", c.uri, err, c.why)
			}
		})
	}
}

func TestEscapeURI(t *testing.T) {
	for in, want := range map[string]string{"/a?b=c": "/a?b=c", "/a b\"<>#\x7f\n": "/a%20b%22%3C%3E%23%7F%0A", "/ä": "/%C3%A4", "/%20": "/%20"} {
		if got := EscapeURI(in); got != want {
			t.Errorf("EscapeURI(%q) = %q, want %q", in, got, want)
		}
	}
}
