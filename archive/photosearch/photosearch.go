// Package photosearch finds archived photographs, and knows what is said of the same picture elsewhere: on other pages, in other captures of the
// page, in other renditions.
//
// Two photographs are the same picture when they have a file in common, byte for byte (by the payload digests that the archive lists; nothing is
// read or decoded for that), and, only when asked for, when files of theirs look the same (archive/photo/likeness, which decodes one file of every
// picture). What is said of the one is then heard of the other: its statements are added, flagged photo.Shared, and the credit is resolved anew.
// So a picture whose page says nothing is found by the name that another page gives, and a conflict between two pages comes to light.
//
// Very small files are placeholders, and make nothing the same. Nor does one that would make three photographs of one page the same: a site's
// grey box is no evidence of who took a picture.
//
// The package imports archive and the packages below it; commands use it, and whoever serves a search.
package photosearch

import (
	"context"
	"encoding/json"
	"iter"

	"tearsheet/archive"
	"tearsheet/archive/photo"
)

// Query selects photographs.
type Query struct {
	archive.PhotoQuery      // By, Agency, Missing and Conflicts count for the credit that everything said of the picture resolves to
	Similar            bool // pictures that look the same are the same
	// Uncompared, when set, is told with Similar of every picture that could not be compared by its looks, and why: errors of raster and likeness.
	Uncompared func(archive.PhotoFile, error)
}

// Found is a photograph with all that is said of its picture.
type Found struct {
	archive.FoundPhoto              // Photo.Statements has those of elsewhere at its end, flagged photo.Shared; Photo.Credit is what they all resolve to
	Own                photo.Credit // what this page and its files resolve to by themselves
	Picture            int          // the same number for photographs of the same picture, from 1; 0 for one that is nowhere else
	Also               []Place      // where else the picture is shown, newest run first; not more than MaxPlaces
}

// Place is a photograph of the same picture.
type Place struct {
	Page   archive.PhotoPage
	N      int          // the how-manieth photograph of its page, from 1
	Credit photo.Credit // what that page and its files resolve to by themselves
}

// MaxPlaces bounds how many places one picture's photographs name: a page that is captured every hour shows its picture some thousand times.
const MaxPlaces = 100

// MarshalJSON gives the row of archive.FoundPhoto with two members more, where there is something to say: also, the places as {run, url, ts, position,
// creditText}, and own, the credit of this page and its files alone.
func (f Found) MarshalJSON() ([]byte, error) {
	row, err := json.Marshal(f.FoundPhoto)
	if err != nil || f.Picture == 0 {
		return row, err
	}
	var more struct {
		Picture int           `json:"picture"`
		Own     *photo.Credit `json:"own,omitempty"`
		Also    []place       `json:"also"`
	}
	more.Picture = f.Picture
	if f.Own.Line != f.Photo.Credit.Line || f.Own.Agreement != f.Photo.Credit.Agreement {
		more.Own = &f.Own
	}
	for _, p := range f.Also {
		more.Also = append(more.Also, place{p.Page.RunID, p.Page.URL, p.Page.Time.UTC().Format("2006-01-02T15:04:05.999999Z"), p.N, p.Credit.Line})
	}
	members, err := json.Marshal(more)
	if err != nil {
		return nil, err
	}
	return append(append(row[:len(row)-1], ','), members[1:]...), nil
}

// place is the JSON of a Place.
type place struct {
	Run      string `json:"run"`
	URL      string `json:"url"`
	Time     string `json:"ts"`
	Position int    `json:"position"`
	Credit   string `json:"creditText,omitempty"`
}

// Search yields the photographs that are asked for, in the order of archive.Photos. A run that cannot be read or proven is yielded as an error, and
// the search goes on. With Similar, a file that cannot be read is yielded as an error too, before the photographs.
//
// It reads the lists of photographs of all runs twice, and a third time when pictures recur. Of every file it remembers some 100 bytes, and what is
// said of the pictures that recur; with Similar some 600 bytes more of every picture.
func Search(ctx context.Context, a *archive.Archive, q Query) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		s, ok := gather(ctx, a, q, yield)
		if !ok {
			return
		}
		left := q.Limit
		pages := archive.PhotoQuery{URL: q.URL, Prefix: q.Prefix, Run: q.Run, From: q.From, To: q.To}
		for f, err := range a.Photos(ctx, pages) {
			if err != nil {
				if !yield(Found{}, err) {
					return
				}
				continue
			}
			found := s.join(f)
			if !q.Wants(found.Photo) {
				continue
			}
			if !yield(found, nil) {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}

// gather finds out which photographs are the same picture, and what is said of those. ok is false when nobody wants to hear more.
func gather(ctx context.Context, a *archive.Archive, q Query, yield func(Found, error) bool) (s *sameness, ok bool) {
	s = newSameness()
	for f, err := range a.Photos(ctx, archive.PhotoQuery{}) {
		if err == nil { // a run that cannot be read is told when the photographs are yielded
			s.add(f.Photo, q.Similar)
		}
	}
	if q.Similar {
		for err := range s.compare(ctx, a, q.Uncompared) {
			if !yield(Found{}, err) {
				return nil, false
			}
		}
	}
	if !s.recur() {
		return s, true
	}
	for f, err := range a.Photos(ctx, archive.PhotoQuery{}) {
		if err == nil {
			s.hear(f)
		}
	}
	return s, true
}

// join adds to a photograph what is said of its picture elsewhere.
func (s *sameness) join(f archive.FoundPhoto) Found {
	found := Found{FoundPhoto: f, Own: f.Photo.Credit}
	set := s.setOf(f.Photo)
	if set == nil || set.placeholder || len(set.places) < 2 {
		return found
	}
	found.Picture = set.number
	for _, p := range set.places {
		if p.Page.RunID != f.Page.RunID || p.Page.ID != f.Page.ID || p.N != f.N {
			found.Also = append(found.Also, p)
		}
	}
	all := photo.Merge(f.Photo.Statements, set.said)
	if len(all) > len(f.Photo.Statements) {
		found.Photo.Statements, found.Photo.Credit = all, photo.Resolve(all)
	}
	return found
}
