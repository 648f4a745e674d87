package crawler

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/store"
	"tearsheet/archive/warc"
	"tearsheet/crawler/frontier"
	"tearsheet/crawler/wire"
)

// hanging answers nothing until the client has gone, and tells that it was asked.
func hanging(reached chan<- struct{}) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		close(reached)
		<-r.Context().Done()
	}
}

func TestAPageThatWasInterruptedBeforeAnAnswerIsNotPartial(t *testing.T) {
	reached := make(chan struct{})
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": hanging(reached)})
	b := newBench(t, o, func(o *Options) { o.Grace = time.Nanosecond })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-reached
		cancel()
	}()
	pages, err := b.capture(ctx, "http://n.example/a")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Capture: %v", err)
	}
	wants(t, pages["http://n.example/a"], archive.Failed, "interrupted before an answer came")
	b.must(b.crawler.Close())
}

// fullFor is a recorder on a disk that has no room for one URL.
type fullFor struct {
	wire.Recorder
	url  string
	wait <-chan struct{}
}

func (f *fullFor) Record(ctx context.Context, x *warc.Exchange) error {
	if x.URL == f.url {
		<-f.wait
		return store.ErrFull
	}
	return f.Recorder.Record(ctx, x)
}

func TestPagesUnderWayAreListedWhenTheRunEnds(t *testing.T) {
	reached := make(chan struct{})
	o := newOrigin(t, map[string]http.HandlerFunc{
		"/a":     htm(article("A", `<figure><img src=/1.gif width=800 height=600></figure>`)),
		"/1.gif": as("image/gif", gif),
		"/b":     htm(article("B", `<figure><img src=/2.gif width=800 height=600></figure>`)),
		"/2.gif": hanging(reached),
	})
	b := newBench(t, o, nil)
	wo := b.options.Wire
	wo.Recorder = &fullFor{&recorder{run: b.run, progress: &b.crawler.progress}, "http://n.example/1.gif", reached}
	var err error
	b.crawler.wire, err = wire.New(wo)
	b.must(err)
	pages, err := b.capture(t.Context(), "http://n.example/a", "http://n.example/b")
	if !errors.Is(err, store.ErrFull) {
		t.Errorf("Capture: %v", err)
	}
	for _, u := range []string{"http://n.example/a", "http://n.example/b"} {
		wants(t, pages[u], archive.Partial, "the run ended before all that the page needs was fetched")
	}
	if n := b.run.Counts().Pages; n != 2 {
		t.Errorf("%d pages are listed in the run, want 2", n)
	}
	b.must(b.crawler.Close())
}

// cutPage promises a whole page and sends its first n bytes.
func cutPage(body string, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write([]byte(body[:n]))
	}
}

func TestAnAnswerThatBrokeOffIsAskedForAgain(t *testing.T) {
	text := article("A", "")
	const figure = `<figure><img src="/1.gif" width=800 height=600></figure>`
	for _, c := range []struct {
		name    string
		pages   map[string]http.HandlerFunc
		target  string
		asked   int
		verdict archive.Verdict
		size    int64
	}{
		{"a page that is whole the second time", map[string]http.HandlerFunc{"/a": inTurn(cutPage(text, 900), htm(text))}, "/a", 2, archive.OK, int64(len(text))},
		{"the fullest of cut attempts is the page", map[string]http.HandlerFunc{"/a": inTurn(cutPage(text, 700), cutPage(text, 900), cutPage(text, 800))}, "/a", 3, archive.Partial, 900},
		{"a cut page is better than none", map[string]http.HandlerFunc{"/a": inTurn(cutPage(text, 900), status(503, "busy"))}, "/a", 3, archive.Partial, 900},
		{"a picture that is whole the second time", map[string]http.HandlerFunc{"/a": htm(article("A", figure)), "/1.gif": inTurn(cut, as("image/gif", gif))}, "/1.gif", 2, archive.OK, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOrigin(t, c.pages)
			pages, _ := inBubble(t, o, func(o *Options) { o.Retries = 2 }, "http://n.example/a")
			p := pages["http://n.example/a"]
			wants(t, p, c.verdict)
			if n := o.count("n.example" + c.target); n != c.asked {
				t.Errorf("asked %d times, want %d", n, c.asked)
			}
			if c.size > 0 && (p.Capture == nil || p.Capture.Size != c.size) {
				t.Errorf("the capture is %+v, want one of %d bytes", p.Capture, c.size)
			}
		})
	}
}

