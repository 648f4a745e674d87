package index

import (
	"bufio"
	"bytes"
	"container/heap"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

const (
	sortMemory = 8 << 20 // bytes of lines that a Builder holds before it spills them
	mergeWidth = 64      // spilled files that are merged at once
)

// Builder sorts any number of rows in bounded memory and writes them as ZipNum: what does not fit into 8 MiB is spilled to files below its
// folder. Their names are removed as soon as they are open, so that nothing is left behind, not even by kill -9. It is not safe for concurrent
// use. Finish or Close ends it.
type Builder struct {
	dir    string
	memory int // sortMemory; less in tests
	width  int // mergeWidth; less in tests

	rows  int64
	text  []byte // lines one after the other
	lines []span
	// spilled[n] are sorted files of about width^n times the memory. Few are ever open, and no line is merged often.
	spilled [][]*os.File
}

// span is where a line stands in Builder.text.
type span struct{ from, to uint32 }

// NewBuilder makes a Builder that spills below dir. Nothing is made there before it must.
func NewBuilder(dir string) *Builder {
	return &Builder{dir: dir, memory: sortMemory, width: mergeWidth}
}

// Add takes a row. Rows may come in any order, and the same row more than once: all are kept.
func (b *Builder) Add(r Row) error {
	from := len(b.text)
	text, err := r.AppendText(b.text)
	if err != nil {
		return err
	}
	b.text = text
	b.rows++
	b.lines = append(b.lines, span{uint32(from), uint32(len(text))})
	if len(b.text) < b.memory {
		return nil
	}
	return b.spill()
}

// Rows tells how many rows were added.
func (b *Builder) Rows() int64 { return b.rows }

// Finish writes the blocks to cdx and the secondary index to idx, and ends the builder. cdxName is the name by which idx refers to cdx
// ("index.cdx.gz"). It returns the number of rows.
func (b *Builder) Finish(cdx, idx io.Writer, cdxName string) (rows int64, err error) {
	defer func() { err = errors.Join(err, b.Close()) }()
	sources, err := b.sources()
	if err != nil {
		return 0, err
	}
	out := newBlockWriter(cdx, cdxName)
	err = merge(sources, out.line)
	if err == nil {
		err = out.finish()
	}
	if err == nil {
		err = out.writeIdx(idx)
	}
	if err != nil {
		return 0, fmt.Errorf("write index %s: %w", cdxName, err)
	}
	return out.rows, nil
}

// sources gives what was added, sorted.
func (b *Builder) sources() ([]source, error) {
	var all []source
	for _, level := range b.spilled {
		for _, f := range level {
			s, err := rewind(f)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	return append(all, b.sorted()), nil
}

// Close drops what was added. After Finish it does nothing.
func (b *Builder) Close() error {
	var err error
	for _, level := range b.spilled {
		err = errors.Join(err, closeAll(level))
	}
	b.spilled, b.text, b.lines = nil, nil, nil
	return err
}

func closeAll(files []*os.File) error {
	var err error
	for _, f := range files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// spill writes the lines in memory to a sorted file.
func (b *Builder) spill() error {
	f, err := b.write([]source{b.sorted()})
	if err != nil {
		return err
	}
	b.text, b.lines = b.text[:0], b.lines[:0]
	return b.keep(0, f)
}

// keep adds a sorted file to a level, and when that is full makes one file of the level above of all its files.
func (b *Builder) keep(level int, f *os.File) error {
	if level == len(b.spilled) {
		b.spilled = append(b.spilled, nil)
	}
	b.spilled[level] = append(b.spilled[level], f)
	if len(b.spilled[level]) < b.width {
		return nil
	}
	var sources []source
	for _, f := range b.spilled[level] {
		s, err := rewind(f)
		if err != nil {
			return err
		}
		sources = append(sources, s)
	}
	merged, err := b.write(sources)
	if err != nil {
		return err
	}
	if err := closeAll(b.spilled[level]); err != nil {
		return errors.Join(err, merged.Close())
	}
	b.spilled[level] = nil
	return b.keep(level+1, merged)
}

// write merges sources into a nameless file.
func (b *Builder) write(sources []source) (*os.File, error) {
	f, err := os.CreateTemp(b.dir, "index-sort-*")
	if err != nil {
		return nil, fmt.Errorf("sort index rows: %w", err)
	}
	w := bufio.NewWriterSize(f, 64<<10)
	err = os.Remove(f.Name())
	if err == nil {
		err = merge(sources, func(line []byte) error {
			_, err := w.Write(append(line, '\n'))
			return err
		})
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sort index rows in %s: %w", b.dir, err), f.Close())
	}
	return f, nil
}

// source gives sorted lines one after the other; nil at the end. A line is good until the next call, and its spare capacity may be used.
type source interface{ next() ([]byte, error) }

// sorted gives the lines in memory.
func (b *Builder) sorted() source {
	slices.SortFunc(b.lines, func(x, y span) int { return bytes.Compare(b.text[x.from:x.to], b.text[y.from:y.to]) })
	return &memorySource{text: b.text, lines: b.lines}
}

type memorySource struct {
	text  []byte
	lines []span
	line  []byte
}

func (s *memorySource) next() ([]byte, error) {
	if len(s.lines) == 0 {
		return nil, nil
	}
	s.line = append(s.line[:0], s.text[s.lines[0].from:s.lines[0].to]...)
	s.lines = s.lines[1:]
	return s.line, nil
}

type fileSource struct {
	r    *bufio.Reader
	line []byte
}

func rewind(f *os.File) (source, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("sort index rows: %w", err)
	}
	return &fileSource{r: bufio.NewReaderSize(f, 64<<10)}, nil
}

func (s *fileSource) next() ([]byte, error) {
	s.line = s.line[:0]
	for {
		part, err := s.r.ReadSlice('\n')
		s.line = append(s.line, part...)
		switch {
		case err == nil:
			return s.line[:len(s.line)-1], nil
		case err == io.EOF && len(s.line) == 0:
			return nil, nil
		case err != bufio.ErrBufferFull:
			return nil, fmt.Errorf("read back sorted rows: %w", err)
		}
	}
}

// merge gives the lines of all sources in byte order to put.
func merge(sources []source, put func(line []byte) error) error {
	var h heads
	for _, s := range sources {
		line, err := s.next()
		if err != nil {
			return err
		}
		if line != nil {
			h = append(h, head{line, s})
		}
	}
	heap.Init(&h)
	for len(h) > 0 {
		if err := put(h[0].line); err != nil {
			return err
		}
		line, err := h[0].source.next()
		switch {
		case err != nil:
			return err
		case line == nil:
			heap.Pop(&h)
		default:
			h[0].line = line
			heap.Fix(&h, 0)
		}
	}
	return nil
}

// head is the next line of a source; heads order them for the merge.
type head struct {
	line   []byte
	source source
}

type heads []head

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return bytes.Compare(h[i].line, h[j].line) < 0 }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)        { *h = append(*h, x.(head)) }
func (h *heads) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
