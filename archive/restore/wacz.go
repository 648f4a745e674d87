package restore

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"path"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/index"
	"tearsheet/archive/notary"
	"tearsheet/archive/warc"
)

// WACZOptions describe an export. Temp is a folder for what does not fit into memory ("" for the system's). Software names the program in
// datapackage.json. Sign, when set, signs the digest of datapackage.json ("sha256:hex") as wacz-auth has it; the file then differs from export to export
// in its signature alone.
type WACZOptions struct {
	Temp     string
	Software string
	Sign     func(digest string) (notary.SignedData, error)
}

// exportWARC is the one WARC file in the WACZ of a selection.
const exportWARC = "pages.warc.gz"

// dataPackage is the datapackage.json of a selection (WACZ 1.1.1 §5.3).
type dataPackage struct {
	Profile      string             `json:"profile"`
	WACZVersion  string             `json:"wacz_version"`
	Title        string             `json:"title,omitempty"`
	Created      time.Time          `json:"created"`
	Software     string             `json:"software,omitempty"`
	MainPageURL  string             `json:"mainPageUrl,omitempty"`
	MainPageDate string             `json:"mainPageDate,omitempty"`
	Resources    []archive.Resource `json:"resources"`
}

// WACZ writes pages as a WACZ 1.1.1 file: their records as WARC has them, an index, the list of pages, and digests of it all. It has the same
// bytes whenever it is made of the same captures: its date is that of the newest of them.
func WACZ(ctx context.Context, a *archive.Archive, pages iter.Seq2[archive.PageRef, error], w io.Writer, o WACZOptions) error {
	rows := index.NewBuilder(o.Temp)
	err := writeSelection(ctx, a, pages, w, o, rows)
	if err := errors.Join(err, rows.Close()); err != nil {
		return fmt.Errorf("export as WACZ: %w", err)
	}
	return nil
}

func writeSelection(ctx context.Context, a *archive.Archive, pages iter.Seq2[archive.PageRef, error], w io.Writer, o WACZOptions, rows *index.Builder) error {
	list, err := newSpool(o.Temp, pagesHeader)
	if err != nil {
		return err
	}
	defer list.Close() // a nameless file
	photos, err := newSpool(o.Temp, archive.PhotosHeader)
	if err != nil {
		return err
	}
	defer photos.Close() // another one
	p := newPacker(w, o)
	data, err := p.create(path.Join(dataDir, exportWARC), zip.Store)
	if err != nil {
		return err
	}
	c := newCopier(ctx, a, data)
	c.name, c.row = exportWARC, rows.Add
	pack := dataPackage{Profile: "data-package", WACZVersion: "1.1.1", Software: o.Software}
	for ref, err := range pages {
		if err != nil {
			return err
		}
		copied, err := c.page(ref)
		if err == nil {
			err = list.add(copied)
		}
		if err == nil {
			err = photos.addPhotos(copied)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", ref.Page.URL, err)
		}
		pack.note(copied)
	}
	if list.rows == 0 {
		return fmt.Errorf("%w: no page was selected", ErrNothing)
	}
	if err := p.close(data); err != nil {
		return err
	}
	if err := p.index(rows); err != nil {
		return err
	}
	for _, l := range []struct {
		name string
		*spool
	}{{pagesName, list}, {photosName, photos}} {
		text, err := l.rewind()
		if err == nil {
			err = p.add(l.name, zip.Deflate, text)
		}
		if err != nil {
			return err
		}
	}
	pack.Resources = archive.NewResources(p.files)
	return p.finish(pack)
}

// note takes up what the package says of its pages.
func (d *dataPackage) note(p archive.Page) {
	if d.MainPageURL == "" {
		d.MainPageURL, d.MainPageDate, d.Title = p.URL, p.Time.UTC().Format(time.RFC3339), p.Title
	}
	if t := p.Time.UTC(); t.After(d.Created) {
		d.Created = t
	}
}

// RunWACZ writes a whole run as a WACZ file: its files and its manifest exactly as they are stored, so that the digest in the log's entry proves
// the export too. Only when records of it refer to other runs is there more: a further WARC file with what they refer to, and an index and
// a manifest that know of it. The error wraps archive.ErrNotArchived when there is no such run.
func RunWACZ(ctx context.Context, a *archive.Archive, runID string, w io.Writer, o WACZOptions) error {
	err := exportRun(ctx, a, runID, w, o)
	if err != nil {
		return fmt.Errorf("export run %s as WACZ: %w", runID, err)
	}
	return nil
}

func exportRun(ctx context.Context, a *archive.Archive, runID string, w io.Writer, o WACZOptions) error {
	entry, err := entryOf(ctx, a, runID)
	if err != nil {
		return err
	}
	m, err := a.Manifest(ctx, entry)
	if err != nil {
		return err
	}
	outside, err := outsideOf(ctx, a, runID)
	if err != nil {
		return err
	}
	p := newPacker(w, o)
	if len(outside) == 0 {
		for _, r := range m.Resources {
			if err := p.stored(ctx, a, runID, r); err != nil {
				return err
			}
		}
		return p.storedManifest(ctx, a, entry)
	}
	return p.withOutside(ctx, a, runID, m, outside, o)
}

func entryOf(ctx context.Context, a *archive.Archive, runID string) (archive.Entry, error) {
	for e, err := range a.Entries(ctx) {
		if err != nil {
			return archive.Entry{}, err
		}
		if e.RunID == runID {
			return e, nil
		}
	}
	return archive.Entry{}, archive.ErrNotArchived
}

