package page

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// mostText is the part of all paragraph text that the element of the article's text holds at least.
const mostText = 0.6

// article is where the article stands in the page. All places are orders of the walk.
type article struct {
	text     block               // the smallest element with most of the paragraph text; its node is nil on a page without text
	whole    block               // the element around it that holds the headline as well
	spine    map[*html.Node]bool // the element of the text and its ancestors: what these are called says nothing about one picture
	begin    int                 // first paragraph of the text
	end      int                 // last paragraph of the text
	headline int                 // -1 without one
	heading  *html.Node          // the headline's element; nil without one
	look     string              // what the paragraphs have in common
}

// theArticle finds the article when it is first asked for.
func (r *reader) theArticle() *article {
	if r.article == nil {
		a := r.findArticle()
		r.article = &a
	}
	return r.article
}

// findArticle finds the element of the text and the element of the article.
func (r *reader) findArticle() article {
	total := 0
	for _, p := range r.paras {
		total += p.text
	}
	// Blocks are in post-order: the first that holds enough is the smallest.
	found := slices.IndexFunc(r.blocks, func(b block) bool { return float64(b.text) >= mostText*float64(total) })
	if found < 0 {
		return article{end: r.order, headline: -1}
	}
	a := article{text: r.blocks[found], spine: map[*html.Node]bool{}}
	for n := a.text.node; n != nil; n = n.Parent {
		a.spine[n] = true
	}
	a.readParagraphs(r.paras, r.order)
	a.headline, a.heading = r.headline(a.begin)
	a.whole = a.text
	for _, b := range r.blocks[found+1:] {
		complete := a.headline < 0 || a.headline >= a.whole.start
		if complete && isArticle(a.whole.node) || b.node.DataAtom == atom.Body {
			break
		}
		if a.spine[b.node] {
			a.whole = b
		}
	}
	return a
}

// readParagraphs finds out where the text begins and ends, and how most of its paragraphs are marked up.
func (a *article) readParagraphs(paras []para, last int) {
	a.begin, a.end = last, 0
	looks := map[string]int{}
	for _, p := range paras {
		if p.order < a.text.start || p.order >= a.text.end {
			continue
		}
		a.begin, a.end = min(a.begin, p.order), max(a.end, p.order)
		if p.node == nil {
			continue
		}
		look := paragraphLook(p.node)
		if looks[look] += p.text; looks[look] > looks[a.look] {
			a.look = look
		}
	}
}

// paragraphLook is what the paragraphs of one text have in common: their own class, and what they stand in.
func paragraphLook(p *html.Node) string {
	look := attr(p, "class")
	if p.Parent != nil {
		look += "\n" + p.Parent.Data + "\n" + attr(p.Parent, "class")
	}
	return look
}

// headline gives the order and the element of the heading that is the title of the page, else of the last heading before the text; -1
// without one.
func (r *reader) headline(begin int) (int, *html.Node) {
	last, node := -1, (*html.Node)(nil)
	title := r.claims.sourced(fieldTitle).Value
	for _, h := range r.headings {
		if r.isTitle(h.text) || h.text != "" && h.text == title {
			return h.order, h.node
		}
		if h.order < begin {
			last, node = h.order, h.node
		}
	}
	return last, node
}

func isArticle(n *html.Node) bool {
	return n.DataAtom == atom.Article || n.DataAtom == atom.Main || attr(n, "role") == "article" ||
		strings.HasSuffix(attr(n, "itemtype"), "Article")
}

// holds says that a place is inside the element of the article.
func (a *article) holds(order int) bool { return order >= a.whole.start && order < a.whole.end }

// behind says that a place comes after the article's text.
func (a *article) behind(order int) bool { return order > a.end && order >= a.text.end }
