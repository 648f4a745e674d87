package archive

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tearsheet/archive/index"
	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
)

// never is a level that finds nothing.
const never = LevelFull + 1

// firstWARC gives the key of a run's first WARC file.
func firstWARC(t testing.TB, st store.Store, e Entry) string {
	t.Helper()
	for info, err := range st.List(t.Context(), ObjectKey(e.RunID, dataDir)+"/", "") {
		if err != nil {
			t.Fatal(err)
		}
		return info.Key
	}
	t.Fatal("the run has no WARC file")
	return ""
}

func TestEachFaultIsFoundFromItsLevelOn(t *testing.T) {
	drop := func([]byte) []byte { return nil }
	cut := func(b []byte) []byte { return b[:len(b)-1] }
	// object is the place that must be named; "" for the WARC file.
	for name, c := range map[string]struct {
		level Level
		do    func(t *testing.T, st *vault, warc string, e Entry) (object, what string)
	}{
		"a deleted object": {LevelList, func(_ *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.Tamper(warc, drop)
			return warc, "object is missing"
		}},
		"a truncated object": {LevelList, func(_ *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.Tamper(warc, cut)
			return warc, "size differs from the manifest"
		}},
		"a rewritten manifest": {LevelList, func(_ *testing.T, st *vault, _ string, e Entry) (string, string) {
			st.Tamper(e.Manifest.Path, func(b []byte) []byte { return bytes.Replace(b, []byte(`"complete"`), []byte(`"recovered"`), 1) })
			return e.Manifest.Path, "SHA-256 or size is not what log entry 1 says"
		}},
		"an object too many": {LevelList, func(t *testing.T, st *vault, _ string, e Entry) (string, string) {
			key := ObjectKey(e.RunID, "archive/other.warc.gz")
			create(t, st.Memory, key, []byte("x"))
			return key, "extra object"
		}},
		"an entry that skips a number": {LevelList, func(t *testing.T, st *vault, _ string, e Entry) (string, string) {
			before := digestOf(read(t, st, logKey(1)))
			skipping := Entry{Format: formatNumber, N: 3, RunID: newRunID(noon), Time: noon, Previous: before, Manifest: e.Manifest}
			skipping.Manifest.Path = ObjectKey(skipping.RunID, manifestName)
			b, err := skipping.encode()
			if err != nil {
				t.Fatal(err)
			}
			create(t, st.Memory, logKey(3), b)
			return logKey(2), "log entry is missing"
		}},
		"an old entry that was rewritten, its own digest too": {LevelList, func(t *testing.T, st *vault, _ string, e Entry) (string, string) {
			committedRun(t, open(t, st))
			e.Time = e.Time.Add(-time.Hour)
			b, err := e.encode()
			if err != nil {
				t.Fatal(err)
			}
			st.Tamper(logKey(1), func([]byte) []byte { return b })
			return logKey(1), "digest is not the one that entry 2 names"
		}},
		"a run that was committed twice": {LevelList, func(t *testing.T, st *vault, _ string, e Entry) (string, string) {
			e.N, e.Previous = 2, digestOf(read(t, st, logKey(1)))
			b, err := e.encode()
			if err != nil {
				t.Fatal(err)
			}
			create(t, st.Memory, logKey(2), b)
			return logKey(2), "is committed by entry 1 too"
		}},
		"a delete marker on an object": {LevelList, func(_ *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.hide(warc)
			return warc, "a delete marker hides the object"
		}},
		"a delete marker on the newest entry": {LevelList, func(_ *testing.T, st *vault, _ string, _ Entry) (string, string) {
			st.hide(logKey(1))
			return logKey(1), "a delete marker hides the object"
		}},
		"an overwritten version": {LevelList, func(t *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.overwrite(t, warc, flip(0.5))
			return warc, "the object was overwritten"
		}},
		"a log entry that was overwritten": {LevelList, func(t *testing.T, st *vault, _ string, _ Entry) (string, string) {
			st.overwrite(t, logKey(1), func(b []byte) []byte { return b })
			return logKey(1), "the object was overwritten"
		}},
		"an object that was deleted and written again": {LevelList, func(t *testing.T, st *vault, warc string, _ Entry) (string, string) {
			b := read(t, st, warc)
			st.hide(warc)
			if _, err := st.Create(t.Context(), warc, bytes.NewReader(b)); err != nil {
				t.Fatal(err)
			}
			return warc, "deleted and written again"
		}},
		"an object that was written anew, and its past removed": {LevelList, func(t *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.overwrite(t, warc, func(b []byte) []byte { return b })
			delete(st.past, warc)
			return warc, "another version than the one that was committed"
		}},
		"a checksum that differs from the manifest's": {LevelStated, func(_ *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.relock(warc, func(f *store.Facts) { f.Checksum.Value = "AAAA-1" })
			return warc, "another checksum"
		}},
		"a checksum that the store has no more": {LevelStated, func(_ *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.relock(warc, func(f *store.Facts) { f.Checksum = store.Checksum{} })
			return warc, "another checksum"
		}},
		"a shortened retention": {LevelStated, func(_ *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.relock(warc, func(f *store.Facts) { f.RetainUntil = f.RetainUntil.Add(-time.Hour) })
			return warc, "retention was shortened"
		}},
		"a lock that others may lift": {LevelStated, func(_ *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.relock(warc, func(f *store.Facts) { f.LockMode = "GOVERNANCE" })
			return warc, "the lock was weakened"
		}},
		"a removed legal hold": {LevelStated, func(_ *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.relock(warc, func(f *store.Facts) { f.LegalHold = false })
			return warc, "the legal hold was removed"
		}},
		"a shortened retention of the manifest": {LevelStated, func(_ *testing.T, st *vault, _ string, e Entry) (string, string) {
			st.relock(e.Manifest.Path, func(f *store.Facts) { f.RetainUntil = noon })
			return e.Manifest.Path, "retention was shortened"
		}},
		"a log entry without its legal hold": {LevelStated, func(_ *testing.T, st *vault, _ string, _ Entry) (string, string) {
			st.relock(logKey(1), func(f *store.Facts) { f.LegalHold = false })
			return logKey(1), "the legal hold was removed"
		}},
		"a flipped byte in a record": {LevelSample, func(t *testing.T, st *vault, warc string, e Entry) (string, string) {
			k := captureOf(t, st, e)
			st.Tamper(warc, func(b []byte) []byte { b[k.Offset+k.Length/2] ^= 1; return b })
			return warc, "record"
		}},
		"a flipped byte in the index": {LevelSample, func(_ *testing.T, st *vault, _ string, e Entry) (string, string) {
			key := ObjectKey(e.RunID, cdxName)
			st.Tamper(key, flip(0.5))
			return key, ""
		}},
		"a flipped byte in the list of blocks": {LevelSample, func(_ *testing.T, st *vault, _ string, e Entry) (string, string) {
			key := ObjectKey(e.RunID, idxName)
			st.Tamper(key, flip(0.9))
			return key, ""
		}},
		"an index that lies": {LevelSample, func(t *testing.T, st *vault, _ string, e Entry) (string, string) {
			st.reindex(t, e, func(row *index.Row) { row.MIME = "image/gif" })
			return ObjectKey(e.RunID, cdxName), "index row differs from the one that its record makes"
		}},
		"a flipped byte in a list": {LevelFull, func(_ *testing.T, st *vault, _ string, e Entry) (string, string) {
			key := ObjectKey(e.RunID, pagesName)
			st.Tamper(key, flip(0.9))
			return key, ""
		}},
		"a longer retention is none": {never, func(_ *testing.T, st *vault, warc string, _ Entry) (string, string) {
			st.relock(warc, func(f *store.Facts) { f.RetainUntil = f.RetainUntil.Add(time.Hour) })
			return warc, ""
		}},
	} {
		t.Run(name, func(t *testing.T) {
			st, e := vaulted(t, store.Facts{LockMode: compliance, RetainUntil: time.Now().Add(24 * time.Hour), LegalHold: true})
			object, what := c.do(t, st, firstWARC(t, st, e), e)
			for level := LevelList; level <= LevelFull; level++ {
				report, err := open(t, st).Verify(t.Context(), AtLevel(level), SampleOf(1000, 1))
				if err != nil {
					t.Fatal(err)
				}
				if got, want := found(report, object, what), level >= c.level; got != want {
					t.Errorf("at level %d: found %v: %+v", level, got, report.Problems)
				}
				if level < c.level && len(report.Problems) > 0 {
					t.Errorf("at level %d: %+v", level, report.Problems)
				}
			}
		})
	}
}

