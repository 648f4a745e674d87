package photo

import (
	"strings"

	"tearsheet/archive/photo/creditline"
)

// captionTail gives the credit with which a file's caption ends, as agencies write them: "… at home. (AP Photo/Jo Roe)",
// "… in London. REUTERS/Jo Roe", "… am Abend. Foto: Jo Roe/dpa", "Mandatory Credit: Jo Roe/Getty Images". It is "" when there is none.
func captionTail(caption string) string {
	caption = strings.TrimRight(caption, " .\n")
	if strings.HasSuffix(caption, ")") || strings.HasSuffix(caption, "）") {
		if open := max(strings.LastIndex(caption, "("), strings.LastIndex(caption, "（")); open >= 0 {
			return tailIf(caption[open:])
		}
	}
	for i := len(caption) - 1; i > 0; i-- {
		if caption[i] != ' ' || len(caption)-i > maxTail {
			continue
		}
		if tail := caption[i+1:]; beginsCredit(tail) {
			return tailIf(tail)
		}
	}
	return tailIf(caption)
}

// maxTail is how many bytes the credit at the end of a caption has at most.
const maxTail = 120

// beginsCredit says that a text begins as a credit does, with its label or with an agency and a slash.
func beginsCredit(text string) bool {
	word, _, _ := strings.Cut(text, " ")
	if strings.HasSuffix(word, ":") || strings.HasPrefix(word, "©") {
		return creditline.HasLabel(text)
	}
	agency, _, ok := strings.Cut(text, "/")
	if !ok || strings.Contains(agency, " ") && agency != "AP Photo" && agency != "AFP Photo" {
		return false
	}
	_, known := creditline.Agency(agency)
	return known && strings.ToUpper(agency) == agency
}

// tailIf gives a text that is a credit: labelled, or naming a known agency.
func tailIf(text string) string {
	if len(text) > maxTail || text == "" {
		return ""
	}
	if creditline.HasLabel(text) {
		return text
	}
	for _, name := range creditline.Parse(text).Agencies {
		if _, known := creditline.Agency(name); known && strings.Contains(text, "/") {
			return text
		}
	}
	return ""
}

// addTail hears the credit at the end of the file's caption: it corroborates, adds the agencies of a person that it names again, and
// speaks alone where nothing else does.
func (f *filing) addTail() {
	for _, i := range f.order {
		s := &f.statements[i]
		if s.Property != Caption {
			continue
		}
		tail := captionTail(s.Value)
		if tail == "" {
			continue
		}
		l := creditline.Parse(tail)
		switch {
		case !f.v.names() || f.v.holder:
			f.v = voice{}
			f.add(i, l.People, withoutCodes(l.Agencies), l.Markers)
			f.v.tail = f.v.names()
		case anySame(f.v.people, l.People, creditline.SamePerson):
			f.v.tail = true
			f.add(i, l.People, withoutCodes(l.Agencies), nil)
			f.v.people = spelled(f.v.people, l.People)
		case len(f.v.people) == 0 && containsAll(l.Agencies, f.v.agencies, creditline.SameAgency):
			f.v.tail = true
			f.add(i, l.People, withoutCodes(l.Agencies), nil)
		}
		if f.v.tail {
			return
		}
	}
}
