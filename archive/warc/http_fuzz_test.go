package warc

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzParseHead wants of any bytes that what is made of them could stand in a head, and that nothing behind the head counts.
func FuzzParseHead(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 Alles  Klar!\r\nx-ZULU:1\r\nSet-Cookie: a=1\r\nx-alpha:   two \t\r\nset-cookie: b=2\r\nX-Empty:\r\n\r\nok",
		"HTTP/1.1  299   It's \xe9t\xe9\nthis is junk\nX Bad Name: 1\n folded\nX-F: a\n  b\n\tc\n\n",
		"HTTP/2.0 200\r\nX-N: a\x00b\rc\r\nContent-Length : 2",
		"GET /a b HTTP/1.0\r\nHost: x\r\n\r\n",
		"SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 OK\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseHead(b)
		if err != nil {
			return
		}
		if (h.Status < 100 || h.Status > 999) && h.Method == "" || h.Status != 0 && h.Method != "" {
			t.Errorf("status %d, method %q", h.Status, h.Method)
		}
		for name, values := range h.Header {
			for _, v := range append(values, name) {
				if strings.ContainsAny(v, "\r\n\x00") || v != strings.Trim(v, " \t") {
					t.Errorf("field %q: %q", name, values)
				}
			}
			if len(values) == 0 {
				t.Errorf("field %q has no value", name)
			}
		}
		h.Chunked()
		h.Codings()
		if again, err := ParseHead(b[:h.Length]); err != nil || !reflect.DeepEqual(again, h) {
			t.Errorf("%q is %+v, without what follows %+v, %v", b, h, again, err)
		}
	})
}

// FuzzChunks cuts a body in two ways: the data and the end must be the same.
func FuzzChunks(f *testing.F) {
	for _, s := range []string{"3\r\nfoo\r\n0\r\n\r\n", "00A;a=\"b\"\r\n0123456789\r\n0\r\nX: y\r\n\r\nrest", "3 \nfoo\n0\n\n", "zz", "ffffffffffffffffff\r\n", "1\r\naX", ";\r\n", "0\r\r\n\r\n"} {
		f.Add([]byte(s), 3)
	}
	eat := func(body []byte, step int) (data []byte, eaten int, c Chunks, err error) {
		c = Chunks{LineBytes: 64, Trailers: 3}
		for eaten < len(body) && err == nil && !c.Done() {
			piece := body[eaten:min(eaten+step, len(body))]
			for len(piece) > 0 && err == nil && !c.Done() {
				var got []byte
				var n int
				got, n, err = c.Next(piece)
				data, eaten, piece = append(data, got...), eaten+n, piece[n:]
			}
		}
		return data, eaten, c, err
	}
	f.Fuzz(func(t *testing.T, body []byte, step int) {
		data1, n1, c1, err1 := eat(body, len(body)+1)
		data2, n2, c2, err2 := eat(body, min(max(step, 1), 100))
		if !bytes.Equal(data1, data2) || n1 != n2 || c1 != c2 || (err1 == nil) != (err2 == nil) {
			t.Fatalf("%q: %q, %d, %+v, %v and %q, %d, %+v, %v", body, data1, n1, c1, err1, data2, n2, c2, err2)
		}
		if c1.Done() && !c1.Whole() || len(data1) > len(body) {
			t.Fatalf("%q: %+v", body, c1)
		}
		pulled, err := io.ReadAll(Chunks{LineBytes: 64, Trailers: 3}.Reader(iotest.OneByteReader(bytes.NewReader(body))))
		if !c1.Begun() && errors.Is(err1, ErrNotChunked) {
			data1 = body
		}
		if err != nil || !bytes.Equal(pulled, data1) {
			t.Fatalf("%q: read byte by byte it is %q (%v), not %q", body, pulled, err, data1)
		}
	})
}
