package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"tearsheet/archive/store"
)

// Problem is one thing that Verify found wrong.
type Problem struct {
	Object   string `json:"object"`
	Offset   int64  `json:"offset,omitempty"`
	What     string `json:"what"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
}

// Level is how deep Verify looks. Each level does what those below it do, and more.
type Level int

// The levels, and what they cost beside the requests that list the store.
const (
	// LevelList reads the log and all manifests, and compares with them what the store lists: that every object is there with its size, and no
	// other. Of a store that keeps versions, nothing may have been deleted or overwritten. One request for each entry and for each run.
	LevelList Level = iota
	// LevelStated asks the store of every object for its checksum, version and locks, and compares these with the manifest. It proves what the
	// store says, and reads nothing. One request for each object.
	LevelStated
	// LevelSample reads records that are chosen at random, with their digests. One request for each run, and some two for each record.
	LevelSample
	// LevelFull reads everything.
	LevelFull
)

// VerifyReport counts what was looked at and lists every problem, by object and offset.
type VerifyReport struct {
	Level     Level
	Entries   int // of the log
	Signed    int // entries with a signature that holds, by a key that is trusted
	Unchecked int // entries with a signature that nobody can check, as no key is trusted
	Stamped   int // entries whose time stamp holds
	Runs      int // whose manifest was read
	Objects   int // that the manifests name, and the manifests
	Examined  int // runs that were looked at above LevelList
	Stated    int // objects of which the store has a checksum, and it is the manifest's
	Files     int // that were read whole
	Records   int // that were read
	Pages     int
	Photos    int
	Bytes     int64 // that were read

	Sample     *Sample     // of LevelSample
	Checkpoint *Checkpoint // the newest entry, when nothing is wrong with the log; nil of an empty one
	Unlisted   []Unlisted
	Unread     []Problem // what is not known, for want of permission or of an answer: these are in Verify's error too
	Problems   []Problem
}

// Unlisted is a run that no log entry names, and that may yet be committed.
type Unlisted struct {
	Run      string    `json:"run"`
	Here     bool      `json:"here"`     // it stands in this work folder: its commit is under way, or Recover will finish it
	Manifest bool      `json:"manifest"` // all its files were stored
	Objects  int       `json:"objects"`
	Bytes    int64     `json:"bytes"`
	Newest   time.Time `json:"newest"` // when the newest of its objects was stored
}

// problemsPerObject bounds the list: an object with more than this is wrong throughout.
const problemsPerObject = 100

// sideBySide is how many requests an audit has under way at once while it does not read whole files.
const sideBySide = 16

// patience is how many objects an audit may find a store silent about before it gives up: each has been asked for again and again.
const patience = 8

// VerifyOption changes how Verify goes about it.
type VerifyOption func(*audit)

// OnProgress calls f with the counts so far after every file. Calls do not overlap.
func OnProgress(f func(VerifyReport)) VerifyOption { return func(v *audit) { v.progress = f } }

// AtLevel sets the level; it is LevelFull without.
func AtLevel(l Level) VerifyOption { return func(v *audit) { v.level = l } }

// Since looks no deeper than LevelList at runs that were committed before t. The log is always read whole.
func Since(t time.Time) VerifyOption { return func(v *audit) { v.since = t } }

// SampleOf has LevelSample choose n records, by a seed: the same seed chooses the same records of the same archive.
func SampleOf(n int, seed uint64) VerifyOption {
	return func(v *audit) { v.sample = Sample{Asked: n, Seed: seed} }
}

// Against compares the log with a checkpoint that was kept elsewhere; source names the place. It may be given several times.
func Against(c Checkpoint, source string) VerifyOption {
	return func(v *audit) { v.against = append(v.against, remembered{c, source}) }
}

// Grace is for how long after its last object a run that no entry names, and that is not in this work folder, is taken for one whose commit
// is under way on another machine. It is 0 without: right where all who write to the archive have one work folder.
func Grace(d time.Duration) VerifyOption { return func(v *audit) { v.grace = d } }

// Verify checks the archive: at LevelFull the chain of the log, manifests, every file's SHA-256, every record's digests, the index compared with
// the one that the records make, pages.jsonl with the page records and with the records that it points to, and photos.jsonl with the pages; at
// lower levels less (Level). It goes on after a problem; the error is for what could not be read at all, and the end of ctx. Files are read one a
// processor, all else sixteen side by side; memory is some hundred bytes for every capture of the runs that are being read.
//
// A run that no entry names although its manifest was stored is a problem, as its entry must have been lost, unless it still stands in this
// Archive's work folder or is younger than Grace: then it is in Unlisted, as is one without a manifest, which was never committed. That the
// newest runs were dropped together with their entries only somebody can notice who remembers them: the log is compared with the checkpoint
// in the work folder, which every commit keeps, and with those that Against gives.
//
// What could not be read for want of permission, or because the store does not answer, is no problem of the archive: it is in the error.
func (a *Archive) Verify(ctx context.Context, options ...VerifyOption) (VerifyReport, error) {
	v := newAudit(a, options...)
	log, err := v.chain(ctx)
	if err == nil {
		v.settleCheckpoint(log)
		err = v.runs(ctx, log)
	}
	if err == nil {
		err = v.indexes(ctx, log)
	}
	if err == nil && v.level == LevelSample {
		err = v.readSample(ctx)
	}
	return v.result(), errors.Join(append(v.unread, err)...)
}

// audit is one Verify under way.
type audit struct {
	archive  *Archive
	progress func(VerifyReport)
	level    Level
	since    time.Time
	sample   Sample // what was asked for
	against  []remembered
	grace    time.Duration

	seed     maphash.Seed
	requests *semaphore.Weighted

	mu        sync.Mutex
	report    VerifyReport
	perObject map[string]int
	unread    []error // of objects that may be whole
	silent    int     // objects of which the store gave no answer
	drawn     []drawnRun
}

func newAudit(a *Archive, options ...VerifyOption) *audit {
	v := &audit{
		archive: a, level: LevelFull, sample: Sample{Asked: DefaultSample},
		seed: maphash.MakeSeed(), requests: semaphore.NewWeighted(sideBySide), perObject: map[string]int{},
	}
	for _, o := range options {
		o(v)
	}
	v.report.Level = v.level
	return v
}

func (v *audit) problem(p Problem) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.perObject[p.Object]++
	if v.perObject[p.Object] <= problemsPerObject {
		v.report.Problems = append(v.report.Problems, p)
	}
}

// failed turns an error into a problem of an object. The end of the context is none, and is passed on; nor is a refusal to let it be read, or a
// store that does not answer, unless it does so again and again.
func (v *audit) failed(ctx context.Context, object, what string, err error) error {
	return v.failedAt(ctx, Problem{Object: object, What: what}, err)
}

func (v *audit) failedAt(ctx context.Context, p Problem, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if mayBeWhole(err) {
		return v.unreadable(p, err)
	}
	p.Found = err.Error()
	v.problem(p)
	return nil
}

// mayBeWhole reports whether an error says nothing of the object that was to be read.
func mayBeWhole(err error) bool {
	for _, says := range []error{fs.ErrPermission, store.ErrUnavailable, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, says) {
			return true
		}
	}
	return false
}

// unreadable notes what could not be read and says nothing against the archive. The error ends the audit: the store has been silent too often.
func (v *audit) unreadable(p Problem, err error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	told := fmt.Errorf("%s: %s: %w", p.Object, p.What, err)
	v.unread = append(v.unread, told)
	p.Found = err.Error()
	v.report.Unread = append(v.report.Unread, p)
	if !errors.Is(err, store.ErrUnavailable) {
		return nil
	}
	if v.silent++; v.silent < patience {
		return nil
	}
	return fmt.Errorf("giving up after %d objects of which the store said nothing: %w", v.silent, store.ErrUnavailable)
}

// count adds to the report and tells of the progress.
func (v *audit) count(add func(*VerifyReport)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	add(&v.report)
	if v.progress != nil {
		v.progress(v.report)
	}
}

// ask carries out one request, of which only so many are under way at once.
func (v *audit) ask(ctx context.Context, request func() error) error {
	if err := v.requests.Acquire(ctx, 1); err != nil {
		return err
	}
	defer v.requests.Release(1)
	return request()
}

func (v *audit) result() VerifyReport {
	v.mu.Lock()
	defer v.mu.Unlock()
	for object, n := range v.perObject {
		if n > problemsPerObject {
			v.report.Problems = append(v.report.Problems, Problem{Object: object, What: fmt.Sprintf("and %d problems more", n-problemsPerObject)})
		}
	}
	byPlace := func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Object, b.Object), cmp.Compare(a.Offset, b.Offset))
	}
	slices.SortStableFunc(v.report.Problems, byPlace)
	slices.SortStableFunc(v.report.Unread, byPlace)
	slices.SortFunc(v.report.Unlisted, func(a, b Unlisted) int { return strings.Compare(a.Run, b.Run) })
	return v.report
}
