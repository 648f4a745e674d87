package archive

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// indexPrefix is where the merged indexes stand. Each entry of the log names the one that tells of all runs up to its own (Entry.Index): a small file, and
// the files of its levels. Nobody sees half a merge: what no entry names does not exist.
const indexPrefix = "index/"

// pageMIME stands in the media type of rows that say where a page's line is in its run's pages.jsonl. They stand under the keys of the page's address, of the
// one that it was reached under, and of the one that it calls its own, with pageTarget before each: so the pages of a site stand together, and who looks for
// them does not read through all their pictures.
const pageMIME = "application/vnd.tearsheet.page"

// merge is a merged index that was made for the entry after another one. It has no object when none could be made: then the entry names none.
type merge struct {
	after  string // digest of the entry before
	object *Object
	files  []localObject // that must be stored before the entry
}

// mergeIndex makes the merged index of all runs that the log names up to prev, and of one more, whose files are read from own. It is made in the draft's
// folder. That something old is damaged does not keep a run from being committed: then the index is made anew from the runs, and when these are damaged
// there is none, which the log tells (of the program, not of the archive).
func (a *Archive) mergeIndex(ctx context.Context, d *draft, prev logged, own index.Ranger) (*merge, error) {
	m, err := a.tryMerge(ctx, d, prev, own, true)
	if err != nil && damage(err) && prev.N > 0 {
		a.log.Warn("the merged index is damaged, and is made anew from the runs", "error", err)
		m, err = a.tryMerge(ctx, d, prev, own, false)
	}
	if err != nil && damage(err) {
		a.log.Warn("no merged index could be made: look-ups read the runs one by one", "error", err)
		return &merge{after: prev.digest}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("making the merged index: %w", err)
	}
	return m, nil
}

// damage reports whether an error says that something in the archive is not as it was written.
func damage(err error) bool { return errors.Is(lost(err), ErrFixity) }

// tryMerge makes the index from the newest that the log names, or without base from the runs alone.
func (a *Archive) tryMerge(ctx context.Context, d *draft, prev logged, own index.Ranger, base bool) (_ *merge, err error) {
	rows := index.NewBuilder(d.path(spillDir))
	defer func() { err = errors.Join(err, rows.Close()) }() // nothing to do once it is merged
	if err := eachRunRow(ctx, own, d.id, rows.Add); err != nil {
		return nil, err
	}
	var before *index.Merged
	if prev.N > 0 {
		if before, err = a.addOlder(ctx, rows, prev, base); err != nil {
			return nil, err
		}
	}
	made := &merge{after: prev.digest}
	name := fmt.Sprintf("%s%010d-%s-%s", indexPrefix, prev.N+1, d.id, strings.ToLower(rand.Text()[:6]))
	next, err := before.Merge(ctx, rootFiles{a}, rows, func(level int) (index.Destination, error) {
		f, err := newLevelFile(d, fmt.Sprintf("%s-%d.cdx.gz", name, level))
		if err == nil {
			made.files = append(made.files, localObject{path: f.path})
		}
		return f, err
	})
	if err != nil {
		return nil, err
	}
	for i := range made.files {
		l := next.Levels[i]
		made.files[i].Object = Object{Path: l.File, Bytes: l.Bytes, SHA256: l.SHA256}
	}
	next.Through = prev.N + 1
	return made, made.add(d, name+".idx.gz", next)
}

// add makes the small file of the index, which goes to the store from memory, and the levels durable, which do not.
func (m *merge) add(d *draft, key string, next *index.Merged) error {
	paths := make([]string, len(m.files))
	for i, f := range m.files {
		paths[i] = f.path
	}
	if err := syncAll(paths); err != nil {
		return withSpace(err, d.dir)
	}
	var b bytes.Buffer
	if err := next.Encode(&b); err != nil {
		return err
	}
	m.object = &Object{Path: key, Bytes: int64(b.Len()), SHA256: digestOf(b.Bytes())}
	m.files = append(m.files, localObject{Object: *m.object, text: b.Bytes()})
	return nil
}

// addOlder gives the newest merged index up to prev, and adds the rows of runs that it does not tell of.
func (a *Archive) addOlder(ctx context.Context, rows *index.Builder, prev logged, base bool) (*index.Merged, error) {
	for n := prev.N; n > 0; n-- {
		e, err := a.entry(ctx, logKey(n))
		if err != nil {
			return nil, err
		}
		if e.Index != nil && base {
			return a.mergedAt(ctx, *e.Index)
		}
		m, err := a.Manifest(ctx, e.Entry)
		if err != nil {
			return nil, err
		}
		if err := eachRunRow(ctx, provenFiles{a, e.RunID, m}, e.RunID, rows.Add); err != nil {
			return nil, fmt.Errorf("run %s: %w", e.RunID, err)
		}
	}
	return nil, nil
}

// eachRunRow gives the rows that a run has in a merged index: those of its own index, with paths from the archive's root, and those of its pages.
func eachRunRow(ctx context.Context, from index.Ranger, runID string, put func(index.Row) error) error {
	own, err := index.NewReader(ctx, from, cdxName, idxName)
	if err != nil {
		return err
	}
	for row, err := range own.All(ctx) {
		if err != nil {
			return err
		}
		row.File = ObjectKey(runID, path.Join(dataDir, row.File))
		if err := put(row); err != nil {
			return err
		}
	}
	list, err := from.Range(ctx, pagesName, 0, -1)
	if err != nil {
		return err
	}
	for row, err := range readRows(list, pagesFormat) {
		if err != nil {
			return errors.Join(fmt.Errorf("%w: %s: %w", ErrFixity, ObjectKey(runID, pagesName), err), list.Close())
		}
		if err := eachPageRow(row, runID, put); err != nil {
			return errors.Join(err, list.Close())
		}
	}
	return list.Close()
}

