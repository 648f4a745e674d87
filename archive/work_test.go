package archive

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestWhatACommittedRunLeavesBehindIsNoFailureAndGoesWithTheNextRecovery(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	article(t, r, "https://news.example/story")
	lock := filepath.Join(string(a.work), lockName)
	remove(t, lock)
	if err := os.Mkdir(lock, 0o777); err != nil { // nobody can take this lock, so no folder can be removed
		t.Fatal(err)
	}
	e, err := r.Commit(t.Context(), Complete)
	if err != nil || e.RunID != r.ID() {
		t.Fatalf("%+v %v", e, err)
	}
	if _, err := os.Stat(r.draft.dir); err != nil {
		t.Fatalf("the folder could be removed: %v", err)
	}
	remove(t, lock)
	if got := recoverOne(t, a); got.Entry == nil || got.Entry.N != e.N || got.Remains != nil {
		t.Errorf("%+v, expected entry %+v", got, e)
	}
	if _, err := os.Stat(r.draft.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if report := intact(t, a); report.Entries != 1 {
		t.Errorf("%+v", report)
	}
}

func TestAFolderThatIsNotThereCannotBeMadeDurable(t *testing.T) {
	d := &draft{dir: filepath.Join(t.TempDir(), "none"), work: workspace(t.TempDir())}
	if err := d.syncFolders(); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestAWorkFolderIsMadeWithAllAboveIt(t *testing.T) {
	a := openAt(t, folder(t), filepath.Join(t.TempDir(), "a", "b", "work"))
	r := begin(t, a)
	article(t, r, "https://news.example/story")
	commit(t, r)
	intact(t, a)
}
