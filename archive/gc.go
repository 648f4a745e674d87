package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tearsheet/archive/store"
)

// OrphanKind says what an Orphan is.
type OrphanKind string

// The kinds of orphans.
const (
	OrphanRun    OrphanKind = "run"    // objects of a run that no entry of the log names
	OrphanUpload OrphanKind = "upload" // an object of which only some parts arrived
	OrphanIndex  OrphanKind = "index"  // files of a merged index that no entry names
	OrphanLocal  OrphanKind = "local"  // a file in the work folder that was put aside: it is shown, and never removed
)

// Orphan is something that the log does not name, and that nobody seems to be at work on.
type Orphan struct {
	Kind    OrphanKind `json:"kind"`
	Name    string     `json:"name"`              // of a run the beginning of its keys, of an upload its key, of a local file its path
	Objects int        `json:"objects,omitempty"` // of a run
	Bytes   int64      `json:"bytes,omitempty"`   // 0 of an upload: its store does not tell
	Newest  time.Time  `json:"newest"`            // when the newest of it was stored, or the upload was begun
	Whole   bool       `json:"whole,omitempty"`   // a run with its manifest: nothing but the entry lacks, and it may have been lost

	run    string
	upload store.Upload
	seen   int64     // the newest entry when it was found to be an orphan
	before time.Time // it must not have changed since
}

var (
	// ErrInUse says that what was an orphan is none any more.
	ErrInUse = errors.New("it is in use")
	// ErrNoRemoval says that nothing can be taken away: the store cannot, or it is none of gc's business.
	ErrNoRemoval = errors.New("it cannot be removed")
)

// Orphans yields what crashed runs have left behind in the store and in the work folder, as far as it is older than some time: runs that no
// entry names, by the newest of their objects, and uploads that were not finished. Nothing is yielded of a run that stands in this work folder:
// Recover will finish it. Whoever commits from elsewhere must need less than olderThan for it.
//
// The error wraps ErrFixity, and nothing is yielded, when the log is not whole: what an entry names that was lost is no orphan.
func (a *Archive) Orphans(ctx context.Context, olderThan time.Duration) iter.Seq2[Orphan, error] {
	return func(yield func(Orphan, error) bool) {
		s := &orphanSearch{audit: newAudit(a, AtLevel(LevelList)), before: a.now().Add(-olderThan), named: map[string]bool{}, merges: map[string]bool{}}
		if err := s.readLog(ctx); err != nil {
			yield(Orphan{}, err)
			return
		}
		for _, find := range []func(context.Context) iter.Seq2[Orphan, error]{s.runs, s.indexes, s.uploads, s.leftovers} {
			for o, err := range find(ctx) {
				o.seen, o.before = s.seen, s.before
				if !yield(o, err) || err != nil {
					return
				}
			}
		}
	}
}

// orphanSearch looks for orphans.
type orphanSearch struct {
	*audit
	before time.Time
	named  map[string]bool // runs, by the log
	merges map[string]bool // merged indexes, by the log
	seen   int64           // the newest entry
}

// readLog reads the whole log. Anything that is wrong with it is an error.
func (s *orphanSearch) readLog(ctx context.Context) error {
	log, err := s.chain(ctx)
	if err := errors.Join(append(s.unread, err)...); err != nil {
		return fmt.Errorf("reading the log, without which nothing can be told to be an orphan: %w", err)
	}
	if p := s.report.Problems; len(p) > 0 {
		return fmt.Errorf("%w: the log is not whole, so that nothing can be told to be an orphan: %s: %s (%d problems in all; verify tells of them)",
			ErrFixity, p[0].Object, p[0].What, len(p))
	}
	for _, e := range log {
		s.named[e.RunID] = true
		if e.Index != nil {
			s.merges[mergedName(e.Index.Path)] = true
		}
		s.seen = e.N
	}
	return nil
}

// old reports whether something was there before the time in question. Of what has no time nothing is known.
func (s *orphanSearch) old(t time.Time) bool { return !t.IsZero() && t.Before(s.before) }

