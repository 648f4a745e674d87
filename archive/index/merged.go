package index

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"tearsheet/archive/warc"
)

// Merged is the index of a whole archive at one moment, as one small file tells it: the newest rows themselves, and the blocks of at most two levels
// of older ones, which are files of ZipNum blocks. Of a million rows it has some 150 KB. To find a URL among them costs this file and one range of
// each level. New rows go to Recent; when these are more than RecentRows, they and level 1 become a new level 1; when that is large, it and level 2
// become a new level 2 (a log-structured merge). Nothing of it ever changes: every state is a file of its own, and names the files of its levels.
//
// The file is gzip, of lines: a JSON object (header), for each level a line for each block (key and timestamp of its first row, its length, and the first
// 128 bits of its SHA-256 as base64; blocks follow each other without gaps), then the recent rows as CDXJ.
type Merged struct {
	Through int64   // for the archive's use: the number of the log entry up to which it tells of runs
	Levels  []Level // the smaller, newer ones first; at most two
	recent  []string
}

// Level is a file of ZipNum blocks whose rows are in order.
type Level struct {
	File   string // its name for a Ranger
	Bytes  int64
	SHA256 string // "sha256:hex" of the whole file
	Rows   int64
	blocks []block
}

const (
	// RecentRows is how many rows a merged index holds by itself.
	RecentRows = 300
	// smallLevel is how many rows level 1 may have at least before it becomes a part of level 2, and largeShare the part of level 2 that it may have
	// when that is more: so that the larger level is written anew ever more rarely.
	smallLevel = 32768
	largeShare = 16

	mergedFormat = "tearsheet-index-1.0"
	// maxMerged bounds in bytes what is unpacked as a merged index: one of some hundred million rows.
	maxMerged = 256 << 20
	// shortDigest is how many bytes of a block's SHA-256 a merged index keeps.
	shortDigest = 16
)

type mergedHeader struct {
	Format  string        `json:"format"`
	Through int64         `json:"through"`
	Levels  []levelHeader `json:"levels"`
	Recent  int           `json:"recent"`
}

