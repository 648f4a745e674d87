package warc

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tornSuffix ends the name of a file with the bytes that a recovery cut off.
const tornSuffix = ".torn"

// Recovery is what Recover did with a file.
type Recovery struct {
	Path    string // of the finished file; "" when there was nothing whole in it
	Records int    // that were kept, without the warcinfo record
	Cut     int64  // bytes that were cut off
	Aside   string // where those bytes are; "" when there are none
	Why     error  // what was wrong behind the last good record; nil when the file was whole
}

// Recover finishes a *.warc.gz.open file whose writer is gone. It keeps the records up to the last that is whole and agrees with its digests,
// puts what follows aside in a file that ends in .torn, and takes .open off the name: in that order, each step durable before the next, so
// that a recovery that is itself interrupted can be repeated. A file without a whole record besides its warcinfo is put aside entirely,
// and an empty one removed.
//
// Nobody may write the file meanwhile. The error names the file; the file is as it was, or further on its way.
func Recover(path string) (Recovery, error) {
	r, err := recoverFile(path)
	if err != nil {
		err = fmt.Errorf("recover %s: %w", path, err)
	}
	return r, err
}

func recoverFile(path string) (r Recovery, err error) {
	final, ok := strings.CutSuffix(path, openSuffix)
	if !ok {
		return r, fmt.Errorf("its name does not end in %s", openSuffix)
	}
	if _, err := os.Lstat(final); err == nil {
		return r, fmt.Errorf("%s: %w", final, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return r, err
	}
	good, err := r.survey(io.NewSectionReader(f, 0, size), size)
	if err != nil {
		return r, err
	}
	r.Cut = size - good
	torn := final + tornSuffix
	switch {
	case size == 0:
		return r, errors.Join(os.Remove(path), syncDir(filepath.Dir(path)))
	case r.Records == 0:
		r.Cut = size
		r.Aside = torn
		return r, moveAside(path, torn)
	case r.Cut > 0:
		r.Aside = torn
		if err := copyAside(io.NewSectionReader(f, good, r.Cut), torn); err != nil {
			return r, err
		}
		if err := f.Truncate(good); err != nil {
			return r, err
		}
	}
	if err := f.Sync(); err != nil {
		return r, err
	}
	if err := os.Rename(path, final); err != nil {
		return r, err
	}
	r.Path = final
	return r, syncDir(filepath.Dir(final))
}

// survey counts the good records and returns where they end. What is wrong behind them goes to r.Why; an error is one of reading the file.
func (r *Recovery) survey(file io.Reader, size int64) (good int64, err error) {
	for rec, err := range Read(file) {
		if err == nil {
			err = Check(rec)
		}
		if err != nil {
			var disk *fs.PathError
			if errors.As(err, &disk) {
				return 0, err
			}
			r.Why = err
			return good, nil
		}
		good = rec.Offset + rec.Length
		if rec.Type != Warcinfo {
			r.Records++
		}
	}
	return size, nil
}

// moveAside renames a file in which nothing is whole.
func moveAside(path, torn string) error {
	if err := os.Rename(path, torn); err != nil {
		return err
	}
	return syncDir(filepath.Dir(torn))
}

// copyAside writes the bytes to a file of their own, durably. A file of that name is of an earlier try, and had the same bytes.
func copyAside(tail io.Reader, torn string) (err error) {
	f, err := os.OpenFile(torn, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, tail); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(torn))
}
