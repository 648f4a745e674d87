// Package frontiertest is the suite that every implementation of frontier.Frontier passes. It runs on a clock that only the suite moves.
package frontiertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tearsheet/crawler/frontier"
)

// Open makes an empty frontier for one test.
type Open func(t *testing.T, p frontier.Policy, now frontier.Clock) frontier.Frontier

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name   string
		policy frontier.Policy
		test   func(*bench)
	}{
		{"the first page of a host waits for nothing", frontier.Policy{Delay: time.Hour}, firstWaitsForNothing},
		{"a page is claimed once, acknowledged once, and never queued again", frontier.Policy{}, onceAndForAll},
		{"one page known under two spellings is queued once", frontier.Policy{}, spellings},
		{"a URL that is no page is refused and nothing is queued", frontier.Policy{}, refused},
		{"the starts of a host's pages are spaced, not the gaps between them", frontier.Policy{Delay: 10 * time.Second}, startsAreSpaced},
		{"a host's pages are claimed one at a time until its pace is known", frontier.Policy{}, oneUntilPaced},
		{"a page that failed before the pace was known lets the next one start", frontier.Policy{}, failedBeforePace},
		{"a pace below the policy's delay does not undercut it", frontier.Policy{Delay: 5 * time.Second}, paceKeepsDelay},
		{"at most PerHost pages of one host are under way", frontier.Policy{PerHost: 2}, perHost},
		{"a host that must wait does not keep others waiting", frontier.Policy{Delay: time.Minute}, otherHosts},
		{"http and https of one host share a schedule", frontier.Policy{Delay: time.Minute}, schemesShare},
		{"a hold stops a host until its time has come", frontier.Policy{}, hold},
		{"a shorter hold does not end a longer one", frontier.Policy{}, shorterHold},
		{"a page given back is not claimed before its time, and its attempts are counted", frontier.Policy{}, nack},
		{"a page that was given back does not keep its host's others waiting", frontier.Policy{}, nackOthers},
		{"an expired lease puts its page back, and its holder learns that it was lost", frontier.Policy{}, expiry},
		{"an extended lease holds", frontier.Policy{}, extend},
		{"a reserved start spaces the pages of the host", frontier.Policy{Delay: 10 * time.Second}, reserve},
		{"pages of one host come in the order in which they were pushed", frontier.Policy{}, order},
		{"sixteen workers claim every page exactly once", frontier.Policy{PerHost: 3}, workers},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &bench{T: t, ctx: t.Context(), now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
			b.f = open(t, c.policy, func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now })
			t.Cleanup(func() {
				if err := b.f.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			c.test(b)
		})
	}
}

// lease is long compared with every spacing in the suite.
const lease = 24 * time.Hour

// bench is a frontier under test with its clock.
type bench struct {
	*testing.T
	ctx context.Context
	f   frontier.Frontier
	mu  sync.Mutex
	now time.Time
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *bench) push(urls ...string) {
	b.Helper()
	for _, u := range urls {
		if n, err := b.f.Push(b.ctx, frontier.URL{URL: u}); err != nil || n != 1 {
			b.Fatalf("Push(%s) = %d, %v", u, n, err)
		}
	}
}

// claim claims up to n pages and fails unless exactly these come, in this order.
func (b *bench) claim(n int, want ...string) []frontier.Item {
	b.Helper()
	items, _, err := b.f.Claim(b.ctx, n, lease)
	if err != nil {
		b.Fatalf("Claim: %v", err)
	}
	var got []string
	for _, i := range items {
		got = append(got, i.URL.URL)
	}
	if !slices.Equal(got, want) {
		b.Fatalf("Claim gave %q, want %q", got, want)
	}
	return items
}

// next fails unless the frontier, asked for a page, has none and says that the next comes after d.
func (b *bench) next(d time.Duration) {
	b.Helper()
	items, next, err := b.f.Claim(b.ctx, 1, lease)
	if err != nil || len(items) != 0 {
		b.Fatalf("Claim = %v, %v; want nothing yet", items, err)
	}
	if got := next.Sub(b.now); got != d {
		b.Fatalf("the next page comes after %v, want %v", got, d)
	}
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) stats(queued, leased, done int) {
	b.Helper()
	s, err := b.f.Stats(b.ctx)
	b.must(err)
	if s.Queued != queued || s.Leased != leased || s.Done != done {
		b.Fatalf("Stats = %+v, want %d queued, %d leased, %d done", s, queued, leased, done)
	}
	if s.Idle() != (queued == 0 && leased == 0) {
		b.Fatalf("Idle of %+v is %v", s, s.Idle())
	}
}

