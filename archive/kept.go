package archive

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// KeepLocal says what stays in the work folder of runs that are committed to a store far away, which has proven by checksum that it holds their files.
// The zero value keeps nothing.
type KeepLocal struct {
	For   time.Duration // since the run began
	Bytes int64         // of all runs together; the oldest go first
}

// keptDir is the folder in the workspace with the runs that are kept although they are committed.
const keptDir = "kept"

// done ends a draft whose run is committed: its files go, or are kept as the policy says.
func (a *Archive) done(d *draft) error {
	if a.keep == (KeepLocal{}) || !a.attested() {
		return d.remove()
	}
	return errors.Join(d.keep(), a.work.prune(a.keep, a.now()))
}

// keep moves a draft's folder aside and gives up its lock.
func (d *draft) keep() error {
	to := filepath.Join(string(d.work), keptDir, d.id)
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return errors.Join(fmt.Errorf("keeping run %s: %w", d.id, err), d.release())
	}
	if err := os.Rename(d.dir, to); err != nil {
		return errors.Join(fmt.Errorf("keeping run %s: %w", d.id, err), d.release())
	}
	err := errors.Join(d.lock.Unlock(), os.RemoveAll(filepath.Join(to, spillDir)), os.Remove(filepath.Join(to, lockName)))
	if err != nil {
		return fmt.Errorf("keeping run %s: %w", d.id, err)
	}
	return nil
}

// prune removes kept runs that are older than the policy says, then the oldest until no more bytes are left than it allows. Their ids tell their age.
func (w workspace) prune(policy KeepLocal, now time.Time) error {
	dir := filepath.Join(string(w), keptDir)
	found, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listing the runs that are kept: %w", err)
	}
	slices.SortFunc(found, func(a, b fs.DirEntry) int { return -cmp.Compare(a.Name(), b.Name()) }) // newest first
	var total int64
	var errs []error
	for _, run := range found {
		if !runIDForm.MatchString(run.Name()) {
			continue
		}
		path := filepath.Join(dir, run.Name())
		size, err := folderSize(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		total += size
		old := policy.For > 0 && now.Sub(runStart(run.Name())) > policy.For
		if old || policy.Bytes > 0 && total > policy.Bytes {
			errs = append(errs, os.RemoveAll(path))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("removing runs that need not be kept any longer: %w", err)
	}
	return nil
}

func folderSize(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
