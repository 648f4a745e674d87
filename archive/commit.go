package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"tearsheet/archive/store"
)

// Commit seals the run's files, stores them, and adds the log entry; then the local copies are removed. When only the last of these fails
// there is no error: the run is committed, and Recover removes what is left. Whatever Commit returns, the run has ended. After an error what was recorded is still in the work folder, and the archive is as it was, but for stored objects that no entry
// names: mend the cause and call Recover, which finishes the commit. A full disk or store is store.ErrFull.
func (r *Run) Commit(ctx context.Context, o Outcome) (Entry, error) {
	r.life.Lock()
	defer r.life.Unlock()
	if r.ended {
		return Entry{}, r.endedError()
	}
	r.ended = true
	e, err := r.commit(ctx, o)
	if err != nil {
		err = fmt.Errorf("committing run %s, which is kept in %s: %w", r.ID(), r.draft.dir, withSpace(err, r.draft.dir))
		return Entry{}, errors.Join(err, r.draft.release())
	}
	_ = r.archive.done(r.draft) // the run is stored and committed: Recover finds what is left, removes it, and tells why when it cannot
	r.archive.remember(ctx, e)
	return e, nil
}

func (r *Run) commit(ctx context.Context, o Outcome) (_ Entry, err error) {
	r.ahead.close(ctx)
	from := &derived{rows: r.rows, lists: r.lists, counts: r.facts.Counts, main: r.first}
	defer func() { err = errors.Join(err, from.drop()) }() // nothing to do once the run is sealed
	if _, err := r.writer.Close(); err != nil {
		return Entry{}, err
	}
	if r.stale != nil && r.facts.Kind == KindImport {
		return Entry{}, fmt.Errorf("the import is given up: %w", r.stale)
	}
	if r.stale != nil {
		if err := from.drop(); err != nil {
			return Entry{}, errors.Join(r.stale, err)
		}
		again, _, err := r.draft.derive(ctx)
		if err != nil {
			return Entry{}, errors.Join(r.stale, err)
		}
		from = again
	}
	r.facts.Outcome, r.facts.Ended = o, r.archive.now().UTC()
	s, err := r.draft.seal(ctx, r.archive.software, r.title, r.facts, from)
	if err != nil {
		return Entry{}, err
	}
	return r.archive.publish(ctx, r.draft, s, false)
}

// publish stores the files of a sealed run and adds its log entry. It may be repeated: what is stored already is compared, not replaced, and
// an entry that is there already is not added again. Of a run that was published once before, perhaps to the end, again is true.
//
// A store that attests what it holds gets the manifest last, when it has said everything that belongs in it: the manifest is written anew with that, and
// durably, before it is stored, so that a process that dies in between finds the very bytes that it may have stored.
func (a *Archive) publish(ctx context.Context, d *draft, s *sealed, again bool) (Entry, error) {
	var files []localObject
	for _, r := range s.manifest.Resources {
		files = append(files, localObject{Object: Object{ObjectKey(d.id, r.Path), r.Bytes, r.SHA256}, path: d.path(r.Path)})
	}
	if a.attested() {
		stored, err := a.storeAll(ctx, files)
		if err != nil {
			return Entry{}, err
		}
		if s, err = d.attest(s, stored.facts); err != nil {
			return Entry{}, err
		}
		again, files = again || stored.again, nil
	}
	prev, _, err := a.newest(ctx)
	if err != nil {
		return Entry{}, fmt.Errorf("reading the newest log entry: %w", err)
	}
	own := draftRanger{d}
	made, err := a.mergeIndex(ctx, d, prev, own)
	if err != nil {
		return Entry{}, err
	}
	stored, err := a.storeAll(ctx, append(append(files, made.files...), localObject{Object: s.object, path: d.path(manifestName)}))
	if err != nil {
		return Entry{}, err
	}
	if again || stored.again { // an earlier attempt came this far, and perhaps to the end
		if e, done, err := a.committed(ctx, d.id); done || err != nil {
			return e, err
		}
	}
	return a.appendEntry(ctx, d, s.object, prev, made, own)
}

// attested reports whether the store tells facts of the objects that it holds.
func (a *Archive) attested() bool {
	s, ok := a.store.(store.Attesting)
	return ok && s.Attests()
}

// attest writes the manifest anew with what the store says of the run's files. A manifest that has it all already stays as it is: it may be stored.
func (d *draft) attest(s *sealed, facts map[string]*store.Facts) (*sealed, error) {
	m := s.manifest
	m.Resources = slices.Clone(m.Resources)
	changed := false
	for i := range m.Resources {
		r := &m.Resources[i]
		if r.Stored == nil {
			r.Stored = facts[ObjectKey(d.id, r.Path)]
			changed = changed || r.Stored != nil
		}
	}
	if !changed {
		return s, nil
	}
	return d.writeManifest(m, nil)
}

