package photo

import "slices"

// Makers gives what the page at hand says of who made a photograph, or with ofFile what its file says: creators, credits and holders of the
// copyright, each wording once. Filler, what is of another picture, and what was said elsewhere of the same one are left out. They are what stands
// against each other in a conflict.
func Makers(statements []Statement, ofFile bool) []string {
	return wordings(statements, func(s Statement) bool { return s.Kind.OfFile() == ofFile && !s.has(Shared) })
}

// MakersElsewhere gives what was said elsewhere of the same picture, by other pages and their files, and is no wording of the page or the file at
// hand. Where one of those is silent, it is what the other stands against in a conflict.
func MakersElsewhere(statements []Statement) []string {
	here := wordings(statements, func(s Statement) bool { return !s.has(Shared) })
	return wordings(statements, func(s Statement) bool { return s.has(Shared) && !slices.Contains(here, s.Value) })
}

// wordings gives the values of the statements about who made a photograph that are wanted, each once.
func wordings(statements []Statement, wanted func(Statement) bool) []string {
	var all []string
	for _, s := range statements {
		switch s.Property {
		case Creator, CreditLine, CopyrightHolder:
			if !s.has(Junk) && !s.has(Ingredient) && !s.has(Publisher) && wanted(s) && !slices.Contains(all, s.Value) {
				all = append(all, s.Value)
			}
		}
	}
	return all
}
