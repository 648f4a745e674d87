package archive

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tearsheet/archive/warc"
)

// unlisted recovers a run and gives its only page that had not been listed.
func unlisted(t *testing.T, a *Archive) (Recovered, Page) {
	t.Helper()
	got := recoverOne(t, a)
	intact(t, a)
	var found []Page
	for ref, err := range a.Pages(t.Context(), Query{Verdict: Partial}) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, ref.Page)
	}
	if len(found) != 1 {
		t.Fatalf("%d partial pages: %+v", len(found), found)
	}
	return got, found[0]
}

func TestAPageThatWasNotListedHasAllThatWasFetchedForIt(t *testing.T) {
	const site = "https://news.example"
	a := open(t, folder(t))
	r := begin(t, a)
	record(t, r, exchange(site+"/shared.css", "text/css", "body{}"), Hop{Via: site + "/other", Path: "E"})
	record(t, r, exchange(site+"/unrelated.png", "image/png", "u"), Hop{Via: site + "/other", Path: "E"})
	record(t, r, redirect(site+"/moved", site+"/story"), Hop{})
	record(t, r, exchange(site+"/story", "text/html; charset=utf-8",
		`<title>Storm över Göteborg</title><link rel=stylesheet href=/shared.css><iframe src=/frame></iframe><p>Text.<img src=/photo>`), Hop{Via: site + "/moved", Path: "R"})
	at := Hop{Via: site + "/story", Path: "RE"}
	record(t, r, exchange(site+"/robots.txt", "text/plain", "x"), Hop{Via: site + "/story", Path: "RP"})
	record(t, r, redirect(site+"/photo", "https://img.example/photo.jpg"), at)
	record(t, r, exchange("https://img.example/photo.jpg", "image/jpeg", strings.Repeat("p", 3000)), Hop{Via: site + "/photo", Path: "RER"})
	record(t, r, exchange(site+"/font.woff2", "font/woff2", "f"), Hop{Via: site + "/shared.css", Path: "EE"})
	failed := asked(site + "/frame")
	failed.Failure = "dial: connection refused"
	record(t, r, failed, at)
	record(t, r, exchange(site+"/frame", "text/html", "frame"), at) // tried again
	record(t, r, exchange(site+"/scripted.png", "image/png", "s"), at)
	record(t, r, exchange(site+"/next", "application/pdf", "n"), Hop{Via: site + "/story", Path: "RL"})
	abandon(t, r)

	_, p := unlisted(t, a)
	want := map[string]string{
		site + "/shared.css": "style", site + "/photo": "image", "https://img.example/photo.jpg": "image", site + "/font.woff2": "font",
		site + "/frame": "frame", site + "/scripted.png": "image",
	}
	for _, k := range p.Requisites {
		if k.Kind != want[k.URL] || k.Type != warc.Response || k.Length == 0 || k.Failure != "" {
			t.Errorf("%+v, expected kind %q", k, want[k.URL])
		}
		delete(want, k.URL)
	}
	if len(want) != 0 {
		t.Errorf("not listed: %v", want)
	}
	if p.Title != "Storm över Göteborg" || p.Final != site+"/story" {
		t.Errorf("title %q, final %q", p.Title, p.Final)
	}
}

func TestAPageThatWasNotListedIsRecoveredWhateverItsDocumentIs(t *testing.T) {
	for name, x := range map[string]*warc.Exchange{
		"it is encoded otherwise than it says": answered("https://news.example/a", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n", "<p>plain"),
		"its coding is not known":              answered("https://news.example/a", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: compress\r\n\r\n", "?"),
		"it is nested too deep to be parsed":   exchange("https://news.example/a", "text/html", strings.Repeat("<div>", 1000)),
		"it is empty":                          exchange("https://news.example/a", "text/html", ""),
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t, folder(t))
			r := begin(t, a)
			record(t, r, x, Hop{})
			record(t, r, exchange("https://news.example/a.png", "image/png", "p"), Hop{Via: "https://news.example/a", Path: "E"})
			abandon(t, r)
			if _, p := unlisted(t, a); len(p.Requisites) != 1 || p.Requisites[0].Kind != "image" {
				t.Errorf("%+v", p.Requisites)
			}
		})
	}
}

