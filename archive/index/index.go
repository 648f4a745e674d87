// Package index finds captures: CDXJ rows under SURT keys, kept as sorted ZipNum blocks that are read by range.
//
// # Model
//
// A row says of one response, revisit or resource record where it stands: file, offset, length. Its line begins with the SURT key of the URL
// and the 14-digit time, so that in plain byte order the captures of a URL stand together in time order, and the URLs of a site stand together
// too. A ZipNum index is these lines in order, BlockLines of them to a gzip member (index.cdx.gz), with a small second file (index.idx) that
// gives of each member its first key, its place and its SHA-256. To find one URL among a million, a Reader has read the idx (some 400 KB, once)
// and reads one block (some 25 KB): what a range request of S3 does well.
//
// The files are those of WACZ (format "cdxj-gzip-1.0"), so that ReplayWeb.page reads them as they are, and the keys are those of pywb.
//
// The package knows lines and bytes. It does not know where the files are (a Ranger does), what a run is, or how indexes of several runs are
// merged: the archive package does, its main user. Of ours it imports only the digest type of archive/warc.
package index

import (
	"context"
	"errors"
	"io"
)

// BlockLines is how many rows a block of a ZipNum index holds: what makes a look-up cheapest when each request costs more than 25 KB.
const BlockLines = 300

// ErrDamaged is wrapped by every error that says that an index is not what its own contents promise: torn, reordered, or altered.
var ErrDamaged = errors.New("index is damaged")

// Ranger reads a byte range of a named file of one run ("indexes/index.cdx.gz"), as store.Store.Open does: a negative length means to the end,
// and an early end is io.ErrUnexpectedEOF.
type Ranger interface {
	Range(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error)
}
