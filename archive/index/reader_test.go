package index

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

const cdxName, idxName = "indexes/index.cdx.gz", "indexes/index.idx"

// files is a Ranger that counts: what a store does, without one.
type files struct {
	data   map[string][]byte
	ranges []string
}

func (f *files) Range(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	f.ranges = append(f.ranges, fmt.Sprintf("%s %d+%d", name, offset, length))
	data, ok := f.data[name]
	if !ok {
		return nil, os.ErrNotExist
	}
	if offset > int64(len(data)) {
		return nil, io.ErrUnexpectedEOF
	}
	if length < 0 {
		return io.NopCloser(bytes.NewReader(data[offset:])), ctx.Err()
	}
	return io.NopCloser(io.NewSectionReader(bytes.NewReader(data), offset, length)), ctx.Err()
}

// makeRow gives one of some thousand URLs; the more often it is asked for, the more captures a URL has.
func makeRow(tb testing.TB, n int) Row {
	tb.Helper()
	url := fmt.Sprintf("https://www.paper%d.example/2024/article-%d", n%7, n/3)
	key, err := SURT(url)
	if err != nil {
		tb.Fatal(err)
	}
	return Row{Key: key, Timestamp: Timestamp(fmt.Sprintf("202402%02d120000", 1+n%28)), URL: url, MIME: "text/html", Status: 200,
		Length: int64(n), Offset: int64(n) * 1000, File: "a.warc.gz"}
}

func build(tb testing.TB, memory int, rows iter.Seq[Row]) *files {
	tb.Helper()
	b := NewBuilder(tb.TempDir())
	b.memory = memory
	if memory < 1000 {
		b.width = 4 // so that few rows make several levels
	}
	n := int64(0)
	for row := range rows {
		if err := b.Add(row); err != nil {
			tb.Fatal(err)
		}
		n++
	}
	var cdx, idx bytes.Buffer
	if got, err := b.Finish(&cdx, &idx, "index.cdx.gz"); err != nil || got != n {
		tb.Fatalf("Finish = %d, %v, want %d rows", got, err, n)
	}
	if left, err := os.ReadDir(b.dir); err != nil || len(left) > 0 {
		tb.Errorf("%v, %v is left in the folder", left, err)
	}
	return &files{data: map[string][]byte{cdxName: cdx.Bytes(), idxName: idx.Bytes()}}
}

