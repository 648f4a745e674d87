package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"tearsheet/archive"
)

// listFlags are the flags of ls.
type listFlags struct {
	host, prefix, run, verdict string
	span                       span
	limit                      int
	json                       bool
}

func newListCommand(a *app) *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "ls [URL | PREFIX*]",
		Short: "List what is in the archive",
		Long: `Lists the archived pages, the newest run first, one line each: time (UTC), verdict, number of
photos, URL, and title. Without arguments and flags, all of them. An argument that ends in * lists
the pages whose URLs begin with what stands before it. International host names are found in either
form. A URL that is not in the archive, and a run that is not, end with 12; that nothing else fits
the flags is no error.

With --json: one object a line, a row of the run's pages.jsonl with the member run before it.`,
		Example: `  tearsheet ls
  tearsheet ls https://www.example.com/news/story.html
  tearsheet ls 'https://www.example.com/news/*' --from 2025-03 --to 2025-05-15
  tearsheet ls --verdict blocked --json | jq -r .url`,
		Args:        arguments(0, 1, "name at most one URL or PREFIX*; quote it, so that the shell leaves * alone"),
		Annotations: exitStatus(codeConfiguration, codeStorage, codeFixity, codeNotArchived, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.list(cmd.Context(), f, args)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.host, "host", "", "only pages of `HOST` and the hosts below it, or of HOST:PORT")
	fs.StringVar(&f.prefix, "prefix", "", "only pages whose URLs begin with `URL`")
	f.span.add(fs)
	fs.StringVar(&f.verdict, "verdict", "", "only pages with this verdict: `ok|partial|blocked|soft-404|failed`")
	fs.StringVar(&f.run, "run", "", "only pages of the run `ID`")
	fs.IntVar(&f.limit, "limit", 0, "at most `N` pages (default all)")
	fs.BoolVar(&f.json, "json", false, "print one JSON object a line")
	return cmd
}

// query turns flags and argument into a query of the archive.
func (f *listFlags) query(args []string) (archive.Query, error) {
	q := archive.Query{Host: f.host, Prefix: f.prefix, Run: f.run, From: f.span.from, To: f.span.to, Verdict: archive.Verdict(f.verdict), Limit: f.limit}
	switch q.Verdict {
	case "", archive.OK, archive.Partial, archive.Blocked, archive.Soft404, archive.Failed:
	default:
		return q, usagef("--verdict %s is none; use ok, partial, blocked, soft-404 or failed", f.verdict)
	}
	if f.limit < 0 {
		return q, usagef("--limit is %d; it cannot be negative", f.limit)
	}
	if len(args) == 0 {
		return q, nil
	}
	named, begins := selector(args[0])
	if !begins {
		if err := checkAddress(args[0]); err != nil {
			return q, err
		}
	}
	if named.Prefix != "" && f.prefix != "" {
		return q, usagef("%s and --prefix say the same thing; leave one out", args[0])
	}
	q.URL, q.Prefix = named.URL, cmp.Or(named.Prefix, f.prefix)
	return q, nil
}

// selector reads an argument that selects archived pages: a URL, or the beginning of URLs with * after it.
func selector(arg string) (q archive.Query, begins bool) {
	if prefix, ok := strings.CutSuffix(arg, "*"); ok {
		return archive.Query{Prefix: prefix}, true
	}
	return archive.Query{URL: arg}, false
}

// listed is one line of ls --json.
type listed struct {
	Run string `json:"run"`
	archive.Page
}

func (a *app) list(ctx context.Context, f listFlags, args []string) error {
	q, err := f.query(args)
	if err != nil {
		return err
	}
	arc, err := a.existing(ctx)
	if err != nil {
		return err
	}
	found, err := a.printPages(arc.Pages(ctx, q), f.json)
	if err != nil {
		return fmt.Errorf("listing the archive at %s: %w", a.settings.Archive, err)
	}
	if found > 0 {
		return nil
	}
	if q.Run != "" {
		if err := a.knownRun(ctx, arc, q.Run); err != nil {
			return err
		}
	}
	if q.URL != "" {
		return fmt.Errorf("%s: %w", q.URL, archive.ErrNotArchived)
	}
	return nil
}

// printPages prints what can be read; what cannot is in the error.
func (a *app) printPages(pages iter.Seq2[archive.PageRef, error], asJSON bool) (found int, err error) {
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for ref, fault := range pages {
		if fault != nil {
			err = errors.Join(err, fault)
			continue
		}
		found++
		if asJSON {
			fault = a.printJSON(listed{ref.RunID, ref.Page})
		} else {
			_, fault = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", ref.Page.Time.UTC().Format(time.DateTime), ref.Page.Verdict,
				english.Plural(len(ref.Page.Photos), "photo", "photos"), plain(ref.Page.URL), plain(ref.Page.Title))
		}
		if fault != nil {
			return found, errors.Join(err, fault)
		}
	}
	return found, errors.Join(err, table.Flush())
}
