package crawlertest

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

//go:embed content templates assets awkward
var files embed.FS

// filed is an article as it lies in content/: with ages in place of dates, so that the paper is always as old as its edition.
type filed struct {
	Article
	Age     string `json:"age"`     // of publication, as time.ParseDuration reads it
	Updated string `json:"updated"` // age of the last change; Age when empty
}

// sections of the paper, in the order of its navigation. Each has its articles in content/{slug}.json.
func sections(origin string) []Section {
	names := []string{"Harbour", "City", "World", "Culture", "Sport", "Science"}
	out := make([]Section, len(names))
	for i, n := range names {
		slug := slugOf(n)
		out[i] = Section{Slug: slug, Name: n, URL: origin + "/" + slug + "/"}
	}
	return out
}

// stock reads the written articles, in the order of content/; their dates count back from date.
func stock(date time.Time) ([]Article, error) {
	var out []Article
	for _, s := range sections("") {
		name := "content/" + s.Slug + ".json"
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading the %s section: %w", s.Slug, err)
		}
		var filings []filed
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&filings); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		for _, f := range filings {
			a, err := f.dated(s.Slug, date)
			if err != nil {
				return nil, fmt.Errorf("%s: article %q: %w", name, f.Slug, err)
			}
			out = append(out, a)
		}
	}
	return out, nil
}

func (f filed) dated(section string, date time.Time) (Article, error) {
	age, err := time.ParseDuration(f.Age)
	if err != nil {
		return Article{}, fmt.Errorf("reading its age: %w", err)
	}
	updated := age
	if f.Updated != "" {
		if updated, err = time.ParseDuration(f.Updated); err != nil {
			return Article{}, fmt.Errorf("reading when it was updated: %w", err)
		}
	}
	a := f.Article
	a.Section = section
	a.Published, a.Modified = date.Add(-age), date.Add(-updated)
	return a, nil
}

// choose gives n articles, newest first: written ones as long as they last, then generated ones. n of zero is all that are written.
// The articles that tests name are first in line, so that they are in the smallest edition too.
func choose(n int, seed uint64, date time.Time, origin string) ([]Article, error) {
	all, err := stock(date)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		n = len(all)
	}
	slices.SortStableFunc(all, func(a, b Article) int {
		if (a.Slug == ArticleTwoCredits) != (b.Slug == ArticleTwoCredits) {
			if a.Slug == ArticleTwoCredits {
				return -1
			}
			return 1
		}
		return newestFirst(a, b)
	})
	for i := len(all); i < n; i++ {
		all = append(all, generate(i, seed, date))
	}
	all = all[:n]
	for i := range all {
		all[i].place(origin, i)
	}
	slices.SortStableFunc(all, newestFirst)
	return all, nil
}

func newestFirst(a, b Article) int {
	if c := b.Published.Compare(a.Published); c != 0 {
		return c
	}
	return strings.Compare(a.Slug, b.Slug)
}
