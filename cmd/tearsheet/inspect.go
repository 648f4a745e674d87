package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/net/html"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/crawler"
)

// maxInspected bounds a file that is inspected, in bytes: it is read whole.
const maxInspected = 256 << 20

// inspectFlags are the flags of inspect.
type inspectFlags struct {
	networkFlags
	baseURL    string
	creditLine string
	json, text bool
}

func newInspectCommand(a *app) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect URL | FILE | - | --credit-line TEXT",
		Short: "Show what would be archived of a page, and archive nothing",
		Long: `Reads one page, from the web, a file or standard input, and shows what it says about itself (title,
authors, dates, publisher), the article's own pictures with all their sizes, captions and what is
said about who made them, and what else would be archived with it. Nothing is written.

An image file is shown with its size and with every statement that is embedded in it, in IIM, XMP,
EXIF, PNG text or a C2PA manifest (as claimed: signatures are not verified). With --credit-line a
credit line is taken apart into the people and the agencies that it names, and the markers
("Handout", "File").

With --json: one object with the keys url, canonical, title, authors, published, modified, site,
language, text_length, images, requisites and links; for an image file kind, format, width,
height, embedded, carriers and statements, and damage when not all of it could be read; for a
credit line line, people, agencies and markers. With --text: the article's text alone.`,
		Example: `  tearsheet inspect https://www.example.com/news/story.html
  tearsheet inspect --base-url https://www.example.com/news/story.html --json story.html
  curl -s https://www.example.com/ | tearsheet inspect --base-url https://www.example.com/ -
  tearsheet inspect photo.jpg
  tearsheet inspect --json --credit-line "Foto: Ann Roe/dpa via Getty Images"`,
		Args:        creditLineArguments,
		Annotations: exitStatus(codeConfiguration, codeNothing, codeBlocked, codeTimeLimit, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("credit-line") {
				return a.inspectLine(f.creditLine, f.json)
			}
			return a.inspect(cmd.Context(), f, args[0])
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.baseURL, "base-url", "", "`URL` that a file or standard input came from; relative links start there")
	fs.StringVar(&f.creditLine, "credit-line", "", "take apart this `TEXT`, a photograph's credit line, instead of a page")
	fs.BoolVar(&f.json, "json", false, "print one JSON object")
	fs.BoolVar(&f.text, "text", false, "print the article's text")
	f.networkFlags.add(fs)
	f.concurrency = crawler.DefaultConcurrency
	cmd.MarkFlagsMutuallyExclusive("json", "text")
	return cmd
}

func (a *app) inspect(ctx context.Context, f inspectFlags, what string) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := a.configure(); err != nil {
		return err
	}
	if strings.HasPrefix(what, "http://") || strings.HasPrefix(what, "https://") {
		return a.inspectURL(ctx, f, what)
	}
	body, at, err := a.inspected(what, f.baseURL)
	if err != nil {
		return err
	}
	if imagemeta.Sniff(body) != "" {
		return a.inspectImage(what, body, f)
	}
	tree, err := page.Parse(body, "text/html")
	if err != nil {
		return fmt.Errorf("reading %s as a page: %w", what, err)
	}
	if f.text {
		return a.tellText(tree, at)
	}
	return a.tellDocument(page.Read(tree, at), f.json)
}

// inspectURL fetches a page as capture would, and records nothing.
func (a *app) inspectURL(ctx context.Context, f inspectFlags, rawURL string) error {
	target, err := parseTarget(rawURL)
	if err != nil {
		return usageError{err}
	}
	if f.baseURL != "" {
		return usagef("--base-url is for files and standard input; a page on the web has its URL")
	}
	ctx, cancel := f.limited(ctx)
	defer cancel()
	in, err := fetched(ctx, f.options(a), target)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	case in.Document == nil && imagemeta.Sniff(in.Body) != "":
		return a.inspectImage(target, in.Body, f)
	case in.Document == nil && in.Page.Verdict == archive.OK:
		return resultf(codeNothing, "%s is neither a web page nor a picture: there is nothing to show; capture would keep it as it is", target)
	case in.Document == nil || in.Page.Verdict == archive.Failed:
		return resultf(missed(in.Page.Verdict), "%s: %s", in.Page.Verdict, strings.Join(in.Page.Reasons, "; "))
	}
	if in.Page.Verdict != archive.OK {
		a.notice("this would be a capture with the verdict " + string(in.Page.Verdict) + ": " + strings.Join(in.Page.Reasons, "; "))
	}
	if f.text {
		at, err := url.Parse(in.Document.URL)
		if err != nil {
			return err
		}
		return a.tellText(in.Tree, at)
	}
	return a.tellDocument(in.Document, f.json)
}

// fetched is the page at target.
func fetched(ctx context.Context, o crawler.Options, target string) (*crawler.Inspection, error) {
	c, err := crawler.New(o)
	if err != nil {
		return nil, err
	}
	in, err := c.Inspect(ctx, target)
	return in, errors.Join(err, c.Close())
}

// missed is the exit code of a page that ended with v and has nothing to show.
func missed(v archive.Verdict) code {
	if v == archive.Blocked {
		return codeBlocked
	}
	return codeNothing
}

// tellText prints the article's text alone.
func (a *app) tellText(tree *html.Node, at *url.URL) error {
	text, err := page.MainText(tree, at)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, text)
	return err
}

// inspected reads what is to be inspected and finds out which URL it came from.
func (a *app) inspected(name, baseURL string) (body []byte, at *url.URL, err error) {
	in, place := a.stdin, "/standard-input"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, usagef("%s: %w; a page on the web begins with https://", withoutUser(name), errors.Unwrap(err))
		}
		defer f.Close() // nothing was written
		in = f
		if place, err = filepath.Abs(name); err != nil {
			return nil, nil, err
		}
	}
	body, err = io.ReadAll(io.LimitReader(in, maxInspected+1))
	switch {
	case err != nil:
		return nil, nil, usagef("reading %s: %w", name, err)
	case len(body) > maxInspected:
		return nil, nil, usagef("%s is larger than %d MiB, too large for a page or a picture", name, maxInspected>>20)
	case len(bytes.TrimSpace(body)) == 0:
		return nil, nil, usagef("%s is empty", name)
	}
	if baseURL != "" {
		baseURL, err = parseTarget(baseURL)
		if err != nil {
			return nil, nil, usagef("--base-url: %w", err)
		}
		at, err = url.Parse(baseURL)
		return body, at, err
	}
	return body, &url.URL{Scheme: "file", Path: filepath.ToSlash(place)}, nil
}
