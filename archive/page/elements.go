package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tearsheet/archive/photo"
)

// enter reads what an element says by itself and prepares the scope of its children; false when these are not to be walked.
func (r *reader) enter(n *html.Node, s *scope) bool {
	if n.Namespace != "" {
		return r.enterForeign(n)
	}
	switch n.DataAtom {
	case atom.Html:
		r.claims.say(fieldLanguage, fromLang, attr(n, "lang"))
	case atom.Title:
		if r.title == "" {
			r.title = textOf(n, nil)
		}
		return false
	case atom.Base:
		r.enterBase(n)
	case atom.Meta:
		r.enterMeta(n, s)
	case atom.Link:
		r.enterLink(n)
	case atom.Script:
		r.enterScript(n)
		return false
	case atom.Style:
		if n.FirstChild != nil {
			r.style(n.FirstChild.Data)
		}
		return false
	case atom.Template:
		return hasAttr(n, "shadowrootmode") // others are inert
	case atom.Noscript:
		r.enterNoscript(n, *s)
		return false
	case atom.A:
		r.enterAnchor(n, s)
	case atom.Area:
		r.link(attr(n, "href"), attr(n, "alt"))
	case atom.H1, atom.H2:
		r.enterHeading(n, *s)
	case atom.Time:
		r.enterTime(n, *s)
	case atom.Nav, atom.Footer, atom.Aside:
		s.quiet = true
	case atom.Select, atom.Textarea, atom.Button, atom.Figcaption: // however long a caption is
		s.quiet = true
	default:
		return r.enterMedia(n, s)
	}
	return true
}

// enterMedia reads the elements that show something.
func (r *reader) enterMedia(n *html.Node, s *scope) bool {
	switch n.DataAtom {
	case atom.Picture:
		s.picture = &picture{node: r.place(n, *s), order: r.order}
	case atom.Img:
		r.enterImage(n, *s)
	case atom.Source:
		r.enterSource(n, *s)
	case atom.Video, atom.Audio:
		s.media = true
		r.needs.add(r.res, attr(n, "src"), KindMedia, false)
		r.needs.add(r.res, attr(n, "poster"), KindImage, false)
	case atom.Track:
		r.needs.add(r.res, attr(n, "src"), KindOther, false)
	case atom.Iframe, atom.Frame:
		r.needs.add(r.res, attr(n, "src"), KindFrame, !isUnseenFrame(n))
		if doc := attr(n, "srcdoc"); doc != "" {
			r.embed(doc, n, *s)
		}
		r.attributes(n, *s)
		return false
	case atom.Object:
		r.plugin(attr(n, "data"), attr(n, "type"))
	case atom.Embed:
		r.plugin(attr(n, "src"), attr(n, "type"))
	case atom.Input:
		if strings.EqualFold(attr(n, "type"), "image") {
			r.needs.add(r.res, attr(n, "src"), KindImage, false)
		}
	case atom.Body, atom.Table, atom.Td, atom.Th, atom.Tr:
		if background := attr(n, "background"); background != "" {
			r.needs.add(r.res, background, KindImage, false)
		}
	default:
		if n.Data == "amp-img" || n.Data == "amp-anim" {
			r.enterImage(n, *s)
		}
	}
	return true
}

// enterForeign reads elements of SVG: pictures and sprites by reference.
func (r *reader) enterForeign(n *html.Node) bool {
	switch n.Data {
	case "image", "use", "feImage":
		for _, a := range n.Attr {
			if a.Key == "href" {
				r.needs.add(r.res, a.Val, KindImage, false)
			}
		}
	case "style":
		if n.FirstChild != nil {
			r.style(n.FirstChild.Data)
		}
		return false
	case "script":
		return false
	}
	return true
}

// place is the element of the page at which something stands that was found in n, which may be part of an embedded document.
func (r *reader) place(n *html.Node, s scope) *html.Node {
	if s.host != nil {
		return s.host
	}
	return n
}

func (r *reader) enterBase(n *html.Node) {
	href := attr(n, "href")
	if r.based || href == "" {
		return
	}
	r.based = true
	if u, ok := r.res.resolve(href); ok {
		r.res = resolverAt(u)
	}
}

