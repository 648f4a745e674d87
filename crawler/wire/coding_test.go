package wire

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// coded compresses s with the writer that open makes.
func coded(s string, open func(io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	w := open(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func deflated(s string) string {
	return coded(s, func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 9); return z })
}

func zlibbed(s string) string {
	return coded(s, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
}

func brotlied(s string) string {
	return coded(s, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })
}

func zstded(s string) string {
	return coded(s, func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z })
}

func codingCases() []exchangeCase {
	long := strings.Repeat(text, 300)
	g := gzipped(text)
	is := func(want Decoding) func(*testing.T, record, fetched) {
		return func(t *testing.T, _ record, f fetched) {
			d := f.decoding
			if d.Raw != want.Raw || d.Limited != want.Limited || (d.Damaged != nil) != (want.Damaged != nil) {
				t.Errorf("decoding %+v, want %+v", d, want)
			}
		}
	}
	raw, damaged := is(Decoding{Raw: true}), is(Decoding{Damaged: io.ErrUnexpectedEOF})
	with := func(coding, entity, body string) exchangeCase {
		return exchangeCase{name: coding, answer: answer{wire: ok(entity, "Content-Encoding: "+coding)}, entity: entity, body: body, check: is(Decoding{})}
	}
	named := func(name string, c exchangeCase) exchangeCase { c.name = name; return c }
	falsely := func(name, coding, entity string) exchangeCase {
		c := with(coding, entity, "")
		c.name, c.check, c.notes = name, raw, []string{"read as it came"}
		return c
	}
	cut := func(name, coding, entity, body string) exchangeCase {
		c := with(coding, entity, body)
		c.name, c.check = name, damaged
		return c
	}
	return []exchangeCase{
		with("gzip", g, text), with("x-gzip", g, text), with("GZIP", g, text),
		with("deflate", zlibbed(long), long), named("deflate without zlib", with("deflate", deflated(long), long)),
		with("br", brotlied(long), long), with("zstd", zstded(long), long),
		named("gzip of nothing", with("gzip", gzipped(""), nothing)),
		named("br of a few bytes", with("br", brotlied("short"), "short")),
		named("two gzip members", with("gzip", g+g, text+text)),
		{name: "gzip that is named twice and done once", answer: answer{wire: ok(g, "Content-Encoding: gzip, gzip")}, entity: g, body: text, notes: []string{"gzip is false"}, check: is(Decoding{})},
		{name: "an unknown coding on an empty body", answer: answer{wire: ok("", "Content-Encoding: sdch")}},
		with("gzip, gzip", gzipped(g), text), with("br, gzip", gzipped(brotlied(text)), text), with("identity, gzip", g, text),
		{name: "gzip in chunks", answer: answer{wire: chunked(fmt.Sprintf("%x\r\n%s\r\n%X\r\n%s\r\n0\r\n\r\n", 20, g[:20], len(g)-20, g[20:]), "Content-Encoding: gzip")}, entity: g, body: text},
		falsely("a false label gzip is read as it came", "gzip", text),
		falsely("a false label deflate is read as it came", "deflate", text),
		falsely("a false label deflate that gives a few bytes before it shows", "deflate", "\x00\x03\x00\xfc\xffabc\x07"+text),
		falsely("a false label br is read as it came", "br", text),
		falsely("a false label zstd is read as it came", "zstd", text),
		falsely("a label gzip on a single byte", "gzip", "x"),
		falsely("a picture labelled br", "br", "\x89PNG\r\n\x1a\n"+strings.Repeat("\x00\x01\x02", 50)),
		falsely("an unknown coding is read as it came", "sdch", text),
		falsely("three codings are one too many", "gzip, gzip, gzip", gzipped(gzipped(g))),
		cut("gzip without its trailer", "gzip", g[:len(g)-8], text),
		cut("gzip with a false checksum", "gzip", g[:len(g)-8]+"xxxxxxxx", text),
		cut("something behind the gzip member", "gzip", g+"<!-- cache -->", text),
		{name: "gzip label on an empty body", answer: answer{wire: ok("", "Content-Encoding: gzip")}, check: is(Decoding{})},
	}
}

// bomb is a coded body that decodes to that many zero bytes.
func bomb(size int, compress func(string) string) string {
	return compress(strings.Repeat("\x00", size))
}

func TestDecodingIsBounded(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, c := range []struct {
		name    string
		coding  string
		entity  string
		limits  Limits
		want    int64
		limited bool
	}{
		{"the ratio ends a gzip bomb at 8 MiB when it is small", "gzip", bomb(9*mib, gzipped), Limits{Ratio: 2}, 8 * mib, true},
		{"a larger bomb ends at the ratio", "gzip", bomb(12*mib, gzipped), Limits{Ratio: 800}, 800 * int64(len(bomb(12*mib, gzipped))), true},
		{"br is bounded too", "br", bomb(9*mib, brotlied), Limits{Ratio: 2}, 8 * mib, true},
		{"a bomb in a bomb", "gzip, gzip", gzipped(bomb(9*mib, gzipped)), Limits{Ratio: 2}, 8 * mib, true},
		{"the limit on decoded bytes", "gzip", gzipped(strings.Repeat("a", 1001)), Limits{Decoded: 1000}, 1000, true},
		{"exactly the limit is whole", "gzip", gzipped(strings.Repeat("a", 1000)), Limits{Decoded: 1000}, 1000, false},
		{"an identity body has the limit too", "identity", strings.Repeat("a", 1001), Limits{Decoded: 1000}, 1000, true},
		{"and may have exactly as much", "identity", strings.Repeat("a", 1000), Limits{Decoded: 1000}, 1000, false},
		{"the limit lies in the probe", "gzip", gzipped(strings.Repeat("a", 100)), Limits{Decoded: 10}, 10, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, nil, func(string) answer { return answer{wire: ok(c.entity, "Content-Encoding: "+c.coding)} })
			k := &keeper{}
			f, err := get(t, newTransport(t, k, func(o *Options) { o.Limits = c.limits }), o.url)
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(f.body)) != c.want || f.decoding.Limited != c.limited || f.decoding.Damaged != nil {
				t.Errorf("%d bytes, %+v; want %d, limited %v", len(f.body), f.decoding, c.want, c.limited)
			}
			sameBytes(t, "record", k.only(t).response, []byte(ok(c.entity, "Content-Encoding: "+c.coding)))
		})
	}
}

func TestBodyIsGoneWhenClosed(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok(gzipped(text), "Content-Encoding: gzip")} })
	resp, err := newTransport(t, &keeper{}, nil).RoundTrip(newGet(t.Context(), t, "GET", o.url))
	if err != nil {
		t.Fatal(err)
	}
	body := resp.Body.(*Body)
	block := body.Exchange().Response
	if _, err := readBlock(block); err != nil {
		t.Fatalf("before Close: %v", err)
	}
	for range 2 {
		if err := body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := body.Read(make([]byte, 1)); err != http.ErrBodyReadAfterClose {
		t.Errorf("reading a closed body: %v", err)
	}
	if _, err := readBlock(block); err == nil {
		t.Error("the spool of a closed body can still be read")
	}
}
