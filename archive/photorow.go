package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tearsheet/archive/photo"
)

const (
	photosFormat = "tearsheet-photos-1.0"
	// PhotosHeader is the first line of photos.jsonl, without its line end. It has a member that the rows have too: programs that read a list of
	// a Frictionless data package as a table, such as py-wacz when it validates, take the members of the first line for the columns, and a row
	// that has none of them for an empty one.
	PhotosHeader = `{"format":"tearsheet-photos-1.0","id":"photos","title":"Photographs","@context":"https://schema.org"}`
)

// AppendPhotoRows appends the rows that the photographs of a page have in the photos.jsonl beside it, each with its line end.
func AppendPhotoRows(b []byte, p Page) ([]byte, error) {
	for i := range p.Photos {
		row, err := newPhotoRow(p, i).encode()
		if err != nil {
			return b, fmt.Errorf("photograph %s of %s: %w", p.Photos[i].Src, p.URL, err)
		}
		b = append(append(b, row...), '\n')
	}
	return b, nil
}

// photoRow is a line of photos.jsonl: a schema.org ImageObject with members of our own. Those of schema.org say what the others resolve to, for
// programs that know that vocabulary; nothing stands in them alone, so that a row can be turned back into the Photo.
type photoRow struct {
	Context string `json:"@context"` // "https://schema.org"
	Type    string `json:"@type"`    // "ImageObject"

	// Of schema.org. width, height, encodingFormat and sha256 are those of the file at contentUrl, and stand there only when that is archived.
	ContentURL         string  `json:"contentUrl"`
	Caption            string  `json:"caption,omitempty"`
	CreditText         string  `json:"creditText,omitempty"`
	Creator            []party `json:"creator,omitempty"`
	Provider           []party `json:"provider,omitempty"` // agencies, in the order of the credit: who supplied the picture, by whatever contract
	CopyrightNotice    string  `json:"copyrightNotice,omitempty"`
	License            string  `json:"license,omitempty"`            // URL of the licence or of the rights statement
	AcquireLicensePage string  `json:"acquireLicensePage,omitempty"` // URL
	UsageInfo          string  `json:"usageInfo,omitempty"`          // terms of use, as the file has them
	Headline           string  `json:"headline,omitempty"`
	DigitalSourceType  string  `json:"digitalSourceType,omitempty"` // URL of IPTC's vocabulary
	Width              int     `json:"width,omitempty"`             // pixels
	Height             int     `json:"height,omitempty"`
	EncodingFormat     string  `json:"encodingFormat,omitempty"` // media type, by the bytes
	SHA256             string  `json:"sha256,omitempty"`         // hex, of the payload
	Position           int     `json:"position"`                 // on its page, from 1

	// Our own.
	Page       rowPage           `json:"page"`
	Role       string            `json:"role,omitempty"`
	Src        string            `json:"src"`
	Renditions []string          `json:"renditions,omitempty"`
	Alt        string            `json:"alt,omitempty"`
	Agreement  photo.Agreement   `json:"agreement"`
	Confidence float64           `json:"confidence"`
	Rule       string            `json:"rule,omitempty"`
	Markers    []string          `json:"markers,omitempty"`
	Basis      []int             `json:"basis,omitempty"` // indexes of statements
	Statements []photo.Statement `json:"statements,omitempty"`
	Files      []PhotoFile       `json:"files,omitempty"`
	Extractor  string            `json:"extractor,omitempty"`
}

// party is a person or an organisation.
type party struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

// rowPage is the page that shows a photograph.
type rowPage struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Final     string    `json:"final_url,omitempty"`
	Canonical string    `json:"canonical,omitempty"`
	Time      time.Time `json:"ts"`
	Title     string    `json:"title,omitempty"`
	Record    string    `json:"record,omitempty"` // WARC-Record-ID of its own answer
	Run       string    `json:"run,omitempty"`    // that captured it; "" for the run that lists the photograph
}

