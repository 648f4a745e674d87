package restore

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive"
	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// records reads and checks every record of a WARC file.
func records(tb testing.TB, file []byte) []*warc.Record {
	tb.Helper()
	var all []*warc.Record
	for rec, err := range warc.Read(bytes.NewReader(file)) {
		if err == nil {
			err = warc.Check(rec)
		}
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, rec)
	}
	return all
}

func targets(recs []*warc.Record, t warc.Type) map[string]int {
	n := map[string]int{}
	for _, rec := range recs {
		if rec.Type == t {
			n[rec.TargetURI]++
		}
	}
	return n
}

func TestWARC(t *testing.T) {
	p := newPress(t)
	ref := p.printArticle(t)
	p.print(t, answer{url: site + "/other", mime: "text/html", body: "not asked for"})
	var out bytes.Buffer
	if err := WARC(t.Context(), p.Archive, One(ref), &out); err != nil {
		t.Fatal(err)
	}
	recs := records(t, out.Bytes())

	t.Run("the file begins with the warcinfo record of its source, once", func(t *testing.T) {
		if recs[0].Type != warc.Warcinfo || slices.IndexFunc(recs[1:], func(r *warc.Record) bool { return r.Type == warc.Warcinfo }) >= 0 {
			t.Errorf("first record: %s", recs[0].Type)
		}
	})
	t.Run("every exchange is there with its request and metadata", func(t *testing.T) {
		answers := targets(recs, warc.Response)
		maps.Copy(answers, targets(recs, warc.Revisit))
		if len(answers) != 9 || answers[site+"/other"] > 0 {
			t.Errorf("answers of %v", answers)
		}
		for url := range answers {
			if targets(recs, warc.Request)[url] != 1 || targets(recs, warc.Metadata)[url] < 1 {
				t.Errorf("%s has no request or metadata", url)
			}
		}
		if targets(recs, warc.Metadata)[site+"/gone.png"] != 1 {
			t.Error("what failed has no metadata")
		}
	})
	t.Run("members are copied byte for byte", func(t *testing.T) {
		stored := p.object(t, archive.ObjectKey(ref.RunID, "archive/"+ref.Page.Capture.File))
		for _, rec := range recs {
			if !bytes.Contains(stored, out.Bytes()[rec.Offset:rec.Offset+rec.Length]) {
				t.Errorf("the %s record of %s has other bytes", rec.Type, rec.TargetURI)
			}
		}
	})
	t.Run("a page that comes twice is written once", func(t *testing.T) {
		var twice bytes.Buffer
		again := ref
		pages := func(yield func(archive.PageRef, error) bool) { _ = yield(ref, nil) && yield(again, nil) }
		if err := WARC(t.Context(), p.Archive, pages, &twice); err != nil || !bytes.Equal(twice.Bytes(), out.Bytes()) {
			t.Errorf("%d bytes instead of %d, %v", twice.Len(), out.Len(), err)
		}
	})
	t.Run("nothing selected is an error", func(t *testing.T) {
		if err := WARC(t.Context(), p.Archive, func(func(archive.PageRef, error) bool) {}, io.Discard); !errors.Is(err, ErrNothing) {
			t.Errorf("%v, want ErrNothing", err)
		}
	})
	t.Run("a byte that changed is found", func(t *testing.T) {
		p.tamper(t, ref.RunID, requisite(t, ref, site+"/lazy.png"))
		if err := WARC(t.Context(), p.Archive, One(ref), io.Discard); !errors.Is(err, archive.ErrFixity) || !strings.Contains(err.Error(), "lazy.png") {
			t.Errorf("%v, want ErrFixity with the URL", err)
		}
	})
}

