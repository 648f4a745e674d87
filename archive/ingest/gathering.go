package ingest

import (
	"fmt"
	"net/url"
	"slices"

	"tearsheet/archive"
	"tearsheet/archive/page"
)

// maxImports is how many style sheets may be named by style sheets, one by the other.
const maxImports = 5

// maxRequisites bounds the requisites of one page.
const maxRequisites = 32768

// notImported is why a requisite is missing.
const notImported = "it is not among the imported records"

// gathering finds the requisites of one page.
type gathering struct {
	*importing
	page   *capture
	rows   []archive.Kept
	listed map[*capture]bool
	asked  map[string]bool
	lacks  []string
}

// document lists what a document names, with what its style sheets and frames name.
func (g *gathering) document(doc *page.Document) {
	g.asked = map[string]bool{}
	for _, r := range doc.Requisites {
		g.requisite(r, 0)
	}
}

// requisite lists one requisite, through its redirects.
func (g *gathering) requisite(r page.Requisite, depth int) {
	if g.asked[r.URL] || len(g.rows) >= maxRequisites {
		return
	}
	g.asked[r.URL] = true
	at := g.captures.find(r.URL, g.page.Time)
	for range maxHops {
		if at == nil || at.location == "" || g.listed[at] {
			break
		}
		g.list(at, r.Kind)
		at = g.captures.find(at.location, g.page.Time)
	}
	if at == nil {
		if r.Essential && r.Kind != page.KindImage { // of a picture one rendition is enough
			g.rows = append(g.rows, archive.Kept{URL: r.URL, Kind: string(r.Kind), Time: g.page.Time, Failure: notImported})
			g.lacks = append(g.lacks, fmt.Sprintf("%s %s is missing: %s", r.Kind, r.URL, notImported))
		}
		return
	}
	if r.Essential && r.Kind != page.KindImage && at.refused() {
		g.lacks = append(g.lacks, fmt.Sprintf("%s %s is missing: it answered %d", r.Kind, r.URL, at.Status))
	}
	if g.list(at, r.Kind) && !at.refused() {
		g.deepen(at, r.Kind, depth)
	}
}

// list adds the row of an answer; false when it is there already.
func (g *gathering) list(a *capture, kind page.Kind) bool {
	if g.listed[a] {
		return false
	}
	g.listed[a] = true
	k := a.Kept
	k.Kind = string(kind)
	g.rows = append(g.rows, k)
	return true
}

// deepen adds what a style sheet or a frame needs in turn. One that cannot be read needs nothing that is known.
func (g *gathering) deepen(a *capture, kind page.Kind, depth int) {
	switch {
	case kind == page.KindStyle && depth < maxImports:
		sheet, _, err := g.read(a, maxStyle)
		base, parseErr := url.Parse(a.URL)
		if err != nil || parseErr != nil {
			return
		}
		for _, r := range page.StyleURLs(sheet, base) {
			g.requisite(r, depth+1)
		}
	case kind == page.KindFrame && depth == 0:
		doc, err := g.importing.document(a)
		if err != nil {
			return
		}
		for _, r := range doc.Requisites {
			if r.Kind != page.KindFrame {
				r.Essential = false
				g.requisite(r, depth+1)
			}
		}
	}
}

// others adds what was asked for on behalf of the page and stands in none of its documents: what scripts asked for.
func (g *gathering) others(own *archive.Page) {
	if own != nil {
		for _, k := range own.Requisites {
			if a := g.captures.byID[k.Record]; a != nil {
				g.list(a, page.Kind(k.Kind))
			}
		}
	}
	for _, u := range g.captures.listed[g.page.URL] {
		if a := g.captures.find(u, g.page.Time); a != nil {
			g.list(a, archive.KindOf(a.MIME))
		}
	}
	for _, a := range g.captures.needed[g.page.URL] {
		// Documents are pages of their own, and of several captures of the page each has its own requisites.
		if a.isDocument() || g.captures.find(g.page.URL, a.Time) != g.page {
			continue
		}
		g.list(a, archive.KindOf(a.MIME))
	}
}

// missingPictures names the photographs of which the import holds no rendition.
func missingPictures(photos []archive.Photo) []string {
	var lacks []string
	for _, p := range photos {
		came := func(f archive.PhotoFile) bool { return f.File != "" && f.Status < 300 }
		if !slices.ContainsFunc(p.Files, came) {
			lacks = append(lacks, fmt.Sprintf("picture %s is missing: %s", p.Src, notImported))
		}
	}
	return lacks
}
