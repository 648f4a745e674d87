package crawler

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"

	"tearsheet/archive/warc"
	"tearsheet/crawler/wire"
)

// classOf finds the class of a failed exchange; false when err is no failure of an exchange.
func classOf(err error) (wire.Class, bool) {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Class, true
	}
	return "", false
}

// isFatal reports whether err ends the whole run: what cannot be archived must not be asked for.
func isFatal(err error) bool {
	if errors.Is(err, warc.ErrTarget) || errors.Is(err, warc.ErrField) {
		return false // one URL that no record can hold; the archive is well
	}
	class, _ := classOf(err)
	return class == wire.ClassArchive || errors.Is(err, errUnrecorded)
}

// isTransient reports whether an exchange that failed may well succeed a little later.
func isTransient(err error) bool {
	class, ok := classOf(err)
	if !ok {
		return false
	}
	switch class {
	case wire.ClassDNS:
		var e *net.DNSError
		return !errors.As(err, &e) || !e.IsNotFound
	case wire.ClassTLS:
		var unknown x509.UnknownAuthorityError
		var invalid x509.CertificateInvalidError
		var hostname x509.HostnameError
		return !errors.As(err, &unknown) && !errors.As(err, &invalid) && !errors.As(err, &hostname)
	case wire.ClassConnect, wire.ClassTimeout, wire.ClassBroken:
		return true
	}
	return false
}

// isTransientStatus reports whether an answer means "later, perhaps".
func isTransientStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// newBackOff spaces further attempts: half a second, then twice as long each time, half of it by chance.
func newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.Multiplier = 2
	return b
}

// backOffFor is the wait before the attempt after the given one (1 for the first).
func backOffFor(attempt int) time.Duration {
	b := newBackOff()
	d := b.NextBackOff()
	for range attempt - 1 {
		d = b.NextBackOff()
	}
	return d
}

// again repeats an exchange while it fails transiently, up to retries more times.
func again[T any](ctx context.Context, retries int, exchange func() (T, error)) (T, error) {
	return backoff.Retry(ctx, func() (T, error) {
		v, err := exchange()
		var later *laterError
		if err != nil && !errors.As(err, &later) {
			err = backoff.Permanent(err)
		}
		return v, err
	}, backoff.WithBackOff(newBackOff()), backoff.WithMaxTries(uint(retries+1)), backoff.WithMaxElapsedTime(0))
}

// laterError marks an outcome that is worth another attempt.
type laterError struct{ err error }

func (e *laterError) Error() string { return e.err.Error() }
func (e *laterError) Unwrap() error { return e.err }
