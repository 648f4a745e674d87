// Package contactsheet makes a sheet on which a person sees archived photographs at a glance: each with its caption, the credit that was
// resolved, everything that page and file say about who made it, and where it was archived.
//
// A sheet is one HTML file that stands alone. It opens from a disk without a network: pictures are in it as data: URIs, there is no script, and
// its Content-Security-Policy lets nothing be fetched. It follows the reader's choice of light or dark, and prints with everything unfolded.
// What is a conflict, or lacks a credit, is marked in words and shape as well as in colour.
//
// [Write] streams: of the pictures it holds one at a time. A picture is shown as it was archived when its file is small, and else scaled down;
// one that cannot be decoded here is left to the browser, or its place says why it is empty.
//
// The package knows nothing of archives: who calls it says where the bytes of a picture come from. Of ours it imports archive/photo with
// imagemeta and raster.
package contactsheet

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"tearsheet/archive/photo"
)

// Sheet is what stands above the pictures.
type Sheet struct {
	Title    string    // "Photographs" when it is empty
	Query    []Term    // what was asked for; empty for everything
	Archive  string    // where the archive is, as its users name it
	Made     time.Time // shown in UTC
	Software string    // that made the sheet
	Remarks  []string  // what the reader must know beside: runs that could not be read, say
}

// Term is one condition of the query: "agency", "AP".
type Term struct{ Name, Value string }

// Entry is one picture, wherever it was shown.
type Entry struct {
	Caption    string
	Alt        string // the text that the page has for those who do not see the picture
	Credit     photo.Credit
	Statements []photo.Statement // in Credit.Basis numbered from 0; those of other pages flagged photo.Shared
	Places     []Place           // the pages that show it, the one that Caption is of first
	Files      []File            // its renditions, the one that the page names first in front
}

// Place is a page that shows a picture, as one cites it: the address as captured, the time, and where that was archived.
type Place struct {
	URL      string
	Title    string
	Time     time.Time   // of the capture, the newest that shows it
	Again    []time.Time // of other captures of the same address that show it
	Run      string      // of the archive
	Record   string      // WARC-Record-ID of the page's answer
	Position int         // of the picture on the page, from 1
	Restore  string      // the command that gives the page back
	Credit   string      // the line by which this page credits the picture, where it is another one than the entry's
}

// Host is that of the page.
func (p Place) Host() string {
	u, err := url.Parse(p.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// AlsoArchived tells of the other captures; "" when there are none.
func (p Place) AlsoArchived() string {
	if len(p.Again) == 0 {
		return ""
	}
	first, last := slices.MinFunc(p.Again, time.Time.Compare), slices.MaxFunc(p.Again, time.Time.Compare)
	if len(p.Again) == 1 {
		return "also archived " + stamp(first)
	}
	return fmt.Sprintf("also archived %d times from %s to %s", len(p.Again), stamp(first), stamp(last))
}

// File is one archived file of a picture.
type File struct {
	URL           string
	Width, Height int      // pixels; 0 when not known
	Size          int64    // bytes
	Digest        string   // "sha256:…"
	Where         string   // in the archive
	Notes         []string // what else to tell of it: which metadata it carries
	// Open gives the bytes. The last Read of what it gives fails when they are not those that were archived.
	Open func(context.Context) (io.ReadCloser, error)
}

// Totals of a sheet.
type Totals struct{ Pictures, Credited, Conflicts, Missing int }

// Count adds the entries of a sheet up.
func Count(entries []Entry) Totals {
	var t Totals
	for _, e := range entries {
		t.Add(e.Credit)
	}
	return t
}

// Add counts a picture with this credit.
func (t *Totals) Add(c photo.Credit) {
	t.Pictures++
	switch c.Agreement {
	case photo.None, "":
		t.Missing++
		return
	case photo.Conflict:
		t.Conflicts++
	}
	t.Credited++
}
