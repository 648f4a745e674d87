package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"strings"

	"tearsheet/archive/page"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/warc"
)

// maxTitled bounds in bytes the documents that are parsed for the title and requisites of an orphan.
const maxTitled = 32 << 20

// furnisher finds what belongs to pages that their process did not come to list: the exchanges that the document asks for, and those that
// were made on its behalf. One fetch may serve several pages, so an exchange is looked for by what documents name as well as by its via.
type furnisher struct {
	pages    []Page
	kinds    []map[string]page.Kind // by page: the URLs that its document names
	pictures [][]page.Image         // by page
	at       []map[string]int       // by page: index in Requisites by URL
	needy    map[string][]int       // pages by the URL of a document or of something that it needs
	images   map[string]Kept        // responses that are images, by payload digest: what revisits refer to
	last     Kept                   // the answer whose metadata has not been read yet
}

// furnish gives pages their titles, requisites and photographs, from a second reading of the run's records: the first one could not know whose they
// are.
func (d *draft) furnish(ctx context.Context, pages []Page) error {
	if len(pages) == 0 {
		return nil
	}
	f := &furnisher{pages: pages, needy: map[string][]int{}, images: map[string]Kept{}}
	for i := range pages {
		p := &pages[i]
		doc, err := d.readDocument(p)
		if err != nil {
			return fmt.Errorf("reading the document of %s: %w", speakable(p.URL), err)
		}
		kinds := map[string]page.Kind{}
		for _, r := range doc.Requisites {
			kinds[r.URL] = r.Kind
		}
		f.kinds, f.pictures = append(f.kinds, kinds), append(f.pictures, doc.Images)
		f.at = append(f.at, map[string]int{})
		for u := range kinds {
			f.needy[u] = append(f.needy[u], i)
		}
		f.needy[p.Capture.URL] = append(f.needy[p.Capture.URL], i)
	}
	paths, err := d.dataFiles()
	if err != nil {
		return err
	}
	for _, p := range paths {
		if err := eachRecord(ctx, p, f.take); err != nil {
			return err
		}
	}
	for i := range pages {
		p := &pages[i]
		p.Photos = NewPhotos(f.pictures[i], p.Capture, p.Requisites, draftFiles{d, f.images})
	}
	return nil
}

// readDocument reads the stored document of a page and takes what it says of itself. A revisit has no document of its own, and one that cannot be decoded or
// parsed says nothing: the page is whole without.
func (d *draft) readDocument(p *Page) (*page.Document, error) {
	f, err := os.Open(d.path(path.Join(dataDir, p.Capture.File)))
	if err != nil {
		return nil, err
	}
	defer f.Close() // nothing was written
	for rec, err := range warc.Read(io.NewSectionReader(f, p.Capture.Offset, p.Capture.Length)) {
		if err != nil {
			return nil, err
		}
		if rec.Type != warc.Response {
			break
		}
		if doc := parseEntity(rec); doc != nil {
			p.Describe(doc)
			return doc, nil
		}
		break
	}
	return &page.Document{}, nil
}

// parseEntity gives what the document of a response says; nil when it cannot be had. What arrived of a document that breaks off counts.
func parseEntity(rec *warc.Record) *page.Document {
	head, err := rec.Head()
	if err != nil {
		return nil
	}
	entity, err := rec.Entity(maxTitled)
	if err != nil {
		return nil
	}
	defer entity.Close() // only read
	body, _ := io.ReadAll(entity)
	tree, err := page.Parse(body, head.Header.Get("Content-Type"))
	if err != nil {
		return nil
	}
	at, err := url.Parse(rec.TargetURI)
	if err != nil {
		return nil
	}
	return page.Read(tree, at)
}

// take looks at one record: an exchange is its answer with the metadata behind it, or metadata alone when nothing came back.
func (f *furnisher) take(e evidence, answer string) error {
	switch {
	case e.row != nil:
		f.last = e.kept
		if e.kept.Type == warc.Response && strings.HasPrefix(e.kept.MIME, "image/") && e.kept.Digest != "" {
			f.images[e.kept.Digest] = e.kept
		}
	case e.hop == nil || !isRequisite(e.hop.Path):
	case answer != "" && e.about == answer:
		f.exchange(f.last, e.hop.Via)
	default:
		f.exchange(e.kept, e.hop.Via)
	}
	return nil
}

