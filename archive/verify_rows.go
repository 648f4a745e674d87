package archive

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// recordTable remembers of each record of a run what index and pages may say about it, in about 150 bytes.
type recordTable struct {
	seed  maphash.Seed
	files map[string][]recordFact // in offset order, as records are read
	byID  map[uint64]warc.Digest  // made when a revisit first asks
	text  []byte
}

// recordFact holds hashes in place of texts: they are compared with texts that other files hold.
type recordFact struct {
	offset, length int64
	url, id        uint64
	row            uint64 // of the record's index row; 0 when it has none
	digest         warc.Digest
	typ            warc.Type
	seen           bool // in the index
}

func newRecordTable(seed maphash.Seed) recordTable {
	return recordTable{seed: seed, files: map[string][]recordFact{}}
}

func (t *recordTable) add(e evidence) error {
	f := recordFact{
		offset: e.kept.Offset, length: e.kept.Length, typ: e.kept.Type,
		url: maphash.String(t.seed, e.kept.URL), id: maphash.String(t.seed, e.kept.Record),
	}
	if e.row != nil {
		var err error
		if e.kept.indexed() {
			if f.row, err = t.rowHash(*e.row); err != nil {
				return err
			}
		}
		f.digest = e.row.SHA256
	}
	t.files[e.kept.File] = append(t.files[e.kept.File], f)
	return nil
}

func (t *recordTable) rowHash(r index.Row) (uint64, error) {
	var err error
	if t.text, err = r.AppendText(t.text[:0]); err != nil {
		return 0, err
	}
	return maphash.Bytes(t.seed, t.text) | 1, nil // never 0
}

// at gives what is known of the record that stands there.
func (t *recordTable) at(file string, offset int64) *recordFact {
	facts := t.files[file]
	i, ok := slices.BinarySearchFunc(facts, offset, func(f recordFact, offset int64) int { return cmp.Compare(f.offset, offset) })
	if !ok {
		return nil
	}
	return &facts[i]
}

// holds reports whether the very record that a revisit names is in the run, with the payload.
func (t *recordTable) holds(ref reference) bool {
	if t.byID == nil {
		t.byID = map[uint64]warc.Digest{}
		for _, facts := range t.files {
			for _, f := range facts {
				if f.typ == warc.Response {
					t.byID[f.id] = f.digest
				}
			}
		}
	}
	digest, ok := t.byID[maphash.String(t.seed, ref.record)]
	return ok && ref.record != "" && (ref.digest.IsZero() || ref.digest == digest)
}

// index compares the stored index row by row with the rows that the records make.
func (r *runAudit) index(ctx context.Context) error {
	key := ObjectKey(r.id, cdxName)
	reader, err := index.NewReader(ctx, runFiles{r.archive, r.id}, cdxName, idxName)
	if err != nil {
		return r.failed(ctx, ObjectKey(r.id, idxName), "index cannot be read", err)
	}
	for row, err := range reader.All(ctx) {
		if err != nil {
			return r.failed(ctx, key, "index cannot be read to its end, so what follows was not compared", err)
		}
		if err := r.indexRow(ctx, key, row); err != nil {
			return err
		}
	}
	for file, facts := range r.records.files {
		for _, f := range facts {
			if f.row != 0 && !f.seen {
				r.problem(Problem{Object: key, What: "record is not in the index", Expected: r.expectedRow(ctx, file, f)})
			}
		}
	}
	return ctx.Err()
}

func (r *runAudit) indexRow(ctx context.Context, key string, row index.Row) error {
	found, err := row.AppendText(nil)
	if err != nil {
		return r.failed(ctx, key, "index row is wrong", err)
	}
	f := r.records.at(row.File, row.Offset)
	switch {
	case f == nil && r.broken:
		// What was there is damaged, and has been reported.
	case f == nil:
		r.problem(Problem{Object: key, What: fmt.Sprintf("index row leads to byte %d of %s, where no record begins", row.Offset, row.File), Found: string(found)})
	case f.seen:
		r.problem(Problem{Object: key, What: "record is in the index twice", Found: string(found)})
	default:
		f.seen = true
		if hash, err := r.records.rowHash(row); err != nil || hash != f.row {
			r.problem(Problem{Object: key, What: "index row differs from the one that its record makes", Expected: r.expectedRow(ctx, row.File, *f), Found: string(found)})
		}
	}
	return nil
}

// expectedRow reads a record again for the text of its row, of which only a hash was kept.
func (r *runAudit) expectedRow(ctx context.Context, file string, f recordFact) string {
	text, err := func() ([]byte, error) {
		rec, closer, err := r.archive.Read(ctx, r.id, file, f.offset, f.length)
		if err != nil {
			return nil, err
		}
		defer closer.Close() // nothing was written
		e, err := examine(rec, file)
		if err != nil || e.row == nil {
			return nil, err
		}
		return e.row.AppendText(nil)
	}()
	if err != nil {
		return "the row of the record at byte " + fmt.Sprint(f.offset) + " of " + file + ", which cannot be read again: " + err.Error()
	}
	return string(text)
}
