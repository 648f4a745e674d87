package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"tearsheet/archive"
	"tearsheet/crawler/wire"
)

// ending is why a page ends before its requisites are asked for. It travels as an error.
type ending struct {
	verdict   archive.Verdict
	reason    string
	transient bool          // worth another attempt
	after     time.Duration // the wait that the host asked for
	err       error
}

func (e *ending) Error() string { return e.reason }
func (e *ending) Unwrap() error { return e.err }

// endingOf reads why an exchange of a page failed.
func endingOf(v *visit, err error) *ending {
	var stop *askedToWait
	if errors.As(err, &stop) {
		return &ending{verdict: archive.Blocked, reason: stop.Error() + ", which is longer than the limit", err: err}
	}
	class, ok := classOf(err)
	e := &ending{verdict: archive.Failed, reason: err.Error(), transient: isTransient(err), err: err}
	if !ok {
		var outer *url.Error
		if errors.As(err, &outer) {
			e.reason = outer.Err.Error() // what http.Client wrapped around it repeats the URL
		}
		return e
	}
	var why *wire.Error
	errors.As(err, &why)
	e.reason = why.Error() // without what http.Client and Colly wrapped around it
	if class == wire.ClassTLS && !e.transient {
		e.reason += "; --insecure accepts any certificate, and the record says so"
	}
	return e
}

// statusEnding reads an answer whose status says that it is not the page; nil when it may be.
func (c *Crawler) statusEnding(v *visit) *ending {
	if v.status >= 200 && v.status < 300 {
		return nil
	}
	says := fmt.Sprintf("%s answered %s", v.url, statusLine(v.status))
	if wall, ok := v.evidence.Challenge(); ok {
		return &ending{verdict: archive.Blocked, reason: says + ": " + wall}
	}
	e := &ending{verdict: archive.Failed, reason: says}
	switch v.status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusTooManyRequests, http.StatusUnavailableForLegalReasons:
		e.verdict = archive.Blocked
	}
	e.transient = isTransientStatus(v.status)
	e.after = v.retryAfter(c.now())
	if e.after > c.options.MaxDelay {
		e.transient = false
		e.verdict = archive.Blocked
		e.reason = fmt.Sprintf("%s and asked to wait until %s (Retry-After), longer than the limit of %s",
			says, c.now().Add(e.after).UTC().Format(time.RFC3339), c.options.MaxDelay)
	}
	return e
}

func statusLine(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprint(status)
}

// isInterruption reports whether err is the end of ctx and says nothing about a page.
func isInterruption(ctx context.Context, err error) bool {
	if ctx.Err() == nil || err == nil {
		return false
	}
	class, ok := classOf(err)
	return !ok || class == wire.ClassCancel || class == wire.ClassTimeout
}
