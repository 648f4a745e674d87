package page

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// reader is the state of one walk. The walk only collects; what the parts mean together (which pictures are the article's, which of
// several titles holds) is decided in finish, when all has been seen.
type reader struct {
	at     string // the page's URL
	res    resolver
	based  bool // a base element was seen; further ones do not count
	needs  *needs
	claims claims
	linked linkedData
	links  []Link

	order    int // elements entered so far: the position of everything that is remembered
	pics     []*picture
	unlisted int // pictures beyond the bound
	carriers []carrier
	blocks   []block
	paras    []para
	headings []heading
	bylines  []byline
	article  *article // found when it is first asked for
	dated    bool     // a time element was read
	metaPics []string // what og:image and its like name, absolute
	paths    cssPaths
	preview  []description // what og:image and its like say
	states   []state       // where scripts find what the page knows of its pictures
	refresh  string
	title    string
	text     textCount
	zones    map[string]zone
	nested   int // bytes of JSON inside strings that may still be read
}

// scope is what an element inherits from its ancestors.
type scope struct {
	depth    int
	embedded int        // documents around: noscript, srcdoc
	host     *html.Node // the page's own element that holds the embedded document
	picture  *picture   // of the <picture> around
	anchor   *anchor
	media    bool // inside video or audio
	para     bool // inside a paragraph
	quiet    bool // text here is not the article's
}

// block is an element that holds paragraphs.
type block struct {
	node       *html.Node
	start, end int // the element's own order, and the first order behind it
	text       int // characters of paragraphs
}

// para is a paragraph, or a run of text as long as one.
type para struct {
	order int
	text  int        // characters
	node  *html.Node // the p element; nil for a run of text
}

type heading struct {
	node  *html.Node
	order int
	text  string
}

// anchor is a hyperlink that has been entered.
type anchor struct {
	node *html.Node
	url  string
	text strings.Builder
}

func newReader(at *url.URL) *reader {
	r := &reader{res: newResolver(at), needs: newNeeds(), claims: newClaims(at), zones: make(map[string]zone, 256), paths: cssPaths{}, nested: maxStateNested}
	if at != nil {
		u := *at
		u.User = nil
		r.at = u.String()
	}
	return r
}

// children walks the children of n and gives the characters of paragraph text below it.
func (r *reader) children(n *html.Node, s scope) int {
	sum := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.ElementNode:
			sum += r.element(c, s)
		case html.TextNode:
			sum += r.textNode(c, s)
		}
	}
	return sum
}

func (r *reader) textNode(n *html.Node, s scope) int {
	if s.anchor != nil && s.anchor.text.Len() < maxLinkText {
		appendCollapsed(&s.anchor.text, clip(n.Data, maxLinkText))
	}
	if s.quiet || s.host != nil {
		return 0
	}
	if s.para {
		r.text.add(n.Data)
		return 0
	}
	if s.anchor != nil || len(n.Data) < longText {
		return 0
	}
	length := countText(n.Data)
	if length < longText {
		return 0
	}
	r.paras = append(r.paras, para{r.order, length, nil})
	return length
}

// longText is from how many characters on a run of text outside <p> is a paragraph.
const longText = 80

func (r *reader) element(n *html.Node, s scope) int {
	if s.depth++; s.depth > maxDepth {
		return 0
	}
	r.order++
	start, carried := r.order, len(r.carriers)
	if !r.enter(n, &s) {
		return 0
	}
	r.attributes(n, s)
	paragraph := n.DataAtom == atom.P && !s.para
	if paragraph {
		s.para = true
		r.text = textCount{space: true}
	}
	sum := r.children(n, s)
	if carried < len(r.carriers) && r.carriers[carried].order == start {
		r.carriers[carried].end = r.order + 1
	}
	switch {
	case paragraph && !s.quiet && s.host == nil:
		if length := r.text.length(); length > 0 {
			r.paras = append(r.paras, para{start, length, n})
			sum += length
		}
	case n.DataAtom == atom.A && s.anchor != nil && s.anchor.node == n:
		r.leaveAnchor(s.anchor)
	case sum >= longText && s.host == nil:
		r.blocks = append(r.blocks, block{n, start, r.order + 1, sum})
	}
	return sum
}

func (r *reader) leaveAnchor(a *anchor) {
	if a.url != "" && len(r.links) < maxLinks {
		r.links = append(r.links, Link{URL: a.url, Text: strings.TrimRight(a.text.String(), " ")})
	}
}

// embed walks a document that stands inside the page as text: the content of noscript, or a frame's srcdoc. host is the page's element.
func (r *reader) embed(markup string, host *html.Node, s scope) {
	if s.embedded >= maxEmbedded || strings.IndexByte(markup, '<') < 0 {
		return
	}
	nodes, err := html.ParseFragment(strings.NewReader(markup), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return // nested too deep: a browser would show none of it
	}
	s.embedded++
	if s.host == nil {
		s.host = host
	}
	for _, n := range nodes {
		if n.Type == html.ElementNode {
			r.element(n, s)
		}
	}
}

// textCount counts the characters of a paragraph whose text comes in pieces, white space collapsed.
type textCount struct {
	n     int
	space bool
}

func (t *textCount) add(s string) {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f':
			if !t.space {
				t.n++
			}
			t.space = true
		case c&0xC0 != 0x80: // not a continuation byte
			t.n++
			t.space = false
		}
	}
}

func (t *textCount) length() int {
	if t.space && t.n > 0 {
		return t.n - 1
	}
	return t.n
}
