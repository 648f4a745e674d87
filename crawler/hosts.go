package crawler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tearsheet/crawler/wire"
)

// hostGates let requests through to hosts: to each at most so many at once, none while the host asked to be left alone, and not many to all
// hosts together. Every request passes, pages and requisites alike; the spacing of page starts is the frontier's.
type hostGates struct {
	perHost int
	maxWait time.Duration
	all     chan struct{}

	mu    sync.Mutex
	gates map[string]*hostGate
}

// hostGate is the state of one host.
type hostGate struct {
	slots    chan struct{}
	until    time.Time // it asked to be left alone so long (Retry-After)
	failures int       // in a row, of connecting
	failed   time.Time // the last of them
}

// allPerHost times the requests per host may be under way to all hosts together.
const allPerHost = 8

// A host that could not be reached deadAfter times in a row is not asked for further requisites for deadFor: a page with forty pictures on a
// dead host would else wait for forty time-outs.
const (
	deadAfter = 3
	deadFor   = 5 * time.Minute
)

func newHostGates(perHost int, maxWait time.Duration) *hostGates {
	return &hostGates{perHost: perHost, maxWait: maxWait, all: make(chan struct{}, perHost*allPerHost), gates: map[string]*hostGate{}}
}

// askedToWait says that a host wants to be left alone for longer than we are ready to wait.
type askedToWait struct {
	host  string
	until time.Time
}

func (e *askedToWait) Error() string {
	return fmt.Sprintf("%s asked to wait until %s (Retry-After)", e.host, e.until.UTC().Format(time.RFC3339))
}

// errUnreachable says that a host was not asked, because it could not be reached several times before.
var errUnreachable = errors.New("the host could not be reached several times in a row and is not asked again for now")

func (h *hostGates) gate(host string) *hostGate {
	g, ok := h.gates[host]
	if !ok {
		g = &hostGate{slots: make(chan struct{}, h.perHost)}
		h.gates[host] = g
	}
	return g
}

// enter waits until a request to host may be made. Call leave when it is done. The error is askedToWait, or the end of ctx.
func (h *hostGates) enter(ctx context.Context, host string) (leave func(), err error) {
	h.mu.Lock()
	g := h.gate(host)
	h.mu.Unlock()
	if err := take(ctx, g.slots); err != nil {
		return nil, err
	}
	for {
		until, err := h.stopped(host)
		if err == nil && until.IsZero() {
			break
		}
		if err == nil {
			err = pause(ctx, time.Until(until))
		}
		if err != nil {
			<-g.slots
			return nil, err
		}
	}
	if err := take(ctx, h.all); err != nil {
		<-g.slots
		return nil, err
	}
	return func() { <-h.all; <-g.slots }, nil
}

// through makes a request to host when it may be made, and notes how it went. The error is that of enter, or request's own.
func (h *hostGates) through(ctx context.Context, host string, request func() error) error {
	leave, err := h.enter(ctx, host)
	if err != nil {
		return err
	}
	defer leave()
	err = request()
	h.reached(host, err)
	return err
}

// stopped tells until when host asked to be left alone; zero when it may be asked now. It is an askedToWait error when that is too long.
func (h *hostGates) stopped(host string) (time.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	until := h.gate(host).until
	switch wait := time.Until(until); {
	case wait <= 0:
		return time.Time{}, nil
	case wait > h.maxWait:
		return until, &askedToWait{host, until}
	}
	return until, nil
}

// stop leaves host alone until then.
func (h *hostGates) stop(host string, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if g := h.gate(host); until.After(g.until) {
		g.until = until
	}
}

// reached notes how connecting to host went.
func (h *hostGates) reached(host string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	g := h.gate(host)
	switch class, _ := classOf(err); class {
	case wire.ClassDNS, wire.ClassConnect, wire.ClassTLS, wire.ClassTimeout:
		g.failures++
		g.failed = time.Now()
	case wire.ClassCancel, wire.ClassArchive:
	default:
		g.failures = 0
	}
}

// dead reports whether host is not worth asking for a requisite.
func (h *hostGates) dead(host string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	g := h.gate(host)
	return g.failures >= deadAfter && time.Since(g.failed) < deadFor
}

// take puts a token into slots, or fails with the end of ctx.
func take(ctx context.Context, slots chan struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// pause waits, or fails with the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
