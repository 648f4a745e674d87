package notary

import (
	"crypto/x509"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Proof leads from one record to the root of a checkpoint (RFC 6962 §2.1.1).
type Proof struct {
	Index      int64  `json:"index"` // of the record, from 0
	Size       int64  `json:"size"`  // of the tree
	Hashes     []Hash `json:"hashes"`
	Root       Hash   `json:"root"`
	Checkpoint string `json:"checkpoint,omitempty"` // signed
	Timestamp  []byte `json:"timestamp,omitempty"`  // RFC 3161 token over the checkpoint, DER
}

// Prove proves that a record is in the tree of all records. It hashes them all.
func Prove(records [][]byte, index int64) (Proof, error) {
	hashes, err := stored(records)
	if err != nil {
		return Proof{}, err
	}
	size := int64(len(records))
	if index < 0 || index >= size {
		return Proof{}, fmt.Errorf("there is no record %d among %d", index, size)
	}
	proof, err := tlog.ProveRecord(size, index, hashes)
	if err != nil {
		return Proof{}, fmt.Errorf("proving record %d of %d: %w", index, size, err)
	}
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return Proof{}, fmt.Errorf("hashing %d records: %w", size, err)
	}
	return Proof{Index: index, Size: size, Hashes: proof, Root: root}, nil
}

// Check reports whether the record leads to the proof's root, and, when the proof has a checkpoint, whether that is of this root and signed by a key that v
// trusts. With v nil nobody is asked who signed. The error wraps ErrNotProven.
func (p Proof) Check(record []byte, v *Verifier) error {
	if p.Size > maxSize {
		return fmt.Errorf("%w: a proof for a tree of %d leaves", ErrNotProven, p.Size)
	}
	if err := tlog.CheckRecord(p.Hashes, p.Size, p.Root, p.Index, tlog.RecordHash(record)); err != nil {
		return fmt.Errorf("%w: the record does not lead to the root %s: %w", ErrNotProven, p.Root, err)
	}
	if p.Checkpoint == "" {
		if v != nil {
			return fmt.Errorf("%w: the root %s is not signed", ErrNotProven, p.Root)
		}
		return nil
	}
	c, err := Read(p.Checkpoint)
	if v != nil {
		c, err = v.Open(p.Checkpoint)
	}
	if err != nil {
		return err
	}
	if c.Size != p.Size || c.Root != p.Root {
		return fmt.Errorf("%w: the checkpoint is of %d entries with the root %s, the proof of %d with %s", ErrNotProven, c.Size, c.Root, p.Size, p.Root)
	}
	return nil
}

// Stamped gives the time that the proof's time stamp vouches for: at that time its checkpoint existed, and the record with it. The error wraps ErrNotProven, also
// when there is no time stamp.
func (p Proof) Stamped(authority *x509.CertPool) (time.Time, error) {
	if p.Checkpoint == "" || len(p.Timestamp) == 0 {
		return time.Time{}, fmt.Errorf("%w: the proof has no time stamp", ErrNotProven)
	}
	return CheckStamp(p.Timestamp, p.Checkpoint, authority)
}

// ProveConsistency proves that the tree of the first old records is the beginning of the tree of all (RFC 6962 §2.1.2).
func ProveConsistency(records [][]byte, old int64) ([]Hash, error) {
	hashes, err := stored(records)
	if err != nil {
		return nil, err
	}
	proof, err := tlog.ProveTree(int64(len(records)), old, hashes)
	if err != nil {
		return nil, fmt.Errorf("proving the first %d of %d records: %w", old, len(records), err)
	}
	return proof, nil
}

// CheckConsistency checks what ProveConsistency gives. The error wraps ErrNotProven.
func CheckConsistency(proof []Hash, older, newer Checkpoint) error {
	if newer.Size > maxSize {
		return fmt.Errorf("%w: a log of %d entries", ErrNotProven, newer.Size)
	}
	if err := tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fmt.Errorf("%w: the log of %d entries is not the beginning of that of %d: %w", ErrNotProven, older.Size, newer.Size, err)
	}
	return nil
}

// stored computes the hashes of a tree in the order in which package tlog counts them.
func stored(records [][]byte) (hashList, error) {
	list := make(hashList, 0, 2*len(records))
	for i, r := range records {
		more, err := tlog.StoredHashes(int64(i), r, list)
		if err != nil {
			return nil, fmt.Errorf("hashing record %d: %w", i, err)
		}
		list = append(list, more...)
	}
	return list, nil
}

// hashList implements tlog.HashReader.
type hashList []Hash

func (l hashList) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for i, at := range indexes {
		if at < 0 || at >= int64(len(l)) {
			return nil, fmt.Errorf("there is no hash %d", at)
		}
		out[i] = l[at]
	}
	return out, nil
}
