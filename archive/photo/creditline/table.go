package creditline

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed agencies.txt
var agenciesText string

//go:embed words.txt
var wordsText string

// sort is what sort of party the table of agencies holds a name for.
type sort int

const (
	ofNone     sort = iota
	ofWires         // wire agencies
	ofLibrary       // photograph libraries
	ofStock         // stock sites: names beside them are users
	ofPlatform      // where users show pictures
	ofNews          // news organisations
	ofPublic        // institutions
	ofCompany
)

var sorts = map[string]sort{
	"wire agencies": ofWires, "photograph libraries": ofLibrary, "stock sites": ofStock, "platforms": ofPlatform,
	"news organisations": ofNews, "institutions": ofPublic, "companies": ofCompany,
}

// party is one row of the table of agencies.
type party struct {
	name string // canonical
	key  string // name, folded
	sort sort
}

// set is a set of folded words or phrases.
type set map[string]struct{}

func (s set) has(folded string) bool { _, ok := s[folded]; return ok }

// vocabulary is words.txt and agencies.txt, folded.
type vocabulary struct {
	parties map[string]*party // by every folded name

	labels, otherLabels, prepositions, leads, suffixes, markers, supplied                                                                              set
	organisations, legal, particles, nameSuffixes, titles, runOn, places                                                                               set
	uploads, conjunctions, joints, given, bare, personal, beginnings, surnames, capitalSurnames, looseSuffixes, suppliers, weakPrepositions, partLeads set

	firsts set // the first words of labels and leads

	gluedLabels, gluedSuffixes, weakSuffixes, personSuffixes, organisationEndings, compounds []string // longest first, not folded
}

var theWords = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{parties: make(map[string]*party, 4096)}
	v.readAgencies(agenciesText)
	sections := readSections(wordsText)
	for name, into := range v.sections() {
		*into = make(set, len(sections[name]))
		for _, entry := range sections[name] {
			(*into)[fold(entry)] = struct{}{}
		}
	}
	v.firsts = set{}
	for _, phrases := range []set{v.labels, v.leads, v.bare} {
		for phrase := range phrases {
			first, _, _ := strings.Cut(phrase, " ")
			v.firsts[first] = struct{}{}
		}
	}
	v.gluedLabels = longestFirst(sections["glued labels"])
	v.weakSuffixes = longestFirst(sections["weak glued suffixes"])
	v.gluedSuffixes = longestFirst(sections["glued suffixes"])
	v.personSuffixes = longestFirst(sections["person suffixes"])
	v.compounds = foldAll(sections["compound endings"])
	v.organisationEndings = longestFirst(sections["organisation endings"])
	return v
})

// sections gives the sets that sections of words.txt fill, by the sections' names.
func (v *vocabulary) sections() map[string]*set {
	return map[string]*set{
		"labels": &v.labels, "other labels": &v.otherLabels, "label prepositions": &v.prepositions, "leads": &v.leads,
		"suffixes": &v.suffixes, "markers": &v.markers, "supplied": &v.supplied, "organisation words": &v.organisations,
		"legal forms": &v.legal, "particles": &v.particles, "name suffixes": &v.nameSuffixes, "titles": &v.titles, "run on": &v.runOn,
		"places": &v.places, "uploads": &v.uploads, "conjunctions": &v.conjunctions, "joints": &v.joints, "given names": &v.given, "bare labels": &v.bare, "personal labels": &v.personal,
		"organisation beginnings": &v.beginnings, "surnames": &v.surnames, "capital surnames": &v.capitalSurnames, "loose suffixes": &v.looseSuffixes, "weak prepositions": &v.weakPrepositions, "part leads": &v.partLeads, "supplier labels": &v.suppliers,
	}
}

func foldAll(entries []string) []string {
	out := make([]string, len(entries))
	for i, entry := range entries {
		out[i] = fold(entry)
	}
	return out
}

// readAgencies fills the table of agencies. Of two rows that claim a name the first keeps it.
func (v *vocabulary) readAgencies(text string) {
	add := func(name string, p *party) {
		if key := fold(name); key != "" && v.parties[key] == nil {
			v.parties[key] = p
		}
	}
	section := ofNone
	eachLine(text, func(line, head string) {
		if head != "" {
			section = sorts[head]
			return
		}
		if name, aliases, ok := strings.Cut(line, " = "); ok {
			p := &party{name: strings.TrimSpace(name), key: fold(name), sort: section}
			add(name, p)
			for alias := range strings.SplitSeq(aliases, " | ") {
				add(alias, p)
			}
			return
		}
		for name := range strings.SplitSeq(line, ", ") {
			name = strings.Trim(name, ", ")
			add(name, &party{name: name, key: fold(name), sort: section})
		}
	})
}

// readSections gives the entries of each section of words.txt.
func readSections(text string) map[string][]string {
	sections := map[string][]string{}
	section := ""
	eachLine(text, func(line, head string) {
		if head != "" {
			section = head
			return
		}
		for entry := range strings.SplitSeq(line, ",") {
			if entry = strings.TrimSpace(entry); entry != "" {
				sections[section] = append(sections[section], entry)
			}
		}
	})
	return sections
}

// eachLine calls with every line that is no comment, or with the name of the section that begins there.
func eachLine(text string, call func(line, head string)) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			call("", strings.Trim(line, "[]"))
		default:
			call(line, "")
		}
	}
}

// longestFirst orders by length, so that the first match is the longest.
func longestFirst(entries []string) []string {
	out := append([]string(nil), entries...)
	for i := range out {
		for j := i; j > 0 && len(out[j]) > len(out[j-1]); j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}
