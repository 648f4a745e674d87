package photo

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tearsheet/archive/photo/creditline"
)

// voice is what one source says of a photograph's makers: a statement of the page, or all that an image file says together.
type voice struct {
	line     string // as shown
	people   []string
	agencies []string
	markers  []string
	from     []int // indexes of statements, the one whose value is line first
	kind     Kind
	shared   bool
	tail     bool     // the file's caption ends in a credit that names one of people
	both     bool     // the file names a creator and gives a credit
	holder   bool     // only who holds the rights is named
	cut      []string // names at the end of values that IIM cut: beginnings of longer names
}

// says that the voice names somebody.
func (v *voice) names() bool { return len(v.people)+len(v.agencies) > 0 }

// standing ranks where on a page a statement stands, the best first: what readers see beside the picture, then what they see elsewhere,
// then what is written for machines.
func standing(k Kind) int {
	switch k {
	case PageCredit:
		return 1
	case PageCaption:
		return 2
	case PageText:
		return 3
	case PageAlt:
		return 4
	case PageTitle:
		return 5
	case PageData:
		return 6
	case PageJSONLD:
		return 7
	case PageMicrodata:
		return 8
	case PageMeta:
		return 9
	case PageState:
		return 10
	case FileXMP:
		return 11
	case FileIIM:
		return 12
	case FileEXIF:
		return 13
	case FilePNG:
		return 14
	case FileComment:
		return 15
	case FileC2PA:
		return 16
	}
	return 17
}

// weight ranks the properties that can tell who made a picture; 0 for those that cannot.
func weight(p Property) int {
	switch p {
	case CreditLine:
		return 1
	case Creator:
		return 2
	case CopyrightHolder:
		return 3
	case Supplier:
		return 4
	case Source:
		return 5
	case Copyright:
		return 6
	}
	return 0
}

func (s *Statement) has(f Flag) bool { return slices.Contains(s.Flags, f) }

// counts says that a statement is one about this picture.
func (s *Statement) counts() bool {
	return strings.TrimSpace(s.Value) != "" && !s.has(Junk) && !s.has(Ingredient)
}

// pageVoices gives a voice to every statement of a page about the makers, in the order in which they are believed: those of this page
// before those of other pages, then by place, then by property.
func pageVoices(statements []Statement) []voice {
	var voices []voice
	var order []int
	for i := range statements {
		s := &statements[i]
		w := weight(s.Property)
		if w == 0 || s.Kind.OfFile() || !s.counts() {
			continue
		}
		v := pageVoice(s, i)
		if !v.names() && s.Property != CreditLine {
			continue
		}
		rank := standing(s.Kind)*10 + w
		if v.shared {
			rank += 1000
		}
		at, _ := slices.BinarySearch(order, rank+1)
		order = slices.Insert(order, at, rank)
		voices = slices.Insert(voices, at, v)
	}
	return voices
}

func pageVoice(s *Statement, i int) voice {
	v := voice{line: s.Value, from: []int{i}, kind: s.Kind, shared: s.has(Shared)}
	switch s.Property {
	case Creator:
		v.people, v.agencies, v.markers = creator(s.Value)
	case Copyright:
		if !isNotice(s.Value) {
			break
		}
		fallthrough
	default:
		l := creditline.Parse(s.Value)
		v.people, v.agencies, v.markers = l.People, l.Agencies, l.Markers
	}
	return v
}

// isNotice says that a copyright notice is short enough to be about the picture alone.
func isNotice(value string) bool { return len(value) <= 120 }

// creator reads a value that names the creator: a single unknown word is a person here.
func creator(value string) (people, agencies, markers []string) {
	l := creditline.Parse(value)
	if len(l.People) == 0 && len(l.Agencies) == 1 && !strings.Contains(l.Agencies[0], " ") && !strings.ContainsAny(l.Agencies[0], "@.") {
		if _, known := creditline.Agency(l.Agencies[0]); !known && !isCode(l.Agencies[0]) && strings.ToUpper(l.Agencies[0]) != l.Agencies[0] {
			return l.Agencies, nil, l.Markers
		}
	}
	return l.People, l.Agencies, l.Markers
}

// isCode knows the codes with which agencies sort their pictures: "X00227", "NLP-2291". They name nobody.
func isCode(name string) bool {
	digits := 0
	for _, r := range name {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return digits >= 2 && !strings.Contains(name, " ") || digits > 0 && 2*digits >= utf8.RuneCountInString(name)
}

func withoutCodes(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), isCode)
}

