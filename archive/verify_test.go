package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tearsheet/archive/index"
	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

// found tells whether a problem names the object and says what.
func found(report VerifyReport, object, what string) bool {
	for _, p := range report.Problems {
		if p.Object == object && strings.Contains(p.What, what) {
			return true
		}
	}
	return false
}

func verify(t testing.TB, a *Archive) VerifyReport {
	t.Helper()
	report, err := a.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAFlippedByteAnywhereIsFoundAndItsObjectNamed(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	committedRun(t, a)
	committedRun(t, a)
	const places = 13
	for _, key := range provenKeys(st) {
		t.Run(key[strings.LastIndexByte(key, '/')+1:], func(t *testing.T) {
			whole := read(t, st, key)
			for i := range places {
				at := float64(i) / (places - 1)
				st.Tamper(key, flip(at))
				report := verify(t, open(t, st))
				named := false
				for _, p := range report.Problems {
					named = named || p.Object == key
				}
				if !named {
					t.Errorf("the byte at %.0f %% of %s was flipped: %+v", at*100, key, report.Problems)
				}
				st.Tamper(key, func([]byte) []byte { return whole })
			}
		})
	}
	intact(t, open(t, st))
}

func TestADroppedObjectIsFound(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	committedRun(t, a)
	for _, key := range provenKeys(st) {
		if strings.HasPrefix(key, logPrefix) {
			continue
		}
		t.Run(key[strings.LastIndexByte(key, '/')+1:], func(t *testing.T) {
			whole := read(t, st, key)
			st.Tamper(key, func([]byte) []byte { return nil })
			report := verify(t, open(t, st))
			if !found(report, key, "missing") && !found(report, key, "cannot be read") {
				t.Errorf("%+v", report.Problems)
			}
			create(t, st, key, whole)
		})
	}
	intact(t, open(t, st))
}

func create(t testing.TB, st *storetest.Memory, key string, b []byte) {
	t.Helper()
	if _, err := st.Create(t.Context(), key, bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
}

func TestExtraObjectsAreReported(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	e := committedRun(t, a)
	extra := []string{ObjectKey(e.RunID, "archive/other.warc.gz"), "log/note.txt", "runs/stray"}
	for _, key := range extra {
		create(t, st, key, []byte("x"))
	}
	report := verify(t, a)
	for _, key := range extra {
		if !found(report, key, "extra object") {
			t.Errorf("%s was not reported: %+v", key, report.Problems)
		}
	}
}

func TestAGapInTheLogIsFound(t *testing.T) {
	for name, dropped := range map[string][]int64{
		"the first entry":       {1},
		"one in the middle":     {3},
		"several in the middle": {2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			a := open(t, st)
			for range 4 {
				commit(t, begin(t, a))
			}
			for _, n := range dropped {
				st.Tamper(logKey(n), func([]byte) []byte { return nil })
			}
			report := verify(t, open(t, st))
			if !found(report, logKey(dropped[len(dropped)-1]), "missing") || len(report.Problems) < 1+len(dropped) {
				t.Errorf("%+v", report)
			}
		})
	}
}

func TestARunWhoseEntryIsGoneIsAProblemAndIsNotRead(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	committedRun(t, a)
	e := committedRun(t, a)
	st.Tamper(logKey(e.N), func([]byte) []byte { return nil })
	a = open(t, st)
	report := verify(t, a)
	if report.Runs != 1 || len(report.Unlisted) != 0 || !found(report, e.Manifest.Path, "no entry of the log names this run") {
		t.Errorf("%+v", report)
	}
	for p := range a.Pages(t.Context(), Query{}) {
		if p.RunID == e.RunID {
			t.Errorf("page %s of a run that no entry names", p.Page.URL)
		}
	}
	if f, err := a.Closest(t.Context(), "https://news.example/story", noon); err != nil || f.RunID == e.RunID {
		t.Error(f.RunID, err)
	}
	st.Tamper(logKey(1), func([]byte) []byte { return nil })
	if report := verify(t, open(t, st)); len(report.Problems) != 2 || report.Entries != 0 {
		t.Errorf("without any log: %+v", report)
	}
}

func TestARunWhoseCommitIsUnderWayIsNoProblem(t *testing.T) {
	st := new(storetest.Memory)
	work := t.TempDir()
	a := openAt(t, st, work)
	e := committedRun(t, a)
	st.Tamper(logKey(e.N), func([]byte) []byte { return nil })
	if err := os.Remove(filepath.Join(work, checkpointName)); err != nil { // nor has it been committed for this place
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(work, e.RunID), 0o755); err != nil {
		t.Fatal(err)
	}
	if report := intact(t, openAt(t, st, work)); len(report.Unlisted) != 1 || report.Unlisted[0].Run != e.RunID {
		t.Errorf("%+v", report)
	}
}

// locked is a store with one object that the user may not read.
type locked struct {
	store.Store
	key string
}

func (l locked) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if key == l.key {
		return nil, &fs.PathError{Op: "open", Path: key, Err: fs.ErrPermission}
	}
	return l.Store.Open(ctx, key, offset, length)
}

