package crawler

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/net/html"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/crawler/frontier"
)

// Inspection is a page as Inspect found it.
type Inspection struct {
	Page     archive.Page   // verdict, reasons and the exchanges on the way, which stand in no archive when the crawler has no run
	Document *page.Document // nil when the answer is no HTML document
	Tree     *html.Node     // what Document was read from
	Body     []byte         // of an answer that is no HTML document: decoded, within the wire's limits
}

// Inspect goes the way to one page as Capture does, robots.txt and redirects included, and reads it, but asks for none of its requisites. What
// it finds instead of the page is a verdict; its error is a URL that cannot be asked for, a run that cannot be written, or the end of ctx.
func (c *Crawler) Inspect(ctx context.Context, rawURL string) (*Inspection, error) {
	u, err := frontier.Normalise(rawURL)
	if err != nil {
		return nil, err
	}
	s := newSession(ctx, c, frontier.NewMemory(frontier.Policy{}, c.now))
	defer s.fail(nil)
	item := frontier.Item{URL: frontier.URL{URL: rawURL}, Host: frontier.HostOf(u), Attempt: 1}
	in := &Inspection{}
	_, err = again(ctx, c.options.Retries, func() (*visit, error) {
		in.Page = s.newPage(rawURL)
		v, err := s.follow(ctx, item, &in.Page, true)
		if err == nil {
			in.Document, in.Tree, in.Body = v.document, v.tree, v.body
			in.Page.Describe(v.document)
			j := s.judge(&in.Page, v)
			in.Page.Verdict, in.Page.Reasons = j.verdict, j.reasons
			return v, nil
		}
		var end *ending
		if errors.As(err, &end) {
			in.Page.Verdict, in.Page.Reasons = end.verdict, []string{end.reason}
			if end.transient {
				return nil, &laterError{err}
			}
		}
		return nil, err
	})
	var end *ending
	if err != nil && !errors.As(err, &end) {
		return nil, fmt.Errorf("inspecting %s: %w", rawURL, err)
	}
	if in.Document != nil {
		in.Page.Photos = photosOf(in.Document.Images)
	}
	return in, nil
}