// fileVoice is all that the image file says of the makers, by the precedence XMP, IIM, EXIF, PNG text: persons from the first carrier
// that names a creator, agencies from the first that gives a credit, then the source, if it names a known one. Copyright is another
// role, and is asked only when nothing else names anybody. C2PA claims count when there is nothing else.
func fileVoice(statements []Statement) *voice {
	f := filing{statements: statements}
	for i := range statements {
		if s := &statements[i]; s.Kind.OfFile() && s.counts() {
			f.order = append(f.order, i)
		}
	}
	slices.SortStableFunc(f.order, func(a, b int) int { return f.rank(a) - f.rank(b) })
	credit, made := f.first(CreditLine), f.first(Creator)
	for _, i := range credit {
		l := creditline.Parse(statements[i].Value)
		f.add(i, l.People, withoutCodes(l.Agencies), l.Markers)
	}
	f.credited = len(f.v.agencies) > 0
	for _, i := range made {
		people, agencies, markers := creator(statements[i].Value)
		f.add(i, people, agencies, markers)
	}
	if len(f.v.agencies) == 0 {
		f.addKnown(f.first(Source))
	}
	if !f.v.names() {
		for _, p := range [...]Property{Supplier, CopyrightHolder, Copyright} {
			for _, i := range f.first(p) {
				if l := creditline.Parse(statements[i].Value); isNotice(statements[i].Value) {
					f.add(i, l.People, withoutCodes(l.Agencies), nil)
				}
			}
			if f.v.names() {
				f.v.holder = true
				break
			}
		}
	}
	f.addTail()
	if !f.v.names() {
		return nil
	}
	f.v.both = f.credited && len(f.v.people) > 0
	f.v.line = statements[f.v.from[0]].Value
	f.v.kind = statements[f.v.from[0]].Kind
	f.v.shared = statements[f.v.from[0]].has(Shared)
	return &f.v
}

// filing collects what a file says.
type filing struct {
	statements []Statement
	order      []int // of the file's statements that count, the most believed first
	v          voice
	credited   bool
}

func (f *filing) rank(i int) int {
	rank := standing(f.statements[i].Kind)
	if f.statements[i].has(Shared) {
		rank += 1000
	}
	return rank
}

// first gives the statements of a property from the first carrier that names anybody by it.
func (f *filing) first(p Property) []int {
	var found []int
	for _, i := range f.order {
		s := &f.statements[i]
		if s.Property != p {
			continue
		}
		if len(found) > 0 && f.rank(found[0]) != f.rank(i) {
			break
		}
		l := creditline.Parse(s.Value)
		if len(l.People)+len(withoutCodes(l.Agencies)) > 0 {
			found = append(found, i)
		}
	}
	return found
}

// add takes what statement i names into the voice.
func (f *filing) add(i int, people, agencies, markers []string) {
	if len(people)+len(agencies)+len(markers) == 0 {
		return
	}
	f.v.from = append(f.v.from, i)
	if s := &f.statements[i]; isCut(s) {
		for _, name := range slices.Concat(people, agencies) {
			if strings.HasSuffix(s.Value, name) {
				f.v.cut = append(f.v.cut, name)
			}
		}
	}
	f.v.people = union(f.v.people, people, creditline.SamePerson)
	f.v.agencies = union(f.v.agencies, agencies, creditline.SameAgency)
	f.v.markers = union(f.v.markers, markers, func(a, b string) bool { return strings.EqualFold(a, b) })
}

// isCut says that IIM cut a value at its 32 bytes (IIM 2:80, 2:110), or a program one byte before.
func isCut(s *Statement) bool {
	return s.has(Truncated) || s.Kind == FileIIM && (len(s.Value) == 32 || len(s.Value) == 31)
}

// complete gives the names that were cut in full, where others say them in full.
func (v *voice) complete(others []voice) {
	for _, cut := range v.cut {
		for i := range others {
			o := &others[i]
			if full := beginningWith(o.people, cut); full != "" {
				v.drop(cut)
				v.people = union(v.people, []string{full}, creditline.SamePerson)
				break
			}
			if full := beginningWith(o.agencies, cut); full != "" {
				v.drop(cut)
				v.agencies = union(v.agencies, []string{full}, creditline.SameAgency)
				break
			}
		}
	}
}

// drop takes a name out.
func (v *voice) drop(name string) {
	same := func(n string) bool { return n == name }
	v.people, v.agencies = slices.DeleteFunc(v.people, same), slices.DeleteFunc(v.agencies, same)
}

// beginningWith finds the name that begins with a cut one and is longer.
func beginningWith(names []string, cut string) string {
	key := creditline.Key(cut)
	for _, name := range names {
		if k := creditline.Key(name); len(k) > len(key) && strings.HasPrefix(k, key) {
			return name
		}
	}
	return ""
}

// addKnown takes from a source only the agencies that are known: it often holds a code or a file name.
func (f *filing) addKnown(from []int) {
	for _, i := range from {
		l := creditline.Parse(f.statements[i].Value)
		f.add(i, nil, slices.DeleteFunc(l.Agencies, func(name string) bool { _, ok := creditline.Agency(name); return !ok }), nil)
	}
}

// union appends to names those of more that are not there.
func union[T any](names, more []T, same func(a, b T) bool) []T {
	for _, name := range more {
		if !slices.ContainsFunc(names, func(n T) bool { return same(n, name) }) {
			names = append(names, name)
		}
	}
	return names
}
