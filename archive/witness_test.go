package archive

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/notary"
	"tearsheet/archive/notary/notarytest"
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
	if _, err := r.Commit(t.Context(), Complete); !errors.Is(err, ErrUnsigned) || !errors.Is(err, ErrUpload) {
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

// forgeEntry changes an entry as somebody would who has no key: what it says of itself is right.
func forgeEntry(t testing.TB, st *storetest.Memory, e Entry, change func(*Entry)) {
	t.Helper()
	change(&e)
	b, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	st.Tamper(logKey(e.N), func([]byte) []byte { return b })
}

func TestALogThatLostItsSignaturesIsFoundWhereTheyAreRequired(t *testing.T) {
	st := new(storetest.Memory)
	committedRun(t, open(t, st))
	newest := committedRun(t, open(t, st))
	s := signing(t)
	intact(t, openSigned(t, st, "", s))
	s.Required = true
	report, err := openSigned(t, st, "", s).Verify(t.Context())
	if err != nil || len(report.Problems) != 1 || !found(report, logKey(newest.N), "no entry of the log is signed") {
		t.Errorf("%+v %v", report.Problems, err)
	}
	a := openSigned(t, st, t.TempDir(), s) // and from the first signature on it is mended
	committedRun(t, a)
	intact(t, a)
}

func TestTimeStampsAreMissedOnlyAfterTheFirst(t *testing.T) {
	st := new(storetest.Memory)
	s := signing(t)
	committedRun(t, openSigned(t, st, t.TempDir(), s))
	authority := notarytest.New(t, x509.ExtKeyUsageTimeStamping)
	with := s
	with.Stamper, with.StampRequired, with.Authority = authority.Start(t), true, authority.Pool
	a := openSigned(t, st, t.TempDir(), with)
	committedRun(t, a)
	if report := intact(t, a); report.Signed != 2 || report.Stamped != 1 {
		t.Errorf("%+v", report)
	}
	bare := committedRun(t, openSigned(t, st, t.TempDir(), s))
	report, err := a.Verify(t.Context())
	if err != nil || len(report.Problems) != 1 || !found(report, logKey(bare.N), "no time stamp, and those before it have") {
		t.Errorf("%+v %v", report.Problems, err)
	}
}

func TestWhereNobodyIsTrustedNoSignatureCountsAsOneThatHolds(t *testing.T) {
	st := new(storetest.Memory)
	committedRun(t, openSigned(t, st, t.TempDir(), signing(t)))
	if report := intact(t, open(t, st)); report.Signed != 0 || report.Unchecked != 1 {
		t.Errorf("%+v", report)
	}
	// A key that cannot be read is not nobody.
	broken := Signing{Fault: errors.New("log.key: permission denied")}
	a := openSigned(t, st, t.TempDir(), broken)
	if _, err := a.Begin(t.Context(), RunOptions{Kind: KindCapture}); !errors.Is(err, ErrUnsigned) || !errors.Is(err, broken.Fault) {
		t.Errorf("begun without the key: %v", err)
	}
	if report, err := a.Verify(t.Context()); !errors.Is(err, broken.Fault) || report.Entries != 1 || len(report.Problems) > 0 {
		t.Errorf("%+v %v", report, err)
	}
}

func TestOnesOwnKeyIsTrustedBesideThoseThatAreNamed(t *testing.T) {
	st := new(storetest.Memory)
	mine, theirs := signing(t), signing(t)
	committedRun(t, openSigned(t, st, t.TempDir(), theirs))
	mine.Trusted = mine.Trusted.And(theirs.Notary)
	a := openSigned(t, st, t.TempDir(), mine)
	committedRun(t, a)
	if report := intact(t, a); report.Signed != 2 {
		t.Errorf("%+v", report)
	}
}

func TestNobodySignsATreeThatOnlyAStrangerTold(t *testing.T) {
	for name, by := range map[string]*notary.Notary{"unsigned": nil, "signed by a stranger": signing(t).Notary} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			committedRun(t, open(t, st))
			forgeEntry(t, st, committedRun(t, open(t, st)), func(e *Entry) {
				tree := notary.Tree{}.Append([]byte("x")).Append([]byte("y"))
				e.Tree = &tree
				if by != nil {
					e.Checkpoint, _ = by.Sign(tree)
				}
			})
			a := openSigned(t, st, t.TempDir(), signing(t))
			e := committedRun(t, a)
			report, err := a.Verify(t.Context())
			if err != nil || !found(report, logKey(2), "is not that of the entries up to this one") || found(report, logKey(e.N), "") || report.Signed != 1 {
				t.Errorf("%+v %v", report, err)
			}
		})
	}
}

