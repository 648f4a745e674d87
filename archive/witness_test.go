package archive

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/notary"
	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
)

// signing makes a key.
func signing(t testing.TB) Signing {
	t.Helper()
	secret, _, err := notary.GenerateKey(nil, "example.org/papers")
	if err != nil {
		t.Fatal(err)
	}
	n, err := notary.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	return Signing{Notary: n}
}

func openSigned(t testing.TB, st store.Store, work string, s Signing) *Archive {
	t.Helper()
	a, err := Open(t.Context(), st, Options{Work: work, Software: "tearsheet/test", Signing: s})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEntriesAreSignedAndEachRunIsProvenByTheNewestCheckpoint(t *testing.T) {
	st := new(storetest.Memory)
	s := signing(t)
	plain := committedRun(t, open(t, st)) // before there was a key
	a := openSigned(t, st, t.TempDir(), s)
	var runs []Entry
	for range 4 {
		runs = append(runs, committedRun(t, a))
	}
	if plain.Tree == nil || plain.Checkpoint != "" || runs[0].Checkpoint == "" {
		t.Errorf("%+v %+v", plain, runs[0])
	}
	if report := intact(t, a); report.Signed != 4 {
		t.Errorf("%d of 4 signatures hold", report.Signed)
	}
	v, err := notary.NewVerifier(s.Notary.Public())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range append(runs, plain) {
		p, err := a.Proof(t.Context(), e.RunID)
		if err != nil || p.Proof.Size != 5 || p.Manifest != e.Manifest {
			t.Fatalf("%+v %v", p, err)
		}
		if err := p.Check(v); err != nil {
			t.Errorf("run %d: %v", e.N, err)
		}
		p.Manifest.SHA256 = digestOf(nil)
		if err := p.Check(v); !errors.Is(err, notary.ErrNotProven) {
			t.Errorf("another manifest: %v", err)
		}
	}
	if _, err := a.Proof(t.Context(), newRunID(noon)); !errors.Is(err, ErrNotArchived) {
		t.Errorf("a run that is not there: %v", err)
	}
}

func TestWritersThatSignAtOnceMakeOneTree(t *testing.T) {
	for name, st := range map[string]store.Store{"memory": new(storetest.Memory), "folder": folder(t)} {
		t.Run(name, func(t *testing.T) {
			s := signing(t)
			work := t.TempDir()
			var group errgroup.Group
			for i := range 8 {
				a := openSigned(t, st, work, s)
				r := begin(t, a)
				article(t, r, fmt.Sprintf("https://a.example/%d", i))
				group.Go(func() error {
					_, err := r.Commit(t.Context(), Complete)
					return err
				})
			}
			if err := group.Wait(); err != nil {
				t.Fatal(err)
			}
			if report := intact(t, openSigned(t, st, work, s)); report.Entries != 8 || report.Signed != 8 {
				t.Errorf("%+v", report)
			}
		})
	}
}

func TestTheTreeOfAnOldArchiveIsMadeOfAllItsEntries(t *testing.T) {
	st := new(storetest.Memory)
	grownArchive(t, st, 5)
	old := new(storetest.Memory)
	previous := ""
	for n := int64(1); n <= 5; n++ {
		e, err := ParseEntry(read(t, st, logKey(n)))
		if err != nil {
			t.Fatal(err)
		}
		e.Tree, e.Previous = nil, previous
		b, err := e.encode()
		if err != nil {
			t.Fatal(err)
		}
		previous = digestOf(b)
		create(t, old, logKey(n), b)
	}
	for _, key := range st.Keys() {
		if !strings.HasPrefix(key, logPrefix) {
			create(t, old, key, read(t, st, key))
		}
	}
	a := openSigned(t, old, t.TempDir(), signing(t))
	if e := committedRun(t, a); e.Tree.Size != 6 {
		t.Errorf("%+v", e.Tree)
	}
	intact(t, a)
}

func TestWhatMustBeSignedIsNotCommittedWithout(t *testing.T) {
	st := new(storetest.Memory)
	a := openSigned(t, st, t.TempDir(), Signing{Required: true})
	if _, err := a.Begin(t.Context(), RunOptions{Kind: KindCapture}); !errors.Is(err, ErrUnsigned) || !strings.Contains(err.Error(), "keygen") {
		t.Errorf("begun without a key: %v", err)
	}
	// An authority that does not answer: with what is captured nothing happens until it does.
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) }))
	defer refusing.Close()
	s := signing(t)
	s.Stamper, s.StampRequired = &notary.Stamper{URL: refusing.URL}, true
	work := t.TempDir()
	a = openSigned(t, st, work, s)
	r := begin(t, a)
	article(t, r, "https://a.example/")
	if _, err := r.Commit(t.Context(), Complete); !errors.Is(err, ErrUnsigned) {
		t.Errorf("committed without a time stamp: %v", err)
	}
	if slices.ContainsFunc(st.Keys(), func(k string) bool { return strings.HasPrefix(k, logPrefix) }) {
		t.Error("there is an entry")
	}
	s.StampRequired = false
	a = openSigned(t, st, work, s)
	done, err := a.Recover(t.Context())
	if err != nil || len(done) != 1 || done[0].Entry == nil || done[0].Entry.Checkpoint == "" || done[0].Entry.Timestamp != nil {
		t.Errorf("%+v %v", done, err)
	}
	intact(t, a)
}

func TestAForgedTreeOrSignatureIsFound(t *testing.T) {
	mine, other := signing(t), signing(t)
	for name, c := range map[string]struct {
		forge func(e *Entry)
		by    Signing
		says  string
	}{
		"signed by somebody else": {func(e *Entry) { e.Checkpoint, _ = other.Notary.Sign(*e.Tree) }, mine, "signature of the entry does not hold"},
		"a signature that is cut": {func(e *Entry) { e.Checkpoint = e.Checkpoint[:len(e.Checkpoint)-9] }, mine, "signature of the entry does not hold"},
		"the signature of another tree": {func(e *Entry) {
			tree := e.Tree.Append([]byte("x"))
			e.Checkpoint, _ = mine.Notary.Sign(tree)
		}, mine, "not the tree of the entry"},
		"a tree with another leaf": {func(e *Entry) {
			tree := notary.Tree{}.Append([]byte("x")).Append([]byte("y"))
			e.Tree = &tree
			e.Checkpoint, _ = mine.Notary.Sign(tree)
		}, mine, "is not that of the entries up to this one"},
		"a tree of another size": {func(e *Entry) {
			tree := e.Tree.Append([]byte("x"))
			e.Tree = &tree
			e.Checkpoint, _ = mine.Notary.Sign(tree)
		}, mine, "not one of so many entries"},
		"a signature that is missing":  {func(e *Entry) { e.Checkpoint = "" }, Signing{Notary: mine.Notary, Required: true}, "is not signed"},
		"a time stamp that is missing": {func(*Entry) {}, Signing{Notary: mine.Notary, StampRequired: true, Stamper: &notary.Stamper{}}, "no time stamp"},
	} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			a := openSigned(t, st, t.TempDir(), mine)
			committedRun(t, a)
			e := committedRun(t, a)
			c.forge(&e)
			b, err := e.encode()
			if err != nil {
				t.Fatal(err)
			}
			st.Tamper(logKey(e.N), func([]byte) []byte { return b })
			report, err := openSigned(t, st, "", c.by).Verify(t.Context())
			if err != nil || !found(report, logKey(e.N), c.says) {
				t.Errorf("%+v %v, want one that says %q", report.Problems, err, c.says)
			}
		})
	}
}
