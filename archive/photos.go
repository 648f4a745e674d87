package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tearsheet/archive/photo"
	"tearsheet/archive/photo/creditline"
)

// PhotoQuery selects photographs. Zero fields select all.
type PhotoQuery struct {
	URL       string    // of the page: as asked, as reached, or its canonical one (Match)
	Prefix    string    // of the page's address, as in Query
	Run       string    // of the run that captured the page
	From      time.Time // the first moment of a page's capture that counts
	To        time.Time // the last moment that counts
	By        string    // a person of the credit (creditline.SamePerson), or some words of the name, whatever case and accents
	Agency    string    // an agency of the credit by any of its names (creditline.SameAgency), or some words of it
	Missing   bool      // only photographs of which nobody says who made them
	Conflicts bool      // only photographs of which page and file name different makers
	Limit     int       // at most so many
}

// FoundPhoto is a photograph, and where it is listed. Its JSON is that of a row of photos.jsonl, with the run in page and in all files.
type FoundPhoto struct {
	RunID     string // of the run that lists it: the one that captured the page, or one that derived its photographs again
	Page      PhotoPage
	N         int    // the how-manieth photograph of its page, from 1
	Photo     Photo  // the Run of all its Files is filled in
	Extractor string // the program by whose rules it was found
}

// PhotoPage is the page that shows a photograph, as photos.jsonl tells of it.
type PhotoPage struct {
	RunID     string    // of the run that captured it
	ID        string    // Page.ID
	URL       string    // as asked
	Final     string    // after redirects, where it differs
	Canonical string    // as the page itself says, where it differs
	Time      time.Time // of the capture
	Title     string
	Record    string // WARC-Record-ID of the page's own answer; "" when there was none
}

// MarshalJSON gives a row of photos.jsonl that says of which run its positions are.
func (f FoundPhoto) MarshalJSON() ([]byte, error) {
	p := Page{
		ID: f.Page.ID, URL: f.Page.URL, Final: f.Page.Final, Canonical: f.Page.Canonical, Time: f.Page.Time, Title: f.Page.Title, Run: f.Page.RunID,
		Extractor: f.Extractor, Capture: &Kept{Record: f.Page.Record}, Photos: []Photo{f.Photo},
	}
	r := newPhotoRow(p, 0)
	r.Position = f.N
	return r.encode()
}

// Photos yields the photographs of all committed runs, newest run first, within a run page by page as they were added, and of a page in the
// order in which it shows them. Of a page whose photographs were derived again it yields only the newest derivation, at the place of the run that
// made it; of a page of which that derivation finds no photograph, nothing.
//
// Nothing is yielded of a list that was not proven, as with Pages; a run that cannot be read or proven is yielded as an error, and the iteration
// goes on with the next one. It reads one list at a time, row by row, and remembers some hundred bytes of each page that was derived again. A run
// of a program that wrote no photos.jsonl is read from its pages.
func (a *Archive) Photos(ctx context.Context, q PhotoQuery) iter.Seq2[FoundPhoto, error] {
	return func(yield func(FoundPhoto, error) bool) {
		match, err := Query{URL: q.URL, Prefix: q.Prefix, From: q.From, To: q.To}.compile()
		if err != nil {
			yield(FoundPhoto{}, err)
			return
		}
		left, again := q.Limit, map[pageKey]string{}
		for list := range a.photoLists(ctx, q.Run) {
			for f, err := range a.runPhotos(ctx, list, q.Run, again) {
				if err == nil && (match != nil && !match(f.Page.head()) || !q.Wants(f.Photo)) {
					continue
				}
				if !yield(f, err) {
					return
				}
				if err != nil {
					continue
				}
				if left--; left == 0 {
					return
				}
			}
		}
	}
}

// pageKey names a capture of a page.
type pageKey struct{ run, id string }

func (p PhotoPage) head() pageHead {
	return pageHead{URL: p.URL, Final: p.Final, Canonical: p.Canonical, Time: p.Time}
}

// photoList is the list of photographs of a run, open to be read once, or why it is not.
type photoList struct {
	Entry
	manifest Manifest
	rc       io.ReadCloser // nil where there is no list, or it is not wanted
	err      error
}

func (l photoList) drop() {
	if l.rc != nil {
		_ = l.rc.Close() // nothing was written
	}
}

// photoLists opens the lists of all runs, newest first, or of one and of those that read its pages again. Of a store far away the next ones are opened before
// they are asked for.
func (a *Archive) photoLists(ctx context.Context, only string) iter.Seq[photoList] {
	return func(yield func(photoList) bool) {
		entries := func(yield func(photoList) bool) {
			for e, err := range a.Entries(ctx) {
				if !yield(photoList{Entry: e, err: err}) {
					return
				}
			}
		}
		open := func(ctx context.Context, l photoList) photoList {
			if l.err != nil {
				return l
			}
			return a.openPhotos(ctx, l.Entry, only)
		}
		for l := range ahead(ctx, entries, a.reach(), open, photoList.drop) {
			if !yield(l) {
				l.drop()
				return
			}
		}
	}
}

// openPhotos opens the list of a run, after it was read whole and proven.
func (a *Archive) openPhotos(ctx context.Context, e Entry, only string) photoList {
	l := photoList{Entry: e}
	if l.manifest, l.err = a.Manifest(ctx, e); l.err == nil {
		list := l.manifest.file(photosName)
		if list == nil || l.manifest.file(derivedName) == nil && only != "" && only != e.RunID {
			return l
		}
		l.rc, l.err = a.proven(ctx, e.RunID, *list)
	}
	if l.err != nil {
		l.err = fmt.Errorf("reading the photographs of run %s: %w", e.RunID, l.err)
	}
	return l
}

