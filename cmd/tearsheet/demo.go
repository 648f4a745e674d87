package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"tearsheet/archive"
	"tearsheet/archive/restore"
	"tearsheet/config"
	"tearsheet/crawler/crawlertest"
	"tearsheet/crawler/wire"
)

// demoHost is the newspaper's name. Names below .example belong to nobody (RFC 2606), and no connection leaves this machine.
const demoHost = "www.harbour-courier.example"

// demoPhotos is how many photographs are listed one by one.
const demoPhotos = 8

func newDemoCommand(a *app) *cobra.Command {
	var keep string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole way on a made-up newspaper, offline",
		Long: `Serves a made-up newspaper on this machine, captures its articles, verifies the archive, lists the
photographs with what is said about who made them, and restores a page. It takes a few seconds and
needs no network; nothing is left behind unless --keep says where.`,
		Example:     "  tearsheet demo\n  tearsheet demo --keep papers",
		Args:        noArguments,
		Annotations: exitStatus(codeStorage, codeFixity, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.demo(cmd.Context(), keep)
		},
	}
	cmd.Flags().StringVar(&keep, "keep", "", "leave archive and restored page in the new folder `DIR`")
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
		return err
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
	for i, step := range []func(context.Context) error{d.introduce, d.capture, d.verify, d.photographs, d.restore} {
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

// photographs lists pictures with what is said about them, one a page, and picks the page that is given back.
func (d *demonstration) photographs(ctx context.Context) error {
	d.say("4. Photographs, and what is said about them:\n")
	all, shown := 0, 0
	for ref, err := range d.arc.Pages(ctx, archive.Query{}) {
		if err != nil {
			return err
		}
		all += len(ref.Page.Photos)
		if n := len(ref.Page.Photos) - len(d.lead.Page.Photos); n > 0 || n == 0 && ref.Page.URL < d.lead.Page.URL {
			d.lead = ref
		}
		if len(ref.Page.Photos) == 0 || shown == demoPhotos {
			continue
		}
		shown++
		d.tellPhoto(ref.Page.Photos[0], ref.Page.Title)
	}
	d.say("   … and %d more\n", all-shown)
	return nil
}

func (d *demonstration) tellPhoto(p archive.Photo, title string) {
	d.say("   %s, in “%s”\n", path.Base(p.Src), title)
	if p.Credit.Line != "" {
		d.say("      credit: %s\n", p.Credit.Line)
	}
	said := map[string]bool{}
	for _, s := range p.Statements {
		if said[s.Value] {
			continue
		}
		said[s.Value] = true
		where := "page"
		if strings.HasPrefix(string(s.Kind), "file.") {
			where = "file"
		}
		d.say("      %s says, %s: %s\n", where, strings.ReplaceAll(string(s.Property), "_", " "), s.Value)
	}
	if p.Caption != "" && !said[p.Caption] {
		d.say("      page says, caption: %s\n", p.Caption)
	}
}

// restore gives the page with most photographs back.
func (d *demonstration) restore(ctx context.Context) error {
	r, err := restore.Folder(ctx, d.arc, d.lead, filepath.Join(d.dir, "page"), restore.FolderOptions{})
	if err != nil {
		return err
	}
	d.say("5. Restore: “%s” as a folder that opens in a browser without a network,\n   index.html and %s; every digest was checked on the way\n",
		r.Title, english.Plural(len(r.Files), "file", ""))
	return nil
}

func (d *demonstration) farewell() {
	if !d.kept {
		d.say("\nNothing of this is left. To keep it and look at it: tearsheet demo --keep DIR\nThen: tearsheet capture https://…\n")
		return
	}
	arc := shellQuoted(d.settings.Archive)
	d.say("\nWhere to look next:\n   %s in a browser\n   tearsheet ls --archive %s\n   tearsheet verify --archive %s\n   tearsheet capture https://…\n",
		filepath.Join(d.dir, "page", "index.html"), arc, arc)
}
