package archive

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"path"
	"slices"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/index"
)

// DefaultSample is how many records LevelSample reads when nothing else is said: when all are whole, fewer than one in a hundred is damaged.
const DefaultSample = 300

// Confidence is the probability with which Sample.Below holds.
const Confidence = 0.95

// Sample tells of the records that LevelSample read. Each record that the indexes list was as likely to be among them as any other.
type Sample struct {
	Asked   int    // how many were wanted
	Records int    // how many were read
	Seed    uint64 // by which they were chosen
	All     bool   // there are no others
}

// Below gives the share of records below which, with Confidence, that of the damaged ones is, if none was found in the sample: were it as large,
// n records would all be whole with a probability of (1-share)^n, which is less than 1-Confidence.
func (s Sample) Below() float64 {
	switch {
	case s.All:
		return 0
	case s.Records == 0:
		return 1
	}
	return 1 - math.Pow(1-Confidence, 1/float64(s.Records))
}

// drawnRun is a run from which records may be chosen.
type drawnRun struct {
	Entry
	idx   Object // its idx, by its path in the run
	index *index.Reader
	first int64 // the number of its first place among the places of all runs
}

// draw takes up a run.
func (v *audit) draw(e Entry, m Manifest) {
	for _, f := range m.Resources {
		if f.Path == idxName {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.drawn = append(v.drawn, drawnRun{Entry: e, idx: f.Object})
			return
		}
	}
}

// readSample chooses records among those of the runs that were taken up, and reads them.
func (v *audit) readSample(ctx context.Context) error {
	if err := v.openIndexes(ctx); err != nil {
		return err
	}
	chosen, all, err := v.choose(ctx)
	if err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(sideBySide)
	for _, f := range chosen {
		group.Go(func() error { return v.sampled(groupCtx, f) })
	}
	v.count(func(r *VerifyReport) {
		r.Sample = &Sample{Asked: v.sample.Asked, Seed: v.sample.Seed, Records: len(chosen), All: all}
	})
	return group.Wait()
}

// choose gives as many records as are wanted, or all that there are.
//
// A block of an index holds at most index.BlockLines rows, and no list tells how many. So each block counts as that many places, places are
// drawn without putting them back, and those behind the last row of their block are passed over: each row is as likely as any other, and no
// block is read of which none was drawn. How many are drawn at once follows from how many had a row so far.
func (v *audit) choose(ctx context.Context) (chosen []Found, all bool, err error) {
	var places int64
	for i := range v.drawn {
		v.drawn[i].first = places
		places += int64(v.drawn[i].index.Blocks()) * index.BlockLines
	}
	urn := newUrn(places, v.sample.Seed)
	lengths := map[int64]int{} // of blocks that were read, in rows, by their first place
	for tries := v.sample.Asked; len(chosen) < v.sample.Asked; {
		batch := urn.draw(tries)
		if len(batch) == 0 {
			return chosen, true, nil
		}
		rows, err := v.rowsAt(ctx, batch, lengths)
		if err != nil {
			return nil, false, err
		}
		for _, place := range batch {
			if f, ok := rows[place]; ok && len(chosen) < v.sample.Asked {
				chosen = append(chosen, f)
			}
		}
		tries = sideBySide + int(float64(v.sample.Asked-len(chosen))*float64(urn.next)/float64(max(len(chosen), 1)))
	}
	return chosen, false, nil
}

// openIndexes reads the idx of each run, in the order of the log, and leaves out those that are damaged.
func (v *audit) openIndexes(ctx context.Context) error {
	slices.SortFunc(v.drawn, func(a, b drawnRun) int { return cmp.Compare(a.N, b.N) })
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(sideBySide)
	for i := range v.drawn {
		group.Go(func() error {
			d := &v.drawn[i]
			files := provenIdx{runFiles{v.archive, d.RunID}, d.idx}
			r, err := index.NewReader(groupCtx, files, cdxName, idxName)
			if err != nil {
				return v.failed(groupCtx, ObjectKey(d.RunID, idxName), "index cannot be read, so that no record of the run was chosen", err)
			}
			d.index = r
			v.count(func(report *VerifyReport) { report.Files++; report.Bytes += d.idx.Bytes })
			return nil
		})
	}
	err := group.Wait()
	v.drawn = slices.DeleteFunc(v.drawn, func(d drawnRun) bool { return d.index == nil })
	return err
}

// provenIdx gives the files of a run, its idx only when it is the one of the manifest. That proves the blocks of the index too, as their digests
// stand in it.
type provenIdx struct {
	runFiles
	idx Object
}

