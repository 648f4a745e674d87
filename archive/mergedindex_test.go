package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tearsheet/archive/index"
	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

// largeArchive is the flag -large-archive: look-ups are measured in an archive of a thousand runs of a thousand captures.
var largeArchive = flag.Bool("large-archive", false, "measure look-ups in an archive of 1,000 runs and 1,000,000 captures")

// without gives a copy of a store without its merged indexes; the log names them all the same unless forgotten is set.
func without(t *testing.T, st *storetest.Memory, forgotten bool) *storetest.Memory {
	t.Helper()
	bare := new(storetest.Memory)
	previous := ""
	for n := int64(1); ; n++ {
		key := logKey(n)
		if !slices.Contains(st.Keys(), key) {
			break
		}
		b := read(t, st, key)
		if forgotten {
			e, err := ParseEntry(b)
			if err != nil {
				t.Fatal(err)
			}
			e.Index, e.Previous = nil, previous
			if b, err = e.encode(); err != nil {
				t.Fatal(err)
			}
			previous = digestOf(b)
		}
		create(t, bare, key, b)
	}
	for _, key := range st.Keys() {
		if !strings.HasPrefix(key, indexPrefix) && !strings.HasPrefix(key, logPrefix) {
			create(t, bare, key, read(t, st, key))
		}
	}
	return bare
}

