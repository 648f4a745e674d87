package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/index"
	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

func TestWritersThatCommitAtOnceMakeOneChain(t *testing.T) {
	for _, writers := range []int{2, 8} {
		for name, st := range map[string]store.Store{"memory": new(storetest.Memory), "folder": folder(t)} {
			t.Run(fmt.Sprintf("%d writers in a %s", writers, name), func(t *testing.T) {
				work := t.TempDir() // one for all, as processes of one machine have it
				var group errgroup.Group
				for range writers {
					a := openAt(t, st, work)
					r := begin(t, a)
					record(t, r, exchange("https://a.example/", "text/html", "x"), Hop{})
					group.Go(func() error {
						for range 2 {
							if _, err := a.Recover(t.Context()); err != nil { // must leave them all alone
								return err
							}
						}
						_, err := r.Commit(t.Context(), Complete)
						return err
					})
				}
				if err := group.Wait(); err != nil {
					t.Fatal(err)
				}
				report := intact(t, openAt(t, st, work))
				if report.Entries != writers || report.Runs != writers || len(report.Unlisted) != 0 {
					t.Errorf("%+v", report)
				}
			})
		}
	}
}

func TestExchangesAreRecordedSideBySide(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	var group errgroup.Group
	const workers, each = 8, 20
	for w := range workers {
		group.Go(func() error {
			for i := range each {
				url := fmt.Sprintf("https://a.example/%d/%d", w, i)
				k, err := r.Record(t.Context(), exchange(url, "text/html", strings.Repeat(fmt.Sprint(i), 1500)), Hop{})
				if err != nil {
					return err
				}
				if err := r.AddPage(t.Context(), Page{URL: url, Time: noon, Verdict: OK, Capture: &k}); err != nil {
					return err
				}
				if err := r.Sync(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	e := commit(t, r)
	intact(t, a)
	m, err := a.Manifest(t.Context(), e)
	if c := m.Tearsheet.Counts; err != nil || c.Exchanges != workers*each || c.Pages != workers*each || c.Responses+c.Revisits != c.Exchanges {
		t.Errorf("%+v %v", c, err)
	}
}

// failing makes the n-th call of an operation fail, before or after it was carried out.
type failing struct {
	mu    sync.Mutex
	left  int
	after bool
	err   error
}

func (f *failing) hook(after bool) func(storetest.Call) error {
	return func(c storetest.Call) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if c.Op != storetest.OpCreate || after != f.after {
			return nil
		}
		if f.left--; f.left != 0 {
			return nil
		}
		return f.err
	}
}

func TestAStoreThatFailsAtAnyStepLeavesTheArchiveIntactAndTheRunRecoverable(t *testing.T) {
	const creates = 8         // WARC, two index files, pages, photographs, merged index, manifest, log entry
	const first = creates + 1 // and FORMAT.md
	for step := 1; step <= creates; step++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("at object %d, stored all the same: %v", step, after), func(t *testing.T) {
				f := &failing{left: first + step, after: after, err: store.ErrFull}
				st := &storetest.Memory{Before: f.hook(false), After: f.hook(true)}
				a := open(t, st)
				committedRun(t, a)

				r := begin(t, a)
				article(t, r, "https://a.example/")
				_, err := r.Commit(t.Context(), Complete)
				if !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), r.ID()) {
					t.Fatalf("committed: %v", err)
				}
				if report := intact(t, a); report.Runs != 1 && !(after && step == creates) {
					t.Errorf("%d runs", report.Runs)
				}

				done, err := a.Recover(t.Context())
				if err != nil || len(done) != 1 || done[0].Entry == nil || done[0].Pages != 1 || done[0].RunID != r.ID() {
					t.Fatalf("recovered %+v, %v", done, err)
				}
				if report := intact(t, a); report.Runs != 2 || report.Entries != 2 || len(report.Unlisted) != 0 {
					t.Errorf("%+v", report)
				}
				if m, err := a.Manifest(t.Context(), *done[0].Entry); err != nil || m.Tearsheet.Outcome != Complete {
					t.Errorf("outcome %q, %v: the run had been sealed as complete", m.Tearsheet.Outcome, err)
				}
				if done, err := a.Recover(t.Context()); err != nil || len(done) != 0 {
					t.Errorf("recovered again: %+v, %v", done, err)
				}
			})
		}
	}
}

