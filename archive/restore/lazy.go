package restore

import (
	"strings"

	"tearsheet/archive/page"
)

// unveil is put on pictures that a style sheet hides until a script has loaded them.
const unveil = ";opacity:1!important;visibility:visible!important"

// img lets a picture lead to its file. A picture that waits for a script gets what the script would have given it: of the attributes that HTML
// does not know, those whose values were captured as pictures.
func (m *markup) img(t *tag) {
	lazy := m.lazySource(t)
	lazySet := m.lazySet(t)
	m.show(t.get("src"))
	if lazy != "" {
		m.show(lazy)
		t.set("src", m.refer(lazy, page.KindImage))
	} else {
		m.source(t, "src", page.KindImage)
	}
	m.srcset(t)
	if lazy != "" || lazySet {
		t.set("style", t.get("style")+unveil)
	}
}

// show notes that the picture with this reference is on the page. Renditions of one picture differ most often in the query only.
func (m *markup) show(ref string) {
	if url := resolve(m.base, ref, ""); strings.HasPrefix(url, "http") {
		path, _, _ := strings.Cut(url, "?")
		m.shown[path] = true
	}
}

// lazySource finds the attribute in which the picture's address waits, and gives its value; "" when src is the picture.
func (m *markup) lazySource(t *tag) string {
	placeholder := m.isPlaceholder(t.get("src"))
	for _, a := range t.Attr {
		if !strings.HasPrefix(a.Key, "data-") || strings.Contains(a.Key, "missing") || strings.ContainsAny(strings.TrimSpace(a.Val), htmlSpace) {
			continue
		}
		if !placeholder && !isLazyName(a.Key) {
			continue
		}
		if url := resolve(m.base, a.Val, ""); a.Val != "" && m.shelf.picture(url) != "" {
			return a.Val
		}
	}
	return ""
}

func isLazyName(key string) bool {
	switch key {
	case "data-src", "data-lazy-src", "data-lazy", "data-original", "data-original-src", "data-image-src":
		return true
	}
	return false
}

// isPlaceholder reports whether src shows nothing: there is none, it stands in the page itself, or it was not captured.
func (m *markup) isPlaceholder(src string) bool {
	src = strings.Trim(src, htmlSpace)
	return src == "" || strings.HasPrefix(src, "data:") || strings.HasPrefix(src, "about:") || m.shelf.picture(resolve(m.base, src, "")) == ""
}

// lazySet gives an img or source the srcset that waits for a script, and says whether it did.
func (m *markup) lazySet(t *tag) bool {
	for _, a := range t.Attr {
		if !strings.HasPrefix(a.Key, "data-") || !strings.Contains(a.Key, "srcset") || strings.Contains(a.Key, "missing") {
			continue
		}
		captured := false
		for c := range page.SplitSrcset(a.Val) {
			captured = captured || m.shelf.picture(resolve(m.base, c.URL, "")) != ""
		}
		if !captured {
			continue
		}
		for c := range page.SplitSrcset(a.Val) {
			m.show(c.URL)
		}
		t.set("srcset", a.Val)
		return true
	}
	return false
}

// lazyBackground gives an element the background that waits for a script.
func (m *markup) lazyBackground(t *tag) {
	for _, a := range t.Attr {
		switch a.Key {
		case "data-bg", "data-background", "data-background-image", "data-bg-src", "data-lazy-background":
		default:
			continue
		}
		ref := strings.Trim(a.Val, htmlSpace)
		for inside := range page.StyleReferences([]byte(a.Val)) {
			ref = inside.URL
			break
		}
		if file := m.shelf.picture(resolve(m.base, ref, "")); ref != "" && file != "" {
			t.set("style", t.get("style")+`;background-image:url("`+file+`")`)
			return
		}
	}
}
