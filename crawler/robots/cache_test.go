package robots

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const forbidX = "User-agent: *\nDisallow: /x\nCrawl-delay: 2\n"

// site answers robots.txt requests from a table, and counts them.
type site struct {
	mu    sync.Mutex
	asked []string
	says  map[string]Answer
	err   error
}

func (s *site) fetch(_ context.Context, rawURL string) (Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, rawURL)
	if s.err != nil {
		return Answer{}, s.err
	}
	a, ok := s.says[rawURL]
	if !ok {
		return Answer{Status: 404}, nil
	}
	return a, nil
}

func TestDecide(t *testing.T) {
	const at = "https://n.example/robots.txt"
	loop := map[string]Answer{}
	for i := range 9 {
		loop[fmt.Sprintf("https://n.example/%d", i)] = Answer{Status: 301, Location: fmt.Sprintf("/%d", i+1)}
	}
	loop[at] = Answer{Status: 302, Location: "/0"}
	for _, c := range []struct {
		name   string
		says   map[string]Answer
		err    error
		want   bool
		reason string
		asked  int
	}{
		{"rules that forbid", map[string]Answer{at: {Status: 200, Body: []byte(forbidX)}}, nil, false, "line 2 of " + at, 1},
		{"404 allows everything", nil, nil, true, "answered 404, which allows", 1},
		{"401 allows everything", map[string]Answer{at: {Status: 401}}, nil, true, "answered 401", 1},
		{"503 forbids everything", map[string]Answer{at: {Status: 503, Body: []byte("User-agent: *\nAllow: /")}}, nil, false, "answered 503, which forbids", 1},
		{"no answer forbids everything", nil, errors.New("connection refused"), false, "connection refused", 1},
		{"a redirect to another host is followed, and its rules are this host's",
			map[string]Answer{at: {Status: 301, Location: "https://cdn.example/r.txt#x"}, "https://cdn.example/r.txt": {Status: 200, Body: []byte(forbidX)}},
			nil, false, "line 2 of " + at, 2},
		{"the sixth redirect allows everything", loop, nil, true, "redirects more than 5 times", 6},
		{"a redirect without a target allows everything", map[string]Answer{at: {Status: 301}}, nil, true, "answered 301", 1},
		{"a redirect that cannot be read allows everything", map[string]Answer{at: {Status: 301, Location: "https://[x"}}, nil, true, "leads nowhere", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &site{says: c.says, err: c.err}
			d, err := NewCache("tearsheet", s.fetch, time.Now).Decide(t.Context(), parseURL(t, "https://n.example/x"))
			if err != nil || d.Allowed != c.want || !strings.Contains(d.Reason, c.reason) || len(s.asked) != c.asked {
				t.Errorf("decision %+v, %v after %q; want allowed %v because %q", d, err, s.asked, c.want, c.reason)
			}
			if !errors.Is(d.Err, c.err) {
				t.Errorf("Err %v, want %v", d.Err, c.err)
			}
		})
	}
}

func TestCrawlDelayIsToldWithEveryDecision(t *testing.T) {
	s := &site{says: map[string]Answer{"https://n.example/robots.txt": {Status: 200, Body: []byte(forbidX)}}}
	c := NewCache("tearsheet", s.fetch, time.Now)
	for _, path := range []string{"/x", "/y"} {
		if d, err := c.Decide(t.Context(), parseURL(t, "https://n.example"+path)); err != nil || d.CrawlDelay != 2*time.Second {
			t.Errorf("%s: %+v, %v", path, d, err)
		}
	}
	if maps, err := c.Sitemaps(t.Context(), parseURL(t, "https://n.example/")); err != nil || maps != nil || len(s.asked) != 1 {
		t.Errorf("sitemaps %q, %v; asked %q", maps, err, s.asked)
	}
}

