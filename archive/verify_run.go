package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
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

// data reads the records of one WARC file, and after damage goes on at the next record that the index knows. Damage that an imported file brought
// with it is none of the archive's. That the store fell silent while in was read, in tells again.
func (r *runAudit) data(ctx context.Context, key string, in io.Reader) error {
	at, whole, silent := r.scan(ctx, key, 0, in)
	if silent != nil {
		return ctx.Err()
	}
	for tries := 0; !whole && ctx.Err() == nil && tries < problemsPerObject; {
		next, known := r.broughtAlong(path.Base(key), at)
		if !known {
			r.broken = true
			tries++
			var ok bool
			if next, ok = r.nextKnown(ctx, path.Base(key), at); !ok {
				break
			}
		}
		rc, err := r.archive.store.Open(ctx, key, next, -1)
		if err != nil && !mayBeWhole(err) {
			break // the object is shorter than its index says, which has been reported
		}
		if err == nil {
			at, whole, err = r.scan(ctx, key, next, rc)
			if err := rc.Close(); err != nil {
				return fmt.Errorf("closing %s: %w", key, err)
			}
		}
		if err != nil {
			return r.failedAt(ctx, Problem{Object: key, Offset: next, What: "records from here on cannot be read"}, err)
		}
	}
	return ctx.Err()
}

// broughtAlong gives where the damage ends that an imported file had at an offset when it came.
func (r *runAudit) broughtAlong(file string, at int64) (int64, bool) {
	for _, d := range r.imported[file].Damage {
		if d.Offset == at && d.Length > 0 {
			return at + d.Length, true
		}
	}
	return 0, false
}

// scan reads the records that follow an offset of a WARC file, to its end or to the first damage, and tells where that is. The error is for a
// store that fell silent: it is no damage.
func (r *runAudit) scan(ctx context.Context, key string, base int64, in io.Reader) (at int64, whole bool, silent error) {
	for rec, err := range warc.Read(in) {
		if err == nil {
			err = r.record(key, base, rec)
		}
		if err == nil {
			continue
		}
		if mayBeWhole(err) {
			return base, false, err
		}
		at = base
		var damage *warc.Damage
		if errors.As(err, &damage) {
			at, err = base+damage.Offset, damage.Err
		}
		if _, known := r.broughtAlong(path.Base(key), at); !known && ctx.Err() == nil {
			r.problem(Problem{Object: key, Offset: at, What: "record is damaged", Found: err.Error()})
		}
		return at, false, nil
	}
	return 0, true, nil
}

// nextKnown gives the offset of the first record behind a damaged one that the index knows.
func (r *runAudit) nextKnown(ctx context.Context, file string, after int64) (int64, bool) {
	idx, err := r.archive.indexOf(ctx, r.id)
	if err != nil {
		return 0, false // the index will be reported
	}
	next, ok := int64(0), false
	for row, err := range idx.All(ctx) {
		if err != nil {
			break
		}
		if row.File == file && row.Offset > after && (!ok || row.Offset < next) {
			next, ok = row.Offset, true
		}
	}
	return next, ok
}

// record checks one record and takes it up in the table. Its offset is counted from base. The error is that of ownRecord.
func (r *runAudit) record(key string, base int64, rec *warc.Record) error {
	r.counted++
	if _, ok := r.imported[path.Base(key)]; ok {
		return r.foreignRecord(key, base, rec)
	}
	e, ok, err := r.ownRecord(key, base, rec)
	if ok {
		r.take(key, rec, e)
	}
	return err
}

