package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"tearsheet/archive"
	"tearsheet/archive/restore"
)

// exportFlags are the flags of export.
type exportFlags struct {
	run, format, output string
	json                bool
}

func newExportCommand(a *app) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export {--run ID | URL...} --output FILE",
		Short: "Write a run or a selection of pages as one file",
		Long: `Writes one file for other people and other programs: a WACZ, which players as ReplayWeb.page open, or
a WARC. With --run, everything in that run: a WACZ holds the run's files exactly as they are
stored, so that the digest in the log proves the export too, a WARC every record of the run. With
URLs, all captures of each, with all that belongs to them, failed ones too; of an address that was
never captured itself those that restore would give back. An argument that ends in * selects every
capture of every page whose URL begins so. An argument for which no document was captured ends the
export with 12. Records are checked while they are copied. With signing: wacz_key: in the
configuration a WACZ is signed (tearsheet keygen makes the key).

With --json: one object {format, output, bytes}.`,
		Example: `  tearsheet export --run 20250309t143005z-abcdefghij -o run.wacz
  tearsheet export https://www.example.com/a.html https://www.example.com/b.html --format warc -o two.warc.gz
  tearsheet export 'https://www.example.com/2025/*' -o 2025.wacz`,
		Annotations: exitStatus(codeConfiguration, codeStorage, codeFixity, codeNotArchived, codeInterrupted, codeTerminated),
		Args:        cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.export(cmd.Context(), f, args)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.run, "run", "", "the whole run `ID`, as ls --json and capture tell it")
	fs.StringVar(&f.format, "format", "wacz", "`wacz|warc`")
	fs.StringVarP(&f.output, "output", "o", "", "new `FILE` to write (- for standard output)")
	fs.BoolVar(&f.json, "json", false, "print one JSON object")
	return cmd
}

// exported is what export --json prints.
type exported struct {
	Format string `json:"format"`
	Output string `json:"output"`
	Bytes  int64  `json:"bytes"`
}

func (a *app) export(ctx context.Context, f exportFlags, args []string) error {
	switch {
	case (f.run == "") == (len(args) == 0):
		return usagef("say what to export: either --run ID, or URLs")
	case f.format != "wacz" && f.format != "warc":
		return usagef("--format %s is none; use wacz or warc", f.format)
	case f.output == "":
		return usagef("say with --output which file to write")
	case f.output == "-" && f.json:
		return usagef("--json and --output - both want standard output; name a file")
	}
	for _, arg := range args {
		if _, begins := selector(arg); !begins {
			if err := checkAddress(arg); err != nil {
				return err
			}
		}
	}
	arc, err := a.existing(ctx)
	if err != nil {
		return err
	}
	o, err := a.packing()
	if err != nil {
		return err
	}
	n, err := a.writeNew(f.output, func(w io.Writer) error { return f.write(ctx, arc, args, o, w) })
	switch {
	case errors.Is(err, restore.ErrNothing):
		return resultError{codeNotArchived, err}
	case err != nil:
		return err
	case f.json:
		return a.printJSON(exported{f.format, f.output, n})
	case !a.flags.quiet && f.output != "-":
		fmt.Fprintf(a.stdout, "%s in %s\n", humanize.Bytes(uint64(n)), f.output)
	}
	return nil
}

func (f *exportFlags) write(ctx context.Context, arc *archive.Archive, args []string, o restore.WACZOptions, w io.Writer) error {
	switch {
	case f.run != "" && f.format == "wacz":
		return restore.RunWACZ(ctx, arc, f.run, w, o)
	case f.run != "":
		return restore.RunWARC(ctx, arc, f.run, w)
	case f.format == "wacz":
		return restore.WACZ(ctx, arc, selection(ctx, arc, args), w, o)
	default:
		return restore.WARC(ctx, arc, selection(ctx, arc, args), w)
	}
}

// selection yields the pages that the arguments name, and an error for an argument that brings no document.
func selection(ctx context.Context, arc *archive.Archive, args []string) iter.Seq2[archive.PageRef, error] {
	return func(yield func(archive.PageRef, error) bool) {
		for _, arg := range args {
			captures, documents := 0, 0
			for ref, err := range capturesOf(ctx, arc, arg) {
				captures++
				if err == nil && ref.Page.HasDocument() {
					documents++
				}
				if !yield(ref, err) {
					return
				}
			}
			var err error
			switch {
			case captures == 0:
				err = archive.ErrNotArchived
			case documents == 0:
				err = fmt.Errorf("%w: of %s none holds a document", restore.ErrNothing, english.Plural(captures, "capture", ""))
			}
			if err != nil && !yield(archive.PageRef{}, fmt.Errorf("%s: %w", arg, err)) {
				return
			}
		}
	}
}

// capturesOf yields the captures that one argument names: all that begin with it, or all that match it as well as the best does.
func capturesOf(ctx context.Context, arc *archive.Archive, arg string) iter.Seq2[archive.PageRef, error] {
	q, begins := selector(arg)
	if begins {
		return arc.Pages(ctx, q)
	}
	return func(yield func(archive.PageRef, error) bool) {
		best, err := arc.Choose(ctx, arg, time.Time{})
		if errors.Is(err, archive.ErrNotArchived) {
			return
		}
		if err != nil {
			yield(archive.PageRef{}, fmt.Errorf("%s: %w", arg, err))
			return
		}
		for ref, err := range arc.Pages(ctx, q) {
			if err == nil && ref.Page.Match(arg) != best.Match {
				continue
			}
			if !yield(ref, err) {
				return
			}
		}
	}
}
