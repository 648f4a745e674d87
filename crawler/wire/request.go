package wire

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/idna"

	"tearsheet/archive/warc"
)

// request is one request as it goes over the wire.
type request struct {
	method   string
	scheme   string
	hostname string // without brackets, in ASCII and lower case
	port     string // never empty
	url      string // target URI: exactly what is asked
	line     int    // length of the request line, CRLF included
	bytes    []byte // in origin-form
}

// fieldOrder is the order of the fields that we know; others follow by name. Values are what is sent when the caller sets nothing.
func fieldOrder(userAgent string) [6][2]string {
	return [...][2]string{
		{"User-Agent", userAgent},
		{"Accept", "*/*"},
		{"Accept-Language", ""},
		{"Accept-Encoding", "gzip"}, // what every replay tool decodes, now and in twenty years
		{"Referer", ""},
		{"Cookie", ""},
	}
}

// connectionFields belong to the connection, not to the caller (RFC 9110 §7.6.1), or are ours to decide.
func connectionField(key string) bool {
	switch key {
	case "Host", "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
		"Content-Length", "Expect", "Accept-Encoding":
		return true
	}
	return false
}

// newRequest turns r into bytes. Its errors are the caller's mistakes; nothing was sent and nothing is recorded.
func newRequest(r *http.Request, userAgent string) (*request, error) {
	q := &request{method: r.Method}
	switch {
	case q.method == "":
		q.method = http.MethodGet
	case q.method != http.MethodGet && q.method != http.MethodHead:
		return nil, fmt.Errorf("method %q: only GET and HEAD are made", r.Method)
	}
	if r.Body != nil && r.Body != http.NoBody {
		return nil, errors.New("a request body: none is sent")
	}
	target, host, err := q.setTarget(r.URL)
	if err != nil {
		return nil, err
	}
	if r.Host != "" && !strings.EqualFold(r.Host, r.URL.Host) && !strings.EqualFold(r.Host, host) {
		return nil, fmt.Errorf("host %q differs from the URL's: the record's target URI would be another than what was asked; use --connect-to", r.Host)
	}
	if err := q.build(target, host, r.Header, userAgent); err != nil {
		return nil, err
	}
	return q, nil
}

// setTarget sets all that follows from the URL and returns the request target and the Host field's value.
func (q *request) setTarget(u *url.URL) (target, host string, err error) {
	if u == nil || u.Opaque != "" {
		return "", "", errors.New("the request has no usable URL")
	}
	q.scheme = strings.ToLower(u.Scheme)
	switch q.scheme {
	case "http":
		q.port = "80"
	case "https":
		q.port = "443"
	default:
		return "", "", fmt.Errorf("scheme %q: only http and https are fetched", u.Scheme)
	}
	q.hostname, err = asciiHost(u.Hostname())
	if err != nil {
		return "", "", fmt.Errorf("host %q: %w", u.Hostname(), err)
	}
	host = q.hostname
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" {
		q.port = p
		host += ":" + p
	}
	target = warc.EscapeURI(u.RequestURI())
	q.url = q.scheme + "://" + host + target
	if err := warc.CheckTarget(q.url); err != nil { // what cannot be recorded is not asked for
		return "", "", err
	}
	return target, host, nil
}

func asciiHost(name string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("it is empty")
	case strings.Contains(name, "%"):
		return "", errors.New("an address with a zone is not reachable for others")
	case strings.Contains(name, ":"):
		addr, err := netip.ParseAddr(name)
		return addr.String(), err
	}
	for i := range len(name) {
		if c := name[i]; c >= 0x80 {
			return idna.Lookup.ToASCII(name)
		} else if c <= ' ' || c == 0x7f || strings.IndexByte(`"#/<>?@\^|`, c) >= 0 {
			return "", fmt.Errorf("%q cannot be in a host name", c)
		}
	}
	return strings.ToLower(name), nil
}

// build writes the message.
func (q *request) build(target, host string, fields http.Header, userAgent string) error {
	b := make([]byte, 0, 512)
	b = append(append(append(append(b, q.method...), ' '), target...), " HTTP/1.1\r\n"...)
	q.line = len(b)
	b = append(append(append(b, "Host: "...), host...), "\r\n"...)
	for key, values := range fields {
		if !httpguts.ValidHeaderFieldName(key) {
			return fmt.Errorf("%q is not the name of a header field", key)
		}
		if slices.ContainsFunc(values, func(v string) bool { return !httpguts.ValidHeaderFieldValue(v) }) {
			return fmt.Errorf("the value of header field %q holds control characters", key)
		}
	}
	known := 0
	for _, field := range fieldOrder(userAgent) {
		values := fields[field[0]]
		if len(values) > 0 && !connectionField(field[0]) {
			known++
			b = appendField(b, field[0], values...)
		} else if field[1] != "" {
			b = appendField(b, field[0], field[1])
		}
	}
	if known < len(fields) {
		b = appendOthers(b, fields, userAgent)
	}
	q.bytes = append(b, "\r\n"...)
	return nil
}

// appendOthers appends the fields that have no place of their own, sorted by name.
func appendOthers(b []byte, fields http.Header, userAgent string) []byte {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		placed := func(f [2]string) bool { return f[0] == key }
		order := fieldOrder(userAgent)
		if !connectionField(http.CanonicalHeaderKey(key)) && !slices.ContainsFunc(order[:], placed) {
			b = appendField(b, key, fields[key]...)
		}
	}
	return b
}

func appendField(b []byte, name string, values ...string) []byte {
	for _, v := range values {
		b = append(append(append(append(b, name...), ": "...), v...), "\r\n"...)
	}
	return b
}

// forProxy gives the message as an HTTP proxy wants it: absolute-form (RFC 9112 §3.2.2) and, if the proxy has credentials, with them. The
// record keeps the origin-form without credentials, which is what the origin is asked.
func (q *request) forProxy(credentials *url.Userinfo) []byte {
	b := make([]byte, 0, len(q.bytes)+len(q.url)+64)
	b = append(append(append(append(b, q.method...), ' '), q.url...), " HTTP/1.1\r\n"...)
	b = append(b, q.bytes[q.line:len(q.bytes)-len("\r\n")]...)
	if value := proxyAuthorization(credentials); value != "" {
		b = appendField(b, "Proxy-Authorization", value)
	}
	return append(b, "\r\n"...)
}

// proxyAuthorization gives the value of a Proxy-Authorization field, or "".
func proxyAuthorization(u *url.Userinfo) string {
	if u == nil {
		return ""
	}
	password, _ := u.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password))
}
