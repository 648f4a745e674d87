package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/restore"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

// print commits a run with one page; with a failure nothing came back for it.
func imprint(t *testing.T, a *archive.Archive, url, failure string) {
	t.Helper()
	run, err := a.Begin(t.Context(), archive.RunOptions{Kind: archive.KindCapture})
	if err != nil {
		t.Fatal(err)
	}
	x := &warc.Exchange{URL: url, Method: "GET", Started: time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC), Failure: failure}
	x.Request = strings.NewReader("GET / HTTP/1.1\r\n\r\n")
	verdict := archive.Failed
	if failure == "" {
		const head, body = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", "x"
		block, payload := sha256.Sum256([]byte(head+body)), sha256.Sum256([]byte(body))
		x.Status, x.Header, verdict = http.StatusOK, http.Header{}, archive.OK
		x.Response, x.HeadLength, x.PayloadLength = strings.NewReader(head+body), int64(len(head)), int64(len(body))
		x.BlockSHA256, x.PayloadSHA256 = warc.NewDigest(warc.SHA256, block[:]), warc.NewDigest(warc.SHA256, payload[:])
	}
	k, err := run.Record(t.Context(), x, archive.Hop{})
	if err == nil {
		err = run.AddPage(t.Context(), archive.Page{URL: url, Time: x.Started, Verdict: verdict, Capture: &k})
	}
	if err == nil {
		_, err = run.Commit(t.Context(), archive.Complete)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestSelection(t *testing.T) {
	a, err := archive.Open(t.Context(), &storetest.Memory{}, archive.Options{Work: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	const story, other, dead = "https://a.example/story", "https://a.example/Story", "https://a.example/dead"
	imprint(t, a, story, "")
	imprint(t, a, story, "dial: refused")
	imprint(t, a, other, "")
	imprint(t, a, dead, "dial: refused")
	for _, c := range []struct {
		name string
		args []string
		want []string
		err  error
	}{
		{"a URL selects all its captures, the failed ones too, and no other case", []string{story}, []string{story, story}, nil},
		{"an address that was never captured selects what restore would give", []string{"http://a.example/Story"}, []string{story, story, other}, nil},
		{"a prefix selects whatever begins so", []string{"https://a.example/*"}, []string{story, story, other, dead}, nil},
		{"a star alone selects everything", []string{"*"}, []string{story, story, other, dead}, nil},
		{"a page of which nothing came back is nothing to export", []string{dead}, []string{dead}, restore.ErrNothing},
		{"nor is it by its prefix", []string{dead + "*"}, []string{dead}, restore.ErrNothing},
		{"a URL that was never captured is an error", []string{"https://b.example/"}, nil, archive.ErrNotArchived},
		{"a prefix of nothing is an error", []string{"https://b.example/*"}, nil, archive.ErrNotArchived},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			var failure error
			for ref, err := range selection(t.Context(), a, c.args) {
				if err != nil {
					failure = err
					continue
				}
				got = append(got, ref.Page.URL)
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if fmt.Sprint(got) != fmt.Sprint(c.want) || !errors.Is(failure, c.err) {
				t.Errorf("selected %q, %v", got, failure)
			}
		})
	}
}
