package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"tearsheet/archive/warc"
)

func TestSpoolGivesBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		size     int
		perSpool int64
		memory   int64
		file     bool
	}{
		{"in memory", 100_000, 1 << 20, 1 << 20, false},
		{"exactly its memory", 64 << 10, 64 << 10, 1 << 20, false},
		{"one byte more than its memory", 64<<10 + 1, 64 << 10, 1 << 20, true},
		{"more than all memory", 100_000, 1 << 20, 50_000, true},
		{"no memory at all", 100, 1 << 20, 1, true},
		{"empty", 0, 1 << 20, 1 << 20, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := newSpools(Limits{SpoolBytes: c.perSpool, MemoryBytes: c.memory}, dir)
			want := make([]byte, c.size)
			random := rand.New(rand.NewPCG(1, 2))
			for i := range want {
				want[i] = byte(random.Uint32())
			}
			sp := s.open()
			for rest := want; len(rest) > 0; {
				n := min(len(rest), 1+random.IntN(9000))
				if _, err := sp.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if (sp.s.file != nil) != c.file {
				t.Errorf("file %v, want %v", sp.s.file != nil, c.file)
			}
			if err := iotest.TestReader(io.NewSectionReader(sp, 0, sp.Size()), want); err != nil {
				t.Error(err)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 && runtime.GOOS != "windows" {
				t.Errorf("the file has a name: %v, %v", entries, err)
			}
			for range 2 {
				if err := sp.free(); err != nil {
					t.Fatal(err)
				}
			}
			if free := s.free.Load(); free != c.memory {
				t.Errorf("%d bytes are free afterwards, want %d", free, c.memory)
			}
			if _, err := sp.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
				t.Errorf("reading after free: %v", err)
			}
		})
	}
}

func TestForgottenSpoolIsGivenBack(t *testing.T) {
	t.Parallel()
	s := newSpools(Limits{SpoolBytes: 10, MemoryBytes: 1 << 20}, "")
	disk := &fullDisk{1 << 20, make(chan struct{})}
	s.create = func() (spoolFile, error) { return disk, nil }
	func() { s.open().Write(make([]byte, 100_000)) }()
	for {
		runtime.GC()
		select {
		case <-disk.closed:
			return
		default:
			runtime.Gosched() // the cleanup has a goroutine of its own
		}
	}
}

// fullDisk takes some bytes and then no more.
type fullDisk struct {
	left   int
	closed chan struct{}
}

func (f *fullDisk) Write(p []byte) (int, error) {
	n := min(f.left, len(p))
	f.left -= n
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func (f *fullDisk) ReadAt([]byte, int64) (int, error) { return 0, syscall.EIO }
func (f *fullDisk) Close() error                      { close(f.closed); return nil }

func TestFullDiskIsAnErrorOfTheArchive(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", 1<<20)
	for name, room := range map[string]int{"when memory moves to the file": 10, "later": 500_000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, nil, func(path string) answer {
				if path == "/small" {
					return answer{wire: ok("small")}
				}
				return answer{wire: ok(body)}
			})
			k := &keeper{}
			tr := newTransport(t, k, nil)
			disk := &fullDisk{room, make(chan struct{})}
			tr.spools.create = func() (spoolFile, error) { return disk, nil }
			_, err := get(t, tr, o.url)
			if wantClass(t, err, ClassArchive); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "spool file: no space left") {
				t.Errorf("error %v", err)
			}
			if r := k.only(t); r.Exchange.Response != nil || !strings.HasPrefix(r.Failure, "archive: ") {
				t.Errorf("record %+v", r.Exchange)
			}
			<-disk.closed
			if free := tr.spools.free.Load(); free != tr.limits.MemoryBytes {
				t.Errorf("%d bytes of memory are free, want all %d", free, tr.limits.MemoryBytes)
			}
			if f, err := get(t, tr, o.url+"/small"); err != nil || string(f.body) != "small" {
				t.Errorf("afterwards: %q, %v", f.body, err)
			}
		})
	}
}