// ownRecord checks one record of our own by its digests and tells what it says, if that can be understood. Its offset is counted from base. The
// error wraps *warc.Damage, or is that of a store that fell silent.
func (v *audit) ownRecord(key string, base int64, rec *warc.Record) (evidence, bool, error) {
	block := &head{limit: headBytes(rec)}
	rec.Block = io.TeeReader(rec.Block, block)
	checked := warc.Check(rec)
	var damage *warc.Damage
	switch {
	case mayBeWhole(checked):
		return evidence{}, false, checked
	case errors.As(checked, &damage):
		return evidence{}, false, damage
	}
	rec.Offset += base // only now: the length was counted from what it was
	rec.Block = bytes.NewReader(block.bytes)
	name := fmt.Sprintf("%s record %s of %s", rec.Type, rec.ID, rec.TargetURI)
	for _, err := range flatten(checked) {
		p := Problem{Object: key, Offset: rec.Offset, What: name + " is wrong", Found: err.Error()}
		var m *warc.Mismatch
		if errors.As(err, &m) {
			p.What, p.Expected, p.Found = m.Field+" of "+name+" is not that of its bytes", m.Want.String(), m.Got.String()
		}
		v.problem(p)
	}
	e, err := interpret(rec, path.Base(key))
	if err != nil {
		v.problem(Problem{Object: key, Offset: rec.Offset, What: name + " cannot be understood", Found: err.Error()})
		return evidence{}, false, nil
	}
	e.stands(rec.Length)
	return e, true, nil
}

// foreignRecord checks a record of another writer: that it is whole, and what the index says of it. What it states wrongly of itself was told when it
// was imported; that it is the same record still, the digest of its file proves. The revisits among them may refer to what was never imported.
func (r *runAudit) foreignRecord(key string, base int64, rec *warc.Record) error {
	e, _, _, err := examineForeign(rec, path.Base(key), base)
	if err != nil {
		return err
	}
	if e.row == nil {
		return nil
	}
	if err := r.records.add(e); err != nil {
		r.problem(Problem{Object: key, Offset: rec.Offset, What: "record cannot be indexed", Found: err.Error()})
	}
	return nil
}

// headBytes says how much of a block interpret needs. The head of a response has been read by warc.Check, if it has a payload digest.
func headBytes(rec *warc.Record) int {
	switch {
	case rec.Type == warc.Metadata:
		return maxPageRow + 64
	case rec.Type == warc.Revisit, rec.Type == warc.Response && rec.Get("WARC-Payload-Digest") == "":
		return 2 << 20
	}
	return 0
}

// head keeps the first bytes of what is written to it.
type head struct {
	bytes []byte
	limit int
}

func (h *head) Write(p []byte) (int, error) {
	h.bytes = append(h.bytes, p[:min(len(p), h.limit-len(h.bytes))]...)
	return len(p), nil
}

// flatten lists the errors that errors.Join put together.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// take notes what index and pages will be compared with.
func (r *runAudit) take(key string, rec *warc.Record, e evidence) {
	if e.page != nil {
		r.pages[e.list][sha256.Sum256(e.page)]++
		return
	}
	if e.row == nil && rec.Type != warc.Metadata {
		return
	}
	if err := r.records.add(e); err != nil {
		r.problem(Problem{Object: key, Offset: rec.Offset, What: "record cannot be indexed", Found: err.Error()})
	}
	if rec.Type != warc.Revisit {
		return
	}
	ref, err := referenceOf(rec)
	if err != nil {
		r.problem(Problem{Object: key, Offset: rec.Offset, What: fmt.Sprintf("revisit record %s of %s refers to nothing", rec.ID, rec.TargetURI), Found: err.Error()})
		return
	}
	ref.from, ref.offset = key, rec.Offset
	r.revisits = append(r.revisits, ref)
}

// followRevisits checks that the record exists that each revisit refers to: in this run, or else in any other.
func (r *runAudit) followRevisits(ctx context.Context) error {
	for _, ref := range r.revisits {
		if r.records.holds(ref) {
			continue
		}
		_, ok, err := ref.search(r.archive.Lookup(ctx, ref.url))
		p := Problem{Object: ref.from, Offset: ref.offset, What: fmt.Sprintf("revisit refers to a record that is not there: %s of %s", ref.url, ref.at), Expected: ref.digest.String()}
		switch {
		case ok:
		case err != nil:
			if err := r.failedAt(ctx, p, err); err != nil {
				return err
			}
		case !r.broken:
			r.problem(p)
		}
	}
	return ctx.Err()
}
