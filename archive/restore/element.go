package restore

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"tearsheet/archive/page"
)

// tag is a start tag that may be changed.
type tag struct {
	html.Token
	changed bool
}

func (t *tag) get(key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func (t *tag) set(key, value string) {
	t.changed = true
	for i := range t.Attr {
		if t.Attr[i].Key == key {
			t.Attr[i].Val = value
			return
		}
	}
	t.Attr = append(t.Attr, html.Attribute{Key: key, Val: value})
}

func (t *tag) drop(keys ...string) {
	before := len(t.Attr)
	t.Attr = slices.DeleteFunc(t.Attr, func(a html.Attribute) bool { return slices.Contains(keys, a.Key) })
	t.changed = t.changed || len(t.Attr) < before
}

// point sets an attribute to a file, or, when there is none, keeps what it said where nothing loads it.
func (t *tag) point(key, file string) {
	if file == "" {
		t.set("data-missing-"+strings.ReplaceAll(key, ":", "-"), t.get(key))
		t.drop(key)
		return
	}
	t.set(key, file)
}

// element changes a tag and says whether it is to be written.
func (m *markup) element(t *tag) bool {
	m.disarm(t)
	switch t.Data {
	case "base":
		return false
	case "meta":
		return m.meta(t)
	case "link":
		return m.link(t)
	case "script":
		m.script(t)
	case "a", "area":
		m.hyperlink(t, "href")
		m.hyperlink(t, "xlink:href")
	case "form":
		m.hyperlink(t, "action")
	case "button":
		m.hyperlink(t, "formaction")
	case "amp-img":
		t.Data = "img"
		t.set("style", t.get("style")+";max-width:100%;height:auto")
		m.img(t)
	case "img":
		m.img(t)
	case "source":
		m.lazySet(t)
		m.srcset(t)
		m.source(t, "src", page.KindMedia)
	case "iframe", "frame":
		m.source(t, "src", page.KindFrame)
		m.srcdoc(t)
	default:
		m.other(t)
	}
	return true
}

// disarm takes away what runs, what reports, and what would refuse a file that comes from elsewhere than it says.
func (m *markup) disarm(t *tag) {
	before := len(t.Attr)
	t.Attr = slices.DeleteFunc(t.Attr, func(a html.Attribute) bool { return len(a.Key) > 2 && strings.HasPrefix(a.Key, "on") })
	t.changed = t.changed || len(t.Attr) < before
	t.drop("integrity", "crossorigin", "nonce", "ping", "manifest", "attributionsrc")
	if style := t.get("style"); strings.Contains(style, "(") {
		if rewritten := string(rewriteStyle([]byte(style), m.styleRef)); rewritten != style {
			t.set("style", rewritten)
		}
	}
}

// meta drops what acts on the browser; what says something about the page stays.
func (m *markup) meta(t *tag) bool {
	if t.get("charset") != "" {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(t.get("http-equiv"))) {
	case "":
		return !strings.EqualFold(t.get("name"), "referrer")
	case "content-language", "x-ua-compatible", "default-style":
		return true
	}
	return false // refresh, content-type, set-cookie, policies
}

// link keeps style sheets and icons as files, and statements (canonical, license, …) with their original address. Hints to load something are
// dropped, except that a sheet which a script would have switched on is switched on.
func (m *markup) link(t *tag) bool {
	rels := strings.Fields(strings.ToLower(t.get("rel")))
	has := func(rel string) bool { return slices.Contains(rels, rel) }
	switch {
	case has("stylesheet"):
		m.source(t, "href", page.KindStyle)
	case has("preload") && strings.EqualFold(t.get("as"), "style"):
		t.set("rel", "stylesheet")
		t.drop("as")
		m.source(t, "href", page.KindStyle)
	case has("icon") || has("apple-touch-icon") || has("apple-touch-icon-precomposed"):
		m.source(t, "href", page.KindIcon)
	case slices.ContainsFunc(rels, isStatement):
		m.hyperlink(t, "href")
	default:
		return false
	}
	return true
}

func isStatement(rel string) bool {
	switch rel {
	case "canonical", "alternate", "amphtml", "author", "license", "shortlink", "publisher", "me", "bookmark", "cite-as", "describedby",
		"original", "timegate", "timemap", "memento", "copyright", "help", "search", "tag", "archives", "first", "last", "up":
		return true
	}
	return false
}

// script makes a script inert. JSON-LD and other data are, and say things about the page.
func (m *markup) script(t *tag) {
	kind := strings.ToLower(strings.TrimSpace(t.get("type")))
	if strings.HasSuffix(kind, "json") && kind != "speculationrules+json" && t.get("src") == "" {
		return
	}
	if src := t.get("src"); src != "" {
		t.set("data-original-src", resolve(m.base, src, src))
	}
	t.drop("src", "async", "defer", "nomodule", "href", "xlink:href")
	t.set("type", "text/plain")
}

// hyperlink makes a link to another place absolute, so that it still leads there.
func (m *markup) hyperlink(t *tag, key string) {
	ref := strings.Trim(t.get(key), htmlSpace)
	if ref == "" || ref[0] == '#' {
		return
	}
	url := resolve(m.base, ref, "")
	switch scheme, _, _ := strings.Cut(url, ":"); scheme {
	case "http", "https", "mailto", "tel":
		if url != ref {
			t.set(key, url)
		}
	default: // javascript:, data:, file:, and what is no URL
		t.set("data-original-"+strings.ReplaceAll(key, ":", "-"), ref)
		t.drop(key)
	}
}

// source lets an attribute that the browser loads lead to the file.
func (m *markup) source(t *tag, key string, kind page.Kind) {
	ref := t.get(key)
	if ref == "" {
		return
	}
	if file := m.refer(ref, kind); file != ref {
		t.point(key, file)
	}
}

func (m *markup) srcset(t *tag) {
	value := t.get("srcset")
	if value == "" {
		return
	}
	rewritten := rewriteSrcset(value, func(ref string) string { return m.refer(ref, page.KindImage) })
	if rewritten != value {
		t.point("srcset", rewritten)
	}
}

func (m *markup) srcdoc(t *tag) {
	doc := t.get("srcdoc")
	if doc == "" {
		return
	}
	inner := &markup{shelf: m.shelf, base: m.base, shown: map[string]bool{}}
	inner.fragment([]byte(doc))
	t.set("srcdoc", inner.out.String())
}

// other handles the elements that load something in only one way.
func (m *markup) other(t *tag) {
	switch t.Data {
	case "video":
		m.source(t, "poster", page.KindImage)
		m.source(t, "src", page.KindMedia)
	case "audio", "track":
		m.source(t, "src", page.KindMedia)
	case "embed":
		m.source(t, "src", page.KindOther)
	case "object":
		t.drop("codebase", "archive", "classid")
		m.source(t, "data", page.KindOther)
	case "input":
		m.hyperlink(t, "formaction")
		m.source(t, "src", page.KindImage)
	case "image", "use", "feimage":
		m.source(t, "href", page.KindImage)
		m.source(t, "xlink:href", page.KindImage)
	case "body", "table", "thead", "tbody", "tfoot", "tr", "td", "th":
		m.source(t, "background", page.KindImage)
	case "applet", "portal", "fencedframe":
		t.drop("archive", "code", "codebase", "src", "config")
	}
	m.lazyBackground(t)
}
