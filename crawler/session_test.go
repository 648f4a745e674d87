package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/html"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/crawler/frontier"
)

func TestAPanicEndsThePageOnly(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{
		"/a": htm(article("A", "")), "/b": htm(article("B", `<iframe src=/f width=400 height=300></iframe>`)), "/f": htm("frame"),
	})
	b := newBench(t, o, nil)
	b.crawler.read = func(n *html.Node, at *url.URL) *page.Document {
		if at.Path != "/b" {
			panic("odd markup in " + at.Path)
		}
		return page.Read(n, at)
	}
	pages, err := b.capture(t.Context(), "http://n.example/a", "http://n.example/b")
	b.must(err)
	b.settle()
	wants(t, pages["http://n.example/a"], archive.Failed, "internal error", "odd markup in /a")
	wants(t, pages["http://n.example/b"], archive.Partial, "frame http://n.example/f is missing: internal error")
	if len(b.crawler.parses) != 0 || len(b.crawler.hosts.all) != 0 {
		t.Errorf("%d parse slots and %d requests are still held", len(b.crawler.parses), len(b.crawler.hosts.all))
	}
}

func TestACancelledCaptureDrains(t *testing.T) {
	for _, c := range []struct {
		name    string
		release bool // the page under way can end within the grace
		want    archive.Verdict
		words   []string
	}{
		{"a page under way may finish within the grace", true, archive.OK, nil},
		{"a page that does not is listed with what it has", false, archive.Partial, []string{"interrupted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			reached, hold := make(chan struct{}), make(chan struct{})
			o := newOrigin(t, map[string]http.HandlerFunc{
				"/1": htm(article("1", `<figure><img src=/x.gif width=800 height=600></figure>`)),
				"/x.gif": func(w http.ResponseWriter, r *http.Request) {
					close(reached)
					select {
					case <-hold:
						as("image/gif", gif)(w, r)
					case <-r.Context().Done():
					}
				},
			})
			b := newBench(t, o, func(o *Options) {
				o.Concurrency = 1
				o.Grace = time.Minute
				if !c.release {
					o.Grace = time.Nanosecond
				}
			})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-reached
				cancel()
				if c.release {
					close(hold)
				}
			}()
			pages, err := b.capture(ctx, "http://n.example/1", "http://n.example/2", "http://n.example/3")
			if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "pages left") {
				t.Errorf("Capture: %v", err)
			}
			if len(pages) != 1 {
				t.Fatalf("%d pages were told, want the one under way", len(pages))
			}
			wants(t, pages["http://n.example/1"], c.want, c.words...)
			if o.count("n.example/2") != 0 {
				t.Error("a page was begun after the end")
			}
			records := b.records()
			b.must(b.crawler.Close())
			_ = records
		})
	}
}

func TestPagesAreToldInTheOrderInWhichTheyFinish(t *testing.T) {
	o := newOrigin(t, nil)
	var urls []string
	for i := range 60 {
		o.pages[fmt.Sprintf("/%d", i)] = htm(article("A", ""))
		urls = append(urls, fmt.Sprintf("http://n%d.example/%d", i%5, i))
	}
	var events []Event
	b := newBench(t, o, func(o *Options) { o.Progress = func(e Event) { events = append(events, e) } })
	pages, err := b.capture(t.Context(), append(urls, urls[0], "http://n0.example/0#again")...)
	b.must(err)
	b.settle()
	if len(pages) != 60 {
		t.Errorf("%d pages were told, want 60, each once", len(pages))
	}
	last := events[len(events)-1]
	if last.PagesDone != 60 || last.Requests != 60 || last.Bytes < 60*1000 {
		t.Errorf("the last event is %+v", last)
	}
	if !slices.IsSortedFunc(events, func(a, b Event) int { return a.Requests - b.Requests }) {
		t.Error("the events count backwards")
	}
}

func TestASinglePageIsCommittedAtOnce(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": htm(article("A", ""))})
	_, took := inBubble(t, o, nil, "http://n.example/a")
	if took != 0 { // in synctest's time only waits count
		t.Errorf("a page that waits for nothing waited %v", took)
	}
}

func TestAnArchiveThatCannotBeWrittenEndsTheCrawl(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": htm(article("A", ""))})
	b := newBench(t, o, nil)
	_, err := b.run.Commit(t.Context(), "complete") // the run takes nothing any more
	b.must(err)
	pages, err := b.capture(t.Context(), "http://n.example/a", "http://n.example/b")
	if !errors.Is(err, archive.ErrEnded) || len(pages) != 0 {
		t.Errorf("Capture: %v, with %d pages told", err, len(pages))
	}
	b.must(b.crawler.Close())
}

func TestParsesAreBounded(t *testing.T) {
	var trees, most atomic.Int32
	o := newOrigin(t, nil)
	var urls []string
	for i := range 24 {
		o.pages[fmt.Sprintf("/%d", i)] = htm(article("A", ""))
		urls = append(urls, fmt.Sprintf("http://n%d.example/%d", i, i))
	}
	b := newBench(t, o, func(o *Options) { o.Concurrency = 12 })
	b.crawler.parses = make(chan struct{}, 2)
	b.crawler.read = func(n *html.Node, at *url.URL) *page.Document {
		now := trees.Add(1)
		for {
			m := most.Load()
			if now <= m || most.CompareAndSwap(m, now) {
				break
			}
		}
		defer trees.Add(-1)
		return page.Read(n, at)
	}
	_, err := b.capture(t.Context(), urls...)
	b.must(err)
	b.settle()
	if most.Load() > 2 {
		t.Errorf("%d trees were in memory at once, want at most 2", most.Load())
	}
}

// extensions counts the leases that are extended.
type extensions struct {
	frontier.Frontier
	times atomic.Int32
}

func (e *extensions) Extend(ctx context.Context, lease time.Duration, items ...frontier.Item) error {
	e.times.Add(1)
	return e.Frontier.Extend(ctx, lease, items...)
}

func TestLeasesAreExtended(t *testing.T) {
	b := newBench(t, newOrigin(t, nil), nil)
	synctest.Test(t, func(t *testing.T) {
		f := &extensions{Frontier: frontier.NewMemory(frontier.Policy{}, time.Now)}
		s := newSession(t.Context(), b.crawler, f)
		defer s.fail(nil)
		if _, err := f.Push(t.Context(), frontier.URL{URL: "http://n.example/a"}); err != nil {
			t.Fatal(err)
		}
		items, _, err := f.Claim(t.Context(), 1, lease)
		if err != nil || len(items) != 1 {
			t.Fatal(items, err)
		}
		s.track(items[0], true)
		ended := make(chan struct{})
		go s.keepLeases(ended)
		<-time.After(3*lease + time.Second)
		close(ended)
		if items, _, err := f.Claim(t.Context(), 1, lease); err != nil || len(items) != 0 {
			t.Errorf("the page under way was claimed again: %v, %v", items, err)
		}
		if n := f.times.Load(); n != 9 {
			t.Errorf("the lease was extended %d times in three of its lengths, want 9", n)
		}
	})
	b.settle()
}

func TestNothingIsLeftBehind(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": htm(article("A", ""))})
	b := newBench(t, o, nil)
	_, err := b.capture(t.Context(), "http://n.example/a")
	b.must(err)
	b.settle()
	left, err := filepath.Glob(filepath.Join(b.dir, "*"))
	b.must(err)
	for _, path := range left {
		if base := filepath.Base(path); base != "archive" && base != "work" {
			t.Errorf("%s is left", path)
		}
	}
	if _, err := os.Stat(filepath.Join(b.dir, "archive")); err != nil {
		t.Error(err)
	}
}
