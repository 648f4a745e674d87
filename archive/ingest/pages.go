package ingest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/page/wall"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/warc"
)

// Bounds on what is read of a record, in bytes.
const (
	maxDocument = 32 << 20
	maxStyle    = 4 << 20
	maxImage    = 64 << 20
)

// maxHops is how many redirects lead from one URL to another.
const maxHops = 10

// redirectWithin is how long before an answer a redirect to it may have been answered to be the way to it.
const redirectWithin = 5 * time.Minute

// pages finds the pages of an import and lists them, in the order of their answers.
func (in *importing) pages() error {
	candidates, framed, err := in.candidates()
	if err != nil {
		return err
	}
	for _, a := range candidates {
		if in.captures.role(a) == maybe && framed[a.URL] {
			continue
		}
		if err := in.ctx.Err(); err != nil {
			return err
		}
		in.o.Progress("page", a.URL)
		if err := in.page(a); err != nil {
			return err
		}
	}
	return nil
}

// candidates gives the answers that may be pages, and the URLs that their documents show in frames.
func (in *importing) candidates() (candidates []*capture, framed map[string]bool, err error) {
	framed = map[string]bool{}
	for _, a := range in.captures.all {
		is := in.captures.role(a)
		if is == noPage {
			continue
		}
		if err := in.ctx.Err(); err != nil {
			return nil, nil, err
		}
		in.o.Progress("document", a.URL)
		doc, err := in.document(a)
		if err != nil {
			in.unread(a, err)
			continue
		}
		for _, r := range doc.Requisites {
			if r.Kind == page.KindFrame && r.URL != a.URL {
				framed[r.URL] = true
			}
		}
		if is == certain || looksLikePage(doc.Document) {
			candidates = append(candidates, a)
		}
	}
	return candidates, framed, nil
}

// unread notes a document that cannot be read. What belongs to a damaged disk comes up again when the run is committed.
func (in *importing) unread(a *capture, err error) {
	x := archive.Exclusion{URL: a.URL, Reason: "no page was made of it: " + err.Error()}
	in.out.Unread = append(in.out.Unread, x)
	in.run.Exclude(x.URL, x.Reason)
}

// open opens the document of an answer, or of the one that it repeats.
func (in *importing) open(a *capture, limit int64) (*archive.Entity, error) {
	if o := in.captures.original(a); o != nil {
		a = o
	}
	return in.run.Open(in.ctx, a.Kept, limit)
}

// read gives what of a document may be read, and the fields of its answer. What arrived of one that breaks off counts.
func (in *importing) read(a *capture, limit int64) (body []byte, header http.Header, err error) {
	e, err := in.open(a, limit)
	if err != nil {
		return nil, nil, err
	}
	defer e.Close() // only read
	body, err = io.ReadAll(e)
	if errors.Is(err, archive.ErrFixity) || err != nil && len(body) == 0 {
		return nil, nil, err
	}
	if e.Head == nil {
		return body, http.Header{"Content-Type": {a.MIME}}, nil
	}
	return body, e.Head.Header, nil
}

// document is a document of an answer that was read.
type document struct {
	*page.Document
	size  int64 // bytes, decoded
	looks wall.Evidence
}

// document reads the document of an answer.
func (in *importing) document(a *capture) (*document, error) {
	body, header, err := in.read(a, maxDocument)
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(a.URL)
	if err != nil {
		return nil, err
	}
	doc, err := parse(body, header.Get("Content-Type"), at)
	if err != nil {
		return nil, err
	}
	looks := wall.Look(wall.Answer{URL: at, Status: a.Status, Header: header, Title: doc.Title.Value, Text: doc.TextLength, Body: body})
	return &document{doc, int64(len(body)), looks}, nil
}

func parse(body []byte, contentType string, at *url.URL) (*page.Document, error) {
	tree, err := page.Parse(body, contentType)
	if err != nil {
		return nil, err
	}
	return page.Read(tree, at), nil
}

