package warc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

const readBuffer = 64 << 10 // bytes asked of a file at a time

// source splits a file into records: gzip members of one record each, or a plain file. It knows at every moment how many bytes of the file are
// used up, which is what offsets, lengths and damage are told in.
type source struct {
	file   meter         // counts the file's bytes
	buf    *bufio.Reader // of the file
	gz     *gzip.Reader
	inner  *bufio.Reader // of gz
	plain  *bufio.Reader // what records are read from: inner, or buf for a plain file
	gzip   bool
	end    int64 // where the record has to end; -1 when that is not known
	header []byte
	fields *bufio.Reader // scratch of parseHeader
	pooled bool
}

// meter counts the bytes that are read from a file which begins at some offset, and keeps the error of a file that cannot be read on: that is no
// damage, and may be over when somebody tries again.
type meter struct {
	r   io.Reader
	pos int64
	err error
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.pos += int64(n)
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

// sources keeps the buffers and inflaters of finished reads: reading one record by its position would otherwise be mostly allocation.
var sources = sync.Pool{New: func() any {
	s := &source{
		gz:     new(gzip.Reader),
		inner:  bufio.NewReaderSize(nil, 16<<10),
		fields: bufio.NewReader(nil),
	}
	s.buf = bufio.NewReaderSize(&s.file, readBuffer)
	return s
}}

// newSource reads a file from offset on. With single it serves one record and goes back to the pool when that is read.
func newSource(r io.Reader, offset, end int64, single bool) *source {
	s := sources.Get().(*source)
	s.file = meter{r: r, pos: offset}
	s.buf.Reset(&s.file)
	s.end, s.pooled = end, single
	return s
}

// release makes the source ready for another file.
func (s *source) release() {
	s.file = meter{}
	s.buf.Reset(nil)
	s.plain = nil
	sources.Put(s)
}

// done is told that a record has been read to its end.
func (s *source) done() {
	if s.pooled {
		s.release()
	}
}

// pos is the offset in the file of the next byte that is not used up.
func (s *source) pos() int64 { return s.file.pos - int64(s.buf.Buffered()) }

// next reads the header of the next record. It returns io.EOF when the file ends where a record may end, and *Damage otherwise.
func (s *source) next() (*Record, error) {
	for {
		start := s.pos()
		if _, err := s.buf.Peek(1); err != nil {
			if err == io.EOF {
				return nil, io.EOF
			}
			return nil, s.fault(start, err)
		}
		empty, err := s.open()
		if err != nil {
			return nil, s.fault(start, err)
		}
		if empty {
			continue // a member without content in the middle of a file is legal gzip and no end (R4)
		}
		rec, err := s.readRecord()
		if err != nil {
			return nil, s.fault(start, err)
		}
		rec.Offset = start
		rec.stream = &content{rec: rec, src: s, left: rec.BlockLength}
		rec.Block = rec.stream
		return rec, nil
	}
}

// fault makes the error of a record that begins at start: damage, unless the file could not be read.
func (s *source) fault(start int64, err error) error {
	if s.file.err != nil {
		return fmt.Errorf("read WARC file at byte %d: %w", s.file.pos, s.file.err)
	}
	return &Damage{Offset: start, Err: err}
}

// open finds out how the record is stored and gets ready to read its plain bytes.
func (s *source) open() (empty bool, err error) {
	magic, err := s.buf.Peek(5)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
	case bytes.Equal(magic, []byte("WARC/")):
		s.gzip, s.plain = false, s.buf
		return false, nil
	case err != nil && err != io.EOF:
		return false, err
	case bytes.HasPrefix([]byte("WARC/"), magic), bytes.HasPrefix([]byte{0x1f, 0x8b}, magic):
		return false, ErrTorn
	default:
		return false, fmt.Errorf("%w: neither gzip nor WARC: %q", ErrForeign, magic)
	}
	if err := s.gz.Reset(s.buf); err != nil {
		return false, torn(err)
	}
	s.gz.Multistream(false)
	s.inner.Reset(s.gz)
	s.gzip, s.plain = true, s.inner
	_, err = s.inner.Peek(1)
	if err == io.EOF {
		return true, nil
	}
	return false, torn(err)
}

