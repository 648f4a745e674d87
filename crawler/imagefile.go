package crawler

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/klauspost/compress/flate"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/crawler/wire"
)

// maxImage is how many bytes of an image file are looked at, decoded.
const maxImage = 64 << 20

// readImage reads what an image file says of itself, while its answer lies in the spool. It goes by the bytes; the kind and the label of the
// answer only spare a look at what cannot be one. The error is one of the spool, and fatal.
func (v *visit) readImage(resp *http.Response) (err error) {
	body, ok := resp.Body.(*wire.Body)
	if !ok || v.status < 200 || v.status >= 300 || v.kept.Size == 0 || !v.mayBeImage() {
		return nil
	}
	file, err := body.Whole(maxImage)
	if err != nil {
		return err
	}
	m, err := imagemeta.Read(file, file.Size())
	unknown := errors.Is(err, imagemeta.ErrUnknownFormat)
	if unknown {
		err = nil
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return &wire.Error{Class: wire.ClassArchive, URL: v.url.String(), Err: err}
	}
	switch {
	case unknown:
		return nil
	case file.Cut():
		m.Damage = errors.Join(m.Damage, fmt.Errorf("only its first %d bytes were looked at", file.Size()))
	}
	v.image, err = packImage(m)
	return err
}

// mayBeImage reports whether the answer was asked for as a picture, or is labelled as one, or looks like one.
func (v *visit) mayBeImage() bool {
	if v.kind == page.KindImage || v.kind == page.KindIcon {
		return true
	}
	label := strings.ToLower(strings.TrimSpace(v.header.Get("Content-Type")))
	return strings.HasPrefix(label, "image/") || strings.HasPrefix(v.look, "image/")
}

// packedImage is what an image file says of itself, in the form in which the ledger keeps it until the end of the run: every file of a run is
// kept, and few are asked for a second time. nil is that of no image.
type packedImage []byte

// imageFacts is imagemeta.Metadata as JSON.
type imageFacts struct {
	imagemeta.Metadata
	Damage string `json:",omitempty"`
}

func packImage(m *imagemeta.Metadata) (packedImage, error) {
	f := imageFacts{Metadata: *m}
	if m.Damage != nil {
		f.Metadata.Damage, f.Damage = nil, m.Damage.Error()
	}
	text, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("keeping what an image says: %w", err)
	}
	var b bytes.Buffer
	if err := flate.StatelessDeflate(&b, text, true, nil); err != nil {
		return nil, fmt.Errorf("keeping what an image says: %w", err)
	}
	return bytes.Clone(b.Bytes()), nil
}

// unpack gives nil for what is no image.
func (p packedImage) unpack() (*imagemeta.Metadata, error) {
	if p == nil {
		return nil, nil
	}
	var f imageFacts
	if err := json.NewDecoder(flate.NewReader(bytes.NewReader(p))).Decode(&f); err != nil {
		return nil, fmt.Errorf("reading what an image says: %w", err)
	}
	if f.Damage != "" {
		f.Metadata.Damage = errors.New(f.Damage)
	}
	return &f.Metadata, nil
}

// photos joins the page's own pictures with all of their files that were asked for, through the redirects that led to them.
func (g *gathering) photos(pictures []page.Image, capture *archive.Kept) ([]archive.Photo, error) {
	var photos []archive.Photo
	for _, picture := range pictures {
		files, err := g.filesOf(picture)
		if err != nil {
			return photos, err
		}
		photos = append(photos, archive.NewPhoto(picture, capture, files))
	}
	return photos, nil
}

// filesOf lists the files of a picture, each once, in the order in which the page names them.
func (g *gathering) filesOf(picture page.Image) ([]archive.ImageFile, error) {
	var files []archive.ImageFile
	listed := map[string]bool{}
	for _, candidate := range picture.Candidates {
		w := g.find(candidate)
		if w == nil {
			continue
		}
		file := archive.ImageFile{Kept: w.row(g)}
		if listed[file.Kept.URL] {
			continue
		}
		listed[file.Kept.URL] = true
		if w.final != nil {
			var err error
			if file.Meta, err = w.final.image.unpack(); err != nil {
				return files, fmt.Errorf("%s: %w", file.Kept.URL, err)
			}
		}
		files = append(files, file)
	}
	return files, nil
}

// asPhoto is the photograph that a page is which is nothing but an image file.
func (v *visit) asPhoto() ([]archive.Photo, error) {
	m, err := v.image.unpack()
	if m == nil || err != nil {
		return nil, err
	}
	address := v.url.String()
	return []archive.Photo{archive.NewPhoto(page.Image{Src: address, Candidates: []string{address}}, &v.kept, []archive.ImageFile{{Kept: v.kept, Meta: m}})}, nil
}
