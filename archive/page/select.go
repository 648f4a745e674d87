package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tearsheet/archive/photo"
	"tearsheet/archive/photo/creditline"
)

// selection decides which of the page's pictures are the article's own. A picture belongs to the article when it stands where the
// article stands, and neither its size, its links, nor the tags and classes around it give it away as something else: a logo, an
// advertisement, an author's portrait, a teaser. Where metadata name a picture as the article's, less is asked of it.
type selection struct {
	r       *reader
	article *article
	named   map[string]bool    // identities of pictures that metadata name as the article's
	linked  map[string]int     // bytes of text of all links to a URL
	holds   map[*html.Node]int // how many of the article's pictures stand in an element
	look    int                // elements that may still be looked at for captions

	credited  map[*html.Node]bool            // elements that hold the credit of a picture
	described map[*picture][]photo.Statement // what the page tells machines about each picture
}

const (
	smallSide    = 100 // pixels: portraits and icons are smaller, pictures of an article are not
	ratioSide    = 25  // pixels: below, two different sides are a ratio ("16", "9") and no size
	shortLink    = 20  // bytes: a link with more text can be a headline
	figureLevels = 15  // how far above a picture its figure is looked for
)

func newSelection(r *reader) *selection {
	s := &selection{r: r, article: r.theArticle(), named: map[string]bool{}, linked: map[string]int{}, holds: map[*html.Node]int{}, look: maxLook, credited: map[*html.Node]bool{}}
	for _, u := range r.metaPics {
		s.name(u)
	}
	for _, l := range r.linked.images {
		if u, ok := r.res.resolve(l.url); ok && l.own {
			s.name(u)
		}
	}
	for _, l := range r.links {
		s.linked[l.URL] += len(l.Text)
	}
	r.adopt()
	return s
}

func (s *selection) name(u string) {
	if len(s.named) < maxNamed {
		s.named[identity(u)] = true
	}
}

// pictures gives the article's own, in document order.
func (s *selection) pictures() []*picture {
	var chosen []*picture
	for _, p := range s.r.pics {
		if len(p.renditions) > 0 && s.own(p) {
			chosen = append(chosen, p)
		}
	}
	chosen = unique(chosen)
	for _, p := range chosen {
		for n := p.node; n != nil; n = n.Parent {
			s.holds[n]++
		}
	}
	s.bind(chosen)
	return chosen
}

// own decides about one picture.
func (s *selection) own(p *picture) bool {
	a := s.article
	named := s.isNamed(p)
	if p.tiny || isSmall(p) || isFurniture(p) && !(named && isPhotograph(p) && p.order > a.headline) {
		return false
	}
	if named {
		z := s.zones(p)
		switch {
		case p.background && z&zoneChrome != 0: // the buttons for sharing name it too
			return false
		case !a.behind(p.order):
			return z&(zoneAuthor|zoneComments) == 0
		case a.holds(p.order) && !p.background && (p.anchor == nil || !s.isTeaserLink(p)):
			return z&foreign == 0 // some pages show their only picture below the text
		}
	}
	if p.order > a.begin && p.order < a.end && s.isProduct(p) {
		return s.zones(p)&foreign&^zoneTeaser == 0
	}
	if p.background || p.anchor != nil && s.isTeaserLink(p) {
		return false
	}
	z := s.zones(p) & foreign
	if a.text.node == nil {
		return z == 0
	}
	switch {
	case !a.holds(p.order) || a.behind(p.order):
		return false
	case p.order < a.headline && !isArticle(a.whole.node):
		return false
	case p.order > a.headline && p.order < a.begin && figureOf(p.node) != nil:
		return z&^(zoneChrome|zoneVideo|zoneAd) == 0 // between headline and text stands the lead, whatever it is wrapped in
	}
	return z == 0
}

// isProduct says that a picture inside the text links to another site, and that its credit stands beside it: the thing that a review is
// about, with the shop's address.
func (s *selection) isProduct(p *picture) bool {
	if p.anchor == nil || p.anchor.url == "" || sameSite(p.anchor.url, s.r.at) || p.anchor.node == nil {
		return false
	}
	for n := p.node; n != nil && !s.article.spine[n]; n = n.Parent {
		for _, sib := range [...]*html.Node{nextElement(n), prevElement(n)} {
			if sib != nil && creditline.HasLabel(textUpTo(sib, maxCredit, nil)) {
				return true
			}
		}
		if n == p.anchor.node {
			break
		}
	}
	return false
}

// isNamed says that metadata name this very picture, possibly another rendition of it.
func (s *selection) isNamed(p *picture) bool {
	for i := range p.renditions {
		id := p.renditions[i].identity()
		if s.named[id] {
			return true
		}
		for name := range s.named {
			if isRenditionName(name, id) || isRenditionName(id, name) {
				return true
			}
		}
	}
	return false
}

