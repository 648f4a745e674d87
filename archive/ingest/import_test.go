package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"tearsheet/archive"
	"tearsheet/archive/photo"
	"tearsheet/archive/restore"
	"tearsheet/archive/warc"
)

func TestAFileOfWgetIsKeptByteForByteAndItsPageAndPhotographAreFound(t *testing.T) {
	for _, plain := range []bool{false, true} {
		t.Run(fmt.Sprintf("plain %v", plain), func(t *testing.T) {
			f := newFile()
			f.version, f.bracket, f.plain = "1.0", true, plain
			f.warcinfo()
			chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(story), story)
			request := f.request(site+"/story", "")
			document := f.message(site+"/story", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"+chunked,
				concurrent(request), "WARC-Payload-Digest: "+sha1Of(chunked))
			request = f.request(site+"/style.css", "Referer: "+site+"/story\r\n")
			f.response(site+"/style.css", "text/css", "body{background:url(back.png)}", concurrent(request))
			f.response(site+"/back.png", "image/png", "no picture")
			f.message(site+"/photo.jpg", "HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"+jpeg("Ines Quill", "AP"))
			f.record("metadata", "metadata://gnu.org/software/wget/warc/wget_arguments.txt", "text/plain", "\"-p\"\n")
			name := "story.warc"
			if !plain {
				name += ".gz"
			}
			path := f.save(t, name)

			l := newLibrary(t)
			in := l.take(t, path)
			if len(in.Files) != 1 || in.Files[0].In.File != name || in.Files[0].In.Records != len(f.members) || in.Damaged() || in.Files[0].In.Doubts != 0 {
				t.Errorf("%+v", in)
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.object(t, archive.ObjectKey(in.RunID, "archive/"+name)); !bytes.Equal(got, want) {
				t.Error("its bytes are not the ones that came")
			}

			ref, ok := l.pages(t)[site+"/story"]
			if !ok || ref.Page.Verdict != archive.OK || ref.Page.Title != "The harbour reopens" || ref.Page.Language != "en" {
				t.Fatalf("%+v", ref.Page)
			}
			if ref.Page.Capture.Record != document || ref.Page.Capture.Size != int64(len(story)) {
				t.Errorf("its capture is %+v", ref.Page.Capture)
			}
			var urls []string
			for _, k := range ref.Page.Requisites {
				urls = append(urls, strings.TrimPrefix(k.URL, site))
			}
			slices.Sort(urls)
			if !slices.Equal(urls, []string{"/back.png", "/photo.jpg", "/style.css"}) {
				t.Errorf("requisites %q", urls)
			}
			checkPhoto(t, l, document)
			checkRestored(t, l, ref)
		})
	}
}

// checkPhoto wants the story's photograph with the statements of page and file.
func checkPhoto(t *testing.T, l *library, document string) {
	t.Helper()
	all := l.photos(t, archive.PhotoQuery{By: "Ines Quill", Agency: "AP"})
	if len(all) != 1 {
		t.Fatalf("%d photographs by Ines Quill/AP among %+v", len(all), l.photos(t, archive.PhotoQuery{}))
	}
	p := all[0].Photo
	if p.Caption != "Boats leave the harbour on Monday." || p.Credit.Agreement == photo.None || len(p.Files) != 1 || p.Files[0].Width != 160 {
		t.Errorf("%+v", p)
	}
	for _, s := range p.Statements {
		want := document
		if s.Kind.OfFile() {
			want = p.Files[0].Record
		}
		if s.Record != want {
			t.Errorf("statement %+v does not name its record, %s", s, want)
		}
	}
	rc, err := l.OpenFile(t.Context(), all[0].RunID, p.Files[0], 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(rc); err != nil || string(b) != jpeg("Ines Quill", "AP") {
		t.Errorf("its bytes: %q %v", b, err)
	}
}

// checkRestored wants the page back in every form.
func checkRestored(t *testing.T, l *library, ref archive.PageRef) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	report, err := restore.Folder(t.Context(), l.Archive, ref, dir, restore.FolderOptions{})
	if err != nil || len(report.Missing) > 0 {
		t.Errorf("as a folder: %+v %v", report, err)
	}
	for name, export := range map[string]func(io.Writer) error{
		"the page": func(w io.Writer) error { return restore.WARC(t.Context(), l.Archive, restore.One(ref), w) },
		"the run":  func(w io.Writer) error { return restore.RunWARC(t.Context(), l.Archive, ref.RunID, w) },
	} {
		var out bytes.Buffer
		if err := export(&out); err != nil {
			t.Errorf("%s as WARC: %v", name, err)
		}
		found := false
		for rec, err := range warc.Read(bytes.NewReader(out.Bytes())) {
			if err != nil {
				t.Fatalf("%s as WARC: %v", name, err)
			}
			found = found || rec.ID == ref.Page.Capture.Record
		}
		if z, err := gzip.NewReader(bytes.NewReader(out.Bytes())); err != nil || !found {
			t.Errorf("%s as WARC has no record of the page, or is no gzip: %v", name, err)
		} else if _, err := io.Copy(io.Discard, z); err != nil {
			t.Errorf("%s as WARC: %v", name, err)
		}
	}
	if err := restore.RunWACZ(t.Context(), l.Archive, ref.RunID, io.Discard, restore.WACZOptions{Temp: t.TempDir()}); err != nil {
		t.Errorf("the run as WACZ: %v", err)
	}
	if err := restore.WACZ(t.Context(), l.Archive, restore.One(ref), io.Discard, restore.WACZOptions{Temp: t.TempDir()}); err != nil {
		t.Errorf("the page as WACZ: %v", err)
	}
}

