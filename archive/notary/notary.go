// Package notary makes and checks what lets somebody who trusts nobody trust a log: the root of a Merkle tree over all its entries, signed, with a time
// that somebody else vouches for, and the proof that one entry is under that root.
//
// # The model
//
// The leaves of the tree are records, in order. Its hashes are those of RFC 6962 §2.1, as golang.org/x/mod/sumdb/tlog has them: SHA-256 of a zero byte and
// the record for a leaf, of a one byte and two hashes for a node. A Tree is its size and the hashes at its right edge, which is all that is needed to add
// a leaf and to know the root: a writer needs the last entry of a log and nothing else.
//
// A checkpoint is text that names origin, size and root (C2SP tlog-checkpoint), signed as a note (C2SP signed-note, Ed25519). Who keeps one can later see
// that nothing under it was changed or dropped. A time stamp (RFC 3161) over the signed checkpoint is the word of a time stamping authority that it existed
// at that time. A Proof leads from one record to a checkpoint, and is checked without the log.
//
// Keys for WACZ files are others: players know ECDSA with P-384 only (Packager).
//
// The package knows nothing of archives, runs or stores, and imports nothing of ours. The archive package and archive/restore use it, and the commands make
// keys with it.
package notary

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrNotProven is wrapped by every error that says that a signature, a proof or a time stamp does not hold.
var ErrNotProven = errors.New("not proven")

// Hash is a hash of the tree, in JSON as base64.
type Hash = tlog.Hash

// maxSize bounds the leaves of a tree that comes from outside. No log has so many, and package tlog computes forever with sizes that are near the end of
// 64 bits.
const maxSize = 1 << 48

// Tree is a Merkle tree as far as one must know it to go on: the hashes of the complete subtrees at its right edge, the largest first. The zero value is
// the empty tree.
type Tree struct {
	Size int64  `json:"size"` // leaves
	Root Hash   `json:"root"`
	Edge []Hash `json:"edge"`
}

// Append gives the tree with one more leaf.
func (t Tree) Append(record []byte) Tree {
	edge := append([]Hash(nil), t.Edge...)
	h := tlog.RecordHash(record)
	for n := t.Size; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(edge[len(edge)-1], h)
		edge = edge[:len(edge)-1]
	}
	next := Tree{Size: t.Size + 1, Edge: append(edge, h)}
	next.Root = next.root()
	return next
}

func (t Tree) root() Hash {
	last := len(t.Edge) - 1
	h := t.Edge[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(t.Edge[i], h)
	}
	return h
}

// Check reports whether the members of a tree agree. The error wraps ErrNotProven.
func (t Tree) Check() error {
	ones := 0
	for n := t.Size; n > 0; n &= n - 1 {
		ones++
	}
	switch {
	case t.Size < 1 || t.Size > maxSize || ones != len(t.Edge):
		return fmt.Errorf("%w: a tree of %d leaves has %d hashes at its edge", ErrNotProven, t.Size, len(t.Edge))
	case t.root() != t.Root:
		return fmt.Errorf("%w: the root %s does not follow from the edge of the tree", ErrNotProven, t.Root)
	}
	return nil
}

// Equal reports whether two trees are the same.
func (t Tree) Equal(o Tree) bool { return t.Size == o.Size && t.Root == o.Root }

// Checkpoint is what a signed checkpoint says.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
	Lines  []string // that the signer added, without their line ends
	Signer string   // name and hash of the key, "example.org/papers+1a2b3c4d"
}

// maxCheckpoint bounds the text of a signed checkpoint in bytes.
const maxCheckpoint = 64 << 10

// Notary signs. It is safe for concurrent use.
type Notary struct {
	signer   note.Signer
	verifier note.Verifier
	public   string
}

// GenerateKey makes a key pair for checkpoints. The name is the origin of the log: what stands before all checkpoints of it, and that nobody else uses, as
// "example.org/papers". It must have no spaces and no plus sign. The secret key signs, and must stay secret; the public one is for all who verify.
func GenerateKey(random io.Reader, name string) (secret, public string, err error) {
	if random == nil {
		random = rand.Reader
	}
	secret, public, err = note.GenerateKey(random, name)
	if err != nil {
		return "", "", fmt.Errorf("making a key for %q: %w", name, err)
	}
	if _, err := note.NewVerifier(public); err != nil {
		return "", "", fmt.Errorf("%q cannot name a key: it must have no spaces and no plus sign", name)
	}
	return secret, public, nil
}

// New makes a notary of a secret key. Errors never quote the key.
func New(secret string) (*Notary, error) {
	secret = strings.TrimSpace(secret)
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, errors.New("it is no secret key as tearsheet keygen makes them (it begins with " + secretPrefix + ")")
	}
	public, err := publicOf(secret, signer)
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return nil, fmt.Errorf("its public key cannot be used: %w", err)
	}
	return &Notary{signer: signer, verifier: verifier, public: public}, nil
}

// Public gives the public key.
func (n *Notary) Public() string { return n.public }

// Origin gives the name of the log.
func (n *Notary) Origin() string { return n.signer.Name() }