// eachPageRow gives the rows of one page.
func eachPageRow(line listRow, runID string, put func(index.Row) error) error {
	var h pageHead
	if err := json.Unmarshal(line.text, &h); err != nil {
		return fmt.Errorf("%w: %s line %d: %w", ErrFixity, ObjectKey(runID, pagesName), line.line, err)
	}
	sum := sha256.Sum256(line.text)
	keys := map[string]bool{}
	for _, address := range []string{h.URL, h.Final, h.Canonical} {
		key, err := index.SURT(address)
		if address == "" || err != nil || keys[key] { // what has no key, nobody can ask for by it
			continue
		}
		keys[key] = true
		err = put(index.Row{
			Key: pageTarget + key, Timestamp: index.NewTimestamp(h.Time), URL: h.URL, MIME: pageMIME, SHA256: warc.NewDigest(warc.SHA256, sum[:]),
			Offset: line.offset, Length: int64(len(line.text)), File: ObjectKey(runID, pagesName),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// levelFile is a level of a merged index that is being written in a draft's folder.
type levelFile struct {
	*digestFile
	key, path string
}

func newLevelFile(d *draft, key string) (*levelFile, error) {
	f := &levelFile{key: key, path: d.path(path.Join(spillDir, path.Base(key)))}
	var err error
	if f.digestFile, err = newDigestFile(f.path); err != nil {
		return nil, withSpace(err, d.dir)
	}
	return f, nil
}

// Name implements index.Destination.
func (f *levelFile) Name() string { return f.key }

// Close implements index.Destination.
func (f *levelFile) Close() (int64, string, error) {
	o, err := f.finish()
	return o.Bytes, o.SHA256, err
}

// rootFiles lets package index read files by their paths from the archive's root.
type rootFiles struct{ archive *Archive }

func (f rootFiles) Range(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	return f.archive.store.Open(ctx, name, offset, length)
}

// provenFiles lets package index read a committed run's files, those that it reads whole after they were proven by the manifest.
type provenFiles struct {
	archive  *Archive
	runID    string
	manifest Manifest
}

func (f provenFiles) Range(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if offset != 0 || length >= 0 {
		return f.archive.store.Open(ctx, ObjectKey(f.runID, name), offset, length)
	}
	r := f.manifest.file(name)
	if r == nil {
		return nil, fmt.Errorf("%w: the manifest of run %s does not list %s", ErrFixity, f.runID, name)
	}
	return f.archive.proven(ctx, f.runID, *r)
}

// draftRanger lets package index read a draft's files.
type draftRanger struct{ draft *draft }

func (f draftRanger) Range(_ context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	file, err := os.Open(f.draft.path(name))
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if length < 0 {
		return file, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, length), file}, nil
}

// maxMergedBytes bounds what is read as the small file of a merged index.
const maxMergedBytes = 64 << 20

// mergedAt reads a merged index and proves it by the digest that its entry gives. It is remembered, here and in the cache folder.
func (a *Archive) mergedAt(ctx context.Context, o Object) (*index.Merged, error) {
	a.mu.Lock()
	known, ok := a.indexes.Get(o.SHA256)
	a.mu.Unlock()
	if ok {
		return known.(*index.Merged), nil
	}
	b, err := a.cache.read(o)
	if err != nil {
		a.log.Info("the cache of merged indexes cannot be read", "error", err)
	}
	if b == nil {
		if b, err = a.readObject(ctx, o.Path, maxMergedBytes); err != nil {
			return nil, lost(err)
		}
		if found := digestOf(b); found != o.SHA256 {
			return nil, fmt.Errorf("%w: %s: expected %s, found %s", ErrFixity, o.Path, o.SHA256, found)
		}
		if err := a.cache.write(o, b); err != nil {
			a.log.Info("the cache of merged indexes cannot be written", "error", err)
		}
	}
	m, err := index.ParseMerged(b)
	if err != nil {
		return nil, lost(fmt.Errorf("%s: %w", o.Path, err))
	}
	a.mu.Lock()
	a.indexes.Add(o.SHA256, m)
	a.mu.Unlock()
	return m, nil
}

// indexCache is a folder with the small files of merged indexes, named by their digests. It may be deleted at any time. "" is none.
type indexCache string

// cachedFiles is how many files stay in the cache.
const cachedFiles = 8

func (c indexCache) path(o Object) string {
	return filepath.Join(string(c), strings.TrimPrefix(o.SHA256, "sha256:")+".idx.gz")
}

// read gives the file's bytes; nil when they are not there, or are others.
func (c indexCache) read(o Object) ([]byte, error) {
	if c == "" {
		return nil, nil
	}
	b, err := os.ReadFile(c.path(o))
	if errors.Is(err, os.ErrNotExist) || err == nil && digestOf(b) != o.SHA256 {
		return nil, nil
	}
	return b, err
}

// write keeps a file, and no more than the newest ones.
func (c indexCache) write(o Object, b []byte) error {
	if c == "" {
		return nil
	}
	if err := os.MkdirAll(string(c), 0o777); err != nil {
		return err
	}
	if err := replaceFile(c.path(o), b); err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(string(c), "*.idx.gz"))
	if err != nil || len(found) <= cachedFiles {
		return err
	}
	oldest, at := "", int64(0)
	for _, name := range found {
		if fi, err := os.Stat(name); err == nil && (oldest == "" || fi.ModTime().UnixNano() < at) {
			oldest, at = name, fi.ModTime().UnixNano()
		}
	}
	if err := os.Remove(oldest); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