func (r *reader) enterLink(n *html.Node) {
	href := attr(n, "href")
	as := strings.ToLower(attr(n, "as"))
	alternate := false
	for rel := range strings.FieldsSeq(strings.ToLower(attr(n, "rel"))) {
		switch rel {
		case "alternate":
			alternate = true
		case "stylesheet":
			r.needs.add(r.res, href, KindStyle, !alternate && !hasAttr(n, "disabled"))
		case "icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "fluid-icon":
			r.needs.add(r.res, href, KindIcon, false)
		case "preload":
			r.needs.add(r.res, href, preloadKind(as), false)
			for _, c := range parseSrcset(attr(n, "imagesrcset"), &r.needs.leftOut) {
				r.needs.add(r.res, c.url, KindImage, false)
			}
		case "modulepreload":
			r.needs.add(r.res, href, KindScript, false)
		case "manifest":
			r.needs.add(r.res, href, KindOther, false)
		case "image_src":
			r.metaPicture(href)
		case "canonical":
			if u, ok := r.res.resolve(href); ok {
				r.claims.say(fieldCanonical, fromCanonical, u)
			}
		}
	}
	if isImageProperty(attr(n, "itemprop")) {
		r.metaPicture(href)
	}
}

func preloadKind(as string) Kind {
	switch as {
	case "image":
		return KindImage
	case "style":
		return KindStyle
	case "script":
		return KindScript
	case "font":
		return KindFont
	case "video", "audio":
		return KindMedia
	}
	return KindOther
}

func isImageProperty(itemprop string) bool {
	switch itemprop {
	case "image", "thumbnailUrl", "contentUrl", "primaryImageOfPage", "thumbnail":
		return true
	}
	return false
}

// metaPicture notes a picture that the page names for link previews. It is mostly one of the article's own.
func (r *reader) metaPicture(ref string) {
	if u, ok := r.needs.add(r.res, ref, KindImage, false); ok {
		r.metaPics = append(r.metaPics, u)
	}
}

func (r *reader) enterMeta(n *html.Node, s *scope) {
	content := attr(n, "content")
	if content == "" {
		if content = attr(n, "value"); content == "" { // what some take for its name
			return
		}
	}
	switch strings.ToLower(attr(n, "http-equiv")) {
	case "refresh":
		if s.host == nil {
			r.enterRefresh(content)
		}
		return
	case "content-language":
		r.claims.say(fieldLanguage, fromMeta, content)
		return
	}
	if prop := attr(n, "itemprop"); prop != "" {
		if isImageProperty(prop) {
			r.metaPicture(content)
		}
		if f := itemField(prop); f != noField && !ofOtherItem(n) {
			r.claims.say(f, fromMicrodata, content)
		}
	}
	for _, key := range [...]string{"property", "name"} {
		name := strings.ToLower(strings.TrimSpace(attr(n, key)))
		if name == "" {
			continue
		}
		switch name {
		case "og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "thumbnail", "image":
			r.metaPicture(content)
			r.preview = append(r.preview, description{urls: []string{content}})
		case "og:image:alt", "twitter:image:alt":
			r.previewAlt(n, content)
		case "msapplication-tileimage":
			r.needs.add(r.res, content, KindIcon, false)
		default:
			if isImageWord(name) && isAbsolute(content) && isReference(content) {
				r.needs.add(r.res, content, KindImage, false)
			}
			f, from := metaField(name)
			r.claims.say(f, from, content)
		}
	}
}

// previewAlt notes the text for the picture that was named last (Open Graph protocol, "Structured Properties").
func (r *reader) previewAlt(n *html.Node, text string) {
	if last := len(r.preview) - 1; last >= 0 {
		r.preview[last].add(photo.Alt, collapse(html.UnescapeString(text)), photo.PageMeta, r.paths.of(n))
	}
}

// enterRefresh reads "5; url=https://…" (HTML standard, section 4.2.5.3).
func (r *reader) enterRefresh(content string) {
	if u, ok := r.res.resolve(RefreshTarget(content)); ok && r.refresh == "" {
		r.refresh = u
	}
}

