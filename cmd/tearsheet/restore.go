package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"tearsheet/archive"
	"tearsheet/archive/restore"
)

// restoreFlags are the flags of restore.
type restoreFlags struct {
	at     time.Time
	format string
	output string
	json   bool
}

func newRestoreCommand(a *app) *cobra.Command {
	var f restoreFlags
	cmd := &cobra.Command{
		Use:   "restore URL --output PATH",
		Short: "Give an archived page back",
		Long: `Gives a page back as it was captured: the newest whole capture of URL, or with --at the one nearest
to that time. Every digest is checked on the way; what is not as it was written is never passed off
as the page.

  folder  index.html and files/ beside it: opens in any browser, shows the pictures, and asks the
          network for nothing. report.json says where each file came from, and what is missing.
  warc    the page's records byte for byte, as one .warc.gz
  wacz    the same with index and list of pages, for ReplayWeb.page and other players

With --json: for a folder, its report.json; else {url, captured, run, format, output, bytes}.`,
		Example: `  tearsheet restore https://www.example.com/news/story.html -o story
  tearsheet restore https://www.example.com/news/story.html --at 2025-03-09 -o story
  tearsheet restore https://www.example.com/news/story.html --format wacz -o story.wacz`,
		Args:        arguments(1, 1, "name one page to give back by its URL"),
		Annotations: exitStatus(codeConfiguration, codeStorage, codeFixity, codeNotArchived, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.restore(cmd.Context(), f, args[0])
		},
	}
	fs := cmd.Flags()
	fs.Func("at", "the capture nearest to `TIME`, as 2025-03-09 or 2025-03-09T14:30:00Z (UTC)", func(s string) (err error) {
		f.at, _, err = parseTime(s)
		return err
	})
	fs.StringVar(&f.format, "format", "folder", "`folder|warc|wacz`")
	fs.StringVarP(&f.output, "output", "o", "", "where to: a new folder, or a new file (- for standard output)")
	fs.BoolVar(&f.json, "json", false, "print one JSON object")
	return cmd
}

func (a *app) restore(ctx context.Context, f restoreFlags, url string) error {
	switch {
	case f.format != "folder" && f.format != "warc" && f.format != "wacz":
		return usagef("--format %s is none; use folder, warc or wacz", f.format)
	case f.output == "":
		return usagef("say with --output where the page is to go")
	case f.output == "-" && (f.format == "folder" || f.json):
		return usagef("only a WARC or WACZ goes to standard output, and nothing else with it; name a path with --output")
	}
	if err := a.configure(); err != nil {
		return err
	}
	arc, err := a.openArchive(ctx, false)
	if err != nil {
		return err
	}
	ref, err := nearest(arc.Pages(ctx, archive.Query{URL: url}), f.at)
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	if f.format == "folder" {
		return a.restoreFolder(ctx, arc, ref, f)
	}
	return a.restoreFile(ctx, arc, ref, f)
}

// nearest picks the page that is to be given back: of those with a document, the one nearest to at; without at the newest that is whole, or
// the newest at all. A capture that stands in a damaged run is skipped, if there is another.
func nearest(pages func(func(archive.PageRef, error) bool), at time.Time) (archive.PageRef, error) {
	var best archive.PageRef
	var unread error
	found := false
	for ref, err := range pages {
		switch {
		case err != nil:
			unread = errors.Join(unread, err)
		case !found || better(ref.Page, best.Page, at):
			best, found = ref, true
		}
	}
	if found {
		return best, nil
	}
	if unread != nil {
		return best, unread
	}
	return best, archive.ErrNotArchived
}

// better reports whether page is rather to be given back than best.
func better(page, best archive.Page, at time.Time) bool {
	if has := page.Capture != nil; has != (best.Capture != nil) {
		return has
	}
	if !at.IsZero() {
		return page.Time.Sub(at).Abs() < best.Time.Sub(at).Abs()
	}
	if whole := page.Verdict == archive.OK; whole != (best.Verdict == archive.OK) {
		return whole
	}
	return page.Time.After(best.Time)
}

func (a *app) restoreFolder(ctx context.Context, arc *archive.Archive, ref archive.PageRef, f restoreFlags) error {
	report, err := restore.Folder(ctx, arc, ref, f.output, restore.FolderOptions{})
	switch {
	case errors.Is(err, restore.ErrNotEmpty):
		return usageError{err}
	case errors.Is(err, restore.ErrNothing):
		return resultError{codeNotArchived, err}
	case report == nil:
		return err
	case f.json:
		return errors.Join(err, a.printJSON(report))
	case !a.flags.quiet:
		a.tellFolder(report, f.output)
	}
	return err
}

func (a *app) tellFolder(r *restore.Report, dir string) {
	fmt.Fprintf(a.stdout, "%s\n  captured %s (run %s), %s with it\n", r.URL, r.Captured.Format(time.RFC3339), r.RunID, english.Plural(len(r.Files), "file", ""))
	for _, m := range r.Missing {
		fmt.Fprintf(a.stdout, "  missing: %s (%s)\n", m.URL, m.Reason)
	}
	fmt.Fprintf(a.stdout, "  open %s\n", filepath.Join(dir, filepath.FromSlash(r.Document.Path)))
}

// restored is what restore --json prints of a file.
type restored struct {
	URL      string    `json:"url"`
	Captured time.Time `json:"captured"`
	Run      string    `json:"run"`
	Format   string    `json:"format"`
	Output   string    `json:"output"`
	Bytes    int64     `json:"bytes"`
}

func (a *app) restoreFile(ctx context.Context, arc *archive.Archive, ref archive.PageRef, f restoreFlags) error {
	n, err := a.writeNew(f.output, func(w io.Writer) error {
		if f.format == "warc" {
			return restore.WARC(ctx, arc, restore.One(ref), w)
		}
		return restore.WACZ(ctx, arc, restore.One(ref), w, restore.WACZOptions{Software: software()})
	})
	switch {
	case err != nil:
		return err
	case f.json:
		return a.printJSON(restored{ref.Page.URL, ref.Page.Time, ref.RunID, f.format, f.output, n})
	case !a.flags.quiet && f.output != "-":
		fmt.Fprintf(a.stdout, "%s\n  captured %s (run %s)\n  %s in %s\n", ref.Page.URL, ref.Page.Time.Format(time.RFC3339), ref.RunID, humanize.Bytes(uint64(n)), f.output)
	}
	return nil
}
