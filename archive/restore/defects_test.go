package restore

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/warc"
)

func TestARowThatPointsToAnotherRecordIsAFixityFailure(t *testing.T) {
	p := newPress(t)
	ref := p.printArticle(t)
	lead, lazy := requisite(t, ref, site+"/lead.png"), requisite(t, ref, site+"/lazy.png")
	for name, change := range map[string]func(*archive.Kept){
		"the record of another URL": func(k *archive.Kept) { k.Offset, k.Length = lazy.Offset, lazy.Length },
		"another URL":               func(k *archive.Kept) { k.URL += "?" },
		"another date":              func(k *archive.Kept) { k.Time = k.Time.Add(time.Microsecond) },
		"another record id":         func(k *archive.Kept) { k.Record = lazy.Record },
		"another payload":           func(k *archive.Kept) { k.Digest = lazy.Digest },
		"another type":              func(k *archive.Kept) { k.Type = warc.Revisit },
	} {
		t.Run(name, func(t *testing.T) {
			forged := ref
			capture := lead
			capture.MIME = "text/html"
			change(&capture)
			forged.Page.Capture, forged.Page.Requisites = &capture, nil
			if _, err := Folder(t.Context(), p.Archive, forged, filepath.Join(t.TempDir(), "x"), FolderOptions{}); !errors.Is(err, archive.ErrFixity) {
				t.Errorf("folder: %v", err)
			}
			if err := WARC(t.Context(), p.Archive, One(forged), io.Discard); !errors.Is(err, archive.ErrFixity) {
				t.Errorf("WARC: %v", err)
			}
			both := func(yield func(archive.PageRef, error) bool) { _ = yield(ref, nil) && yield(forged, nil) }
			if err := WARC(t.Context(), p.Archive, both, io.Discard); !errors.Is(err, archive.ErrFixity) {
				t.Errorf("WARC, after the record was copied for another page: %v", err)
			}
		})
	}
}

func TestAContentCodingThatTheOriginBrokeIsNoDamageOfTheArchive(t *testing.T) {
	text := "<!DOCTYPE html><title>Storm</title><p>" + strings.Repeat("Waves and wind. ", 4000) + "<img src=/lead.png><img src=/odd.png>"
	whole := gzipped(t, text)
	badCRC := []byte(whole)
	badCRC[len(badCRC)-6] ^= 1
	for name, c := range map[string]struct {
		body, coding, file, note string
	}{
		"a stream that was cut":    {whole[:len(whole)-20], "gzip", documentName, "gzip is damaged"},
		"a wrong CRC":              {string(badCRC), "gzip", documentName, "gzip is damaged"},
		"a coding nobody knows of": {whole, "x-press", "document.bin", "so it cannot be shown"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPress(t)
			field := "Content-Encoding: " + c.coding + "\r\n"
			picture := answer{url: site + "/lead.png", mime: "image/png", kind: page.KindImage, body: gzipped(t, picture(t, 1))[:9000], header: "Content-Encoding: gzip\r\n"}
			odd := answer{url: site + "/odd.png", mime: "image/png", kind: page.KindImage, body: "x", header: "Content-Encoding: x-press\r\n"}
			ref := p.print(t, answer{url: site + "/storm", mime: "text/html", body: c.body, header: field}, picture, odd)
			dir := filepath.Join(t.TempDir(), "x")
			report, err := Folder(t.Context(), p.Archive, ref, dir, FolderOptions{Asked: site + "/storm#top"})
			if err != nil {
				t.Fatal(err)
			}
			if d := report.Document; d.Path != c.file || !strings.HasPrefix(d.Note, originSent) || !strings.Contains(d.Note, c.note) {
				t.Errorf("document %+v", d)
			}
			if report.Match != archive.MatchExact {
				t.Errorf("it matches by %q", report.Match)
			}
			got := readFile(t, dir, c.file)
			switch {
			case c.file != documentName && got != c.body:
				t.Error("the bytes are not those that came")
			case c.file == documentName && !strings.Contains(got, "Waves and wind."):
				t.Errorf("nothing of what could be decoded was given: %d bytes", len(got))
			}
			if c.coding != "gzip" || name != "a wrong CRC" {
				return
			}
			if f := fileOf(t, report, site+"/lead.png"); !strings.HasPrefix(f.Note, originSent) || f.Bytes == 0 {
				t.Errorf("picture %+v", f)
			}
			if len(report.Missing) != 1 || !strings.HasPrefix(report.Missing[0].Reason, originSent) {
				t.Errorf("missing %+v", report.Missing)
			}
			p.tamper(t, ref.RunID, *ref.Page.Capture)
			if _, err := Folder(t.Context(), p.Archive, ref, dir+"2", FolderOptions{}); !errors.Is(err, archive.ErrFixity) {
				t.Errorf("damage of the archive: %v", err)
			}
		})
	}
}

func TestASelectionHoldsTheRecordOfThePageAndRequestsOfFailures(t *testing.T) {
	p := newPress(t)
	ref := p.printArticle(t)
	var out bytes.Buffer
	if err := WARC(t.Context(), p.Archive, One(ref), &out); err != nil {
		t.Fatal(err)
	}
	recs := records(t, out.Bytes())
	if targets(recs, warc.Request)[site+"/gone.png"] != 1 {
		t.Error("the request of what failed is missing")
	}
	lists := 0
	for rec, err := range warc.Read(bytes.NewReader(out.Bytes())) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Type == warc.Metadata && rec.ContentType == "application/json" {
			lists++
			block, err := io.ReadAll(rec.Block)
			if err != nil || !bytes.Contains(block, []byte(ref.Page.ID)) {
				t.Errorf("%s, %v", block, err)
			}
		}
	}
	if lists != 1 {
		t.Errorf("%d records of pages, expected 1", lists)
	}
}

func TestRunWARCIsTheFilesOfTheRun(t *testing.T) {
	p := newPress(t)
	ref := p.printArticle(t)
	key := archive.ObjectKey(ref.RunID, "archive/"+ref.Page.Capture.File)
	var out bytes.Buffer
	if err := RunWARC(t.Context(), p.Archive, ref.RunID, &out); err != nil || !bytes.Equal(out.Bytes(), p.object(t, key)) {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
	if err := RunWARC(t.Context(), p.Archive, "20200101t000000z-aaaaaaaaaa", io.Discard); !errors.Is(err, archive.ErrNotArchived) {
		t.Errorf("a run that is not there: %v", err)
	}
	p.tamper(t, ref.RunID, *ref.Page.Capture)
	if err := RunWARC(t.Context(), p.Archive, ref.RunID, io.Discard); !errors.Is(err, archive.ErrFixity) || !strings.Contains(err.Error(), key) {
		t.Errorf("a byte that changed: %v", err)
	}
	p.store.Tamper(key, func([]byte) []byte { return nil })
	for name, export := range map[string]func() error{
		"run as WARC": func() error { return RunWARC(t.Context(), p.Archive, ref.RunID, io.Discard) },
		"run as WACZ": func() error {
			return RunWACZ(t.Context(), p.Archive, ref.RunID, io.Discard, WACZOptions{Temp: t.TempDir()})
		},
		"page as WARC": func() error { return WARC(t.Context(), p.Archive, One(ref), io.Discard) },
		"page as folder": func() error {
			_, err := Folder(t.Context(), p.Archive, ref, filepath.Join(t.TempDir(), "x"), FolderOptions{})
			return err
		},
	} {
		if err := export(); !errors.Is(err, archive.ErrFixity) {
			t.Errorf("%s, of which the file is gone: %v", name, err)
		}
	}
}
