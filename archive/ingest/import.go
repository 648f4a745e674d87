package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"tearsheet/archive"
	"tearsheet/archive/warc"
)

// ImportOptions describe an import. Progress, when set, is told what is being done, in words.
type ImportOptions struct {
	Title    string // of the run; "" names its files
	Progress func(step, subject string)
}

// ImportedFile is what came of one file.
type ImportedFile struct {
	Path  string           // as it was named
	Known string           // the run that holds a file with the same bytes already: it was left out; "" otherwise
	In    archive.Imported // where it stands, and what is wrong with it; zero when it was left out
}

// Imported is what came of an import.
type Imported struct {
	RunID  string // "" when all files are in the archive already
	Files  []ImportedFile
	Counts archive.Counts
	Photos archive.PhotoTotals
	// Unread are documents that no page could be made of, with the reason: their records are in the run all the same.
	Unread []archive.Exclusion
}

// Damaged reports whether a part of a file could not be read.
func (i Imported) Damaged() bool {
	for _, f := range i.Files {
		if len(f.In.Damage) > 0 {
			return true
		}
	}
	return false
}

// Import takes WARC files of other tools into the archive, byte for byte, in one run of kind import, with the pages and photographs that are found
// in them. Files that the archive holds already, by their SHA-256, are left out; when that is all of them, nothing is committed.
//
// All or nothing: a file that is no WARC file, or cannot be read at all, is an error that wraps archive.ErrNoWARC and names it, and nothing is
// committed. A file with damage is taken as it is.
func Import(ctx context.Context, a *archive.Archive, paths []string, o ImportOptions) (Imported, error) {
	if o.Progress == nil {
		o.Progress = func(string, string) {}
	}
	out, fresh, err := sift(ctx, a, paths, o)
	if err != nil || len(fresh) == 0 {
		return out, err
	}
	title := o.Title
	if title == "" {
		title = "Import of " + filepath.Base(paths[fresh[0]])
		if n := len(fresh) - 1; n > 0 {
			title += fmt.Sprintf(" and %d more", n)
		}
	}
	run, err := a.Begin(ctx, archive.RunOptions{Kind: archive.KindImport, Title: title})
	if err != nil {
		return out, err
	}
	in := &importing{ctx: ctx, run: run, captures: newCaptures(), o: o, out: &out, repeated: map[*capture]archive.PhotoFile{}}
	if err := in.all(fresh); err != nil {
		return out, errors.Join(err, run.Discard())
	}
	e, err := run.Commit(ctx, archive.Complete)
	if err != nil {
		return out, err
	}
	out.RunID, out.Counts = e.RunID, run.Counts()
	return out, nil
}

// importing is an import under way.
type importing struct {
	ctx      context.Context
	run      *archive.Run
	captures *captures
	o        ImportOptions
	out      *Imported
	failed   error                          // of reading back what was taken in
	repeated map[*capture]archive.PhotoFile // digest and size of payloads that revisits leave out
}

// all takes the files in, and then finds the pages in them.
func (in *importing) all(fresh []int) error {
	for _, i := range fresh {
		f := &in.out.Files[i]
		in.o.Progress("reading", f.Path)
		var err error
		if f.In, err = in.run.AddFile(in.ctx, f.Path, in.captures.look); err != nil {
			return err
		}
	}
	in.captures.settle()
	return in.pages()
}

// sift looks at the files before anything is done, and gives those, by their place in paths, that the archive does not hold yet.
func sift(ctx context.Context, a *archive.Archive, paths []string, o ImportOptions) (Imported, []int, error) {
	out := Imported{Files: make([]ImportedFile, len(paths))}
	for i, p := range paths {
		out.Files[i].Path = p
	}
	if err := Check(paths); err != nil {
		return out, nil, err
	}
	known, err := knownFiles(ctx, a)
	if err != nil {
		return out, nil, err
	}
	var fresh []int
	for i, p := range paths {
		o.Progress("looking whether the archive has", p)
		sum, err := digest(ctx, p)
		if err != nil {
			return out, nil, err
		}
		if run, ok := known[sum]; ok {
			out.Files[i].Known = run
			continue
		}
		known[sum] = "this import"
		fresh = append(fresh, i)
	}
	return out, fresh, nil
}

// Check fails as Import would for files that are not there or are no WARC files, by their first bytes. It needs no archive.
func Check(paths []string) error {
	for _, p := range paths {
		if err := sniff(p); err != nil {
			return err
		}
	}
	return nil
}

// sniff refuses what is no WARC file. It does not open what is no file at all: to open a pipe that nobody writes to would wait for ever.
func sniff(name string) error {
	switch info, err := os.Stat(name); {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s: %w: it is a folder; name the files in it", name, archive.ErrNoWARC)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: %w: it is a pipe or a device, and files are read more than once; write it to a file first", name, archive.ErrNoWARC)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() // nothing was written
	err = warc.Sniff(f)
	if errors.Is(err, warc.ErrForeign) {
		return fmt.Errorf("%s: %w: %w", name, archive.ErrNoWARC, err)
	}
	return err
}

// knownFiles gives the runs of all WARC files of the archive, by their SHA-256: those that were imported, as they came, and its own.
func knownFiles(ctx context.Context, a *archive.Archive) (map[string]string, error) {
	known := map[string]string{}
	for e, err := range a.Entries(ctx) {
		var m archive.Manifest
		if err == nil {
			m, err = a.Manifest(ctx, e)
		}
		if err != nil {
			return nil, fmt.Errorf("looking for what is imported already: %w", err)
		}
		for _, i := range m.Tearsheet.Imported {
			known[i.SHA256] = e.RunID
		}
		for _, r := range m.Resources {
			if path.Dir(r.Path) == "archive" {
				known[r.SHA256] = e.RunID
			}
		}
	}
	return known, nil
}

func digest(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() // nothing was written
	sum := sha256.New()
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if _, err := io.CopyN(sum, f, 64<<20); err == io.EOF {
			return warc.NewDigest(warc.SHA256, sum.Sum(nil)).String(), nil
		} else if err != nil {
			return "", fmt.Errorf("reading %s: %w", path, err)
		}
	}
}
