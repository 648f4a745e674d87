package contactsheet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"tearsheet/archive/photo"
)

// written is a sheet as it was written, and as a browser without scripts reads it.
type written struct {
	text   string
	tree   *html.Node
	unread []Unread
}

func write(tb testing.TB, s Sheet, entries []Entry) written {
	tb.Helper()
	var b bytes.Buffer
	unread, err := Write(tb.Context(), &b, s, entries)
	if err != nil {
		tb.Fatal(err)
	}
	tree, err := html.ParseWithOptions(bytes.NewReader(b.Bytes()), html.ParseOptionEnableScripting(false))
	if err != nil {
		tb.Fatal(err)
	}
	return written{b.String(), tree, unread}
}

// find gives what a CSS selector selects.
func (w written) find(selector string) []*html.Node {
	return cascadia.QueryAll(w.tree, cascadia.MustCompile(selector))
}

// says gives the text of what a selector selects, white space collapsed.
func (w written) says(selector string) string {
	var all []string
	for _, n := range w.find(selector) {
		all = append(all, textOf(n))
	}
	return strings.Join(all, " | ")
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestSheet(t *testing.T) {
	w := write(t, sampleSheet(), sample(t))
	for selector, want := range map[string]string{
		"h1":              "Photographs of the harbour",
		".query div":      "pageshttps://www.harbour.example/ | since2026-11-01 | archive/srv/archive | made2026-11-27 12:00:00 UTC",
		".remark":         "Note. run 20261101t000000z-aaaaaaaaaa could not be read",
		".totals label":   "6 pictures | 3 with credit | 1 conflict | 3 without credit",
		"figure .caption": "Two presidents wave before they sit down to talk. | The opera house, seen from the water. | The night market under the viaduct. | No caption. | A picture that the archive no longer has whole. | A picture that never came.",
		".credit .line":   "Anna Nováková/KP | Photo: Jonas Feld | 写真：高橋 彩",
		"#p1 .facts div":  "PersonAnna Nováková | AgenciesKP, Quay Images | Agreementcompatible: page and file each add something | Confidence97 %: the credit beside the picture; the alternative text names the same person and another agency",
		"#p2 .mark":       "≠ Conflict: page and file name different makers PagePhoto: Jonas FeldFileMira Castellanos",
		".missing .mark":  "? No credit: nobody says who made it | ? No credit: nobody says who made it | ? No credit: nobody says who made it",
		"#p1 .place": "The talks begin https://www.harbour.example/city/2026/11/11/story?id=1&part=1 · archived 2026-11-11 07:30:01 UTC · run 20261110t073000z-abcdefghij · picture 1 of the page | " +
			"Also on The talks, a week on https://www.harbour.example/city/2026/11/14/story?id=4&part=1 · archived 2026-11-14 07:30:04 UTC · run 20261110t073000z-abcdefghij · picture 1 of the page",
		"#p2 .place": "An opera for three voices https://www.harbour.example/city/2026/11/12/story?id=2&part=1 · archived 2026-11-12 07:30:02 UTC · run 20261110t073000z-abcdefghij · picture 1 of the page" +
			" · also archived 2 times from 2026-11-12 05:30:02 UTC to 2026-11-12 06:30:02 UTC",
		"#p1 .group": "The page says | The file says | The file | The archived page",
		"#p4 .group": "Said of the same picture elsewhere | The file | The archived page",
		"#p1 .said div": "creditAnna Nováková/KP shown as the creditpage.credit html>body>main>article>figure:nth-of-type(1)>figcaption>span.credit | " +
			"creditANNA NOVÁKOVÁ/KP/Quay Images supports the creditpage.alt html>body>main>article>figure:nth-of-type(1)>img[alt] | " +
			"creatorANNA NOVAKOVA supports the creditfile.iim APP13/8BIM:0404/2:80 · character set guessed | " +
			"captionTwo presidents wavefile.xmp APP1/XMP/dc:description · en · cut short by what carries it",
		"#p5 .empty": "Not shown: its file cannot be read from the archive: the payload has another digest than its record says",
		"#p6 .empty": "Not shown: no file of it is in the archive",
	} {
		if got := w.says(selector); got != want {
			t.Errorf("%s says\n\t%s\nwant\n\t%s", selector, got, want)
		}
	}
	if len(w.unread) != 1 || w.unread[0].N != 5 || !errors.Is(w.unread[0], errRotten) {
		t.Errorf("unread is %v", w.unread)
	}
}

func TestSheetStandsAlone(t *testing.T) {
	entries := sample(t)
	hostile := &entries[0]
	hostile.Caption = `</p><script>alert(1)</script><img src=https://evil.example/x.png>`
	hostile.Places[0].URL = "javascript:alert(1)"
	hostile.Statements[0].Value = `"><style>@import url(https://evil.example/x.css)</style>`
	hostile.Statements[0].Lang = `en" onclick="alert(1)`
	w := write(t, sampleSheet(), entries)

	if n := w.find("script, iframe, object, embed, form, base, video, audio, [onclick], [style]"); len(n) > 0 {
		t.Errorf("it has <%s>", n[0].Data)
	}
	for _, n := range w.find("img, source, link") {
		for _, name := range []string{"src", "srcset", "href"} {
			if v := attribute(n, name); v != "" && !strings.HasPrefix(v, "data:") {
				t.Errorf("<%s %s> leads to %.60s", n.Data, name, v)
			}
		}
	}
	for _, n := range w.find("a") {
		if v := attribute(n, "href"); !strings.HasPrefix(v, "#") && !strings.HasPrefix(v, "https://www.harbour.example/") {
			t.Errorf("a link leads to %s", v)
		}
	}
	styles := w.find("style")
	if len(styles) != 1 {
		t.Fatalf("it has %d style sheets, want its own alone", len(styles))
	}
	if css := styles[0].FirstChild.Data; strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Error("the style sheet asks for something")
	}
	sum := sha256.Sum256([]byte(styles[0].FirstChild.Data))
	want := "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	if got := attribute(w.find("meta[http-equiv]")[0], "content"); got != want {
		t.Errorf("its policy is\n\t%s\nwant\n\t%s", got, want)
	}
}

