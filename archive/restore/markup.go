package restore

import (
	"bytes"
	"slices"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/html"

	"tearsheet/archive/page"
)

// policy allows a restored page what stands beside it, and nothing else. 'self' is the page's own folder when a web server shows it.
const policy = `default-src 'none'; img-src 'self' file: data: blob:; media-src 'self' file: data: blob:; font-src 'self' file: data:; ` +
	`style-src 'self' file: data: 'unsafe-inline'; frame-src 'self' file: data:; base-uri 'none'; form-action 'none'`

// preamble is the first that a restored document says. Prefetching of host names is not under the policy's control.
const preamble = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="` + policy + `">` +
	`<meta http-equiv="x-dns-prefetch-control" content="off"><meta name="referrer" content="no-referrer">`

// htmlSpace is what HTML calls ASCII white space.
const htmlSpace = " \t\n\f\r"

// shelf tells a rewriter what is captured.
type shelf interface {
	// file gives the path of the file that holds what url named when the page was captured, relative to the document that is being
	// rewritten; "" when there is none, which it notes as missing.
	file(url string, kind page.Kind) string
	// picture is file for a URL that may or may not be meant as a picture: it gives "" and notes nothing unless it is one.
	picture(url string) string
}

// markup rewrites one document. Tags that need no change, and everything between tags, keep their bytes.
type markup struct {
	shelf shelf
	base  string // of relative references
	out   bytes.Buffer
	begun bool            // the preamble is written, or is not wanted
	shown map[string]bool // pictures that are shown by path, so that noscript does not show them twice
}

// rewriteDocument rewrites a whole document in UTF-8 that was captured from url.
func rewriteDocument(doc []byte, url string, s shelf) []byte {
	m := &markup{shelf: s, base: baseOf(doc, url), shown: map[string]bool{}}
	m.fragment(doc)
	if !m.begun {
		m.out.WriteString(preamble)
	}
	return m.out.Bytes()
}

// baseOf gives the URL that references in doc are relative to: that of the first base element that has one.
func baseOf(doc []byte, url string) string {
	z := html.NewTokenizer(bytes.NewReader(doc))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return url
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); string(name) != "base" {
				continue
			}
			for key, value, more := z.TagAttr(); key != nil; key, value, more = z.TagAttr() {
				if string(key) == "href" {
					return resolve(url, string(value), url)
				}
				if !more {
					break
				}
			}
		}
	}
}

// resolve gives the absolute form of ref as browsers do, or other when it has none. It has no user name and password: captures are kept without
// them, and no report shall repeat them.
func resolve(base, ref, other string) string {
	u, err := whatwg.ParseRef(base, strings.Trim(ref, htmlSpace))
	if err != nil {
		return other
	}
	u.SetUsername("")
	u.SetPassword("")
	return u.Href(false)
}

func (m *markup) fragment(doc []byte) {
	z := html.NewTokenizer(bytes.NewReader(doc))
	for {
		switch z.Next() {
		case html.ErrorToken:
			m.out.Write(z.Raw()) // a tag that the end of the document cuts off
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			m.start(z)
		case html.EndTagToken:
			m.end(z)
		case html.TextToken:
			if len(bytes.TrimSpace(z.Raw())) > 0 {
				m.preamble() // behind it a policy would not be in force
			}
			m.out.Write(z.Raw())
		default:
			m.out.Write(z.Raw())
		}
	}
}

func (m *markup) end(z *html.Tokenizer) {
	raw := slices.Clone(z.Raw()) // reading the name changes it
	switch name, _ := z.TagName(); string(name) {
	case "base", "amp-img": // the latter became an img, which has no end tag
	default:
		m.out.Write(raw)
	}
}

// start handles a start tag, with the text up to its end tag where that is not markup.
func (m *markup) start(z *html.Tokenizer) {
	raw := slices.Clone(z.Raw())
	token := z.Token()
	tag := &tag{Token: token}
	if token.Data != "html" && token.Data != "head" {
		m.preamble()
	}
	keep := m.element(tag)
	switch {
	case keep && tag.changed:
		m.out.WriteString(tag.String())
	case keep:
		m.out.Write(raw)
	}
	if tag.Type != html.StartTagToken {
		return
	}
	switch token.Data {
	case "head":
		m.preamble()
	case "style":
		m.rawText(z, func(text []byte) []byte { return rewriteStyle(text, m.styleRef) })
	case "noscript":
		m.rawText(z, m.noscript)
	}
}

// preamble writes the preamble, once: in the head, or in front of the first thing that is not in it.
func (m *markup) preamble() {
	if !m.begun {
		m.begun = true
		m.out.WriteString(preamble)
	}
}

// rawText takes the text of an element whose content is no markup to the tokenizer.
func (m *markup) rawText(z *html.Tokenizer, rewrite func([]byte) []byte) {
	switch z.Next() {
	case html.TextToken:
		m.out.Write(rewrite(slices.Clone(z.Raw())))
	case html.EndTagToken:
		m.end(z)
	default: // the end of the document
		m.out.Write(z.Raw())
	}
}

// noscript gives the content of a noscript element in a form that is shown whether or not the browser could run scripts: none will run. What
// only repeats a picture that a script would have shown, and that is shown now, stays hidden.
func (m *markup) noscript(content []byte) []byte {
	inner := &markup{shelf: m.shelf, base: m.base, begun: true, shown: map[string]bool{}}
	inner.fragment(content)
	for picture := range inner.shown {
		if m.shown[picture] {
			return inner.out.Bytes()
		}
	}
	for picture := range inner.shown {
		m.shown[picture] = true
	}
	// The element is closed before its content and opened again behind it, for the end tag that follows.
	return slices.Concat([]byte("</noscript>"), inner.out.Bytes(), []byte("<noscript>"))
}

func (m *markup) styleRef(ref string, kind page.Kind) string {
	return m.refer(ref, kind)
}

// refer gives what a reference to something that the document shows becomes: "" when there is nothing to show.
func (m *markup) refer(ref string, kind page.Kind) string {
	ref = strings.Trim(ref, htmlSpace)
	if ref == "" || ref[0] == '#' {
		return ref
	}
	if len(ref) > 5 && strings.EqualFold(ref[:5], "data:") {
		return ref
	}
	url := resolve(m.base, ref, "")
	address, fragment, _ := strings.Cut(url, "#")
	if !strings.HasPrefix(address, "http:") && !strings.HasPrefix(address, "https:") {
		return ""
	}
	file := m.shelf.file(address, kind)
	if file != "" && fragment != "" {
		file += "#" + fragment
	}
	return file
}
