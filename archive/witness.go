package archive

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"tearsheet/archive/notary"
)

// Signing says how the log is signed, and whose signatures are trusted. The zero value signs nothing and trusts nobody.
type Signing struct {
	Notary        *notary.Notary  // signs every new entry; nil signs none
	Stamper       *notary.Stamper // asks for a time stamp over every signed checkpoint; nil asks nobody
	Required      bool            // nothing is committed without a signature, and none is missing where Verify looks
	StampRequired bool            // nothing is committed without a time stamp

	Trusted   *notary.Verifier // for Verify and proofs; nil for the notary's own key alone
	Authority *x509.CertPool   // whose time stamps are trusted
}

// ErrUnsigned says that a signature or a time stamp is required, and cannot be had. What was captured is in the work folder.
var ErrUnsigned = errors.New("what must be signed is not")

// ready refuses to begin what could not be committed.
func (s Signing) ready() error {
	switch {
	case s.Required && s.Notary == nil:
		return fmt.Errorf("%w: require_signature is set and there is no key to sign with: name one with signing: key: in the configuration, or make one with tearsheet keygen", ErrUnsigned)
	case s.StampRequired && (s.Stamper == nil || s.Notary == nil):
		return fmt.Errorf("%w: a time stamp is required, and there is no key to sign with or no authority to ask", ErrUnsigned)
	}
	return nil
}

// verifier gives the keys that are trusted; nil for none.
func (s Signing) verifier() *notary.Verifier {
	if s.Trusted != nil || s.Notary == nil {
		return s.Trusted
	}
	v, err := notary.NewVerifier(s.Notary.Public())
	if err != nil { // it was made from the secret key
		return nil
	}
	return v
}

// leaf is the record of an entry in the tree of the log: the digest of the manifest that it commits, as the entry writes it ("sha256:" and 64 hexadecimal
// digits).
func leaf(e Entry) []byte { return []byte(e.Manifest.SHA256) }

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
	if e.Checkpoint, err = a.signing.Notary.Sign(tree); err != nil || a.signing.Stamper == nil {
		return err
	}
	e.Timestamp, err = a.signing.Stamper.Stamp(ctx, e.Checkpoint)
	if err != nil && a.signing.StampRequired {
		return fmt.Errorf("%w: %w", ErrUnsigned, err)
	}
	if err != nil {
		a.log.Warn("a log entry goes without a time stamp", "entry", e.N, "error", err)
	}
	return nil
}

// treeAt gives the tree up to an entry: what it says itself, and of one that an older program wrote what all entries say.
func (a *Archive) treeAt(ctx context.Context, e logged) (notary.Tree, error) {
	if e.N == 0 {
		return notary.Tree{}, nil
	}
	if e.Tree != nil {
		if err := e.Tree.Check(); err != nil || e.Tree.Size != e.N {
			return notary.Tree{}, fmt.Errorf("%w: the tree of log entry %d: %d leaves, %w", ErrFixity, e.N, e.Tree.Size, errors.Join(err))
		}
		return *e.Tree, nil
	}
	leaves, err := a.leaves(ctx, e.N)
	var tree notary.Tree
	for _, l := range leaves {
		tree = tree.Append(l)
	}
	return tree, err
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

// Check checks the proof by itself: that the manifest with this digest is in the log whose checkpoint a key that v trusts has signed. With v nil the
// signature is not looked at. The error wraps notary.ErrNotProven.
func (p RunProof) Check(v *notary.Verifier) error {
	return p.Proof.Check(leaf(Entry{Manifest: p.Manifest}), v)
}

// trees compares the tree that every entry has with the one that the entries before it make. After a gap in the log nothing is known until an entry tells
// its tree.
func (v *audit) trees(_ context.Context, log []inspected) error {
	var tree notary.Tree
	known := true
	for _, e := range log {
		if known = known && e.whole && tree.Size == e.n-1; known {
			tree = tree.Append(leaf(e.Entry))
		}
		if !e.whole || e.Tree == nil {
			continue
		}
		err := e.Tree.Check()
		switch {
		case err != nil || e.Tree.Size != e.n:
			v.problem(Problem{Object: e.key, What: "the tree of the log is not one of so many entries", Expected: fmt.Sprint(e.n), Found: fmt.Sprint(e.Tree.Size, " ", err)})
			known = false
		case known && !e.Tree.Equal(tree):
			v.problem(Problem{Object: e.key, What: "the root of the log's tree is not that of the entries up to this one", Expected: tree.Root.String(), Found: e.Tree.Root.String()})
			tree = *e.Tree
		default:
			tree, known = *e.Tree, true
		}
	}
	return nil
}

// signatures checks the checkpoints and time stamps of all entries. Where nobody is trusted, only that they are of their entry's tree.
func (v *audit) signatures(_ context.Context, log []inspected) error {
	trusted := v.archive.signing.verifier()
	signed := false
	for _, e := range log {
		if !e.whole {
			continue
		}
		if e.Checkpoint == "" {
			if signed && v.archive.signing.Required {
				v.problem(Problem{Object: e.key, What: "the entry is not signed, and those before it are", Expected: "a signed checkpoint"})
			}
			continue
		}
		signed = true
		open := notary.Read
		if trusted != nil {
			open = trusted.Open
		}
		c, err := open(e.Checkpoint)
		switch {
		case err != nil:
			v.problem(Problem{Object: e.key, What: "the signature of the entry does not hold", Found: err.Error()})
		case e.Tree == nil || c.Size != e.Tree.Size || c.Root != e.Tree.Root:
			v.problem(Problem{Object: e.key, What: "what is signed is not the tree of the entry", Found: fmt.Sprintf("%d entries, root %s", c.Size, c.Root)})
		default:
			v.count(func(r *VerifyReport) { r.Signed++ })
		}
		v.stamp(e)
	}
	return nil
}

// stamp checks the time stamp of an entry.
func (v *audit) stamp(e inspected) {
	switch {
	case len(e.Timestamp) == 0 && v.archive.signing.StampRequired:
		v.problem(Problem{Object: e.key, What: "the entry has no time stamp", Expected: "one"})
	case len(e.Timestamp) == 0 || v.archive.signing.Authority == nil:
	default:
		at, err := notary.CheckStamp(e.Timestamp, e.Checkpoint, v.archive.signing.Authority)
		if err != nil {
			v.problem(Problem{Object: e.key, What: "the time stamp of the entry does not hold", Found: err.Error()})
			return
		}
		if off := at.Sub(e.Time).Abs(); off > clockSlack {
			v.problem(Problem{Object: e.key, What: "the time stamp is of another time than the entry says", Expected: e.Time.String(), Found: at.String()})
			return
		}
		v.count(func(r *VerifyReport) { r.Stamped++ })
	}
}
