package ingest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive"
	"tearsheet/archive/photo"
	"tearsheet/archive/restore"
)

// stale imports the story and then makes the archive forget what was said of its photograph, as a program with poorer rules would have listed it.
func stale(t *testing.T, l *library) archive.PageRef {
	t.Helper()
	f := newFile()
	f.article(site + "/story")
	f.response(site+"/bare", "text/html", "<title>No picture</title>")
	l.take(t, f.save(t, "x.warc.gz"))
	ref := l.pages(t)[site+"/story"]
	poorer := ref.Page
	poorer.Photos = slices.Clone(poorer.Photos)
	poorer.Photos[0].Statements, poorer.Photos[0].Credit = nil, photo.Credit{Agreement: photo.None}
	poorer.Extractor = "tearsheet/0.1"
	run, err := l.Begin(t.Context(), archive.RunOptions{Kind: archive.KindDerive})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.AddDerived(t.Context(), ref.RunID, poorer); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Commit(t.Context(), archive.Complete); err != nil {
		t.Fatal(err)
	}
	if n := len(l.photos(t, archive.PhotoQuery{Missing: true})); n != 1 {
		t.Fatalf("%d photographs without a credit", n)
	}
	return ref
}

func TestArchivedPagesAreReadAgainWithTheRulesOfToday(t *testing.T) {
	l := newLibrary(t)
	ref := stale(t, l)
	out, err := Rederive(t.Context(), l.Archive, RederiveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l.intact(t)
	if out.RunID == "" || out.Pages != 2 || out.Photos.Total != 1 || out.Photos.WithCredit != 1 || len(out.Unread) != 0 || out.Changed != 0 {
		t.Errorf("%+v", out)
	}
	found := l.photos(t, archive.PhotoQuery{})
	if len(found) != 1 {
		t.Fatalf("%d photographs", len(found))
	}
	f := found[0]
	if f.RunID != out.RunID || f.Page.RunID != ref.RunID || f.Page.ID != ref.Page.ID || f.Photo.Credit.Agreement == photo.None || f.Extractor == "tearsheet/0.1" {
		t.Errorf("%+v", f)
	}
	if !archive.SamePhotos([]archive.Photo{f.Photo}, ref.Page.Photos) {
		t.Errorf("read again it is %+v\nand was %+v", f.Photo, ref.Page.Photos[0])
	}
	if got := len(l.pages(t)); got != 2 {
		t.Errorf("%d pages are listed", got)
	}
	for e, err := range l.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		m, err := l.Manifest(t.Context(), e)
		if err != nil || m.Tearsheet.Kind != archive.KindDerive || m.Tearsheet.Photos == nil || m.Tearsheet.Photos.WithCredit != 1 {
			t.Errorf("%+v %v", m.Tearsheet, err)
		}
		names := map[string]bool{}
		for _, r := range m.Resources {
			if names[r.Name] {
				t.Errorf("two resources of the package are named %s, and who validates it refuses it", r.Name)
			}
			names[r.Name] = true
		}
		break
	}
	var exported bytes.Buffer
	if err := restore.RunWACZ(t.Context(), l.Archive, out.RunID, &exported, restore.WACZOptions{Temp: t.TempDir()}); err != nil {
		t.Errorf("exporting the derivation: %v", err)
	}
}

func TestOnlyTheSelectedPagesAreReadAgain(t *testing.T) {
	l := newLibrary(t)
	ref := stale(t, l)
	out, err := Rederive(t.Context(), l.Archive, RederiveOptions{Pages: archive.Query{URL: site + "/bare"}})
	if err != nil || out.Pages != 1 {
		t.Errorf("%+v %v", out, err)
	}
	if n := len(l.photos(t, archive.PhotoQuery{Missing: true})); n != 1 {
		t.Error("another page was read too")
	}
	none, err := Rederive(t.Context(), l.Archive, RederiveOptions{Pages: archive.Query{URL: site + "/nowhere"}})
	if err != nil || none.RunID != "" {
		t.Errorf("of no page at all: %+v %v", none, err)
	}
	if left, err := os.ReadDir(l.work); err != nil || len(left) > 2 { // the lock, and the checkpoint of the run that was read
		t.Errorf("left in the work folder: %v %v", left, err)
	}
	var steps []string
	if _, err := Rederive(t.Context(), l.Archive, RederiveOptions{Pages: archive.Query{Run: ref.RunID}, Progress: func(_, s string) { steps = append(steps, s) }}); err != nil {
		t.Error(err)
	}
	if len(steps) != 2 {
		t.Errorf("told of %q", steps)
	}
}

func TestAPageThatCannotBeReadAgainStaysAsItIsKnown(t *testing.T) {
	for name, url := range map[string]string{"its document": site + "/story", "its picture": site + "/photo.jpg"} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t)
			f := newFile()
			f.article(site + "/story")
			f.response(site+"/second", "text/html", "<title>Another</title>")
			in := l.take(t, f.save(t, "x.warc.gz"))
			before := l.photos(t, archive.PhotoQuery{})
			found, err := l.Closest(t.Context(), url, before[0].Page.Time)
			if err != nil {
				t.Fatal(err)
			}
			l.store.Tamper(archive.ObjectKey(in.RunID, "archive/x.warc.gz"), func(b []byte) []byte {
				b = bytes.Clone(b)
				b[found.Row.Offset+found.Row.Length/2] ^= 1
				return b
			})
			out, err := Rederive(t.Context(), l.Archive, RederiveOptions{})
			if err != nil || out.Pages != 1 || len(out.Unread) != 1 || out.Unread[0].URL != site+"/story" {
				t.Errorf("%+v %v", out, err)
			}
			if after := l.photos(t, archive.PhotoQuery{}); len(after) != 1 || after[0].RunID != in.RunID || after[0].Photo.Credit.Line != before[0].Photo.Credit.Line {
				t.Errorf("%+v", after)
			}
		})
	}
}

func TestRunsThatCannotBeProvenAreToldAndTheOthersDerived(t *testing.T) {
	l := newLibrary(t)
	one, two := newFile(), newFile()
	one.article(site + "/story")
	two.serial = 50
	two.response(site+"/second", "text/html", "<title>Another</title>")
	l.take(t, one.save(t, "one.warc.gz"))
	in := l.take(t, two.save(t, "two.warc.gz"))
	l.store.Tamper(archive.ObjectKey(in.RunID, "pages/pages.jsonl"), func(b []byte) []byte { return append(bytes.Clone(b), ' ') })
	out, err := Rederive(t.Context(), l.Archive, RederiveOptions{})
	if !errors.Is(err, archive.ErrFixity) || !strings.Contains(err.Error(), in.RunID) || out.RunID == "" || out.Pages != 1 {
		t.Errorf("%+v %v", out, err)
	}
}

func TestADerivationHeedsItsContextAndLeavesNothing(t *testing.T) {
	l := newLibrary(t)
	stale(t, l)
	keys := len(l.store.Keys())
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Rederive(ctx, l.Archive, RederiveOptions{Progress: func(string, string) { cancel() }})
	if !errors.Is(err, context.Canceled) || len(l.store.Keys()) != keys {
		t.Errorf("%v, %d objects more", err, len(l.store.Keys())-keys)
	}
	if left, err := os.ReadDir(l.work); err != nil || len(left) > 2 { // as above
		t.Errorf("left in the work folder: %v %v", left, err)
	}
}
