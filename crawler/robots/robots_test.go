package robots

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func parseURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAllowed(t *testing.T) {
	const own = "User-agent: tearsheet\nDisallow: /own\n\nUser-agent: *\nDisallow: /all\n"
	for _, c := range []struct {
		name, text, url string
		want            bool
	}{
		{"an empty file allows everything", "", "https://n.example/x", true},
		{"the group for all applies when none is ours", "User-agent: *\nDisallow: /x", "https://n.example/x/y", false},
		{"our group applies", own, "https://n.example/own/1", false},
		{"our group replaces the one for all", own, "https://n.example/all", true},
		{"the token is compared without case", "USER-AGENT: TearSheet\nDISALLOW: /", "https://n.example/x", false},
		{"a version after the token is no part of it", "User-agent: tearsheet/2.0\nDisallow: /", "https://n.example/x", false},
		{"a longer token is another crawler", "User-agent: tearsheet-images\nDisallow: /", "https://n.example/x", true},
		{"a shorter token is another crawler", "User-agent: tear\nDisallow: /", "https://n.example/x", true},
		{"two groups of ours are one", "User-agent: tearsheet\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: tearsheet\nDisallow: /b", "https://n.example/b", false},
		{"a group may have several agents", "User-agent: x\nUser-agent: tearsheet\nDisallow: /a", "https://n.example/a", false},
		{"our empty group allows everything", "User-agent: tearsheet\nDisallow:\n\nUser-agent: *\nDisallow: /", "https://n.example/x", true},
		{"the longer allow wins", "User-agent: *\nDisallow: /news\nAllow: /news/open", "https://n.example/news/open/1", true},
		{"the longer disallow wins", "User-agent: *\nAllow: /news\nDisallow: /news/closed", "https://n.example/news/closed/1", false},
		{"of equals, allow wins", "User-agent: *\nDisallow: /news\nAllow: /news", "https://n.example/news", true},
		{"the order of lines does not matter", "User-agent: *\nAllow: /news/open\nDisallow: /news", "https://n.example/news/open", true},
		{"a star stands for anything", "User-agent: *\nDisallow: /*/print", "https://n.example/2026/11/print", false},
		{"a star may stand for nothing", "User-agent: *\nDisallow: /a*b", "https://n.example/ab", false},
		{"a dollar ends the path", "User-agent: *\nDisallow: /*.pdf$", "https://n.example/a.pdf", false},
		{"a dollar does not match within", "User-agent: *\nDisallow: /*.pdf$", "https://n.example/a.pdf?x", true},
		{"a dollar in the middle is itself", "User-agent: *\nDisallow: /a$b", "https://n.example/a$b", false},
		{"the query belongs to the path", "User-agent: *\nDisallow: /*?print=", "https://n.example/a?print=1", false},
		{"paths are compared with case", "User-agent: *\nDisallow: /News", "https://n.example/news", true},
		{"a needless encoding in the URL is undone", "User-agent: *\nDisallow: /baz", "https://n.example/%62%61%7A", false},
		{"a needless encoding in the rule is undone", "User-agent: *\nDisallow: /%62%61%7a", "https://n.example/baz", false},
		{"digits of an encoding are compared without case", "User-agent: *\nDisallow: /%E3%83%84", "https://n.example/%e3%83%84", false},
		{"a rule in UTF-8 matches the encoded URL", "User-agent: *\nDisallow: /ツ", "https://n.example/%E3%83%84", false},
		{"an encoded slash is not a slash", "User-agent: *\nDisallow: /a/b", "https://n.example/a%2Fb", true},
		{"comments and odd spacing do not matter", "\ufeff# hi\r\nuser-agent :*# all\r\n  disallow:\t/x # no\r\n", "https://n.example/x", false},
		{"rules before any group are nobody's", "Disallow: /\nUser-agent: x\nDisallow: /", "https://n.example/x", true},
		{"an HTML page says nothing", "<!doctype html><html><body>Disallow everything: /</body></html>", "https://n.example/x", true},
		{"robots.txt itself is allowed", "User-agent: *\nDisallow: /", "https://n.example/robots.txt", true},
		{"a sitemap line does not end a group", "User-agent: *\nSitemap: https://n.example/s.xml\nDisallow: /x", "https://n.example/x", false},
		{"the root is a path", "User-agent: *\nDisallow: /$", "https://n.example", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, line := Parse([]byte(c.text), "tearsheet").Allowed(parseURL(t, c.url)); got != c.want {
				t.Errorf("allowed %v (line %d), want %v", got, line, c.want)
			}
		})
	}
}

