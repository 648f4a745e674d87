package page

import (
	"slices"

	"golang.org/x/net/html"
)

// adopt gives every picture the renditions that stand elsewhere: on an element around it, or in a noscript beside it.
func (r *reader) adopt() {
	r.adoptNoscript()
	r.adoptCarriers()
	r.dropPlaceholders()
}

// adoptCarriers gives what an element around a picture names to the picture, if it is the only one there. A carrier without a picture
// is one itself.
func (r *reader) adoptCarriers() {
	imgs := len(r.pics) // in the order of the walk
	for _, c := range r.carriers {
		from, _ := slices.BinarySearchFunc(r.pics[:imgs], c.order, func(p *picture, order int) int { return p.order - order })
		to, _ := slices.BinarySearchFunc(r.pics[:imgs], c.end, func(p *picture, order int) int { return p.order - order })
		switch to - from {
		case 0:
			if p := r.onlyInFigure(c.node, imgs); p != nil { // the button that shows it large
				for i := range c.urls {
					p.add(c.urls[i].url, c.urls[i].size)
				}
				continue
			}
			if len(r.pics) < 2*maxPictures {
				r.pics = append(r.pics, &picture{node: c.node, order: c.order, background: true, anchor: c.anchor, renditions: c.urls})
			}
		case 1:
			inside := r.pics[from]
			for i := range c.urls {
				u := &c.urls[i]
				if u.size >= sizeFull || len(inside.renditions) == 0 || inside.names(u.identity(), "") {
					inside.add(u.url, u.size)
				}
			}
		}
	}
	slices.SortStableFunc(r.pics, func(a, b *picture) int { return a.order - b.order })
}

// onlyInFigure gives the one picture of the figure in which a node stands; nil when there is none or several. imgs is how many of the
// pictures are img elements.
func (r *reader) onlyInFigure(n *html.Node, imgs int) *picture {
	figure := figureOf(n)
	if figure == nil {
		return nil
	}
	var only *picture
	for _, p := range r.pics[:imgs] {
		if contains(figure, p.node) {
			if only != nil {
				return nil
			}
			only = p
		}
	}
	return only
}

// names says that a rendition of the picture has the identity, apart from the one at the URL except.
func (p *picture) names(id, except string) bool {
	for i := range p.renditions {
		if c := &p.renditions[i]; c.url != except && c.identity() == id {
			return true
		}
	}
	return false
}

// adoptNoscript joins the copy of a picture that stands in a noscript with the picture that scripts would fill in.
func (r *reader) adoptNoscript() {
	kept := make([]*picture, 0, len(r.pics))
	for i, p := range r.pics {
		lazy := p.beside(r.pics, i-1)
		if lazy == nil {
			lazy = p.beside(r.pics, i+1)
		}
		if lazy == nil {
			kept = append(kept, p)
			continue
		}
		for _, c := range p.renditions {
			lazy.add(c.url, c.size)
		}
		if lazy.alt == "" {
			lazy.alt = p.alt
		}
	}
	r.pics = kept
}

// noscriptLevels is how far above a noscript the picture may be joined to it that it stands for.
const noscriptLevels = 3

// beside gives the picture at index i, if p is its copy in a noscript beside it.
func (p *picture) beside(pics []*picture, i int) *picture {
	if !p.noscript || i < 0 || i >= len(pics) || pics[i].noscript {
		return nil
	}
	n := p.node.Parent
	for range noscriptLevels {
		if n == nil {
			return nil
		}
		if contains(n, pics[i].node) {
			return pics[i]
		}
		n = n.Parent
	}
	return nil
}

func contains(outer, n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}

// dropPlaceholders takes the stand-in that several lazy pictures share off those that name something else as well.
func (r *reader) dropPlaceholders() {
	users := map[string]int{}
	for _, p := range r.pics {
		for _, c := range p.renditions {
			users[c.url]++
		}
	}
	for _, p := range r.pics {
		var rest []sized
		for i := range p.renditions {
			c := &p.renditions[i]
			if users[c.url] == 1 || c.size > sizeLazy || p.names(c.identity(), c.url) {
				rest = append(rest, *c)
			}
		}
		if len(rest) > 0 {
			p.renditions = rest
		}
	}
}
