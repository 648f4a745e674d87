package photo

import (
	"slices"
	"strings"
	"unicode"

	"tearsheet/archive/photo/creditline"
)

// Resolve chooses what to show of the statements about one photograph, and says how the page and the file agree.
//
// The line is the most believed statement as shown: a visible credit beside the picture, then a paragraph, then alt, title and other
// attributes, then what the page tells machines, then the file (XMP before IIM before EXIF before PNG text; C2PA claims last).
// Statements of another page (flag Shared) come behind those of this page and before the file. What other statements name is added only
// when they name the same person, or when the line names no person and they name all of its agencies; a different person in the file
// makes a conflict, which the page wins. Junk, ingredients and the publication that templates name are never heard. Nothing is changed in statements.
//
// Resolve is pure: the same statements in the same order give the same credit. Its lists are never nil.
func Resolve(statements []Statement) Credit { return resolve(statements, true) }

// resolve is Resolve, and without merging only the winning statement's names are given: so that tests can measure what merging is worth.
func resolve(statements []Statement, merging bool) Credit {
	pages := pageVoices(statements)
	file := fileVoice(statements)
	switch {
	case len(pages) == 0 && file == nil:
		return Credit{People: []string{}, Agencies: []string{}, Basis: []int{}, Agreement: None, Rule: "nobody says who made it"}
	case len(pages) == 0:
		return fileOnly(file)
	}
	r := resolution{shown: pages[0], basis: slices.Clone(pages[0].from), merging: merging}
	for i := range pages[1:] {
		r.hear(&pages[1+i])
	}
	r.compare(file)
	return r.credit()
}

// resolution is a credit while statements are heard.
type resolution struct {
	shown      voice // the winning statement, and what was added to it
	basis      []int
	agreement  Agreement
	confidence float64
	rule       string
	merging    bool
}

// hear takes from another voice what may be added. It reports whether the voice speaks of the same makers.
func (r *resolution) hear(other *voice) bool {
	s := &r.shown
	same := anySame(s.people, other.people, creditline.SamePerson)
	switch {
	case !other.names(), !same && (len(s.people) > 0 || !containsAll(other.agencies, s.agencies, creditline.SameAgency)):
		return false
	case !r.merging:
		return true
	case same:
		s.people = spelled(s.people, other.people)
	default:
		s.people = union(s.people, other.people, creditline.SamePerson)
	}
	s.agencies = joinAgencies(s.agencies, other.agencies)
	r.basis = union(r.basis, other.from, func(a, b int) bool { return a == b })
	return true
}

// joinAgencies gives the agencies of both, spelled as shown; in the order of the one that names them all, or else those shown first.
func joinAgencies(shown, other []string) []string {
	if len(other) <= len(shown) || !containsAll(other, shown, creditline.SameAgency) {
		return union(slices.Clone(shown), other, isAgencyOr)
	}
	out := make([]string, 0, len(other))
	for _, name := range other {
		if i := slices.IndexFunc(shown, func(s string) bool { return creditline.SameAgency(s, name) }); i >= 0 {
			name = shown[i]
		}
		out = append(out, name)
	}
	return out
}

// isAgencyOr says that other is the agency shown, or its name with more behind it: a department, the number of an assignment.
func isAgencyOr(shown, other string) bool {
	return creditline.SameAgency(shown, other) || strings.HasPrefix(creditline.Key(other), creditline.Key(shown)+" ")
}

// compare hears the file, and says how it and the page agree.
func (r *resolution) compare(file *voice) {
	r.agreement, r.confidence, r.rule = PageOnly, pageConfidence(&r.shown), pageRule(&r.shown)
	if file == nil {
		return
	}
	file.complete(&r.shown)
	s := r.shown
	samePerson := anySame(s.people, file.people, creditline.SamePerson)
	sameAgency := anySame(s.agencies, file.agencies, creditline.SameAgency)
	nested := containsAll(s.agencies, file.agencies, creditline.SameAgency) || containsAll(file.agencies, s.agencies, creditline.SameAgency)
	switch {
	case file.holder && !samePerson && !sameAgency:
		return // who holds the rights is another role
	case !s.names():
		r.hear(file)
		r.settle(Compatible, 0.7, "it names nobody, and the file does")
	case samePerson && nested:
		r.hear(file)
		r.settle(Agree, 0.98, "the file names the same person")
	case samePerson:
		r.hear(file)
		r.settle(Compatible, 0.9, "the file names the same person and another agency")
	case len(s.people) > 0 && len(file.people) > 0:
		r.differ(file, sameAgency)
	case len(s.people) == 0 && len(file.people) == 0 && sameAgency && nested:
		r.hear(file)
		r.settle(Agree, 0.98, "the file names the same agency")
	case r.hear(file):
		r.settle(Compatible, 0.9, "the file names the agency too, and a person")
	case sameAgency:
		r.settle(Compatible, 0.9, "the file names one of the agencies")
	default:
		r.settle(Compatible, 0.7, "page and file name a person and an agency that do not exclude each other")
	}
}

