package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// foreign writes a plain WARC file with so many answers, and gives its path.
func foreign(t testing.TB, answers int) string {
	t.Helper()
	var b strings.Builder
	for i := range answers {
		block := "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<title>" + fmt.Sprint(i) + "</title>"
		fmt.Fprintf(&b, "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:%d>\r\nWARC-Date: 2020-02-03T04:05:06.123456789Z\r\n"+
			"WARC-Target-URI: <https://old.example/%d>\r\nContent-Type: application/http\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", i, i, len(block), block)
	}
	path := filepath.Join(t.TempDir(), "old.warc")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func beginImport(t testing.TB, a *Archive) *Run {
	t.Helper()
	r, err := a.Begin(t.Context(), RunOptions{Kind: KindImport})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecordsOfAnImportedFileAreHandedOverIndexedAndReadBack(t *testing.T) {
	a := open(t, folder(t))
	r := beginImport(t, a)
	var met []Met
	in, err := r.AddFile(t.Context(), foreign(t, 3), func(m Met) error { met = append(met, m); return nil })
	if err != nil || in.Records != 3 || len(met) != 3 {
		t.Fatalf("%+v %d %v", in, len(met), err)
	}
	k := met[1].Kept
	if k.URL != "https://old.example/1" || k.Record != "urn:uuid:1" || k.Status != 200 || k.MIME != "text/html" || k.Digest == "" || k.Size != int64(len("<title>1</title>")) || !met[1].Indexed {
		t.Errorf("%+v", met[1])
	}
	if err := r.AddPage(t.Context(), Page{URL: k.URL, Time: k.Time, Verdict: OK, Capture: &k}); err != nil {
		t.Fatal(err)
	}
	e := commit(t, r)
	intact(t, a)
	m, err := a.Manifest(t.Context(), e)
	if err != nil || m.Tearsheet.Counts.Responses != 3 || len(m.Tearsheet.Imported) != 1 || m.Tearsheet.Imported[0].File != "old.warc" {
		t.Errorf("%+v %v", m.Tearsheet, err)
	}
	f, err := a.Closest(t.Context(), "https://old.example/2", noon)
	if err != nil {
		t.Fatal(err)
	}
	if got := payload(t, a, f); got != "<title>2</title>" {
		t.Errorf("payload %q", got)
	}
	if Foreign(e.RunID, m.Resources[0].Name) || !Foreign(e.RunID, "old.warc") {
		t.Errorf("whose file is whose: %q", m.Resources[0].Name)
	}
}

func TestOnlyAnImportTakesFiles(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	if _, err := r.AddFile(t.Context(), foreign(t, 1), func(Met) error { return nil }); err == nil {
		t.Error("a capture took a file")
	}
	if err := r.Discard(); err != nil {
		t.Error(err)
	}
	r = beginImport(t, a)
	stop := errors.New("stop")
	if _, err := r.AddFile(t.Context(), foreign(t, 2), func(Met) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the error of who looks at the records: %v", err)
	}
	if err := r.Discard(); err != nil {
		t.Errorf("discarding what came in by halves: %v", err)
	}
	if _, err := r.AddFile(t.Context(), foreign(t, 1), nil); !errors.Is(err, ErrEnded) {
		t.Errorf("after the end: %v", err)
	}
}

func TestAnImportThatDiedIsRemoved(t *testing.T) {
	a := open(t, folder(t))
	r := beginImport(t, a)
	if _, err := r.AddFile(t.Context(), foreign(t, 2), func(Met) error { return nil }); err != nil {
		t.Fatal(err)
	}
	abandon(t, r)
	if got := recoverOne(t, a); got.Entry != nil || got.CutTail != 0 {
		t.Errorf("%+v", got)
	}
	if left, err := a.work.abandoned(); err != nil || len(left) != 0 {
		t.Errorf("left: %q %v", left, err)
	}
}

func TestDamageThatCameWithAFileIsNoneOfTheArchiveAndOtherDamageIs(t *testing.T) {
	a := open(t, folder(t))
	path := foreign(t, 3)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-10], 0o644); err != nil {
		t.Fatal(err)
	}
	r := beginImport(t, a)
	in, err := r.AddFile(t.Context(), path, func(Met) error { return nil })
	if err != nil || len(in.Damage) != 1 || in.Damage[0].Offset+in.Damage[0].Length != int64(len(b)-10) || in.Records != 2 {
		t.Fatalf("%+v %v", in, err)
	}
	commit(t, r)
	intact(t, a)
}
