package archive

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"syscall"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/warc"
)

// digestFile is a new local file whose size and SHA-256 are known when it is closed, without reading it again.
type digestFile struct {
	file *os.File
	buf  *bufio.Writer
	sum  hash.Hash
	size int64
}

func newDigestFile(path string) (*digestFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	d := &digestFile{file: f, sum: sha256.New()}
	d.buf = bufio.NewWriterSize(io.MultiWriter(f, d.sum), 64<<10)
	return d, nil
}

func (d *digestFile) Write(b []byte) (int, error) {
	n, err := d.buf.Write(b)
	d.size += int64(n)
	return n, err
}

// finish writes what is buffered and closes the file; syncAll makes it durable.
func (d *digestFile) finish() (Object, error) {
	if err := errors.Join(d.buf.Flush(), d.file.Close()); err != nil {
		return Object{}, err
	}
	return Object{Bytes: d.size, SHA256: warc.NewDigest(warc.SHA256, d.sum.Sum(nil)).String()}, nil
}

// drop closes the file, which nobody wants any more, if finish has not done so.
func (d *digestFile) drop() error {
	if err := d.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// digestLocal reads a local file for its size and SHA-256.
func digestLocal(ctx context.Context, path string) (Object, error) {
	f, err := os.Open(path)
	if err != nil {
		return Object{}, err
	}
	defer f.Close() // nothing was written
	return digestStream(&attentive{ctx, f})
}

// digestStream reads r to its end.
func digestStream(r io.Reader) (Object, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	if err != nil {
		return Object{}, err
	}
	return Object{Bytes: n, SHA256: warc.NewDigest(warc.SHA256, sum.Sum(nil)).String()}, nil
}

// attentive is a reader that heeds the end of a context.
type attentive struct {
	ctx context.Context
	r   io.Reader
}

func (a *attentive) Read(p []byte) (int, error) {
	if err := a.ctx.Err(); err != nil {
		return 0, err
	}
	return a.r.Read(p)
}

// syncFolder makes the entries of a folder durable. Some network and FUSE file systems have no such call and answer EINVAL; there is nothing
// more to do on them.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

// syncAll makes files durable side by side, so that they share one commit of the file system's journal.
func syncAll(paths []string) error {
	var group errgroup.Group
	for _, p := range paths {
		group.Go(func() error {
			f, err := os.OpenFile(p, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			if err := errors.Join(f.Sync(), f.Close()); err != nil {
				return fmt.Errorf("making %s durable: %w", p, err)
			}
			return nil
		})
	}
	return group.Wait()
}
