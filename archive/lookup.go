package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"time"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// Found is an index row and its run.
type Found struct {
	RunID string
	Row   index.Row
}

// Lookup yields the captures of one URL in all committed runs: newest run first (by the second in which it began), within a run in time order. It costs the newest log entry and the merged
// index that it names, both of which are remembered, and a block of each of its levels, of which there are at most two. Where the merged index is damaged or
// does not tell of all runs, these are read one by one; one that cannot be read is yielded as an error, and the iteration goes on with the next.
//
// Rows are found by their SURT, so http and https, with and without www, are one address; Row.URL tells which it was.
func (a *Archive) Lookup(ctx context.Context, url string) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		key, err := index.SURT(url)
		if err != nil {
			yield(Found{}, fmt.Errorf("looking up %s: %w", url, err))
			return
		}
		a.lookup(ctx, key)(yield)
	}
}

// lookupIn yields the rows of one key in one run.
func (a *Archive) lookupIn(ctx context.Context, runID, key string) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		r, err := a.indexOf(ctx, runID)
		if err != nil {
			yield(Found{}, err)
			return
		}
		for row, err := range r.Lookup(ctx, key) {
			if err != nil {
				err = fmt.Errorf("index of run %s: %w", runID, lost(err))
			}
			if !yield(Found{RunID: runID, Row: row}, err) {
				return
			}
		}
	}
}

// indexOf gives the reader of a run's index; a committed index never changes.
func (a *Archive) indexOf(ctx context.Context, runID string) (*index.Reader, error) {
	a.mu.Lock()
	known, ok := a.readers.Get(runID)
	a.mu.Unlock()
	if ok {
		return known.(*index.Reader), nil
	}
	r, err := index.NewReader(ctx, runFiles{a, runID}, cdxName, idxName)
	if err != nil {
		return nil, fmt.Errorf("index of run %s: %w", runID, lost(err))
	}
	a.mu.Lock()
	a.readers.Add(runID, r)
	a.mu.Unlock()
	return r, nil
}

// runFiles lets package index read one run's files.
type runFiles struct {
	archive *Archive
	runID   string
}

func (f runFiles) Range(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	return f.archive.store.Open(ctx, ObjectKey(f.runID, name), offset, length)
}

// Closest gives the capture of a URL that is nearest to at, or the newest when at is zero. Of those of one second it prefers one that is not
// a redirect (an address often redirects to itself with https or www, under the same key), then the URL as it is written. The error wraps
// ErrNotArchived when there is none. A run that cannot be read is an error too: it might hold a nearer one.
func (a *Archive) Closest(ctx context.Context, url string, at time.Time) (Found, error) {
	var best Found
	var bestRank rank
	found := false
	for f, err := range a.Lookup(ctx, url) {
		if err != nil {
			return Found{}, fmt.Errorf("looking up %s: %w", url, err)
		}
		if r := rankOf(f.Row, url, at); !found || r.before(bestRank) {
			best, bestRank, found = f, r, true
		}
	}
	if !found {
		return Found{}, fmt.Errorf("%w: %s", ErrNotArchived, url)
	}
	return best, nil
}

// rank orders captures of one key by how well they answer a question for a URL at a time.
type rank struct {
	away     time.Duration
	redirect bool
	other    bool // another spelling of the address
}

func rankOf(row index.Row, url string, at time.Time) rank {
	r := rank{redirect: row.Status >= 300 && row.Status < 400, other: row.URL != url}
	t := row.Timestamp.Time()
	if at.IsZero() { // as far as possible from the beginning of time
		r.away = -time.Duration(t.Unix())
		return r
	}
	// To the second, as that is all that an index row tells.
	r.away = t.Sub(at.UTC().Truncate(time.Second)).Abs()
	return r
}

func (r rank) before(o rank) bool {
	switch {
	case r.away != o.away:
		return r.away < o.away
	case r.redirect != o.redirect:
		return o.redirect
	}
	return !r.other && o.other
}

