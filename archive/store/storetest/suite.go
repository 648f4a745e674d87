// Package storetest holds the tests that every store.Store must pass, and a Store in memory that other packages test with.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"tearsheet/archive/store"
)

// Run runs the conformance suite. open gives a new, empty store for each test; it registers its own clean-up.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, store.Store)
	}{
		{"what was created is read back whole", testRoundTrip},
		{"of sixteen creators of one key exactly one wins and its bytes stay", testRace},
		{"a taken key is left as it is", testTaken},
		{"ranges give exactly the bytes that were asked for", testRanges},
		{"a range that the object does not have is an unexpected end", testShortRanges},
		{"a list is in byte order of whole keys", testListOrder},
		{"a list goes on after any key", testListAfter},
		{"a list of a prefix takes the prefix literally", testListPrefix},
		{"keys with percent signs, spaces and bytes from 0x80 are kept as they are", testOddKeys},
		{"keys that are none are refused by every method", testInvalidKeys},
		{"what is not there is ErrNotExist", testMissing},
		{"a cancelled context stops every method", testCancelled},
		{"a body that fails in the middle stores nothing", testBrokenBody},
		{"a listing beside creators sees whole objects only", testListWhileCreating},
		{"a batch stores all of its objects", testBatch},
		{"a batch with a broken body stores whole objects only", testBrokenBatch},
		{"an adopted file is read back and stays", testAdopt},
		{"a removed object is gone, and no other", testRemove},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

func body(s string) store.Body { return strings.NewReader(s) }

func create(t *testing.T, s store.Store, key, content string) {
	t.Helper()
	info, err := s.Create(t.Context(), key, body(content))
	if err != nil {
		t.Fatalf("Create(%q): %v", key, err)
	}
	if info.Key != key || info.Size != int64(len(content)) {
		t.Errorf("Create(%q) = %+v, want this key and %d bytes", key, info, len(content))
	}
}

func read(t *testing.T, s store.Store, key string, offset, length int64) (string, error) {
	t.Helper()
	rc, err := s.Open(t.Context(), key, offset, length)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(rc)
	if err := rc.Close(); err != nil {
		t.Errorf("Close of %q: %v", key, err)
	}
	return string(data), err
}

func wantContent(t *testing.T, s store.Store, key, want string) {
	t.Helper()
	got, err := read(t, s, key, 0, -1)
	if err != nil {
		t.Errorf("read %q: %v", key, err)
	} else if got != want {
		t.Errorf("%q holds %d bytes %.40q, want %d bytes %.40q", key, len(got), got, len(want), want)
	}
}

func list(t *testing.T, s store.Store, prefix, after string) []string {
	t.Helper()
	keys := []string{}
	for info, err := range s.List(t.Context(), prefix, after) {
		if err != nil {
			t.Fatalf("List(%q, %q): %v", prefix, after, err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

func wantKeys(t *testing.T, got []string, want ...string) {
	t.Helper()
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("listed %q\n  want %q", got, want)
	}
}

func testRoundTrip(t *testing.T, s store.Store) {
	big := strings.Repeat("0123456789abcdef", 70_000) // more than one buffer
	for key, content := range map[string]string{"empty": "", "runs/1/archive/a.warc.gz": big, "log/9": "\x00\xff\r\n"} {
		create(t, s, key, content)
		wantContent(t, s, key, content)
		info, err := s.Stat(t.Context(), key)
		if err != nil || info.Key != key || info.Size != int64(len(content)) {
			t.Errorf("Stat(%q) = %+v, %v, want %d bytes", key, info, err, len(content))
		}
	}
	if s.String() == "" {
		t.Error("the store has no name for people")
	}
}

func testRace(t *testing.T, s store.Store) {
	const creators = 16
	start := make(chan struct{})
	errs := make([]error, creators)
	content := func(i int) string { return strings.Repeat(string(rune('a'+i)), 10_000+i) }
	var wg sync.WaitGroup
	for i := range creators {
		wg.Go(func() {
			<-start
			_, errs[i] = s.Create(context.Background(), "log/9999999998.json", body(content(i)))
		})
	}
	close(start)
	wg.Wait()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Errorf("creators %d and %d both won", winner, i)
		case err == nil:
			winner = i
		case !errors.Is(err, store.ErrExist):
			t.Errorf("creator %d: %v, want ErrExist", i, err)
		}
	}
	if winner < 0 {
		t.Fatal("nobody won")
	}
	wantContent(t, s, "log/9999999998.json", content(winner))
	wantKeys(t, list(t, s, "", ""), "log/9999999998.json")
}

func testTaken(t *testing.T, s store.Store) {
	create(t, s, "a/b", "first")
	_, err := s.Create(t.Context(), "a/b", body("second, longer"))
	if !errors.Is(err, store.ErrExist) || !strings.Contains(err.Error(), "a/b") {
		t.Errorf("second Create: %v, want ErrExist with the key", err)
	}
	wantContent(t, s, "a/b", "first")
}

func testRanges(t *testing.T, s store.Store) {
	create(t, s, "o", "0123456789")
	for _, r := range []struct {
		offset, length int64
		want           string
	}{
		{0, -1, "0123456789"}, {0, 3, "012"}, {4, 3, "456"}, {7, 3, "789"}, {7, -1, "789"}, {0, 10, "0123456789"},
		{9, 1, "9"}, {0, 0, ""}, {5, 0, ""}, {10, 0, ""}, {10, -1, ""},
	} {
		got, err := read(t, s, "o", r.offset, r.length)
		if err != nil || got != r.want {
			t.Errorf("Open(%d, %d) gives %q, %v, want %q", r.offset, r.length, got, err, r.want)
		}
	}
	if _, err := read(t, s, "o", -1, 2); err == nil {
		t.Error("a negative offset is taken")
	}
}

func testShortRanges(t *testing.T, s store.Store) {
	create(t, s, "o", "0123456789")
	for _, r := range []struct {
		offset, length int64
		want           string
	}{{8, 3, "89"}, {0, 11, "0123456789"}, {10, 1, ""}, {11, 1, ""}, {11, -1, ""}, {1 << 40, 5, ""}} {
		got, err := read(t, s, "o", r.offset, r.length)
		if !errors.Is(err, io.ErrUnexpectedEOF) || got != r.want {
			t.Errorf("Open(%d, %d) gives %q, %v, want %q and io.ErrUnexpectedEOF", r.offset, r.length, got, err, r.want)
		}
	}
}

// Keys of which the order by path differs from the order by bytes.
var tricky = []string{"a!", "a-b", "a.b/x", "a/b", "a/b!", "a/b-c/d", "a/b0", "a/c/d/e", "a/é", "a0", "b"}

func testListOrder(t *testing.T, s store.Store) {
	for i := range tricky {
		create(t, s, tricky[(i*7)%len(tricky)], "x")
	}
	wantKeys(t, list(t, s, "", ""), tricky...)
	for info, err := range s.List(t.Context(), "", "") {
		if err != nil || info.Size != 1 {
			t.Errorf("listed %+v, %v, want 1 byte", info, err)
		}
		break // stopping early must be safe
	}
}

func testListAfter(t *testing.T, s store.Store) {
	for _, key := range tricky {
		create(t, s, key, "x")
	}
	for i, key := range tricky {
		wantKeys(t, list(t, s, "", key), tricky[i+1:]...)
	}
	wantKeys(t, list(t, s, "", "a/"), tricky[3:]...)
	wantKeys(t, list(t, s, "", "a/b-"), tricky[5:]...)
	wantKeys(t, list(t, s, "", "zzz"))
	wantKeys(t, list(t, s, "a/", "a/b0"), "a/c/d/e", "a/é")
	wantKeys(t, list(t, s, "a/", "Z"), tricky[3:9]...)
	wantKeys(t, list(t, s, "a/", "b"))
}

func testListPrefix(t *testing.T, s store.Store) {
	for _, key := range tricky {
		create(t, s, key, "x")
	}
	wantKeys(t, list(t, s, "a/b", ""), "a/b", "a/b!", "a/b-c/d", "a/b0")
	wantKeys(t, list(t, s, "a/b-c/", ""), "a/b-c/d")
	wantKeys(t, list(t, s, "a/b-c/d", ""), "a/b-c/d")
	wantKeys(t, list(t, s, "a/b/", ""))
	wantKeys(t, list(t, s, "nothing/here/", ""))
	wantKeys(t, list(t, s, "../", ""))
	wantKeys(t, list(t, s, "/", ""))
}

func testOddKeys(t *testing.T, s store.Store) {
	keys := []string{"a b/%2F%", "a b/?x=1&y#z", "a b/\\", "a b/…", "a b/日本/é.warc", "a b/\U0001F4F0"}
	for _, key := range keys {
		create(t, s, key, key)
	}
	wantKeys(t, list(t, s, "a b/", ""), keys...)
	for _, key := range keys {
		wantContent(t, s, key, key)
	}
}

func testInvalidKeys(t *testing.T, s store.Store) {
	outside := filepath.Join(t.TempDir(), "outside")
	for _, key := range []string{"", ".", "..", "/", "/etc/x", "a/../b", "../x", "a//b", "a/", "./a", "a/./b", "a\x00b", "a\nb", "\x80", "a/..", outside,
		strings.Repeat("k", store.MaxKey+1)} {
		_, createErr := s.Create(t.Context(), key, body("x"))
		_, openErr := s.Open(t.Context(), key, 0, -1)
		_, statErr := s.Stat(t.Context(), key)
		for method, err := range map[string]error{"Create": createErr, "Open": openErr, "Stat": statErr} {
			if !errors.Is(err, store.ErrInvalidKey) {
				t.Errorf("%s(%.40q): %v, want ErrInvalidKey", method, key, err)
			}
		}
	}
	wantKeys(t, list(t, s, "", ""))
}

func testMissing(t *testing.T, s store.Store) {
	create(t, s, "a/b", "x")
	for _, key := range []string{"b", "a", "a/c", "a/b/c", "x/y/z"} {
		_, openErr := s.Open(t.Context(), key, 0, -1)
		_, statErr := s.Stat(t.Context(), key)
		for method, err := range map[string]error{"Open": openErr, "Stat": statErr} {
			if !errors.Is(err, store.ErrNotExist) || !strings.Contains(err.Error(), key) {
				t.Errorf("%s(%q): %v, want ErrNotExist with the key", method, key, err)
			}
		}
	}
}

func testCancelled(t *testing.T, s store.Store) {
	create(t, s, "a", "0123456789")
	ctx, cancel := context.WithCancel(t.Context())
	rc, err := s.Open(ctx, "a", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	cancel()
	_, readErr := io.ReadAll(rc)
	_, createErr := s.Create(ctx, "b", body("x"))
	_, openErr := s.Open(ctx, "a", 0, -1)
	_, statErr := s.Stat(ctx, "a")
	var listErr error
	for _, err := range s.List(ctx, "", "") {
		listErr = err
	}
	for method, err := range map[string]error{"Read": readErr, "Create": createErr, "Open": openErr, "Stat": statErr, "List": listErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", method, err)
		}
	}
	wantKeys(t, list(t, s, "", ""), "a")
}

// broken is a body that fails at a given byte.
type broken struct {
	at  int64
	err error
}

func (b broken) Size() int64 { return 1 << 20 }

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) <= b.at {
		return len(p), nil
	}
	return int(max(0, b.at-off)), b.err
}

