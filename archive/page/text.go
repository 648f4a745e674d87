package page

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// MainText derives the running text of the article, paragraphs separated by line ends, for those who search, quote and compare. It
// costs several times the walk of [Read]; the crawl does not need it. The tree is not changed.
func MainText(doc *html.Node, at *url.URL) (string, error) {
	article, err := readability.FromDocument(doc, at)
	if err != nil {
		return "", fmt.Errorf("find the main text of %s: %w", at, err)
	}
	var b strings.Builder
	if err := article.RenderText(&b); err != nil {
		return "", fmt.Errorf("write the main text of %s: %w", at, err)
	}
	return strings.TrimSpace(b.String()), nil
}

// collapse trims s and makes every run of white space one space.
func collapse(s string) string {
	if !needsCollapse(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	appendCollapsed(&b, s)
	return strings.TrimRight(b.String(), " ")
}

func needsCollapse(s string) bool {
	space := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf || c < ' ':
			return true
		case c == ' ':
			if space {
				return true
			}
			space = true
		default:
			space = false
		}
	}
	return space && s != ""
}

// appendCollapsed writes s behind what b holds, so that runs of white space across calls collapse as well.
func appendCollapsed(b *strings.Builder, s string) {
	space := b.Len() == 0 || strings.HasSuffix(b.String(), " ")
	for _, c := range s {
		switch {
		case unicode.IsSpace(c):
			if !space {
				b.WriteByte(' ')
			}
			space = true
		case c == '\u200b' || c == '\u00ad' || c == '\ufeff' || c == '\u200e' || c == '\u200f': // invisible
		case unicode.IsControl(c):
		default:
			b.WriteRune(c)
			space = false
		}
	}
}

// countText counts the characters of s, white space collapsed.
func countText(s string) int {
	t := textCount{space: true}
	t.add(s)
	return t.length()
}

// textOf gives the text below n, white space collapsed, without elements that skip accepts and without what is never shown.
func textOf(n *html.Node, skip func(*html.Node) bool) string { return textUpTo(n, maxURL, skip) }

// textUpTo is textOf that stops when limit bytes are passed.
func textUpTo(n *html.Node, limit int, skip func(*html.Node) bool) string {
	t := textWriter{limit: limit, nodes: maxTextNodes, skip: skip}
	t.write(n, 0)
	return strings.TrimRight(t.b.String(), " ")
}

// clip gives at most n bytes of s, whole characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// maxTextNodes is how many nodes are looked at for one text.
const maxTextNodes = 4096

// linesOf is textOf with a line end wherever a block or a br begins or ends.
func linesOf(n *html.Node, skip func(*html.Node) bool) string {
	t := textWriter{limit: maxURL, nodes: maxTextNodes, skip: skip, lines: true}
	t.write(n, 0)
	lines := strings.FieldsFunc(t.b.String(), func(c rune) bool { return c == lineMark })
	kept := lines[:0]
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

// lineMark stands for a line end while white space is collapsed; it is of the private use area, and no text has it.
const lineMark = '\uE00A'

type textWriter struct {
	b     strings.Builder
	limit int
	nodes int
	skip  func(*html.Node) bool
	lines bool // mark where lines end
}

// edge writes what parts a block from its surroundings.
func (t *textWriter) edge() {
	appendCollapsed(&t.b, " ")
	if t.lines {
		t.b.WriteRune(lineMark)
	}
}

func (t *textWriter) write(n *html.Node, depth int) {
	for c := n.FirstChild; c != nil && t.b.Len() < t.limit && t.nodes > 0 && depth < maxDepth; c = c.NextSibling {
		t.nodes--
		switch c.Type {
		case html.TextNode:
			appendCollapsed(&t.b, clip(c.Data, 4*t.limit)) // the rest of it may be white space
		case html.ElementNode:
			if isUnseen(c) || t.skip != nil && t.skip(c) {
				appendCollapsed(&t.b, " ")
				continue
			}
			block := isBlock(c)
			if block {
				t.edge()
			}
			t.write(c, depth+1)
			if block {
				t.edge()
			}
		}
	}
}

func isUnseen(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Iframe, atom.Select, atom.Textarea:
		return true
	}
	return false
}

func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Br, atom.Li, atom.Ul, atom.Ol, atom.Section, atom.Article, atom.Figcaption, atom.Figure, atom.H1, atom.H2,
		atom.H3, atom.H4, atom.H5, atom.H6, atom.Td, atom.Tr, atom.Table, atom.Dt, atom.Dd, atom.Dl, atom.Blockquote, atom.Cite, atom.Small:
		return true
	}
	return false
}

// attr gives the value of an attribute, "" without one.
func attr(n *html.Node, key string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == key && n.Attr[i].Namespace == "" {
			return n.Attr[i].Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, key string) bool {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return true
		}
	}
	return false
}
