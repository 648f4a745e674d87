package restore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"tearsheet/archive"
	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// beside is how many bytes behind a response are read with it: the request and metadata records that were written together with it.
const beside = 16 << 10

// maxBeside bounds those records.
const maxBeside = 16 << 20

// WARC writes the records of pages to one WARC file, byte for byte as they were captured: each page's redirects, document and requisites with
// their requests and metadata, the certificates of their hosts, the records that revisits refer to, the record that lists the page, and in front
// of the records of each source file its warcinfo record. What several pages share is written once.
//
// The error wraps archive.ErrFixity when a record is not what it was, and ErrNothing when there is no page; what was written is then not a
// whole export.
func WARC(ctx context.Context, a *archive.Archive, pages iter.Seq2[archive.PageRef, error], w io.Writer) error {
	c := newCopier(ctx, a, w)
	n := 0
	for ref, err := range pages {
		if err != nil {
			return fmt.Errorf("export as WARC: %w", err)
		}
		if _, err := c.page(ref); err != nil {
			return fmt.Errorf("export %s as WARC: %w", ref.Page.URL, err)
		}
		n++
	}
	if n == 0 {
		return fmt.Errorf("export as WARC: %w: no page was selected", ErrNothing)
	}
	return nil
}

// One gives a single page to the functions that take several.
func One(ref archive.PageRef) iter.Seq2[archive.PageRef, error] {
	return func(yield func(archive.PageRef, error) bool) { yield(ref, nil) }
}

// copier copies records into one WARC file. It remembers of each record what it is and where it went: about 500 bytes.
type copier struct {
	ctx     context.Context
	archive *archive.Archive
	out     counter
	copied  map[place]copied
	files   map[string][]string   // by run, the names of its WARC files in their order
	begun   map[[2]string]bool    // run and file whose warcinfo was copied
	shown   map[[2]string]bool    // run and host whose certificates were copied
	name    string                // of the file that is written, in rows
	row     func(index.Row) error // takes the row of each response, revisit and resource; nil when there is no index
}

func newCopier(ctx context.Context, a *archive.Archive, w io.Writer) *copier {
	return &copier{
		ctx: ctx, archive: a, out: counter{w: w}, copied: map[place]copied{}, files: map[string][]string{}, begun: map[[2]string]bool{}, shown: map[[2]string]bool{},
	}
}

// copied is a record that was copied.
type copied struct {
	identity
	to place // run and file are empty
}

// counter knows how far a stream has come.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// page copies the records of a page and returns the page as it stands in the copy.
func (c *copier) page(ref archive.PageRef) (archive.Page, error) {
	p := ref.Page
	p.Hops, p.Requisites = slices.Clone(p.Hops), slices.Clone(p.Requisites)
	if p.Capture != nil {
		capture := *p.Capture
		p.Capture = &capture
	}
	for i := range p.Hops {
		if err := c.kept(ref.RunID, &p.Hops[i]); err != nil {
			return p, err
		}
	}
	if p.Capture != nil {
		if err := c.kept(ref.RunID, p.Capture); err != nil {
			return p, err
		}
	}
	for i := range p.Requisites {
		if err := c.kept(ref.RunID, &p.Requisites[i]); err != nil {
			return p, err
		}
	}
	if err := c.photos(ref.RunID, &p); err != nil {
		return p, err
	}
	return p, c.pageRecord(ref)
}

// photos changes the files of the page's photographs to where they are now. As a rule they are requisites, and so copied already.
func (c *copier) photos(run string, p *archive.Page) error {
	p.Photos = slices.Clone(p.Photos)
	for i := range p.Photos {
		files := slices.Clone(p.Photos[i].Files)
		for j := range files {
			f := &files[j]
			k := archive.Kept{URL: f.URL, Record: f.Record, Type: f.Type, File: f.File, Offset: f.Offset, Length: f.Length, Digest: f.Digest}
			if err := c.kept(run, &k); err != nil {
				return err
			}
			f.File, f.Offset, f.Length = k.File, k.Offset, k.Length
		}
		p.Photos[i].Files = files
	}
	return nil
}