func TestAllowedTellsTheLine(t *testing.T) {
	r := Parse([]byte("# one\nUser-agent: *\nDisallow: /x\n"), "tearsheet")
	if _, line := r.Allowed(parseURL(t, "https://n.example/x")); line != 3 {
		t.Errorf("line %d, want 3", line)
	}
	if _, line := r.Allowed(parseURL(t, "https://n.example/y")); line != 0 {
		t.Errorf("line %d, want 0", line)
	}
}

func TestParseLimit(t *testing.T) {
	head := "User-agent: *\nDisallow: /in\n"
	body := head + strings.Repeat("#", ParseLimit-len(head)-len("\nDisallow: /")) + "\nDisallow: /cut\nDisallow: /out\n"
	r := Parse([]byte(body), "tearsheet")
	for path, want := range map[string]bool{"/in": false, "/cut": true, "/out": true, "/other": true} {
		if got, _ := r.Allowed(parseURL(t, "https://n.example"+path)); got != want {
			t.Errorf("%s allowed %v, want %v: rules beyond %d bytes and the one cut there do not count", path, got, want, ParseLimit)
		}
	}
}

func TestCrawlDelayAndSitemaps(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       time.Duration
	}{
		{"none", "User-agent: *\nDisallow: /", 0},
		{"of the group for all", "User-agent: *\nCrawl-delay: 1\nDisallow: /private/", time.Second},
		{"a fraction of a second", "User-agent: *\nCrawl-delay: 0.5", 500 * time.Millisecond},
		{"ours, though it comes second", "User-agent: *\nCrawl-delay: 9\nDisallow: /\nUser-agent: tearsheet\nCrawl-delay: 2", 2 * time.Second},
		{"another crawler's is not ours", "User-agent: x\nCrawl-delay: 9\nDisallow: /\nUser-agent: *\nDisallow: /", 0},
		{"our group without one is not given that of all", "User-agent: *\nCrawl-delay: 9\nDisallow: /\nUser-agent: tearsheet\nDisallow: /x", 0},
		{"the longest of several", "User-agent: *\nCrawl-delay: 2\nCrawl-delay: 3\nCrawl-delay: 1", 3 * time.Second},
		{"what is no number is none", "User-agent: *\nCrawl-delay: soon\nCrawl-delay: -4\nCrawl-delay: NaN", 0},
		{"more than a day is a day", "User-agent: *\nCrawl-delay: 1e300", 24 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Parse([]byte(c.text), "tearsheet").CrawlDelay(); got != c.want {
				t.Errorf("Crawl-delay %v, want %v", got, c.want)
			}
		})
	}
	r := Parse([]byte("Sitemap: https://n.example/a.xml\nUser-agent: x\nsitemap: https://n.example/b.xml"), "tearsheet")
	if want := []string{"https://n.example/a.xml", "https://n.example/b.xml"}; !slices.Equal(r.Sitemaps(), want) {
		t.Errorf("sitemaps %q, want %q", r.Sitemaps(), want)
	}
}

func TestToken(t *testing.T) {
	for _, c := range []struct{ agent, want string }{
		{"tearsheet/1.0 (+https://example.org/bot)", "tearsheet"},
		{"tearsheet", "tearsheet"},
		{"My_News-Bot/2", "My_News-Bot"},
		{"Mozilla/5.0 (compatible; tearsheet/1.0; +https://example.org)", "tearsheet"},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "Mozilla"},
		{"Mozilla/5.0 (compatible; )", "Mozilla"},
		{"", ""},
	} {
		if got := Token(c.agent); got != c.want {
			t.Errorf("Token(%q) = %q, want %q", c.agent, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /x*$\nCrawl-delay: 1\nSitemap: https://n.example/"), "/x?%zz%41")
	f.Add([]byte("\xef\xbb\xbfuser-agent tearsheet\ndisallow /\n"), "")
	f.Add([]byte("a \u00a0:\u0085\n:\n\x00\xff%"), "/%E3%83")
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		r := Parse(body, "tearsheet")
		u := &url.URL{Scheme: "https", Host: "n.example", Path: path}
		if got, line := r.Allowed(u); !got && line == 0 {
			t.Errorf("%q forbidden by no line", path)
		}
		if d := r.CrawlDelay(); d < 0 || d > 24*time.Hour {
			t.Errorf("Crawl-delay %v", d)
		}
	})
}
