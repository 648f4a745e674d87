package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/store"
)

// Problem is one thing that Verify found wrong.
type Problem struct {
	Object   string `json:"object"`
	Offset   int64  `json:"offset,omitempty"`
	What     string `json:"what"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
}

// VerifyReport counts what was read and lists every problem, by object and offset.
type VerifyReport struct {
	Entries, Runs, Files, Records, Pages, Photos int
	Bytes                                        int64
	Unlisted                                     []string // runs that no log entry names yet: their commits are under way or wait for Recover
	Problems                                     []Problem
}

// problemsPerObject bounds the list: an object with more than this is wrong throughout.
const problemsPerObject = 100

// VerifyOption changes how Verify goes about it.
type VerifyOption func(*audit)

// OnProgress calls f with the counts so far after every file. Calls do not overlap.
func OnProgress(f func(VerifyReport)) VerifyOption { return func(v *audit) { v.progress = f } }

// Verify reads everything: the chain of the log, manifests, every file's SHA-256, every record's digests, the index compared with the one
// that the records make, pages.jsonl with the page records and with the records that it points to, and photos.jsonl with the pages. It goes on
// after a problem; the error is for what could not be read at all, and the end of ctx. Runs are read side by side, one a processor; memory is some
// hundred bytes for every capture of the runs that are being read.
//
// A run that no entry names is a problem, as its entry must have been lost, unless it still stands in this Archive's work folder: then it is in
// Unlisted. That the newest runs were dropped together with their entries only somebody can notice who remembers them.
//
// What could not be read for want of permission or by a fault of the store is no problem of the archive: it is in the error.
func (a *Archive) Verify(ctx context.Context, options ...VerifyOption) (VerifyReport, error) {
	v := &audit{archive: a, seed: maphash.MakeSeed(), perObject: map[string]int{}}
	for _, o := range options {
		o(v)
	}
	entries, err := v.chain(ctx)
	if err == nil {
		err = v.runs(ctx, entries)
	}
	return v.result(), errors.Join(append(v.unread, err)...)
}

// audit is one Verify under way.
type audit struct {
	archive  *Archive
	progress func(VerifyReport)
	seed     maphash.Seed

	mu        sync.Mutex
	report    VerifyReport
	perObject map[string]int
	unread    []error // of objects that may be whole
}

func (v *audit) problem(p Problem) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.perObject[p.Object]++
	if v.perObject[p.Object] <= problemsPerObject {
		v.report.Problems = append(v.report.Problems, p)
	}
}

// failed turns an error into a problem of an object. The end of the context is none, and is passed on; nor is a refusal to let it be read.
func (v *audit) failed(ctx context.Context, object, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, fs.ErrPermission) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.unread = append(v.unread, fmt.Errorf("%s: %s: %w", object, what, err))
		return nil
	}
	v.problem(Problem{Object: object, What: what, Found: err.Error()})
	return nil
}

// count adds to the report and tells of the progress.
func (v *audit) count(add func(*VerifyReport)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	add(&v.report)
	if v.progress != nil {
		v.progress(v.report)
	}
}

func (v *audit) result() VerifyReport {
	v.mu.Lock()
	defer v.mu.Unlock()
	for object, n := range v.perObject {
		if n > problemsPerObject {
			v.report.Problems = append(v.report.Problems, Problem{Object: object, What: fmt.Sprintf("and %d problems more", n-problemsPerObject)})
		}
	}
	slices.SortStableFunc(v.report.Problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Object, b.Object), cmp.Compare(a.Offset, b.Offset))
	})
	return v.report
}

// chain checks the log from the newest entry to the first, and gives the entries that can be read by their runs.
func (v *audit) chain(ctx context.Context) (map[string]Entry, error) {
	entries := map[string]Entry{}
	var newer link
	for info, err := range v.archive.store.List(ctx, logPrefix, "") {
		if err != nil {
			return nil, fmt.Errorf("listing the log: %w", err)
		}
		n, err := logNumber(info.Key)
		if err != nil {
			v.problem(Problem{Object: info.Key, What: "extra object in the log"})
			continue
		}
		v.gap(newer, n)
		e, found, err := v.entry(ctx, info.Key, n)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if newer.n == n+1 && newer.previous != "" && found != "" && found != newer.previous {
			v.problem(Problem{Object: info.Key, What: fmt.Sprintf("digest is not the one that entry %d names", newer.n), Expected: newer.previous, Found: found})
		}
		newer = link{n: n, previous: e.Previous}
		if err != nil {
			continue
		}
		if other, taken := entries[e.RunID]; taken {
			v.problem(Problem{Object: info.Key, What: fmt.Sprintf("run %s is committed by entry %d too", e.RunID, other.N)})
		}
		entries[e.RunID] = e
	}
	v.gap(newer, 0)
	return entries, nil
}

// link is what an entry says of the one before it.
type link struct {
	n        int64
	previous string
}

// gap reports the entries between two that follow each other in the listing.
func (v *audit) gap(newer link, n int64) {
	if newer.n == 0 || newer.n == n+1 {
		return
	}
	p := Problem{Object: logKey(newer.n - 1), What: "log entry is missing", Expected: newer.previous}
	if last := n + 1; last < newer.n-1 {
		p.What = fmt.Sprintf("log entries %d to %d are missing", last, newer.n-1)
	}
	v.problem(p)
}

// entry reads one entry afresh. The digest of its bytes is good even where the entry is not.
func (v *audit) entry(ctx context.Context, key string, n int64) (Entry, string, error) {
	b, err := v.archive.readObject(ctx, key, maxEntryBytes)
	if err != nil {
		return Entry{}, "", errors.Join(err, v.failed(ctx, key, "log entry cannot be read", err))
	}
	v.count(func(r *VerifyReport) { r.Entries++; r.Bytes += int64(len(b)) })
	e, err := ParseEntry(b)
	if err == nil && e.N != n {
		err = fmt.Errorf("it says that it is entry %d, expected %d", e.N, n)
	}
	if err != nil {
		v.problem(Problem{Object: key, What: "log entry is damaged", Found: err.Error()})
	}
	return e, digestOf(b), err
}

// runs lists all runs and checks those that an entry names.
func (v *audit) runs(ctx context.Context, entries map[string]Entry) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var id string
	var objects map[string]store.Info // of the run, by path
	check := func() error {
		if id == "" {
			return nil
		}
		e, ok := entries[id]
		if !ok {
			var err error
			if e, ok, err = v.unlisted(groupCtx, id, objects); err != nil {
				return err
			}
		}
		if ok {
			delete(entries, id)
			listing := objects
			group.Go(func() error { return v.run(groupCtx, e, listing) })
		}
		return nil
	}
	var listErr error
	for info, err := range v.archive.store.List(groupCtx, runsPrefix, "") {
		if err != nil {
			listErr = fmt.Errorf("listing the runs: %w", err)
			break
		}
		run, name, ok := strings.Cut(strings.TrimPrefix(info.Key, runsPrefix), "/")
		if !ok {
			v.problem(Problem{Object: info.Key, What: "extra object among the runs"})
			continue
		}
		if run != id {
			if listErr = check(); listErr != nil {
				break
			}
			id, objects = run, map[string]store.Info{}
		}
		objects[name] = info
	}
	if listErr == nil {
		listErr = check()
	}
	if listErr == nil {
		for _, e := range entries {
			v.problem(Problem{Object: e.Manifest.Path, What: fmt.Sprintf("missing, with all of the run that entry %d commits", e.N), Expected: e.Manifest.SHA256})
		}
	}
	return errors.Join(group.Wait(), listErr)
}

// unlisted looks into a run that no entry names. When its draft stands in the work folder, its commit is under way or will be finished by
// Recover. The draft is removed only after the entry was added, so when there is none, the entry may have come since the log was read; else it
// was lost.
func (v *audit) unlisted(ctx context.Context, id string, objects map[string]store.Info) (Entry, bool, error) {
	drafted, err := v.archive.work.holds(id)
	if err != nil {
		return Entry{}, false, err
	}
	if drafted {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.report.Unlisted = append(v.report.Unlisted, id)
		return Entry{}, false, nil
	}
	for e, err := range v.archive.Entries(ctx) {
		if ctx.Err() != nil {
			return Entry{}, false, ctx.Err()
		}
		switch {
		case errors.Is(err, fs.ErrPermission): // it may be the one
			return Entry{}, false, nil
		case err == nil && e.RunID == id: // other errors have been reported
			return e, true, nil
		}
	}
	object := ObjectKey(id, manifestName)
	if _, ok := objects[manifestName]; !ok {
		object = runsPrefix + id + "/"
	}
	v.problem(Problem{Object: object, What: "no entry of the log names this run: its entry was lost, or what was to commit it", Expected: "a log entry"})
	return Entry{}, false, nil
}
