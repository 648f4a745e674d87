package robots

import "strings"

// Token finds the product token in a User-Agent value by which groups of robots.txt address the crawler (RFC 9309 §2.2.1: letters, "_" and
// "-"). That is the first product, unless the value poses as a browser: then it is the product that a comment calls compatible.
//
//	tearsheet/1.0 (+https://example.org/bot)                  tearsheet
//	Mozilla/5.0 (compatible; tearsheet/1.0; +https://…)       tearsheet
func Token(userAgent string) string {
	if first := leadingToken(userAgent); !strings.EqualFold(first, "Mozilla") {
		return first
	}
	_, comment, _ := strings.Cut(userAgent, "(")
	comment, _, _ = strings.Cut(comment, ")")
	if _, rest, ok := strings.Cut(comment, "compatible;"); ok {
		if token := leadingToken(strings.TrimSpace(rest)); token != "" {
			return token
		}
	}
	return leadingToken(userAgent)
}

func leadingToken(s string) string {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '-') {
			return s[:i]
		}
	}
	return s
}
