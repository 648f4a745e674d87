package restore

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tearsheet/archive"
	"tearsheet/archive/page"
)

func fileOf(tb testing.TB, r *Report, url string) File {
	tb.Helper()
	for _, f := range r.Files {
		if f.URL == url {
			return f
		}
	}
	tb.Fatalf("%s is not among the restored files", url)
	return File{}
}

func TestFolder(t *testing.T) {
	p := newPress(t)
	ref := p.printArticle(t)
	r := restored{dir: filepath.Join(t.TempDir(), "deep", "storm")}
	var err error
	if r.report, err = Folder(t.Context(), p.Archive, ref, r.dir, FolderOptions{}); err != nil {
		t.Fatal(err)
	}
	r.doc = readFile(t, r.dir, "index.html")
	wantNoRequests(t, r.doc)

	t.Run("pictures have the bytes that were captured", r.testPictures)
	t.Run("a redirect and a revisit lead to the payload", func(t *testing.T) {
		if got := readFile(t, r.dir, fileOf(t, r.report, site+"/bg.png").Path); got != picture(t, 1) {
			t.Error("/bg.png has other bytes")
		}
		if k := requisite(t, ref, site+"/bg2.png"); k.Type != "revisit" {
			t.Fatalf("the fixture has a %s record where it should have a revisit", k.Type)
		}
	})
	t.Run("style sheets lead to the files beside them", r.testStyles)
	t.Run("the document shows what there is and says what is not", r.testDocument)
	t.Run("the report is in the folder", r.testReport)
	t.Run("a second time gives the same bytes", func(t *testing.T) {
		again := filepath.Join(t.TempDir(), "again")
		if _, err := Folder(t.Context(), p.Archive, ref, again, FolderOptions{}); err != nil {
			t.Fatal(err)
		}
		if a, b := contents(t, r.dir), contents(t, again); a != b {
			t.Errorf("they differ:\n%s\n%s", a, b)
		}
	})
	t.Run("a folder that is not empty is left alone", func(t *testing.T) {
		before := contents(t, r.dir)
		if _, err := Folder(t.Context(), p.Archive, ref, r.dir, FolderOptions{}); !errors.Is(err, ErrNotEmpty) || !strings.Contains(err.Error(), r.dir) {
			t.Errorf("%v, want ErrNotEmpty with the folder", err)
		}
		if contents(t, r.dir) != before {
			t.Error("it was changed")
		}
	})
}

// restored is the article in a folder.
type restored struct {
	dir, doc string
	report   *Report
}

func (r restored) testPictures(t *testing.T) {
	for url, shade := range map[string]uint8{"/lead.png": 1, "/lead,2.png": 2, "/lazy.png": 3} {
		f := fileOf(t, r.report, site+url)
		if got := readFile(t, r.dir, f.Path); got != picture(t, shade) || f.Rewritten {
			t.Errorf("%s has other bytes", url)
		}
		if readable := slug(site + url); readable == "" || !strings.HasPrefix(f.Path, "files/"+readable) {
			t.Errorf("%s does not say that it is %s", f.Path, url)
		}
		if !strings.Contains(r.doc, f.Path) {
			t.Errorf("the document does not show %s", f.Path)
		}
	}
}

func (r restored) testStyles(t *testing.T) {
	css := readFile(t, r.dir, fileOf(t, r.report, site+"/style.css?v=2").Path)
	for _, url := range []string{"/more.css", "/bg.png", "/f.woff2"} {
		if name := filepath.Base(fileOf(t, r.report, site+url).Path); !strings.Contains(css, `"`+name+`"`) {
			t.Errorf("%s does not name %s", css, name)
		}
	}
	if !strings.Contains(css, "/* url(no.png) */") {
		t.Error("a comment was changed")
	}
}

func (r restored) testDocument(t *testing.T) {
	lazy := `src="` + fileOf(t, r.report, site+"/lazy.png").Path + `"`
	if strings.Count(r.doc, lazy) != 1 {
		t.Errorf("%s is not there exactly once", lazy)
	}
	for _, want := range []string{
		"<!DOCTYPE html>\n<html lang=en><head>", "<title>Storm closes harbour</title>", "Ana Lindqvist</a>/Harbour Pictures</p>", // bytes as they were
		"<noscript><img", // the repetition for browsers without scripts stays hidden
		`data-missing-src="/gone.png"`,
		`<a href="` + site + `/people/ana">`, // links lead to the original
	} {
		if !strings.Contains(r.doc, want) {
			t.Errorf("%s is not in the document:\n%s", want, r.doc)
		}
	}
}

func (r restored) testReport(t *testing.T) {
	if len(r.report.Missing) != 2 || r.report.Missing[0].URL != site+"/gone.png" || !strings.Contains(r.report.Missing[0].Reason, "connection refused") {
		t.Errorf("missing: %+v", r.report.Missing)
	}
	var stored Report
	if err := json.Unmarshal([]byte(readFile(t, r.dir, "report.json")), &stored); err != nil {
		t.Fatal(err)
	}
	if stored.URL != site+"/2026/storm" || !stored.Captured.Equal(noon) || len(stored.Files) != len(r.report.Files) || stored.Document.Digest == "" {
		t.Errorf("report.json: %+v", stored)
	}
}

