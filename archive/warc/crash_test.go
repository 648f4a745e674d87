//go:build unix

package warc

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// These tests run this test binary again as a process of its own, which writes records and prints what was acknowledged.

// child starts this binary as the test TestChild with args, which ends with whatever it acknowledged on its standard output.
func child(t *testing.T, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, append([]string{"-test.run=^TestChild$"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// TestChild is not a test of its own: it is what child runs.
func TestChild(t *testing.T) {
	if flag.NArg() != 2 {
		t.Skip("run by the other tests of this file")
	}
	w := newWriter(t, WriterOptions{Dir: flag.Arg(1)})
	switch flag.Arg(0) {
	case "endless":
		x := picture(t, 3_000_000) // many times the write buffer, so that the end falls into it
		for {
			if err := acknowledge(w, drafts(t, x)); err != nil {
				t.Fatal(err)
			}
		}
	case "full":
		childOnFullDisk(t, w)
	}
}

// picture is an answer that gzip cannot shrink.
func picture(t testing.TB, size int) *Exchange {
	body := noise(size)
	return exchange(t, "https://news.example/a.jpg", "HTTP/1.1 200 OK\nContent-Type: image/jpeg", body, body)
}

// acknowledge writes and tells the parent what the Writer acknowledged.
func acknowledge(w *Writer, ds []*Draft) error {
	at, err := w.Write(ds...)
	for i, p := range at {
		fmt.Printf("ack %s %d %d %s\n", p.File, p.Offset, p.Length, ds[i].ID)
	}
	return err
}

// childOnFullDisk lets the kernel refuse bytes, as a full disk does, gives the space back, and goes on.
func childOnFullDisk(t *testing.T, w *Writer) {
	signal.Ignore(syscall.SIGXFSZ) // the refusal comes with a signal that would end the process
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	setLimit := func(n uint64) {
		l := limit
		l.Cur = n
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Fatal(err)
		}
	}
	setLimit(1_000_000)
	for i := range 8 {
		if err := acknowledge(w, drafts(t, picture(t, 300_000))); err != nil && !errors.Is(err, syscall.EFBIG) {
			t.Fatal(err)
		}
		if err := acknowledge(w, drafts(t, page(t, i))); err != nil && !errors.Is(err, syscall.EFBIG) {
			t.Fatal(err)
		}
	}
	setLimit(limit.Cur)
	for range 4 {
		if err := acknowledge(w, drafts(t, picture(t, 300_000))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	fmt.Println("closed")
}

type acked struct {
	Position
	id string
}

func parseAck(t *testing.T, line string) (a acked, ok bool) {
	t.Helper()
	if !strings.HasPrefix(line, "ack ") {
		return a, false
	}
	if _, err := fmt.Sscanf(line, "ack %s %d %d %s", &a.File, &a.Offset, &a.Length, &a.id); err != nil {
		return a, false // the crash fell into the line
	}
	return a, true
}

// mustHold reads every acknowledged record where it was said to be, and the file from end to end.
func mustHold(t *testing.T, path string, all []acked) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, a := range all {
		rec, err := ReadAt(f, a.Offset, a.Length)
		if err != nil || rec.ID != a.id {
			t.Errorf("acknowledged record %s: %v", a.id, err)
			continue
		}
		if err := Check(rec); err != nil {
			t.Errorf("acknowledged record %s: %v", a.id, err)
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	for rec, err := range Read(f) {
		if err == nil {
			err = Check(rec)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	torn := 0
	for round := range 10 {
		dir := t.TempDir()
		cmd, out := child(t, "endless", dir)
		var all []acked
		for out.Scan() {
			if a, ok := parseAck(t, out.Text()); ok {
				all = append(all, a)
			}
			if len(all) == 1+round*4 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
		open, err := filepath.Glob(filepath.Join(dir, "*.open"))
		if err != nil || len(open) != 1 {
			t.Fatalf("%v, %v", open, err)
		}
		r, err := Recover(open[0])
		if err != nil || r.Records < len(all) {
			t.Fatalf("%d acknowledged, %+v, %v", len(all), r, err)
		}
		mustHold(t, r.Path, all)
		if r.Cut > 0 {
			torn++
		}
	}
	t.Logf("%d of 10 files were torn", torn)
}

func TestFullDiskLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	cmd, out := child(t, "full", dir)
	var all []acked
	closed := false
	for out.Scan() {
		if a, ok := parseAck(t, out.Text()); ok {
			all = append(all, a)
		}
		closed = closed || out.Text() == "closed"
	}
	if err := cmd.Wait(); err != nil || !closed {
		t.Fatalf("child: %v", err)
	}
	path := filepath.Join(dir, all[0].File)
	mustHold(t, path, all)
	read := 0
	for _, rec := range scan(readFile(t, path)).records {
		if rec.Type != Warcinfo {
			read++
		}
	}
	// Three pictures fit below the limit, and small pages beside them; four more pictures when there was space again.
	if read != len(all) || len(all) < 3*(3+1+4) || len(all) >= 3*(8+8+4) {
		t.Errorf("%d acknowledged, %d read", len(all), read)
	}
}
