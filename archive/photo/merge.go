package photo

import "slices"

// Merge joins what is said about one picture in several places: on the page at hand and in its file (own), and on other pages or in
// other renditions (others). Statements of others are marked Shared; one that own or an earlier group has already (same property, value
// and kind) is left out. The groups are not changed.
func Merge(own []Statement, others ...[]Statement) []Statement {
	type said struct {
		property Property
		value    string
		kind     Kind
	}
	seen := make(map[said]bool, len(own))
	out := slices.Clone(own)
	for i := range own {
		seen[said{own[i].Property, own[i].Value, own[i].Kind}] = true
	}
	for _, group := range others {
		for _, s := range group {
			key := said{s.Property, s.Value, s.Kind}
			if seen[key] {
				continue
			}
			seen[key] = true
			if !s.has(Shared) {
				s.Flags = append(slices.Clone(s.Flags), Shared)
			}
			out = append(out, s)
		}
	}
	return out
}
