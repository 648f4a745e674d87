package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// inspected is an entry as an audit found it. The digest of its bytes is good even where the entry is not; it is "" where there were none.
type inspected struct {
	logged
	n      int64  // by its key
	said   string // digest of what its signature is over
	whole  bool
	stored time.Time // by the store's clock
}

// logCheck compares the entries with each other, or with what else tells of them. The log is in order, with gaps where entries are missing;
// entries that are not whole are in it. The error ends the audit.
type logCheck func(v *audit, ctx context.Context, log []inspected) error

// logChecks are made of the log once all of it has been read.
var logChecks = []logCheck{
	(*audit).gaps,
	(*audit).links,
	(*audit).oncePerRun,
	(*audit).checkpoints,
	(*audit).trees,
	(*audit).signatures,
}

// chain reads and checks the whole log, and gives its entries in order.
func (v *audit) chain(ctx context.Context) ([]inspected, error) {
	var log []inspected
	for o, err := range v.objects(ctx, logPrefix) {
		if err != nil {
			return nil, fmt.Errorf("listing the log: %w", err)
		}
		n, err := logNumber(o.Key)
		if err != nil {
			if o.there {
				v.problem(Problem{Object: o.Key, What: "extra object in the log"})
			}
			continue
		}
		v.history(o, time.Time{}, "")
		if o.there {
			log = append(log, inspected{logged: logged{key: o.Key}, n: n, stored: o.Modified})
		}
	}
	slices.Reverse(log) // they are listed newest first
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(sideBySide)
	for i := range log {
		group.Go(func() error { return v.entry(groupCtx, &log[i]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, check := range logChecks {
		if err := check(v, ctx, log); err != nil {
			return nil, err
		}
	}
	return log, nil
}

// entry reads one entry afresh.
func (v *audit) entry(ctx context.Context, e *inspected) error {
	b, err := v.archive.readObject(ctx, e.key, maxEntryBytes)
	if err != nil {
		return v.failed(ctx, e.key, "log entry cannot be read", err)
	}
	e.digest, e.said = digestOf(b), digestOf(signedPart(b))
	v.count(func(r *VerifyReport) { r.Entries++; r.Bytes += int64(len(b)) })
	e.Entry, err = ParseEntry(b)
	if err == nil && e.N != e.n {
		err = fmt.Errorf("it says that it is entry %d, expected %d", e.N, e.n)
	}
	if err != nil {
		v.problem(Problem{Object: e.key, What: "log entry is damaged", Found: err.Error()})
	}
	e.whole = err == nil
	return nil
}

// gaps reports numbers that no entry has.
func (v *audit) gaps(_ context.Context, log []inspected) error {
	var before int64
	for _, e := range log {
		switch missing := e.n - before - 1; {
		case missing == 1:
			v.problem(Problem{Object: logKey(e.n - 1), What: "log entry is missing", Expected: e.Previous})
		case missing > 1:
			v.problem(Problem{Object: logKey(e.n - 1), What: fmt.Sprintf("log entries %d to %d are missing", before+1, e.n-1), Expected: e.Previous})
		}
		before = e.n
	}
	return nil
}

// links compares every entry with what the next one says of it.
func (v *audit) links(_ context.Context, log []inspected) error {
	for i := 1; i < len(log); i++ {
		older, newer := log[i-1], log[i]
		if newer.n == older.n+1 && newer.Previous != "" && older.digest != "" && older.digest != newer.Previous {
			v.problem(Problem{
				Object: older.key, What: fmt.Sprintf("digest is not the one that entry %d names", newer.n), Expected: newer.Previous, Found: older.digest,
			})
		}
	}
	return nil
}

// oncePerRun reports runs that were committed twice.
func (v *audit) oncePerRun(_ context.Context, log []inspected) error {
	first := make(map[string]int64, len(log))
	for _, e := range log {
		if !e.whole {
			continue
		}
		if n, taken := first[e.RunID]; taken {
			v.problem(Problem{Object: e.key, What: fmt.Sprintf("run %s is committed by entry %d too", e.RunID, n)})
			continue
		}
		first[e.RunID] = e.n
	}
	return nil
}

// settleCheckpoint reports the newest entry, if nothing at all was wrong with the log.
func (v *audit) settleCheckpoint(log []inspected) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(log) == 0 || len(v.report.Problems) > 0 || len(v.unread) > 0 {
		return
	}
	newest := log[len(log)-1]
	v.report.Checkpoint = &Checkpoint{N: newest.N, Entry: newest.digest, Time: newest.Time, Archive: v.archive.store.String()}
}

// committedAfter looks for the entry of a run among those that came after entry n. What has been seen up to there is not read again.
func (a *Archive) committedAfter(ctx context.Context, n int64, runID string) (logged, bool, error) {
	var errs []error
	for key, err := range a.entryKeys(ctx) {
		if err != nil {
			return logged{}, false, fmt.Errorf("listing the log: %w", err)
		}
		if at, err := logNumber(key); err == nil && at <= n {
			break
		}
		e, err := a.entry(ctx, key)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if e.RunID == runID {
			return e, true, nil
		}
	}
	return logged{}, false, errors.Join(errs...)
}
