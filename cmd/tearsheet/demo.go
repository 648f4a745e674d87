package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"tearsheet/archive"
	"tearsheet/archive/photo"
	"tearsheet/archive/photo/contactsheet"
	"tearsheet/archive/photosearch"
	"tearsheet/archive/restore"
	"tearsheet/config"
	"tearsheet/crawler/crawlertest"
	"tearsheet/crawler/wire"
)

// demoHost is the newspaper's name. Names below .example belong to nobody (RFC 2606), and no connection leaves this machine.
const demoHost = "www.harbour-courier.example"

// sheetName is the file of the contact sheet.
const sheetName = "photographs.html"

// demoPhotos is how many photographs are listed one by one.
const demoPhotos = 8

func newDemoCommand(a *app) *cobra.Command {
	var keep string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole way on a made-up newspaper, offline",
		Long: `Serves a made-up newspaper on this machine, captures its articles, verifies the archive, lists the
photographs with what is said about who made them, makes a contact sheet of them, and restores a
page. It takes a few seconds and needs no network; nothing is left behind unless --keep says where.`,
		Example:     "  tearsheet demo\n  tearsheet demo --keep papers",
		Args:        noArguments,
		Annotations: exitStatus(codeStorage, codeFixity, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.demo(cmd.Context(), keep)
		},
	}
	cmd.Flags().StringVar(&keep, "keep", "", "leave archive, contact sheet and restored page in the new folder `DIR`")
	return cmd
}

// demo makes a place for the demonstration, gives it, and tidies up.
func (a *app) demo(ctx context.Context, keep string) (err error) {
	if a.flags.archive != "" || a.flags.config != "" {
		return usagef("the demonstration has an archive and settings of its own; to keep its archive use --keep DIR")
	}
	dir := keep
	if keep == "" {
		if dir, err = os.MkdirTemp("", "tearsheet-demo-"); err != nil {
			return fmt.Errorf("making a folder for the demonstration: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	} else if err = newFolder(keep); err != nil {
		return err
	}
	paper, err := crawlertest.Start(ctx, crawlertest.Options{Origin: "http://" + demoHost})
	if err != nil {
		return err
	}
	defer paper.Close()
	a.settings = config.Default()
	a.settings.Archive = filepath.Join(dir, "archive")
	d := demonstration{app: a, dir: dir, kept: keep != "", paper: paper}
	return d.give(ctx)
}

// newFolder makes dir, which must not hold anything yet.
func newFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return resultf(codeStorage, "the folder for the demonstration cannot be made: %w", err)
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return usagef("%s is not empty; name a new folder", dir)
	}
	return nil
}

// demonstration is one showing of the tool, step by step.
type demonstration struct {
	*app
	dir   string
	kept  bool
	paper *crawlertest.Newspaper
	arc   *archive.Archive
	lead  archive.PageRef // the page that is given back
}

