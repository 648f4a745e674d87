package archive

import (
	"cmp"
	"slices"

	"tearsheet/archive/index"
	"tearsheet/archive/page"
	"tearsheet/archive/photo"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/warc"
)

// Photo is one of a page's own photographs: what the page says of it, what its files say, and the credit that both resolve to. It is a member
// of a page's row in pages.jsonl and in the page's record; photos.jsonl has it as a schema.org ImageObject.
type Photo struct {
	Src        string            `json:"src"`
	Renditions []string          `json:"renditions,omitempty"` // every URL of it that the page names, Src first
	Role       string            `json:"role,omitempty"`       // page.RoleLead or page.RoleBody
	Alt        string            `json:"alt,omitempty"`
	Caption    string            `json:"caption,omitempty"`
	Credit     photo.Credit      `json:"credit"` // with agreement "none" when nobody says who made it
	Statements []photo.Statement `json:"statements,omitempty"`
	Files      []PhotoFile       `json:"files,omitempty"` // the renditions that were asked for, also those that did not come
}

// PhotoFile is one file of a photograph: where it stands in the archive, and what it is. Its bytes are the payload of the record, and
// Archive.OpenFile gives them.
type PhotoFile struct {
	URL    string           `json:"url"`
	Run    string           `json:"run,omitempty"`    // the run that holds the record; "" for the run that lists the photograph
	Record string           `json:"record,omitempty"` // WARC-Record-ID
	Type   warc.Type        `json:"type,omitempty"`   // response, revisit or resource; metadata when nothing came back
	File   string           `json:"file,omitempty"`   // in archive/, as of Kept
	Offset int64            `json:"offset"`
	Length int64            `json:"length,omitempty"` // bytes as stored
	Status int              `json:"status,omitempty"`
	MIME   string           `json:"mime,omitempty"`   // as the server called it
	Format imagemeta.Format `json:"format,omitempty"` // as the bytes are
	Width  int              `json:"width,omitempty"`  // pixels, as stored
	Height int              `json:"height,omitempty"`
	Digest string           `json:"digest,omitempty"` // sha256 of the payload
	Size   int64            `json:"size"`             // payload bytes

	Carriers []string `json:"carriers,omitempty"` // what metadata it carries: "exif", "iim", "xmp", …
	// Stripped says that it was read whole, that its format can carry metadata, and that none is in it: somebody on the way took it out, or
	// nobody ever put it in.
	Stripped bool `json:"metadata_stripped,omitempty"`
	C2PA     bool `json:"c2pa,omitempty"` // it has a C2PA manifest, which nobody verified
	// IIMChanged says that the IIM was changed by a program that did not know the XMP beside it.
	IIMChanged bool   `json:"iim_changed,omitempty"`
	Damage     string `json:"damage,omitempty"`  // why it could not be read to its end
	Failure    string `json:"failure,omitempty"` // why it did not come
}

// ImageFile is one file of a photograph as it stands in the archive. Meta is nil for one that was not read: that did not come, or is no image.
type ImageFile struct {
	Kept Kept
	Meta *imagemeta.Metadata
}

// NewPhoto joins what the page says of a picture with what its files say, and resolves the credit. Every statement of the page names the record
// capture, the page's own answer, and every statement of a file that file's record. What several renditions say word for word at the same
// place is listed once, with the record of the first of them: files should come in the order in which the page names them.
func NewPhoto(img page.Image, capture *Kept, files []ImageFile) Photo {
	p := Photo{Src: img.Src, Renditions: img.Candidates, Role: img.Role, Alt: img.Alt, Caption: img.Caption}
	for _, s := range img.Statements {
		if capture != nil {
			s.Record = capture.Record
		}
		p.Statements = append(p.Statements, s)
	}
	said := map[saying]bool{}
	for _, f := range files {
		p.Files = append(p.Files, f.describe())
		if f.Meta == nil {
			continue
		}
		for _, s := range f.Meta.Statements {
			if what := (saying{s.Property, s.Kind, s.Value, s.Locator, s.Lang}); !said[what] {
				said[what] = true
				s.Record = f.Kept.Record
				p.Statements = append(p.Statements, s)
			}
		}
	}
	p.Credit = photo.Resolve(p.Statements)
	return p
}

// FileReader reads what stands in the archive for NewPhotos.
type FileReader interface {
	// Metadata gives what an image file says; nil for one that cannot be read, or is no image.
	Metadata(k Kept) *imagemeta.Metadata
	// Location gives where a redirect leads, as an absolute URL; "" for nowhere.
	Location(k Kept) string
}

// NewPhotos makes the photographs of a page from the pictures that its document shows and the requisites that were kept with it. A candidate of a
// picture that was kept under another spelling of its URL, with https say, is found by its SURT.
func NewPhotos(pictures []page.Image, capture *Kept, requisites []Kept, files FileReader) []Photo {
	if len(pictures) == 0 {
		return nil
	}
	known := newAnswers(requisites)
	photos := make([]Photo, 0, len(pictures))
	for _, img := range pictures {
		var found []ImageFile
		listed := map[string]bool{}
		for _, u := range img.Candidates {
			k, ok := known.follow(u, files)
			if !ok || listed[k.URL] {
				continue
			}
			listed[k.URL] = true
			f := ImageFile{Kept: k}
			if k.arrived() {
				f.Meta = files.Metadata(k)
			}
			found = append(found, f)
		}
		photos = append(photos, NewPhoto(img, capture, found))
	}
	return photos
}

