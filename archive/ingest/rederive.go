package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/warc/coding"
)

// RederiveOptions select the pages that are read again. Progress, when set, is told of each.
type RederiveOptions struct {
	Pages    archive.Query
	Progress func(step, subject string)
}

// Rederived is what came of a derivation.
type Rederived struct {
	RunID   string // "" when no page was there to be read
	Pages   int
	Changed int                 // pages whose photographs are not those that their own run lists
	Photos  archive.PhotoTotals // as read again
	Before  archive.PhotoTotals // as the pages' own runs have them
	Unread  []archive.Exclusion // pages that could not be read, which keep what is known of them
}

// Rederive reads archived pages and the files of their pictures again with the rules of this program, and commits a run of kind derive: a
// photos.jsonl that refers to the old records in the old runs, and a record for each page. Archive.Photos gives the newest derivation of a page.
// Nothing of the old runs changes. Pages that show something else in their place (blocked, soft-404, failed) are left alone.
//
// A page that cannot be read is told in Unread and stays as it was known. When whole runs cannot be read or proven the others are derived, and the
// error tells of it beside the result; after the end of ctx nothing is committed.
func Rederive(ctx context.Context, a *archive.Archive, o RederiveOptions) (Rederived, error) {
	if o.Progress == nil {
		o.Progress = func(string, string) {}
	}
	run, err := a.Begin(ctx, archive.RunOptions{Kind: archive.KindDerive, Title: "Photographs derived again"})
	if err != nil {
		return Rederived{}, err
	}
	d := &deriving{ctx: ctx, archive: a, run: run, o: o}
	unread, err := d.all()
	if err != nil || d.out.Pages == 0 {
		return d.out, errors.Join(err, errors.Join(unread...), run.Discard())
	}
	e, err := run.Commit(ctx, archive.Complete)
	if err != nil {
		return d.out, err
	}
	d.out.RunID = e.RunID
	return d.out, errors.Join(unread...)
}

// deriving is a derivation under way.
type deriving struct {
	ctx     context.Context
	archive *archive.Archive
	run     *archive.Run
	o       RederiveOptions
	out     Rederived
}

// all reads the selected pages. unread are errors of runs, err one that ends it all.
func (d *deriving) all() (unread []error, err error) {
	for ref, err := range d.archive.Pages(d.ctx, d.o.Pages) {
		if d.ctx.Err() != nil {
			return nil, d.ctx.Err()
		}
		if err != nil {
			unread = append(unread, err)
			continue
		}
		if v := ref.Page.Verdict; v != archive.OK && v != archive.Partial || !ref.Page.HasDocument() {
			continue
		}
		d.o.Progress("page", ref.Page.URL)
		if err := d.page(ref); err != nil {
			return nil, err
		}
	}
	return unread, nil
}

// page reads one page again. The error ends the derivation.
func (d *deriving) page(ref archive.PageRef) error {
	p := ref.Page
	pictures, requisites := []page.Image(nil), p.Requisites
	switch {
	case strings.HasPrefix(p.Capture.MIME, "image/"): // the page is nothing but a picture
		pictures, requisites = []page.Image{{Src: p.Capture.URL, Candidates: []string{p.Capture.URL}}}, []archive.Kept{*p.Capture}
	case !isHTML(p.Capture.MIME) && p.Capture.MIME != "":
		return nil
	default:
		doc, err := d.document(ref.RunID, *p.Capture)
		if d.ctx.Err() != nil {
			return d.ctx.Err()
		}
		if err != nil {
			d.unread(p.URL, err)
			return nil
		}
		p.Describe(doc)
		pictures = doc.Images
	}
	before, files := p.Photos, &archivedFiles{ctx: d.ctx, archive: d.archive, run: ref.RunID}
	p.Photos = archive.NewPhotos(pictures, p.Capture, requisites, files)
	if files.err != nil {
		d.unread(p.URL, files.err)
		return d.ctx.Err()
	}
	d.out.Before.Count(before)
	p.Extractor = "" // of this program now
	if err := d.run.AddDerived(d.ctx, ref.RunID, p); err != nil {
		return err
	}
	d.out.Pages++
	d.out.Photos.Count(p.Photos)
	if !archive.SamePhotos(before, p.Photos) {
		d.out.Changed++
	}
	return nil
}

// unread notes a page that cannot be read again.
func (d *deriving) unread(address string, err error) {
	x := archive.Exclusion{URL: address, Reason: "it could not be read again: " + err.Error()}
	d.out.Unread = append(d.out.Unread, x)
	d.run.Exclude(x.URL, x.Reason)
}

// document reads the document of an archived page.
func (d *deriving) document(run string, k archive.Kept) (*page.Document, error) {
	e, err := d.archive.OpenKept(d.ctx, run, k, maxDocument)
	if err != nil {
		return nil, err
	}
	defer e.Close() // only read
	body, err := io.ReadAll(e)
	// What decodes of a document counts; what is not what was archived does not.
	if err != nil && (errors.Is(err, archive.ErrFixity) || d.ctx.Err() != nil || len(body) == 0) && !errors.Is(err, coding.ErrLimit) {
		return nil, err
	}
	contentType := k.MIME
	if e.Head != nil {
		contentType = e.Head.Header.Get("Content-Type")
	}
	at, err := url.Parse(k.URL)
	if err != nil {
		return nil, err
	}
	doc, err := parse(body, contentType, at)
	if err != nil {
		return nil, fmt.Errorf("parsing it: %w", err)
	}
	return doc, nil
}

func isHTML(mime string) bool { return mime == "text/html" || mime == "application/xhtml+xml" }

// archivedFiles reads image files of a committed run.
type archivedFiles struct {
	ctx     context.Context
	archive *archive.Archive
	run     string
	err     error // of the first file that is in the archive and cannot be read: what it says is not known, so that nothing may be derived
}

// Metadata implements archive.FileReader.
func (f *archivedFiles) Metadata(k archive.Kept) *imagemeta.Metadata {
	e, err := f.archive.OpenKept(f.ctx, f.run, k, maxImage)
	if err != nil {
		f.fail(err)
		return nil
	}
	defer e.Close() // only read
	m, err := archive.ReadImage(e)
	f.fail(err)
	return m
}

// Location implements archive.FileReader.
func (f *archivedFiles) Location(k archive.Kept) string {
	e, err := f.archive.OpenKept(f.ctx, f.run, k, 1)
	if err != nil {
		f.fail(err)
		return ""
	}
	defer e.Close() // only its head was read
	return e.Location(k.URL)
}

func (f *archivedFiles) fail(err error) {
	if err == nil || errors.Is(err, imagemeta.ErrUnknownFormat) || errors.Is(err, archive.ErrNotArchived) || f.err != nil {
		return // no image, or a payload that was never archived
	}
	f.err = err
}
