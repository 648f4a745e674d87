package archive

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"path"

	"tearsheet/archive/warc"
)

// runAudit is the check of one run.
type runAudit struct {
	*audit
	id       string
	records  recordTable
	revisits []reference
	imported map[string]Imported // files of other writers
	pages    map[string]rowSet   // by list: rows of page records less those that the list has
	photos   rowSet              // photographs of listed pages less those that photos.jsonl has
	read     map[string]bool     // the lists that were read
	unsure   bool                // a list of pages is damaged: what photographs there should be is not known
	broken   bool                // a WARC file is damaged: what lacks may be what stood there
	counted  int                 // records
	rows     int                 // of pages.jsonl
	pictures int                 // rows of photos.jsonl
}

// rowSet counts texts by their digest.
type rowSet map[[sha256.Size]byte]int

// run checks one committed run as deep as it is to be looked at. The error is only for the end of ctx.
func (v *audit) run(ctx context.Context, e inspected, objects map[string]shown) error {
	r := &runAudit{
		audit: v, id: e.RunID, records: newRecordTable(v.seed), photos: rowSet{}, read: map[string]bool{}, pages: map[string]rowSet{pagesName: {}, derivedName: {}},
	}
	m, understood, err := r.manifest(ctx, e.Entry)
	if err != nil || !understood {
		r.past(nil, e, objects)
		return err
	}
	r.imported = map[string]Imported{}
	for _, i := range m.Tearsheet.Imported {
		r.imported[i.File] = i
	}
	v.count(func(report *VerifyReport) {
		report.Runs++
		report.Files++
		report.Objects += 1 + len(m.Resources)
		report.Bytes += e.Manifest.Bytes
	})
	r.past(m.Resources, e, objects)
	r.listing(m, objects)
	if v.level == LevelList || e.Time.Before(v.since) {
		return nil
	}
	v.count(func(report *VerifyReport) { report.Examined++ })
	if err := r.stated(ctx, m, e, objects); err != nil {
		return err
	}
	switch v.level {
	case LevelSample:
		v.draw(e.Entry, m)
		return nil
	case LevelFull:
		return r.contents(ctx, m, objects)
	}
	return nil
}

// contents reads all files of the run.
func (r *runAudit) contents(ctx context.Context, m Manifest, objects map[string]shown) error {
	// The records first: index and pages are compared with them. Then the pages: photographs are compared with those.
	data := func(f Resource) bool { return path.Dir(f.Path) == dataDir }
	photos := func(f Resource) bool { return f.Path == photosName }
	other := func(f Resource) bool { return !data(f) && !photos(f) }
	if err := r.files(ctx, m, objects, data); err != nil {
		return err
	}
	if err := r.followRevisits(ctx); err != nil {
		return err
	}
	if err := r.files(ctx, m, objects, other); err != nil {
		return err
	}
	r.unlistedPages(m)
	if err := r.files(ctx, m, objects, photos); err != nil {
		return err
	}
	r.photoTotals(m)
	return nil
}

// files reads those of the run's files that are wanted and there.
func (r *runAudit) files(ctx context.Context, m Manifest, objects map[string]shown, wanted func(Resource) bool) error {
	for _, f := range m.Resources {
		if !objects[f.Path].there || !wanted(f) {
			continue
		}
		records, pages, pictures := r.counted, r.rows, r.pictures
		if err := r.file(ctx, f); err != nil {
			return err
		}
		r.count(func(report *VerifyReport) {
			report.Files++
			report.Bytes += f.Bytes
			report.Records += r.counted - records
			report.Pages += r.rows - pages
			report.Photos += r.pictures - pictures
		})
	}
	return nil
}

