package ingest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

// warcFile is a WARC file as another tool might write it.
type warcFile struct {
	version string // "1.0" or "1.1"
	plain   bool
	bracket bool // <> around target URIs, as wget writes them
	members [][]byte
	serial  int
	clock   time.Time
}

func newFile() *warcFile {
	return &warcFile{version: "1.1", clock: time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)}
}

// record appends a record and gives its id. Fields are "Name: value".
func (f *warcFile) record(kind, target, contentType, block string, fields ...string) string {
	f.serial++
	id := fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", f.serial)
	for _, line := range fields {
		if own, ok := strings.CutPrefix(line, "WARC-Record-ID: <"); ok {
			id = strings.TrimSuffix(own, ">")
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "WARC/%s\r\nWARC-Type: %s\r\nWARC-Record-ID: <%s>\r\nWARC-Date: %s\r\n", f.version, kind, id, f.clock.Format(time.RFC3339))
	if target != "" && f.bracket {
		target = "<" + target + ">"
	}
	if target != "" {
		fmt.Fprintf(&b, "WARC-Target-URI: %s\r\n", target)
	}
	for _, line := range fields {
		if !strings.HasPrefix(line, "WARC-Record-ID:") {
			b.WriteString(line + "\r\n")
		}
	}
	fmt.Fprintf(&b, "Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", contentType, len(block), block)
	f.members = append(f.members, []byte(b.String()))
	return id
}

func (f *warcFile) warcinfo() string {
	return f.record("warcinfo", "", "application/warc-fields", "software: a tool\r\n")
}

func (f *warcFile) response(url, mime, body string, fields ...string) string {
	return f.message(url, "HTTP/1.1 200 OK\r\nContent-Type: "+mime+"\r\n\r\n"+body, fields...)
}

func (f *warcFile) message(url, message string, fields ...string) string {
	f.clock = f.clock.Add(time.Second)
	return f.record("response", url, "application/http;msgtype=response", message, fields...)
}

func (f *warcFile) request(url, fields string, of ...string) string {
	return f.record("request", url, "application/http;msgtype=request", "GET / HTTP/1.1\r\nHost: x\r\n"+fields+"\r\n", of...)
}

func concurrent(id string) string { return "WARC-Concurrent-To: <" + id + ">" }

func sha1Of(s string) string {
	sum := sha1.Sum([]byte(s))
	return "sha1:" + base32.StdEncoding.EncodeToString(sum[:])
}

func sha256Of(s string) string {
	sum := sha256.Sum256([]byte(s))
	return warc.NewDigest(warc.SHA256, sum[:]).String()
}

// bytes gives the file, and the offset of each record.
func (f *warcFile) bytes(t testing.TB) (file []byte, offsets []int) {
	t.Helper()
	var b bytes.Buffer
	for _, m := range f.members {
		offsets = append(offsets, b.Len())
		if f.plain {
			b.Write(m)
			continue
		}
		b.Write(compressed(t, m))
	}
	return b.Bytes(), offsets
}

func compressed(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// save writes the file to a folder of its own.
func (f *warcFile) save(t testing.TB, name string) string {
	t.Helper()
	b, _ := f.bytes(t)
	return saved(t, name, b)
}

func saved(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// library is an archive in memory.
type library struct {
	*archive.Archive
	store *storetest.Memory
	work  string
}

func newLibrary(t testing.TB) *library {
	t.Helper()
	l := &library{store: &storetest.Memory{}, work: t.TempDir()}
	a, err := archive.Open(t.Context(), l.store, archive.Options{Work: l.work, Software: "tearsheet/test"})
	if err != nil {
		t.Fatal(err)
	}
	l.Archive = a
	return l
}

// take imports files, and wants the archive to verify afterwards.
func (l *library) take(t testing.TB, paths ...string) Imported {
	t.Helper()
	in, err := Import(t.Context(), l.Archive, paths, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l.intact(t)
	return in
}

// stored gives the bytes of an object.
func stored(t testing.TB, m *storetest.Memory, key string) (data []byte) {
	t.Helper()
	r, err := m.Open(t.Context(), key, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	data, err = io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return data
}

func (l *library) intact(t testing.TB) {
	t.Helper()
	report, err := l.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Problems {
		t.Errorf("problem: %+v", p)
	}
}

// pages gives the pages of the archive by their URLs.
func (l *library) pages(t testing.TB) map[string]archive.PageRef {
	t.Helper()
	all := map[string]archive.PageRef{}
	for ref, err := range l.Pages(t.Context(), archive.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := all[ref.Page.URL]; twice {
			t.Errorf("%s is listed twice", ref.Page.URL)
		}
		all[ref.Page.URL] = ref
	}
	return all
}

func (l *library) photos(t testing.TB, q archive.PhotoQuery) []archive.FoundPhoto {
	t.Helper()
	var all []archive.FoundPhoto
	for f, err := range l.Photos(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

// jpeg makes the frame of a JPEG file whose IIM names a creator (2:80) and a credit (2:110); "" leaves the IIM out.
func jpeg(creator, credit string) string {
	var b bytes.Buffer
	segment := func(marker byte, data []byte) {
		b.Write([]byte{0xff, marker})
		_ = binary.Write(&b, binary.BigEndian, uint16(len(data)+2)) // never fails
		b.Write(data)
	}
	b.Write([]byte{0xff, 0xd8})
	if creator != "" {
		var iim bytes.Buffer
		for _, d := range []struct {
			n     byte
			value string
		}{{80, creator}, {110, credit}} {
			iim.Write([]byte{0x1c, 2, d.n})
			_ = binary.Write(&iim, binary.BigEndian, uint16(len(d.value)))
			iim.WriteString(d.value)
		}
		if iim.Len()%2 == 1 {
			iim.WriteByte(0)
		}
		resource := append([]byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00"), binary.BigEndian.AppendUint32(nil, uint32(iim.Len()))...)
		segment(0xed, append(resource, iim.Bytes()...))
	}
	segment(0xc0, []byte{8, 0, 90, 0, 160, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1}) // 160 x 90
	b.Write([]byte{0xff, 0xd9})
	return b.String()
}

// story is the document of an article with a photograph.
const story = `<!doctype html><html lang="en"><head><title>The harbour reopens</title><link rel="stylesheet" href="/style.css"></head><body><article>
<h1>The harbour reopens</h1><figure><img src="/photo.jpg" width="1200" height="800" alt="Boats">
<figcaption>Boats leave the harbour on Monday. <span class="credit">Photo: Ines Quill/AP</span></figcaption></figure>
<p>The harbour opened again on Monday, eleven weeks after the storm that closed it, and the first boats left before it was light over the quay.</p>
<p>Nobody had expected so many people to come, said the master of the harbour, who had himself been up since three in the morning.</p>
</article></body></html>`

const site = "https://news.example"

// article adds the story with its style sheet and picture.
func (f *warcFile) article(url string) (document string) {
	document = f.response(url, "text/html; charset=utf-8", story)
	f.response(site+"/style.css", "text/css", "body{}")
	f.response(site+"/photo.jpg", "image/jpeg", jpeg("Ines Quill", "AP"))
	return document
}
