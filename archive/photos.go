package archive

import (
	"context"
	"iter"
	"strings"
	"time"

	"tearsheet/archive/photo"
)

// PhotoQuery selects photographs. Zero fields select all.
type PhotoQuery struct {
	URL       string    // of the page: as asked, as reached, or its canonical one (Match)
	Prefix    string    // of the page's address, as in Query
	Run       string    // of the run that holds the page's capture
	From      time.Time // the first moment of a page's capture that counts
	To        time.Time // the last moment that counts
	By        string    // a person of the credit: every word of it is a word of the name, whatever case and accents
	Agency    string    // an agency of the credit, by any of its names
	Missing   bool      // only photographs of which nobody says who made them
	Conflicts bool      // only photographs of which page and file name different makers
	Limit     int       // at most so many
}

// FoundPhoto is a photograph, and where it is listed.
type FoundPhoto struct {
	RunID string // of the run that lists it: the one that captured the page, or one that derived its photographs again
	Page  PhotoPage
	N     int   // the how-manieth photograph of its page, from 1
	Photo Photo // the Run of all its Files is filled in
}

// PhotoPage is the page that shows a photograph, as photos.jsonl tells of it.
type PhotoPage struct {
	RunID  string    // of the run that holds the page's capture
	ID     string    // Page.ID
	URL    string    // as asked
	Time   time.Time // of the capture
	Title  string
	Record string // WARC-Record-ID of the page's own answer; "" when there was none
}

// Photos yields the photographs of all committed runs, newest run first, within a run page by page as they were added, and of a page in the
// order in which it shows them. Of a page whose photographs were derived again it yields only the newest derivation, at the place of the run that
// made it. Nothing is yielded of a list that was not proven, as with Pages; a run that cannot be read or proven is yielded as an error, and the
// iteration goes on with the next one.
func (a *Archive) Photos(ctx context.Context, q PhotoQuery) iter.Seq2[FoundPhoto, error] {
	return func(yield func(FoundPhoto, error) bool) {
		left := q.Limit
		for ref, err := range a.Pages(ctx, Query{URL: q.URL, Prefix: q.Prefix, Run: q.Run, From: q.From, To: q.To}) {
			if err != nil {
				if !yield(FoundPhoto{}, err) {
					return
				}
				continue
			}
			p := ref.Page
			at := PhotoPage{RunID: ref.RunID, ID: p.ID, URL: p.URL, Time: p.Time, Title: p.Title}
			if p.Capture != nil {
				at.Record = p.Capture.Record
			}
			for i, ph := range p.Photos {
				for j := range ph.Files {
					ph.Files[j].Run = ref.RunID
				}
				if !q.wants(ph) {
					continue
				}
				if !yield(FoundPhoto{RunID: ref.RunID, Page: at, N: i + 1, Photo: ph}, nil) {
					return
				}
				if left--; left == 0 {
					return
				}
			}
		}
	}
}

// wants reports whether the photograph itself is one that is asked for.
func (q PhotoQuery) wants(p Photo) bool {
	switch {
	case q.Missing && p.Credit.Agreement != photo.None:
		return false
	case q.Conflicts && p.Credit.Agreement != photo.Conflict:
		return false
	case q.By != "" && !anyNamed(p.Credit.People, q.By):
		return false
	case q.Agency != "" && !anyNamed(p.Credit.Agencies, q.Agency):
		return false
	}
	return true
}

func anyNamed(names []string, sought string) bool {
	for _, n := range names {
		if strings.Contains(strings.ToLower(n), strings.ToLower(sought)) {
			return true
		}
	}
	return false
}