// page lists one page.
func (in *importing) page(a *capture) error {
	doc, err := in.document(a)
	if err != nil {
		in.unread(a, err)
		return nil
	}
	kept := a.Kept
	if kept.Size == 0 {
		kept.Size = doc.size // of a revisit, which does not hold it
	}
	p := archive.Page{URL: a.URL, Time: a.Time, Capture: &kept}
	p.Describe(doc.Document)
	in.way(&p, a)
	g := &gathering{importing: in, page: a, listed: map[*capture]bool{a: true}}
	g.document(doc.Document)
	own := in.captures.described[a.Record]
	g.others(own)
	p.Requisites = g.rows
	if own != nil {
		p.ID, p.Verdict, p.Reasons = own.ID, own.Verdict, own.Reasons
	} else {
		p.Verdict, p.Reasons = doc.judge(a.URL)
	}
	if p.Verdict == archive.OK || p.Verdict == archive.Partial { // what stands in place of a page shows none of its photographs
		p.Photos = archive.NewPhotos(doc.Images, &kept, p.Requisites, in)
		in.sum(p.Photos)
	}
	if own == nil && p.Verdict == archive.OK {
		p.Reasons = append(g.lacks, missingPictures(p.Photos)...)
		if kept.Truncated != "" {
			p.Reasons = append(p.Reasons, "the answer is cut ("+string(kept.Truncated)+")")
		}
		if len(p.Reasons) > 0 {
			p.Verdict = archive.Partial
		}
	}
	return in.add(p, a)
}

// judge says whether the document is the page, or something in its place.
func (d *document) judge(at string) (archive.Verdict, []string) {
	if says, ok := d.looks.Challenge(); ok {
		return archive.Blocked, []string{fmt.Sprintf("%s is %s, not the page", at, says)}
	}
	switch {
	case d.looks.ConsentWall():
		return archive.Blocked, []string{at + " asks for consent instead of showing the page"}
	case d.looks.NotFound():
		return archive.Soft404, []string{fmt.Sprintf("%s says “%s”", at, d.Title.Value)}
	case d.Paywalled && d.TextLength < wall.PreviewText:
		return archive.Blocked, []string{fmt.Sprintf("%s is behind a paywall: it says that it is not free, and shows %d characters of text", at, d.TextLength)}
	}
	return archive.OK, nil
}

// add lists a page, if nothing of it was lost on the way.
func (in *importing) add(p archive.Page, a *capture) error {
	if in.failed != nil {
		return in.failed
	}
	err := in.run.AddPage(in.ctx, p)
	if errors.Is(err, warc.ErrField) || errors.Is(err, warc.ErrTarget) {
		in.unread(a, err)
		return nil
	}
	if err == nil {
		in.out.Photos.Count(p.Photos)
	}
	return err
}

// way finds the redirects that led to the page.
func (in *importing) way(p *archive.Page, a *capture) {
	been := map[string]bool{a.URL: true}
	for at := a; len(p.Hops) < maxHops; {
		from := in.captures.redirectTo(at, been)
		if from == nil {
			return
		}
		been[from.URL] = true
		p.Hops = append([]archive.Kept{from.Kept}, p.Hops...)
		p.URL, p.Final, at = from.URL, a.URL, from
	}
}

// redirectTo gives the answer that sent to another one, at about its time.
func (c *captures) redirectTo(to *capture, been map[string]bool) *capture {
	var best *capture
	for _, a := range c.redirects[to.URL] {
		early := to.Time.Sub(a.Time)
		if been[a.URL] || early < 0 || early > redirectWithin || warc.CheckTarget(a.URL) != nil {
			continue
		}
		if best == nil || away(a, to.Time) < away(best, to.Time) {
			best = a
		}
	}
	return best
}

// Metadata implements archive.FileReader: what an image file of the import says.
func (in *importing) Metadata(k archive.Kept) *imagemeta.Metadata {
	a := in.captures.at(k.File, k.Offset)
	if a == nil {
		return nil
	}
	e, err := in.open(a, maxImage)
	if err == nil {
		defer e.Close() // only read
		var m *imagemeta.Metadata
		if m, err = archive.ReadImage(e); err == nil {
			if k.Type == warc.Revisit && m.Damage == nil {
				in.repeated[a] = archive.PhotoFile{Digest: e.Digest().String(), Size: e.Size()}
			}
			return m
		}
	}
	if !errors.Is(err, imagemeta.ErrUnknownFormat) && !errors.Is(err, archive.ErrNotArchived) {
		in.failed = errors.Join(in.failed, err) // of the disk: the record was whole when it came
	}
	return nil
}

// sum fills in digest and size of the payloads that revisits leave out.
func (in *importing) sum(photos []archive.Photo) {
	for _, p := range photos {
		for i := range p.Files {
			f := &p.Files[i]
			if r, ok := in.repeated[in.captures.at(f.File, f.Offset)]; ok && f.Digest == "" {
				f.Digest, f.Size = r.Digest, r.Size
			}
		}
	}
}

// Location implements archive.FileReader.
func (in *importing) Location(k archive.Kept) string {
	if a := in.captures.at(k.File, k.Offset); a != nil {
		return a.location
	}
	return ""
}
