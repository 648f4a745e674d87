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
	Proto          string // "HTTP/1.1"
	Header         http.Header
	Length         int64 // bytes up to and including the empty line
}

// Chunked reports whether the last transfer coding is chunked (RFC 9112 §6.1).
func (h *Head) Chunked() bool {
	te := strings.Join(h.Header.Values("Transfer-Encoding"), ",")
	return strings.EqualFold(strings.TrimSpace(te[strings.LastIndexByte(te, ',')+1:]), "chunked")
}

// ParseHead reads the head of an HTTP/1 message as servers really send it: lines may end with LF alone, a line that starts with a space
// continues the field before, lines that are no field are passed over, the empty line at the end may be missing. Fields keep their order and
// bytes; names get Go's canonical form. The error wraps ErrNotHTTP when the start line is none.
func ParseHead(head []byte) (*Head, error) {
	h := &Head{Header: make(http.Header, 16), Length: int64(len(head))}
	var last []string // values of the field that a continuation line continues
	first := true
	for raw := range bytes.Lines(head) {
		line := string(bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r")))
		switch {
		case first:
			if err := h.parseStart(line); err != nil {
				return nil, err
			}
			first = false
		case line == "":
			return h, nil
		case line[0] == ' ' || line[0] == '\t':
			if last != nil {
				last[len(last)-1] = strings.TrimSpace(last[len(last)-1] + " " + strings.TrimSpace(line))
			}
		default:
			name, value, ok := strings.Cut(line, ":")
			name = strings.TrimRight(name, " \t")
			if !ok || !isName(name) {
				last = nil
				continue
			}
			name = textproto.CanonicalMIMEHeaderKey(name)
			h.Header[name] = append(h.Header[name], strings.TrimSpace(value))
			last = h.Header[name]
		}
	}
	if first {
		return nil, fmt.Errorf("%w: it is empty", ErrNotHTTP)
	}
	return h, nil
}

func (h *Head) parseStart(line string) error {
	if len(line) >= len("HTTP/") && strings.EqualFold(line[:len("HTTP/")], "HTTP/") {
		proto, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimLeft(rest, " \t")
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits != 3 || rest[0] == '0' {
			return fmt.Errorf("%w: status line %.80q", ErrNotHTTP, line)
		}
		h.Status = int(rest[0]-'0')*100 + int(rest[1]-'0')*10 + int(rest[2]-'0')
		h.Proto, h.Reason = proto, strings.TrimSpace(rest[3:])
		return nil
	}
	method, rest, _ := strings.Cut(line, " ")
	i := strings.LastIndexByte(rest, ' ')
	if method == "" || i < 0 || !strings.HasPrefix(rest[i+1:], "HTTP/") {
		return fmt.Errorf("%w: start line %.80q", ErrNotHTTP, line)
	}
	h.Method, h.Target, h.Proto = method, rest[:i], rest[i+1:]
	return nil
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
	body := bufio.NewReaderSize(r.Block, maxChunkLine) // Dechunk can use it as it is
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