func open(tb testing.TB, f *files) *Reader {
	tb.Helper()
	r, err := NewReader(tb.Context(), f, cdxName, idxName)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func collect(tb testing.TB, rows iter.Seq2[Row, error]) []Row {
	tb.Helper()
	got := []Row{}
	for row, err := range rows {
		if err != nil {
			tb.Fatal(err)
		}
		got = append(got, row)
	}
	return got
}

func shuffled(tb testing.TB, n int) (rows, sorted []Row) {
	tb.Helper()
	rows = make([]Row, n)
	lines := map[string]Row{}
	for i := range rows {
		rows[i] = makeRow(tb, i)
		text, err := rows[i].AppendText(nil)
		if err != nil {
			tb.Fatal(err)
		}
		lines[string(text)] = rows[i]
	}
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		sorted = append(sorted, lines[line])
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(n, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows, sorted
}

func TestRowsAreSortedInAnyMemory(t *testing.T) {
	rows, sorted := shuffled(t, 1000)
	whole := build(t, 8<<20, slices.Values(rows))
	for _, memory := range []int{1, 700, 20_000} { // every row a file and five levels of merges; some files; few
		f := build(t, memory, slices.Values(rows))
		if !maps.EqualFunc(f.data, whole.data, bytes.Equal) {
			t.Errorf("with %d bytes of memory the index differs", memory)
		}
	}
	if got := collect(t, open(t, whole).All(t.Context())); !slices.Equal(got, sorted) {
		t.Errorf("All yields %d rows in another order than that of their lines (%d)", len(got), len(sorted))
	}
}

func TestLookup(t *testing.T) {
	rows, sorted := shuffled(t, 2000)
	f := build(t, 8<<20, slices.Values(rows))
	r := open(t, f)
	keys := map[string][]Row{}
	for _, row := range sorted {
		keys[row.Key] = append(keys[row.Key], row)
	}
	for i, key := range slices.Sorted(maps.Keys(keys)) {
		if i%4 > 0 {
			delete(keys, key) // a fourth of them, spread over all blocks, is enough
		}
	}
	f.ranges = nil
	for key, want := range keys {
		if got := collect(t, r.Lookup(t.Context(), key)); !slices.Equal(got, want) {
			t.Fatalf("Lookup(%q) yields %v, want %v", key, got, want)
		}
	}
	if len(f.ranges) != len(keys) {
		t.Errorf("%d ranges were read in %d look-ups, want one each", len(f.ranges), len(keys))
	}
	for _, missing := range []string{"", "com,example)/", "example,paper1)/2024/article-", "example,paper1)/2024/article-1000000", "a", "zz", "example,paper1)/2024/article-1 "} {
		if got := collect(t, r.Lookup(t.Context(), missing)); len(got) > 0 {
			t.Errorf("Lookup(%q) yields %v", missing, got)
		}
	}
}

func TestPrefix(t *testing.T) {
	rows, sorted := shuffled(t, 3000)
	r := open(t, build(t, 8<<20, slices.Values(rows)))
	for _, prefix := range []string{"", "example,paper3)", "example,paper3)/2024/article-12", "example,paper3)/2024/article-12 ", "zz", "a", "example,", "\xff"} {
		want := slices.DeleteFunc(slices.Clone(sorted), func(row Row) bool { return !strings.HasPrefix(row.Key+" ", prefix) })
		if got := collect(t, r.Prefix(t.Context(), prefix)); !slices.Equal(got, want) {
			t.Errorf("Prefix(%q) yields %d rows, want %d", prefix, len(got), len(want))
		}
	}
	for range r.All(t.Context()) {
		break // stopping early must be safe
	}
}

func TestManyCapturesOfOneURL(t *testing.T) {
	before, row, after := makeRow(t, 0), makeRow(t, 3), makeRow(t, 6)
	before.Key, row.Key, after.Key = "com,a)/", "com,a)/a", "com,a)/a/b"
	rows := slices.Repeat([]Row{row}, 1000) // equal rows over several blocks
	f := build(t, 8<<20, slices.Values(append([]Row{after, before}, rows...)))
	if got := collect(t, open(t, f).Lookup(t.Context(), row.Key)); !slices.Equal(got, rows) {
		t.Errorf("%d rows are found, want each of the 1000", len(got))
	}
}

func TestManyLongURLsAreReadBack(t *testing.T) {
	var rows []Row
	for n := range 400 { // of one block, were it not for their length
		row := makeRow(t, n)
		row.Key = fmt.Sprintf("com,a)/%04d%s", n, strings.Repeat("a", 64<<10))
		row.URL = "https://a.com/" + strings.Repeat("a", 64<<10)
		rows = append(rows, row)
	}
	f := build(t, 8<<20, slices.Values(rows))
	if got := collect(t, open(t, f).All(t.Context())); !slices.Equal(got, rows) {
		t.Errorf("%d rows are found, want %d", len(got), len(rows))
	}
}

func TestEmptyIndex(t *testing.T) {
	f := build(t, 8<<20, slices.Values([]Row(nil)))
	if want := `!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz", "blocks": 0}` + "\n"; string(f.data[idxName]) != want {
		t.Errorf("idx is %q, want %q", f.data[idxName], want)
	}
	z, err := gzip.NewReader(bytes.NewReader(f.data[cdxName]))
	if err != nil {
		t.Fatalf("gzip takes it for broken: %v", err)
	}
	if text, err := io.ReadAll(z); err != nil || len(text) > 0 {
		t.Errorf("cdx is %q, %v", text, err)
	}
	r := open(t, f)
	if got := append(collect(t, r.All(t.Context())), collect(t, r.Lookup(t.Context(), "com,example)/"))...); len(got) > 0 {
		t.Errorf("an empty index yields %v", got)
	}
}

func TestFormOfTheIndex(t *testing.T) {
	rows, _ := shuffled(t, 700)
	f := build(t, 8<<20, slices.Values(rows))
	lines := strings.Split(strings.TrimSuffix(string(f.data[idxName]), "\n"), "\n")
	if len(lines) != 4 {
		t.Fatalf("idx has %d lines for 700 rows, want the !meta line and three blocks:\n%s", len(lines), f.data[idxName])
	}
	gz, err := gzip.NewReader(bytes.NewReader(f.data[cdxName]))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(gz) // all members one after the other, as other tools read them
	if err != nil || bytes.Count(text, []byte("\n")) != 700 {
		t.Errorf("index.cdx.gz unpacks to %d lines, %v", bytes.Count(text, []byte("\n")), err)
	}
	var key, ts, offset, length, sum string
	if _, err := fmt.Sscanf(lines[2], `%s %14s {"offset": %s "length": %s "digest": %s "filename": "index.cdx.gz"}`, &key, &ts, &offset, &length, &sum); err != nil {
		t.Errorf("line %q is not as WACZ has it: %v", lines[2], err)
	}
}

func TestDamageIsFound(t *testing.T) {
	rows, _ := shuffled(t, 1000)
	whole := build(t, 8<<20, slices.Values(rows))
	replace := func(old, to string) func([]byte) []byte {
		return func(b []byte) []byte {
			if !bytes.Contains(b, []byte(old)) {
				t.Fatalf("%q is not in the file", old)
			}
			return bytes.Replace(b, []byte(old), []byte(to), 1)
		}
	}
	lines := bytes.SplitAfter(whole.data[idxName], []byte("\n"))
	for _, test := range []struct {
		name, file string
		change     func([]byte) []byte
		says       string
	}{
		{"an empty idx", idxName, func([]byte) []byte { return nil }, idxName},
		{"an idx without its first line", idxName, func([]byte) []byte { return bytes.Join(lines[1:], nil) }, "byte 0"},
		{"an idx of another format", idxName, replace("gzip-1.0", "gzip-2.0"), "byte 0"},
		{"an idx of another file", idxName, replace("index.cdx.gz", "other.cdx.gz"), "other.cdx.gz"},
		{"an idx torn within a line", idxName, func(b []byte) []byte { return b[:len(b)-10] }, "ends within a line"},
		{"an idx torn between lines", idxName, func(b []byte) []byte { return b[:len(b)-len(lines[4])] }, "3 blocks of 4"},
		{"a line of the idx removed", idxName, func([]byte) []byte { return slices.Concat(lines[0], lines[1], lines[3], lines[4]) }, "ends at"},
		{"lines of the idx swapped", idxName, func([]byte) []byte { return slices.Concat(lines[0], lines[2], lines[1], lines[3], lines[4]) }, "not at 0"},
		{"an offset in the idx altered", idxName, replace(`"offset": 0`, `"offset": 9`), "not at 0"},
		{"a length in the idx that is none", idxName, replace(`"length": `, `"length": -`), "length -"},
		{"a huge length in the idx", idxName, replace(`"length": `, `"length": 9999999`), "length 9999999"},
		{"a line of the idx without JSON", idxName, func(b []byte) []byte { return append(bytes.Clone(b), "com,x)/ 20240101000000\n"...) }, "no key"},
		{"a digest in the idx altered", idxName, replace("sha256:", "sha256:0000"), ""},
		{"a first key in the idx altered", idxName, replace("example,paper", "example,paqer"), ""},
		{"a byte of a block flipped", cdxName, func(b []byte) []byte { b = bytes.Clone(b); b[len(b)/2] ^= 1; return b }, "SHA-256"},
		{"the cdx torn", cdxName, func(b []byte) []byte { return b[:len(b)-1] }, "ends within"},
		{"the cdx missing its last block", cdxName, func(b []byte) []byte { return b[:len(b)*3/4] }, "ends within"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &files{data: maps.Clone(whole.data)}
			f.data[test.file] = test.change(f.data[test.file])
			err := readAll(t.Context(), f)
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "indexes/index.") ||
				!strings.Contains(err.Error(), "byte ") {
				t.Errorf("%v, want ErrDamaged with file, byte and %q", err, test.says)
			}
		})
	}
}

