package page

import (
	"net/url"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// resolver makes absolute URLs of references as the WHATWG URL standard does. A page names hundreds of URLs and nearly all of them are
// in canonical form already: these are recognised and kept as they are, and only the rest go through the standard's parser.
type resolver struct {
	base   string // absolute, in canonical form; empty when there is none
	scheme string // "https:"
	origin string // "https://example.com"
	folder string // base up to the last slash of its path
}

func newResolver(base *url.URL) resolver {
	if base == nil {
		return resolver{}
	}
	return resolverAt(base.String())
}

func resolverAt(base string) resolver {
	u, err := whatwg.Parse(base)
	if err != nil || u.Scheme() != "http" && u.Scheme() != "https" {
		return resolver{}
	}
	r := resolver{base: u.Href(true), scheme: u.Protocol(), origin: u.Protocol() + "//" + u.Host()}
	r.folder = r.origin + u.Pathname()[:strings.LastIndexByte(u.Pathname(), '/')+1]
	return r
}

// resolve gives the absolute URL of ref without fragment; false when it is no http or https URL, refers to the document itself, or
// cannot be read.
func (r resolver) resolve(ref string) (string, bool) {
	ref = strings.Trim(ref, htmlSpace)
	if ref == "" || ref[0] == '#' || len(ref) > maxURL {
		return "", false
	}
	whole := ref
	if i := strings.IndexByte(ref, '#'); i >= 0 {
		ref = ref[:i]
	}
	switch {
	case strings.HasPrefix(ref, "https://") || strings.HasPrefix(ref, "http://"):
		if after := ref[strings.IndexByte(ref, '/')+2:]; canonical(after) {
			return ref, true
		} else if canonicalHost(after) {
			return ref + "/", true
		}
	case strings.HasPrefix(ref, "//"):
		if r.base != "" && canonical(ref[2:]) {
			return r.scheme + ref, true
		}
	case ref[0] == '/':
		if r.base != "" && canonicalPath(ref) {
			return r.origin + ref, true
		}
	case isAlphanumeric(ref[0]) && r.base != "" && !strings.Contains(ref, ":") && canonicalPath(ref):
		return r.folder + ref, true
	}
	return r.parse(whole)
}

// parse is the standard's parser, for everything that is not plainly in canonical form.
func (r resolver) parse(ref string) (string, bool) {
	if i := strings.IndexByte(ref, ':'); i > 0 && !strings.ContainsAny(ref[:i], "/?") {
		if s := ref[:i]; !strings.EqualFold(s, "http") && !strings.EqualFold(s, "https") && isScheme(s) {
			return "", false // data:, javascript:, mailto: and the like can be long; they need no parse
		}
	}
	var u *whatwg.Url
	var err error
	if r.base == "" {
		u, err = whatwg.Parse(ref)
	} else {
		u, err = whatwg.ParseRef(r.base, ref)
	}
	if err != nil || u.Scheme() != "http" && u.Scheme() != "https" || u.Hostname() == "" {
		return "", false
	}
	if u.Username() != "" || u.Password() != "" { // a secret, which is neither asked with nor told
		u.SetUsername("")
		u.SetPassword("")
	}
	return u.Href(true), true
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(s[i]))) {
			return false
		}
	}
	return true
}

// canonical says that what follows "https://" would come out of the standard's parser unchanged: a plain lower-case host name without
// port, and a plain path.
func canonical(s string) bool {
	slash := strings.IndexByte(s, '/')
	return slash > 0 && canonicalHost(s[:slash]) && canonicalPath(s[slash:])
}

func canonicalHost(host string) bool {
	if host == "" || strings.HasPrefix(host, "xn--") || strings.Contains(host, ".xn--") {
		return false
	}
	letters := false
	for i := range len(host) {
		switch c := host[i]; {
		case c >= 'a' && c <= 'z':
			letters = true
		case c >= '0' && c <= '9' || c == '-' || c == '.':
		default:
			return false
		}
	}
	// A host that ends in a number is an IPv4 address, which has several spellings.
	last := host[len(host)-1]
	return letters && (last < '0' || last > '9')
}

// canonicalPath says that path and query hold nothing that the parser would change: no dot segments, no bytes to be encoded, no
// backslashes or control characters.
func canonicalPath(s string) bool {
	path := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
		case c == '/':
			if path && startsWithDot(s[i+1:]) {
				return false
			}
		case c == '?':
			path = false
		case c == '-' || c == '.' || c == '_' || c == '~' || c == '!' || c == '$' || c == '&' || c == '(' || c == ')' || c == '*' ||
			c == '+' || c == ',' || c == ';' || c == '=' || c == ':' || c == '@' || c == '%' || c == '[' || c == ']':
		default:
			return false
		}
	}
	return true
}

// startsWithDot says that a path goes on with what may be a dot segment, which can be written with %2e as well.
func startsWithDot(rest string) bool {
	if strings.HasPrefix(rest, ".") {
		return len(rest) == 1 || strings.IndexByte("./?%", rest[1]) >= 0
	}
	return hasPrefixFold(rest, "%2e")
}
