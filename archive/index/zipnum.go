package index

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"tearsheet/archive/warc"
)

// The secondary index (idx) is a file of lines: a "!meta 0" line with what JSON calls meta here, then for each block the key and timestamp of its
// first row and its place as JSON. ReplayWeb.page reads format and filename; blocks is ours, so that a torn idx is noticed.
const (
	metaPrefix = "!meta 0 "
	idxFormat  = "cdxj-gzip-1.0"
)

type meta struct {
	Format   string `json:"format"`
	Filename string `json:"filename"`
	Blocks   *int   `json:"blocks,omitempty"` // nil when another program made the index
}

type place struct {
	Offset   int64  `json:"offset"`
	Length   int64  `json:"length"`
	Digest   string `json:"digest,omitempty"` // of the gzip member's bytes
	Filename string `json:"filename,omitempty"`
}

// blockWriter writes sorted lines as gzip blocks. The idx is held back until their number is known: some 150 bytes a block.
type blockWriter struct {
	cdx  io.Writer
	name string

	text   []byte // lines of the block
	lines  int
	prefix []byte // key and timestamp of its first line
	zipped bytes.Buffer
	gz     *gzip.Writer

	blocks []block
	offset int64
	rows   int64
}

func newBlockWriter(cdx io.Writer, name string) *blockWriter {
	return &blockWriter{cdx: cdx, name: name, gz: gzip.NewWriter(nil)}
}

func (w *blockWriter) line(line []byte) error {
	if w.lines == 0 {
		w.prefix = append(w.prefix[:0], prefixOf(line)...)
	}
	w.text = append(append(w.text, line...), '\n')
	w.lines++
	w.rows++
	if w.lines < BlockLines && len(w.text) < blockBytes {
		return nil
	}
	return w.flush()
}

// prefixOf gives key and timestamp of a line.
func prefixOf(line []byte) []byte {
	first := bytes.IndexByte(line, ' ')
	if first < 0 {
		return line
	}
	second := bytes.IndexByte(line[first+1:], ' ')
	if second < 0 {
		return line
	}
	return line[:first+1+second]
}

func (w *blockWriter) flush() error {
	if w.lines == 0 {
		return nil
	}
	w.zipped.Reset()
	w.gz.Reset(&w.zipped)
	if _, err := w.gz.Write(w.text); err != nil {
		return err
	}
	if err := w.gz.Close(); err != nil {
		return err
	}
	sum := sha256.Sum256(w.zipped.Bytes())
	length, err := w.zipped.WriteTo(w.cdx)
	if err != nil {
		return err
	}
	w.blocks = append(w.blocks, block{prefix: string(w.prefix), offset: w.offset, length: length, digest: warc.NewDigest(warc.SHA256, sum[:])})
	w.offset += length
	w.text, w.lines = w.text[:0], 0
	return nil
}

// finish ends the blocks.
func (w *blockWriter) finish() error {
	if err := w.flush(); err != nil {
		return err
	}
	if w.rows == 0 { // gzip takes a file of no bytes for a broken one: an empty member says that there are no rows
		w.gz.Reset(w.cdx)
		return w.gz.Close()
	}
	return nil
}

// writeIdx writes the secondary index of the blocks.
func (w *blockWriter) writeIdx(idx io.Writer) error {
	text := appendString([]byte(metaPrefix+`{"format": "`+idxFormat+`", "filename": `), w.name)
	text = fmt.Appendf(text, ", \"blocks\": %d}\n", len(w.blocks))
	for _, b := range w.blocks {
		text = fmt.Appendf(text, `%s {"offset": %d, "length": %d, "digest": "%s", "filename": `, b.prefix, b.offset, b.length, b.digest)
		text = append(appendString(text, w.name), "}\n"...)
	}
	_, err := idx.Write(text)
	return err
}

// block is one line of the idx.
type block struct {
	prefix         string
	offset, length int64
	digest         warc.Digest // none when the idx does not give it
	short          []byte      // of a merged index: the beginning of the SHA-256
}

// shortSum gives the beginning of the block's SHA-256.
func (b block) shortSum() []byte {
	if len(b.short) > 0 {
		return b.short
	}
	return b.digest.Sum()[:shortDigest]
}

// holds reports whether the block has these bytes, as far as the index says.
func (b block) holds(sum [sha256.Size]byte) bool {
	if len(b.short) > 0 {
		return bytes.Equal(sum[:len(b.short)], b.short)
	}
	return b.digest.Algorithm() != warc.SHA256 || warc.NewDigest(warc.SHA256, sum[:]) == b.digest
}

// blockBytes ends a block before it has all its lines: the line of a long URL is longer than the URL, and a block must not become longer than
// maxBlock.
const blockBytes = 8 << 20

// maxBlock bounds a block's bytes, packed and unpacked: what a lying index can make a reader hold in memory.
const maxBlock = 32 << 20

// parseMeta reads the first line of an idx.
func parseMeta(line []byte, cdxBase string) (meta, error) {
	text, ok := bytes.CutPrefix(line, []byte(metaPrefix))
	var m meta
	switch {
	case !ok:
		return meta{}, fmt.Errorf("the first line does not begin with %q", metaPrefix)
	case json.Unmarshal(text, &m) != nil:
		return meta{}, errors.New("the !meta line is not JSON")
	case m.Format != idxFormat:
		return meta{}, fmt.Errorf("format is %q, not %q", m.Format, idxFormat)
	case m.Filename != "" && m.Filename != cdxBase:
		return meta{}, fmt.Errorf("it is the index of %q, not of %q", m.Filename, cdxBase)
	}
	return m, nil
}

// parseBlock reads any other line of an idx.
func parseBlock(line []byte, cdxBase string) (block, error) {
	prefix := prefixOf(line)
	if len(prefix) == len(line) {
		return block{}, errors.New("the line has no key, timestamp and JSON object")
	}
	var p place
	if err := json.Unmarshal(line[len(prefix)+1:], &p); err != nil {
		return block{}, err
	}
	switch {
	case p.Filename != "" && p.Filename != cdxBase:
		return block{}, fmt.Errorf("the block is in %q, not in %q", p.Filename, cdxBase)
	case p.Offset < 0 || p.Length <= 0 || p.Length > maxBlock:
		return block{}, fmt.Errorf("the block has offset %d and length %d", p.Offset, p.Length)
	}
	b := block{prefix: string(prefix), offset: p.Offset, length: p.Length}
	if p.Digest != "" {
		digest, err := warc.ParseDigest(p.Digest)
		if err != nil {
			return block{}, err
		}
		b.digest = digest
	}
	return b, nil
}