func readAll(ctx context.Context, f *files) error {
	r, err := NewReader(ctx, f, cdxName, idxName)
	if err != nil {
		return err
	}
	return all(ctx, r)
}

func all(ctx context.Context, r *Reader) error {
	for _, err := range r.All(ctx) {
		if err != nil {
			return err
		}
	}
	return nil
}

// A forger who makes digests to match is still caught by what idx and block say of each other.
func TestBlocksThatDoNotMatchTheIndexAreFound(t *testing.T) {
	a := `com,a)/ 20240101000000 {"url": "http://a.com/", "length": "1", "offset": "0", "filename": "f"}` + "\n"
	b := strings.ReplaceAll(a, "a.com", "b.com")
	b = strings.Replace(b, "com,a", "com,b", 1)
	c := strings.Replace(a, "com,a", "com,c", 1)
	for name, blocks := range map[string][]string{
		"rows out of order":                      {b + a},
		"a row after the next block's first one": {a + c, b},
		"a line without its end":                 {strings.TrimSuffix(a, "\n")},
		"a row that is none":                     {a + "com,b)/ 20240101000000 {}\n"},
		"a block that unpacks to too much":       {strings.Repeat(a, 20_000)},
	} {
		t.Run(name, func(t *testing.T) {
			f := &files{data: map[string][]byte{idxName: []byte(metaPrefix + `{"format": "cdxj-gzip-1.0"}` + "\n")}}
			for _, text := range blocks {
				var packed bytes.Buffer
				gz := gzip.NewWriter(&packed)
				if _, err := gz.Write([]byte(text)); err != nil || gz.Close() != nil {
					t.Fatal(err)
				}
				f.data[idxName] = fmt.Appendf(f.data[idxName], "%s {\"offset\": %d, \"length\": %d}\n", prefixOf([]byte(text[:30])), len(f.data[cdxName]), packed.Len())
				f.data[cdxName] = append(f.data[cdxName], packed.Bytes()...)
			}
			r := open(t, f)
			r.maxBlock = 1 << 20
			if err := all(t.Context(), r); !errors.Is(err, ErrDamaged) {
				t.Errorf("%v, want ErrDamaged", err)
			}
		})
	}
}

