// Package creditline reads the credit line of a photograph: "MIKHAIL KLIMENTYEV/AFP/Getty Images" names a person and two agencies.
//
// A credit line is written for readers, in any language and in the house style of whoever prints it. [Parse] cuts labels ("Foto:", ©),
// takes the line apart at its separators, and tells persons from other parties: by a table of agencies, libraries, sites and
// institutions (agencies.txt), by words that organisations have in their names (words.txt), and else by shape. Names are kept as shown;
// [Key], [SamePerson] and [SameAgency] compare them, and [DisplayName] makes capitals readable.
//
// The package knows nothing of pages, files or statements, and imports nothing of ours.
package creditline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line is what a credit line names.
type Line struct {
	Text     string   `json:"line"`     // as given, white space collapsed
	People   []string `json:"people"`   // photographers, illustrators, users of stock sites: in order, as shown, each once
	Agencies []string `json:"agencies"` // every other credited party: agency, library, publisher, institution, company, platform
	Markers  []string `json:"markers"`  // what names nobody: "Handout", "STR", "Pool", "File"
}

// maxLine is how many bytes of a credit line are read: longer texts are prose.
const maxLine = 1000

// Parse reads a credit line. Every name is a part of the line with its white space collapsed; lists are never nil. A text that names
// nobody has empty lists. Bytes beyond the first 1000 are not read.
func Parse(text string) Line {
	l := Line{Text: collapse(text), People: []string{}, Agencies: []string{}, Markers: []string{}}
	body := normalise(clip(l.Text, maxLine))
	if body == "" {
		return l
	}
	r := reading{line: &l, words: theWords(), personal: namesPerson(l.Text), supplier: namesSupplier(l.Text)}
	r.split(body)
	r.classify()
	r.settle()
	r.deliver()
	return l
}

// collapse makes every run of white space one space and drops what is not seen: zero-width and directional marks, soft hyphens.
func collapse(s string) string {
	clean := true
	space := true // at the beginning
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == ' ' && space {
			clean = false
			break
		}
		space = c == ' '
	}
	if clean && (s == "" || !space) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space = false
	for _, r := range s {
		switch {
		case isSpace(r):
			space = b.Len() > 0
			continue
		case isUnseen(r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isSpace(r rune) bool { return r <= ' ' || r == 0x7f || unicode.IsSpace(r) }

func isUnseen(r rune) bool {
	return r == 0xad || r == 0x180e || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x2064 || r == 0xfeff || r >= 0xfe00 && r <= 0xfe0f
}

// clip cuts s to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