// manifest reads the manifest and goes on with it, where it can be understood, although its digest is wrong.
func (r *runAudit) manifest(ctx context.Context, e Entry) (m Manifest, understood bool, err error) {
	key := e.Manifest.Path
	b, err := r.archive.readObject(ctx, key, maxManifestBytes)
	if err != nil {
		return Manifest{}, false, r.failed(ctx, key, "manifest cannot be read", err)
	}
	if found := digestOf(b); found != e.Manifest.SHA256 || int64(len(b)) != e.Manifest.Bytes {
		r.problem(Problem{Object: key, What: fmt.Sprintf("SHA-256 or size is not what log entry %d says", e.N),
			Expected: sized(e.Manifest.SHA256, e.Manifest.Bytes), Found: sized(found, int64(len(b)))})
	}
	m, err = ParseManifest(b)
	if err == nil && m.Tearsheet.RunID != e.RunID {
		err = fmt.Errorf("it is of run %s", m.Tearsheet.RunID)
	}
	if err != nil {
		r.problem(Problem{Object: key, What: "manifest cannot be understood, so the files of the run were not checked", Found: err.Error()})
	}
	return m, err == nil, nil
}

func sized(digest string, bytes int64) string { return fmt.Sprintf("%s of %d bytes", digest, bytes) }

// past compares what the store keeps of the objects' past with the time of the commit, and their versions with those that were committed.
func (r *runAudit) past(files []Resource, e inspected, objects map[string]shown) {
	committed := map[string]string{} // versions, by path
	for _, f := range files {
		if f.Stored != nil {
			committed[f.Path] = f.Stored.VersionID
		}
	}
	for name, o := range objects {
		want, found := committed[name], versionID(o.Info)
		if r.history(o, e.stored, want) {
			continue
		}
		if o.there && want != "" && found != "" && found != want {
			r.problem(Problem{Object: o.Key, What: "another version than the one that was committed", Expected: want, Found: found})
		}
	}
}

// listing compares what the store lists with the manifest.
func (r *runAudit) listing(m Manifest, objects map[string]shown) {
	listed := map[string]bool{manifestName: true}
	for _, f := range m.Resources {
		listed[f.Path] = true
		switch o := objects[f.Path]; {
		case !o.there:
			r.problem(Problem{Object: ObjectKey(r.id, f.Path), What: "object is missing", Expected: sized(f.SHA256, f.Bytes)})
		case o.Size != f.Bytes:
			r.problem(Problem{Object: o.Key, What: "size differs from the manifest", Expected: fmt.Sprint(f.Bytes), Found: fmt.Sprint(o.Size)})
		}
	}
	for name, o := range objects {
		if o.there && !listed[name] {
			r.problem(Problem{Object: o.Key, What: "extra object: the manifest does not list it"})
		}
	}
}

// file reads one file of the run: its SHA-256, and what is in it.
func (r *runAudit) file(ctx context.Context, f Resource) error {
	key := ObjectKey(r.id, f.Path)
	rc, err := r.archive.store.Open(ctx, key, 0, -1)
	if err != nil {
		r.broken = r.broken || path.Dir(f.Path) == dataDir
		return r.failed(ctx, key, "object cannot be read", err)
	}
	defer rc.Close() // nothing was written
	in := &digestReader{r: rc, sum: sha256.New()}
	switch {
	case path.Dir(f.Path) == dataDir:
		err = r.data(ctx, key, in)
	case f.Path == pagesName || f.Path == derivedName:
		err = r.pageRows(ctx, f.Path, in)
	case f.Path == photosName:
		r.photoRows(key, in)
	}
	if err != nil {
		return err
	}
	// When the store fell silent this gives the same error again, and tells it.
	if _, err := io.Copy(io.Discard, in); err != nil {
		r.broken = r.broken || path.Dir(f.Path) == dataDir
		return r.failed(ctx, key, fmt.Sprintf("object cannot be read beyond byte %d", in.size), err)
	}
	if found := warc.NewDigest(warc.SHA256, in.sum.Sum(nil)).String(); found != f.SHA256 {
		r.problem(Problem{Object: key, What: "SHA-256 differs from the manifest", Expected: f.SHA256, Found: found})
	}
	if f.Path == cdxName {
		return r.index(ctx)
	}
	return nil
}

// digestReader digests what is read through it. Where its source ends or fails, it stays at that.
type digestReader struct {
	r    io.Reader
	sum  hash.Hash
	size int64
	err  error
}

func (d *digestReader) Read(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.r.Read(p)
	d.sum.Write(p[:n]) // never fails
	d.size += int64(n)
	d.err = err
	return n, err
}
