package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
)

func TestAFileThatIsNoEntryDoesNotStopTheLog(t *testing.T) {
	for _, name := range []string{".DS_Store", "Thumbs.db", "0000000001.json.bak", "9999999998.json.bak", "9999999998.json~", "+999999998.json", "note.txt"} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			a := open(t, st)
			first := committedRun(t, a)
			create(t, st, logPrefix+name, []byte("?"))
			a = open(t, st)
			r := begin(t, a)
			article(t, r, "https://news.example/late")
			if e := commit(t, r); e.N != 2 || e.Previous == "" {
				t.Errorf("%+v", e)
			}
			var runs []string
			for e, err := range a.Entries(t.Context()) {
				if err != nil {
					t.Error(err)
				}
				runs = append(runs, e.RunID)
			}
			if len(runs) != 2 || runs[1] != first.RunID {
				t.Errorf("%v", runs)
			}
			if _, found, err := a.committed(t.Context(), first.RunID); err != nil || !found {
				t.Errorf("%v %v", found, err)
			}
			report, err := a.Verify(t.Context())
			if err != nil || len(report.Problems) != 1 || report.Problems[0].Object != logPrefix+name || !strings.Contains(report.Problems[0].What, "extra object") {
				t.Errorf("%+v %v", report.Problems, err)
			}
		})
	}
}

func TestTheDigestOfAnEntryIsTheOneThatTheDocumentedCommandGives(t *testing.T) {
	const command = `sed 's/,"self":"[^"]*"}$/}/' log/9999999998.json | tr -d '\n' | sha256sum`
	for _, name := range []string{"doc.go", formatName} {
		if b, err := os.ReadFile(name); err != nil || !bytes.Contains(b, []byte(command)) {
			t.Errorf("%s does not give the command (%v)", name, err)
		}
	}
	st := new(storetest.Memory)
	committedRun(t, open(t, st))
	entry := read(t, st, "log/9999999998.json")
	self := regexp.MustCompile(`"self":"sha256:([0-9a-f]{64})"`).FindSubmatch(entry)
	if self == nil {
		t.Fatalf("no digest in %s", entry)
	}
	rest := regexp.MustCompile(`(?m),"self":"[^"]*"}$`).ReplaceAll(entry, []byte("}")) // sed
	sum := sha256.Sum256(bytes.ReplaceAll(rest, []byte("\n"), nil))                    // tr, sha256sum
	if got := hex.EncodeToString(sum[:]); got != string(self[1]) {
		t.Errorf("%s, but the entry says %s", got, self[1])
	}
}

func TestAnArchiveExplainsItselfFromItsFirstCommitOn(t *testing.T) {
	st := folder(t)
	a := open(t, st)
	committedRun(t, a)
	text := filepath.Join(st.String(), formatName)
	if got := string(read(t, st, formatName)); got != formatText || strings.Count(got, "\n") > 165 {
		t.Errorf("%s", got)
	}
	for what, change := range map[string]func() error{
		"an older text stays": func() error { return os.WriteFile(text, []byte("older"), 0o666) },
		"no text is missed":   func() error { return os.Remove(text) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		r := begin(t, a)
		article(t, r, "https://news.example/late")
		commit(t, r)
		t.Log(what)
		intact(t, a)
	}

	taken := new(storetest.Memory)
	create(t, taken, formatName, []byte("older"))
	committedRun(t, open(t, taken))
	if got := read(t, taken, formatName); string(got) != "older" {
		t.Errorf("%s", got)
	}
}

func TestTheFilesOfARunHaveNamesThatADataPackageMayHave(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	record(t, r, exchange("https://news.example/a", "text/html", "a"), Hop{})
	abandon(t, r) // so that there is a WARC file of the recovery too
	m, err := a.Manifest(t.Context(), *recoverOne(t, a).Entry)
	if err != nil {
		t.Fatal(err)
	}
	allowed := regexp.MustCompile(`^([-a-z0-9._/])+$`)
	for _, f := range m.Resources {
		if !allowed.MatchString(f.Name) || !strings.HasSuffix(f.Path, f.Name) {
			t.Errorf("%s is named %q", f.Path, f.Name)
		}
	}
	if len(m.Resources) != 6 {
		t.Errorf("%+v", m.Resources)
	}
}

// provenKeys are the objects that the log proves: all but the description of the format.
func provenKeys(st *storetest.Memory) []string {
	return slices.DeleteFunc(st.Keys(), func(key string) bool { return key == formatName })
}

func TestAnEntryThatIsHiddenIsAFixityFailureOfTheNextCommit(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	article(t, r, "https://news.example/late")
	st.Before = func(c storetest.Call) error {
		if c.Op == storetest.OpCreate && c.Key == logKey(1) {
			return store.ErrExist // what some stores say of a name whose object was deleted
		}
		return nil
	}
	if _, err := r.Commit(t.Context(), Complete); !errors.Is(err, ErrFixity) || !strings.Contains(err.Error(), "was it deleted") {
		t.Error(err)
	}
	st.Before = nil
	if done, err := a.Recover(t.Context()); err != nil || len(done) != 1 || done[0].Entry == nil {
		t.Errorf("%+v %v", done, err)
	}
}