// isRequisite reports whether hops lead from a seed to something embedded in it: neither a page of its own nor robots.txt.
func isRequisite(hops string) bool { return !onlyRedirects(hops) && strings.Trim(hops, "REIX") == "" }

// exchange lists an exchange with the pages that need it; what it leads to, by a redirect or by what a style sheet names, belongs to them too.
func (f *furnisher) exchange(k Kept, via string) {
	for _, url := range []string{via, k.URL} {
		for _, i := range f.needy[url] {
			if url == k.URL && f.kinds[i][url] == "" {
				continue // the page itself, or reached by another way already
			}
			f.list(i, k)
		}
	}
}

func (f *furnisher) list(i int, k Kept) {
	p := &f.pages[i]
	kind, named := f.kinds[i][k.URL]
	if !named {
		kind = KindOf(k.MIME)
	}
	k.Kind = string(kind)
	if at, ok := f.at[i][k.URL]; ok {
		if p.Requisites[at].Type == warc.Metadata { // tried again
			p.Requisites[at] = k
		}
		return
	}
	f.at[i][k.URL] = len(p.Requisites)
	p.Requisites = append(p.Requisites, k)
	if !named && k.URL != p.Capture.URL {
		f.needy[k.URL] = append(f.needy[k.URL], i)
	}
}

// KindOf guesses what something was for from its media type, where no document says it.
func KindOf(mime string) page.Kind {
	major, minor, _ := strings.Cut(mime, "/")
	switch {
	case major == "image":
		return page.KindImage
	case major == "font" || strings.HasPrefix(minor, "font-") || strings.HasPrefix(minor, "x-font-"):
		return page.KindFont
	case major == "audio" || major == "video":
		return page.KindMedia
	case mime == "text/css":
		return page.KindStyle
	case strings.HasSuffix(minor, "javascript"):
		return page.KindScript
	case mime == "text/html" || mime == "application/xhtml+xml":
		return page.KindFrame
	}
	return page.KindOther
}

// maxImage bounds in bytes the image files that are read for what they say.
const maxImage = 64 << 20

// draftFiles reads the image files of a run that is not committed. What a failing disk does not give now keeps the run from being sealed: its files
// are read once more for their digests.
type draftFiles struct {
	draft  *draft
	images map[string]Kept // by payload digest: what revisits refer to
}

// Metadata implements FileReader.
func (f draftFiles) Metadata(k Kept) *imagemeta.Metadata {
	if k.Type == warc.Revisit {
		k = f.images[k.Digest]
	}
	e, err := f.draft.openKept(k, maxImage)
	if err != nil {
		return nil
	}
	defer e.Close() // only read
	m, err := ReadImage(e)
	if err != nil {
		return nil
	}
	return m
}

// Location implements FileReader.
func (f draftFiles) Location(k Kept) string {
	e, err := f.draft.openKept(k, 1)
	if err != nil {
		return ""
	}
	defer e.Close() // only its head was read
	return e.Location(k.URL)
}

// openKept opens the document of an exchange of the run, which is no revisit.
func (d *draft) openKept(k Kept, limit int64) (*Entity, error) {
	f, err := os.Open(d.path(path.Join(dataDir, k.File)))
	if err != nil {
		return nil, err
	}
	rec, err := warc.ReadAt(f, k.Offset, k.Length)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return newEntity(rec, f, k.Digest, limit)
}

// ReadImage reads what an image file says of itself, all of which it takes into memory: bound r. What came before r failed counts, with the error as
// damage, unless that is a fixity failure. The error is imagemeta.ErrUnknownFormat for what is no image, and otherwise one of r.
func ReadImage(r io.Reader) (*imagemeta.Metadata, error) {
	b, err := io.ReadAll(r)
	if err != nil && (len(b) == 0 || errors.Is(err, ErrFixity)) {
		return nil, err
	}
	m, unknown := imagemeta.Read(bytes.NewReader(b), int64(len(b)))
	if unknown != nil {
		return nil, unknown
	}
	m.Damage = errors.Join(m.Damage, err)
	return m, nil
}
