package storetest

import (
	"context"
	"errors"
	"testing"

	"tearsheet/archive/store"
)

// OpRemove is Remove of a store.Remover.
const OpRemove Op = "remove"

var _ store.Remover = (*Memory)(nil)

// Remove implements store.Remover.
func (m *Memory) Remove(ctx context.Context, key string) error {
	c := Call{Op: OpRemove, Key: key}
	if err := m.begin(ctx, c); err != nil {
		return err
	}
	m.mu.Lock()
	delete(m.objects, key)
	m.mu.Unlock()
	return m.end(c, nil)
}

func testRemove(t *testing.T, s store.Store) {
	r, ok := s.(store.Remover)
	if !ok {
		t.Skip("nothing can be removed from this store")
	}
	for _, key := range []string{"runs/a/1", "runs/a/2", "runs/b"} {
		create(t, s, key, key)
	}
	for range 2 { // what is not there is no error
		if err := r.Remove(t.Context(), "runs/a/1"); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"runs/a", "runs", "runs/b/c", "elsewhere/x"} { // no objects, although some may be folders or files
		if err := r.Remove(t.Context(), key); err != nil {
			t.Errorf("Remove(%q): %v", key, err)
		}
	}
	wantKeys(t, list(t, s, "", ""), "runs/a/2", "runs/b")
	if _, err := s.Stat(t.Context(), "runs/a/1"); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("Stat of what was removed: %v", err)
	}
	if _, err := s.Open(t.Context(), "runs/a/1", 0, -1); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("Open of what was removed: %v", err)
	}
	// The name is free again, unless the store keeps a mark of what was deleted and takes it for an object.
	_, err := s.Create(t.Context(), "runs/a/1", body("anew"))
	if _, versions := s.(store.Versioned); !versions || !errors.Is(err, store.ErrExist) {
		if err != nil {
			t.Errorf("Create of what was removed: %v", err)
		}
		wantContent(t, s, "runs/a/1", "anew")
	}
	if err := r.Remove(t.Context(), "../x"); !errors.Is(err, store.ErrInvalidKey) {
		t.Errorf("Remove of no key: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Remove(ctx, "runs/b"); !errors.Is(err, context.Canceled) {
		t.Errorf("Remove after the end: %v", err)
	}
	wantContent(t, s, "runs/b", "runs/b")
}
