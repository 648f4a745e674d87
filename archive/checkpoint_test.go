package archive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
)

func TestEveryCommitIsRemembered(t *testing.T) {
	for name, st := range map[string]store.Store{"memory": new(storetest.Memory), "folder": folder(t)} {
		t.Run(name, func(t *testing.T) {
			work := t.TempDir()
			a := openAt(t, st, work)
			for n := range int64(3) {
				committedRun(t, a)
				c, err := ReadCheckpoint(filepath.Join(work, checkpointName))
				if err != nil || c.N != n+1 || c.Entry != digestOf(read(t, st, logKey(n+1))) || c.Archive != st.String() || c.Time.IsZero() {
					t.Errorf("%+v %v", c, err)
				}
			}
			if left, err := filepath.Glob(filepath.Join(work, ".checkpoint*")); err != nil || len(left) > 0 {
				t.Error(left, err)
			}
		})
	}
}

func TestARecoveredRunIsRememberedToo(t *testing.T) {
	st := new(storetest.Memory)
	work := t.TempDir()
	a := openAt(t, st, work)
	r := begin(t, a)
	article(t, r, "https://news.example/story")
	abandon(t, r)
	recoverOne(t, a)
	if c, err := ReadCheckpoint(filepath.Join(work, checkpointName)); err != nil || c.N != 1 {
		t.Errorf("%+v %v", c, err)
	}
}

func TestDroppedAndRewrittenEntriesAreFoundAgainstWhatIsRemembered(t *testing.T) {
	drop := func([]byte) []byte { return nil }
	for name, c := range map[string]struct {
		do     func(*testing.T, *storetest.Memory)
		object string
		what   string
	}{
		"the newest entry, with its run": {func(t *testing.T, st *storetest.Memory) {
			e, err := ParseEntry(read(t, st, logKey(3)))
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range st.Keys() {
				if key == logKey(3) || strings.HasPrefix(key, runsPrefix+e.RunID) {
					st.Tamper(key, drop)
				}
			}
		}, logKey(3), "the newest entries were dropped"},
		"the newest two entries": {func(_ *testing.T, st *storetest.Memory) {
			st.Tamper(logKey(3), drop)
			st.Tamper(logKey(2), drop)
		}, logKey(3), "the newest entries were dropped"},
		"the whole log": {func(_ *testing.T, st *storetest.Memory) {
			for n := range int64(3) {
				st.Tamper(logKey(n+1), drop)
			}
		}, logKey(3), "the newest entries were dropped"},
		"the newest entry, and another one in its place": {func(t *testing.T, st *storetest.Memory) {
			st.Tamper(logKey(3), drop)
			committedRun(t, open(t, st))
		}, logKey(3), "entries were rewritten"},
		"the newest entry, and two others after it": {func(t *testing.T, st *storetest.Memory) {
			st.Tamper(logKey(3), drop)
			committedRun(t, open(t, st))
			committedRun(t, open(t, st))
		}, logKey(3), "entries were rewritten"},
	} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			work := t.TempDir()
			a := openAt(t, st, work)
			for range 3 {
				committedRun(t, a)
			}
			kept, err := ReadCheckpoint(filepath.Join(work, checkpointName))
			if err != nil {
				t.Fatal(err)
			}
			c.do(t, st)
			for where, report := range map[string]VerifyReport{
				"here":      verify(t, openAt(t, st, work)),
				"elsewhere": verifyAgainst(t, open(t, st), kept),
			} {
				if !found(report, c.object, c.what) || report.Checkpoint != nil {
					t.Errorf("against what is kept %s: %+v", where, report)
				}
			}
			// What is remembered stays, whatever is committed now.
			for range 3 {
				committedRun(t, openAt(t, st, work))
			}
			if now, err := ReadCheckpoint(filepath.Join(work, checkpointName)); err != nil || now != kept {
				t.Errorf("after more commits %+v is remembered: %v", now, err)
			}
			if report := verify(t, openAt(t, st, work)); !found(report, c.object, "entries were rewritten") {
				t.Errorf("after more commits: %+v", report.Problems)
			}
		})
	}
}

