package photo

import "slices"

// Makers gives what the page at hand says of who made a photograph, or with ofFile what its file says: creators, credits and holders of the
// copyright, each wording once. Filler, what is of another picture, and what was said elsewhere of the same one are left out. They are what stands
// against each other in a conflict.
func Makers(statements []Statement, ofFile bool) []string {
	var all []string
	for _, s := range statements {
		switch s.Property {
		case Creator, CreditLine, CopyrightHolder:
			doubtful := s.has(Junk) || s.has(Ingredient) || s.has(Shared)
			if s.Kind.OfFile() == ofFile && !doubtful && !slices.Contains(all, s.Value) {
				all = append(all, s.Value)
			}
		}
	}
	return all
}
