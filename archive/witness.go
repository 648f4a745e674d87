package archive

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tearsheet/archive/notary"
)

// Signing says how the log is signed, and whose signatures are trusted. The zero value signs nothing and trusts nobody.
type Signing struct {
	Notary        *notary.Notary  // signs every new entry; nil signs none
	Stamper       *notary.Stamper // asks for a time stamp over every signed checkpoint; nil asks nobody
	Required      bool            // nothing is committed without a signature, and none is missing where Verify looks
	StampRequired bool            // nothing is committed without a time stamp, and none is missing where Verify looks
	Fault         error           // why the key that is meant to sign cannot be used: nothing is committed, and everything can be read

	Trusted   *notary.Verifier // for Verify and proofs, beside the notary's own key; nil for that alone
	Authority *x509.CertPool   // whose time stamps are trusted
}

// ErrUnsigned says that a signature or a time stamp is required, and cannot be had. What was captured is in the work folder.
var ErrUnsigned = errors.New("what must be signed is not")

// ready refuses to begin what could not be committed.
func (s Signing) ready() error {
	switch {
	case s.Fault != nil:
		return fmt.Errorf("%w: %w", ErrUnsigned, s.Fault)
	case s.Required && s.Notary == nil:
		return fmt.Errorf("%w: require_signature is set and there is no key to sign with: name one with signing: key: in the configuration, or make one with tearsheet keygen", ErrUnsigned)
	case s.StampRequired && (s.Stamper == nil || s.Notary == nil):
		return fmt.Errorf("%w: a time stamp is required, and there is no key to sign with or no authority to ask", ErrUnsigned)
	}
	return nil
}

// verifier gives the keys that are trusted; nil for none.
func (s Signing) verifier() *notary.Verifier {
	if s.Notary == nil {
		return s.Trusted
	}
	return s.Trusted.And(s.Notary)
}

// leaf is the record of an entry in the tree of the log: the digest of the manifest that it commits, as the entry writes it ("sha256:" and 64 hexadecimal
// digits).
func leaf(e Entry) []byte { return []byte(e.Manifest.SHA256) }

// entryLine begins the line of a checkpoint that says which entry was signed: after it comes the digest of the entry without checkpoint, time stamp and
// self. So the signature is over all that the entry says, and by its digest of the entry before over the whole log, not over the manifests alone.
const entryLine = "entry "

// signedMember begins what a signature is not over.
const signedMember = `,"checkpoint":"`

// signedPart gives the bytes of an entry that its signature is over.
func signedPart(entry []byte) []byte {
	at := bytes.LastIndex(entry, []byte(signedMember))
	if at < 0 {
		return entry
	}
	return append(bytes.Clone(entry[:at]), '}')
}

// witness adds to an entry what proves it to others: the tree of the log up to it, the signed checkpoint, and the time stamp.
func (a *Archive) witness(ctx context.Context, prev logged, e *Entry) error {
	if err := a.signing.ready(); err != nil {
		return err
	}
	before, err := a.treeAt(ctx, prev)
	if err != nil {
		return fmt.Errorf("growing the tree of the log: %w", err)
	}
	tree := before.Append(leaf(*e))
	e.Tree = &tree
	if a.signing.Notary == nil {
		return nil
	}
	said, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("signing log entry %d: %w", e.N, err)
	}
	if e.Checkpoint, err = a.signing.Notary.Sign(tree, entryLine+digestOf(said)); err != nil || a.signing.Stamper == nil {
		return err
	}
	e.Timestamp, err = a.signing.Stamper.Stamp(ctx, e.Checkpoint)
	if err != nil && (a.signing.StampRequired || ctx.Err() != nil) {
		return fmt.Errorf("%w: %w: %w", ErrUpload, ErrUnsigned, err)
	}
	if err != nil {
		a.log.Warn("a log entry goes without a time stamp", "entry", e.N, "error", err)
	}
	return nil
}

