package restore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"

	"tearsheet/archive"
	"tearsheet/archive/warc"
)

// This file knows what is different with WARC files that other tools wrote and the archive imported: they may be plain, and what their records
// state of themselves need not be so.

// member takes the bytes of one record to where members of gzip stand. Those of a gzip file are copied, those of a plain file are compressed.
type member struct {
	w io.Writer
	z *gzip.Writer // nil for a copy
	n int64        // bytes that were written to it
}

func newMember(w io.Writer, file string) *member {
	if !isPlain(file) {
		return &member{w: w}
	}
	z := gzip.NewWriter(w)
	return &member{w: z, z: z}
}

func isPlain(file string) bool { return !strings.HasSuffix(file, ".gz") }

func (m *member) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.n += int64(n)
	return n, err
}

func (m *member) Close() error {
	if m.z == nil {
		return nil
	}
	return m.z.Close()
}

// prove reads a record, of which nothing may have been read yet, and compares it with what it states of itself. Of a record of another tool that
// is no proof, as tools digest different things: it must be whole, and its payload the one that was seen when it was imported, whose SHA-256 is
// want; "" where that is not known.
func prove(rec *warc.Record, p place, want string) error {
	if !archive.Foreign(p.run, p.file) {
		return warc.Check(rec)
	}
	audit, err := warc.Examine(rec)
	if err != nil {
		return err
	}
	expected, err := warc.ParseDigest(want)
	if err != nil || expected.Algorithm() != warc.SHA256 || audit.SHA256.IsZero() {
		return nil //nolint:nilerr // there is nothing to compare with
	}
	if audit.SHA256 != expected {
		return &warc.Mismatch{Field: "the payload", Want: expected, Got: audit.SHA256}
	}
	return nil
}

// copyPlain copies the records of a plain file of a run as members of gzip, and proves it by the digest in the manifest.
func copyPlain(ctx context.Context, a *archive.Archive, runID string, want archive.Resource, w io.Writer) error {
	c := newCopier(ctx, a, w)
	return readProven(ctx, a, runID, want, func(in io.Reader) error {
		for rec, err := range warc.Read(in) {
			if err == nil {
				err = rec.Finish()
			}
			var damage *warc.Damage
			if errors.As(err, &damage) {
				return fmt.Errorf("%s is plain, and was damaged at byte %d when it was imported, so that it cannot stand in a file with others: export the run as WACZ: %w",
					want.Path, damage.Offset, damage.Err)
			}
			if err != nil {
				return err
			}
			rc, err := c.open(runID, path.Base(want.Path), rec.Offset, rec.Length)
			if err != nil {
				return err
			}
			out := newMember(w, want.Path)
			_, err = io.Copy(out, rc)
			if err := errors.Join(err, out.Close(), rc.Close()); err != nil {
				return err
			}
		}
		return nil
	})
}
