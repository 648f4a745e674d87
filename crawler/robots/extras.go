package robots

import (
	"strconv"
	"strings"
	"time"

	"github.com/jimsmart/grobotstxt"
)

// extras reads the lines that the matcher does not: Crawl-delay in the groups, Sitemap anywhere.
type extras struct {
	token    string
	sitemaps []string

	ours, others delays
	begun        bool // a rule was seen in the group being read: the next User-agent line begins another
}

// delays are the Crawl-delay lines of the groups of one agent.
type delays struct {
	named   bool // there is a group for it
	current bool // the group being read is for it
	delay   time.Duration
}

var _ grobotstxt.ParseHandler = (*extras)(nil)

// crawlDelay is that of our groups or, when there are none, of the groups for all: the same choice as for the rules (RFC 9309 §2.2.1).
func (x *extras) crawlDelay() time.Duration {
	if x.ours.named {
		return x.ours.delay
	}
	return x.others.delay
}

// HandleUserAgent implements grobotstxt.ParseHandler.
func (x *extras) HandleUserAgent(_ int, value string) {
	if x.begun {
		x.ours.current, x.others.current, x.begun = false, false, false
	}
	name, _, _ := strings.Cut(value, "/") // "Name/2.0" names Name
	switch name, _, _ = strings.Cut(name, " "); {
	case name == "*":
		x.others.named, x.others.current = true, true
	case strings.EqualFold(name, x.token):
		x.ours.named, x.ours.current = true, true
	}
}

// HandleUnknownAction implements grobotstxt.ParseHandler. A Crawl-delay is for the agents named above it in its group; of several the
// longest holds.
func (x *extras) HandleUnknownAction(_ int, action, value string) {
	if !strings.EqualFold(action, "crawl-delay") {
		return
	}
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || !(seconds > 0) {
		return
	}
	const longest = 24 * 60 * 60 // what is more means "go away" or is a mistake, and must not overflow
	delay := time.Duration(min(seconds, longest) * float64(time.Second))
	for _, d := range []*delays{&x.ours, &x.others} {
		if d.current {
			d.delay = max(d.delay, delay)
		}
	}
}

// HandleAllow implements grobotstxt.ParseHandler.
func (x *extras) HandleAllow(int, string) { x.begun = true }

// HandleDisallow implements grobotstxt.ParseHandler.
func (x *extras) HandleDisallow(int, string) { x.begun = true }

// HandleSitemap implements grobotstxt.ParseHandler.
func (x *extras) HandleSitemap(_ int, value string) { x.sitemaps = append(x.sitemaps, value) }

// HandleRobotsStart implements grobotstxt.ParseHandler.
func (x *extras) HandleRobotsStart() {}

// HandleRobotsEnd implements grobotstxt.ParseHandler.
func (x *extras) HandleRobotsEnd() {}