// captureOf gives where the first page of a run stands.
func captureOf(t testing.TB, st store.Store, e Entry) Kept {
	t.Helper()
	for p, err := range open(t, st).Pages(t.Context(), Query{Run: e.RunID}) {
		if err != nil {
			t.Fatal(err)
		}
		return *p.Page.Capture
	}
	t.Fatal("the run has no page")
	return Kept{}
}

func TestAWholeArchivePassesAtEveryLevel(t *testing.T) {
	locked, _ := vaulted(t, store.Facts{LockMode: "GOVERNANCE", RetainUntil: time.Now().Add(time.Hour)})
	over, _ := vaulted(t, store.Facts{LockMode: "GOVERNANCE", RetainUntil: time.Now().Add(-time.Hour)})
	for _, key := range over.Keys() {
		over.relock(key, func(f *store.Facts) { f.RetainUntil, f.LockMode = time.Time{}, "" }) // some stores tell of no lock then
	}
	plain := folder(t)
	committedRun(t, open(t, plain))
	copied := new(storetest.Memory) // what was in a bucket and is in a folder now
	for _, key := range locked.Keys() {
		create(t, copied, key, read(t, locked, key))
	}
	for name, c := range map[string]struct {
		st     store.Store
		stated int
	}{
		"in a bucket with locks": {locked, 5}, "in a bucket whose locks are over": {over, 5}, "in a folder": {plain, 0}, "copied from a bucket": {copied, 0},
	} {
		t.Run(name, func(t *testing.T) {
			for level := LevelList; level <= LevelFull; level++ {
				report, err := open(t, c.st).Verify(t.Context(), AtLevel(level))
				if err != nil || len(report.Problems) > 0 {
					t.Fatalf("at level %d: %v %+v", level, err, report.Problems)
				}
				stated, examined := c.stated, 1
				if level == LevelList {
					stated, examined = 0, 0
				}
				if report.Level != level || report.Objects != 6 || report.Stated != stated || report.Examined != examined || report.Checkpoint == nil {
					t.Errorf("at level %d: %+v", level, report)
				}
				if s := report.Sample; (s != nil) != (level == LevelSample) || s != nil && (!s.All || s.Records != 6 || s.Below() != 0) {
					t.Errorf("at level %d: %+v", level, s)
				}
			}
		})
	}
}

