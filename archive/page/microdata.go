package page

import (
	"golang.org/x/net/html"

	"tearsheet/archive/photo"
	"tearsheet/archive/photo/creditline"
)

// itemProperty says what a microdata property of a picture states (schema.org, ImageObject and CreativeWork); "" for others.
func itemProperty(itemprop string) photo.Property {
	switch itemprop {
	case "creditText":
		return photo.CreditLine
	case "creator", "author":
		return photo.Creator
	case "copyrightHolder":
		return photo.CopyrightHolder
	case "copyrightNotice":
		return photo.Copyright
	case "license":
		return photo.WebStatement
	case "acquireLicensePage":
		return photo.LicensorURL
	case "caption", "description":
		return photo.Caption
	}
	return ""
}

// microdata tells what elements beside the picture say for machines alone: the content of meta and the address of link. What is shown is
// told by [teller.visible].
func (t *teller) microdata() {
	if len(t.b.around) == 0 {
		return
	}
	var look func(n *html.Node, depth int)
	look = func(n *html.Node, depth int) {
		for c := n.FirstChild; c != nil && depth < 2*captionLevels && t.s.mayLook(); c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			if property := itemProperty(attr(c, "itemprop")); property != "" {
				t.item(c, property)
			}
			look(c, depth+1)
		}
	}
	look(t.b.around[len(t.b.around)-1], 0)
}

func (t *teller) item(n *html.Node, property photo.Property) {
	value := machineValue(n)
	if named := findProp(n, "name", 0); named != nil && value == "" {
		if value = machineValue(named); value == "" && property != photo.Caption {
			value = textUpTo(named, maxCredit, nil)
		}
	}
	if value == "" && (property == photo.WebStatement || property == photo.LicensorURL) {
		value = attr(n, "href")
	}
	if value = plainText(value); value == "" || len(value) > maxURL {
		return
	}
	at := t.s.r.paths.of(n)
	if property == photo.Caption {
		if _, credit := creditline.Split(value); credit != "" {
			t.say(photo.CreditLine, credit, photo.PageMicrodata, at)
		}
	}
	t.say(property, value, photo.PageMicrodata, at)
}