// kept copies one exchange and changes k to where it is now.
func (c *copier) kept(run string, k *archive.Kept) error {
	if k.File == "" || k.Length <= 0 {
		return nil // nothing was written of it
	}
	to, err := c.record(run, *k)
	if err != nil {
		return fmt.Errorf("%s: %w", k.URL, err)
	}
	k.File, k.Offset, k.Length = c.name, to.offset, to.length
	return nil
}

// record copies the record that k names, the records written together with it, and for a revisit the record that it refers to. A record that is
// not the one that k describes is archive.ErrFixity.
func (c *copier) record(run string, k archive.Kept) (place, error) {
	p := placeOfKept(run, k)
	if known, ok := c.copied[p]; ok {
		if err := known.check(k); err != nil {
			return place{}, fmt.Errorf("%s: %w", p, err)
		}
		return known.to, nil
	}
	if err := c.warcinfo(p); err != nil {
		return place{}, fixity(err)
	}
	rc, err := c.open(p.run, p.file, p.offset, p.length+beside)
	if err != nil {
		return place{}, fixity(err)
	}
	to := place{offset: c.out.n}
	out := newMember(&c.out, p.file)
	rec, err := warc.ReadRange(io.TeeReader(io.LimitReader(rc, p.length), out), p.offset, p.length)
	var is identity
	if err == nil {
		is = identityOf(rec)
		err = is.check(k)
	}
	if err == nil {
		err = prove(rec, p, k.Digest)
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return place{}, errors.Join(fmt.Errorf("%s: %w", p, fixity(err)), rc.Close())
	}
	if out.n != p.length {
		return place{}, errors.Join(fmt.Errorf("%w: %s: %d bytes of %d were read", archive.ErrFixity, p, out.n, p.length), rc.Close())
	}
	to.length = c.out.n - to.offset
	c.copied[p] = copied{is, to}
	if err := errors.Join(c.others(rc, p, rec.ID), rc.Close()); err != nil {
		return place{}, fmt.Errorf("records beside %s: %w", p, err)
	}
	if err := c.list(rec, to, k.Status, k.MIME); err != nil {
		return place{}, err
	}
	if err := c.certificates(p.run, rec.TargetURI); err != nil {
		return place{}, fmt.Errorf("certificates of the host: %w", err)
	}
	switch rec.Type {
	case warc.Revisit:
		return to, c.original(p.run, rec)
	case warc.Metadata:
		return to, c.requestBefore(p, rec)
	}
	return to, nil
}

// certificates copies those that the host of a URL showed in a run, once. They tell of the connections over which its records came.
func (c *copier) certificates(run, url string) error {
	host := [2]string{run, warc.CertificatesURI(url)}
	if host[1] == "" || c.shown[host] {
		return nil
	}
	c.shown[host] = true
	for f, err := range c.archive.Certificates(c.ctx, run, url) {
		if err != nil {
			return err
		}
		if _, err := c.record(f.RunID, keptOfRow(f.Row)); err != nil {
			return err
		}
	}
	return nil
}

// original copies the record that a revisit refers to.
func (c *copier) original(run string, revisit *warc.Record) error {
	f, err := c.archive.Resolve(c.ctx, run, revisit)
	if err != nil {
		return err
	}
	_, err = c.record(f.RunID, keptOfRow(f.Row))
	return err
}

// open reads a file of a run.
func (c *copier) open(run, file string, offset, length int64) (io.ReadCloser, error) {
	return c.archive.Store().Open(c.ctx, archive.ObjectKey(run, path.Join(dataDir, file)), offset, length)
}

// warcinfo copies the record with which the file of p begins, once.
func (c *copier) warcinfo(p place) error {
	source := [2]string{p.run, p.file}
	if c.begun[source] {
		return nil
	}
	c.begun[source] = true
	return c.small(p.run, p.file, 0, func(rec *warc.Record) bool { return rec.Type == warc.Warcinfo }, 1)
}

