package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"

	"tearsheet/archive/page"
	"tearsheet/archive/photo"
	"tearsheet/archive/photo/imagemeta"
)

// documentJSON is what inspect --json prints of a page. Its keys are kept stable; lists are never null.
type documentJSON struct {
	URL        string           `json:"url"`
	Canonical  string           `json:"canonical"`
	Title      string           `json:"title"`
	Authors    []string         `json:"authors"`
	Published  string           `json:"published"`
	Modified   string           `json:"modified"`
	Site       string           `json:"site"`
	Language   string           `json:"language"`
	TextLength int              `json:"text_length"` // characters of paragraph text
	Images     []imageJSON      `json:"images"`
	Requisites []page.Requisite `json:"requisites"`
	Links      []page.Link      `json:"links"`
}

// imageJSON is one of the article's own pictures.
type imageJSON struct {
	Src        string            `json:"src"`
	Candidates []string          `json:"candidates"`
	Role       string            `json:"role"`
	Alt        string            `json:"alt"`
	Caption    string            `json:"caption"`
	Credit     photo.Credit      `json:"credit"`
	Statements []photo.Statement `json:"statements"`
}

func newDocumentJSON(d *page.Document) documentJSON {
	out := documentJSON{
		URL: d.URL, Canonical: d.Canonical.Value, Title: d.Title.Value, Authors: []string{},
		Published: d.Published.Value, Modified: d.Modified.Value, Site: d.Publisher.Value, Language: d.Language.Value,
		TextLength: d.TextLength, Images: []imageJSON{},
		Requisites: listOf(d.Requisites), Links: listOf(d.Links),
	}
	for _, a := range d.Authors {
		out.Authors = append(out.Authors, a.Value)
	}
	for _, i := range d.Images {
		credit := photo.Resolve(i.Statements)
		out.Images = append(out.Images, imageJSON{
			Src: i.Src, Candidates: listOf(i.Candidates), Role: i.Role, Alt: i.Alt, Caption: i.Caption,
			Credit: credit, Statements: listOf(i.Statements),
		})
	}
	return out
}

// listOf makes a missing list an empty one, so that JSON has [] and not null.
func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// tellDocument prints what a page says and needs.
func (a *app) tellDocument(d *page.Document, asJSON bool) error {
	if asJSON {
		return a.printJSON(newDocumentJSON(d))
	}
	fmt.Fprintln(a.stdout, inert(d.URL))
	var authors []string
	for _, p := range d.Authors {
		authors = append(authors, p.Value)
	}
	source := ""
	if len(d.Authors) > 0 {
		source = d.Authors[0].Source
	}
	for _, f := range []struct {
		name  string
		value page.Sourced
	}{
		{"title", d.Title}, {"authors", page.Sourced{Value: strings.Join(authors, ", "), Source: source}}, {"published", d.Published},
		{"modified", d.Modified}, {"site", d.Publisher}, {"section", d.Section}, {"language", d.Language}, {"canonical", d.Canonical},
	} {
		if f.value.Value != "" {
			fmt.Fprintf(a.stdout, "  %-10s %s  [%s]\n", f.name, plain(f.value.Value), f.value.Source)
		}
	}
	fmt.Fprintf(a.stdout, "  %-10s %s\n", "text", english.Plural(d.TextLength, "character", ""))
	for _, i := range d.Images {
		a.tellImage(i)
	}
	a.tellRequisites(d)
	return nil
}

func (a *app) tellImage(i page.Image) {
	fmt.Fprintf(a.stdout, "\n%s photo %s\n", i.Role, plain(i.Src))
	if n := len(i.Candidates); n > 1 {
		fmt.Fprintf(a.stdout, "  %-10s %d\n", "sizes", n)
	}
	for _, f := range []struct{ name, value string }{{"alt", i.Alt}, {"caption", i.Caption}} {
		if f.value != "" {
			fmt.Fprintf(a.stdout, "  %-10s %s\n", f.name, plain(f.value))
		}
	}
	a.tellCredit(photo.Resolve(i.Statements), i.Statements)
}

// tellCredit prints who is said to have made a photograph, and where that is said.
func (a *app) tellCredit(c photo.Credit, statements []photo.Statement) {
	if c.Line != "" {
		fmt.Fprintf(a.stdout, "  %-10s %s  [%s: %s]\n", "credit", plain(c.Line), c.Agreement, c.Rule)
	}
	for _, s := range statements {
		if s.Property == photo.Alt || s.Property == photo.Caption {
			continue
		}
		fmt.Fprintf(a.stdout, "  %-10s %s  [%s]\n", s.Property, plain(s.Value), s.Kind)
	}
}

