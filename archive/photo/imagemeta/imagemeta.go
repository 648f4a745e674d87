// Package imagemeta reads what an image file says about itself, above all about who made it, without decoding a pixel: IIM, XMP, EXIF, PNG
// text and C2PA manifests in JPEG, PNG, WebP, GIF, TIFF, AVIF, HEIC and JPEG XL files, and the size of these and of BMP and SVG.
//
// It goes by the bytes, never by a file's name or its Content-Type, and it reads files from the web: it reads by ranges, everything is bounded
// (see limits.go), and of a file that is cut or damaged it gives what was readable, never a panic.
//
// Everything that is said becomes a [photo.Statement] with the place where it stands. Nothing is dropped because something else contradicts
// it; what deserves doubt is flagged. [Metadata.Embedded] chooses what to show, as the IPTC's guide for image search does.
//
// It knows nothing about pages or archives, and verifies no signature. Of ours it imports archive/photo alone.
package imagemeta

import (
	"errors"
	"fmt"
	"io"

	"tearsheet/archive/photo"
)

// Metadata is what an image file says about itself.
type Metadata struct {
	Header     Header
	Statements []photo.Statement // in the order in which they stand in the file; not more than MaxStatements
	Carriers   []string          // the containers of metadata that were there, whether or not they say anything: CarrierEXIF, …
	// Orientation says how the stored pixels are to be turned (EXIF tag 0x0112): 1 to 8, or 0 where the file does not say.
	Orientation int
	C2PA        bool // there is a C2PA manifest in it; nobody verified it
	// IIMChanged says that the IIM was changed by a program that did not know the XMP beside it: the digest that its writer left in the
	// image resource 0x0425 (MWG Guidelines 2.0, section 3.3.1) is another one.
	IIMChanged bool
	Damage     error // what could not be read, and why; the rest counts. nil when nothing was in the way.
}

// The carriers of metadata.
const (
	CarrierEXIF = "exif"
	CarrierIIM  = "iim"
	CarrierXMP  = "xmp"
	CarrierPNG  = "png-text"
	CarrierC2PA = "c2pa"
)

// ErrUnknownFormat says that the bytes begin like no image format that this package knows.
var ErrUnknownFormat = errors.New("not an image format that is known here")

// Read reads the image file in the first size bytes of r. Its error is ErrUnknownFormat, or one of r: a file that is damaged, or shorter than
// size, gives what was readable, and Damage. r is read by ranges, mostly at its start, for some formats also at its end.
func Read(r io.ReaderAt, size int64) (*Metadata, error) {
	f := &file{r: r}
	rd := newReading(source{r: f, size: size})
	rd.meta.Header.Format = Sniff(rd.at(0, sniffBytes))
	if f.err == nil && rd.meta.Header.Format == "" {
		return nil, ErrUnknownFormat
	}
	rd.walk()
	if f.err != nil {
		return nil, fmt.Errorf("read the image: %w", f.err)
	}
	rd.finish()
	return rd.meta, nil
}

func newReading(s source) *reading {
	return &reading{window: newWindow(s), meta: &Metadata{}, room: maxHeld, words: maxSaid, texts: maxInflations, blocks: maxBlocks}
}

// reading is one file that is being read. The walkers of the containers find the carriers, and the readers of these add statements.
type reading struct {
	*window
	meta     *Metadata
	problems []error
	room     int64          // bytes that may still be taken into memory
	words    int            // bytes that statements may still take
	texts    int            // compressed texts that may still be inflated
	blocks   int            // blocks of metadata that may still be read
	claims   int64          // bytes of C2PA claims and assertions so far
	boxes    int            // JUMBF boxes so far
	full     bool           // no more is taken in, and there is no sense in reading on
	seen     map[string]int // blocks of a name so far
	digest   []byte         // of the IIM, by its writer
	sum      []byte         // of the first IIM block, by its bytes
	extended []byte         // GUID of the extended XMP that the main packet names
}

// walk goes through the container.
func (rd *reading) walk() {
	switch rd.meta.Header.Format {
	case JPEG:
		rd.jpeg()
	case PNG:
		rd.png()
	case GIF:
		rd.gif()
	case WebP:
		rd.webp()
	case TIFF:
		rd.tiff()
	case BMP:
		rd.bmp()
	case AVIF, HEIC:
		rd.iso()
	case JPEGXL:
		rd.jxl()
	case SVG:
		rd.svg()
	}
}

// finish compares what the carriers say, and tells the damage.
func (rd *reading) finish() {
	if h := &rd.meta.Header; h.Width < 0 || h.Height < 0 {
		h.Width, h.Height = 0, 0
	}
	compareIIM(rd.meta.Statements)
	rd.meta.Damage = errors.Join(rd.problems...)
}

// problem notes what could not be read.
func (rd *reading) problem(format string, args ...any) {
	if len(rd.problems) < maxProblems {
		rd.problems = append(rd.problems, fmt.Errorf(format, args...))
	}
}

// admits reports whether one more block of metadata is read.
func (rd *reading) admits() bool {
	switch {
	case rd.full:
		return false
	case rd.blocks == 0:
		rd.full = true
		rd.problem("it has more than %d blocks of metadata", maxBlocks)
		return false
	}
	rd.blocks--
	return true
}

// carrier notes that a container of metadata is there.
func (rd *reading) carrier(name string) {
	for _, c := range rd.meta.Carriers {
		if c == name {
			return
		}
	}
	rd.meta.Carriers = append(rd.meta.Carriers, name)
}

// place names a block of the file. The second one of a name is name[2].
func (rd *reading) place(name string) string {
	if rd.seen == nil {
		rd.seen = map[string]int{}
	}
	rd.seen[name]++
	if n := rd.seen[name]; n > 1 {
		return fmt.Sprintf("%s[%d]", name, n)
	}
	return name
}

// take loads up to limit bytes of s, within what one file may take.
func (rd *reading) take(s source, limit int64, what string) []byte {
	if s.size > limit {
		rd.problem("%s has %d bytes, of which %d are read", what, s.size, limit)
	}
	n := min(s.size, limit)
	if s.memory != nil {
		return s.load(n)
	}
	if n > rd.room {
		rd.problem("%s is not read: the file has too much metadata", what)
		rd.full = true
		return nil
	}
	rd.room -= max(0, n)
	b := s.load(n)
	if int64(len(b)) < n {
		rd.problem("the file ends within %s", what)
	}
	return b
}

// say adds a statement, if there is room for it.
func (rd *reading) say(s photo.Statement) {
	if rd.full {
		return
	}
	rd.words -= len(s.Value) + len(s.Raw)
	s.Value, s.Flags = tidy(s.Value, s.Flags)
	s.Raw = s.Raw[:min(len(s.Raw), MaxValue)]
	for i := range s.Translations {
		rd.words -= len(s.Translations[i].Value)
		s.Translations[i].Value, _ = tidy(s.Translations[i].Value, nil)
	}
	if len(rd.meta.Statements) == MaxStatements || rd.words < 0 {
		rd.problem("it makes more statements than the %d that are kept", len(rd.meta.Statements))
		rd.full = true
		return
	}
	if s.Value == "" {
		return
	}
	if isJunk(s.Property, s.Value) {
		s.Flags = append(s.Flags, photo.Junk)
	}
	rd.meta.Statements = append(rd.meta.Statements, s)
}
