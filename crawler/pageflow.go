package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/page/wall"
	"tearsheet/archive/warc"
	"tearsheet/crawler/frontier"
	"tearsheet/crawler/wire"
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
		return s.cutShort(item, p, err)
	case isInterruption(s.work, err):
		return s.cutShort(item, p, s.fatal())
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
	return archive.Page{ID: uuid.NewString(), URL: askedURL(rawURL), Time: s.now().UTC()}
}

// askedURL is a page's URL as the user wrote it, but never with a password.
func askedURL(rawURL string) string {
	if warc.WithoutUser(rawURL) == rawURL {
		return rawURL
	}
	return targetURL(rawURL)
}

// targetURL is a page's URL as the target of a record: as the user wrote it, unless no record can hold that.
func targetURL(rawURL string) string {
	if warc.CheckTarget(rawURL) == nil {
		return rawURL
	}
	if u, err := frontier.Normalise(rawURL); err == nil {
		return u.String()
	}
	return warc.WithoutUser(rawURL)
}

// unusable is the page of a URL that cannot be asked for.
func (s *session) unusable(rawURL string, err error) archive.Page {
	p := s.newPage(rawURL)
	p.Verdict, p.Reasons = archive.Failed, []string{err.Error()}
	return p
}

// cutShort is a page that the end of the grace, or of the whole run by why, found under way: what it has is listed, and it stays in the
// frontier. A page of which nothing is recorded is not listed, and one that has no answer, or only redirects, is none to be restored.
func (s *session) cutShort(item frontier.Item, p archive.Page, why error) *finishedPage {
	if p.Capture == nil && len(p.Hops) == 0 {
		return nil
	}
	ended := "interrupted"
	if why != nil {
		ended = "the run ended"
	}
	if p.Capture != nil && p.Capture.Status >= 200 && p.Capture.Status < 300 {
		p.Verdict, p.Reasons = archive.Partial, append(p.Reasons, ended+" before all that the page needs was fetched")
	} else {
		p.Verdict, p.Reasons = archive.Failed, append(p.Reasons, ended+" before an answer came")
	}
	return &finishedPage{item: &item, page: p, back: true}
}

// capture follows a page to its document and fetches what that needs. Its error is an *ending, a fatal one, or the end of ctx; p holds what
// was reached in any case.
func (s *session) capture(ctx context.Context, item frontier.Item, p *archive.Page) error {
	v, err := s.follow(ctx, item, p, false)
	if err != nil {
		return err
	}
	p.Describe(v.document)
	j := s.judge(p, v)
	if p.Photos, err = v.asPhoto(); err != nil {
		return err
	}
	needs, pictures := s.needs(v.document)
	// Nothing else of the document shall stay in memory while its requisites are fetched.
	v.document, v.evidence = nil, wall.Evidence{}
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
	case v.astray() != "":
		return nil, &ending{verdict: archive.Failed, reason: v.astray()}
	case v.status < 300 && doc != nil && doc.TextLength < refreshText && t.refreshes < maxRefreshes:
		if next = resolve(v.url, v.refresh()); next == nil || next.String() == v.url.String() {
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

// step makes one exchange of the way: robots.txt and the host's schedule first. An answer that broke off is asked for again, and the fullest
// one is the page. Every attempt is in the archive, but only that one is listed: the others show nothing that it does not.
func (s *session) step(ctx context.Context, t *trail) (*visit, error) {
	if err := s.admit(ctx, t); err != nil {
		return nil, err
	}
	var best *visit
	f, err := s.ledger.once(ctx, ledgerKey(t.at), func() (_ *fetched, err error) {
		if best, err = s.fullest(ctx, t); err != nil {
			return nil, err
		}
		return best.outcome(nil), nil
	})
	if best != nil || err != nil {
		return best, err
	}
	if v := f.visit; v != nil && v.url.String() == t.at.String() && !t.keep { // another page has it in a frame
		same := *v
		same.hop, same.kind, same.kept.Kind = t.hop, "", ""
		return &same, nil
	}
	return s.fullest(ctx, t) // it was asked as something else, or must be asked again
}

// fullest makes the exchange of a step, again while its answer breaks off. Its error is that of exchangePage.
func (s *session) fullest(ctx context.Context, t *trail) (*visit, error) {
	best, err := s.exchangePage(ctx, t)
	for tries := t.item.Attempt; err == nil && best.brokeOff() && tries <= s.options.Retries; tries++ {
		s.log.Info("the page broke off and is asked for again", "url", t.at.String(), "truncated", best.kept.Truncated)
		if s.waitForStart(ctx, frontier.HostOf(t.at), backOffFor(tries)) != nil {
			break // what there is, is the page
		}
		v, again := s.exchangePage(ctx, t)
		if isFatal(again) {
			return best, again
		}
		if again == nil && fullness(v.kept) >= fullness(best.kept) {
			best = v
		}
		if ctx.Err() != nil {
			break
		}
	}
	return best, err
}

// exchangePage makes one attempt at the page of a step. Its error is an *ending, a fatal one, or the end of ctx.
func (s *session) exchangePage(ctx context.Context, t *trail) (*visit, error) {
	v := &visit{url: t.at, hop: t.hop, keep: t.keep}
	err := s.hosts.through(ctx, v.host(), func() error { return s.document(ctx, v) })
	if err != nil && !isFatal(err) && !isInterruption(ctx, err) {
		err = endingOf(v, err)
	}
	return v, err
}

// waitForStart waits for the host's next page start, and for at least least.
func (s *session) waitForStart(ctx context.Context, host string, least time.Duration) error {
	at, err := s.frontier.Reserve(ctx, host)
	if err != nil {
		return fmt.Errorf("reserving a start on %s: %w", host, err)
	}
	return pause(ctx, max(least, at.Sub(s.now())))
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
	return s.waitForStart(ctx, host, 0)
}

// robotsEnding is the ending of a page whose robots.txt could not be had. When the host cannot be reached at all, that is the page's failure.
func (s *session) robotsEnding(ctx context.Context, t *trail, err error) error {
	if isFatal(err) || isInterruption(ctx, err) {
		return err
	}
	var why *wire.Error
	if errors.As(err, &why) {
		switch why.Class {
		case wire.ClassRefused, wire.ClassDNS, wire.ClassConnect, wire.ClassTLS: // of the host, whatever is asked of it
			err = &wire.Error{Class: why.Class, URL: t.at.String(), Err: why.Err}
		}
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
