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
