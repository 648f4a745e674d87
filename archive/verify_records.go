package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path"

	"tearsheet/archive/warc"
)

// data reads the records of one WARC file, and after damage goes on at the next record that the index knows. Damage that an imported file brought
// with it is none of the archive's. That the store fell silent while in was read, in tells again.
func (r *runAudit) data(ctx context.Context, key string, in io.Reader) error {
	at, whole, silent := r.scan(ctx, key, 0, in)
	if silent != nil {
		return ctx.Err()
	}
	for tries := 0; !whole && ctx.Err() == nil && tries < problemsPerObject; {
		next, known := r.broughtAlong(path.Base(key), at)
		if !known {
			r.broken = true
			tries++
			var ok bool
			if next, ok = r.nextKnown(ctx, path.Base(key), at); !ok {
				break
			}
		}
		rc, err := r.archive.store.Open(ctx, key, next, -1)
		if err != nil && !mayBeWhole(err) {
			break // the object is shorter than its index says, which has been reported
		}
		if err == nil {
			at, whole, err = r.scan(ctx, key, next, rc)
			if err := rc.Close(); err != nil {
				return fmt.Errorf("closing %s: %w", key, err)
			}
		}
		if err != nil {
			return r.failedAt(ctx, Problem{Object: key, Offset: next, What: "records from here on cannot be read"}, err)
		}
	}
	return ctx.Err()
}

// broughtAlong gives where the damage ends that an imported file had at an offset when it came.
func (r *runAudit) broughtAlong(file string, at int64) (int64, bool) {
	for _, d := range r.imported[file].Damage {
		if d.Offset == at && d.Length > 0 {
			return at + d.Length, true
		}
	}
	return 0, false
}

// scan reads the records that follow an offset of a WARC file, to its end or to the first damage, and tells where that is. The error is for a
// store that fell silent: it is no damage.
func (r *runAudit) scan(ctx context.Context, key string, base int64, in io.Reader) (at int64, whole bool, silent error) {
	for rec, err := range warc.Read(in) {
		if err == nil {
			err = r.record(key, base, rec)
		}
		if err == nil {
			continue
		}
		if mayBeWhole(err) {
			return base, false, err
		}
		at = base
		var damage *warc.Damage
		if errors.As(err, &damage) {
			at, err = base+damage.Offset, damage.Err
		}
		if _, known := r.broughtAlong(path.Base(key), at); !known && ctx.Err() == nil {
			r.problem(Problem{Object: key, Offset: at, What: "record is damaged", Found: err.Error()})
		}
		return at, false, nil
	}
	return 0, true, nil
}

// nextKnown gives the offset of the first record behind a damaged one that the index knows.
func (r *runAudit) nextKnown(ctx context.Context, file string, after int64) (int64, bool) {
	idx, err := r.archive.indexOf(ctx, r.id)
	if err != nil {
		return 0, false // the index will be reported
	}
	next, ok := int64(0), false
	for row, err := range idx.All(ctx) {
		if err != nil {
			break
		}
		if row.File == file && row.Offset > after && (!ok || row.Offset < next) {
			next, ok = row.Offset, true
		}
	}
	return next, ok
}

// record checks one record and takes it up in the table. Its offset is counted from base. The error is that of ownRecord.
func (r *runAudit) record(key string, base int64, rec *warc.Record) error {
	r.counted++
	if _, ok := r.imported[path.Base(key)]; ok {
		return r.foreignRecord(key, base, rec)
	}
	e, ok, err := r.ownRecord(key, base, rec)
	if ok {
		r.take(key, rec, e)
	}
	return err
}