func TestAnEntryWhoseAnswerWasLostIsNotAddedTwice(t *testing.T) {
	st := &storetest.Memory{After: func(c storetest.Call) error {
		if c.Op == storetest.OpCreate && strings.HasPrefix(c.Key, logPrefix) {
			return store.ErrExist // what a client that tries again by itself is told
		}
		return nil
	}}
	a := open(t, st)
	if e := committedRun(t, a); e.N != 1 {
		t.Errorf("%+v", e)
	}
	if report := intact(t, a); report.Entries != 1 {
		t.Errorf("%+v", report)
	}
}

func TestAnObjectThatStandsThereWithOtherBytesIsNeverTakenForOurs(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	record(t, r, exchange("https://a.example/", "text/html", "x"), Hop{})
	create(t, st, ObjectKey(r.ID(), pagesName), []byte(pagesHeader+"?"))
	if _, err := r.Commit(t.Context(), Complete); !errors.Is(err, ErrFixity) {
		t.Errorf("committed: %v", err)
	}
	if _, err := a.Recover(t.Context()); !errors.Is(err, ErrFixity) {
		t.Errorf("recovered: %v", err)
	}
	if ids, err := a.work.abandoned(); err != nil || len(ids) != 1 {
		t.Errorf("what was recorded is gone: %v %v", ids, err)
	}
}

func TestAFullOrReadOnlyDiskIsAnErrorToTestForThatSaysWhatToMend(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want error
		says string
	}{
		"no space":        {&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, store.ErrFull, "free space on the disk of /work"},
		"no quota":        {syscall.EDQUOT, store.ErrFull, "free space"},
		"read-only":       {syscall.EROFS, store.ErrReadOnly, "make /work writable"},
		"no permission":   {fs.ErrPermission, store.ErrReadOnly, "make /work writable"},
		"said already":    {fmt.Errorf("x: %w", store.ErrFull), store.ErrFull, "x: "},
		"something other": {fs.ErrClosed, fs.ErrClosed, "closed"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := withSpace(c.err, "/work"); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Error(err)
			}
		})
	}
}

func TestReadingAnArchiveMakesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	a := openAt(t, new(storetest.Memory), dir)
	intact(t, a)
	if done, err := a.Recover(t.Context()); err != nil || done != nil {
		t.Errorf("%+v %v", done, err)
	}
	for range a.Pages(t.Context(), Query{}) {
		t.Error("a page in an empty archive")
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the work folder was made: %v", err)
	}
}

func TestAnArchiveThatDoesNotExistIsAnErrorThatNamesTheFlag(t *testing.T) {
	st := &storetest.Memory{Before: func(storetest.Call) error { return store.ErrNotExist }}
	if _, err := Open(t.Context(), st, Options{}); !errors.Is(err, store.ErrNotExist) || !strings.Contains(err.Error(), "--archive") {
		t.Error(err)
	}
}

func TestARunWhoseIndexCouldNotBeKeptIsIndexedFromItsRecords(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	article(t, r, "https://a.example/story")
	before := r.Counts()
	r.note(Kept{Type: warc.Response, Status: 200}, index.Row{}, asked("https://a.example/"), nil) // a row that the index refuses
	e := commit(t, r)
	intact(t, a)
	m, err := a.Manifest(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	before.Bytes = m.Tearsheet.Counts.Bytes
	if m.Tearsheet.Counts != before || m.MainPageURL != "https://a.example/story" {
		t.Errorf("counts %+v, were %+v", m.Tearsheet.Counts, before)
	}
}