func (p *press) object(tb testing.TB, key string) []byte {
	tb.Helper()
	rc, err := p.store.Open(tb.Context(), key, 0, -1)
	if err != nil {
		tb.Fatal(err)
	}
	data, err := io.ReadAll(rc)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// wacz is an exported file, opened.
type wacz map[string][]byte

func openWACZ(tb testing.TB, file []byte) wacz {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		tb.Fatal(err)
	}
	w := wacz{}
	for _, f := range z.File {
		rc, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		data, err := io.ReadAll(rc)
		if err != nil {
			tb.Fatal(err)
		}
		w[f.Name] = data
		if strings.HasSuffix(f.Name, ".gz") && f.Method != zip.Store {
			tb.Errorf("%s is not stored, so no range of it can be read", f.Name)
		}
	}
	return w
}

// Range implements index.Ranger.
func (w wacz) Range(_ context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if length < 0 {
		length = int64(len(w[name])) - offset
	}
	return io.NopCloser(io.NewSectionReader(bytes.NewReader(w[name]), offset, length)), nil
}

// check proves a package as WACZ 1.1.1 asks: every file listed with size and digest, every row and page leading to a record of its URL.
func (w wacz) check(tb testing.TB) (rows []index.Row) {
	tb.Helper()
	var pack dataPackage
	if err := json.Unmarshal(w[packName], &pack); err != nil {
		tb.Fatal(err)
	}
	listed := map[string]bool{packName: true, digestName: true}
	for _, r := range pack.Resources {
		listed[r.Path] = true
		if sum := fmt.Sprintf("sha256:%x", sha256.Sum256(w[r.Path])); r.SHA256 != sum || r.Bytes != int64(len(w[r.Path])) {
			tb.Errorf("%s is listed with %d bytes and %s", r.Path, r.Bytes, r.SHA256)
		}
	}
	for name := range w {
		if !listed[name] {
			tb.Errorf("%s is not listed", name)
		}
	}
	var digest struct{ Path, Hash string }
	if err := json.Unmarshal(w[digestName], &digest); err != nil || digest.Path != packName || digest.Hash != fmt.Sprintf("sha256:%x", sha256.Sum256(w[packName])) {
		tb.Errorf("%s: %+v, %v", digestName, digest, err)
	}
	r, err := index.NewReader(tb.Context(), w, cdxName, idxName)
	if err != nil {
		tb.Fatal(err)
	}
	for row, err := range r.All(tb.Context()) {
		if err != nil {
			tb.Fatal(err)
		}
		w.leads(tb, row.URL, row.File, row.Offset, row.Length)
		rows = append(rows, row)
	}
	for i, line := range bytes.Split(bytes.TrimSpace(w[pagesName]), []byte("\n")) {
		if i == 0 {
			continue
		}
		p, err := archive.ParsePage(line)
		if err != nil {
			tb.Fatal(err)
		}
		for _, k := range append(p.Requisites, *p.Capture) {
			w.leads(tb, k.URL, k.File, k.Offset, k.Length)
		}
	}
	return rows
}

func (w wacz) leads(tb testing.TB, url, file string, offset, length int64) {
	tb.Helper()
	rec, err := warc.ReadAt(bytes.NewReader(w["archive/"+file]), offset, length)
	if err == nil && rec.TargetURI != url {
		err = fmt.Errorf("a record of %s", rec.TargetURI)
	}
	if err == nil {
		err = warc.Check(rec)
	}
	if err != nil {
		tb.Errorf("%s at %d of %q: %v", url, offset, file, err)
	}
}

func exported(tb testing.TB, export func(io.Writer) error) []byte {
	tb.Helper()
	var first, second bytes.Buffer
	if err := errors.Join(export(&first), export(&second)); err != nil {
		tb.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		tb.Error("a second export has other bytes")
	}
	return first.Bytes()
}

