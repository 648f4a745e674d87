package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"tearsheet/archive"
	"tearsheet/archive/ingest"
)

const importLong = `Takes WARC files that other tools wrote (wget, Heritrix, Browsertrix, warcprox, …) into the archive
in one run, finds the pages in them, and derives the photographs and their credits as from a page
captured now. Then ls, photos, restore, export and verify know them. WARC 1.0 and 1.1 and the drafts
before are read, plain and gzip.

The files are kept byte for byte, under their names. One that was compressed as a whole, instead of
record by record, is repacked, so that its records can be reached; unpacked it is the same. A file
that the archive holds already is left out.

What is no WARC file ends the import with 2, and nothing is imported. A file of which a part is
damaged or missing is kept as it is: its whole records are indexed, the damage is told and noted in
the run's manifest, and the import ends with 4. That records state digests which are not theirs is
noted too; tools differ in what they digest. An import that is interrupted leaves nothing: run it
again.

With --json: one object {run, files, pages, photos, unread}. run is the run's id, "" when all files
were in the archive already; files have path, and known_in (a run), or file (its name in the run),
source, records, bytes, hash, repacked, damage, remarks and doubts (the number of remarks); pages and
photos are totals; unread are documents that no page could be made of, with the reason.`

func newImportCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Take in WARC files that other tools wrote",
		Long:  importLong,
		Example: `  tearsheet import crawl-00000.warc.gz
  tearsheet import --json *.warc.gz | jq .pages
  wget --page-requisites --warc-file=story https://www.example.com/story && tearsheet import story.warc.gz`,
		Args:        arguments(1, math.MaxInt, "name the WARC files to take in"),
		Annotations: exitStatus(codeConfiguration, codePartial, codeStorage, codeFixity, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.importFiles(cmd.Context(), args, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object instead of the summary")
	return cmd
}

func (a *app) importFiles(ctx context.Context, paths []string, asJSON bool) error {
	if err := a.configure(); err != nil {
		return err
	}
	if err := ingest.Check(paths); err != nil { // before a folder is made for a new archive
		return unfit(paths, err)
	}
	arc, err := a.openArchive(ctx, true)
	if err != nil {
		return err
	}
	done, err := ingest.Import(ctx, arc, paths, ingest.ImportOptions{Progress: func(step, subject string) { a.log.Info(step, "of", subject) }})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, archive.ErrNoWARC):
		return unfit(paths, err)
	case err != nil:
		return fmt.Errorf("importing into the archive at %s: %w", a.settings.Archive, err)
	}
	if asJSON {
		err = a.printJSON(newImportedJSON(done))
	} else {
		a.tellImported(done)
	}
	if err == nil && done.Damaged() {
		err = resultf(codePartial, "a part of what was imported is damaged; it was so when it came, and is kept as it is")
	}
	return err
}

// unfit is the error of a file that was named and cannot be taken in.
func unfit(paths []string, err error) error {
	var file *fs.PathError
	switch named := errors.As(err, &file) && slices.Contains(paths, file.Path); {
	case named && errors.Is(err, fs.ErrNotExist):
		return usagef("nothing was imported: there is no file %s", file.Path)
	case named && errors.Is(err, fs.ErrPermission):
		return usagef("nothing was imported: %s may not be read", file.Path)
	}
	return usagef("nothing was imported: %w", err)
}

// tellImported says what came in. Damage is told in spite of --quiet.
func (a *app) tellImported(done ingest.Imported) {
	for _, f := range done.Files {
		if !a.flags.quiet {
			a.tellFile(f)
		}
		for _, d := range f.In.Damage {
			fmt.Fprintf(a.stderr, "%s: damaged at byte %d, %s in no whole record: %s\n", plain(f.Path), d.Offset, english.Plural(int(d.Length), "byte", ""), plain(d.What))
		}
	}
	if a.flags.quiet {
		return
	}
	if done.RunID == "" {
		fmt.Fprintln(a.stdout, "nothing new: the archive holds all of it already")
		return
	}
	for _, u := range done.Unread {
		fmt.Fprintf(a.stdout, "%s: %s\n", plain(u.URL), plain(u.Reason))
	}
	c := done.Counts
	t := totals{Pages: c.Pages, OK: c.OK, Partial: c.Partial, Blocked: c.Blocked, Soft404: c.Soft404, Failed: c.Failed}
	verdicts := ""
	if c.Pages > 0 {
		verdicts = " (" + t.verdicts() + ")"
	}
	fmt.Fprintf(a.stdout, "run %s: %s%s, %s, %d with a credit", done.RunID, english.Plural(c.Pages, "page", ""), verdicts,
		english.Plural(done.Photos.Total, "photo", "photos"), done.Photos.WithCredit)
	if n := done.Photos.Conflicts; n > 0 {
		fmt.Fprintf(a.stdout, ", %s between page and file", english.Plural(n, "conflict", ""))
	}
	fmt.Fprintln(a.stdout)
}

func (a *app) tellFile(f ingest.ImportedFile) {
	if f.Known != "" {
		fmt.Fprintf(a.stdout, "%s: already in the archive, in run %s\n", plain(f.Path), f.Known)
		return
	}
	fmt.Fprintf(a.stdout, "%s: %s, %s", plain(f.Path), english.Plural(f.In.Records, "record", ""), humanize.Bytes(uint64(f.In.Bytes)))
	if f.In.Repacked {
		fmt.Fprint(a.stdout, ", repacked record by record")
	}
	if f.In.File != f.In.Source {
		fmt.Fprintf(a.stdout, ", kept as %s", f.In.File)
	}
	fmt.Fprintln(a.stdout)
	const shown = 3
	for i, r := range f.In.Remarks {
		if i == shown {
			fmt.Fprintf(a.stdout, "    and %s more; the manifest of the run lists them\n", english.Plural(f.In.Doubts-shown, "remark", ""))
			break
		}
		fmt.Fprintf(a.stdout, "    %s\n", r)
	}
}

// importedJSON is what import --json prints.
type importedJSON struct {
	Run    string              `json:"run"`
	Files  []importedFileJSON  `json:"files"`
	Pages  importedPages       `json:"pages"`
	Photos archive.PhotoTotals `json:"photos"`
	Unread []archive.Exclusion `json:"unread"`
}

type importedPages struct {
	Total   int `json:"total"`
	OK      int `json:"ok"`
	Partial int `json:"partial"`
	Blocked int `json:"blocked"`
	Soft404 int `json:"soft-404"`
	Failed  int `json:"failed"`
}

type importedFileJSON struct {
	Path  string `json:"path"`
	Known string `json:"known_in,omitempty"`
	*archive.Imported
}

func newImportedJSON(done ingest.Imported) importedJSON {
	c := done.Counts
	out := importedJSON{
		Run: done.RunID, Files: []importedFileJSON{}, Photos: done.Photos, Unread: listOf(done.Unread),
		Pages: importedPages{c.Pages, c.OK, c.Partial, c.Blocked, c.Soft404, c.Failed},
	}
	for _, f := range done.Files {
		row := importedFileJSON{Path: f.Path, Known: f.Known}
		if f.Known == "" {
			row.Imported = &f.In
		}
		out.Files = append(out.Files, row)
	}
	return out
}
