package restore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"tearsheet/archive"
	"tearsheet/archive/warc"
)

// pageRecord copies the record that lists a page. No index knows where it stands, but it was written after everything that the page refers to,
// and as a rule soon: the WARC files are read from there on, and only for a page of an unusual origin from their beginning.
func (c *copier) pageRecord(ref archive.PageRef) error {
	all, err := c.dataFiles(ref.RunID)
	if err != nil {
		return err
	}
	files := slices.DeleteFunc(slices.Clone(all), func(file string) bool { return archive.Foreign(ref.RunID, file) })
	file, offset := 0, int64(0)
	own := slices.Concat(ref.Page.Hops, ref.Page.Requisites)
	if ref.Page.Capture != nil {
		own = append(own, *ref.Page.Capture)
	}
	for _, k := range own {
		if i, end := slices.Index(files, k.File), k.Offset+k.Length; i > file || i == file && end > offset {
			file, offset = i, end
		}
	}
	from := offset
	for _, name := range append(files[file:len(files):len(files)], files...) {
		found, err := c.pageRecordIn(ref, name, from)
		if found || err != nil {
			return err
		}
		from = 0
	}
	return fmt.Errorf("%w: run %s lists page %s, and none of its records does", archive.ErrFixity, ref.RunID, ref.Page.ID)
}

// pageRecordIn looks for the record in one file, from an offset on.
func (c *copier) pageRecordIn(ref archive.PageRef, file string, offset int64) (bool, error) {
	rc, err := c.open(ref.RunID, file, offset, -1)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return false, nil // the file ends there
	}
	if err != nil {
		return false, fixity(err)
	}
	defer rc.Close() // nothing was written
	for rec, err := range warc.Read(rc) {
		if err == nil && lists(rec, ref.Page.ID) {
			if err = rec.Finish(); err == nil {
				k := archive.Kept{File: file, Offset: offset + rec.Offset, Length: rec.Length}
				_, err = c.record(ref.RunID, k)
				return err == nil, err
			}
		}
		if err != nil {
			return false, fmt.Errorf("looking for the record of page %s in %s of run %s: %w", ref.Page.ID, file, ref.RunID, fixity(err))
		}
		if err := c.ctx.Err(); err != nil {
			return false, err
		}
	}
	return false, nil
}

// lists reports whether a record is the one that lists the page with that id. One that cannot be read is not; reading on tells why.
func lists(rec *warc.Record, id string) bool {
	if rec.Type != warc.Metadata || !strings.HasPrefix(rec.ContentType, "application/json") {
		return false
	}
	var block struct {
		Page struct {
			ID string `json:"id"`
		} `json:"page"`
	}
	return json.NewDecoder(rec.Block).Decode(&block) == nil && block.Page.ID == id
}

// dataFiles lists the WARC files of a run in their order, from its proven manifest.
func (c *copier) dataFiles(runID string) ([]string, error) {
	if known, ok := c.files[runID]; ok {
		return known, nil
	}
	entry, err := entryOf(c.ctx, c.archive, runID)
	if err != nil {
		return nil, err
	}
	m, err := c.archive.Manifest(c.ctx, entry)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range m.Resources {
		if path.Dir(r.Path) == dataDir {
			names = append(names, path.Base(r.Path))
		}
	}
	c.files[runID] = names
	return names, nil
}

// gzipMagic begins every member of a WARC file.
var gzipMagic = []byte{0x1f, 0x8b, 0x08}

// requestBefore copies the request record of an exchange that brought nothing back. It stands right before the metadata record that the page
// points to, and no index knows it; a member that ends just where that one begins is what is sought. An import may have it elsewhere: then it
// is left out.
func (c *copier) requestBefore(p place, metadata *warc.Record) error {
	about := append(metadata.All("WARC-Concurrent-To"), metadata.Get("WARC-Refers-To"))
	if !slices.ContainsFunc(about, func(id string) bool { return id != "" }) {
		return nil // none was sent
	}
	for size := int64(beside); ; size *= 8 {
		start := max(0, p.offset-size)
		rc, err := c.open(p.run, p.file, start, p.offset-start)
		if err != nil {
			return fixity(err)
		}
		before, err := io.ReadAll(rc)
		if err := errors.Join(err, rc.Close()); err != nil {
			return fixity(err)
		}
		if i, rec := lastRecord(before); rec != nil {
			named := slices.ContainsFunc(about, func(id string) bool { return strings.Trim(id, "<>") == rec.ID })
			at := place{p.run, p.file, start + int64(i), int64(len(before) - i)}
			if _, done := c.copied[at]; done || rec.Type != warc.Request || !named {
				return nil
			}
			c.copied[at] = copied{identityOf(rec), place{offset: c.out.n, length: at.length}}
			_, err := c.out.Write(before[i:])
			return err
		}
		if start == 0 || size > maxBeside {
			return nil
		}
	}
}

// lastRecord gives the whole and proven record that ends with b, and where it begins.
func lastRecord(b []byte) (int, *warc.Record) {
	for i := bytes.LastIndex(b, gzipMagic); i >= 0; i = bytes.LastIndex(b[:i], gzipMagic) {
		rec, err := warc.ReadRange(bytes.NewReader(b[i:]), 0, int64(len(b)-i))
		if err == nil && warc.Check(rec) == nil && rec.Length == int64(len(b)-i) {
			return i, rec
		}
	}
	return 0, nil
}