// contents gives names and bytes of all files below dir.
func contents(tb testing.TB, dir string) string {
	tb.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		all.WriteString(relative + "\x00" + readFile(tb, name) + "\x00")
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all.String()
}

func TestDamageIsNotGivenBack(t *testing.T) {
	t.Run("a picture whose bytes changed is missing and the error says so", func(t *testing.T) {
		p := newPress(t)
		ref := p.printArticle(t)
		p.tamper(t, ref.RunID, requisite(t, ref, site+"/lead,2.png"))
		dir := filepath.Join(t.TempDir(), "storm")
		report, err := Folder(t.Context(), p.Archive, ref, dir, FolderOptions{})
		if !errors.Is(err, archive.ErrFixity) || report == nil {
			t.Fatalf("%v, want ErrFixity beside a report", err)
		}
		if len(report.Missing) != 3 {
			t.Errorf("missing: %+v", report.Missing)
		}
		for _, f := range report.Files {
			if _, err := os.Stat(filepath.Join(dir, f.Path)); err != nil || f.URL == site+"/lead,2.png" {
				t.Errorf("%+v is listed: %v", f, err)
			}
		}
		files, err := os.ReadDir(filepath.Join(dir, "files"))
		if err != nil || len(files) != len(report.Files) {
			t.Errorf("%d files, %v, and %d are listed", len(files), err, len(report.Files))
		}
	})
	t.Run("a forged picture with a checksum that fits is missing", func(t *testing.T) {
		p := newPress(t)
		ref := p.printArticle(t)
		p.forge(t, ref.RunID, requisite(t, ref, site+"/lazy.png"), picture(t, 3))
		report, err := Folder(t.Context(), p.Archive, ref, filepath.Join(t.TempDir(), "storm"), FolderOptions{})
		if !errors.Is(err, archive.ErrFixity) || len(report.Missing) != 3 {
			t.Errorf("%v, missing %+v, want ErrFixity and the picture", err, report.Missing)
		}
	})
	t.Run("a document whose bytes changed is not given back at all", func(t *testing.T) {
		p := newPress(t)
		ref := p.printArticle(t)
		p.tamper(t, ref.RunID, *ref.Page.Capture)
		parent := t.TempDir()
		if _, err := Folder(t.Context(), p.Archive, ref, filepath.Join(parent, "storm"), FolderOptions{}); !errors.Is(err, archive.ErrFixity) {
			t.Errorf("%v, want ErrFixity", err)
		}
		if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
			t.Errorf("%v, %v is left behind", left, err)
		}
	})
	t.Run("a record that is another than the page lists is refused", func(t *testing.T) {
		p := newPress(t)
		ref := p.printArticle(t)
		lead, lazy := requisite(t, ref, site+"/lead.png"), requisite(t, ref, site+"/lazy.png")
		for i := range ref.Page.Requisites {
			if k := &ref.Page.Requisites[i]; k.URL == lead.URL {
				k.Offset, k.Length = lazy.Offset, lazy.Length
			}
		}
		if _, err := Folder(t.Context(), p.Archive, ref, filepath.Join(t.TempDir(), "storm"), FolderOptions{}); !errors.Is(err, archive.ErrFixity) {
			t.Errorf("%v, want ErrFixity", err)
		}
	})
}

func TestPageWithoutDocument(t *testing.T) {
	p := newPress(t)
	ref := p.print(t, answer{url: site + "/down", failure: "dial: connection refused"})
	if _, err := Folder(t.Context(), p.Archive, ref, filepath.Join(t.TempDir(), "x"), FolderOptions{}); !errors.Is(err, ErrNothing) {
		t.Errorf("%v, want ErrNothing", err)
	}
}

func TestDriftIsBoundedAndTold(t *testing.T) {
	p := newPress(t)
	p.print(t, answer{url: site + "/logo.png", mime: "image/png", body: picture(t, 9)})
	ref := p.print(t, answer{url: site + "/a", mime: "text/html", body: `<img src="/logo.png">`})
	without, err := Folder(t.Context(), p.Archive, ref, filepath.Join(t.TempDir(), "a"), FolderOptions{})
	if err != nil || len(without.Missing) != 1 {
		t.Fatalf("without drift: %+v, %v", without, err)
	}
	ref.Page.Time = noon.AddDate(0, 0, 3)
	far, err := Folder(t.Context(), p.Archive, ref, filepath.Join(t.TempDir(), "b"), FolderOptions{MaxDrift: 1})
	if err != nil || len(far.Missing) != 1 || !strings.Contains(far.Missing[0].Reason, "72h") {
		t.Errorf("with too little drift: %+v, %v", far, err)
	}
	dir := filepath.Join(t.TempDir(), "c")
	near, err := Folder(t.Context(), p.Archive, ref, dir, FolderOptions{MaxDrift: 100 * 3600e9})
	if err != nil || len(near.Missing) != 0 {
		t.Fatalf("with enough drift: %+v, %v", near, err)
	}
	if f := fileOf(t, near, site+"/logo.png"); f.Drift != -72*3600 || readFile(t, dir, f.Path) != picture(t, 9) {
		t.Errorf("the drift is told as %v seconds", f.Drift)
	}
}