func TestCommitsOfOthersAreRememberedWithOnesOwn(t *testing.T) {
	st := new(storetest.Memory)
	work := t.TempDir()
	committedRun(t, openAt(t, st, work))
	for range 2 {
		committedRun(t, open(t, st))
	}
	a := openAt(t, st, work)
	committedRun(t, a)
	if c, err := ReadCheckpoint(filepath.Join(work, checkpointName)); err != nil || c.N != 4 {
		t.Errorf("%+v %v", c, err)
	}
	intact(t, a)
}

func verifyAgainst(t testing.TB, a *Archive, c Checkpoint) VerifyReport {
	t.Helper()
	report, err := a.Verify(t.Context(), AtLevel(LevelList), Against(c, "elsewhere.json"))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestACheckpointNeverMovesBackwards(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	digests := []string{digestOf([]byte("a")), digestOf([]byte("b"))}
	for _, step := range []struct{ save, want Checkpoint }{
		{Checkpoint{N: 2, Entry: digests[0]}, Checkpoint{N: 2, Entry: digests[0]}},
		{Checkpoint{N: 1, Entry: digests[1]}, Checkpoint{N: 2, Entry: digests[0]}},
		{Checkpoint{N: 2, Entry: digests[1]}, Checkpoint{N: 2, Entry: digests[0]}},
		{Checkpoint{N: 9, Entry: digests[1]}, Checkpoint{N: 9, Entry: digests[1]}},
	} {
		if err := step.save.Save(path); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadCheckpoint(path); err != nil || got != step.want {
			t.Errorf("%+v, expected %+v: %v", got, step.want, err)
		}
	}
	if err := os.WriteFile(path, []byte("a letter"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := (Checkpoint{N: 10, Entry: digests[0]}).Save(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("over another file: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "a letter" {
		t.Errorf("%q %v", b, err)
	}
}

func TestAKeptCheckpointThatCannotBeReadIsTold(t *testing.T) {
	st := new(storetest.Memory)
	work := t.TempDir()
	a := openAt(t, st, work)
	committedRun(t, a)
	path := filepath.Join(work, checkpointName)
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	report, err := a.Verify(t.Context())
	if err == nil || !strings.Contains(err.Error(), path) || len(report.Problems) > 0 || report.Checkpoint != nil {
		t.Errorf("%v %+v", err, report)
	}
	committedRun(t, a) // a commit does not fail for it
}

func TestVerifyingKeepsNothingByItself(t *testing.T) {
	st := new(storetest.Memory)
	committedRun(t, open(t, st))
	work := filepath.Join(t.TempDir(), "work")
	a := openAt(t, st, work)
	report := intact(t, a)
	if _, err := os.Stat(work); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a work folder was made: %v", err)
	}
	if err := a.KeepCheckpoint(t.Context(), *report.Checkpoint); err != nil {
		t.Fatal(err)
	}
	if c, err := ReadCheckpoint(filepath.Join(work, checkpointName)); err != nil || c != *report.Checkpoint {
		t.Errorf("%+v %v", c, err)
	}
	nowhere, err := Open(context.Background(), st, Options{})
	if err == nil {
		err = nowhere.KeepCheckpoint(t.Context(), *report.Checkpoint)
	}
	if err != nil {
		t.Error(err)
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add([]byte(`{"n":1,"entry":"` + digestOf(nil) + `","time":"2026-03-14T12:00:00Z"}`))
	f.Add([]byte(`{"n":1,"entry":"sha256:00"}{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCheckpoint(b)
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "c")
		if err := c.Save(path); err != nil {
			t.Skip(err) // a time that JSON takes and does not give
		}
		again, err := ReadCheckpoint(path)
		if err != nil || again.N != c.N || again.Entry != c.Entry || !again.Time.Equal(c.Time) {
			t.Errorf("%+v became %+v: %v", c, again, err)
		}
	})
}
