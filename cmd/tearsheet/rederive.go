package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"

	"tearsheet/archive"
	"tearsheet/archive/ingest"
)

// rederivedJSON is what photos --rederive --json prints.
type rederivedJSON struct {
	Run     string              `json:"run"` // "" when there was no page to read
	Pages   int                 `json:"pages"`
	Changed int                 `json:"changed"` // pages of which something else is known now
	Before  archive.PhotoTotals `json:"before"`
	Photos  archive.PhotoTotals `json:"photos"`
	Unread  []archive.Exclusion `json:"unread"`
}

// rederive reads archived pages again and tells what is known now.
func (a *app) rederive(ctx context.Context, f photoFlags) error {
	arc, err := a.existing(ctx)
	if err != nil {
		return err
	}
	done, err := ingest.Rederive(ctx, arc, ingest.RederiveOptions{
		Pages:    archive.Query{Prefix: strings.TrimSuffix(f.prefix, "*"), Run: f.run, From: f.span.from, To: f.span.to},
		Progress: func(step, subject string) { a.log.Info("read again", step, subject) },
	})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && done.RunID == "":
		return fmt.Errorf("deriving the photographs of the archive at %s again: %w", a.settings.Archive, err)
	case err == nil && done.Pages == 0 && f.run != "":
		err = a.knownRun(ctx, arc, f.run)
	}
	if f.json {
		if fault := a.printJSON(rederivedJSON{done.RunID, done.Pages, done.Changed, done.Before, done.Photos, listOf(done.Unread)}); fault != nil {
			return fault
		}
	} else if err == nil || done.RunID != "" {
		a.tellRederived(done)
	}
	switch {
	case err != nil && done.RunID != "":
		return fmt.Errorf("not all of the archive at %s could be read again: %w", a.settings.Archive, err)
	case err == nil && len(done.Unread) > 0:
		return resultf(codePartial, "%s could not be read again, and what is known of them stays", english.Plural(len(done.Unread), "page", ""))
	}
	return err
}

// tellRederived says what came of it. What could not be read is told in spite of --quiet.
func (a *app) tellRederived(done ingest.Rederived) {
	for _, u := range done.Unread {
		fmt.Fprintf(a.stderr, "%s: %s\n", plain(u.URL), plain(u.Reason))
	}
	switch {
	case a.flags.quiet:
	case done.Pages == 0:
		fmt.Fprintln(a.stdout, "there is no page to be read again")
	default:
		fmt.Fprintf(a.stdout, "%s read again, of %d something else is known now (run %s)\n", english.Plural(done.Pages, "page", ""), done.Changed, done.RunID)
		fmt.Fprintf(a.stdout, "before: %s\nnow:    %s\n", photoTotals(done.Before), photoTotals(done.Photos))
	}
}

// photoTotals tells totals in words.
func photoTotals(t archive.PhotoTotals) string {
	return fmt.Sprintf("%s, %d with credit, %s", english.Plural(t.Total, "photo", "photos"), t.WithCredit, english.Plural(t.Conflicts, "conflict", ""))
}
