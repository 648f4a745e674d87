package page

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tearsheet/archive/photo/creditline"
)

// spot is an element beside a picture that holds a credit, and nothing else.
type spot struct {
	node *html.Node
	text string
	rank rank
	more []*html.Node // elements behind it that go on with it
}

// rank says by what an element is known to hold a credit; lower is surer.
type rank int

const (
	rankLabelled rank = iota // it begins with "Photo:" or "©", or names an agency as credits do
	rankCalled               // its class, property or label says so
	rankNamed                // it names an agency, and nothing but names
	rankPlaced               // its place behind the caption, and that it looks like a name
)

// spots finds the credits beside a picture, the surest first.
func (s *selection) spots(b *beside) []spot {
	f := spotFinder{s: s, p: b.p}
	if len(b.around) > 0 {
		box := b.around[len(b.around)-1]
		if b.plain > 0 {
			f.nearest = b.around[b.plain-1]
		}
		f.look(box, spotScope{figure: figureOf(box) != nil, near: f.nearest == box})
	}
	for _, n := range slices.Concat(b.after, b.before) {
		f.element(n, spotScope{near: true})
	}
	slices.SortStableFunc(f.found, func(a, b spot) int { return int(a.rank - b.rank) })
	return f.found
}

// spotScope is what an element beside a picture inherits.
type spotScope struct {
	depth   int
	figure  bool       // inside a figure or a caption: who is called the author there is the picture's
	caption *html.Node // the caption around
	near    bool       // inside the part of the picture's box that does not hold the headline
}

type spotFinder struct {
	s     *selection
	p     *picture
	found []spot

	taken   []*html.Node // elements that go on with a credit
	nearest *html.Node   // the largest element around the picture without the headline
}

// look goes through the children of n.
func (f *spotFinder) look(n *html.Node, in spotScope) {
	if in.depth++; in.depth > 2*captionLevels {
		return
	}
	for c := n.FirstChild; c != nil && f.s.mayLook(); c = c.NextSibling {
		if c.Type == html.ElementNode {
			f.element(c, in)
		}
	}
}

// element decides about one element beside the picture, and looks into it if it is no credit itself.
func (f *spotFinder) element(c *html.Node, in spotScope) {
	if slices.Contains(f.taken, c) || isUnseen(c) || c.DataAtom == atom.Button || c == f.p.img || f.s.article.heading == c || f.s.article.spine[c] {
		return
	}
	z := f.s.creditZone(c)
	if c.DataAtom == atom.Figcaption || z&zoneCaption != 0 && z&zoneCredit == 0 {
		in.caption = c
	}
	in.near = in.near || c == f.nearest
	in.figure = in.figure || in.caption != nil || c.DataAtom == atom.Figure
	if in.figure && z&zoneAuthor != 0 {
		z |= zoneCredit
	}
	if contains(c, f.p.node) || f.s.holds[c] > 0 {
		f.look(c, in)
		return
	}
	if z&(zoneHidden|zoneAd|zoneComments) != 0 && z&(zoneCaption|zoneCredit) == 0 {
		return
	}
	text := strings.Trim(textUpTo(c, maxLongCredit, f.s.isInterface), " |")
	if text == "" {
		return
	}
	if r, ok := f.judge(c, text, z, in); ok {
		text, more := f.goesOn(c, text, in)
		f.found = append(f.found, spot{c, text, r, more})
		f.taken = append(f.taken, more...)
		return
	}
	f.look(c, in)
}

// judge says whether an element is a credit, and by what.
func (f *spotFinder) judge(c *html.Node, text string, z zone, in spotScope) (rank, bool) {
	if len(text) > maxCredit && !(z&zoneCredit != 0 && creditline.HasLabel(text)) || isHeadingElement(c) && z&zoneCredit == 0 {
		return 0, false
	}
	if c.DataAtom == atom.P && f.s.isText(c) && !f.besidePicture(c) {
		return 0, false // a paragraph of the article: at its foot it may speak of all pictures
	}
	called := z&zoneCredit != 0
	whole := c == in.caption // the caption itself: a credit only if it is nothing else
	switch {
	case called && !whole && f.s.holdsZone(c, zoneCaption, 0) && !f.s.holdsOnly(c, text):
		return 0, false // a wrapper of caption and credit
	case called && f.wrapsCredit(c, text):
		return 0, false
	case called && z&zoneCaption != 0 && !whole && !creditline.LooksLikeCredit(text) && !creditline.HasLabel(text):
		return 0, false // called by both names: what it says decides
	case !called && f.s.holdsZone(c, zoneCredit, 0) && !f.s.holdsOnly(c, text):
		return 0, false // a part of it is called the credit
	case creditline.HasLabel(text) && !creditline.NamesPicture(text) && in.caption == nil && !in.figure && !in.near:
		return 0, false // where the text comes from
	case creditline.HasLabel(text) && (creditline.NamesPicture(text) || called):
		return rankLabelled, creditline.IsCredit(text)
	case called && !(in.caption != nil || in.figure || in.near):
		return 0, false
	case creditline.HasLabel(text):
		return rankNamed, in.near && creditline.IsCredit(text)
	case called && !whole:
		return rankCalled, !isSentence(text) && !isDate(text)
	case whole:
		caption, _ := creditline.Split(text)
		return rankPlaced, creditline.IsParty(text) && (caption == "" || caption == text)
	case f.followsLabel(c):
		return 0, false // label and name are one credit
	case creditline.IsCredit(text) && (in.caption != nil || in.near && isAlone(c, text)):
		return rankNamed, true
	case in.caption != nil && f.endsCaption(c, in.caption) && len(text) <= maxBareName:
		marked := c.DataAtom == atom.Cite || c.DataAtom == atom.Small
		return rankPlaced, creditline.IsParty(text) || creditline.LooksLikeCredit(text) && (marked || c.DataAtom != atom.A && strings.Contains(text, " "))
	}
	return 0, false
}