func (d *demonstration) give(ctx context.Context) error {
	for i, step := range []func(context.Context) error{d.introduce, d.capture, d.verify, d.photographs, d.sheet, d.restore} {
		if i > 0 {
			d.say("\n")
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.farewell()
	return nil
}

// say prints unless --quiet.
func (d *demonstration) say(format string, args ...any) {
	if !d.flags.quiet {
		fmt.Fprintf(d.stdout, format, args...)
	}
}

func (d *demonstration) introduce(context.Context) error {
	d.say("1. The Harbour Courier, a newspaper that does not exist, is served on this machine:\n   %s, %s, %s at http://%s\n",
		english.Plural(len(d.paper.Sections()), "section", ""), english.Plural(len(d.paper.Articles()), "article", ""),
		english.Plural(len(d.paper.Photographs()), "photograph", "photographs"), demoHost)
	return nil
}

func (d *demonstration) capture(ctx context.Context) error {
	address := netip.MustParseAddrPort(strings.TrimPrefix(d.paper.URL, "http://"))
	f := captureFlags{networkFlags: networkFlags{
		concurrency:  4,
		allowPrivate: []netip.Prefix{netip.PrefixFrom(address.Addr(), address.Addr().BitLen())},
		connectTo:    []wire.ConnectTo{{Host: demoHost, Port: "80", Addr: address.Addr().String(), AddrPort: fmt.Sprint(address.Port())}},
	}}
	var urls []string
	for _, article := range d.paper.Articles() {
		urls = append(urls, article.URL)
	}
	d.say("2. Capture: every article with all that it needs, as it went over the wire\n")
	var err error
	if d.arc, err = d.openArchive(ctx, true); err != nil {
		return err
	}
	r := d.newReport(nobody, len(urls))
	entry, err := d.captureInto(ctx, d.arc, f, urls, r)
	if err != nil {
		return err
	}
	t := &r.totals
	d.say("   %s archived (%s): %s, %s in %.1f s; run %s\n", english.Plural(t.Pages, "page", ""), t.verdicts(),
		english.Plural(t.Photos, "photo", "photos"), english.Plural(t.Requests, "request", ""), t.Seconds, entry.RunID)
	for ref, err := range d.arc.Pages(ctx, archive.Query{Run: entry.RunID}) {
		if err != nil {
			return err
		}
		if p := ref.Page; p.Verdict != archive.OK {
			d.say("   %s: %s\n", p.Verdict, strings.Join(p.Reasons, "; "))
		}
	}
	return nil
}

func (d *demonstration) verify(ctx context.Context) error {
	begun := time.Now()
	r, err := d.arc.Verify(ctx)
	if err != nil {
		return err
	}
	if n := len(r.Problems); n > 0 {
		return resultf(codeFixity, "the archive in %s is damaged: %s", d.settings.Archive, english.Plural(n, "problem", ""))
	}
	d.say("3. Verify: the log's chain, %s and %s are as they were written (%.1f s)\n",
		english.Plural(r.Files, "file", ""), english.Plural(r.Records, "record", ""), time.Since(begun).Seconds())
	return nil
}

// photographs lists pictures with who made them and what else is said of that, one a page, and picks the page that is given back.
func (d *demonstration) photographs(ctx context.Context) error {
	d.say("4. Photographs, who made them, and where that is said:\n")
	var t contactsheet.Totals
	shown := 0
	for ref, err := range d.arc.Pages(ctx, archive.Query{}) {
		if err != nil {
			return err
		}
		for _, p := range ref.Page.Photos {
			t.Add(p.Credit)
		}
		if n := len(ref.Page.Photos) - len(d.lead.Page.Photos); n > 0 || n == 0 && ref.Page.URL < d.lead.Page.URL {
			d.lead = ref
		}
		if len(ref.Page.Photos) == 0 || shown == demoPhotos {
			continue
		}
		shown++
		d.tellPhoto(ref.Page.Photos[0])
	}
	d.say("   … and %d more; of all %s\n", t.Pictures-shown, summary(t))
	return nil
}

// tellPhoto says who made a photograph, and then every other wording of that, and whose it is.
func (d *demonstration) tellPhoto(p archive.Photo) {
	d.say("   %s\n", caption(p))
	for _, line := range creditLines(p) {
		d.say("      %s\n", line)
	}
	told := map[string]bool{plain(p.Credit.Line): true}
	for _, s := range p.Statements {
		switch s.Property {
		case photo.Creator, photo.CreditLine, photo.Copyright, photo.CopyrightHolder, photo.Source:
		default:
			continue
		}
		value := plain(s.Value)
		if told[value] {
			continue
		}
		told[value] = true
		d.say("      %s: %s  [%s]\n", strings.ReplaceAll(string(s.Property), "_", " "), shortened(value, maxCaption), s.Kind)
	}
}

// sheet makes a contact sheet of all photographs.
func (d *demonstration) sheet(ctx context.Context) error {
	f := photoFlags{html: filepath.Join(d.dir, sheetName)}
	t, size, err := d.contactSheet(ctx, d.arc, f, photosearch.Search(ctx, d.arc, photosearch.Query{}))
	if err != nil {
		return err
	}
	d.say("5. Contact sheet: one file of %s that shows %s, each with its credit and every\n   statement about it; it opens without a network, and prints\n",
		humanize.Bytes(uint64(size)), english.Plural(t.Pictures, "picture", ""))
	return nil
}

// restore gives the page with most photographs back.
func (d *demonstration) restore(ctx context.Context) error {
	r, err := restore.Folder(ctx, d.arc, d.lead, filepath.Join(d.dir, "page"), restore.FolderOptions{})
	if err != nil {
		return err
	}
	d.say("6. Restore: “%s” as a folder that opens in a browser without a network,\n   index.html and %s; every digest was checked on the way\n",
		r.Title, english.Plural(len(r.Files), "file", ""))
	return nil
}

func (d *demonstration) farewell() {
	if !d.kept {
		d.say("\nNothing of this is left. To keep it and look at it: tearsheet demo --keep DIR\nThen: tearsheet capture https://…\n")
		return
	}
	arc := shellQuoted(d.settings.Archive)
	d.say("\nWhere to look next:\n   %s in a browser\n   %s in a browser\n   tearsheet ls --archive %s\n   tearsheet photos --archive %s\n"+
		"   tearsheet verify --archive %s\n   tearsheet capture https://…\n",
		filepath.Join(d.dir, sheetName), filepath.Join(d.dir, "page", "index.html"), arc, arc, arc)
}
