package crawlertest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Section is a department of the paper.
type Section struct {
	Slug string // "harbour"
	Name string // "Harbour"
	URL  string // of its front
}

// Article is one article as it is printed now.
type Article struct {
	Slug        string       `json:"slug"`    // unique in the paper
	Section     string       `json:"section"` // slug of its section
	Headline    string       `json:"headline"`
	Standfirst  string       `json:"standfirst"`
	Authors     []string     `json:"authors"`
	Published   time.Time    `json:"published"`
	Modified    time.Time    `json:"modified"` // not before Published
	Language    string       `json:"language,omitempty"`
	Charset     string       `json:"charset,omitempty"` // WHATWG name; "utf-8" when content leaves it out
	Tags        []string     `json:"tags,omitempty"`
	Text        []string     `json:"text"` // paragraphs
	Photographs []Photograph `json:"photographs,omitempty"`
	Paywalled   bool         `json:"paywalled,omitempty"` // says isAccessibleForFree=false and shows two paragraphs
	AMP         bool         `json:"amp,omitempty"`       // has an alternate below /amp/
	Embed       bool         `json:"embed,omitempty"`     // shows the tide table in an iframe

	URL     string   `json:"url"`               // canonical, absolute
	Aliases []string `json:"aliases,omitempty"` // absolute URLs that lead to the same article: the old address, a tracking duplicate, AMP
}

// Path is the article's address below the origin.
func (a *Article) Path() string {
	return "/" + a.Section + "/" + a.Published.Format("2006/01/02") + "/" + a.Slug
}

// Lead is the article's first photograph; nil when it has none.
func (a *Article) Lead() *Photograph {
	if len(a.Photographs) == 0 {
		return nil
	}
	return &a.Photographs[0]
}

// clone copies deep enough that a caller may change everything in it.
func (a Article) clone() Article {
	a.Authors, a.Tags = slices.Clone(a.Authors), slices.Clone(a.Tags)
	a.Text, a.Aliases = slices.Clone(a.Text), slices.Clone(a.Aliases)
	a.Photographs = slices.Clone(a.Photographs)
	for i := range a.Photographs {
		a.Photographs[i] = a.Photographs[i].clone()
	}
	return a
}

// place fills in what follows from the origin and the article's number in the paper: addresses, and the defaults of its photographs.
func (a *Article) place(origin string, number int) {
	if a.Language == "" {
		a.Language = "en"
	}
	if a.Charset == "" {
		a.Charset = "utf-8"
	}
	a.URL = origin + a.Path()
	a.Aliases = []string{origin + oldPath(number), a.URL + trackingQuery}
	if a.AMP {
		a.Aliases = append(a.Aliases, origin+ampPrefix+a.Path())
	}
	a.frame(origin)
}

// frame gives the photographs what follows from their place in the article.
func (a *Article) frame(origin string) {
	for i := range a.Photographs {
		p := &a.Photographs[i]
		p.Article, p.Role = a.URL, RoleBody
		if i == 0 {
			p.Role = RoleLead
		}
		p.place(origin)
	}
}

const (
	trackingQuery = "?utm_source=newsletter&utm_medium=email&fbclid=IwAR0courier"
	ampPrefix     = "/amp"
	firstStory    = 4100 // number of the paper's oldest address
)

func oldPath(number int) string { return fmt.Sprintf("/story/%d", firstStory+number) }

// slugOf makes a path segment of a name.
func slugOf(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '.' || r == '\'' }), "-")
}
