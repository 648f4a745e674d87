package archive

import "fmt"

// orphans are answers to requests for pages that no page record lists (yet), in the order in which they came.
type orphans struct {
	last  Kept // the answer whose metadata has not been read yet
	order []string
	byID  map[string]orphan
	told  map[string]bool // URLs of seeds that have their page record: what else was asked there were earlier tries
}

type orphan struct {
	Kept
	hop Hop
}

func newOrphans() *orphans { return &orphans{byID: map[string]orphan{}, told: map[string]bool{}} }

func (o *orphans) answer(k Kept) { o.last = k }

// hop says how the answer that was read last was come by. Only seeds and what they redirect to are pages for certain.
func (o *orphans) hop(id string, h Hop) {
	if o.last.Record == id && onlyRedirects(h.Path) {
		o.order = append(o.order, id)
		o.byID[id] = orphan{o.last, h}
	}
}

func onlyRedirects(hops string) bool {
	for _, h := range hops {
		if h != 'R' {
			return false
		}
	}
	return true
}

func (o *orphans) listed(p Page) {
	way := p.Hops
	if p.Capture != nil {
		way = append(way[:len(way):len(way)], *p.Capture)
	}
	for i, k := range way {
		delete(o.byID, k.Record)
		if i == 0 {
			o.told[k.URL] = true
		}
	}
}

// lastTries gives the last answer of each seed that has no page record: a page that was asked for again is one page.
func (o *orphans) lastTries() map[string]string {
	last := map[string]string{}
	for _, id := range o.order {
		if k, ok := o.byID[id]; ok && k.hop.Path == "" && !o.told[k.URL] {
			last[k.URL] = id
		}
	}
	return last
}

// pages makes a page of each seed whose answer, or that of the last redirect, is HTML.
func (o *orphans) pages() []Page {
	redirected := map[string]orphan{} // by the URL that redirected
	for _, id := range o.order {
		if k, ok := o.byID[id]; ok && k.hop.Path != "" {
			redirected[k.hop.Via] = k
		}
	}
	last := o.lastTries()
	var pages []Page
	for _, id := range o.order {
		seed, ok := o.byID[id]
		if !ok || last[seed.URL] != id {
			continue
		}
		p := Page{URL: seed.URL, Time: seed.Time, Verdict: Partial, Reasons: []string{"interrupted before the page was whole"}}
		at := seed
		for next, ok := redirected[at.URL]; ok && len(p.Hops) < 20; next, ok = redirected[at.URL] {
			p.Hops = append(p.Hops, at.Kept)
			delete(redirected, at.URL)
			at = next
		}
		if at.MIME != "text/html" && at.MIME != "application/xhtml+xml" {
			continue
		}
		if at.URL != p.URL {
			p.Final = at.URL
		}
		if at.Status >= 400 {
			p.Verdict, p.Reasons = Failed, []string{fmt.Sprintf("it answered %d, and the run was interrupted before it was asked again", at.Status)}
		}
		p.Capture = &at.Kept
		pages = append(pages, p)
	}
	return pages
}