// Read opens one record of a committed run by its place, with one ranged read. Close the result when the record's block has been read. A
// file that is not there, or too short, is ErrFixity.
func (a *Archive) Read(ctx context.Context, runID, file string, offset, length int64) (*warc.Record, io.Closer, error) {
	key := ObjectKey(runID, path.Join(dataDir, file))
	where := fmt.Sprintf("record at %d+%d of %s", offset, length, key)
	if !runIDForm.MatchString(runID) || file == "" || path.Base(file) != file {
		return nil, nil, fmt.Errorf("%s: %w", where, ErrNotArchived)
	}
	rc, err := a.store.Open(ctx, key, offset, length)
	if err != nil {
		return nil, nil, lost(fmt.Errorf("reading the %s: %w", where, err))
	}
	rec, err := warc.ReadRange(rc, offset, length)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%w: reading the %s: %w", ErrFixity, where, err), rc.Close())
	}
	return rec, rc, nil
}

// Resolve follows a revisit record, as Read gave it, to the record that holds its payload: by the URL and date that it refers to and by its
// payload digest, first in the run that it stands in, then in all others. Its block is not read. The error wraps ErrNotArchived when no
// committed run holds the payload.
func (a *Archive) Resolve(ctx context.Context, runID string, revisit *warc.Record) (Found, error) {
	if revisit.Type != warc.Revisit {
		return Found{}, fmt.Errorf("record %s of %s is a %s record, no revisit", revisit.ID, revisit.TargetURI, revisit.Type)
	}
	ref, err := referenceOf(revisit)
	if err != nil {
		return Found{}, fmt.Errorf("resolving the revisit %s of %s: %w", revisit.ID, revisit.TargetURI, err)
	}
	f, ok, err := ref.search(a.lookupIn(ctx, runID, ref.key))
	if !ok && err == nil {
		f, ok, err = ref.search(a.Lookup(ctx, ref.url))
	}
	switch {
	case err != nil:
		return Found{}, fmt.Errorf("resolving the revisit %s of %s: %w", revisit.ID, revisit.TargetURI, err)
	case !ok:
		return Found{}, fmt.Errorf("%w: the revisit %s of %s refers to %s of %s, and no run holds it with payload %s",
			ErrNotArchived, revisit.ID, revisit.TargetURI, ref.url, ref.at, ref.digest)
	}
	return f, nil
}

// reference is what a revisit record says of the record that it refers to.
type reference struct {
	url    string
	key    string
	at     index.Timestamp
	digest warc.Digest // of the payload; zero for server-not-modified without one

	record string // its id, where it is known
	from   string // for Verify: the object and offset where the revisit stands
	offset int64
}

func referenceOf(revisit *warc.Record) (reference, error) {
	ref := reference{url: unbracket(revisit.Get("WARC-Refers-To-Target-URI")), record: unbracket(revisit.Get("WARC-Refers-To"))}
	if ref.url == "" { // WARC 1.0 had no such field: the original has the same URL
		ref.url = revisit.TargetURI
	}
	var err error
	if ref.key, err = index.SURT(ref.url); err != nil {
		return reference{}, err
	}
	if date := revisit.Get("WARC-Refers-To-Date"); date != "" {
		if ref.at, err = index.ParseTimestamp(date); err != nil {
			return reference{}, err
		}
	}
	if digest := revisit.Get("WARC-Payload-Digest"); digest != "" {
		if ref.digest, err = warc.ParseDigest(digest); err != nil {
			return reference{}, err
		}
	}
	if ref.digest.IsZero() && ref.at == "" {
		return reference{}, errors.New("it names neither date nor digest of what it refers to")
	}
	return ref, nil
}

// search gives the row that is referred to: one with the payload, and of these one of the very second if there is one.
func (ref reference) search(rows iter.Seq2[Found, error]) (best Found, ok bool, err error) {
	for f, err := range rows {
		if err != nil {
			return Found{}, false, err
		}
		exact := f.Row.URL == ref.url && f.Row.Timestamp == ref.at
		switch {
		case f.Row.MIME == revisitMIME || !ref.holds(f.Row, exact):
		case exact:
			return f, true, nil
		case !ok:
			best, ok = f, true
		}
	}
	return best, ok, nil
}

// holds reports whether a row's record has the payload. Without a digest only the exact record will do.
func (ref reference) holds(row index.Row, exact bool) bool {
	if ref.digest.IsZero() {
		return exact
	}
	return row.Digest == ref.digest || row.SHA256 == ref.digest
}
