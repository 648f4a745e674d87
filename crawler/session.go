package crawler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tearsheet/archive"
	"tearsheet/crawler/frontier"
)

// session is one call of Capture: it hands pages from the frontier to workers, and finished pages to the committer.
type session struct {
	*Crawler
	frontier frontier.Frontier

	ctx  context.Context // ends: begin no more pages
	work context.Context // ends: leave what is under way
	fail context.CancelCauseFunc

	finished chan finishedPage
	wake     chan struct{} // the frontier has changed

	seeds map[frontier.Key]bool // ledger keys of the pages; not changed once they are queued

	mu       sync.Mutex
	underway map[frontier.Key]frontier.Item
}

// lease is how long a page belongs to a worker that does not extend it. It is extended three times as often.
const lease = 10 * time.Minute

func newSession(ctx context.Context, c *Crawler, f frontier.Frontier) *session {
	s := &session{
		Crawler: c, frontier: f, ctx: ctx,
		finished: make(chan finishedPage, c.options.Concurrency),
		wake:     make(chan struct{}, 1),
		seeds:    map[frontier.Key]bool{},
		underway: map[frontier.Key]frontier.Item{},
	}
	s.work, s.fail = context.WithCancelCause(context.WithoutCancel(ctx))
	return s
}

// errGrace ends the work under way when the time to finish it is over.
var errGrace = errors.New("interrupted")

// fatal is why the run cannot go on; nil when it can, or was only interrupted.
func (s *session) fatal() error {
	if err := context.Cause(s.work); !errors.Is(err, errGrace) {
		return err
	}
	return nil
}

func (s *session) run(ctx context.Context, urls []string, each func(archive.Page)) error {
	defer s.fail(nil)
	stopGrace := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(s.options.Grace, func() { s.fail(errGrace) })
		context.AfterFunc(s.work, func() { t.Stop() })
	})
	defer stopGrace()

	var committing sync.WaitGroup
	committing.Go(func() { s.commit(each) })

	err := s.push(urls)
	if err == nil {
		err = s.dispatch()
	}
	close(s.finished)
	committing.Wait()
	if cause := context.Cause(s.work); cause != nil && !errors.Is(cause, errGrace) {
		return cause
	}
	return errors.Join(err, s.left())
}

// push queues the pages. Those that cannot be captured at all are finished at once.
func (s *session) push(urls []string) error {
	s.progress.add(func(e *Event) { e.Pages += len(urls) })
	for _, u := range urls {
		at, err := frontier.Normalise(u)
		if err != nil {
			s.finish(finishedPage{page: s.unusable(u, err)})
			continue
		}
		s.seeds[ledgerKey(at)] = true
		if _, err := s.frontier.Push(s.work, frontier.URL{URL: u}); err != nil {
			return fmt.Errorf("queueing %s: %w", u, err)
		}
	}
	return nil
}

// dispatch gives pages to workers until none is left or no more may be begun, and waits for the workers.
func (s *session) dispatch() error {
	var workers sync.WaitGroup
	defer workers.Wait()
	ended := make(chan struct{})
	defer close(ended)
	workers.Go(func() { s.keepLeases(ended) })

	slots := make(chan struct{}, s.options.Concurrency)
	for {
		if take(s.ctx, slots) != nil {
			return nil
		}
		item, err := s.next()
		if err != nil || item == nil {
			return err
		}
		s.track(*item, true)
		workers.Go(func() {
			s.handle(*item)
			<-slots
		})
	}
}

// next waits for a page that may be started; nil when none is left or the session is over.
func (s *session) next() (*frontier.Item, error) {
	for {
		if s.ctx.Err() != nil || s.work.Err() != nil {
			return nil, nil
		}
		items, next, err := s.frontier.Claim(s.work, 1, lease)
		if err != nil {
			return nil, fmt.Errorf("asking the frontier for a page: %w", err)
		}
		if len(items) == 1 {
			return &items[0], nil
		}
		stats, err := s.frontier.Stats(s.work)
		if err != nil {
			return nil, fmt.Errorf("asking the frontier what is left: %w", err)
		}
		if stats.Idle() {
			return nil, nil
		}
		s.await(next)
	}
}

// await returns when the frontier has changed, next has come, or the session is over.
func (s *session) await(next time.Time) {
	var ready <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(next.Sub(s.now()))
		defer t.Stop()
		ready = t.C
	}
	select {
	case <-ready:
	case <-s.wake:
	case <-s.ctx.Done():
	case <-s.work.Done():
	}
}

// changed tells the dispatcher that the frontier may have a page now, or none any more.
func (s *session) changed() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// left is the error of a session that ended before its pages did.
func (s *session) left() error {
	if s.ctx.Err() == nil {
		return nil
	}
	stats, err := s.frontier.Stats(context.WithoutCancel(s.ctx))
	if err != nil {
		return errors.Join(context.Cause(s.ctx), err)
	}
	if n := stats.Queued + stats.Leased; n > 0 {
		return fmt.Errorf("interrupted with %d pages left: %w", n, context.Cause(s.ctx))
	}
	return nil // all were done when the end came
}

// keepLeases extends the leases of pages under way until the session has ended.
func (s *session) keepLeases(ended <-chan struct{}) {
	t := time.NewTicker(lease / 3)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-ended:
			return
		case <-s.work.Done():
			return
		}
		s.mu.Lock()
		items := make([]frontier.Item, 0, len(s.underway))
		for _, i := range s.underway {
			items = append(items, i)
		}
		s.mu.Unlock()
		if err := s.frontier.Extend(s.work, lease, items...); err != nil && !errors.Is(err, frontier.ErrLeaseLost) {
			s.log.Warn("leases could not be extended", "error", err)
		}
	}
}

func (s *session) track(i frontier.Item, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.underway[i.Key] = i
	} else {
		delete(s.underway, i.Key)
	}
}

// idle reports whether no page is under way that could be committed together with the last one.
func (s *session) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.underway) == 0
}
