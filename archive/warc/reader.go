package warc

import (
	"fmt"
	"io"
	"iter"
)

// Read iterates over the records of a WARC file (gzip per record, or plain), verifying gzip CRCs. Blocks stream: memory does not grow with
// them. What a consumer leaves of a block is skipped, and checked all the same. Damage ends the iteration with an error that wraps *Damage
// and says at which offset; trailing bytes are damage. An iteration without error means that every byte of r belongs to a whole record.
func Read(r io.Reader) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		s := newSource(r, 0, -1, false)
		defer s.release()
		for {
			rec, err := s.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			more := yield(rec, nil)
			stop := !more || finish(rec, yield)
			rec.stream.abandon()
			if stop {
				return
			}
		}
	}
}

// finish reads what the consumer left, and reports whether the iteration is over.
func finish(rec *Record, yield func(*Record, error) bool) bool {
	if err := rec.Finish(); err != nil {
		yield(nil, err)
		return true
	}
	return false
}

// ReadAt reads the one record at offset of a file, which is length bytes long as stored. The record must end exactly there. Reading its block
// to the end verifies it. The error wraps *Damage.
func ReadAt(r io.ReaderAt, offset, length int64) (*Record, error) {
	return ReadRange(io.NewSectionReader(r, offset, length), offset, length)
}

// ReadRange is ReadAt for a stream that begins at offset and gives length bytes, the answer to a ranged GET.
func ReadRange(r io.Reader, offset, length int64) (*Record, error) {
	if offset < 0 || length <= 0 {
		return nil, fmt.Errorf("read record at byte %d: it cannot be %d bytes long", offset, length)
	}
	s := newSource(io.LimitReader(r, length), offset, offset+length, true)
	rec, err := s.next()
	if err != nil {
		s.release()
		if err == io.EOF {
			err = &Damage{offset, ErrTorn}
		}
		return nil, err
	}
	return rec, nil
}
