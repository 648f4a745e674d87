package frontier

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"tearsheet/archive/warc"
)

// Key identifies a URL in the seen set: 128 bits of a SHA-256. With 64 bits two among some hundred million URLs would collide, and a
// collision silently skips a page.
type Key [16]byte

// KeyOf gives the key of s, which is taken as it stands: normalise first.
func KeyOf(s string) Key {
	sum := sha256.Sum256([]byte(s))
	return Key(sum[:16])
}

// Normalise gives the form of a page's URL under which it is known to be the same page: scheme and host in lower case, the scheme's default
// port, the fragment and user information dropped, an empty path as "/", dot segments resolved (RFC 3986 §6.2.2.3), and what may not stand in
// a query encoded. Otherwise path and query are left as they are, because servers tell their forms apart. It is an error when the URL is not
// absolute, not http or https, or could not be the target of a record ([warc.CheckTarget]).
func Normalise(rawURL string) (*url.URL, error) {
	shown := warc.WithoutUser(rawURL)
	u, err := url.Parse(strings.TrimSpace(rawURL))
	if err != nil {
		var why *url.Error
		if errors.As(err, &why) {
			err = why.Err // it quotes the URL, which may hold a password
		}
		return nil, fmt.Errorf("reading the URL %q: %w", shown, err)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q: only http and https URLs can be captured", shown)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("%q: the URL names no host", shown)
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	u.Host = authority(u)
	if u.Path == "" {
		u.Path = "/"
	}
	u = u.ResolveReference(u)
	u.RawQuery = warc.EscapeURI(u.RawQuery)
	if err := warc.CheckTarget(u.String()); err != nil {
		return nil, err
	}
	return u, nil
}

// HostOf names the host whose schedule a URL falls under: the host name in lower case, with the port where it is not the scheme's own. http
// and https of one host are one.
func HostOf(u *url.URL) string { return authority(u) }

func authority(u *url.URL) string {
	host := strings.ToLower(u.Host)
	switch port := u.Port(); {
	case port == "":
		return strings.TrimSuffix(host, ":")
	case port == "80" && u.Scheme == "http", port == "443" && u.Scheme == "https":
		return strings.TrimSuffix(host, ":"+port)
	}
	return host
}
