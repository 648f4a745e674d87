package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// journalEntry remembers an upload that is under way, so that another process can send it on.
type journalEntry struct {
	Endpoint string    `json:"endpoint,omitempty"`
	Bucket   string    `json:"bucket"`
	Key      string    `json:"key"` // in the bucket
	Upload   string    `json:"upload"`
	Checksum string    `json:"checksum,omitempty"`
	PartSize int64     `json:"part_size"`
	Size     int64     `json:"size"`     // of the file
	Modified time.Time `json:"modified"` // the file
}

func (p *parted) entry() journalEntry {
	return journalEntry{
		Endpoint: p.s.o.Endpoint, Bucket: p.s.o.Bucket, Key: *p.s.full(p.key), Upload: p.id, Checksum: string(p.s.sum.name),
		PartSize: p.partSize, Size: p.body.Size(), Modified: p.modified.UTC(),
	}
}

// journal is the file that remembers the upload of this object.
func (p *parted) journal() string {
	e := p.entry()
	return filepath.Join(p.s.o.Journal, fmt.Sprintf("%x", sha256.Sum256([]byte(e.Endpoint+"\n"+e.Bucket+"\n"+e.Key)))[:32]+".json")
}

// journalled gives the upload that the journal remembers for this very file; "" when there is none. What is not a journal of it is of no use, and is
// written over.
func (p *parted) journalled(context.Context) (string, error) {
	if p.s.o.Journal == "" {
		return "", nil
	}
	b, err := os.ReadFile(p.journal())
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the journal of uploads: %w", err)
	}
	var e journalEntry
	if json.Unmarshal(b, &e) != nil {
		p.s.log.Warn("the journal of an upload cannot be read, and the store is asked for it", "file", p.journal())
		return "", nil
	}
	want := p.entry()
	want.Upload = e.Upload
	if !e.Modified.Equal(want.Modified) {
		return "", nil
	}
	e.Modified = want.Modified
	if e != want {
		return "", nil
	}
	return e.Upload, nil
}

// listed gives the newest upload of this object that the store knows; "" when there is none. Whether its parts are of any use, their checksums tell.
func (p *parted) listed(ctx context.Context) (string, error) {
	var newest Upload
	for u, err := range p.s.Uploads(ctx, p.key) {
		if errors.Is(err, fs.ErrPermission) { // who may write need not be allowed to list
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if u.Key == p.key && !u.Begun.Before(newest.Begun) {
			newest = u
		}
	}
	return newest.ID, nil
}

// remember writes the journal, durably.
func (p *parted) remember() (err error) {
	if p.s.o.Journal == "" || p.modified.IsZero() {
		return nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing the journal of uploads: %w", writeError(p.s.o.Journal, err))
		}
	}()
	if err := os.MkdirAll(p.s.o.Journal, 0o777); err != nil {
		return err
	}
	b, err := json.Marshal(p.entry())
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(p.s.o.Journal, "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), p.journal()); err != nil {
		return err
	}
	d, err := os.Open(p.s.o.Journal)
	if err != nil {
		return err
	}
	return errors.Join(syncDir(d), d.Close())
}

// forget removes the journal of an upload that has come to its end.
func (p *parted) forget() error {
	if p.s.o.Journal == "" || p.modified.IsZero() {
		return nil
	}
	if err := os.Remove(p.journal()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the journal of an upload: %w", err)
	}
	return nil
}