// grownArchive makes an archive of several runs, in seconds that follow each other, in which pages come again.
func grownArchive(t *testing.T, st store.Store, runs int) *Archive {
	t.Helper()
	now := noon
	a, err := Open(t.Context(), st, Options{Work: t.TempDir(), Software: "tearsheet/test", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for i := range runs {
		now = now.Add(time.Second)
		r := begin(t, a)
		for j := range i%3 + 1 {
			article(t, r, fmt.Sprintf("https://www.news%d.example/section/story-%d", j, (i*7+j)%5))
		}
		r2 := record(t, r, exchange(fmt.Sprintf("http://other.example/%d", i), "text/html", "x"), Hop{})
		p := Page{URL: fmt.Sprintf("http://other.example/%d", i), Final: "https://other.example/final", Canonical: "https://other.example/own", Time: now, Verdict: Partial, Capture: &r2}
		if err := r.AddPage(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		commit(t, r)
	}
	return a
}

// answersOf is what an archive gives to questions of every kind, as text.
func answersOf(t *testing.T, a *Archive) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, url := range []string{
		"https://news1.example/section/story-1", "http://www.news0.example/section/story-0", "https://other.example/final", "https://other.example/own",
		"https://news0.example/section/story-0/photo.jpg", "https://nowhere.example/",
	} {
		for f, err := range a.Lookup(t.Context(), url) {
			if err != nil {
				t.Fatal(err)
			}
			all["lookup "+url] = append(all["lookup "+url], fmt.Sprintf("%s %+v", f.RunID, f.Row))
		}
		slices.Sort(all["lookup "+url]) // of one second they have no order
	}
	for name, q := range map[string]Query{
		"URL": {URL: "http://news1.example/section/story-1/"}, "reached": {URL: "https://other.example/final"}, "its own": {URL: "http://www.other.example/own"},
		"prefix": {Prefix: "https://www.news0.example/section/"}, "within a segment": {Prefix: "https://www.news0.example/section/story-"},
		"session ids": {Prefix: "https://www.news0.example/section/;x"}, "dots": {Prefix: "https://www.news0.example/section/./"}, "with a query": {Prefix: "https://www.news0.example/section/story-1?"}, "half a host": {Prefix: "https://www.news"}, "other": {Prefix: "http://other.example/"},
		"host": {Host: "other.example"}, "hosts below": {Host: "example"}, "www": {Host: "www.news2.example"}, "limited": {Host: "example", Limit: 4},
		"late": {Host: "example", From: noon.Add(3 * time.Second)}, "early": {Prefix: "http://other.example/", To: noon.Add(2 * time.Second)},
		"verdict": {Host: "example", Verdict: Partial}, "none": {Host: "nowhere.example"}, "everything": {},
	} {
		for ref, err := range a.Pages(t.Context(), q) {
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(ref)
			if err != nil {
				t.Fatal(err)
			}
			all["pages "+name] = append(all["pages "+name], string(text))
		}
	}
	return all
}

func TestAMergedIndexGivesTheAnswersThatTheRunsGive(t *testing.T) {
	st := new(storetest.Memory)
	a := grownArchive(t, st, 12)
	intact(t, a)
	want := answersOf(t, open(t, without(t, st, true)))
	if n := len(want["pages hosts below"]); n < 20 || len(want["lookup https://news1.example/section/story-1"]) == 0 || len(want["pages its own"]) != 12 {
		t.Fatalf("only %d pages: %v", n, want)
	}
	for name, got := range map[string]map[string][]string{
		"merged": answersOf(t, open(t, st)), "by the one that wrote it": answersOf(t, a), "with a merged index that is lost": answersOf(t, open(t, without(t, st, false))),
	} {
		for question, answers := range want {
			if !slices.Equal(got[question], answers) {
				t.Errorf("%s: %s: %d answers, want %d:\n%s\nwant\n%s", name, question, len(got[question]), len(answers), strings.Join(got[question], "\n"), strings.Join(answers, "\n"))
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d questions were answered, want %d", name, len(got), len(want))
		}
	}
}

func TestTheNextCommitMakesAMergedIndexOfAnOldArchive(t *testing.T) {
	st := new(storetest.Memory)
	grownArchive(t, st, 5)
	for name, old := range map[string]*storetest.Memory{"whose entries name none": without(t, st, true), "whose index is lost": without(t, st, false)} {
		t.Run(name, func(t *testing.T) {
			log := new(bytes.Buffer)
			a, err := Open(t.Context(), old, Options{Work: t.TempDir(), Log: slog.New(slog.NewTextHandler(log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			e := committedRun(t, a)
			if e.Index == nil {
				t.Fatalf("no index was made: %s", log)
			}
			m, err := a.mergedAt(t.Context(), *e.Index)
			if err != nil || m.Through != 6 {
				t.Fatalf("through %d, %v", m.Through, err)
			}
			old.Forget()
			if f, err := open(t, old).Closest(t.Context(), "https://other.example/2", noon); err != nil || f.Row.URL != "http://other.example/2" {
				t.Errorf("%+v %v", f, err)
			}
			for _, c := range old.Calls() {
				if strings.HasPrefix(c.Key, runsPrefix) {
					t.Errorf("a look-up read %s", c.Key)
				}
			}
		})
	}
}

func TestARunIsCommittedAlthoughAnOlderOneIsDamaged(t *testing.T) {
	st := new(storetest.Memory)
	a := grownArchive(t, st, 3)
	first, err := a.entry(t.Context(), logKey(1))
	if err != nil {
		t.Fatal(err)
	}
	old := without(t, st, false)
	old.Tamper(ObjectKey(first.RunID, pagesName), flip(0.5))
	a = open(t, old)
	e := committedRun(t, a)
	if e.Index != nil {
		t.Errorf("an index was made of what is damaged: %+v", e.Index)
	}
	n := 0
	for _, err := range a.Lookup(t.Context(), "https://news.example/story") {
		if err != nil {
			t.Error(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("the new run's page is found %d times", n)
	}
}

func TestAnIndexThatLiesIsFound(t *testing.T) {
	for name, lie := range map[string]func([]byte) []byte{
		"a row that is missing":  func(b []byte) []byte { return b[:bytes.LastIndexByte(b[:len(b)-1], '\n')+1] },
		"a row of another place": func(b []byte) []byte { return bytes.Replace(b, []byte(`"offset": "`), []byte(`"offset": "1`), 1) },
		"a row of another run":   func(b []byte) []byte { return bytes.Replace(b, []byte(`"runs/2`), []byte(`"runs/3`), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			grownArchive(t, st, 2)
			e, _, err := open(t, st).newest(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			forged := lieIn(t, read(t, st, e.Index.Path), lie)
			st.Tamper(e.Index.Path, func([]byte) []byte { return forged })
			index := e.Index
			e.Index = &Object{Path: index.Path, Bytes: int64(len(forged)), SHA256: digestOf(forged)}
			b, err := e.encode()
			if err != nil {
				t.Fatal(err)
			}
			st.Tamper(e.key, func([]byte) []byte { return b })
			report, err := open(t, st).Verify(t.Context())
			if err != nil || !found(report, index.Path, "merged index") {
				t.Errorf("%+v %v", report.Problems, err)
			}
		})
	}
}

// lieIn changes what a merged index says, and makes it look whole.
func lieIn(t *testing.T, packed []byte, change func([]byte) []byte) []byte {
	t.Helper()
	text := change(gunzip(t, packed))
	head, rest, _ := bytes.Cut(text, []byte("\n"))
	var h map[string]any
	if err := json.Unmarshal(head, &h); err != nil {
		t.Fatal(err)
	}
	h["recent"] = bytes.Count(rest, []byte("\n"))
	head, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(rest), "\n"), "\n")
	slices.Sort(lines)
	return gzipped(t, []byte(string(head)+"\n"+strings.Join(lines, "\n")+"\n"))
}

func TestTheCacheOfMergedIndexesIsOnlyACache(t *testing.T) {
	st := new(storetest.Memory)
	grownArchive(t, st, 3)
	cache := filepath.Join(t.TempDir(), "cache")
	opened := func() *Archive {
		a, err := Open(t.Context(), st, Options{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	reads := func() (n int) {
		st.Forget()
		if _, err := opened().Closest(t.Context(), "https://other.example/1", noon); err != nil {
			t.Fatal(err)
		}
		for _, c := range st.Calls() {
			if c.Op == storetest.OpOpen && strings.HasPrefix(c.Key, indexPrefix) {
				n++
			}
		}
		return n
	}
	if cold, warm := reads(), reads(); cold != 1 || warm != 0 {
		t.Errorf("%d reads at first, then %d", cold, warm)
	}
	names, err := filepath.Glob(filepath.Join(cache, "*"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	if err := os.WriteFile(names[0], []byte("rotten"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := reads(); again != 1 {
		t.Errorf("with a rotten cache %d reads", again)
	}
}

// scribe writes runs without their WARC files, and log entries without merged indexes, as fast as they can be written.
type scribe struct {
	t        testing.TB
	st       *storetest.Memory
	n        int64
	previous string
	rng      *rand.Rand
	pages    []string // addresses
}

// run writes a run with so many captures of pages and what belongs to them, fifty to a page.
func (s *scribe) run(captures int) {
	s.t.Helper()
	s.n++
	at := noon.Add(time.Duration(s.n) * time.Hour)
	id := newRunID(at)
	rows := index.NewBuilder(s.t.TempDir())
	pages := bytes.NewBufferString(pagesHeader + "\n")
	for i := range captures {
		site, story := s.rng.IntN(40), s.rng.IntN(4000)
		url := fmt.Sprintf("https://www.paper%02d.example/2026/%02d/story-%d-of-the-day", site, story%12+1, story)
		if i%50 != 0 {
			url += fmt.Sprintf("/asset-%d.jpg", i)
		}
		key, err := index.SURT(url)
		if err != nil {
			s.t.Fatal(err)
		}
		var sum [32]byte
		for j := range sum {
			sum[j] = byte(s.rng.Uint32())
		}
		err = rows.Add(index.Row{
			Key: key, Timestamp: index.NewTimestamp(at.Add(time.Duration(i) * time.Second)), URL: url, MIME: "image/jpeg", Status: 200,
			Digest: warc.NewDigest(warc.SHA1, sum[:20]), SHA256: warc.NewDigest(warc.SHA256, sum[:]), Length: 20000 + int64(sum[0]), Offset: int64(i) * 20300, File: id + "-1.warc.gz",
		})
		if err != nil {
			s.t.Fatal(err)
		}
		if i%50 == 0 {
			s.pages = append(s.pages, url)
			row, err := json.Marshal(Page{ID: fmt.Sprint(s.n, i), URL: url, Time: at, Title: "A story", Verdict: OK})
			if err != nil {
				s.t.Fatal(err)
			}
			pages.Write(append(row, '\n'))
		}
	}
	var cdx, idx bytes.Buffer
	if _, err := rows.Finish(&cdx, &idx, "index.cdx.gz"); err != nil {
		s.t.Fatal(err)
	}
	var files []Object
	for name, b := range map[string][]byte{cdxName: cdx.Bytes(), idxName: idx.Bytes(), pagesName: pages.Bytes()} {
		s.create(ObjectKey(id, name), b)
		files = append(files, Object{Path: name, Bytes: int64(len(b)), SHA256: digestOf(b)})
	}
	m, err := Manifest{Profile: "data-package", WACZVersion: "1.1.1", Created: at, Resources: NewResources(files), Tearsheet: Facts{Format: 1, RunID: id, Kind: KindRun, Started: at}}.encode()
	if err != nil {
		s.t.Fatal(err)
	}
	s.create(ObjectKey(id, manifestName), m)
	e := Entry{Format: 1, N: s.n, RunID: id, Time: at, Manifest: Object{ObjectKey(id, manifestName), int64(len(m)), digestOf(m)}, Previous: s.previous}
	b, err := e.encode()
	if err != nil {
		s.t.Fatal(err)
	}
	s.previous = digestOf(b)
	s.create(logKey(s.n), b)
}

func (s *scribe) create(key string, b []byte) {
	if _, err := s.st.Create(context.Background(), key, bytes.NewReader(b)); err != nil {
		s.t.Fatal(err)
	}
}

func TestALookUpCostsFourRequestsHoweverManyRunsThereAre(t *testing.T) {
	runs, captures := 60, 1000
	if *largeArchive {
		runs = 1000
	}
	st := new(storetest.Memory)
	s := &scribe{t: t, st: st, rng: rand.New(rand.NewPCG(4, 5))} //nolint:gosec // test data
	for range runs {
		s.run(captures)
	}
	begun := time.Now()
	a := open(t, st)
	committedRun(t, a)
	t.Logf("%d runs of %d captures: the first merged index took %s", runs, captures, time.Since(begun).Round(time.Millisecond))
	now := noon.AddDate(10, 0, 0)
	for i := range 4 { // some newer runs, so that there are two levels and recent rows
		a.now = func() time.Time { return now.Add(time.Duration(i) * time.Second) }
		r := begin(t, a)
		for j := range []int{90, 300, 40, 20}[i] / 4 {
			article(t, r, fmt.Sprintf("https://www.paper00.example/new/%d/%d", i, j))
		}
		commit(t, r)
	}
	var bytesRead atomic.Int64
	st.Reading = func(_ storetest.Call, rc io.ReadCloser) io.ReadCloser { return &counted{rc, &bytesRead} }
	url := s.pages[len(s.pages)/2]
	measure := func(a *Archive, ask func(a *Archive)) (lists, gets int, size int64) {
		st.Forget()
		bytesRead.Store(0)
		ask(a)
		for _, c := range st.Calls() {
			switch c.Op {
			case storetest.OpList:
				lists++
			case storetest.OpOpen:
				gets++
			}
		}
		return lists, gets, bytesRead.Load()
	}
	closest := func(a *Archive) {
		if _, err := a.Closest(t.Context(), url, noon); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := Open(t.Context(), st, Options{})
	if err != nil {
		t.Fatal(err)
	}
	lists, gets, size := measure(nil, func(*Archive) {
		if reader, err = Open(t.Context(), st, Options{}); err != nil {
			t.Fatal(err)
		}
		closest(reader)
	})
	t.Logf("cold: %d lists, %d reads, %d bytes", lists, gets, size)
	if gets > 4 || size > 300_000 {
		t.Errorf("a cold look-up takes %d reads of %d bytes, at most 4 of 300,000 it may", gets, size)
	}
	lists, gets, size = measure(reader, closest)
	t.Logf("warm: %d lists, %d reads, %d bytes", lists, gets, size)
	if gets > 2 {
		t.Errorf("a warm look-up takes %d reads, at most 2 it may", gets)
	}
	lists, gets, size = measure(reader, func(a *Archive) {
		if _, err := a.Choose(t.Context(), url, noon); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("the choice of a page, warm: %d lists, %d reads, %d bytes", lists, gets, size)
	count := 0
	lists, gets, size = measure(reader, func(a *Archive) {
		for _, err := range a.Pages(t.Context(), Query{Prefix: "https://www.paper00.example/2026/05/"}) {
			if err != nil {
				t.Fatal(err)
			}
			count++
		}
	})
	t.Logf("%d pages of a prefix, warm: %d lists, %d reads, %d bytes", count, lists, gets, size)
	if count == 0 {
		t.Error("no page has the prefix")
	}
}

type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func gunzip(t *testing.T, packed []byte) []byte {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func gzipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := zw.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A look-up among 60,000 captures of 60 runs: by one who knows nothing of the archive yet, and by one who has looked something up before.
func BenchmarkClosest(b *testing.B) {
	st := new(storetest.Memory)
	s := &scribe{t: b, st: st, rng: rand.New(rand.NewPCG(4, 5))} //nolint:gosec // test data
	for range 60 {
		s.run(1000)
	}
	committedRun(b, open(b, st))
	closest := func(b *testing.B, a *Archive, i int) {
		if _, err := a.Closest(b.Context(), s.pages[i%len(s.pages)], noon); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("cold", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			a, err := Open(b.Context(), st, Options{})
			if err != nil {
				b.Fatal(err)
			}
			closest(b, a, i)
		}
	})
	b.Run("warm", func(b *testing.B) {
		a := open(b, st)
		closest(b, a, 0)
		for i := 0; b.Loop(); i++ {
			closest(b, a, i)
		}
	})
}
