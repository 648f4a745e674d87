package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"

	"tearsheet/archive/warc/coding"
)

func TestParseHead(t *testing.T) {
	for _, c := range []struct {
		name, in string
		status   int
		field    string // "Name=value,value"
	}{
		{"an ordinary response", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", 200, "A=b"},
		{"no reason", "HTTP/1.1 404\r\nA: b\r\n\r\n", 404, "A=b"},
		{"lines that end with LF", "HTTP/1.0 200 OK\nA: b\n\n", 200, "A=b"},
		{"a field over two lines", "HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n\r\n", 200, "A=b c"},
		{"a field that repeats", "HTTP/1.1 200 OK\r\nA: b\r\na: c\r\n\r\n", 200, "A=b,c"},
		{"a blank before the colon", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", 200, "A=b"},
		{"a line that is no field", "HTTP/1.1 200 OK\r\nnonsense\r\n x\r\nA: b\r\n\r\n", 200, "A=b"},
		{"Latin-1 in a value", "HTTP/1.1 200 OK\r\nA: \xe9\r\n\r\n", 200, "A=\xe9"},
		{"no empty line at the end", "HTTP/1.1 200 OK\r\nA: b", 200, "A=b"},
		{"letters of the other case", "http/1.1 200 ok\r\nA: b\r\n\r\n", 200, "A=b"},
		{"a status beyond the usual", "HTTP/1.1 999 Request denied\r\nA: b\r\n\r\n", 999, "A=b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := ParseHead([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			name, want, _ := strings.Cut(c.field, "=")
			if got := strings.Join(h.Header[name], ","); h.Status != c.status || got != want || h.Length != int64(len(c.in)) {
				t.Errorf("%+v", h)
			}
		})
	}
	h, err := ParseHead([]byte("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"))
	if err != nil || h.Method != "GET" || h.Target != "/a b" || h.Proto != "HTTP/1.1" || h.Header.Get("Host") != "x" {
		t.Errorf("request: %+v, %v", h, err)
	}
	for _, bad := range []string{"", "\r\n", "SSH-2.0", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1 OK\r\n", "HTTP/1.1 012\r\n", "HTTP/ 200 OK\r\n", "<html>", "GET /"} {
		if h, err := ParseHead([]byte(bad)); !errors.Is(err, ErrNotHTTP) {
			t.Errorf("%q: %+v, %v", bad, h, err)
		}
	}
}

func TestParseHeadTellsWhatIsOdd(t *testing.T) {
	for _, c := range []struct {
		name, in string
		minor    int
		field    string
		notes    []string
	}{
		{"an ordinary head", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", 1, "b", nil},
		{"the version before", "HTTP/1.0 200 OK\r\nA: b\r\n\r\n", 0, "b", nil},
		{"a version of another protocol", "HTTP/2.0 200 OK\r\nA: b\r\n\r\n", -1, "b", []string{`the message calls itself "HTTP/2.0"`}},
		{"lines that are no fields", "HTTP/1.1 200 OK\r\n fold\r\njunk\r\n of junk\r\nX Y: z\r\nA: b\r\n\r\n", 1, "b", []string{"4 header lines are not fields"}},
		{"CR and NUL in a value", "HTTP/1.1 200 OK\r\nA: \x00b\rc\r\r\n\r\n", 1, "b c", nil},
		{"a blank that is not ASCII", "HTTP/1.1 200 OK\r\nA: \u00a0b\r\n\r\n", 1, "\u00a0b", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := ParseHead([]byte(c.in + "Not: a field\r\n"))
			if err != nil {
				t.Fatal(err)
			}
			if h.Minor != c.minor || h.Header.Get("A") != c.field || !slices.Equal(h.Notes, c.notes) || h.Length != int64(len(c.in)) || len(h.Header) != 1 {
				t.Errorf("%+v", h)
			}
		})
	}
}

func TestDechunk(t *testing.T) {
	long := strings.Repeat("x", 20_000)
	for _, c := range []struct{ name, in, want string }{
		{"chunks", "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "abc0123456789"},
		{"a long chunk", "4e20\r\n" + long + "\r\n0\r\n\r\n", long},
		{"leading zeros, blanks and extensions", "0003 \t;a=\"b\"\r\nabc\r\n00;x\r\n\r\n", "abc"},
		{"trailers", "3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\n", "abc"},
		{"lines that end with LF", "3\nabc\n0\n\n", "abc"},
		{"nothing", "", ""},
		{"no last chunk", "3\r\nabc\r\n", "abc"},
		{"a chunk cut in its data", "5\r\nabc", "abc"},
		{"a chunk cut in its size line", "3\r\nabc\r\n1", "abc"},
		{"cut in the very first size line", "1a", ""},
		{"cut in the very first extension", "1a;x", ""},
		{"cut between CR and LF", "1a\r", ""},
		{"a size that is none, later", "3\r\nabc\r\nxyz\r\n", "abc"},
		{"data that is longer than its size", "3\r\nabcdef\r\n0\r\n\r\n", "abc"},
		{"a body that is not chunked", "<html>", "<html>"},
		{"a body that is not chunked and begins with hex", "bad <html>", "bad <html>"},
		{"a size beyond all bounds", "fffffffffffffffff\r\n", "fffffffffffffffff\r\n"},
		{"a size with a sign", "+3\r\nabc", "+3\r\nabc"},
		{"an endless size line", "3;" + long + "\r\nabc", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in)), iotest.DataErrReader(strings.NewReader(c.in))} {
				b, err := io.ReadAll(Dechunk(r))
				if err != nil || string(b) != c.want {
					t.Errorf("%.40q, %v", b, err)
				}
			}
		})
	}
	if _, err := io.ReadAll(Dechunk(io.MultiReader(strings.NewReader("5\r\nab"), iotest.ErrReader(io.ErrNoProgress)))); err != io.ErrNoProgress {
		t.Errorf("the reader's own error: %v", err)
	}
}

