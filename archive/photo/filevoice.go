package photo

import (
	"cmp"
	"slices"
	"strings"

	"tearsheet/archive/photo/creditline"
)

// fileVoice is all that the image file says of the makers, nil when it names nobody. The carriers are believed in the order XMP, IIM,
// EXIF, PNG text, comment, C2PA claims: persons come from the first that names a creator, agencies from the first that gives a credit,
// then from a source that is known. Who holds the rights is another role, and is asked only when nothing else names anybody.
func fileVoice(statements []Statement) *voice {
	f := filing{statements: statements}
	for i := range statements {
		if s := &statements[i]; s.Kind.OfFile() && s.counts() {
			f.order = append(f.order, i)
		}
	}
	slices.SortStableFunc(f.order, func(a, b int) int { return cmp.Compare(f.rank(a), f.rank(b)) })
	f.hear(CreditLine)
	credited := len(f.v.agencies) > 0
	f.hear(Creator)
	if len(f.v.agencies) == 0 {
		f.hearSource()
	}
	if !f.v.names() {
		f.hearHolder()
	}
	f.hearTail()
	if !f.v.names() {
		return nil
	}
	first := &statements[f.v.from[0]]
	f.v.line, f.v.kind, f.v.property, f.v.shared = first.Value, first.Kind, first.Property, first.has(Shared)
	f.v.both = credited && len(f.v.people) > 0
	if f.v.tail && first.Property == Caption {
		_, f.v.line = creditline.Split(first.Value)
	}
	return &f.v
}

// filing collects what a file says.
type filing struct {
	statements []Statement
	order      []int // of the file's statements that count, the most believed first
	v          voice
}

func (f *filing) rank(i int) int {
	r := standing(f.statements[i].Kind)
	if f.statements[i].has(Shared) {
		r += 1000
	}
	return r
}

// hear takes in the statements of a property from the first carrier that names anybody by it. Persons whom another carrier names as
// creators are kept as alternates.
func (f *filing) hear(p Property) {
	heard := -1
	for _, i := range f.order {
		s := &f.statements[i]
		if s.Property != p {
			continue
		}
		people, agencies, markers := makers(s)
		agencies = withoutCodes(agencies)
		if len(people)+len(agencies) == 0 {
			continue
		}
		switch {
		case heard < 0 || f.rank(heard) == f.rank(i):
			heard = i
			f.take(i, people, agencies, markers)
		case p == Creator:
			f.v.alternate = union(f.v.alternate, people, creditline.SamePerson)
		}
	}
}

// take adds what statement i names, and marks names that IIM may have cut.
func (f *filing) take(i int, people, agencies, markers []string) {
	f.v.take(i, people, agencies, markers)
	s := &f.statements[i]
	if !s.has(Truncated) && (s.Kind != FileIIM || len(s.Value) != 32 && len(s.Value) != 31) {
		return
	}
	for _, name := range slices.Concat(people, agencies) {
		if strings.HasSuffix(s.Value, name) {
			f.v.cut = append(f.v.cut, name)
		}
	}
}

// hearSource takes from sources only known agencies: they hold codes and file names too (IIM 2:115, photoshop:Source).
func (f *filing) hearSource() {
	for _, i := range f.order {
		if f.statements[i].Property != Source {
			continue
		}
		l := creditline.Parse(f.statements[i].Value)
		known := slices.DeleteFunc(l.Agencies, func(name string) bool {
			_, ok := creditline.Agency(name)
			return !ok || isCode(name)
		})
		if len(known) > 0 {
			f.take(i, nil, known, nil)
			return
		}
	}
}

// hearHolder takes in who supplied the picture or holds the rights in it.
func (f *filing) hearHolder() {
	for _, p := range [...]Property{Supplier, CopyrightHolder, Copyright} {
		f.hear(p)
		if f.v.names() {
			f.v.holder = true
			return
		}
	}
}

// hearTail takes in the credit at the end of the file's caption: it corroborates, adds the agencies of a person whom it names again, and
// speaks alone where nothing else does.
func (f *filing) hearTail() {
	for _, i := range f.order {
		s := &f.statements[i]
		if s.Property != Caption {
			continue
		}
		_, tail := creditline.Split(s.Value)
		l := creditline.Parse(tail)
		if len(l.People)+len(l.Agencies) == 0 {
			continue
		}
		switch {
		case !f.v.names() || f.v.holder:
			f.v = voice{}
		case anySame(f.v.people, l.People, creditline.SamePerson):
			f.v.people = spelled(f.v.people, l.People)
		case len(f.v.people) == 0 && containsAll(l.Agencies, f.v.agencies, creditline.SameAgency):
		default:
			continue
		}
		f.take(i, l.People, withoutCodes(l.Agencies), nil)
		f.v.tail = true
		return
	}
}

// complete gives the names that were cut in full, where others says them in full.
func (v *voice) complete(other *voice) {
	for _, cut := range v.cut {
		if full := beginningWith(other.people, cut); full != "" {
			v.drop(cut)
			v.people = union(v.people, []string{full}, creditline.SamePerson)
		} else if full := beginningWith(other.agencies, cut); full != "" {
			v.drop(cut)
			v.agencies = union(v.agencies, []string{full}, creditline.SameAgency)
		}
	}
}

// drop takes a name out.
func (v *voice) drop(name string) {
	same := func(n string) bool { return n == name }
	v.people = slices.DeleteFunc(slices.Clone(v.people), same)
	v.agencies = slices.DeleteFunc(slices.Clone(v.agencies), same)
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
