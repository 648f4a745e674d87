package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"sync"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/crawler/frontier"
)

// Bounds on what a page may make us ask for.
const (
	maxImports       = 5       // style sheets named by style sheets
	maxRequisiteHops = 5       // redirects of one requisite
	maxStyleBytes    = 4 << 20 // of a style sheet that are read; all of it is recorded
	maxPerPage       = 32768   // requisites, with those of its style sheets and frames
)

// gathering fetches the requisites of one page. Those of one host are fetched by at most Concurrency workers, so that a slow host does not
// keep the others waiting; what style sheets and frames need joins while they are at it.
type gathering struct {
	*session
	ctx  context.Context
	fail context.CancelCauseFunc
	page *visit

	workers sync.WaitGroup
	mu      sync.Mutex
	known   map[frontier.Key]*wanted
	order   []*wanted
	lanes   map[string]*lane
	leftOut int // mentions beyond maxPerPage
}

// lane is the requisites of one host that wait for a worker.
type lane struct {
	waiting []*wanted
	workers int
}

// wanted is a requisite of the page and what came of it.
type wanted struct {
	page.Requisite
	key     frontier.Key
	url     *url.URL
	hop     archive.Hop
	referer string
	imports int  // style sheets between it and the page
	framed  bool // a frame names it

	hops  []archive.Kept
	final *fetched // nil when nothing could be asked
	why   string   // in that case
}

// gather fetches what the page needs, lists it in p, and lets the judgement know what is missing. Its error is fatal, or the end of ctx.
func (s *session) gather(ctx context.Context, v *visit, needs []page.Requisite, pictures []page.Image, p *archive.Page, j *judgement) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	g := &gathering{session: s, ctx: ctx, fail: fail, page: v, known: map[frontier.Key]*wanted{}, lanes: map[string]*lane{}}
	g.note(needs)
	g.start()
	g.workers.Wait()

	photos, err := g.photos(pictures, p.Capture)
	p.Photos = append(p.Photos, photos...)
	p.Requisites = g.listing()
	g.missing(pictures, j)
	if g.leftOut > 0 {
		j.worsen("%d of its requisites were not fetched: a page may need at most %d", g.leftOut, maxPerPage)
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// note enters the requisites that the page itself names. Of the http and the https form of one URL an https page is given the https form.
func (g *gathering) note(needs []page.Requisite) {
	for _, r := range needs {
		w, _ := g.enter(r, archive.Hop{Via: g.page.url.String(), Path: g.page.hop.Path + "E"}, g.page.url.String())
		if w == nil {
			continue
		}
		w.Essential = w.Essential || r.Essential
		if u := resolve(g.page.url, r.URL); u != nil && g.page.url.Scheme == "https" && u.Scheme == "https" && w.url != nil && w.url.Scheme == "http" {
			w.url, w.URL = u, r.URL
		}
	}
}

// enter notes a requisite, unless it is known: then it gives the known one. It gives nil for the page itself, and beyond the bound.
func (g *gathering) enter(r page.Requisite, hop archive.Hop, referer string) (w *wanted, isNew bool) {
	r.URL = askedURL(r.URL)
	w = &wanted{Requisite: r, hop: hop, referer: referer, url: resolve(g.page.url, r.URL)}
	if w.url == nil {
		w.key, w.why = frontier.KeyOf(r.URL), "it is no URL that can be fetched"
	} else {
		w.key = ledgerKey(w.url)
	}
	if known, ok := g.known[w.key]; ok {
		return known, false
	}
	if w.key == ledgerKey(g.page.url) {
		return nil, false
	}
	if len(g.order) >= maxPerPage {
		g.leftOut++
		return nil, false
	}
	g.known[w.key] = w
	g.order = append(g.order, w)
	return w, true
}

// start sets workers to what was noted.
func (g *gathering) start() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range g.order {
		g.schedule(w)
	}
}

// schedule queues w in its host's lane, with another worker if there is room for one. g.mu is held.
func (g *gathering) schedule(w *wanted) {
	if w.url == nil {
		return
	}
	host := frontier.HostOf(w.url)
	l, ok := g.lanes[host]
	if !ok {
		l = &lane{}
		g.lanes[host] = l
	}
	l.waiting = append(l.waiting, w)
	if l.workers < g.options.Concurrency {
		l.workers++
		g.workers.Go(func() { g.serve(l) })
	}
}

// serve fetches what waits in a lane until it is empty.
func (g *gathering) serve(l *lane) {
	for {
		g.mu.Lock()
		if len(l.waiting) == 0 {
			l.workers--
			g.mu.Unlock()
			return
		}
		w := l.waiting[0]
		l.waiting = l.waiting[1:]
		g.mu.Unlock()
		g.obtain(w)
	}
}

