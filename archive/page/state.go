package page

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// stateScan finds the URLs of pictures in the state that a page hands to its scripts: JSON in <script> elements and in attributes, and
// object literals inside inline scripts. It does not build the values, which are often megabytes: it looks at string literals that
// stand where a value stands (after ":", "[" or "," and before ",", "}" or "]"), so that the halves of a URL that a script would put
// together are not taken for one. JSON inside a string literal is read too.
type stateScan struct {
	found  func(ref string)
	budget *int // bytes of nested text that may still be unescaped
	keys   bool // the names of properties may be URLs too
}

// json reads JSON text: only double quotes delimit strings.
func (s stateScan) json(text string) { s.scan(text, `"`, 0) }

// script reads JavaScript: single quotes delimit strings as well. It does not know regular expressions and comments; since a string
// cannot run over the end of a line, a quote mark in one of these spoils no more than its line.
func (s stateScan) script(text string) { s.scan(text, `"'`, 0) }

func (s stateScan) scan(text, quotes string, depth int) {
	key := ""
	for i := 0; ; {
		open := indexQuote(text[i:], quotes)
		if open < 0 {
			return
		}
		open += i
		end, escaped, closed := literalEnd(text, open)
		if !closed {
			if end == len(text) { // none of these marks closes any more
				quotes = strings.Replace(quotes, text[open:open+1], "", 1)
				end = open
			}
			i = end + 1
			continue
		}
		literal := text[open+1 : end]
		after := nextByte(text, end+1)
		if after == ':' {
			key = literal
			if s.keys && isAbsolute(key) && isReference(key) && isPlainPicture(key) {
				s.found(key)
			}
		} else {
			s.value(literal, escaped, prevByte(text, open-1), after, key, depth)
		}
		i = end + 1
	}
}

// value looks at one literal that is not a key.
func (s stateScan) value(literal string, escaped bool, before, after byte, key string, depth int) {
	if len(literal) < 6 {
		return
	}
	if escaped && depth < 3 && strings.Contains(literal, `\"`) && len(literal) <= *s.budget {
		*s.budget -= len(literal)
		s.scan(unescapeJS(literal), `"`, depth+1)
		return
	}
	if !strings.ContainsRune(":[,", rune(before)) || !strings.ContainsRune(",]}", rune(after)) {
		// Markup inside a string, as in an article's text.
		if depth == 0 || before != '=' || !strings.ContainsRune(" />", rune(after)) {
			return
		}
	}
	if c := literal[0]; c != 'h' && c != '/' && c != '\\' {
		return
	}
	if escaped {
		literal = unescapeJS(literal)
	}
	if !isReference(literal) || !isRooted(literal) {
		return
	}
	path, _, _ := strings.Cut(literal, "?")
	if hasImageExtension(path) || key == "src" && hasImageExtension(literal) || isImageWord(key) && isPlainPicture(literal) {
		s.found(literal)
	}
}

func indexQuote(text, quotes string) int {
	if len(quotes) == 1 {
		return strings.IndexByte(text, quotes[0])
	}
	return strings.IndexAny(text, quotes)
}

// literalEnd gives the index of the quote mark that closes the literal opened at open, and whether it holds escapes. When the line or
// the text ends first, closed is false and end is there.
func literalEnd(text string, open int) (end int, escaped, closed bool) {
	mark := text[open]
	for i := open + 1; ; i++ {
		n := strings.IndexByte(text[i:], mark)
		part := text[i:]
		if n >= 0 {
			part = text[i : i+n]
		}
		if line := strings.IndexByte(part, '\n'); line >= 0 {
			return i + line, false, false
		}
		if n < 0 {
			return len(text), false, false
		}
		if strings.IndexByte(part, '\\') >= 0 {
			escaped = true
		}
		i += n
		backslashes := 0
		for j := i - 1; j > open && text[j] == '\\'; j-- {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i, escaped, true
		}
	}
}

func nextByte(text string, i int) byte {
	for ; i < len(text); i++ {
		if c := text[i]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return '}' // the text's end closes everything
}

func prevByte(text string, i int) byte {
	for ; i >= 0; i-- {
		if c := text[i]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// unescapeJS undoes the escapes of JSON and of JavaScript string literals. What is no escape stays.
func unescapeJS(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		width := 0
		switch s[i] {
		case 'n', 'r', 't', 'b', 'f', 'v':
			out = append(out, ' ')
			continue
		case 'u':
			width = 4
		case 'x':
			width = 2
		}
		if width > 0 && i+width < len(s) {
			if code, err := strconv.ParseUint(s[i+1:i+1+width], 16, 32); err == nil {
				out = utf8.AppendRune(out, rune(code))
				i += width
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

// isImageWord says that the name of a property or attribute promises a picture: "image", "imageUrl", "og_img", "thumbnail", "poster".
func isImageWord(name string) bool {
	if len(name) > 64 {
		return false
	}
	low := strings.ToLower(name)
	for _, word := range [...]string{"image", "img", "photo", "picture", "thumb", "poster", "srcset"} {
		if strings.Contains(low, word) {
			return true
		}
	}
	return false
}
