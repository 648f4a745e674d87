package warc

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Position is where a record stands: base name of the finished file (without ".open"), offset and length in bytes of its gzip member.
type Position struct {
	File           string
	Offset, Length int64
}

// WriterOptions say where a Writer writes. Dir must exist. Prefix begins every file name. Info are the fields of each file's warcinfo record. MaxSize (bytes) starts a
// new file when the current one is larger; 0 never does. Sealed, when set, is called with each file that was closed, synced and renamed; it
// must not call the Writer.
type WriterOptions struct {
	Dir     string
	Prefix  string
	Info    []Field
	MaxSize int64
	Sealed  func(path string)
}

// ErrClosed is the error of a Writer that was closed.
var ErrClosed = errors.New("WARC writer is closed")

// Writer appends records to *.warc.gz.open files, one gzip member a record. It is safe for concurrent use; the records of one Write stand
// together, in order, in one file. A record is acknowledged (Write returned nil) only when it is readable in the file; a failed Write leaves
// nothing behind. What is acknowledged survives the end of the process; it survives the loss of power after Sync or Close.
type Writer struct {
	o   WriterOptions
	now func() time.Time

	mu      sync.Mutex
	out     *outlet
	current *segment // nil between files
	serial  int
	sealed  []string
	failed  error // of files that hold acknowledged records and could not be sealed
	closed  bool
}

// NewWriter prepares writing; no file is created before the first Write.
func NewWriter(o WriterOptions) (*Writer, error) {
	info, err := os.Stat(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("WARC folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("WARC folder %s: is not a folder", o.Dir)
	}
	if o.Prefix == "" || strings.ContainsAny(o.Prefix, "/\\\x00\r\n") || strings.HasPrefix(o.Prefix, ".") {
		return nil, fmt.Errorf("WARC prefix %q cannot begin a file name", o.Prefix)
	}
	if _, err := fieldsBlock(o.Info); err != nil {
		return nil, fmt.Errorf("warcinfo: %w", err)
	}
	out, err := newOutlet(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("WARC writer: %w", err)
	}
	return &Writer{o: o, now: time.Now, out: out}, nil
}

// Write appends the records of drafts, all or none of them, and tells where each stands. The drafts' blocks are read before it returns and
// not kept. Its error wraps what the disk said (syscall.ENOSPC), ErrField, or ErrClosed.
func (w *Writer) Write(drafts ...*Draft) ([]Position, error) {
	for _, d := range drafts {
		if err := d.check(); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, ErrClosed
	}
	if len(drafts) == 0 {
		return nil, nil
	}
	if s := w.current; s != nil && (s.torn || w.o.MaxSize > 0 && s.size > w.o.MaxSize) {
		if err := w.seal(); err != nil {
			return nil, err
		}
	}
	if w.current == nil {
		if err := w.start(); err != nil {
			return nil, err
		}
	}
	return w.append(drafts)
}

// append writes the records behind what the current file holds, after its warcinfo record when they are its first.
func (w *Writer) append(drafts []*Draft) ([]Position, error) {
	s := w.current
	b := &batch{drafts: drafts, warcinfo: s.info.ID}
	if s.size == 0 {
		b.drafts = append([]*Draft{s.info}, drafts...)
	}
	b.lengths = make([]int64, 0, len(b.drafts))
	err := w.out.write(b)
	if s.file == nil { // set once: Sync reads it without the lock
		s.file = w.out.file
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write to %s: %w", s.path, err), s.rollBack())
	}
	positions := make([]Position, 0, len(drafts))
	for i, n := range b.lengths {
		if b.drafts[i] != s.info {
			positions = append(positions, Position{File: s.name, Offset: s.size, Length: n})
		}
		s.size += n
	}
	return positions, nil
}

// start chooses the name of the next file and makes its warcinfo record. gowarc creates the file when the first batch arrives.
func (w *Writer) start() error {
	date := w.now()
	name, err := w.nextName(date)
	if err != nil {
		return err
	}
	info, err := newWarcinfo(name, date, w.o.Info)
	if err != nil {
		return err
	}
	w.out.name = name
	w.current = &segment{name: name, path: w.out.path(), info: info}
	return nil
}

// nextName gives <prefix>-<time>-<serial>.warc.gz. The time has 17 digits, to the millisecond, as other crawlers write it. A name that is taken is
// passed over, as gowarc's rename would replace the file of a writer that started in the same millisecond.
func (w *Writer) nextName(date time.Time) (string, error) {
	stamp := strings.Replace(date.UTC().Format("20060102150405.000"), ".", "", 1)
	for {
		w.serial++
		name := fmt.Sprintf("%s-%s-%05d.warc.gz", w.o.Prefix, stamp, w.serial)
		free := true
		for _, path := range []string{filepath.Join(w.o.Dir, name), filepath.Join(w.o.Dir, name+openSuffix)} {
			switch _, err := os.Lstat(path); {
			case err == nil:
				free = false
			case !errors.Is(err, fs.ErrNotExist):
				return "", fmt.Errorf("name of the next WARC file: %w", err)
			}
		}
		if free {
			return name, nil
		}
	}
}

// Sync makes everything that was acknowledged durable (fsync). Records may be written meanwhile; calls that wait for each other share one
// fsync. After a failed fsync the system may have dropped what it could not write, so the error stays for good.
func (w *Writer) Sync() error {
	w.mu.Lock()
	s, failed, closed := w.current, w.failed, w.closed
	var size int64
	if s != nil {
		size = s.size
	}
	w.mu.Unlock()
	switch {
	case failed != nil:
		return failed
	case closed:
		return ErrClosed
	case s == nil:
		return nil
	}
	return s.syncListed(size)
}

// Close seals the last file: sync, rename from .open, sync of the folder. It returns the paths of all sealed files. The error names files that
// could not be sealed; they keep their .open name, for Recover.
func (w *Writer) Close() ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		if w.current != nil {
			// An error is in w.failed as well.
			if err := w.seal(); err != nil && w.failed == nil {
				w.failed = err
			}
		}
		if err := w.out.close(); err != nil {
			w.failed = errors.Join(w.failed, fmt.Errorf("close WARC writer: %w", err))
		}
	}
	return append([]string(nil), w.sealed...), w.failed
}

// seal ends the current file. An error concerns records that were acknowledged, so it is kept for Sync and Close too.
func (w *Writer) seal() error {
	s := w.current
	w.current = nil
	if w.out.file == nil {
		return nil // nothing was ever created
	}
	path, err := s.seal(w.out)
	if err != nil {
		err = fmt.Errorf("seal %s: %w", s.path, err)
		w.failed = errors.Join(w.failed, err)
		return err
	}
	if path == "" {
		return nil
	}
	w.sealed = append(w.sealed, path)
	if w.o.Sealed != nil {
		w.o.Sealed(path)
	}
	return nil
}
