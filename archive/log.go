package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"tearsheet/archive/index"
	"tearsheet/archive/notary"
	"tearsheet/archive/store"
	"tearsheet/archive/warc"
)

// maxEntryBytes bounds what is read as a log entry, and what is written as one. An entry has some 500 bytes and up to 50 for each of the tree's hashes, one
// with a signature 300 more, and with a time stamp some 8,000.
const maxEntryBytes = 64 << 10

// Object is a stored object as manifest and log name it.
type Object struct {
	Path   string `json:"path"` // in a log entry from the store's root, in a manifest from the run's
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"hash"` // "sha256:hex"
}

// sound reports whether an object has a key, a digest and a size.
func (o Object) sound() bool {
	_, err := warc.ParseDigest(o.SHA256)
	return err == nil && o.Bytes > 0 && store.CheckKey(o.Path) == nil
}

// Entry is one entry of the log: the commit of one run.
type Entry struct {
	Format   int       `json:"format"`
	N        int64     `json:"n"` // from 1, without gaps
	RunID    string    `json:"run"`
	Time     time.Time `json:"time"` // of the commit, UTC
	Manifest Object    `json:"manifest"`
	Index    *Object   `json:"index,omitempty"`    // the merged index of all runs up to this one; nil where none could be made, and of older programs
	Previous string    `json:"previous,omitempty"` // SHA-256 of the bytes of entry n-1; "" in the first

	// What is before Checkpoint is signed: no member is ever added after it.
	Tree       *notary.Tree `json:"tree,omitempty"`       // of the digests of all manifests up to this one; nil of older programs
	Checkpoint string       `json:"checkpoint,omitempty"` // the signed note over its root; "" where there is no key
	Timestamp  []byte       `json:"timestamp,omitempty"`  // RFC 3161 token over the checkpoint, DER
}

// logged is an entry as it was read from the store.
type logged struct {
	Entry
	key    string
	digest string // of the entry's bytes: what the next entry calls previous
}

// The last member of an entry is the SHA-256 of the entry without it: of its bytes up to the comma before "self", and a closing brace. The
// chain proves every entry but the newest, which no other refers to yet; this member makes damage to that one visible too. The command that
// computes it stands in the package comment and in FORMAT.md.
const (
	selfMember = `,"self":"`
	entryEnd   = "\"}\n"
)

// encode gives the bytes of the entry as they are stored.
func (e Entry) encode() ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("writing log entry %d: %w", e.N, err)
	}
	self := digestOf(b)
	b = append(b[:len(b)-1], selfMember...)
	b = append(append(b, self...), entryEnd...)
	if len(b) > maxEntryBytes {
		return nil, fmt.Errorf("log entry %d would have %d bytes, and nobody would read more than %d", e.N, len(b), maxEntryBytes)
	}
	return b, nil
}

// ParseEntry reads the bytes of a log entry. Members that it does not know are let pass, as within a format they may be added. The error
// wraps ErrNewerFormat or ErrFixity.
func ParseEntry(b []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(b, &e); err != nil {
		return Entry{}, fmt.Errorf("%w: not a log entry: %w", ErrFixity, err)
	}
	at := bytes.LastIndex(b, []byte(selfMember))
	if at < 0 && e.Format > formatNumber {
		return Entry{}, fmt.Errorf("%w: format %d, known up to %d", ErrNewerFormat, e.Format, formatNumber)
	}
	if at < 0 {
		return Entry{}, fmt.Errorf("%w: the entry's own digest is missing", ErrFixity)
	}
	self := string(bytes.TrimSuffix(b[at+len(selfMember):], []byte(entryEnd)))
	if found := digestOf(append(bytes.Clone(b[:at]), '}')); self != found {
		return Entry{}, fmt.Errorf("%w: the entry's own digest: expected %.80q, found %s", ErrFixity, self, found)
	}
	if e.Format > formatNumber {
		return Entry{}, fmt.Errorf("%w: format %d, known up to %d", ErrNewerFormat, e.Format, formatNumber)
	}
	return e, e.check()
}

