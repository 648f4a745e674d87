// Package crawler turns URLs into captures.
//
// A capture of a page is: its robots.txt asked, every redirect on the way, the page, and everything that a browser would load to show it, each
// exchange in the archive before anybody reads it, and a verdict that says truthfully whether the page is whole. This package decides what is
// asked, in which order and how often; how one exchange is made and recorded is the business of crawler/wire, when a host may be asked that of
// crawler/frontier, what robots.txt says that of crawler/robots, and what a page says and needs that of archive/page.
//
// # The way of a page
//
//	frontier ─ Claim ─> robots ─> collector ─> wire ─> recorder ─> archive
//	   ^                             │ OnHTML: archive/page reads the tree
//	   │                             v
//	   └── Ack <─ commit <─ verdict <─ requisites ─> wire ─> recorder ─> archive
//
// Pages and frames go through one Colly collector: it makes the request, parses the document once and calls back. It never sees a socket, a
// redirect or a coded body; a small round tripper between its client and the wire sees to that, and an answer that did not come through the
// recorder is refused (see collector.go). Images, style sheets and the like use the wire directly, so that they stream.
//
// A redirect is an answer like any other. Each hop of a page goes through scope, robots and the host's schedule again.
//
// # Attempts
//
// What failed for a reason that may pass is asked for again, up to Options.Retries times: no connection, a status that means "later", and an
// answer that broke off. Every attempt is a record in the archive with what became of it. A page lists one attempt of each URL, the fullest;
// Page.Hops is the way to the page and not the history of asking.
//
// # Once per run
//
// A requisite is asked for once in the life of a Crawler, whatever pages name it and however many at the same time (see ledger.go).
//
// # Limits of what it knows
//
// It does not run scripts, does not keep cookies and does not discover pages. robots.txt is asked for pages, not for requisites and frames,
// which are part of a page that was allowed. It alone imports Colly; only package main imports it.
package crawler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime"
	"time"

	"github.com/gocolly/colly/v2"
	"golang.org/x/net/html"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/crawler/frontier"
	"tearsheet/crawler/robots"
	"tearsheet/crawler/wire"
)

// Options of a Crawler. Wire.Recorder and Wire.UserAgent are set by New. Without a Run it can only Inspect.
type Options struct {
	Run          *archive.Run
	Wire         wire.Options
	UserAgent    string        // sent with every request; its product token is the one that robots.txt addresses
	Concurrency  int           // pages at once, and requests at once per host; 0 means 4
	Delay        time.Duration // least time between page starts on one host
	MaxDelay     time.Duration // longest Crawl-delay and Retry-After that is waited for; 0 means 60 s
	IgnoreRobots bool
	Retries      int           // further attempts after a transient failure, or at an answer that broke off
	Also         []string      // further requisites of the page (only with one URL)
	Grace        time.Duration // how long pages under way may go on when Capture's context ends; 0 means 5 s
	Log          *slog.Logger  // nil discards
	Progress     func(Event)   // called by one goroutine at a time; must be quick
}

// Defaults of Options.
const (
	DefaultConcurrency = 4
	DefaultMaxDelay    = 60 * time.Second
	DefaultGrace       = 5 * time.Second
)

// Event tells a progress display what has happened so far.
type Event struct {
	Pages, PagesDone int    // asked for, and durable
	Requests         int    // exchanges recorded
	Bytes            int64  // of answers, as they came over the wire
	URL              string // what the last step was about
}

// Crawler captures pages into one run. It is safe for concurrent use.
type Crawler struct {
	options   Options
	log       *slog.Logger
	wire      *wire.Transport
	collector *colly.Collector
	visits    visitRegistry
	robots    *robots.Cache
	hosts     *hostGates
	ledger    *ledger
	parses    chan struct{} // bounds the trees in memory
	progress  progress

	now  func() time.Time
	read func(*html.Node, *url.URL) *page.Document // page.Read, except in tests that count or break it
}

// New makes a crawler that records into o.Run. Close it before the run is committed.
func New(o Options) (*Crawler, error) {
	if o.Concurrency <= 0 {
		o.Concurrency = DefaultConcurrency
	}
	if o.MaxDelay <= 0 {
		o.MaxDelay = DefaultMaxDelay
	}
	if o.Grace <= 0 {
		o.Grace = DefaultGrace
	}
	if o.UserAgent == "" {
		o.UserAgent = "tearsheet"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Crawler{
		options:  o,
		log:      o.Log,
		ledger:   newLedger(),
		parses:   make(chan struct{}, runtime.GOMAXPROCS(0)),
		progress: progress{report: o.Progress},
		now:      time.Now,
		read:     page.Read,
	}
	c.hosts = newHostGates(o.Concurrency, o.MaxDelay)
	c.robots = robots.NewCache(robots.Token(o.UserAgent), c.fetchRobots, time.Now)
	o.Wire.Recorder = &recorder{run: o.Run, progress: &c.progress}
	o.Wire.UserAgent = o.UserAgent
	if o.Wire.MaxIdlePerHost == 0 {
		o.Wire.MaxIdlePerHost = o.Concurrency
	}
	t, err := wire.New(o.Wire)
	if err != nil {
		return nil, fmt.Errorf("preparing the crawler's transport: %w", err)
	}
	c.wire = t
	c.collector = c.newCollector()
	return c, nil
}

// Capture archives the pages at urls and calls each with every finished page, in the order in which they finish, once it is durable. A URL that
// cannot be captured is a page with a verdict, not an error. Errors are: a run that can no longer be written (the error of the archive or of
// its store), and the end of ctx, after which pages under way are given Options.Grace to finish, what they have is listed as partial, and
// pages not begun are left out.
func (c *Crawler) Capture(ctx context.Context, urls []string, each func(archive.Page)) error {
	if c.options.Run == nil {
		return errors.New("a crawler needs a run to capture into")
	}
	if len(c.options.Also) > 0 && len(urls) != 1 {
		return fmt.Errorf("further requisites belong to one page, not to %d", len(urls))
	}
	f := frontier.NewMemory(frontier.Policy{Delay: c.options.Delay, PerHost: c.options.Concurrency}, c.now)
	s := newSession(ctx, c, f)
	err := s.run(ctx, urls, each)
	return errors.Join(err, f.Close())
}

// Close ends all connections.
func (c *Crawler) Close() error { return c.wire.Close() }
