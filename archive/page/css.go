package page

import (
	"bytes"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// StyleURLs lists what a style sheet refers to, each URL once: @import (KindStyle, essential), url() and image-set() (KindImage, and
// KindFont inside @font-face). base is the style sheet's own URL.
func StyleURLs(sheet []byte, base *url.URL) []Requisite {
	n := newNeeds()
	res := newResolver(base)
	for ref := range StyleReferences(sheet) {
		n.add(res, ref.URL, ref.Kind, ref.Kind == KindStyle)
	}
	return n.list
}

// StyleReference is a place in a style sheet that names something a browser would fetch.
type StyleReference struct {
	URL  string // as written, with escapes undone; not yet absolute
	Kind Kind   // KindStyle for @import, KindFont inside @font-face, KindImage elsewhere

	// sheet[Start:End] is the token that holds the URL, in bytes: url(…) as a whole, or a string with its quotes. Whoever replaces these
	// bytes, and no others, changes the reference and nothing else.
	Start, End int
	String     bool // the token is a string, as @import and image-set() allow, and not url(…)
}

// StyleReferences gives the references in a style sheet, or in the declarations of a style attribute, in the order in which they stand.
// The tokens of CSS Syntax Level 3 decide what is one: comments and strings hold things that look like it. Not given are references that
// cause no request: empty ones, those into the document itself (#…), data URLs, and the names of @namespace. The sheet is not changed.
func StyleReferences(sheet []byte) iter.Seq[StyleReference] {
	return func(yield func(StyleReference) bool) {
		if !mentionsURL(sheet) {
			return
		}
		lex := css.NewLexer(parse.NewInputBytes(bytes.Clone(sheet))) // the lexer writes a NUL behind its input
		var s styleScan
		for end := 0; ; {
			token, text := lex.Next()
			if token == css.ErrorToken {
				return
			}
			start := end
			end += len(text)
			written, kind := s.next(token, text)
			if kind == "" || !leadsOut(written) { // before the copy: data URLs are long
				continue
			}
			if ref := unescapeCSS(written); leadsOut(ref) && !yield(StyleReference{ref, kind, start, end, token == css.StringToken}) {
				return
			}
		}
	}
}

// leadsOut says that a reference names something outside of the document and the style sheet that it stands in.
func leadsOut[T ~string | ~[]byte](ref T) bool {
	return len(ref) > 0 && ref[0] != '#' && !hasPrefixFold(ref, "data:")
}

// mentionsURL spares most style sheets and nearly all style attributes the lexer.
func mentionsURL(sheet []byte) bool {
	if bytes.IndexByte(sheet, '\\') >= 0 {
		return true // an escape can hide any name
	}
	for rest := sheet; ; {
		before, after, found := bytes.Cut(rest, []byte("("))
		if !found {
			break
		}
		if hasSuffixFold(before, "url") || hasSuffixFold(before, "image-set") {
			return true
		}
		rest = after
	}
	i := bytes.IndexByte(sheet, '@')
	return i >= 0 && bytes.Contains(bytes.ToLower(sheet[i:]), []byte("@import"))
}

// At-rules that decide what a URL means. Of @import and @namespace only the prelude does.
const (
	ruleImport    = "@import"
	ruleFont      = "@font-face"
	ruleNamespace = "@namespace"
)

// styleScan follows the tokens of a style sheet as far as the meaning of a URL depends on where it stands.
type styleScan struct {
	rule   string // the at-rule whose prelude is being read, in lower case; ruleFont also in its block
	braces int    // open braces of that block
	parens int    // open parentheses since image-set( or url(
}

// next takes a token and gives the reference that it holds as it is written; the kind is "" when it holds none.
func (s *styleScan) next(token css.TokenType, text []byte) ([]byte, Kind) {
	switch token {
	case css.AtKeywordToken:
		s.rule, s.braces = strings.ToLower(unescapeCSS(text)), 0
	case css.SemicolonToken:
		if s.braces == 0 {
			s.rule = ""
		}
	case css.LeftBraceToken:
		if s.rule == ruleFont {
			s.braces++
		} else {
			s.rule = ""
		}
	case css.RightBraceToken:
		s.braces = max(0, s.braces-1)
		if s.braces == 0 {
			s.rule = ""
		}
	case css.FunctionToken:
		if s.parens > 0 || takesURL(text) {
			s.parens++
		}
	case css.LeftParenthesisToken:
		if s.parens > 0 {
			s.parens++
		}
	case css.RightParenthesisToken:
		s.parens = max(0, s.parens-1)
	case css.URLToken:
		return insideURL(text), s.kind()
	case css.StringToken:
		if s.parens == 1 || s.rule == ruleImport { // deeper strings are arguments of type()
			return unquote(text), s.kind()
		}
	}
	return nil, ""
}

// takesURL says that the strings which a function takes are URLs. A url( that the lexer did not recognise has escapes in its name.
func takesURL(function []byte) bool {
	if bytes.IndexByte(function, '\\') >= 0 {
		name := unescapeCSS(function)
		return strings.EqualFold(name, "url(") || hasSuffixFold(name, "image-set(")
	}
	return hasSuffixFold(function, "image-set(")
}

// kind tells what a URL means that stands here.
func (s *styleScan) kind() Kind {
	switch s.rule {
	case ruleImport:
		s.rule = "" // what follows the URL are conditions
		return KindStyle
	case ruleFont:
		return KindFont
	case ruleNamespace:
		return ""
	}
	return KindImage
}

// insideURL takes the reference out of url(x), url("x") or url('x').
func insideURL(token []byte) []byte {
	inside := token[bytes.IndexByte(token, '(')+1:]
	return unquote(bytes.TrimSpace(bytes.TrimSuffix(inside, []byte(")"))))
}

// unquote takes the quotes off a string, of which the end of the style sheet may have cut the second.
func unquote(s []byte) []byte {
	if len(s) == 0 || s[0] != '"' && s[0] != '\'' {
		return s
	}
	quote, inside := s[0], s[1:]
	if last := len(inside) - 1; last >= 0 && inside[last] == quote {
		inside = inside[:last]
	}
	return inside
}

// unescapeCSS undoes escapes (CSS Syntax Level 3, section 4.3.7): up to six hexadecimal digits and one white space, or a character.
func unescapeCSS(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		if i++; i == len(b) {
			break // the end of the style sheet is nothing that could be escaped
		}
		digits := 0
		for digits < 6 && i+digits < len(b) && isHex(b[i+digits]) {
			digits++
		}
		switch {
		case digits > 0:
			code, _ := strconv.ParseUint(string(b[i:i+digits]), 16, 32) // one to six hexadecimal digits always parse
			out = utf8.AppendRune(out, rune(code))
			i += digits - 1
			if i+1 < len(b) && strings.IndexByte(htmlSpace, b[i+1]) >= 0 {
				i++
			}
		case b[i] != '\n': // an escaped line end is nothing
			out = append(out, b[i])
		}
	}
	return string(out)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func hasPrefixFold[T ~string | ~[]byte](s T, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(string(s[:len(prefix)]), prefix)
}

func hasSuffixFold[T ~string | ~[]byte](s T, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(string(s[len(s)-len(suffix):]), suffix)
}
