package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tearsheet/archive"
	"tearsheet/archive/photo/contactsheet"
	"tearsheet/archive/photo/likeness"
	"tearsheet/archive/photo/raster"
	"tearsheet/archive/photosearch"
)

const photosLong = `Lists the photographs in the archive, the newest run first, each with its caption, its credit, the people
and agencies that the credit names, how page and file agree (agree, compatible, conflict, page_only,
file_only, none), and the page that shows it. Without flags, all of them; several flags must all fit.
That nothing fits is no error; a run that is not in the archive ends with 12. --by and --agency ask for
those whom the credit names; who loses a conflict stands among the statements, and is found by --conflicts.

The same file on several pages is one picture: what is said of it on the one page is heard on the
others, and the credit is resolved from all of it. With --similar, so are files that look the same,
scaled or compressed in another way; for that one file of every picture in the archive is decoded,
which takes about a tenth of a second each. Files of more than 40 million pixels, and formats other
than JPEG, PNG, GIF, WebP, TIFF and BMP, are not decoded.

With --json: one object a line, a row of the run's photos.jsonl (schema.org ImageObject; statements[]
has property, value, kind and locator), and for a picture that is shown elsewhere the members picture
(the same number for the same picture), also (where), and own (the credit of this page and its files
alone, where it is another one).

With --csv: a header, then a line for each photograph with the columns
  ` + csvColumns + `
Several names in one field are parted by "; ". A text that a spreadsheet would take for a formula has
' before it.

With --html: a contact sheet, one file that opens without a network and prints: every picture once, with
its credit, every statement about it and where that stands, conflicts and missing credits marked.

With --rederive: nothing is listed; the archived pages are read again with the rules of this version,
which may be better than those of the one that captured them, and a run of kind derive is committed with
what comes of it. The pages themselves stay as they are.`

// photoFlags are the flags of photos.
type photoFlags struct {
	by, agency, prefix, run  string
	missing, conflicts       bool
	span                     span
	limit                    int
	similar, json, csv, anew bool
	html                     string
}

