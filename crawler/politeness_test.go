package crawler

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tearsheet/archive"
)

// inBubble runs a crawl in synctest's time: waits pass at once, and what they come to can be measured. The origin must be made outside.
func inBubble(t *testing.T, o *origin, change func(*Options), urls ...string) (pages map[string]archive.Page, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, o, change)
		start := time.Now()
		var err error
		pages, err = b.capture(t.Context(), urls...)
		took = time.Since(start)
		b.must(err)
		b.settle()
	})
	return pages, took
}

func TestTransientFailures(t *testing.T) {
	for _, c := range []struct {
		name     string
		answer   http.HandlerFunc
		asked    int
		verdict  archive.Verdict
		words    []string
		min, max time.Duration
	}{
		{"429, then the page", inTurn(status(429, "slow down"), htm(article("A", ""))), 2, archive.OK, nil, 200 * time.Millisecond, time.Second},
		{"503 with Retry-After in seconds, then the page", inTurn(status(503, "busy", "Retry-After", "7"), htm(article("A", ""))), 2, archive.OK, nil, 7 * time.Second, 8 * time.Second},
		{"503 for ever", status(503, "busy"), 3, archive.Failed, []string{"503 Service Unavailable"}, 500 * time.Millisecond, 3 * time.Second},
		{"429 for ever", status(429, "slow down"), 3, archive.Blocked, []string{"429 Too Many Requests"}, 500 * time.Millisecond, 3 * time.Second},
		{"500 for ever", status(500, "oops"), 3, archive.Failed, []string{"500"}, 500 * time.Millisecond, 3 * time.Second},
		{"501 is final", status(501, "no"), 1, archive.Failed, []string{"501"}, 0, 50 * time.Millisecond},
		{"404 is final", status(404, "no"), 1, archive.Failed, []string{"404"}, 0, 50 * time.Millisecond},
		{"a Retry-After that is too long is told, not waited for", status(503, "busy", "Retry-After", "3600"), 1, archive.Blocked, []string{"asked to wait until", "longer than the limit of 1m0s"}, 0, 50 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOrigin(t, map[string]http.HandlerFunc{"/a": c.answer})
			pages, took := inBubble(t, o, func(o *Options) { o.Retries = 2 }, "http://n.example/a")
			wants(t, pages["http://n.example/a"], c.verdict, c.words...)
			if n := o.count("n.example/a"); n != c.asked {
				t.Errorf("asked %d times, want %d", n, c.asked)
			}
			if took < c.min || took > c.max {
				t.Errorf("took %v, want %v to %v", took, c.min, c.max)
			}
		})
	}
}

func TestRetryAfterInBothForms(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, value string
		status      int
		want        time.Duration
	}{
		{"seconds", "120", 503, 2 * time.Minute},
		{"a date", "Sun, 22 Nov 2026 08:01:30 GMT", 429, 90 * time.Second},
		{"a date in the old form", "Sunday, 22-Nov-26 08:00:10 GMT", 429, 10 * time.Second},
		{"a date that has passed", "Sun, 22 Nov 2026 07:00:00 GMT", 503, 0},
		{"no seconds", "-5", 503, 0},
		{"too many seconds to count", "9999999999", 503, 365 * 24 * time.Hour},
		{"nonsense", "soon", 503, 0},
		{"nothing", "", 503, 0},
		{"a status that does not go with it", "120", 200, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := &visit{status: c.status, header: http.Header{"Retry-After": {c.value}}}
			if got := v.retryAfter(now); got != c.want {
				t.Errorf("wait %v, want %v", got, c.want)
			}
		})
	}
}

func TestRetryAfterStopsTheHost(t *testing.T) {
	var mu sync.Mutex
	var asked []time.Time
	note := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			asked = append(asked, time.Now())
			mu.Unlock()
			next(w, r)
		}
	}
	o := newOrigin(t, map[string]http.HandlerFunc{
		"n.example/a":     htm(article("A", `<link rel=stylesheet href=/s.css><link rel=stylesheet href=/t.css>`)),
		"n.example/s.css": note(inTurn(status(503, "busy", "Retry-After", "5"), as("text/css", ""))),
		"n.example/t.css": note(as("text/css", "")),
		"n.example/b":     htm(article("B", "")),
	})
	pages, took := inBubble(t, o, func(o *Options) { o.Retries = 1; o.Concurrency = 1 }, "http://n.example/a", "http://n.example/b")
	wants(t, pages["http://n.example/a"], archive.OK)
	wants(t, pages["http://n.example/b"], archive.OK)
	if took < 5*time.Second || took > 6*time.Second {
		t.Errorf("took %v, want the five seconds that the host asked for", took)
	}
}

