package crawlertest

import (
	"fmt"
	"slices"

	"tearsheet/crawler/crawlertest/darkroom"
)

// Placement says where on the page a photograph's credit stands.
type Placement string

// The placements, by how often real news pages use them.
const (
	Nowhere       Placement = ""
	Element       Placement = "element"        // an element of its own in the figcaption, after the caption
	CaptionSuffix Placement = "caption-suffix" // runs on in the caption's text
	WholeCaption  Placement = "whole-caption"  // the figcaption is nothing but the credit
	ElementBefore Placement = "element-before" // an element of its own before the picture
	Foot          Placement = "foot"           // a paragraph at the article's foot
	TitleOnly     Placement = "title"          // in the img's title, after a bar
	AltOnly       Placement = "alt"            // in the img's alt, in brackets
	StateOnly     Placement = "state"          // in the page's state JSON
	DataOnly      Placement = "data"           // in a data-credit attribute
	JSONLDOnly    Placement = "json-ld"        // in the ImageObject of the article's JSON-LD
)

// Delivery says how the page names the photograph's files.
type Delivery string

// The deliveries.
const (
	Plain      Delivery = ""            // img src
	Srcset     Delivery = "srcset"      // img srcset with widths
	Density    Delivery = "density"     // img srcset with 1x, 2x
	PictureTag Delivery = "picture"     // picture with WebP sources and a JPEG img
	DataSrc    Delivery = "data-src"    // a placeholder in src, the file in data-src
	DataSrcset Delivery = "data-srcset" // a placeholder in src, the files in data-srcset
	Noscript   Delivery = "noscript"    // a placeholder for a script to fill, the img in noscript
	FullLink   Delivery = "full-link"   // img src, and a link to the large file
)

// The roles of a photograph in its article.
const (
	RoleLead = "lead"
	RoleBody = "body"
)

// Photograph is one picture in one article, with everything that is said about it.
type Photograph struct {
	Slug      string          `json:"slug"` // unique in the paper
	Scene     string          `json:"scene"`
	Format    darkroom.Format `json:"format,omitempty"`
	Large     bool            `json:"large,omitempty"` // there is a rendition 640 pixels wide too
	Delivery  Delivery        `json:"delivery,omitempty"`
	Alt       string          `json:"alt,omitempty"`       // the whole attribute as printed
	Caption   string          `json:"caption,omitempty"`   // visible, without the credit
	Credit    string          `json:"credit,omitempty"`    // as printed, with label and brackets; "" when the page gives none
	Placement Placement       `json:"placement,omitempty"` // of Credit

	Embedded []darkroom.Metadata `json:"embedded,omitempty"` // what the files say; the 160 pixel rendition and WebP sources are stripped, as by a CDN
	Want     Credit              `json:"want"`

	Article    string      `json:"article"` // URL of its article
	Role       string      `json:"role"`
	URL        string      `json:"url"` // the largest rendition in its own format
	Renditions []Rendition `json:"renditions"`
}

// Credit is what is right to say about a photograph, as a careful reader of page and file would.
type Credit struct {
	Line      string   `json:"line,omitempty"`     // the statement that wins, as printed
	People    []string `json:"people,omitempty"`   // photographers, in order, in display case
	Agencies  []string `json:"agencies,omitempty"` // every other credited party, in order
	Agreement []string `json:"agreement"`          // of page and file: agree, compatible, conflict, page_only, file_only, none; several when more than one is right, the best first
}

// Rendition is one file of a photograph.
type Rendition struct {
	URL      string          `json:"url"`
	Path     string          `json:"path"`
	Width    int             `json:"width"`  // pixels
	Height   int             `json:"height"` // pixels
	Format   darkroom.Format `json:"format"`
	Labelled bool            `json:"labelled"` // carries Embedded
}

// Widths of the renditions in pixels: the thumbnail that teasers show, the one every article shows, and the one for large screens.
const (
	widthThumb  = 160
	widthColumn = 320
	widthLarge  = 640
)

func (p Photograph) clone() Photograph {
	p.Embedded = slices.Clone(p.Embedded)
	for i := range p.Embedded {
		m := &p.Embedded[i]
		m.Carriers, m.Creators = slices.Clone(m.Carriers), slices.Clone(m.Creators)
	}
	p.Renditions = slices.Clone(p.Renditions)
	w := &p.Want
	w.People, w.Agencies, w.Agreement = slices.Clone(w.People), slices.Clone(w.Agencies), slices.Clone(w.Agreement)
	return p
}

func (p *Photograph) place(origin string) {
	if p.Format == "" {
		p.Format = darkroom.JPEG
	}
	widths := []int{widthThumb, widthColumn}
	if p.Large {
		widths = append(widths, widthLarge)
	}
	p.Renditions = nil
	add := func(w int, f darkroom.Format, labelled bool) {
		_, h := darkroom.Print{Width: w}.Size()
		path := fmt.Sprintf("/photos/%s-%d.%s", p.Slug, w, f.Extension())
		p.Renditions = append(p.Renditions, Rendition{
			URL: origin + path, Path: path, Width: w, Height: h, Format: f, Labelled: labelled && len(p.Embedded) > 0,
		})
	}
	for _, w := range widths {
		add(w, p.Format, w > widthThumb)
	}
	p.URL = p.Renditions[len(p.Renditions)-1].URL
	if p.Delivery == PictureTag {
		for _, w := range widths[1:] {
			add(w, darkroom.WebP, false)
		}
	}
}

// rendition finds the file of a width in the photograph's own format; the largest when there is none of that width.
func (p *Photograph) rendition(width int) Rendition {
	own := p.in(p.Format)
	for _, r := range own {
		if r.Width == width {
			return r
		}
	}
	return own[len(own)-1]
}

// in lists the renditions of one format, ascending.
func (p *Photograph) in(f darkroom.Format) []Rendition {
	var out []Rendition
	for _, r := range p.Renditions {
		if r.Format == f {
			out = append(out, r)
		}
	}
	return out
}

// print is what the darkroom has to make for a rendition.
func (p *Photograph) print(r Rendition, seed uint64) darkroom.Print {
	out := darkroom.Print{Scene: p.Scene, Seed: seed, Width: r.Width, Format: r.Format}
	if r.Labelled {
		out.Blocks = p.Embedded
	}
	return out
}
