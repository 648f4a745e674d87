package imagemeta

import (
	"io"

	"tearsheet/archive/photo"
)

// Metadata is what an image file says of itself.
type Metadata struct {
	Header     Header
	Statements []photo.Statement
	C2PA       bool     // there is a C2PA manifest, which nobody verified
	Damage     error    // why the file could not be read to its end; what was read up to there counts
	Carriers   []string // "exif", "iim", "xmp", …: what there is of metadata, also where it says nothing of credits
}

// Read tells what the image file of size bytes in r says of itself.
func Read(r io.ReaderAt, size int64) (*Metadata, error) {
	h, err := ReadHeader(io.NewSectionReader(r, 0, size))
	if h.Format == "" {
		return nil, err
	}
	return &Metadata{Header: h, Damage: err}, nil
}