func TestWhatHappenedBeforeTheCommitIsNoFault(t *testing.T) {
	st := newVault(store.Facts{})
	a := open(t, st)
	r := begin(t, a)
	key := ObjectKey(r.ID(), pagesName)
	if _, err := st.Create(t.Context(), key, strings.NewReader("of an earlier try")); err != nil {
		t.Fatal(err)
	}
	st.hide(key)
	article(t, r, "https://news.example/story")
	commit(t, r)
	intact(t, a)
	st.hide(key)
	if report := verify(t, a); !found(report, key, "a delete marker hides the object") {
		t.Errorf("after the commit: %+v", report.Problems)
	}
}

func TestOnlyWhatWasCommittedSinceIsRead(t *testing.T) {
	st := new(storetest.Memory)
	work := t.TempDir()
	var entries []Entry
	for day := range 3 {
		a, err := Open(t.Context(), st, Options{Work: work, Now: func() time.Time { return noon.AddDate(0, 0, day) }})
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, committedRun(t, a))
	}
	a := openAt(t, st, work)
	old, fresh := firstWARC(t, st, entries[0]), firstWARC(t, st, entries[2])
	for _, key := range []string{old, fresh} {
		st.Tamper(key, flip(0.5))
	}
	report, err := a.Verify(t.Context(), Since(noon.AddDate(0, 0, 1)))
	if err != nil || found(report, old, "") || !found(report, fresh, "") || report.Examined != 2 || report.Runs != 3 {
		t.Errorf("%v %+v", err, report)
	}
	st.Tamper(entries[0].Manifest.Path, flip(0.5))
	if report, _ := a.Verify(t.Context(), Since(noon.AddDate(0, 0, 1))); !found(report, entries[0].Manifest.Path, "SHA-256") {
		t.Errorf("the chain is checked whole: %+v", report.Problems)
	}
}

