package warc

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// disk is a file on a disk that can be full, and whose other operations can fail.
type disk struct {
	file
	room          int64 // bytes that still fit; < 0 without end
	truncate, syn error
	syncs         int
}

func (d *disk) Write(p []byte) (int, error) {
	if d.room < 0 || int64(len(p)) <= d.room {
		if d.room >= 0 {
			d.room -= int64(len(p))
		}
		return d.file.Write(p)
	}
	n, err := d.file.Write(p[:d.room]) // as a disk does: what fits is there
	d.room = 0
	if err == nil {
		err = &os.PathError{Op: "write", Path: "disk", Err: syscall.ENOSPC}
	}
	return n, err
}

func (d *disk) Truncate(size int64) error {
	if d.truncate != nil {
		return d.truncate
	}
	return d.file.Truncate(size)
}

func (d *disk) Sync() error {
	d.syncs++
	if d.syn != nil {
		return d.syn
	}
	return d.file.Sync()
}

// onDisk puts d between w and its files.
func onDisk(w *Writer, d *disk) {
	w.out.adopt = func(f io.Writer) (file, error) {
		var err error
		d.file, err = asFile(f)
		return d, err
	}
}

// W1: gowarc reports a record as written although closing its gzip member failed.
// W2: gowarc leaves the torn member in the file and appends the next record behind it.
func TestDiskFullAtAnyByteLosesNothingAcknowledged(t *testing.T) {
	whole := int64(len(warcFile(t, 3)))
	for room := int64(0); room < whole+50; room += 29 {
		dir := t.TempDir()
		w := newWriter(t, WriterOptions{Dir: dir})
		d := &disk{room: room}
		onDisk(w, d)
		var acked []string
		failed := 0
		try := func(n int) {
			ds := drafts(t, page(t, n))
			_, err := w.Write(ds...)
			switch {
			case err == nil:
				for _, d := range ds {
					acked = append(acked, d.ID)
				}
			case !errors.Is(err, syscall.ENOSPC):
				t.Fatalf("room %d: %v", room, err)
			default:
				failed++
			}
		}
		for n := range 3 {
			try(n)
		}
		if failed == 0 && room < whole-50 { // sizes differ by what gzip makes of the IDs
			t.Errorf("room %d of %d: %d writes failed", room, whole, failed)
		}
		if room%2 == 0 {
			d.room = -1 // somebody made space
			try(3)
		}
		paths, err := w.Close()
		if err != nil {
			t.Fatalf("room %d: %v", room, err)
		}
		if len(acked) == 0 {
			if len(paths) > 0 || len(names(t, dir)) > 0 {
				t.Errorf("room %d: a file without records was published: %v", room, names(t, dir))
			}
			continue
		}
		b, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		got := scan(b)
		var read []string
		for _, rec := range got.records {
			if rec.Type != Warcinfo {
				read = append(read, rec.ID)
			}
		}
		if got.err != nil || !slices.Equal(read, acked) {
			t.Errorf("room %d: %d acknowledged, %d read, %v", room, len(acked), len(read), got.err)
		}
	}
}

func TestTornTailThatCannotBeTakenBackEndsTheFile(t *testing.T) {
	dir := t.TempDir()
	w := newWriter(t, WriterOptions{Dir: dir})
	d := &disk{room: -1}
	onDisk(w, d)
	first := write(t, w, drafts(t, page(t, 1))...)
	d.room, d.truncate = 100, syscall.EIO
	if _, err := w.Write(drafts(t, page(t, 2))...); !errors.Is(err, syscall.ENOSPC) || !errors.Is(err, syscall.EIO) {
		t.Fatalf("the error does not tell both: %v", err)
	}
	t.Run("while it cannot be cut, it stays open and is named", func(t *testing.T) {
		_, err := w.Write(drafts(t, page(t, 3))...)
		if !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), first[0].File) {
			t.Fatal(err)
		}
		if got := names(t, dir); !slices.Equal(got, []string{first[0].File + ".open"}) {
			t.Error(got)
		}
		if err := w.Sync(); !errors.Is(err, syscall.EIO) {
			t.Errorf("Sync claims that all is durable: %v", err)
		}
	})
	d.room, d.truncate = -1, nil
	next := write(t, w, drafts(t, page(t, 4))...)
	if next[0].File == first[0].File {
		t.Error("records were appended behind the torn tail")
	}
	paths, err := w.Close()
	if !errors.Is(err, syscall.EIO) || len(paths) != 1 || filepath.Base(paths[0]) != next[0].File {
		t.Fatalf("Close: %v, %v", paths, err)
	}
	r, err := Recover(filepath.Join(dir, first[0].File+".open"))
	if err != nil || r.Records != 3 || r.Cut == 0 {
		t.Errorf("Recover: %+v, %v", r, err)
	}
}

func TestTornTailIsCutWhenTheFileIsSealed(t *testing.T) {
	w := newWriter(t, WriterOptions{})
	d := &disk{room: -1}
	onDisk(w, d)
	write(t, w, drafts(t, page(t, 1))...)
	d.room, d.truncate = 100, syscall.EIO
	if _, err := w.Write(drafts(t, page(t, 2))...); err == nil {
		t.Fatal("no error")
	}
	d.truncate = nil
	if _, b := closeOne(t, w); len(scan(b).records) != 4 || scan(b).err != nil {
		t.Errorf("%+v", scan(b))
	}
}

// W9: gowarc logs errors of closing a file and returns nil.
func TestErrorOfTheLastSyncIsCloses(t *testing.T) {
	dir := t.TempDir()
	w := newWriter(t, WriterOptions{Dir: dir})
	d := &disk{room: -1}
	onDisk(w, d)
	at := write(t, w, drafts(t, page(t, 1))...)
	d.syn = syscall.EIO
	if err := w.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("Sync: %v", err)
	}
	d.syn = nil // the system has forgotten what it could not write
	if err := w.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("second Sync: %v", err)
	}
	paths, err := w.Close()
	if !errors.Is(err, syscall.EIO) || len(paths) > 0 || !slices.Equal(names(t, dir), []string{at[0].File + ".open"}) {
		t.Errorf("Close: %v, %v, %v", paths, err, names(t, dir))
	}
}

func TestErrorOfSyncingAtCloseIsCloses(t *testing.T) {
	w := newWriter(t, WriterOptions{})
	onDisk(w, &disk{room: -1, syn: syscall.EIO})
	write(t, w, drafts(t, page(t, 1))...)
	if paths, err := w.Close(); !errors.Is(err, syscall.EIO) || len(paths) > 0 {
		t.Errorf("Close: %v, %v", paths, err)
	}
}

func TestSyncDoesNothingTwice(t *testing.T) {
	w := newWriter(t, WriterOptions{})
	d := &disk{room: -1}
	onDisk(w, d)
	write(t, w, drafts(t, page(t, 1))...)
	for range 3 {
		if err := w.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if d.syncs != 1 {
		t.Errorf("%d syncs of the same bytes", d.syncs)
	}
}

func TestFolderThatVanishedFailsTheWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	w := newWriter(t, WriterOptions{Dir: dir})
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(drafts(t, page(t, 1))...); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, w, drafts(t, page(t, 2))...)
	if _, b := closeOne(t, w); len(scan(b).records) != 4 {
		t.Errorf("%+v", scan(b))
	}
}
