package restore

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/warc"
)

// printPhoto commits a run with a page and its photograph.
func (p *press) printPhoto(tb testing.TB) archive.PageRef {
	tb.Helper()
	run, err := p.Begin(tb.Context(), archive.RunOptions{Kind: archive.KindCapture})
	if err != nil {
		tb.Fatal(err)
	}
	record := func(r answer, hop archive.Hop) archive.Kept {
		k, err := run.Record(tb.Context(), r.exchange(), hop)
		if err != nil {
			tb.Fatal(err)
		}
		return k
	}
	capture := record(answer{url: site + "/", mime: "text/html", body: "<img src=/1.jpg>"}, archive.Hop{})
	file := record(answer{url: site + "/1.jpg", mime: "image/jpeg", body: strings.Repeat("jpeg", 600)}, archive.Hop{Via: site + "/", Path: "E"})
	ph := archive.NewPhoto(page.Image{Src: file.URL, Caption: "Boats"}, &capture, []archive.ImageFile{{Kept: file}})
	listed := archive.Page{URL: site + "/", Time: noon, Verdict: archive.OK, Capture: &capture, Requisites: []archive.Kept{file}, Photos: []archive.Photo{ph}}
	if err := run.AddPage(tb.Context(), listed); err != nil {
		tb.Fatal(err)
	}
	if _, err := run.Commit(tb.Context(), archive.Complete); err != nil {
		tb.Fatal(err)
	}
	return p.page(tb, site+"/")
}

func TestAWACZListsPhotographsWhereTheyStandInIt(t *testing.T) {
	p := newPress(t)
	ref := p.printPhoto(t)
	for name, export := range map[string]func(io.Writer) error{
		"of a page": func(w io.Writer) error {
			return WACZ(t.Context(), p.Archive, One(ref), w, WACZOptions{Temp: t.TempDir()})
		},
		"of a run": func(w io.Writer) error {
			return RunWACZ(t.Context(), p.Archive, ref.RunID, w, WACZOptions{Temp: t.TempDir()})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := export(&out); err != nil {
				t.Fatal(err)
			}
			z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(entry(t, z, "photos/photos.jsonl")), "\n")
			if len(lines) != 3 || lines[0] != archive.PhotosHeader {
				t.Fatalf("%q", lines)
			}
			var row struct {
				Caption string
				Files   []archive.PhotoFile
			}
			if err := json.Unmarshal([]byte(lines[1]), &row); err != nil || row.Caption != "Boats" || len(row.Files) != 1 {
				t.Fatalf("%s: %v", lines[1], err)
			}
			f := row.Files[0]
			rec, err := warc.ReadAt(bytes.NewReader(entry(t, z, "archive/"+f.File)), f.Offset, f.Length)
			if err != nil || rec.ID != f.Record || rec.TargetURI != f.URL {
				t.Errorf("its place leads to %+v, %v", rec, err)
			}
			if pack := string(entry(t, z, "datapackage.json")); !strings.Contains(pack, `"photos/photos.jsonl"`) {
				t.Errorf("the package does not list them: %s", pack)
			}
		})
	}
}

func entry(t *testing.T, z *zip.Reader, name string) []byte {
	t.Helper()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
