package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func openFolder(tb testing.TB, dir string) *Folder {
	tb.Helper()
	f, err := OpenFolder(dir, true)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := f.Close(); err != nil {
			tb.Error(err)
		}
	})
	return f
}

func mustCreate(tb testing.TB, f *Folder, key, content string) {
	tb.Helper()
	if _, err := f.Create(tb.Context(), key, strings.NewReader(content)); err != nil {
		tb.Fatal(err)
	}
}

func incomingFiles(tb testing.TB, dir string) []string {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join(dir, incoming, "object-*"))
	if err != nil {
		tb.Fatal(err)
	}
	return names
}

func TestOpenFolder(t *testing.T) {
	dir := t.TempDir()
	t.Run("a missing folder is made on request only", func(t *testing.T) {
		missing := filepath.Join(dir, "deep", "archive")
		if _, err := OpenFolder(missing, false); !errors.Is(err, ErrNotExist) || !strings.Contains(err.Error(), missing) {
			t.Errorf("OpenFolder of a missing folder: %v, want ErrNotExist with its path", err)
		}
		mustCreate(t, openFolder(t, missing), "x", "y")
	})
	t.Run("a file is no folder", func(t *testing.T) {
		file := filepath.Join(dir, "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, create := range []bool{true, false} {
			if _, err := OpenFolder(file, create); err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("OpenFolder(file, %v): %v, want an error with its path", create, err)
			}
		}
	})
	t.Run("reading makes nothing", func(t *testing.T) {
		empty := filepath.Join(dir, "empty")
		f := openFolder(t, empty)
		for range f.List(t.Context(), "", "") {
			t.Error("an empty folder lists something")
		}
		if entries, err := os.ReadDir(empty); err != nil || len(entries) > 0 {
			t.Errorf("found %v, %v after reading", entries, err)
		}
	})
}

func TestNoKeyLeavesTheFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	f := openFolder(t, dir)
	if err := os.Symlink(outside, filepath.Join(dir, "runs")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Create(t.Context(), "runs/x", strings.NewReader("x")); err == nil {
		t.Error("Create followed a link out of the folder")
	}
	if _, err := f.Adopt(t.Context(), "runs/x", filepath.Join(outside, "secret")); err == nil {
		t.Error("Adopt followed a link out of the folder")
	}
	if _, err := f.Open(t.Context(), "runs/secret", 0, -1); err == nil {
		t.Error("Open followed a link out of the folder")
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
		t.Errorf("outside holds %v, %v", entries, err)
	}
}

func TestIncomingFilesAreNoObjects(t *testing.T) {
	f := openFolder(t, t.TempDir())
	mustCreate(t, f, "a", "x")
	for _, key := range []string{incoming, incoming + "/lock", incoming + "/x"} {
		if _, err := f.Open(t.Context(), key, 0, -1); !errors.Is(err, ErrInvalidKey) {
			t.Errorf("Open(%q): %v, want ErrInvalidKey", key, err)
		}
		if _, err := f.Create(t.Context(), key, strings.NewReader("x")); !errors.Is(err, ErrInvalidKey) {
			t.Errorf("Create(%q): %v, want ErrInvalidKey", key, err)
		}
	}
	for _, prefix := range []string{"", ".", incoming, incoming + "/"} {
		for info, err := range f.List(t.Context(), prefix, "") {
			if err != nil || info.Key != "a" {
				t.Errorf("List(%q) yields %v, %v", prefix, info, err)
			}
		}
	}
}

