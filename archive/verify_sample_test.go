package archive

import (
	"fmt"
	"math"
	"os"
	"path"
	"strings"
	"testing"

	"tearsheet/archive/index"
	"tearsheet/archive/store/storetest"
)

func TestASampleIsUniformAndCanBeRepeated(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	sizes := []int{1, 0, 40, 2*index.BlockLines + 7}
	rows := 0
	for i, size := range sizes {
		r := begin(t, a)
		article := asked("https://a.example/failed") // so that no run is empty
		record(t, r, article, Hop{})
		for n := range size {
			record(t, r, exchange(fmt.Sprintf("https://a.example/%d/%d", i, n), "text/plain", "x"), Hop{})
		}
		commit(t, r)
		rows += size
	}
	chosen := func(seed uint64, n int) []Found {
		v := newAudit(a, AtLevel(LevelSample), SampleOf(n, seed))
		log, err := v.chain(t.Context())
		if err == nil {
			err = v.runs(t.Context(), log)
		}
		if err == nil {
			err = v.openIndexes(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		got, all, err := v.choose(t.Context())
		if err != nil || all != (n > rows) || len(got) != min(n, rows) {
			t.Fatalf("%d chosen of %d, all %v, %v", len(got), rows, all, err)
		}
		return got
	}
	const tries, each = 100, 65
	hits := map[string]int{}
	for seed := range uint64(tries) {
		for _, f := range chosen(seed, each) {
			hits[f.Row.URL]++
		}
	}
	// Of 648 rows each is chosen in 65 of 648 tries: 10 times in 100. The sum of squares has a chi-squared distribution of 647 degrees of
	// freedom, but for the tries being without putting back: a mean of 582 and a deviation of 34.
	expected := float64(tries*each) / float64(rows)
	sum := expected * float64(rows-len(hits)) // of rows that were never chosen
	for _, n := range hits {
		sum += math.Pow(float64(n)-expected, 2) / expected
	}
	if mean := float64(rows-1) * (1 - float64(each)/float64(rows)); math.Abs(sum-mean) > 5*math.Sqrt(2*mean) {
		t.Errorf("chi squared is %.0f, expected some %.0f", sum, mean)
	}
	if one, two, other := chosen(7, 20), chosen(7, 20), chosen(8, 20); fmt.Sprint(one) != fmt.Sprint(two) || fmt.Sprint(one) == fmt.Sprint(other) {
		t.Error("the seed does not decide which records are read")
	}
	if all := chosen(1, rows+1); len(all) != rows {
		t.Errorf("%d of %d", len(all), rows)
	}
}

func TestAnUrnGivesEachNumberOnce(t *testing.T) {
	u := newUrn(1000, 3)
	seen := map[int64]bool{}
	for {
		drawn := u.draw(33)
		if len(drawn) == 0 {
			break
		}
		for _, n := range drawn {
			if n < 0 || n >= 1000 || seen[n] {
				t.Fatalf("%d", n)
			}
			seen[n] = true
		}
	}
	if len(seen) != 1000 || len(u.moved) > 0 {
		t.Errorf("%d numbers, %d still noted", len(seen), len(u.moved))
	}
}

func TestTheConfidenceOfASampleIsWhatStatisticsSay(t *testing.T) {
	for _, c := range []struct {
		sample Sample
		want   float64
	}{
		{Sample{Records: 300}, 0.009936}, {Sample{Records: 59}, 0.049508}, {Sample{Records: 1}, 0.95}, {Sample{}, 1}, {Sample{Records: 3, All: true}, 0},
	} {
		if got := c.sample.Below(); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%+v: %f, expected %f", c.sample, got, c.want)
		}
	}
}

func TestASampleReadsImportedRecordsAndRevisits(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	for i := range 2 { // the second is a revisit
		record(t, r, exchange(fmt.Sprintf("https://a.example/%d", i), "text/plain", strings.Repeat("x", 2000)), Hop{})
	}
	e := commit(t, r)
	own := firstWARC(t, st, e)
	imported, err := a.Begin(t.Context(), RunOptions{Kind: KindImport})
	if err != nil {
		t.Fatal(err)
	}
	foreign := path.Join(t.TempDir(), "foreign.warc.gz")
	if err := os.WriteFile(foreign, read(t, st, own), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := imported.AddFile(t.Context(), foreign, func(Met) error { return nil }); err != nil {
		t.Fatal(err)
	}
	other := commit(t, imported)
	report, err := a.Verify(t.Context(), AtLevel(LevelSample))
	if err != nil || len(report.Problems) > 0 || report.Records != 4 {
		t.Errorf("%v %+v", err, report)
	}
	// In an import a flipped bit of a payload is seen too, although the import's records need not state digests.
	places := map[string]Found{}
	for f, err := range a.Lookup(t.Context(), "https://a.example/0") {
		if err != nil {
			t.Fatal(err)
		}
		places[ObjectKey(f.RunID, path.Join(dataDir, f.Row.File))] = f
	}
	for _, key := range []string{own, firstWARC(t, st, other)} {
		at := places[key].Row.Offset + places[key].Row.Length/2
		st.Tamper(key, func(b []byte) []byte { b[at] ^= 1; return b })
		if report, err := open(t, st).Verify(t.Context(), AtLevel(LevelSample)); err != nil || !found(report, key, "record") {
			t.Errorf("%v %+v", err, report.Problems)
		}
	}
}
