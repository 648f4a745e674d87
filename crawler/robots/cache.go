package robots

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// How long answers hold, and how many.
const (
	TTL        = 24 * time.Hour      // RFC 9309 §2.4: caches should not be used longer
	RetryAfter = 5 * time.Minute     // until a robots.txt that could not be had is asked for again
	StaleUse   = 30 * 24 * time.Hour // RFC 9309 §2.3.1.4: how long the last good rules stand in for one that cannot be had
	MaxOrigins = 4096                // kept in memory; the ones fetched longest ago go first
	maxHops    = 5                   // RFC 9309 §2.3.1.2
)

// Answer is what came back for one request. Body need not hold more than ParseLimit bytes and one more.
type Answer struct {
	Status   int
	Location string // of a redirect, as sent
	Body     []byte
}

// Fetch makes one request, without following redirects. Its error means that there was no answer.
type Fetch func(ctx context.Context, rawURL string) (Answer, error)

// Decision is what robots.txt says about one URL.
type Decision struct {
	Allowed    bool
	Reason     string        // a sentence for people, naming the robots.txt that decided
	CrawlDelay time.Duration // spacing that the host asks of us, whatever was decided
	Err        error         // why robots.txt could not be had; nil when it answered, whatever its status
}

// Cache decides about URLs and fetches each origin's robots.txt at most once per TTL, however many ask for it at the same time.
type Cache struct {
	token string
	fetch Fetch
	now   func() time.Time

	flights singleflight.Group
	mu      sync.Mutex
	origins map[string]*origin
}

// origin is what is known of one scheme, host and port. It is not changed once it is in the cache.
type origin struct {
	rules   *Rules // nil when everything is allowed or everything is forbidden
	allowed bool   // without rules
	reason  string
	err     error
	good    time.Time // when rules came
	expires time.Time
}

// NewCache makes a cache for the crawler with that product token (see Token).
func NewCache(token string, fetch Fetch, now func() time.Time) *Cache {
	return &Cache{token: token, fetch: fetch, now: now, origins: map[string]*origin{}}
}

// Decide says whether u may be captured. Its error is ctx's; a robots.txt that cannot be had is a decision.
func (c *Cache) Decide(ctx context.Context, u *url.URL) (Decision, error) {
	o, err := c.origin(ctx, u)
	if err != nil {
		return Decision{}, err
	}
	if o.rules == nil {
		return Decision{Allowed: o.allowed, Reason: o.reason, Err: o.err}, nil
	}
	d := Decision{CrawlDelay: o.rules.CrawlDelay()}
	var line int
	if d.Allowed, line = o.rules.Allowed(u); line > 0 {
		d.Reason = fmt.Sprintf("line %d of %s decides", line, robotsURL(u))
	} else {
		d.Reason = fmt.Sprintf("no line of %s applies", robotsURL(u))
	}
	return d, nil
}

// Sitemaps lists the Sitemap lines of the origin's robots.txt, fetching it if need be.
func (c *Cache) Sitemaps(ctx context.Context, u *url.URL) ([]string, error) {
	o, err := c.origin(ctx, u)
	if err != nil || o.rules == nil {
		return nil, err
	}
	return o.rules.Sitemaps(), nil
}

func (c *Cache) origin(ctx context.Context, u *url.URL) (*origin, error) {
	at := robotsURL(u)
	for {
		if o := c.fresh(at); o != nil {
			return o, nil
		}
		v, err, _ := c.flights.Do(at, func() (any, error) {
			if o := c.fresh(at); o != nil { // somebody else's flight has just landed
				return o, nil
			}
			o := c.ask(ctx, at)
			if err := ctx.Err(); err != nil {
				return nil, err // says nothing about the host
			}
			return c.keep(at, o), nil
		})
		if err == nil {
			return v.(*origin), nil
		}
		if own := ctx.Err(); own != nil {
			return nil, fmt.Errorf("asking for %s: %w", at, context.Cause(ctx))
		}
		// The asker whom we waited for was cancelled, we were not.
	}
}

func (c *Cache) fresh(at string) *origin {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o := c.origins[at]; o != nil && c.now().Before(o.expires) {
		return o
	}
	return nil
}

// keep puts o into the cache, or lengthens the life of older rules when o is a failure and these may still be used.
func (c *Cache) keep(at string, o *origin) *origin {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, life := c.now(), TTL
	switch old := c.origins[at]; {
	case o.rules != nil:
		o.good = now
	case !o.allowed:
		life = RetryAfter
		if old != nil && old.rules != nil && now.Sub(old.good) < StaleUse {
			stale := *old
			o = &stale
		}
	}
	o.expires = now.Add(life)
	if len(c.origins) >= MaxOrigins {
		c.evict()
	}
	c.origins[at] = o
	return o
}

// evict drops the origin whose answer ends first.
func (c *Cache) evict() {
	var first string
	for at, o := range c.origins {
		if first == "" || o.expires.Before(c.origins[first].expires) {
			first = at
		}
	}
	delete(c.origins, first)
}

// ask fetches a robots.txt and reads what the answer means (RFC 9309 §2.3.1).
func (c *Cache) ask(ctx context.Context, at string) *origin {
	next := at
	for range maxHops + 1 {
		a, err := c.fetch(ctx, next)
		switch {
		case err != nil:
			return &origin{reason: fmt.Sprintf("%s could not be had, so that nothing may be captured: %v", at, err), err: err}
		case a.Status >= 200 && a.Status < 300:
			return &origin{rules: Parse(a.Body, c.token)}
		case a.Status >= 300 && a.Status < 400 && a.Location != "":
			to, err := follow(next, a.Location)
			if err != nil {
				return &origin{allowed: true, reason: fmt.Sprintf("%s leads nowhere, which allows everything: %v", at, err)}
			}
			next = to
		case a.Status >= 300 && a.Status < 500:
			return &origin{allowed: true, reason: fmt.Sprintf("%s answered %d, which allows everything", at, a.Status)}
		default:
			return &origin{reason: fmt.Sprintf("%s answered %d, which forbids everything for the time being", at, a.Status)}
		}
	}
	return &origin{allowed: true, reason: fmt.Sprintf("%s redirects more than %d times, which allows everything", at, maxHops)}
}

func follow(from, location string) (string, error) {
	base, err := url.Parse(from)
	if err != nil {
		return "", err
	}
	u, err := base.Parse(location)
	if err != nil {
		return "", err
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	return u.String(), nil
}

// robotsURL names the robots.txt that speaks for u: that of the same scheme, host and port.
func robotsURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}).String()
}