// runPhotos yields those photographs of one run that no newer run has derived again, and closes its list. again holds, by page, the newest run that did; the
// pages that this run read again are added to it. With only, pages of other runs are left out.
func (a *Archive) runPhotos(ctx context.Context, l photoList, only string, again map[pageKey]string) iter.Seq2[FoundPhoto, error] {
	return func(yield func(FoundPhoto, error) bool) {
		defer l.drop()
		e := l.Entry
		fail := func(err error) bool {
			return yield(FoundPhoto{}, fmt.Errorf("reading the photographs of run %s: %w", e.RunID, err))
		}
		if l.err != nil {
			yield(FoundPhoto{}, l.err)
			return
		}
		list, derives := l.manifest.file(photosName), l.manifest.file(derivedName)
		if derives != nil {
			if err := a.readAgain(ctx, e.RunID, *derives, again); err != nil {
				fail(err) // what it derived is not known, so that older ones may be yielded
				return
			}
		} else if only != "" && only != e.RunID {
			return
		}
		if list == nil {
			a.photosOfPages(ctx, e, again, yield)
			return
		}
		for row, err := range readRows(l.rc, photosFormat) {
			var r photoRow
			if err == nil {
				r, err = parsePhotoRow(row.text)
			}
			if err != nil {
				fail(fmt.Errorf("%s line %d: %w", ObjectKey(e.RunID, photosName), row.line, err))
				return
			}
			f := r.found(e.RunID)
			newest, ok := again[pageKey{f.Page.RunID, f.Page.ID}]
			if ok && newest != e.RunID || only != "" && only != f.Page.RunID {
				continue
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

// readAgain notes the pages that a run read again, unless a newer one did.
func (a *Archive) readAgain(ctx context.Context, run string, list Resource, again map[pageKey]string) error {
	rc, err := a.proven(ctx, run, list)
	if err != nil {
		return err
	}
	for row, err := range readRows(rc, pagesFormat) {
		var p Page
		if err == nil {
			p, err = ParsePage(row.text)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("%s line %d: %w", ObjectKey(run, derivedName), row.line, err), rc.Close())
		}
		if key := (pageKey{p.Run, p.ID}); again[key] == "" {
			again[key] = run
		}
	}
	return rc.Close()
}

// photosOfPages yields the photographs of a run that has no list of them.
func (a *Archive) photosOfPages(ctx context.Context, e Entry, again map[pageKey]string, yield func(FoundPhoto, error) bool) {
	for p, err := range a.runPages(ctx, e, nil) {
		if err != nil {
			if !yield(FoundPhoto{}, err) {
				return
			}
			continue
		}
		if again[pageKey{e.RunID, p.ID}] != "" {
			continue
		}
		for i := range p.Photos {
			if !yield(newPhotoRow(p, i).found(e.RunID), nil) {
				return
			}
		}
	}
}

// found is the photograph of a row that stands in the list of a run.
func (r photoRow) found(run string) FoundPhoto {
	p := r.Page
	if p.Run == "" {
		p.Run = run
	}
	return FoundPhoto{
		RunID: run, N: r.Position, Photo: r.photo().in(run), Extractor: r.Extractor,
		Page: PhotoPage{RunID: p.Run, ID: p.ID, URL: p.URL, Final: p.Final, Canonical: p.Canonical, Time: p.Time, Title: p.Title, Record: p.Record},
	}
}

// file gives what the manifest says of a file; nil when it lists none of that path.
func (m Manifest) file(name string) *Resource {
	i := slices.IndexFunc(m.Resources, func(r Resource) bool { return r.Path == name })
	if i < 0 {
		return nil
	}
	return &m.Resources[i]
}

// Wants reports whether a photograph is one that is asked for by its credit: By, Agency, Missing, Conflicts. The other fields are not looked at.
func (q PhotoQuery) Wants(p Photo) bool {
	switch {
	case q.Missing && p.Credit.Agreement != photo.None:
		return false
	case q.Conflicts && p.Credit.Agreement != photo.Conflict:
		return false
	case q.By != "" && !anyNamed(p.Credit.People, q.By, creditline.SamePerson):
		return false
	case q.Agency != "" && !anyNamed(p.Credit.Agencies, q.Agency, creditline.SameAgency):
		return false
	}
	return true
}

// anyNamed reports whether one of the names is the same as what is sought, or has all its words.
func anyNamed(names []string, sought string, same func(a, b string) bool) bool {
	words := nameWords(sought)
	return len(words) > 0 && slices.ContainsFunc(names, func(name string) bool {
		has := nameWords(name)
		return same(name, sought) || !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(has, w) })
	})
}

// nameWords gives the words of a name for comparison: without accents (Unicode's compatibility decomposition), in lower case.
func nameWords(name string) []string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, c):
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			b.WriteRune(unicode.ToLower(c))
		case c == '\'' || c == '’': // O'Neill is one word
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}

// OpenFile opens the bytes of a photograph's file: the document of its record, with content coding removed, or of the record that a revisit refers
// to. run is the one that lists the photograph; FoundPhoto's files name theirs. Reading more than limit bytes fails. What it gives is proven at
// its end, as with Read: its last Read gives io.EOF only when the record is whole. The error wraps ErrNotArchived for a file that did not come.
func (a *Archive) OpenFile(ctx context.Context, run string, f PhotoFile, limit int64) (io.ReadCloser, error) {
	if f.Run != "" {
		run = f.Run
	}
	rc, err := a.OpenKept(ctx, run, f.kept(), limit)
	if err != nil {
		return nil, fmt.Errorf("opening the picture %s: %w", f.URL, err)
	}
	return rc, nil
}
