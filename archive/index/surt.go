package index

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// SURT gives the key that a URL is sorted and looked up by, as pywb builds it (Python package surt 0.3.1, itself a port of OpenWayback's key
// maker; every case in the tests is its answer): scheme, userinfo, fragment, a leading "www." or "www2." and the scheme's default port are
// dropped, escapes are undone and made again, dot segments and empty segments are removed, session ids are cut out, query arguments are sorted,
// a slash at the end is dropped, everything is lower case, and the host is reversed, IPv4 addresses too:
//
//	https://www.Example.com:443/A/?b=2&a=1#x  ->  com,example)/a?a=1&b=2
//	http://192.168.1.2:8080/                  ->  2,1,168,192:8080)/
//	urn:uuid:ABC                              ->  urn:uuid:abc
//
// Different URLs may have one key: who looks up must compare Row.URL where that matters. The key is printable ASCII without spaces. The error
// says that the URL is empty or that its port is no number.
func SURT(rawURL string) (string, error) {
	u, err := split(rawURL)
	if err != nil {
		return "", fmt.Errorf("no index key for URL %q: %w", rawURL, err)
	}
	path := unescape(u.path)
	host := canonicalHost(u.host)
	if host != "" {
		path = removeDots(path)
	}
	path = stripPathSession(strings.ToLower(escape(path)))
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	query := canonicalQuery(u.query)

	var key strings.Builder
	key.Grow(len(rawURL) + 8)
	if host == "" {
		key.WriteString(u.scheme + ":")
	} else {
		labels := strings.Split(host, ".")
		slices.Reverse(labels)
		key.WriteString(strings.Join(labels, ","))
		if u.port != 0 && u.port != defaultPort(u.scheme) {
			key.WriteString(":" + strconv.Itoa(u.port))
		}
		key.WriteByte(')')
	}
	if path == "" && query != "" {
		path = "/"
	}
	key.WriteString(path)
	if query != "" {
		key.WriteString("?" + query)
	}
	return key.String(), nil
}

// parts are those of RFC 3986 Appendix B, undecoded. It is not net/url's parse: archives hold URLs that it refuses.
type parts struct {
	scheme, host, path, query string
	port                      int // 0 for none
}

func split(s string) (parts, error) {
	s = strings.Trim(s, " \t\n\r\v\f")
	if strings.ContainsAny(s, "\t\n\r") {
		s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	}
	if s == "" {
		return parts{}, errors.New("it is empty")
	}
	if !hasScheme(s) {
		s = "http://" + s
	}
	s = dropDoubledScheme(s)
	s, _, _ = strings.Cut(s, "#")
	var u parts
	s, u.query, _ = strings.Cut(s, "?")
	scheme, rest, _ := strings.Cut(s, ":")
	u.scheme, u.path = strings.ToLower(scheme), rest
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		at := strings.IndexByte(authority, '/')
		if at < 0 {
			at = len(authority)
		}
		u.path = authority[at:]
		if err := u.setHost(authority[:at]); err != nil {
			return parts{}, err
		}
	}
	if u.host == "" && strings.HasPrefix(u.scheme, "http") { // http:/example.com/, http:////example.com/
		host, path, _ := strings.Cut(strings.TrimLeft(u.path, "/"), "/")
		u.host, u.path = host, "/"+path
	}
	return u, nil
}

func hasScheme(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return i > 0 && c == ':'
		}
	}
	return false
}

// dropDoubledScheme makes http://http://example.com/ what was meant.
func dropDoubledScheme(s string) string {
	for {
		rest, ok := strings.CutPrefix(s, "http://")
		if !ok {
			rest, ok = strings.CutPrefix(s, "https://")
		}
		if !ok || !strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") {
			return s
		}
		s = rest
	}
}

func (u *parts) setHost(authority string) error {
	authority = strings.TrimRight(authority, ":")
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	var port string
	if _, bracketed, ok := strings.Cut(authority, "["); ok {
		u.host, port, _ = strings.Cut(bracketed, "]")
		_, port, _ = strings.Cut(port, ":")
	} else {
		u.host, port, _ = strings.Cut(authority, ":")
	}
	if port == "" {
		return nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return fmt.Errorf("port %q is not a number from 0 to 65535", port)
	}
	u.port = int(n)
	return nil
}

func defaultPort(scheme string) int {
	switch scheme {
	case "http":
		return 80
	case "https":
		return 443
	}
	return 0
}

func canonicalHost(host string) string {
	if host == "" {
		return ""
	}
	host = unescape(host)
	if strings.IndexFunc(host, func(r rune) bool { return r >= 0x80 }) >= 0 {
		// Mapped as browsers do, but without their refusals: a host that cannot be mapped keeps its bytes, escaped.
		profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))
		if ascii, err := profile.ToASCII(strings.ToValidUTF8(host, "")); err == nil {
			host = ascii
		}
	}
	host = strings.Trim(strings.ReplaceAll(host, "..", "."), ".")
	if ip, ok := parseIPv4(host); ok {
		return ip.String()
	}
	host = strings.ToLower(escape(host))
	if rest, ok := strings.CutPrefix(host, "www"); ok {
		if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, "0123456789"), "."); ok {
			return rest
		}
	}
	return host
}