func TestWhatMayNotBeReadIsAnErrorAndNoDamage(t *testing.T) {
	st := new(storetest.Memory)
	e := committedRun(t, open(t, st))
	for _, key := range provenKeys(st) {
		if strings.HasPrefix(key, logPrefix) {
			continue // Open itself fails
		}
		t.Run(key[strings.LastIndexByte(key, '/')+1:], func(t *testing.T) {
			a := open(t, locked{st, key})
			report, err := a.Verify(t.Context())
			if !errors.Is(err, fs.ErrPermission) || errors.Is(err, ErrFixity) || !strings.Contains(err.Error(), key) {
				t.Errorf("the error is %v", err)
			}
			for _, p := range report.Problems {
				t.Errorf("problem: %+v", p)
			}
		})
	}
	committedRun(t, open(t, st)) // so that the first entry is not the newest, which Open must read
	if report, err := open(t, locked{st, logKey(1)}).Verify(t.Context()); !errors.Is(err, fs.ErrPermission) || len(report.Problems) > 0 {
		t.Errorf("a log entry: %v %+v", err, report.Problems)
	}
	a := open(t, locked{st, ObjectKey(e.RunID, pagesName)})
	if _, err := a.Choose(t.Context(), "https://news.example/story", noon); !errors.Is(err, fs.ErrPermission) || errors.Is(err, ErrFixity) {
		t.Error(err)
	}
}

// forge replaces a file of a run, and manifest and log entry with it, so that all checksums of files agree: what only reading the records
// can find.
func forge(t *testing.T, st *storetest.Memory, e Entry, name string, change func([]byte) []byte) {
	t.Helper()
	key := ObjectKey(e.RunID, name)
	st.Tamper(key, change)
	changed := read(t, st, key)
	m, err := ParseManifest(read(t, st, e.Manifest.Path))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range m.Resources {
		if r.Path == name {
			m.Resources[i].SHA256, m.Resources[i].Bytes = digestOf(changed), int64(len(changed))
		}
	}
	b, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	st.Tamper(e.Manifest.Path, func([]byte) []byte { return b })
	e.Manifest.SHA256, e.Manifest.Bytes = digestOf(b), int64(len(b))
	entry, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	st.Tamper(logKey(e.N), func([]byte) []byte { return entry })
}