func TestOriginsAreSchemeHostAndPort(t *testing.T) {
	s := &site{}
	c := NewCache("tearsheet", s.fetch, time.Now)
	for _, u := range []string{"https://n.example/a", "https://n.example/b", "http://n.example/", "https://n.example:8443/", "https://www.n.example/"} {
		if _, err := c.Decide(t.Context(), parseURL(t, u)); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.asked) != 4 {
		t.Errorf("asked %q, want one request for each of four origins", s.asked)
	}
}

func TestAnswersAge(t *testing.T) {
	const at = "https://n.example/robots.txt"
	s := &site{says: map[string]Answer{at: {Status: 200, Body: []byte(forbidX)}}}
	now := time.Now()
	c := NewCache("tearsheet", s.fetch, func() time.Time { return now })
	x, y := parseURL(t, "https://n.example/x"), parseURL(t, "https://n.example/y")
	step := func(what string, wantAllowedY bool, asked int) {
		t.Helper()
		dx, err := c.Decide(t.Context(), x)
		dy, err2 := c.Decide(t.Context(), y)
		if err != nil || err2 != nil || dx.Allowed || dy.Allowed != wantAllowedY || len(s.asked) != asked {
			t.Fatalf("%s: /x %+v, /y %+v, asked %d times; want /y %v after %d", what, dx, dy, len(s.asked), wantAllowedY, asked)
		}
	}
	step("fresh", true, 1)
	now = now.Add(TTL - time.Second)
	step("still fresh", true, 1)
	now = now.Add(time.Second)
	s.says[at] = Answer{Status: 500}
	step("the old rules stand in for a failure", true, 2)
	now = now.Add(RetryAfter)
	step("which is tried again soon", true, 3)
	now = now.Add(StaleUse)
	step("but not for ever", false, 4)
}

func TestFirstAskersShareOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		answer := make(chan struct{})
		c := NewCache("tearsheet", func(context.Context, string) (Answer, error) {
			asked.Add(1)
			<-answer
			return Answer{Status: 404}, nil
		}, time.Now)
		for range 20 {
			go func() {
				if d, err := c.Decide(t.Context(), parseURL(t, "https://n.example/x")); err != nil || !d.Allowed {
					t.Errorf("%+v, %v", d, err)
				}
			}()
		}
		synctest.Wait()
		close(answer)
		synctest.Wait()
		if asked.Load() != 1 {
			t.Errorf("asked %d times", asked.Load())
		}
	})
}

func TestACancelledAskerDoesNotFailTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, cancel := context.WithCancel(t.Context())
		c := NewCache("tearsheet", func(ctx context.Context, _ string) (Answer, error) {
			if ctx == first {
				<-ctx.Done()
				return Answer{}, ctx.Err()
			}
			return Answer{Status: 404}, nil
		}, time.Now)
		u := parseURL(t, "https://n.example/x")
		go func() {
			if _, err := c.Decide(first, u); !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled asker got %v", err)
			}
		}()
		synctest.Wait()
		go func() {
			if d, err := c.Decide(t.Context(), u); err != nil || !d.Allowed {
				t.Errorf("the other asker got %+v, %v", d, err)
			}
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
	})
}

func TestTheCacheIsBounded(t *testing.T) {
	s := &site{}
	c := NewCache("tearsheet", s.fetch, time.Now)
	for i := range MaxOrigins + 10 {
		if _, err := c.Decide(t.Context(), parseURL(t, fmt.Sprintf("https://n%d.example/", i))); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.origins) != MaxOrigins {
		t.Errorf("%d origins are kept, want %d", len(c.origins), MaxOrigins)
	}
}

func BenchmarkDecide(b *testing.B) {
	text := strings.Repeat("User-agent: other\nDisallow: /a/*/b\n", 100) + forbidX
	s := &site{says: map[string]Answer{"https://n.example/robots.txt": {Status: 200, Body: []byte(text)}}}
	c := NewCache("tearsheet", s.fetch, time.Now)
	u := parseURL(b, "https://n.example/2026/11/22/an-article-with-a-name?id=3")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Decide(b.Context(), u); err != nil {
			b.Fatal(err)
		}
	}
}
