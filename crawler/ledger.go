package crawler

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/crawler/frontier"
)

// ledger knows every URL that was asked for in this run, and what came of it, so that a picture that ten pages show is fetched once and
// listed by all ten.
type ledger struct {
	flights singleflight.Group
	mu      sync.Mutex
	entries map[frontier.Key]*fetched
}

// fetched is one finished exchange. It is not changed once it is in the ledger.
type fetched struct {
	kept     archive.Kept
	url      *url.URL
	location *url.URL         // of a redirect; nil otherwise
	needs    []page.Requisite // what a style sheet or a frame needs in turn
	visit    *visit           // of a frame that is to be captured as a page as well: what was read of it; nil otherwise
	astray   string           // why a redirection leads nowhere
	damage   string           // why what was recorded could not be decoded
	failure  string           // why nothing was asked or nothing came; the archive's words are in kept
	image    packedImage      // what an image file says of itself
}

// outcome is the finished exchange of v.
func (v *visit) outcome(needs []page.Requisite) *fetched {
	return &fetched{kept: v.kept, url: v.url, location: v.location(), needs: needs, astray: v.astray(), damage: v.damage, image: v.image}
}

// better is the one of two attempts that has more of the answer: a whole one before a cut one, any answer before none. The later holds when
// there is nothing between them.
func better(first, second *fetched) *fetched {
	if first != nil && fullness(first.kept) > fullness(second.kept) {
		return first
	}
	return second
}

// fullness orders attempts at one URL: no answer, a status that asks to come again, a cut answer by its length, any other answer, a whole one.
func fullness(k archive.Kept) int64 {
	switch {
	case k.Status == 0:
		return 0
	case k.Status >= 300:
		return 1
	case k.Truncated != "":
		return 2 + k.Size
	}
	return math.MaxInt64
}

func newLedger() *ledger { return &ledger{entries: map[frontier.Key]*fetched{}} }

// ledgerKey is the same for forms of a URL that are one file: http and https, which pages mix, and a path that a careless template begins with
// more than one slash. The archive's index does not tell these apart either.
func ledgerKey(u *url.URL) frontier.Key { return frontier.KeyOf(frontier.HostOf(u) + target(u)) }

// exactKey tells the scheme apart, for a host that redirects the one to the other.
func exactKey(u *url.URL) frontier.Key {
	return frontier.KeyOf(u.Scheme + "://" + frontier.HostOf(u) + u.RequestURI())
}

// target is what is asked of the host, with one slash at its beginning.
func target(u *url.URL) string { return "/" + strings.TrimLeft(u.RequestURI(), "/") }

// put enters the exchange of a page, unless its URL is known.
func (l *ledger) put(key frontier.Key, f *fetched) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.entries[key]; !ok {
		l.entries[key] = f
	}
}

func (l *ledger) find(key frontier.Key) (*fetched, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, ok := l.entries[key]
	return f, ok
}

// once gives the exchange under key, making it with ask if nobody has. Those who ask meanwhile wait for the first. An error says nothing about the
// URL, is given to the one who got it only, and leaves no entry.
func (l *ledger) once(ctx context.Context, key frontier.Key, ask func() (*fetched, error)) (*fetched, error) {
	for {
		if f, ok := l.find(key); ok {
			return f, nil
		}
		mine := false
		v, err, _ := l.flights.Do(string(key[:]), func() (any, error) {
			mine = true
			if f, ok := l.find(key); ok { // a flight has landed since
				return f, nil
			}
			f, err := ask()
			if err != nil {
				return nil, err
			}
			l.put(key, f)
			return f, nil
		})
		switch {
		case err == nil:
			return v.(*fetched), nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("waiting for an exchange: %w", context.Cause(ctx))
		case mine || isFatal(err):
			return nil, err
		}
		// The one whom we waited for was cancelled, we were not.
	}
}
