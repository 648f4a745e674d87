package contactsheet

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed" // the templates
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed sheet.css
var style string

//go:embed sheet.html
var markup string

// templates has head, figure and foot, which stand on the sheet one after another.
var templates = template.Must(template.New("sheet").Funcs(template.FuncMap{
	"word":  word[string],
	"short": short,
	"stamp": stamp,
	"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
}).Parse(markup))

// Unread is a picture whose file could not be read from the archive.
type Unread struct {
	N   int // of the entry, from 1
	Err error
}

func (u Unread) Error() string { return fmt.Sprintf("photograph %d: %v", u.N, u.Err) }

// Unwrap gives the reason.
func (u Unread) Unwrap() error { return u.Err }

// head is what the template of that name shows.
type head struct {
	Sheet
	Totals
	Style  template.CSS
	Policy string
}

// Write writes the sheet of the entries to w. A picture whose file cannot be read has a box in its place that says so, and is in unread. The error
// is one of w, or the cause of the end of ctx.
func Write(ctx context.Context, w io.Writer, s Sheet, entries []Entry) (unread []Unread, err error) {
	out := bufio.NewWriterSize(w, 64<<10)
	s.Title = cmp.Or(s.Title, "Photographs")
	if err := templates.ExecuteTemplate(out, "head", head{s, Count(entries), template.CSS(style), policy()}); err != nil {
		return nil, err
	}
	for i, e := range entries {
		p, err := show(ctx, e.Files)
		if ctx.Err() != nil {
			return unread, context.Cause(ctx)
		}
		if err != nil {
			unread = append(unread, Unread{i + 1, err})
		}
		if err := templates.ExecuteTemplate(out, "figure", newCard(i+1, e, p)); err != nil {
			return unread, err
		}
	}
	if err := templates.ExecuteTemplate(out, "foot", s); err != nil {
		return unread, err
	}
	return unread, out.Flush()
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// policy is the Content-Security-Policy of a sheet: pictures that are in it, the one style sheet that is in it, and nothing else.
func policy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}
