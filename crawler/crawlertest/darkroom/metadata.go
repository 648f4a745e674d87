package darkroom

import (
	"bytes"
	"fmt"
	"slices"
)

// Carrier is a place in an image file where credits stand.
type Carrier string

// The carriers. JPEG has the first three, WebP XMP and EXIF, GIF XMP alone, PNG XMP, EXIF and Text.
const (
	IIM  Carrier = "iim"  // IPTC IIM 4.2 datasets in Photoshop resource 0x0404, in APP13
	XMP  Carrier = "xmp"  // an XMP packet (ISO 16684-1)
	EXIF Carrier = "exif" // IFD0: ImageDescription, Artist, Copyright
	Text Carrier = "text" // PNG tEXt: Description, Author, Copyright
)

// Metadata is what a file says about itself in the carriers it names. Each carrier takes the fields that it has: XMP all of them, IIM
// creators, credit, source, copyright, caption and headline, EXIF and Text creators, copyright and caption.
type Metadata struct {
	Carriers          []Carrier `json:"carriers"`
	Creators          []string  `json:"creators,omitempty"`            // IIM 2:80, dc:creator, Artist
	Credit            string    `json:"credit,omitempty"`              // IIM 2:110, photoshop:Credit
	Source            string    `json:"source,omitempty"`              // IIM 2:115, photoshop:Source
	Copyright         string    `json:"copyright,omitempty"`           // IIM 2:116, dc:rights, Copyright
	Caption           string    `json:"caption,omitempty"`             // IIM 2:120, dc:description, ImageDescription
	Headline          string    `json:"headline,omitempty"`            // IIM 2:105, photoshop:Headline
	UsageTerms        string    `json:"usage_terms,omitempty"`         // xmpRights:UsageTerms
	WebStatement      string    `json:"web_statement,omitempty"`       // xmpRights:WebStatement, the page of the licence
	LicensorURL       string    `json:"licensor_url,omitempty"`        // plus:Licensor/plus:LicensorURL
	DigitalSourceType string    `json:"digital_source_type,omitempty"` // Iptc4xmpExt:DigitalSourceType

	// Latin writes the IIM as windows-1252 without saying so, as the older half of the world's press archives does; else it is UTF-8
	// and says so in 1:90.
	Latin bool `json:"latin,omitempty"`
}

// Embed writes blocks into an image file that has none, and gives the new file. It fails on a carrier that the format does not have, and
// on a file that is not of the format.
func Embed(f Format, file []byte, blocks []Metadata) ([]byte, error) {
	made := map[Carrier][]byte{}
	for _, m := range blocks {
		for _, c := range m.Carriers {
			if !slices.Contains(f.carriers(), c) {
				return nil, fmt.Errorf("a %s file cannot carry %s", f, c)
			}
			block, err := m.block(c)
			if err != nil {
				return nil, fmt.Errorf("writing %s: %w", c, err)
			}
			made[c] = block
		}
	}
	if len(made) == 0 {
		return file, nil
	}
	var out bytes.Buffer
	out.Grow(len(file) + 8192)
	var err error
	switch f {
	case JPEG:
		err = embedJPEG(&out, file, made)
	case PNG:
		err = embedPNG(&out, file, made)
	case GIF:
		err = embedGIF(&out, file, made)
	case WebP:
		err = embedWebP(&out, file, made)
	}
	if err != nil {
		return nil, fmt.Errorf("embedding metadata in a %s file: %w", f, err)
	}
	return out.Bytes(), nil
}

func (f Format) carriers() []Carrier {
	switch f {
	case JPEG:
		return []Carrier{IIM, XMP, EXIF}
	case PNG:
		return []Carrier{XMP, EXIF, Text}
	case WebP:
		return []Carrier{XMP, EXIF}
	case GIF:
		return []Carrier{XMP}
	}
	return nil
}

// block is the payload of one carrier, without the wrapping that the file format gives it.
func (m Metadata) block(c Carrier) ([]byte, error) {
	switch c {
	case IIM:
		return m.photoshop()
	case XMP:
		return m.xmp()
	case EXIF:
		return m.exif(), nil
	case Text:
		return m.pngText(), nil
	}
	return nil, fmt.Errorf("no carrier is called %q", c)
}