func TestPagesThatDifferFromTheirRecordsAreFound(t *testing.T) {
	edit := func(change func(*Page)) func([]byte) []byte {
		return func(b []byte) []byte {
			lines := bytes.SplitAfter(b, []byte("\n"))
			p, err := ParsePage(lines[1])
			if err != nil {
				panic(err)
			}
			change(&p)
			row, err := p.encode()
			if err != nil {
				panic(err)
			}
			lines[1] = append(row, '\n')
			return bytes.Join(lines, nil)
		}
	}
	for name, c := range map[string]struct {
		change func([]byte) []byte
		what   string
	}{
		"a title that was changed":          {edit(func(p *Page) { p.Title = "x" }), "not the text of any page record"},
		"a row that was dropped":            {func(b []byte) []byte { return b[:bytes.LastIndexByte(b[:len(b)-1], '\n')+1] }, "are not listed"},
		"a last line that was cut":          {func(b []byte) []byte { return b[:len(b)-5] }, "cannot be read to its end"},
		"no header":                         {func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] }, "cannot be read to its end"},
		"an offset between records":         {edit(func(p *Page) { p.Capture.Offset++ }), "where no record begins"},
		"the record of another URL":         {edit(func(p *Page) { p.Capture.URL += "x" }), "another URL"},
		"another digest":                    {edit(func(p *Page) { p.Requisites[0].Digest = digestOf(nil) }), "another payload"},
		"a length that is not the record's": {edit(func(p *Page) { p.Requisites[1].Length-- }), "another length"},
	} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			e := committedRun(t, open(t, st))
			forge(t, st, e, pagesName, c.change)
			if report := verify(t, open(t, st)); !found(report, ObjectKey(e.RunID, pagesName), c.what) {
				t.Errorf("%+v", report.Problems)
			}
		})
	}
}

