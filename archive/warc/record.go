package warc

import (
	"errors"
	"io"
	"strings"
	"time"
)

// Record is a record as read back. Block streams the content block and must be read before the next record is asked for. Block, Head, Payload
// and Entity share that one stream: Head leaves Block whole, Payload and Entity consume it.
type Record struct {
	Version     string // "WARC/1.1"
	Fields      []Field
	Type        Type
	ID          string // without <>
	TargetURI   string // as written, wget's <> removed
	Date        time.Time
	ContentType string
	BlockLength int64
	Offset      int64     // of the record in its file, bytes as stored
	Length      int64     // bytes as stored; 0 until the block was read to its end, or Finish was called
	Warnings    []string  // what breaks the standard but can be read without doubt
	Block       io.Reader // ends with io.EOF only when the record is whole: its gzip CRC fits and nothing follows the block

	stream  *content
	head    *Head
	headErr error
	body    io.Reader // behind the head
}

// Get returns the first field with that name (case-insensitive), or "".
func (r *Record) Get(name string) string { return get(r.Fields, name) }

// All returns the values of the fields with that name (case-insensitive), in order.
func (r *Record) All(name string) []string {
	var values []string
	for _, f := range r.Fields {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// Finish reads what is left of the block and checks the end of the record. After nil, Length is set. The error wraps *Damage.
func (r *Record) Finish() error {
	_, err := io.Copy(io.Discard, r.stream)
	return err
}

// errStale is what the block of a record gives after the next record was asked for.
var errStale = errors.New("record is no longer being read")

// content is the stream of a record's block. It ends after BlockLength bytes, and then checks the end of the record before it says EOF.
type content struct {
	rec  *Record
	src  *source // nil once the end was reached, as it may then serve another record
	left int64
	err  error
}

func (c *content) Read(p []byte) (int, error) {
	switch {
	case c.err != nil:
		return 0, c.err
	case c.left == 0:
		c.end(c.src.endRecord(c.rec))
		return 0, c.err
	case int64(len(p)) > c.left:
		p = p[:c.left]
	}
	n, err := c.src.plain.Read(p)
	c.left -= int64(n)
	switch {
	case err == io.EOF && c.left > 0:
		c.end(c.src.short(c.left))
	case err != nil && err != io.EOF:
		c.end(torn(err))
	}
	return n, c.err
}

// end settles what reading on gives: EOF, or damage for good.
func (c *content) end(err error) {
	if err == nil {
		c.err = io.EOF
	} else {
		c.err = c.src.fault(c.rec.Offset, err)
	}
	c.src.done()
	c.src = nil
}

// abandon ends the stream of a record whose source moves on.
func (c *content) abandon() {
	if c.err == nil {
		c.err = errStale
		c.src = nil
	}
}