// differ settles what to think of a page and a file that name different persons.
func (r *resolution) differ(file *voice, sameAgency bool) {
	if anySame(r.shown.people, file.alternate, creditline.SamePerson) {
		r.settle(Compatible, 0.7, "one part of the file names the same person and another part does not")
		return
	}
	if !sameScript(r.shown.people[0], file.people[0]) {
		r.settle(Compatible, 0.7, "page and file name persons in different scripts")
		return
	}
	rule := "page and file name different persons"
	if sameAgency {
		rule += " of the same agency"
	}
	r.settle(Conflict, 0.5, rule+"; the page is about this use of the picture")
}

func (r *resolution) settle(a Agreement, confidence float64, rule string) {
	r.agreement, r.confidence, r.rule = a, confidence, r.rule+"; "+rule
}

// credit puts what was resolved into its public form.
func (r *resolution) credit() Credit {
	return Credit{
		Line: r.shown.line, People: displayed(r.shown.people), Agencies: listed(r.shown.agencies), Markers: r.shown.markers,
		Basis: r.basis, Agreement: r.agreement, Confidence: r.confidence, Rule: r.rule,
	}
}

// fileOnly is the credit of a picture of which no page says who made it.
func fileOnly(file *voice) Credit {
	c := Credit{
		Line: file.line, People: displayed(file.people), Agencies: listed(file.agencies), Markers: file.markers, Basis: file.from,
		Agreement: FileOnly, Confidence: 0.75, Rule: "the file alone names the makers",
	}
	switch {
	case file.holder:
		c.Confidence, c.Rule = 0.5, "the file alone names who holds the rights"
	case file.kind == FileC2PA:
		c.Confidence, c.Rule = 0.6, "the file alone claims the makers, signed and not verified"
	case file.property == Caption:
		c.Confidence, c.Rule = 0.6, "the file's caption alone ends in a credit"
		return c
	case file.kind == FileEXIF || file.kind == FilePNG || file.kind == FileComment:
		c.Confidence, c.Rule = 0.6, "the file alone names the makers, where cameras and programs write too"
	case file.both:
		c.Confidence, c.Rule = 0.85, "the file alone names the makers, by creator and credit"
	}
	if file.tail {
		c.Confidence += 0.05
		c.Rule += "; its caption ends in the same"
	}
	return c
}

// pageConfidence says how sure a page's statement is by itself.
func pageConfidence(v *voice) float64 {
	c := 0.6
	switch v.kind {
	case PageCredit, PageCaption:
		c = 0.8
	case PageText, PageJSONLD, PageMicrodata:
		c = 0.75
	case PageData, PageMeta:
		c = 0.7
	}
	if v.shared {
		c -= 0.1
	}
	return c
}

func pageRule(v *voice) string {
	rule := "the page's data for its scripts"
	switch v.kind {
	case PageCredit:
		rule = "visible credit beside the picture"
	case PageCaption:
		rule = "credit in the visible caption"
	case PageText:
		rule = "credit in the text of the page"
	case PageAlt:
		rule = "credit in the alternative text"
	case PageTitle:
		rule = "credit in the title attribute"
	case PageData:
		rule = "credit in an attribute"
	case PageJSONLD, PageMicrodata:
		rule = "structured data bound to the picture"
	case PageMeta:
		rule = "metadata of the page"
	}
	if v.shared {
		rule += " of another page"
	}
	return rule
}

// displayed gives persons' names as they are shown.
func displayed(people []string) []string {
	out := make([]string, len(people))
	for i, name := range people {
		out[i] = creditline.DisplayName(name)
	}
	return out
}

func listed(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// spelled gives the shown names, each by the better spelling of the same name elsewhere: small letters where the shown name is all
// capitals, the whole name where it has initials or was cut.
func spelled(shown, other []string) []string {
	out := slices.Clone(shown)
	for i, name := range out {
		for _, o := range other {
			if creditline.SamePerson(name, o) && betterSpelled(name, o) {
				out[i] = o
			}
		}
	}
	return out
}

func betterSpelled(shown, other string) bool {
	switch {
	case isCapitals(other) && !isCapitals(shown):
		return false
	case isCapitals(shown) && !isCapitals(other) && len([]rune(creditline.Key(other))) >= len([]rune(creditline.Key(shown))):
		return true
	}
	return initials(shown) > initials(other) && len(other) > len(shown)
}

func isCapitals(name string) bool {
	return strings.ToUpper(name) == name && strings.ToLower(name) != name
}

// initials counts the words of a name that are one letter.
func initials(name string) int {
	n := 0
	for word := range strings.FieldsSeq(strings.ReplaceAll(name, ".", " ")) {
		if len([]rune(word)) == 1 {
			n++
		}
	}
	return n
}

// sameScript says that two names are written in the same script, so that they can be compared.
func sameScript(a, b string) bool {
	for _, script := range [...]*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Hebrew, unicode.Han, unicode.Hangul} {
		in := func(r rune) bool { return unicode.Is(script, r) }
		if strings.IndexFunc(a, in) >= 0 && strings.IndexFunc(b, in) >= 0 {
			return true
		}
	}
	return false
}

func anySame(a, b []string, same func(a, b string) bool) bool {
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return same(x, y) })
	})
}

// containsAll says that every one of few is among many.
func containsAll(many, few []string, same func(a, b string) bool) bool {
	return !slices.ContainsFunc(few, func(x string) bool {
		return !slices.ContainsFunc(many, func(y string) bool { return same(x, y) })
	})
}
