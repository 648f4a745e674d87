package crawlertest

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"
)

// typeset holds the paper's page templates, parsed once.
type typeset struct{ pages *template.Template }

func newTypeset() (*typeset, error) {
	t, err := template.New("paper").Funcs(template.FuncMap{
		"day":    func(t time.Time) string { return t.Format("2 January 2006") },
		"clock":  func(t time.Time) string { return t.Format("15:04") },
		"stamp":  func(t time.Time) string { return t.Format(time.RFC3339) },
		"author": authorPath,
		"tag":    tagPath,
		"join":   func(s []string) string { return strings.Join(s, ", ") },
	}).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("reading the page templates: %w", err)
	}
	return &typeset{t}, nil
}

// sheet is what every page has around its own matter.
type sheet struct {
	Title       string
	Description string
	Canonical   string
	Language    string
	CharsetMeta template.HTML
	Sections    []Section
	Section     string // slug of the one the page belongs to
	Date        time.Time
}

func (e *edition) sheet(title, description, path string) sheet {
	return sheet{
		Title: title, Description: description, Canonical: e.origin + path,
		Language: "en", CharsetMeta: charsetMeta("utf-8"), Sections: e.sections, Date: e.date,
	}
}

// setPage fills a template and writes the page in a charset.
func (e *edition) setPage(name, charset string, view any) ([]byte, error) {
	var out strings.Builder
	if err := e.set.pages.ExecuteTemplate(&out, name, view); err != nil {
		return nil, fmt.Errorf("filling the template %s: %w", name, err)
	}
	return encode(out.String(), charset)
}

// Paths are percent-encoded where names are not ASCII, as they are sent (RFC 3986 section 2.1).
func authorPath(name string) string { return "/authors/" + url.PathEscape(slugOf(name)) + "/" }
func tagPath(tag string) string     { return "/tag/" + url.PathEscape(slugOf(tag)) + "/" }
func portraitPath(name string) string {
	return "/assets/authors/" + url.PathEscape(slugOf(name)) + ".png"
}
