package page

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tearsheet/archive/photo"
)

// captionLevels is how many levels above a picture its caption is looked for: pages wrap pictures in frames for their ratio.
const captionLevels = 8

// longCaption is how many bytes of text may stand beside a picture if one of them is to be its caption.
const longCaption = 1000

// maxCredit is how many bytes a credit has at most.
const maxCredit = 120

// caption finds the visible caption of a picture and the element that holds it. It looks in the elements around the picture that hold
// no other picture and not the article's text: first for an element that is or calls itself a caption, then for any text.
func (s *selection) caption(p *picture) (string, *html.Node) {
	around := make([]*html.Node, 0, captionLevels)
	for n := p.node; n != nil && len(around) < captionLevels && s.holds[n] < 2 && !s.article.spine[n] && n.DataAtom != atom.Body; n = n.Parent {
		around = append(around, n)
	}
	for _, n := range around {
		if found := s.namedCaption(n, p, 0); found != nil {
			return s.captionText(found), found
		}
	}
	if len(around) == 0 {
		return "", nil
	}
	outer := around[len(around)-1]
	if next := nextElement(outer); next != nil && s.r.zoneOf(next)&zoneCaption != 0 {
		return s.captionText(next), next
	}
	for _, n := range around {
		if text, found := s.plainCaption(n, p); found != nil {
			return text, found
		}
	}
	return "", nil
}

func nextElement(n *html.Node) *html.Node {
	for n = n.NextSibling; n != nil && n.Type != html.ElementNode; n = n.NextSibling {
	}
	return n
}

// namedCaption looks below n for a figcaption, or for an element whose class or property says caption.
func (s *selection) namedCaption(n *html.Node, p *picture, depth int) *html.Node {
	var named *html.Node
	for c := n.FirstChild; c != nil && depth < captionLevels && s.mayLook(); c = c.NextSibling {
		if c.Type != html.ElementNode || isUnseen(c) {
			continue
		}
		if s.r.zoneOf(c)&zoneCaption != 0 && !contains(c, p.node) && s.captionText(c) != "" {
			if c.DataAtom == atom.Figcaption {
				return c
			}
			if named == nil {
				named = c
			}
			continue
		}
		if found := s.namedCaption(c, p, depth+1); found != nil {
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

// plainCaption takes the longest text that stands beside the picture within n, unless there is more than a caption has.
func (s *selection) plainCaption(n *html.Node, p *picture) (string, *html.Node) {
	var text string
	var found *html.Node
	total := 0
	var look func(n *html.Node, depth int)
	look = func(n *html.Node, depth int) {
		for c := n.FirstChild; c != nil && s.mayLook(); c = c.NextSibling {
			if c.Type != html.ElementNode || depth > captionLevels || isUnseen(c) || s.notCaption(c) || s.isText(c) {
				continue
			}
			if hasText(c) && !contains(c, p.node) {
				t := s.captionText(c)
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
	if len(text) < 20 || total > longCaption {
		return "", nil
	}
	return text, found
}

// isText says that an element is a paragraph like those of the article, or the headline.
func (s *selection) isText(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P:
		return paragraphLook(n) == s.article.look
	case atom.H1:
		return strings.Contains(s.r.title, textOf(n, nil))
	case atom.H2, atom.H3, atom.Time, atom.Ul, atom.Ol:
		return true
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

// notCaption says that an element inside or beside a caption is none: the credit, buttons, links that do something, text that only
// screen readers show.
func (s *selection) notCaption(c *html.Node) bool {
	if c.DataAtom == atom.Button || c.DataAtom == atom.Cite {
		return true
	}
	if !s.mayLook() {
		return true
	}
	z := s.r.zoneOf(c)
	if z&zoneCaption == 0 && z&(zoneCredit|zoneHidden|zoneChrome) != 0 {
		return true
	}
	return isBlockOrSpan(c) && isCredit(textUpTo(c, maxCredit, nil))
}

func isBlockOrSpan(n *html.Node) bool {
	return isBlock(n) || n.DataAtom == atom.Span || n.DataAtom == atom.Em
}

// captionText is the text of a caption without what is none.
func (s *selection) captionText(n *html.Node) string {
	text := strings.Trim(textOf(n, s.notCaption), " |/–—")
	if isCredit(text) {
		return ""
	}
	return text
}

// isCredit says that a text is a credit and nothing else: it is short and begins with the sign or a word that announces one.
func isCredit(text string) bool {
	if len(text) >= maxCredit {
		return false
	}
	text = strings.TrimLeft(text, "([ ")
	if strings.HasPrefix(text, "©") || hasPrefixFold(text, "(c)") || hasPrefixFold(text, "c)") {
		return true
	}
	label, _, ok := strings.Cut(text, ":")
	if !ok || len(label) > 40 {
		return false
	}
	label, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(label)), " ")
	switch label {
	case "photo", "photos", "photograph", "photography", "image", "images", "picture", "credit", "credits", "source", "courtesy",
		"foto", "fotos", "bild", "bilder", "bildquelle", "quelle", "symbolbild", "symbolfoto", "crédit", "crédits", "crédito", "fuente",
		"fonte", "imagen", "imagem", "beeld", "kuva", "фото", "источник", "zdjęcie", "fot.", "ảnh", "사진", "写真", "isithombe", "fotoğraf",
		"ljósmynd", "illustration":
		return true
	}
	return false
}

// image makes an Image of a chosen picture.
func (s *selection) image(p *picture, role string) Image {
	best := p.largest()
	img := Image{Src: p.renditions[best].url, Role: role, Alt: p.alt}
	img.Candidates = append(img.Candidates, img.Src)
	for i, c := range p.renditions {
		if i != best {
			img.Candidates = append(img.Candidates, c.url)
		}
	}
	text, node := s.caption(p)
	if text != "" {
		img.Caption = text
		img.Statements = append(img.Statements, photo.Statement{Property: photo.Caption, Value: text, Kind: photo.PageCaption, Locator: cssPath(node)})
	}
	if p.alt != "" {
		img.Statements = append(img.Statements, photo.Statement{Property: photo.Alt, Value: p.alt, Kind: photo.PageAlt, Locator: cssPath(p.node)})
	}
	return img
}

// cssPath names an element by a selector that finds it again: from the nearest ancestor with an id, by position among siblings.
func cssPath(n *html.Node) string {
	var steps []string
	for ; n != nil && n.Type == html.ElementNode; n = n.Parent {
		if id := attr(n, "id"); id != "" && isIdentifier(id) {
			steps = append(steps, "#"+id)
			break
		}
		step := n.Data
		if n.DataAtom != atom.Html && n.DataAtom != atom.Body {
			nth := 1
			for s := n.PrevSibling; s != nil; s = s.PrevSibling {
				if s.Type == html.ElementNode && s.Data == n.Data {
					nth++
				}
			}
			step = fmt.Sprintf("%s:nth-of-type(%d)", step, nth)
		}
		steps = append(steps, step)
	}
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		b.WriteString(steps[i])
		if i > 0 {
			b.WriteString(" > ")
		}
	}
	return b.String()
}

func isIdentifier(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && c != '-' && c != '_' || i == 0 && c >= '0' && c <= '9' {
			return false
		}
	}
	return true
}
