package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// output remembers the first error of writing to standard output, so that a full disk behind a pipe is not taken for success.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// counted counts the bytes that go through it.
type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// writeNew lets write fill the file at path and returns its size. The file must not exist, and it appears under its name when it is whole.
// "-" is standard output, unless that is a terminal.
func (a *app) writeNew(path string, write func(io.Writer) error) (int64, error) {
	if path == "-" {
		if terminal(a.stdout.w) {
			return 0, usagef("standard output is a terminal; name a file, or pipe it on")
		}
		c := &counted{w: a.stdout}
		err := write(c)
		return c.n, err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return 0, usagef("%s exists already; name a new file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tearsheet-*")
	if err != nil {
		return 0, resultf(codeStorage, "%s cannot be written: %w", path, err)
	}
	c := &counted{w: f}
	err = errors.Join(write(c), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(f.Name()))
	}
	return c.n, nil
}
