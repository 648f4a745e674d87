package warc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// segment is one file being written. Writer's lock guards name to torn; syncing guards the rest, so that an fsync does not hold up writing.
type segment struct {
	name string // base name when finished
	path string // where it stands now, with .open
	info *Draft // its warcinfo record
	file file   // as gowarc has it open
	size int64  // bytes of acknowledged records
	torn bool   // bytes behind size could not be taken away

	syncing sync.Mutex
	synced  int64 // bytes known to be durable
	listed  bool  // the folder's entry is durable
	syncErr error // the first failure to sync
}

// rollBack takes away what a failed batch left behind size. When that fails too, the file is torn: nothing more is appended.
func (s *segment) rollBack() error {
	if s.file == nil {
		return nil // it could not even be created
	}
	if err := s.cut(); err != nil {
		s.torn = true
		return fmt.Errorf("take the torn record back: %w", err)
	}
	return nil
}

func (s *segment) cut() error {
	if err := s.file.Truncate(s.size); err != nil {
		return err
	}
	_, err := s.file.Seek(s.size, io.SeekStart)
	return err
}

// sync makes the first size bytes durable, unless an earlier call did.
func (s *segment) sync(size int64) error {
	if s.syncErr == nil && s.synced < size {
		if err := s.file.Sync(); err != nil {
			s.syncErr = fmt.Errorf("sync %s: %w", s.path, err)
		} else {
			s.synced = size
		}
	}
	return s.syncErr
}

// syncListed is sync, and makes durable that the file is in its folder. A file that was sealed meanwhile is durable already.
func (s *segment) syncListed(size int64) error {
	s.syncing.Lock()
	defer s.syncing.Unlock()
	if err := s.sync(size); err != nil {
		return err
	}
	if size > 0 && !s.listed {
		if err := syncDir(filepath.Dir(s.path)); err != nil {
			s.syncErr = err
			return err
		}
		s.listed = true
	}
	return nil
}

// seal syncs the file, closes it and takes .open off its name. It returns the path, "" when nothing was ever acknowledged in it. A file with
// a torn tail, or whose bytes may not have reached the disk, is left under its .open name.
func (s *segment) seal(o *outlet) (string, error) {
	s.syncing.Lock()
	defer s.syncing.Unlock()
	var unfit error
	if s.torn {
		unfit = s.cut()
	}
	if unfit == nil {
		unfit = s.sync(s.size)
	}
	final := strings.TrimSuffix(s.path, openSuffix)
	if err := o.closeFile(); err != nil {
		return "", errors.Join(unfit, err)
	}
	s.listed = true
	switch {
	case unfit != nil:
		return "", errors.Join(unfit, os.Rename(final, s.path))
	case s.size == 0:
		return "", os.Remove(final)
	default:
		return final, nil
	}
}

// syncDir makes the entries of a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
