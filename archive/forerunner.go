package archive

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"

	"tearsheet/archive/store"
)

// forerunner stores the WARC files of a run as they are finished, one after the other, while the run goes on: when it is committed, most of its bytes
// are on the far side already. What it does not come to, or cannot store, Commit stores; its failures are told in the log and are no more than that.
type forerunner struct {
	ctx   context.Context
	stop  context.CancelFunc
	store func(ctx context.Context, path string) error
	log   *slog.Logger

	mu     sync.Mutex
	queue  []string
	busy   bool
	closed bool
	work   sync.WaitGroup
}

// newForerunner makes the forerunner of a run; nil when there is nothing to gain by one, as with a folder, or nothing to keep: what can be made again
// may still be discarded.
func (a *Archive) newForerunner(d *draft, kind RunKind) *forerunner {
	taker, ok := a.store.(store.Adopter)
	if !ok || !a.attested() || kind.repeatable() {
		return nil
	}
	ctx, stop := context.WithCancel(context.Background())
	return &forerunner{ctx: ctx, stop: stop, log: a.log, store: func(ctx context.Context, path string) error {
		_, err := taker.Adopt(ctx, ObjectKey(d.id, dataDir+"/"+filepath.Base(path)), path)
		return err
	}}
}

// add takes a finished file. It does not wait.
func (f *forerunner) add(path string) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	f.queue = append(f.queue, path)
	if !f.busy {
		f.busy = true
		f.work.Go(f.run)
	}
}

// run stores what is queued until nothing is.
func (f *forerunner) run() {
	for {
		f.mu.Lock()
		if f.closed || len(f.queue) == 0 {
			f.busy = false
			f.mu.Unlock()
			return
		}
		path := f.queue[0]
		f.queue = f.queue[1:]
		f.mu.Unlock()
		if err := f.store(f.ctx, path); err != nil {
			f.log.Warn("a finished WARC file is not stored yet, and will be when the run is committed", "file", path, "error", err)
			continue
		}
		f.log.Info("a finished WARC file is stored", "file", path)
	}
}

// close takes no more files, and waits for the one that is on its way, at most until ctx ends.
func (f *forerunner) close(ctx context.Context) {
	if f == nil {
		return
	}
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	defer context.AfterFunc(ctx, f.stop)()
	f.work.Wait()
	f.stop()
}
