package archive

// orphans are answers to requests for pages that no page record lists (yet), in the order in which they came.
type orphans struct {
	last  Kept // the answer whose metadata has not been read yet
	order []string
	byID  map[string]orphan
}

type orphan struct {
	Kept
	hop Hop
}

func newOrphans() *orphans { return &orphans{byID: map[string]orphan{}} }

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
	for _, k := range p.Hops {
		delete(o.byID, k.Record)
	}
	if p.Capture != nil {
		delete(o.byID, p.Capture.Record)
	}
}

// pages makes a page of each seed whose answer, or that of the last redirect, is HTML.
func (o *orphans) pages() []Page {
	redirected := map[string]orphan{} // by the URL that redirected
	for _, id := range o.order {
		if k, ok := o.byID[id]; ok && k.hop.Path != "" {
			redirected[k.hop.Via] = k
		}
	}
	var pages []Page
	for _, id := range o.order {
		seed, ok := o.byID[id]
		if !ok || seed.hop.Path != "" {
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
		p.Capture = &at.Kept
		pages = append(pages, p)
	}
	return pages
}
