package page

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// picture is one picture element of the page with all the renditions that are named for it.
type picture struct {
	node       *html.Node // where it stands in the page
	img        *html.Node // the img element itself
	order      int
	renditions []sized
	alt        string
	width      int // of the attributes; 0 when they do not say
	height     int
	tiny       bool
	noscript   bool
	background bool // no img element: a style, a data attribute, or a link to a picture
	anchor     *anchor
	twins      []*picture // the same picture elsewhere on the page
}

// sized is a rendition with what the markup tells about its size, comparable within one picture.
type sized struct {
	url  string
	size float64
	id   string // see identity; made when it is first asked for
}

func (c *sized) identity() string {
	if c.id == "" {
		c.id = identity(c.url)
	}
	return c.id
}

// Sizes of renditions for which the markup gives no width.
const (
	sizeUnknown = 0.5
	sizeLazy    = 0.6 // what a script will put in the place of src
	sizeDensity = 1   // times the density
	sizeFull    = 1e6 // what an attribute calls full, large or original
	sizeLinked  = 2e6 // what the picture links to
)

// carrier is an element that names pictures by an attribute but is none itself: it often stands around the picture.
type carrier struct {
	node   *html.Node
	order  int
	end    int // the first order behind the element
	urls   []sized
	anchor *anchor
}

func (p *picture) add(url string, size float64) {
	for i := range p.renditions {
		if p.renditions[i].url == url {
			p.renditions[i].size = max(p.renditions[i].size, size)
			return
		}
	}
	if len(p.renditions) < maxRenditions {
		p.renditions = append(p.renditions, sized{url: url, size: size})
	}
}

// largest is the index of the largest rendition; of equals the first.
func (p *picture) largest() int {
	best := 0
	for i, r := range p.renditions {
		if r.size > p.renditions[best].size {
			best = i
		}
	}
	return best
}

func (r *reader) enterImage(n *html.Node, s scope) {
	p := s.picture
	if p == nil || p.img != nil && p.img != n {
		p = &picture{node: r.place(n, s), order: r.order}
		if s.picture != nil {
			p.renditions = append(p.renditions, s.picture.renditions...)
		}
	}
	p.img = n
	p.anchor = s.anchor
	p.noscript = s.host != nil
	p.alt = collapse(attr(n, "alt"))
	p.width, p.height = pixels(attr(n, "width")), pixels(attr(n, "height"))
	p.tiny = s.picture == nil && isPixel(n) && !hasAttr(n, "srcset")
	if u, ok := r.needs.add(r.res, attr(n, "src"), KindImage, false); ok {
		p.add(u, sizeUnknown)
	}
	r.srcset(p, attr(n, "srcset"))
	for i := range n.Attr {
		if key := n.Attr[i].Key; key != "src" && key != "srcset" && key != "alt" && key != "class" {
			r.lazy(lazyKey{key, true}, n.Attr[i].Val, func(u string, size float64) { p.add(u, size) })
		}
	}
	if len(r.pics) < maxPictures {
		r.pics = append(r.pics, p)
	} else {
		r.unlisted++
	}
}

func (r *reader) enterSource(n *html.Node, s scope) {
	if s.media {
		r.needs.add(r.res, attr(n, "src"), KindMedia, false)
		return
	}
	p := s.picture
	if p == nil {
		p = &picture{}
	}
	r.srcset(p, attr(n, "srcset"))
	if u, ok := r.needs.add(r.res, attr(n, "src"), KindImage, false); ok {
		p.add(u, sizeUnknown)
	}
	for i := range n.Attr {
		if strings.HasPrefix(n.Attr[i].Key, "data-") {
			r.lazy(lazyKey{n.Attr[i].Key, true}, n.Attr[i].Val, func(u string, size float64) { p.add(u, size) })
		}
	}
}

func (r *reader) srcset(p *picture, value string) {
	if value == "" {
		return
	}
	for _, c := range parseSrcset(value, &r.needs.leftOut) {
		if u, ok := r.needs.add(r.res, c.url, KindImage, false); ok {
			p.add(u, c.size())
		}
	}
}

func (c rendition) size() float64 {
	switch {
	case c.width > 0:
		return c.width
	case c.density > 0:
		return c.density * sizeDensity
	}
	return sizeDensity
}

// carry notes a picture's URL that stands on an element around or instead of the picture.
func (r *reader) carry(n *html.Node, s scope, u string, size float64) {
	node := r.place(n, s)
	if last := len(r.carriers) - 1; last >= 0 && r.carriers[last].node == node {
		if c := &r.carriers[last]; len(c.urls) < maxRenditions {
			c.urls = append(c.urls, sized{url: u, size: size})
		}
		return
	}
	if len(r.carriers) < maxPictures {
		r.carriers = append(r.carriers, carrier{node: node, order: r.order, end: r.order + 1, urls: []sized{{url: u, size: size}}, anchor: s.anchor})
	}
}

// pixels reads an attribute such as "640", "640px"; 0 for anything else.
func pixels(s string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(s), "px"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}
