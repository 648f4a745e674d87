package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"

	"tearsheet/archive/store"
)

// workspace is the local folder in which runs are written. Below it stand
//
//	<run-id>/       a run that is being written, laid out as it will be stored, and its lock
//	aside/<run-id>/ what Recover could not use: torn tails of records
//	lock            held for the moments in which a run's folder is made, claimed or removed
//
// Without the last one a process could take a folder for abandoned between its making and its locking, or lock one that is being removed.
type workspace string

const (
	lockName  = "lock"
	asideDir  = "aside"
	notesName = "run.json"
	spillDir  = "spill"
	lockRetry = 5 * time.Millisecond
)

// draft is a run's folder in the workspace, locked by this process.
type draft struct {
	id   string
	dir  string
	work workspace
	lock *flock.Flock
}

func (d *draft) path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

// exclusively runs f while no other process makes, claims or removes a run's folder.
func (w workspace) exclusively(ctx context.Context, f func() error) error {
	l := flock.New(filepath.Join(string(w), lockName))
	if _, err := l.TryLockContext(ctx, lockRetry); err != nil {
		return fmt.Errorf("locking the work folder %s: %w", w, withSpace(err, string(w)))
	}
	return errors.Join(f(), l.Unlock())
}

// create makes the folder of a new run and locks it.
func (w workspace) create(ctx context.Context, id string) (*draft, error) {
	if w == "" {
		return nil, errors.New("no work folder was given: runs cannot be written")
	}
	if err := os.MkdirAll(string(w), 0o777); err != nil {
		return nil, fmt.Errorf("making the work folder: %w", withSpace(err, string(w)))
	}
	d := &draft{id: id, dir: filepath.Join(string(w), id), work: w}
	err := w.exclusively(ctx, func() error {
		if err := os.Mkdir(d.dir, 0o777); err != nil {
			return err
		}
		if free, err := d.tryLock(); err != nil || !free {
			return errors.Join(err, os.RemoveAll(d.dir))
		}
		return d.makeFolders()
	})
	if err != nil {
		return nil, fmt.Errorf("making the folder of run %s: %w", id, withSpace(err, string(w)))
	}
	if err := d.syncFolders(); err != nil {
		return nil, errors.Join(fmt.Errorf("making the folder of run %s durable: %w", id, withSpace(err, string(w))), d.remove())
	}
	return d, nil
}

// makeFolders makes the folders inside a run's folder that are not there yet.
func (d *draft) makeFolders() error {
	for _, name := range []string{dataDir, filepath.Dir(cdxName), filepath.Dir(pagesName), filepath.Dir(photosName), spillDir} {
		if err := os.MkdirAll(d.path(name), 0o777); err != nil {
			return err
		}
	}
	return nil
}

// syncFolders makes durable that the run's folder, and the folder for its WARC files in it, are where they are: a synced file is lost when a
// folder on the way to it is. That the workspace was there already is not enough, as another process may just have made it.
func (d *draft) syncFolders() error {
	var group errgroup.Group
	for _, dir := range []string{d.dir, string(d.work), filepath.Dir(filepath.Clean(string(d.work)))} {
		group.Go(func() error { return syncFolder(dir) })
	}
	return group.Wait()
}

func (d *draft) tryLock() (bool, error) {
	d.lock = flock.New(filepath.Join(d.dir, lockName))
	return d.lock.TryLock()
}

// abandoned lists the runs in the workspace, locked or not. A workspace that does not exist has none.
func (w workspace) abandoned() ([]string, error) {
	if w == "" {
		return nil, nil
	}
	found, err := os.ReadDir(string(w))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the work folder: %w", err)
	}
	var ids []string
	for _, f := range found {
		if f.IsDir() && runIDForm.MatchString(f.Name()) {
			ids = append(ids, f.Name())
		}
	}
	return ids, nil
}

// holds reports whether the folder of a run stands in the workspace.
func (w workspace) holds(id string) (bool, error) {
	if w == "" {
		return false, nil
	}
	_, err := os.Stat(filepath.Join(string(w), id))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("looking for run %s in the work folder: %w", id, err)
	}
	return err == nil, nil
}

// claim locks the folder of an abandoned run; nil when its process lives, or when another process has finished it.
func (w workspace) claim(ctx context.Context, id string) (*draft, error) {
	d := &draft{id: id, dir: filepath.Join(string(w), id), work: w}
	free := false
	err := w.exclusively(ctx, func() error {
		if _, err := os.Stat(d.dir); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		var err error
		free, err = d.tryLock()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claiming the unfinished run %s: %w", id, err)
	}
	if !free {
		return nil, nil
	}
	return d, nil
}

// release gives the folder up as it stands, for Recover.
func (d *draft) release() error {
	if err := d.lock.Unlock(); err != nil {
		return fmt.Errorf("unlocking the folder of run %s: %w", d.id, err)
	}
	return nil
}

// remove deletes the folder and gives up the lock, also when not all could be deleted: Recover tries again. It heeds no context: whoever calls
// it has finished with the run.
func (d *draft) remove() error {
	err := d.work.exclusively(context.Background(), func() error {
		return errors.Join(os.RemoveAll(d.dir), d.lock.Unlock())
	})
	if err != nil {
		// The workspace's own lock may be what failed. Unlocking twice does no harm.
		return fmt.Errorf("removing the work folder %s: %w", d.dir, errors.Join(err, d.lock.Unlock()))
	}
	return nil
}

// notes are the facts with which a run began.
type notes struct {
	Facts
	Title string `json:"title,omitempty"`
}

// saveNotes keeps the facts with which the run began, for Recover. That a run is an import must be known when it finds files of others in it.
func (d *draft) saveNotes(n notes) error {
	b, err := json.Marshal(n)
	if err == nil {
		err = os.WriteFile(d.path(notesName), b, 0o666)
	}
	if err == nil && n.Kind == KindImport {
		err = errors.Join(syncAll([]string{d.path(notesName)}), syncFolder(d.dir))
	}
	if err != nil {
		return fmt.Errorf("noting how run %s began: %w", d.id, withSpace(err, d.dir))
	}
	return nil
}

// notes reads the facts with which the run began. They are not worth an fsync, so after a power failure they may be lost; the run id tells
// the most important one.
func (d *draft) notes() notes {
	var n notes
	b, err := os.ReadFile(d.path(notesName))
	if err == nil {
		err = json.Unmarshal(b, &n)
	}
	if err != nil || n.RunID != d.id {
		return notes{Facts: Facts{Format: formatNumber, RunID: d.id, Kind: KindRun, Started: runStart(d.id), Tool: thisTool()}}
	}
	return n
}

// withSpace makes a full or read-only disk an error that callers can test for, and says where to mend it.
func withSpace(err error, place string) error {
	switch {
	case err == nil || errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrReadOnly):
		return err
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: free space on the disk of %s, then run again: %w", store.ErrFull, place, err)
	case errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: make %s writable: %w", store.ErrReadOnly, place, err)
	}
	return err
}
