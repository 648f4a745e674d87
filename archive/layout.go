package archive

import (
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // FORMAT.md
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tearsheet/archive/warc"
)

// formatNumber is written into every log entry and manifest. Fields may be added within a format; it is raised only when an older program
// would read the archive wrongly.
const formatNumber = 1

// Paths inside a run, the same in the work folder, in the store, and in a WACZ file. The names of resources in a Frictionless data package are
// their last elements, and must be unique.
const (
	dataDir      = "archive"
	cdxName      = "indexes/index.cdx.gz"
	idxName      = "indexes/index.idx"
	pagesName    = "pages/pages.jsonl"
	photosName   = "photos/photos.jsonl"
	derivedName  = "photos/derived.jsonl" // of runs that derive: the pages of other runs that were read again
	manifestName = "datapackage.json"
)

// formatName is the key of the text that explains an archive to somebody who has nothing but the archive. It stands at the root from the first
// commit on. Nothing refers to it, so that a missing or older one is no fixity failure.
const formatName = "FORMAT.md"

//go:embed FORMAT.md
var formatText string

const (
	runsPrefix = "runs/"
	logPrefix  = "log/"
	lastEntry  = 9999999999 // entry n is stored under lastEntry-n, ten digits
)

// runIDLength is the length of a run id in bytes.
const runIDLength = len("20060102t150405z-abcdefghij")

var runIDForm = regexp.MustCompile(`^[0-9]{8}t[0-9]{6}z-[a-z2-7]{10}$`)

// runIDTime is ISO 8601 in lower case: WARC files are named for their run, and a resource of a data package must have a lower-case name
// (Frictionless Data Package 1.0, "name").
const runIDTime = "20060102t150405z"

func newRunID(at time.Time) string {
	return at.UTC().Format(runIDTime) + "-" + strings.ToLower(rand.Text()[:10])
}

// runStart gives the time inside a run id.
func runStart(id string) time.Time {
	stamp, _, _ := strings.Cut(id, "-")
	t, err := time.Parse(runIDTime, stamp)
	if err != nil {
		return time.Time{}
	}
	return t
}

// ObjectKey gives the store's key of a file of a run, "runs/<id>/pages/pages.jsonl" for "pages/pages.jsonl".
func ObjectKey(runID, name string) string { return runsPrefix + path.Join(runID, name) }

func logKey(n int64) string { return fmt.Sprintf("%s%010d.json", logPrefix, lastEntry-n) }

// logNumber is the inverse of logKey.
func logNumber(key string) (int64, error) {
	digits := strings.TrimSuffix(strings.TrimPrefix(key, logPrefix), ".json")
	inverted, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || inverted < 0 || inverted >= lastEntry || logKey(lastEntry-inverted) != key {
		return 0, fmt.Errorf("%s is not the key of a log entry", key)
	}
	return lastEntry - inverted, nil
}

// digestOf labels the SHA-256 of bytes that are at hand, in the form of manifests and log entries.
func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return warc.NewDigest(warc.SHA256, sum[:]).String()
}