// ownRecord checks one record of our own by its digests and tells what it says, if that can be understood. Its offset is counted from base. The
// error wraps *warc.Damage, or is that of a store that fell silent.
func (v *audit) ownRecord(key string, base int64, rec *warc.Record) (evidence, bool, error) {
	block := &head{limit: headBytes(rec)}
	rec.Block = io.TeeReader(rec.Block, block)
	checked := warc.Check(rec)
	var damage *warc.Damage
	switch {
	case mayBeWhole(checked):
		return evidence{}, false, checked
	case errors.As(checked, &damage):
		return evidence{}, false, damage
	}
	rec.Offset += base // only now: the length was counted from what it was
	rec.Block = bytes.NewReader(block.bytes)
	name := fmt.Sprintf("%s record %s of %s", rec.Type, rec.ID, rec.TargetURI)
	for _, err := range flatten(checked) {
		p := Problem{Object: key, Offset: rec.Offset, What: name + " is wrong", Found: err.Error()}
		var m *warc.Mismatch
		if errors.As(err, &m) {
			p.What, p.Expected, p.Found = m.Field+" of "+name+" is not that of its bytes", m.Want.String(), m.Got.String()
		}
		v.problem(p)
	}
	e, err := interpret(rec, path.Base(key))
	if err != nil {
		v.problem(Problem{Object: key, Offset: rec.Offset, What: name + " cannot be understood", Found: err.Error()})
		return evidence{}, false, nil
	}
	e.stands(rec.Length)
	return e, true, nil
}

// foreignRecord checks a record of another writer: that it is whole, and what the index says of it. What it states wrongly of itself was told when it
// was imported; that it is the same record still, the digest of its file proves. The revisits among them may refer to what was never imported.
func (r *runAudit) foreignRecord(key string, base int64, rec *warc.Record) error {
	e, _, _, err := examineForeign(rec, path.Base(key), base)
	if err != nil {
		return err
	}
	if e.row == nil {
		return nil
	}
	if err := r.records.add(e); err != nil {
		r.problem(Problem{Object: key, Offset: rec.Offset, What: "record cannot be indexed", Found: err.Error()})
	}
	return nil
}

// headBytes says how much of a block interpret needs. The head of a response has been read by warc.Check, if it has a payload digest.
func headBytes(rec *warc.Record) int {
	switch {
	case rec.Type == warc.Metadata:
		return maxPageRow + 64
	case rec.Type == warc.Revisit, rec.Type == warc.Response && rec.Get("WARC-Payload-Digest") == "":
		return 2 << 20
	}
	return 0
}

// head keeps the first bytes of what is written to it.
type head struct {
	bytes []byte
	limit int
}

func (h *head) Write(p []byte) (int, error) {
	h.bytes = append(h.bytes, p[:min(len(p), h.limit-len(h.bytes))]...)
	return len(p), nil
}

// flatten lists the errors that errors.Join put together.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// take notes what index and pages will be compared with.
func (r *runAudit) take(key string, rec *warc.Record, e evidence) {
	if e.page != nil {
		r.pages[e.list][sha256.Sum256(e.page)]++
		return
	}
	if e.row == nil && rec.Type != warc.Metadata {
		return
	}
	if err := r.records.add(e); err != nil {
		r.problem(Problem{Object: key, Offset: rec.Offset, What: "record cannot be indexed", Found: err.Error()})
	}
	if rec.Type != warc.Revisit {
		return
	}
	ref, err := referenceOf(rec)
	if err != nil {
		r.problem(Problem{Object: key, Offset: rec.Offset, What: fmt.Sprintf("revisit record %s of %s refers to nothing", rec.ID, rec.TargetURI), Found: err.Error()})
		return
	}
	ref.from, ref.offset = key, rec.Offset
	r.revisits = append(r.revisits, ref)
}

// followRevisits checks that the record exists that each revisit refers to: in this run, or else in any other.
func (r *runAudit) followRevisits(ctx context.Context) error {
	for _, ref := range r.revisits {
		if r.records.holds(ref) {
			continue
		}
		_, ok, err := ref.search(r.archive.Lookup(ctx, ref.url))
		p := Problem{Object: ref.from, Offset: ref.offset, What: fmt.Sprintf("revisit refers to a record that is not there: %s of %s", ref.url, ref.at), Expected: ref.digest.String()}
		switch {
		case ok:
		case err != nil:
			if err := r.failedAt(ctx, p, err); err != nil {
				return err
			}
		case !r.broken:
			r.problem(p)
		}
	}
	return ctx.Err()
}
