package crawler

import (
	"context"
	"net/http"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/photo"
	"tearsheet/crawler/crawlertest"
	"tearsheet/crawler/wire"
)

// newPaper serves a newspaper; benches on it count what it is asked.
func newPaper(t testing.TB, o crawlertest.Options) (*crawlertest.Newspaper, *bench) {
	t.Helper()
	paper, err := crawlertest.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(paper.Close)
	b := newBench(t, newOrigin(t, nil), func(o *Options) {
		o.Wire.ConnectTo = nil
		o.IgnoreRobots = false
		o.Retries = 1
	})
	return paper, b
}

// settlePaper is settle for a newspaper.
func settlePaper(t testing.TB, paper *crawlertest.Newspaper, b *bench) {
	t.Helper()
	b.must(b.crawler.Close())
	_, err := b.run.Commit(context.Background(), "complete")
	b.must(err)
	answers := 0
	for key, n := range b.records() {
		if strings.HasPrefix(key, "response ") || strings.HasPrefix(key, "revisit ") {
			answers += n
		}
	}
	if asked := paper.Total(); asked != answers {
		t.Errorf("the paper was asked %d times, and %d answers are in the archive", asked, answers)
	}
}

func TestANewspaper(t *testing.T) {
	paper, b := newPaper(t, crawlertest.Options{})
	var urls []string
	for _, a := range paper.Articles() {
		urls = append(urls, a.URL)
	}
	pages, err := b.capture(t.Context(), urls...)
	b.must(err)
	settlePaper(t, paper, b)
	if again := paper.Repeated(); len(again) > 0 {
		t.Errorf("asked more than once: %q", again)
	}
	labelled, embedded := 0, 0
	for _, a := range paper.Articles() {
		p := pages[a.URL]
		if a.Slug == crawlertest.ArticlePaywalled {
			wants(t, p, archive.Blocked, "paywall")
		} else {
			wants(t, p, archive.OK)
		}
		if p.Title != a.Headline {
			t.Errorf("%s: title %q, want %q", a.URL, p.Title, a.Headline)
		}
		listed := rows(p)
		for _, u := range paper.Requisites(a.Slug) {
			if k := listed[u]; k.Status != 200 || k.Record == "" {
				t.Errorf("%s lacks %s: %+v", a.URL, u, k)
			}
		}
		if len(p.Photos) != len(a.Photographs) {
			t.Errorf("%s has %d photographs, %d are listed", a.URL, len(a.Photographs), len(p.Photos))
			continue
		}
		for i := range a.Photographs {
			wantsCredit(t, p.Photos[i], a.Photographs[i])
		}
		labelled += tellsItsFiles(t, p, a.Photographs)
		for _, photograph := range a.Photographs {
			if len(photograph.Embedded) > 0 {
				embedded++
			}
		}
	}
	if labelled != embedded {
		t.Errorf("the files of %d photographs have statements, the paper put some into those of %d", labelled, embedded)
	}
}

// wantsCredit compares what is archived of a photograph with what a careful reader of page and file would say. Where no
// page prints a credit, the line is what the file says.
func wantsCredit(t *testing.T, got archive.Photo, printed crawlertest.Photograph) {
	t.Helper()
	want := printed.Want
	if got.Caption != printed.Caption || got.Alt != printed.Alt {
		t.Errorf("%s: caption %q and alt %q, want %q and %q", printed.Slug, got.Caption, got.Alt, printed.Caption, printed.Alt)
	}
	c := got.Credit
	if want.Line == "" && c.Agreement == photo.FileOnly {
		want.Line = c.Line
	}
	if c.Line != want.Line || !slices.Equal(c.People, want.People) || !slices.Equal(c.Agencies, want.Agencies) || !slices.Contains(want.Agreement, string(c.Agreement)) {
		t.Errorf("%s: credit %q, people %q, agencies %q, %s (%s); want %+v\n%q", printed.Slug, c.Line, c.People, c.Agencies, c.Agreement, c.Rule, want, got.Statements)
	}
}

func TestAwkwardOrigins(t *testing.T) {
	for _, c := range []struct {
		path    string
		verdict archive.Verdict
		word    string
	}{
		{crawlertest.AwkwardNotFound, archive.Failed, "404"},
		{crawlertest.AwkwardGone, archive.Failed, "410"},
		{crawlertest.AwkwardForbidden, archive.Blocked, "403"},
		{crawlertest.AwkwardUnavailable, archive.Blocked, "asked to wait"},
		{crawlertest.AwkwardEmpty, archive.Failed, "empty"},
		{crawlertest.AwkwardNotHTML, archive.OK, ""},
		{crawlertest.AwkwardMislabelled, archive.OK, ""},
		{crawlertest.AwkwardRedirectLoop, archive.Failed, "circle"},
		{crawlertest.AwkwardRedirectEndless, archive.Failed, "more than 10"},
		{crawlertest.AwkwardRedirectNowhere, archive.Failed, "no place"},
		{crawlertest.AwkwardRedirectPrivate, archive.Failed, "private"},
		{crawlertest.AwkwardTruncated, archive.Partial, "cut"},
		{crawlertest.AwkwardCutChunk, archive.Partial, "cut"},
		{crawlertest.AwkwardReset, archive.Failed, ""},
		{crawlertest.AwkwardHugeHead, archive.Failed, ""},
		{crawlertest.AwkwardGzipBomb, archive.Partial, "only its first 5 MiB were read"},
		{crawlertest.AwkwardNotGzip, archive.OK, ""},
		{crawlertest.AwkwardChallenge, archive.Blocked, ""},
		{crawlertest.AwkwardCaptcha, archive.Blocked, "captcha"},
		{crawlertest.AwkwardConsent, archive.Blocked, "consent"},
		{crawlertest.AwkwardPaywall, archive.Blocked, "paywall"},
		{crawlertest.AwkwardSoftNotFound, archive.Soft404, ""},
		{crawlertest.AwkwardRefresh, archive.OK, ""},
		{crawlertest.AwkwardMissingPicture, archive.Partial, "picture"},
		{crawlertest.AwkwardMissingStyle, archive.Partial, "style sheet"},
		{crawlertest.AwkwardMissingPixel, archive.OK, ""},
	} {
		t.Run(strings.TrimPrefix(c.path, crawlertest.AwkwardPrefix), func(t *testing.T) {
			t.Parallel()
			paper, b := newPaper(t, crawlertest.Options{})
			pages, err := b.capture(t.Context(), paper.URL+c.path)
			b.must(err)
			b.must(b.crawler.Close())
			_, err = b.run.Commit(t.Context(), "complete")
			b.must(err)
			wants(t, pages[paper.URL+c.path], c.verdict, c.word)
		})
	}
}