func TestPagesOfAHostThatAskedToWaitLongAreNotAsked(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"n.example/1": status(429, "", "Retry-After", "86400")})
	pages, took := inBubble(t, o, func(o *Options) { o.Concurrency = 1 }, "http://n.example/1", "http://n.example/2", "http://n.example/3")
	for _, p := range pages {
		wants(t, p, archive.Blocked, "asked to wait until")
	}
	if o.total() != 1 || took > time.Second {
		t.Errorf("asked %q in %v", o.targets(), took)
	}
}

func TestPageStartsAreSpaced(t *testing.T) {
	const robots = "User-agent: *\nCrawl-delay: 3\n"
	pages := map[string]http.HandlerFunc{
		"n.example/robots.txt": as("text/plain", robots),
		"n.example/1":          htm(article("1", `<img src=/x.gif><img src=/y.gif>`)),
		"n.example/2":          htm(article("2", "")),
		"n.example/3":          htm(article("3", "")),
		"m.example/1":          htm(article("1", "")),
		"/x.gif":               as("image/gif", gif),
		"/y.gif":               as("image/gif", gif),
	}
	for _, c := range []struct {
		name string
		set  func(*Options)
		want time.Duration
		urls []string
	}{
		{"the first page waits for nothing, nor do its requisites", func(o *Options) { o.IgnoreRobots = false; o.Delay = time.Hour }, 0, []string{"http://n.example/1"}},
		{"first pages of two hosts wait for nothing", func(o *Options) { o.IgnoreRobots = false; o.Delay = time.Hour }, 0, []string{"http://n.example/1", "http://m.example/1"}},
		{"Crawl-delay spaces the others", func(o *Options) { o.IgnoreRobots = false }, 6 * time.Second, []string{"http://n.example/1", "http://n.example/2", "http://n.example/3"}},
		{"a longer Delay holds", func(o *Options) { o.IgnoreRobots = false; o.Delay = 4 * time.Second }, 8 * time.Second, []string{"http://n.example/1", "http://n.example/2", "http://n.example/3"}},
		{"MaxDelay caps Crawl-delay", func(o *Options) { o.IgnoreRobots = false; o.MaxDelay = time.Second }, 2 * time.Second, []string{"http://n.example/1", "http://n.example/2", "http://n.example/3"}},
		{"without robots.txt only Delay holds", func(o *Options) { o.Delay = 500 * time.Millisecond }, time.Second, []string{"http://n.example/1", "http://n.example/2", "http://n.example/3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, took := inBubble(t, newOrigin(t, pages), c.set, c.urls...)
			for _, p := range got {
				wants(t, p, archive.OK)
			}
			if len(got) != len(c.urls) || took < c.want || took > c.want+500*time.Millisecond {
				t.Errorf("%d pages took %v, want %v", len(got), took, c.want)
			}
		})
	}
}

