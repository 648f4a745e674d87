package restore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"

	"tearsheet/archive"
	"tearsheet/archive/warc"
)

// RunWARC writes every record of a run: its WARC files one behind the other, byte for byte, each proven by the digest in the manifest; records of
// a plain file, which only an import has, as gzip members like all others. Only when revisits of it refer to other runs does more follow: the
// records that they refer to. The error wraps archive.ErrNotArchived when there is no
// such run, and archive.ErrFixity when a file is not what it was; what was written is then not a whole export.
func RunWARC(ctx context.Context, a *archive.Archive, runID string, w io.Writer) error {
	if err := exportRunWARC(ctx, a, runID, w); err != nil {
		return fmt.Errorf("export run %s as WARC: %w", runID, err)
	}
	return nil
}

func exportRunWARC(ctx context.Context, a *archive.Archive, runID string, w io.Writer) error {
	entry, err := entryOf(ctx, a, runID)
	if err != nil {
		return err
	}
	m, err := a.Manifest(ctx, entry)
	if err != nil {
		return err
	}
	for _, r := range m.Resources {
		if path.Dir(r.Path) != dataDir {
			continue
		}
		copyFile := copyProven
		if isPlain(r.Path) {
			copyFile = copyPlain
		}
		if err := copyFile(ctx, a, runID, r, w); err != nil {
			return err
		}
	}
	outside, err := outsideOf(ctx, a, runID)
	if err != nil {
		return err
	}
	c := newCopier(ctx, a, w)
	for _, f := range outside {
		if _, err := c.record(f.RunID, keptOfRow(f.Row)); err != nil {
			return err
		}
	}
	return nil
}

// copyProven copies a file of a run and compares size and digest with the manifest.
func copyProven(ctx context.Context, a *archive.Archive, runID string, want archive.Resource, w io.Writer) error {
	return readProven(ctx, a, runID, want, func(in io.Reader) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// readProven hands a file of a run to read, and compares size and digest of all of it with the manifest.
func readProven(ctx context.Context, a *archive.Archive, runID string, want archive.Resource, read func(io.Reader) error) error {
	key := archive.ObjectKey(runID, want.Path)
	rc, err := a.Store().Open(ctx, key, 0, -1)
	if err != nil {
		return fixity(err)
	}
	in := &summed{r: rc, sum: sha256.New()}
	err = read(in)
	if err == nil {
		_, err = io.Copy(io.Discard, in)
	}
	if err := errors.Join(err, rc.Close()); err != nil {
		return fmt.Errorf("copying %s: %w", key, fixity(err))
	}
	if found := warc.NewDigest(warc.SHA256, in.sum.Sum(nil)).String(); found != want.SHA256 || in.n != want.Bytes {
		return fmt.Errorf("%w: %s: expected %s of %d bytes, found %s of %d", archive.ErrFixity, key, want.SHA256, want.Bytes, found, in.n)
	}
	return nil
}

// summed digests what is read through it.
type summed struct {
	r   io.Reader
	sum hash.Hash
	n   int64
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum.Write(p[:n]) // never fails
	s.n += int64(n)
	return n, err
}
