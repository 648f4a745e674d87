package archive

import (
	"context"
	"fmt"
	"hash/maphash"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/index"
)

// indexAudit is the check of the merged indexes: that those which the log names are there as they were written, and that the newest has the rows of all
// runs up to its own, and no others. It says nothing of what an archive holds; but who looks something up believes it.
type indexAudit struct {
	*audit
	stored map[string]shown  // by key
	named  map[string]Object // of levels
}

// indexes checks the merged indexes: that they are there, and of the newest the levels too. At LevelFull, unless only newer runs are looked at, all are read,
// and the newest is compared with the runs.
func (v *audit) indexes(ctx context.Context, log []inspected) error {
	x := &indexAudit{audit: v, stored: map[string]shown{}, named: map[string]Object{}}
	for o, err := range v.objects(ctx, indexPrefix) {
		if err != nil {
			return fmt.Errorf("listing the merged indexes: %w", err)
		}
		x.stored[o.Key] = o
	}
	var newest *index.Merged
	var of inspected
	for _, e := range log {
		if !e.whole || e.Index == nil || !x.there(*e.Index, e.n) || !x.all() && e.n != log[len(log)-1].n {
			continue
		}
		m, err := x.read(ctx, *e.Index)
		if err != nil {
			return err
		}
		if newest, of = m, e; m == nil {
			continue
		}
		for _, l := range m.Levels {
			x.named[l.File] = Object{Path: l.File, Bytes: l.Bytes, SHA256: l.SHA256}
		}
	}
	for _, level := range x.named {
		if !x.there(level, of.n) || !x.all() {
			continue
		}
		if err := x.whole(ctx, level); err != nil {
			return err
		}
	}
	if newest == nil || !x.all() {
		return nil
	}
	return x.rows(ctx, newest, of, log)
}

// all reports whether everything is to be read.
func (v *audit) all() bool { return v.level == LevelFull && v.since.IsZero() }

// there reports whether an object that the log names is listed with its size, and else tells it.
func (x *indexAudit) there(o Object, n int64) bool {
	s := x.stored[o.Path]
	x.history(s, time.Time{}, "")
	switch {
	case !s.there:
		x.problem(Problem{Object: o.Path, What: fmt.Sprintf("merged index of log entry %d is missing", n), Expected: sized(o.SHA256, o.Bytes)})
	case s.Size != o.Bytes:
		x.problem(Problem{Object: o.Path, What: "size is not what the log says", Expected: fmt.Sprint(o.Bytes), Found: fmt.Sprint(s.Size)})
	}
	return s.there
}

// read reads a merged index afresh; nil when that is not possible, which is told.
func (x *indexAudit) read(ctx context.Context, o Object) (*index.Merged, error) {
	b, err := x.archive.readObject(ctx, o.Path, maxMergedBytes)
	if err != nil {
		return nil, x.failed(ctx, o.Path, "merged index cannot be read", err)
	}
	x.count(func(r *VerifyReport) {
		r.Bytes += int64(len(b))
		if x.all() {
			r.Files++ // at lower levels these are the files that were read beside what tells of files
		}
	})
	if found := digestOf(b); found != o.SHA256 {
		x.problem(Problem{Object: o.Path, What: "SHA-256 is not what the log says", Expected: o.SHA256, Found: found})
		return nil, nil
	}
	m, err := index.ParseMerged(b)
	if err != nil {
		x.problem(Problem{Object: o.Path, What: "merged index cannot be understood", Found: err.Error()})
	}
	return m, nil
}

// whole reads a level and proves its digest.
func (x *indexAudit) whole(ctx context.Context, o Object) error {
	rc, err := x.archive.store.Open(ctx, o.Path, 0, -1)
	if err != nil {
		return x.failed(ctx, o.Path, "merged index cannot be read", err)
	}
	defer rc.Close() // nothing was written
	found, err := digestStream(rc)
	if err != nil {
		return x.failed(ctx, o.Path, "merged index cannot be read to its end", err)
	}
	x.count(func(r *VerifyReport) { r.Files++; r.Bytes += found.Bytes })
	if found.SHA256 != o.SHA256 {
		x.problem(Problem{Object: o.Path, What: "SHA-256 is not what the merged index says", Expected: o.SHA256, Found: found.SHA256})
	}
	return nil
}

// rowSum stands for a multiset of rows: how many, and the sum of what their texts hash to under a seed that nobody knows beforehand.
type rowSum struct {
	n   int
	sum uint64
}

func (s *rowSum) add(seed maphash.Seed, r index.Row) error {
	text, err := r.AppendText(nil)
	s.n++
	s.sum += maphash.Bytes(seed, text)
	return err
}

// rows compares the rows of the newest merged index with those that the runs' own indexes and pages make.
func (x *indexAudit) rows(ctx context.Context, m *index.Merged, of inspected, log []inspected) error {
	had := map[string]*rowSum{}
	for row, err := range m.All(ctx, rootFiles{x.archive}) {
		if err != nil {
			return x.failed(ctx, of.Index.Path, "rows cannot be read", err)
		}
		id, _, _ := strings.Cut(strings.TrimPrefix(row.File, runsPrefix), "/")
		if had[id] == nil {
			had[id] = new(rowSum)
		}
		if err := had[id].add(x.seed, row); err != nil {
			return x.failed(ctx, of.Index.Path, "a row cannot be read", err)
		}
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, e := range log {
		if !e.whole || e.n > m.Through {
			continue
		}
		group.Go(func() error {
			want, err := x.archive.runRows(ctx, x.seed, e.RunID)
			mu.Lock()
			found := had[e.RunID]
			delete(had, e.RunID)
			mu.Unlock()
			if err != nil {
				return ctx.Err() // what is wrong with a run was told
			}
			if found == nil {
				found = new(rowSum)
			}
			if *found != want {
				x.problem(Problem{
					Object: of.Index.Path, What: fmt.Sprintf("what the merged index says of run %s is not what the run's own index and pages say", e.RunID),
					Expected: fmt.Sprintf("%d rows", want.n), Found: fmt.Sprintf("%d rows, or others", found.n),
				})
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if slices.ContainsFunc(log, func(e inspected) bool { return !e.whole }) {
		return nil // it may be the one that names such a run
	}
	for id, s := range had {
		x.problem(Problem{Object: of.Index.Path, What: fmt.Sprintf("the merged index has %d rows of a run %.80q that the log does not name", s.n, id)})
	}
	return nil
}

// runRows sums up the rows that a run has in a merged index.
func (a *Archive) runRows(ctx context.Context, seed maphash.Seed, runID string) (rowSum, error) {
	var s rowSum
	err := eachRunRow(ctx, runFiles{a, runID}, runID, func(r index.Row) error { return s.add(seed, r) })
	return s, err
}
