package frontier_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"tearsheet/crawler/frontier"
	"tearsheet/crawler/frontier/frontiertest"
)

func TestMemory(t *testing.T) {
	frontiertest.Run(t, func(_ *testing.T, p frontier.Policy, now frontier.Clock) frontier.Frontier {
		return frontier.NewMemory(p, now)
	})
}

func TestHostOf(t *testing.T) {
	for _, c := range []struct{ name, url, want string }{
		{"the scheme's port is dropped", "https://Example.org:443/x", "example.org"},
		{"another port is kept", "http://example.org:8080/", "example.org:8080"},
		{"the other scheme's port is kept", "http://example.org:443/", "example.org:443"},
		{"an empty port is dropped", "http://example.org:/", "example.org"},
		{"an IPv6 literal keeps its brackets", "http://[::1]:80/", "[::1]"},
		{"an IPv6 literal with a port", "https://[::1]:80/", "[::1]:80"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := url.Parse(c.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := frontier.HostOf(u); got != c.want {
				t.Errorf("HostOf(%s) = %q, want %q", c.url, got, c.want)
			}
		})
	}
}

func BenchmarkMemoryClaimAck(b *testing.B) {
	f := frontier.NewMemory(frontier.Policy{}, time.Now)
	ctx := b.Context()
	i := 0
	for b.Loop() {
		if _, err := f.Push(ctx, frontier.URL{URL: fmt.Sprintf("https://h%d.example/%d", i%200, i)}); err != nil {
			b.Fatal(err)
		}
		items, _, err := f.Claim(ctx, 1, time.Hour)
		if err != nil || len(items) != 1 {
			b.Fatal(items, err)
		}
		if err := f.Ack(ctx, items...); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