// Sign gives the signed checkpoint of a tree. The lines are added to it (C2SP tlog-checkpoint, "extension lines"): others than who knows them pass over them.
func (n *Notary) Sign(t Tree, lines ...string) (string, error) {
	text := checkpointText(n.signer.Name(), t.Size, t.Root)
	for _, line := range lines {
		if line == "" || strings.Contains(line, "\n") {
			return "", fmt.Errorf("%q is no line of a checkpoint", line)
		}
		text += line + "\n"
	}
	signed, err := note.Sign(&note.Note{Text: text}, n.signer)
	if err != nil {
		return "", fmt.Errorf("signing a checkpoint: %w", err)
	}
	return string(signed), nil
}

func checkpointText(origin string, size int64, root Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
}

// Verifier checks signatures by the keys that somebody trusts.
type Verifier struct {
	keys  note.Verifiers
	list  []note.Verifier
	names []string
}

// NewVerifier takes public keys, one or more. Lines that are empty or begin with # are passed over. Errors never quote a key: it may be a secret one that
// somebody took for the public one.
func NewVerifier(keys ...string) (*Verifier, error) {
	v := &Verifier{}
	for _, text := range keys {
		n := 0
		for line := range strings.Lines(text) {
			n++
			if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			key, err := note.NewVerifier(line)
			if err != nil && strings.HasPrefix(line, secretPrefix) {
				return nil, errors.New("that is the secret key; name the public one, which tearsheet keygen writes beside it")
			}
			if err != nil {
				return nil, fmt.Errorf("line %d is no public key as tearsheet keygen makes them (NAME+HASH+BASE64)", n)
			}
			v.add(key)
		}
	}
	if len(v.list) == 0 {
		return nil, errors.New("there is no public key in it")
	}
	return v, nil
}

// add takes a key, once: package note takes no signature by a key that it knows twice.
func (v *Verifier) add(key note.Verifier) {
	name := keyName(key.Name(), key.KeyHash())
	if slices.Contains(v.names, name) {
		return
	}
	v.list, v.names = append(v.list, key), append(v.names, name)
	v.keys = note.VerifierList(v.list...)
}

// And gives a verifier that trusts a notary too. v may be nil.
func (v *Verifier) And(n *Notary) *Verifier {
	both := &Verifier{}
	if v != nil {
		both.list, both.names, both.keys = slices.Clone(v.list), slices.Clone(v.names), v.keys
	}
	both.add(n.verifier)
	return both
}

func keyName(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }

// Names gives the names of the keys that are trusted.
func (v *Verifier) Names() []string { return v.names }

// Open checks the signature of a checkpoint and gives what it says. The error wraps ErrNotProven.
func (v *Verifier) Open(signed string) (Checkpoint, error) {
	if len(signed) > maxCheckpoint {
		return Checkpoint{}, fmt.Errorf("%w: a checkpoint of %d bytes", ErrNotProven, len(signed))
	}
	n, err := note.Open([]byte(signed), v.keys)
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unverified):
		return Checkpoint{}, fmt.Errorf("%w: the checkpoint is signed by %s, and trusted are %s", ErrNotProven, signers(unverified.Note.UnverifiedSigs), strings.Join(v.names, ", "))
	case err != nil:
		return Checkpoint{}, fmt.Errorf("%w: checkpoint: %w", ErrNotProven, err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	c.Signer = signers(n.Sigs)
	for _, s := range n.Sigs {
		if s.Name == c.Origin {
			return c, nil
		}
	}
	return Checkpoint{}, fmt.Errorf("%w: the checkpoint of %s is signed by %s", ErrNotProven, c.Origin, c.Signer)
}

func signers(sigs []note.Signature) string {
	var names []string
	for _, s := range sigs {
		names = append(names, keyName(s.Name, s.Hash))
	}
	return strings.Join(names, ", ")
}

// Read gives what a checkpoint says without asking who says it.
func Read(signed string) (Checkpoint, error) {
	var unverified *note.UnverifiedNoteError
	if len(signed) > maxCheckpoint {
		return Checkpoint{}, fmt.Errorf("%w: a checkpoint of %d bytes", ErrNotProven, len(signed))
	}
	_, err := note.Open([]byte(signed), note.VerifierList())
	if !errors.As(err, &unverified) {
		return Checkpoint{}, fmt.Errorf("%w: checkpoint: %w", ErrNotProven, err)
	}
	c, err := parseCheckpoint(unverified.Note.Text)
	c.Signer = signers(unverified.Note.UnverifiedSigs)
	return c, err
}

// parseCheckpoint reads the text of a checkpoint: origin, size, root, and lines that may follow.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 3 || slices.Contains(lines, "") {
		return Checkpoint{}, fmt.Errorf("%w: a checkpoint has origin, size and root", ErrNotProven)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := tlog.ParseHash(lines[2])
	if err != nil || rootErr != nil || size < 1 || size > maxSize || lines[1] != strconv.FormatInt(size, 10) {
		return Checkpoint{}, fmt.Errorf("%w: a checkpoint with the size %.40q and the root %.80q", ErrNotProven, lines[1], lines[2])
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root}
	if more := lines[3:]; len(more) > 0 {
		c.Lines = more
	}
	return c, nil
}
