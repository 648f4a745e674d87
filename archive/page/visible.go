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
		if f == noField || !r.claims.wants(f, fromMicrodata) || ofOtherItem(n) {
			continue
		}
		if f == fieldAuthor {
			r.noteByline(n, true)
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

// ofOtherItem says that a property belongs to something else than a work of text: the next item around it is a picture, a comment, a
// person (HTML standard, section 5.2.2: a property is one of the nearest item).
func ofOtherItem(n *html.Node) bool {
	for n = n.Parent; n != nil; n = n.Parent {
		if !hasAttr(n, "itemscope") {
			continue
		}
		kind := strings.TrimSpace(attr(n, "itemtype"))
		for _, other := range [...]string{"Object", "Comment", "Person", "Organization", "Answer", "Event"} {
			if strings.HasSuffix(kind, other) {
				return true
			}
		}
		return false
	}
	return false
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

// class reads hNews, and notes elements that call themselves the byline.
func (r *reader) class(n *html.Node, class string, s scope) {
	if s.quiet || s.host != nil {
		return
	}
	if strings.Contains(class, "entry-title") && !s.para && r.claims.wants(fieldTitle, fromMicrodata) {
		r.claims.say(fieldTitle, fromMicrodata, textOf(n, nil))
	}
	if strings.Contains(class, "yline") || namesAuthor(class) {
		r.classByline(n, s)
	}
}

// namesAuthor says that a class has "author", "autor" or "auteur" in it, with a small or a capital letter.
func namesAuthor(class string) bool {
	for {
		_, rest, ok := strings.Cut(class, "ut")
		if !ok {
			return false
		}
		ending := strings.HasPrefix(rest, "hor") || strings.HasPrefix(rest, "or") || strings.HasPrefix(rest, "eur")
		if i := len(class) - len(rest) - len("aut"); ending && i >= 0 && class[i]|0x20 == 'a' {
			return true
		}
		class = rest
	}
}

// classByline notes an element that a class or a link's relation calls a byline.
func (r *reader) classByline(n *html.Node, s scope) {
	if !s.quiet && s.host == nil {
		r.noteByline(n, false)
	}
}

// enterTime takes the first time element of the article's part of the page for the date of publication, if nothing better says it.
// Without the attribute its text is the date (HTML standard, section 4.5.14).
func (r *reader) enterTime(n *html.Node, s scope) {
	if r.dated || s.quiet || s.host != nil || s.anchor != nil {
		return
	}
	at := attr(n, "datetime")
	if at == "" {
		if at = textUpTo(n, maxDate, nil); !isDate(at) {
			return
		}
	}
	r.dated = isDate(at)
	r.claims.say(fieldPublished, fromByline, at)
}
