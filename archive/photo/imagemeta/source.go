package imagemeta

import (
	"bytes"
	"errors"
	"io"
	"sort"
)

// source is bytes that can be read from any offset: a file, a part of it, parts of it joined, or what was inflated. It holds none of them.
type source struct {
	r      io.ReaderAt
	size   int64
	memory []byte // all of it, where it is in memory already
}

// inMemory is bytes that were read already.
func inMemory(b []byte) source { return source{bytes.NewReader(b), int64(len(b)), b} }

// part gives up to n bytes from an offset on, as far as they exist.
func (s source) part(at, n int64) source {
	if at < 0 || n <= 0 || at >= s.size {
		return source{r: s.r}
	}
	n = min(n, s.size-at)
	switch {
	case s.memory != nil:
		return inMemory(s.memory[at : at+n])
	case at == 0:
		return source{r: s.r, size: n}
	}
	return source{r: io.NewSectionReader(s.r, at, n), size: n}
}

// load reads up to limit bytes from the start. What cannot be read is missing at the end.
func (s source) load(limit int64) []byte {
	n := min(s.size, limit)
	if n <= 0 {
		return nil
	}
	if s.memory != nil {
		return s.memory[:n]
	}
	b := make([]byte, n, n+1) // the XML lexer sets a NUL behind the end
	got, _ := s.r.ReadAt(b, 0)
	return b[:max(0, got)]
}

// window reads small pieces of a source without asking it for each of them.
type window struct {
	source
	start int64
	have  int
	buf   [1024]byte
}

func newWindow(s source) *window { return &window{source: s} }

// at gives n bytes from an offset on, at most len(w.buf), and fewer where the source ends. They are valid until the next call.
func (w *window) at(off int64, n int) []byte {
	if off < 0 || off >= w.size || n <= 0 {
		return nil
	}
	if off < w.start || off+int64(n) > w.start+int64(w.have) {
		got, _ := w.r.ReadAt(w.buf[:min(int64(len(w.buf)), w.size-off)], off)
		w.start, w.have = off, max(0, got)
	}
	b := w.buf[off-w.start : w.have]
	return b[:min(n, len(b))]
}

// file is the file itself. Its end, wherever that is, is no error; a failure to read is, and everything after it fails as well.
type file struct {
	r   io.ReaderAt
	err error
}

// ReadAt implements io.ReaderAt.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// pieces are parts of a file that belong together.
type pieces struct {
	r    io.ReaderAt
	list []piece
	size int64
}

// piece is n bytes at an offset of the file that stand at from within the whole.
type piece struct{ at, n, from int64 }

// add appends n bytes of the file.
func (p *pieces) add(at, n int64) {
	if n > 0 {
		p.list = append(p.list, piece{at, n, p.size})
		p.size += n
	}
}

// joined is the pieces as one source.
func (p *pieces) joined() source {
	if len(p.list) == 1 {
		return source{r: io.NewSectionReader(p.r, p.list[0].at, p.size), size: p.size}
	}
	return source{r: p, size: p.size}
}

// ReadAt implements io.ReaderAt.
func (p *pieces) ReadAt(b []byte, off int64) (int, error) {
	read := 0
	i := sort.Search(len(p.list), func(i int) bool { return p.list[i].from+p.list[i].n > off })
	for ; i < len(p.list) && read < len(b); i++ {
		skip := off + int64(read) - p.list[i].from
		want := b[read:min(int64(len(b)), int64(read)+p.list[i].n-skip)]
		n, err := p.r.ReadAt(want, p.list[i].at+skip)
		read += n
		if n < len(want) {
			return read, err
		}
	}
	if read < len(b) {
		return read, io.EOF
	}
	return read, nil
}
