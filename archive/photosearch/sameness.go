package photosearch

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"tearsheet/archive"
	"tearsheet/archive/photo"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/photo/likeness"
	"tearsheet/archive/photo/raster"
)

const (
	// leastSide is the width and height in pixels from which on a file shows something.
	leastSide = 64
	// comparedSide is the width in pixels that is enough to compare pictures by: of several files the smallest of at least this width is decoded.
	comparedSide = 256
	// maxFile bounds the files that are decoded, in bytes.
	maxFile = 64 << 20
	// maxOnPage is how many photographs of one page may be the same picture.
	maxOnPage = 2
)

// digest is the payload digest of a file, as the archive tells it: the first 32 of its hex digits.
type digest [32]byte

func digestOf(f archive.PhotoFile) (d digest, ok bool) {
	_, hex, _ := strings.Cut(f.Digest, ":")
	return d, copy(d[:], hex) == len(d)
}

// sameness knows which files are of the same picture. Those of one photograph are.
type sameness struct {
	parent  map[digest]digest            // leads from a file to the one that stands for its picture, which leads to itself
	count   map[digest]int               // of photographs, by the file that stands for the picture
	samples map[digest]archive.PhotoFile // to look at, by the same
	sets    map[digest]*set              // of pictures that recur, by the same
}

// set is a picture that several photographs show.
type set struct {
	number      int
	said        []photo.Statement // each saying once, flagged photo.Shared
	places      []Place
	page        string // that showed it last, and how often so far
	onPage      int
	placeholder bool
}

func newSameness() *sameness {
	return &sameness{parent: map[digest]digest{}, count: map[digest]int{}, samples: map[digest]archive.PhotoFile{}, sets: map[digest]*set{}}
}

// pictures gives the files of a photograph that show something.
func pictures(p archive.Photo) iter.Seq2[digest, archive.PhotoFile] {
	return func(yield func(digest, archive.PhotoFile) bool) {
		for _, f := range p.Files {
			if f.Format == "" || f.Format != imagemeta.SVG && (f.Width < leastSide || f.Height < leastSide) {
				continue
			}
			if d, ok := digestOf(f); ok && !yield(d, f) {
				return
			}
		}
	}
}

// root gives the file that stands for the picture of a file.
func (s *sameness) root(d digest) digest {
	if _, known := s.parent[d]; !known {
		s.parent[d] = d
		return d
	}
	top := d
	for s.parent[top] != top {
		top = s.parent[top]
	}
	for s.parent[d] != top {
		d, s.parent[d] = s.parent[d], top
	}
	return top
}

// unite notes that two files are of the same picture.
func (s *sameness) unite(a, b digest) {
	a, b = s.root(a), s.root(b)
	if a == b {
		return
	}
	s.parent[b] = a
	s.count[a] += s.count[b]
	if f, ok := s.samples[b]; ok {
		s.sample(a, f)
	}
	delete(s.count, b)
	delete(s.samples, b)
}

// add notes the files of a photograph, and with sample which of them can be looked at.
func (s *sameness) add(p archive.Photo, sample bool) {
	var first digest
	n := 0
	for d, f := range pictures(p) {
		if n++; n == 1 {
			first = d
		}
		s.unite(first, d)
		if sample {
			s.sample(s.root(d), f)
		}
	}
	if n > 0 {
		s.count[s.root(first)]++
	}
}

// sample notes a file that can be looked at, unless a better one is known.
func (s *sameness) sample(root digest, f archive.PhotoFile) {
	old, known := s.samples[root]
	enough := func(f archive.PhotoFile) bool { return f.Width >= comparedSide }
	better := enough(f) && f.Width < old.Width || !enough(old) && f.Width > old.Width
	if !known || better {
		s.samples[root] = f
	}
}

// looked is a picture by its looks.
type looked struct {
	root  digest
	looks likeness.Print
}

// compare looks at one file of every picture, and unites those that are alike. It yields the errors of files that could not be read.
func (s *sameness) compare(ctx context.Context, a *archive.Archive, uncompared func(archive.PhotoFile, error)) iter.Seq[error] {
	return func(yield func(error) bool) {
		roots := make([]digest, 0, len(s.samples))
		for d := range s.samples {
			roots = append(roots, d)
		}
		slices.SortFunc(roots, func(a, b digest) int { return slices.Compare(a[:], b[:]) }) // so that the same archive gives the same errors
		var all []looked
		for _, d := range roots {
			f := s.samples[d]
			file, err := read(ctx, a, f)
			if err != nil {
				if !yield(err) || ctx.Err() != nil {
					return
				}
				continue
			}
			looks, err := printOf(file)
			if err != nil {
				if uncompared != nil {
					uncompared(f, err)
				}
				continue
			}
			all = append(all, looked{d, looks})
		}
		for i := range all {
			for j := range all[:i] {
				if all[i].looks.Like(&all[j].looks) {
					s.unite(all[j].root, all[i].root)
				}
			}
		}
	}
}

func read(ctx context.Context, a *archive.Archive, f archive.PhotoFile) ([]byte, error) {
	rc, err := a.OpenFile(ctx, f.Run, f, maxFile)
	if err != nil {
		return nil, err
	}
	defer rc.Close() // nothing was written
	b, err := io.ReadAll(rc)
	if err != nil {
		return nil, fmt.Errorf("reading the picture %s: %w", f.URL, err)
	}
	return b, nil
}

func printOf(file []byte) (likeness.Print, error) {
	img, err := raster.Decode(file)
	if err != nil {
		return likeness.Print{}, err
	}
	return likeness.Of(img)
}

// recur reports whether any picture is shown more than once.
func (s *sameness) recur() bool {
	for _, n := range s.count {
		if n > 1 {
			return true
		}
	}
	return false
}

// rootOf gives the file that stands for the picture of a photograph.
func (s *sameness) rootOf(p archive.Photo) (digest, bool) {
	for d := range pictures(p) {
		if _, known := s.parent[d]; known { // what was committed meanwhile is not
			return s.root(d), true
		}
	}
	return digest{}, false
}

// setOf gives what is known of a photograph's picture; nil when it is shown once.
func (s *sameness) setOf(p archive.Photo) *set {
	d, ok := s.rootOf(p)
	if !ok {
		return nil
	}
	return s.sets[d]
}

// hear notes what a photograph says of a picture that recurs.
func (s *sameness) hear(f archive.FoundPhoto) {
	d, ok := s.rootOf(f.Photo)
	if !ok || s.count[d] < 2 {
		return
	}
	known := s.sets[d]
	if known == nil {
		known = &set{number: len(s.sets) + 1}
		s.sets[d] = known
	}
	if page := f.Page.RunID + " " + f.Page.ID; page != known.page {
		known.page, known.onPage = page, 0
	}
	if known.onPage++; known.onPage > maxOnPage {
		known.placeholder, known.said, known.places = true, nil, nil
	}
	if known.placeholder {
		return
	}
	known.said = photo.Merge(known.said, f.Photo.Statements)
	if len(known.places) < MaxPlaces {
		known.places = append(known.places, Place{f.Page, f.N, f.Photo.Credit})
	}
}
