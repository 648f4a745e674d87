package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/golang/groupcache/lru"

	"tearsheet/archive/store"
)

var (
	// ErrNotArchived says that no committed run holds what was asked for.
	ErrNotArchived = errors.New("not in the archive")
	// ErrNewerFormat says that a log entry or manifest was written by a newer program; nothing is guessed from it.
	ErrNewerFormat = errors.New("the archive is of a newer format than this program knows")
	// ErrFixity says that digests, sizes or the chain of the log do not hold.
	ErrFixity = errors.New("fixity failure")
	// ErrUpload says that a finished run could not be stored. It is whole in the work folder, and Recover tries again.
	ErrUpload = errors.New("the run could not be stored")
)

// Options of an Archive. All are optional for reading; Begin and Recover need Work.
type Options struct {
	Work     string           // local folder in which runs are written before they are committed
	Software string           // names the program in warcinfo records and manifests
	Now      func() time.Time // the clock; nil for time.Now
	Keep     KeepLocal        // what stays in Work of runs that are committed to a store far away
	Cache    string           // local folder in which small files of a store far away are kept; only a cache, "" for none
	Signing  Signing
	Log      *slog.Logger // nil discards
}

// Archive is the archive in one store. It is safe for concurrent use, also by several processes.
type Archive struct {
	store    store.Store
	work     workspace
	software string
	now      func() time.Time
	keep     KeepLocal
	log      *slog.Logger
	cache    indexCache
	signing  Signing

	mu      sync.Mutex // guards the caches of what never changes once it is committed
	entries *lru.Cache // log key -> logged
	readers *lru.Cache // run id -> *index.Reader
	indexes *lru.Cache // digest -> *index.Merged
}

const (
	cachedEntries = 16384 // some 600 bytes each, 1 KB with a signature, 7 KB with a time stamp
	cachedIndexes = 4     // each some 0.5 MB for a million rows
	cachedReaders = 128   // each holds one run's idx: about 0.4 MB for a million rows, 1 KB for a small run
)

// Open reads the newest log entry to learn the format, and nothing else; it creates nothing. An empty store is an empty archive. The error
// wraps ErrNewerFormat for an archive that a newer program wrote to, and store.ErrNotExist when there is no such place. An archive whose
// newest entry is damaged can be opened, so that Verify can tell; nothing can be committed to it.
func Open(ctx context.Context, st store.Store, o Options) (*Archive, error) {
	a := &Archive{
		store:    st,
		work:     workspace(o.Work),
		software: o.Software,
		now:      o.Now,
		keep:     o.Keep,
		log:      o.Log,
		entries:  lru.New(cachedEntries),
		cache:    indexCache(o.Cache),
		signing:  o.Signing,
		readers:  lru.New(cachedReaders),
		indexes:  lru.New(cachedIndexes),
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	_, _, err := a.newest(ctx)
	switch {
	case errors.Is(err, store.ErrNotExist) || errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no archive at %s: name an existing one with --archive, or make one with capture or run: %w", st, err)
	case err != nil && !errors.Is(err, ErrFixity):
		return nil, err
	}
	return a, nil
}

// Exists reports whether anything was ever stored: an entry of the log, or the files of a run. A place without either is no archive, or an
// empty one.
func (a *Archive) Exists(ctx context.Context) (bool, error) {
	for _, prefix := range []string{logPrefix, runsPrefix} {
		for _, err := range a.store.List(ctx, prefix, "") {
			if err != nil {
				return false, fmt.Errorf("listing %s: %w", a.store, err)
			}
			return true, nil
		}
	}
	return false, nil
}

// Store gives the store that the archive stands in.
func (a *Archive) Store() store.Store { return a.store }
