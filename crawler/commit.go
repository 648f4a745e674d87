package crawler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tearsheet/archive"
	"tearsheet/crawler/frontier"
)

// Durability is by group commit: one sync for the pages that finish within commitWait, at most commitPages of them.
const (
	commitPages = 50
	commitWait  = 50 * time.Millisecond
)

// finishedPage is a page with its verdict, on its way into the archive. item is nil for a URL that cannot be
// asked for: it was never in the frontier, and the manifest lists it as excluded.
type finishedPage struct {
	item *frontier.Item
	page archive.Page
	back bool // the page was interrupted: list what it has, but leave it to a later run
}

// finish hands a page to the committer.
func (s *session) finish(f finishedPage) { s.finished <- f }

// commit lists pages and makes them durable, group by group, until the session has ended; only then a page is acknowledged to the frontier and
// told to each. An error ends the session, but not the listing: a disk that has no room for a picture may have some for a page's row.
func (s *session) commit(each func(archive.Page)) {
	for {
		group := s.group()
		if len(group) == 0 {
			return
		}
		if err := s.commitGroup(group, each); err != nil {
			s.fail(err)
		}
	}
}

// group collects the pages of one commit. It waits only while another page is under way: a single page is committed at once.
func (s *session) group() []finishedPage {
	first, ok := <-s.finished
	if !ok {
		return nil
	}
	group := []finishedPage{first}
	deadline := time.NewTimer(commitWait)
	defer deadline.Stop()
	for len(group) < commitPages {
		select {
		case f, ok := <-s.finished:
			if !ok {
				return group
			}
			group = append(group, f)
			continue
		default:
		}
		if s.idle() {
			return group
		}
		select {
		case f, ok := <-s.finished:
			if !ok {
				return group
			}
			group = append(group, f)
		case <-deadline.C:
			return group
		}
	}
	return group
}

func (s *session) commitGroup(group []finishedPage, each func(archive.Page)) error {
	// What is finished is listed although the session may be over: it is why there is a grace.
	ctx := context.WithoutCancel(s.work)
	var errs []error
	listed := group[:0]
	for _, f := range group {
		if f.item == nil { // nothing was asked, and what is no URL cannot be a record's target
			s.options.Run.Exclude(f.page.URL, f.page.Reasons[0])
			listed = append(listed, f)
			continue
		}
		row := f.page
		if row.Capture == nil { // its own URL is the target of its record
			row.URL = targetURL(row.URL)
		}
		if err := s.options.Run.AddPage(ctx, row); err != nil {
			errs = append(errs, fmt.Errorf("listing %s: %w", f.page.URL, err))
			continue
		}
		listed = append(listed, f)
	}
	if len(listed) == 0 {
		return errors.Join(errs...)
	}
	if err := s.options.Run.Sync(); err != nil {
		return errors.Join(append(errs, fmt.Errorf("making %d pages durable: %w", len(listed), err))...)
	}
	for _, f := range listed {
		if f.item != nil {
			errs = append(errs, s.release(ctx, f))
		}
		s.progress.add(func(e *Event) { e.PagesDone++; e.URL = f.page.URL })
		if each != nil {
			each(f.page)
		}
	}
	s.changed()
	return errors.Join(errs...)
}

// release ends the lease of a page that is durable.
func (s *session) release(ctx context.Context, f finishedPage) error {
	var err error
	if f.back {
		err = s.frontier.Nack(ctx, *f.item, 0, "interrupted")
	} else {
		err = s.frontier.Ack(ctx, *f.item)
	}
	if errors.Is(err, frontier.ErrLeaseLost) {
		s.log.Warn("a page took longer than its lease and may be captured twice", "url", f.page.URL)
		return nil
	}
	return err
}
