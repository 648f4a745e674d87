package page

import (
	"html"
	"strings"
)

// tidyJSON mends what publishers do to JSON-LD by hand or by template: CDATA and HTML comments around it, comments and trailing commas
// in it, line ends inside strings, entities instead of quote marks, and text after its end. It gives false for text that is nested too
// deep or never begins.
func tidyJSON(block string) ([]byte, bool) {
	if strings.Contains(block, "&quot;") && !strings.Contains(block, `"`) {
		block = html.UnescapeString(block)
	}
	start := strings.IndexAny(block, "{[")
	if start < 0 {
		return nil, false
	}
	if c := strings.Index(block, "<![CDATA["); c >= 0 && c < start+len("<!") {
		start = c + len("<![CDATA[")
	}
	t := tidier{in: block[start:], out: make([]byte, 0, len(block)-start)}
	for t.i < len(t.in) {
		if !t.step() {
			return nil, false
		}
		if t.depth == 0 && t.begun {
			break
		}
	}
	return t.out, t.begun
}

// tidier copies JSON from in to out.
type tidier struct {
	in    string
	i     int
	out   []byte
	depth int
	begun bool
}

// step copies one token; false when the nesting is too deep.
func (t *tidier) step() bool {
	switch c := t.in[t.i]; {
	case c == '"':
		t.text()
		return true
	case c == '/' && strings.HasPrefix(t.in[t.i:], "/*"):
		t.skipPast("*/")
		return true
	case c == '/' && strings.HasPrefix(t.in[t.i:], "//"):
		t.skipPast("\n")
		return true
	case c == '<' && strings.HasPrefix(t.in[t.i:], "<!--"):
		t.skipPast("-->")
		return true
	case c == '{' || c == '[':
		t.begun = true
		if t.depth++; t.depth > maxJSONDepth {
			return false
		}
		t.out = append(t.out, c)
	case c == '}' || c == ']':
		t.depth--
		t.dropComma()
		t.out = append(t.out, c)
	default:
		t.out = append(t.out, c)
	}
	t.i++
	return true
}

// text copies a string and escapes the control characters that stand in it raw.
func (t *tidier) text() {
	t.out = append(t.out, '"')
	for t.i++; t.i < len(t.in); t.i++ {
		switch c := t.in[t.i]; {
		case c == '"':
			t.out = append(t.out, '"')
			t.i++
			return
		case c == '\\' && t.i+1 < len(t.in):
			t.i++
			if strings.IndexByte(`"\/bfnrtu`, t.in[t.i]) >= 0 {
				t.out = append(t.out, '\\', t.in[t.i])
			} else { // not an escape of JSON
				t.out = append(t.out, t.in[t.i])
			}
		case c < ' ':
			t.out = append(t.out, ' ')
		default:
			t.out = append(t.out, c)
		}
	}
}

func (t *tidier) skipPast(end string) {
	i := strings.Index(t.in[t.i:], end)
	if i < 0 {
		t.i = len(t.in)
		return
	}
	t.i += i + len(end)
}

// dropComma takes back a comma that stands before a closing bracket.
func (t *tidier) dropComma() {
	i := len(t.out) - 1
	for i >= 0 && (t.out[i] == ' ' || t.out[i] == '\n' || t.out[i] == '\t' || t.out[i] == '\r') {
		i--
	}
	if i >= 0 && t.out[i] == ',' {
		t.out = t.out[:i]
	}
}
