package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"time"

	"tearsheet/archive/store"
)

// shown is an object as the store lists it, with all that it was.
type shown struct {
	store.Info                 // of a hidden one only the key
	there      bool            // it can be read
	versions   []store.Version // newest first; of a store that keeps none only what it lists
}

// objects yields what the store holds below a prefix, by key. Of a store that keeps versions it yields too what was deleted.
func (v *audit) objects(ctx context.Context, prefix string) iter.Seq2[shown, error] {
	return func(yield func(shown, error) bool) {
		var o shown
		for version, err := range v.versions(ctx, prefix) {
			if err != nil {
				yield(shown{}, err)
				return
			}
			if version.Key != o.Key {
				if o.Key != "" && !yield(o, nil) {
					return
				}
				o = shown{Info: store.Info{Key: version.Key}}
			}
			if version.Latest && !version.Deleted {
				o.Info, o.there = version.Info, true
			}
			o.versions = append(o.versions, version)
		}
		if o.Key != "" {
			yield(o, nil)
		}
	}
}

// versions yields all versions where the store keeps them and lets them be seen, else what it lists.
func (v *audit) versions(ctx context.Context, prefix string) iter.Seq2[store.Version, error] {
	return func(yield func(store.Version, error) bool) {
		if st, ok := v.archive.store.(store.Versioned); ok {
			refused, begun := false, false
			for version, err := range st.Versions(ctx, prefix) {
				if refused = !begun && errors.Is(err, fs.ErrPermission); refused {
					err = v.unreadable(Problem{Object: prefix, What: "versions may not be listed, so what was deleted or overwritten is not known"}, err)
					if err == nil {
						break
					}
				}
				if begun = true; !yield(version, err) || err != nil {
					return
				}
			}
			if !refused {
				return
			}
		}
		for info, err := range v.archive.store.List(ctx, prefix, "") {
			if !yield(store.Version{Info: info, Latest: true}, err) || err != nil {
				return
			}
		}
	}
}

// history reports an object to which something happened after its run was committed: objects are created once. What happened before (a run
// whose remains were removed and that was then stored after all) harms nobody. Both times are by the store's clock. expected is the version that
// was committed, "" where that is not known.
func (v *audit) history(o shown, committed time.Time, expected string) (told bool) {
	events := o.versions
	if first := len(events) - 1; first >= 0 && !events[first].Deleted {
		if expected == "" {
			expected = versionID(events[first].Info)
		}
		events = events[:first] // that it was created
	}
	committed = committed.Truncate(time.Second) // S3 tells no more of a time
	late, deleted := 0, false
	for _, e := range events {
		if !e.Modified.Before(committed) {
			late++
			deleted = deleted || e.Deleted
		}
	}
	p := Problem{Object: o.Key, Expected: expected, Found: describeVersions(o.versions)}
	if expected != "" {
		p.Expected = "only version " + expected
	}
	switch {
	case late > 0 && !o.there:
		p.What = "a delete marker hides the object"
	case late > 0 && deleted:
		p.What = "the object was deleted and written again"
	case late > 0:
		p.What = "the object was overwritten"
	default:
		return false
	}
	v.problem(p)
	return true
}

// versionID gives the version of an object where the store tells it.
func versionID(info store.Info) string {
	if info.Facts == nil {
		return ""
	}
	return info.Facts.VersionID
}

// describeVersions tells the newest versions in words.
func describeVersions(versions []store.Version) string {
	const most = 5
	var told []string
	for i, version := range versions {
		if i == most {
			told = append(told, fmt.Sprintf("and %d more", len(versions)-most))
			break
		}
		kind := "version"
		if version.Deleted {
			kind = "delete marker"
		}
		told = append(told, fmt.Sprintf("%s %s of %s", kind, versionID(version.Info), version.Modified.UTC().Format(time.RFC3339)))
	}
	return strings.Join(told, ", ")
}
