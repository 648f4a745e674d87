package crawler

import (
	"context"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tearsheet/archive"
	"tearsheet/archive/store"
	"tearsheet/archive/warc"
	"tearsheet/crawler/wire"
)

// origin is the whole web, as far as a test is concerned: every host name leads to it, and it counts what it is asked.
type origin struct {
	server *httptest.Server
	pages  map[string]http.HandlerFunc // by host and path, or by path for any host
	mu     sync.Mutex
	asked  map[string]int // by host and request target
	heads  map[string]http.Header
}

func newOrigin(t testing.TB, pages map[string]http.HandlerFunc) *origin {
	t.Helper()
	if pages == nil {
		pages = map[string]http.HandlerFunc{}
	}
	o := &origin{pages: pages, asked: map[string]int{}, heads: map[string]http.Header{}}
	o.server = httptest.NewServer(o)
	t.Cleanup(o.server.Close)
	return o
}

func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.asked[r.Host+r.RequestURI]++
	o.heads[r.Host+r.RequestURI] = r.Header.Clone()
	page := o.pages[r.Host+r.URL.Path]
	if page == nil {
		page = o.pages[r.URL.Path]
	}
	o.mu.Unlock()
	if page == nil {
		http.NotFound(w, r)
		return
	}
	page(w, r)
}

// count is how often a host and target were asked.
func (o *origin) count(target string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[target]
}

func (o *origin) total() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.asked {
		n += c
	}
	return n
}

func (o *origin) targets() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(maps.Keys(o.asked))
}

func (o *origin) head(target string) http.Header {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.heads[target]
}

// connectTo leads every host to the origin.
func (o *origin) connectTo(t testing.TB) []wire.ConnectTo {
	t.Helper()
	host, port, err := net.SplitHostPort(o.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return []wire.ConnectTo{{Addr: host, AddrPort: port}}
}

// bench is a crawler on an origin, with an archive in a folder of the test.
type bench struct {
	testing.TB
	origin  *origin
	dir     string
	run     *archive.Run
	crawler *Crawler
	options Options
}

// newBench makes a crawler that ignores robots.txt, unless change says otherwise.
func newBench(t testing.TB, o *origin, change func(*Options)) *bench {
	t.Helper()
	b := &bench{TB: t, origin: o, dir: t.TempDir()}
	st, err := store.OpenFolder(filepath.Join(b.dir, "archive"), true)
	b.must(err)
	a, err := archive.Open(context.Background(), st, archive.Options{Work: filepath.Join(b.dir, "work"), Software: "tearsheet test"})
	b.must(err)
	b.run, err = a.Begin(context.Background(), archive.RunOptions{Kind: archive.KindCapture})
	b.must(err)
	b.options = Options{
		Run:          b.run,
		UserAgent:    "tearsheet/test (+https://example.org/)",
		IgnoreRobots: true,
		Wire: wire.Options{
			AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
			ConnectTo:    o.connectTo(t),
			SpoolDir:     b.dir,
		},
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&b.options)
	}
	b.crawler, err = New(b.options)
	b.must(err)
	return b
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// capture captures pages and gives them by URL.
func (b *bench) capture(ctx context.Context, urls ...string) (map[string]archive.Page, error) {
	b.Helper()
	pages := map[string]archive.Page{}
	err := b.crawler.Capture(ctx, urls, func(p archive.Page) {
		if _, twice := pages[p.URL]; twice {
			b.Errorf("%s was told twice", p.URL)
		}
		pages[p.URL] = p
	})
	return pages, err
}

// settle ends the crawl, commits the run and checks the standing invariant: requests that the origin counted are the response and revisit
// records in the archive. It returns the number of records by type and target URI.
func (b *bench) settle() map[string]int {
	b.Helper()
	b.must(b.crawler.Close())
	b.origin.server.CloseClientConnections()
	_, err := b.run.Commit(context.Background(), "complete")
	b.must(err)
	records := b.records()
	answers := 0
	for key, n := range records {
		if strings.HasPrefix(key, "response ") || strings.HasPrefix(key, "revisit ") {
			answers += n
		}
	}
	if asked := b.origin.total(); answers != asked {
		b.Errorf("the origin was asked %d times, and %d answers are in the archive\nasked %q\nrecords %v", asked, answers, b.origin.targets(), records)
	}
	return records
}

func (b *bench) records() map[string]int {
	b.Helper()
	records := map[string]int{}
	b.must(filepath.WalkDir(filepath.Join(b.dir, "archive"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".warc.gz") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		for r, err := range warc.Read(f) {
			if err != nil {
				return err
			}
			records[string(r.Type)+" "+r.TargetURI]++
		}
		return nil
	}))
	return records
}

// one captures a single page and settles.
func one(t *testing.T, o *origin, change func(*Options), url string) archive.Page {
	t.Helper()
	b := newBench(t, o, change)
	pages, err := b.capture(t.Context(), url)
	b.must(err)
	b.settle()
	p, ok := pages[url]
	if !ok {
		t.Fatalf("%s was not told; got %v", url, slices.Sorted(maps.Keys(pages)))
	}
	return p
}

// wants fails unless the page ended so, with each of the words in its reasons.
func wants(t *testing.T, p archive.Page, verdict archive.Verdict, words ...string) {
	t.Helper()
	reasons := strings.Join(p.Reasons, "\n")
	if p.Verdict != verdict {
		t.Errorf("%s is %s, want %s; reasons: %s", p.URL, p.Verdict, verdict, reasons)
	}
	if verdict != archive.OK && len(p.Reasons) == 0 {
		t.Errorf("%s is %s without a reason", p.URL, p.Verdict)
	}
	for _, w := range words {
		if !strings.Contains(reasons, w) {
			t.Errorf("the reasons for %s do not say %q: %s", p.URL, w, reasons)
		}
	}
}

// Answers.

func htm(body string) http.HandlerFunc { return as("text/html; charset=utf-8", body) }

func as(media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write([]byte(body))
	}
}

func status(code int, body string, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		for i := 0; i+1 < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

func redirect(code int, to string) http.HandlerFunc { return status(code, "moved", "Location", to) }

// inTurn answers the first request with the first, and so on; the last answers all further ones.
func inTurn(answers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		answer := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		mu.Unlock()
		answer(w, r)
	}
}

// gif is a picture.
const gif = "GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// prose is enough paragraph text to be an article.
func prose() string {
	return strings.Repeat("<p>The harbour commission met on Tuesday and decided, after four hours, to meet again on Thursday.</p>\n", 12)
}

// article is a page with a title, text, and whatever else it needs.
func article(title, more string) string {
	return "<!doctype html><html lang=en><head><meta charset=utf-8><title>" + title + "</title></head><body><article><h1>" + title + "</h1>" + more + prose() + "</article></body></html>"
}
