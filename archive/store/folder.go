package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"
)

// Folder is a Store of plain files below one directory: the key is the path. It works on every file system with hard links.
//
// # How an object comes to be
//
// Its bytes are written to a file in .incoming, synced, and then linked to the key: link(2) fails when the name is taken, so exactly one of
// several writers wins and no reader ever sees half an object. Then the directory is synced. After a crash nothing is left but files in
// .incoming, which are in no listing and which the next writer removes.
//
// # What it costs
//
// Create syncs the file, then, side by side, its directory and the parent of each directory on the way that this Folder has not yet seen
// durable: two disk flushes one after the other. CreateAll does the same for all its objects together: the files side by side, then each
// directory once. An adopted file is not synced again. A run of one WARC (adopted), two index files, pages, photos and manifest takes 5 file
// and 6 directory syncs in two rounds, and its log entry 1 and 2 in two more.
type Folder struct {
	dir  string
	root *os.Root

	mu      sync.Mutex
	lock    *flock.Flock    // shared while anything of ours may be in .incoming; nil before the first write
	durable map[string]bool // directories whose own entry is known to be on disk
}

var (
	_ Store   = (*Folder)(nil)
	_ Adopter = (*Folder)(nil)
	_ Batcher = (*Folder)(nil)
)

// OpenFolder opens (and with create makes) a folder store at dir. Without create a missing folder is ErrNotExist. Close it when done.
func OpenFolder(dir string, create bool) (*Folder, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open archive folder %s: %w", dir, err)
	}
	if create {
		if err := makeFolder(abs); err != nil {
			return nil, fmt.Errorf("make archive folder: %w", writeError(abs, err))
		}
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("open archive folder: %w", readError(abs, err))
	}
	return &Folder{dir: abs, root: root, durable: map[string]bool{".": true}}, nil
}

// makeFolder makes dir and what is missing above it, durably.
func makeFolder(dir string) error {
	fi, err := os.Stat(dir)
	if err == nil {
		if !fi.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("is a file, not a folder")}
		}
		return nil
	}
	parent := filepath.Dir(dir)
	if parent == dir {
		return err
	}
	if err := makeFolder(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.Open(parent)
	if err != nil {
		return err
	}
	return errors.Join(syncDir(f), f.Close())
}

// String is the folder's absolute path.
func (f *Folder) String() string { return f.dir }

// Close lets go of the folder. Objects stay readable through readers that are open already.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var err error
	if f.lock != nil {
		err = f.lock.Close()
		f.lock = nil
	}
	return errors.Join(err, f.root.Close())
}

// Create implements Store.
func (f *Folder) Create(ctx context.Context, key string, body Body) (Info, error) {
	return f.one(ctx, Item{Key: key, Body: body})
}

// Adopt implements Adopter: the file becomes the object by a hard link, or by a copy where it is on another file system.
func (f *Folder) Adopt(ctx context.Context, key, path string) (Info, error) {
	return f.one(ctx, Item{Key: key, Path: path})
}

func (f *Folder) one(ctx context.Context, item Item) (Info, error) {
	infos, err := f.CreateAll(ctx, []Item{item})
	if err != nil {
		return Info{}, err
	}
	return infos[0], nil
}

// CreateAll implements Batcher.
func (f *Folder) CreateAll(ctx context.Context, items []Item) ([]Info, error) {
	infos := make([]Info, len(items))
	if err := f.beginWriting(ctx); err != nil {
		return nil, err
	}
	// File syncs that are under way together share one commit of the file system's journal.
	staged := make([]string, len(items))
	stage, stageCtx := errgroup.WithContext(ctx)
	stage.SetLimit(8)
	for i, item := range items {
		stage.Go(func() (err error) {
			staged[i], err = f.stage(stageCtx, item)
			return err
		})
	}
	err := stage.Wait()
	// Nothing is linked unless everything is staged, so that most failures store nothing at all.
	for i, item := range items {
		if staged[i] == "" {
			continue
		}
		if err == nil {
			infos[i], err = f.publish(ctx, item.Key, staged[i])
		}
		// What cannot be removed is in no listing and goes with the next writer: the object itself does not suffer.
		_ = f.root.Remove(staged[i])
	}
	// Even after an error: what was published must not be seen by others and then vanish in a crash.
	if syncErr := f.syncParents(infos); err == nil {
		err = syncErr
	}
	if err != nil {
		return nil, err
	}
	return infos, nil
}

// publish gives a staged file its key.
func (f *Folder) publish(ctx context.Context, key, temp string) (Info, error) {
	if err := ctx.Err(); err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, err)
	}
	if err := f.root.MkdirAll(path.Dir(key), 0o755); err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, writeError(f.path(path.Dir(key)), err))
	}
	if err := f.root.Link(temp, key); err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, linkError(f.path(key), err))
	}
	fi, err := f.root.Lstat(key)
	if err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, readError(f.path(key), err))
	}
	return Info{Key: key, Size: fi.Size(), Modified: fi.ModTime()}, nil
}

// Open implements Store.
func (f *Folder) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := errors.Join(ctx.Err(), f.checkKey(key)); err != nil {
		return nil, fmt.Errorf("open %s: %w", key, err)
	}
	file, err := f.root.Open(filepath.FromSlash(key))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", key, readError(f.path(key), err))
	}
	rc, err := f.openRange(ctx, key, file, offset, length)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", key, err), file.Close())
	}
	return rc, nil
}

func (f *Folder) openRange(ctx context.Context, key string, file *os.File, offset, length int64) (io.ReadCloser, error) {
	fi, err := file.Stat()
	switch {
	case err != nil:
		return nil, readError(f.path(key), err)
	case !fi.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s", ErrNotExist, f.path(key))
	case offset < 0:
		return nil, fmt.Errorf("offset %d is negative", offset)
	case offset > fi.Size():
		return nil, fmt.Errorf("range begins at %d of %d bytes: %w", offset, fi.Size(), io.ErrUnexpectedEOF)
	}
	if length < 0 {
		length = fi.Size() - offset
	}
	if offset > 0 {
		if _, err := file.Seek(offset, io.SeekStart); err != nil {
			return nil, readError(f.path(key), err)
		}
	}
	return &rangeReader{ctx: ctx, key: key, rc: file, left: length}, nil
}

// Stat implements Store.
func (f *Folder) Stat(ctx context.Context, key string) (Info, error) {
	if err := errors.Join(ctx.Err(), f.checkKey(key)); err != nil {
		return Info{}, fmt.Errorf("stat %s: %w", key, err)
	}
	fi, err := f.root.Stat(filepath.FromSlash(key))
	if err != nil {
		return Info{}, fmt.Errorf("stat %s: %w", key, readError(f.path(key), err))
	}
	if !fi.Mode().IsRegular() {
		return Info{}, fmt.Errorf("stat %s: %w: %s", key, ErrNotExist, f.path(key))
	}
	return Info{Key: key, Size: fi.Size(), Modified: fi.ModTime()}, nil
}

func (f *Folder) path(key string) string { return filepath.Join(f.dir, filepath.FromSlash(key)) }
