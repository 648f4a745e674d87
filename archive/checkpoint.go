package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tearsheet/archive/warc"
)

// Checkpoint is what somebody remembers of the log: its newest entry at some time. The chain proves all entries up to that one, and so a log
// that holds it still has lost and changed nothing that was in it then. That the newest entries were dropped, nobody can see who does not
// have one.
type Checkpoint struct {
	N       int64     `json:"n"`                 // the number of the entry
	Entry   string    `json:"entry"`             // SHA-256 of its bytes as they are stored: what the next one calls previous
	Time    time.Time `json:"time"`              // of its commit, UTC
	Archive string    `json:"archive,omitempty"` // where the log stood, for people: an archive may be moved
}

// checkpointName is the file in the work folder that holds the newest checkpoint that this place has seen.
const checkpointName = "checkpoint.json"

// maxCheckpointBytes bounds what is read as a checkpoint. One has some 250 bytes.
const maxCheckpointBytes = 64 << 10

// ParseCheckpoint reads what Checkpoint.Save wrote.
func ParseCheckpoint(b []byte) (Checkpoint, error) {
	var c Checkpoint
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&c); err != nil {
		return Checkpoint{}, fmt.Errorf("not a checkpoint: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Checkpoint{}, errors.New("not a checkpoint: more than one JSON object")
	}
	if c.N < 1 || c.N >= lastEntry {
		return Checkpoint{}, fmt.Errorf("not a checkpoint: it names entry %d", c.N)
	}
	if _, err := warc.ParseDigest(c.Entry); err != nil {
		return Checkpoint{}, fmt.Errorf("not a checkpoint: it names no digest of entry %d: %w", c.N, err)
	}
	return c, nil
}

// ReadCheckpoint reads a checkpoint from a file. The error wraps fs.ErrNotExist when there is none.
func ReadCheckpoint(path string) (Checkpoint, error) {
	f, err := os.Open(path)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("reading a checkpoint: %w", err)
	}
	defer f.Close() // nothing was written
	b, err := io.ReadAll(io.LimitReader(f, maxCheckpointBytes))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("reading the checkpoint %s: %w", path, err)
	}
	c, err := ParseCheckpoint(b)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Save writes the checkpoint to a file, whole and durably or not at all. A file that remembers as much or more of a log is left as it is, so
// that nothing is forgotten when the log was cut; one that is no checkpoint is an error, and left too.
func (c Checkpoint) Save(path string) error {
	switch known, err := ReadCheckpoint(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("%w; remove the file if it is none that is needed", err)
	case known.N >= c.N:
		return nil
	}
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing the checkpoint: %w", err)
	}
	if err := replaceFile(path, append(b, '\n')); err != nil {
		return fmt.Errorf("writing the checkpoint %s: %w", path, withSpace(err, filepath.Dir(path)))
	}
	return nil
}

// replaceFile gives a file other contents. Whoever reads it sees the old or the new ones, also after a power failure.
func replaceFile(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (w workspace) checkpointPath() string { return filepath.Join(string(w), checkpointName) }

// KeepCheckpoint remembers a checkpoint in the work folder, which is made if need be; one that is not newer than what is remembered changes
// nothing. Verify compares the log with it from then on. Without a work folder there is nothing to do.
func (a *Archive) KeepCheckpoint(ctx context.Context, c Checkpoint) error {
	if a.work == "" {
		return nil
	}
	if err := os.MkdirAll(string(a.work), 0o777); err != nil {
		return fmt.Errorf("making the work folder: %w", withSpace(err, string(a.work)))
	}
	return a.work.exclusively(ctx, func() error { return c.Save(a.work.checkpointPath()) })
}

// remember keeps the checkpoint of an entry that was just committed. When it cannot, the run is committed all the same, and the next commit or verify
// remembers more.
func (a *Archive) remember(ctx context.Context, e Entry) {
	if err := a.advance(ctx, e); err != nil {
		a.log.Warn("the newest entry of the log could not be remembered here", "entry", e.N, "error", err)
	}
}

// advance keeps the checkpoint of an entry, if the log that it was added to is the one that is remembered: else what is remembered stays, and
// Verify tells of it. It costs a request only when others have committed since.
func (a *Archive) advance(ctx context.Context, e Entry) error {
	b, err := e.encode()
	if err != nil {
		return err
	}
	c := Checkpoint{N: e.N, Entry: digestOf(b), Time: e.Time, Archive: a.store.String()}
	if a.work == "" {
		return nil
	}
	known, err := ReadCheckpoint(a.work.checkpointPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return a.KeepCheckpoint(ctx, c)
	case err != nil || known.N >= c.N:
		return err
	}
	then := e.Previous
	if known.N < e.N-1 {
		l, err := a.entry(ctx, logKey(known.N))
		if err != nil {
			return err
		}
		then = l.digest
	}
	if then != known.Entry {
		return fmt.Errorf("%w: entry %d is not the one that %s remembers", ErrFixity, known.N, a.work.checkpointPath())
	}
	return a.KeepCheckpoint(ctx, c)
}

// remembered is a checkpoint and where it was kept.
type remembered struct {
	Checkpoint
	source string
}

// checkpoints compares the log with what is remembered of it: here, and where the caller said.
func (v *audit) checkpoints(_ context.Context, log []inspected) error {
	known := v.against
	if v.archive.work != "" {
		path := v.archive.work.checkpointPath()
		switch c, err := ReadCheckpoint(path); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			if err := v.unreadable(Problem{Object: path, What: "the log was not compared with what is remembered here"}, err); err != nil {
				return err
			}
		default:
			known = append(known[:len(known):len(known)], remembered{c, path})
		}
	}
	byNumber := make(map[int64]inspected, len(log))
	var newest int64
	for _, e := range log {
		byNumber[e.n] = e
		newest = max(newest, e.n)
	}
	for _, c := range known {
		e, ok := byNumber[c.N]
		p := Problem{Object: logKey(c.N), Expected: c.Entry}
		since := fmt.Sprintf("since entry %d of %s, which %s remembers", c.N, c.Time.UTC().Format(time.RFC3339), c.source)
		if place := v.archive.store.String(); c.Archive != "" && c.Archive != place {
			since += " of the archive at " + c.Archive
		}
		switch {
		case !ok && c.N > newest:
			p.What, p.Found = "the newest entries were dropped "+since, fmt.Sprintf("a log that ends with entry %d", newest)
		case !ok:
			p.What, p.Found = "entries were dropped "+since, "no entry"
		case e.digest == "": // it could not be read, which was told
			continue
		case e.digest != c.Entry:
			p.What, p.Found = "entries were rewritten "+since, e.digest
		default:
			continue
		}
		v.problem(p)
	}
	return nil
}
