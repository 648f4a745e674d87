package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"

	"tearsheet/archive/warc"
	"tearsheet/archive/warc/coding"
)

// Entity is the document of a record, without content coding, proven while it is read: its last Read gives io.EOF only when the record is whole
// and its payload has the digest that was stated of it.
type Entity struct {
	Head    *warc.Head // of the HTTP message; nil for a resource
	decoded *coding.Reader
	payload io.Reader   // what the decoder reads from
	block   io.Reader   // all of the record
	want    warc.Digest // of the payload; zero when nothing is stated
	read    tally       // of the payload
	record  io.Closer
}

// newEntity gives the document of a record, of which nothing may have been read. want is the SHA-256 of its payload; another digest, or none,
// leaves the proof to the record's own checksum. Reading more than limit bytes fails with coding.ErrLimit; 0 sets no bound. A content coding that is
// not known is left on. The entity closes the record, also when this fails.
func newEntity(rec *warc.Record, record io.Closer, want string, limit int64) (*Entity, error) {
	e := &Entity{record: record, read: tally{sum: sha256.New()}}
	payload, err := rec.Payload()
	if err != nil {
		return nil, errors.Join(err, record.Close())
	}
	e.block = rec.Block
	if d, err := warc.ParseDigest(want); err == nil && d.Algorithm() == warc.SHA256 {
		e.want = d
	}
	payload = io.TeeReader(payload, &e.read)
	e.payload = payload
	var codings []string
	if rec.IsHTTP() {
		if e.Head, err = rec.Head(); err != nil {
			return nil, errors.Join(err, record.Close())
		}
		codings = e.Head.Codings()
	}
	e.decoded, err = coding.Decode(codings, payload, coding.Bound{Decoded: limit})
	if errors.Is(err, coding.ErrUnknown) {
		e.decoded, err = coding.AsItCame(codings, payload, coding.Bound{Decoded: limit}), nil
	}
	if err != nil {
		return nil, errors.Join(err, record.Close())
	}
	return e, nil
}

func (e *Entity) Read(p []byte) (int, error) {
	n, err := e.decoded.Read(p)
	if err == nil || errors.Is(err, coding.ErrLimit) {
		return n, err
	}
	if proof := e.prove(); proof != nil {
		return n, proof // it explains also why something could not be decoded
	}
	return n, err
}

// prove reads what the decoder left, and compares the digest.
func (e *Entity) prove() error {
	if _, err := io.Copy(io.Discard, e.payload); err != nil {
		return damaged(err)
	}
	if _, err := io.Copy(io.Discard, e.block); err != nil {
		return damaged(err)
	}
	if got := e.Digest(); !e.want.IsZero() && got != e.want {
		return fmt.Errorf("%w: the payload: expected %s, found %s", ErrFixity, e.want, got)
	}
	return nil
}

// Digest is the SHA-256 of the payload, once all of it has been read.
func (e *Entity) Digest() warc.Digest { return warc.NewDigest(warc.SHA256, e.read.sum.Sum(nil)) }

// Size is the number of bytes of the payload, once all of it has been read.
func (e *Entity) Size() int64 { return e.read.size }

// tally digests and counts what is written to it.
type tally struct {
	sum  hash.Hash
	size int64
}

func (t *tally) Write(p []byte) (int, error) {
	t.size += int64(len(p))
	return t.sum.Write(p)
}

// damaged makes damage of a record a fixity failure.
func damaged(err error) error {
	var damage *warc.Damage
	if errors.As(err, &damage) && !errors.Is(err, ErrFixity) {
		return fmt.Errorf("%w: %w", ErrFixity, err)
	}
	return err
}

// Location gives where the answer to a URL redirects to, as an absolute URL without fragment; "" for nowhere.
func (e *Entity) Location(asked string) string {
	base, err := url.Parse(asked)
	if err != nil || e.Head == nil || e.Head.Header.Get("Location") == "" {
		return ""
	}
	to, err := base.Parse(e.Head.Header.Get("Location"))
	if err != nil || to.Host == "" {
		return ""
	}
	to.Fragment, to.RawFragment = "", ""
	return to.String()
}

// Close gives the decoder back and closes the record.
func (e *Entity) Close() error { return errors.Join(e.decoded.Close(), e.record.Close()) }

// OpenKept opens the document of an exchange of a committed run; of a revisit, that of the record that it refers to. A position that names a run is
// one of that run. Reading more than limit bytes fails with coding.ErrLimit; 0 sets no bound. The error wraps ErrNotArchived when nothing came
// back, and ErrFixity for a record that is not the one.
func (a *Archive) OpenKept(ctx context.Context, run string, k Kept, limit int64) (*Entity, error) {
	if k.Run != "" {
		run = k.Run
	}
	rec, closer, err := a.readKept(ctx, run, k)
	if err != nil {
		return nil, err
	}
	want := k.Digest
	if rec.Type == warc.Revisit {
		f, err := a.Resolve(ctx, run, rec)
		if err = errors.Join(err, closer.Close()); err != nil {
			return nil, err
		}
		return a.openFound(ctx, f, want, limit)
	}
	return newEntity(rec, closer, want, limit)
}

// openFound opens the document of a record that an index led to. want is the SHA-256 of its payload; "" takes the index's word.
func (a *Archive) openFound(ctx context.Context, f Found, want string, limit int64) (*Entity, error) {
	if want == "" {
		want = f.Row.SHA256.String()
	}
	rec, closer, err := a.Read(ctx, f.RunID, f.Row.File, f.Row.Offset, f.Row.Length)
	if err != nil {
		return nil, err
	}
	return newEntity(rec, closer, want, limit)
}

// readKept opens the record of an exchange, and makes sure that it is that one.
func (a *Archive) readKept(ctx context.Context, run string, k Kept) (*warc.Record, io.Closer, error) {
	if k.File == "" || k.Length <= 0 || k.Type == warc.Metadata {
		return nil, nil, fmt.Errorf("%w: nothing came back: %s", ErrNotArchived, k.Failure)
	}
	rec, closer, err := a.Read(ctx, run, k.File, k.Offset, k.Length)
	if err == nil && (rec.ID != k.Record && k.Record != "" || rec.TargetURI != k.URL) {
		err = fmt.Errorf("%w: at byte %d of %s in run %s: expected record %s of %s, found %s of %s",
			ErrFixity, k.Offset, k.File, run, k.Record, k.URL, rec.ID, rec.TargetURI)
		err = errors.Join(err, closer.Close())
	}
	if err != nil {
		return nil, nil, err
	}
	return rec, closer, nil
}
