package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tearsheet/archive/store"
	"tearsheet/archive/warc"
)

// Recovered tells what Recover did with one unfinished run.
type Recovered struct {
	RunID   string
	Entry   *Entry // nil when nothing whole was in it, and of an import
	Pages   int
	CutTail int64  // bytes of torn records put aside, now or by a recovery that did not come to its end
	Aside   string // the folder where these bytes are; "" when there are none
	Remains error  // why the run's work folder could not be removed; the run itself is safe, and the next Recover tries again
}

// Recover finishes runs in the work folder whose process is gone. A run that had been sealed is stored and committed as it is, also when
// some or all of that had been done. In any other, torn tails are cut to the last whole record, index and pages are made again from the
// records, seeds whose page had not been listed are listed as partial, and what stands is committed with the outcome "recovered". A run in
// which nothing is whole is removed, and so is an import that had not come to its end: its files stand where they came from. Of a run that was committed already, what Commit could not remove is removed.
//
// Several processes may call it at once: each run is finished by one of them. A run that cannot be finished does not keep it from the
// others; the error joins theirs. A workspace that does not exist is not made.
func (a *Archive) Recover(ctx context.Context) ([]Recovered, error) {
	ids, err := a.work.abandoned()
	if err != nil {
		return nil, err
	}
	var done []Recovered
	var errs []error
	for _, id := range ids {
		d, err := a.work.claim(ctx, id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if d == nil {
			continue
		}
		r, err := a.finish(ctx, d)
		if err != nil {
			errs = append(errs, fmt.Errorf("recovering run %s, which is kept in %s: %w", id, d.dir, withSpace(err, d.dir)), d.release())
			continue
		}
		if r.Entry != nil {
			r.Remains = a.done(d)
		} else {
			r.Remains = d.remove()
		}
		done = append(done, r)
		if r.Entry != nil {
			a.remember(ctx, *r.Entry)
		}
	}
	return done, errors.Join(errs...)
}

// finish brings one abandoned run to its end.
func (a *Archive) finish(ctx context.Context, d *draft) (Recovered, error) {
	r := Recovered{RunID: d.id}
	s, err := d.sealed(ctx)
	if err == nil && s == nil {
		if s, err = a.storedSeal(ctx, d.id); s != nil {
			if r.Aside, r.CutTail, err = d.putAside(); err != nil {
				return r, err
			}
			return a.finishStored(ctx, d, r, s)
		}
	}
	if err == nil && s == nil && d.notes().Kind != KindImport {
		s, err = a.salvage(ctx, d)
	}
	if err == nil {
		r.Aside, r.CutTail, err = d.putAside()
	}
	if err != nil || s == nil {
		return r, err
	}
	e, err := a.publish(ctx, d, s, true)
	r.Entry, r.Pages = &e, s.manifest.Tearsheet.Counts.Pages
	return r, err
}

// sealed gives the run as it was sealed; nil when it was not, or when a power failure took a part of what was written then.
func (d *draft) sealed(ctx context.Context) (*sealed, error) {
	b, err := os.ReadFile(d.path(manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := ParseManifest(b)
	if err != nil || m.Tearsheet.RunID != d.id {
		return nil, nil //nolint:nilerr // a manifest that is not whole is as good as none: it can be made again
	}
	for _, r := range m.Resources {
		found, err := digestLocal(ctx, d.path(r.Path))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || found.Bytes != r.Bytes || found.SHA256 != r.SHA256 {
			return nil, nil //nolint:nilerr // as above
		}
	}
	return newSealed(m, b), nil
}

// storedSeal gives the run as it stands in the store, when its manifest came that far and the local one is lost.
func (a *Archive) storedSeal(ctx context.Context, id string) (*sealed, error) {
	b, err := a.readObject(ctx, ObjectKey(id, manifestName), maxManifestBytes)
	if errors.Is(err, store.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := ParseManifest(b)
	if err != nil {
		return nil, err
	}
	return newSealed(m, b), nil
}

// finishStored commits a run that is stored whole.
func (a *Archive) finishStored(ctx context.Context, d *draft, r Recovered, s *sealed) (Recovered, error) {
	for _, o := range s.manifest.Resources {
		o.Path = ObjectKey(r.RunID, o.Path)
		if err := a.compare(ctx, o.Object); err != nil {
			return r, err
		}
	}
	e, done, err := a.committed(ctx, r.RunID)
	if err == nil && !done {
		e, err = a.enter(ctx, d, s)
	}
	r.Entry, r.Pages = &e, s.manifest.Tearsheet.Counts.Pages
	return r, err
}

// enter adds the entry of a run that is stored whole, and of which nothing need be in the draft's folder.
func (a *Archive) enter(ctx context.Context, d *draft, s *sealed) (Entry, error) {
	if err := d.makeFolders(); err != nil {
		return Entry{}, err
	}
	prev, _, err := a.newest(ctx)
	if err != nil {
		return Entry{}, fmt.Errorf("reading the newest log entry: %w", err)
	}
	own := provenFiles{a, d.id, s.manifest}
	made, err := a.mergeIndex(ctx, d, prev, own)
	if err != nil {
		return Entry{}, err
	}
	if _, err := a.storeAll(ctx, made.files); err != nil {
		return Entry{}, err
	}
	return a.appendEntry(ctx, d, s.object, prev, made, own)
}

// salvage makes a sealed run of what a process left; nil when it left nothing whole.
func (a *Archive) salvage(ctx context.Context, d *draft) (_ *sealed, err error) {
	if err := d.makeFolders(); err != nil {
		return nil, err
	}
	open, err := filepath.Glob(filepath.Join(d.path(dataDir), "*.open"))
	if err != nil {
		return nil, err
	}
	for _, p := range open {
		if _, err := warc.Recover(p); err != nil {
			return nil, err
		}
	}
	from, waiting, err := d.derive(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, from.drop()) }() // nothing to do once the run is sealed
	if from.readable == 0 {
		return nil, nil
	}
	began := d.notes()
	pages := waiting.pages()
	if err := d.furnish(ctx, pages); err != nil {
		return nil, err
	}
	if err := a.listOrphans(d, from, pages, began.Facts); err != nil {
		return nil, err
	}
	began.Outcome, began.Ended = Salvaged, a.now().UTC()
	return d.seal(ctx, a.software, began.Title, began.Facts, from)
}

// listOrphans adds the pages that had not been listed, as records too, in a WARC file of their own.
func (a *Archive) listOrphans(d *draft, from *derived, pages []Page, began Facts) (err error) {
	if len(pages) == 0 {
		return nil
	}
	options := RunOptions{Kind: began.Kind}
	for _, s := range began.Settings {
		options.Settings = append(options.Settings, warc.Field(s))
	}
	w, err := warc.NewWriter(warc.WriterOptions{
		Dir: d.path(dataDir), Prefix: d.id + "-recovered", Info: a.warcinfo(d.id, options),
	})
	if err != nil {
		return err
	}
	defer func() {
		_, closeErr := w.Close()
		err = errors.Join(err, closeErr)
	}()
	for _, p := range pages {
		p.Extractor = a.extractor()
		p.ID = p.Capture.Record // so that a second recovery, after one that was interrupted, says the same
		draft, row, err := p.draft()
		if err != nil {
			return err
		}
		if _, err := w.Write(draft); err != nil {
			return err
		}
		if err := from.addPage(p, row); err != nil {
			return err
		}
	}
	return nil
}

// putAside moves the bytes that were cut off out of the run's folder, which will be removed, and tells how many there are. Those that an
// earlier recovery put aside before it failed count: nobody has been told of them.
func (d *draft) putAside() (folder string, size int64, err error) {
	folder = filepath.Join(string(d.work), asideDir, d.id)
	torn, err := filepath.Glob(filepath.Join(d.path(dataDir), "*.torn"))
	if err != nil {
		return "", 0, err
	}
	if len(torn) > 0 {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return "", 0, err
		}
	}
	for _, p := range torn {
		if err := os.Rename(p, filepath.Join(folder, filepath.Base(p))); err != nil {
			return folder, 0, err
		}
	}
	aside, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, nil
	}
	for _, f := range aside {
		info, err := f.Info()
		if err != nil {
			return folder, size, err
		}
		size += info.Size()
	}
	return folder, size, err
}
