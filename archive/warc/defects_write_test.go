package warc

import (
	"bytes"
	"crypto/sha256"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nlnwa/gowarc/v2"
)

// The defects of gowarc v2.0.1's write side and of the ways to use it that we do not use. W1, W2 and W9 are in disk_test.go.

// W3: a value that gowarc's validation does not like is replaced by nothing, as is a field that it does not expect in such a record.
func TestW3NoFieldIsEverEmptied(t *testing.T) {
	w := newWriter(t, WriterOptions{})
	d, err := NewResponse(page(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	odd := []Field{
		{"WARC-Refers-To-Date", "2026"},
		{"WARC-Filename", "only a warcinfo record has one"},
		{"WARC-Profile", "http://[::1/x"},
		{"WARC-Segment-Number", "one"},
	}
	d.Fields = append(d.Fields, odd...)
	write(t, w, d)
	_, file := closeOne(t, w)
	got := scan(file)
	if got.err != nil {
		t.Fatal(got.err)
	}
	for _, f := range odd {
		if v := got.records[1].Get(f.Name); v != f.Value {
			t.Errorf("%s is %q, want %q", f.Name, v, f.Value)
		}
	}
	// A target URI that is not one never gets that far: see TestTargetURI.
}

// W4: CR and LF in a value are written as they are, and one field becomes two.
func TestW4LineEndsNeverReachAHeader(t *testing.T) {
	for _, bad := range []string{"a\rb", "a\nb", "a\r\nWARC-Type: response", "a\x00b"} {
		for name, spoil := range map[string]func(*Exchange){
			"target URI":   func(x *Exchange) { x.URL = "http://news.example/" + bad },
			"protocol":     func(x *Exchange) { x.Protocols = []string{bad} },
			"cipher suite": func(x *Exchange) { x.CipherSuite = bad },
			"truncation":   func(x *Exchange) { x.Truncated = Truncation(bad) },
		} {
			x := page(t, 1)
			spoil(x)
			if _, err := NewResponse(x); err == nil {
				t.Errorf("%q was accepted as %s", bad, name)
			}
		}
		if _, err := NewMetadata(page(t, 1), "urn:uuid:"+bad, nil); err == nil {
			t.Errorf("%q was accepted as a record ID", bad)
		}
		if _, err := NewMetadata(page(t, 1), "", []Field{{"via", bad}}); err == nil {
			t.Errorf("%q was accepted in warc-fields", bad)
		}
		if _, err := NewJSON("http://news.example/", bad, nil, nil); err == nil {
			t.Errorf("%q was accepted as a content type", bad)
		}
	}
}

// W5: with validation off, gowarc's builder writes the digests of an empty block.
func TestW5DigestsAreThoseOfTheBytes(t *testing.T) {
	w := newWriter(t, WriterOptions{})
	ds := drafts(t, page(t, 1))
	write(t, w, ds...)
	_, file := closeOne(t, w)
	got := scan(file)
	for i, rec := range got.records {
		sum := sha256.Sum256([]byte(got.blocks[i]))
		if want := NewDigest(SHA256, sum[:]).String(); rec.Get("WARC-Block-Digest") != want {
			t.Errorf("%s: %s, want %s", rec.Type, rec.Get("WARC-Block-Digest"), want)
		}
	}
}

// W6: gowarc's payload digest of a chunked answer covers the chunks' framing, and replaces a right one.
func TestW6PayloadDigestIsOfTheEntityWithoutChunks(t *testing.T) {
	x := exchange(t, "https://news.example/a", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n", "abcde")
	w := newWriter(t, WriterOptions{})
	write(t, w, drafts(t, x)...)
	_, file := closeOne(t, w)
	for rec, err := range Read(bytes.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Type == Response && rec.Get("WARC-Payload-Digest") != x.PayloadSHA256.String() {
			t.Errorf("%s", rec.Get("WARC-Payload-Digest"))
		}
		if err := Check(rec); err != nil {
			t.Errorf("%s: %v", rec.Type, err)
		}
	}
}

// W7: every constructor of gowarc writes to a global of the uuid package; the race detector sees it.
func TestW7RecordsAreMadeAndReadAtOnceWithoutARace(t *testing.T) {
	file := warcFile(t, 2)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 20 {
				drafts(t, page(t, i))
				if got := scan(file); got.err != nil {
					t.Error(got.err)
				}
			}
		})
		group.Go(func() {
			w, err := NewWriter(WriterOptions{Dir: t.TempDir(), Prefix: "p"})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// W8: gowarc spools blocks above 1 MiB to temporary files and does not close them.
func TestW8NoTemporaryFileIsMade(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	body := noise(3 << 20)
	w := newWriter(t, WriterOptions{})
	at := write(t, w, drafts(t, exchange(t, "https://news.example/v", "HTTP/1.1 200 OK\nContent-Type: video/mp4", body, body))...)
	_, file := closeOne(t, w)
	rec, err := ReadAt(bytes.NewReader(file), at[0].Offset, at[0].Length)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(rec); err != nil {
		t.Error(err)
	}
	for _, name := range names(t, tmp) {
		if strings.Contains(name, "diskbuffer") {
			t.Errorf("left behind: %s", name)
		}
	}
}

// W10: gowarc refuses HTTP blocks below 4 bytes, and makes a request of a response that does not begin with HTTP.
func TestW10AnswersThatAreNotHTTPAreKeptAsTheyCame(t *testing.T) {
	for _, block := range []string{"", "H", "HTT", "SSH-2.0-x\r\n", "\x16\x03\x01", "<html>no head</html>", "HTTP/1.1 200 OK\r\nX:"} {
		x := page(t, 1)
		x.Response, x.BlockSHA256, x.Status, x.HeadLength = strings.NewReader(block), Digest{}, 0, 0
		w := newWriter(t, WriterOptions{})
		write(t, w, drafts(t, x)...)
		_, file := closeOne(t, w)
		got := scan(file)
		if got.err != nil || got.blocks[1] != block || got.records[1].Type != Response {
			t.Errorf("%q came back as %q, %v", block, got.blocks, got.err)
		}
		for rec, err := range Read(bytes.NewReader(file)) {
			if err != nil {
				t.Fatal(err)
			}
			if err := Check(rec); err != nil {
				t.Errorf("%q: %v", block, err)
			}
		}
	}
}

// W11: gowarc's WarcFields.Set panics when a field stands there four times.
func TestW11FieldsMayRepeat(t *testing.T) {
	x := page(t, 1)
	x.Protocols = []string{"http/1.1", "tls/1.3", "a/1", "b/2", "c/3"}
	w := newWriter(t, WriterOptions{})
	ds := drafts(t, x)
	ds[0].ConcurrentTo("urn:a:1", "urn:a:2", "", "urn:a:3", "urn:a:4")
	write(t, w, ds...)
	_, file := closeOne(t, w)
	rec := scan(file).records[1]
	if n := len(rec.All("warc-protocol")); n != 5 {
		t.Errorf("%d protocols", n)
	}
	if n := len(rec.All("WARC-Concurrent-To")); n != 5 {
		t.Errorf("%d concurrent records", n)
	}
}

// gowarc's own builder and reader are the measure for what is not among the defects.
func TestRecordsAreThoseThatGowarcMakes(t *testing.T) {
	body := "<p>the same</p>"
	x := exchange(t, "https://news.example/a?b=c", "HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 15", body, body)
	x.Protocols, x.CipherSuite, x.PayloadSHA1 = nil, "", Digest{} // gowarc spells fields that it does not know in its own way
	d, err := NewResponse(x)
	if err != nil {
		t.Fatal(err)
	}
	builder := gowarc.NewRecordBuilder(gowarc.Response,
		gowarc.WithDefaultDigestAlgorithm("sha256"), gowarc.WithDefaultDigestEncoding(gowarc.Base16), gowarc.WithStrictValidation())
	builder.AddWarcHeader(gowarc.WarcRecordID, "<"+d.ID+">")
	builder.AddWarcHeader(gowarc.WarcDate, testDate.Format(time.RFC3339Nano))
	builder.AddWarcHeader(gowarc.WarcTargetURI, x.URL)
	builder.AddWarcHeader(gowarc.WarcIPAddress, x.IP.String())
	builder.AddWarcHeader(gowarc.ContentType, typeHTTPResponse)
	if _, err := io.Copy(builder, io.NewSectionReader(x.Response, 0, x.Response.Size())); err != nil {
		t.Fatal(err)
	}
	theirs, _, err := builder.Build()
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	ours := &record{draft: d}
	for _, f := range *theirs.WarcHeader() {
		if got := ours.WarcHeader().Get(f.Name); got != f.Value {
			t.Errorf("%s is %q, gowarc has %q", f.Name, got, f.Value)
		}
	}
	if got, want := len(*ours.WarcHeader()), len(*theirs.WarcHeader()); got != want {
		t.Errorf("%d fields, gowarc has %d", got, want)
	}
	if ours.Type() != theirs.Type() || ours.Block().Size() != theirs.Block().Size() {
		t.Error("type or size differ")
	}
	t.Run("our encoder writes what gowarc's marshaler writes", func(t *testing.T) {
		var want bytes.Buffer
		if _, _, err := gowarc.NewMarshaler().Marshal(&want, ours, 0); err != nil {
			t.Fatal(err)
		}
		got := string(appendHeader(nil, d, "")) + blockOf(t, d) + "\r\n\r\n"
		if got != want.String() {
			t.Errorf("got\n%s\nwant\n%s", got, want.String())
		}
	})
}

func TestGowarcsStrictReaderFindsNothingToSay(t *testing.T) {
	file := warcFile(t, 3)
	r, err := gowarc.NewWarcFileReaderFromStream(bytes.NewReader(file), 0, gowarc.WithStrictValidation(), gowarc.WithFixDigest(false))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		rec, offset, validation, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil || !validation.Valid() {
			t.Fatalf("record at %d: %v, %v", offset, err, validation)
		}
		if err := rec.Close(); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 10 {
		t.Errorf("%d records", n)
	}
}
