package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive/warc"
)

// shelf is where the levels of the tests stand, and counts what is read of it.
type shelf struct {
	files map[string][]byte
	reads int
	bytes int64
}

func (s *shelf) Range(_ context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	s.reads++
	b := s.files[name][offset:]
	if length >= 0 {
		b = b[:length]
	}
	s.bytes += int64(len(b))
	return io.NopCloser(bytes.NewReader(b)), nil
}

// file is a Destination on the shelf.
type shelfFile struct {
	bytes.Buffer
	name  string
	shelf *shelf
}

func (f *shelfFile) Name() string { return f.name }

func (f *shelfFile) Close() (int64, string, error) {
	f.shelf.files[f.name] = f.Bytes()
	sum := sha256.Sum256(f.Bytes())
	return int64(f.Len()), warc.NewDigest(warc.SHA256, sum[:]).String(), nil
}

// grown is a merged index that runs are added to.
type grown struct {
	t      testing.TB
	shelf  *shelf
	merged *Merged
	lines  []string // of all rows
	n      int
}

func newGrown(t testing.TB) *grown {
	return &grown{t: t, shelf: &shelf{files: map[string][]byte{}}}
}

// add merges rows, writes the index, and reads it again.
func (g *grown) add(rows ...Row) {
	g.t.Helper()
	b := NewBuilder(g.t.TempDir())
	for _, r := range rows {
		if err := b.Add(r); err != nil {
			g.t.Fatal(err)
		}
		text, err := r.AppendText(nil)
		if err != nil {
			g.t.Fatal(err)
		}
		g.lines = append(g.lines, string(text))
	}
	g.n++
	next, err := g.merged.Merge(g.t.Context(), g.shelf, b, func(level int) (Destination, error) {
		return &shelfFile{name: fmt.Sprintf("index/%d-%d.cdx.gz", g.n, level), shelf: g.shelf}, nil
	})
	if err != nil {
		g.t.Fatal(err)
	}
	next.Through = int64(g.n)
	var packed bytes.Buffer
	if err := next.Encode(&packed); err != nil {
		g.t.Fatal(err)
	}
	if g.merged, err = ParseMerged(packed.Bytes()); err != nil {
		g.t.Fatal(err)
	}
}

func (g *grown) text(rows iter.Seq2[Row, error]) []string {
	g.t.Helper()
	var lines []string
	for r, err := range rows {
		if err != nil {
			g.t.Fatal(err)
		}
		text, err := r.AppendText(nil)
		if err != nil {
			g.t.Fatal(err)
		}
		lines = append(lines, string(text))
	}
	slices.Sort(lines)
	return lines
}

// capture makes the row of a capture.
func capture(host, page, second int) Row {
	sum := sha256.Sum256(fmt.Append(nil, host, page, second))
	return Row{
		Key: fmt.Sprintf("example,site%03d)/page/%04d", host, page), Timestamp: Timestamp(fmt.Sprintf("20260314%06d", 100000+second%59)),
		URL: fmt.Sprintf("https://site%03d.example/page/%04d", host, page), MIME: "text/html", Status: 200,
		SHA256: warc.NewDigest(warc.SHA256, sum[:]), Length: 1000, Offset: int64(second) * 1000, File: fmt.Sprintf("runs/r%d/archive/x.warc.gz", second),
	}
}