// parseIPv4 reads an IPv4 address as inet_aton(3) does: one to four numbers, octal with a leading 0, the last one filling what is left. One
// number alone is taken modulo 2^32.
func parseIPv4(host string) (netip.Addr, bool) {
	if host == "" || strings.Trim(host, "0123456789.") != "" {
		return netip.Addr{}, false
	}
	numbers := strings.Split(host, ".")
	last := len(numbers) - 1
	if last > 3 {
		return netip.Addr{}, false
	}
	var address uint64
	for i, number := range numbers {
		base := 0 // a leading 0 is octal
		if last == 0 {
			base = 10
		}
		n, err := strconv.ParseUint(number, base, 64)
		limit := uint64(1) << 8
		if i == last {
			limit = 1 << (8 * (4 - last))
		}
		switch {
		case err != nil:
			return netip.Addr{}, false
		case last == 0:
			n %= limit
		case n >= limit:
			return netip.Addr{}, false
		}
		if i == last {
			address |= n
		} else {
			address |= n << (8 * (3 - i))
		}
	}
	return netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)}), true
}

// removeDots removes "." and empty segments and lets ".." take away the one before it. What ".." finds nothing before it stays, as in pywb.
func removeDots(path string) string {
	if path == "" {
		return "/"
	}
	var kept []string
	for _, segment := range strings.Split(path, "/")[1:] {
		switch {
		case segment == ".":
		case segment == ".." && len(kept) > 0:
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, segment)
		}
	}
	if len(kept) == 0 {
		return "/"
	}
	last := len(kept) - 1
	end := kept[last] // empty when the path ends in a slash
	kept = slices.DeleteFunc(kept[:last], func(segment string) bool { return segment == "" })
	return "/" + strings.Join(append(kept, end), "/")
}

func canonicalQuery(query string) string {
	if query == "" {
		return ""
	}
	query = strings.ToLower(stripQuerySession(escape(unescape(query))))
	if len(query) <= 1 || !strings.Contains(query, "&") {
		return query
	}
	arguments := strings.Split(query, "&")
	slices.SortStableFunc(arguments, func(a, b string) int {
		nameA, valueA, okA := strings.Cut(a, "=")
		nameB, valueB, okB := strings.Cut(b, "=")
		switch {
		case nameA != nameB:
			return strings.Compare(nameA, nameB)
		case okA != okB && okB: // "a" before "a="
			return -1
		case okA != okB:
			return 1
		}
		return strings.Compare(valueA, valueB)
	})
	return strings.Join(arguments, "&")
}

var (
	pathSessions = []*regexp.Regexp{
		regexp.MustCompile(`^(.*/)(?:\((?:[a-z]\([0-9a-z]{24}\))+\)/)([^?]+\.aspx.*)$`),
		regexp.MustCompile(`^(.*/)(?:\([0-9a-z]{24}\)/)([^?]+\.aspx.*)$`),
	}
	querySessions = []*regexp.Regexp{
		regexp.MustCompile(`(?i)^(.*)jsessionid=[0-9a-z]{32}(?:&(.*))?$`),
		regexp.MustCompile(`(?i)^(.*)phpsessid=[0-9a-z]{32}(?:&(.*))?$`),
		regexp.MustCompile(`(?i)^(.*)sid=[0-9a-z]{32}(?:&(.*))?$`),
		regexp.MustCompile(`(?i)^(.*)aspsessionid[a-z]{8}=[a-z]{24}(?:&(.*))?$`),
		regexp.MustCompile(`(?i)^(.*)cfid=[^&]+&cftoken=[^&]+(?:&(.*))?$`),
	}
)

func stripPathSession(path string) string {
	if !strings.Contains(path, ".aspx") {
		return path
	}
	return cutSessions(path, pathSessions)
}

func stripQuerySession(query string) string {
	const shortest = len("cfid=1&cftoken=1")
	if len(query) < shortest || !strings.Contains(strings.ToLower(query), "id") {
		return query
	}
	return cutSessions(query, querySessions)
}

func cutSessions(s string, sessions []*regexp.Regexp) string {
	for _, session := range sessions {
		if m := session.FindStringSubmatch(s); m != nil {
			s = m[1] + m[2]
		}
	}
	return s
}

// unescape undoes percent escapes until there is none left, also those that only appear by undoing others (%2541 -> %41 -> A), in one pass.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		out = append(out, s[i])
		for n := len(out); n >= 3 && out[n-3] == '%' && isHex(out[n-2]) && isHex(out[n-1]); n = len(out) {
			out = append(out[:n-3], unhex(out[n-2])<<4|unhex(out[n-1]))
		}
	}
	return string(out)
}

// escape escapes what is not printable ASCII, spaces, "#" and "%".
func escape(s string) string {
	plain := func(c byte) bool { return c > ' ' && c < 0x7f && c != '#' && c != '%' }
	n := 0
	for n < len(s) && plain(s[n]) {
		n++
	}
	if n == len(s) {
		return s
	}
	const digits = "0123456789ABCDEF"
	out := append(make([]byte, 0, len(s)+16), s[:n]...)
	for _, c := range []byte(s[n:]) {
		if plain(c) {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(out)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
