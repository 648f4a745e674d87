package coding

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
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
				d, err := Decode(c.codings, r, Bound{Decoded: 1000})
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
		if _, err := Decode(codings, strings.NewReader(text), Bound{}); !errors.Is(err, ErrUnknown) {
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
			d, err := Decode([]string{name}, strings.NewReader(coded), Bound{Decoded: c.limit})
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

func TestBound(t *testing.T) {
	for _, c := range []struct {
		name        string
		bound       Bound
		coded, asIs int64
	}{
		{"no bound", Bound{}, 0, 0},
		{"only one of the document", Bound{Decoded: 1000, Coded: 5}, 1000, 1000},
		{"an empty body has the floor", Bound{Decoded: 32 << 20, Ratio: 200}, RatioFloor, 32 << 20},
		{"a small body has the floor", Bound{Decoded: 32 << 20, Ratio: 200, Coded: 1000}, RatioFloor, 32 << 20},
		{"a larger one has the ratio", Bound{Decoded: 32 << 20, Ratio: 200, Coded: 100 << 10}, 200 * 100 << 10, 32 << 20},
		{"never more than the document's bound", Bound{Decoded: 32 << 20, Ratio: 200, Coded: 1 << 20}, 32 << 20, 32 << 20},
		{"a ratio alone", Bound{Ratio: 200, Coded: 1 << 20}, 200 << 20, 0},
		{"a product beyond all numbers", Bound{Ratio: 1 << 40, Coded: 1 << 40}, math.MaxInt64, 0},
	} {
		if coded, asIs := c.bound.limit(true), c.bound.limit(false); coded != c.coded || asIs != c.asIs {
			t.Errorf("%s: %d and %d, want %d and %d", c.name, coded, asIs, c.coded, c.asIs)
		}
	}
}

func TestStatus(t *testing.T) {
	zipped := encode(t, "gzip", text)
	bomb := encode(t, "gzip", encode(t, "gzip", strings.Repeat("\x00", 1<<20)))
	random := make([]byte, 2000)
	rand.NewChaCha8([32]byte{}).Read(random)
	for _, c := range []struct {
		name, codings, in, want string
		raw, limited            bool
		damaged                 error
	}{
		{name: "an identity body", in: text, want: text},
		{name: "gzip that is none", codings: "gzip", in: text, want: text, raw: true},
		{name: "br that is none", codings: "br", in: text, want: text, raw: true},
		{name: "bare deflate that is none", codings: "deflate", in: text, want: text, raw: true},
		{name: "bare deflate that gives a few bytes before it shows", codings: "deflate", in: "\x00\x03\x00\xfc\xffabc\x07" + text, want: "\x00\x03\x00\xfc\xffabc\x07" + text, raw: true},
		{name: "gzip over a br that is none", codings: "br, gzip", in: zipped, want: zipped, raw: true},
		{name: "gzip's magic and nothing else of it", codings: "gzip", in: "\x1f\x8b" + text, want: "\x1f\x8b" + text, raw: true},
		{name: "gzip that is cut in its header", codings: "gzip", in: zipped[:9], damaged: io.ErrUnexpectedEOF},
		{name: "garbage behind gzip", codings: "gzip", in: zipped + "x", want: text, damaged: ErrSurplus},
		{name: "gzip without its trailer", codings: "gzip", in: zipped[:len(zipped)-8], want: text, damaged: io.ErrUnexpectedEOF},
		{name: "a false label on a body longer than any buffer", codings: "br", in: string(random) + strings.Repeat(text, 10000), want: string(random) + strings.Repeat(text, 10000), raw: true},
		{name: "a bomb under a bomb", codings: "gzip, gzip", in: bomb, want: strings.Repeat("\x00", 1000), limited: true},
		{name: "a coding in between that is beyond the bound", codings: "gzip, gzip", in: encode(t, "gzip", strings.Repeat(encode(t, "gzip", ""), 100)), limited: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			bound := Bound{Decoded: int64(len(c.want))}
			if c.limited {
				bound.Decoded = 1000
			}
			for range 2 { // the second time with decoders that were used
				d, err := Decode([]string{c.codings}, iotest.HalfReader(strings.NewReader(c.in)), bound)
				if err != nil {
					t.Fatal(err)
				}
				b, _ := io.ReadAll(d)
				if s := d.Status(); !c.limited && string(b) != c.want || s.Raw != c.raw || s.Limited != c.limited || !errors.Is(s.Damaged, c.damaged) {
					t.Errorf("%d bytes %.60q, %+v", len(b), b, s)
				}
				d.Close()
			}
		})
	}
}

func TestAsItCame(t *testing.T) {
	d := AsItCame([]string{"sdch"}, strings.NewReader(text), Bound{Decoded: 10})
	if b, err := io.ReadAll(d); !errors.Is(err, ErrLimit) || string(b) != text[:10] || !d.Status().Raw || len(d.Status().Codings) != 1 {
		t.Errorf("%q, %v, %+v", b, err, d.Status())
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestCutBodiesGiveWhatTheyHoldAndAnError(t *testing.T) {
	for name, label := range map[string]string{"gzip": "gzip", "zlib": "deflate", "flate": "deflate", "br": "br", "zstd": "zstd"} {
		coded := encode(t, name, strings.Repeat(text, 50))
		d, err := Decode([]string{label}, strings.NewReader(coded[:len(coded)-3]), Bound{})
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
		d, err := Decode([]string{label}, iotest.ErrReader(io.ErrNoProgress), Bound{})
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
		d, err := Decode([]string{label}, bytes.NewReader(body), Bound{Decoded: limit})
		if err != nil {
			return
		}
		defer d.Close()
		got, err := io.ReadAll(d)
		if len(got) > limit || len(got) < limit && errors.Is(err, ErrLimit) && len(d.Status().Codings) < 2 {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		s := d.Status()
		if s.Raw && !bytes.Equal(got, body[:min(len(body), limit)]) {
			t.Fatalf("%q as it came is %q", body, got)
		}
		if s.Limited != errors.Is(err, ErrLimit) || s.Damaged == nil && err != nil && !s.Limited || s.Raw && s.Damaged != nil {
			t.Fatalf("%+v, %v", s, err)
		}
		slow, err := Decode([]string{label}, iotest.OneByteReader(bytes.NewReader(body)), Bound{Decoded: limit})
		if err != nil {
			t.Fatal(err)
		}
		defer slow.Close()
		if again, _ := io.ReadAll(slow); !bytes.Equal(got, again) || s.Raw != slow.Status().Raw {
			t.Fatalf("byte by byte it is %q, %+v, not %q, %+v", again, slow.Status(), got, s)
		}
	})
}

func BenchmarkGzip(b *testing.B) {
	coded := encode(b, "gzip", strings.Repeat(text, 1000))
	b.ReportAllocs()
	b.SetBytes(int64(len(text) * 1000))
	for b.Loop() {
		d, err := Decode([]string{"gzip"}, strings.NewReader(coded), Bound{Decoded: 1 << 30})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, d); err != nil {
			b.Fatal(err)
		}
		d.Close()
	}
}
