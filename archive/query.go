package archive

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"
)

// Query selects captures of pages. Zero fields select all.
type Query struct {
	URL     string    // as asked, as reached, or as the page's own canonical one; scheme, www, case and order of parameters do not matter (Match)
	Prefix  string    // of the address as asked or as reached; the scheme does not matter, nor how an international host is written
	Host    string    // this host and the ones below it; with a port only what is on it
	Run     string    // run id
	From    time.Time // the first moment that counts
	To      time.Time // the last moment that counts
	Verdict Verdict
	Limit   int // at most so many
}

// PageRef is a page and the run that it stands in.
type PageRef struct {
	RunID string
	Page  Page
}

// Pages yields pages of committed runs, newest run first, and within a run in the order in which they were added. Of a query that names addresses (URL,
// Prefix, Host) it reads the merged index, and then the lines of the pages that it finds there, each of which must have the digest that the index gives.
// Of any other, and where there is no merged index, it reads manifest and page list of one run at a time, and of them one row at a time. Nothing is yielded
// of a list that was not read whole first and found to be the one that the manifest lists, as the manifest that the log entry names. A run that cannot be
// read or proven is yielded as an error, and the iteration goes on with the next run.
func (a *Archive) Pages(ctx context.Context, q Query) iter.Seq2[PageRef, error] {
	return func(yield func(PageRef, error) bool) {
		match, err := q.compile()
		if err != nil {
			yield(PageRef{}, err)
			return
		}
		left := q.Limit
		limited := func(ref PageRef, err error) bool {
			if !yield(ref, err) {
				return false
			}
			if err == nil {
				left--
			}
			return err != nil || left != 0
		}
		if a.pagesByKey(ctx, q, match, limited) {
			return
		}
		for list := range a.pageLists(ctx, q.Run) {
			for p, err := range list.pages(match) {
				if !limited(PageRef{RunID: list.RunID, Page: p}, err) {
					return
				}
			}
		}
	}
}

// pageLists opens the page lists of all runs, or of one, newest first. Of a store far away the next ones are opened before they are asked for.
func (a *Archive) pageLists(ctx context.Context, only string) iter.Seq[pageList] {
	return func(yield func(pageList) bool) {
		wanted := func(yield func(pageList) bool) {
			for e, err := range a.Entries(ctx) {
				if (err != nil || only == "" || only == e.RunID) && !yield(pageList{Entry: e, err: err}) {
					return
				}
			}
		}
		open := func(ctx context.Context, l pageList) pageList {
			if l.err != nil {
				return l
			}
			return a.openPages(ctx, l.Entry)
		}
		for l := range ahead(ctx, wanted, a.reach(), open, pageList.drop) {
			if !yield(l) {
				l.drop()
				return
			}
		}
	}
}

// pageList is the page list of a run, open to be read once, or why it is not.
type pageList struct {
	Entry
	rc  io.ReadCloser
	err error
}

func (l pageList) drop() {
	if l.rc != nil {
		_ = l.rc.Close() // nothing was written
	}
}

// openPages opens the page list of a run, after it was read whole and proven: from log entry to manifest to list.
func (a *Archive) openPages(ctx context.Context, e Entry) pageList {
	l := pageList{Entry: e}
	list, err := a.resource(ctx, e, pagesName)
	if err == nil {
		l.rc, err = a.proven(ctx, e.RunID, list)
	}
	if err != nil {
		l.err = fmt.Errorf("reading the pages of run %s: %w", e.RunID, err)
	}
	return l
}

// pages yields the pages that match, and closes the list.
func (l pageList) pages(match func(pageHead) bool) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		if l.err != nil {
			yield(Page{}, l.err)
			return
		}
		defer l.drop()
		key := ObjectKey(l.RunID, pagesName)
		for row, err := range readRows(l.rc, pagesFormat) {
			var p Page
			var wanted bool
			if err == nil {
				p, wanted, err = row.page(match)
			}
			if err != nil {
				yield(Page{}, fmt.Errorf("%s line %d: %w", key, row.line, err))
				return
			}
			if wanted && !yield(p, nil) {
				return
			}
		}
	}
}

// runPages yields the pages of one run that match.
func (a *Archive) runPages(ctx context.Context, e Entry, match func(pageHead) bool) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) { a.openPages(ctx, e).pages(match)(yield) }
}

// page reads a row of pages, whole only when it is wanted: most of it is requisites.
func (r listRow) page(match func(pageHead) bool) (Page, bool, error) {
	if match != nil {
		var h pageHead
		if err := json.Unmarshal(r.text, &h); err != nil {
			return Page{}, false, fmt.Errorf("not a row of pages: %w", err)
		}
		if !match(h) {
			return Page{}, false, nil
		}
	}
	p, err := ParsePage(r.text)
	return p, err == nil, err
}

// pageHead is what pages are selected by.
type pageHead struct {
	URL       string    `json:"url"`
	Final     string    `json:"final_url"`
	Canonical string    `json:"canonical"`
	Time      time.Time `json:"ts"`
	Verdict   Verdict   `json:"verdict"`
}

// compile turns the query into a test of a page's head; nil when every page matches.
func (q Query) compile() (func(pageHead) bool, error) {
	var tests []func(pageHead) bool
	if q.URL != "" {
		address, err := newSought(q.URL)
		if err != nil {
			return nil, fmt.Errorf("looking for pages: %w", err)
		}
		tests = append(tests, func(h pageHead) bool { return address.match(h) != "" })
	}
	if q.Prefix != "" {
		begins := beginsWith(q.Prefix)
		tests = append(tests, func(h pageHead) bool { return begins(h.URL) || h.Final != "" && begins(h.Final) })
	}
	if q.Host != "" {
		on := onHost(q.Host)
		tests = append(tests, func(h pageHead) bool { return on(h.URL) || on(h.Final) })
	}
	if !q.From.IsZero() {
		tests = append(tests, func(h pageHead) bool { return !h.Time.Before(q.From) })
	}
	if !q.To.IsZero() {
		tests = append(tests, func(h pageHead) bool { return !h.Time.After(q.To) })
	}
	if q.Verdict != "" {
		tests = append(tests, func(h pageHead) bool { return h.Verdict == q.Verdict })
	}
	if len(tests) == 0 {
		return nil, nil
	}
	return func(h pageHead) bool {
		for _, t := range tests {
			if !t(h) {
				return false
			}
		}
		return true
	}, nil
}