// check refuses what could lead a reader astray: a number or path that is not the entry's own.
func (e Entry) check() error {
	_, digestErr := warc.ParseDigest(e.Manifest.SHA256)
	switch {
	case e.Format < 1:
		return fmt.Errorf("%w: log entry without a format number", ErrFixity)
	case e.N < 1 || e.N >= lastEntry:
		return fmt.Errorf("%w: log entry with the number %d", ErrFixity, e.N)
	case !runIDForm.MatchString(e.RunID):
		return fmt.Errorf("%w: log entry %d names a run %.80q", ErrFixity, e.N, e.RunID)
	case e.Manifest.Path != ObjectKey(e.RunID, manifestName):
		return fmt.Errorf("%w: log entry %d names a manifest at %.200q", ErrFixity, e.N, e.Manifest.Path)
	case digestErr != nil || e.Manifest.Bytes < 1:
		return fmt.Errorf("%w: log entry %d does not name the manifest's size and digest", ErrFixity, e.N)
	case e.Index != nil && (!strings.HasPrefix(e.Index.Path, indexPrefix) || !e.Index.sound()):
		return fmt.Errorf("%w: log entry %d names an index at %.200q", ErrFixity, e.N, e.Index.Path)
	case (e.Previous == "") != (e.N == 1):
		return fmt.Errorf("%w: log entry %d refers to a previous entry %.80q", ErrFixity, e.N, e.Previous)
	}
	return nil
}

// entryKeys yields the keys of the log's entries, newest first. What else stands in the folder, left by a file manager or an editor, is none of
// the log and must not stop it; Verify tells of it.
func (a *Archive) entryKeys(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for info, err := range a.store.List(ctx, logPrefix, "") {
			if err != nil {
				yield("", err)
				return
			}
			if _, err := logNumber(info.Key); err != nil {
				continue
			}
			if !yield(info.Key, nil) {
				return
			}
		}
	}
}

// entryResult is an entry that was read, or why it was not.
type entryResult struct {
	logged
	err  error
	last bool // the store cannot be listed any further
}

// Entries yields the log, newest first. An entry that cannot be read is yielded as an error and the iteration goes on with the one before
// it; when the store cannot be listed the iteration ends with the error.
func (a *Archive) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		read := func(ctx context.Context, key keyResult) entryResult {
			if key.err != nil {
				return entryResult{err: fmt.Errorf("listing the log of %s: %w", a.store, key.err), last: true}
			}
			l, err := a.entry(ctx, key.key)
			return entryResult{logged: l, err: err}
		}
		for r := range ahead(ctx, results(a.entryKeys(ctx)), a.reach(), read, func(entryResult) {}) {
			if !yield(r.Entry, r.err) || r.last {
				return
			}
		}
	}
}

// keyResult is a key, or why there is none.
type keyResult struct {
	key string
	err error
}

func results(keys iter.Seq2[string, error]) iter.Seq[keyResult] {
	return func(yield func(keyResult) bool) {
		for key, err := range keys {
			if !yield(keyResult{key, err}) {
				return
			}
		}
	}
}

// entry reads one log entry, once: entries never change.
func (a *Archive) entry(ctx context.Context, key string) (logged, error) {
	a.mu.Lock()
	known, ok := a.entries.Get(key)
	a.mu.Unlock()
	if ok {
		return known.(logged), nil
	}
	l, err := a.readEntry(ctx, key)
	if err != nil {
		return logged{}, err
	}
	a.mu.Lock()
	a.entries.Add(key, l)
	a.mu.Unlock()
	return l, nil
}

// readEntry reads one log entry from the store.
func (a *Archive) readEntry(ctx context.Context, key string) (logged, error) {
	n, err := logNumber(key)
	if err != nil {
		return logged{}, fmt.Errorf("%w: %w", ErrFixity, err)
	}
	b, err := a.readObject(ctx, key, maxEntryBytes)
	if err != nil {
		return logged{}, err
	}
	e, err := ParseEntry(b)
	if err != nil {
		return logged{}, fmt.Errorf("%s in %s: %w", key, a.store, err)
	}
	if e.N != n {
		return logged{}, fmt.Errorf("%w: %s holds entry %d, expected entry %d", ErrFixity, key, e.N, n)
	}
	return logged{Entry: e, key: key, digest: digestOf(b)}, nil
}

