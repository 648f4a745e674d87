package imagemeta

import "tearsheet/archive/photo"

// Metadata is what an image file says of itself.
type Metadata struct {
	Header     Header
	Statements []photo.Statement
	C2PA       bool     // there is a C2PA manifest, which nobody verified
	Damage     error    // why the file could not be read to its end; what was read up to there counts
	Carriers   []string // "exif", "iim", "xmp", …: what there is of metadata, also where it says nothing of credits
}
