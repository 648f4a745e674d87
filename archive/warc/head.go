package warc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"strings"

	"golang.org/x/net/http/httpguts"

	"tearsheet/archive/warc/coding"
)

// maxHead bounds the head of an HTTP message in a block, in bytes.
const maxHead = 1 << 20

// ErrNotHTTP is wrapped by the error of a block that is not an HTTP message.
var ErrNotHTTP = errors.New("block is no HTTP message")

// Head is the start line and the fields of an HTTP message.
type Head struct {
	Method, Target string // of a request
	Status         int    // of a response
	Reason         string // of a response; often empty
	Proto          string // as it stands there: "HTTP/1.1"
	Minor          int    // of HTTP/1.0 and HTTP/1.1; -1 for any other version
	Header         http.Header
	Length         int64    // bytes up to and including the empty line
	Notes          []string // what was odd, one line each
}

// Chunked reports whether the last transfer coding is chunked (RFC 9112 §6.1).
func (h *Head) Chunked() bool {
	te := coding.Tokens(h.Header["Transfer-Encoding"])
	return len(te) > 0 && te[len(te)-1] == "chunked"
}

// Codings lists what was applied to the document, in that order: content codings, then transfer codings other than chunked.
func (h *Head) Codings() []string {
	codings := coding.Tokens(h.Header["Content-Encoding"])
	for _, name := range coding.Tokens(h.Header["Transfer-Encoding"]) {
		if name != "chunked" {
			codings = append(codings, name)
		}
	}
	return codings
}

// ParseHead reads the head of an HTTP/1 message as servers really send it (RFC 9112 §2 to §5): lines may end with LF alone, a line that
// starts with a blank continues the field before, lines that are no field are passed over and noted, as browsers pass over them, the empty
// line at the end may be missing. Values keep their order and bytes, except that CR and NUL become blanks (RFC 9110 §5.5); names get Go's
// canonical form. The error wraps ErrNotHTTP when the start line is none.
func ParseHead(head []byte) (*Head, error) {
	text := string(head) // the one copy: all values are parts of it
	line, rest := cutLine(text)
	h := &Head{Minor: -1}
	if err := h.parseStart(line); err != nil {
		return nil, err
	}
	h.Length = int64(len(text) - len(h.parseFields(rest)))
	return h, nil
}

// parseFields reads up to the empty line and returns what stands behind it.
func (h *Head) parseFields(rest string) string {
	count := min(strings.Count(rest, "\n"), 64)
	h.Header = make(http.Header, count)
	values := make([]string, 0, count) // one allocation for the usual case of one value per name
	var last []string                  // values of the field that a folded line continues
	odd := 0
	for rest != "" {
		var line string
		line, rest = cutLine(rest)
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' { // obs-fold, RFC 9112 §5.2
			if last == nil {
				odd++
				continue
			}
			last[len(last)-1] = strings.Trim(last[len(last)-1]+" "+fieldValue(line), " \t")
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimRight(name, " \t")
		if !ok || !httpguts.ValidHeaderFieldName(name) {
			last = nil
			odd++
			continue
		}
		key := textproto.CanonicalMIMEHeaderKey(name)
		if last = h.Header[key]; last == nil {
			values = append(values, fieldValue(value))
			last = values[len(values)-1 : len(values) : len(values)]
		} else {
			last = append(last, fieldValue(value))
		}
		h.Header[key] = last
	}
	if odd > 0 {
		h.Notes = append(h.Notes, fmt.Sprintf("%d header lines are not fields", odd))
	}
	return rest
}

// parseStart reads a status line or a request line.
func (h *Head) parseStart(line string) error {
	if line == "" {
		return fmt.Errorf("%w: it is empty", ErrNotHTTP)
	}
	if len(line) >= len("HTTP/") && strings.EqualFold(line[:len("HTTP/")], "HTTP/") {
		return h.parseStatus(line)
	}
	method, rest, _ := strings.Cut(line, " ")
	i := strings.LastIndexByte(rest, ' ')
	if method == "" || i < 0 || !strings.HasPrefix(rest[i+1:], "HTTP/") {
		return fmt.Errorf("%w: start line %.80q", ErrNotHTTP, line)
	}
	h.Method, h.Target = method, rest[:i]
	h.setProto(rest[i+1:])
	return nil
}

// parseStatus is lenient with blanks, a missing reason and the letters' case.
func (h *Head) parseStatus(line string) error {
	proto, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimLeft(rest, " \t")
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	if len(proto) < len("HTTP/1") || proto[5] < '0' || proto[5] > '9' || digits != 3 || rest[0] == '0' {
		return fmt.Errorf("%w: status line %.80q", ErrNotHTTP, line)
	}
	h.Status = int(rest[0]-'0')*100 + int(rest[1]-'0')*10 + int(rest[2]-'0')
	h.Reason = fieldValue(rest[3:])
	h.setProto(proto)
	return nil
}

func (h *Head) setProto(proto string) {
	h.Proto = proto
	switch proto[len("HTTP/"):] {
	case "1.1":
		h.Minor = 1
	case "1.0":
		h.Minor = 0
	default:
		h.Notes = append(h.Notes, fmt.Sprintf("the message calls itself %.20q", proto))
	}
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

// Head parses the head of a request, response or revisit block; ErrNotHTTP for other records. Block still gives the whole block afterwards.
func (r *Record) Head() (*Head, error) {
	if r.head == nil && r.headErr == nil {
		r.head, r.headErr = r.readHead()
	}
	return r.head, r.headErr
}

func (r *Record) readHead() (*Head, error) {
	if !r.IsHTTP() {
		return nil, fmt.Errorf("%w: it is %q", ErrNotHTTP, r.ContentType)
	}
	body := bufio.NewReader(r.Block)
	var head []byte
	var failed error
	for {
		line, err := body.ReadSlice('\n')
		whole := !errors.Is(err, bufio.ErrBufferFull)
		empty := whole && endsLine(head) && (string(line) == "\r\n" || string(line) == "\n")
		head = append(head, line...)
		if empty || err == io.EOF {
			break
		}
		if err != nil && whole {
			failed = err
			break
		}
		if len(head) > maxHead {
			failed = fmt.Errorf("%w: its head is longer than %d bytes", ErrNotHTTP, maxHead)
			break
		}
	}
	r.body = body
	r.Block = io.MultiReader(bytes.NewReader(head), body)
	if failed != nil {
		return nil, failed
	}
	return ParseHead(head)
}

// endsLine reports whether what follows b begins a line.
func endsLine(b []byte) bool { return len(b) == 0 || b[len(b)-1] == '\n' }

// IsHTTP reports whether the block is labelled as an HTTP message.
func (r *Record) IsHTTP() bool {
	return strings.HasPrefix(strings.ToLower(r.ContentType), "application/http")
}
