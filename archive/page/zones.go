package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// zone is what an element's tag, role, class or id says about what stands inside it.
type zone uint16

const (
	zoneTeaser zone = 1 << iota // other articles
	zoneAuthor
	zoneAd
	zoneChrome // navigation, sharing, sidebars, footers: the site's own furniture
	zoneIcon
	zoneComments
	zoneCaption
	zoneCredit
	zoneGallery
	zoneHidden
	zoneBlank // a stand-in for a picture that a script will put there
	zoneVideo // a player: its picture is a still of the video
	zoneLede  // the lines between headline and text
)

// foreign are the zones whose pictures are not the article's.
const foreign = zoneTeaser | zoneAuthor | zoneAd | zoneChrome | zoneIcon | zoneComments | zoneVideo

// zoneOf reads the words in the element's class and id. The same attribute values come again and again on a page: each is read once.
func (r *reader) zoneOf(n *html.Node) zone {
	var z zone
	switch n.DataAtom {
	case atom.Nav, atom.Footer:
		z = zoneChrome
	case atom.Aside:
		z = zoneChrome
	case atom.Figcaption:
		z = zoneCaption
	}
	for i := range n.Attr {
		switch a := &n.Attr[i]; a.Key {
		case "class", "id", "role", "itemprop", "rel":
			if a.Val == "" {
				continue
			}
			words, known := r.zones[a.Val]
			if !known {
				words = zoneWords(a.Val)
				r.zones[a.Val] = words
			}
			if words&zoneHidden != 0 && a.Key == "class" && isShownWide(a.Val) {
				words &^= zoneHidden
			}
			z |= words
		}
	}
	if z&zoneGallery != 0 {
		z &^= zoneIcon
	}
	return z
}

// isShownWide says that utility classes hide an element on narrow screens only: "hidden md:block".
func isShownWide(class string) bool {
	for name := range strings.FieldsSeq(class) {
		if _, shown, ok := strings.Cut(name, ":"); ok {
			switch shown {
			case "block", "flex", "grid", "table", "inline", "inline-block", "inline-flex", "inline-grid", "contents":
				return true
			}
		}
	}
	return false
}

// zoneWords looks up the words of a class or id, cut at hyphens, underscores and inner capitals.
func zoneWords(value string) zone {
	var z zone
	var word [24]byte
	n := 0
	flush := func() {
		if n > 1 && n <= len(word) {
			z |= zoneWord(string(word[:n]))
		}
		n = 0
	}
	for i := range min(len(value), 1024) {
		c := value[i]
		upper := c >= 'A' && c <= 'Z'
		if !upper && (c < 'a' || c > 'z') || upper && i > 0 && value[i-1] >= 'a' && value[i-1] <= 'z' {
			flush()
		}
		if upper || c >= 'a' && c <= 'z' {
			if n < len(word) {
				word[n] = c | 0x20
			}
			n++
		}
	}
	flush()
	return z
}

func zoneWord(w string) zone {
	switch w {
	case "teaser", "teasers", "related", "promo", "promos", "recommended", "recommendation", "recommendations", "recirc", "recirculation",
		"readmore", "popular", "trending", "latest", "newsletter", "mostread", "upnext", "nextup", "further", "similar", "suggested",
		"suggestions", "crosssell", "sponsored", "morefrom", "listing", "card", "cards", "newest", "toplist", "weitere", "recos", "reco":
		return zoneTeaser
	case "author", "authors", "byline", "bylines", "avatar", "avatars", "contributor", "contributors", "bio", "profile", "writer", "autor",
		"auteur", "autore", "columnist", "userpic":
		return zoneAuthor
	case "ad", "ads", "advert", "advertisement", "advertising", "adslot", "sponsor", "sponsors", "banner", "anzeige", "werbung", "publicidad",
		"affiliate", "commerce":
		return zoneAd
	case "nav", "navigation", "navbar", "menu", "breadcrumb", "breadcrumbs", "footer", "sidebar", "masthead", "share", "sharing", "social",
		"toolbar", "subscribe", "subscription", "paywall", "login", "rail", "topbar", "navi", "cookie", "consent", "signup", "cta", "signature":
		return zoneChrome
	case "icon", "icons", "logo", "logos", "emoji", "badge", "sprite", "spinner", "loader", "flag", "rating", "ico":
		return zoneIcon
	case "comment", "comments", "disqus":
		return zoneComments
	case "caption", "captions", "figcaption", "cutline", "legend", "legende", "bildunterschrift", "bildtext", "didascalia", "subline",
		"bildlegende", "imagecaption", "photocaption", "imgcaption":
		return zoneCaption
	case "credit", "credits", "copyright", "photographer", "photocredit", "imagecredit", "fotograf", "source", "quelle", "bildquelle",
		"attribution", "rights", "copyrights":
		return zoneCredit
	case "gallery", "galleries", "slideshow", "slider", "carousel", "galerie", "swiper", "lightbox":
		return zoneGallery
	case "sr", "visually", "offscreen", "screenreader", "hidden", "invisible", "truncated":
		return zoneHidden
	case "blank", "spacer", "pixel", "transparent", "placeholder", "loading", "dummy":
		return zoneBlank
	case "video", "videos", "player", "videoplayer":
		return zoneVideo
	case "lede", "standfirst", "dek", "subtitle", "subheadline", "subhead", "subheading", "deck", "chapo", "sottotitolo", "bajada", "entradilla",
		"vorspann", "excerpt", "headline", "title", "intro", "ingress", "hed", "kicker", "eyebrow", "rubric", "category", "tag", "tags",
		"price", "timestamp", "dateline":
		return zoneLede
	}
	if n := strings.TrimSuffix(w, "s"); strings.HasSuffix(n, "credit") || strings.HasSuffix(n, "copyright") || strings.HasSuffix(n, "photographer") {
		return zoneCredit
	}
	if strings.HasPrefix(w, "logo") || strings.HasSuffix(w, "logo") || strings.HasSuffix(w, "icon") {
		return zoneIcon
	}
	return 0
}