func newPhotosCommand(a *app) *cobra.Command {
	var f photoFlags
	cmd := &cobra.Command{
		Use:   "photos",
		Short: "Search the archived photographs by who made them",
		Long:  photosLong,
		Example: `  tearsheet photos --by "Mikhail Klimentyev"
  tearsheet photos --agency AP --since 2025-03 --csv > ap.csv
  tearsheet photos --missing --url https://www.example.com/news/
  tearsheet photos --conflicts --similar --html conflicts.html
  tearsheet photos --json | jq -r 'select(.agreement == "conflict") | .page.url'
  tearsheet photos --rederive`,
		Args:        noArguments,
		Annotations: exitStatus(codeConfiguration, codePartial, codeStorage, codeFixity, codeNotArchived, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.given(cmd.Flags()); err != nil {
				return err
			}
			if f.anew {
				return a.rederive(cmd.Context(), f)
			}
			return a.photos(cmd.Context(), f)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.by, "by", "", "only photographs by `NAME`, or by who has these words in the name; accents, case, order and initials do not matter")
	fs.StringVar(&f.agency, "agency", "", "only photographs of the agency `NAME`, under whichever of its names: AP, Associated Press")
	fs.BoolVar(&f.missing, "missing", false, "only photographs of which nobody says who made them")
	fs.BoolVar(&f.conflicts, "conflicts", false, "only photographs of which page and file name different makers")
	fs.StringVar(&f.prefix, "url", "", "only photographs of pages whose URLs begin with `PREFIX`")
	f.span.addAs(fs, "since", "until")
	fs.StringVar(&f.run, "run", "", "only photographs of pages that the run `ID` captured")
	fs.IntVar(&f.limit, "limit", 0, "at most `N` photographs (default all)")
	fs.BoolVar(&f.similar, "similar", false, "pictures that look the same are the same picture")
	fs.BoolVar(&f.json, "json", false, "print one JSON object a line; with --rederive, one")
	fs.BoolVar(&f.csv, "csv", false, "print comma-separated values with a header")
	fs.StringVar(&f.html, "html", "", "write a contact sheet to the new `FILE` (- for standard output)")
	fs.BoolVar(&f.anew, "rederive", false, "read archived pages again with the rules of this version")
	cmd.MarkFlagsMutuallyExclusive("json", "csv", "html")
	for _, other := range []string{"by", "agency", "missing", "conflicts", "limit", "similar", "csv", "html"} {
		cmd.MarkFlagsMutuallyExclusive("rederive", other)
	}
	return cmd
}

// given fails for a flag that was given without saying anything, as by an unset variable of a script: it would select everything.
func (f *photoFlags) given(fs *pflag.FlagSet) error {
	for _, flag := range []string{"url", "run", "html"} {
		if given := fs.Lookup(flag); given.Changed && given.Value.String() == "" {
			return usagef("--%s is empty; say which, or leave it out", flag)
		}
	}
	for _, flag := range []string{"by", "agency"} {
		if given := fs.Lookup(flag); given.Changed && strings.IndexFunc(given.Value.String(), letterOrDigit) < 0 {
			return usagef("--%s %q is no name", flag, given.Value.String())
		}
	}
	return nil
}

// query turns the flags into a query.
func (f *photoFlags) query(a *app, uncompared *refusals) (photosearch.Query, error) {
	q := photosearch.Query{
		PhotoQuery: archive.PhotoQuery{
			Prefix: strings.TrimSuffix(f.prefix, "*"), Run: f.run, From: f.span.from, To: f.span.to,
			By: f.by, Agency: f.agency, Missing: f.missing, Conflicts: f.conflicts, Limit: f.limit,
		},
		Similar: f.similar,
		Uncompared: func(file archive.PhotoFile, err error) {
			a.log.Info("a picture is not compared", "url", file.URL, "because", err)
			uncompared.add(err)
		},
	}
	switch {
	case f.limit < 0:
		return q, usagef("--limit is %d; it cannot be negative", f.limit)
	case f.missing && f.conflicts:
		return q, usagef("--missing and --conflicts cannot both be: where page and file name different makers, somebody is named; leave one out")
	case f.missing && f.by+f.agency != "":
		return q, usagef("--missing leaves nobody to search for; leave it or --by and --agency out")
	}
	return q, nil
}

// photos lists photographs, or makes a contact sheet of them.
func (a *app) photos(ctx context.Context, f photoFlags) error {
	var uncompared refusals
	q, err := f.query(a, &uncompared)
	if err != nil {
		return err
	}
	arc, err := a.existing(ctx)
	if err != nil {
		return err
	}
	found := photosearch.Search(ctx, arc, q)
	var totals contactsheet.Totals
	switch {
	case f.html != "":
		var size int64
		totals, size, err = a.contactSheet(ctx, arc, f, found)
		if size > 0 && f.html != "-" && !a.flags.quiet {
			fmt.Fprintf(a.stdout, "%s\n%s in %s\n", summary(totals), humanize.Bytes(uint64(size)), f.html)
		}
	case f.csv:
		totals, err = a.eachPhoto(found, a.csvPhotos())
	case f.json:
		totals, err = a.eachPhoto(found, func(p photosearch.Found) error { return a.printJSON(p) })
	default:
		totals, err = a.eachPhoto(found, a.textPhotos())
		if totals.Pictures > 0 && err == nil && !a.flags.quiet {
			fmt.Fprintf(a.stdout, "\n%s\n", summary(totals))
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if n := uncompared.n; n > 0 {
		a.notice(fmt.Sprintf("%s could not be compared by looks", english.Plural(n, "picture", "")), "because", uncompared.String())
	}
	if err != nil {
		return err
	}
	if totals.Pictures == 0 && f.run != "" {
		return a.knownRun(ctx, arc, f.run)
	}
	return nil
}

// knownRun fails when the archive has no such run.
func (a *app) knownRun(ctx context.Context, arc *archive.Archive, run string) error {
	committed, err := arc.Committed(ctx, run)
	if err != nil {
		return fmt.Errorf("looking for run %s: %w", run, err)
	}
	if !committed {
		return fmt.Errorf("run %s: %w", run, archive.ErrNotArchived)
	}
	return nil
}

// eachPhoto gives tell what is found and counts it; what could not be read is in the error.
func (a *app) eachPhoto(found iter.Seq2[photosearch.Found, error], tell func(photosearch.Found) error) (t contactsheet.Totals, err error) {
	for p, fault := range found {
		if fault != nil {
			err = errors.Join(err, fault)
			continue
		}
		t.Add(p.Photo.Credit)
		if fault := tell(p); fault != nil {
			return t, errors.Join(err, fault)
		}
	}
	if err != nil {
		err = a.unread(err)
	}
	return t, err
}

// unread is the error that a part of the archive could not be read.
func (a *app) unread(err error) error {
	return fmt.Errorf("searching the archive at %s: %w", a.settings.Archive, err)
}

// summary tells totals in words.
func summary(t contactsheet.Totals) string {
	return fmt.Sprintf("%s: %d with credit, %s, %d without credit", english.Plural(t.Pictures, "photograph", "photographs"), t.Credited,
		english.Plural(t.Conflicts, "conflict", ""), t.Missing)
}

// refusals counts what could not be compared, by reason.
type refusals struct {
	n       int
	reasons []string
}

func (r *refusals) add(err error) {
	r.n++
	reason := err.Error()
	for _, known := range []error{raster.ErrFormat, raster.ErrTooLarge, raster.ErrDamaged, likeness.ErrTooPlain} {
		if errors.Is(err, known) {
			reason = known.Error()
		}
	}
	if !slices.Contains(r.reasons, reason) {
		r.reasons = append(r.reasons, reason)
	}
}

// String tells the reasons.
func (r *refusals) String() string { return strings.Join(r.reasons, ", or ") }
