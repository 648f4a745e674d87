package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// captionFinder finds the visible caption of one picture among what stands beside it.
type captionFinder struct {
	s       *selection
	b       *beside
	credits map[*html.Node]bool // elements that hold the credit, and are no part of the caption
}

// find gives the caption as shown, a credit at its end included, and the element that holds it. It looks first for an element that is or
// calls itself a caption, then for any text.
func (f *captionFinder) find() (string, *html.Node) {
	for _, n := range f.b.around {
		if found := f.named(n, 0); found != nil {
			return f.text(found), found
		}
	}
	for _, n := range f.b.after {
		if text, found := f.neighbour(n); found != nil {
			return text, found
		}
	}
	for _, n := range f.b.before {
		if f.s.creditZone(n)&zoneCaption != 0 && !f.credits[n] && f.text(n) != "" {
			return f.text(n), n
		}
	}
	for _, n := range f.b.around[:f.b.plain] {
		if text, found := f.unnamed(n); found != nil {
			return text, found
		}
	}
	return "", nil
}

// neighbour reads an element behind the picture's box.
func (f *captionFinder) neighbour(n *html.Node) (string, *html.Node) {
	if isUnseen(n) || f.credits[n] {
		return "", nil
	}
	if f.s.creditZone(n)&zoneCaption != 0 && f.text(n) != "" {
		return f.text(n), n
	}
	if found := f.named(n, 0); found != nil {
		return f.text(found), found
	}
	if text := f.text(n); len(text) >= leastCaption && (f.holdsCredit(n) || endsInCredit(text)) {
		return text, n // it was taken for its credit: what else it says is the caption
	}
	return "", nil
}

func (f *captionFinder) holdsCredit(n *html.Node) bool {
	for c := range f.credits {
		if c != n && contains(n, c) {
			return true
		}
	}
	return false
}

// named looks below n for a figcaption, or for an element whose class or property says caption.
func (f *captionFinder) named(n *html.Node, depth int) *html.Node {
	var named *html.Node
	for c := n.FirstChild; c != nil && depth < captionLevels && f.s.mayLook(); c = c.NextSibling {
		if c.Type != html.ElementNode || isUnseen(c) || f.credits[c] {
			continue
		}
		if f.s.creditZone(c)&zoneCaption != 0 && !contains(c, f.b.p.node) && f.text(c) != "" {
			if c.DataAtom == atom.Figcaption {
				return c
			}
			if named == nil {
				named = c
			}
			continue
		}
		if found := f.named(c, depth+1); found != nil {
			if found.DataAtom == atom.Figcaption {
				return found
			}
			if named == nil {
				named = found
			}
		}
	}
	return named
}

// unnamed takes the longest text that stands beside the picture within n, unless there is more than a caption has.
func (f *captionFinder) unnamed(n *html.Node) (string, *html.Node) {
	var text string
	var found *html.Node
	total := 0
	var look func(n *html.Node, depth int)
	look = func(n *html.Node, depth int) {
		for c := n.FirstChild; c != nil && f.s.mayLook(); c = c.NextSibling {
			if c.Type != html.ElementNode || depth > captionLevels || isUnseen(c) || f.skip(c) || f.s.isText(c) {
				continue
			}
			if hasText(c) && !contains(c, f.b.p.node) {
				t := f.text(c)
				total += len(t)
				if len(t) > len(text) {
					text, found = t, c
				}
				continue
			}
			look(c, depth+1)
		}
	}
	look(n, 0)
	if len(text) < leastCaption || isDate(text) || total > longCaption || f.s.isStandfirst(text) {
		return "", nil
	}
	return text, found
}

// text is the text of a caption without what is none, with its line ends.
func (f *captionFinder) text(n *html.Node) string {
	return cutInterface(strings.Trim(linesOf(n, f.skip), " |/–—"))
}

// skip says that an element inside or beside a caption is none: the credit, buttons, text that only screen readers show.
func (f *captionFinder) skip(c *html.Node) bool {
	if f.credits[c] || c.DataAtom == atom.Button || !f.s.mayLook() {
		return true
	}
	z := f.s.r.zoneOf(c)
	return z&zoneCaption == 0 && z&(zoneCredit|zoneHidden|zoneChrome) != 0
}

// isInterface says that an element is there to be pressed, or for screen readers alone.
func (s *selection) isInterface(c *html.Node) bool {
	z := s.r.zoneOf(c)
	return c.DataAtom == atom.Button || z&(zoneHidden|zoneChrome) != 0 && z&(zoneCaption|zoneCredit) == 0
}

// isText says that an element is a paragraph like those of the article, or the headline.
func (s *selection) isText(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P:
		return paragraphLook(n) == s.article.look
	case atom.H1:
		return n == s.article.heading || strings.Contains(s.r.title, textOf(n, nil))
	case atom.H2, atom.H3, atom.Time, atom.Ul, atom.Ol:
		return true
	}
	return s.r.zoneOf(n)&(zoneAuthor|zoneTeaser|zoneAd|zoneLede) != 0
}

// isStandfirst says that a text beside a picture is the headline, or the lines below it, which pages repeat as their description.
func (s *selection) isStandfirst(text string) bool {
	for from := range sourceCount {
		for _, f := range [...]field{fieldDescription, fieldTitle} {
			if said := s.r.claims.said[f][from]; said != "" && (strings.HasPrefix(said, text) || len(said) >= leastCaption && strings.HasPrefix(text, said)) {
				return true
			}
		}
	}
	return false
}

// mayLook counts the elements that were looked at, so that a page made to be slow costs no more than a long one.
func (s *selection) mayLook() bool {
	s.look--
	return s.look > 0
}

// hasText says that text stands directly in n.
func hasText(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return true
		}
	}
	return false
}
