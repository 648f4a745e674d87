// Package robots answers whether a URL may be captured under the Robots Exclusion Protocol (RFC 9309).
//
// It knows the protocol: which group of rules is ours, which rule is the most specific, what it means when robots.txt is missing or cannot be
// had, how long an answer holds, and two lines that RFC 9309 leaves to others, Crawl-delay and Sitemap. It does not fetch: a Fetch is given to
// it, so that robots.txt goes through the recorder like everything else. Paths are matched by a port of the parser that search engines
// published (github.com/jimsmart/grobotstxt). Only crawler and its sub-packages import this package.
package robots

import (
	"bytes"
	"net/url"
	"strings"
	"time"

	"github.com/jimsmart/grobotstxt"
)

// ParseLimit is how many bytes of a robots.txt are read (RFC 9309 §2.5: at least 500 kibibytes).
const ParseLimit = 500 << 10

// Rules is one robots.txt as one crawler reads it.
type Rules struct {
	token    string
	text     string
	delay    time.Duration
	sitemaps []string
}

// Parse reads a robots.txt for the crawler whose product token is token. Everything can be parsed: lines that mean nothing are skipped.
func Parse(body []byte, token string) *Rules {
	if len(body) > ParseLimit {
		body = body[:ParseLimit]
		// A rule that is cut in the middle would forbid or allow more than its author wrote.
		body = body[:bytes.LastIndexAny(body, "\r\n")+1]
	}
	text := strings.ToValidUTF8(string(body), "\uFFFD")
	x := extras{token: token}
	grobotstxt.Parse(text, &x)
	return &Rules{token: token, text: canonical(text), delay: x.crawlDelay(), sitemaps: x.sitemaps}
}

// Allowed reports whether u may be fetched, and the line of robots.txt that decided; 0 when none did.
func (r *Rules) Allowed(u *url.URL) (ok bool, line int) {
	target := u.EscapedPath()
	if target == "/robots.txt" { // implicitly allowed, RFC 9309 §2.2.2
		return true, 0
	}
	if target == "" || target[0] != '/' {
		target = "/" + target
	}
	if u.RawQuery != "" || u.ForceQuery {
		target += "?" + u.RawQuery
	}
	m := grobotstxt.NewRobotsMatcher()
	ok = m.AgentAllowed(r.text, r.token, "https://host"+canonical(target))
	return ok, m.MatchingLine()
}

// CrawlDelay is the spacing that robots.txt asks us for; 0 when it does not.
func (r *Rules) CrawlDelay() time.Duration { return r.delay }

// Sitemaps lists the values of Sitemap lines, which belong to no group.
func (r *Rules) Sitemaps() []string { return r.sitemaps }