func TestASignedLogGoesOnAfterDamageUnlessSignaturesAreRequired(t *testing.T) {
	st := new(storetest.Memory)
	committedRun(t, open(t, st))
	committedRun(t, open(t, st))
	st.Tamper(logKey(1), flip(0.5))
	s := signing(t)
	s.Required = true
	r := begin(t, openSigned(t, st, t.TempDir(), s))
	article(t, r, "https://a.example/")
	if _, err := r.Commit(t.Context(), Complete); !errors.Is(err, ErrFixity) {
		t.Errorf("signed over what cannot be read: %v", err)
	}
	s.Required = false
	if e := committedRun(t, openSigned(t, st, t.TempDir(), s)); e.N != 3 || e.Checkpoint == "" {
		t.Errorf("%+v", e)
	}
}

func TestAnEntryThatNobodyWouldReadIsNotWritten(t *testing.T) {
	e := Entry{Format: 1, N: 1, RunID: newRunID(noon), Timestamp: make([]byte, maxEntryBytes*3/4)}
	if b, err := e.encode(); err == nil {
		t.Errorf("%d bytes", len(b))
	}
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
		"a signature that is missing":        {func(e *Entry) { e.Checkpoint = "" }, Signing{Notary: mine.Notary, Required: true}, "is not signed"},
		"a time stamp that is missing":       {func(*Entry) {}, Signing{Notary: mine.Notary, StampRequired: true, Stamper: &notary.Stamper{}}, "no entry of the log has one"},
		"an entry with another time":         {func(e *Entry) { e.Time = e.Time.Add(time.Hour) }, mine, "what is signed is another entry"},
		"an entry without its index":         {func(e *Entry) { e.Index = nil }, mine, "what is signed is another entry"},
		"another key, and nobody is trusted": {func(e *Entry) { e.Checkpoint, _ = other.Notary.Sign(*e.Tree) }, Signing{}, "signed by another key than those before it"},
	} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			a := openSigned(t, st, t.TempDir(), mine)
			committedRun(t, a)
			forgeEntry(t, st, committedRun(t, a), c.forge)
			report, err := openSigned(t, st, "", c.by).Verify(t.Context())
			if err != nil || !found(report, logKey(2), c.says) {
				t.Errorf("%+v %v, want one that says %q", report.Problems, err, c.says)
			}
		})
	}
}

func TestTheDocumentedCommandsCheckASignatureAndATimeStamp(t *testing.T) {
	for _, tool := range []string{"sh", "jq", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed, so the commands of %s are not tried", tool, formatName)
		}
	}
	_, commands, _ := strings.Cut(formatText, "and who trusts a time stamping authority its token:\n\n")
	commands, _, _ = strings.Cut(commands, "\n\n")
	st := folder(t)
	s := signing(t)
	authority := notarytest.New(t, x509.ExtKeyUsageTimeStamping)
	s.Stamper, s.StampRequired = authority.Start(t), true
	committedRun(t, openSigned(t, st, t.TempDir(), s))
	try := func(public string) (string, error) {
		dir := t.TempDir()
		for name, text := range map[string][]byte{"log.pub": []byte(public + "\n"), "authority.pem": authority.PEM, "entry.json": read(t, st, logKey(1))} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", "mkdir log; mv entry.json "+logKey(1)+"\n"+commands)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := try(s.Notary.Public())
	digests := regexp.MustCompile(`(?m)^([0-9a-f]{64})  -\nsha256:([0-9a-f]{64})$`).FindStringSubmatch(out)
	if err != nil || !strings.Contains(out, "Signature Verified Successfully") || !strings.Contains(out, "Verification: OK") || digests == nil || digests[1] != digests[2] {
		t.Errorf("%v\n%s\n%s", err, commands, out)
	}
	if out, err := try(signing(t).Notary.Public()); err == nil {
		t.Errorf("by another key:\n%s", out)
	}
}
