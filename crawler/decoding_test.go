package crawler

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"tearsheet/archive"
)

func gzipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// coded labels a body with content codings, under its true length.
func coded(coding, media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Encoding", coding)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write([]byte(body))
	}
}

func TestWhatCannotBeDecodedIsNotWhole(t *testing.T) {
	const html = "text/html; charset=utf-8"
	text := article("A", "")
	whole := gzipped(t, text)
	picture := gzipped(t, gif)
	const figure = `<figure><img src="/1.gif" width=800 height=600></figure>`
	noise := string(bytes.Repeat([]byte{0, 1, 2, 3, 255}, 300))
	for _, c := range []struct {
		name    string
		page    http.HandlerFunc
		others  map[string]http.HandlerFunc
		verdict archive.Verdict
		words   []string
	}{
		{"a page that is whole", coded("gzip", html, whole), nil, archive.OK, nil},
		{"something behind the gzip of a page", coded("gzip", html, whole+"<!-- cache -->"), nil, archive.OK, nil},
		{"a page with a charset where the coding belongs", coded("UTF-8", html, text), nil, archive.OK, nil},
		{"a page whose gzip is cut under its true length", coded("gzip", html, whole[:len(whole)-20]), nil, archive.Partial, []string{"its gzip coding is damaged: unexpected EOF"}},
		{"a page whose gzip has a false checksum", coded("gzip", html, whole[:len(whole)-8]+"xxxxxxxx"), nil, archive.Partial, []string{"its gzip coding is damaged", "checksum"}},
		{"a page of which nothing can be decoded", coded("gzip", html, whole[:12]), nil, archive.Failed, []string{"nothing of it can be read", "gzip coding is damaged"}},
		{"a page in an unknown coding that is text all the same", coded("foo", html, text), nil, archive.Partial, []string{`it came in the content coding "foo", which cannot be decoded`}},
		{"a page in an unknown coding", coded("foo", html, noise), nil, archive.Failed, []string{`it came in the content coding "foo", which cannot be decoded`}},
		{"a page in fifty codings", coded(strings.Repeat("gzip, ", 49)+"gzip", html, whole), nil, archive.Failed, []string{"50 content codings"}},
		{"a document of another kind with damage", coded("gzip", "application/pdf", whole[:len(whole)-20]), nil, archive.Partial, []string{"gzip coding is damaged"}},
		{"a picture that is whole", htm(article("A", figure)), map[string]http.HandlerFunc{"/1.gif": coded("gzip", "image/gif", picture)}, archive.OK, nil},
		{"a picture whose gzip is cut", htm(article("A", figure)), map[string]http.HandlerFunc{"/1.gif": coded("gzip", "image/gif", picture[:len(picture)-12])}, archive.Partial, []string{"1.gif is missing: its gzip coding is damaged"}},
		{"a picture in an unknown coding", htm(article("A", figure)), map[string]http.HandlerFunc{"/1.gif": coded("foo", "image/gif", gif)}, archive.Partial, []string{`1.gif is missing: it came in the content coding "foo"`}},
		{"a style sheet whose gzip is cut", htm(article("A", "<link rel=stylesheet href=/s.css>")), map[string]http.HandlerFunc{"/s.css": coded("gzip", "text/css", whole[:len(whole)-20])}, archive.Partial, []string{"style sheet http://n.example/s.css is missing: its gzip coding is damaged"}},
		{"a frame whose gzip is cut", htm(article("A", "<iframe src=/f width=400 height=300></iframe>")), map[string]http.HandlerFunc{"/f": coded("gzip", html, whole[:len(whole)-20])}, archive.Partial, []string{"frame http://n.example/f is missing: its gzip coding is damaged"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pages := map[string]http.HandlerFunc{"/a": c.page}
			for path, answer := range c.others {
				pages[path] = answer
			}
			wants(t, one(t, newOrigin(t, pages), nil, "http://n.example/a"), c.verdict, c.words...)
		})
	}
}