// answers are the requisites of a page, by URL and by SURT.
type answers struct{ byURL, byKey map[string]Kept }

func newAnswers(requisites []Kept) answers {
	a := answers{make(map[string]Kept, len(requisites)), make(map[string]Kept, len(requisites))}
	for _, k := range requisites {
		if other, ok := a.byURL[k.URL]; !ok || !other.arrived() && k.arrived() {
			a.byURL[k.URL] = k
		}
		key, err := index.SURT(k.URL)
		if err != nil {
			continue
		}
		if other, ok := a.byKey[key]; !ok || !other.arrived() && k.arrived() {
			a.byKey[key] = k
		}
	}
	return a
}

func (a answers) find(url string) (Kept, bool) {
	if k, ok := a.byURL[url]; ok {
		return k, true
	}
	key, err := index.SURT(url)
	if err != nil {
		return Kept{}, false
	}
	k, ok := a.byKey[key]
	return k, ok
}

// maxFileHops is how many redirects may lead to an image file.
const maxFileHops = 10

// follow gives what came of a URL in the end. A redirect that leads to nothing that was kept is what came.
func (a answers) follow(url string, files FileReader) (Kept, bool) {
	k, ok := a.find(url)
	for hops := 0; ok && k.redirects() && hops < maxFileHops; hops++ {
		next, known := a.find(files.Location(k))
		if !known || next.URL == k.URL {
			break
		}
		k = next
	}
	return k, ok
}

// redirects reports whether the answer sends to another URL.
func (k Kept) redirects() bool { return k.Status >= 300 && k.Status < 400 && k.Status != 304 }

// arrived reports whether there is an answer that may be a picture.
func (k Kept) arrived() bool {
	return k.File != "" && k.Type != warc.Metadata && (k.Status == 0 || k.Status >= 200 && k.Status < 300)
}

// saying is what makes a statement of one file the same as that of another.
type saying struct {
	property             photo.Property
	kind                 photo.Kind
	value, locator, lang string
}

// describe tells where a file stands and what it is.
func (f ImageFile) describe() PhotoFile {
	k := f.Kept
	d := PhotoFile{
		URL: k.URL, Record: k.Record, Type: k.Type, File: k.File, Offset: k.Offset, Length: k.Length, Status: k.Status, MIME: k.MIME,
		Digest: k.Digest, Size: k.Size, Failure: k.Failure,
	}
	if f.Meta == nil {
		return d
	}
	d.Format, d.Width, d.Height = f.Meta.Header.Format, f.Meta.Header.Width, f.Meta.Header.Height
	d.Carriers, d.C2PA, d.IIMChanged = f.Meta.Carriers, f.Meta.C2PA, f.Meta.IIMChanged
	if f.Meta.Damage != nil {
		d.Damage = f.Meta.Damage.Error()
	}
	d.Stripped = d.Damage == "" && k.Truncated == "" && len(d.Carriers) == 0 && !d.C2PA && carries(d.Format)
	return d
}

// in gives the photograph with positions that say of which run they are, where they do not say so yet.
func (p Photo) in(run string) Photo {
	p.Files = slices.Clone(p.Files)
	for i := range p.Files {
		p.Files[i].Run = cmp.Or(p.Files[i].Run, run)
	}
	return p
}

// kept gives the place of the file as pages list it.
func (f PhotoFile) kept() Kept {
	return Kept{
		URL: f.URL, Run: f.Run, Record: f.Record, Type: f.Type, File: f.File, Offset: f.Offset, Length: f.Length, Status: f.Status, MIME: f.MIME,
		Digest: f.Digest, Size: f.Size, Failure: f.Failure,
	}
}

// SamePhotos reports whether two lists say the same of the same photographs, apart from where their files stand.
func SamePhotos(a, b []Photo) bool {
	return slices.EqualFunc(a, b, func(a, b Photo) bool { return a.said() == b.said() })
}

// said is what is said of a photograph, in a form that can be compared.
func (p Photo) said() string {
	p = p.in("")
	for i := range p.Files {
		f := &p.Files[i]
		f.Run, f.File, f.Offset, f.Length = "", "", 0, 0
	}
	text, err := newPhotoRow(Page{Photos: []Photo{p}}, 0).encode()
	if err != nil {
		return err.Error() // no photograph has a time that could not be encoded
	}
	return string(text)
}

// mediaType gives the media type of the file by its bytes (IANA's registry).
func (f PhotoFile) mediaType() string {
	switch f.Format {
	case "":
		return ""
	case imagemeta.SVG:
		return "image/svg+xml"
	}
	return "image/" + string(f.Format)
}

// carries reports whether files of a format can hold metadata of the kinds that are read.
func carries(f imagemeta.Format) bool {
	switch f {
	case imagemeta.JPEG, imagemeta.PNG, imagemeta.GIF, imagemeta.WebP, imagemeta.TIFF, imagemeta.AVIF, imagemeta.HEIC, imagemeta.JPEGXL:
		return true
	}
	return false
}