const (
	a1 = "https://a.example/1"
	a2 = "https://a.example/2"
	a3 = "https://a.example/3"
	b1 = "https://b.example/1"
	b2 = "https://b.example/2"
)

func firstWaitsForNothing(b *bench) {
	b.push(a1, b1)
	b.claim(5, a1, b1)
}

func onceAndForAll(b *bench) {
	b.push(a1)
	items := b.claim(5, a1)
	if i := items[0]; i.Attempt != 1 || i.Host != "a.example" || i.Key != frontier.KeyOf(a1) {
		b.Fatalf("item is %+v", i)
	}
	b.stats(0, 1, 0)
	b.must(b.f.Ack(b.ctx, items...))
	b.stats(0, 0, 1)
	if err := b.f.Ack(b.ctx, items...); !errors.Is(err, frontier.ErrLeaseLost) {
		b.Fatalf("second Ack: %v", err)
	}
	if n, err := b.f.Push(b.ctx, frontier.URL{URL: a1}); err != nil || n != 0 {
		b.Fatalf("pushing a known page: %d, %v", n, err)
	}
	b.claim(1)
}

func spellings(b *bench) {
	n, err := b.f.Push(b.ctx, frontier.URL{URL: "https://a.example"}, frontier.URL{URL: "HTTPS://A.example:443/#top"},
		frontier.URL{URL: "https://user:secret@a.example/"}, frontier.URL{URL: "https://a.example/?"})
	if err != nil || n != 2 {
		b.Fatalf("Push = %d, %v; want 2, because an empty query is another URL", n, err)
	}
}

func refused(b *bench) {
	for _, u := range []string{"ftp://a.example/x", "a.example/x", "https:///x", "javascript:alert(1)", "https://a.example/%zz"} {
		if n, err := b.f.Push(b.ctx, frontier.URL{URL: a1}, frontier.URL{URL: u}); err == nil || n != 0 {
			b.Fatalf("Push(%s) = %d, %v", u, n, err)
		}
	}
	b.stats(0, 0, 0)
}

func startsAreSpaced(b *bench) {
	b.push(a1, a2, a3)
	first := b.claim(5, a1)
	b.must(b.f.Pace(b.ctx, "a.example", 0))
	b.next(10 * time.Second)
	b.pass(9 * time.Second)
	b.must(b.f.Ack(b.ctx, first...))
	b.next(time.Second) // its end does not matter
	b.pass(time.Second)
	b.claim(5, a2)
	b.pass(10 * time.Second)
	b.claim(5, a3) // and neither does it that the second is under way
}

func oneUntilPaced(b *bench) {
	b.push(a1, a2, a3, b1, b2)
	b.claim(9, a1, b1)
	b.claim(9)
	b.pass(time.Second)
	b.must(b.f.Pace(b.ctx, "a.example", 2*time.Second)) // robots.txt took a second
	b.next(2 * time.Second)
	b.must(b.f.Pace(b.ctx, "b.example", 0))
	b.claim(9, b2)
	b.pass(2 * time.Second)
	b.claim(9, a2)
}

func failedBeforePace(b *bench) {
	b.push(a1, a2)
	b.must(b.f.Ack(b.ctx, b.claim(9, a1)...))
	b.claim(9, a2)
}

func paceKeepsDelay(b *bench) {
	b.push(a1, a2)
	b.claim(9, a1)
	b.must(b.f.Pace(b.ctx, "a.example", time.Second))
	b.next(5 * time.Second)
}

func perHost(b *bench) {
	b.must(b.f.Pace(b.ctx, "a.example", 0))
	b.push(a1, a2, a3, b1)
	items := b.claim(9, a1, b1, a2) // hosts take turns
	b.claim(9)
	b.must(b.f.Ack(b.ctx, items[0]))
	b.claim(9, a3)
}

func otherHosts(b *bench) {
	b.must(b.f.Pace(b.ctx, "a.example", time.Hour))
	b.push(a1, a2, b1)
	b.claim(9, a1, b1)
}