// newPhotoRow makes the row of the i-th photograph of a page.
func newPhotoRow(p Page, i int) photoRow {
	ph := p.Photos[i]
	at, file := ph.shown()
	r := photoRow{
		Context: "https://schema.org", Type: "ImageObject",
		ContentURL: at, Caption: ph.Caption, CreditText: ph.Credit.Line,
		Creator: parties("Person", ph.Credit.People), Provider: parties("Organization", ph.Credit.Agencies),
		CopyrightNotice: ph.says(photo.Copyright), License: ph.says(photo.WebStatement), AcquireLicensePage: ph.says(photo.LicensorURL),
		UsageInfo: ph.says(photo.UsageTerms), Headline: ph.says(photo.Headline), DigitalSourceType: ph.says(photo.DigitalSourceType),
		Position: i + 1,

		Page: rowPage{ID: p.ID, URL: p.URL, Final: p.Final, Canonical: p.Canonical, Time: p.Time, Title: p.Title, Run: p.Run},
		Role: ph.Role, Src: ph.Src, Renditions: ph.Renditions, Alt: ph.Alt,
		Agreement: ph.Credit.Agreement, Confidence: ph.Credit.Confidence, Rule: ph.Credit.Rule, Markers: ph.Credit.Markers, Basis: ph.Credit.Basis,
		Statements: ph.Statements, Files: ph.Files, Extractor: p.Extractor,
	}
	if len(r.Basis) == 0 {
		r.Basis = nil
	}
	if r.Page.Canonical == p.URL {
		r.Page.Canonical = ""
	}
	if p.Capture != nil {
		r.Page.Record = p.Capture.Record
	}
	if file != nil {
		r.Width, r.Height, r.EncodingFormat = file.Width, file.Height, file.mediaType()
		r.SHA256, _ = strings.CutPrefix(file.Digest, "sha256:")
	}
	return r
}

// photo is the inverse of newPhotoRow.
func (r photoRow) photo() Photo {
	if r.Basis == nil {
		r.Basis = []int{} // as Resolve has it
	}
	return Photo{
		Src: r.Src, Renditions: r.Renditions, Role: r.Role, Alt: r.Alt, Caption: r.Caption, Statements: r.Statements, Files: r.Files,
		Credit: photo.Credit{
			Line: r.CreditText, People: names(r.Creator), Agencies: names(r.Provider), Markers: r.Markers, Basis: r.Basis,
			Agreement: r.Agreement, Confidence: r.Confidence, Rule: r.Rule,
		},
	}
}

// encode gives the row's text, without a line end.
func (r photoRow) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // addresses stay as people search for them
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// parsePhotoRow reads a line of photos.jsonl, its first excepted.
func parsePhotoRow(text []byte) (photoRow, error) {
	var r photoRow
	if err := json.Unmarshal(text, &r); err != nil {
		return photoRow{}, fmt.Errorf("not a row of photographs: %w", err)
	}
	if r.Type != "ImageObject" || r.Page.ID == "" || r.Page.URL == "" || r.Position < 1 {
		return photoRow{}, errors.New("not a row of photographs: it lacks its type, its page or its position")
	}
	return r, nil
}

func parties(kind string, names []string) []party {
	var all []party
	for _, n := range names {
		all = append(all, party{kind, n})
	}
	return all
}

func names(all []party) []string {
	names := []string{}
	for _, p := range all {
		names = append(names, p.Name)
	}
	return names
}

// says gives the first statement about a property, as page and file make them.
func (p Photo) says(about photo.Property) string {
	for _, s := range p.Statements {
		if s.Property == about && !slices.Contains(s.Flags, photo.Junk) && !slices.Contains(s.Flags, photo.Ingredient) {
			return s.Value
		}
	}
	return ""
}

// shown gives the file that stands for the photograph: the one that the page names first, or else the largest that is archived. Without any it is
// the URL alone.
func (p Photo) shown() (string, *PhotoFile) {
	var best *PhotoFile
	for i := range p.Files {
		f := &p.Files[i]
		switch {
		case f.Format == "":
		case f.URL == p.Src:
			return f.URL, f
		case best == nil || f.Width*f.Height > best.Width*best.Height:
			best = f
		}
	}
	if best == nil {
		return p.Src, nil
	}
	return best.URL, best
}
