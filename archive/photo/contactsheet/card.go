package contactsheet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"tearsheet/archive/photo"
)

// card is an entry as the template shows it.
type card struct {
	Entry
	N       int
	Picture picture
	State   string // "credited", "conflict" or "missing"
	Groups  []group
}

// group is the statements of one origin.
type group struct {
	Name       string
	Statements []said
}

// said is one statement as it is shown.
type said struct {
	photo.Statement
	Weight string // what the credit takes from it
	Doubts string
}

// newCard makes the card of the n-th entry.
func newCard(n int, e Entry, p picture) card {
	c := card{Entry: e, N: n, Picture: p, State: "credited"}
	switch e.Credit.Agreement {
	case photo.Conflict:
		c.State = "conflict"
	case photo.None, "":
		c.State = "missing"
	}
	page, file, elsewhere := group{Name: "The page says"}, group{Name: "The file says"}, group{Name: "Said of the same picture elsewhere"}
	for i, s := range e.Statements {
		to := &page
		switch {
		case slices.Contains(s.Flags, photo.Shared):
			to = &elsewhere
		case s.Kind.OfFile():
			to = &file
		}
		to.Statements = append(to.Statements, said{s, weight(e.Credit.Basis, i), doubts(s)})
	}
	for _, g := range []group{page, file, elsewhere} {
		if len(g.Statements) > 0 {
			c.Groups = append(c.Groups, g)
		}
	}
	return c
}

// weight tells what a credit takes from its i-th statement.
func weight(basis []int, i int) string {
	switch at := slices.Index(basis, i); {
	case at == 0:
		return "shown as the credit"
	case at > 0:
		return "supports the credit"
	}
	return ""
}

// Text is what a reader who does not see the picture is told.
func (c card) Text() string {
	return cmp.Or(strings.TrimSpace(c.Alt), strings.TrimSpace(c.Caption), fmt.Sprintf("Photograph %d, which its page does not describe", c.N))
}

// Agreement says how page and file agree.
func (c card) Agreement() string {
	return cmp.Or(agreements[c.Credit.Agreement], agreements[photo.None])
}

// Confidence is that of the credit, in percent.
func (c card) Confidence() string { return fmt.Sprintf("%.0f %%", 100*c.Credit.Confidence) }

// PageSays and FileSays are what stands against each other in a conflict.
func (c card) PageSays() []string { return photo.Makers(c.Statements, false) }

// FileSays is the other side of PageSays.
func (c card) FileSays() []string { return photo.Makers(c.Statements, true) }

// Elsewhere is what other pages and their files say in a conflict.
func (c card) Elsewhere() []string { return photo.MakersElsewhere(c.Statements) }

// FileFacts describe the file that is shown.
func (c card) FileFacts() string {
	p := c.Picture
	var facts []string
	if p.Kind != "" {
		facts = append(facts, p.Kind)
	}
	if p.Size.X > 0 {
		facts = append(facts, fmt.Sprintf("%d × %d", p.Size.X, p.Size.Y))
	}
	if p.File.Size > 0 {
		facts = append(facts, humanize.IBytes(uint64(p.File.Size)))
	}
	if p.How != "" {
		facts = append(facts, p.How)
	}
	facts = append(facts, p.File.Notes...)
	if more := len(c.Files) - 1; more > 0 {
		facts = append(facts, english.Plural(more, "more rendition", ""))
	}
	return strings.Join(facts, " · ")
}

// Count is how many statements there are.
func (c card) Count() string { return english.Plural(len(c.Statements), "statement", "") }

// Long reports whether the card may be parted by the end of a printed page: it takes a good part of one.
func (c card) Long() bool { return len(c.Statements) > 24 }
