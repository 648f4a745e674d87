package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// syncParents makes the directory entries of new objects durable, and those of the directories above them unless this Folder has seen them
// durable. A directory that another process, or another goroutine, has just made may not be on disk yet: that it exists is not enough.
func (f *Folder) syncParents(infos []Info) error {
	dirs, seen := f.unsynced(infos)
	var group errgroup.Group
	for dir := range dirs {
		group.Go(func() error {
			d, err := f.root.Open(filepath.FromSlash(dir))
			if err == nil {
				err = errors.Join(syncDir(d), d.Close())
			}
			if err != nil {
				return fmt.Errorf("sync folder: %w", writeError(f.path(dir), err))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	f.mu.Lock()
	for _, dir := range seen {
		f.durable[dir] = true
	}
	f.mu.Unlock()
	return nil
}

// unsynced gives the directories to sync for these objects, and those whose own entries are durable after that.
func (f *Folder) unsynced(infos []Info) (dirs map[string]bool, seen []string) {
	dirs = map[string]bool{}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, info := range infos {
		if info.Key == "" { // not published
			continue
		}
		dir := path.Dir(info.Key)
		dirs[dir] = true
		for ; !f.durable[dir]; dir = path.Dir(dir) {
			dirs[path.Dir(dir)] = true
			seen = append(seen, dir)
		}
	}
	return dirs, seen
}

// syncDir syncs a directory. Some network and FUSE file systems have no such call and answer EINVAL; there is nothing more to do on them.
func syncDir(d *os.File) error {
	err := d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// writeError says what kind of failure err is, where, and what to mend.
func writeError(place string, err error) error {
	errno := cause(err)
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: no space left for %s: free some there, or choose an archive folder on another disk: %w", ErrFull, place, errno)
	case errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: the quota for %s is used up: free some of it, or choose another archive folder: %w", ErrFull, place, errno)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: %s is mounted read-only: mount it writable, or choose another archive folder: %w", ErrReadOnly, place, errno)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: no permission to write %s: change its owner or mode, or choose another archive folder: %w", ErrReadOnly, place, errno)
	}
	return readError(place, err)
}

// cause is the system's own error, without the operation and the path that our messages name in their own way.
func cause(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return err
}

// linkError is writeError for link(2), which answers EPERM where the file system has no hard links.
func linkError(place string, err error) error {
	if errors.Is(err, syscall.EPERM) || errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("%w: the file system of %s takes no hard links (FAT, exFAT and some network shares): choose an archive folder on "+
			"another one: %w", ErrReadOnly, place, cause(err))
	}
	return writeError(place, err)
}

// readError says what kind of failure err is, and where.
func readError(place string, err error) error {
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%w: %s", ErrExist, place)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: %s", ErrNotExist, place)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no permission to read %s: change its owner or mode: %w", place, cause(err))
	}
	return err
}
