package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"tearsheet/archive/index"
	"tearsheet/archive/store"
)

// heldFile is up to how many bytes a file is proven in memory, with one read. Larger ones are read twice.
const heldFile = 8 << 20

// lost makes an object that a committed run must have and has not, or not whole, a fixity failure. Other errors it lets pass: a file that the
// user may not read is no damage.
func lost(err error) error {
	if err == nil || errors.Is(err, ErrFixity) {
		return err
	}
	for _, damage := range []error{store.ErrNotExist, io.ErrUnexpectedEOF, index.ErrDamaged} {
		if errors.Is(err, damage) {
			return fmt.Errorf("%w: %w", ErrFixity, err)
		}
	}
	return err
}

// resource gives what the proven manifest of a committed run says of one of its files.
func (a *Archive) resource(ctx context.Context, e Entry, name string) (Resource, error) {
	m, err := a.Manifest(ctx, e)
	if err != nil {
		return Resource{}, err
	}
	for _, r := range m.Resources {
		if r.Path == name {
			return r, nil
		}
	}
	return Resource{}, fmt.Errorf("%w: %s does not list %s", ErrFixity, e.Manifest.Path, name)
}

// proven opens a file of a run after all of it was read and found to have the size and digest that the manifest gives. What does not is
// ErrFixity; no byte of it is given.
func (a *Archive) proven(ctx context.Context, runID string, r Resource) (io.ReadCloser, error) {
	key := ObjectKey(runID, r.Path)
	if r.Bytes <= heldFile {
		held := &head{limit: int(r.Bytes)}
		if err := a.prove(ctx, key, r, held); err != nil {
			return nil, err
		}
		return io.NopCloser(bytes.NewReader(held.bytes)), nil
	}
	if err := a.prove(ctx, key, r, io.Discard); err != nil {
		return nil, err
	}
	rc, err := a.store.Open(ctx, key, 0, r.Bytes)
	return rc, lost(err)
}

// prove reads an object, copies it to w, and compares size and digest.
func (a *Archive) prove(ctx context.Context, key string, r Resource, w io.Writer) error {
	rc, err := a.store.Open(ctx, key, 0, -1)
	if err != nil {
		return lost(fmt.Errorf("reading %s: %w", key, err))
	}
	defer rc.Close() // nothing was written
	found, err := digestStream(io.TeeReader(&attentive{ctx, rc}, w))
	if err != nil {
		return lost(fmt.Errorf("reading %s: %w", key, err))
	}
	if found.SHA256 != r.SHA256 || found.Bytes != r.Bytes {
		return fmt.Errorf("%w: %s: expected %s, found %s", ErrFixity, key, sized(r.SHA256, r.Bytes), sized(found.SHA256, found.Bytes))
	}
	return nil
}