func TestStaleFilesAreRemovedWhenNobodyWrites(t *testing.T) {
	dir := t.TempDir()
	first := openFolder(t, dir)
	mustCreate(t, first, "a", "x")
	if left := incomingFiles(t, dir); len(left) > 0 {
		t.Fatalf("Create left %q", left)
	}
	stale := filepath.Join(dir, incoming, "object-STALE")
	if err := os.WriteFile(stale, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := openFolder(t, dir)
	mustCreate(t, second, "b", "x")
	if _, err := os.Stat(stale); err != nil {
		t.Errorf("while another writer was there, its file was removed: %v", err)
	}
	if err := errors.Join(first.Close(), second.Close()); err != nil {
		t.Fatal(err)
	}
	mustCreate(t, openFolder(t, dir), "c", "x")
	if left := incomingFiles(t, dir); len(left) > 0 {
		t.Errorf("stale files %q are still there", left)
	}
}

// killed is the process that TestKilledWriterLeavesNoHalfObjects kills: it creates objects of one byte value each until it is gone.
func killed(dir string) {
	f, err := OpenFolder(dir, true)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := 0; ; i++ {
		data := bytes.Repeat([]byte{byte('a' + i%26)}, 300_000+i)
		if _, err := f.Create(context.Background(), fmt.Sprintf("runs/%d/data", i), bytes.NewReader(data)); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("created")
	}
}

func TestKilledWriterLeavesNoHalfObjects(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for round := range 5 {
		sub := filepath.Join(dir, fmt.Sprint(round))
		cmd := exec.CommandContext(t.Context(), self, "killed", sub)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := 0
		for lines := bufio.NewScanner(out); acknowledged < 3+round && lines.Scan(); acknowledged++ {
			if lines.Text() != "created" {
				t.Fatal(lines.Text())
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed

		f := openFolder(t, sub)
		found := 0
		for info, err := range f.List(t.Context(), "", "") {
			if err != nil {
				t.Fatal(err)
			}
			wantOneValue(t, f, info)
			found++
		}
		if found < acknowledged {
			t.Errorf("%d objects of %d acknowledged", found, acknowledged)
		}
		mustCreate(t, f, "after", "x")
		if left := incomingFiles(t, sub); len(left) > 0 {
			t.Errorf("%q are left behind", left)
		}
	}
}

func wantOneValue(t *testing.T, f *Folder, info Info) {
	t.Helper()
	rc, err := f.Open(t.Context(), info.Key, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(rc)
	if err := errors.Join(err, rc.Close()); err != nil {
		t.Fatal(err)
	}
	if len(data) < 300_000 || int64(len(data)) != info.Size || bytes.Count(data, data[:1]) != len(data) {
		t.Errorf("%s is half an object: %d bytes", info.Key, len(data))
	}
}

func TestAdoptAcrossFileSystemsCopies(t *testing.T) {
	other, err := os.MkdirTemp("/dev/shm", "tearsheet")
	if err != nil {
		t.Skip("no second file system at /dev/shm")
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(other); err != nil {
			t.Error(err)
		}
	})
	file := filepath.Join(other, "a.warc.gz")
	if err := os.WriteFile(file, []byte("finished"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f := openFolder(t, dir)
	if _, err := f.Adopt(t.Context(), "a", file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "a"))
	if err != nil || string(got) != "finished" {
		t.Errorf("adopted %q, %v", got, err)
	}
}

func TestEachFolderIsSyncedOnce(t *testing.T) {
	f := openFolder(t, t.TempDir())
	steps := []struct {
		keys []string
		want []string
	}{
		{[]string{"runs/1/archive/a", "runs/1/indexes/a", "runs/1/indexes/b", "runs/1/datapackage.json"},
			[]string{".", "runs", "runs/1", "runs/1/archive", "runs/1/indexes"}},
		{[]string{"log/9"}, []string{".", "log"}},
		{[]string{"log/8"}, []string{"log"}},
		{[]string{"runs/2/archive/a"}, []string{"runs", "runs/2", "runs/2/archive"}},
		{[]string{"top"}, []string{"."}},
		{[]string{""}, nil},
	}
	for _, step := range steps {
		infos := make([]Info, len(step.keys))
		for i, key := range step.keys {
			infos[i].Key = key
		}
		dirs, seen := f.unsynced(infos)
		if got := slices.Sorted(maps.Keys(dirs)); !slices.Equal(got, step.want) {
			t.Errorf("for %q the folders %q are synced, want %q", step.keys, got, step.want)
		}
		for _, dir := range seen {
			f.durable[dir] = true
		}
	}
}

func TestWriteErrorsSayWhatToMend(t *testing.T) {
	for _, test := range []struct {
		errno error
		want  error
		mend  string
	}{
		{syscall.ENOSPC, ErrFull, "free some"},
		{syscall.EDQUOT, ErrFull, "quota"},
		{syscall.EROFS, ErrReadOnly, "mount it writable"},
		{syscall.EACCES, ErrReadOnly, "change its owner or mode"},
	} {
		err := writeError("/archive/x", &os.PathError{Op: "write", Path: "x", Err: test.errno})
		if !errors.Is(err, test.want) || !errors.Is(err, test.errno) || !strings.Contains(err.Error(), "/archive/x") || !strings.Contains(err.Error(), test.mend) {
			t.Errorf("%v gives %q, want %v, the path and %q", test.errno, err, test.want, test.mend)
		}
	}
	if err := linkError("/archive/x", syscall.EPERM); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "hard links") {
		t.Errorf("a link that is not permitted gives %q", err)
	}
}

func TestUnwritableFolder(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	f := openFolder(t, dir)
	if _, err := f.Create(t.Context(), "a", strings.NewReader("x")); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), dir) {
		t.Errorf("Create in an unwritable folder: %v, want ErrReadOnly with the path", err)
	}
}

// A run's commit: what archive stores for one page.
func BenchmarkCommit(b *testing.B) {
	f := openFolder(b, b.TempDir())
	warc := filepath.Join(b.TempDir(), "a.warc.gz")
	if err := os.WriteFile(warc, make([]byte, 500_000), 0o600); err != nil {
		b.Fatal(err)
	}
	small := make([]byte, 2000)
	for n := 0; b.Loop(); n++ {
		run := fmt.Sprintf("runs/%d/", n)
		items := []Item{{Key: run + "archive/a.warc.gz", Path: warc}}
		for _, name := range []string{"indexes/index.cdx.gz", "indexes/index.idx", "pages/pages.jsonl", "photos/photos.jsonl", "datapackage.json"} {
			items = append(items, Item{Key: run + name, Body: bytes.NewReader(small)})
		}
		if _, err := f.CreateAll(b.Context(), items); err != nil {
			b.Fatal(err)
		}
		if _, err := f.Create(b.Context(), fmt.Sprintf("log/%010d.json", n), bytes.NewReader(small)); err != nil {
			b.Fatal(err)
		}
	}
}
