package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// maxLine bounds a line of standard input, in bytes.
const maxLine = 64 << 10

// parseTarget checks that raw is a URL that can be captured and returns it as it will be asked for: without its fragment, which is never
// sent, and with the ASCII form of its host, under which its records stand (RFC 5891). Errors do not quote a password.
func parseTarget(raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	shown := withoutUser(raw)
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return "", errors.New("the URL is empty")
	case err != nil && shown != raw:
		return "", fmt.Errorf("%q is no URL", shown) // the parser's reason may quote the password
	case err != nil:
		return "", fmt.Errorf("%q is no URL: %w", raw, errors.Unwrap(err))
	case lacksScheme(u):
		return "", fmt.Errorf("%q has no scheme; did you mean https://%s?", shown, strings.TrimLeft(shown, "/"))
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("%q: the scheme %q is not supported; only http and https pages can be captured", shown, u.Scheme)
	case u.User != nil:
		return "", fmt.Errorf("%q holds a user name or password, which would end up in the archive; leave it out", shown)
	case u.Hostname() == "":
		return "", fmt.Errorf("%q names no host", shown)
	}
	if err := checkPort(u.Port()); err != nil {
		return "", fmt.Errorf("%q: %w", shown, err)
	}
	if host, err := idna.Lookup.ToASCII(u.Hostname()); err == nil && host != u.Hostname() { // what is no name (an address, a_b) stays as it is
		u.Host = strings.Replace(u.Host, u.Hostname(), host, 1)
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), nil
}

func checkPort(port string) error {
	if port == "" {
		return nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("there is no port %s; ports run from 1 to 65535", port)
	}
	return nil
}

// withoutUser replaces what may be a user name and password in raw, however broken the rest is: an error must be able to quote it. That is
// what stands between scheme and slashes and the last "@" of the authority, or, when a password holds a slash, the last "@" of all.
func withoutUser(raw string) string {
	begin := 0
	if i := strings.IndexAny(raw, ":/?#@"); i >= 0 && raw[i] == ':' {
		begin = i + 1
	}
	begin += len(raw[begin:]) - len(strings.TrimLeft(raw[begin:], "/"))
	authority := raw[begin:]
	if i := strings.IndexAny(authority, "/?#"); i >= 0 {
		authority = authority[:i]
	}
	at := strings.LastIndexByte(authority, '@')
	if _, port, ok := strings.Cut(authority, ":"); at < 0 && ok && strings.Trim(port, "0123456789") != "" {
		at = strings.LastIndexByte(raw[begin:], '@')
	}
	if at < 0 {
		return raw
	}
	return raw[:begin] + "…" + raw[begin+at:]
}

// lacksScheme tells example.com/x, //example.com and localhost:8080/x, where net/url takes "localhost" for a scheme, from mailto:x.
func lacksScheme(u *url.URL) bool {
	if u.Scheme == "" {
		return true
	}
	port, _, _ := strings.Cut(u.Opaque, "/")
	return strings.Contains(u.Scheme, ".") || port != "" && strings.Trim(port, "0123456789") == ""
}

// targets checks the URLs of a command line; "-" stands for the lines of stdin, where empty lines and lines that begin with # are skipped.
func targets(args []string, stdin io.Reader) ([]string, error) {
	var urls []string
	for _, arg := range args {
		if arg == "-" {
			lines, err := targetLines(stdin)
			if err != nil {
				return nil, err
			}
			urls = append(urls, lines...)
			continue
		}
		u, err := parseTarget(arg)
		if err != nil {
			return nil, usageError{err}
		}
		urls = append(urls, u)
	}
	if len(urls) == 0 {
		return nil, usagef("standard input holds no URL")
	}
	return urls, nil
}

func targetLines(r io.Reader) ([]string, error) {
	var urls []string
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 1
	for ; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff")) // editors on Windows begin files with it
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		u, err := parseTarget(line)
		if err != nil {
			return nil, usagef("standard input, line %d: %w", n, err)
		}
		urls = append(urls, u)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, usagef("standard input, line %d: longer than %d bytes, which no URL is", n, maxLine)
	} else if err != nil {
		return nil, fmt.Errorf("reading URLs from standard input: %w", err)
	}
	return urls, nil
}
