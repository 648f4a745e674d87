package notary

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

func records(n int) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = fmt.Appendf(nil, "sha256:%064x", i)
	}
	return all
}

func TestATreeGrownFromItsEdgeHasTheRootOfAllItsRecords(t *testing.T) {
	var tree Tree
	all := records(300)
	for i, r := range all {
		tree = tree.Append(r)
		hashes, err := stored(all[:i+1])
		if err != nil {
			t.Fatal(err)
		}
		want, err := tlog.TreeHash(int64(i+1), hashes)
		if err != nil || tree.Root != want || tree.Size != int64(i+1) || tree.Check() != nil {
			t.Fatalf("of %d records: %s, want %s, %v", i+1, tree.Root, want, errors.Join(err, tree.Check()))
		}
		text, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		var back Tree
		if err := json.Unmarshal(text, &back); err != nil || !back.Equal(tree) || !slices.Equal(back.Edge, tree.Edge) {
			t.Fatalf("%s is read back as %+v, %v", text, back, err)
		}
	}
	for name, broken := range map[string]Tree{
		"another size": {tree.Size + 1, tree.Root, tree.Edge}, "another root": {tree.Size, tree.Edge[0], tree.Edge}, "no edge": {tree.Size, tree.Root, nil}, "empty": {},
	} {
		if !errors.Is(broken.Check(), ErrNotProven) {
			t.Errorf("%s: %v", name, broken.Check())
		}
	}
}