func TestInspect(t *testing.T) {
	paper, b := newPaper(t, crawlertest.Options{})
	b.must(b.crawler.Close())
	b.options.Run = nil
	c, err := New(b.options)
	b.must(err)
	defer func() { b.must(c.Close()) }()
	a, _ := paper.Article(crawlertest.ArticleTwoCredits)
	in, err := c.Inspect(t.Context(), a.URL)
	b.must(err)
	if in.Page.Verdict != archive.OK || in.Page.Title != a.Headline || in.Document == nil || in.Tree == nil || len(in.Page.Photos) != 1 {
		t.Errorf("inspected %+v", in.Page)
	}
	if n := paper.Total(); n != 2 {
		t.Errorf("asked %d times, want robots.txt and the page: %v", n, paper.Counts())
	}
	if in, err = c.Inspect(t.Context(), a.Photographs[0].Renditions[0].URL); err != nil || in.Document != nil || !strings.HasPrefix(http.DetectContentType(in.Body), "image/") {
		t.Errorf("a picture: %v, %d bytes", err, len(in.Body))
	}
	if in, err = c.Inspect(t.Context(), paper.URL+crawlertest.AwkwardNotFound); err != nil || in.Page.Verdict != archive.Failed {
		t.Errorf("a page that is not there: %+v, %v", in, err)
	}
	if _, err = c.Inspect(t.Context(), "ftp://n.example/"); err == nil {
		t.Error("an FTP URL was inspected")
	}
	if err := c.Capture(t.Context(), []string{a.URL}, nil); err == nil {
		t.Error("captured without a run")
	}
}

// A page with 240 MB of pictures must not be held in memory.
func TestMemoryIsBounded(t *testing.T) {
	const images, size = 60, 4 << 20
	picture := make([]byte, size)
	copy(picture, gif)
	var tags strings.Builder
	o := newOrigin(t, nil)
	for i := range images {
		path := "/" + strconv.Itoa(i) + ".gif"
		tags.WriteString(`<img src="` + path + `">`)
		o.pages[path] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/gif")
			w.Header().Set("Content-Length", strconv.Itoa(size))
			_, _ = w.Write(picture)
		}
	}
	o.pages["/a"] = htm(article("A", tags.String()))
	var most atomic.Uint64
	b := newBench(t, o, func(o *Options) {
		o.Wire.Limits = wire.Limits{MemoryBytes: 8 << 20}
		o.Progress = func(Event) { most.Store(max(most.Load(), heap())) }
	})
	before := heap()
	pages, err := b.capture(t.Context(), "http://n.example/a")
	b.must(err)
	wants(t, pages["http://n.example/a"], archive.OK)
	if grew := int64(most.Load()) - int64(before); grew > 64<<20 {
		t.Errorf("the heap grew by %d MB", grew>>20)
	}
	b.settle()
}

// heap is the memory taken by objects, in bytes.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// BenchmarkCapture is one article with a style sheet, a script and three pictures, from the frontier to the sync.
func BenchmarkCapture(b *testing.B) {
	o := newOrigin(b, map[string]http.HandlerFunc{
		"/s.css": as("text/css", "p{margin:0}"), "/s.js": as("text/javascript", "1"),
	})
	picture := as("image/gif", gif+strings.Repeat("x", 60<<10))
	for i := range 3 {
		o.pages["/"+strconv.Itoa(i)+".gif"] = picture
	}
	o.pages["/a"] = htm(article("A", `<link rel=stylesheet href=/s.css><script src=/s.js></script><img src=/0.gif><img src=/1.gif><img src=/2.gif>`+strings.Repeat(prose(), 30)))
	t := newBench(b, o, func(o *Options) { o.Log = nil })
	b.ReportAllocs()
	i := 0
	start := time.Now()
	for b.Loop() {
		i++
		url := "http://n" + strconv.Itoa(i) + ".example/a" // its requisites are its own
		if err := t.crawler.Capture(b.Context(), []string{url}, func(p archive.Page) {
			if p.Verdict != archive.OK || len(p.Requisites) != 5 {
				b.Error(p.Verdict, p.Reasons, len(p.Requisites))
			}
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(i)/time.Since(start).Seconds(), "pages/s")
	t.must(t.crawler.Close())
}
