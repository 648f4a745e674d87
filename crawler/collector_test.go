package crawler

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"tearsheet/archive"
	"tearsheet/archive/page"
)

// Colly reads its environment, and has fields and methods that would let it answer without an exchange. None may bypass the recorder.
func TestCollyCannotBypassTheRecorder(t *testing.T) {
	cache := t.TempDir()
	for name, value := range map[string]string{
		"CACHE_DIR": cache, "MAX_BODY_SIZE": "10", "MAX_DEPTH": "1", "MAX_REQUESTS": "1", "ALLOWED_DOMAINS": "other.example",
		"DISALLOWED_DOMAINS": "n.example", "DETECT_CHARSET": "yes", "IGNORE_ROBOTSTXT": "no", "FOLLOW_REDIRECTS": "yes",
		"PARSE_HTTP_ERROR_RESPONSE": "no", "USER_AGENT": "else", "TRACE_HTTP": "yes", "DISABLE_COOKIES": "no",
	} {
		t.Setenv("COLLY_"+name, value)
	}
	o := newOrigin(t, map[string]http.HandlerFunc{
		"/a": redirect(302, "/b"),
		"/b": func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "id", Value: "1"})
			htm(article("B", `<iframe src=/f width=400 height=300></iframe>`))(w, r)
		},
		"/f": status(404, "none"),
	})
	b := newBench(t, o, nil)
	pages, err := b.capture(t.Context(), "http://n.example/a", "http://n.example/b")
	b.must(err)
	b.settle()
	for _, u := range []string{"http://n.example/a", "http://n.example/b"} {
		wants(t, pages[u], archive.Partial, "frame http://n.example/f is missing")
		if p := pages[u]; p.Title != "B" || p.Capture.Size < 1000 {
			t.Errorf("%s: title %q, %d bytes", u, p.Title, p.Capture.Size)
		}
	}
	if h := o.head("n.example/b"); h.Get("User-Agent") != "tearsheet/test (+https://example.org/)" || h.Get("Cookie") != "" || h.Get("Referer") != "" {
		t.Errorf("the page was asked with %v", h)
	}
	if n := o.count("n.example/robots.txt"); n != 0 {
		t.Errorf("Colly asked for robots.txt %d times", n)
	}
	b.must(filepath.WalkDir(cache, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("Colly cached %s", path)
		}
		return err
	}))
}

// What a careless change of the collector would do: an answer that did not come through the recorder ends the crawl and is not looked at.
func TestAnUnrecordedAnswerEndsTheCrawl(t *testing.T) {
	elsewhere := httptest.NewServer(htm(article("unrecorded", "")))
	defer elsewhere.Close()
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": htm(article("A", ""))})
	b := newBench(t, o, nil)
	proxy, err := url.Parse(elsewhere.URL)
	b.must(err)
	b.crawler.collector.SetProxyFunc(http.ProxyURL(proxy)) // replaces our transport by a bare one
	pages, err := b.capture(t.Context(), "http://n.example/a")
	if err == nil || !strings.Contains(err.Error(), errUnrecorded.Error()) || len(pages) != 0 {
		t.Errorf("got %v and %v, want the end of the crawl", pages, err)
	}
	b.settle()
}

func TestTheBridgeRefusesWhatBelongsToNoVisit(t *testing.T) {
	o := newOrigin(t, nil)
	b := newBench(t, o, nil)
	k := b.crawler.collector
	k.CheckHead, k.IgnoreRobotsTxt = true, false
	for what, err := range map[string]error{"HEAD": k.Head("http://n.example/a"), "GET": k.Visit("http://n.example/a")} {
		t.Logf("%s of Colly's own: %v", what, err)
	}
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		r := httptest.NewRequest(method, "http://n.example/robots.txt", nil)
		r.Header.Set(idField, "17")
		if _, err := (&bridge{b.crawler}).RoundTrip(r); err == nil {
			t.Errorf("a %s that belongs to no visit was let through", method)
		}
	}
	if o.total() != 0 {
		t.Errorf("the origin was asked %q", o.targets())
	}
	b.settle()
}

// Without Colly's callbacks there is no crawl: nothing else looks at a document.
func TestWithoutCollyNothingIsCaptured(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": htm(article("A", ""))})
	b := newBench(t, o, nil)
	b.crawler.collector = b.crawler.collector.Clone() // has its HTTP client, and none of its callbacks
	pages, err := b.capture(t.Context(), "http://n.example/a")
	b.must(err)
	wants(t, pages["http://n.example/a"], archive.Failed, "the collector did not come to an end")
	b.settle()
}

func TestEachDocumentIsParsedOnce(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{
		"/a": htm(article("A", `<img src=/x.gif><iframe src=/f width=400 height=300></iframe><svg><image href=/x.gif /></svg>`)),
		"/f": htm(article("F", "<html><html>")),
		"/r": redirect(302, "/a2"), "/a2": htm(article("A2", "")),
		"/x.gif": as("image/gif", gif),
	})
	b := newBench(t, o, nil)
	var mu sync.Mutex
	reads, roots := map[string]int{}, map[*html.Node]int{}
	b.crawler.read = func(n *html.Node, at *url.URL) *page.Document {
		mu.Lock()
		defer mu.Unlock()
		if n.Type != html.DocumentNode {
			t.Errorf("%s: read from a %v, not from the document", at, n.Type)
		}
		reads[at.Path]++
		roots[n]++
		return page.Read(n, at)
	}
	_, err := b.capture(t.Context(), "http://n.example/a", "http://n.example/r")
	b.must(err)
	b.settle()
	for _, path := range []string{"/a", "/f", "/a2"} {
		if reads[path] != 1 {
			t.Errorf("%s was read %d times", path, reads[path])
		}
	}
	if len(reads) != 3 || len(roots) != 3 {
		t.Errorf("%d documents were read from %d trees, want 3 and 3: %v", len(reads), len(roots), reads)
	}
}

// The parse that Colly makes is the only one: no other code of this package can make a tree, because none calls a parser.
func TestNothingElseParses(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, _ := call.X.(*ast.Ident)
			if pkg == nil {
				return true
			}
			switch pkg.Name + "." + call.Sel.Name {
			case "html.Parse", "html.ParseFragment", "html.NewTokenizer", "page.Parse", "goquery.NewDocumentFromReader":
				t.Errorf("%s calls %s.%s", name, pkg.Name, call.Sel.Name)
			case "k.OnXML":
				t.Errorf("%s sets an OnXML callback, for which Colly would parse every page again", name)
			}
			return true
		})
	}
}

func TestCharsets(t *testing.T) {
	const cyrillic = "\xcc\xe8\xf5\xe0\xe8\xeb" // Михаил in windows-1251
	for _, c := range []struct{ name, media, body string }{
		{"by the header", "text/html; charset=windows-1251", "<title>" + cyrillic + "</title>"},
		{"by meta", "text/html", "<meta charset=windows-1251><title>" + cyrillic + "</title>"},
		{"by meta, with a charset in the header that is none", "text/html; charset=none", "<meta charset=windows-1251><title>" + cyrillic + "</title>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := one(t, newOrigin(t, map[string]http.HandlerFunc{"/a": as(c.media, c.body+prose())}), nil, "http://n.example/a")
			wants(t, p, archive.OK)
			if p.Title != "Михаил" {
				t.Errorf("title %q", p.Title)
			}
		})
	}
}