// readRecord reads a header to its empty line.
func (s *source) readRecord() (*Record, error) {
	s.header = s.header[:0]
	for lineStart := 0; ; {
		part, err := s.plain.ReadSlice('\n')
		s.header = append(s.header, part...)
		if len(s.header) > maxHeader {
			return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrHeader, maxHeader)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && s.gzip:
			return nil, fmt.Errorf("%w: its empty line is missing", ErrHeader)
		case err != nil:
			return nil, torn(err)
		}
		line := s.header[lineStart:]
		lineStart = len(s.header)
		if string(line) == "\r\n" || string(line) == "\n" {
			return parseHeader(s.header, s.fields)
		}
		if !bytes.HasPrefix(s.header, []byte("WARC/")) {
			return nil, fmt.Errorf("%w: %.20q instead of a record", ErrForeign, line)
		}
	}
}

// short is the error of a block with fewer bytes than its header says.
func (s *source) short(left int64) error {
	if s.gzip {
		return fmt.Errorf("%w: %d bytes are missing", ErrLength, left)
	}
	return fmt.Errorf("%w: %d bytes of its block are missing", ErrTorn, left)
}

// endRecord reads the two empty lines that end a record, and in a gzip file the end of the member with its CRC.
func (s *source) endRecord(rec *Record) error {
	var err error
	if s.gzip {
		err = s.endMember(rec)
	} else {
		err = s.endPlain(rec)
	}
	if err != nil {
		return err
	}
	rec.Length = s.pos() - rec.Offset
	if s.end >= 0 && s.pos() != s.end {
		return fmt.Errorf("%w: it has %d bytes, not %d", ErrLength, rec.Length, s.end-rec.Offset)
	}
	return nil
}

const marker = "\r\n\r\n"

// endMember wants the member to end with the record. Some writers leave lines of the marker out: as the member's end is proven by its CRC that
// is only worth a warning.
func (s *source) endMember(rec *Record) error {
	var tail [len(marker) + 1]byte
	n := 0
	for n < len(tail) {
		m, err := s.plain.Read(tail[n:])
		n += m
		if err == io.EOF {
			break
		}
		if err != nil {
			return torn(err)
		}
	}
	if behind := bytes.TrimLeft(tail[:n], "\r\n"); n == len(tail) && len(behind) > 0 && bytes.HasPrefix([]byte("WARC/"), behind) {
		return fmt.Errorf("%w: %w", ErrLength, ErrSolid)
	} else if n == len(tail) || len(behind) > 0 {
		return fmt.Errorf("%w: the gzip member goes on behind the block", ErrLength)
	}
	if string(tail[:n]) != marker {
		rec.Warnings = append(rec.Warnings, fmt.Sprintf("record ends with %q", tail[:n]))
	}
	return nil
}

// endPlain has nothing but the marker to tell a whole record from a cut one, so at the end of a file it must be whole (R5). Before another record
// other line ends are worth a warning, and so they are where the caller knows that the record ends.
func (s *source) endPlain(rec *Record) error {
	tail, err := s.lineEnds()
	if err != nil {
		return err
	}
	if tail == marker {
		return nil
	}
	next, err := s.plain.Peek(len("WARC/"))
	switch {
	case err != nil && err != io.EOF:
		return err
	case len(next) == 0 && s.pos() != s.end && strings.HasPrefix(tail, marker):
		return fmt.Errorf("%w: %q follows the last record", ErrForeign, tail[len(marker):])
	case len(next) == 0 && s.pos() != s.end:
		return fmt.Errorf("%w: its end marker is missing", ErrTorn)
	case len(next) > 0 && string(next) != "WARC/":
		return fmt.Errorf("%w: %q follows the block", ErrLength, tail+string(next))
	}
	rec.Warnings = append(rec.Warnings, fmt.Sprintf("record ends with %q", tail))
	return nil
}

// lineEnds takes as many line ends as two markers have.
func (s *source) lineEnds() (string, error) {
	var tail []byte
	for len(tail) < 2*len(marker) {
		c, err := s.plain.Peek(1)
		if err == io.EOF || err == nil && c[0] != '\r' && c[0] != '\n' {
			break
		}
		if err != nil {
			return "", err
		}
		tail = append(tail, c[0])
		if _, err := s.plain.Discard(1); err != nil {
			return "", err
		}
	}
	return string(tail), nil
}

// torn names an early end by what it means here. gzip says EOF when a member ends inside its own header.
func torn(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w (%w)", ErrTorn, io.ErrUnexpectedEOF)
	}
	return err
}