func TestWACZ(t *testing.T) {
	p := newPress(t)
	p.printArticle(t)
	p.print(t, answer{url: site + "/other", mime: "text/html", body: "another run"})
	p.print(t, answer{url: "https://elsewhere.example/", mime: "text/html", body: "not asked for"})
	file := exported(t, func(w io.Writer) error {
		return WACZ(t.Context(), p.Archive, p.Pages(t.Context(), archive.Query{Host: "gazette.example"}), w, WACZOptions{Temp: t.TempDir(), Software: "tearsheet/test"})
	})
	rows := openWACZ(t, file).check(t)
	if len(rows) != 10 {
		t.Errorf("%d rows, want one for each answer of two pages", len(rows))
	}
	if err := WACZ(t.Context(), p.Archive, p.Pages(t.Context(), archive.Query{Host: "nobody.example"}), io.Discard, WACZOptions{Temp: t.TempDir()}); !errors.Is(err, ErrNothing) {
		t.Errorf("%v, want ErrNothing", err)
	}
}

func TestRunWACZ(t *testing.T) {
	p := newPress(t)
	ref := p.printArticle(t)
	file := exported(t, func(w io.Writer) error {
		return RunWACZ(t.Context(), p.Archive, ref.RunID, w, WACZOptions{Temp: t.TempDir()})
	})
	z := openWACZ(t, file)
	z.check(t)
	t.Run("all files are those of the store", func(t *testing.T) {
		for name, data := range z {
			if name != digestName && !bytes.Equal(data, p.object(t, archive.ObjectKey(ref.RunID, name))) {
				t.Errorf("%s has other bytes", name)
			}
		}
	})
	t.Run("a run that is not there", func(t *testing.T) {
		if err := RunWACZ(t.Context(), p.Archive, "20260101t000000z-aaaaaaaaaa", io.Discard, WACZOptions{}); !errors.Is(err, archive.ErrNotArchived) {
			t.Errorf("%v, want ErrNotArchived", err)
		}
	})
	t.Run("a byte that changed is found", func(t *testing.T) {
		p.tamper(t, ref.RunID, *ref.Page.Capture)
		if err := RunWACZ(t.Context(), p.Archive, ref.RunID, io.Discard, WACZOptions{}); !errors.Is(err, archive.ErrFixity) {
			t.Errorf("%v, want ErrFixity", err)
		}
	})
}

// An archive that was brought in from elsewhere may have revisits of what another run holds.
func TestRevisitsOfOtherRunsAreExportedWithThem(t *testing.T) {
	p := newPress(t)
	old := p.print(t, answer{url: site + "/a", mime: "text/html", body: strings.Repeat("the same ", 200)})
	rec, closer, err := p.Read(t.Context(), old.RunID, old.Page.Capture.File, old.Page.Capture.Offset, old.Page.Capture.Length)
	if err != nil {
		t.Fatal(err)
	}
	original := warc.Original{RecordID: rec.ID, URL: rec.TargetURI, Date: rec.Get("WARC-Date")}
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	run := "20260401t120000z-aaaaaaaaaa"
	p.recoverRevisit(t, run, answer{url: site + "/a", mime: "text/html", body: strings.Repeat("the same ", 200)}, original)

	file := exported(t, func(w io.Writer) error {
		return RunWACZ(t.Context(), p.Archive, run, w, WACZOptions{Temp: t.TempDir()})
	})
	z := openWACZ(t, file)
	rows := z.check(t)
	got := targets(records(t, z["archive/"+referencedWARC]), warc.Response)
	if len(rows) != 2 || got[site+"/a"] != 1 {
		t.Errorf("%d rows, and the export holds %v", len(rows), got)
	}
}

// recoverRevisit commits a run that holds a revisit, as Recover makes one of the records that a process left.
func (p *press) recoverRevisit(tb testing.TB, run string, r answer, of warc.Original) {
	tb.Helper()
	dir := filepath.Join(p.work, run, "archive")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	w, err := warc.NewWriter(warc.WriterOptions{Dir: dir, Prefix: run})
	if err != nil {
		tb.Fatal(err)
	}
	revisit, err := warc.NewRevisit(r.exchange(), of)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(revisit); err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	if done, err := p.Recover(tb.Context()); err != nil || len(done) != 1 {
		tb.Fatalf("Recover: %+v, %v", done, err)
	}
}
