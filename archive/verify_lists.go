package archive

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"slices"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// pageRows compares a list of pages with the page records, follows every position in it, and notes the photographs. The error is only for the
// end of ctx.
func (r *runAudit) pageRows(ctx context.Context, list string, in io.Reader) error {
	key := ObjectKey(r.id, list)
	r.read[list] = true
	for row, err := range readRows(in, pagesFormat) {
		if err != nil {
			if mayBeWhole(err) {
				r.read[list] = false
				return ctx.Err()
			}
			r.unsure = true
			r.problem(Problem{Object: key, Offset: row.offset, What: "page list cannot be read to its end", Found: err.Error()})
			break
		}
		if list == pagesName {
			r.rows++
		}
		p, err := ParsePage(row.text)
		if err == nil && (p.Run != "") != (list == derivedName) {
			err = fmt.Errorf("page %s of run %q does not belong into this list", p.URL, p.Run)
		}
		if err != nil {
			r.unsure = true
			r.problem(Problem{Object: key, Offset: row.offset, What: fmt.Sprintf("line %d", row.line), Found: err.Error()})
			continue
		}
		listed, sum := r.pages[list], sha256.Sum256(row.text)
		if listed[sum]--; listed[sum] < 0 && !r.broken {
			r.problem(Problem{Object: key, Offset: row.offset, What: fmt.Sprintf("line %d, page %s, is not the text of any page record", row.line, p.URL)})
		}
		for _, k := range p.positions() {
			what := Problem{Object: key, Offset: row.offset, What: fmt.Sprintf("page %s: %s", p.URL, k.URL)}
			if k.Run == "" || k.Run == r.id {
				r.kept(what, k)
			} else if err := r.elsewhere(ctx, what, k); err != nil {
				return err
			}
		}
		for i := range p.Photos {
			r.photos[newPhotoRow(p, i).sum()]++
		}
	}
	return ctx.Err()
}

// positions gives all that the row says of where records stand.
func (p Page) positions() []Kept {
	all := slices.Concat(p.Hops, p.Requisites)
	if p.Capture != nil {
		all = append(all, *p.Capture)
	}
	for _, ph := range p.Photos {
		for _, f := range ph.Files {
			all = append(all, f.kept())
		}
	}
	return all
}

// unlistedPages reports page records that no list has. What a list lacks that is missing or could not be read is not said again.
func (r *runAudit) unlistedPages(m Manifest) {
	for _, f := range m.Resources {
		if _, ok := r.pages[f.Path]; ok && !r.read[f.Path] {
			delete(r.pages, f.Path)
			r.unsure = true
		}
	}
	for list, left := range r.pages {
		for n := range maps.Values(left) {
			if n > 0 {
				r.problem(Problem{Object: ObjectKey(r.id, list), What: fmt.Sprintf("%d page records with the same text are not listed", n)})
			}
		}
	}
}

// kept checks that a position leads to a record with that URL and digest.
func (r *runAudit) kept(p Problem, k Kept) {
	if k.File == "" {
		return // nothing was recorded: refused, or left out
	}
	f := r.records.at(k.File, k.Offset)
	switch {
	case f == nil && r.broken:
		return // what was there is damaged, and has been reported
	case f == nil:
		p.What += fmt.Sprintf(" leads to byte %d of %s, where no record begins", k.Offset, k.File)
	case f.url != maphash.String(r.seed, k.URL):
		p.What += fmt.Sprintf(" leads to byte %d of %s, where the record of another URL is", k.Offset, k.File)
	case f.digest.String() != k.Digest && (!f.digest.IsZero() || k.Type != warc.Revisit): // those of others may state none of ours
		p.What, p.Expected, p.Found = p.What+" leads to a record with another payload", f.digest.String(), k.Digest
	case f.length != k.Length || f.typ != k.Type || f.id != maphash.String(r.seed, k.Record):
		p.What += fmt.Sprintf(" leads to byte %d of %s with another length, type or record id", k.Offset, k.File)
	default:
		return
	}
	r.problem(p)
}

// elsewhere checks a position in another run with that run's index, which is compared with its records when that run is audited. Answers that
// no index lists are let pass.
func (r *runAudit) elsewhere(ctx context.Context, p Problem, k Kept) error {
	if k.File == "" || !k.indexed() {
		return nil
	}
	key, err := index.SURT(k.URL)
	if err != nil {
		return nil //nolint:nilerr // what has no key is in no index
	}
	for f, err := range r.archive.lookupIn(ctx, k.Run, key) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			p.What += " leads to run " + k.Run + ", whose index cannot be read"
			return r.failedAt(ctx, p, err)
		}
		if f.Row.File == k.File && f.Row.Offset == k.Offset && f.Row.Length == k.Length && f.Row.URL == k.URL {
			return nil
		}
	}
	p.What += fmt.Sprintf(" leads to byte %d of %s in run %s, and that run's index lists no record of it there", k.Offset, k.File, k.Run)
	r.problem(p)
	return nil
}

// sum is the digest of what a row says, whatever members a later program may have added to it.
func (r photoRow) sum() [sha256.Size]byte {
	text, err := json.Marshal(struct {
		Page     rowPage
		Position int
		Photo    Photo
	}{r.Page, r.Position, r.photo()})
	if err != nil { // a time that JSON took and does not give
		text = fmt.Appendf(nil, "%+v", r)
	}
	return sha256.Sum256(text)
}

// photoRows compares photos.jsonl with the photographs of the listed pages.
func (r *runAudit) photoRows(key string, in io.Reader) {
	r.read[photosName] = true
	for row, err := range readRows(in, photosFormat) {
		if mayBeWhole(err) {
			r.read[photosName] = false
			return
		}
		if err != nil {
			r.problem(Problem{Object: key, Offset: row.offset, What: "list of photographs cannot be read to its end", Found: err.Error()})
			break
		}
		r.pictures++
		ph, err := parsePhotoRow(row.text)
		if err != nil {
			r.problem(Problem{Object: key, Offset: row.offset, What: fmt.Sprintf("line %d", row.line), Found: err.Error()})
			continue
		}
		sum := ph.sum()
		if r.photos[sum]--; r.photos[sum] < 0 && !r.unsure {
			r.problem(Problem{Object: key, Offset: row.offset, What: fmt.Sprintf("line %d, photograph %s of page %s, is not as the page has it", row.line, ph.Src, ph.Page.URL)})
		}
	}
	missing := 0
	for n := range maps.Values(r.photos) {
		missing += max(n, 0)
	}
	if missing > 0 {
		r.problem(Problem{Object: key, What: fmt.Sprintf("%d photographs of listed pages are not in it", missing)})
	}
}

// photoTotals compares the manifest's word on how many there are.
func (r *runAudit) photoTotals(m Manifest) {
	if t := m.Tearsheet.Photos; t != nil && r.read[photosName] && t.Total != r.pictures {
		r.problem(Problem{Object: ObjectKey(r.id, manifestName), What: "the number of photographs is not that of photos.jsonl",
			Expected: fmt.Sprint(r.pictures), Found: fmt.Sprint(t.Total)})
	}
}