func TestSpoolFileThatCannotBeMade(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok(strings.Repeat("x", 1<<20))} })
	dir := t.TempDir() + "/sub"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.SpoolDir = dir })
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	_, err := get(t, tr, o.url)
	if e := wantClass(t, err, ClassArchive); !strings.Contains(e.Error(), dir) {
		t.Errorf("the error does not name the folder: %v", e)
	}
	if r := k.only(t); strings.Contains(r.Failure, dir) || !strings.Contains(r.Failure, "spool file") {
		t.Errorf("the record says %q", r.Failure)
	}
}

// TestUnreadableSpoolIsAnErrorOfReading: what cannot be read back is not taken for the end of the body or a false label.
func TestUnreadableSpoolIsAnErrorOfReading(t *testing.T) {
	t.Parallel()
	for _, coding := range []string{"identity", "gzip"} {
		entity := strings.Repeat("x", 1<<20)
		o := newOrigin(t, nil, func(string) answer { return answer{wire: ok(entity, "Content-Encoding: "+coding)} })
		tr := newTransport(t, recorderFunc(func(*warc.Exchange) error { return nil }), nil)
		disk := &fullDisk{2 << 20, make(chan struct{})}
		tr.spools.create = func() (spoolFile, error) { return disk, nil }
		resp, err := tr.RoundTrip(newGet(t.Context(), t, "GET", o.url))
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(resp.Body)
		wantClass(t, err, ClassArchive)
		resp.Body.Close()
	}
}

func TestRecorderThatFails(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok("ok")} })
	full := errors.New("no room in the archive")
	tr := newTransport(t, &keeper{err: full}, nil)
	for _, url := range []string{o.url, "http://10.0.0.1/"} {
		_, err := get(t, tr, url)
		if wantClass(t, err, ClassArchive); !errors.Is(err, full) {
			t.Errorf("error %v", err)
		}
	}
	if free := tr.spools.free.Load(); free != tr.limits.MemoryBytes {
		t.Errorf("%d bytes of memory are free, want all", free)
	}
}

// TestMemoryIsBounded: 64 answers of 4 MiB that are all held at once stay within the budget of memory and whole.
func TestMemoryIsBounded(t *testing.T) {
	const answers, size, budget = 64, 4 << 20, 2 << 20
	body := strings.Repeat("0123456789abcdef", size/16)
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok(body)} })
	var arrived sync.WaitGroup
	arrived.Add(answers)
	measured := make(chan struct{})
	tr := newTransport(t, recorderFunc(func(x *warc.Exchange) error {
		arrived.Done()
		<-measured
		return compareBlock(x.Response, ok(body))
	}), func(o *Options) { o.Limits.MemoryBytes, o.Limits.SpoolBytes = budget, 64<<10 })
	before := heap()
	var fetching sync.WaitGroup
	for range answers {
		fetching.Go(func() {
			resp, err := tr.RoundTrip(newGet(t.Context(), t, "GET", o.url))
			if err != nil {
				t.Error(err)
				arrived.Done()
				return
			}
			resp.Body.Close()
		})
	}
	arrived.Wait()
	// The origin shares the process, but sends one string; the transport has the budget and a read buffer for each connection.
	if grown := heap() - before; grown > budget+answers*(64<<10)+(8<<20) {
		t.Errorf("the heap grew by %d bytes while %d were held", grown, answers*size)
	}
	close(measured)
	fetching.Wait()
	if free := tr.spools.free.Load(); free != budget {
		t.Errorf("%d bytes are free afterwards, want %d", free, budget)
	}
}

type recorderFunc func(*warc.Exchange) error

func (f recorderFunc) Record(_ context.Context, x *warc.Exchange) error { return f(x) }

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

func compareBlock(b warc.Block, want string) error {
	buf := make([]byte, 32<<10)
	for off := int64(0); off < b.Size(); off += int64(len(buf)) {
		n, err := b.ReadAt(buf, off)
		if err != nil && err != io.EOF {
			return err
		}
		if !bytes.Equal(buf[:n], []byte(want[off:off+int64(n)])) {
			return errors.New("the block differs")
		}
	}
	if b.Size() != int64(len(want)) {
		return errors.New("the block has another size")
	}
	return nil
}