func TestRequisitesBeyondTheBoundsAreTold(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": htm(article("A", ""))})
	b := newBench(t, o, nil)
	b.crawler.read = func(n *html.Node, at *url.URL) *page.Document {
		d := page.Read(n, at)
		d.LeftOut, d.Unlisted = 7, 3
		return d
	}
	pages, err := b.capture(t.Context(), "http://n.example/a")
	b.must(err)
	b.settle()
	wants(t, pages["http://n.example/a"], archive.Partial, "7 of its requisites were not fetched: a page may name at most 16384", "3 of its pictures are not listed")
}

func TestPasswordsInAPageAreNotListed(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{
		"/a":     htm(article("A", `<figure><img src="http://bob:s3cretpw@n.example/1.gif" width=800 height=600></figure><link rel=canonical href="http://bob:s3cretpw@n.example/a">`)),
		"/1.gif": as("image/gif", gif),
	})
	p := one(t, o, nil, "http://n.example/a")
	wants(t, p, archive.OK)
	if len(p.Photos) != 1 || p.Photos[0].Src != "http://n.example/1.gif" || p.Canonical != "http://n.example/a" {
		t.Errorf("photos %+v, canonical %q", p.Photos, p.Canonical)
	}
	for _, r := range p.Requisites {
		if strings.Contains(r.URL, "s3cret") {
			t.Errorf("the password is listed: %s", r.URL)
		}
	}
}

func TestMessagesNameThePageAndWhatHelps(t *testing.T) {
	o := newOrigin(t, nil)
	p := one(t, o, func(o *Options) { o.IgnoreRobots = false; o.Wire.ConnectTo, o.Wire.AllowPrivate = nil, nil }, "http://127.0.0.1:1/a")
	wants(t, p, archive.Failed, "http://127.0.0.1:1/a: refused")
	if reason := strings.Join(p.Reasons, ""); strings.Count(reason, "--allow-private") != 1 || strings.Contains(reason, "robots.txt") {
		t.Errorf("the reason is %q", reason)
	}

	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	o = newOrigin(t, nil)
	p = one(t, o, func(o *Options) { o.IgnoreRobots = false; o.Wire.ConnectTo = nil }, secure.URL+"/a")
	wants(t, p, archive.Failed, secure.URL+"/a: tls", "--insecure accepts any certificate")
}

// TestCollyTakesNothingFromTheEnvironment runs this test again with a variable that Colly does not know, and about which it would complain.
func TestCollyTakesNothingFromTheEnvironment(t *testing.T) {
	if os.Getenv("COLLY_PROXY") != "" {
		(&Crawler{options: Options{UserAgent: "x"}}).newCollector()
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "COLLY_PROXY=x")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "environment variable") {
		t.Errorf("%v; printed %q", err, out)
	}
}

func TestAStyleSheetThatNamesTooMuchIsTold(t *testing.T) {
	g := &gathering{page: &visit{url: &url.URL{Scheme: "http", Host: "n.example", Path: "/a"}}, known: map[frontier.Key]*wanted{}, order: make([]*wanted, maxPerPage)}
	if w, _ := g.enter(page.Requisite{URL: "http://n.example/x.gif"}, archive.Hop{}, ""); w != nil || g.leftOut != 1 {
		t.Errorf("beyond the bound: %+v, %d left out", w, g.leftOut)
	}
}
