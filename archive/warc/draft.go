package warc

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// dateLayout is WARC-Date with microseconds, which WARC 1.1 §5.4 allows and 1.0 did not.
const dateLayout = "2006-01-02T15:04:05.000000Z"

// Draft is a record that is to be written: its named fields in order and its block. Build one with the functions of this package; fields may
// be added until it is written. WARC-Type, WARC-Record-ID, WARC-Warcinfo-ID and Content-Length are not among Fields: the Writer gives them.
type Draft struct {
	Type   Type
	ID     string // "urn:uuid:…", given when the draft is made, so that other drafts can refer to it
	Fields []Field
	Block  Block

	stored bool // the block is compressed already: gzip only frames it
}

// newDraft makes a draft with the two fields that all of ours begin with. target is "" for a warcinfo record only.
func newDraft(t Type, date time.Time, target string) (*Draft, error) {
	// The reader form, because gowarc's constructors switch uuid's own pool on without a lock (W7).
	id, err := uuid.NewRandomFromReader(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make an ID for a %s record: %w", t, err)
	}
	if date.IsZero() {
		return nil, fmt.Errorf("%s record of %s: it has no date", t, WithoutUser(target))
	}
	d := &Draft{Type: t, ID: id.URN(), Fields: make([]Field, 0, 14)}
	d.add(fieldDate, date.UTC().Format(dateLayout))
	if target != "" {
		if err := CheckTarget(target); err != nil {
			return nil, fmt.Errorf("%s record: %w", t, err)
		}
		d.add(fieldTargetURI, target)
	}
	return d, nil
}

// add appends a field when it has a value.
func (d *Draft) add(name, value string) {
	if value != "" {
		d.Fields = append(d.Fields, Field{name, value})
	}
}

// ConcurrentTo says that d and the records with these IDs came out of one capture event (WARC 1.1 §5.7). Empty IDs are skipped.
func (d *Draft) ConcurrentTo(ids ...string) {
	for _, id := range ids {
		if id != "" {
			d.add(fieldConcurrentTo, bracket(id))
		}
	}
}

// finish sets the block and its digest, computing that when it is not known, and checks the header.
func (d *Draft) finish(contentType string, block Block, digest Digest) (*Draft, error) {
	if block == nil {
		return nil, fmt.Errorf("%s record of %s: it has no block", d.Type, d.Get(fieldTargetURI))
	}
	if digest.IsZero() {
		var err error
		if digest, err = digestBlock(block); err != nil {
			return nil, fmt.Errorf("%s record of %s: digest its block: %w", d.Type, d.Get(fieldTargetURI), err)
		}
	}
	d.Block = block
	d.add(fieldContentType, contentType)
	d.add(fieldBlockDigest, digest.String())
	if err := d.check(); err != nil {
		return nil, err
	}
	if err := d.fits(maxHeader - laterFields); err != nil {
		return nil, err
	}
	return d, nil
}

// laterFields is the room in bytes that the header of a finished draft has for fields that are added to it, such as WARC-Concurrent-To: what
// could be made can then be written.
const laterFields = 16 << 10

// warcinfoBytes bounds the WARC-Warcinfo-ID that the writer adds.
const warcinfoBytes = 80

// fits refuses a header of more than limit bytes.
func (d *Draft) fits(limit int) error {
	const fixed = len("WARC/1.1\r\n"+fieldType+": \r\n"+fieldRecordID+": <>\r\n"+fieldContentLength+": 9223372036854775807\r\n\r\n") + warcinfoBytes
	n := fixed + len(d.Type) + len(d.ID)
	for _, f := range d.Fields {
		n += len(f.Name) + len(": \r\n") + len(f.Value)
	}
	if n > limit {
		return fmt.Errorf("%s record: %w: its header of %d bytes is longer than %d", d.Type, ErrField, n, limit)
	}
	return nil
}

// Get returns the first field with that name (case-insensitive), or "".
func (d *Draft) Get(name string) string { return get(d.Fields, name) }

// check refuses a header that would not be read back, or not as it was meant. The Writer asks again, as Fields is open to everyone.
func (d *Draft) check() error {
	if d == nil || d.Type == "" || d.ID == "" || d.Block == nil {
		return errors.New("draft lacks type, ID or block: make drafts with the functions of this package")
	}
	for _, f := range d.Fields {
		if err := f.check(); err != nil {
			return fmt.Errorf("%s record: %w", d.Type, err)
		}
		switch {
		case strings.EqualFold(f.Name, fieldContentLength), strings.EqualFold(f.Name, fieldType),
			strings.EqualFold(f.Name, fieldRecordID), strings.EqualFold(f.Name, fieldWarcinfoID):
			return fmt.Errorf("%s record: %w: %s is given by the writer", d.Type, ErrField, f.Name)
		}
	}
	if err := (Field{fieldRecordID, d.ID}).check(); err != nil {
		return err
	}
	return d.fits(maxHeader)
}

// get returns the value of the first field with that name (case-insensitive), or "".
func get(fields []Field, name string) string {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// digestBlock reads a block once for its SHA-256.
func digestBlock(b Block) (Digest, error) {
	h := sha256.New()
	// Most blocks that come here are a request or some metadata of a few hundred bytes.
	buf := make([]byte, min(b.Size(), copyBuffer))
	if err := copyBlock(h, b, buf); err != nil {
		return Digest{}, err
	}
	return NewDigest(SHA256, h.Sum(nil)), nil
}
