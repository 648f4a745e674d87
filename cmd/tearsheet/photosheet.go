package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"tearsheet/archive"
	"tearsheet/archive/photo/contactsheet"
	"tearsheet/archive/photosearch"
)

// maxSheetFile bounds the files that a contact sheet reads, in bytes.
const maxSheetFile = 64 << 20

// contactSheet writes a contact sheet of what is found to the new file f.html, and returns its size in bytes. What could not be read is in the
// error, and on the sheet.
func (a *app) contactSheet(ctx context.Context, arc *archive.Archive, f photoFlags, found iter.Seq2[photosearch.Found, error]) (contactsheet.Totals, int64, error) {
	s := contactsheet.Sheet{Title: f.title(), Query: f.terms(), Archive: a.settings.Archive, Made: time.Now(), Software: software()}
	mount := mounting{app: a, arc: arc, at: map[int]int{}}
	var fault error
	n, err := a.writeNew(f.html, func(w io.Writer) error {
		for p, err := range found {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				fault = errors.Join(fault, err)
				s.Remarks = append(s.Remarks, err.Error())
			default:
				mount.add(p)
			}
		}
		unread, err := contactsheet.Write(ctx, w, s, mount.entries)
		for _, u := range unread {
			fault = errors.Join(fault, u)
		}
		return err
	})
	if err != nil {
		return contactsheet.Totals{}, 0, err
	}
	if fault != nil {
		fault = a.unread(fault)
	}
	return contactsheet.Count(mount.entries), n, fault
}

// title says in a few words what a sheet shows.
func (f *photoFlags) title() string {
	title := "Photographs"
	switch {
	case f.missing:
		title += " without credit"
	case f.conflicts:
		title += " with conflicting credits"
	}
	if f.by != "" {
		title += " by " + f.by
	}
	if f.agency != "" {
		title += " of " + f.agency
	}
	return title
}

// terms tell the query as the sheet shows it.
func (f *photoFlags) terms() []contactsheet.Term {
	var terms []contactsheet.Term
	add := func(name, value string) {
		if value != "" {
			terms = append(terms, contactsheet.Term{Name: name, Value: value})
		}
	}
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return stamp(t)
	}
	add("by", f.by)
	add("agency", f.agency)
	if f.missing {
		add("credit", "none")
	}
	if f.conflicts {
		add("credit", "in conflict")
	}
	add("pages", f.prefix)
	add("since", moment(f.span.from))
	add("until", moment(f.span.to))
	add("run", f.run)
	if f.limit > 0 {
		add("at most", english.Plural(f.limit, "photograph", "photographs"))
	}
	if f.similar {
		add("same picture", "by looks too")
	}
	return terms
}

// mounting turns photographs into the entries of a sheet: one for each picture, however often it was found.
type mounting struct {
	*app
	arc     *archive.Archive
	entries []contactsheet.Entry
	at      map[int]int // of a picture that is shown elsewhere too: its entry
}

func (m *mounting) add(f photosearch.Found) {
	if i, known := m.at[f.Picture]; known && f.Picture != 0 {
		m.entries[i].Files = m.files(m.entries[i].Files, f) // in case that those of the first cannot be read
		return
	}
	p := f.Photo
	e := contactsheet.Entry{Caption: p.Caption, Alt: p.Alt, Credit: p.Credit, Statements: p.Statements, Files: m.files(nil, f)}
	e.Places = []contactsheet.Place{m.place(f.Page, f.N, "")}
	for _, o := range f.Also {
		line := ""
		if o.Credit.Line != p.Credit.Line {
			line = o.Credit.Line
		}
		i := slices.IndexFunc(e.Places, func(known contactsheet.Place) bool {
			return known.URL == o.Page.URL && (line == "" || line == known.Credit)
		})
		if i >= 0 && !o.Page.Time.Equal(e.Places[i].Time) {
			e.Places[i].Again = append(e.Places[i].Again, o.Page.Time)
			continue
		}
		e.Places = append(e.Places, m.place(o.Page, o.N, line))
	}
	m.at[f.Picture] = len(m.entries)
	m.entries = append(m.entries, e)
}

func (m *mounting) place(p archive.PhotoPage, n int, credit string) contactsheet.Place {
	return contactsheet.Place{
		URL: p.URL, Title: p.Title, Time: p.Time, Run: p.RunID, Record: p.Record, Position: n, Credit: credit,
		Restore: fmt.Sprintf("tearsheet restore --archive %s %s --at %s -o FOLDER", shellQuoted(m.settings.Archive), shellQuoted(p.URL), p.Time.UTC().Format(time.RFC3339Nano)),
	}
}

// files adds the files of a photograph to those that are known of its picture.
func (m *mounting) files(known []contactsheet.File, f photosearch.Found) []contactsheet.File {
	for _, file := range f.Photo.Files {
		if file.Format == "" || slices.ContainsFunc(known, func(k contactsheet.File) bool { return k.Digest == file.Digest }) {
			continue
		}
		known = append(known, contactsheet.File{
			URL: file.URL, Width: file.Width, Height: file.Height, Size: file.Size, Digest: file.Digest,
			Where: fmt.Sprintf("run %s, %s at byte %d", file.Run, file.File, file.Offset), Notes: fileNotes(file),
			Open: func(ctx context.Context) (io.ReadCloser, error) {
				return m.arc.OpenFile(ctx, file.Run, file, maxSheetFile)
			},
		})
	}
	return known
}

// fileNotes tell what metadata a file carries.
func fileNotes(f archive.PhotoFile) []string {
	var notes []string
	switch {
	case len(f.Carriers) > 0:
		notes = append(notes, "carries "+strings.Join(f.Carriers, ", "))
	case f.Stripped:
		notes = append(notes, "carries no metadata")
	}
	if f.Damage != "" {
		notes = append(notes, "damaged: "+f.Damage)
	}
	return notes
}