func schemesShare(b *bench) {
	b.must(b.f.Pace(b.ctx, "a.example", 0))
	b.push("http://a.example/", "https://a.example:443/x", "https://a.example:8443/")
	b.claim(9, "http://a.example/", "https://a.example:8443/")
}

func hold(b *bench) {
	b.must(b.f.Pace(b.ctx, "a.example", 0))
	b.must(b.f.Hold(b.ctx, "a.example", b.now.Add(time.Minute)))
	b.push(a1)
	b.next(time.Minute)
	b.pass(time.Minute)
	b.claim(9, a1)
}

func shorterHold(b *bench) {
	b.push(a1)
	b.must(b.f.Hold(b.ctx, "a.example", b.now.Add(time.Minute)))
	b.must(b.f.Hold(b.ctx, "a.example", b.now.Add(time.Second)))
	b.next(time.Minute)
}

func nack(b *bench) {
	b.push(a1)
	items := b.claim(1, a1)
	b.must(b.f.Nack(b.ctx, items[0], 3*time.Second, "HTTP 503"))
	b.stats(1, 0, 0)
	b.next(3 * time.Second)
	if err := b.f.Nack(b.ctx, items[0], 0, "again"); !errors.Is(err, frontier.ErrLeaseLost) {
		b.Fatalf("second Nack: %v", err)
	}
	b.pass(3 * time.Second)
	if i := b.claim(1, a1)[0]; i.Attempt != 2 {
		b.Fatalf("attempt %d, want 2", i.Attempt)
	}
}

func nackOthers(b *bench) {
	b.must(b.f.Pace(b.ctx, "a.example", 0))
	b.push(a1, a2)
	b.must(b.f.Nack(b.ctx, b.claim(1, a1)[0], time.Hour, "later"))
	b.claim(9, a2)
}

func expiry(b *bench) {
	b.push(a1)
	old := b.claim(1, a1)
	b.next(lease)
	b.pass(lease)
	again := b.claim(1, a1)
	if again[0].Attempt != 2 || again[0].Fence <= old[0].Fence {
		b.Fatalf("second lease is %+v after %+v", again[0], old[0])
	}
	for name, err := range map[string]error{
		"Ack": b.f.Ack(b.ctx, old...), "Nack": b.f.Nack(b.ctx, old[0], 0, ""), "Extend": b.f.Extend(b.ctx, lease, old...),
	} {
		if !errors.Is(err, frontier.ErrLeaseLost) {
			b.Errorf("%s by the old holder: %v", name, err)
		}
	}
	b.must(b.f.Ack(b.ctx, again...))
}

func extend(b *bench) {
	b.push(a1)
	items := b.claim(1, a1)
	b.pass(lease - time.Second)
	b.must(b.f.Extend(b.ctx, lease, items...))
	b.pass(time.Minute)
	b.next(lease - time.Minute)
	b.must(b.f.Ack(b.ctx, items...))
}

func reserve(b *bench) {
	for i, want := range []time.Duration{0, 10 * time.Second} {
		at, err := b.f.Reserve(b.ctx, "a.example")
		b.must(err)
		if got := at.Sub(b.now); got != want {
			b.Fatalf("start %d comes after %v, want %v", i, got, want)
		}
	}
	b.push(a1)
	b.next(20 * time.Second)
}

func order(b *bench) {
	b.must(b.f.Pace(b.ctx, "a.example", 0))
	b.push(a3, a1, a2)
	b.claim(9, a3, a1, a2)
}

func workers(b *bench) {
	const pages = 400
	for i := range pages {
		b.push(fmt.Sprintf("https://h%d.example/%d", i%7, i))
	}
	var got sync.Map
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				items, _, err := b.f.Claim(b.ctx, 2, lease)
				if err != nil {
					b.Error(err)
					return
				}
				for _, i := range items {
					if _, twice := got.LoadOrStore(i.URL.URL, true); twice {
						b.Errorf("%s was claimed twice", i.URL.URL)
					}
					if err := errors.Join(b.f.Pace(b.ctx, i.Host, 0), b.f.Ack(b.ctx, i)); err != nil {
						b.Error(err)
					}
				}
				if s, err := b.f.Stats(b.ctx); err != nil || s.Idle() {
					return
				}
			}
		})
	}
	wg.Wait()
	b.stats(0, 0, pages)
}
