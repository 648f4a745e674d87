package main

import (
	"fmt"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize/english"

	"tearsheet/archive"
	"tearsheet/archive/photo"
	"tearsheet/archive/photosearch"
)

// maxCaption is how much of a caption a line shows, and maxCredit how much of a credit line and of its makers, in characters: what the web and
// files say may be of any length.
const (
	maxCaption = 100
	maxCredit  = 200
)

// textPhotos prints photographs to people, each in a few lines.
func (a *app) textPhotos() func(photosearch.Found) error {
	first := true
	return func(f photosearch.Found) error {
		if !first {
			fmt.Fprintln(a.stdout)
		}
		first = false
		fmt.Fprintln(a.stdout, caption(f.Photo))
		for _, line := range creditLines(f.Photo) {
			fmt.Fprintf(a.stdout, "    %s\n", line)
		}
		fmt.Fprintf(a.stdout, "    %s  %s  photo %d\n", stamp(f.Page.Time), plain(f.Page.URL), f.N)
		fmt.Fprintf(a.stdout, "    %s\n", plain(f.Photo.Src))
		if f.Picture != 0 {
			fmt.Fprintf(a.stdout, "    also %s\n", elsewhere(f.Also))
		}
		return nil
	}
}

// elsewhere tells in one line where else a picture is.
func elsewhere(also []photosearch.Place) string {
	p := also[0]
	text := fmt.Sprintf("%s  %s  photo %d", stamp(p.Page.Time), plain(p.Page.URL), p.N)
	if more := len(also) - 1; more > 0 {
		text += fmt.Sprintf(", and in %s", english.Plural(more, "more place", ""))
	}
	return text
}

// caption names a photograph in one line: by its caption, its description, or its file.
func caption(p archive.Photo) string {
	for _, text := range []string{p.Caption, p.Alt} {
		if text = plain(text); text != "" {
			return shortened(text, maxCaption)
		}
	}
	return path.Base(plain(p.Src))
}

// creditLines tell in one line or more who made a photograph.
func creditLines(p archive.Photo) []string {
	c := p.Credit
	switch c.Agreement {
	case photo.None, "":
		return []string{"no credit"}
	case photo.Conflict:
		sides := "CONFLICT: the page says " + said(photo.Makers(p.Statements, false)) + "; the file says " + said(photo.Makers(p.Statements, true))
		if elsewhere := photo.MakersElsewhere(p.Statements); len(elsewhere) > 0 {
			sides += "; elsewhere is said " + said(elsewhere)
		}
		return []string{"credit: " + credited(c), sides}
	}
	return []string{"credit: " + credited(c)}
}

// credited tells a credit: the line as shown, the makers where the line shows them in another form, and who says so.
func credited(c photo.Credit) string {
	text := shortened(plain(c.Line), maxCredit)
	makers := plain(strings.Join(c.People, ", "))
	if agencies := plain(strings.Join(c.Agencies, ", ")); agencies != "" {
		makers = strings.TrimPrefix(makers+"; "+agencies, "; ")
	}
	if makers = shortened(makers, maxCredit); makers != "" && makers != text {
		text += "  [" + makers + "]"
	}
	return text + "  (" + strings.ReplaceAll(string(c.Agreement), "_", " ") + ")"
}

// said quotes what page or file say.
func said(values []string) string {
	if len(values) == 0 {
		return "nothing by itself"
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = "“" + shortened(plain(v), maxCaption) + "”"
	}
	return strings.Join(quoted, ", ")
}

// plain makes a text from the web fit for a line of a terminal: inert, and with single spaces.
func plain(s string) string { return strings.Join(strings.Fields(inert(s)), " ") }

// inert leaves out of a text what would move the cursor of a terminal, turn the direction of writing or begin a new line (Unicode's categories Cc,
// Cf, Zl and Zp).
func inert(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
}

// shortened cuts a text after a word, so that it has no more than n characters.
func shortened(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	s = string(runes[:n-1])
	if i := strings.LastIndexByte(s, ' '); i > len(s)/2 {
		s = s[:i]
	}
	return s + "…"
}

// stamp tells a time as ls does, UTC.
func stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
