package archive

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/store"
)

// stated asks the store of the run's objects and compares what it says with the manifest. Manifest and log entry are held to the weakest lock of
// the files that they name: they were stored after them, with the same settings.
func (r *runAudit) stated(ctx context.Context, m Manifest, e inspected, objects map[string]shown) error {
	now := r.archive.now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sideBySide)
	for _, f := range m.Resources {
		o := objects[f.Path]
		if !o.there {
			continue
		}
		group.Go(func() error {
			info, err := r.stat(ctx, o.Key)
			if err != nil {
				return r.failed(ctx, o.Key, "the store does not tell of the object", err)
			}
			problems, proven := contradictions(f, o.Info, info, now)
			for _, p := range problems {
				r.problem(p)
			}
			if proven {
				r.count(func(report *VerifyReport) { report.Stated++ })
			}
			return nil
		})
	}
	if lock := weakestLock(m.Resources); lock != (store.Facts{}) {
		for _, key := range []string{e.Manifest.Path, e.key} {
			group.Go(func() error {
				info, err := r.stat(ctx, key)
				if err != nil {
					return r.failed(ctx, key, "the store does not tell of the object", err)
				}
				for _, p := range weakened(key, lock, info.Facts, now) {
					r.problem(p)
				}
				return nil
			})
		}
	}
	return group.Wait()
}

func (v *audit) stat(ctx context.Context, key string) (info store.Info, err error) {
	err = v.ask(ctx, func() error {
		info, err = v.archive.store.Stat(ctx, key)
		return err
	})
	return info, err
}

// contradictions compares what a store says of an object with the manifest; proven tells that it has a checksum of it, and the right one. Size and
// version as the store lists them were compared before, so only what differs from these is told. What a store does not tell contradicts
// nothing, but for a checksum that it told when the object was stored: an archive that was copied into a folder is whole.
func contradictions(f Resource, listed, info store.Info, now time.Time) (problems []Problem, proven bool) {
	add := func(what, expected, found string) {
		problems = append(problems, Problem{Object: info.Key, What: what, Expected: expected, Found: found})
	}
	if info.Size != f.Bytes && info.Size != listed.Size {
		add("size differs from the manifest", fmt.Sprint(f.Bytes), fmt.Sprint(info.Size))
	}
	if !info.SHA256.IsZero() {
		if proven = info.SHA256.String() == f.SHA256; !proven {
			add("the store has another SHA-256 than the manifest", f.SHA256, info.SHA256.String())
		}
	}
	was, is := f.Stored, info.Facts
	if was == nil || is == nil {
		return problems, proven
	}
	if was.Checksum != (store.Checksum{}) {
		if is.Checksum != was.Checksum {
			add("the store has another checksum than the one with which the object was stored", describeChecksum(was.Checksum), describeChecksum(is.Checksum))
		} else {
			proven = info.Size == f.Bytes && len(problems) == 0
		}
	}
	if is.VersionID != "" && was.VersionID != "" && is.VersionID != was.VersionID && is.VersionID != versionID(listed) {
		add("another version than the one that was committed", was.VersionID, is.VersionID)
	}
	if is.PartSize != 0 && is.PartSize != was.PartSize {
		add("parts have another size than those that were stored", fmt.Sprint(was.PartSize), fmt.Sprint(is.PartSize))
	}
	return append(problems, weakened(info.Key, *was, is, now)...), proven
}

func describeChecksum(c store.Checksum) string {
	if c == (store.Checksum{}) {
		return "none"
	}
	return c.Algorithm + " " + c.Type + " " + c.Value
}

// compliance is the mode of a lock that nobody can lift before its time; the other one is GOVERNANCE.
const compliance = "COMPLIANCE"

// weakened reports locks of an object that hold less than they did. One that was made longer or harder is none, nor is one whose time is over.
func weakened(object string, was store.Facts, is *store.Facts, now time.Time) (problems []Problem) {
	if is == nil {
		return nil
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return "no retention"
		}
		return t.UTC().Format(time.RFC3339)
	}
	if was.RetainUntil.After(now) {
		// To the second, as stores that are asked in headers tell it.
		if is.RetainUntil.Before(was.RetainUntil.Truncate(time.Second)) {
			problems = append(problems, Problem{Object: object, What: "retention was shortened", Expected: day(was.RetainUntil), Found: day(is.RetainUntil)})
		}
		if is.LockMode != was.LockMode && is.LockMode != compliance {
			problems = append(problems, Problem{Object: object, What: "the lock was weakened", Expected: was.LockMode, Found: orNone(is.LockMode)})
		}
	}
	if was.LegalHold && !is.LegalHold {
		problems = append(problems, Problem{Object: object, What: "the legal hold was removed", Expected: "a legal hold", Found: "none"})
	}
	return problems
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// weakestLock gives what locks all of the files have at least; it is zero when one of them has none.
func weakestLock(files []Resource) store.Facts {
	var least store.Facts
	for i, f := range files {
		if f.Stored == nil {
			return store.Facts{}
		}
		if i == 0 {
			least = store.Facts{LockMode: f.Stored.LockMode, RetainUntil: f.Stored.RetainUntil, LegalHold: f.Stored.LegalHold}
			continue
		}
		least.LegalHold = least.LegalHold && f.Stored.LegalHold
		if f.Stored.RetainUntil.Before(least.RetainUntil) {
			least.RetainUntil = f.Stored.RetainUntil
		}
		if least.LockMode == compliance {
			least.LockMode = f.Stored.LockMode
		}
	}
	if least.RetainUntil.IsZero() {
		least.LockMode = ""
	}
	return least
}