// localObject is a finished and durable local file, or a text in memory, that is to become the object whose key is Path.
type localObject struct {
	Object
	path string
	text []byte // in place of a file
}

// item is how a store takes it in a batch.
func (o localObject) item() store.Item {
	if o.text != nil {
		return store.Item{Key: o.Path, Body: bytes.NewReader(o.text)}
	}
	return store.Item{Key: o.Path, Path: o.path}
}

// storedFiles tells how files came to be stored.
type storedFiles struct {
	again bool                    // some were there already
	facts map[string]*store.Facts // by key, of a store that attests
}

// storeAll stores the files. Objects that exist with the same bytes are as good as stored.
func (a *Archive) storeAll(ctx context.Context, items []localObject) (storedFiles, error) {
	stored := storedFiles{facts: map[string]*store.Facts{}}
	for len(items) > 0 {
		err := a.createAll(ctx, items, stored.facts)
		if err == nil {
			return stored, nil
		}
		if !errors.Is(err, store.ErrExist) {
			return stored, fmt.Errorf("%w: storing the files of the run: %w", ErrUpload, err)
		}
		left, err := a.missing(ctx, items, stored.facts)
		if err != nil {
			return stored, err
		}
		if len(left) == len(items) {
			return stored, fmt.Errorf("%s says that an object exists and does not show it", a.store)
		}
		stored.again, items = true, left
	}
	return stored, nil
}

// createAll hands files to the store in the way that costs it least, and notes what it says of them.
func (a *Archive) createAll(ctx context.Context, items []localObject, facts map[string]*store.Facts) error {
	infos := make([]store.Info, len(items))
	if b, ok := a.store.(store.Batcher); ok {
		batch := make([]store.Item, len(items))
		for i, o := range items {
			batch[i] = o.item()
		}
		var err error
		if infos, err = b.CreateAll(ctx, batch); err != nil {
			return err
		}
	} else {
		for i, o := range items {
			var err error
			if infos[i], err = a.create(ctx, o); err != nil {
				return err
			}
		}
	}
	for i, o := range items {
		if err := o.prove(infos[i]); err != nil {
			return err
		}
		facts[o.Path] = infos[i].Facts
	}
	return nil
}

func (a *Archive) create(ctx context.Context, o localObject) (store.Info, error) {
	if o.text != nil {
		return a.store.Create(ctx, o.Path, bytes.NewReader(o.text))
	}
	if s, ok := a.store.(store.Adopter); ok {
		return s.Adopt(ctx, o.Path, o.path)
	}
	f, err := os.Open(o.path)
	if err != nil {
		return store.Info{}, err
	}
	defer f.Close() // nothing was written
	return a.store.Create(ctx, o.Path, io.NewSectionReader(f, 0, o.Bytes))
}

// prove compares what the store says of an object with what was given to it, before the local copy is dropped.
func (o localObject) prove(info store.Info) error {
	if info.Size != o.Bytes {
		return fmt.Errorf("%w: %s: %d bytes were stored, expected %d", ErrFixity, o.Path, info.Size, o.Bytes)
	}
	if !info.SHA256.IsZero() && info.SHA256.String() != o.SHA256 {
		return fmt.Errorf("%w: %s: the store has %s, expected %s", ErrFixity, o.Path, info.SHA256, o.SHA256)
	}
	return nil
}

// missing gives the files that are not stored yet. One that is stored with other bytes is an error: a run id is never used twice.
func (a *Archive) missing(ctx context.Context, items []localObject, facts map[string]*store.Facts) ([]localObject, error) {
	var left []localObject
	for _, o := range items {
		info, err := a.store.Stat(ctx, o.Path)
		switch {
		case errors.Is(err, store.ErrNotExist):
			left = append(left, o)
			continue
		case err != nil:
			return nil, fmt.Errorf("looking at what is stored already: %w", err)
		}
		facts[o.Path] = info.Facts
		if info.Size != o.Bytes || !info.SHA256.IsZero() {
			if err := o.prove(info); err != nil {
				return nil, err
			}
			continue
		}
		if err := a.compare(ctx, o.Object); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// compare reads a stored object and proves its digest.
func (a *Archive) compare(ctx context.Context, o Object) error {
	rc, err := a.store.Open(ctx, o.Path, 0, -1)
	if err != nil {
		return fmt.Errorf("reading what is stored already: %w", err)
	}
	defer rc.Close() // nothing was written
	found, err := digestStream(rc)
	if err != nil {
		return fmt.Errorf("reading %s, which is stored already: %w", o.Path, err)
	}
	if found.SHA256 != o.SHA256 {
		return fmt.Errorf("%w: %s is stored already with other bytes: expected %s, found %s", ErrFixity, o.Path, o.SHA256, found.SHA256)
	}
	return nil
}
