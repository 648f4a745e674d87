package storetest_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return &storetest.Memory{} })
}

func TestMemoryFaults(t *testing.T) {
	lost := errors.New("answer lost")
	m := &storetest.Memory{
		Before: func(c storetest.Call) error {
			if c.Key == "full" {
				return store.ErrFull
			}
			return nil
		},
		After: func(c storetest.Call) error {
			if c.Op == storetest.OpCreate && c.Key == "lost" {
				return lost
			}
			return nil
		},
		Reading: func(c storetest.Call, rc io.ReadCloser) io.ReadCloser {
			if c.Offset == 0 {
				return rc
			}
			return io.NopCloser(io.LimitReader(rc, 1))
		},
	}
	if _, err := m.Create(t.Context(), "full", strings.NewReader("x")); !errors.Is(err, store.ErrFull) {
		t.Errorf("create before which the disk was full: %v", err)
	}
	if _, err := m.Create(t.Context(), "lost", strings.NewReader("abc")); !errors.Is(err, lost) {
		t.Errorf("create whose answer was lost: %v", err)
	}
	if got := strings.Join(m.Keys(), " "); got != "lost" {
		t.Errorf("keys %q, want what was created though its answer was lost, only", got)
	}
	rc, err := m.Open(t.Context(), "lost", 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(rc); string(got) != "b" {
		t.Errorf("read %q, want what Reading made of it", got)
	}
	m.Tamper("lost", func(data []byte) []byte { return append(data, '!') })
	if info, err := m.Stat(t.Context(), "lost"); err != nil || info.Size != 4 {
		t.Errorf("Stat after tampering: %+v, %v", info, err)
	}
	m.Tamper("lost", func([]byte) []byte { return nil })
	if _, err := m.Stat(t.Context(), "lost"); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("Stat of what was removed: %v", err)
	}
	if got := m.Calls()[2]; got != (storetest.Call{Op: storetest.OpOpen, Key: "lost", Offset: 1, Length: 2}) {
		t.Errorf("third call %+v", got)
	}
	m.Forget()
	if n := len(m.Calls()); n != 0 {
		t.Errorf("%d calls after Forget", n)
	}
}