func (l *library) object(t testing.TB, key string) []byte {
	t.Helper()
	rc, err := l.store.Open(context.Background(), key, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	b, err := io.ReadAll(rc)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatTheCrawlerSaysDecidesWhatIsAPage(t *testing.T) {
	beside := func(f *warcFile, id, fields string) {
		f.record("metadata", "https://x.example/", "application/warc-fields", fields, "WARC-Refers-To: <"+id+">")
	}
	f := newFile()
	f.version = "1.0"
	f.warcinfo()
	f.record("response", "dns:news.example", "text/dns", "20200203040506\nnews.example. 60 IN A 192.0.2.1\n")
	beside(f, f.response(site+"/robots.txt", "text/html", "<title>robots</title>"), "hopsFromSeed: P\r\nvia: "+site+"/\r\n")
	beside(f, f.response(site+"/", "text/html", "<title>Front</title><iframe src=/linked></iframe>"), "seed: \r\n")
	beside(f, f.response(site+"/linked", "text/html", "a page that a frame shows too"), "via: "+site+"/\r\nhopsFromSeed: L\r\n")
	beside(f, f.response(site+"/advert", "text/html", "<title>Buy!</title>"), "via: "+site+"/\r\nhopsFromSeed: LE\r\n")
	beside(f, f.response(site+"/moved", "text/html", "<title>Moved</title>"), "hopsFromSeed: LR\r\n")
	beside(f, f.response(site+"/embed", "text/html", "<title>Moved frame</title>"), "hopsFromSeed: LER\r\n")
	beside(f, f.response(site+"/tracker.gif", "image/gif", "GIF89a"), "via: "+site+"/\r\nhopsFromSeed: X\r\n")
	// A metadata record may stand in front of what it is about, and be prose.
	f.serial += 100
	next := fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", f.serial+2)
	beside(f, next, "hopsFromSeed: E\r\n")
	f.response(site+"/later", "text/html", "<title>Embedded</title>")
	f.record("metadata", site+"/", "application/warc-fields", "this is no field")
	f.record("metadata", site+"/", "application/json", "{}", "WARC-Refers-To: <"+next+">")

	l := newLibrary(t)
	l.take(t, f.save(t, "heritrix.warc.gz"))
	pages := l.pages(t)
	for _, u := range []string{"/", "/linked", "/moved"} {
		if _, ok := pages[site+u]; !ok {
			t.Errorf("%s is no page", u)
		}
		delete(pages, site+u)
	}
	for u := range pages {
		t.Errorf("%s is a page", u)
	}
}

func TestWhatABrowserAskedForDecidesWhatIsAPage(t *testing.T) {
	br := func(s string) string {
		var b bytes.Buffer
		w := brotli.NewWriter(&b)
		if _, err := w.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	f := newFile()
	f.warcinfo()
	document := f.message(site+"/story", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br\r\n\r\n"+br(story), "WARC-Resource-Type: document")
	f.request(site+"/story", "Sec-Fetch-Dest: document\r\n", concurrent(document))
	f.response(site+"/style.css", "text/css", "body{}")
	f.response(site+"/photo.jpg", "image/jpeg", jpeg("Ines Quill", "AP"))
	frame := f.response(site+"/frame", "text/html", "<title>A frame</title>")
	f.request(site+"/frame", "Sec-Fetch-Dest: iframe\r\n", concurrent(frame))
	f.response(site+"/fragment", "text/html", "<title>Fetched by a script</title>", "WARC-Resource-Type: fetch")
	f.response(site+"/lazy.jpg", "image/jpeg", jpeg("", ""))
	f.response(site+"/unlisted", "text/html", "<title>In no list of a page</title>")
	f.record("resource", "urn:pageinfo:"+site+"/story", "application/json",
		`{"pageid":"1","url":"`+site+`/story","ts":"2020-02-03T04:05:06Z","urls":{"`+site+`/story":{"status":200,"mime":"text/html"},"`+site+`/lazy.jpg":200,"`+site+`/fragment":200}}`)
	f.record("resource", "urn:text:"+site+"/story", "text/plain", "The harbour reopens")
	f.record("resource", "urn:view:"+site+"/story", "image/png", "a screenshot")

	l := newLibrary(t)
	l.take(t, f.save(t, "browsertrix.warc.gz"))
	pages := l.pages(t)
	if len(pages) != 1 {
		t.Errorf("%d pages", len(pages))
	}
	ref := pages[site+"/story"]
	var urls []string
	for _, k := range ref.Page.Requisites {
		urls = append(urls, strings.TrimPrefix(k.URL, site))
	}
	slices.Sort(urls)
	if !slices.Equal(urls, []string{"/fragment", "/lazy.jpg", "/photo.jpg", "/style.css"}) {
		t.Errorf("requisites %q", urls)
	}
	checkPhoto(t, l, document)
	checkRestored(t, l, ref)
}

func TestWithoutAWordOfTheCrawlerDocumentsTell(t *testing.T) {
	f := newFile()
	f.response(site+"/story", "text/html", strings.Replace(story, "</article>", "<iframe src=/frame></iframe></article>", 1))
	f.response(site+"/frame", "text/html", "<title>A frame</title><link rel=stylesheet href=/frame.css>")
	f.response(site+"/frame.css", "text/css", "p{}")
	f.response(site+"/fragment", "text/html", "<li>One</li><li>Two</li>")
	f.response(site+"/text", "text/html", "<p>"+strings.Repeat("A page without any title. ", 20))
	f.response(site+"/data.json", "application/json", "{}")
	f.message(site+"/gone", "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<title>Gone</title>")
	f.message(site+"/empty", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
	posted := f.response(site+"/form", "text/html", "<title>Thank you</title>")
	f.record("request", site+"/form", "application/http;msgtype=request", "POST /form HTTP/1.1\r\n\r\n", concurrent(posted))
	asked := f.record("request", site+"/asked", "application/http;msgtype=request", "POST /asked HTTP/1.1\r\n\r\n")
	f.response(site+"/asked", "text/html", "<title>Thanks again</title>", concurrent(asked))
	f.record("resource", site+"/snapshot", "text/html", "<title>A snapshot</title>")
	f.record("conversion", site+"/story", "text/plain", "The harbour reopens", "WARC-Refers-To: <urn:uuid:x>")
	f.response("https://user:secret@news.example/private", "text/html", "<title>With a password in its address</title>")

	l := newLibrary(t)
	l.take(t, f.save(t, "x.warc.gz"))
	pages := l.pages(t)
	for _, u := range []string{"/story", "/text", "/snapshot"} {
		if _, ok := pages[site+u]; !ok {
			t.Errorf("%s is no page", u)
		}
	}
	if len(pages) != 3 {
		t.Errorf("%d pages", len(pages))
	}
	ref := pages[site+"/story"]
	if ref.Page.Verdict != archive.Partial || len(ref.Page.Reasons) != 2 {
		t.Errorf("a page whose style sheet and picture are not there is %s: %q", ref.Page.Verdict, ref.Page.Reasons)
	}
	var urls []string
	for _, k := range ref.Page.Requisites {
		urls = append(urls, strings.TrimPrefix(k.URL, site))
	}
	if !slices.Contains(urls, "/frame.css") || !slices.Contains(urls, "/frame") {
		t.Errorf("requisites %q", urls)
	}
	if f, err := l.Closest(t.Context(), site+"/story", time.Time{}); err != nil || f.Row.MIME != "text/html" {
		t.Errorf("a conversion took the place of the page: %+v %v", f, err)
	}
	if dir := filepath.Join(t.TempDir(), "out"); true {
		if _, err := restore.Folder(t.Context(), l.Archive, pages[site+"/snapshot"], dir, restore.FolderOptions{}); err != nil {
			t.Errorf("restoring a resource: %v", err)
		}
	}
}

func TestARedirectIsTheWayToThePage(t *testing.T) {
	f := newFile()
	f.message("http://news.example/s", "HTTP/1.1 301 Moved\r\nLocation: https://news.example/s\r\n\r\n")
	f.message("https://news.example/s", "HTTP/1.1 302 Found\r\nLocation: /story#top\r\n\r\n")
	f.article(site + "/story")
	f.clock = f.clock.Add(time.Hour)
	f.message(site+"/other", "HTTP/1.1 302 Found\r\nLocation: /late\r\n\r\n")
	f.clock = f.clock.Add(time.Hour)
	f.response(site+"/late", "text/html", "<title>Asked much later</title>")

	l := newLibrary(t)
	l.take(t, f.save(t, "x.warc.gz"))
	pages := l.pages(t)
	p := pages["http://news.example/s"].Page
	if p.Final != site+"/story" || len(p.Hops) != 2 || p.Hops[0].URL != p.URL || p.Hops[1].URL != "https://news.example/s" {
		t.Errorf("%+v", p)
	}
	if _, ok := pages[site+"/late"]; !ok || len(pages) != 2 {
		t.Errorf("%d pages", len(pages))
	}
}

func TestARequisiteThatRedirectsIsListedWithItsTarget(t *testing.T) {
	f := newFile()
	f.response(site+"/story", "text/html", story)
	f.message(site+"/style.css", "HTTP/1.1 302 Found\r\nLocation: /v2.css\r\n\r\n")
	f.response(site+"/v2.css", "text/css", "@import 'more.css';")
	f.message(site+"/photo.jpg", "HTTP/1.1 302 Found\r\nLocation: https://cdn.example/p.jpg\r\n\r\n")
	f.response("https://cdn.example/p.jpg", "image/jpeg", jpeg("Ines Quill", "AP"))
	l := newLibrary(t)
	l.take(t, f.save(t, "x.warc.gz"))
	p := l.pages(t)[site+"/story"].Page
	if p.Verdict != archive.Partial || len(p.Reasons) != 1 || !strings.Contains(p.Reasons[0], "/more.css is missing") {
		t.Errorf("%s %q", p.Verdict, p.Reasons)
	}
	if len(p.Photos) != 1 || len(p.Photos[0].Files) != 1 || p.Photos[0].Files[0].URL != "https://cdn.example/p.jpg" || p.Photos[0].Credit.Agreement == photo.None {
		t.Errorf("%+v", p.Photos)
	}
}

func TestARevisitHasThePayloadThatItRefersTo(t *testing.T) {
	first, second := newFile(), newFile()
	first.article(site + "/story")
	second.serial, second.clock = 50, first.clock.Add(24*time.Hour)
	picture := jpeg("Ines Quill", "AP")
	revisit := func(f *warcFile, url, head, payload, of string) {
		f.record("revisit", url, "application/http;msgtype=response", "HTTP/1.1 200 OK\r\nContent-Type: "+head+"\r\n\r\n",
			"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest", "WARC-Payload-Digest: "+sha1Of(payload),
			"WARC-Refers-To-Target-URI: <"+of+">", "WARC-Refers-To-Date: 2020-02-03T04:05:07Z")
	}
	// The same page once more in the same file, a day later; and both in another file, which knows of them from the archive alone.
	first.clock = second.clock.Add(-time.Hour)
	revisit(first, site+"/story", "text/html; charset=utf-8", story, site+"/story")
	revisit(second, site+"/story", "text/html; charset=utf-8", story, site+"/story")
	revisit(second, site+"/style.css", "text/css", "body{}", site+"/style.css")
	revisit(second, site+"/photo.jpg", "image/jpeg", picture, site+"/photo.jpg")
	revisit(second, "https://lost.example/", "text/html", "never archived", "https://lost.example/")

	l := newLibrary(t)
	l.take(t, first.save(t, "first.warc.gz"))
	in := l.take(t, second.save(t, "second.warc.gz"))
	if len(in.Unread) != 1 || in.Unread[0].URL != "https://lost.example/" {
		t.Errorf("documents that cannot be read: %+v", in.Unread)
	}
	n := 0
	for ref, err := range l.Pages(t.Context(), archive.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		p := ref.Page
		if !p.HasDocument() || p.Title != "The harbour reopens" || len(p.Photos) != 1 || p.Photos[0].Credit.Agreement == photo.None {
			t.Errorf("%s %s: %+v", p.Time, p.Title, p.Photos)
		} else if f := p.Photos[0].Files[0]; f.Digest != sha256Of(picture) || f.Size != int64(len(picture)) {
			t.Errorf("its file is %+v", f)
		}
		dir := filepath.Join(t.TempDir(), "out")
		if _, err := restore.Folder(t.Context(), l.Archive, ref, dir, restore.FolderOptions{}); err != nil {
			t.Errorf("restoring the capture of %s: %v", p.Time, err)
		}
	}
	if n != 3 {
		t.Errorf("%d captures", n)
	}
}

func TestWhatRecordsStateWronglyIsToldOnceAndNoDamage(t *testing.T) {
	f := newFile()
	f.record("response", site+"/story", "application/http", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"+story,
		"WARC-Payload-Digest: "+sha1Of("something else"), "WARC-Block-Digest: "+sha1Of("something else"))
	f.record("response", site+"/style.css", "application/http", "HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n\r\nbody{}", "WARC-Payload-Digest: sha256:00", "WARC-Truncated: length")
	f.response(site+"/photo.jpg", "image/jpeg", jpeg("Ines Quill", "AP"))
	f.record("response", "", "application/http", "HTTP/1.1 200 OK\r\n\r\n")
	f.record("response", "http://news.example:port/", "application/http", "HTTP/1.1 200 OK\r\n\r\n")
	f.record("response", site+"/\xff", "application/http", "HTTP/1.1 200 OK\r\n\r\n")
	f.record("response", site+"/ssh", "application/http", "SSH-2.0\r\n", "WARC-Record-ID: <\x1b[31m\u202e>")
	l := newLibrary(t)
	in := l.take(t, f.save(t, "x.warc.gz"))
	file := in.Files[0].In
	if file.Doubts != 7 || len(file.Remarks) != 7 || len(file.Damage) != 0 {
		t.Errorf("%d remarks: %q", file.Doubts, file.Remarks)
	}
	if all := strings.Join(file.Remarks, ""); strings.ContainsAny(all, "\x1b\u202e") {
		t.Errorf("they would change the terminal: %q", all)
	}
	ref := l.pages(t)[site+"/story"]
	if ref.Page.Verdict != archive.OK {
		t.Errorf("%s: %q", ref.Page.Verdict, ref.Page.Reasons)
	}
	checkRestored(t, l, ref)
}

func TestADamagedFileIsKeptAsItIsAndItsWholeRecordsAreFound(t *testing.T) {
	whole := newFile()
	info := whole.warcinfo()
	whole.response(site+"/first", "text/html", "<title>First</title>", "WARC-Warcinfo-ID: <"+info+">")
	whole.response(site+"/lost", "text/html", "<title>Lost</title>", "WARC-Warcinfo-ID: <"+info+">")
	whole.response(site+"/last", "text/html", "<title>Last</title>", "WARC-Warcinfo-ID: <"+info+">")
	for name, c := range map[string]struct {
		plain  bool
		break_ func(b []byte, at []int) []byte
		want   []string
	}{
		"a gzip file cut in its last record":  {false, func(b []byte, at []int) []byte { return b[:at[3]+20] }, []string{"first", "lost"}},
		"a plain file cut in its last record": {true, func(b []byte, at []int) []byte { return b[:at[3]+200] }, []string{"first", "lost"}},
		"a flipped byte in the middle":        {false, func(b []byte, at []int) []byte { b[at[2]+60] ^= 1; return b }, []string{"first", "last"}},
		"bytes behind the end":                {false, func(b []byte, at []int) []byte { return append(b, "more"...) }, []string{"first", "lost", "last"}},
		"zeros at the end":                    {false, func(b []byte, at []int) []byte { return append(b, make([]byte, 512)...) }, []string{"first", "lost", "last"}},
	} {
		t.Run(name, func(t *testing.T) {
			whole.plain = c.plain
			b, at := whole.bytes(t)
			b = c.break_(b, at)
			path := saved(t, "crawl.warc.gz", b)
			l := newLibrary(t)
			in := l.take(t, path)
			if !in.Damaged() || len(in.Files[0].In.Damage) != 1 || in.Files[0].In.Damage[0].What == "" {
				t.Errorf("the damage is not told: %+v", in.Files[0].In)
			}
			if got := l.object(t, archive.ObjectKey(in.RunID, "archive/"+in.Files[0].In.File)); !bytes.Equal(got, b) {
				t.Error("it is not kept byte for byte")
			}
			pages := l.pages(t)
			for _, u := range c.want {
				ref, ok := pages[site+"/"+u]
				if !ok {
					t.Errorf("%s was not found", u)
					continue
				}
				if _, err := restore.Folder(t.Context(), l.Archive, ref, filepath.Join(t.TempDir(), "out"), restore.FolderOptions{}); err != nil {
					t.Errorf("restoring %s: %v", u, err)
				}
				if err := restore.WARC(t.Context(), l.Archive, restore.One(ref), io.Discard); err != nil {
					t.Errorf("exporting %s: %v", u, err)
				}
			}
			if len(pages) != len(c.want) {
				t.Errorf("%d pages, expected %d", len(pages), len(c.want))
			}
			// What is damaged later is told.
			l.store.Tamper(archive.ObjectKey(in.RunID, "archive/"+in.Files[0].In.File), func(b []byte) []byte { b = bytes.Clone(b); b[at[1]+50] ^= 1; return b })
			report, err := l.Verify(t.Context())
			if err != nil || len(report.Problems) == 0 {
				t.Errorf("damage after the import: %+v %v", report.Problems, err)
			}
		})
	}
}

func TestAByteOfAPlainFileThatChangedIsFoundWhenThePageIsGivenBack(t *testing.T) {
	f := newFile()
	f.plain = true
	f.article(site + "/story")
	l := newLibrary(t)
	in := l.take(t, f.save(t, "x.warc"))
	ref := l.pages(t)[site+"/story"]
	for _, part := range []string{"The harbour opened", "Photoshop"} {
		key := archive.ObjectKey(in.RunID, "archive/x.warc")
		whole := l.object(t, key)
		l.store.Tamper(key, func(b []byte) []byte { return bytes.Replace(b, []byte(part), []byte(strings.ToUpper(part)), 1) })
		if _, err := restore.Folder(t.Context(), l.Archive, ref, filepath.Join(t.TempDir(), "out"), restore.FolderOptions{}); !errors.Is(err, archive.ErrFixity) {
			t.Errorf("restored with %q changed: %v", part, err)
		}
		if err := restore.WARC(t.Context(), l.Archive, restore.One(ref), io.Discard); !errors.Is(err, archive.ErrFixity) {
			t.Errorf("exported with %q changed: %v", part, err)
		}
		l.store.Tamper(key, func([]byte) []byte { return whole })
	}
}

func TestWhatIsNoWARCFileIsRefusedAndNothingIsImported(t *testing.T) {
	good := newFile()
	good.article(site + "/story")
	whole, _ := good.bytes(t)
	var members []byte
	for _, m := range good.members {
		members = append(members, m...)
	}
	solid := compressed(t, members)
	pipe, unwritten, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = pipe.Close(), unwritten.Close() }()
	for name, c := range map[string]struct {
		path string
		says string
	}{
		"HTML":                               {saved(t, "page.html", []byte(story)), "page.html"},
		"an empty file":                      {saved(t, "empty.warc.gz", nil), "it is empty"},
		"a folder":                           {t.TempDir(), "a folder"},
		"a pipe that nobody writes to":       {fmt.Sprintf("/dev/fd/%d", pipe.Fd()), "a pipe"},
		"a WACZ":                             {saved(t, "x.wacz", []byte("PK\x03\x04....")), "WACZ"},
		"zstd":                               {saved(t, "x.warc.zst", []byte("\x28\xb5\x2f\xfd....")), "zstd -d"},
		"a file cut in its first record":     {saved(t, "cut.warc.gz", whole[:len(compressed(t, good.members[0]))/2]), "cut.warc.gz"},
		"one compressed as a whole and torn": {saved(t, "solid.warc.gz", solid[:len(solid)-20]), "gzip -dc"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t)
			_, err := Import(t.Context(), l.Archive, []string{good.save(t, "good.warc.gz"), c.path}, ImportOptions{})
			if !errors.Is(err, archive.ErrNoWARC) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), filepath.Base(c.path)) {
				t.Errorf("%v", err)
			}
			if keys := l.store.Keys(); len(keys) != 0 {
				t.Errorf("stored all the same: %q", keys)
			}
			if left, err := os.ReadDir(l.work); err != nil || len(left) > 1 {
				t.Errorf("left in the work folder: %v %v", left, err)
			}
		})
	}
	if _, err := Import(t.Context(), newLibrary(t).Archive, []string{"/does/not/exist.warc.gz"}, ImportOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestAFileThatWasCompressedAsAWholeIsRepacked(t *testing.T) {
	f := newFile()
	document := f.article(site + "/story")
	var all []byte
	for _, m := range f.members {
		all = append(all, m...)
	}
	l := newLibrary(t)
	in := l.take(t, saved(t, "solid.warc.gz", compressed(t, all)))
	file := in.Files[0].In
	if !file.Repacked || file.Records != 3 || file.Bytes != int64(len(compressed(t, all))) {
		t.Errorf("%+v", file)
	}
	z, err := gzip.NewReader(bytes.NewReader(l.object(t, archive.ObjectKey(in.RunID, "archive/"+file.File))))
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(z); err != nil || !bytes.Equal(unpacked, all) {
		t.Errorf("unpacked it is not what it was: %v", err)
	}
	checkPhoto(t, l, document)
	checkRestored(t, l, l.pages(t)[site+"/story"])
}

func TestFilesOfOneNameStandBesideEachOtherAndNoneIsTakenTwice(t *testing.T) {
	one, two := newFile(), newFile()
	one.article(site + "/story")
	two.serial = 50
	two.article(site + "/second")
	l := newLibrary(t)
	in := l.take(t, one.save(t, "crawl.warc.gz"), two.save(t, "crawl.warc.gz"), one.save(t, "copy.warc.gz"))
	if in.Files[0].In.File != "crawl.warc.gz" || in.Files[1].In.File != "2-crawl.warc.gz" || in.Files[2].Known == "" || in.Counts.Pages != 2 {
		t.Errorf("%+v", in)
	}
	again := l.take(t, one.save(t, "again.warc.gz"))
	if again.RunID != "" || again.Files[0].Known != in.RunID {
		t.Errorf("%+v", again)
	}
	// Two files may hold the same record; it is one capture.
	both := newFile()
	both.members = append(slices.Clone(one.members), one.members[0])
	both.response(site+"/third", "text/html", "<title>Third</title>", "WARC-Record-ID: <urn:uuid:third>")
	third := l.take(t, both.save(t, "both.warc.gz"))
	if third.Counts.Pages != 2 {
		t.Errorf("%d pages of a file that holds one page twice, and another", third.Counts.Pages)
	}
}

func TestNamesOfFilesAreKeptAsFarAsAnArchiveCanHoldThem(t *testing.T) {
	f := newFile()
	f.article(site + "/story")
	b, _ := f.bytes(t)
	for name, want := range map[string]string{
		"Crawl 2020.warc.gz": "Crawl 2020.warc.gz", "crawl": "crawl.warc.gz", "crawl.warc": "crawl.warc.gz", "crawl.warc.gz.open": "crawl.warc.gz",
		".hidden.warc.gz": "import-.hidden.warc.gz", "a\nb:c\\d.warc.gz": "a_b_c_d.warc.gz", "\xff.warc.gz": "_.warc.gz", "\u009b31m\u202e.warc": "_31m_.warc.gz", "新聞.warc.gz": "新聞.warc.gz",
		"20260314t120000z-abcdefghij-1.warc.gz": "import-20260314t120000z-abcdefghij-1.warc.gz",
		strings.Repeat("long", 60) + ".warc.gz": strings.Repeat("long", 45) + ".warc.gz",
	} {
		l := newLibrary(t)
		in := l.take(t, saved(t, name, b))
		if got := in.Files[0].In.File; got != want {
			t.Errorf("%q is kept as %q, expected %q", name, got, want)
		}
	}
}

func TestAnExportOfAnotherArchiveKeepsWhatItSaysOfItsPages(t *testing.T) {
	source := newLibrary(t)
	f := newFile()
	f.response(site+"/story", "text/html", story)
	source.take(t, f.save(t, "x.warc.gz"))
	ref := source.pages(t)[site+"/story"]
	var out bytes.Buffer
	if err := restore.WARC(t.Context(), source.Archive, restore.One(ref), &out); err != nil {
		t.Fatal(err)
	}
	own := fmt.Sprintf("archive/%s-", ref.RunID)
	for _, key := range source.store.Keys() {
		if strings.Contains(key, own) { // what an archive wrote itself it holds already
			if again := source.take(t, saved(t, "own.warc.gz", stored(t, source.store, key))); again.RunID != "" || again.Files[0].Known != ref.RunID {
				t.Errorf("taken in again: %+v", again)
			}
		}
	}
	l := newLibrary(t)
	l.take(t, saved(t, "export.warc.gz", out.Bytes()))
	p := l.pages(t)[site+"/story"].Page
	if p.ID != ref.Page.ID || p.Verdict != ref.Page.Verdict || !slices.Equal(p.Reasons, ref.Page.Reasons) || p.Verdict != archive.Partial {
		t.Errorf("%+v\nwas %+v", p, ref.Page)
	}
}

func TestCertificatesInAnExportOfAnotherArchiveAreFoundAndAreNoPages(t *testing.T) {
	f := newFile()
	f.response(site+"/story", "text/html", story)
	pem := "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	f.record("resource", warc.CertificatesURI(site), "application/pem-certificate-chain", pem, "WARC-TLS-Verified: true")
	l := newLibrary(t)
	in := l.take(t, f.save(t, "export.warc.gz"))
	l.intact(t)
	if pages := l.pages(t); len(pages) != 1 || in.Counts.Exchanges != 1 || in.Files[0].In.Doubts != 0 {
		t.Errorf("pages %v, %+v", pages, in)
	}
	found := 0
	for row, err := range l.Certificates(t.Context(), in.RunID, site+"/story") {
		if err != nil || row.Row.MIME != "application/pem-certificate-chain" {
			t.Errorf("%+v, %v", row, err)
		}
		found++
	}
	var out bytes.Buffer
	if err := restore.WARC(t.Context(), l.Archive, restore.One(l.pages(t)[site+"/story"]), &out); err != nil {
		t.Fatal(err)
	}
	copied := 0
	for rec, err := range warc.Read(&out) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Type == warc.Resource {
			copied++
		}
	}
	if found != 1 || copied != 1 {
		t.Errorf("found %d times, exported %d times", found, copied)
	}
}

func TestWhatStandsInPlaceOfAPageIsNone(t *testing.T) {
	f := newFile()
	f.response(site+"/challenge", "text/html", "<title>Just a moment...</title><article><figure><img src=/photo.jpg width=900 height=600></figure></article>")
	f.response(site+"/consent", "text/html", "<title>Before you continue</title>")
	f.response(site+"/gone", "text/html", "<title>Page not found</title>")
	f.response(site+"/sold", "text/html", `<title>For subscribers</title><script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script><p>It begins.`)
	f.message(site+"/waf", "HTTP/1.1 202 Accepted\r\nContent-Type: text/html\r\nX-Amzn-Waf-Action: challenge\r\n\r\n<title>x</title>")
	l := newLibrary(t)
	in := l.take(t, f.save(t, "x.warc.gz"))
	pages := l.pages(t)
	for u, want := range map[string]archive.Verdict{
		"/challenge": archive.Blocked, "/consent": archive.Blocked, "/gone": archive.Soft404, "/sold": archive.Blocked, "/waf": archive.Blocked,
	} {
		if p := pages[site+u].Page; p.Verdict != want || len(p.Reasons) != 1 || len(p.Photos) > 0 {
			t.Errorf("%s is %q: %q", u, p.Verdict, p.Reasons)
		}
	}
	if in.Counts.Blocked != 4 || in.Counts.Soft404 != 1 {
		t.Errorf("%+v", in.Counts)
	}
}

func TestATruncatedAnswerIsPartial(t *testing.T) {
	f := newFile()
	f.response(site+"/story", "text/html", "<title>Cut</title><p>It ends in the mid", "WARC-Truncated: length")
	l := newLibrary(t)
	l.take(t, f.save(t, "x.warc.gz"))
	if p := l.pages(t)[site+"/story"].Page; p.Verdict != archive.Partial || p.Capture.Truncated != "length" {
		t.Errorf("%+v", p)
	}
}

func TestAnImportHeedsItsContextAndLeavesNothing(t *testing.T) {
	f := newFile()
	f.article(site + "/story")
	path := f.save(t, "x.warc.gz")
	l := newLibrary(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Import(ctx, l.Archive, []string{path}, ImportOptions{Progress: func(step, _ string) {
		if step == "document" {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || len(l.store.Keys()) != 0 {
		t.Errorf("%v, %q", err, l.store.Keys())
	}
	if left, err := os.ReadDir(l.work); err != nil || len(left) > 1 {
		t.Errorf("left in the work folder: %v %v", left, err)
	}
}

// FuzzImport wants of any bytes that they are refused, or taken in such a way that the archive verifies.
func FuzzImport(f *testing.F) {
	whole := newFile()
	whole.warcinfo()
	whole.request(site+"/story", "Referer: "+site+"/\r\nSec-Fetch-Dest: document\r\n", concurrent("urn:uuid:00000000-0000-4000-8000-000000000003"))
	whole.article(site + "/story")
	whole.message(site+"/s", "HTTP/1.1 301 Moved\r\nLocation: /story\r\n\r\n")
	whole.record("revisit", site+"/story", "application/http", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "WARC-Payload-Digest: "+sha1Of(story))
	whole.record("metadata", site+"/story", "application/warc-fields", "hopsFromSeed: L\r\nvia: x\r\n")
	whole.record("resource", "urn:pageinfo:"+site+"/story", "application/json", `{"url":"`+site+`/story","urls":{}}`)
	whole.plain = true
	plain, _ := whole.bytes(f)
	whole.plain = false
	zipped, _ := whole.bytes(f)
	f.Add(plain)
	f.Add(zipped)
	f.Add(compressed(f, plain))
	f.Add(plain[:len(plain)-100])
	f.Add(bytes.ReplaceAll(plain, []byte("<urn:uuid:"), []byte("<\xff\x00\x10:uuid:"))) // ids that no list could name
	f.Fuzz(func(t *testing.T, b []byte) {
		l := newLibrary(t)
		in, err := Import(t.Context(), l.Archive, []string{saved(t, "x.warc.gz", b)}, ImportOptions{})
		if err != nil {
			if !errors.Is(err, archive.ErrNoWARC) {
				t.Error(err)
			}
			return
		}
		l.intact(t)
		n := 0
		for range l.Pages(t.Context(), archive.Query{}) {
			n++
		}
		if n != in.Counts.Pages {
			t.Errorf("%d pages, and %d are counted", n, in.Counts.Pages)
		}
	})
}
