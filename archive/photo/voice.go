package photo

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"tearsheet/archive/photo/creditline"
)

// voice is what one source says of a photograph's makers: one statement that readers see, all that a page tells machines in one place,
// or all that an image file says together.
type voice struct {
	line     string // as shown
	people   []string
	agencies []string
	markers  []string
	from     []int // indexes of statements, the one whose value is line first
	kind     Kind
	property Property // of the statement whose value is line
	shared   bool

	// Of a file:
	tail      bool     // its caption ends in a credit that names the same
	both      bool     // it names a creator and gives a credit
	holder    bool     // it names only who holds the rights
	cut       []string // names at the end of values that IIM cut: beginnings of longer names
	alternate []string // persons of carriers that are believed less, where another names others
}

// names says that the voice names somebody.
func (v *voice) names() bool { return len(v.people)+len(v.agencies) > 0 }

// take adds what statement i names.
func (v *voice) take(i int, people, agencies, markers []string) {
	if len(people)+len(agencies)+len(markers) == 0 {
		return
	}
	v.from = append(v.from, i)
	v.people = union(v.people, people, creditline.SamePerson)
	v.agencies = union(v.agencies, agencies, creditline.SameAgency)
	v.markers = union(v.markers, markers, strings.EqualFold)
}

// standing ranks where a statement stands, the best first: what readers see beside the picture, then what they see elsewhere, then what
// is written for machines, then the file.
func standing(k Kind) int {
	order := [...]Kind{
		PageCredit, PageCaption, PageText, PageAlt, PageTitle, PageData, PageJSONLD, PageMicrodata, PageMeta, PageState,
		FileXMP, FileIIM, FileEXIF, FilePNG, FileComment, FileC2PA,
	}
	if i := slices.Index(order[:], k); i >= 0 {
		return i
	}
	return len(order)
}

// weight ranks the properties that can tell who made a picture; 0 for those that cannot.
func weight(p Property) int {
	order := [...]Property{CreditLine, Creator, CopyrightHolder, Supplier, Source, Copyright}
	return slices.Index(order[:], p) + 1
}

func (s *Statement) has(f Flag) bool { return slices.Contains(s.Flags, f) }

// counts says that a statement is one about this picture.
func (s *Statement) counts() bool {
	return strings.TrimSpace(s.Value) != "" && !s.has(Junk) && !s.has(Ingredient) && !s.has(Publisher)
}

// pageVoices gives the voices of pages in the order in which they are believed: of this page before other pages, then by place.
func pageVoices(statements []Statement) []voice {
	var order []int
	for i := range statements {
		if s := &statements[i]; weight(s.Property) > 0 && !s.Kind.OfFile() && s.counts() {
			order = append(order, i)
		}
	}
	rank := func(i int) int {
		s := &statements[i]
		r := 10*standing(s.Kind) + weight(s.Property)
		if s.has(Shared) {
			r += 1000
		}
		return r
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
	var voices []voice
	for _, i := range order {
		s := &statements[i]
		people, agencies, markers := makers(s)
		if len(people)+len(agencies) == 0 && s.Property != CreditLine {
			continue
		}
		if v := machine(voices, statements, s); v != nil {
			if weight(s.Property) <= weight(Creator) { // holders and sources are other roles
				v.take(i, people, agencies, markers)
			}
			continue
		}
		voices = append(voices, voice{
			line: s.Value, people: people, agencies: agencies, markers: markers, from: []int{i},
			kind: s.Kind, property: s.Property, shared: s.has(Shared),
		})
	}
	return voices
}

// machine finds the voice that a statement for machines belongs to: the one that began at the same place, as creator and creditText of
// one ImageObject do.
func machine(voices []voice, statements []Statement, s *Statement) *voice {
	if standing(s.Kind) < standing(PageJSONLD) {
		return nil
	}
	for i := range voices {
		v := &voices[i]
		first := &statements[v.from[0]]
		if v.kind == s.Kind && v.shared == s.has(Shared) && first.Property != s.Property && parent(first.Locator) == parent(s.Locator) {
			return v
		}
	}
	return nil
}

// parent is a JSON pointer's or a path's up to the property.
func parent(locator string) string {
	for {
		i := strings.LastIndexByte(locator, '/')
		if i < 0 {
			return ""
		}
		last := locator[i+1:]
		locator = locator[:i]
		if last != "name" && strings.Trim(last, "0123456789") != "" {
			return locator
		}
	}
}

// makers reads whom a statement names.
func makers(s *Statement) (people, agencies, markers []string) {
	if s.Property == Creator {
		return creator(s.Value)
	}
	if s.Property == Copyright && !isNotice(s.Value) {
		return nil, nil, nil
	}
	l := creditline.Parse(s.Value)
	return l.People, l.Agencies, l.Markers
}

// isNotice says that a copyright notice is short enough to name a holder and little else.
func isNotice(value string) bool { return len(value) <= 120 }

// creator reads a value that names the creator: a single unknown word is a person there, and "Vance, Hildur" is one.
func creator(value string) (people, agencies, markers []string) {
	if last, first, ok := strings.Cut(value, ", "); ok && isWord(last) && isWord(first) && len(creditline.Parse(first+" "+last).People) == 1 {
		value = first + " " + last
	}
	l := creditline.Parse(value)
	if len(l.People) > 0 || len(l.Agencies) != 1 {
		return l.People, l.Agencies, l.Markers
	}
	name := l.Agencies[0]
	_, known := creditline.Agency(name)
	if known || strings.ContainsAny(name, " @.") || isCode(name) || strings.ToUpper(name) == name {
		return nil, l.Agencies, l.Markers
	}
	return l.Agencies, nil, l.Markers
}

// isWord says that a text is one word of small letters behind a capital.
func isWord(s string) bool {
	return len(s) > 1 && !strings.ContainsAny(s, " ,/.@") && strings.ToUpper(s) != s && strings.ToUpper(s[:1]) == s[:1]
}

// isCode knows the codes by which agencies sort their pictures: "X00227", "NLP-2291". They name nobody.
func isCode(name string) bool {
	digits := 0
	for _, r := range name {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return digits > 1 && !strings.ContainsAny(name, " .") || digits > 0 && 2*digits >= utf8.RuneCountInString(name)
}

func withoutCodes(names []string) []string { return slices.DeleteFunc(slices.Clone(names), isCode) }

// union appends to names those of more that are not there.
func union[T any](names, more []T, same func(a, b T) bool) []T {
	for _, name := range more {
		if !slices.ContainsFunc(names, func(n T) bool { return same(n, name) }) {
			names = append(names, name)
		}
	}
	return names
}
