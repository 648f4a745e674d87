// Package page tells what a news page says and what it needs, as functions over a parsed tree.
//
// A page is met twice: when the crawler fetches it, and when the archive gives it back. Both times somebody has parsed it already, so
// [Read] takes the tree and not the bytes, and one walk over it collects everything:
//
//   - what the page says about itself (title, authors, dates, publisher, …), each value with the place that said it;
//   - the article's own pictures with their renditions and captions, apart from logos, advertisements, portraits of authors and teasers
//     of other articles;
//   - the requisites: every URL that a browser would ask for in order to show the page, and every other rendition of its pictures;
//   - the hyperlinks.
//
// [UTF8] comes before the parse (the tree must be made from UTF-8), [StyleURLs] reads the style sheets that arrive later, and
// [MainText] derives the running text for those who search, quote or compare; it is too dear for the walk.
// [SplitSrcset] and [StyleReferences] tell where the URLs stand in a srcset and in a style sheet: who gives a page back rewrites them there.
//
// The package does not fetch, does not store and does not run scripts: a picture whose URL only a script would put together is not seen,
// and no URL is invented. Who made a photograph is the business of the resolver of credits: this package hands over statements, each with
// its kind and its place: a CSS path, for an attribute with its name in brackets behind it; for JSON-LD "ld+json[n]" and a JSON pointer into
// the block n of those that could be read; for the page's state the path of its element and a span of bytes in it. Rules are about HTML, its vocabularies and the words that authors of pages use, never about one publisher.
//
// The crawler and the archive may import it; of this module it imports archive/photo only.
package page

import (
	"net/url"
	"time"

	"golang.org/x/net/html"

	"tearsheet/archive/photo"
)

// Sourced is a value and where the page said it: "json-ld", "citation", "dc", "og", "meta", "microdata", "byline", "title", "link" or
// "html". The zero value means that the page does not say.
type Sourced struct{ Value, Source string }

// Document is what a page says and needs. All URLs are absolute, http or https, and without fragment.
type Document struct {
	URL         string
	Canonical   Sourced
	Title       Sourced
	Authors     []Sourced
	Published   Sourced // RFC 3339 date or date-time where the page's form can be read, else as written
	Modified    Sourced // the same
	Publisher   Sourced // the publication, which is often the site's name
	Section     Sourced
	Language    Sourced // BCP 47 as the page writes it
	Description Sourced
	Type        Sourced // "NewsArticle", "article", …
	Paywalled   bool    // the page itself says isAccessibleForFree=false
	TextLength  int     // characters (runes, white space collapsed) of paragraph text
	Images      []Image
	Requisites  []Requisite // each URL once; essential ones first, in document order
	Links       []Link
	Refresh     string // target of a meta refresh
	LeftOut     int    // mentions of requisites beyond [MaxRequisites], which are not in Requisites
	Unlisted    int    // pictures beyond the bound, which are not in Images; their files are among the requisites
}

// PublishedTime parses Published; false when the page gives no usable date. A date without time of day or zone counts as UTC.
func (d *Document) PublishedTime() (time.Time, bool) {
	t, _, ok := parseDate(d.Published.Value)
	return t, ok
}

// Image is one of the article's own pictures.
type Image struct {
	Src        string   // the largest candidate named
	Candidates []string // every rendition of it, Src first
	Role       string   // "lead" (above or at the top of the text) or "body"
	Alt        string
	Caption    string // the visible caption without its credit element
	Statements []photo.Statement
}

// Roles of an [Image].
const (
	RoleLead = "lead"
	RoleBody = "body"
)

// Kind says what a requisite is for.
type Kind string

const (
	KindImage  Kind = "image"
	KindStyle  Kind = "style"
	KindScript Kind = "script"
	KindFont   Kind = "font"
	KindFrame  Kind = "frame"
	KindIcon   Kind = "icon"
	KindMedia  Kind = "media"
	KindOther  Kind = "other"
)

// Requisite is something that the page needs to be shown, or another rendition of one of its pictures.
type Requisite struct {
	URL  string `json:"url"`
	Kind Kind   `json:"kind"`

	// Essential requisites make a page partial when they are missing: style sheets that apply, visible frames, and the candidates of
	// the article's pictures, of which one that arrived is enough (see [Document.Images] for what belongs together).
	Essential bool `json:"-"`
}

// Link is a hyperlink with its text, white space collapsed.
type Link struct {
	URL  string `json:"url"`
	Text string `json:"text"`
}

// MaxRequisites is how many requisites one page may name; Document.LeftOut counts what is beyond.
const MaxRequisites = 16384

// Bounds on what one page may make us hold and do. Real pages stay far below; what exceeds a bound is left out.
const (
	maxRequisites  = MaxRequisites
	maxLinks       = 16384
	maxPictures    = 2048
	maxRenditions  = 256 // of one picture
	maxCandidates  = 256 // of one srcset
	maxNamed       = 64  // pictures that metadata name
	maxHeadings    = 64
	maxAuthors     = 64
	maxDepth       = 2048    // of the tree; html.Parse itself stops at 512
	maxEmbedded    = 4       // documents inside documents: noscript, srcdoc
	maxURL         = 8192    // bytes of one URL, and of one value in metadata
	maxLinkText    = 1024    // bytes of one link's text
	maxAttribute   = 2 << 20 // bytes of one attribute with JSON or a srcset for scripts
	maxJSONLD      = 2 << 20 // bytes of one block
	maxJSONLDTotal = 4 << 20 // bytes of all blocks
	maxJSONDepth   = 64
	maxStateNested = 8 << 20 // bytes of JSON inside strings
	maxLook        = 200_000 // elements looked at for captions
)

// Read walks the tree once and tells what the page says and needs. at is the URL that the document came from; when it is nil, only
// absolute URLs are found. The tree is not changed.
func Read(doc *html.Node, at *url.URL) *Document {
	r := newReader(at)
	r.children(doc, scope{})
	return r.finish()
}
