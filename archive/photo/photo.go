// Package photo describes a photograph as archived: statements of who made it, each with where it was said, and the credit that they
// resolve to.
//
// A [Statement] is never changed and never dropped: page and file may contradict each other, and both are kept. [Resolve] chooses what to
// show, says how page and file agree, and by which rule it decided.
//
// The package knows nothing of HTML, of image files or of records; those who read them (archive/page, archive/photo/imagemeta) make the
// statements. What a credit line names is the business of archive/photo/creditline.
package photo

// Property says what a statement is about. The names follow IPTC and schema.org.
type Property string

const (
	Creator           Property = "creator"
	CreatorJob        Property = "creator_job" // IIM 2:85, photoshop:AuthorsPosition: "STR", "Staff"
	CreditLine        Property = "credit"
	Copyright         Property = "copyright"
	CopyrightHolder   Property = "copyright_holder"
	Source            Property = "source"
	Supplier          Property = "supplier"
	Caption           Property = "caption"
	CaptionWriter     Property = "caption_writer"
	Headline          Property = "headline"
	Title             Property = "title"
	Instructions      Property = "instructions"
	UsageTerms        Property = "usage_terms"
	WebStatement      Property = "web_statement" // URL of the licence or of the rights statement
	LicensorURL       Property = "licensor_url"
	Licensor          Property = "licensor"
	LicensorContact   Property = "licensor_contact" // e-mail address
	Contact           Property = "contact"          // of the creator: IIM 2:118, or an e-mail address
	ContactURL        Property = "contact_url"
	Editor            Property = "editor" // who worked on the picture after it was taken
	DigitalSourceType Property = "digital_source_type"
	ClaimGenerator    Property = "claim_generator" // C2PA: the program that made the claim
	Provenance        Property = "provenance"      // dcterms:provenance: where a C2PA manifest lies that is not in the file
	ArtworkCreator    Property = "artwork_creator" // of the work that the photograph shows, not of the photograph
	ArtworkCopyright  Property = "artwork_copyright"
	Alt               Property = "alt"
)

// Kind says where a statement was found.
type Kind string

const (
	PageCredit    Kind = "page.credit"  // an element of its own that holds the credit, beside the picture
	PageCaption   Kind = "page.caption" // the visible caption, or the credit at its end
	PageText      Kind = "page.text"    // a paragraph near the picture or at the foot of the article
	PageAlt       Kind = "page.alt"
	PageTitle     Kind = "page.title" // the title attribute
	PageData      Kind = "page.data"  // another attribute, as data-credit
	PageJSONLD    Kind = "page.jsonld"
	PageMicrodata Kind = "page.microdata"
	PageMeta      Kind = "page.meta"
	PageState     Kind = "page.state" // what the page hands to its scripts
	FileXMP       Kind = "file.xmp"
	FileIIM       Kind = "file.iim"
	FileEXIF      Kind = "file.exif"
	FilePNG       Kind = "file.png"
	FileC2PA      Kind = "file.c2pa" // claimed, and not verified here
	FileComment   Kind = "file.comment"
)

// OfFile reports whether statements of the kind come from the image file, and not from a page that shows it.
func (k Kind) OfFile() bool { return len(k) > 5 && k[:5] == "file." }

// Flag tells something of a statement that who weighs it must know.
type Flag string

const (
	Truncated  Flag = "truncated"        // cut at the length that its carrier allows, as IIM's 32 bytes
	Mismatch   Flag = "charset_mismatch" // the bytes were not in the character set that the file declares
	Detected   Flag = "charset_detected" // the file declares none; this one fits
	Junk       Flag = "junk"             // a camera's or a program's filler, no statement about this picture
	Publisher  Flag = "publisher"        // the publication itself, as templates tell machines of every picture
	Ingredient Flag = "ingredient"       // of a picture that this one was made from
	Unverified Flag = "unverified"       // signed, but nobody checked the signature
	OutOfSync  Flag = "out_of_sync"      // IIM and XMP of one file differ, and not by truncation
	Shared     Flag = "shared"           // said on another page, or of another rendition, of the same picture
)

// Statement is one thing that a page or a file says about a photograph. Nothing is ever overwritten by another statement.
type Statement struct {
	Property Property `json:"property"`
	Value    string   `json:"value"` // as shown, UTF-8, white space collapsed
	Kind     Kind     `json:"kind"`
	Locator  string   `json:"locator"`        // CSS path, JSON pointer, byte span, or place in the file ("APP13/8BIM:0404/2:80")
	Lang     string   `json:"lang,omitempty"` // BCP 47, of XMP's language alternatives; "" also for their default
	// Translations say the same in other languages: the alternatives of XMP that are not the default.
	Translations []Translation `json:"translations,omitempty"`
	Raw          []byte        `json:"raw,omitempty"` // the bytes, where their character set can only be guessed
	Flags        []Flag        `json:"flags,omitempty"`
	Record       string        `json:"record,omitempty"` // WARC-Record-ID of the page's or the image's response
}

// Translation is a statement's value in another language.
type Translation struct {
	Lang  string `json:"lang"` // BCP 47
	Value string `json:"value"`
}

// Agreement says how what the page says of a photograph's makers agrees with what its file says.
type Agreement string

const (
	Agree      Agreement = "agree"
	Compatible Agreement = "compatible" // each says something that the other does not, without contradiction
	Conflict   Agreement = "conflict"
	PageOnly   Agreement = "page_only"
	FileOnly   Agreement = "file_only"
	None       Agreement = "none" // nobody says who made it
)

// Credit is what the statements about one photograph resolve to.
type Credit struct {
	Line       string    `json:"line"` // the winning statement, as shown; "" with None
	People     []string  `json:"people"`
	Agencies   []string  `json:"agencies"`
	Markers    []string  `json:"markers,omitempty"` // "Handout", "Pool", …
	Basis      []int     `json:"basis"`             // indexes of the statements on which it rests, the winning one first
	Agreement  Agreement `json:"agreement"`
	Confidence float64   `json:"confidence"` // 0 to 1
	Rule       string    `json:"rule"`       // which rule decided, in words
}