func TestFramesAndOtherCharsets(t *testing.T) {
	p := newPress(t)
	ref := p.print(t,
		answer{url: site + "/a", mime: "text/html; charset=windows-1251", body: "<meta charset=windows-1251><title>\xcd\xee\xe2\xee\xf1\xf2\xe8</title><iframe src=/frame/></iframe><iframe src=/data.json></iframe>"},
		answer{url: site + "/frame/", mime: "text/html", kind: page.KindFrame, body: `<img src="../x.png"><script>top.location="/"</script>`},
		answer{url: site + "/x.png", mime: "image/png", kind: page.KindImage, body: picture(t, 4)},
		answer{url: site + "/data.json", mime: "application/json", kind: page.KindFrame, body: `{}`})
	dir := filepath.Join(t.TempDir(), "a")
	report, err := Folder(t.Context(), p.Archive, ref, dir, FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if doc := readFile(t, dir, "index.html"); !strings.Contains(doc, "<title>Новости</title>") || strings.Contains(doc, "windows-1251") {
		t.Errorf("the document is not UTF-8 that says so:\n%s", doc)
	}
	frame := readFile(t, dir, fileOf(t, report, site+"/frame/").Path)
	wantNoRequests(t, frame)
	if name := filepath.Base(fileOf(t, report, site+"/x.png").Path); !strings.Contains(frame, `src="`+name+`"`) {
		t.Errorf("the frame does not show its picture:\n%s", frame)
	}
	if len(report.Missing) != 1 || report.Missing[0].URL != site+"/data.json" {
		t.Errorf("missing: %+v", report.Missing)
	}
}

func TestContentCodingIsRemoved(t *testing.T) {
	p := newPress(t)
	packed := gzipped(t, "h1 { color: teal }")
	ref := p.print(t, answer{url: site + "/a", mime: "text/html", body: `<link rel=stylesheet href=a.css>`},
		answer{url: site + "/a.css", mime: "text/css", header: "Content-Encoding: gzip\r\n", body: packed})
	dir := filepath.Join(t.TempDir(), "a")
	report, err := Folder(t.Context(), p.Archive, ref, dir, FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, dir, fileOf(t, report, site+"/a.css").Path); got != "h1 { color: teal }" {
		t.Errorf("the style sheet is %q", got)
	}
}

// wantNoRequests walks a restored document and fails for everything that a browser would load from elsewhere.
func wantNoRequests(tb testing.TB, doc string) {
	tb.Helper()
	tree, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		tb.Fatal(err)
	}
	policed := false
	for n := range tree.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			if loads(n.Data, a.Key) && !isLocal(a.Val) {
				tb.Errorf("<%s %s=%q> loads from elsewhere", n.Data, a.Key, a.Val)
			}
			if strings.HasPrefix(a.Key, "on") || a.Key == "integrity" || a.Key == "crossorigin" || a.Key == "nonce" {
				tb.Errorf("<%s %s=%q> is still there", n.Data, a.Key, a.Val)
			}
			policed = policed || n.Data == "meta" && n.Parent.Data == "head" && a.Val == policy
		}
		if n.Data == "script" && !inert(n) {
			tb.Errorf("a script of type %v runs", n.Attr)
		}
		if n.Data == "base" {
			tb.Error("there is a base element")
		}
	}
	if !policed {
		tb.Errorf("no policy is in force:\n%.300s", doc)
	}
}

func loads(element, key string) bool {
	switch key {
	case "src", "srcset", "poster", "background", "data", "imagesrcset":
		return true
	case "href", "xlink:href":
		return element == "link" || element == "image" || element == "use" || element == "script"
	}
	return false
}

func isLocal(ref string) bool {
	for part := range strings.SplitSeq(ref, ", ") {
		part = strings.TrimSpace(part)
		if part == "" || strings.HasPrefix(part, "files/") || strings.HasPrefix(part, "data:") || strings.HasPrefix(part, "#") {
			continue
		}
		if strings.ContainsAny(part, ":/") {
			return part == site+"/2026/storm" // rel=canonical loads nothing
		}
	}
	return true
}

func inert(script *html.Node) bool {
	for _, a := range script.Attr {
		if a.Key == "type" && (a.Val == "text/plain" || strings.HasSuffix(a.Val, "json")) {
			return true
		}
	}
	return false
}
