package page

import (
	"bytes"
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
	styleURLs(sheet, func(ref string, kind Kind) {
		n.add(res, ref, kind, kind == KindStyle)
	})
	return n.list
}

// styleURLs calls found for every reference in a style sheet or in the declarations of a style attribute.
func styleURLs(sheet []byte, found func(ref string, kind Kind)) {
	if !mentionsURL(sheet) {
		return
	}
	lex := css.NewLexer(parse.NewInputBytes(bytes.Clone(sheet))) // the lexer writes a NUL behind its input
	var s styleScan
	for {
		token, text := lex.Next()
		if token == css.ErrorToken {
			return
		}
		if ref, kind := s.next(token, text); ref != "" && !hasPrefixFold(ref, "data:") {
			found(ref, kind)
		}
	}
}

// mentionsURL spares most style sheets and nearly all style attributes the lexer.
func mentionsURL(sheet []byte) bool {
	for rest := sheet; ; {
		i := bytes.IndexByte(rest, '(')
		if i < 0 {
			break
		}
		before := rest[:i]
		if hasSuffixFold(before, "url") || hasSuffixFold(before, "image-set") || bytes.HasSuffix(before, []byte(`\`)) {
			return true
		}
		rest = rest[i+1:]
	}
	i := bytes.IndexByte(sheet, '@')
	return i >= 0 && bytes.Contains(bytes.ToLower(sheet[i:]), []byte("@import"))
}

// styleScan follows the tokens of a style sheet as far as the meaning of a URL depends on where it stands.
type styleScan struct {
	rule   Kind // what a URL means inside the at-rule whose prelude or block is being read; "" outside
	ignore bool // @namespace names URLs that nobody fetches
	braces int  // open braces since rule was set
	parens int  // open parentheses since image-set(
}

// next takes a token and gives the reference that it holds.
func (s *styleScan) next(token css.TokenType, text []byte) (string, Kind) {
	switch token {
	case css.AtKeywordToken:
		s.rule, s.ignore, s.braces = "", false, 0
		switch strings.ToLower(string(text)) {
		case "@import":
			s.rule = KindStyle
		case "@font-face":
			s.rule = KindFont
		case "@namespace":
			s.ignore = true
		}
	case css.SemicolonToken:
		if s.braces == 0 {
			s.rule, s.ignore = "", false
		}
	case css.LeftBraceToken:
		s.braces++
	case css.RightBraceToken:
		if s.braces--; s.braces <= 0 {
			s.rule, s.braces = "", 0
		}
	case css.FunctionToken:
		if s.parens > 0 || hasSuffixFold(text, "image-set(") {
			s.parens++
		}
	case css.LeftParenthesisToken:
		if s.parens > 0 {
			s.parens++
		}
	case css.RightParenthesisToken:
		s.parens = max(0, s.parens-1)
	case css.URLToken:
		if !s.ignore {
			return urlToken(text), s.kind()
		}
	case css.StringToken:
		if s.parens == 1 && len(text) > 1 { // deeper strings are arguments of type()
			return unescapeCSS(text[1 : len(text)-1]), KindImage
		}
		if s.rule == KindStyle && s.braces == 0 && len(text) > 1 {
			s.rule = "" // what follows the URL are conditions
			return unescapeCSS(text[1 : len(text)-1]), KindStyle
		}
	}
	return "", ""
}

func (s *styleScan) kind() Kind {
	if s.rule == "" {
		return KindImage
	}
	return s.rule
}

// urlToken takes the reference out of url(x), url("x") or url('x').
func urlToken(text []byte) string {
	inside := text[bytes.IndexByte(text, '(')+1:]
	inside = bytes.TrimSpace(bytes.TrimSuffix(inside, []byte(")")))
	if len(inside) > 0 && (inside[0] == '"' || inside[0] == '\'') {
		quote := inside[0]
		inside = inside[1:]
		if len(inside) > 0 && inside[len(inside)-1] == quote {
			inside = inside[:len(inside)-1]
		}
	}
	return unescapeCSS(inside)
}

// unescapeCSS undoes escapes (CSS Syntax Level 3, section 4.3.7): up to six hexadecimal digits and one white space, or a character.
func unescapeCSS(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			out = append(out, b[i])
			continue
		}
		i++
		digits := 0
		for digits < 6 && i+digits < len(b) && isHex(b[i+digits]) {
			digits++
		}
		switch {
		case digits > 0:
			code, _ := strconv.ParseUint(string(b[i:i+digits]), 16, 32) // one to six hexadecimal digits always parse
			out = utf8.AppendRune(out, rune(code))
			i += digits - 1
			if i+1 < len(b) && strings.IndexByte(srcsetSpace, b[i+1]) >= 0 {
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
