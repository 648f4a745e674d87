package archive

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
)

// crashed leaves the objects of a run that was never committed in a store, by their paths in the run; its process and machine are gone.
func crashed(t testing.TB, st store.Store, names ...string) string {
	t.Helper()
	id := newRunID(noon)
	for _, name := range names {
		if _, err := st.Create(t.Context(), ObjectKey(id, name), strings.NewReader(name)); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// later opens an archive a while after the vault's last object was stored.
func later(t testing.TB, st store.Store, work string, d time.Duration) *Archive {
	t.Helper()
	a, err := Open(t.Context(), st, Options{Work: work, Now: func() time.Time { return noon.Add(d) }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const week = 7 * 24 * time.Hour

func orphansOf(t testing.TB, a *Archive, olderThan time.Duration) []Orphan {
	t.Helper()
	var all []Orphan
	for o, err := range a.Orphans(t.Context(), olderThan) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

func TestARunWithoutAnEntryIsAProblemOnlyWhenNobodyCanBeAtIt(t *testing.T) {
	for name, c := range map[string]struct {
		objects  []string
		after    time.Duration
		grace    time.Duration
		here     bool
		unlisted bool
	}{
		"whole, and old":                             {[]string{idxName, manifestName}, 48 * time.Hour, 24 * time.Hour, false, false},
		"whole, and young":                           {[]string{idxName, manifestName}, time.Hour, 24 * time.Hour, false, true},
		"whole, where all have one work folder":      {[]string{idxName, manifestName}, time.Hour, 0, false, false},
		"without a manifest, and old":                {[]string{idxName}, 48 * time.Hour, 24 * time.Hour, false, true},
		"whole and old, and here in the work folder": {[]string{idxName, manifestName}, 48 * time.Hour, 24 * time.Hour, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			st, work := newVault(store.Facts{}), t.TempDir()
			committedRun(t, openAt(t, st, work))
			id := crashed(t, st, c.objects...)
			if c.here {
				if err := os.Mkdir(filepath.Join(work, id), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			report, err := later(t, st, work, c.after).Verify(t.Context(), AtLevel(LevelList), Grace(c.grace))
			if err != nil {
				t.Fatal(err)
			}
			if got := found(report, ObjectKey(id, manifestName), "no entry of the log names this run"); got == c.unlisted || got != (len(report.Problems) == 1) {
				t.Errorf("%+v", report.Problems)
			}
			if got := len(report.Unlisted) == 1; got != c.unlisted {
				t.Fatalf("%+v", report.Unlisted)
			}
			if !c.unlisted {
				return
			}
			u := report.Unlisted[0]
			if u.Run != id || u.Here != c.here || u.Objects != len(c.objects) || u.Manifest != (len(c.objects) == 2) || u.Bytes == 0 || u.Newest.Before(noon) {
				t.Errorf("%+v", u)
			}
		})
	}
}

func TestOrphansAreWhatTheLogDoesNotNameAndIsOld(t *testing.T) {
	st, work := newVault(store.Facts{}), t.TempDir()
	e := committedRun(t, openAt(t, st, work))
	torn, whole, here := crashed(t, st, pagesName), crashed(t, st, manifestName, idxName), crashed(t, st, pagesName)
	if err := os.MkdirAll(filepath.Join(work, here), 0o755); err != nil {
		t.Fatal(err)
	}
	aside := filepath.Join(work, asideDir, torn, "x.torn")
	if err := errors.Join(os.MkdirAll(filepath.Dir(aside), 0o755), os.WriteFile(aside, []byte("torn"), 0o644), os.Chtimes(aside, noon, noon)); err != nil {
		t.Fatal(err)
	}
	late := store.Upload{Key: ObjectKey(torn, cdxName), ID: "2", Begun: noon.Add(week)}
	st.started = []store.Upload{
		{Key: ObjectKey(torn, "archive/a.warc.gz"), ID: "1", Begun: noon}, late, {Key: ObjectKey(here, cdxName), ID: "3", Begun: noon},
	}
	// A week after noon everything is younger than a week: the vault's clock began at noon, as did the uploads.
	if all := orphansOf(t, later(t, st, work, week), week); len(all) > 0 {
		t.Errorf("too young: %+v", all)
	}
	a := later(t, st, work, week+time.Hour)
	all := orphansOf(t, a, week)
	var names []string
	for _, o := range all {
		names = append(names, string(o.Kind)+" "+o.Name)
		if o.Whole != (o.run == whole && o.Kind == OrphanRun) {
			t.Errorf("%+v", o)
		}
	}
	want := []string{"run " + runsPrefix + torn + "/", "run " + runsPrefix + whole + "/", "upload " + ObjectKey(torn, "archive/a.warc.gz"), "local " + aside}
	slices.Sort(want[:2])
	if !slices.Equal(names, want) {
		t.Fatalf("%q, expected %q", names, want)
	}
	for _, o := range all {
		if err := a.RemoveOrphan(t.Context(), o); (err != nil) != (o.Kind == OrphanLocal) || err != nil && !errors.Is(err, ErrNoRemoval) {
			t.Errorf("%s: %v", o.Name, err)
		}
	}
	if i, j := slices.Index(st.removed, ObjectKey(whole, manifestName)), slices.Index(st.removed, ObjectKey(whole, idxName)); i < 0 || j < i {
		t.Errorf("the manifest is to go first: %q", st.removed)
	}
	if len(st.started) != 2 || len(st.removed) != 4 {
		t.Errorf("left %+v, removed %q", st.started, st.removed)
	}
	if left := orphansOf(t, a, week); len(left) != 1 || left[0].Kind != OrphanLocal {
		t.Errorf("left: %+v", left)
	}
	// Delete markers of what was no run are none of verify's concern.
	report, err := a.Verify(t.Context())
	if err != nil || len(report.Problems) > 0 || report.Runs != 1 || len(report.Unlisted) != 1 || report.Unlisted[0].Run != here || e.N != 1 {
		t.Errorf("%v %+v", err, report)
	}
}

func TestNothingIsAnOrphanWhileTheLogIsNotWhole(t *testing.T) {
	drop := func([]byte) []byte { return nil }
	for name, damage := range map[string]func(*vault){
		"an entry that is damaged":         func(st *vault) { st.Tamper(logKey(1), flip(0.5)) },
		"an entry that is missing":         func(st *vault) { st.Tamper(logKey(1), drop) },
		"the newest entry that is missing": func(st *vault) { st.Tamper(logKey(2), drop) },
		"an entry that is hidden":          func(st *vault) { st.hide(logKey(2)) },
		"what is no entry": func(st *vault) {
			if _, err := st.Create(t.Context(), "log/9999999996.json.bak", strings.NewReader("x")); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			st, work := newVault(store.Facts{}), t.TempDir()
			a := openAt(t, st, work)
			committedRun(t, a)
			committedRun(t, a)
			crashed(t, st, pagesName)
			damage(st)
			asked := 0
			for o, err := range later(t, st, work, 2*week).Orphans(t.Context(), week) {
				if asked++; !errors.Is(err, ErrFixity) || o.Name != "" {
					t.Errorf("%+v %v", o, err)
				}
			}
			if asked != 1 {
				t.Errorf("%d answers", asked)
			}
		})
	}
	st := newVault(store.Facts{})
	committedRun(t, open(t, st))
	committedRun(t, open(t, st))
	crashed(t, st, pagesName)
	a, err := Open(t.Context(), locked{st, logKey(1)}, Options{Now: func() time.Time { return noon.Add(2 * week) }})
	if err != nil {
		t.Fatal(err)
	}
	for o, err := range a.Orphans(t.Context(), week) {
		if !errors.Is(err, fs.ErrPermission) || o.Name != "" {
			t.Errorf("an entry that may not be read: %+v %v", o, err)
		}
	}
}

func TestWhatIsNoOrphanAnyMoreIsNotRemoved(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, st *vault, work, id string)
		want      error
	}{
		"its commit came": {func(t *testing.T, st *vault, _, id string) {
			manifest := Object{Path: ObjectKey(id, manifestName), Bytes: int64(len(manifestName)), SHA256: digestOf([]byte(manifestName))}
			a := open(t, st)
			prev, _, err := a.newest(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			b, err := Entry{Format: formatNumber, N: prev.N + 1, RunID: id, Time: noon, Manifest: manifest, Previous: prev.digest}.encode()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := st.Create(t.Context(), logKey(prev.N+1), strings.NewReader(string(b))); err != nil {
				t.Fatal(err)
			}
		}, ErrInUse},
		"it came into the work folder": {func(t *testing.T, _ *vault, work, id string) {
			if err := os.Mkdir(filepath.Join(work, id), 0o755); err != nil {
				t.Fatal(err)
			}
		}, ErrInUse},
		"it has grown": {func(t *testing.T, st *vault, _, id string) {
			st.clock = noon.Add(2 * week)
			if _, err := st.Create(t.Context(), ObjectKey(id, cdxName), strings.NewReader("x")); err != nil {
				t.Fatal(err)
			}
		}, ErrInUse},
		"the log was damaged": {func(t *testing.T, st *vault, _, _ string) {
			committedRun(t, open(t, st))
			st.Tamper(logKey(2), flip(0.5))
		}, ErrFixity},
	} {
		t.Run(name, func(t *testing.T) {
			st, work := newVault(store.Facts{}), t.TempDir()
			committedRun(t, openAt(t, st, work))
			id := crashed(t, st, pagesName, manifestName)
			a := later(t, st, work, 2*week)
			all := orphansOf(t, a, week)
			if len(all) != 1 {
				t.Fatalf("%+v", all)
			}
			c.meanwhile(t, st, work, id)
			if err := a.RemoveOrphan(t.Context(), all[0]); !errors.Is(err, c.want) || !strings.Contains(err.Error(), id) {
				t.Error(err)
			}
			if len(st.removed) > 0 {
				t.Errorf("removed %q", st.removed)
			}
		})
	}
}

func TestWhatTheStoreDoesNotLetGoIsToldAndTheRestGoes(t *testing.T) {
	st, work := newVault(store.Facts{}), t.TempDir()
	committedRun(t, openAt(t, st, work))
	partly, whole := crashed(t, st, cdxName, idxName, pagesName), crashed(t, st, idxName, manifestName)
	st.refuse[ObjectKey(partly, idxName)] = fs.ErrPermission
	st.refuse[ObjectKey(whole, manifestName)] = fs.ErrPermission
	a := later(t, st, work, 2*week)
	for _, o := range orphansOf(t, a, week) {
		err := a.RemoveOrphan(t.Context(), o)
		if !errors.Is(err, fs.ErrPermission) || o.run == partly && !strings.Contains(err.Error(), ObjectKey(partly, idxName)) {
			t.Errorf("%s: %v", o.Name, err)
		}
	}
	if want := []string{ObjectKey(partly, cdxName), ObjectKey(partly, pagesName)}; !slices.Equal(st.removed, want) {
		t.Errorf("removed %q, expected %q", st.removed, want)
	}
}

// unremovable is a store of which nothing can be removed.
type unremovable struct{ store.Store }

func TestAStoreOfWhichNothingCanBeRemovedIsToldSo(t *testing.T) {
	mem := &storetest.Memory{Now: func() time.Time { return noon }}
	committedRun(t, open(t, mem))
	id := crashed(t, mem, pagesName)
	a := later(t, unremovable{mem}, t.TempDir(), 2*week)
	all := orphansOf(t, a, week)
	if len(all) != 1 || all[0].run != id {
		t.Fatalf("%+v", all)
	}
	if err := a.RemoveOrphan(context.Background(), all[0]); !errors.Is(err, ErrNoRemoval) {
		t.Error(err)
	}
}
