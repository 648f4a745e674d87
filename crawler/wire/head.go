package wire

import (
	"fmt"
	"net/http"
	"net/textproto"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// head is a response head as we understand it. The record keeps the bytes; this is only for framing, the index and the caller.
type head struct {
	minor  int // 1.minor; -1 for any other version
	status int
	reason string
	fields http.Header
	notes  []string // what was odd
}

// parseHead reads a whole head, empty line included (RFC 9112 §4 and §5). It fails on the status line only: fields that are malformed are
// left out and noted, as browsers leave them out.
func parseHead(b []byte) (head, error) {
	text := string(b) // the one copy: all values are parts of it
	line, rest := cutLine(text)
	h, err := parseStatusLine(line)
	if err != nil {
		return head{}, err
	}
	count := strings.Count(rest, "\n")
	h.fields = make(http.Header, count)
	values := make([]string, 0, count) // one allocation for the usual case of one value per name
	var last []string                  // the field that a folded line continues
	bad := 0
	for rest != "" {
		line, rest = cutLine(rest)
		switch {
		case line == "":
			continue
		case line[0] == ' ' || line[0] == '\t': // obs-fold, RFC 9112 §5.2
			if last == nil {
				bad++
				continue
			}
			last[len(last)-1] = strings.TrimSpace(last[len(last)-1] + " " + fieldValue(line))
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimRight(name, " \t")
		if !ok || !httpguts.ValidHeaderFieldName(name) {
			last = nil
			bad++
			continue
		}
		key := textproto.CanonicalMIMEHeaderKey(name)
		if last = h.fields[key]; last == nil {
			values = append(values, fieldValue(value))
			last = values[len(values)-1 : len(values) : len(values)]
		} else {
			last = append(last, fieldValue(value))
		}
		h.fields[key] = last
	}
	if bad > 0 {
		h.notes = append(h.notes, fmt.Sprintf("%d header lines are not fields", bad))
	}
	return h, nil
}

// parseStatusLine is lenient with blanks, a missing reason and the letters' case.
func parseStatusLine(line string) (head, error) {
	wrong := func() (head, error) {
		return head{}, fmt.Errorf("the answer does not begin with an HTTP/1 status line but with %.60q", line)
	}
	version, rest, ok := strings.Cut(line, " ")
	if !ok || len(version) < len("HTTP/1") || !strings.EqualFold(version[:5], "HTTP/") || version[5] < '0' || version[5] > '9' {
		return wrong()
	}
	rest = strings.TrimLeft(rest, " \t")
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	if digits != 3 || rest[0] == '0' {
		return wrong()
	}
	h := head{minor: -1, status: int(rest[0]-'0')*100 + int(rest[1]-'0')*10 + int(rest[2]-'0'), reason: fieldValue(rest[3:])}
	switch version[5:] {
	case "1.1":
		h.minor = 1
	case "1.0":
		h.minor = 0
	default:
		h.notes = append(h.notes, fmt.Sprintf("the answer calls itself %.20q", version))
	}
	return h, nil
}

// cutLine takes the first line off text, without its line end: CRLF, or LF alone (RFC 9112 §2.2).
func cutLine(text string) (line, rest string) {
	line, rest, _ = strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// fieldValue trims the blanks and replaces bare CR and NUL by a space, as RFC 9110 §5.5 asks of those who keep such a field. All other
// bytes stay, Latin-1 and UTF-8 alike.
func fieldValue(s string) string {
	if strings.ContainsAny(s, "\r\x00") {
		s = strings.NewReplacer("\r", " ", "\x00", " ").Replace(s)
	}
	return strings.Trim(s, " \t")
}

// keepAlive reports whether the sender means to keep the connection open (RFC 9112 §9.3).
func (h *head) keepAlive() bool {
	switch h.minor {
	case 1:
		return !httpguts.HeaderValuesContainsToken(h.fields["Connection"], "close")
	case 0:
		return httpguts.HeaderValuesContainsToken(h.fields["Connection"], "keep-alive")
	}
	return false
}
