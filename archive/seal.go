package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"tearsheet/archive/index"
)

// sealed is a run whose files are final, durable, and described by a manifest.
type sealed struct {
	manifest Manifest
	object   Object // the manifest as the log entry will name it
}

// derived is what can be made from the WARC files of a run: index, pages, photographs, counts.
type derived struct {
	rows     *index.Builder
	lists    *lists
	counts   Counts
	main     mainPage
	readable int // records other than warcinfo
}

// seal finishes the files of a run and writes its manifest. When it fails there is no manifest, and Recover makes the derived files again.
func (d *draft) seal(ctx context.Context, software, title string, facts Facts, from *derived) (*sealed, error) {
	files, err := d.digestData(ctx)
	if err != nil {
		return nil, err
	}
	indexes, err := d.writeIndex(from.rows)
	if err != nil {
		return nil, err
	}
	lists, err := from.lists.finish()
	if err != nil {
		return nil, fmt.Errorf("finishing the lists of pages and photographs: %w", err)
	}
	made := append(indexes, lists...)
	files = append(files, made...)

	facts.Counts, facts.Photos = from.counts, &from.lists.totals
	for _, f := range files {
		facts.Counts.Bytes += f.Bytes
	}
	m := Manifest{
		Profile: "data-package", WACZVersion: "1.1.1", Title: title, Created: facts.Ended, Software: software,
		Resources: NewResources(files), Tearsheet: facts,
	}
	if from.main.url != "" {
		m.MainPageURL, m.MainPageDate = from.main.url, from.main.at.UTC().Format("2006-01-02T15:04:05Z")
	}
	if m.Title == "" && from.counts.Pages == 1 {
		m.Title = from.main.title
	}
	if m.Title == "" {
		m.Title = "tearsheet run " + d.id
	}
	return d.writeManifest(m, made)
}

// writeManifest writes the manifest and makes it and the derived files durable. That it has its name is the sign that the files are final.
func (d *draft) writeManifest(m Manifest, made []Object) (*sealed, error) {
	b, err := m.encode()
	if err != nil {
		return nil, err
	}
	temp := d.path(manifestName + ".new")
	if err := os.WriteFile(temp, b, 0o666); err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	files := []string{temp}
	for _, o := range made {
		files = append(files, d.path(o.Path))
	}
	if err := syncAll(files); err != nil {
		return nil, err
	}
	if err := os.Rename(temp, d.path(manifestName)); err != nil {
		return nil, fmt.Errorf("naming the manifest: %w", err)
	}
	return newSealed(m, b), nil
}

func newSealed(m Manifest, b []byte) *sealed {
	return &sealed{m, Object{Path: ObjectKey(m.Tearsheet.RunID, manifestName), Bytes: int64(len(b)), SHA256: digestOf(b)}}
}

// dataFiles lists the finished WARC files of a run, in name order. Plain ones are of an import.
func (d *draft) dataFiles() ([]string, error) {
	var paths []string
	for _, ending := range []string{"*.warc.gz", "*.warc"} {
		found, err := filepath.Glob(filepath.Join(d.path(dataDir), ending))
		if err != nil {
			return nil, fmt.Errorf("listing WARC files: %w", err)
		}
		paths = append(paths, found...)
	}
	slices.Sort(paths)
	return paths, nil
}

// digestData describes the WARC files. It reads them once more, from the page cache as a rule: a digest that is computed while records are
// written could not take back the records that a full disk made the writer cut off again.
func (d *draft) digestData(ctx context.Context) ([]Object, error) {
	paths, err := d.dataFiles()
	if err != nil {
		return nil, err
	}
	files := make([]Object, len(paths))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range paths {
		group.Go(func() error {
			o, err := digestLocal(ctx, p)
			if err != nil {
				return fmt.Errorf("digesting %s: %w", p, err)
			}
			o.Path = path.Join(dataDir, filepath.Base(p))
			files[i] = o
			return nil
		})
	}
	return files, group.Wait()
}

// writeIndex writes the two index files from the rows that were collected.
func (d *draft) writeIndex(rows *index.Builder) ([]Object, error) {
	cdx, err := newDigestFile(d.path(cdxName))
	if err != nil {
		return nil, fmt.Errorf("making the index: %w", err)
	}
	idx, err := newDigestFile(d.path(idxName))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making the index: %w", err), cdx.drop())
	}
	if _, err := rows.Finish(cdx, idx, path.Base(cdxName)); err != nil {
		return nil, errors.Join(fmt.Errorf("making the index: %w", err), cdx.drop(), idx.drop())
	}
	cdxObject, cdxErr := cdx.finish()
	idxObject, idxErr := idx.finish()
	if err := errors.Join(cdxErr, idxErr); err != nil {
		return nil, fmt.Errorf("finishing the index: %w", err)
	}
	cdxObject.Path, idxObject.Path = cdxName, idxName
	return []Object{cdxObject, idxObject}, nil
}
