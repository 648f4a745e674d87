package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

// attesting is a store that tells facts of what it holds, as S3 does, and takes files.
type attesting struct {
	storetest.Memory

	mu      sync.Mutex
	adopted []string
	waiting func(key string) error // called before a file is taken
}

func (s *attesting) Attests() bool { return true }

func (s *attesting) Create(ctx context.Context, key string, body store.Body) (store.Info, error) {
	b := make([]byte, body.Size())
	if _, err := body.ReadAt(b, 0); err != nil && len(b) > 0 {
		return store.Info{}, err
	}
	info, err := s.Memory.Create(ctx, key, body)
	if errors.Is(err, store.ErrExist) {
		rc, openErr := s.Memory.Open(ctx, key, 0, -1)
		if openErr != nil {
			return info, openErr
		}
		defer rc.Close()
		if found, digestErr := digestStream(rc); digestErr != nil || found.SHA256 != digestOf(b) {
			return info, errors.Join(err, digestErr)
		}
		info, err = store.Info{Key: key, Size: int64(len(b))}, nil
	}
	sum := sha256.Sum256(b)
	info.SHA256 = warc.NewDigest(warc.SHA256, sum[:])
	info.Facts = &store.Facts{Checksum: store.Checksum{Algorithm: "SHA256", Type: "FULL_OBJECT", Value: base64.StdEncoding.EncodeToString(sum[:])}, VersionID: "v-" + key}
	return info, err
}

func (s *attesting) Adopt(ctx context.Context, key, path string) (store.Info, error) {
	if s.waiting != nil {
		if err := s.waiting(key); err != nil {
			return store.Info{}, err
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return store.Info{}, err
	}
	info, err := s.Create(ctx, key, bytes.NewReader(b))
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.adopted = append(s.adopted, key)
	}
	return info, err
}

