package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"tearsheet/archive"
)

// gcFlags are the flags of gc.
type gcFlags struct {
	olderThan time.Duration
	remove    bool
	whole     bool
	json      bool
}

func newGCCommand(a *app) *cobra.Command {
	f := gcFlags{olderThan: 7 * 24 * time.Hour}
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Show and remove what crashed runs left behind",
		Long: `Lists what stands in the archive and is named by no entry of its log, one line each, and with --delete
removes it:
  run     objects of a run that was never committed, and whose machine is gone
  upload  the parts of an object whose upload to the bucket was not finished
  local   what was put aside in the work folder: shown, and never removed

Nothing is removed that the log names, that stands in this machine's work folder (the next command
finishes it), or that is younger than --older-than, by its newest object: that must be longer than any
commit takes on other machines. A run that has its manifest is whole but for its entry in the log,
which may have been lost: it is kept unless --whole is given too. When anything is wrong with the log,
nothing is shown and nothing is removed; tearsheet verify tells what it is.

In a bucket that keeps versions, what is removed gets a delete marker, and its versions stay until the
bucket's own rules remove them. What the store does not let go is told, the rest is removed, and the
command ends with 7.

With --json: one object a line {kind, name, objects, bytes, newest, whole, removed, kept, error};
removed is true of what was removed, and kept says why something was not.`,
		Example: `  tearsheet gc
  tearsheet gc --older-than 30d --delete
  tearsheet gc --json | jq -r .name`,
		Args:        noArguments,
		Annotations: exitStatus(codeConfiguration, codeStorage, codeFixity, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.whole && !f.remove {
				return usagef("--whole says what --delete may remove; give both, or leave it out")
			}
			return a.collect(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	ageFlag(flags, &f.olderThan, "older-than", "only what is older than `LONG`, as 7d, 2w or 36h (default 7d)")
	flags.BoolVar(&f.remove, "delete", false, "remove what is listed")
	flags.BoolVar(&f.whole, "whole", false, "with --delete: also runs that lack nothing but their entry in the log")
	flags.BoolVar(&f.json, "json", false, "print one JSON object a line")
	return cmd
}

// collected is one line of gc --json.
type collected struct {
	archive.Orphan
	Removed bool   `json:"removed"`
	Kept    string `json:"kept,omitempty"`
	Error   string `json:"error,omitempty"`
}

// gcTotals count what gc found and did.
type gcTotals struct {
	found, removed, failed int
	bytes, freed           int64
}

func (a *app) collect(ctx context.Context, f gcFlags) error {
	arc, err := a.existing(ctx)
	if err != nil {
		return err
	}
	var t gcTotals
	for o, err := range arc.Orphans(ctx, f.olderThan) {
		if err != nil {
			return fmt.Errorf("looking for orphans in the archive at %s: %w", a.settings.Archive, err)
		}
		c, err := f.dispose(ctx, arc, o)
		if err != nil {
			return err
		}
		t.add(c)
		if err := a.tellCollected(c, f.json); err != nil {
			return err
		}
	}
	if !f.json && !a.flags.quiet {
		fmt.Fprintln(a.stdout, t.text(f))
	}
	if t.failed > 0 {
		return resultf(codeStorage, "%s could not be removed from the archive at %s, or not whole", english.Plural(t.failed, "orphan", ""), a.settings.Archive)
	}
	return nil
}

// dispose removes an orphan if that is wanted. The error is for the end of ctx.
func (f gcFlags) dispose(ctx context.Context, arc *archive.Archive, o archive.Orphan) (collected, error) {
	c := collected{Orphan: o}
	switch {
	case !f.remove:
		return c, nil
	case o.Kind == archive.OrphanLocal:
		c.Kept = "it may be the only copy: look at it, and remove it by hand"
		return c, nil
	case o.Whole && !f.whole:
		c.Kept = "it has its manifest, and its entry in the log may have been lost: give --whole to remove it"
		return c, nil
	}
	err := arc.RemoveOrphan(ctx, o)
	switch {
	case err == nil:
		c.Removed = true
	case ctx.Err() != nil:
		return c, err
	case errors.Is(err, archive.ErrInUse):
		c.Kept = err.Error()
	default:
		c.Error = err.Error()
	}
	return c, nil
}

func (a *app) tellCollected(c collected, asJSON bool) error {
	if asJSON {
		return a.printJSON(c)
	}
	what := humanize.Bytes(uint64(c.Bytes))
	switch c.Kind {
	case archive.OrphanRun:
		what = english.Plural(c.Objects, "object", "") + ", " + what
		if c.Whole {
			what += ", with its manifest"
		}
	case archive.OrphanUpload:
		what = "unfinished"
	}
	told := ""
	switch {
	case c.Removed:
		told = ": removed"
	case c.Error != "":
		told = ": " + c.Error
	case c.Kept != "":
		told = ": kept: " + c.Kept
	}
	_, err := fmt.Fprintf(a.stdout, "%-6s  %s  %s (%s)%s\n", c.Kind, c.Newest.UTC().Format(time.DateTime), plain(c.Name), what, plain(told))
	return err
}

func (t *gcTotals) add(c collected) {
	t.found++
	t.bytes += c.Bytes
	switch {
	case c.Removed:
		t.removed++
		t.freed += c.Bytes
	case c.Error != "":
		t.failed++
	}
}

func (t gcTotals) text(f gcFlags) string {
	switch {
	case t.found == 0:
		return "no orphans"
	case !f.remove:
		return fmt.Sprintf("%s, %s; nothing was removed: give --delete for that", english.Plural(t.found, "orphan", ""), humanize.Bytes(uint64(t.bytes)))
	}
	return fmt.Sprintf("%d of %s removed, %s", t.removed, english.Plural(t.found, "orphan", ""), humanize.Bytes(uint64(t.freed)))
}
