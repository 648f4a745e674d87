package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// maxLine bounds a line of standard input, in bytes.
const maxLine = 64 << 10

// parseTarget checks that raw is a URL that can be captured and returns it without its fragment, which is never sent.
func parseTarget(raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return "", errors.New("the URL is empty")
	case err != nil:
		return "", fmt.Errorf("%q is no URL: %w", raw, errors.Unwrap(err))
	case lacksScheme(u):
		return "", fmt.Errorf("%q has no scheme; did you mean https://%s?", raw, strings.TrimLeft(raw, "/"))
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("%q: the scheme %q is not supported; only http and https pages can be captured", raw, u.Scheme)
	case u.Hostname() == "":
		return "", fmt.Errorf("%q names no host", raw)
	case u.User != nil:
		return "", fmt.Errorf("the URL of host %s holds a user name or password, which would end up in the archive; leave it out", u.Hostname())
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), nil
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
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		u, err := parseTarget(line)
		if err != nil {
			return nil, usagef("standard input, line %d: %w", n, err)
		}
		urls = append(urls, u)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading URLs from standard input: %w", err)
	}
	return urls, nil
}
