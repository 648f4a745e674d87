package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// attributes reads what any element may carry: a style, microdata, and the attributes in which pictures wait for a script.
func (r *reader) attributes(n *html.Node, s scope) {
	switch n.DataAtom {
	case atom.Img, atom.Source, atom.Meta, atom.Link, atom.Html, atom.Base:
		return // read where they are entered
	}
	for i := range n.Attr {
		a := &n.Attr[i]
		if len(a.Val) < 5 && a.Key != "itemprop" || a.Namespace != "" {
			continue
		}
		switch a.Key {
		case "class":
			r.class(n, a.Val, s)
		case "id", "href", "src", "alt", "title", "d", "viewBox", "role", "type", "name", "content", "srcset", "poster", "srcdoc":
		case "style":
			if strings.IndexByte(a.Val, '(') >= 0 {
				for ref := range StyleReferences([]byte(a.Val)) {
					if u, ok := r.needs.add(r.res, ref.URL, ref.Kind, false); ok {
						r.carry(n, s, u, sizeUnknown)
					}
				}
			}
		case "itemprop":
			r.itemprop(n, a.Val)
		case "rel":
			if a.Val == "author" {
				r.classByline(n, s)
			}
		default:
			if strings.HasPrefix(a.Key, "aria-") || strings.HasPrefix(a.Key, "on") {
				continue
			}
			if n.DataAtom == atom.Iframe {
				r.lazyFrame(a.Key, a.Val)
				continue
			}
			if a.Val[0] == '{' || a.Val[0] == '[' {
				r.noteState(n, a.Key, a.Val)
			}
			r.lazy(lazyKey{a.Key, false}, a.Val, func(u string, size float64) { r.carry(n, s, u, size) })
		}
	}
}

// lazy looks for pictures in an attribute that HTML does not know: one URL, a srcset, declarations of a style, or JSON. The names of
// such attributes are as many as there are scripts that read them; so the value decides, and the name only where the value leaves a
// doubt.
func (r *reader) lazy(key lazyKey, value string, found func(u string, size float64)) {
	value = strings.TrimSpace(value)
	if len(value) < 5 || len(value) > maxAttribute || strings.IndexByte(value, '/') < 0 && strings.IndexByte(value, '.') < 0 {
		return
	}
	size := key.size()
	add := func(ref string) {
		if u, ok := r.res.resolve(ref); !ok || samePage(u, r.at) {
			return
		}
		if u, ok := r.needs.add(r.res, ref, KindImage, false); ok {
			found(u, size)
		}
	}
	switch {
	case value[0] == '{' || value[0] == '[':
		stateScan{found: add, budget: &r.nested, keys: key.promises()}.json(value)
	case hasPrefixFold(value, "url(") || strings.Contains(value, ":url(") || strings.Contains(value, ": url("):
		for ref := range StyleReferences([]byte(value)) {
			add(ref.URL)
		}
	case strings.ContainsAny(value, htmlSpace):
		r.lazySrcset(key, value, found)
	case key.means(value):
		add(value)
	}
}

func (r *reader) lazySrcset(key lazyKey, value string, found func(u string, size float64)) {
	first := value[:strings.IndexAny(value, htmlSpace)]
	if !key.means(strings.TrimRight(first, ",")) {
		return
	}
	for _, c := range parseSrcset(value, &r.needs.leftOut) {
		if !key.means(c.url) {
			continue
		}
		if u, ok := r.needs.add(r.res, c.url, KindImage, false); ok {
			found(u, c.size())
		}
	}
}

// lazyKey is the name of an attribute that HTML does not know, and whether it stands on an element that can only show a picture.
type lazyKey struct {
	name    string
	picture bool
}

// means says that value is the URL of a picture: it has a picture's extension, or it is absolute and the attribute promises a
// picture. A reference that depends on the page's own address counts only under such a name.
func (k lazyKey) means(value string) bool {
	if !isReference(value) {
		return false
	}
	promised := k.promises()
	path, _, _ := strings.Cut(value, "?")
	switch {
	case isAbsolute(value):
		return hasImageExtension(path) || promised && isPlainPicture(value)
	case value[0] == '/':
		return hasImageExtension(path) && (promised || k.has("url", "href", "src")) || promised && hasImageExtension(value)
	}
	return (promised || k.has("src")) && endsInImageExtension(value)
}

// promises says that the name promises a picture. What "data-src" holds depends on the element: on a widget it is often a page.
func (k lazyKey) promises() bool {
	if k.has("share", "video") {
		return false
	}
	return isImageWord(k.name) || k.has("bg", "background") || k.picture && k.has("src", "orig", "lazy", "zoom", "full", "large", "retina")
}

func (k lazyKey) size() float64 {
	if k.has("full", "large", "orig", "zoom", "hires", "high", "max", "viewer") {
		return sizeFull
	}
	return sizeLazy
}

func (k lazyKey) has(words ...string) bool {
	for _, w := range words {
		if strings.Contains(k.name, w) {
			return true
		}
	}
	return false
}

// lazyFrame notes a frame that a script fills in later.
func (r *reader) lazyFrame(key, value string) {
	if strings.HasPrefix(key, "data-") && strings.Contains(key, "src") && isReference(value) && isRooted(value) {
		r.needs.add(r.res, value, KindFrame, false)
	}
}