func testBrokenBody(t *testing.T, s store.Store) {
	for _, b := range []struct {
		name string
		body broken
		want error
	}{
		{"at once", broken{0, iotest.ErrTimeout}, iotest.ErrTimeout},
		{"in the middle", broken{600_000, iotest.ErrTimeout}, iotest.ErrTimeout},
		{"shorter than it says", broken{600_000, io.EOF}, io.ErrUnexpectedEOF},
	} {
		_, err := s.Create(t.Context(), "runs/1/x", b.body)
		if !errors.Is(err, b.want) || !strings.Contains(err.Error(), "runs/1/x") {
			t.Errorf("body that fails %s: %v, want %v with the key", b.name, err, b.want)
		}
		wantKeys(t, list(t, s, "", ""))
	}
	create(t, s, "runs/1/x", "the key is still free")
}

func testListWhileCreating(t *testing.T, s store.Store) {
	const objects = 60
	content := strings.Repeat("x", 5000)
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for i := range objects {
				if _, err := s.Create(context.Background(), fmt.Sprintf("d%d/%03d", i%5, i*2+w), body(content)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		last := ""
		for info, err := range s.List(t.Context(), "d", "") {
			if err != nil {
				t.Fatal(err)
			}
			if info.Size != int64(len(content)) || info.Key <= last {
				t.Fatalf("listed %+v after %q", info, last)
			}
			last = info.Key
		}
	}
	if got := len(list(t, s, "", "")); got != 2*objects {
		t.Errorf("%d objects in the end, want %d", got, 2*objects)
	}
}

func testBatch(t *testing.T, s store.Store) {
	b, ok := s.(store.Batcher)
	if !ok {
		t.Skip("this store has no CreateAll")
	}
	file := tempFile(t, "warc bytes")
	infos, err := b.CreateAll(t.Context(), []store.Item{
		{Key: "runs/1/archive/a.warc.gz", Path: file},
		{Key: "runs/1/indexes/index.idx", Body: body("idx")},
		{Key: "runs/1/datapackage.json", Body: bytes.NewReader([]byte("{}"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []store.Info{{Key: "runs/1/archive/a.warc.gz", Size: 10}, {Key: "runs/1/indexes/index.idx", Size: 3}, {Key: "runs/1/datapackage.json", Size: 2}} {
		if infos[i].Key != want.Key || infos[i].Size != want.Size {
			t.Errorf("infos[%d] = %+v, want %+v", i, infos[i], want)
		}
	}
	wantContent(t, s, "runs/1/archive/a.warc.gz", "warc bytes")
	wantContent(t, s, "runs/1/indexes/index.idx", "idx")
	wantContent(t, s, "runs/1/datapackage.json", "{}")
	_, err = b.CreateAll(t.Context(), []store.Item{{Key: "new", Body: body("x")}, {Key: "runs/1/datapackage.json", Body: body("other")}})
	if !errors.Is(err, store.ErrExist) {
		t.Errorf("batch with a taken key: %v, want ErrExist", err)
	}
	wantContent(t, s, "runs/1/datapackage.json", "{}")
}

func testBrokenBatch(t *testing.T, s store.Store) {
	b, ok := s.(store.Batcher)
	if !ok {
		t.Skip("this store has no CreateAll")
	}
	_, err := b.CreateAll(t.Context(), []store.Item{{Key: "a", Body: body("whole")}, {Key: "b", Body: broken{600_000, iotest.ErrTimeout}}})
	if !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("batch with a broken body: %v, want its error", err)
	}
	for _, key := range list(t, s, "", "") {
		if key != "a" {
			t.Errorf("%q was stored", key)
		}
		wantContent(t, s, key, "whole")
	}
}

func testAdopt(t *testing.T, s store.Store) {
	a, ok := s.(store.Adopter)
	if !ok {
		t.Skip("this store has no Adopt")
	}
	file := tempFile(t, "finished")
	info, err := a.Adopt(t.Context(), "runs/1/x", file)
	if err != nil || info.Key != "runs/1/x" || info.Size != 8 {
		t.Fatalf("Adopt = %+v, %v", info, err)
	}
	wantContent(t, s, "runs/1/x", "finished")
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the adopted file is gone: %v", err)
	}
	if _, err := a.Adopt(t.Context(), "runs/1/x", tempFile(t, "another")); !errors.Is(err, store.ErrExist) {
		t.Errorf("second Adopt: %v, want ErrExist", err)
	}
	wantContent(t, s, "runs/1/x", "finished")
	if _, err := a.Adopt(t.Context(), "../x", file); !errors.Is(err, store.ErrInvalidKey) {
		t.Errorf("Adopt under ../x: %v, want ErrInvalidKey", err)
	}
	if _, err := a.Adopt(t.Context(), "y", file+"-missing"); err == nil {
		t.Error("a missing file was adopted")
	}
	wantKeys(t, list(t, s, "", ""), "runs/1/x")
}

func tempFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "finished.warc.gz")
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}
