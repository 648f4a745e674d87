package imagemeta

import (
	"slices"
	"strings"

	"tearsheet/archive/photo"
)

// Embedded is what of an image file's statements to show, one value of each kind. Lists are never nil.
type Embedded struct {
	Creator           []string `json:"creator"`
	Credit            string   `json:"credit"`
	Copyright         string   `json:"copyright"`
	Source            string   `json:"source"`
	Caption           string   `json:"caption"`
	Headline          string   `json:"headline"`
	UsageTerms        string   `json:"usage_terms"`
	WebStatement      string   `json:"web_statement"`
	LicensorURL       string   `json:"licensor_url"`
	DigitalSourceType string   `json:"digital_source_type"`
	C2PA              bool     `json:"c2pa"` // there is a manifest; nobody verified it
	AI                bool     `json:"ai"`   // DigitalSourceType says that a trained model made it, or a part of it
}

// Embedded chooses by the IPTC's guide for image search and its mapping guidelines: of each property XMP before IIM before EXIF before PNG
// text, in their principal fields (dc:creator, IIM 2:80, Artist, …). A manifest of C2PA, which nobody verified, gives no more than the source
// type where nothing else does. Fillers are passed over, and so is a value that damage cut, where another carrier has it whole.
func (m *Metadata) Embedded() Embedded {
	e := Embedded{
		Creator: m.chosen(photo.Creator), C2PA: m.C2PA,
		Credit: m.one(photo.CreditLine), Copyright: m.one(photo.Copyright), Source: m.one(photo.Source), Caption: m.one(photo.Caption),
		Headline: m.one(photo.Headline), UsageTerms: m.one(photo.UsageTerms), WebStatement: m.one(photo.WebStatement),
		LicensorURL: m.one(photo.LicensorURL), DigitalSourceType: m.one(photo.DigitalSourceType),
	}
	if e.Creator == nil {
		e.Creator = []string{}
	}
	e.AI = madeByModel(e.DigitalSourceType)
	return e
}

// one is the value to show of a property that has one. Of EXIF's copyright both parts are shown.
func (m *Metadata) one(p photo.Property) string {
	values := m.chosen(p)
	switch {
	case len(values) == 0:
		return ""
	case p == photo.Copyright:
		return strings.Join(values, "\n")
	}
	return values[0]
}

// chosen gives the values of the field of a property that comes first.
func (m *Metadata) chosen(p photo.Property) []string {
	best := -1
	for i, s := range m.Statements {
		if r := rank(s); s.Property == p && r < unranked && (best < 0 || r < rank(m.Statements[best])) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	var values []string
	for _, s := range m.Statements[best:] {
		if s.Property == p && rank(s) < unranked && arrayOf(s) == arrayOf(m.Statements[best]) && !slices.Contains(values, s.Value) {
			values = append(values, s.Value)
		}
	}
	return values
}

// unranked is the rank of statements that are not for showing.
const unranked = 100

// rank orders statements of one property; the lowest is shown.
func rank(s photo.Statement) int {
	if !isPrimary(s) || slices.Contains(s.Flags, photo.Junk) || slices.Contains(s.Flags, photo.Ingredient) {
		return unranked
	}
	cut := 0
	if s.Kind != photo.FileIIM && slices.Contains(s.Flags, photo.Truncated) {
		cut = 50
	}
	switch s.Kind {
	case photo.FileXMP:
		return cut
	case photo.FileIIM:
		return 10
	case photo.FileEXIF:
		if strings.Contains(s.Locator, "/0x9C9D") { // Windows writes it beside Artist
			return 21 + cut
		}
		return 20 + cut
	case photo.FilePNG:
		return 30 + cut
	case photo.FileC2PA:
		if s.Property == photo.DigitalSourceType {
			return 40
		}
	}
	return unranked
}

// isPrimary reports whether a statement stands in the principal field of its property, and not in one that repeats it from elsewhere or
// says it in passing.
func isPrimary(s photo.Statement) bool {
	if s.Kind != photo.FileXMP {
		return true
	}
	stem := arrayOf(s)
	field := stem[strings.LastIndexByte(stem, '/')+1:]
	switch field {
	case "cc:license", "xmpRights:Owner", "plus:ImageCreatorName":
		return false
	}
	return !strings.HasPrefix(field, "tiff:")
}

// arrayOf is a statement's locator without its number in an array.
func arrayOf(s photo.Statement) string {
	if i := strings.LastIndexByte(s.Locator, '['); i > 0 && strings.HasSuffix(s.Locator, "]") {
		return s.Locator[:i]
	}
	return s.Locator
}

// madeByModel reports whether a digital source type of the IPTC (cv.iptc.org/newscodes/digitalsourcetype) says that the picture, or a part of
// it, was made by a trained model or an algorithm.
func madeByModel(sourceType string) bool {
	switch sourceType[strings.LastIndexByte(sourceType, '/')+1:] {
	case "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia":
		return true
	}
	return false
}
