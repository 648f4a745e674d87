package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive/store"
)

// wantAll fails unless the findings have these names and are all of that grade.
func wantAll(t *testing.T, found []store.Finding, grade store.Grade, names ...string) {
	t.Helper()
	var got []string
	for _, f := range found {
		got = append(got, f.Name)
		if f.Level != grade || f.Found == "" || (f.Means == "") != (grade == store.Good) {
			t.Errorf("%+v, expected %s", f, grade)
		}
	}
	if !slices.Equal(got, names) {
		t.Errorf("found %q, expected %q", got, names)
	}
}

// wantNothingLeft fails when a probe left something in a folder.
func wantNothingLeft(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "doctor-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAFolderOnALocalDiskHasAllThatAnArchiveNeeds(t *testing.T) {
	dir := t.TempDir()
	f, err := store.OpenFolder(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	wantAll(t, f.Probe(t.Context()), store.Good, "write", "clock", "fsync", "hard links", "conditional create", "ranges")
	wantNothingLeft(t, dir)
	for info, err := range f.List(t.Context(), "", "") {
		t.Errorf("the probe left an object: %+v, %v", info, err)
	}
}

func TestAWorkFolderIsTriedOutTogetherWithTheArchive(t *testing.T) {
	dir, objects := t.TempDir(), t.TempDir()
	wantAll(t, store.ProbeWork(dir, ""), store.Good, "work: write", "work: fsync", "work: locks")
	wantAll(t, store.ProbeWork(dir, objects), store.Good, "work: write", "work: fsync", "work: locks", "work: hand over")
	wantNothingLeft(t, dir)
	wantNothingLeft(t, objects)

	found := store.ProbeWork(dir, filepath.Join(objects, "missing"))
	if last := found[len(found)-1]; last.Name != "work: hand over" || last.Level != store.Warning {
		t.Errorf("%+v", last)
	}
}

func TestAPlaceInWhichNothingCanBeMadeIsAFault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantAll(t, store.ProbeWork(file, ""), store.Fault, "work: write")
	wantAll(t, store.ProbeWork(filepath.Join(file, "missing"), ""), store.Fault, "work: write")
}

func TestAFolderThatMayOnlyBeReadIsAWarning(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	f, err := store.OpenFolder(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	wantAll(t, f.Probe(t.Context()), store.Warning, "write")
	wantAll(t, store.ProbeWork(dir, ""), store.Fault, "work: write")
}

func TestTheFreeSpaceOfAFolderIsKnown(t *testing.T) {
	free, err := store.FreeSpace(t.TempDir())
	if err != nil || free <= 0 {
		t.Errorf("%d bytes, %v", free, err)
	}
	if _, err := store.FreeSpace(filepath.Join(t.TempDir(), "missing")); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("of a folder that is not there: %v", err)
	}
}
