package store_test

import (
	"testing"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
)

func TestFolder(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		f, err := store.OpenFolder(t.TempDir(), true)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
		return f
	})
}