func (p provenIdx) Range(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if name != idxName {
		return p.runFiles.Range(ctx, name, offset, length)
	}
	b, err := p.archive.readObject(ctx, ObjectKey(p.runID, name), p.idx.Bytes)
	if err != nil {
		return nil, err
	}
	if found := digestOf(b); found != p.idx.SHA256 {
		return nil, fmt.Errorf("%w: expected %s, found %s", ErrFixity, p.idx.SHA256, found)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// rowsAt reads the rows at places. The lengths of blocks are remembered, so that none is read again for places behind its end.
func (v *audit) rowsAt(ctx context.Context, places []int64, lengths map[int64]int) (map[int64]Found, error) {
	blocks := map[int64][]int64{} // places by the first one of their block
	for _, p := range places {
		first := p - p%index.BlockLines
		if n, known := lengths[first]; !known || p-first < int64(n) {
			blocks[first] = append(blocks[first], p)
		}
	}
	rows := map[int64]Found{}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(sideBySide)
	for first, wanted := range blocks {
		group.Go(func() error {
			found, n, err := v.blockRows(groupCtx, first, wanted)
			v.mu.Lock()
			defer v.mu.Unlock()
			maps.Copy(rows, found)
			lengths[first] = n
			return err
		})
	}
	return rows, group.Wait()
}

// blockRows reads the rows of one block at some places, and tells how many the block has.
func (v *audit) blockRows(ctx context.Context, first int64, places []int64) (map[int64]Found, int, error) {
	i, exact := slices.BinarySearchFunc(v.drawn, first, func(d drawnRun, place int64) int { return cmp.Compare(d.first, place) })
	if !exact {
		i--
	}
	for i+1 < len(v.drawn) && v.drawn[i+1].first == v.drawn[i].first { // runs with an empty index have no places
		i++
	}
	d := v.drawn[i]
	found := map[int64]Found{}
	n := 0
	for row, err := range d.index.Block(ctx, int((first-d.first)/index.BlockLines)) {
		if err != nil {
			return found, n, v.failed(ctx, ObjectKey(d.RunID, cdxName), "block of the index cannot be read, so that no record of it was chosen", err)
		}
		if at := first + int64(n); slices.Contains(places, at) {
			found[at] = Found{RunID: d.RunID, Row: row}
		}
		n++
	}
	return found, n, nil
}

// sampled reads one record and compares it with its digests and with its row.
func (v *audit) sampled(ctx context.Context, f Found) error {
	key := ObjectKey(f.RunID, path.Join(dataDir, f.Row.File))
	at := Problem{Object: key, Offset: f.Row.Offset, What: "record cannot be read"}
	rec, closer, err := v.archive.Read(ctx, f.RunID, f.Row.File, f.Row.Offset, f.Row.Length)
	if err != nil {
		return v.failedAt(ctx, at, err)
	}
	defer closer.Close() // nothing was written
	var e evidence
	understood := true
	if Foreign(f.RunID, f.Row.File) {
		e, _, _, err = examineForeign(rec, f.Row.File, 0)
	} else {
		e, understood, err = v.ownRecord(key, 0, rec)
	}
	if err != nil {
		at.What = "record is damaged"
		return v.failedAt(ctx, at, err)
	}
	v.count(func(r *VerifyReport) { r.Records++; r.Bytes += f.Row.Length })
	if understood {
		v.sameRow(f, e)
	}
	return nil
}

// sameRow compares a row of an index with the one that its record makes.
func (v *audit) sameRow(f Found, e evidence) {
	text := func(row *index.Row) string {
		b, err := row.AppendText(nil)
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
	expected, found := "no row", text(&f.Row)
	if e.row != nil && e.kept.indexed() {
		expected = text(e.row)
	}
	if found != expected {
		v.problem(Problem{Object: ObjectKey(f.RunID, cdxName), What: "index row differs from the one that its record makes", Expected: expected, Found: found})
	}
}

// urn holds the numbers below a limit, which are drawn in an order that a seed decides. It is a shuffle of which only what was drawn is kept.
type urn struct {
	random      *rand.Rand
	next, limit int64
	moved       map[int64]int64
}

func newUrn(limit int64, seed uint64) *urn {
	return &urn{random: rand.New(rand.NewPCG(seed, 0)), limit: limit, moved: map[int64]int64{}}
}

// draw gives n numbers that were not drawn before, or all that are left.
func (u *urn) draw(n int) []int64 {
	at := func(i int64) int64 {
		if moved, ok := u.moved[i]; ok {
			return moved
		}
		return i
	}
	drawn := make([]int64, 0, min(int64(n), u.limit-u.next))
	for range cap(drawn) {
		other := u.next + u.random.Int64N(u.limit-u.next)
		drawn = append(drawn, at(other))
		u.moved[other] = at(u.next)
		delete(u.moved, u.next)
		u.next++
	}
	return drawn
}
