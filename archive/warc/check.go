package warc

import (
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Mismatch is the error of bytes that are not those of which a record's header holds the digest.
type Mismatch struct {
	Field     string // WARC-Block-Digest, WARC-Payload-Digest or WARC-Payload-Digest-SHA1
	Want, Got Digest
}

func (m *Mismatch) Error() string {
	return fmt.Sprintf("%s is %s, but the bytes have %s", m.Field, m.Want, m.Got)
}

// Check reads the rest of rec, of which nothing may have been read yet, and compares it with its header: that the mandatory fields are there
// (WARC 1.1 §5), that the block has the length and the digest, and the payload the digests that the header gives. The payload of a revisit is
// in another record and that of a segment in several, so theirs are not compared. Nor are digests of algorithms that are not known here.
//
// The error wraps *Damage when the record is not whole, and *Mismatch for every digest that differs.
func Check(rec *Record) error {
	var errs []error
	for _, name := range []string{fieldType, fieldRecordID, fieldDate} {
		if rec.Get(name) == "" {
			errs = append(errs, fmt.Errorf("record has no %s", name))
		}
	}
	block, err := newDigesting(rec, fieldBlockDigest)
	errs = append(errs, err)
	var payload []*digesting
	if rec.Type != Revisit && rec.Get(fieldSegmentNumber) == "" {
		for _, name := range []string{fieldPayloadDigest, fieldPayloadSHA1} {
			d, err := newDigesting(rec, name)
			errs = append(errs, err)
			if d != nil {
				payload = append(payload, d)
			}
		}
	}
	if block != nil {
		rec.Block = io.TeeReader(rec.Block, block.hash)
	}
	if len(payload) > 0 {
		if err := digestPayload(rec, payload); err != nil {
			errs = append(errs, err)
		}
	}
	// The tee is in front of the whole block, whatever the payload left of it.
	if _, err := io.Copy(io.Discard, rec.rest()); err != nil {
		return errors.Join(append(errs, err)...)
	}
	if block != nil {
		errs = append(errs, block.compare())
	}
	for _, d := range payload {
		errs = append(errs, d.compare())
	}
	return errors.Join(errs...)
}

// digestPayload reads the payload once for all its digests. A block that is no HTTP message has no payload that could be wrong.
func digestPayload(rec *Record, digests []*digesting) error {
	payload, err := rec.Payload()
	if err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	all := make([]io.Writer, len(digests))
	for i, d := range digests {
		all[i] = d.hash
	}
	_, err = io.Copy(io.MultiWriter(all...), payload)
	return err
}

// rest is the stream behind what was read of the block.
func (r *Record) rest() io.Reader {
	if r.body != nil {
		return r.body
	}
	return r.Block
}

// digesting is a digest of a header and the hash that is to agree with it.
type digesting struct {
	field string
	want  Digest
	hash  hash.Hash
}

// newDigesting returns nil when there is nothing to compare with.
func newDigesting(rec *Record, field string) (*digesting, error) {
	value := rec.Get(field)
	if value == "" {
		return nil, nil
	}
	want, err := ParseDigest(value)
	if errors.Is(err, ErrAlgorithm) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", field, err)
	}
	d := &digesting{field: field, want: want, hash: sha256.New()}
	if want.Algorithm() == SHA1 {
		d.hash = sha1.New()
	}
	return d, nil
}

func (d *digesting) compare() error {
	if got := NewDigest(d.want.Algorithm(), d.hash.Sum(nil)); got != d.want {
		return &Mismatch{Field: d.field, Want: d.want, Got: got}
	}
	return nil
}
