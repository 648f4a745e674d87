package crawler

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"tearsheet/archive"
	"tearsheet/archive/warc"
	"tearsheet/crawler/wire"
)

// recorder is the wire's way into the run: every exchange is written with the hop of the visit that it belongs to, and the visit learns where
// it stands. Without a run nothing is written: that is for Inspect.
type recorder struct {
	run      *archive.Run
	progress *progress
}

var _ wire.Recorder = (*recorder)(nil)

// Record implements wire.Recorder. An exchange that nobody asked for is an error: it could not be told how the crawler came to it.
func (r *recorder) Record(ctx context.Context, x *warc.Exchange) error {
	v, err := visitOf(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", x.URL, err)
	}
	kept := unarchived(x)
	if r.run != nil {
		if kept, err = r.run.Record(ctx, x, v.hop); err != nil {
			return fmt.Errorf("recording %s: %w", x.URL, err)
		}
	}
	kept.Kind = string(v.kind)
	v.kept, v.recorded = kept, true
	r.progress.add(func(e *Event) {
		e.Requests++
		if x.Response != nil {
			e.Bytes += x.Response.Size()
		}
		e.URL = x.URL
	})
	return nil
}

// ask makes the exchange of v over the wire. Its error is a *wire.Error, and v.kept says what was recorded of the failure.
func (c *Crawler) ask(ctx context.Context, v *visit, fields http.Header) (*http.Response, error) {
	req := (&http.Request{Method: http.MethodGet, URL: v.url, Host: v.url.Host, Header: fields}).WithContext(withVisit(ctx, v))
	resp, err := c.wire.RoundTrip(req)
	if err != nil {
		if !v.recorded {
			v.kept = c.unasked(v, err)
		}
		return nil, err
	}
	v.status, v.header = resp.StatusCode, resp.Header
	return resp, nil
}

// unasked is the row of a visit that came to nothing before the wire could record anything.
func (c *Crawler) unasked(v *visit, err error) archive.Kept {
	return archive.Kept{URL: v.url.String(), Kind: string(v.kind), Time: c.now().UTC(), Failure: err.Error()}
}

// unarchived is the row of an exchange that goes into no archive.
func unarchived(x *warc.Exchange) archive.Kept {
	media, _, _ := strings.Cut(x.Header.Get("Content-Type"), ";")
	return archive.Kept{
		URL: x.URL, Status: x.Status, MIME: strings.ToLower(strings.TrimSpace(media)), Digest: x.PayloadSHA256.String(),
		Size: x.PayloadLength, Time: x.Started, Truncated: x.Truncated, Failure: x.Failure,
	}
}

// readBody makes the exchange of v and returns up to limit bytes of its body.
func (c *Crawler) readBody(ctx context.Context, v *visit, limit int64) (body []byte, err error) {
	resp, err := c.ask(ctx, v, v.fields(c.options.UserAgent))
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := resp.Body.Close(); err == nil && e != nil {
			err = fmt.Errorf("closing the body of %s: %w", v.url, e)
		}
	}()
	if err := v.readImage(resp); err != nil {
		return nil, err
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil {
		// It is recorded as it came; what could be decoded is of use.
		c.log.Debug("the body could not be read to its end", "url", v.url.String(), "error", err)
	}
	v.decodeToEnd(resp)
	return body, nil
}
