package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/crawler/frontier"
)

// Bounds on the way to a page.
const (
	maxRedirects = 10
	maxRefreshes = 3
	// A page with more text than this is an article that reloads itself, not a signpost.
	refreshText = 200
)

// handle captures one page and hands it on: to the committer, or back to the frontier for another attempt.
func (s *session) handle(item frontier.Item) {
	f := s.attempt(item)
	s.track(item, false)
	if f != nil {
		s.finish(*f)
	}
	s.changed()
}

// attempt captures a page once; nil when it goes back to the frontier. A panic ends the page, not the run.
func (s *session) attempt(item frontier.Item) (f *finishedPage) {
	p := s.newPage(item.URL.URL)
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("a page made the program fail", "url", item.URL.URL, "panic", r, "stack", string(debug.Stack()))
			p.Verdict, p.Reasons = archive.Failed, []string{fmt.Sprintf("internal error while capturing: %v", r)}
			f = &finishedPage{item: &item, page: p}
		}
	}()
	err := s.capture(s.work, item, &p)
	var end *ending
	switch {
	case err == nil:
		return &finishedPage{item: &item, page: p}
	case isFatal(err):
		s.fail(err)
		return nil
	case isInterruption(s.work, err):
		return s.cutShort(item, p)
	case !errors.As(err, &end):
		end = &ending{verdict: archive.Failed, reason: err.Error()}
	}
	if end.transient && item.Attempt <= s.options.Retries {
		after := max(end.after, backOffFor(item.Attempt))
		s.log.Info("the page is tried again", "url", item.URL.URL, "attempt", item.Attempt, "after", after, "reason", end.reason)
		if err := s.frontier.Nack(s.work, item, after, end.reason); err == nil {
			return nil
		}
	}
	p.Verdict, p.Reasons = end.verdict, append(p.Reasons, end.reason)
	return &finishedPage{item: &item, page: p}
}

func (s *session) newPage(rawURL string) archive.Page {
	return archive.Page{ID: uuid.NewString(), URL: rawURL, Time: s.now().UTC()}
}

// unusable is the page of a URL that cannot be asked for.
func (s *session) unusable(rawURL string, err error) archive.Page {
	p := s.newPage(rawURL)
	p.Verdict, p.Reasons = archive.Failed, []string{err.Error()}
	return p
}

// cutShort is a page that the end of the grace found under way: what it has is listed, and it stays in the frontier. A page that has nothing
// is not listed.
func (s *session) cutShort(item frontier.Item, p archive.Page) *finishedPage {
	if p.Capture == nil {
		return nil
	}
	p.Verdict, p.Reasons = archive.Partial, append(p.Reasons, "interrupted before all that the page needs was fetched")
	return &finishedPage{item: &item, page: p, back: true}
}

// capture follows a page to its document and fetches what that needs. Its error is an *ending, a fatal one, or the end of ctx; p holds what
// was reached in any case.
func (s *session) capture(ctx context.Context, item frontier.Item, p *archive.Page) error {
	v, err := s.follow(ctx, item, p, false)
	if err != nil {
		return err
	}
	describe(p, v.document)
	j := s.judge(p, v)
	needs, pictures := s.needs(v.document)
	// Nothing else of the document shall stay in memory while its requisites are fetched.
	v.document, v.evidence = nil, evidence{}
	if j.shown {
		err = s.gather(ctx, v, needs, pictures, p, &j)
	}
	p.Verdict, p.Reasons = j.verdict, append(p.Reasons, j.reasons...)
	return err
}

// needs is what the page names and what the user adds, and the page's pictures.
func (s *session) needs(doc *page.Document) (needs []page.Requisite, pictures []page.Image) {
	if doc != nil {
		needs, pictures = doc.Requisites, doc.Images
	}
	for _, u := range s.options.Also {
		needs = append(needs, page.Requisite{URL: u, Kind: page.KindOther, Essential: true})
	}
	return needs, pictures
}

// follow makes the exchanges from the URL asked to the page: redirects and immediate refreshes. It sets p.Hops and p.Capture. With keep the
// visit holds the tree, or the body of what is no document.
func (s *session) follow(ctx context.Context, item frontier.Item, p *archive.Page, keep bool) (*visit, error) {
	at, err := frontier.Normalise(item.URL.URL)
	if err != nil {
		return nil, err
	}
	way := trail{
		item: item, at: at, keep: keep,
		hop:  archive.Hop{Via: item.Via, Path: item.Path},
		been: map[string]bool{}, hosts: map[string]bool{item.Host: true},
	}
	for {
		v, err := s.step(ctx, &way)
		if v != nil && v.recorded {
			p.Capture = &v.kept
			p.Time = v.kept.Time
			if final := v.url.String(); final != p.URL {
				p.Final = final
			}
		}
		if err != nil {
			return nil, err
		}
		next, err := way.next(v)
		if err != nil {
			return nil, err
		}
		if next == nil {
			if end := s.statusEnding(v); end != nil {
				s.heed(ctx, v)
				return nil, end
			}
			return v, nil
		}
		p.Hops = append(p.Hops, v.kept)
		p.Capture = nil
		way.hop = archive.Hop{Via: v.url.String(), Path: way.hop.Path + "R"}
		way.at = next
	}
}