// treeAt gives the tree up to an entry: what the entry says, where nothing is signed or where somebody who is trusted has signed it, so that a commit costs no more
// than the newest entry. Else it is made of all entries: nobody signs what only a stranger says.
func (a *Archive) treeAt(ctx context.Context, e logged) (notary.Tree, error) {
	if e.N == 0 {
		return notary.Tree{}, nil
	}
	told := e.toldTree()
	if told != nil && (a.signing.Notary == nil || a.signing.vouch(e.Entry)) {
		return *told, nil
	}
	leaves, err := a.leaves(ctx, e.N)
	if errors.Is(err, ErrFixity) && told != nil && !a.signing.Required {
		a.log.Warn("older entries of the log are damaged, so that the tree of its newest one is taken as it is: tearsheet verify tells more", "entry", e.N, "error", err)
		return *told, nil
	}
	var tree notary.Tree
	for _, l := range leaves {
		tree = tree.Append(l)
	}
	if err == nil && e.Tree != nil && !e.Tree.Equal(tree) {
		a.log.Warn("the newest entry of the log has not the tree of the entries up to it, and the next one has: tearsheet verify tells more", "entry", e.N)
	}
	return tree, err
}

// toldTree gives the tree that an entry has; nil when it has none, or none of so many entries.
func (e Entry) toldTree() *notary.Tree {
	if e.Tree == nil || e.Tree.Size != e.N || e.Tree.Check() != nil {
		return nil
	}
	return e.Tree
}

// vouch reports whether somebody who is trusted has signed the tree of an entry.
func (s Signing) vouch(e Entry) bool {
	v := s.verifier()
	if v == nil || e.Checkpoint == "" {
		return false
	}
	c, err := v.Open(e.Checkpoint)
	return err == nil && c.Size == e.Tree.Size && c.Root == e.Tree.Root
}

// leaves gives the records of the tree up to entry n, in order.
func (a *Archive) leaves(ctx context.Context, n int64) ([][]byte, error) {
	all := make([][]byte, n)
	at := n
	for e, err := range a.Entries(ctx) {
		switch {
		case err != nil:
			return nil, err
		case e.N > n:
			continue
		case e.N != at:
			return nil, fmt.Errorf("%w: log entry %d is missing", ErrFixity, at)
		}
		at--
		all[at] = leaf(e)
	}
	if at != 0 {
		return nil, fmt.Errorf("%w: log entry %d is missing", ErrFixity, at)
	}
	return all, nil
}

// RunProof proves, without the archive, that a run is in its log: its manifest leads to a checkpoint that was signed, and perhaps stamped.
type RunProof struct {
	Archive  string       `json:"archive"` // where it stood, for people
	RunID    string       `json:"run"`
	Manifest Object       `json:"manifest"`
	Proof    notary.Proof `json:"proof"`
}

// Proof proves a run by the newest signed checkpoint of the log, and by its bare root when none is signed. It reads every entry of the log that is not
// remembered. The error wraps ErrNotArchived when there is no such run.
func (a *Archive) Proof(ctx context.Context, runID string) (RunProof, error) {
	e, ok, err := a.committed(ctx, runID)
	if err == nil && !ok {
		err = fmt.Errorf("%w: no run %s", ErrNotArchived, runID)
	}
	if err != nil {
		return RunProof{}, err
	}
	var by Entry
	for at, err := range a.Entries(ctx) {
		if err != nil {
			return RunProof{}, err
		}
		if by.N == 0 || at.Checkpoint != "" {
			by = at
		}
		if by.Checkpoint != "" || at.N <= e.N {
			break
		}
	}
	leaves, err := a.leaves(ctx, by.N)
	if err != nil {
		return RunProof{}, err
	}
	p, err := notary.Prove(leaves, e.N-1)
	if err != nil {
		return RunProof{}, fmt.Errorf("proving run %s: %w", runID, err)
	}
	p.Checkpoint, p.Timestamp = by.Checkpoint, by.Timestamp
	return RunProof{Archive: a.store.String(), RunID: runID, Manifest: e.Manifest, Proof: p}, nil
}

// Stamped gives the time at which, by the word of an authority, the checkpoint existed, and the run in it. Check the proof first. The error wraps
// notary.ErrNotProven.
func (p RunProof) Stamped(authority *x509.CertPool) (time.Time, error) {
	return p.Proof.Stamped(authority)
}

// Check checks the proof by itself: that the manifest with this digest is in the log whose checkpoint a key that v trusts has signed. With v nil the
// signature is not looked at. The error wraps notary.ErrNotProven.
func (p RunProof) Check(v *notary.Verifier) error {
	return p.Proof.Check(leaf(Entry{Manifest: p.Manifest}), v)
}
