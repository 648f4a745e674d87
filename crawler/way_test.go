package crawler

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tearsheet/archive"
)

func TestTheWayToAPage(t *testing.T) {
	endless := map[string]http.HandlerFunc{}
	for i := range 20 {
		endless[fmt.Sprintf("/%d", i)] = redirect(302, fmt.Sprintf("/%d", i+1))
	}
	for _, c := range []struct {
		name    string
		pages   map[string]http.HandlerFunc
		url     string
		verdict archive.Verdict
		words   []string
		final   string
		hops    int
	}{
		{"a page is captured", map[string]http.HandlerFunc{"/a": htm(article("A", ""))}, "http://n.example/a", archive.OK, nil, "", 0},
		{"a fragment is not asked for", map[string]http.HandlerFunc{"/a": htm(article("A", ""))}, "http://n.example/a#top", archive.OK, nil, "http://n.example/a", 0},
		{"301 is followed", map[string]http.HandlerFunc{"/a": redirect(301, "/b"), "/b": htm(article("B", ""))}, "http://n.example/a", archive.OK, nil, "http://n.example/b", 1},
		{"302 to another host is followed", map[string]http.HandlerFunc{"/a": redirect(302, "http://m.example/b"), "m.example/b": htm(article("B", ""))}, "http://n.example/a", archive.OK, nil, "http://m.example/b", 1},
		{"303, 307 and 308 are followed", map[string]http.HandlerFunc{"/a": redirect(303, "/b"), "/b": redirect(307, "/c"), "/c": redirect(308, "/d"), "/d": htm(article("D", ""))}, "http://n.example/a", archive.OK, nil, "http://n.example/d", 3},
		{"an immediate refresh is followed", map[string]http.HandlerFunc{"/a": htm(`<title>moved</title><meta http-equiv=refresh content="0; url=/b">`), "/b": htm(article("B", ""))}, "http://n.example/a", archive.OK, nil, "http://n.example/b", 1},
		{"an article that reloads itself is the page", map[string]http.HandlerFunc{"/a": htm(article("A", `<meta http-equiv=refresh content="0; url=/b">`))}, "http://n.example/a", archive.OK, nil, "", 0},
		{"a circle is told", map[string]http.HandlerFunc{"/a": redirect(302, "/b"), "/b": redirect(302, "/a")}, "http://n.example/a", archive.Failed, []string{"in a circle", "cookies"}, "http://n.example/b", 1},
		{"a redirect to itself is a circle", map[string]http.HandlerFunc{"/a": redirect(302, "/a#x")}, "http://n.example/a", archive.Failed, []string{"in a circle"}, "", 0},
		{"the eleventh redirect is not followed", endless, "http://n.example/0", archive.Failed, []string{"more than 10 times"}, "http://n.example/10", 10},
		{"a redirect without a target", map[string]http.HandlerFunc{"/a": status(302, "")}, "http://n.example/a", archive.Failed, []string{"302 Found and names no place"}, "", 0},
		{"a redirect to a scheme that cannot be fetched", map[string]http.HandlerFunc{"/a": redirect(302, "ftp://n.example/b")}, "http://n.example/a", archive.Failed, []string{`redirects to "ftp://n.example/b"`, "ftp is not http"}, "", 0},
		{"a redirect to a file", map[string]http.HandlerFunc{"/a": redirect(302, "file:///etc/passwd")}, "http://n.example/a", archive.Failed, []string{`redirects to "file:///etc/passwd"`, "file is not http"}, "", 0},
		{"304 to a request without condition", map[string]http.HandlerFunc{"/a": status(304, "")}, "http://n.example/a", archive.Failed, []string{"304 Not Modified, which is neither the page nor the way to it"}, "", 0},
		{"a redirect to an impossible port", map[string]http.HandlerFunc{"/a": redirect(302, "http://127.0.0.1:99999/x")}, "http://n.example/a", archive.Failed, []string{"redirects to", "impossible port"}, "", 0},
		{"a password in a redirect is not kept", map[string]http.HandlerFunc{"/a": redirect(302, "http://bob:hush@n.example/b"), "/b": htm(article("B", ""))}, "http://n.example/a", archive.OK, nil, "http://n.example/b", 1},
		{"a Refresh field is followed", map[string]http.HandlerFunc{"/a": status(200, "<title>moved</title>", "Refresh", "0;url=/b"), "/b": htm(article("B", ""))}, "http://n.example/a", archive.OK, nil, "http://n.example/b", 1},
		{"dot segments are resolved", map[string]http.HandlerFunc{"/s/a": htm(article("A", ""))}, "http://n.example/s/./x/../a", archive.OK, nil, "http://n.example/s/a", 0},
		{"404", nil, "http://n.example/a", archive.Failed, []string{"404 Not Found"}, "", 0},
		{"410", map[string]http.HandlerFunc{"/a": status(410, "gone")}, "http://n.example/a", archive.Failed, []string{"410 Gone"}, "", 0},
		{"403", map[string]http.HandlerFunc{"/a": status(403, "no")}, "http://n.example/a", archive.Blocked, []string{"403 Forbidden"}, "", 0},
		{"451", map[string]http.HandlerFunc{"/a": status(451, "no")}, "http://n.example/a", archive.Blocked, []string{"451"}, "", 0},
		{"an empty body", map[string]http.HandlerFunc{"/a": htm("")}, "http://n.example/a", archive.Failed, []string{"empty body"}, "", 0},
		{"204", map[string]http.HandlerFunc{"/a": status(204, "")}, "http://n.example/a", archive.Failed, []string{"204 No Content with an empty body"}, "", 0},
		{"a picture is kept as it is", map[string]http.HandlerFunc{"/a.gif": as("image/gif", gif)}, "http://n.example/a.gif", archive.OK, nil, "", 0},
		{"a document without a label is recognised", map[string]http.HandlerFunc{"/a": as("", article("A", "")+"<!-- -->")}, "http://n.example/a", archive.OK, nil, "", 0},
		{"something else is kept and said", map[string]http.HandlerFunc{"/a": as("application/json", `{"a":1}`)}, "http://n.example/a", archive.OK, []string{"no web page (application/json)"}, "", 0},
		{"a challenge", map[string]http.HandlerFunc{"/a": status(403, "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", "Cf-Mitigated", "challenge")}, "http://n.example/a", archive.Blocked, []string{"Cloudflare challenge"}, "", 0},
		{"a challenge with status 200", map[string]http.HandlerFunc{"/a": htm("<title>Robot or human?</title><p>Click below.")}, "http://n.example/a", archive.Blocked, []string{"captcha"}, "", 0},
		{"a challenge with status 503 is not asked again", map[string]http.HandlerFunc{"/a": status(503, "<title>Checking your browser</title>")}, "http://n.example/a", archive.Blocked, []string{"checking your browser"}, "", 0},
		{"a soft 404", map[string]http.HandlerFunc{"/a": htm("<title>Page not found – The News</title><p>Sorry.")}, "http://n.example/a", archive.Soft404, []string{"Page not found"}, "", 0},
		{"a redirect to the home page", map[string]http.HandlerFunc{"/2026/a": redirect(302, "http://www.n.example/"), "www.n.example/": htm(article("The News", ""))}, "http://n.example/2026/a", archive.Soft404, []string{"leads to the home page"}, "http://www.n.example/", 1},
		{"a short link to another site's home page is that page", map[string]http.HandlerFunc{"t.example/x": redirect(302, "http://n.example/"), "n.example/": htm(article("The News", ""))}, "http://t.example/x", archive.OK, nil, "http://n.example/", 1},
		{"a paywall", map[string]http.HandlerFunc{"/a": htm(`<title>A</title><script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","isAccessibleForFree":false,"headline":"A"}</script><article><p>Only the first words.</p></article>`)}, "http://n.example/a", archive.Blocked, []string{"paywall"}, "", 0},
		{"a consent wall", map[string]http.HandlerFunc{"n.example/a": redirect(302, "http://consent.n.example/x?back=a"), "consent.n.example/x": htm("<title>Ihre Wahl</title><p>OK?")}, "http://n.example/a", archive.Blocked, []string{"consent"}, "http://consent.n.example/x?back=a", 1},
		{"an empty shell for scripts", map[string]http.HandlerFunc{"/a": htm(`<title>A</title><div id=root></div><script src="/app.js"></script>`), "/app.js": as("text/javascript", "1")}, "http://n.example/a", archive.Partial, []string{"no text"}, "", 0},
		{"a document that is nested too deeply is kept and said", map[string]http.HandlerFunc{"/a": htm(strings.Repeat("<div>", 600))}, "http://n.example/a", archive.Partial, []string{"could not be read"}, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := one(t, newOrigin(t, c.pages), func(o *Options) { o.Retries = 2 }, c.url)
			wants(t, p, c.verdict, c.words...)
			if p.Final != c.final || len(p.Hops) != c.hops {
				t.Errorf("%s ended at %q after %d hops, want %q after %d", c.url, p.Final, len(p.Hops), c.final, c.hops)
			}
			if p.Capture == nil || p.Capture.Record == "" {
				t.Errorf("the page's own exchange is not listed: %+v", p.Capture)
			}
			for _, h := range p.Hops {
				if h.Record == "" || h.Status == 0 {
					t.Errorf("hop %+v is not in the archive", h)
				}
			}
		})
	}
}

func TestURLsThatCannotBeCaptured(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": redirect(302, "http://10.0.0.1/secret")})
	b := newBench(t, o, func(o *Options) { o.Wire.ConnectTo = nil })
	urls := []string{"ftp://n.example/x", "n.example", "http://169.254.169.254/latest/", "http://" + o.server.Listener.Addr().String() + "/a"}
	pages, err := b.capture(t.Context(), urls...)
	b.must(err)
	b.settle()
	wants(t, pages[urls[0]], archive.Failed, "only http and https")
	wants(t, pages[urls[1]], archive.Failed, "n.example")
	wants(t, pages[urls[2]], archive.Failed, "private")
	wants(t, pages[urls[3]], archive.Failed, "private")
	if p := pages[urls[3]]; len(p.Hops) != 1 || p.Hops[0].Status != 302 {
		t.Errorf("the redirect to a private address is not listed: %+v", p.Hops)
	}
}
