package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// derive makes index, pages and counts again from the WARC files of a run, all of which must have been closed. What was there of them before
// is dropped.
func (d *draft) derive(ctx context.Context) (*derived, *orphans, error) {
	if err := d.dropDerived(); err != nil {
		return nil, nil, fmt.Errorf("dropping the index and pages of run %s: %w", d.id, err)
	}
	lists, err := newLists(d)
	if err != nil {
		return nil, nil, fmt.Errorf("making the pages of run %s: %w", d.id, withSpace(err, d.dir))
	}
	from := &derived{rows: index.NewBuilder(d.path(spillDir)), lists: lists}
	waiting := newOrphans()
	paths, err := d.dataFiles()
	for _, p := range paths {
		if err == nil {
			err = eachRecord(ctx, p, func(e evidence, answer string) error { return from.take(e, answer, waiting) })
		}
	}
	if err != nil {
		return nil, nil, errors.Join(withSpace(err, d.dir), from.drop())
	}
	return from, waiting, nil
}

// drop lets go of what is open of it; after seal that is nothing.
func (from *derived) drop() error { return errors.Join(from.rows.Close(), from.lists.drop()) }

// dropDerived removes all but the WARC files, and makes the folders anew. Files are removed, not cut to nothing: they may be objects of a
// folder store already.
func (d *draft) dropDerived() error {
	for _, name := range []string{filepath.Dir(cdxName), filepath.Dir(pagesName), filepath.Dir(photosName), spillDir} {
		if err := os.RemoveAll(d.path(name)); err != nil {
			return err
		}
	}
	for _, name := range []string{manifestName, manifestName + ".new"} {
		if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return d.makeFolders()
}

// eachRecord hands what every record of a WARC file says to take, with the id of the response or revisit before it: an exchange's metadata
// follows its answer.
func eachRecord(ctx context.Context, path string, take func(e evidence, answer string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() // nothing was written
	answer := ""
	for rec, err := range warc.Read(&attentive{ctx, f}) {
		var e evidence
		if err == nil {
			e, err = examine(rec, filepath.Base(path))
		}
		if err == nil {
			err = take(e, answer)
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		if e.row != nil {
			answer = e.kept.Record
		}
	}
	return nil
}

// take adds what one record says. An exchange is counted by its answer, or by its metadata when there was none.
func (from *derived) take(e evidence, answer string, waiting *orphans) error {
	if e.kept.Type != warc.Warcinfo {
		from.readable++
	}
	switch {
	case e.row != nil:
		from.counts.addExchange(e.kept)
		waiting.answer(e.kept)
		if !e.kept.indexed() {
			return nil
		}
		return from.rows.Add(*e.row)
	case e.page != nil:
		p, err := ParsePage(e.page)
		if err != nil {
			return err
		}
		waiting.listed(p)
		return from.addPage(p, e.page)
	case e.hop != nil && answer != "" && e.about == answer:
		waiting.hop(answer, *e.hop)
	case e.hop != nil:
		from.counts.addExchange(e.kept)
	}
	return nil
}

func (from *derived) addPage(p Page, row []byte) error {
	if p.Run == "" {
		from.counts.addPage(p.Verdict)
		if from.main.url == "" {
			from.main = p.main()
		}
	}
	return from.lists.add(p, row)
}
