package crawler

import (
	"context"
	"fmt"
	"net/url"

	"tearsheet/archive"
	"tearsheet/crawler/frontier"
	"tearsheet/crawler/robots"
)

// prospectKey is the context key of the hop that a robots.txt is asked for.
type prospectKey struct{}

// withProspect tells what for robots.txt is asked: the page at u, which was reached by hop.
func withProspect(ctx context.Context, u *url.URL, hop archive.Hop) context.Context {
	return context.WithValue(ctx, prospectKey{}, archive.Hop{Via: u.String(), Path: hop.Path + "P"})
}

// fetchRobots makes one request for a robots.txt. It is an exchange like any other and stands in the archive, as a prerequisite (P) of the
// page for which it was asked first.
func (c *Crawler) fetchRobots(ctx context.Context, rawURL string) (robots.Answer, error) {
	u, err := frontier.Normalise(rawURL)
	if err != nil {
		return robots.Answer{}, err
	}
	hop, _ := ctx.Value(prospectKey{}).(archive.Hop)
	a, err := again(ctx, c.options.Retries, func() (robots.Answer, error) {
		v := &visit{url: u, hop: hop}
		var body []byte
		err := c.hosts.through(ctx, v.host(), func() (err error) {
			body, err = c.readBody(ctx, v, robots.ParseLimit+1)
			return err
		})
		if err != nil {
			if isTransient(err) {
				err = &laterError{err}
			}
			return robots.Answer{}, err
		}
		c.ledger.put(ledgerKey(u), v.outcome(nil))
		a := robots.Answer{Status: v.status, Location: v.header.Get("Location"), Body: body}
		if v.status >= 500 && isTransientStatus(v.status) {
			return a, &laterError{fmt.Errorf("%s answered %s", u, statusLine(v.status))}
		}
		return a, nil
	})
	if a.Status > 0 {
		return a, nil // it answered, if only that it is busy
	}
	return a, err
}
