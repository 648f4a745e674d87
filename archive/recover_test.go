package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

// abandon leaves a run as a process does that dies: its files as they are, its lock free.
func abandon(t testing.TB, r *Run) {
	t.Helper()
	if err := r.draft.release(); err != nil {
		t.Fatal(err)
	}
}

func recoverOne(t testing.TB, a *Archive) Recovered {
	t.Helper()
	done, err := a.Recover(t.Context())
	if err != nil || len(done) != 1 {
		t.Fatalf("recovered %+v, %v", done, err)
	}
	return done[0]
}

func TestAnAbandonedRunIsCommittedWithAllThatWasWhole(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	article(t, r, "https://news.example/story")
	want := r.Counts()
	abandon(t, r)
	got := recoverOne(t, a)
	if got.RunID != r.ID() || got.Entry == nil || got.Pages != 1 || got.CutTail != 0 || got.Aside != "" {
		t.Errorf("%+v", got)
	}
	intact(t, a)
	m, err := a.Manifest(t.Context(), *got.Entry)
	if err != nil {
		t.Fatal(err)
	}
	want.Bytes = m.Tearsheet.Counts.Bytes
	if f := m.Tearsheet; f.Counts != want || f.Outcome != Salvaged || f.Kind != KindCapture || len(f.Seeds) != 1 || !f.Started.Equal(r.facts.Started) {
		t.Errorf("%+v, expected counts %+v", f, want)
	}
	if _, err := os.Stat(r.draft.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// tear ends the only file of an abandoned run with seven bytes that are no record.
func tear(t *testing.T, r *Run) {
	t.Helper()
	open, err := filepath.Glob(filepath.Join(r.draft.path(dataDir), "*.open"))
	if err != nil || len(open) != 1 {
		t.Fatalf("%v %v", open, err)
	}
	f, err := os.OpenFile(open[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("\x1f\x8b\x08torn"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestATornTailIsCutAndPutAside(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	article(t, r, "https://news.example/story")
	abandon(t, r)
	tear(t, r)
	got := recoverOne(t, a)
	if got.CutTail != 7 || got.Aside != filepath.Join(string(a.work), asideDir, r.ID()) || got.Pages != 1 {
		t.Errorf("%+v", got)
	}
	if left, err := os.ReadDir(got.Aside); err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
	intact(t, a)
}

func TestPagesBehindADamagedRecordAreRecovered(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	record(t, r, exchange("https://news.example/before", "text/plain", "x"), Hop{})
	bad := record(t, r, exchange("https://news.example/bad", "text/plain", "x"), Hop{})
	article(t, r, "https://news.example/story")
	abandon(t, r)
	name := filepath.Join(r.draft.path(dataDir), bad.File+".open")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[bad.Offset+bad.Length/2] ^= 0xff
	if err := os.WriteFile(name, b, 0o666); err != nil {
		t.Fatal(err)
	}
	got := recoverOne(t, a)
	if got.Entry == nil || got.Pages != 1 || got.CutTail != bad.Length {
		t.Errorf("%+v", got)
	}
	if left, err := os.ReadDir(got.Aside); err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
	intact(t, a)
	if _, err := a.Closest(t.Context(), "https://news.example/story", noon); err != nil {
		t.Error(err)
	}
	if _, err := a.Closest(t.Context(), bad.URL, noon); err == nil {
		t.Error("the damaged record is in the index")
	}
}

func TestARunInWhichNothingIsWholeIsRemovedAndSaidSo(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, r *Run){
		"nothing was recorded":       func(*testing.T, *Run) {},
		"its notes were lost":        func(t *testing.T, r *Run) { remove(t, r.draft.path(notesName)) },
		"its folders were not there": func(t *testing.T, r *Run) { remove(t, r.draft.path(dataDir)) },
		"its file has no whole record": func(t *testing.T, r *Run) {
			if err := os.WriteFile(r.draft.path("archive/x.warc.gz.open"), []byte("\x1f\x8b"), 0o666); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			a := open(t, st)
			r := begin(t, a)
			leave(t, r)
			abandon(t, r)
			if got := recoverOne(t, a); got.Entry != nil || got.RunID != r.ID() {
				t.Errorf("%+v", got)
			}
			if ids, err := a.work.abandoned(); len(st.Keys()) != 0 || len(ids) != 0 || err != nil {
				t.Errorf("left %v %v %v", st.Keys(), ids, err)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func TestSeedsWhosePageWasNotListedArePartialPages(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	article(t, r, "https://news.example/whole")
	record(t, r, redirect("https://news.example/moved", "https://news.example/here"), Hop{})
	record(t, r, exchange("https://news.example/here", "text/html", "here"), Hop{Via: "https://news.example/moved", Path: "R"})
	record(t, r, exchange("https://news.example/robots.txt", "text/plain", "x"), Hop{Path: "P"})
	record(t, r, exchange("https://news.example/style.css", "text/css", "x"), Hop{Via: "https://news.example/here", Path: "RE"})
	record(t, r, exchange("https://news.example/feed.xml", "application/rss+xml", "x"), Hop{})
	abandon(t, r)
	if got := recoverOne(t, a); got.Pages != 2 {
		t.Errorf("%+v", got)
	}
	intact(t, a)
	var p Page
	for ref, err := range a.Pages(t.Context(), Query{Verdict: Partial}) {
		if err != nil {
			t.Fatal(err)
		}
		p = ref.Page
	}
	if p.URL != "https://news.example/moved" || p.Final != "https://news.example/here" || len(p.Hops) != 1 || p.Capture == nil || p.Capture.Size != 4 ||
		len(p.Reasons) != 1 || p.Reasons[0] != "interrupted before the page was whole" {
		t.Errorf("%+v", p)
	}
}

func TestARunIsRecoveredByOneOfTwoProcesses(t *testing.T) {
	st, work := folder(t), t.TempDir()
	for range 5 {
		r := begin(t, openAt(t, st, work))
		article(t, r, "https://news.example/story")
		abandon(t, r)
	}
	living := begin(t, openAt(t, st, work))
	article(t, living, "https://news.example/living")
	var group errgroup.Group
	var done [2][]Recovered
	for i := range done {
		a := openAt(t, st, work)
		group.Go(func() (err error) {
			done[i], err = a.Recover(t.Context())
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := len(done[0]) + len(done[1]); n != 5 {
		t.Errorf("%d runs were recovered, expected 5", n)
	}
	commit(t, living)
	if report := intact(t, openAt(t, st, work)); report.Runs != 6 || report.Entries != 6 {
		t.Errorf("%+v", report)
	}
}

func TestASealThatAPowerFailureDamagedIsMadeAgain(t *testing.T) {
	for name, damage := range map[string]func(d *draft) error{
		"the manifest is empty": func(d *draft) error { return os.Truncate(d.path(manifestName), 0) },
		"the index is empty":    func(d *draft) error { return os.Truncate(d.path(cdxName), 0) },
		"the index has other bytes": func(d *draft) error {
			b, err := os.ReadFile(d.path(cdxName))
			if err != nil {
				return err
			}
			return os.WriteFile(d.path(cdxName), flip(0.7)(b), 0o666)
		},
		"the pages were never there": func(d *draft) error { return os.Remove(d.path(pagesName)) },
		"the manifest lost its name": func(d *draft) error { return os.Rename(d.path(manifestName), d.path(manifestName+".new")) },
	} {
		t.Run(name, func(t *testing.T) {
			full := true
			st := &storetest.Memory{Before: func(c storetest.Call) error {
				if full && c.Op == storetest.OpCreate {
					return store.ErrFull
				}
				return nil
			}}
			a := open(t, st)
			r := begin(t, a)
			article(t, r, "https://news.example/story")
			if _, err := r.Commit(t.Context(), Complete); !errors.Is(err, store.ErrFull) {
				t.Fatal(err)
			}
			if err := damage(r.draft); err != nil {
				t.Fatal(err)
			}
			full = false
			if got := recoverOne(t, a); got.Entry == nil || got.Pages != 1 {
				t.Errorf("%+v", got)
			}
			intact(t, a)
		})
	}
}

func TestARunThatIsStoredWholeIsCommittedThoughItsLocalManifestIsLost(t *testing.T) {
	f := &failing{left: 6, err: store.ErrFull}
	st := &storetest.Memory{Before: f.hook(false)}
	a := open(t, st)
	r := begin(t, a)
	article(t, r, "https://news.example/story")
	if _, err := r.Commit(t.Context(), Complete); !errors.Is(err, store.ErrFull) {
		t.Fatal(err)
	}
	remove(t, r.draft.path(manifestName))
	if got := recoverOne(t, a); got.Entry == nil || got.Pages != 1 {
		t.Errorf("%+v", got)
	}
	intact(t, a)
}

func TestADamagedFileThatWasSealedIsLeftForAPersonAndDoesNotStopTheOthers(t *testing.T) {
	a := open(t, folder(t))
	bad, good := begin(t, a), begin(t, a)
	for _, r := range []*Run{bad, good} {
		article(t, r, "https://news.example/story")
		if _, err := r.writer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	files, err := bad.draft.dataFiles()
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files[0], flip(0.5)(b), 0o666); err != nil {
		t.Fatal(err)
	}
	abandon(t, bad)
	abandon(t, good)
	done, err := a.Recover(t.Context())
	var damage *warc.Damage
	if !errors.As(err, &damage) || !strings.Contains(err.Error(), files[0]) {
		t.Errorf("%v", err)
	}
	if len(done) != 1 || done[0].RunID != good.ID() {
		t.Errorf("%+v", done)
	}
	if ids, err := a.work.abandoned(); err != nil || len(ids) != 1 || ids[0] != bad.ID() {
		t.Errorf("%v %v", ids, err)
	}
}

// The variables that make the test binary a capturing process, to be killed.
const killDir = "TEARSHEET_TEST_CAPTURE_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		if err := captureUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// captureUntilKilled commits one small run after another, and tells each URL that was acknowledged on standard output.
func captureUntilKilled(dir string) error {
	ctx := context.Background()
	st, err := store.OpenFolder(filepath.Join(dir, "archive"), true)
	if err != nil {
		return err
	}
	a, err := Open(ctx, st, Options{Work: filepath.Join(dir, "work")})
	if err != nil {
		return err
	}
	for run := 0; ; run++ {
		r, err := a.Begin(ctx, RunOptions{Kind: KindCapture})
		if err != nil {
			return err
		}
		for i := range 3 {
			url := fmt.Sprintf("https://news.example/%d/%d/%d", os.Getpid(), run, i)
			k, err := r.Record(ctx, exchange(url, "text/html", strings.Repeat(url, 300)), Hop{})
			if err != nil {
				return err
			}
			if err := r.AddPage(ctx, Page{URL: url, Time: noon, Verdict: OK, Capture: &k}); err != nil {
				return err
			}
			if err := r.Sync(); err != nil {
				return err
			}
			fmt.Println(url)
		}
		if _, err := r.Commit(ctx, Complete); err != nil {
			return err
		}
	}
}

func TestAProcessKilledAtAnyMomentLosesNothingThatWasAcknowledged(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]bool{}
	for range 12 {
		// Killed some way into the work that follows an acknowledgement, wherever that is by then.
		captureAndKill(t, self, dir, 1+rand.IntN(12), rand.IntN(1<<19), acknowledged)
		st, err := store.OpenFolder(filepath.Join(dir, "archive"), true)
		if err != nil {
			t.Fatal(err)
		}
		a := openAt(t, st, filepath.Join(dir, "work"))
		if _, err := a.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		intact(t, a)
		listed := map[string]int{}
		for p, err := range a.Pages(t.Context(), Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			listed[p.Page.URL]++
		}
		for url := range acknowledged {
			if listed[url] != 1 {
				t.Errorf("%s was acknowledged and is listed %d times", url, listed[url])
			}
			if _, err := a.Closest(t.Context(), url, noon); err != nil {
				t.Error(err)
			}
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// captureAndKill runs a capturing process and kills it when it has acknowledged n URLs and this process has counted to spin.
func captureAndKill(t *testing.T, self, dir string, n, spin int, acknowledged map[string]bool) {
	t.Helper()
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), killDir+"="+dir)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range n {
		if !lines.Scan() {
			break
		}
		acknowledged[lines.Text()] = true
	}
	x := uint64(spin)
	for range spin {
		x = x*6364136223846793005 + 1
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatalf("%v (%d)", err, x)
	}
	for lines.Scan() { // what it said before it died
		acknowledged[lines.Text()] = true
	}
	if err := c.Wait(); err == nil || c.ProcessState.Exited() {
		t.Fatalf("the process ended by itself: %v", err)
	}
}
