package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// incoming is where unfinished objects are; no key begins with it.
const incoming = ".incoming"

// beginWriting makes .incoming and takes a share of its lock, which this Folder keeps until Close. Whoever gets the lock alone knows that
// every file there was left by a process that is gone, and removes them.
func (f *Folder) beginWriting(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lock != nil {
		return nil
	}
	place := f.path(incoming)
	if err := f.root.Mkdir(incoming, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write to the archive folder: %w", writeError(f.dir, err))
	}
	lock := flock.New(filepath.Join(place, "lock"), flock.SetPermissions(0o644))
	alone, err := lock.TryLock()
	if err == nil && alone {
		err = errors.Join(f.removeStale(), lock.Unlock())
	}
	if err == nil {
		_, err = lock.TryRLockContext(ctx, time.Millisecond)
	}
	// Where the file system has no locks, nobody gets one alone, so nobody removes anything: the lock is not needed.
	if err != nil && !noLocks(err) {
		return errors.Join(fmt.Errorf("write to the archive folder: %w", writeError(f.dir, err)), lock.Close())
	}
	f.lock = lock
	return nil
}

func noLocks(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK)
}

func (f *Folder) removeStale() error {
	dir, err := f.root.Open(incoming)
	if err != nil {
		return err
	}
	defer dir.Close() // read only
	names, err := dir.Readdirnames(-1)
	for _, name := range names {
		if strings.HasPrefix(name, "object-") {
			err = errors.Join(err, f.root.Remove(incoming+"/"+name))
		}
	}
	return err
}

// stage brings an item's bytes durably into .incoming and returns the name of the file there.
func (f *Folder) stage(ctx context.Context, item Item) (string, error) {
	if err := errors.Join(ctx.Err(), f.checkKey(item.Key)); err != nil {
		return "", fmt.Errorf("create %s: %w", item.Key, err)
	}
	// The link decides; this only saves writing a large body in vain.
	if _, err := f.root.Lstat(filepath.FromSlash(item.Key)); err == nil {
		return "", fmt.Errorf("create %s: %w: %s", item.Key, ErrExist, f.path(item.Key))
	}
	temp := incoming + "/object-" + rand.Text()
	if item.Body != nil {
		if err := f.write(ctx, temp, item.Body); err != nil {
			return "", fmt.Errorf("create %s: %w", item.Key, err)
		}
		return temp, nil
	}
	if err := f.takeOver(ctx, temp, item.Path); err != nil {
		return "", fmt.Errorf("create %s from %s: %w", item.Key, item.Path, err)
	}
	return temp, nil
}

// takeOver links the local file to temp, and copies it where a link cannot be made: across file systems, or to a file of somebody else.
func (f *Folder) takeOver(ctx context.Context, temp, local string) error {
	fi, err := os.Lstat(local)
	if err != nil {
		return err
	}
	if !fi.Mode().IsRegular() {
		return &fs.PathError{Op: "adopt", Path: local, Err: errors.New("not a regular file")}
	}
	if os.Link(local, f.path(temp)) == nil {
		return nil
	}
	file, err := os.Open(local)
	if err != nil {
		return err
	}
	defer file.Close() // read only
	return f.write(ctx, temp, io.NewSectionReader(file, 0, fi.Size()))
}

// write makes the file temp of body's bytes and syncs it; on failure no file is left.
func (f *Folder) write(ctx context.Context, temp string, body Body) (err error) {
	file, err := f.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return writeError(f.dir, err)
	}
	defer func() {
		if err != nil {
			_ = f.root.Remove(temp) // the next writer removes what is left
		}
	}()
	if err := f.copyBody(ctx, file, body); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return writeError(f.dir, err)
	}
	return nil
}

// copyBody writes exactly body.Size() bytes to file. A failure to read is not mistaken for one to write.
func (f *Folder) copyBody(ctx context.Context, file *os.File, body Body) error {
	size := body.Size()
	buf := make([]byte, min(max(size, 1), 256<<10))
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := body.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		if _, err := file.Write(buf[:n]); err != nil {
			return writeError(f.dir, err)
		}
		at += int64(n)
		switch {
		case at == size:
			return nil // io.ReaderAt may say io.EOF with the last bytes
		case err == io.EOF || err == nil && n == 0:
			return fmt.Errorf("body ends at %d of %d bytes: %w", at, size, io.ErrUnexpectedEOF)
		case err != nil:
			return fmt.Errorf("read body at %d: %w", at, err)
		}
	}
	return nil
}

func (f *Folder) checkKey(key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if key == incoming || strings.HasPrefix(key, incoming+"/") {
		return fmt.Errorf("%w %q: reserved", ErrInvalidKey, key)
	}
	return nil
}