func notary(t testing.TB, name string) (*Notary, *Verifier) {
	t.Helper()
	secret, public, err := GenerateKey(nil, name)
	if err != nil {
		t.Fatal(err)
	}
	n, err := New(secret + "\n")
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVerifier("# the key of the paper\n" + public + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if n.Public() != public || n.Origin() != name {
		t.Errorf("the public key is %q, want %q", n.Public(), public)
	}
	return n, v
}

func sign(t testing.TB, n *Notary, size int) (string, Tree) {
	t.Helper()
	var tree Tree
	for _, r := range records(size) {
		tree = tree.Append(r)
	}
	signed, err := n.Sign(tree)
	if err != nil {
		t.Fatal(err)
	}
	return signed, tree
}

func TestACheckpointIsTrustedOnlyAsItWasSigned(t *testing.T) {
	n, v := notary(t, "example.org/papers")
	_, other := notary(t, "example.org/papers")
	signed, tree := sign(t, n, 7)
	c, err := v.Open(signed)
	if err != nil || c.Size != 7 || c.Root != tree.Root || c.Origin != "example.org/papers" || !strings.HasPrefix(c.Signer, "example.org/papers+") {
		t.Fatalf("%+v %v", c, err)
	}
	if read, err := Read(signed); err != nil || read.Size != 7 || read.Root != tree.Root {
		t.Errorf("%+v %v", read, err)
	}
	for name, changed := range map[string]string{
		"another size":   strings.Replace(signed, "\n7\n", "\n8\n", 1),
		"another root":   strings.Replace(signed, base64.StdEncoding.EncodeToString(tree.Root[:]), base64.StdEncoding.EncodeToString(tree.Edge[0][:]), 1),
		"another origin": strings.Replace(signed, "example.org/papers\n", "example.org/others\n", 1),
		"a line more":    strings.Replace(signed, "\n\n", "\nmore\n\n", 1),
		"no signature":   signed[:strings.Index(signed, "\n\n")+2],
		"nothing":        "",
		"very long":      strings.Repeat("x", maxCheckpoint+1),
	} {
		if c, err := v.Open(changed); !errors.Is(err, ErrNotProven) {
			t.Errorf("%s: %+v %v", name, c, err)
		}
	}
	if _, err := other.Open(signed); !errors.Is(err, ErrNotProven) || !strings.Contains(err.Error(), "trusted are") {
		t.Errorf("by a key of the same name: %v", err)
	}
}

func TestACheckpointSaysMoreInLinesThatItsSignatureIsOver(t *testing.T) {
	n, v := notary(t, "example.org")
	signed, err := n.Sign(Tree{}.Append(nil), "entry sha256:x", "another")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := v.Open(signed); err != nil || !slices.Equal(c.Lines, []string{"entry sha256:x", "another"}) {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := v.Open(strings.Replace(signed, "sha256:x", "sha256:y", 1)); !errors.Is(err, ErrNotProven) {
		t.Errorf("%+v %v", c, err)
	}
	for _, bad := range []string{"", "two\nlines"} {
		if signed, err := n.Sign(Tree{}.Append(nil), bad); err == nil {
			t.Errorf("%q is signed: %q", bad, signed)
		}
	}
}

func TestAKeyMayBeTrustedTwiceAndItsOwnerIsTrustedBesideOthers(t *testing.T) {
	n, v := notary(t, "example.org")
	other, others := notary(t, "example.net")
	mine, _ := sign(t, n, 3)
	theirs, _ := sign(t, other, 3)
	twice, err := NewVerifier(n.Public()+"\n"+n.Public(), n.Public())
	if err != nil {
		t.Fatal(err)
	}
	var nobody *Verifier
	for name, c := range map[string]struct {
		v            *Verifier
		mine, theirs bool
	}{
		"twice": {twice, true, false}, "mine and mine": {v.And(n), true, false}, "nobody and mine": {nobody.And(n), true, false},
		"theirs": {others, false, true}, "theirs and mine": {others.And(n), true, true},
	} {
		_, err := c.v.Open(mine)
		_, theirErr := c.v.Open(theirs)
		if (err == nil) != c.mine || (theirErr == nil) != c.theirs {
			t.Errorf("%s: %v, %v", name, err, theirErr)
		}
	}
	if len(others.Names()) != 1 {
		t.Errorf("trusted are now %v", others.Names())
	}
}

func TestKeysAreToldApartFromWhatIsNone(t *testing.T) {
	secret, public, err := GenerateKey(nil, "example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", public, "PRIVATE+KEY+x", secret[:len(secret)-4]} {
		if _, err := New(bad); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("a secret key %.20q…: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "# nothing\n", secret, public[:20]} {
		if _, err := NewVerifier("# mine\n" + bad); err == nil || strings.Contains(err.Error(), secret[len(secret)-20:]) {
			t.Errorf("a public key %.20q: %v", bad, err)
		}
	}
	for _, name := range []string{"", "two words", "plus+sign"} {
		if _, _, err := GenerateKey(nil, name); err == nil {
			t.Errorf("a key named %q is made", name)
		}
	}
}

func TestEveryRecordIsProvenAndNothingElseIs(t *testing.T) {
	n, v := notary(t, "example.org")
	for size := 1; size <= 64; size++ {
		all := records(size)
		signed, _ := sign(t, n, size)
		for i, r := range all {
			p, err := Prove(all, int64(i))
			if err != nil {
				t.Fatal(err)
			}
			p.Checkpoint = signed
			if err := p.Check(r, v); err != nil {
				t.Fatalf("record %d of %d: %v", i, size, err)
			}
			if err := p.Check([]byte("sha256:other"), v); !errors.Is(err, ErrNotProven) {
				t.Fatalf("another record passes as %d of %d: %v", i, size, err)
			}
			wrong := p
			wrong.Index = (p.Index + 1) % int64(size)
			if err := wrong.Check(r, v); size > 1 && !errors.Is(err, ErrNotProven) {
				t.Fatalf("record %d of %d passes as the next: %v", i, size, err)
			}
		}
	}
	p, err := Prove(records(1000), 437)
	if err != nil || len(p.Hashes) > 10 || p.Check(records(1000)[437], nil) != nil {
		t.Errorf("%d hashes, %v", len(p.Hashes), err)
	}
	if err := p.Check(records(1000)[437], v); !errors.Is(err, ErrNotProven) {
		t.Errorf("without a signature: %v", err)
	}
	p.Checkpoint, _ = sign(t, n, 999)
	if err := p.Check(records(1000)[437], v); !errors.Is(err, ErrNotProven) {
		t.Errorf("with the checkpoint of another tree: %v", err)
	}
	if _, err := Prove(records(3), 3); err == nil {
		t.Error("a record that is not there is proven")
	}
}

func TestAnOlderLogIsProvenToBeTheBeginningOfANewerOne(t *testing.T) {
	all := records(50)
	checkpoint := func(rs [][]byte) Checkpoint {
		var tree Tree
		for _, r := range rs {
			tree = tree.Append(r)
		}
		return Checkpoint{Size: tree.Size, Root: tree.Root}
	}
	for old := int64(1); old <= 50; old++ {
		proof, err := ProveConsistency(all, old)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckConsistency(proof, checkpoint(all[:old]), checkpoint(all)); err != nil {
			t.Errorf("the first %d: %v", old, err)
		}
		changed := slices.Clone(all)
		changed[0] = []byte("rewritten")
		if err := CheckConsistency(proof, checkpoint(changed[:old]), checkpoint(all)); !errors.Is(err, ErrNotProven) {
			t.Errorf("a log that was rewritten, the first %d: %v", old, err)
		}
	}
}

func TestAWACZSignatureIsTheOneThatPlayersVerify(t *testing.T) {
	secret, public, err := GeneratePackageKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPackager(secret)
	if err != nil {
		t.Fatal(err)
	}
	const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	s, err := p.Sign(digest, "tearsheet/test", time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	spki, _ := base64.StdEncoding.DecodeString(s.PublicKey)
	key, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.StdEncoding.DecodeString(s.Signature)
	sum := sha256.Sum256([]byte(digest))
	if len(raw) != 96 || !ecdsa.Verify(key.(*ecdsa.PublicKey), sum[:], new(big.Int).SetBytes(raw[:48]), new(big.Int).SetBytes(raw[48:])) {
		t.Errorf("a signature of %d bytes that does not verify", len(raw))
	}
	if s.Hash != digest || s.Version != "0.1.0" || s.Created != "1970-01-01T00:00:00Z" || !bytes.Contains(public, []byte(base64.StdEncoding.EncodeToString(spki)[:40])) {
		t.Errorf("%+v", s)
	}
	for _, bad := range [][]byte{nil, public, []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")} {
		if _, err := NewPackager(bad); err == nil {
			t.Errorf("%.30q is taken for a key", bad)
		}
	}
}

func TestSizesThatNoLogHasAreRefusedAtOnce(t *testing.T) {
	for _, size := range []int64{maxSize + 1, 1<<62 + 1, 1<<63 - 1} { // package tlog never ends with the last two
		p := Proof{Size: size, Hashes: make([]Hash, 62)}
		if err := p.Check(nil, nil); !errors.Is(err, ErrNotProven) {
			t.Error(err)
		}
		if err := CheckConsistency(p.Hashes, Checkpoint{Size: 3}, Checkpoint{Size: size}); !errors.Is(err, ErrNotProven) {
			t.Error(err)
		}
		if err := (Tree{Size: size}).Check(); !errors.Is(err, ErrNotProven) {
			t.Error(err)
		}
		if _, err := parseCheckpoint(checkpointText("example.org", size, Hash{})); !errors.Is(err, ErrNotProven) {
			t.Error(err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	n, v := notary(f, "example.org")
	signed, _ := sign(f, n, 5)
	f.Add(signed)
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := v.Open(text); err == nil && (c.Size != 5 || c.Origin != "example.org") {
			t.Errorf("%q is taken: %+v", text, c)
		} else if err != nil && !errors.Is(err, ErrNotProven) {
			t.Error(err)
		}
		_, _ = Read(text)
	})
}

func FuzzProof(f *testing.F) {
	n, v := notary(f, "example.org")
	signed, _ := sign(f, n, 9)
	all := records(9)
	p, err := Prove(all, 6)
	if err != nil {
		f.Fatal(err)
	}
	p.Checkpoint = signed
	text, err := json.Marshal(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"index":0,"size":9223372036854775807,"hashes":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Proof
		if json.Unmarshal(b, &p) != nil {
			return
		}
		if err := p.Check(all[6], v); err == nil && (p.Index != 6 || p.Size != 9) {
			t.Errorf("record 6 passes as %d of %d", p.Index, p.Size)
		} else if err != nil && !errors.Is(err, ErrNotProven) {
			t.Error(err)
		}
		if p.Check([]byte("another"), v) == nil {
			t.Error("a record that is not in the log is proven")
		}
	})
}