func TestAMergedIndexHasTheRowsOfAllRunsHoweverTheyCame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // test data
	g := newGrown(t)
	shapes := map[string]bool{}
	for run, size := range []int{1, 5, 250, 43, 1, 1, 300, 301, 2, 5000, 100, 30000, 299, 40000, 10, 400, 5, 33000, 0, 7} {
		rows := make([]Row, size)
		for i := range rows {
			rows[i] = capture(rng.IntN(20), rng.IntN(500), run)
		}
		g.add(rows...)
		shape := fmt.Sprintf("%d levels, recent: %v", len(g.merged.Levels), len(g.merged.recent) > 0)
		if shapes[shape] && len(g.lines) > 10_000 {
			continue // what is large is looked at once in each shape
		}
		shapes[shape] = true
		slices.Sort(g.lines)
		if got := g.text(g.merged.All(t.Context(), g.shelf)); !slices.Equal(got, g.lines) || g.merged.Rows() != int64(len(g.lines)) {
			t.Fatalf("after run %d of %d rows: %d rows, want %d", run, size, len(got), len(g.lines))
		}
		for range 6 {
			row := capture(rng.IntN(20), rng.IntN(500), 0)
			want := slices.DeleteFunc(slices.Clone(g.lines), func(l string) bool { return !strings.HasPrefix(l, row.Key+" ") })
			g.shelf.reads = 0
			if got := g.text(g.merged.Lookup(t.Context(), g.shelf, row.Key)); !slices.Equal(got, want) {
				t.Fatalf("%s: %d rows, want %d", row.Key, len(got), len(want))
			}
			if g.shelf.reads > len(g.merged.Levels) || len(g.merged.Levels) > 2 {
				t.Errorf("a look-up took %d reads of %d levels", g.shelf.reads, len(g.merged.Levels))
			}
			prefix := row.Key[:len(row.Key)-2]
			want = slices.DeleteFunc(slices.Clone(g.lines), func(l string) bool { return !strings.HasPrefix(l, prefix) })
			if got := g.text(g.merged.Prefix(t.Context(), g.shelf, prefix)); !slices.Equal(got, want) {
				t.Fatalf("%s: %d rows, want %d", prefix, len(got), len(want))
			}
		}
	}
	if len(shapes) < 5 {
		t.Errorf("only these shapes came up: %v", slices.Sorted(maps.Keys(shapes)))
	}
}

func TestADamagedMergedIndexIsFound(t *testing.T) {
	g := newGrown(t)
	var rows []Row
	for i := range 2000 {
		rows = append(rows, capture(i%7, i, 1))
	}
	g.add(rows...)
	g.add(capture(1, 1, 2))
	var packed bytes.Buffer
	if err := g.merged.Encode(&packed); err != nil {
		t.Fatal(err)
	}
	for at := range packed.Len() {
		b := bytes.Clone(packed.Bytes())
		b[at] ^= 0x40
		if m, err := ParseMerged(b); err == nil && m.Rows() != g.merged.Rows() {
			t.Errorf("byte %d turned over: read with %d rows", at, m.Rows())
		} else if err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d turned over: %v", at, err)
		}
	}
	for _, cut := range []int{0, 1, packed.Len() / 2, packed.Len() - 1} {
		if _, err := ParseMerged(packed.Bytes()[:cut]); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d bytes: %v", cut, err)
		}
	}
	file := g.shelf.files[g.merged.Levels[0].File]
	file[len(file)/2] ^= 1
	var found error
	for _, err := range g.merged.All(t.Context(), g.shelf) {
		found = errors.Join(found, err)
	}
	if !errors.Is(found, ErrDamaged) {
		t.Errorf("a level with a bit turned over: %v", found)
	}
	b := NewBuilder(t.TempDir())
	for i := range 400 {
		if err := b.Add(capture(1, i, 3)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.merged.Merge(t.Context(), g.shelf, b, func(int) (Destination, error) { return &shelfFile{shelf: g.shelf}, nil }); !errors.Is(err, ErrDamaged) {
		t.Errorf("merged with a damaged level: %v", err)
	}
}

func FuzzParseMerged(f *testing.F) {
	g := newGrown(f)
	g.add(capture(1, 1, 1), capture(2, 2, 1))
	var packed bytes.Buffer
	if err := g.merged.Encode(&packed); err != nil {
		f.Fatal(err)
	}
	f.Add(packed.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseMerged(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%v", err)
			}
			return
		}
		var again bytes.Buffer
		if err := m.Encode(&again); err != nil {
			t.Fatal(err)
		}
		if n, err := ParseMerged(again.Bytes()); err != nil || n.Rows() != m.Rows() {
			t.Errorf("read back: %v", err)
		}
	})
}
