package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"tearsheet/archive"
	"tearsheet/archive/store"
)

// openArchive opens the archive and finishes what an earlier process left unfinished in it. With create, a folder that does not exist
// becomes an empty archive; a bucket must exist.
func (a *app) openArchive(ctx context.Context, create bool) (*archive.Archive, error) {
	st, err := a.openStore(ctx, create)
	if err != nil {
		return nil, err
	}
	work, err := a.work()
	if err != nil && create { // who only reads needs none
		return nil, resultError{codeConfiguration, err}
	}
	signing, err := a.signing()
	if err != nil {
		return nil, err
	}
	arc, err := archive.Open(ctx, st, archive.Options{
		Work: work, Software: software(), Log: a.log, Cache: a.cache(work), Signing: signing,
		Keep: archive.KeepLocal{For: time.Duration(a.settings.KeepLocal.For), Bytes: int64(a.settings.KeepLocal.Bytes)},
	})
	if err != nil {
		return nil, a.openingError(err)
	}
	return arc, a.recover(ctx, arc, create)
}

// openingError says of an archive that archive.Open refused what is to be mended.
func (a *app) openingError(err error) error {
	switch {
	case errors.Is(err, archive.ErrNewerFormat):
		return fmt.Errorf("opening the archive at %s: %w; use a newer tearsheet (this is %s)", a.settings.Archive, err, readVersion().Version)
	case errors.Is(err, store.ErrNotExist), errors.Is(err, fs.ErrPermission) && a.settings.Bucket():
		return resultError{codeConfiguration, err}
	}
	return fmt.Errorf("opening the archive at %s: %w", a.settings.Archive, err)
}

// openStore opens the place where the archive is.
func (a *app) openStore(ctx context.Context, create bool) (store.Store, error) {
	if a.settings.Bucket() {
		return a.openBucket(ctx)
	}
	dir := a.settings.Archive
	if scheme, _, found := strings.Cut(dir, "://"); found {
		return nil, resultf(codeConfiguration, "the archive is %s, and %s:// is no place that tearsheet knows: name a folder, or s3://BUCKET/PREFIX", dir, scheme)
	}
	folder, err := store.OpenFolder(dir, create)
	switch {
	case err != nil && create:
		return nil, resultf(codeStorage, "the archive at %s cannot be written: %w; name another folder with --archive", dir, err)
	case errors.Is(err, store.ErrNotExist):
		return nil, a.noArchive()
	case err != nil:
		return nil, resultf(codeConfiguration, "there is no archive that can be read at %s: %w", dir, err)
	}
	return folder, nil
}

// noArchive says that there is none where one is to be read.
func (a *app) noArchive() error {
	other := "name another folder with --archive"
	if a.settings.Bucket() {
		other = "name another bucket or prefix with --archive"
	}
	return resultf(codeConfiguration, "there is no archive at %s: capture a page first, or %s", a.settings.Archive, other)
}

// openBucket makes a store of a bucket as the configuration says. Nothing is asked of it yet.
func (a *app) openBucket(ctx context.Context) (*store.S3, error) {
	bucket, prefix, err := store.ParseS3(a.settings.Archive)
	if err != nil {
		return nil, resultError{codeConfiguration, err}
	}
	c := a.settings.S3
	o := store.S3Options{
		Bucket: bucket, Prefix: prefix, Region: c.Region, Endpoint: c.Endpoint, PathStyle: c.Endpoint != "",
		Checksum: c.Checksum, StorageClass: c.StorageClass, SSE: c.SSE, KMSKey: c.KMSKey,
		LockMode: strings.ToUpper(c.Lock.Mode), Retain: time.Duration(c.Lock.Retain), LegalHold: c.Lock.LegalHold,
		SingleWriter: c.SingleWriter, PartSize: int64(c.PartSize), Workers: c.Workers, Bandwidth: int64(c.Bandwidth), Patience: time.Duration(c.Patience),
		Log: a.log,
	}
	if work, err := a.work(); err == nil { // who writes is told by openArchive that there is none
		o.Journal = filepath.Join(work, "uploads")
	}
	if c.PathStyle != nil {
		o.PathStyle = *c.PathStyle
	}
	if !a.flags.quiet && terminal(a.stderr) {
		o.Progress = newTransfers(a.stderr).show
	}
	s, err := store.OpenS3(ctx, o)
	if err != nil {
		return nil, resultf(codeConfiguration, "opening the bucket of %s: %w", a.settings.Archive, err)
	}
	return s, nil
}

// cache is the folder for what is read again and again of a store far away; "" for a folder, which needs none.
func (a *app) cache(work string) string {
	if !a.settings.Bucket() || work == "" {
		return ""
	}
	return filepath.Join(work, "cache")
}

// work is the folder in which runs are written before they are committed.
func (a *app) work() (string, error) { return a.settings.WorkFolder(a.env) }

// transfers shows on a terminal how far the files are that are on their way to a bucket.
type transfers struct {
	w io.Writer

	mu   sync.Mutex
	bars map[string]*progressbar.ProgressBar
}

func newTransfers(w io.Writer) *transfers {
	return &transfers{w: w, bars: map[string]*progressbar.ProgressBar{}}
}

// shownFrom is the least size in bytes that is worth a bar.
const shownFrom = 8 << 20

func (t *transfers) show(x store.Transfer) {
	if x.Total < shownFrom {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	bar := t.bars[x.Key]
	if bar == nil {
		bar = progressbar.NewOptions64(x.Total,
			progressbar.OptionSetWriter(t.w),
			progressbar.OptionSetDescription("storing "+x.Key[strings.LastIndexByte(x.Key, '/')+1:]),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionShowBytes(true),
			progressbar.OptionClearOnFinish(),
		)
		t.bars[x.Key] = bar
	}
	_ = bar.Set64(x.Sent) // a terminal that takes no more is no reason to stop
	if x.Sent >= x.Total {
		delete(t.bars, x.Key)
	}
}