func TestTheManifestTellsWhatTheStoreSaysOfEveryFile(t *testing.T) {
	st := new(attesting)
	a := open(t, st)
	e := committedRun(t, a)
	m, err := a.Manifest(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range m.Resources {
		key := ObjectKey(e.RunID, r.Path)
		sum := sha256.Sum256(read(t, st, key))
		if r.Stored == nil || r.Stored.VersionID != "v-"+key || r.Stored.Checksum.Value != base64.StdEncoding.EncodeToString(sum[:]) {
			t.Errorf("%s: %+v", r.Path, r.Stored)
		}
	}
	if last := st.adopted[len(st.adopted)-1]; last != e.Manifest.Path {
		t.Errorf("the manifest was stored before %s", last)
	}
	intact(t, a)
}

func TestACommitToAnAttestingStoreThatFailsAtAnyStepIsFinishedByRecover(t *testing.T) {
	const files = 6 // WARC, two index files, pages, photographs, manifest
	for step := 1; step <= files; step++ {
		t.Run(fmt.Sprint("file ", step), func(t *testing.T) {
			left, broken := step, errors.New("the line is cut")
			st := &attesting{waiting: func(string) error {
				if left--; left == 0 {
					return broken
				}
				return nil
			}}
			a := open(t, st)
			r := begin(t, a)
			article(t, r, "https://a.example/")
			if _, err := r.Commit(t.Context(), Complete); !errors.Is(err, broken) || !errors.Is(err, ErrUpload) {
				t.Fatalf("committed: %v", err)
			}
			done, err := a.Recover(t.Context())
			if err != nil || len(done) != 1 || done[0].Entry == nil {
				t.Fatalf("recovered %+v, %v", done, err)
			}
			if report := intact(t, a); report.Runs != 1 || report.Entries != 1 {
				t.Errorf("%+v", report)
			}
		})
	}
}

func TestAnEntryIsNotAddedTwiceByARecoveryThatFindsEverythingStored(t *testing.T) {
	st := new(attesting)
	a := open(t, st)
	r := begin(t, a)
	article(t, r, "https://a.example/")
	stop := errors.New("killed")
	st.After = func(c storetest.Call) error {
		if c.Op == storetest.OpCreate && strings.HasPrefix(c.Key, logPrefix) {
			return stop // the entry stands, and the process never hears of it
		}
		return nil
	}
	if _, err := r.Commit(t.Context(), Complete); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	st.After = nil
	done, err := a.Recover(t.Context())
	if err != nil || len(done) != 1 || done[0].Entry == nil || done[0].Entry.N != 1 {
		t.Fatalf("recovered %+v, %v", done, err)
	}
	if report := intact(t, a); report.Entries != 1 {
		t.Errorf("%+v", report)
	}
}

func TestWARCFilesAreStoredWhileTheRunGoesOn(t *testing.T) {
	taken := make(chan string, 16)
	st := &attesting{waiting: func(key string) error { taken <- key; return nil }}
	a := open(t, st)
	r, err := a.Begin(t.Context(), RunOptions{Kind: KindCapture, MaxWARC: 1})
	if err != nil {
		t.Fatal(err)
	}
	article(t, r, "https://a.example/")
	if first := <-taken; !strings.HasSuffix(first, "00001.warc.gz") { // before the commit
		t.Errorf("stored %s first", first)
	}
	e := commit(t, r)
	m, err := a.Manifest(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range m.Resources {
		if !slices.Contains(st.adopted, ObjectKey(e.RunID, res.Path)) {
			t.Errorf("%s was not stored as a file", res.Path)
		}
	}
	intact(t, a)
}

func TestAWARCFileThatCannotBeStoredAheadIsStoredByTheCommit(t *testing.T) {
	first := make(chan struct{})
	var once sync.Once
	st := &attesting{waiting: func(string) (err error) {
		once.Do(func() { err = store.ErrUnavailable; close(first) })
		return err
	}}
	a := open(t, st)
	r, err := a.Begin(t.Context(), RunOptions{Kind: KindCapture, MaxWARC: 1})
	if err != nil {
		t.Fatal(err)
	}
	article(t, r, "https://a.example/")
	<-first
	commit(t, r)
	intact(t, a)
}

func TestAnEndedContextEndsWhatIsStoredAhead(t *testing.T) {
	under := make(chan struct{})
	f := (&Archive{store: new(attesting), log: open(t, new(attesting)).log}).newForerunner(&draft{id: "x"}, KindCapture)
	f.store = func(ctx context.Context, _ string) error {
		close(under)
		<-ctx.Done()
		return ctx.Err()
	}
	f.add("a.warc.gz")
	<-under
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.close(ctx)
}

func TestRunsOfAStoreFarAwayAreKeptAsThePolicySays(t *testing.T) {
	kept := func(t *testing.T, work string) []string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(work, keptDir, "*", dataDir, "*.warc.gz"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for _, c := range []struct {
		name   string
		policy KeepLocal
		st     store.Store
		want   int
	}{
		{"nothing by default", KeepLocal{}, new(attesting), 0},
		{"nothing of a folder, which has the files itself", KeepLocal{For: time.Hour}, folder(t), 0},
		{"those of the last hours", KeepLocal{For: 2*time.Hour + time.Minute}, new(attesting), 3},
		{"the newest that fit", KeepLocal{Bytes: 36_000}, new(attesting), 2},
		{"none when none fits", KeepLocal{Bytes: 1}, new(attesting), 0},
		{"both limits count", KeepLocal{For: 90 * time.Minute, Bytes: 1 << 30}, new(attesting), 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			work, now := t.TempDir(), noon
			a, err := Open(t.Context(), c.st, Options{Work: work, Keep: c.policy, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				r := begin(t, a)
				record(t, r, exchange("https://a.example/"+r.ID(), "image/jpeg", strings.Repeat("x", 9000)), Hop{})
				commit(t, r)
				now = now.Add(time.Hour)
			}
			now = now.Add(-time.Hour)
			if found := kept(t, work); len(found) != c.want {
				t.Errorf("%d runs are kept, want %d", len(found), c.want)
			}
			if ids, err := a.work.abandoned(); err != nil || len(ids) != 0 {
				t.Errorf("left in the work folder: %v %v", ids, err)
			}
			if done, err := a.Recover(t.Context()); err != nil || len(done) != 0 {
				t.Errorf("recovered %+v, %v", done, err)
			}
		})
	}
}
