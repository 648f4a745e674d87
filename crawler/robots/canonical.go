package robots

import (
	"encoding/hex"
	"strings"
)

// canonical brings percent-encoding into the form in which paths are compared (RFC 9309 §2.2.2): encoded octets that need no encoding are
// decoded, the others get upper-case digits. The matcher does it for neither side, but encodes what is outside ASCII on both.
func canonical(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		var octet [1]byte
		if _, err := hex.Decode(octet[:], []byte(s[i+1:i+3])); err != nil {
			b.WriteByte(s[i])
			continue
		}
		if unreserved(octet[0]) {
			b.WriteByte(octet[0])
		} else {
			b.WriteString(strings.ToUpper(s[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

// unreserved reports RFC 3986 §2.3.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
