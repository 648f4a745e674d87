package warc

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/klauspost/compress/gzip"
)

const (
	// textLevel is the gzip level of blocks that deflate can shrink. Level 2 is the fastest that still finds what HTML repeats; higher levels
	// cost up to twice the time for a few percent.
	textLevel = 2

	writeBuffer = 256 << 10 // bytes gathered before the file is asked to take them
	copyBuffer  = 64 << 10  // bytes of a block read at a time
)

// encoder writes drafts as gzip members behind one buffer. It is reused for every record of a Writer, so that a record costs no compressor.
type encoder struct {
	buf    *bufio.Writer
	text   *gzip.Writer // level 2
	stored *gzip.Writer // level 0: deflate's stored blocks
	head   []byte
	copy   []byte
}

func newEncoder() (*encoder, error) {
	text, err := gzip.NewWriterLevel(nil, textLevel)
	if err != nil {
		return nil, err
	}
	stored, err := gzip.NewWriterLevel(nil, gzip.NoCompression)
	if err != nil {
		return nil, err
	}
	return &encoder{
		buf:    bufio.NewWriterSize(nil, writeBuffer),
		text:   text,
		stored: stored,
		copy:   make([]byte, copyBuffer),
	}, nil
}

// begin directs what follows to w and forgets what a failed batch may have left in the buffer.
func (e *encoder) begin(w io.Writer) { e.buf.Reset(w) }

// encode appends d as one member and returns the member's length in bytes. Part of it may still be in the buffer.
func (e *encoder) encode(d *Draft, warcinfo string) (int64, error) {
	out := &tally{w: e.buf}
	gz := e.text
	if d.stored {
		gz = e.stored
	}
	gz.Reset(out)
	e.head = appendHeader(e.head[:0], d, warcinfo)
	if _, err := gz.Write(e.head); err != nil {
		return out.n, err
	}
	if err := copyBlock(gz, d.Block, e.copy); err != nil {
		return out.n, err
	}
	if _, err := io.WriteString(gz, "\r\n\r\n"); err != nil {
		return out.n, err
	}
	// Close writes what the compressor still holds and the CRC: an error here is a lost record (W1).
	if err := gz.Close(); err != nil {
		return out.n, err
	}
	return out.n, nil
}

// flush gives everything to the file.
func (e *encoder) flush() error { return e.buf.Flush() }

// appendHeader writes the version line, the named fields and the empty line (WARC 1.1 §4).
func appendHeader(b []byte, d *Draft, warcinfo string) []byte {
	b = append(b, "WARC/1.1\r\n"...)
	b = appendField(b, fieldType, string(d.Type))
	b = appendField(b, fieldRecordID, bracket(d.ID))
	for _, f := range d.Fields {
		b = appendField(b, f.Name, f.Value)
	}
	if warcinfo != "" && d.Type != Warcinfo {
		b = appendField(b, fieldWarcinfoID, bracket(warcinfo))
	}
	b = append(b, fieldContentLength+": "...)
	b = strconv.AppendInt(b, d.Block.Size(), 10)
	return append(b, "\r\n\r\n"...)
}

func appendField(b []byte, name, value string) []byte {
	b = append(b, name...)
	b = append(b, ": "...)
	b = append(b, value...)
	return append(b, "\r\n"...)
}

// tally counts the bytes that pass.
type tally struct {
	w io.Writer
	n int64
}

func (t *tally) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	t.n += int64(n)
	return n, err
}

// copyBlock streams a block through buf, whatever its size, and does not accept fewer bytes than it said it has.
func copyBlock(w io.Writer, b Block, buf []byte) error {
	size := b.Size()
	for off := int64(0); off < size; {
		n := min(int64(len(buf)), size-off)
		got, err := b.ReadAt(buf[:n], off)
		if int64(got) < n {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("read block at byte %d of %d: %w", off+int64(got), size, err)
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		off += n
	}
	return nil
}
