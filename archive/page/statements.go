package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tearsheet/archive/photo"
	"tearsheet/archive/photo/creditline"
)

// maxStatements bounds what one page may say of one picture.
const maxStatements = 64

// maxTwins is how many other places of a picture are looked at for its caption and credit.
const maxTwins = 4

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
	t := teller{s: s, b: s.besides(p)}
	img.Caption = t.visible()
	for _, twin := range p.twins[:min(len(p.twins), maxTwins)] {
		if img.Caption != "" && hasVisibleCredit(t.said) {
			break
		}
		t.b = s.besides(twin)
		if caption := t.visible(); img.Caption == "" {
			img.Caption = caption
		}
	}
	t.b = s.besides(p)
	t.attributes()
	t.microdata()
	for _, d := range s.described[p] {
		t.say(d.Property, d.Value, d.Kind, d.Locator)
	}
	t.flagPublisher()
	img.Statements = t.said
	return img
}

// teller gathers what a page says of one picture, most visible first.
type teller struct {
	s    *selection
	b    *beside
	said []photo.Statement
}

func (t *teller) say(property photo.Property, value string, kind photo.Kind, locator string) {
	if value == "" || len(t.said) >= maxStatements {
		return
	}
	for _, known := range t.said {
		if known.Property == property && known.Value == value && known.Kind == kind {
			return
		}
	}
	t.said = append(t.said, photo.Statement{Property: property, Value: value, Kind: kind, Locator: locator})
}

// flagPublisher marks what names the publication as the maker and stands where only machines read it: many templates say so of every
// picture that the page has. Where readers see it, it is a credit.
func (t *teller) flagPublisher() {
	for i := range t.said {
		s := &t.said[i]
		switch s.Kind {
		case photo.PageJSONLD, photo.PageMicrodata, photo.PageMeta:
		default:
			continue
		}
		switch s.Property {
		case photo.Creator, photo.CopyrightHolder, photo.Copyright, photo.Source, photo.Supplier, photo.CreditLine:
			if t.s.r.claims.isPublication(s.Value) {
				s.Flags = append(s.Flags, photo.Publisher)
			}
		}
	}
}

// visible tells what readers see beside the picture, and gives the caption without the credit at its end.
func (t *teller) visible() string {
	spots := t.s.spots(t.b)
	f := captionFinder{s: t.s, b: t.b, credits: map[*html.Node]bool{}}
	for _, sp := range spots {
		f.credits[sp.node] = true
		for _, n := range sp.more {
			f.credits[n] = true
		}
	}
	text, node := f.find()
	caption, credit := creditline.Split(text)
	caption, credit = collapse(caption), collapse(credit)
	for _, sp := range spots {
		t.s.credited[sp.node] = true
		t.say(photo.CreditLine, sp.text, photo.PageCredit, t.s.r.paths.of(sp.node))
	}
	if text != "" {
		t.say(photo.CreditLine, credit, photo.PageCaption, t.s.r.paths.of(node))
		t.say(photo.Caption, caption, photo.PageCaption, t.s.r.paths.of(node))
	}
	return caption
}

// attributes tells what the attributes of the picture and of the elements around it say.
func (t *teller) attributes() {
	p := t.b.p
	if p.alt != "" {
		at := t.s.r.paths.of(p.node)
		t.say(photo.Alt, p.alt, photo.PageAlt, at)
		t.tail(p.alt, photo.PageAlt, at+"[alt]")
	}
	nodes := t.b.around
	if p.img != nil && (len(nodes) == 0 || nodes[0] != p.img) {
		nodes = append([]*html.Node{p.img}, nodes...)
	}
	for _, n := range nodes {
		for i := range n.Attr {
			a := &n.Attr[i]
			if len(a.Val) < 2 || len(a.Val) > maxURL || a.Key == "alt" && n == p.img {
				continue
			}
			switch {
			case a.Key == "title":
				t.tail(collapse(a.Val), photo.PageTitle, t.s.r.paths.of(n)+"[title]")
			case strings.HasPrefix(a.Key, "data-") || isCustom(n):
				t.data(n, a)
			}
		}
	}
}

func isCustom(n *html.Node) bool { return strings.Contains(n.Data, "-") }

// data reads an attribute whose name promises a credit or a caption.
func (t *teller) data(n *html.Node, a *html.Attribute) {
	z := zoneWords(strings.TrimPrefix(a.Key, "data-"))
	promised := z&zoneCredit != 0 || strings.Contains(a.Key, "photographer")
	if !promised && z&zoneCaption == 0 && !(lazyKey{a.Key, true}).has("title", "description", "html") || isReference(a.Val) && isRooted(a.Val) {
		return
	}
	text := plainText(a.Val)
	at := t.s.r.paths.of(n) + "[" + a.Key + "]"
	switch {
	case promised && len(text) <= maxCredit && hasLetter(text) && !isSwitch(text):
		t.say(photo.CreditLine, text, photo.PageData, at)
	case len(text) > 2:
		t.tail(text, photo.PageData, at)
	}
}

// tail says the credit at the end of a text that is not shown beside the picture, or that is all of it.
func (t *teller) tail(text string, kind photo.Kind, locator string) {
	for range 3 { // agencies append theirs behind the photographer's
		caption, credit := creditline.Split(text)
		t.say(photo.CreditLine, credit, kind, locator)
		if credit == "" || caption == "" {
			return
		}
		text = caption
	}
}

// isSwitch says that a value turns something on or off.
func isSwitch(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "null", "none", "undefined", "on", "off", "left", "right", "bottom", "top":
		return true
	}
	return false
}

func hasLetter(s string) bool {
	for _, c := range s {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80 {
			return true
		}
	}
	return false
}

// plainText is the text of a value that may be markup.
func plainText(value string) string {
	if strings.IndexByte(value, '<') < 0 {
		return collapse(html.UnescapeString(value))
	}
	nodes, err := html.ParseFragment(strings.NewReader(value), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return "" // nested too deep to be text
	}
	var b strings.Builder
	for _, n := range nodes {
		appendCollapsed(&b, " ")
		switch n.Type {
		case html.TextNode:
			appendCollapsed(&b, n.Data)
		case html.ElementNode:
			appendCollapsed(&b, textOf(n, nil))
		}
	}
	return collapse(b.String())
}