// runs yields the runs that no entry names.
func (s *orphanSearch) runs(ctx context.Context) iter.Seq2[Orphan, error] {
	return func(yield func(Orphan, error) bool) {
		for run, err := range s.storedRuns(ctx) {
			if err != nil {
				yield(Orphan{}, err)
				return
			}
			u := run.summary()
			if run.id == "" || s.named[run.id] || u.Objects == 0 || !s.old(u.Newest) {
				continue
			}
			here, err := s.archive.work.holds(run.id)
			if here && err == nil {
				continue
			}
			o := Orphan{Kind: OrphanRun, Name: runsPrefix + run.id + "/", Objects: u.Objects, Bytes: u.Bytes, Newest: u.Newest, Whole: u.Manifest, run: run.id}
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// uploads yields the unfinished uploads, of whatever key.
func (s *orphanSearch) uploads(ctx context.Context) iter.Seq2[Orphan, error] {
	return func(yield func(Orphan, error) bool) {
		st, ok := s.archive.store.(store.Unfinished)
		if !ok {
			return
		}
		for u, err := range st.Uploads(ctx, "") {
			if err != nil {
				yield(Orphan{}, fmt.Errorf("listing unfinished uploads: %w", err))
				return
			}
			if !s.old(u.Begun) {
				continue
			}
			o := Orphan{Kind: OrphanUpload, Name: u.Key, Newest: u.Begun, run: runOfKey(u.Key), upload: u}
			here, err := o.here(s.archive.work)
			if here && err == nil {
				continue
			}
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// runOfKey gives the run that a key belongs to; "" when it belongs to none.
func runOfKey(key string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(key, runsPrefix), "/")
	if !strings.HasPrefix(key, runsPrefix) || !runIDForm.MatchString(id) {
		return ""
	}
	return id
}

// here reports whether the run that an orphan belongs to stands in the work folder.
func (o Orphan) here(w workspace) (bool, error) {
	if o.run == "" {
		return false, nil
	}
	return w.holds(o.run)
}

// leftovers yields what was put aside in the work folder: torn records, which may be the only copy of something.
func (s *orphanSearch) leftovers(ctx context.Context) iter.Seq2[Orphan, error] {
	return func(yield func(Orphan, error) bool) {
		if s.archive.work == "" {
			return
		}
		err := filepath.WalkDir(filepath.Join(string(s.archive.work), asideDir), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() {
				return errors.Join(err, ctx.Err())
			}
			info, err := d.Info()
			if err != nil || !s.old(info.ModTime()) {
				return err
			}
			if !yield(Orphan{Kind: OrphanLocal, Name: path, Bytes: info.Size(), Newest: info.ModTime()}, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && err != errEnough {
			yield(Orphan{}, fmt.Errorf("looking into the work folder: %w", err))
		}
	}
}

// errEnough ends a walk of which no more is wanted.
var errEnough = errors.New("enough")

// RemoveOrphan takes away what Orphans yielded, after it has looked again: the error wraps ErrInUse when its run has been committed, has
// come into this work folder, or has grown since, and ErrNoRemoval when nothing can be removed from the store, or not by gc. Objects that the
// store does not let go, for a lock or for want of permission, are in the error, and the others are removed all the same; but a run whose manifest
// stays is left as it is.
func (a *Archive) RemoveOrphan(ctx context.Context, o Orphan) error {
	here, err := o.here(a.work)
	if err == nil && here {
		err = fmt.Errorf("%w: the run stands in the work folder %s", ErrInUse, a.work)
	}
	if err != nil {
		return fmt.Errorf("removing %s: %w", o.Name, err)
	}
	switch o.Kind {
	case OrphanRun:
		err = a.removeRun(ctx, o)
	case OrphanIndex:
		err = a.removeIndex(ctx, o)
	case OrphanUpload:
		err = ErrNoRemoval
		if st, ok := a.store.(store.Unfinished); ok {
			err = st.Abort(ctx, o.upload)
		}
	default:
		err = fmt.Errorf("%w: look at it, and remove it by hand", ErrNoRemoval)
	}
	if err != nil {
		return fmt.Errorf("removing %s: %w", o.Name, err)
	}
	return nil
}

// removeRun removes the objects of a run that no entry names, the manifest first: without it nobody takes what is left for a whole run.
func (a *Archive) removeRun(ctx context.Context, o Orphan) error {
	st, ok := a.store.(store.Remover)
	if !ok {
		return fmt.Errorf("%w: nothing can be removed from %s", ErrNoRemoval, a.store)
	}
	keys := map[string]bool{}
	for info, err := range a.store.List(ctx, o.Name, "") {
		if err != nil {
			return err
		}
		if !info.Modified.Before(o.before) {
			return fmt.Errorf("%w: %s was stored meanwhile", ErrInUse, info.Key)
		}
		keys[info.Key] = true
	}
	// The log last: a commit adds its entry when all else is done.
	switch e, committed, err := a.committedAfter(ctx, o.seen, o.run); {
	case committed:
		return fmt.Errorf("%w: entry %d commits the run", ErrInUse, e.N)
	case err != nil:
		return err
	}
	manifest := ObjectKey(o.run, manifestName)
	var errs []error
	if keys[manifest] {
		if err := st.Remove(ctx, manifest); err != nil {
			return fmt.Errorf("its manifest, so that the rest was left too: %w", err)
		}
		delete(keys, manifest)
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if err := st.Remove(ctx, key); err != nil {
			errs = append(errs, err)
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
	}
	return errors.Join(errs...)
}