// packer writes the entries of a zip file and notes what datapackage.json says of them.
type packer struct {
	zip   *zip.Writer
	files []archive.Object
	sign  func(digest string) (notary.SignedData, error)
}

func newPacker(w io.Writer, o WACZOptions) *packer {
	return &packer{zip: zip.NewWriter(w), sign: o.Sign}
}

// zipEpoch is the date of all entries: the earliest that the format has. When something was captured is said inside.
var zipEpoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// resource is an entry that is being written.
type resource struct {
	name string
	w    io.Writer
	hash hash.Hash
	n    int64
}

func (r *resource) Write(b []byte) (int, error) {
	n, err := r.w.Write(b)
	r.hash.Write(b[:n])
	r.n += int64(n)
	return n, err
}

func (r *resource) object() archive.Object {
	return archive.Object{Path: r.name, Bytes: r.n, SHA256: warc.NewDigest(warc.SHA256, r.hash.Sum(nil)).String()}
}

// create begins an entry. Only one can be written at a time. WARC and index files are stored, so that a reader can take ranges of them.
func (p *packer) create(name string, method uint16) (*resource, error) {
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: zipEpoch})
	if err != nil {
		return nil, err
	}
	return &resource{name: name, w: w, hash: sha256.New()}, nil
}

func (p *packer) close(r *resource) error {
	p.files = append(p.files, r.object())
	return p.zip.Flush()
}

func (p *packer) add(name string, method uint16, content io.Reader) error {
	r, err := p.create(name, method)
	if err != nil {
		return err
	}
	if _, err := io.Copy(r, content); err != nil {
		return err
	}
	return p.close(r)
}

// index writes the two index files.
func (p *packer) index(rows *index.Builder) error {
	cdx, err := p.create(cdxName, zip.Store)
	if err != nil {
		return err
	}
	var idx bytes.Buffer // some 150 bytes for 300 rows
	if _, err := rows.Finish(cdx, &idx, path.Base(cdxName)); err != nil {
		return err
	}
	if err := p.close(cdx); err != nil {
		return err
	}
	return p.add(idxName, zip.Deflate, &idx)
}

// finish writes the package's description, its digest, and the end of the file.
func (p *packer) finish(pack any) error {
	text, err := json.MarshalIndent(pack, "", "  ")
	if err != nil {
		return err
	}
	return p.description(append(text, '\n'))
}

// packDigest is datapackage-digest.json (WACZ 1.1.1 §5.4, wacz-auth 0.1.0).
type packDigest struct {
	Path   string             `json:"path"`
	Hash   string             `json:"hash"`
	Signed *notary.SignedData `json:"signedData,omitempty"`
}

func (p *packer) description(text []byte) error {
	if err := p.add(packName, zip.Deflate, bytes.NewReader(text)); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	about := packDigest{Path: packName, Hash: warc.NewDigest(warc.SHA256, sum[:]).String()}
	if p.sign != nil {
		signed, err := p.sign(about.Hash)
		if err != nil {
			return fmt.Errorf("signing the package: %w", err)
		}
		about.Signed = &signed
	}
	digest, err := json.Marshal(about)
	if err != nil {
		return err
	}
	if err := p.add(digestName, zip.Deflate, bytes.NewReader(append(digest, '\n'))); err != nil {
		return err
	}
	return p.zip.Close()
}

// stored copies a file of a run and proves it by the manifest's digest.
func (p *packer) stored(ctx context.Context, a *archive.Archive, runID string, want archive.Resource) error {
	key := archive.ObjectKey(runID, want.Path)
	rc, err := a.Store().Open(ctx, key, 0, -1)
	if err != nil {
		return fixity(err)
	}
	method := zip.Deflate
	if ext := path.Ext(want.Path); ext == ".gz" || ext == ".warc" {
		method = zip.Store
	}
	if err := errors.Join(p.add(want.Path, method, rc), rc.Close()); err != nil {
		return err
	}
	if got := p.files[len(p.files)-1]; got != want.Object {
		return fmt.Errorf("%w: %s has %d bytes and %s, expected %d and %s", archive.ErrFixity, key, got.Bytes, got.SHA256, want.Bytes, want.SHA256)
	}
	return nil
}

// storedManifest copies the manifest, which Manifest has proven.
func (p *packer) storedManifest(ctx context.Context, a *archive.Archive, e archive.Entry) error {
	rc, err := a.Store().Open(ctx, e.Manifest.Path, 0, e.Manifest.Bytes)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(rc)
	if err := errors.Join(err, rc.Close()); err != nil {
		return err
	}
	return p.description(text)
}

// spool collects the rows of a list in a nameless file.
type spool struct {
	*os.File
	rows int
}

const pagesHeader = `{"format":"json-pages-1.0","id":"pages","title":"Pages"}`

func newSpool(dir, header string) (*spool, error) {
	f, err := os.CreateTemp(dir, "restore-pages-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.WriteString(header + "\n"); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &spool{File: f}, nil
}

func (s *spool) add(p archive.Page) error {
	s.rows++
	e := json.NewEncoder(s.File)
	e.SetEscapeHTML(false)
	return e.Encode(p)
}

func (s *spool) addPhotos(p archive.Page) error {
	rows, err := archive.AppendPhotoRows(nil, p)
	if err == nil {
		_, err = s.Write(rows)
	}
	return err
}

func (s *spool) rewind() (io.Reader, error) {
	_, err := s.Seek(0, io.SeekStart)
	return s.File, err
}