type levelHeader struct {
	File   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"hash"`
	Rows   int64  `json:"rows"`
	Blocks int    `json:"blocks"`
}

// Rows tells how many rows there are in all.
func (m *Merged) Rows() int64 {
	n := int64(len(m.recent))
	for _, l := range m.Levels {
		n += l.Rows
	}
	return n
}

// Encode writes the file.
func (m *Merged) Encode(w io.Writer) error {
	h := mergedHeader{Format: mergedFormat, Through: m.Through, Levels: []levelHeader{}, Recent: len(m.recent)}
	for _, l := range m.Levels {
		h.Levels = append(h.Levels, levelHeader{l.File, l.Bytes, l.SHA256, l.Rows, len(l.blocks)})
	}
	head, err := json.Marshal(h)
	if err != nil {
		return err
	}
	text := append(head, '\n')
	for _, l := range m.Levels {
		for _, b := range l.blocks {
			text = fmt.Appendf(text, "%s %d %s\n", b.prefix, b.length, base64.RawStdEncoding.EncodeToString(b.shortSum()))
		}
	}
	for _, line := range m.recent {
		text = append(append(text, line...), '\n')
	}
	gz := gzip.NewWriter(w)
	_, err = gz.Write(text)
	return errors.Join(err, gz.Close())
}

// ParseMerged reads the file. Errors wrap ErrDamaged.
func ParseMerged(packed []byte) (*Merged, error) {
	m, err := parseMerged(packed)
	if err != nil {
		return nil, fmt.Errorf("%w: merged index: %w", ErrDamaged, err)
	}
	return m, nil
}

func parseMerged(packed []byte) (*Merged, error) {
	gz, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(gz, maxMerged+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxMerged:
		return nil, fmt.Errorf("it unpacks to more than %d bytes", maxMerged)
	case len(text) == 0 || text[len(text)-1] != '\n':
		return nil, errors.New("its last line does not end")
	}
	lines := strings.Split(string(text[:len(text)-1]), "\n")
	var h mergedHeader
	if err := json.Unmarshal([]byte(lines[0]), &h); err != nil {
		return nil, fmt.Errorf("its first line: %w", err)
	}
	if h.Format != mergedFormat {
		return nil, fmt.Errorf("its format is %.40q, not %q", h.Format, mergedFormat)
	}
	lines = lines[1:]
	m := &Merged{Through: h.Through}
	for _, l := range h.Levels {
		if l.Blocks < 0 || l.Blocks > len(lines) {
			return nil, fmt.Errorf("it has fewer lines than %s has blocks", l.File)
		}
		level, err := parseLevel(l, lines[:l.Blocks])
		if err != nil {
			return nil, err
		}
		m.Levels, lines = append(m.Levels, level), lines[l.Blocks:]
	}
	if h.Recent != len(lines) {
		return nil, fmt.Errorf("it has %d recent rows, and says %d", len(lines), h.Recent)
	}
	for i, line := range lines {
		if _, err := ParseRow([]byte(line)); err != nil {
			return nil, err
		}
		if i > 0 && line < lines[i-1] {
			return nil, fmt.Errorf("row %.80q is out of order", line)
		}
	}
	m.recent = lines
	return m, nil
}

func parseLevel(h levelHeader, lines []string) (Level, error) {
	l := Level{File: h.File, Bytes: h.Bytes, SHA256: h.SHA256, Rows: h.Rows}
	if _, err := warc.ParseDigest(h.SHA256); err != nil || h.File == "" || h.Bytes < 0 || h.Rows < 0 {
		return Level{}, fmt.Errorf("it does not say name, size and digest of a level: %+v", h)
	}
	var offset int64
	for _, line := range lines {
		prefix := string(prefixOf([]byte(line)))
		size, digest, ok := strings.Cut(strings.TrimPrefix(line[len(prefix):], " "), " ")
		length, err := strconv.ParseInt(size, 10, 64)
		raw, digestErr := base64.RawStdEncoding.DecodeString(digest)
		switch {
		case !ok || err != nil || digestErr != nil || len(raw) != shortDigest || length <= 0 || length > maxBlock:
			return Level{}, fmt.Errorf("%.120q is no line of a block", line)
		case len(l.blocks) > 0 && prefix < l.blocks[len(l.blocks)-1].prefix:
			return Level{}, fmt.Errorf("the block of %.80q is out of order", prefix)
		}
		l.blocks = append(l.blocks, block{prefix: prefix, offset: offset, length: length, short: raw})
		offset += length
	}
	if len(lines) > 0 && offset != h.Bytes {
		return Level{}, fmt.Errorf("the blocks of %s have %d bytes, and the file %d", h.File, offset, h.Bytes)
	}
	return l, nil
}

// reader looks rows up in a level.
func (l Level) reader(from Ranger) *Reader {
	return &Reader{from: from, cdxName: l.File, blocks: l.blocks, maxBlock: maxBlock}
}

// Lookup yields the rows of one key: the recent ones, then those of each level in order. An error is yielded in place of what a level could not give, and
// the next one is asked all the same.
func (m *Merged) Lookup(ctx context.Context, from Ranger, key string) iter.Seq2[Row, error] {
	return m.rows(ctx, from, key+" ", key+"!")
}

// Prefix yields the rows whose keys begin with p, as Lookup does.
func (m *Merged) Prefix(ctx context.Context, from Ranger, p string) iter.Seq2[Row, error] {
	return m.rows(ctx, from, p, successor(p))
}

// All yields all rows, as Lookup does.
func (m *Merged) All(ctx context.Context, from Ranger) iter.Seq2[Row, error] {
	return m.rows(ctx, from, "", "")
}

func (m *Merged) rows(ctx context.Context, from Ranger, first, end string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		at, _ := slices.BinarySearch(m.recent, first)
		for _, line := range m.recent[at:] {
			if end != "" && line >= end {
				break
			}
			row, err := ParseRow([]byte(line)) // seen to be one when the file was read
			if !yield(row, err) {
				return
			}
		}
		for _, l := range m.Levels {
			for row, err := range l.reader(from).rows(ctx, first, end) {
				if !yield(row, err) {
					return
				}
			}
		}
	}
}

// Merge makes the merged index that has the rows of m and those that b holds, and ends b. When a level must be written, file is asked for a name and a
// place for it; of what was written there, Merge fills in size, digest and rows, as the place tells them. A level of which nothing is left to read is in
// the new index no more. m may be nil for none.
//
// It reads levels from front to end and holds one block of each: its memory does not grow with them.
func (m *Merged) Merge(ctx context.Context, from Ranger, b *Builder, file func(level int) (Destination, error)) (_ *Merged, err error) {
	defer func() { err = errors.Join(err, b.Close()) }()
	if m == nil {
		m = &Merged{}
	}
	sources, err := b.sources()
	if err != nil {
		return nil, err
	}
	rows := b.Rows() + int64(len(m.recent))
	if rows <= RecentRows {
		return m.withRecent(sources)
	}
	sources = append(sources, &listSource{lines: m.recent})
	small, large := m.split()
	level, kept := 1, large
	if small != nil {
		rows += small.Rows
		sources = append(sources, newLevelSource(ctx, from, *small))
	}
	if limit := max(smallLevel, rowsOf(large)/largeShare); rows > limit {
		level, kept = 2, nil
		if large != nil {
			sources = append(sources, newLevelSource(ctx, from, *large))
		}
	}
	defer func() {
		for _, s := range sources {
			if l, ok := s.(*levelSource); ok {
				err = errors.Join(err, l.close())
			}
		}
	}()
	merged, err := writeLevel(sources, level, file)
	if err != nil {
		return nil, err
	}
	next := &Merged{Levels: []Level{merged}}
	if kept != nil {
		next.Levels = append(next.Levels, *kept)
	}
	return next, nil
}

// split gives the levels by their size; nil for one that is not there. One level alone is the large one from the size on at which it would be made so.
func (m *Merged) split() (small, large *Level) {
	switch len(m.Levels) {
	case 0:
		return nil, nil
	case 1:
		if m.Levels[0].Rows > smallLevel {
			return nil, &m.Levels[0]
		}
		return &m.Levels[0], nil
	}
	return &m.Levels[0], &m.Levels[1]
}

func rowsOf(l *Level) int64 {
	if l == nil {
		return 0
	}
	return l.Rows
}

// withRecent adds rows to the recent ones.
func (m *Merged) withRecent(sources []source) (*Merged, error) {
	next := &Merged{Levels: m.Levels}
	err := merge(append(sources, &listSource{lines: m.recent}), func(line []byte) error {
		next.recent = append(next.recent, string(line))
		return nil
	})
	return next, err
}

// Destination is where a level is written. Close tells what was.
type Destination interface {
	io.Writer
	// Name is what the merged index calls the file.
	Name() string
	// Close ends it, and gives its size in bytes and its digest, "sha256:hex".
	Close() (bytes int64, sha256 string, err error)
}

func writeLevel(sources []source, level int, file func(int) (Destination, error)) (Level, error) {
	to, err := file(level)
	if err != nil {
		return Level{}, fmt.Errorf("write a merged index: %w", err)
	}
	out := newBlockWriter(to, to.Name())
	err = merge(sources, out.line)
	if err == nil {
		err = out.finish()
	}
	size, digest, closeErr := to.Close()
	if err = errors.Join(err, closeErr); err != nil {
		return Level{}, fmt.Errorf("write merged index %s: %w", to.Name(), err)
	}
	return Level{File: to.Name(), Bytes: size, SHA256: digest, Rows: out.rows, blocks: out.blocks}, nil
}

// listSource gives lines that are in memory.
type listSource struct {
	lines []string
	line  []byte
}

func (s *listSource) next() ([]byte, error) {
	if len(s.lines) == 0 {
		return nil, nil
	}
	s.line = append(s.line[:0], s.lines[0]...)
	s.lines = s.lines[1:]
	return s.line, nil
}

// levelSource gives the lines of a level, block by block, and proves each.
type levelSource struct {
	ctx    context.Context
	from   Ranger
	level  Level
	rc     io.ReadCloser
	buffer blockBuffer
	at     int // block
	text   []byte
	line   []byte
	before []byte
}

func newLevelSource(ctx context.Context, from Ranger, l Level) *levelSource {
	return &levelSource{ctx: ctx, from: from, level: l}
}

func (s *levelSource) next() ([]byte, error) {
	for len(s.text) == 0 {
		if s.at == len(s.level.blocks) {
			return nil, nil
		}
		if err := s.block(); err != nil {
			return nil, fmt.Errorf("read merged index %s: %w", s.level.File, err)
		}
	}
	end := bytes.IndexByte(s.text, '\n')
	if end < 0 {
		return nil, fmt.Errorf("read merged index %s: %w: a line does not end", s.level.File, ErrDamaged)
	}
	s.line = append(s.line[:0], s.text[:end]...)
	s.text = s.text[end+1:]
	if bytes.Compare(s.line, s.before) < 0 {
		return nil, fmt.Errorf("read merged index %s: %w: line %.80q is out of order", s.level.File, ErrDamaged, s.line)
	}
	s.before = append(s.before[:0], s.line...)
	return s.line, nil
}

// block reads the next block.
func (s *levelSource) block() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.rc == nil {
		var err error
		if s.rc, err = s.from.Range(s.ctx, s.level.File, 0, s.level.Bytes); err != nil {
			return err
		}
	}
	var err error
	s.text, err = s.buffer.read(s.rc, s.level.blocks[s.at], maxBlock)
	s.at++
	return err
}

func (s *levelSource) close() error {
	if s.rc == nil {
		return nil
	}
	return s.rc.Close()
}
