package crawlertest

import (
	"html/template"
	"strconv"
	"strings"
	"time"
)

// articleView is what the article's template is filled with.
type articleView struct {
	sheet
	Article   *Article
	Lead      *figure
	Blocks    []block
	Foot      []string // credits at the article's foot
	LD        map[string]any
	State     map[string]any // nil when the page has none
	AMP       string
	ReadNext  []teaser
	Portraits []portrait
	Pixel     string
	Image     *Photograph // for OpenGraph
	SectionOf Section
}

// block is a paragraph or a figure between paragraphs.
type block struct {
	Text   string
	Figure *figure
}

type portrait struct{ Name, Path, Href string }

// teaser is another article as it is announced: a thumbnail whose alt text and caption are not this page's business.
type teaser struct {
	Article *Article
	Thumb   *Rendition
	Alt     string
	Href    string
}

// paidFor is how many paragraphs of a paywalled article everybody may read.
const paidFor = 2

func (e *edition) articlePage(i int) ([]byte, error) {
	a := &e.articles[i]
	v := articleView{
		sheet: e.sheet(a.Headline, a.Standfirst, a.Path()), Article: a, LD: e.newsArticle(a),
		ReadNext: e.readNext(i), Pixel: pixelPath + "?page=" + a.Slug, SectionOf: e.section(a.Section),
		Lead: figureOf(a, 0), Foot: footCredits(a), State: pageState(a), Image: a.Lead(),
	}
	v.Language, v.CharsetMeta, v.Section = a.Language, charsetMeta(a.Charset), a.Section
	if a.AMP {
		v.AMP = e.origin + ampPrefix + a.Path()
	}
	for _, name := range a.Authors {
		v.Portraits = append(v.Portraits, portrait{name, portraitPath(name), authorPath(name)})
	}
	v.Blocks = blocksOf(a)
	return e.setPage("article.html", a.Charset, v)
}

// blocksOf spreads the body's pictures between the paragraphs.
func blocksOf(a *Article) []block {
	text := a.Text
	if a.Paywalled {
		text = text[:min(paidFor, len(text))]
	}
	var out []block
	next := 1
	for n, p := range text {
		out = append(out, block{Text: p})
		if next < len(a.Photographs) && n >= 1 {
			out = append(out, block{Figure: figureOf(a, next)})
			next++
		}
	}
	for ; next < len(a.Photographs); next++ {
		out = append(out, block{Figure: figureOf(a, next)})
	}
	return out
}

func (e *edition) section(slug string) Section {
	for _, s := range e.sections {
		if s.Slug == slug {
			return s
		}
	}
	return Section{Slug: slug, Name: slug, URL: e.origin + "/" + slug + "/"}
}

// readNext announces the three articles that follow in the paper.
func (e *edition) readNext(i int) []teaser {
	var out []teaser
	for n := 1; n <= 3 && n < len(e.articles); n++ {
		out = append(out, e.teaser((i+n)%len(e.articles)))
	}
	return out
}

func (e *edition) teaser(i int) teaser {
	a := &e.articles[i]
	t := teaser{Article: a, Href: a.Path()}
	if p := a.Lead(); p != nil {
		r := p.rendition(widthThumb)
		t.Thumb, t.Alt = &r, p.Alt
	}
	return t
}

// newsArticle is the article's JSON-LD. Every picture is an ImageObject bound by contentUrl; only those whose credit stands nowhere else
// say whose they are, as on real pages, where nine of ten say nothing.
func (e *edition) newsArticle(a *Article) map[string]any {
	var images []any
	for i := range a.Photographs {
		p := &a.Photographs[i]
		r := p.rendition(widthLarge)
		o := map[string]any{"@type": "ImageObject", "contentUrl": r.URL, "width": r.Width, "height": r.Height}
		if p.Caption != "" {
			o["caption"] = p.Caption
		}
		if p.Placement == JSONLDOnly {
			o["creditText"] = p.Credit
		}
		images = append(images, o)
	}
	var authors []any
	for _, name := range a.Authors {
		authors = append(authors, map[string]any{"@type": "Person", "name": name, "url": e.origin + authorPath(name)})
	}
	ld := map[string]any{
		"@context": "https://schema.org", "@type": "NewsArticle", "@id": a.URL, "url": a.URL, "mainEntityOfPage": a.URL,
		"headline": a.Headline, "description": a.Standfirst, "inLanguage": a.Language,
		"articleSection": e.section(a.Section).Name, "keywords": a.Tags, "author": authors,
		"datePublished": a.Published.Format(time.RFC3339), "dateModified": a.Modified.Format(time.RFC3339),
		"isAccessibleForFree": !a.Paywalled,
		"publisher": map[string]any{
			"@type": "NewsMediaOrganization", "name": Name, "url": e.origin + "/",
			"logo": map[string]any{"@type": "ImageObject", "url": e.origin + mastheadPath},
		},
	}
	if images != nil {
		ld["image"] = images
	}
	return ld
}

// footCredits are the credits that stand at the article's foot, each once.
func footCredits(a *Article) []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range a.Photographs {
		if p.Placement == Foot && !seen[p.Credit] {
			seen[p.Credit] = true
			out = append(out, p.Credit)
		}
	}
	return out
}

// pageState is the JSON from which a script would draw the page; only articles with a credit that stands nowhere else have it.
func pageState(a *Article) map[string]any {
	var media []any
	for i := range a.Photographs {
		if p := &a.Photographs[i]; p.Placement == StateOnly {
			media = append(media, map[string]any{"type": "image", "url": p.URL, "caption": p.Caption, "credit": p.Credit})
		}
	}
	if media == nil {
		return nil
	}
	return map[string]any{"props": map[string]any{"article": map[string]any{"slug": a.Slug, "media": media}}}
}

// ampView is the article in the few elements that AMP allows.
type ampView struct {
	sheet
	Article *Article
	Images  []ampImage
	LD      map[string]any
}

type ampImage struct {
	Rendition
	Photograph *Photograph
	Srcset     template.Srcset
}

func (e *edition) ampPage(i int) ([]byte, error) {
	a := &e.articles[i]
	v := ampView{sheet: e.sheet(a.Headline, a.Standfirst, a.Path()), Article: a, LD: e.newsArticle(a)}
	v.Language = a.Language
	for n := range a.Photographs {
		p := &a.Photographs[n]
		v.Images = append(v.Images, ampImage{p.rendition(widthColumn), p, widths(p.in(p.Format)[1:])})
	}
	return e.setPage("amp.html", "utf-8", v)
}

// widths writes a srcset with width descriptors.
func widths(of []Rendition) template.Srcset {
	return candidates(of, func(_ int, r Rendition) string { return strconv.Itoa(r.Width) + "w" })
}

// densities writes a srcset with 1x, 2x; of has the smaller first.
func densities(of []Rendition) template.Srcset {
	return candidates(of, func(i int, _ Rendition) string { return strconv.Itoa(i+1) + "x" })
}

func candidates(of []Rendition, descriptor func(int, Rendition) string) template.Srcset {
	parts := make([]string, len(of))
	for i, r := range of {
		parts[i] = r.Path + " " + descriptor(i, r)
	}
	return template.Srcset(strings.Join(parts, ", "))
}
