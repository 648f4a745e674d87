package archive

import (
	"context"
	"errors"
	"fmt"
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

// all hands the runs that an entry names to check, with their objects by path, and settles those that none names or that are not there.
func (w *runWalk) all(ctx context.Context, check func(inspected, map[string]shown)) error {
	var id string
	var objects map[string]shown
	settle := func() error {
		if id == "" {
			return nil
		}
		e, ok := w.entries[id]
		if !ok {
			var err error
			if e, ok, err = w.unlisted(ctx, id, objects); err != nil || !ok {
				return err
			}
		}
		delete(w.entries, id)
		check(e, objects)
		return nil
	}
	for o, err := range w.objects(ctx, runsPrefix) {
		if err != nil {
			return fmt.Errorf("listing the runs: %w", err)
		}
		run, name, ok := strings.Cut(strings.TrimPrefix(o.Key, runsPrefix), "/")
		if !ok {
			if o.there {
				w.problem(Problem{Object: o.Key, What: "extra object among the runs"})
			}
			continue
		}
		if run != id {
			if err := settle(); err != nil {
				return err
			}
			id, objects = run, map[string]shown{}
		}
		objects[name] = o
	}
	if err := settle(); err != nil {
		return err
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
func (w *runWalk) unlisted(ctx context.Context, id string, objects map[string]shown) (inspected, bool, error) {
	u := Unlisted{Run: id}
	for name, o := range objects {
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
	if u.Objects == 0 {
		return inspected{}, false, nil // gc was here
	}
	var err error
	if u.Here, err = w.archive.work.holds(id); err != nil {
		return inspected{}, false, err
	}
	if !u.Here {
		e, ok, err := w.archive.committedAfter(ctx, w.seen, id)
		switch {
		case ctx.Err() != nil:
			return inspected{}, false, ctx.Err()
		case ok:
			return inspected{logged: e, n: e.N, whole: true}, true, nil
		case w.unsure || err != nil: // what could not be read was told, or is newer than what was to be checked, and may be its entry
			return inspected{}, false, nil
		case u.Manifest && w.archive.now().Sub(u.Newest) >= w.grace:
			w.problem(Problem{Object: ObjectKey(id, manifestName), What: "no entry of the log names this run, and it is whole: its entry was lost, or was never written", Expected: "a log entry"})
			return inspected{}, false, nil
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.report.Unlisted = append(w.report.Unlisted, u)
	return inspected{}, false, nil
}
