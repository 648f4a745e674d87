package main

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/pflag"

	"tearsheet/archive/warc"
	"tearsheet/crawler"
	"tearsheet/crawler/wire"
)

// networkFlags say how pages are fetched. capture and inspect share those that add adds; those of addSchedule are for several pages.
type networkFlags struct {
	concurrency  int
	delay        time.Duration
	retries      int
	userAgent    string
	ignoreRobots bool
	insecure     bool
	allowPrivate []netip.Prefix
	connectTo    []wire.ConnectTo
	proxy        *url.URL
	maxBody      int64
	maxTime      time.Duration
}

// addSchedule adds the flags that say when and beside what else a page is fetched.
func (n *networkFlags) addSchedule(fs *pflag.FlagSet) {
	fs.IntVar(&n.concurrency, "concurrency", crawler.DefaultConcurrency, "pages at once, and requests at once per host")
	fs.DurationVar(&n.delay, "delay", 0, "least time between the starts of two pages of one host, as 500ms or 2s")
}

func (n *networkFlags) add(fs *pflag.FlagSet) {
	fs.IntVar(&n.retries, "retries", 2, "further tries after a failure that may pass")
	fs.StringVar(&n.userAgent, "user-agent", "", "User-Agent `NAME` of every request (default tearsheet's own)")
	fs.BoolVar(&n.ignoreRobots, "ignore-robots", false, "do not ask robots.txt; what is archived says so")
	fs.BoolVar(&n.insecure, "insecure", false, "accept any TLS certificate; what is archived says so")
	fs.Func("allow-private", "connect to private addresses within `CIDR`, as 192.168.0.0/16 (repeat, or separate by commas)", n.addPrivate)
	fs.Func("connect-to", "connect elsewhere, as curl does: `HOST:PORT1:ADDR:PORT2` sends what is for the first pair to the second (repeatable; empty parts match all, or change nothing)", func(s string) error {
		c, err := wire.ParseConnectTo(s)
		n.connectTo = append(n.connectTo, c)
		return err
	})
	fs.Func("proxy", "fetch through the proxy `URL` (http://…; socks5://… looks names up here, socks5h://… lets the proxy do it); the environment's proxy variables are not read", n.setProxy)
	fs.Func("max-body", "keep at most `SIZE` of one answer's body, as 500MB; a longer one is cut and marked (default 1GiB)", n.setMaxBody)
	fs.DurationVar(&n.maxTime, "max-time", 0, "stop after this long, as 90s or 1h, and keep what is whole (default no limit)")
}

func (n *networkFlags) addPrivate(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		p, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil {
			return fmt.Errorf("%q is no range of addresses; write it as 192.168.0.0/16, 127.0.0.0/8 or fd00::/8", part)
		}
		n.allowPrivate = append(n.allowPrivate, p.Masked())
	}
	return nil
}

func (n *networkFlags) setProxy(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "socks5", "socks5h"}, u.Scheme) {
		return fmt.Errorf("a proxy is written as http://HOST:PORT, socks5://HOST:PORT or socks5h://HOST:PORT")
	}
	n.proxy = u
	return nil
}

func (n *networkFlags) setMaxBody(s string) error {
	size, err := humanize.ParseBytes(s)
	if err != nil || size == 0 || size > 1<<50 {
		return fmt.Errorf("%q is no size; write it as 500MB or 2GiB", s)
	}
	n.maxBody = int64(size)
	return nil
}

// check finds values that the flags' types allow and that make no sense.
func (n *networkFlags) check() error {
	switch {
	case n.concurrency < 1 || n.concurrency > 1024:
		return usagef("--concurrency is %d; it must be between 1 and 1024", n.concurrency)
	case n.delay < 0:
		return usagef("--delay is %s; it cannot be negative", n.delay)
	case n.maxTime < 0:
		return usagef("--max-time is %s; it cannot be negative", n.maxTime)
	case n.retries < 0:
		return usagef("--retries is %d; it cannot be negative", n.retries)
	case strings.ContainsAny(n.userAgent, "\r\n\x00"):
		return usagef("--user-agent must stand on one line")
	}
	return nil
}

// limited is ctx within --max-time.
func (n *networkFlags) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if n.maxTime == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, n.maxTime, errTimeLimit)
}

// options are the crawler's, without the run that records.
func (n *networkFlags) options(a *app) crawler.Options {
	agent := n.agent(a)
	return crawler.Options{
		Wire: wire.Options{
			Limits:       wire.Limits{BodyBytes: n.maxBody},
			UserAgent:    agent,
			AllowPrivate: n.allowPrivate,
			ConnectTo:    n.connectTo,
			Proxy:        n.proxy,
			Insecure:     n.insecure,
		},
		UserAgent:    agent,
		Concurrency:  n.concurrency,
		Delay:        n.delay,
		IgnoreRobots: n.ignoreRobots,
		Retries:      n.retries,
		Log:          a.log,
	}
}

func (n *networkFlags) agent(a *app) string {
	for _, named := range []string{n.userAgent, a.settings.UserAgent} {
		if named != "" {
			return named
		}
	}
	return software()
}

// record lists what a later reader of the archive must know of how it was made. Neither a proxy's name nor the addresses of --connect-to
// are in it: they tell about the inside of a network.
func (n *networkFlags) record(a *app) []warc.Field {
	robots := "obey"
	if n.ignoreRobots {
		robots = "ignore"
	}
	fields := []warc.Field{
		{Name: "http-header-user-agent", Value: n.agent(a)},
		{Name: "robots", Value: robots},
		{Name: "concurrency", Value: strconv.Itoa(n.concurrency)},
		{Name: "delay", Value: n.delay.String()},
	}
	if n.insecure {
		fields = append(fields, warc.Field{Name: "tls-verification", Value: "off"})
	}
	if n.proxy != nil {
		fields = append(fields, warc.Field{Name: "proxy", Value: n.proxy.Scheme})
	}
	if len(n.allowPrivate) > 0 {
		fields = append(fields, warc.Field{Name: "private-addresses", Value: "some allowed"})
	}
	for _, c := range n.connectTo {
		fields = append(fields, warc.Field{Name: "connect-to", Value: "connections for " + orAll(c.Host) + ":" + orAll(c.Port) + " were sent elsewhere"})
	}
	return fields
}

func orAll(s string) string {
	if s == "" {
		return "*"
	}
	return s
}
