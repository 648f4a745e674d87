package index

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Reader looks rows up in one run's index: the idx is read once, then one range a look-up, of one block unless the rows that are sought stand
// at a block's border. Blocks are checked as they are read: digest, gzip checksum, and the order that idx promises. It is safe for concurrent
// use.
type Reader struct {
	from             Ranger
	cdxName, idxName string
	blocks           []block
	maxBlock         int64     // maxBlock; less in tests
	buffers          sync.Pool // of *blockBuffer
}

// NewReader reads the idx. Its errors wrap ErrDamaged, name the file, and say at which byte it is wrong.
func NewReader(ctx context.Context, r Ranger, cdxName, idxName string) (*Reader, error) {
	rc, err := r.Range(ctx, idxName, 0, -1)
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	reader := &Reader{from: r, cdxName: cdxName, idxName: idxName, maxBlock: maxBlock}
	reader.blocks, err = readIdx(rc, path.Base(cdxName))
	if err := errors.Join(err, rc.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", idxName, err)
	}
	return reader, nil
}

// readIdx reads the lines of an idx and checks that its blocks follow each other in place and in order.
func readIdx(r io.Reader, cdxBase string) ([]block, error) {
	var m meta
	var blocks []block
	lines := bufio.NewReaderSize(r, 64<<10)
	for offset := int64(0); ; {
		line, err := readLine(lines)
		damaged := func(err error) error { return fmt.Errorf("%w at byte %d: %w", ErrDamaged, offset, err) }
		switch {
		case err == io.EOF && len(line) == 0 && offset > 0:
			if m.Blocks != nil && *m.Blocks != len(blocks) {
				return nil, damaged(fmt.Errorf("%d blocks of %d are listed", len(blocks), *m.Blocks))
			}
			return blocks, nil
		case err == io.EOF:
			return nil, damaged(errors.New("the file ends within a line"))
		case err != nil:
			return nil, err
		}
		if offset == 0 {
			m, err = parseMeta(line, cdxBase)
		} else {
			var b block
			b, err = parseBlock(line, cdxBase)
			if err == nil {
				err = follows(b, blocks)
			}
			blocks = append(blocks, b)
		}
		if err != nil {
			return nil, damaged(err)
		}
		offset += int64(len(line)) + 1
	}
}

// maxLine bounds a line in bytes: a URL that is longer than this was never archived.
const maxLine = 4 << 20

// readLine reads a line without its end; with io.EOF it gives what stands after the last line end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case err != bufio.ErrBufferFull:
			return line, err
		case len(line) > maxLine:
			return nil, fmt.Errorf("%w: a line is longer than %d bytes", ErrDamaged, maxLine)
		}
	}
}

func follows(b block, before []block) error {
	if len(before) == 0 {
		if b.offset != 0 {
			return fmt.Errorf("the first block is at %d, not at 0", b.offset)
		}
		return nil
	}
	last := before[len(before)-1]
	switch {
	case b.offset != last.offset+last.length:
		return fmt.Errorf("the block is at %d, but the one before it ends at %d", b.offset, last.offset+last.length)
	case b.prefix < last.prefix:
		return fmt.Errorf("the block begins with %q, before the one before it", b.prefix)
	}
	return nil
}

// Lookup yields the rows of one URL key in time order. An error is yielded once, and last.
func (r *Reader) Lookup(ctx context.Context, key string) iter.Seq2[Row, error] {
	return r.rows(ctx, key+" ", key+"!")
}

// Prefix yields the rows whose key begins with p, in order.
func (r *Reader) Prefix(ctx context.Context, p string) iter.Seq2[Row, error] {
	return r.rows(ctx, p, successor(p))
}

// All yields every row in order.
func (r *Reader) All(ctx context.Context) iter.Seq2[Row, error] { return r.rows(ctx, "", "") }

// successor gives the first string after all that begin with p; "" when there is none.
func successor(p string) string {
	b := []byte(p)
	for len(b) > 0 {
		if last := len(b) - 1; b[last] < 0xff {
			b[last]++
			return string(b)
		}
		b = b[:len(b)-1]
	}
	return ""
}

// rows yields the rows whose lines are in [from, to), or from from on when to is "".
func (r *Reader) rows(ctx context.Context, from, to string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		first, last := r.span(from, to)
		if first == last {
			return
		}
		if err := r.scan(ctx, first, last, from, to, yield); err != nil {
			yield(Row{}, err)
		}
	}
}

