package crawler

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tearsheet/archive"
	"tearsheet/archive/index"
	"tearsheet/archive/warc"
	"tearsheet/crawler/frontier"
)

// oddLocations are values that servers send in Location, or might.
func oddLocations() map[string]string {
	return map[string]string{
		"a port above 65535":      "http://127.0.0.1:99999/x",
		"a port of twenty digits": "http://n.example:99999999999999999999/x",
		"port 0":                  "http://n.example:0/x",
		"no port behind a colon":  "http://n.example:/x",
		"a port that is none":     "http://n.example:port/x",
		"a space in the path":     "http://n.example/a b",
		"a space in the query":    "http://n.example/x?a b",
		"a space in the host":     "http://n exa mple/x",
		"a tab":                   "/x\ty",
		"a password":              "http://bob:hush@n.example/x",
		"an IPv6 zone":            "http://[fe80::1%25eth0]/x",
		"a bare IPv6 zone":        "http://[fe80::1%eth0]/x",
		"a wrong IPv6 address":    "http://[1::2::3]/x",
		"an open bracket":         "http://[::1/x",
		"no host":                 "http:///x",
		"one slash":               "http:/x",
		"no slash":                "http:x",
		"three slashes":           "///x",
		"backslashes":             "\\\\n.example\\x",
		"letters of another kind": "http://n\xc3\xa4chste.example/b\xc3\xbccher?\xc3\xa4",
		"not UTF-8":               "http://n.example/\xff?\xfe",
		"a host not UTF-8":        "http://n\xff.example/",
		"a host of percent signs": "http://%41.example/x",
		"a host in angle quotes":  "http://<n.example>/x",
		"a wrong IDN":             "http://a\u00adü..x/",
		"a bad escape":            "http://n.example/%zz",
		"a very long path":        "/" + strings.Repeat("x", 60_000),
		"a very long host":        "http://" + strings.Repeat("x.", 20_000) + "example/",
		"another scheme":          "javascript:alert(1)",
		"an opaque URL":           "mailto:bob@n.example",
		"only a fragment":         "#x",
		"only a query":            "?",
	}
}

func TestNoRedirectEndsTheRun(t *testing.T) {
	pages := map[string]http.HandlerFunc{"m.example/whole": htm(article("Whole", ""))}
	urls := []string{"http://m.example/whole"}
	figures := ""
	i := 0
	for name, to := range oddLocations() {
		i++
		at := "/" + url.PathEscape(name)
		pages["m.example/"+name] = redirect(302, to)
		urls = append(urls, "http://m.example"+at)
		figures += `<figure><img width=800 height=600 src="http://m.example` + at + `?picture"></figure>`
	}
	pages["m.example/figures"] = htm(article("Figures", figures))
	urls = append(urls, "http://m.example/figures")
	o := newOrigin(t, pages)
	b := newBench(t, o, nil)
	got, err := b.capture(t.Context(), urls...)
	b.must(err)
	records := b.settle()
	if len(got) != len(urls) {
		t.Errorf("%d pages were told, want %d", len(got), len(urls))
	}
	wants(t, got[urls[0]], archive.OK)
	wants(t, got["http://m.example/figures"], archive.Partial, "a%20port%20above%2065535", "impossible port")
	for _, p := range got {
		if p.Verdict == "" || p.Verdict != archive.OK && len(p.Reasons) == 0 {
			t.Errorf("%s has verdict %q and reasons %q", p.URL, p.Verdict, p.Reasons)
		}
	}
	for key := range records {
		if strings.Contains(key, "hush") {
			t.Errorf("a password is in the archive: %s", key)
		}
	}
}

func TestOddSeedsEndAsPages(t *testing.T) {
	seeds := []string{
		"http://n.example:99999/", "http://bob:hush@n.example/a", "http://bob:hush@n.example:99999/a", "http://n.example/a b?c d#e", "http://n.example/x#y", "http://[::1",
	}
	o := newOrigin(t, nil) // all that is asked is 404
	b := newBench(t, o, func(o *Options) {
		o.Wire.ConnectTo = nil
		o.Wire.AllowPrivate = nil
		o.Wire.Proxy = &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	})
	got, err := b.capture(t.Context(), seeds...)
	b.must(err)
	if len(got) != len(seeds) {
		t.Errorf("%d pages were told, want %d", len(got), len(seeds))
	}
	for _, p := range got {
		wants(t, p, archive.Failed)
		if strings.Contains(p.URL+strings.Join(p.Reasons, " "), "hush") {
			t.Errorf("a password is told: %+v", p)
		}
	}
}

func TestAForbiddenPageWithAFragmentIsListed(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"/robots.txt": as("text/plain", "User-agent: *\nDisallow: /")})
	p := one(t, o, func(o *Options) { o.IgnoreRobots = false }, "http://n.example/a#top")
	wants(t, p, archive.Blocked, "robots.txt")
}

// FuzzWhatIsAskedCanBeArchived: what passes Normalise can be the target of a record and has a place in the index.
func FuzzWhatIsAskedCanBeArchived(f *testing.F) {
	for _, to := range oddLocations() {
		f.Add(to)
	}
	base, err := url.Parse("http://n.example/s/a?b")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, to string) {
		u := resolve(base, to)
		if u == nil {
			return
		}
		if err := warc.CheckTarget(u.String()); err != nil {
			t.Error(err)
		}
		if _, err := index.SURT(u.String()); err != nil {
			t.Error(err)
		}
		if again, err := frontier.Normalise(u.String()); err != nil || again.String() != u.String() {
			t.Errorf("%q becomes %q, then %v, %v", to, u, again, err)
		}
		if u.User != nil {
			t.Errorf("%q keeps its user", to)
		}
	})
}
