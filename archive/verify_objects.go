package archive

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// runs lists all runs and checks those that an entry names.
func (v *audit) runs(ctx context.Context, log []inspected) error {
	group, groupCtx := errgroup.WithContext(ctx)
	if group.SetLimit(sideBySide); v.level == LevelFull {
		group.SetLimit(runtime.GOMAXPROCS(0))
	}
	w := &runWalk{audit: v, entries: make(map[string]inspected, len(log))}
	for _, e := range log {
		w.seen = max(w.seen, e.n)
		w.unsure = w.unsure || e.digest == "" // a run may be named by an entry that could not be read
		if _, taken := w.entries[e.RunID]; e.whole && !taken {
			w.entries[e.RunID] = e
		}
	}
	listed := w.all(groupCtx, func(e inspected, objects map[string]shown) {
		group.Go(func() error { return v.run(groupCtx, e, objects) })
	})
	return errors.Join(group.Wait(), listed)
}

// runWalk goes through the runs in the store.
type runWalk struct {
	*audit
	entries map[string]inspected // of runs that have not been met yet
	seen    int64                // the newest entry that was read
	unsure  bool                 // some entry could not be read
}

// all hands the runs that an entry names to check, and settles those that none names or that are not there.
func (w *runWalk) all(ctx context.Context, check func(inspected, map[string]shown)) error {
	for run, err := range w.storedRuns(ctx) {
		if err != nil {
			return err
		}
		if run.id == "" {
			w.problem(Problem{Object: run.stray, What: "extra object among the runs"})
			continue
		}
		e, ok := w.entries[run.id]
		if !ok {
			if e, ok, err = w.unlisted(ctx, run); err != nil {
				return err
			}
		}
		if ok {
			delete(w.entries, run.id)
			check(e, run.objects)
		}
	}
	for _, e := range w.entries {
		w.problem(Problem{Object: e.Manifest.Path, What: fmt.Sprintf("missing, with all of the run that entry %d commits", e.N), Expected: e.Manifest.SHA256})
	}
	return nil
}

// unlisted looks into a run that no entry names, and gives its entry when there is one after all.
//
// When its draft stands in this work folder, its commit is under way or will be finished by Recover. The draft is removed only after the entry
// was added, so when there is none, the entry may have come since the log was read. Else the run is of a machine with another work folder,
// which may still be at it, or was given up. A commit stores the manifest before it adds the entry: where there is none there never was an
// entry, and where there is one that has been waiting for long, the entry was lost.
func (w *runWalk) unlisted(ctx context.Context, run storedRun) (inspected, bool, error) {
	u := run.summary()
	if u.Objects == 0 {
		return inspected{}, false, nil // gc was here
	}
	var err error
	if u.Here, err = w.archive.work.holds(u.Run); err != nil {
		return inspected{}, false, err
	}
	if !u.Here {
		e, ok, err := w.archive.committedAfter(ctx, w.seen, u.Run)
		switch {
		case ctx.Err() != nil:
			return inspected{}, false, ctx.Err()
		case ok:
			return inspected{logged: e, n: e.N, whole: true}, true, nil
		case w.unsure || err != nil: // what could not be read was told, or is newer than what was to be checked, and may be its entry
			return inspected{}, false, nil
		case u.Manifest && w.archive.now().Sub(u.Newest) >= w.grace:
			w.problem(Problem{
				Object: ObjectKey(u.Run, manifestName), Expected: "a log entry",
				What: "no entry of the log names this run, and it has its manifest: its entry was lost, or was never written",
			})
			return inspected{}, false, nil
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.report.Unlisted = append(w.report.Unlisted, u)
	return inspected{}, false, nil
}

// storedRun is what the store holds of one run, or an object that belongs to none.
type storedRun struct {
	id      string
	objects map[string]shown // by their path in the run
	stray   string           // its key, where id is ""
}

// storedRuns yields what stands among the runs.
func (v *audit) storedRuns(ctx context.Context) iter.Seq2[storedRun, error] {
	return func(yield func(storedRun, error) bool) {
		var run storedRun
		for o, err := range v.objects(ctx, runsPrefix) {
			if err != nil {
				yield(storedRun{}, fmt.Errorf("listing the runs: %w", err))
				return
			}
			id, name, ok := strings.Cut(strings.TrimPrefix(o.Key, runsPrefix), "/")
			if !ok || !runIDForm.MatchString(id) {
				if o.there && !yield(storedRun{stray: o.Key}, nil) {
					return
				}
				continue
			}
			if id != run.id {
				if run.id != "" && !yield(run, nil) {
					return
				}
				run = storedRun{id: id, objects: map[string]shown{}}
			}
			run.objects[name] = o
		}
		if run.id != "" {
			yield(run, nil)
		}
	}
}

// summary counts what can be read of the run.
func (r storedRun) summary() Unlisted {
	u := Unlisted{Run: r.id}
	for name, o := range r.objects {
		if !o.there {
			continue
		}
		u.Objects++
		u.Bytes += o.Size
		u.Manifest = u.Manifest || name == manifestName
		if o.Modified.After(u.Newest) {
			u.Newest = o.Modified
		}
	}
	return u
}