func TestEveryPictureHasWords(t *testing.T) {
	w := write(t, sampleSheet(), sample(t))
	want := []string{
		"Two men raise a hand (Photo credit should read ANNA NOVÁKOVÁ/KP/Quay Images)", "The opera house, seen from the water.",
		"Stalls & <lanterns>", "Photograph 4, which its page does not describe",
	}
	for i, n := range w.find("img") {
		if got := attribute(n, "alt"); got != want[i] {
			t.Errorf("picture %d has the text %q, want %q", i+1, got, want[i])
		}
	}
	if lang := attribute(w.find("html")[0], "lang"); lang != "en" {
		t.Errorf("the sheet's language is %q", lang)
	}
}

func TestEmptySheet(t *testing.T) {
	w := write(t, Sheet{}, nil)
	if got := w.says("h1") + "; " + w.says(".query div:first-child") + "; " + w.says(".totals label:first-of-type"); got != "Photographs; asked foreverything; 0 pictures" {
		t.Errorf("it says %s", got)
	}
}

func TestWriteTellsErrors(t *testing.T) {
	full := errors.New("no space left")
	if _, err := Write(t.Context(), broken{full}, sampleSheet(), sample(t)); !errors.Is(err, full) {
		t.Errorf("on a full disk the error is %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("interrupted")
	entries := sample(t)
	entries[1].Files[0].Open = func(context.Context) (io.ReadCloser, error) {
		cancel(stop)
		return nil, context.Canceled
	}
	if _, err := Write(ctx, io.Discard, sampleSheet(), entries); !errors.Is(err, stop) {
		t.Errorf("after an interrupt the error is %v", err)
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

// Sheets of hundreds of pictures are common, and each picture is up to a few hundred kilobytes.
func TestWriteHoldsOnePictureAtATime(t *testing.T) {
	b := pngOf(t, grain{500, 300})
	if len(b) > maxAsItIs || len(b) < 100<<10 {
		t.Fatalf("the picture has %d bytes, which tests nothing", len(b))
	}
	open := 0
	entries := make([]Entry, 300)
	for i := range entries {
		f := fileOf(fmt.Sprintf("%d.png", i), 500, 300, b)
		f.Open = func(context.Context) (io.ReadCloser, error) {
			if open++; open > 1 {
				t.Fatal("two pictures are open at once")
			}
			return closing{bytes.NewReader(b), func() { open-- }}, nil
		}
		entries[i] = Entry{Files: []File{f}, Credit: photo.Credit{Agreement: photo.None}}
	}
	most := &flushes{}
	if _, err := Write(t.Context(), most, Sheet{}, entries); err != nil {
		t.Fatal(err)
	}
	if most.total < 300*len(b) || most.largest > 8*len(b) {
		t.Errorf("%d bytes were written, at most %d at once", most.total, most.largest)
	}
}

type closing struct {
	io.Reader
	close func()
}

func (c closing) Close() error { c.close(); return nil }

// flushes notes how much is written at a time.
type flushes struct{ total, largest int }

func (f *flushes) Write(p []byte) (int, error) {
	f.total += len(p)
	f.largest = max(f.largest, len(p))
	return len(p), nil
}

func TestCount(t *testing.T) {
	got := Count([]Entry{
		{Credit: photo.Credit{Agreement: photo.Agree}}, {Credit: photo.Credit{Agreement: photo.FileOnly}},
		{Credit: photo.Credit{Agreement: photo.Conflict}}, {Credit: photo.Credit{Agreement: photo.None}}, {},
	})
	if want := (Totals{Pictures: 5, Credited: 3, Conflicts: 1, Missing: 2}); got != want {
		t.Errorf("the totals are %+v, want %+v", got, want)
	}
}

func TestATextOfAnyLengthLeavesRoomForTheOthers(t *testing.T) {
	entries := sample(t)[:2]
	entries[0].Caption, entries[0].Credit.Line = strings.Repeat("ä ", 40_000), strings.Repeat("x", 40_000)
	entries[1].Statements = append(entries[1].Statements,
		photo.Statement{Property: photo.Creator, Value: "Noor Halloran", Kind: photo.PageCredit, Flags: []photo.Flag{photo.Shared}})
	w := write(t, sampleSheet(), entries)
	for _, selector := range []string{"#p1 .caption", "#p1 .credit .line"} {
		if got := w.says(selector); len([]rune(got)) > maxText+2 || !strings.HasSuffix(got, "…") {
			t.Errorf("%s has %d characters and ends in %q", selector, len([]rune(got)), got[len(got)-10:])
		}
	}
	if got, want := w.says("#p2 .mark dl"), "PagePhoto: Jonas FeldFileMira CastellanosElsewhereNoor Halloran"; got != want {
		t.Errorf("the conflict says %q, want %q", got, want)
	}
}
