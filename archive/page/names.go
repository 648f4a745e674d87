package page

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitNames parts "Ana Lindqvist, Kim Lee and Jo Marsh", where each part is as long as a name: "Smith and Sons" stays. Those who
// stand in parentheses as having helped are authors too.
func splitNames(value string) []string {
	if before, inside, ok := cutHelpers(value); ok {
		return append(splitNames(before), splitNames(inside)...)
	}
	for _, and := range [...]string{" and ", " und ", " et ", " y ", " e ", " och ", " og ", " & "} {
		parts := strings.Split(value, and)
		if len(parts) == 1 {
			continue
		}
		// Commas part names before the last "and"; behind it they part the last name from a place or an office.
		var all []string
		for _, part := range parts[:len(parts)-1] {
			all = append(all, strings.Split(part, ",")...)
		}
		all = append(all, strings.TrimPrefix(parts[len(parts)-1], " "))
		if slices.ContainsFunc(all, hasSpace) && !slices.ContainsFunc(all, isFragment) {
			return all
		}
	}
	return []string{value}
}

// cutHelpers cuts "(with Jo Marsh)" off the end.
func cutHelpers(value string) (before, inside string, ok bool) {
	before, inside, ok = strings.Cut(value, "(")
	inside, closed := strings.CutSuffix(strings.TrimSpace(inside), ")")
	before = strings.TrimSpace(before)
	if !ok || !closed || before == "" {
		return "", "", false
	}
	with, names, ok := strings.Cut(inside, " ")
	switch strings.ToLower(with) {
	case "with", "avec", "mit", "con", "com", "met", "med":
		return before, names, ok
	}
	return "", "", false
}

func hasSpace(name string) bool { return strings.Contains(strings.TrimSpace(name), " ") }

// isFragment says that a text begins with a small letter or is too short for a person's name, and is no agency's abbreviation either.
func isFragment(name string) bool {
	name = strings.TrimSpace(name)
	if !hasSpace(name) {
		return len(name) < 2 || len(name) > 5 || strings.ToUpper(name) != name
	}
	return !isCapital(name)
}

// cutByline cuts the preposition with which a byline begins, if a capitalised name follows.
func cutByline(name string) string {
	name = strings.Trim(name, " ,;|")
	for _, by := range [...]string{"By ", "BY ", "by ", "Von ", "VON ", "Par ", "Por ", "Door "} {
		if rest, ok := strings.CutPrefix(name, by); ok && isCapital(rest) {
			return strings.TrimSpace(rest)
		}
	}
	return name
}

// cutAddress cuts the electronic mail address behind a name.
func cutAddress(name string) string {
	if before, after, ok := strings.Cut(name, "|"); ok && strings.Contains(after, "@") {
		return before
	}
	return name
}

// isCapital says that a text begins with a letter that is not a small one.
func isCapital(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(first) && !unicode.IsLower(first)
}

// isRoleAccount knows the accounts under which software for web sites publishes when nobody gave a name.
func isRoleAccount(name string) bool {
	switch strings.ToLower(name) {
	case "admin", "administrator", "webmaster":
		return true
	}
	return false
}

// maxNameWords is how many words a name in a visible byline has at most, an office behind it included.
const maxNameWords = 8

// isName says that a text in a byline can be somebody's name: letters, mostly capitalised words, and no sentence. Scripts without
// capitals pass.
func isName(text string) bool {
	small, letters := 0, 0
	words := strings.Fields(text)
	for i, word := range words {
		first, _ := utf8.DecodeRuneInString(word)
		if unicode.IsLetter(first) {
			letters++
		}
		if i > 0 && unicode.IsLower(first) && utf8.RuneCountInString(word) > 3 { // "de", "van" and "der" are parts of names
			small++
		}
	}
	return letters > 0 && small <= 1 && len(words) <= maxNameWords && !strings.ContainsAny(text, "*@?!{}<>=")
}
