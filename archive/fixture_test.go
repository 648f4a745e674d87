package archive

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/store"
	"tearsheet/archive/warc"
)

// noon is when the runs of the tests begin.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// open opens an archive in a store with its own work folder.
func open(t testing.TB, st store.Store) *Archive { return openAt(t, st, t.TempDir()) }

func openAt(t testing.TB, st store.Store, work string) *Archive {
	t.Helper()
	a, err := Open(t.Context(), st, Options{Work: work, Software: "tearsheet/test"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func folder(t testing.TB) *store.Folder {
	t.Helper()
	st, err := store.OpenFolder(filepath.Join(t.TempDir(), "archive"), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

func begin(t testing.TB, a *Archive) *Run {
	t.Helper()
	r, err := a.Begin(t.Context(), RunOptions{Kind: KindCapture, Seeds: []string{"https://news.example/story"}, Settings: []warc.Field{{Name: "robots", Value: "obey"}}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// exchange makes an answered GET.
func exchange(url, mime, body string) *warc.Exchange {
	head := "HTTP/1.1 200 OK\r\nContent-Type: " + mime + "\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n"
	x := answered(url, head, body)
	x.Status, x.Header = 200, http.Header{"Content-Type": {mime}}
	return x
}

func answered(url, head, body string) *warc.Exchange {
	block := sha256.Sum256([]byte(head + body))
	s256, s1 := sha256.Sum256([]byte(body)), sha1.Sum([]byte(body))
	x := asked(url)
	x.Response, x.HeadLength = strings.NewReader(head+body), int64(len(head))
	x.BlockSHA256 = warc.NewDigest(warc.SHA256, block[:])
	x.PayloadSHA256, x.PayloadSHA1, x.PayloadLength = warc.NewDigest(warc.SHA256, s256[:]), warc.NewDigest(warc.SHA1, s1[:]), int64(len(body))
	x.IP, x.Protocols = netip.MustParseAddr("192.0.2.1"), []string{"http/1.1"}
	return x
}

// asked makes a GET to which nothing came back.
func asked(url string) *warc.Exchange {
	return &warc.Exchange{
		URL: url, Method: "GET", Started: noon, Request: strings.NewReader("GET / HTTP/1.1\r\nHost: news.example\r\n\r\n"),
		Timing: warc.Timing{Total: 12 * time.Millisecond},
	}
}

func redirect(url, to string) *warc.Exchange {
	x := answered(url, "HTTP/1.1 301 Moved Permanently\r\nLocation: "+to+"\r\nContent-Length: 0\r\n\r\n", "")
	x.Status, x.Header = 301, http.Header{"Location": {to}}
	return x
}

func record(t testing.TB, r *Run, x *warc.Exchange, h Hop) Kept {
	t.Helper()
	k, err := r.Record(t.Context(), x, h)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// article records a page with a style sheet, a picture and a dead tracking pixel, and lists it.
func article(t testing.TB, r *Run, url string) Page {
	t.Helper()
	page := record(t, r, exchange(url, "text/html; charset=utf-8", "<title>"+url+"</title>"+strings.Repeat("<p>Lorem ipsum.", 100)), Hop{})
	hop := Hop{Via: url, Path: "E"}
	style := record(t, r, exchange(url+"/style.css", "text/css", "body{}"), hop)
	picture := record(t, r, exchange(url+"/photo.jpg", "image/jpeg", strings.Repeat(url, 200)), hop)
	pixel := asked(url + "/pixel.gif")
	pixel.Failure = "dial: connection refused"
	p := Page{
		URL: url, Time: noon, Title: "Story at " + url, Verdict: OK, Capture: &page,
		Requisites: []Kept{style, picture, record(t, r, pixel, hop)},
	}
	if err := r.AddPage(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return p
}

func commit(t testing.TB, r *Run) Entry {
	t.Helper()
	e, err := r.Commit(t.Context(), Complete)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// committedRun makes one run with two articles.
func committedRun(t testing.TB, a *Archive) Entry {
	t.Helper()
	r := begin(t, a)
	article(t, r, "https://news.example/story")
	article(t, r, "https://news.example/other")
	return commit(t, r)
}

// intact fails the test when Verify finds anything.
func intact(t testing.TB, a *Archive) VerifyReport {
	t.Helper()
	report, err := a.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Problems {
		t.Errorf("problem: %+v", p)
	}
	return report
}

func read(t testing.TB, st store.Store, key string) []byte {
	t.Helper()
	rc, err := st.Open(context.Background(), key, 0, -1)
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

// flip gives a change that turns over one bit of the byte at a place between 0 and 1.
func flip(at float64) func([]byte) []byte {
	return func(b []byte) []byte {
		b = bytes.Clone(b)
		b[int(at*float64(len(b)-1))] ^= 1
		return b
	}
}