// isRenditionName says that name is base with a word behind it, as in "p1234567_social".
func isRenditionName(name, base string) bool {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(name, "/"), strings.TrimSuffix(base, "/"))
	return ok && len(base) >= 10 && len(rest) > 1 && strings.IndexByte("-_.~", rest[0]) >= 0 && !strings.ContainsAny(rest, "0123456789")
}

// isPhotograph says that the extension is one of photographs: what shows a logo in the news is one too.
func isPhotograph(p *picture) bool {
	path, _, _ := strings.Cut(p.renditions[p.largest()].url, "?")
	return hasSuffixFold(path, ".jpg") || hasSuffixFold(path, ".jpeg")
}

// isControl says that a drawing is what people press: to zoom, to close, to play.
func isControl(name string) bool {
	for word := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '-' || c == '_' || c == '.' }) {
		switch strings.ToLower(word) {
		case "zoom", "close", "play", "arrow", "expand", "enlarge", "fullscreen", "share", "plus", "chevron", "button", "magnifier":
			return true
		}
	}
	return false
}

// statedWidth is the width that a segment of the URL's path gives in the form "90x50"; 0 without one.
func statedWidth(u string) int {
	path, _, _ := strings.Cut(u, "?")
	for segment := range strings.SplitSeq(path, "/") {
		segment, _, _ = strings.Cut(segment, "_")
		w, h, ok := strings.Cut(segment, "x")
		if ok && pixels(w) >= ratioSide && pixels(h) >= ratioSide {
			return pixels(w)
		}
	}
	return 0
}

func isSmall(p *picture) bool {
	if w := statedWidth(p.renditions[p.largest()].url); w > 0 && w < smallSide && len(p.renditions) == 1 {
		return true
	}
	if p.width != p.height && p.width > 0 && p.height > 0 && max(p.width, p.height) < ratioSide {
		return false
	}
	return p.width > 0 && p.width < smallSide || p.height > 0 && p.height < smallSide/2
}

// isFurniture knows by its URL a picture that is no photograph: logos, icons and stand-ins say what they are.
func isFurniture(p *picture) bool {
	path, _, _ := strings.Cut(p.renditions[p.largest()].url, "?")
	last := path[strings.LastIndexByte(path, '/')+1:]
	if zoneWords(last)&(zoneIcon|zoneBlank) != 0 || strings.Contains(last, "newsletter") {
		return true
	}
	if p.noscript && p.alt == "" && !hasImageExtension(path) && figureOf(p.node) == nil {
		return true // a counter for browsers without scripts
	}
	return hasSuffixFold(last, ".svg") && (figureOf(p.node) == nil || p.width > 0 && p.width < smallSide || isControl(last))
}

// zones gathers what the elements around a picture say, up to the first that holds the article's text too.
func (s *selection) zones(p *picture) zone {
	var z zone
	if p.img != nil {
		z = s.r.zoneOf(p.img)
	}
	for n := p.node; n != nil && !s.article.spine[n]; n = n.Parent {
		if n.Type != html.ElementNode {
			continue
		}
		if n.DataAtom == atom.Article {
			z |= zoneTeaser // an article beside the article is another one
		}
		z |= s.r.zoneOf(n)
	}
	return z
}

// isTeaserLink says that the picture is a link to another page, and that this page's title stands in the same link or in another.
// Pictures of the article that link to a page of their own do so inside the text or inside a figure, without a title.
func (s *selection) isTeaserLink(p *picture) bool {
	u := p.anchor.url
	if u == "" || endsInImageExtension(u) || samePage(u, s.r.at) {
		return false
	}
	caption := 0
	if figure := figureOf(p.node); figure != nil {
		caption = len(textOf(figure, nil))
	} else if p.order < s.article.headline || p.order > s.article.end || p.order < s.article.begin && !sameSite(u, s.r.at) {
		return true
	} else if text := textUpTo(p.anchor.node, longCaption, nil); text != "" {
		if _, credit := creditline.Split(text); credit != "" {
			return false // its caption is in the link
		}
	}
	return s.linked[u] > caption+shortLink
}

// figureOf gives the innermost figure around a node.
func figureOf(n *html.Node) *html.Node {
	for range figureLevels {
		if n == nil || n.DataAtom == atom.Figure {
			return n
		}
		n = n.Parent
	}
	return nil
}

// unique joins pictures that the page shows more than once: in the text and in a gallery, or for narrow and for wide screens.
func unique(pics []*picture) []*picture {
	first := map[string]*picture{}
	var out []*picture
	for _, p := range pics {
		var same *picture
		for i := range p.renditions {
			if same = first[p.renditions[i].identity()]; same != nil {
				break
			}
		}
		if same == nil {
			same = p
			out = append(out, p)
		} else {
			same.twins = append(same.twins, p)
		}
		for i := range p.renditions {
			c := &p.renditions[i]
			same.add(c.url, c.size)
			if first[c.identity()] == nil {
				first[c.identity()] = same
			}
		}
	}
	return out
}
