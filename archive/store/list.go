package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"
)

// List implements Store. It holds the names of one directory a level in memory, not those of the whole folder.
func (f *Folder) List(ctx context.Context, prefix, after string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		w := walk{f: f, ctx: ctx, prefix: prefix, after: after, yield: yield}
		// The deepest directory that holds every key with this prefix.
		dir := prefix[:strings.LastIndexByte(prefix, '/')+1]
		if dir != "" && f.checkKey(strings.TrimSuffix(dir, "/")) != nil {
			return // no key begins like this
		}
		w.dir(dir)
	}
}

type walk struct {
	f             *Folder
	ctx           context.Context
	prefix, after string
	yield         func(Info, error) bool
}

// dir yields what is below dir ("" or ending in a slash) and reports whether to go on.
func (w *walk) dir(dir string) bool {
	entries, err := w.entries(dir)
	if err != nil {
		w.yield(Info{}, fmt.Errorf("list %s: %w", w.f.path(dir), err))
		return false
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			w.yield(Info{}, fmt.Errorf("list %s: %w", w.f.path(dir), err))
			return false
		}
		if !w.entry(dir, e) {
			return false
		}
	}
	return true
}

func (w *walk) entry(dir string, e entry) bool {
	key := dir + e.name
	switch {
	case key == incoming+"/":
		return true
	case e.IsDir():
		// Every key in it begins with key.
		outside := !strings.HasPrefix(key, w.prefix) && !strings.HasPrefix(w.prefix, key)
		before := w.after > key && !strings.HasPrefix(w.after, key)
		return outside || before || w.dir(key)
	case !e.Type().IsRegular() || !strings.HasPrefix(key, w.prefix) || key <= w.after:
		return true
	}
	fi, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return true // removed by hand since the directory was read
	}
	if err != nil {
		w.yield(Info{}, fmt.Errorf("list %s: %w", key, readError(w.f.path(key), err)))
		return false
	}
	return w.yield(Info{Key: key, Size: fi.Size(), Modified: fi.ModTime()}, nil)
}

// entry is a directory entry under the name that it sorts by: directories end in a slash, as their keys go on with one ("a-b" < "a/b").
type entry struct {
	fs.DirEntry
	name string
}

func (w *walk) entries(dir string) ([]entry, error) {
	d, err := w.f.root.Open(filepath.FromSlash(cmp.Or(strings.TrimSuffix(dir, "/"), ".")))
	if err != nil {
		err = readError(w.f.path(dir), err)
		if errors.Is(err, ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	defer d.Close() // read only
	listed, err := d.ReadDir(-1)
	if errors.Is(readError("", err), ErrNotExist) {
		return nil, nil // a file, not a directory: no key is below it
	}
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(listed))
	for i, e := range listed {
		entries[i] = entry{e, e.Name()}
		if e.IsDir() {
			entries[i].name += "/"
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return entries, nil
}
