package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tearsheet/archive/index"
	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
)

// vault is a store in memory as a bucket with versions and locks is one. What Tamper does to it is a disk that rots: nothing but the bytes
// changes. The other methods are what people do.
type vault struct {
	*storetest.Memory
	lock store.Facts // of new objects

	mu      sync.Mutex
	clock   time.Time
	facts   map[string]store.Facts
	past    map[string][]store.Version // newest first, without the version that is shown
	started []store.Upload
	refuse  map[string]error // keys that Remove does not let go
	removed []string
}

var (
	_ store.Versioned  = (*vault)(nil)
	_ store.Remover    = (*vault)(nil)
	_ store.Unfinished = (*vault)(nil)
)

func newVault(lock store.Facts) *vault {
	v := &vault{Memory: new(storetest.Memory), lock: lock, clock: noon, facts: map[string]store.Facts{}, past: map[string][]store.Version{}, refuse: map[string]error{}}
	v.Now = func() time.Time {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.clock = v.clock.Add(time.Second) // every object has its own
		return v.clock
	}
	return v
}

func (v *vault) Create(ctx context.Context, key string, body store.Body) (store.Info, error) {
	info, err := v.Memory.Create(ctx, key, body)
	if err == nil {
		b := make([]byte, body.Size())
		if _, err := body.ReadAt(b, 0); err != nil && int64(len(b)) != body.Size() {
			return store.Info{}, err
		}
		v.note(key, b)
	}
	return info, err
}

func (v *vault) note(key string, b []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f := v.lock
	sum := sha256.Sum256(b)
	f.Checksum = store.Checksum{Algorithm: "SHA256", Type: "COMPOSITE", Value: base64.StdEncoding.EncodeToString(sum[:]) + "-1"}
	f.VersionID = fmt.Sprintf("v%d", len(v.facts)+100*len(v.past[key]))
	v.facts[key] = f
}

func (v *vault) Stat(ctx context.Context, key string) (store.Info, error) {
	info, err := v.Memory.Stat(ctx, key)
	if err == nil {
		v.mu.Lock()
		defer v.mu.Unlock()
		f := v.facts[key]
		info.Facts = &f
	}
	return info, err
}

func (v *vault) Versions(ctx context.Context, prefix string) iter.Seq2[store.Version, error] {
	return func(yield func(store.Version, error) bool) {
		shown := map[string]store.Info{}
		for info, err := range v.Memory.List(ctx, prefix, "") {
			if err != nil {
				yield(store.Version{}, err)
				return
			}
			shown[info.Key] = info
		}
		v.mu.Lock()
		keys := slices.Collect(func(yield func(string) bool) {
			for key := range shown {
				yield(key)
			}
			for key := range v.past {
				if _, ok := shown[key]; !ok && strings.HasPrefix(key, prefix) {
					yield(key)
				}
			}
		})
		slices.Sort(keys)
		var all []store.Version
		for _, key := range keys {
			if info, ok := shown[key]; ok {
				info.Facts = &store.Facts{VersionID: v.facts[key].VersionID}
				all = append(all, store.Version{Info: info, Latest: true})
			}
			for i, p := range v.past[key] {
				_, ok := shown[key]
				p.Latest = !ok && i == 0
				all = append(all, p)
			}
		}
		v.mu.Unlock()
		for _, version := range all {
			if !yield(version, nil) {
				return
			}
		}
	}
}

// retire makes the version that is shown one of the past, and shows nothing.
func (v *vault) retire(key string) {
	info, err := v.Stat(context.Background(), key)
	if err != nil {
		panic(err)
	}
	v.Tamper(key, func([]byte) []byte { return nil })
	v.mu.Lock()
	defer v.mu.Unlock()
	v.past[key] = slices.Insert(v.past[key], 0, store.Version{Info: info})
}

// hide sets a delete marker on an object.
func (v *vault) hide(key string) {
	v.retire(key)
	at := v.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.past[key] = slices.Insert(v.past[key], 0, store.Version{
		Info: store.Info{Key: key, Modified: at, Facts: &store.Facts{VersionID: fmt.Sprintf("m%d", len(v.past[key]))}}, Deleted: true,
	})
}

// overwrite puts other bytes in the place of an object.
func (v *vault) overwrite(t testing.TB, key string, change func([]byte) []byte) {
	b := change(read(t, v, key))
	v.retire(key)
	if _, err := v.Create(context.Background(), key, bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
}

// relock changes what locks an object has.
func (v *vault) relock(key string, change func(*store.Facts)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f := v.facts[key]
	change(&f)
	v.facts[key] = f
}

func (v *vault) Remove(_ context.Context, key string) error {
	if err := v.refuse[key]; err != nil {
		return fmt.Errorf("remove %s: %w", key, err)
	}
	v.removed = append(v.removed, key)
	v.hide(key)
	return nil
}

func (v *vault) Uploads(_ context.Context, prefix string) iter.Seq2[store.Upload, error] {
	return func(yield func(store.Upload, error) bool) {
		for _, u := range v.started {
			if strings.HasPrefix(u.Key, prefix) && !yield(u, nil) {
				return
			}
		}
	}
}

func (v *vault) Abort(_ context.Context, u store.Upload) error {
	v.started = slices.DeleteFunc(v.started, func(o store.Upload) bool { return o == u })
	v.removed = append(v.removed, "upload of "+u.Key)
	return nil
}

// reenter writes the manifest and the entry of a run anew: as the archive would be had the run been committed so.
func (v *vault) reenter(t testing.TB, e Entry, change func(*Manifest)) Entry {
	t.Helper()
	m, err := ParseManifest(read(t, v, e.Manifest.Path))
	if err != nil {
		t.Fatal(err)
	}
	change(&m)
	b, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	v.Tamper(e.Manifest.Path, func([]byte) []byte { return b })
	e.Manifest.SHA256, e.Manifest.Bytes, e.Tree = digestOf(b), int64(len(b)), nil
	entry, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	v.Tamper(logKey(e.N), func([]byte) []byte { return entry })
	return e
}

// vaulted makes an archive of one run in a vault, with what the store says of each object in its manifest.
func vaulted(t testing.TB, lock store.Facts) (*vault, Entry) {
	t.Helper()
	v := newVault(lock)
	e := committedRun(t, open(t, v))
	return v, v.reenter(t, e, func(m *Manifest) {
		for i, r := range m.Resources {
			info, err := v.Stat(t.Context(), ObjectKey(e.RunID, r.Path))
			if err != nil {
				t.Fatal(err)
			}
			m.Resources[i].Stored = info.Facts
		}
	})
}

// reindex writes the index of a run anew, and manifest and entry with it: all agrees but for what the rows say.
func (v *vault) reindex(t testing.TB, e Entry, change func(*index.Row)) {
	t.Helper()
	r, err := open(t, v).indexOf(t.Context(), e.RunID)
	if err != nil {
		t.Fatal(err)
	}
	b := index.NewBuilder(t.TempDir())
	for row, err := range r.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		change(&row)
		if err := b.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	var cdx, idx bytes.Buffer
	if _, err := b.Finish(&cdx, &idx, path.Base(cdxName)); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{cdxName: cdx.Bytes(), idxName: idx.Bytes()}
	v.reenter(t, e, func(m *Manifest) {
		for i, f := range m.Resources {
			if b, ok := files[f.Path]; ok {
				v.Tamper(ObjectKey(e.RunID, f.Path), func([]byte) []byte { return b })
				m.Resources[i].Bytes, m.Resources[i].SHA256 = int64(len(b)), digestOf(b)
			}
		}
	})
}