// others copies the request and metadata records that were written together with the record id, which stand behind it. rc gives their
// beginning; the store is asked again only for long ones.
func (c *copier) others(rc io.Reader, p place, id string) error {
	belongs := func(rec *warc.Record) bool {
		if rec.Type != warc.Request && rec.Type != warc.Metadata {
			return false
		}
		about := append(rec.All("WARC-Concurrent-To"), rec.Get("WARC-Refers-To"))
		return slices.ContainsFunc(about, func(ref string) bool { return strings.Trim(ref, "<>") == id })
	}
	ahead, err := readAhead(rc, beside)
	if err != nil {
		return err
	}
	copied, whole, err := c.members(p, ahead, len(ahead) < beside, belongs, 2)
	if err != nil || whole {
		return err
	}
	return c.small(p.run, p.file, p.offset+p.length+copied, belongs, 2)
}

// readAhead reads up to n bytes; the end of the file is no error.
func readAhead(r io.Reader, n int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, n))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return b, err
}

// small copies up to limit records from offset on, as long as they belong.
func (c *copier) small(run, file string, offset int64, belongs func(*warc.Record) bool, limit int) error {
	for size := int64(beside); ; size *= 8 {
		rc, err := c.open(run, file, offset, size)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil // the file ends here
		}
		if err != nil {
			return err
		}
		ahead, err := readAhead(rc, size)
		if err := errors.Join(err, rc.Close()); err != nil {
			return err
		}
		copied, whole, err := c.members(place{run: run, file: file}, ahead, int64(len(ahead)) < size, belongs, limit)
		switch {
		case err != nil || whole:
			return err
		case size > maxBeside:
			return fmt.Errorf("%w: a record at %d of %s in run %s has more than %d bytes", archive.ErrFixity, offset, file, run, maxBeside)
		}
		offset += copied
	}
}

// members copies up to limit records from the beginning of b, as long as they belong. whole is false when b ends before that is settled, which
// cannot be at the end of the file; copied bytes of it were dealt with then. Damage that a file of another tool has there belongs to nothing.
func (c *copier) members(in place, b []byte, atEnd bool, belongs func(*warc.Record) bool, limit int) (copied int64, whole bool, err error) {
	n := 0
	for rec, err := range warc.Read(bytes.NewReader(b)) {
		if n == limit {
			return copied, true, nil
		}
		if err == nil && !belongs(rec) {
			return copied, true, nil
		}
		if err == nil {
			err = prove(rec, in, "")
		}
		switch {
		case errors.Is(err, warc.ErrTorn) && !atEnd:
			return copied, false, nil
		case err != nil && archive.Foreign(in.run, in.file):
			return copied, true, nil
		case err != nil:
			return copied, false, fixity(err)
		}
		out := newMember(&c.out, in.file)
		if _, err := out.Write(b[rec.Offset : rec.Offset+rec.Length]); err != nil {
			return copied, false, err
		}
		if err := out.Close(); err != nil {
			return copied, false, err
		}
		copied = rec.Offset + rec.Length
		n++
	}
	return copied, n == limit || atEnd, nil
}

// list gives the row of a copied record.
func (c *copier) list(rec *warc.Record, at place, status int, mime string) error {
	if c.row == nil || rec.Type != warc.Response && rec.Type != warc.Revisit && rec.Type != warc.Resource {
		return nil
	}
	key, err := index.SURT(rec.TargetURI)
	if err != nil {
		return err
	}
	row := index.Row{Key: key, Timestamp: index.NewTimestamp(rec.Date), URL: rec.TargetURI, MIME: mime, Status: status,
		Length: at.length, Offset: at.offset, File: c.name}
	if rec.Type == warc.Revisit {
		row.MIME = revisitMIME
	}
	for _, name := range []string{"WARC-Payload-Digest", "WARC-Payload-Digest-SHA1"} {
		digest, err := warc.ParseDigest(rec.Get(name))
		switch {
		case err != nil: // none, or of an algorithm that no index asks for
		case digest.Algorithm() == warc.SHA1:
			row.Digest = digest
		default:
			row.SHA256 = digest
		}
	}
	return c.row(row)
}