// slow is a store that takes its time, and counts who is waiting.
type slow struct {
	store.Store
	waiting, most atomic.Int64
}

func (s *slow) wait() {
	n := s.waiting.Add(1)
	for {
		most := s.most.Load()
		if n <= most || s.most.CompareAndSwap(most, n) {
			break
		}
	}
	<-time.After(time.Second)
	s.waiting.Add(-1)
}

func (s *slow) Stat(ctx context.Context, key string) (store.Info, error) {
	s.wait()
	return s.Store.Stat(ctx, key)
}

func (s *slow) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	s.wait()
	return s.Store.Open(ctx, key, offset, length)
}

func TestRequestsAreMadeSideBySideButNotAllAtOnce(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	for range 2 * sideBySide {
		committedRun(t, a)
	}
	for level := LevelList; level <= LevelSample; level++ {
		synctest.Test(t, func(t *testing.T) {
			s := &slow{Store: st}
			a := open(t, s)
			began := time.Now()
			if report, err := a.Verify(t.Context(), AtLevel(level)); err != nil || len(report.Problems) > 0 {
				t.Fatal(err, report.Problems)
			}
			if most := s.most.Load(); most < sideBySide || most > 2*sideBySide {
				t.Errorf("at level %d: %d requests at once", level, most)
			}
			// 64 entries and manifests, 160 objects, 32 indexes and their blocks, 192 records.
			if took := time.Since(began); took > 35*time.Second {
				t.Errorf("at level %d: it took %s", level, took)
			}
		})
	}
}

func TestFaultsOfAFolderAreFoundFromTheirLevelOn(t *testing.T) {
	edit := func(t *testing.T, path string, change func([]byte) []byte) {
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.Remove(path) // it may be a hard link
		}
		if b = change(b); err == nil && b != nil {
			err = os.WriteFile(path, b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		level  Level
		key    func(t *testing.T, st *store.Folder, e Entry) string
		change func([]byte) []byte
	}{
		"a truncated object": {LevelList, func(t *testing.T, st *store.Folder, e Entry) string { return firstWARC(t, st, e) },
			func(b []byte) []byte { return b[:len(b)/2] }},
		"a deleted object": {LevelList, func(_ *testing.T, _ *store.Folder, e Entry) string { return ObjectKey(e.RunID, photosName) },
			func([]byte) []byte { return nil }},
		"a rewritten manifest": {LevelList, func(_ *testing.T, _ *store.Folder, e Entry) string { return e.Manifest.Path },
			func(b []byte) []byte { return append(b, '\n') }},
		"a dropped newest entry": {LevelList, func(_ *testing.T, _ *store.Folder, e Entry) string { return logKey(e.N) },
			func([]byte) []byte { return nil }},
		"a flipped byte in a record": {LevelSample, func(t *testing.T, st *store.Folder, e Entry) string { return firstWARC(t, st, e) },
			flip(0.1)},
		"a flipped byte in a list": {LevelFull, func(_ *testing.T, _ *store.Folder, e Entry) string { return ObjectKey(e.RunID, photosName) },
			flip(0.5)},
	} {
		t.Run(name, func(t *testing.T) {
			st, work := folder(t), t.TempDir()
			e := committedRun(t, openAt(t, st, work))
			key := c.key(t, st, e)
			edit(t, filepath.Join(st.String(), filepath.FromSlash(key)), c.change)
			for level := LevelList; level <= LevelFull; level++ {
				report, err := openAt(t, st, work).Verify(t.Context(), AtLevel(level), SampleOf(1000, 1))
				if err != nil {
					t.Fatal(err)
				}
				if got, want := found(report, key, ""), level >= c.level; got != want {
					t.Errorf("at level %d: found %v: %+v", level, got, report.Problems)
				}
			}
		})
	}
}