func TestAPageThatWasAskedForAgainIsRecoveredAsOne(t *testing.T) {
	const site = "https://news.example"
	busy := func(url string) *warc.Exchange {
		x := answered(url, "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n", "busy")
		x.Status, x.Header = 503, http.Header{"Content-Type": {"text/html"}}
		return x
	}
	for _, c := range []struct {
		name    string
		record  func(r *Run)
		verdict Verdict // of the one page that recovery adds; "" for none
	}{
		{"a try before the one that was listed", func(r *Run) {
			record(t, r, busy(site+"/"), Hop{})
			k := record(t, r, exchange(site+"/", "text/html", "there"), Hop{})
			if err := r.AddPage(t.Context(), Page{URL: site + "/", Time: noon, Verdict: OK, Capture: &k}); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"two tries, the last one good", func(r *Run) {
			record(t, r, busy(site+"/"), Hop{})
			record(t, r, exchange(site+"/", "text/html", "there"), Hop{})
		}, Partial},
		{"a try that came to nothing", func(r *Run) { record(t, r, busy(site+"/"), Hop{}) }, Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := open(t, folder(t))
			r := begin(t, a)
			c.record(r)
			abandon(t, r)
			recoverOne(t, a)
			var got []Verdict
			for ref, err := range a.Pages(t.Context(), Query{}) {
				if err != nil {
					t.Fatal(err)
				}
				if ref.Page.Verdict != OK {
					got = append(got, ref.Page.Verdict)
				}
			}
			if want := c.verdict; len(got) > 1 || want == "" && len(got) != 0 || want != "" && (len(got) != 1 || got[0] != want) {
				t.Errorf("recovery added pages with the verdicts %q; want %q", got, want)
			}
		})
	}
}

func TestARecoveredRunSaysWithWhichSettingsAndTitleItBegan(t *testing.T) {
	a := open(t, folder(t))
	r, err := a.Begin(t.Context(), RunOptions{Kind: KindCapture, Title: "Storm week", Settings: []warc.Field{{Name: "robots", Value: "ignore"}}})
	if err != nil {
		t.Fatal(err)
	}
	record(t, r, exchange("https://news.example/a", "text/html", "a"), Hop{})
	abandon(t, r)
	got, _ := unlisted(t, a)
	m, err := a.Manifest(t.Context(), *got.Entry)
	if err != nil || m.Title != "Storm week" {
		t.Errorf("title %q, %v", m.Title, err)
	}
	said := 0
	for _, f := range m.Resources {
		if filepath.Dir(f.Path) != dataDir {
			continue
		}
		z, err := gzip.NewReader(bytes.NewReader(read(t, a.store, ObjectKey(r.ID(), f.Path))))
		if err != nil {
			t.Fatal(err)
		}
		z.Multistream(false) // the warcinfo record
		info, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(info, []byte("robots: ignore\r\n")) && bytes.Contains(info, []byte("tearsheet capture")) {
			said++
		}
	}
	if said != 2 {
		t.Errorf("%d warcinfo records tell the settings, expected 2", said)
	}
}

func TestBytesThatWereCutOffAreToldWhenTheFirstRecoveryFailed(t *testing.T) {
	st := folder(t)
	a := open(t, st)
	r := begin(t, a)
	article(t, r, "https://news.example/story")
	abandon(t, r)
	tear(t, r)
	in := filepath.Join(st.String(), filepath.FromSlash(ObjectKey(r.ID(), pagesName))) // where the page list will have to stand
	if err := os.MkdirAll(in, 0o777); err != nil {
		t.Fatal(err)
	}
	if done, err := a.Recover(t.Context()); err == nil {
		t.Fatalf("recovered %+v", done)
	}
	remove(t, in)
	if got := recoverOne(t, a); got.CutTail != 7 || got.Aside == "" || got.Entry == nil {
		t.Errorf("%+v", got)
	}
	intact(t, a)
}