func TestCancelledLookup(t *testing.T) {
	rows, _ := shuffled(t, 400)
	r := open(t, build(t, 8<<20, slices.Values(rows)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range r.All(ctx) {
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrDamaged) {
			t.Errorf("%v, want context.Canceled", err)
		}
	}
}

func TestBuilderSaysWhereItCannotSpill(t *testing.T) {
	b := NewBuilder(t.TempDir() + "/missing")
	b.memory = 1
	if err := b.Add(makeRow(t, 1)); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("Add = %v, want an error with the folder", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzIdx(f *testing.F) {
	rows, _ := shuffled(f, 700)
	built := build(f, 8<<20, slices.Values(rows))
	f.Add(built.data[idxName])
	f.Add([]byte(metaPrefix + `{"format": "cdxj-gzip-1.0"}` + "\n"))
	f.Add([]byte("!meta 0 {}\ncom,a)/ 2024 {\"offset\": 0, \"length\": 1}\n"))
	f.Fuzz(func(t *testing.T, idx []byte) {
		data := maps.Clone(built.data)
		data[idxName] = idx
		r, err := NewReader(t.Context(), &files{data: data}, cdxName, idxName)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%v is not ErrDamaged", err)
			}
			return
		}
		for _, err := range r.All(t.Context()) {
			if err != nil && !errors.Is(err, ErrDamaged) {
				t.Errorf("%v is not ErrDamaged", err)
			}
		}
	})
}

func FuzzBlock(f *testing.F) {
	f.Add([]byte(exampleLine + "\n"))
	f.Add([]byte(exampleLine + "\n" + exampleLine + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := &Reader{blocks: []block{{prefix: "com,example)/a 20240229235959"}}}
		err := r.lines(0, text, "", "", func(row Row, err error) bool { return err == nil })
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%v is not ErrDamaged", err)
		}
	})
}

// One URL among a million rows; among twenty thousand with -short.
func BenchmarkLookup(b *testing.B) {
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	f := build(b, sortMemory, func(yield func(Row) bool) {
		for i := range n {
			if !yield(makeRow(b, i)) {
				return
			}
		}
	})
	r := open(b, f)
	b.ReportMetric(float64(len(f.data[idxName]))/1e3, "idx-KB")
	b.ReportMetric(float64(len(f.data[cdxName]))/float64(len(r.blocks))/1e3, "block-KB")
	key := makeRow(b, n/2).Key
	b.ReportAllocs()
	for b.Loop() {
		if got := collect(b, r.Lookup(b.Context(), key)); len(got) == 0 {
			b.Fatal("not found")
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	rows, _ := shuffled(b, 30_000)
	b.ReportAllocs()
	for b.Loop() {
		build(b, sortMemory, slices.Values(rows))
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}