// span gives the blocks [first, last) that may hold lines in [from, to).
func (r *Reader) span(from, to string) (first, last int) {
	byPrefix := func(b block, s string) int { return strings.Compare(b.prefix, s) }
	first, _ = slices.BinarySearchFunc(r.blocks, from, byPrefix)
	first = max(first-1, 0) // lines from from on may begin in the middle of the block before
	last = len(r.blocks)
	if to != "" {
		last, _ = slices.BinarySearchFunc(r.blocks, to, byPrefix)
	}
	return first, max(first, last)
}

// errStop ends a scan whose caller wants no more rows.
var errStop = errors.New("enough")

func (r *Reader) scan(ctx context.Context, first, last int, from, to string, yield func(Row, error) bool) (err error) {
	start, end := r.blocks[first].offset, r.blocks[last-1].offset+r.blocks[last-1].length
	rc, err := r.from.Range(ctx, r.cdxName, start, end-start)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err != nil {
		return fmt.Errorf("read index %s at byte %d: %w", r.cdxName, start, err)
	}
	buffer, _ := r.buffers.Get().(*blockBuffer)
	if buffer == nil {
		buffer = new(blockBuffer)
	}
	defer func() {
		r.buffers.Put(buffer)
		if closeErr := rc.Close(); err == nil {
			err = closeErr
		}
		if err == errStop {
			err = nil
		}
	}()
	for i := first; i < last; i++ {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read index: %w", err)
		}
		text, err := buffer.read(rc, r.blocks[i], r.maxBlock)
		if err == nil {
			err = r.lines(i, text, from, to, yield)
		}
		if err == errStop {
			return err
		}
		if err != nil {
			return fmt.Errorf("%s: block at byte %d: %w", r.cdxName, r.blocks[i].offset, err)
		}
	}
	return nil
}

// lines checks the lines of block i and yields those in [from, to). It returns errStop when there are none left to yield.
func (r *Reader) lines(i int, text []byte, from, to string, yield func(Row, error) bool) error {
	if len(text) == 0 || text[len(text)-1] != '\n' || !bytes.HasPrefix(text, []byte(r.blocks[i].prefix+" ")) {
		return fmt.Errorf("%w: it does not begin with %q or does not end with a line", ErrDamaged, r.blocks[i].prefix)
	}
	var before []byte
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		line := text[:end]
		text = text[end+1:]
		if bytes.Compare(line, before) < 0 {
			return fmt.Errorf("%w: line %.80q is out of order", ErrDamaged, line)
		}
		before = line
		if string(line) < from {
			continue
		}
		if to != "" && string(line) >= to {
			return errStop
		}
		row, err := ParseRow(line)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if !yield(row, nil) {
			return errStop
		}
	}
	if i+1 < len(r.blocks) {
		if next := r.blocks[i+1].prefix; string(prefixOf(before)) > next {
			return fmt.Errorf("%w: it ends with %.80q, after the beginning of the next block", ErrDamaged, before)
		}
	}
	return nil
}

// blockBuffer holds one block, packed and unpacked.
type blockBuffer struct {
	packed []byte
	text   bytes.Buffer
	in     bytes.Reader
	gz     *gzip.Reader
}

// read reads the block that stands next in r, and unpacks it to at most limit bytes. The text is good until the next call.
func (b *blockBuffer) read(r io.Reader, at block, limit int64) ([]byte, error) {
	b.packed = slices.Grow(b.packed[:0], int(at.length))[:at.length]
	if _, err := io.ReadFull(r, b.packed); err != nil {
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w: the file ends within it: %w", ErrDamaged, io.ErrUnexpectedEOF)
		}
		return nil, err
	}
	if sum := sha256.Sum256(b.packed); !at.holds(sum) {
		return nil, fmt.Errorf("%w: its SHA-256 is %x, not %s%x", ErrDamaged, sum, at.digest, at.short)
	}
	b.in.Reset(b.packed)
	var err error
	if b.gz == nil {
		b.gz, err = gzip.NewReader(&b.in)
	} else {
		err = b.gz.Reset(&b.in)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	b.text.Reset()
	n, err := io.Copy(&b.text, io.LimitReader(b.gz, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if n > limit {
		return nil, fmt.Errorf("%w: it unpacks to more than %d bytes", ErrDamaged, limit)
	}
	return b.text.Bytes(), nil
}
