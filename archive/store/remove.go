package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

var _ Remover = (*Folder)(nil)

// Remove implements Remover. The folders on the way stay, as somebody may be about to store something in them. It syncs nothing: what comes back
// after a power failure can be removed again.
func (f *Folder) Remove(ctx context.Context, key string) error {
	if err := errors.Join(ctx.Err(), f.checkKey(key)); err != nil {
		return fmt.Errorf("remove %s: %w", key, err)
	}
	name := filepath.FromSlash(key)
	fi, err := f.root.Lstat(name)
	if err == nil && !fi.IsDir() { // a folder is no object
		err = f.root.Remove(name)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	// A file in the place of a folder on the way: there is no such object either.
	if err = readError(f.path(key), err); errors.Is(err, ErrNotExist) {
		return nil
	}
	return fmt.Errorf("remove %s: %w", key, writeError(f.path(key), err))
}
