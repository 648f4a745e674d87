package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tearsheet/archive/photo/creditline"
)

// What stands beside a picture: its box is the elements around it that hold no other picture of the article and not the article's text,
// and the elements that follow the box directly, as far as they call themselves a caption or a credit.

// captionLevels is how many levels above a picture its caption is looked for: pages wrap pictures in frames for their ratio.
const captionLevels = 8

// maxNeighbours is how many elements on either side of the box are looked at.
const maxNeighbours = 3

// Bytes of text.
const (
	maxCredit     = 240  // of a credit in an element of its own
	maxLongCredit = 600  // of one that is called so and has a label: drawings have many makers
	maxBareName   = 100  // of a credit that nothing announces but its place
	longCaption   = 1000 // beside a picture, if one of the texts there is to be its caption
	leastCaption  = 20   // of a caption that nothing calls one
)

// beside is the surroundings of one picture.
type beside struct {
	p      *picture
	around []*html.Node // the picture, and what is around it, innermost first
	after  []*html.Node // elements that follow the box
	before []*html.Node // elements that stand before it, nearest first
	plain  int          // so many levels may hold a caption that nothing calls one: those without the headline
}

// besides finds the surroundings of a picture.
func (s *selection) besides(p *picture) *beside {
	b := &beside{p: p}
	for n := p.node; n != nil && len(b.around) < captionLevels && s.holds[n] < 2 && !s.article.spine[n] && n.DataAtom != atom.Body; n = n.Parent {
		b.around = append(b.around, n)
		if s.article.heading == nil || !contains(n, s.article.heading) {
			b.plain = len(b.around)
		}
	}
	if len(b.around) == 0 {
		return b
	}
	box := b.around[len(b.around)-1]
	for n := nextElement(box); n != nil && len(b.after) < maxNeighbours && s.belongsTo(n, len(b.after) == 0); n = nextElement(n) {
		b.after = append(b.after, n)
	}
	for n := prevElement(box); n != nil && len(b.before) < maxNeighbours && !s.isText(n) && s.belongsTo(n, false); n = prevElement(n) {
		b.before = append(b.before, n)
	}
	return b
}

// belongsTo says that an element beside a picture's box belongs to the picture: it holds no other picture, and it is a caption or a
// credit, or holds one and little else. next says that it stands right behind the picture's box.
func (s *selection) belongsTo(n *html.Node, next bool) bool {
	if s.holds[n] > 0 || s.article.spine[n] || !s.mayLook() {
		return false
	}
	if isUnseen(n) {
		return true
	}
	text := textUpTo(n, longCaption, nil)
	switch {
	case text == "":
		return !hasPicture(n, 0)
	case len(text) >= longCaption:
		return false
	case creditline.HasLabel(text) && len(text) <= maxCredit, next && endsInCredit(text):
		return true
	}
	return s.isZone(n, zoneCaption|zoneCredit, 0)
}

// endsInCredit says that a short text ends in a credit that a label announces: a caption, even where it is marked up as a paragraph.
func endsInCredit(text string) bool {
	if len(text) > longCaption/2 || !strings.ContainsAny(text, ":©(：（") && !strings.Contains(text, " by ") {
		return false // most paragraphs that stand behind a picture
	}
	caption, credit := creditline.Split(text)
	return caption != "" && credit != "" && creditline.NamesPicture(credit)
}

// isZone says that n or an element below it is called so.
func (s *selection) isZone(n *html.Node, z zone, depth int) bool {
	return s.creditZone(n)&z != 0 || s.holdsZone(n, z, depth)
}

// holdsZone says that an element below n is called so.
func (s *selection) holdsZone(n *html.Node, z zone, depth int) bool {
	for c := n.FirstChild; c != nil && depth < 4 && s.mayLook(); c = c.NextSibling {
		if c.Type == html.ElementNode && s.isZone(c, z, depth+1) {
			return true
		}
	}
	return false
}

func hasPicture(n *html.Node, depth int) bool {
	if n.DataAtom == atom.Img || n.DataAtom == atom.Picture {
		return true
	}
	for c := n.FirstChild; c != nil && depth < captionLevels; c = c.NextSibling {
		if c.Type == html.ElementNode && hasPicture(c, depth+1) {
			return true
		}
	}
	return false
}

func nextElement(n *html.Node) *html.Node {
	for n = n.NextSibling; n != nil && n.Type != html.ElementNode; n = n.NextSibling {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			return nil // running text parts what stands before it from what stands behind
		}
	}
	return n
}

func prevElement(n *html.Node) *html.Node {
	for n = n.PrevSibling; n != nil && n.Type != html.ElementNode; n = n.PrevSibling {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			return nil
		}
	}
	return n
}

// creditZone is zoneOf with the attributes in which scripts and screen readers are told what an element is; it is asked for only beside
// pictures.
func (s *selection) creditZone(n *html.Node) zone {
	z := s.r.zoneOf(n)
	for i := range n.Attr {
		a := &n.Attr[i]
		if len(a.Val) == 0 || len(a.Val) > 60 {
			continue
		}
		if a.Key == "aria-label" || strings.HasPrefix(a.Key, "data-") && isWordList(a.Val) {
			z |= zoneWords(a.Val) & (zoneCaption | zoneCredit | zoneAuthor)
		}
	}
	return z
}

// isWordList says that a value is an identifier, and not text or a URL.
func isWordList(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