// goesOn adds to a credit what stands behind its element and goes on with it: "Photo by Jo Marsh</span> / <span>Gazette".
func (f *spotFinder) goesOn(c *html.Node, text string, in spotScope) (string, []*html.Node) {
	if in.caption == nil {
		return text, nil
	}
	var b strings.Builder
	var more []*html.Node
	for n := c.NextSibling; n != nil; n = n.NextSibling {
		switch n.Type {
		case html.TextNode:
			appendCollapsed(&b, n.Data)
		case html.ElementNode:
			if t := textUpTo(n, maxCredit, f.s.isInterface); t != "" {
				appendCollapsed(&b, t)
				more = append(more, n)
			}
		}
	}
	rest := strings.TrimSpace(b.String())
	if rest == "" || len(rest) > maxBareName || strings.IndexByte("/|&", rest[0]) < 0 || !creditline.LooksLikeCredit(strings.TrimLeft(rest, "/|& ")) {
		return text, nil
	}
	return text + " " + rest, more
}

// holdsOnly says that all the text of an element stands in one of its children that calls itself a credit.
func (s *selection) holdsOnly(n *html.Node, text string) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && s.creditZone(c)&zoneCredit != 0 && strings.Trim(textUpTo(c, maxCredit+1, s.isInterface), " |") == text {
			return true
		}
	}
	return false
}

// wrapsCredit says that only a part of an element's text is in an element that calls itself a credit too.
func (f *spotFinder) wrapsCredit(n *html.Node, text string) bool {
	inner := false
	var look func(n *html.Node, depth int)
	look = func(n *html.Node, depth int) {
		for c := n.FirstChild; c != nil && depth < 4 && !inner && f.s.mayLook(); c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			if f.s.creditZone(c)&zoneCredit != 0 {
				t := textUpTo(c, maxCredit+1, f.s.isInterface)
				inner = t != "" && 2*len(t) < len(text)
			}
			look(c, depth+1)
		}
	}
	look(n, 0)
	return inner
}

// endsCaption says that an element is the last of a caption that says more than this, or stands at its very begin.
func (f *spotFinder) endsCaption(c, caption *html.Node) bool {
	return !hasTextAfter(c, caption) || !hasTextBefore(c, caption)
}

// besidePicture says that nothing stands between an element and the picture.
func (f *spotFinder) besidePicture(c *html.Node) bool {
	for _, n := range [...]*html.Node{prevElement(c), nextElement(c)} {
		if n != nil && contains(n, f.p.node) || n == f.p.node {
			return true
		}
	}
	return false
}

// isAlone says that an element has the block in which it stands for itself: it is no word of a paragraph.
func isAlone(c *html.Node, text string) bool {
	n := c
	for n.Parent != nil && !isBlock(n) {
		n = n.Parent
	}
	return n == c || len(textUpTo(n, len(text)+2, nil)) <= len(text)
}

// followsLabel says that the text right before an element announces what stands in it: "Foto: <em>Jo Marsh</em>".
func (f *spotFinder) followsLabel(c *html.Node) bool {
	for n := c.PrevSibling; n != nil; n = n.PrevSibling {
		var text string
		switch n.Type {
		case html.TextNode:
			text = strings.TrimSpace(n.Data)
		case html.ElementNode:
			text = textUpTo(n, maxCredit, nil)
		}
		if text == "" {
			continue
		}
		text = text[strings.LastIndexAny(text, " .(")+1:]
		return (strings.HasSuffix(text, ":") || strings.HasSuffix(text, "=")) && creditline.HasLabel(text+" X")
	}
	return false
}

func hasTextAfter(c, within *html.Node) bool {
	for n := c; n != nil && n != within; n = n.Parent {
		for sib := n.NextSibling; sib != nil; sib = sib.NextSibling {
			if nodeText(sib) != "" {
				return true
			}
		}
	}
	return false
}

func hasTextBefore(c, within *html.Node) bool {
	for n := c; n != nil && n != within; n = n.Parent {
		for sib := n.PrevSibling; sib != nil; sib = sib.PrevSibling {
			if nodeText(sib) != "" {
				return true
			}
		}
	}
	return false
}

// nodeText is some of the text of a node; "" when there is none.
func nodeText(n *html.Node) string {
	switch n.Type {
	case html.TextNode:
		return strings.Trim(n.Data, htmlSpace+"|/–—\u00a0")
	case html.ElementNode:
		if isUnseen(n) || n.DataAtom == atom.Button {
			return ""
		}
		return textUpTo(n, 1, nil)
	}
	return ""
}

func isHeadingElement(n *html.Node) bool {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4:
		return true
	}
	return false
}

// isSentence says that a text tells something: it has as many words as a sentence, most of them small, and ends like one.
func isSentence(text string) bool {
	words := strings.Fields(text)
	if len(words) < 8 || creditline.HasLabel(text) {
		return false
	}
	small := 0
	for _, w := range words {
		if c := w[0]; c >= 'a' && c <= 'z' {
			small++
		}
	}
	return 2*small > len(words) && !strings.ContainsAny(text, "/©|")
}