// readBack writes the response of x and gives it as it is read.
func readBack(t testing.TB, x *Exchange) *Record {
	t.Helper()
	w := newWriter(t, WriterOptions{})
	at := write(t, w, drafts(t, x)...)
	_, file := closeOne(t, w)
	rec, err := ReadAt(bytes.NewReader(file), at[0].Offset, at[0].Length)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestBlockHeadPayloadAndEntity(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, "the document")
	z.Close()
	entity := zipped.String()
	body := fmt.Sprintf("5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", entity[:5], len(entity)-5, entity[5:])
	x := exchange(t, "https://news.example/a", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Encoding: gzip", body, entity)
	head := strings.TrimSuffix(blockOf(t, &Draft{Block: x.Response}), body)

	t.Run("the head leaves the block whole", func(t *testing.T) {
		rec := readBack(t, x)
		h, err := rec.Head()
		if err != nil || h.Status != 200 || h.Length != int64(len(head)) || !h.Chunked() {
			t.Fatalf("%+v, %v", h, err)
		}
		if b, err := io.ReadAll(rec.Block); err != nil || string(b) != head+body {
			t.Errorf("%q, %v", b, err)
		}
	})
	t.Run("the payload has no chunks and is still compressed", func(t *testing.T) {
		p, err := readBack(t, x).Payload()
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(p); err != nil || string(b) != entity {
			t.Errorf("%q, %v", b, err)
		}
	})
	t.Run("the entity is the document", func(t *testing.T) {
		rec := readBack(t, x)
		e, err := rec.Entity(1000)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(e); err != nil || string(b) != "the document" {
			t.Errorf("%q, %v", b, err)
		}
		if err := errors.Join(e.Close(), rec.Finish()); err != nil {
			t.Error(err)
		}
	})
	t.Run("the entity is bounded", func(t *testing.T) {
		e, err := readBack(t, x).Entity(5)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if b, err := io.ReadAll(e); !errors.Is(err, coding.ErrLimit) || string(b) != "the d" {
			t.Errorf("%q, %v", b, err)
		}
	})
	t.Run("a coding that nobody knows is an error", func(t *testing.T) {
		y := exchange(t, "https://news.example/a", "HTTP/1.1 200 OK\nContent-Encoding: compress", "x", "x")
		if _, err := readBack(t, y).Entity(5); !errors.Is(err, coding.ErrUnknown) {
			t.Error(err)
		}
	})
	t.Run("a resource is its own payload", func(t *testing.T) {
		rec, err := ReadAt(strings.NewReader(plain("text")), 0, int64(len(plain("text"))))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rec.Head(); !errors.Is(err, ErrNotHTTP) {
			t.Error(err)
		}
		e, err := rec.Entity(0)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(e); err != nil || string(b) != "text" {
			t.Errorf("%q, %v", b, err)
		}
	})
}

func TestHeadsAreBounded(t *testing.T) {
	block := "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", maxHead/6) + "\r\n"
	rec, err := ReadAt(strings.NewReader(httpRecord(block)), 0, int64(len(httpRecord(block))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Head(); !errors.Is(err, ErrNotHTTP) {
		t.Errorf("%v", err)
	}
	if b, err := io.ReadAll(rec.Block); err != nil || string(b) != block {
		t.Errorf("the block is not whole any more: %d of %d bytes, %v", len(b), len(block), err)
	}
}

// httpRecord is a response record of another writer.
func httpRecord(block string, fields ...string) string {
	s := plain(block, fields...)
	s = strings.Replace(s, "resource", "response", 1)
	return strings.Replace(s, "text/plain", "application/http; msgtype=response", 1)
}

func TestCheck(t *testing.T) {
	const block = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	const blockDigest = "WARC-Block-Digest: sha256:4ba0d1a87a1a3b4ee5ba1ae2aeea02b4d5a0e0bf0f4be1ad0ee31e7ad4d3d0c2"
	const emptyPayload = "WARC-Payload-Digest: " + emptySHA1Hex
	sum, err := digestBlock(strings.NewReader(block))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, record, wrong string
	}{
		{"nothing to compare with", httpRecord(block), ""},
		{"both digests fit", httpRecord(block, "WARC-Block-Digest: "+sum.String(), emptyPayload), ""},
		{"the block's does not", httpRecord(block, blockDigest, emptyPayload), "WARC-Block-Digest"},
		{"the payload's does not", httpRecord(block, "WARC-Payload-Digest: "+sum.String()), "WARC-Payload-Digest"},
		{"the extension's does not", httpRecord(block, "WARC-Payload-Digest-SHA1: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "WARC-Payload-Digest-SHA1"},
		{"the payload's is of the chunks", httpRecord(block, "WARC-Payload-Digest: sha1:PB65I4MJB6J5UWCFBDKFVIQVTXVLQAZU"), "WARC-Payload-Digest"},
		{"a digest is none", httpRecord(block, "WARC-Block-Digest: sha1:abc"), "WARC-Block-Digest"},
		{"an algorithm is not known", httpRecord(block, "WARC-Block-Digest: md5:abc"), ""},
		{"a revisit has no payload to compare", strings.Replace(httpRecord(block, "WARC-Payload-Digest: "+sum.String()), "response", "revisit", 1), ""},
		{"nor has a segment", httpRecord(block, "WARC-Segment-Number: 1", "WARC-Payload-Digest: "+sum.String()), ""},
		{"a payload of what is not HTTP", httpRecord("SSH-2.0", emptyPayload), "payload"},
		{"a mandatory field is missing", strings.Replace(httpRecord(block), "WARC-Date: 2020-02-03T04:05:06Z\r\n", "", 1), "WARC-Date"},
		{"a resource's payload is its block", plain("", emptyPayload), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec, err := ReadAt(bytes.NewReader(member(t, c.record)), 0, int64(len(member(t, c.record))))
			if err != nil {
				t.Fatal(err)
			}
			err = Check(rec)
			if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%v", err)
			}
			if rec.Length == 0 {
				t.Error("the record was not read to its end")
			}
		})
	}
	t.Run("a record that is not whole is damage", func(t *testing.T) {
		rec, err := ReadAt(bytes.NewReader(corruptCRC(member(t, plain("x")))), 0, 200)
		if err == nil {
			err = Check(rec)
		}
		var damage *Damage
		if !errors.As(err, &damage) {
			t.Errorf("%v", err)
		}
	})
}
