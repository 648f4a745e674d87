package coding

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const text = "The bridge was photographed on Tuesday. The bridge was photographed on Tuesday."

// encode applies one coding.
func encode(t testing.TB, name, s string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch name {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "flate":
		w, err = flate.NewWriter(&b, 5)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, err = zstd.NewWriter(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDecode(t *testing.T) {
	zipped := encode(t, "gzip", text)
	for _, c := range []struct {
		name       string
		codings    []string
		in         string
		want       string
		mislabeled string
	}{
		{"no coding", nil, text, text, ""},
		{"identity", []string{"identity"}, text, text, ""},
		{"gzip", []string{"gzip"}, zipped, text, ""},
		{"gzip by its old name", []string{"X-GZip"}, zipped, text, ""},
		{"gzip of two members", []string{"gzip"}, zipped + zipped, text + text, ""},
		{"garbage behind gzip", []string{"gzip"}, zipped + "garbage", text, ""},
		{"deflate with zlib frame", []string{"deflate"}, encode(t, "zlib", text), text, ""},
		{"deflate without", []string{"deflate"}, encode(t, "flate", text), text, ""},
		{"brotli", []string{"br"}, encode(t, "br", text), text, ""},
		{"zstd", []string{"zstd"}, encode(t, "zstd", text), text, ""},
		{"zstd behind a skippable frame", []string{"zstd"}, "\x50\x2a\x4d\x18\x02\x00\x00\x00ab" + encode(t, "zstd", text), text, ""},
		{"two codings in one field", []string{"br, gzip"}, encode(t, "gzip", encode(t, "br", text)), text, ""},
		{"two codings in two fields", []string{"gzip", "gzip"}, encode(t, "gzip", zipped), text, ""},
		{"an empty body", []string{"gzip"}, "", "", ""},
		{"gzip that is none", []string{"gzip"}, text, text, "gzip"},
		{"zstd that is none", []string{"zstd"}, text, text, "zstd"},
		{"twice gzip that is once", []string{"gzip, gzip"}, zipped, text, "gzip"},
		{"a body of one byte", []string{"gzip"}, "x", "x", "gzip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
				d, err := Decode(c.codings, r, 1000)
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(d)
				if err != nil || string(b) != c.want || d.Mislabeled() != c.mislabeled {
					t.Errorf("%q, %q, %v", b, d.Mislabeled(), err)
				}
				if err := d.Close(); err != nil {
					t.Error(err)
				}
				if _, err := d.Read(make([]byte, 1)); err == nil {
					t.Error("read after Close")
				}
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, codings := range map[string][]string{
		"a coding that is not known": {"compress"},
		"one behind one that is":     {"gzip, pack200-gzip"},
		"too many":                   {"gzip,gzip", "br,br,br"},
	} {
		if _, err := Decode(codings, strings.NewReader(text), 0); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLimit(t *testing.T) {
	for _, name := range []string{"gzip", "br", "zstd"} {
		coded := encode(t, name, text)
		for _, c := range []struct {
			limit int64
			want  error
		}{{int64(len(text)), nil}, {int64(len(text)) - 1, ErrLimit}, {1, ErrLimit}, {0, nil}} {
			d, err := Decode([]string{name}, strings.NewReader(coded), c.limit)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(d)
			if !errors.Is(err, c.want) || c.limit > 0 && int64(len(b)) != min(c.limit, int64(len(text))) {
				t.Errorf("%s, limit %d: %d bytes, %v", name, c.limit, len(b), err)
			}
			d.Close()
		}
	}
}

func TestCutBodiesGiveWhatTheyHoldAndAnError(t *testing.T) {
	for name, label := range map[string]string{"gzip": "gzip", "zlib": "deflate", "flate": "deflate", "br": "br", "zstd": "zstd"} {
		coded := encode(t, name, strings.Repeat(text, 50))
		d, err := Decode([]string{label}, strings.NewReader(coded[:len(coded)-3]), 0)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(d); err == nil {
			t.Errorf("%s: %d bytes and no error", name, len(b))
		}
		d.Close()
	}
}

func TestErrorOfTheSourceComesThrough(t *testing.T) {
	for _, label := range []string{"gzip", "deflate", "br", "zstd", ""} {
		d, err := Decode([]string{label}, iotest.ErrReader(io.ErrNoProgress), 0)
		if err == nil {
			_, err = d.Read(make([]byte, 1))
		}
		if !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("%q: %v", label, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"gzip", "br", "zstd"} {
		f.Add(name, []byte(encode(f, name, text)))
	}
	f.Add("deflate", []byte(encode(f, "zlib", text)))
	f.Add("deflate", []byte(encode(f, "flate", text)))
	f.Add("gzip, br", []byte(text))
	f.Fuzz(func(t *testing.T, label string, body []byte) {
		const limit = 1 << 16
		d, err := Decode([]string{label}, bytes.NewReader(body), limit)
		if err != nil {
			return
		}
		defer d.Close()
		n, err := io.Copy(io.Discard, d)
		if n > limit || n == limit && err == nil && len(body) == 0 {
			t.Fatalf("%d bytes, %v", n, err)
		}
	})
}

func BenchmarkGzip(b *testing.B) {
	coded := encode(b, "gzip", strings.Repeat(text, 1000))
	b.ReportAllocs()
	b.SetBytes(int64(len(text) * 1000))
	for b.Loop() {
		d, err := Decode([]string{"gzip"}, strings.NewReader(coded), 1<<30)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, d); err != nil {
			b.Fatal(err)
		}
		d.Close()
	}
}