// trail is the way of a page through its hops.
type trail struct {
	item      frontier.Item
	at        *url.URL
	hop       archive.Hop
	been      map[string]bool
	hosts     map[string]bool // whose schedules the page has passed
	redirects int
	refreshes int
	keep      bool
}

// next is where v sends us; nil when it is the end of the way.
func (t *trail) next(v *visit) (*url.URL, error) {
	next := v.location()
	switch doc := v.document; {
	case next != nil:
		if t.redirects++; t.redirects > maxRedirects {
			return nil, &ending{verdict: archive.Failed, reason: fmt.Sprintf("%s redirects more than %d times, the last time to %s", t.item.URL.URL, maxRedirects, next)}
		}
	case v.status >= 300 && v.status < 400:
		return nil, &ending{verdict: archive.Failed, reason: fmt.Sprintf("%s answered %s and names no place to go to", v.url, statusLine(v.status))}
	case v.status < 300 && doc != nil && doc.Refresh != "" && doc.TextLength < refreshText && t.refreshes < maxRefreshes:
		if next = resolve(v.url, doc.Refresh); next == nil || next.String() == v.url.String() {
			return nil, nil
		}
		t.refreshes++
	default:
		return nil, nil
	}
	t.been[v.url.String()] = true
	if t.been[next.String()] {
		return nil, &ending{verdict: archive.Failed, reason: fmt.Sprintf("%s redirects in a circle (%s was met before); it may want cookies, which are not kept", t.item.URL.URL, next)}
	}
	return next, nil
}

// step makes one exchange of the way: robots.txt and the host's schedule first.
func (s *session) step(ctx context.Context, t *trail) (*visit, error) {
	if err := s.admit(ctx, t); err != nil {
		return nil, err
	}
	v := &visit{url: t.at, hop: t.hop, keep: t.keep}
	err := s.hosts.through(ctx, v.host(), func() error { return s.document(ctx, v) })
	if err != nil {
		if isFatal(err) || isInterruption(ctx, err) {
			return v, err
		}
		return v, endingOf(v, err)
	}
	s.ledger.put(ledgerKey(v.url), &fetched{kept: v.kept, url: v.url, location: v.location()})
	return v, nil
}

// admit asks robots.txt about the hop and waits for its host's schedule. The first host of a page was waited for by the frontier.
func (s *session) admit(ctx context.Context, t *trail) error {
	host := frontier.HostOf(t.at)
	var spacing time.Duration
	if !s.options.IgnoreRobots {
		d, err := s.robots.Decide(withProspect(ctx, t.at, t.hop), t.at)
		if err != nil {
			return err
		}
		s.log.Debug("robots.txt", "url", t.at.String(), "allowed", d.Allowed, "reason", d.Reason, "crawl_delay", d.CrawlDelay)
		if d.Err != nil {
			return s.robotsEnding(ctx, t, d.Err)
		}
		if !d.Allowed {
			return &ending{verdict: archive.Blocked, reason: fmt.Sprintf("%s is forbidden by robots.txt: %s", t.at, d.Reason)}
		}
		spacing = min(d.CrawlDelay, s.options.MaxDelay)
	}
	if err := s.frontier.Pace(ctx, host, spacing); err != nil {
		return fmt.Errorf("telling the pace of %s: %w", host, err)
	}
	s.changed()
	if t.hosts[host] {
		return nil
	}
	t.hosts[host] = true
	at, err := s.frontier.Reserve(ctx, host)
	if err != nil {
		return fmt.Errorf("reserving a start on %s: %w", host, err)
	}
	return pause(ctx, at.Sub(s.now()))
}

// robotsEnding is the ending of a page whose robots.txt could not be had. When the host cannot be reached at all, that is the page's failure.
func (s *session) robotsEnding(ctx context.Context, t *trail, err error) error {
	if isFatal(err) || isInterruption(ctx, err) {
		return err
	}
	e := endingOf(&visit{url: t.at}, err)
	e.transient = false // robots.txt was tried often enough
	return e
}

// heed notes what the answer asks of further requests to its host.
func (s *session) heed(ctx context.Context, v *visit) {
	wait := v.retryAfter(s.now())
	if wait == 0 {
		return
	}
	until := s.now().Add(wait)
	s.log.Info("the host asks to be left alone", "host", v.host(), "until", until)
	s.hosts.stop(v.host(), until)
	if wait > s.options.MaxDelay {
		return // its pages are not waited for: the gate ends them
	}
	if err := s.frontier.Hold(ctx, v.host(), until); err != nil {
		s.log.Warn("the host could not be held in the frontier", "host", v.host(), "error", err)
	}
}

// describe copies what the page says of itself.
func describe(p *archive.Page, d *page.Document) {
	if d == nil {
		return
	}
	p.Title, p.Published, p.Modified = d.Title.Value, d.Published.Value, d.Modified.Value
	p.Site, p.Section, p.Language, p.Canonical = d.Publisher.Value, d.Section.Value, d.Language.Value, d.Canonical.Value
	for _, a := range d.Authors {
		p.Authors = append(p.Authors, strings.TrimSpace(a.Value))
	}
}
