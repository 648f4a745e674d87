package archive

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang/groupcache/lru"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// RunKind says why a run was made.
type RunKind string

const (
	KindCapture RunKind = "capture" // somebody asked for these pages
	KindRun     RunKind = "run"     // a scheduled job
	KindImport  RunKind = "import"  // WARC files from elsewhere
	KindDerive  RunKind = "derive"  // old records read again
)

// repeatable reports whether a run holds nothing that could not be made again.
func (k RunKind) repeatable() bool { return k == KindImport || k == KindDerive }

// RunOptions describe a run before it begins. Settings are written into every warcinfo record and into the manifest (user agent, robots
// policy, insecure, …); they must hold no secrets.
type RunOptions struct {
	Kind         RunKind
	Title        string // "" takes the title of a single page
	Seeds        []string
	Settings     []warc.Field
	ConfigSHA256 string // of the job file, "sha256:hex"
	MaxWARC      int64  // bytes after which a new WARC file is begun; 0 never
}

// ErrEnded says that a run was committed or discarded already.
var ErrEnded = errors.New("the run has ended")

// Run is being written. It is safe for concurrent use. Every run ends with Commit or Discard; one that a program forgets is committed by the
// next Recover after the program has gone.
type Run struct {
	archive *Archive
	draft   *draft
	title   string
	writer  *warc.Writer
	ahead   *forerunner // nil where there is none

	life  sync.RWMutex // held for reading while something is written; Commit and Discard take it whole
	ended bool

	mu       sync.Mutex // guards all below
	rows     *index.Builder
	payloads *lru.Cache // warc.Digest -> warc.Original: what a revisit may refer to
	facts    Facts
	first    mainPage
	stale    error // why index or pages lack something that stands in the WARC, and must be made again from it

	handshakes sync.Mutex           // held while certificates are written, so that they are written once
	presented  map[presented]string // the id of their record

	listing sync.Mutex // held while a page is written, so that rows and records have one order
	lists   *lists

	extractor string // what pages name as the program that read them
}

// mainPage is what a manifest says of the first page.
type mainPage struct {
	url, title string
	at         time.Time
}

// rememberedPayloads bounds the payloads that revisits may refer to; each takes about 400 bytes.
const rememberedPayloads = 1 << 16

// Begin starts a run in the work folder, under a lock that tells Recover to leave it alone. While the newest log entry is damaged no run is
// begun, since none could be committed: the error wraps ErrFixity. Nor is one while a signature is required and there is no key: ErrUnsigned.
func (a *Archive) Begin(ctx context.Context, o RunOptions) (*Run, error) {
	if err := a.signing.ready(); err != nil {
		return nil, err
	}
	if _, _, err := a.newest(ctx); err != nil {
		return nil, fmt.Errorf("the log cannot be continued, so that no run is begun: %w", err)
	}
	started := a.now().UTC()
	d, err := a.work.create(ctx, newRunID(started))
	if err != nil {
		return nil, err
	}
	r := &Run{archive: a, draft: d, title: o.Title, rows: index.NewBuilder(d.path(spillDir)), payloads: lru.New(rememberedPayloads), presented: map[presented]string{}}
	r.facts = Facts{
		Format: formatNumber, RunID: d.id, Kind: o.Kind, Started: started, Tool: thisTool(),
		ConfigSHA256: o.ConfigSHA256, Seeds: o.Seeds,
	}
	r.extractor = a.extractor()
	for _, s := range o.Settings {
		r.facts.Settings = append(r.facts.Settings, Setting(s))
	}
	if err := r.open(o); err != nil {
		return nil, errors.Join(fmt.Errorf("beginning run %s: %w", d.id, withSpace(err, d.dir)), d.remove())
	}
	return r, nil
}

// open makes the files of the run.
func (r *Run) open(o RunOptions) error {
	if err := r.draft.saveNotes(notes{r.facts, r.title}); err != nil {
		return err
	}
	var err error
	r.ahead = r.archive.newForerunner(r.draft, o.Kind)
	r.writer, err = warc.NewWriter(warc.WriterOptions{
		Dir:     r.draft.path(dataDir),
		Prefix:  r.draft.id,
		Info:    r.archive.warcinfo(r.draft.id, o),
		MaxSize: o.MaxWARC,
		Sealed:  r.ahead.add,
	})
	if err != nil {
		return err
	}
	r.lists, err = newLists(r.draft)
	if err != nil {
		_, closeErr := r.writer.Close()
		return errors.Join(err, closeErr)
	}
	return nil
}

// extractor names the running program, to the revision, as pages do that it read.
func (a *Archive) extractor() string { return strings.TrimSpace(a.software + " " + thisTool().VCS) }

// warcinfo gives the fields of the record with which every WARC file of a run begins.
func (a *Archive) warcinfo(runID string, o RunOptions) []warc.Field {
	fields := []warc.Field{
		{Name: "software", Value: a.software},
		{Name: "isPartOf", Value: runID},
		{Name: "description", Value: "tearsheet " + string(o.Kind)},
	}
	return append(fields, o.Settings...)
}

// ID gives the run's id.
func (r *Run) ID() string { return r.draft.id }

// Exclude notes a URL that was left out on purpose, and why; it goes into the manifest. Exclusions are kept in memory: those of a run whose
// process dies are lost.
func (r *Run) Exclude(url, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.facts.Exclusions = append(r.facts.Exclusions, Exclusion{URL: url, Reason: reason})
}

// Counts tells what the run holds so far.
func (r *Run) Counts() Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.facts.Counts
}

// Sync makes all that was recorded and listed durable: acknowledge to a user only after it. It costs one fsync.
func (r *Run) Sync() error {
	r.life.RLock()
	defer r.life.RUnlock()
	if r.ended {
		return r.endedError()
	}
	if err := r.writer.Sync(); err != nil {
		return fmt.Errorf("making run %s durable: %w", r.ID(), withSpace(err, r.draft.dir))
	}
	return nil
}

// Discard drops a run in which nothing was recorded. A run in which something was is refused, and can still be committed; but not an import or a
// derivation, of which everything is somewhere else too.
func (r *Run) Discard() error {
	r.life.Lock()
	defer r.life.Unlock()
	if r.ended {
		return r.endedError()
	}
	if c := r.Counts(); (c.Exchanges > 0 || c.Pages > 0) && !r.facts.Kind.repeatable() {
		return fmt.Errorf("run %s holds %d exchanges and %d pages: commit it instead of discarding it", r.ID(), c.Exchanges, c.Pages)
	}
	r.ended = true
	r.ahead.close(context.Background())
	_, err := r.writer.Close()
	return errors.Join(err, r.rows.Close(), r.lists.drop(), r.draft.remove())
}

func (r *Run) endedError() error { return fmt.Errorf("run %s: %w", r.ID(), ErrEnded) }
