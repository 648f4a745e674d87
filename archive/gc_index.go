package archive

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"tearsheet/archive/store"
)

// mergedName gives the beginning that the files of one merge have in common, by which the log knows them: an entry names the small file, and it and those
// made from it name the levels that were written with it. "" is for what is no file of a merge.
func mergedName(key string) string {
	for _, ending := range []string{".idx.gz", "-1.cdx.gz", "-2.cdx.gz"} {
		if name, ok := strings.CutSuffix(key, ending); ok && strings.HasPrefix(name, indexPrefix) {
			return name
		}
	}
	return ""
}

// indexes yields merged indexes that no entry names: of commits that lost a race for a number, or that did not come to their end.
func (s *orphanSearch) indexes(ctx context.Context) iter.Seq2[Orphan, error] {
	return func(yield func(Orphan, error) bool) {
		var o Orphan
		flush := func() bool {
			return o.Objects == 0 || s.merges[o.Name] || !s.old(o.Newest) || yield(o, nil)
		}
		for info, err := range s.archive.store.List(ctx, indexPrefix, "") {
			if err != nil {
				yield(Orphan{}, fmt.Errorf("listing the merged indexes: %w", err))
				return
			}
			name := mergedName(info.Key)
			if name == "" { // nobody knows what it is
				continue
			}
			if name != o.Name {
				if !flush() {
					return
				}
				o = Orphan{Kind: OrphanIndex, Name: name}
			}
			o.Objects++
			o.Bytes += info.Size
			if info.Modified.After(o.Newest) {
				o.Newest = info.Modified
			}
		}
		flush()
	}
}

// removeIndex removes the files of a merge that no entry names.
func (a *Archive) removeIndex(ctx context.Context, o Orphan) error {
	st, ok := a.store.(store.Remover)
	if !ok {
		return fmt.Errorf("%w: nothing can be removed from %s", ErrNoRemoval, a.store)
	}
	var keys []string
	for info, err := range a.store.List(ctx, o.Name, "") {
		switch {
		case err != nil:
			return err
		case mergedName(info.Key) != o.Name:
			continue
		case !info.Modified.Before(o.before):
			return fmt.Errorf("%w: %s was stored meanwhile", ErrInUse, info.Key)
		}
		keys = append(keys, info.Key)
	}
	for e, err := range a.Entries(ctx) {
		switch {
		case err != nil:
			return err
		case e.Index != nil && mergedName(e.Index.Path) == o.Name:
			return fmt.Errorf("%w: entry %d names it", ErrInUse, e.N)
		}
		if e.N <= o.seen {
			break
		}
	}
	var errs []error
	for _, key := range keys {
		errs = append(errs, st.Remove(ctx, key))
	}
	return errors.Join(errs...)
}
