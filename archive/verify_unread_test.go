package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"testing"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
)

// silent is a store that does not answer for some keys.
type silent struct {
	store.Store
	keys func(string) bool
}

func (s silent) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if s.keys(key) {
		return nil, fmt.Errorf("open %s: %w", key, store.ErrUnavailable)
	}
	return s.Store.Open(ctx, key, offset, length)
}

func TestAStoreThatDoesNotAnswerIsNoDamageAndIsNotAskedForEver(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	var entries []Entry
	for range 2 * patience {
		entries = append(entries, committedRun(t, a))
	}
	warc := firstWARC(t, st, entries[3])
	one := silent{st, func(key string) bool { return key == warc }}
	report, err := open(t, one).Verify(t.Context())
	if !errors.Is(err, store.ErrUnavailable) || len(report.Problems) > 0 || len(report.Unread) != 1 || report.Runs != len(entries) {
		t.Errorf("one object: %v %+v", err, report)
	}
	all := silent{st, func(key string) bool { return strings.HasPrefix(key, runsPrefix) }}
	report, err = open(t, all).Verify(t.Context())
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "giving up") || len(report.Problems) > 0 {
		t.Errorf("all objects: %v %+v", err, report)
	}
}

// broken is a store whose answers break off after some bytes.
type broken struct {
	store.Store
	key string
	at  int64
}

func (b broken) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	rc, err := b.Store.Open(ctx, key, offset, length)
	if err != nil || key != b.key {
		return rc, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(rc, b.at), errorReader{}), rc}, nil
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, store.ErrUnavailable }

func TestAnAnswerThatBreaksOffIsNoDamage(t *testing.T) {
	st := new(storetest.Memory)
	committedRun(t, open(t, st))
	for _, key := range provenKeys(st) {
		if strings.HasPrefix(key, logPrefix) {
			continue // Open itself fails
		}
		t.Run(key[strings.LastIndexByte(key, '/')+1:], func(t *testing.T) {
			size := int64(len(read(t, st, key)))
			for _, at := range []int64{0, size / 2, size - 1} {
				report, err := open(t, broken{st, key, at}).Verify(t.Context())
				if !errors.Is(err, store.ErrUnavailable) || len(report.Problems) > 0 || len(report.Unread) == 0 {
					t.Errorf("after %d bytes of %d: %v %+v", at, size, err, report)
				}
			}
		})
	}
}

// blind is a bucket whose versions may not be listed.
type blind struct{ *vault }

func (b blind) Versions(context.Context, string) iter.Seq2[store.Version, error] {
	return func(yield func(store.Version, error) bool) { yield(store.Version{}, fs.ErrPermission) }
}

func TestVersionsThatMayNotBeSeenAreToldAndTheRestIsChecked(t *testing.T) {
	st, e := vaulted(t, store.Facts{})
	key := firstWARC(t, st, e)
	st.Tamper(key, flip(0.5))
	report, err := open(t, blind{st}).Verify(t.Context())
	if !errors.Is(err, fs.ErrPermission) || !found(report, key, "") || len(report.Unread) != 3 || report.Checkpoint != nil {
		t.Errorf("%v %+v", err, report)
	}
	st.overwrite(t, key, func(b []byte) []byte { return b })
	if report, _ := open(t, blind{st}).Verify(t.Context(), AtLevel(LevelStated)); !found(report, key, "another version than the one that was committed") {
		t.Errorf("the object itself tells its version: %+v", report.Problems)
	}
}
