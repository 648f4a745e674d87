package archive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tearsheet/archive/warc"
)

// Choice is the capture that answers a question for an address best.
type Choice struct {
	PageRef
	Match Match
}

// HasDocument reports whether something was captured that can be shown: an answer with a body. A page that could not be fetched has none.
func (p Page) HasDocument() bool {
	if p.Capture == nil || p.Capture.File == "" || p.Capture.Length <= 0 || p.Capture.Size <= 0 {
		return false
	}
	switch p.Capture.Type {
	case warc.Response, warc.Revisit, warc.Resource:
		return true
	}
	return false
}

// Match tells how the page answers to an address; "" when it does not.
func (p Page) Match(address string) Match {
	q, err := newSought(address)
	if err != nil {
		return ""
	}
	return q.match(p.head())
}

func (p Page) head() pageHead {
	return pageHead{URL: p.URL, Final: p.Final, Canonical: p.Canonical, Time: p.Time, Verdict: p.Verdict}
}

// Choose gives the capture of a page that answers best to an address: first by how its address matches; then one with a document before one
// without; then one that shows the page (ok, partial) before one that shows something in its place; then the one that is nearest to at, or
// the newest when at is zero.
//
// The error wraps ErrNotArchived when there is none. When some runs could not be read or proven, the error tells so beside the choice among
// the others, as there may be a better one in them; Choice.RunID is empty when there is none among the others either.
func (a *Archive) Choose(ctx context.Context, address string, at time.Time) (Choice, error) {
	q, err := newSought(address)
	if err != nil {
		return Choice{}, fmt.Errorf("looking for pages: %w", err)
	}
	var best Choice
	var unread []error
	for ref, err := range a.Pages(ctx, Query{URL: address}) {
		if err := ctx.Err(); err != nil {
			return Choice{}, err
		}
		if err != nil {
			unread = append(unread, err)
			continue
		}
		if c := (Choice{ref, q.match(ref.Page.head())}); best.RunID == "" || c.before(best, at) {
			best = c
		}
	}
	if best.RunID == "" && len(unread) == 0 {
		return best, fmt.Errorf("%w: %s", ErrNotArchived, address)
	}
	return best, errors.Join(unread...)
}

// before reports whether c answers better than o.
func (c Choice) before(o Choice, at time.Time) bool {
	if a, b := c.Match.rank(), o.Match.rank(); a != b {
		return a < b
	}
	if a, b := c.Page.HasDocument(), o.Page.HasDocument(); a != b {
		return a
	}
	if a, b := c.Page.Verdict.showsPage(), o.Page.Verdict.showsPage(); a != b {
		return a
	}
	if at.IsZero() {
		return c.Page.Time.After(o.Page.Time)
	}
	return c.Page.Time.Sub(at).Abs() < o.Page.Time.Sub(at).Abs()
}

// showsPage reports whether a capture with this verdict shows the page, if perhaps not all of it.
func (v Verdict) showsPage() bool { return v == OK || v == Partial }