// RefreshTarget gives the URL that the value of a refresh names, as it is written there; "" when it names none. The Refresh field of HTTP
// has the same form as the meta element.
func RefreshTarget(content string) string {
	i := strings.IndexAny(content, ";,")
	if i < 0 {
		return ""
	}
	target := strings.TrimSpace(content[i+1:])
	if hasPrefixFold(target, "url") {
		if rest := strings.TrimSpace(target[3:]); strings.HasPrefix(rest, "=") {
			target = strings.TrimSpace(rest[1:])
		}
	}
	return strings.Trim(target, `"'`)
}

func (r *reader) enterScript(n *html.Node) {
	if src := attr(n, "src"); src != "" {
		r.needs.add(r.res, src, KindScript, false)
	}
	if n.FirstChild == nil {
		return
	}
	text := n.FirstChild.Data
	kind, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(attr(n, "type"))), ";")
	switch kind {
	case "application/ld+json":
		r.linked.add(text)
	case "", "text/javascript", "application/javascript", "module":
		r.state().script(text)
		r.noteState(n, "", text)
	default:
		if strings.HasSuffix(kind, "json") {
			r.state().json(text)
			r.noteState(n, "", text)
		}
	}
}

// state gives a scan that takes the pictures it finds as requisites.
func (r *reader) state() stateScan {
	return stateScan{budget: &r.nested, found: func(ref string) { r.needs.add(r.res, ref, KindImage, false) }}
}

func (r *reader) style(sheet string) {
	for ref := range StyleReferences([]byte(sheet)) {
		r.needs.add(r.res, ref.URL, ref.Kind, ref.Kind == KindStyle)
	}
}

func (r *reader) enterNoscript(n *html.Node, s scope) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode: // a parser that would run scripts leaves the content as text
			r.embed(c.Data, n, s)
		case html.ElementNode:
			if s.host == nil {
				s.host = n
			}
			r.element(c, s)
		}
	}
}

func (r *reader) enterAnchor(n *html.Node, s *scope) {
	href := attr(n, "href")
	if href == "" {
		return
	}
	a := &anchor{node: n}
	s.anchor = a
	if u, ok := r.res.resolve(href); ok {
		a.url = u
		if endsInImageExtension(u) {
			r.needs.add(r.res, u, KindImage, false)
			r.carry(n, *s, u, sizeLinked)
		}
	}
}

func (r *reader) link(href, text string) {
	if u, ok := r.res.resolve(href); ok && len(r.links) < maxLinks {
		r.links = append(r.links, Link{URL: u, Text: collapse(text)})
	}
}

func (r *reader) enterHeading(n *html.Node, s scope) {
	if s.host == nil && len(r.headings) < maxHeadings && (n.DataAtom == atom.H1 || len(r.headings) == 0) {
		r.headings = append(r.headings, heading{n, r.order, textOf(n, nil)})
	}
}

// plugin notes what object and embed show, as far as its type tells.
func (r *reader) plugin(ref, mime string) {
	kind := KindOther
	switch {
	case strings.HasPrefix(mime, "image/") || mime == "" && endsInImageExtension(ref):
		kind = KindImage
	case strings.HasPrefix(mime, "video/") || strings.HasPrefix(mime, "audio/"):
		kind = KindMedia
	case mime == "text/html":
		kind = KindFrame
	}
	r.needs.add(r.res, ref, kind, false)
}

// isPixel says that an element is not meant to be seen: it is there to be asked for.
func isPixel(n *html.Node) bool {
	w, h := attr(n, "width"), attr(n, "height")
	small := func(s string) bool { return s == "0" || s == "1" }
	if small(w) && small(h) || small(w) && h == "" || w == "" && small(h) {
		return true
	}
	style := attr(n, "style")
	return strings.Contains(style, "1px") && isPixelStyle(style)
}

// isPixelStyle says that a style makes an element as large as a point: "width:1px;height:1px".
func isPixelStyle(style string) bool {
	style = strings.ReplaceAll(style, " ", "")
	has := func(property string) bool {
		return strings.HasPrefix(style, property) || strings.Contains(style, ";"+property)
	}
	return (has("width:1px") || has("width:0")) && (has("height:1px") || has("height:0"))
}

// isUnseenFrame says that a frame only runs scripts. Pictures that wait for a script are often not displayed either; frames are not.
func isUnseenFrame(n *html.Node) bool {
	if isPixel(n) || hasAttr(n, "hidden") {
		return true
	}
	style := strings.ToLower(strings.ReplaceAll(attr(n, "style"), " ", ""))
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}
