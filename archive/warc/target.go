package warc

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxTarget bounds a target URI in bytes: the header of a record, which is bounded when it is read, may hold three.
const maxTarget = maxHeader / 8

// CheckTarget refuses what cannot stand in a WARC-Target-URI: what is not an absolute URI (RFC 3986), what names no host that can be asked,
// and what holds a secret. Characters that a browser would send unescaped are let through, as the URI of a record is what was asked and not
// what should have been asked. Drafts are checked with it; who asks a host must do so before, as an answer that cannot be archived must not
// be asked for. The error wraps [ErrTarget].
func CheckTarget(uri string) error {
	bad := func(why string) error { return fmt.Errorf("%w: %q %s", ErrTarget, WithoutUser(uri), why) }
	if !utf8.ValidString(uri) {
		return bad("is not UTF-8")
	}
	for _, r := range uri {
		if r <= ' ' || r == 0x7f {
			return bad("holds a space or control character")
		}
	}
	if len(uri) > maxTarget {
		return fmt.Errorf("%w: %.80q… has %d bytes, more than %d", ErrTarget, WithoutUser(uri), len(uri), maxTarget)
	}
	u, err := url.Parse(uri)
	switch {
	case err != nil:
		return bad("does not parse: " + errors.Unwrap(err).Error())
	case u.Scheme == "":
		return bad("has no scheme")
	case u.User != nil:
		return bad("carries a user name or password")
	case strings.Contains(uri, "#"):
		return bad("has a fragment")
	}
	if u.Scheme == "http" || u.Scheme == "https" {
		if u.Hostname() == "" {
			return bad("has no host")
		}
		if port := u.Port(); port != "" {
			if n, err := strconv.Atoi(port); err != nil || n > 65535 {
				return bad("has an impossible port")
			}
		}
	}
	return nil
}

// WithoutUser takes what may be a password out of a URI that goes into a message, also when the URI does not parse.
func WithoutUser(uri string) string {
	scheme, rest, ok := strings.Cut(uri, "//")
	if !ok {
		return uri
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 {
		return uri
	}
	return scheme + "//…" + rest[at:]
}

// EscapeURI percent-encodes what may not stand in a request line or a URI and package url leaves in a query (WHATWG URL, query
// percent-encode set).
func EscapeURI(s string) string {
	unsafe := func(c byte) bool { return c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '#' }
	if !slices.ContainsFunc([]byte(s), unsafe) {
		return s
	}
	var out strings.Builder
	for i := range len(s) {
		if unsafe(s[i]) {
			fmt.Fprintf(&out, "%%%02X", s[i])
		} else {
			out.WriteByte(s[i])
		}
	}
	return out.String()
}