func TestRobots(t *testing.T) {
	page := htm(article("A", ""))
	for _, c := range []struct {
		name    string
		pages   map[string]http.HandlerFunc
		verdict archive.Verdict
		words   []string
		asked   []string
	}{
		{"a forbidden page is not asked for", map[string]http.HandlerFunc{"/robots.txt": as("text/plain", "User-agent: tearsheet\nDisallow: /a"), "/a": page},
			archive.Blocked, []string{"forbidden by robots.txt", "line 2"}, []string{"n.example/robots.txt"}},
		{"another crawler's rules do not count", map[string]http.HandlerFunc{"/robots.txt": as("text/plain", "User-agent: other\nDisallow: /"), "/a": page},
			archive.OK, nil, []string{"n.example/a", "n.example/robots.txt"}},
		{"no robots.txt allows", map[string]http.HandlerFunc{"/a": page}, archive.OK, nil, []string{"n.example/a", "n.example/robots.txt"}},
		{"a robots.txt that is out of order forbids", map[string]http.HandlerFunc{"/robots.txt": status(503, ""), "/a": page},
			archive.Blocked, []string{"answered 503, which forbids"}, []string{"n.example/robots.txt"}},
		{"a redirected robots.txt is followed", map[string]http.HandlerFunc{"n.example/robots.txt": redirect(301, "http://r.example/r.txt"), "r.example/r.txt": as("text/plain", "User-agent: *\nDisallow: /a"), "/a": page},
			archive.Blocked, []string{"forbidden"}, []string{"n.example/robots.txt", "r.example/r.txt"}},
		{"a redirect to a forbidden page is not followed", map[string]http.HandlerFunc{"n.example/a": redirect(302, "http://m.example/a"), "m.example/robots.txt": as("text/plain", "User-agent: *\nDisallow: /")},
			archive.Blocked, []string{"http://m.example/a is forbidden"}, []string{"m.example/robots.txt", "n.example/a", "n.example/robots.txt"}},
		{"requisites are part of an allowed page", map[string]http.HandlerFunc{"/robots.txt": as("text/plain", "User-agent: *\nDisallow: /img"), "/a": htm(article("A", `<img src=/img/x.gif>`)), "/img/x.gif": as("image/gif", gif)},
			archive.OK, nil, []string{"n.example/a", "n.example/img/x.gif", "n.example/robots.txt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOrigin(t, c.pages)
			p := one(t, o, func(o *Options) { o.IgnoreRobots = false }, "http://n.example/a")
			wants(t, p, c.verdict, c.words...)
			if got := strings.Join(o.targets(), " "); got != strings.Join(c.asked, " ") {
				t.Errorf("asked %q, want %q", got, c.asked)
			}
		})
	}
}

func TestAHostThatCannotBeReachedIsAFailureNotARobotsMatter(t *testing.T) {
	o := newOrigin(t, nil)
	p := one(t, o, func(o *Options) { o.IgnoreRobots = false; o.Wire.ConnectTo = nil }, "http://127.0.0.9:1/a")
	wants(t, p, archive.Failed, "http://127.0.0.9:1/a", "connect")
}

func TestHostGates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHostGates(2, time.Minute)
		var leave [3]func()
		for i := range 2 {
			var err error
			if leave[i], err = h.enter(t.Context(), "n"); err != nil {
				t.Fatal(err)
			}
		}
		third := make(chan struct{})
		go func() {
			l, err := h.enter(t.Context(), "n")
			if err != nil {
				t.Error(err)
			}
			leave[2] = l
			close(third)
		}()
		synctest.Wait()
		select {
		case <-third:
			t.Fatal("a third request was let through")
		default:
		}
		other, err := h.enter(t.Context(), "m")
		if err != nil {
			t.Fatal(err)
		}
		other()
		leave[0]()
		<-third
		leave[1]()
		leave[2]()

		h.stop("n", time.Now().Add(30*time.Second))
		h.stop("n", time.Now().Add(time.Second)) // a shorter stop does not end a longer one
		start := time.Now()
		l, err := h.enter(t.Context(), "n")
		if err != nil || time.Since(start) != 30*time.Second {
			t.Fatalf("entered after %v, %v", time.Since(start), err)
		}
		l()
		h.stop("n", time.Now().Add(2*time.Minute))
		var asked *askedToWait
		if _, err := h.enter(t.Context(), "n"); !errors.As(err, &asked) {
			t.Fatalf("a stop that is too long: %v", err)
		}
	})
}

func TestRefererFor(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"the same origin is told the page", "https://n.example/a?b#c", "https://n.example/x", "https://n.example/a?b"},
		{"another origin is told the site", "https://n.example/a?b", "https://m.example/x", "https://n.example/"},
		{"a step down from https is told nothing", "https://n.example/a", "http://n.example/x", ""},
		{"a step up is told the site", "http://n.example/a", "https://n.example/x", "http://n.example/"},
		{"user information is never told", "http://u:p@n.example/a", "http://n.example/x", ""},
		{"nothing", "", "http://n.example/x", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			to, err := url.Parse(c.to)
			if err != nil {
				t.Fatal(err)
			}
			if got := refererFor(c.from, to); got != c.want && !(c.name == "user information is never told" && !strings.Contains(got, "p@")) {
				t.Errorf("Referer %q, want %q", got, c.want)
			}
		})
	}
}
