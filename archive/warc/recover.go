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

const (
	tornSuffix = ".torn" // ends the name of a file with the bytes that a recovery took out
	newSuffix  = ".new"  // ends the name of the file that takes the place of a damaged one
)

// Recovery is what Recover did with a file.
type Recovery struct {
	Path    string    // of the finished file; "" when there was nothing whole in it
	Records int       // that were kept, without the warcinfo record
	Cut     int64     // bytes that were cut off the end
	Aside   string    // where those bytes are; "" when there are none
	Why     error     // what was wrong behind the last good record; nil when the file was whole there
	Damaged []Stretch // what lay between good records, in order
}

// Stretch is damage between good records. Its bytes in the file were replaced by a record that says so and is as long, so that the records
// behind stand where others say that they stand.
type Stretch struct {
	Offset, Length int64  // bytes
	Aside          string // the file that holds the damaged bytes
	Why            error  // what was wrong with them
}

// Recover finishes a *.warc.gz.open file whose writer is gone. It keeps the records that are whole and agree with their digests, puts what is
// behind the last of them aside in a file that ends in .torn, damage before it in one that ends in .OFFSET.torn, and takes .open off the name:
// in that order, each step durable before the next, so that a recovery that is itself interrupted can be repeated. A file without a whole
// record besides its warcinfo is put aside entirely, and an empty one removed.
//
// Behind damage only records count that name the file's own warcinfo record: a server can put whole WARC records into an answer, but it does
// not know that ID. Where the warcinfo record is damaged, everything is put aside.
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
	s, err := surveyFile(f, size)
	if err != nil {
		return r, err
	}
	r.Records, r.Why, r.Cut = s.records, s.why, size-s.good
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
		if err := copyAside(io.NewSectionReader(f, s.good, r.Cut), torn); err != nil {
			return r, err
		}
	}
	if len(s.damaged) > 0 {
		if r.Damaged, err = s.mend(f, path, final); err != nil {
			return r, err
		}
	} else if err := cut(f, s.good); err != nil {
		return r, err
	}
	if err := os.Rename(path, final); err != nil {
		return r, err
	}
	r.Path = final
	return r, syncDir(filepath.Dir(final))
}

func cut(f *os.File, size int64) error {
	if err := f.Truncate(size); err != nil {
		return err
	}
	return f.Sync()
}

// mend puts the damaged stretches aside, and in place of the file one in which fillers stand for them. It is a copy, so that the bytes that are
// put aside stand in the file until all is done.
func (s *survey) mend(f *os.File, path, final string) ([]Stretch, error) {
	for i := range s.damaged {
		d := &s.damaged[i]
		d.Aside = fmt.Sprintf("%s.%d%s", final, d.Offset, tornSuffix)
		if err := copyAside(io.NewSectionReader(f, d.Offset, d.Length), d.Aside); err != nil {
			return nil, err
		}
	}
	if err := copyAside(s.mended(f), final+newSuffix); err != nil {
		return nil, errors.Join(err, os.Remove(final+newSuffix))
	}
	return s.damaged, os.Rename(final+newSuffix, path)
}

// mended gives the good stretches of the file, and fillers between them.
func (s *survey) mended(f io.ReaderAt) io.Reader {
	var parts []io.Reader
	at := int64(0)
	for _, d := range s.damaged {
		parts = append(parts, io.NewSectionReader(f, at, d.Offset-at), newFiller(d, s.warcinfo, s.date))
		at = d.Offset + d.Length
	}
	return io.MultiReader(append(parts, io.NewSectionReader(f, at, s.good-at))...)
}

// moveAside renames a file in which nothing is whole.
func moveAside(path, torn string) error {
	if err := os.Rename(path, torn); err != nil {
		return err
	}
	return syncDir(filepath.Dir(torn))
}

// copyAside writes the bytes to a file of their own, durably. A file of that name is of an earlier try, and had the same bytes.
func copyAside(from io.Reader, path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, from); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