func TestAnIndexThatDiffersFromTheRecordsIsFound(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	for i := range 3 {
		record(t, r, exchange(fmt.Sprintf("https://a.example/%d", i), "text/plain", "x"), Hop{})
	}
	// The index of a run that says other things of the same records.
	r.mu.Lock()
	if err := r.rows.Close(); err != nil {
		t.Fatal(err)
	}
	r.mu.Unlock()
	first := begin(t, a)
	k := record(t, first, exchange("https://a.example/1", "text/plain", "x"), Hop{})
	row := k.row("example,a)/1", warc.Digest{}, warc.Digest{})
	astray := row
	astray.Offset++
	for _, row := range []index.Row{row, astray} {
		if err := first.rows.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	third := begin(t, a)
	k = record(t, third, exchange("https://a.example/1", "text/plain", "x"), Hop{})
	if err := third.rows.Close(); err != nil {
		t.Fatal(err)
	}
	if err := third.rows.Add(k.row("example,a)/1", warc.Digest{}, warc.Digest{})); err != nil {
		t.Fatal(err)
	}
	wrong := commit(t, third)
	e, other := commit(t, r), commit(t, first)
	report := verify(t, a)
	if !found(report, ObjectKey(e.RunID, cdxName), "record is not in the index") {
		t.Errorf("rows that are missing: %+v", report.Problems)
	}
	if !found(report, ObjectKey(wrong.RunID, cdxName), "differs from the one that its record makes") {
		t.Errorf("a row without digests: %+v", report.Problems)
	}
	for _, what := range []string{"in the index twice", "no record begins"} {
		if !found(report, ObjectKey(other.RunID, cdxName), what) {
			t.Errorf("%s: %+v", what, report.Problems)
		}
	}
}

func TestRecordsBehindDamageAreStillChecked(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	var kept []Kept
	for i := range 4 {
		kept = append(kept, record(t, r, exchange(fmt.Sprintf("https://a.example/%d", i), "text/plain", strings.Repeat(fmt.Sprint(i), 900)), Hop{}))
	}
	e := commit(t, r)
	key := ObjectKey(e.RunID, "archive/"+kept[0].File)
	st.Tamper(key, func(b []byte) []byte {
		for _, k := range []Kept{kept[0], kept[2]} {
			b[k.Offset+k.Length/2] ^= 4
		}
		return b
	})
	report := verify(t, open(t, st))
	var at []int64
	for _, p := range report.Problems {
		if p.Object == key && strings.Contains(p.What, "record is damaged") {
			at = append(at, p.Offset)
		}
	}
	if len(at) != 2 || at[0] != kept[0].Offset || at[1] != kept[2].Offset {
		t.Errorf("damage found at %d, expected at %d and %d: %+v", at, kept[0].Offset, kept[2].Offset, report.Problems)
	}
	if len(report.Problems) != 3 {
		t.Errorf("expected two records and the file's digest: %+v", report.Problems)
	}
}

func TestARevisitOfARecordThatIsNotThereIsFound(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	body := strings.Repeat("x", 2000)
	r := begin(t, a)
	x := exchange("https://a.example/2", "text/plain", body)
	r.payloads.Add(x.PayloadSHA256, warc.Original{RecordID: "urn:uuid:0", URL: "https://a.example/1", Date: "2026-03-14T12:00:00Z"})
	k := record(t, r, x, Hop{})
	e := commit(t, r)
	key := ObjectKey(e.RunID, "archive/"+k.File)
	if report := verify(t, a); !found(report, key, "refers to a record that is not there") {
		t.Errorf("%+v", report.Problems)
	}
	// A later run that holds it makes it good.
	r = begin(t, a)
	record(t, r, exchange("https://a.example/1", "text/plain", body), Hop{})
	commit(t, r)
	intact(t, a)
}

func TestTheListOfProblemsIsBounded(t *testing.T) {
	v := &audit{perObject: map[string]int{}}
	for range problemsPerObject + 7 {
		v.problem(Problem{Object: "x"})
	}
	if p := v.result().Problems; len(p) != problemsPerObject+1 || !strings.Contains(p[len(p)-1].What, "7 problems more") {
		t.Errorf("%d problems, the last %+v", len(p), p[len(p)-1])
	}
}

func TestVerifyTellsItsProgressAndHeedsTheContext(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	committedRun(t, a)
	files := 0
	if _, err := a.Verify(t.Context(), OnProgress(func(r VerifyReport) { files = r.Files })); err != nil || files != 7 {
		t.Errorf("%d files, %v", files, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if report, err := a.Verify(ctx); !errors.Is(err, context.Canceled) || len(report.Problems) != 0 {
		t.Errorf("%v %+v", err, report)
	}
}

func TestANewerFormatIsRefusedByName(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	e := committedRun(t, a)
	newer := e
	newer.Format = formatNumber + 1
	b, err := newer.encode()
	if err != nil {
		t.Fatal(err)
	}
	begun := begin(t, a)
	st.Tamper(logKey(e.N), func([]byte) []byte { return b })
	if _, err := Open(t.Context(), st, Options{}); !errors.Is(err, ErrNewerFormat) || !strings.Contains(err.Error(), logKey(1)) {
		t.Errorf("opened: %v", err)
	}
	// An archive that was open before must not add to it either.
	openedBefore(a)
	if _, err := begun.Commit(t.Context(), Complete); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("committed: %v", err)
	}
	if _, err := openedBefore(a).Begin(t.Context(), RunOptions{Kind: KindCapture}); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("begun: %v", err)
	}

	m, err := ParseManifest(read(t, st, e.Manifest.Path))
	if err != nil {
		t.Fatal(err)
	}
	m.Tearsheet.Format++
	mb, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseManifest(mb); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("manifest: %v", err)
	}
}

// openedBefore is an archive that remembers nothing of its log.
func openedBefore(a *Archive) *Archive {
	a.entries.Clear()
	return a
}

func TestMembersThatAreNotKnownAreLetPass(t *testing.T) {
	st := new(storetest.Memory)
	e := committedRun(t, open(t, st))
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	b = append(b[:len(b)-1], `,"witness":{"by":"someone"}}`...)
	self := digestOf(b)
	b = append(append(append(b[:len(b)-1], selfMember...), self...), entryEnd...)
	st.Tamper(logKey(1), func([]byte) []byte { return b })
	intact(t, open(t, st))
}
