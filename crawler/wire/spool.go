package wire

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

// segmentSize is the unit in which spools take memory: what most answers of a news site fit in a few of.
const segmentSize = 16 << 10

type segment = [segmentSize]byte

// spools makes spools and bounds the memory of all of them together.
type spools struct {
	perSpool int64
	free     atomic.Int64 // bytes of the shared budget that nobody holds
	segments sync.Pool    // of *segment
	create   func() (spoolFile, error)
}

// spoolFile is where a spool goes that does not fit in memory. Closing it must remove it.
type spoolFile interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

func newSpools(l Limits, dir string) *spools {
	s := &spools{perSpool: l.SpoolBytes, create: func() (spoolFile, error) { return createUnlinked(dir) }}
	s.free.Store(l.MemoryBytes)
	s.segments.New = func() any { return new(segment) }
	return s
}

// take gets a segment, or nil when the budget is used up.
func (s *spools) take() *segment {
	if s.free.Add(-segmentSize) < 0 {
		s.free.Add(segmentSize)
		return nil
	}
	return s.segments.Get().(*segment)
}

func (s *spools) give(segments []*segment) {
	for _, g := range segments {
		s.segments.Put(g)
	}
	s.free.Add(int64(len(segments)) * segmentSize)
}

// spool holds the bytes of one answer: written once by the attempt that receives them, then read from any offset by the recorder and the
// reader of the body. It is a warc.Block. Once freed it gives an error, never another exchange's bytes.
type spool struct {
	s       *storage
	cleanup runtime.Cleanup
}

// storage is what a spool must give back. It is apart from the spool so that it can be given back when nobody can reach the spool any more,
// should a caller forget to close a body.
type storage struct {
	from *spools
	size int64

	mu    sync.RWMutex // between reading and freeing
	mem   []*segment
	first [4]*segment // room for mem, enough for most answers
	file  spoolFile
	freed bool
}

func (s *spools) open() *spool {
	st := &storage{from: s}
	st.mem = st.first[:0]
	sp := &spool{s: st}
	sp.cleanup = runtime.AddCleanup(sp, func(st *storage) { _ = st.release() }, st) // nobody is left who could be told
	return sp
}

// Size returns the number of bytes written.
func (sp *spool) Size() int64 { return sp.s.size }

// Write appends p. Its error means that the disk is full or broken.
func (sp *spool) Write(p []byte) (int, error) {
	st := sp.s
	if st.file == nil && st.size+int64(len(p)) > st.from.perSpool {
		if err := st.spill(); err != nil {
			return 0, err
		}
	}
	written := 0
	for st.file == nil && written < len(p) {
		used := int(st.size % segmentSize)
		if used == 0 {
			g := st.from.take()
			if g == nil {
				if err := st.spill(); err != nil {
					return written, err
				}
				break
			}
			st.mem = append(st.mem, g)
		}
		n := copy(st.mem[len(st.mem)-1][used:], p[written:])
		st.size += int64(n)
		written += n
	}
	if written == len(p) {
		return written, nil
	}
	n, err := st.file.Write(p[written:])
	st.size += int64(n)
	if err != nil {
		return written + n, fmt.Errorf("write the spool file: %w", err)
	}
	return len(p), nil
}

// spill moves what is in memory to a file and gives the memory back.
func (st *storage) spill() error {
	file, err := st.from.create()
	if err != nil {
		return fmt.Errorf("make a spool file: %w", err)
	}
	st.file = file
	left := st.size
	for _, g := range st.mem {
		n := min(left, segmentSize)
		if _, err := file.Write(g[:n]); err != nil {
			return fmt.Errorf("write the spool file: %w", err)
		}
		left -= n
	}
	st.from.give(st.mem)
	st.mem = nil
	return nil
}

// ReadAt reads as io.ReaderAt says, and gives os.ErrClosed once the spool is freed.
func (sp *spool) ReadAt(p []byte, off int64) (int, error) {
	n, err := sp.s.readAt(p, off)
	runtime.KeepAlive(sp)
	return n, err
}

func (st *storage) readAt(p []byte, off int64) (int, error) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	switch {
	case st.freed:
		return 0, fmt.Errorf("read a spooled answer: %w", os.ErrClosed)
	case off < 0:
		return 0, fmt.Errorf("read a spooled answer: negative offset %d", off)
	case off >= st.size:
		return 0, io.EOF
	}
	want := p[:min(int64(len(p)), st.size-off)]
	n, err := st.fetch(want, off)
	if err != nil {
		return n, fmt.Errorf("read the spool file: %w", err)
	}
	if len(want) < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// fetch fills want, all of which lies inside the spool.
func (st *storage) fetch(want []byte, off int64) (int, error) {
	if st.file != nil {
		n, err := st.file.ReadAt(want, off)
		if n == len(want) {
			err = nil
		}
		return n, err
	}
	n := 0
	for n < len(want) {
		at := off + int64(n)
		n += copy(want[n:], st.mem[at/segmentSize][at%segmentSize:])
	}
	return n, nil
}

// free gives the memory or the file back.
func (sp *spool) free() error {
	sp.cleanup.Stop()
	return sp.s.release()
}

func (st *storage) release() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.freed {
		return nil
	}
	st.freed = true
	st.from.give(st.mem)
	st.mem, st.first = nil, [4]*segment{}
	if st.file == nil {
		return nil
	}
	if err := st.file.Close(); err != nil {
		return fmt.Errorf("close the spool file: %w", err)
	}
	return nil
}

// createUnlinked makes a file that vanishes with the process: it has no name any more where the system allows that, and loses it on Close
// where not (Windows).
func createUnlinked(dir string) (spoolFile, error) {
	f, err := os.CreateTemp(dir, ".tearsheet-spool-*")
	if err != nil {
		return nil, err
	}
	if os.Remove(f.Name()) == nil {
		return f, nil
	}
	return namedFile{f}, nil
}

type namedFile struct{ *os.File }

func (f namedFile) Close() error {
	err := f.File.Close()
	if gone := os.Remove(f.Name()); err == nil {
		err = gone
	}
	return err
}
