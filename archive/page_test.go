package archive

import (
	"path/filepath"
	"testing"

	"tearsheet/archive/warc"
)

func TestTheDescriptionOfAPageDoesNotStandUnderThePagesOwnURL(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	want := article(t, r, "https://news.example/story?a=1&b=%C3%A4")
	e := commit(t, r)
	intact(t, a)
	m, err := a.Manifest(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, f := range m.Resources {
		if filepath.Dir(f.Path) != dataDir {
			continue
		}
		rc, err := a.store.Open(t.Context(), ObjectKey(e.RunID, f.Path), 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer rc.Close()
		for rec, err := range warc.Read(rc) {
			if err != nil {
				t.Fatal(err)
			}
			if rec.ContentType == pageRecordType {
				targets = append(targets, rec.TargetURI)
				if about := unbracket(rec.Get("WARC-Refers-To")); about != want.Capture.Record {
					t.Errorf("it refers to %q, expected %q", about, want.Capture.Record)
				}
			}
		}
	}
	if len(targets) != 1 || targets[0] != "urn:pageinfo:"+want.URL {
		t.Errorf("targets %q", targets)
	}
}

func TestAPageUnderAnAddressThatCannotBeArchivedIsRefused(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	for _, bad := range []string{"", "not a url", "/path", "https://user:secret@news.example/", "https://news.example/%zz", "https://news.example/\n"} {
		if err := r.AddPage(t.Context(), Page{URL: bad}); err == nil {
			t.Errorf("%q was listed", bad)
		}
	}
	if err := r.Discard(); err != nil {
		t.Error(err)
	}
}
