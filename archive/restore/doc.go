// Package restore gives archived pages back: as a folder that opens in any browser without a network, as WARC, as WACZ.
//
// # Two kinds of restoring
//
// Folder makes a page readable. It rewrites what it must and nothing else: references to captured resources lead to files beside the page,
// scripts are inert, pictures that waited for a script are shown, and a Content-Security-Policy keeps whatever was missed from reaching the
// network. Links to other pages still lead to the original addresses. The bytes of pictures, fonts and other media are those that the server
// sent (content coding removed); report.json says of every file where it came from, and lists what is missing. Nothing is ever fetched.
//
// WARC, WACZ and RunWACZ hand evidence on. They copy records byte for byte, gzip members and all, and include the records that revisits refer
// to, so that the copy stands alone. Records of plain files, which only imports have, become gzip members. Of an import the request record goes
// with its response only where it stands behind it.
//
// # Trust
//
// Every record is checked while it is read: the gzip CRC, the record's own digests, and that it is the one that the page's row lists: URL, date,
// record id and payload digest. What does not hold is an error that wraps archive.ErrFixity. A document whose content coding the origin broke
// is what the origin sent: what decodes is given, with a note. Records that the archive imported from other tools must be whole and have the payload
// that was seen when they came; what they state of it themselves need not be so. Output is the same bytes whenever it is made of the same captures, so that two
// people can compare theirs.
//
// Memory holds one HTML document or style sheet at a time and the list of a page's records; everything else streams.
//
// The package knows the archive and archive/page; commands use it. It imports neither crawler nor config.
package restore

import (
	"errors"
	"fmt"

	"tearsheet/archive"
	"tearsheet/archive/index"
)

var (
	// ErrNotEmpty says that the place to restore to is taken.
	ErrNotEmpty = errors.New("there is something already")
	// ErrNothing says that the page has no captured document, or that nothing was selected.
	ErrNothing = errors.New("nothing to restore")
)

// revisitMIME is what index rows have in place of a media type for revisits.
const revisitMIME = "warc/revisit"

// dataDir is where a run, and a WACZ, has its WARC files.
const dataDir = "archive"

// Paths in a run, and in a WACZ.
const (
	cdxName    = "indexes/index.cdx.gz"
	idxName    = "indexes/index.idx"
	pagesName  = "pages/pages.jsonl"
	photosName = "photos/photos.jsonl"
	packName   = "datapackage.json"
	digestName = "datapackage-digest.json"
)

// place is where a record stands in the archive.
type place struct {
	run, file      string
	offset, length int64
}

func placeOfRow(run string, r index.Row) place { return place{run, r.File, r.Offset, r.Length} }

func placeOfKept(run string, k archive.Kept) place { return place{run, k.File, k.Offset, k.Length} }

// String says it as errors do.
func (p place) String() string { return fmt.Sprintf("%s at %d in run %s", p.file, p.offset, p.run) }
