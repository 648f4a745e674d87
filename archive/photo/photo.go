// Package photo describes a photograph as archived: statements of who made it, each with where it was said, and the credit that they
// resolve to.
package photo

// Property says what a statement is about. The names follow IPTC and schema.org.
type Property string

const (
	Creator           Property = "creator"
	CreditLine        Property = "credit"
	Copyright         Property = "copyright"
	Source            Property = "source"
	Caption           Property = "caption"
	Headline          Property = "headline"
	UsageTerms        Property = "usage_terms"
	LicenceURL        Property = "licence_url"
	LicensorURL       Property = "licensor_url"
	DigitalSourceType Property = "digital_source_type"
	Alt               Property = "alt"
)

// Kind says where a statement was found.
type Kind string

const (
	PageCaption Kind = "page.caption"
	PageAlt     Kind = "page.alt"
	PageText    Kind = "page.text"
	PageJSONLD  Kind = "page.jsonld"
	PageMeta    Kind = "page.meta"
	FileXMP     Kind = "file.xmp"
	FileIIM     Kind = "file.iim"
	FileEXIF    Kind = "file.exif"
	FilePNG     Kind = "file.png"
	FileC2PA    Kind = "file.c2pa"
)

// Statement is one thing that a page or a file says about a photograph. Nothing is ever overwritten by another statement.
type Statement struct {
	Property Property `json:"property"`
	Value    string   `json:"value"`
	Kind     Kind     `json:"kind"`
	Locator  string   `json:"locator"` // CSS path, JSON pointer, or place in the file
}

// Credit is what the statements about one photograph resolve to.
type Credit struct {
	Line      string   `json:"line"`
	People    []string `json:"people"`
	Agencies  []string `json:"agencies"`
	Basis     string   `json:"basis"`
	Agreement string   `json:"agreement"`
}
