package archive

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive/store"
)

func TestMergedIndexesThatNoEntryNamesAreOrphans(t *testing.T) {
	st, work := newVault(store.Facts{}), t.TempDir()
	e := committedRun(t, openAt(t, st, work))
	lost := indexPrefix + "0000000002-" + e.RunID + "-lost42"
	for _, key := range []string{lost + ".idx.gz", lost + "-1.cdx.gz", mergedName(e.Index.Path) + "-2.cdx.gz", indexPrefix + "readme.txt"} {
		if _, err := st.Create(t.Context(), key, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	a := later(t, st, work, 2*week)
	var found []Orphan
	for _, o := range orphansOf(t, a, week) {
		if o.Kind == OrphanIndex {
			found = append(found, o)
		}
	}
	if len(found) != 1 || found[0].Name != lost || found[0].Objects != 2 || found[0].Bytes != 2 {
		t.Fatalf("%+v", found)
	}
	if len(orphansOf(t, later(t, st, work, week/2), week)) != 0 {
		t.Error("what is young is an orphan")
	}
	if err := a.RemoveOrphan(t.Context(), found[0]); err != nil {
		t.Fatal(err)
	}
	for info, err := range st.List(t.Context(), indexPrefix, "") {
		if err != nil || strings.HasPrefix(info.Key, lost) {
			t.Errorf("%s %v", info.Key, err)
		}
	}
	named := Orphan{Kind: OrphanIndex, Name: mergedName(e.Index.Path), before: noon.AddDate(9, 0, 0)}
	if err := a.RemoveOrphan(t.Context(), named); !errors.Is(err, ErrInUse) {
		t.Errorf("one that the log names: %v", err)
	}
	if !slices.Contains(st.Keys(), e.Index.Path) {
		t.Error("it is gone")
	}
}
