package page

import (
	"strings"

	"golang.org/x/net/html"
)

// What stands on the page for readers says the same facts once more: as microdata (schema.org), as hNews classes, as a byline.

// itemField says which fact a microdata property of an article states.
func itemField(itemprop string) field {
	switch itemprop {
	case "headline":
		return fieldTitle
	case "author":
		return fieldAuthor
	case "datePublished":
		return fieldPublished
	case "dateModified":
		return fieldModified
	case "publisher":
		return fieldPublisher
	case "articleSection":
		return fieldSection
	case "inLanguage":
		return fieldLanguage
	}
	return noField
}

// itemprop reads microdata that stand on visible elements.
func (r *reader) itemprop(n *html.Node, props string) {
	for prop := range strings.FieldsSeq(props) {
		f := itemField(prop)
		if f == noField || !r.claims.wants(f, fromMicrodata) {
			continue
		}
		value := machineValue(n)
		if value == "" {
			named := findProp(n, "name", 0)
			if named == nil {
				named = n
			}
			if value = machineValue(named); value == "" {
				value = textOf(named, nil)
			}
		}
		r.claims.say(f, fromMicrodata, value)
	}
}

// machineValue is the form of a value that an element carries for machines.
func machineValue(n *html.Node) string {
	if v := attr(n, "content"); v != "" {
		return v
	}
	return attr(n, "datetime")
}

// propLevels is how far below an item its name is looked for.
const propLevels = 8

func findProp(n *html.Node, prop string, depth int) *html.Node {
	if depth > propLevels {
		return nil
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if attr(c, "itemprop") == prop {
			return c
		}
		if found := findProp(c, prop, depth+1); found != nil {
			return found
		}
	}
	return nil
}

// maxByline is how many bytes a byline has at most; longer texts of such elements are portraits of the author in words.
const maxByline = 100

// class reads hNews, and elements that call themselves the byline.
func (r *reader) class(n *html.Node, class string, s scope) {
	if s.quiet || s.host != nil || s.para {
		return
	}
	if strings.Contains(class, "entry-title") && r.claims.wants(fieldTitle, fromMicrodata) {
		r.claims.say(fieldTitle, fromMicrodata, textOf(n, nil))
	}
	if (strings.Contains(class, "byline") || strings.Contains(class, "author")) && r.claims.from[fieldAuthor] == fromNowhere {
		if text := textUpTo(n, maxByline+1, nil); len(text) <= maxByline {
			name, _, _ := strings.Cut(text, "|")
			r.claims.say(fieldAuthor, fromByline, name)
		}
	}
}

// enterTime takes the first time element of the article's part of the page for the date of publication, if nothing better says it.
func (r *reader) enterTime(n *html.Node, s scope) {
	if s.quiet || s.host != nil || s.anchor != nil {
		return
	}
	if at := attr(n, "datetime"); at != "" {
		r.claims.say(fieldPublished, fromByline, at)
	}
}
