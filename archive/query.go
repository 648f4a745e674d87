package archive

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"time"

	"tearsheet/archive/index"
)

// Query selects captures of pages. Zero fields select all.
type Query struct {
	URL     string    // as asked, as reached, or as canonical; scheme, www and order of parameters do not matter
	Prefix  string    // of the address as asked or as reached; with or without scheme
	Host    string    // this host and the ones below it
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

// Pages yields pages of committed runs, newest run first, and within a run in the order in which they were added. It reads as it goes: one
// object a run, one row at a time. A run or row that cannot be read is yielded as an error, and the iteration goes on with the next run.
func (a *Archive) Pages(ctx context.Context, q Query) iter.Seq2[PageRef, error] {
	return func(yield func(PageRef, error) bool) {
		match, err := q.compile()
		if err != nil {
			yield(PageRef{}, err)
			return
		}
		left := q.Limit
		for e, err := range a.Entries(ctx) {
			if err != nil {
				if !yield(PageRef{}, err) {
					return
				}
				continue
			}
			if q.Run != "" && q.Run != e.RunID {
				continue
			}
			for p, err := range a.runPages(ctx, e.RunID, match) {
				if !yield(PageRef{RunID: e.RunID, Page: p}, err) {
					return
				}
				if err != nil {
					continue
				}
				if left--; left == 0 {
					return
				}
			}
		}
	}
}

// runPages yields the pages of one run that match.
func (a *Archive) runPages(ctx context.Context, runID string, match func(pageHead) bool) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		key := ObjectKey(runID, pagesName)
		rc, err := a.store.Open(ctx, key, 0, -1)
		if err != nil {
			yield(Page{}, fmt.Errorf("reading pages: %w", err))
			return
		}
		defer rc.Close() // nothing was written
		for row, err := range readPageRows(rc) {
			var p Page
			var wanted bool
			if err == nil {
				p, wanted, err = row.parse(match)
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

// parse reads a row, whole only when it is wanted: most of it is requisites.
func (r pageRow) parse(match func(pageHead) bool) (Page, bool, error) {
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
		key, err := index.SURT(q.URL)
		if err != nil {
			return nil, fmt.Errorf("looking for pages: %w", err)
		}
		tests = append(tests, func(h pageHead) bool {
			return sameKey(h.URL, key) || sameKey(h.Final, key) || sameKey(h.Canonical, key)
		})
	}
	if q.Prefix != "" {
		prefix := withoutScheme(q.Prefix)
		tests = append(tests, func(h pageHead) bool {
			return strings.HasPrefix(withoutScheme(h.URL), prefix) || strings.HasPrefix(withoutScheme(h.Final), prefix)
		})
	}
	if q.Host != "" {
		host := strings.ToLower(strings.TrimSuffix(q.Host, "."))
		tests = append(tests, func(h pageHead) bool { return onHost(h.URL, host) || onHost(h.Final, host) })
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

// sameKey reports whether an address has this key in the index. One that has none is no match.
func sameKey(address, key string) bool {
	if address == "" {
		return false
	}
	k, err := index.SURT(address)
	return err == nil && k == key
}

func withoutScheme(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		return rest
	}
	return address
}

func onHost(address, host string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	h := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	return h == host || strings.HasSuffix(h, "."+host)
}