// newest gives the newest entry; false when the log is empty.
func (a *Archive) newest(ctx context.Context) (logged, bool, error) {
	for key, err := range a.entryKeys(ctx) {
		if err != nil {
			return logged{}, false, fmt.Errorf("listing the log: %w", err)
		}
		l, err := a.entry(ctx, key)
		return l, err == nil, err
	}
	return logged{}, false, nil
}

// clockSlack is by how much the clocks of machines that write to one archive may differ.
const clockSlack = 48 * time.Hour

// committed looks for the entry of a run. It looks no further back than the run's own beginning: of a long log far away, each entry is a request.
func (a *Archive) committed(ctx context.Context, runID string) (Entry, bool, error) {
	begun := runStart(runID)
	for e, err := range a.Entries(ctx) {
		if err != nil {
			return Entry{}, false, err
		}
		if e.RunID == runID {
			return e, true, nil
		}
		if e.Time.Before(begun.Add(-clockSlack)) {
			break
		}
	}
	return Entry{}, false, nil
}

// Committed reports whether the log names a run.
func (a *Archive) Committed(ctx context.Context, runID string) (bool, error) {
	_, ok, err := a.committed(ctx, runID)
	return ok, err
}

// appendEntry adds the entry of a run whose objects are all stored, after prev. When another writer takes the number first, its entry becomes the
// previous one, and the next number is tried, with a merged index that tells of the other's run too.
func (a *Archive) appendEntry(ctx context.Context, d *draft, manifest Object, prev logged, made *merge, own index.Ranger) (Entry, error) {
	runID := d.id
	if prev.N == 0 {
		if err := a.explain(ctx); err != nil {
			return Entry{}, err
		}
	}
	for {
		if made.after != prev.digest {
			var err error
			if made, err = a.mergeIndex(ctx, d, prev, own); err != nil {
				return Entry{}, err
			}
			if _, err := a.storeAll(ctx, made.files); err != nil {
				return Entry{}, err
			}
		}
		e := Entry{
			Format: formatNumber, N: prev.N + 1, RunID: runID, Time: a.now().UTC(), Manifest: manifest, Index: made.object, Previous: prev.digest,
		}
		if err := a.witness(ctx, prev, &e); err != nil {
			return Entry{}, err
		}
		b, err := e.encode()
		if err != nil {
			return Entry{}, err
		}
		_, err = a.store.Create(ctx, logKey(e.N), bytes.NewReader(b))
		if err == nil {
			return e, nil
		}
		if !errors.Is(err, store.ErrExist) {
			return Entry{}, fmt.Errorf("%w: adding log entry %d: %w", ErrUpload, e.N, err)
		}
		prev, err = a.entry(ctx, logKey(e.N))
		if errors.Is(err, store.ErrNotExist) {
			return Entry{}, fmt.Errorf("%w: the store says that log entry %d exists, and does not show it: was it deleted? (tearsheet verify tells more): %w", ErrFixity, e.N, err)
		}
		if err != nil {
			return Entry{}, fmt.Errorf("reading the log entry that another writer added: %w", err)
		}
		if prev.RunID == runID { // our own: its first answer was lost on the way
			return prev.Entry, nil
		}
	}
}

// explain stores the description of the format, before the first entry, so that no archive with an entry lacks it.
func (a *Archive) explain(ctx context.Context) error {
	_, err := a.store.Create(ctx, formatName, strings.NewReader(formatText))
	if err != nil && !errors.Is(err, store.ErrExist) {
		return fmt.Errorf("storing the description of the format: %w", err)
	}
	return nil
}

// readObject reads a small object whole; one of more than limit bytes is an error.
func (a *Archive) readObject(ctx context.Context, key string, limit int64) ([]byte, error) {
	rc, err := a.store.Open(ctx, key, 0, -1)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", key, err)
	}
	defer rc.Close() // nothing was written
	b, err := io.ReadAll(io.LimitReader(rc, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", key, err)
	case int64(len(b)) > limit:
		return nil, fmt.Errorf("%w: %s is larger than %d bytes", ErrFixity, key, limit)
	}
	return b, nil
}
