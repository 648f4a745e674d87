package warc

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// maxChunkLine bounds the line with a chunk's size and extensions, in bytes.
const maxChunkLine = 8 << 10

// Dechunk takes the chunked transfer coding (RFC 9112 §7.1) off a recorded body. It is made for evidence and not for a connection: lines may
// end with LF alone, extensions and trailers are passed over, and where the framing breaks off or becomes nonsense the entity ends, without
// error. When not even the first size can be read the body was never chunked, and is given as it stands. Only errors of r come through.
func Dechunk(r io.Reader) io.Reader {
	b, ok := r.(*bufio.Reader)
	if !ok || b.Size() < maxChunkLine {
		b = bufio.NewReaderSize(r, maxChunkLine)
	}
	return &dechunker{r: b, first: true}
}

type dechunker struct {
	r     *bufio.Reader
	left  int64 // bytes of the current chunk
	first bool  // no chunk was begun yet
	raw   bool  // it is not chunked at all
	err   error
}

func (d *dechunker) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, d.err
	}
	for d.err == nil && d.left == 0 && !d.raw {
		d.err = d.begin()
	}
	if d.err != nil {
		return 0, d.err
	}
	if d.raw {
		return d.r.Read(p)
	}
	if int64(len(p)) > d.left {
		p = p[:d.left]
	}
	n, err := d.r.Read(p)
	d.left -= int64(n)
	if err != nil {
		d.err = err
	}
	return n, d.err
}

// begin reads up to the data of the next chunk. EOF is the last chunk as well as framing that cannot be followed.
func (d *dechunker) begin() error {
	if !d.first {
		if err := d.endLine(); err != nil {
			return err
		}
	}
	line, err := d.peekLine()
	if err != nil {
		return err
	}
	size, how := chunkSize(line)
	switch {
	case how == notChunked && d.first:
		d.raw = true
		return nil
	case how != wholeLine:
		return io.EOF
	}
	d.first = false
	if _, err := d.r.Discard(len(line)); err != nil {
		return err
	}
	if size == 0 {
		return io.EOF
	}
	d.left = size
	return nil
}

// peekLine returns the next line without using it up; what there is of it when it is too long or not whole.
func (d *dechunker) peekLine() ([]byte, error) {
	for n := 64; ; n *= 2 {
		n = min(n, maxChunkLine)
		b, err := d.r.Peek(n)
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return b[:i+1], nil
		}
		if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if len(b) == 0 {
			return nil, io.EOF
		}
		if err != nil || n == maxChunkLine {
			return b, nil
		}
	}
}

// endLine passes over the CRLF behind a chunk's data.
func (d *dechunker) endLine() error {
	for _, want := range []byte("\r\n") {
		c, err := d.r.ReadByte()
		if err != nil {
			return err
		}
		if c == '\n' {
			return nil
		}
		if c != want {
			return io.EOF
		}
	}
	return nil
}

// What a line that should tell a chunk's size turned out to be.
type chunkLine uint8

const (
	wholeLine  chunkLine = iota
	cutLine              // right so far, but without its end
	notChunked           // against the grammar
)

// chunkSize reads a chunk-size line: hex digits, blanks, and what stands behind a semicolon.
func chunkSize(line []byte) (size int64, how chunkLine) {
	i := 0
	for ; i < len(line); i++ {
		digit := strings.IndexByte("0123456789abcdef", line[i]|0x20)
		if digit < 0 || line[i] < '0' {
			break
		}
		if size >= 1<<58 {
			return 0, notChunked
		}
		size = size<<4 | int64(digit)
	}
	if i == 0 {
		return 0, notChunked
	}
	rest := bytes.TrimLeft(line[i:], " \t")
	switch {
	case len(rest) == 0, string(rest) == "\r":
		return 0, cutLine
	case string(rest) == "\n", string(rest) == "\r\n":
		return size, wholeLine
	case rest[0] != ';':
		return 0, notChunked
	case rest[len(rest)-1] != '\n':
		return 0, cutLine
	default:
		return size, wholeLine
	}
}
