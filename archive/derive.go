package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// derive makes index, pages and counts again from the WARC files of a run, all of which must have been closed. What was there of them before
// is dropped.
func (d *draft) derive(ctx context.Context) (*derived, *orphans, error) {
	if err := d.dropDerived(); err != nil {
		return nil, nil, fmt.Errorf("dropping the index and pages of run %s: %w", d.id, err)
	}
	pages, err := newPageList(d.path(pagesName))
	if err != nil {
		return nil, nil, fmt.Errorf("making the pages of run %s: %w", d.id, withSpace(err, d.dir))
	}
	from := &derived{rows: index.NewBuilder(d.path(spillDir)), pages: pages}
	waiting := newOrphans()
	paths, err := d.dataFiles()
	for _, p := range paths {
		if err == nil {
			err = from.read(ctx, p, waiting)
		}
	}
	if err != nil {
		return nil, nil, errors.Join(withSpace(err, d.dir), from.drop())
	}
	return from, waiting, nil
}

// drop lets go of what is open of it; after seal that is nothing.
func (from *derived) drop() error { return errors.Join(from.rows.Close(), from.pages.drop()) }

// dropDerived removes all but the WARC files, and makes the folders anew. Files are removed, not cut to nothing: they may be objects of a
// folder store already.
func (d *draft) dropDerived() error {
	for _, name := range []string{filepath.Dir(cdxName), filepath.Dir(pagesName), spillDir} {
		if err := os.RemoveAll(d.path(name)); err != nil {
			return err
		}
	}
	for _, name := range []string{manifestName, manifestName + ".new"} {
		if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return d.makeFolders()
}

// read takes up the records of one WARC file.
func (from *derived) read(ctx context.Context, path string, waiting *orphans) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() // nothing was written
	answer := ""    // the response or revisit that was read last: its metadata follows it
	for rec, err := range warc.Read(&attentive{ctx, f}) {
		var e evidence
		if err == nil {
			e, err = examine(rec, filepath.Base(path))
		}
		if err == nil {
			err = from.take(e, answer, waiting)
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		if e.row != nil {
			answer = e.kept.Record
		}
	}
	return nil
}

// take adds what one record says. An exchange is counted by its answer, or by its metadata when there was none.
func (from *derived) take(e evidence, answer string, waiting *orphans) error {
	if e.kept.Type != warc.Warcinfo {
		from.readable++
	}
	switch {
	case e.row != nil:
		from.counts.addExchange(e.kept)
		waiting.answer(e.kept)
		return from.rows.Add(*e.row)
	case e.page != nil:
		p, err := ParsePage(e.page)
		if err != nil {
			return err
		}
		waiting.listed(p)
		return from.addPage(p, e.page)
	case e.hop != nil && answer != "" && e.about == answer:
		waiting.hop(answer, *e.hop)
	case e.hop != nil:
		from.counts.addExchange(e.kept)
	}
	return nil
}

func (from *derived) addPage(p Page, row []byte) error {
	from.counts.addPage(p.Verdict)
	if from.main.url == "" {
		from.main = p.main()
	}
	return from.pages.add(row)
}

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