func (a *app) tellRequisites(d *page.Document) {
	count := map[page.Kind]int{}
	for _, r := range d.Requisites {
		count[r.Kind]++
	}
	var parts []string
	for _, k := range []page.Kind{page.KindImage, page.KindStyle, page.KindScript, page.KindFont, page.KindFrame, page.KindIcon, page.KindMedia, page.KindOther} {
		if n := count[k]; n > 0 {
			parts = append(parts, english.Plural(n, string(k), ""))
		}
	}
	if parts == nil {
		parts = []string{"nothing"}
	}
	fmt.Fprintf(a.stdout, "\nwould be archived with the page: %s\nlinks: %d\n", strings.Join(parts, ", "), len(d.Links))
}

// imageFileJSON is what inspect --json prints of an image file.
type imageFileJSON struct {
	Kind       string             `json:"kind"` // "image"
	Format     imagemeta.Format   `json:"format"`
	Width      int                `json:"width"`  // pixels as stored; 0 where the file does not say
	Height     int                `json:"height"` // the same
	Embedded   imagemeta.Embedded `json:"embedded"`
	Carriers   []string           `json:"carriers"` // the containers of metadata that are in it
	Statements []photo.Statement  `json:"statements"`
	IIMChanged bool               `json:"iim_changed,omitempty"` // by a program that did not know the XMP
	Damage     []string           `json:"damage,omitempty"`      // what could not be read
}

// inspectImage prints what an image file says. A damaged one is told as far as it could be read.
func (a *app) inspectImage(name string, body []byte, f inspectFlags) error {
	if f.text {
		return usagef("%s is a picture: --text is for pages", name)
	}
	m, err := imagemeta.Read(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	var damage []string
	if m.Damage != nil {
		damage = strings.Split(m.Damage.Error(), "\n")
		a.notice(fmt.Sprintf("%s is damaged or cut, and is shown as far as it could be read: %s", name, strings.Join(damage, "; ")))
	}
	if f.json {
		return a.printJSON(imageFileJSON{
			Kind: "image", Format: m.Header.Format, Width: m.Header.Width, Height: m.Header.Height, Embedded: m.Embedded(),
			Carriers: listOf(m.Carriers), Statements: listOf(m.Statements), IIMChanged: m.IIMChanged, Damage: damage,
		})
	}
	a.tellImageFile(name, m)
	return nil
}

// tellImageFile prints what an image file says to people: what to show of it first, then every statement with its place.
func (a *app) tellImageFile(name string, m *imagemeta.Metadata) {
	fmt.Fprintf(a.stdout, "%s\n  %-10s %s\n", inert(name), "format", m.Header.Format)
	if m.Header.Width > 0 {
		fmt.Fprintf(a.stdout, "  %-10s %d x %d\n", "size", m.Header.Width, m.Header.Height)
	}
	if m.Carriers != nil {
		fmt.Fprintf(a.stdout, "  %-10s %s\n", "metadata", strings.Join(m.Carriers, ", "))
	}
	e := m.Embedded()
	for _, f := range []struct{ name, value string }{
		{"creator", strings.Join(e.Creator, ", ")}, {"credit", e.Credit}, {"copyright", e.Copyright}, {"source", e.Source},
	} {
		if f.value != "" {
			fmt.Fprintf(a.stdout, "  %-10s %s\n", f.name, plain(strings.ReplaceAll(f.value, "\n", "; ")))
		}
	}
	if e.AI {
		fmt.Fprintf(a.stdout, "  %-10s made by a trained model or an algorithm, at least in part, as the file says\n", "note")
	}
	if m.C2PA {
		fmt.Fprintf(a.stdout, "  %-10s it has a C2PA manifest, which is shown as claimed: its signature is not verified\n", "note")
	}
	if m.IIMChanged {
		fmt.Fprintf(a.stdout, "  %-10s its IIM was changed by a program that did not know the XMP\n", "note")
	}
	if len(m.Statements) == 0 {
		return
	}
	fmt.Fprintln(a.stdout)
	for _, s := range m.Statements {
		fmt.Fprintf(a.stdout, "  %s: %s  [%s %s]", s.Property, plain(s.Value), s.Kind, plain(s.Locator))
		for _, f := range s.Flags {
			fmt.Fprintf(a.stdout, " (%s)", strings.ReplaceAll(string(f), "_", " "))
		}
		fmt.Fprintln(a.stdout)
		for _, t := range s.Translations {
			fmt.Fprintf(a.stdout, "    %s: %s\n", plain(t.Lang), plain(t.Value))
		}
	}
}
