package restore

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"tearsheet/archive"
	"tearsheet/archive/index"
)

// referencedWARC holds what records of an exported run refer to in other runs.
const referencedWARC = "referenced.warc.gz"

// runIndex reads the index of a run.
type runIndex struct {
	archive *archive.Archive
	runID   string
}

// Range implements index.Ranger.
func (r runIndex) Range(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	return r.archive.Store().Open(ctx, archive.ObjectKey(r.runID, name), offset, length)
}

// outsideOf finds the records of other runs that revisits of a run refer to.
func outsideOf(ctx context.Context, a *archive.Archive, runID string) ([]archive.Found, error) {
	r, err := index.NewReader(ctx, runIndex{a, runID}, cdxName, idxName)
	if err != nil {
		return nil, fixity(err)
	}
	var outside []archive.Found
	known := map[place]bool{}
	for row, err := range r.All(ctx) {
		if err != nil {
			return nil, fixity(err)
		}
		if row.MIME != revisitMIME {
			continue
		}
		rec, closer, err := readKept(ctx, a, runID, keptOfRow(row))
		if err != nil {
			return nil, err
		}
		found, err := a.Resolve(ctx, runID, rec)
		if err := errors.Join(err, closer.Close()); err != nil {
			return nil, err
		}
		if at := placeOfRow(found.RunID, found.Row); found.RunID != runID && !known[at] {
			known[at] = true
			outside = append(outside, found)
		}
	}
	return outside, nil
}

// withOutside writes a run together with records of other runs.
func (p *packer) withOutside(ctx context.Context, a *archive.Archive, runID string, m archive.Manifest, outside []archive.Found, o WACZOptions) error {
	rows := index.NewBuilder(o.Temp)
	err := p.writeOutside(ctx, a, runID, m, outside, rows)
	return errors.Join(err, rows.Close())
}

func (p *packer) writeOutside(ctx context.Context, a *archive.Archive, runID string, m archive.Manifest, outside []archive.Found, rows *index.Builder) error {
	for _, r := range m.Resources {
		if strings.HasPrefix(r.Path, "indexes/") {
			continue
		}
		if err := p.stored(ctx, a, runID, r); err != nil {
			return err
		}
	}
	more, err := p.create(path.Join(dataDir, referencedWARC), zip.Store)
	if err != nil {
		return err
	}
	c := newCopier(ctx, a, more)
	c.name, c.row = referencedWARC, rows.Add
	for _, f := range outside {
		if _, err := c.record(f.RunID, keptOfRow(f.Row)); err != nil {
			return err
		}
	}
	if err := p.close(more); err != nil {
		return err
	}
	r, err := index.NewReader(ctx, runIndex{a, runID}, cdxName, idxName)
	if err != nil {
		return err
	}
	for row, err := range r.All(ctx) {
		if err == nil {
			err = rows.Add(row)
		}
		if err != nil {
			return err
		}
	}
	if err := p.index(rows); err != nil {
		return err
	}
	m.Resources = archive.NewResources(p.files)
	return p.finish(m)
}
