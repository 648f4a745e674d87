package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"tearsheet/archive"
)

func newVerifyCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that the archive holds what was written",
		Long: `Reads the whole archive and checks the chain of the log, every manifest, every file's SHA-256, and
every record's digests; makes each index again and compares it. Each fault is told with the object
that has it, what was expected and what was found.

A run that no entry of the log names is a fault, unless it is still being committed on this machine.
What may not be read, for want of permission, is an error and no fault of the archive.

With --json: one object {entries, runs, files, records, pages, bytes, unlisted, problems}; unlisted
are runs whose commit is under way, and each problem has object, offset, what, expected and found.`,
		Example:     "  tearsheet verify\n  tearsheet verify --archive /srv/papers --json",
		Args:        noArguments,
		Annotations: exitStatus(codeConfiguration, codeStorage, codeFixity, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.verify(cmd.Context(), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// verified is what verify --json prints.
type verified struct {
	Entries  int                `json:"entries"`
	Runs     int                `json:"runs"`
	Files    int                `json:"files"`
	Records  int                `json:"records"`
	Pages    int                `json:"pages"`
	Bytes    int64              `json:"bytes"`
	Unlisted []archive.Unlisted `json:"unlisted"`
	Problems []archive.Problem  `json:"problems"`
}

func (a *app) verify(ctx context.Context, asJSON bool) error {
	arc, err := a.existing(ctx)
	if err != nil {
		return err
	}
	progress, done := a.verifyProgress()
	r, err := arc.Verify(ctx, archive.OnProgress(progress))
	done()
	if err != nil {
		err = fmt.Errorf("verifying the archive at %s: %w", a.settings.Archive, err)
	}
	if ctx.Err() != nil {
		return err
	}
	if asJSON {
		v := verified{r.Entries, r.Runs, r.Files, r.Records, r.Pages, r.Bytes, listOf(r.Unlisted), listOf(r.Problems)}
		if told := a.printJSON(v); told != nil {
			return errors.Join(err, told)
		}
	} else {
		a.tellVerified(r, err == nil)
	}
	if n := len(r.Problems); n > 0 {
		return errors.Join(resultf(codeFixity, "the archive at %s is damaged: %s", a.settings.Archive, english.Plural(n, "problem", "")), err)
	}
	return err
}

// verifyProgress shows on a terminal how far it is; done takes it away.
func (a *app) verifyProgress() (progress func(archive.VerifyReport), done func()) {
	if a.flags.quiet || !terminal(a.stderr) {
		return func(archive.VerifyReport) {}, func() {}
	}
	bar := progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(a.stderr),
		progressbar.OptionSetDescription("verifying"),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionShowBytes(true),
		progressbar.OptionClearOnFinish(),
	)
	ignore := func(error) {} // a terminal that takes no more is no reason to stop
	return func(r archive.VerifyReport) { ignore(bar.Set64(r.Bytes)) }, func() { ignore(bar.Finish()) }
}

func (a *app) tellVerified(r archive.VerifyReport, whole bool) {
	for _, p := range r.Problems {
		fmt.Fprint(a.stdout, plain(p.Object))
		if p.Offset > 0 {
			fmt.Fprintf(a.stdout, " at byte %d", p.Offset)
		}
		fmt.Fprintf(a.stdout, ": %s\n", plain(p.What))
		if p.Expected != "" || p.Found != "" {
			fmt.Fprintf(a.stdout, "    expected %s\n    found    %s\n", plain(p.Expected), plain(p.Found))
		}
	}
	if a.flags.quiet {
		return
	}
	for _, u := range r.Unlisted {
		fmt.Fprintf(a.stdout, "run %s is in no entry of the log yet: its commit is under way\n", u.Run)
	}
	verdict := "all as written"
	if n := len(r.Problems); n > 0 {
		verdict = english.Plural(n, "problem", "")
	} else if !whole {
		verdict = "not everything could be read"
	}
	fmt.Fprintf(a.stdout, "%s: %s, %s, %s, %s, %s read\n", verdict, english.Plural(r.Runs, "run", ""), english.Plural(r.Pages, "page", ""),
		english.Plural(r.Files, "file", ""), english.Plural(r.Records, "record", ""), humanize.Bytes(uint64(r.Bytes)))
}
