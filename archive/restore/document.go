package restore

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"

	"tearsheet/archive"
	"tearsheet/archive/warc"
	"tearsheet/archive/warc/coding"
)

// document is the entity of a response or resource record, decoded and proven while it is read: its last Read gives io.EOF only when the
// record is whole and has the digests that are stated of it.
type document struct {
	header  http.Header // of the response; nil for a resource
	status  int
	mime    string // Content-Type as it stands in the header
	rec     *warc.Record
	where   string
	entity  *coding.Reader
	block   io.Reader // all of the block goes through it
	want    warc.Digest
	hash    hash.Hash // of the block; nil when the record states no digest of it
	closers []io.Closer
}

// openDocument opens the entity of the record at p; of a revisit, that of the record that it refers to. want is the payload's digest as the
// page's row states it, "" when it does not. limit bounds the decoded bytes; 0 does not.
func openDocument(ctx context.Context, a *archive.Archive, p place, want string, limit int64) (*document, error) {
	rec, closer, err := readRecord(ctx, a, p)
	if err != nil {
		return nil, err
	}
	if rec.Type == warc.Revisit {
		found, err := a.Resolve(ctx, p.run, rec)
		if err := errors.Join(err, closer.Close()); err != nil {
			return nil, err
		}
		p = placeOfRow(found.RunID, found.Row)
		if rec, closer, err = readRecord(ctx, a, p); err != nil {
			return nil, err
		}
	}
	d := &document{rec: rec, where: fmt.Sprintf("%s at %d in run %s", p.file, p.offset, p.run), closers: []io.Closer{closer}}
	if err := d.open(ctx, a, p, want, limit); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", d.where, err), d.Close())
	}
	return d, nil
}

func readRecord(ctx context.Context, a *archive.Archive, p place) (*warc.Record, io.Closer, error) {
	rec, closer, err := a.Read(ctx, p.run, p.file, p.offset, p.length)
	if err != nil {
		return nil, nil, err
	}
	switch rec.Type {
	case warc.Response, warc.Resource, warc.Revisit:
		return rec, closer, nil
	}
	return nil, nil, errors.Join(fmt.Errorf("%w: %s at %d in run %s is a %s record", archive.ErrFixity, p.file, p.offset, p.run, rec.Type), closer.Close())
}

func (d *document) open(ctx context.Context, a *archive.Archive, p place, want string, limit int64) error {
	if err := d.checkStated(want); err != nil {
		return err
	}
	if d.hash == nil { // of an import: prove it in a read of its own
		if err := checkRecord(ctx, a, p); err != nil {
			return err
		}
	} else {
		d.rec.Block = io.TeeReader(d.rec.Block, d.hash)
	}
	d.block = d.rec.Block
	d.mime = d.rec.ContentType
	if d.rec.IsHTTP() {
		head, err := d.rec.Head()
		if err != nil {
			return err
		}
		d.header, d.status, d.mime = head.Header, head.Status, head.Header.Get("Content-Type")
	}
	entity, err := d.rec.Entity(limit)
	if err != nil {
		return err
	}
	d.entity = entity
	d.closers = append(d.closers, entity)
	return nil
}

// checkStated compares what the page's row states of the payload with what the record states, and gets ready to prove the record's word.
func (d *document) checkStated(want string) error {
	for _, name := range []string{"WARC-Payload-Digest", "WARC-Payload-Digest-SHA1"} {
		stated, err := warc.ParseDigest(d.rec.Get(name))
		expected, wantErr := warc.ParseDigest(want)
		if err == nil && wantErr == nil && stated.Algorithm() == expected.Algorithm() && stated != expected {
			return fmt.Errorf("%w: %s is %s, but the page lists %s", archive.ErrFixity, name, stated, want)
		}
	}
	digest, err := warc.ParseDigest(d.rec.Get("WARC-Block-Digest"))
	if err != nil {
		return nil // none, or of an algorithm that is not known here
	}
	d.want, d.hash = digest, sha256.New()
	if digest.Algorithm() == warc.SHA1 {
		d.hash = sha1.New()
	}
	return nil
}

// checkRecord reads a record once for its digests.
func checkRecord(ctx context.Context, a *archive.Archive, p place) error {
	rec, closer, err := readRecord(ctx, a, p)
	if err != nil {
		return err
	}
	return errors.Join(fixity(warc.Check(rec)), closer.Close())
}

// fixity marks the errors that mean that bytes are not what they were.
func fixity(err error) error {
	var damage *warc.Damage
	var mismatch *warc.Mismatch
	if errors.As(err, &damage) || errors.As(err, &mismatch) {
		return fmt.Errorf("%w: %w", archive.ErrFixity, err)
	}
	return err
}

func (d *document) Read(p []byte) (int, error) {
	n, err := d.entity.Read(p)
	if err == nil {
		return n, nil
	}
	if proof := d.prove(); proof != nil {
		err = proof // a wrong byte explains also why it could not be decoded
	}
	if err != io.EOF {
		err = fmt.Errorf("%s: %w", d.where, err)
	}
	return n, err
}

// prove reads what the entity left of the block and compares the digest.
func (d *document) prove() error {
	if _, err := io.Copy(io.Discard, d.block); err != nil {
		return fixity(err)
	}
	if d.hash == nil {
		return nil
	}
	if got := warc.NewDigest(d.want.Algorithm(), d.hash.Sum(nil)); got != d.want {
		return fmt.Errorf("%w: %w", archive.ErrFixity, &warc.Mismatch{Field: "WARC-Block-Digest", Want: d.want, Got: got})
	}
	return nil
}

// Close gives everything back. It does not prove what was not read.
func (d *document) Close() error {
	var err error
	for i := len(d.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, d.closers[i].Close())
	}
	d.closers = nil
	return err
}
