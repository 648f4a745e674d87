package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// byline is an element that says of itself that it names the author. The walk only notes it: whom it names is read when the article's
// place is known, and only on a page that does not tell machines.
type byline struct {
	node     *html.Node
	order    int
	property bool // by microdata, not by a class
}

const (
	maxBylines    = 256 // elements noted
	maxByline     = 100 // bytes of a byline; longer texts of such elements are portraits of the author in words
	maxBylineText = 200 // bytes of the paragraph around one
	maxMarked     = 16  // names marked up in one byline
	maxBylineLook = 50_000
)

func (r *reader) noteByline(n *html.Node, property bool) {
	if len(r.bylines) < maxBylines {
		r.bylines = append(r.bylines, byline{n, r.order, property})
	}
}

// sayBylines reads the bylines of a page on which nothing better names an author.
func (r *reader) sayBylines() {
	if len(r.bylines) == 0 || r.claims.hasAuthor() {
		return
	}
	b := bylines{r: r, article: r.theArticle(), head: r.head(), look: maxBylineLook}
	b.say(fromMicrodata)
	if !r.claims.hasAuthor() {
		b.say(fromByline)
	}
}

// head gathers the elements around the heading that holds the title or is a part of it.
func (r *reader) head() map[*html.Node]bool {
	title := r.claims.sourced(fieldTitle).Value
	around := map[*html.Node]bool{}
	for _, h := range r.headings {
		if h.text == "" || !strings.Contains(h.text, title) && !strings.Contains(title, h.text) {
			continue
		}
		for n := h.node; n != nil; n = n.Parent {
			around[n] = true
		}
		break
	}
	return around
}

// bylines tells the author's byline from what only looks like one.
type bylines struct {
	r       *reader
	article *article
	head    map[*html.Node]bool
	look    int // elements that may still be looked at
}

// say reads the bylines before the end of the text; without any, those below it that the article still holds. A class marks all
// bylines on a page alike, those of other articles too: of these the first counts, with its neighbours of the same class.
func (b *bylines) say(from source) {
	property := from == fromMicrodata
	for _, behind := range [...]bool{false, true} {
		var first *html.Node
		for _, line := range b.r.bylines {
			n := line.node
			if line.property != property || b.article.behind(line.order) != behind || behind && !property && !b.article.holds(line.order) {
				continue
			}
			if first != nil && (contains(first, n) || !property && !isNeighbour(first, n)) || b.foreign(n) {
				continue
			}
			for _, name := range b.names(n, property) {
				b.r.claims.author(from, name)
				first = n
			}
		}
		if first != nil {
			return
		}
	}
}

// isNeighbour says that two bylines are parts of one list.
func isNeighbour(first, n *html.Node) bool {
	if first.Parent == nil || n.Parent == nil || attr(first, "class") != attr(n, "class") {
		return false
	}
	return first.Parent == n.Parent || n.Parent.DataAtom == atom.Li && first.Parent.Parent == n.Parent.Parent
}

// foreign says that what stands around a byline makes it something else: a picture's credit, a comment, the label of a form field, a
// teaser. What shares an element with the headline or with the text is no teaser.
func (b *bylines) foreign(line *html.Node) bool {
	if isImageWord(attr(line, "class")) || b.r.zoneOf(line)&(zoneComments|zoneCaption) != 0 || b.hasControl(line, 0) {
		return true
	}
	for n := line; n != nil && !b.article.spine[n] && !b.head[n] && n.DataAtom != atom.Body; n = n.Parent {
		switch n.DataAtom {
		case atom.Figure, atom.Figcaption, atom.Label, atom.Legend:
			return true
		case atom.Article:
			if b.article.text.node != nil {
				return true // an article beside the article is another one
			}
		case atom.P:
			if len(textUpTo(n, maxBylineText+1, isTime)) > maxBylineText {
				return true
			}
		}
		z := b.r.zoneOf(n)
		if z&(zoneComments|zoneCaption) != 0 || z&zoneTeaser != 0 && z&zoneAuthor == 0 {
			return true
		}
	}
	return false
}

// mayLook counts the elements that were looked at, so that a page made to be slow costs no more than a long one.
func (b *bylines) mayLook() bool {
	b.look--
	return b.look > 0
}

// hasControl says that a form field stands in n or is labelled by it.
func (b *bylines) hasControl(n *html.Node, depth int) bool {
	switch n.DataAtom {
	case atom.Input, atom.Textarea, atom.Select, atom.Label:
		return true
	}
	for c := n.FirstChild; c != nil && depth < propLevels && b.mayLook(); c = c.NextSibling {
		if b.hasControl(c, depth+1) {
			return true
		}
	}
	return false
}

func isTime(n *html.Node) bool { return n.DataAtom == atom.Time }

// names reads the names in a byline: those that are marked up as names, else those in the first of its lines that has any.
func (b *bylines) names(n *html.Node, property bool) []string {
	if property {
		if names := propertyNames(n); len(names) > 0 {
			return names
		}
	}
	if !property && len(textUpTo(n, maxByline+1, isTime)) > maxByline {
		return nil
	}
	marked := b.marked(n, nil, 0)
	if len(marked) == 0 || hasHelpers(n) {
		marked = []*html.Node{n}
	}
	var names []string
	for _, m := range marked {
		for line := range strings.SplitSeq(b.text(m), "\n") {
			if found := lineNames(line); len(found) > 0 {
				names = append(names, found...)
				break
			}
		}
	}
	return names
}

// propertyNames are the names that microdata give for machines, or in an element of its own.
func propertyNames(n *html.Node) []string {
	if v := machineValue(n); v != "" {
		return splitNames(v)
	}
	named := findProp(n, "name", 0)
	if named == nil {
		return nil
	}
	if v := machineValue(named); v != "" {
		return splitNames(v)
	}
	return visibleNames(textUpTo(named, maxBylineText, isTime))
}

// marked gathers the elements below n that are marked up as somebody's name.
func (b *bylines) marked(n *html.Node, found []*html.Node, depth int) []*html.Node {
	for c := n.FirstChild; c != nil && depth < propLevels && len(found) < maxMarked && b.mayLook(); c = c.NextSibling {
		if c.Type != html.ElementNode || isUnseen(c) {
			continue
		}
		if marksName(c) && textUpTo(c, 1, nil) != "" {
			found = append(found, c)
			continue
		}
		found = b.marked(c, found, depth+1)
	}
	return found
}

// marksName knows rel=author, hCard's "fn" and classes that have "name" for a word.
func marksName(n *html.Node) bool {
	if n.DataAtom == atom.A && attr(n, "rel") == "author" || attr(n, "itemprop") == "name" {
		return true
	}
	for word := range strings.FieldsFuncSeq(attr(n, "class"), func(c rune) bool { return c|0x20 < 'a' || c|0x20 > 'z' }) {
		if strings.EqualFold(word, "name") || word == "fn" {
			return true
		}
	}
	return false
}

// hasHelpers says that names follow in parentheses which are not marked up as the first is.
func hasHelpers(n *html.Node) bool {
	_, _, ok := cutHelpers(textUpTo(n, maxByline, isTime))
	return ok
}
