package contactsheet

import (
	"strings"

	"tearsheet/archive/photo"
)

// agreements say in a sentence how page and file agree.
var agreements = map[photo.Agreement]string{
	photo.Agree:      "page and file agree",
	photo.Compatible: "compatible: page and file each add something",
	photo.Conflict:   "page and file name different makers",
	photo.PageOnly:   "the page alone says it",
	photo.FileOnly:   "the file alone says it",
	photo.None:       "nobody says who made it",
}

// flags say what deserves doubt in a statement.
var flags = map[photo.Flag]string{
	photo.Truncated:  "cut short by what carries it",
	photo.Mismatch:   "not in the character set that the file declares",
	photo.Detected:   "character set guessed",
	photo.Junk:       "filler of a camera or program",
	photo.Ingredient: "of a picture that this one was made from",
	photo.Unverified: "claimed; signature not verified",
	photo.OutOfSync:  "IIM and XMP differ",
	photo.Shared:     "said of the same picture elsewhere",
}

// word gives a name of the code as words: "creator_job" as "creator job".
func word[T ~string](name T) string { return strings.ReplaceAll(string(name), "_", " ") }

// maxText is how much of a text a card shows, in characters. What is longer is no caption and no name, and stands whole among the statements.
const maxText = 1500

// short cuts a text that would push all else off the sheet.
func short(s string) string {
	if n := 0; len(s) > maxText {
		for i := range s {
			if n++; n > maxText {
				return s[:i] + " …"
			}
		}
	}
	return s
}

// doubts are the flags of a statement in words, but for the one that its group tells.
func doubts(s photo.Statement) string {
	var all []string
	for _, f := range s.Flags {
		text, known := flags[f]
		switch {
		case f == photo.Shared:
			continue
		case !known:
			text = word(f)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}
