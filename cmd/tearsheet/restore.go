package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"tearsheet/archive"
	"tearsheet/archive/index"
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
		Long: `Gives a page back as it was captured. A capture of URL itself comes before one of an address that
differs only in scheme, www, case or order of parameters, and that before one of the same site that
names URL as its canonical address; among these, one with a document before one without, then ok
and partial before all other verdicts, then the newest, or with --at the nearest to that time. A
verdict other than ok, and an address other than URL, are told on standard error.

Every digest is checked on the way; what is not as it was written is never passed off as the page.

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
	if err := checkAddress(url); err != nil {
		return err
	}
	arc, err := a.existing(ctx)
	if err != nil {
		return err
	}
	chosen, unread := arc.Choose(ctx, url, f.at)
	switch {
	case errors.Is(unread, archive.ErrNotArchived):
		return resultf(codeNotArchived, "%s: %w", url, archive.ErrNotArchived)
	case chosen.RunID == "":
		return fmt.Errorf("%s: %w", url, unread)
	case f.format != "folder" && !chosen.Page.HasDocument():
		return resultf(codeNotArchived, "%s: no document was captured, only that it is %s (run %s)", url, chosen.Page.Verdict, chosen.RunID)
	case f.format == "folder":
		err = a.restoreFolder(ctx, arc, chosen.PageRef, f, url)
	default:
		err = a.restoreFile(ctx, arc, chosen.PageRef, f)
	}
	if err == nil || errors.Is(err, archive.ErrFixity) {
		a.tellChoice(chosen, url)
	}
	if unread != nil {
		unread = fmt.Errorf("runs that may hold a better capture of %s were passed over: %w", url, unread)
	}
	return errors.Join(err, unread)
}

// tellChoice tells what a reader would not expect of the page that was given back.
func (a *app) tellChoice(c archive.Choice, asked string) {
	switch c.Match {
	case archive.MatchCanonical:
		a.tell("no capture has this address", "asked", asked, "given back is", c.Page.URL, "which names it as its", "canonical address")
	case archive.MatchKey:
		a.tell("no capture has exactly this address", "asked", asked, "given back is", c.Page.URL)
	}
	if c.Page.Verdict != archive.OK {
		a.tell("the capture is not whole", "verdict", c.Page.Verdict, "reasons", strings.Join(c.Page.Reasons, ", "))
	}
}

// checkAddress refuses what cannot be the address of a page.
func checkAddress(address string) error {
	if strings.TrimSpace(address) == "" {
		return usagef("the URL is empty")
	}
	if shown := withoutUser(address); shown != address {
		return usagef("%q: pages are archived without user names and passwords; leave them out", shown)
	}
	if _, err := index.SURT(address); err != nil {
		return usageError{err}
	}
	return nil
}

func (a *app) restoreFolder(ctx context.Context, arc *archive.Archive, ref archive.PageRef, f restoreFlags, asked string) error {
	report, err := restore.Folder(ctx, arc, ref, f.output, restore.FolderOptions{Asked: asked})
	switch {
	case errors.Is(err, restore.ErrNotEmpty):
		return usageError{err}
	case errors.Is(err, restore.ErrNothing):
		return resultError{codeNotArchived, err}
	case report == nil:
		return err
	}
	for _, file := range append([]restore.File{report.Document}, report.Files...) {
		if file.Note != "" {
			a.tell(file.URL + ": " + file.Note)
		}
	}
	switch {
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
		fmt.Fprintf(a.stdout, "  missing: %s (%s)\n", plain(m.URL), plain(m.Reason))
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
	o, err := a.packing()
	if err != nil {
		return err
	}
	n, err := a.writeNew(f.output, func(w io.Writer) error {
		if f.format == "warc" {
			return restore.WARC(ctx, arc, restore.One(ref), w)
		}
		return restore.WACZ(ctx, arc, restore.One(ref), w, o)
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
