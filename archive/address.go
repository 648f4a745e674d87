package archive

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"tearsheet/archive/index"
)

// Match says how a page answers to an address that is asked for.
type Match string

// The ways to match, the best first.
const (
	MatchExact     Match = "exact"     // it was asked for or reached under this very address
	MatchKey       Match = "key"       // under one that differs only in scheme, www, case or order of parameters: one key of the index
	MatchCanonical Match = "canonical" // it names the address as its canonical one, within its own registrable domain
)

// rank orders matches, the best first; 0 is none.
func (m Match) rank() int {
	switch m {
	case MatchExact:
		return 1
	case MatchKey:
		return 2
	case MatchCanonical:
		return 3
	}
	return 0
}

// sought is an address that pages are compared with.
type sought struct{ exact, key string }

func newSought(address string) (sought, error) {
	key, err := index.SURT(address)
	return sought{exactForm(address), key}, err
}

// match tells how a page answers; "" when it does not.
func (q sought) match(h pageHead) Match {
	asIs, reached := sameKey(h.URL, q.key), sameKey(h.Final, q.key)
	switch {
	case asIs && exactForm(h.URL) == q.exact, reached && exactForm(h.Final) == q.exact:
		return MatchExact
	case asIs || reached:
		return MatchKey
	}
	from := h.Final
	if from == "" {
		from = h.URL
	}
	// Anybody can write anything into a page: what it says of other people's addresses counts for nothing.
	if sameKey(h.Canonical, q.key) && sameOwner(from, h.Canonical) {
		return MatchCanonical
	}
	return ""
}

// sameKey reports whether an address has this key in the index. One that has none is no match.
func sameKey(address, key string) bool {
	if address == "" {
		return false
	}
	k, err := index.SURT(address)
	return err == nil && k == key
}

// sameOwner reports whether two addresses belong to one registrable domain; an IP address and a name without dots belong to themselves.
func sameOwner(a, b string) bool {
	u, errA := url.Parse(a)
	v, errB := url.Parse(b)
	return errA == nil && errB == nil && u.Hostname() != "" && ownerOf(asciiHost(u.Hostname())) == ownerOf(asciiHost(v.Hostname()))
}

func ownerOf(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil { // a public suffix itself, or localhost
		return host
	}
	return domain
}

// asciiHost gives a host in lower case, an international one as it stands in the DNS.
func asciiHost(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))
	if ascii, err := profile.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

// hostPort gives host and port of an address in the form in which they are compared; the port of the scheme is none.
func hostPort(scheme, authority string) (host, port string) {
	_, authority = cutUser(authority)
	host, port, err := net.SplitHostPort(authority)
	if err != nil {
		host, port = strings.Trim(authority, "[]"), ""
	}
	if unescaped, err := url.PathUnescape(host); err == nil {
		host = unescaped
	}
	if port == "80" && scheme != "https" || port == "443" && scheme != "http" {
		port = ""
	}
	return asciiHost(host), port
}

// cutUser takes name and password off an authority.
func cutUser(authority string) (user, rest string) {
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		return authority[:i], authority[i+1:]
	}
	return "", authority
}

// cutAddress takes an address apart: scheme in lower case, authority, and all that follows up to the fragment. It takes also what is only the
// beginning of one, and what has no scheme.
func cutAddress(address string) (scheme, authority, rest string) {
	address, _, _ = strings.Cut(strings.TrimSpace(address), "#")
	if s, after, ok := strings.Cut(address, "://"); ok {
		scheme, address = strings.ToLower(s), after
	}
	if i := strings.IndexAny(address, "/?"); i >= 0 {
		return scheme, address[:i], address[i:]
	}
	return scheme, address, ""
}

// exactForm gives the form in which two spellings of one address are equal (RFC 3986 §6.2.2, RFC 5891): the host in lower case and ASCII, the
// scheme's own port dropped, percent escapes in one form, no fragment. Case of path and query stay, and so does the scheme.
func exactForm(address string) string {
	scheme, authority, rest := cutAddress(address)
	return scheme + "://" + bareForm(scheme, authority, rest)
}

// bareForm is exactForm without the scheme.
func bareForm(scheme, authority, rest string) string {
	host, port := hostPort(scheme, authority)
	switch {
	case port != "":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	return host + normalEscapes(rest)
}

// normalEscapes writes percent escapes in one way: what needs none has none, digits are upper case, what is not ASCII is escaped.
func normalEscapes(s string) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			if b, err := url.PathUnescape(s[i : i+3]); err == nil {
				c, i = b[0], i+2
				if !unreserved(c) {
					out = append(out, '%', digits[c>>4], digits[c&15])
					continue
				}
			}
		}
		if c <= ' ' || c >= 0x7f {
			out = append(out, '%', digits[c>>4], digits[c&15])
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// unreserved characters mean the same escaped or not (RFC 3986 §2.3).
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// beginsWith makes the test of whether an address begins with a prefix, which may end within the host.
func beginsWith(prefix string) func(address string) bool {
	scheme, authority, rest := cutAddress(prefix)
	if rest == "" {
		start := strings.ToLower(authority)
		return func(address string) bool {
			bare := bareForm(cutAddress(address))
			host, _, _ := strings.Cut(bare, "/")
			if strings.HasPrefix(host, start) {
				return true
			}
			unicode, err := idna.ToUnicode(host) // half a name cannot be turned into its DNS form, so the whole one is turned back
			return err == nil && strings.HasPrefix(unicode, start)
		}
	}
	start := bareForm(scheme, authority, rest)
	return func(address string) bool { return strings.HasPrefix(bareForm(cutAddress(address)), start) }
}

// onHost makes the test of whether an address is on a host or one below it, and on its port when one is given.
func onHost(wanted string) func(address string) bool {
	host, port := hostPort("-", wanted)
	if _, p, err := net.SplitHostPort(wanted); err == nil {
		port = p // 80 and 443 too: here they were asked for
	}
	return func(address string) bool {
		u, err := url.Parse(address)
		if err != nil {
			return false
		}
		own := u.Port()
		if own == "" {
			own = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		h := asciiHost(u.Hostname())
		return (h == host || strings.HasSuffix(h, "."+host)) && (port == "" || port == own)
	}
}
