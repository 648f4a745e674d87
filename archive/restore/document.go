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
	"strings"

	"tearsheet/archive"
	"tearsheet/archive/index"
	"tearsheet/archive/store"
	"tearsheet/archive/warc"
	"tearsheet/archive/warc/coding"
)

// document is the entity of a response or resource record, decoded and proven while it is read: its last Read gives io.EOF only when the
// record is whole and has the digests that are stated of it. A content coding that the origin broke ends what is given and is noted; it is no
// damage of the archive.
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
	encoded bool   // its bytes are given as they came, as nobody here knows their content coding
	note    string // on what the origin sent and is not in order; known at the end
}

// openDocument opens the entity of the record that k names in a run; of a revisit, that of the record that it refers to. A record that is not
// the one that k describes is archive.ErrFixity. limit bounds the decoded bytes; 0 does not.
func openDocument(ctx context.Context, a *archive.Archive, run string, k archive.Kept, limit int64) (*document, error) {
	rec, closer, err := readKept(ctx, a, run, k)
	if err != nil {
		return nil, err
	}
	if rec.Type == warc.Revisit {
		found, err := a.Resolve(ctx, run, rec)
		if err := errors.Join(err, closer.Close()); err != nil {
			return nil, err
		}
		want := k.Digest
		if run, k = found.RunID, keptOfRow(found.Row); want != "" {
			k.Digest = want
		}
		if rec, closer, err = readKept(ctx, a, run, k); err != nil {
			return nil, err
		}
	}
	p := placeOfKept(run, k)
	d := &document{rec: rec, where: p.String(), closers: []io.Closer{closer}}
	if err := d.open(ctx, a, p, k.Digest, limit); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", d.where, err), d.Close())
	}
	return d, nil
}

// readKept opens the record that k names, and compares it with k.
func readKept(ctx context.Context, a *archive.Archive, run string, k archive.Kept) (*warc.Record, io.Closer, error) {
	p := placeOfKept(run, k)
	rec, closer, err := readRecord(ctx, a, p)
	if err != nil {
		return nil, nil, err
	}
	if err := identityOf(rec).check(k); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", p, err), closer.Close())
	}
	return rec, closer, nil
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
	return nil, nil, errors.Join(fmt.Errorf("%w: %s is a %s record", archive.ErrFixity, p, rec.Type), closer.Close())
}

func (d *document) open(ctx context.Context, a *archive.Archive, p place, payload string, limit int64) error {
	if !archive.Foreign(p.run, p.file) {
		d.expectBlock()
	}
	if d.hash == nil { // of an import: prove it in a read of its own
		if err := checkRecord(ctx, a, p, payload); err != nil {
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
	if errors.Is(err, coding.ErrUnknown) {
		entity, err = d.asItCame(err, limit)
	}
	if err != nil {
		return err
	}
	d.entity = entity
	d.closers = append(d.closers, entity)
	return nil
}

// asItCame gives the bytes of a document with a coding that is not known.
func (d *document) asItCame(why error, limit int64) (*coding.Reader, error) {
	payload, err := d.rec.Payload()
	if err != nil {
		return nil, err
	}
	d.encoded = true
	d.note = originSent + why.Error() + ", so it cannot be shown"
	return coding.AsItCame(d.header.Values("Content-Encoding"), payload, coding.Bound{Decoded: limit}), nil
}

// originSent begins the note on what was archived as it came and is not in order.
const originSent = "the origin sent it so: "

// expectBlock gets ready to prove the record's word on its block.
func (d *document) expectBlock() {
	digest, err := warc.ParseDigest(d.rec.Get("WARC-Block-Digest"))
	if err != nil {
		return // none, or of an algorithm that is not known here
	}
	d.want, d.hash = digest, sha256.New()
	if digest.Algorithm() == warc.SHA1 {
		d.hash = sha1.New()
	}
}

// checkRecord reads a record once for its digests. want is the SHA-256 of its payload, where that is known.
func checkRecord(ctx context.Context, a *archive.Archive, p place, want string) error {
	rec, closer, err := readRecord(ctx, a, p)
	if err != nil {
		return err
	}
	return errors.Join(fixity(prove(rec, p, want)), closer.Close())
}

// fixity marks the errors that mean that bytes are not what they were, or not there.
func fixity(err error) error {
	if err == nil || errors.Is(err, archive.ErrFixity) {
		return err
	}
	var damage *warc.Damage
	var mismatch *warc.Mismatch
	lost := errors.Is(err, store.ErrNotExist) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, index.ErrDamaged)
	if lost || errors.As(err, &damage) || errors.As(err, &mismatch) {
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
	} else if s := d.entity.Status(); err != io.EOF && s.Damaged != nil {
		d.note = originSent + fmt.Sprintf("its content coding %s is damaged: %v", strings.Join(s.Codings, ", "), s.Damaged)
		err = io.EOF // what could be decoded has been given
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