// obtain fetches one requisite through its redirects. A panic loses that requisite only.
func (g *gathering) obtain(w *wanted) {
	defer func() {
		if r := recover(); r != nil {
			g.log.Error("a requisite made the program fail", "url", w.URL, "panic", r, "stack", string(debug.Stack()))
			w.final, w.why = nil, fmt.Sprintf("internal error: %v", r)
		}
	}()
	at, hop := w.url, w.hop
	key := w.key
	for {
		f, err := g.ledger.once(g.ctx, key, func() (*fetched, error) { return g.exchange(w, at, hop) })
		if err != nil {
			w.why = "interrupted"
			if isFatal(err) {
				g.fail(err)
			}
			return
		}
		if f.location == nil || len(w.hops) == maxRequisiteHops {
			w.final = f
			g.deepen(w, f)
			return
		}
		w.hops = append(w.hops, f.kept)
		from := f.url
		next := f.location
		if next.String() == from.String() {
			w.final = f
			w.hops = w.hops[:len(w.hops)-1]
			return
		}
		hop = archive.Hop{Via: from.String(), Path: hop.Path + "R"}
		key = ledgerKey(next)
		if key == ledgerKey(from) {
			key = exactKey(next)
		}
		at = next
	}
}

// deepen adds what a style sheet or a frame needs in turn.
func (g *gathering) deepen(w *wanted, f *fetched) {
	if len(f.needs) == 0 || w.imports > maxImports {
		return
	}
	hop := archive.Hop{Via: f.url.String(), Path: w.hop.Path + "E"}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range f.needs {
		if w.Kind == page.KindFrame || w.framed {
			if r.Kind == page.KindFrame {
				continue // frames one level deep
			}
			r.Essential = false // the page shows its frame with or without it
		}
		if r.Kind == page.KindStyle && w.Kind == page.KindStyle && w.imports >= maxImports {
			continue
		}
		n, isNew := g.enter(r, hop, f.url.String())
		if !isNew {
			continue
		}
		n.framed = w.framed || w.Kind == page.KindFrame
		if w.Kind == page.KindStyle {
			n.imports = w.imports + 1
		}
		g.schedule(n)
	}
}

// exchange makes one exchange of a requisite, again when it failed transiently and the page cannot do without it. Its error is fatal or the
// end of the gathering; everything else is an outcome.
func (g *gathering) exchange(w *wanted, at *url.URL, hop archive.Hop) (*fetched, error) {
	host := frontier.HostOf(at)
	if g.hosts.dead(host) {
		return &fetched{url: at, failure: errUnreachable.Error()}, nil
	}
	retries := 0
	if w.Essential {
		retries = g.options.Retries
	}
	var last *fetched
	_, err := again(g.ctx, retries, func() (*fetched, error) {
		v := &visit{url: at, hop: hop, kind: w.Kind, referer: w.referer}
		var needs []page.Requisite
		asked := false
		err := g.hosts.through(g.ctx, host, func() (err error) {
			asked = true
			needs, err = g.consume(v)
			return err
		})
		if !asked {
			return nil, err
		}
		out := v.outcome(needs)
		if v.document != nil && g.seeds[ledgerKey(at)] {
			out.visit = v // it is not asked for a second time
		}
		last = better(last, out)
		if wait := v.retryAfter(g.now()); wait > 0 {
			g.heed(g.ctx, v)
		}
		if err == nil && v.brokeOff() {
			err = &laterError{fmt.Errorf("the answer of %s is cut (%s)", at, v.kept.Truncated)}
		} else if err == nil && isTransientStatus(v.status) {
			err = &laterError{fmt.Errorf("%s answered %s", at, statusLine(v.status))}
		} else if isTransient(err) {
			err = &laterError{err}
		}
		return last, err
	})
	var stop *askedToWait
	switch {
	case err == nil:
		return last, nil
	case isFatal(err) || isInterruption(g.ctx, err):
		return nil, err
	case last == nil && errors.As(err, &stop):
		return &fetched{url: at, failure: stop.Error()}, nil
	case last == nil:
		return &fetched{url: at, failure: err.Error()}, nil
	}
	return last, nil
}

// consume makes the exchange and reads of the answer what a page can need in turn. The rest streams from the wire into the archive.
func (g *gathering) consume(v *visit) ([]page.Requisite, error) {
	if v.kind == page.KindFrame {
		if err := g.document(g.ctx, v); err != nil {
			return nil, err
		}
		if v.document == nil || v.status < 200 || v.status >= 300 {
			return nil, nil
		}
		return v.document.Requisites, nil
	}
	limit := int64(0)
	if v.kind == page.KindStyle {
		limit = maxStyleBytes
	}
	css, err := g.readBody(g.ctx, v, limit)
	if err != nil || v.kind != page.KindStyle || v.status < 200 || v.status >= 300 {
		return nil, err
	}
	return page.StyleURLs(css, v.url), nil
}
