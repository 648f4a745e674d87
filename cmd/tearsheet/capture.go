package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"tearsheet/archive"
	"tearsheet/crawler"
)

const captureLong = `Archives each page with everything that it needs to be shown (images in every size that it names,
style sheets, fonts, scripts, frames) in one run, and commits the run to the archive. What the page
says about its pictures is kept beside them.

A page ends as one of:
  ok        the page and all that belongs to it is archived
  partial   a picture of the article, a style sheet or a frame is missing
  blocked   robots.txt, a challenge, a consent wall or a paywall stood in the way
  soft-404  the site said "not found" without saying so in the status
  failed    there was no usable answer
Whatever came back is archived in each case: it is evidence too.

With "-", URLs are read from standard input, one a line; empty lines and lines that begin with #
are skipped. The first interrupt (Ctrl-C, SIGTERM) brings the run to an end and commits what is
whole; the second stops at once, and the next command recovers what was written.

With --json: one object {run, pages, entry, totals}. run is the run's id; pages are rows as in the
run's pages.jsonl; entry is the run's entry in the log, or null if there is none; totals counts
pages by verdict, photos, requisites, requests, bytes, and seconds.`

// captureFlags are the flags of capture.
type captureFlags struct {
	networkFlags
	also  []string
	grace time.Duration
	json  bool
}

func newCaptureCommand(a *app) *cobra.Command {
	var f captureFlags
	cmd := &cobra.Command{
		Use:   "capture URL...",
		Short: "Archive pages now, with everything they need",
		Long:  captureLong,
		Example: `  tearsheet capture https://www.example.com/news/story.html
  tearsheet capture --quiet --json - < urls.txt > result.json
  tearsheet capture --also https://www.example.com/gallery/2.jpg https://www.example.com/gallery
  tearsheet capture --connect-to www.example.com:443:staging.example.net:8443 https://www.example.com/`,
		Args:        arguments(1, math.MaxInt, "name the pages to capture by their URLs, or - to read them from standard input"),
		Annotations: exitStatus(codeConfiguration, codePartial, codeNothing, codeStorage, codeUpload, codeBlocked, codeTimeLimit, codeFixity, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.capture(cmd.Context(), f, args)
		},
	}
	fs := cmd.Flags()
	f.addSchedule(fs)
	f.networkFlags.add(fs)
	fs.StringArrayVar(&f.also, "also", nil, "also archive `URL` with the page, something that only its scripts would name (repeatable; with one page)")
	fs.DurationVar(&f.grace, "grace", crawler.DefaultGrace, "after an interrupt or the time limit, let pages under way go on for this long")
	fs.BoolVar(&f.json, "json", false, "print one JSON object instead of the summary")
	return cmd
}

// capture is one run of kind "capture" from its arguments to its result.
func (a *app) capture(ctx context.Context, f captureFlags, args []string) error {
	urls, err := f.targets(a, args)
	if err != nil {
		return err
	}
	if err := a.configure(); err != nil {
		return err
	}
	ctx, cancel := f.limited(ctx)
	defer cancel()
	arc, err := a.openArchive(ctx, true)
	if err != nil {
		return err
	}
	report := a.newReport(f.reader(a), len(urls))
	if _, err := a.captureInto(ctx, arc, f, urls, report); err != nil {
		return err
	}
	return report.totals.result()
}

// reader is whom the result is printed for.
func (f *captureFlags) reader(a *app) reader {
	switch {
	case f.json:
		return machine
	case a.flags.quiet:
		return nobody
	default:
		return people
	}
}

// captureInto makes one run of the pages at urls and tells report about it. The run is committed however it ended, unless nothing was
// recorded; then the entry is nil.
func (a *app) captureInto(ctx context.Context, arc *archive.Archive, f captureFlags, urls []string, r *report) (*archive.Entry, error) {
	work, err := a.work()
	if err != nil {
		return nil, err
	}
	run, err := arc.Begin(ctx, archive.RunOptions{
		Kind: archive.KindCapture, Seeds: urls, Settings: f.record(a), MaxWARC: int64(a.settings.WARCSize),
	})
	if err != nil {
		return nil, fmt.Errorf("beginning a run in %s: %w", a.settings.Archive, err)
	}
	r.begin(run.ID())
	o := f.options(a)
	o.Run, o.Also, o.Grace, o.Progress = run, f.also, f.grace, r.progress
	o.Wire.SpoolDir = work
	entry, err := seal(ctx, run, crawl(ctx, o, urls, r.page))
	r.finish(entry, time.Now())
	return entry, err
}

// targets are the pages to capture; it also checks the flags.
func (f *captureFlags) targets(a *app, args []string) ([]string, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if f.grace <= 0 {
		return nil, usagef("--grace is %s; it must be more than nothing", f.grace)
	}
	urls, err := targets(args, a.stdin)
	if err != nil {
		return nil, err
	}
	if len(f.also) > 0 && len(urls) > 1 {
		return nil, usagef("--also belongs to one page, and %d pages were given; capture that page alone", len(urls))
	}
	for i, raw := range f.also {
		if f.also[i], err = parseTarget(raw); err != nil {
			return nil, usagef("--also: %w", err)
		}
	}
	return urls, nil
}

func crawl(ctx context.Context, o crawler.Options, urls []string, each func(archive.Page)) error {
	c, err := crawler.New(o)
	if err != nil {
		return err
	}
	return errors.Join(c.Capture(ctx, urls, each), c.Close())
}

// seal commits what the crawl has left, however it ended, and returns the error that tells how it ended. A run in which nothing was
// recorded is dropped.
func seal(ctx context.Context, run *archive.Run, crawled error) (*archive.Entry, error) {
	outcome := archive.Complete
	switch {
	case ctx.Err() != nil:
		crawled, outcome = context.Cause(ctx), archive.Interrupted
	case crawled != nil:
		outcome = archive.RunFailed
	}
	if c := run.Counts(); outcome != archive.Complete && c.Exchanges == 0 && c.Pages == 0 {
		return nil, errors.Join(crawled, run.Discard())
	}
	// A run that is being ended by a signal or a limit is committed all the same.
	entry, err := run.Commit(context.WithoutCancel(ctx), outcome)
	if err != nil {
		return nil, errors.Join(crawled, err)
	}
	return &entry, crawled
}
