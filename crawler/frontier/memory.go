package frontier

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"
)

// Memory is a Frontier that lives as long as its process: for `capture`, and for tests. It is not durable.
type Memory struct {
	policy Policy
	now    Clock

	mu     sync.Mutex
	seen   map[Key]struct{}
	hosts  map[string]*host
	ready  priority[*host]  // hosts that could start a page as soon as their time has come
	leases priority[*entry] // pages under way, the lease that ends first on top
	leased map[Key]*entry
	queued int
	done   int
	serial int64 // order of arrival, and number of leases
}

var _ Frontier = (*Memory)(nil)

// NewMemory makes an empty frontier.
func NewMemory(p Policy, now Clock) *Memory {
	if p.PerHost <= 0 {
		p.PerHost = DefaultPerHost
	}
	m := &Memory{policy: p, now: now, seen: map[Key]struct{}{}, hosts: map[string]*host{}, leased: map[Key]*entry{}}
	m.ready.less = func(a, b *host) bool {
		if !a.at.Equal(b.at) {
			return a.at.Before(b.at)
		}
		return a.turn < b.turn
	}
	m.leases.less = func(a, b *entry) bool { return a.expires.Before(b.expires) }
	return m
}

// host is the schedule of one host.
type host struct {
	name     string
	queue    priority[*entry] // by time before which it must not start, then by arrival
	underway int
	paced    bool          // Pace was called
	spacing  time.Duration // between starts
	last     time.Time     // the last start; zero before the first
	hold     time.Time

	at   time.Time // when it may start its next page, valid while it is in Memory.ready
	turn int64     // order among hosts that may start at the same time
	slot int
}

func (h *host) place() *int { return &h.slot }

// entry is a page that is queued or leased.
type entry struct {
	URL
	key       Key
	host      *host
	notBefore time.Time
	attempt   int
	serial    int64 // while queued: order of arrival; while leased: number of the lease
	expires   time.Time
	slot      int
}

func (e *entry) place() *int { return &e.slot }

// Push implements Frontier.
func (m *Memory) Push(_ context.Context, urls ...URL) (int, error) {
	normal := make([]*url.URL, len(urls))
	for i := range urls {
		u, err := Normalise(urls[i].URL)
		if err != nil {
			return 0, err
		}
		normal[i] = u
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	added := 0
	for i, u := range normal {
		key := KeyOf(u.String())
		if _, ok := m.seen[key]; ok {
			continue
		}
		m.seen[key] = struct{}{}
		m.enqueue(&entry{URL: urls[i], key: key, host: m.host(HostOf(u))}, time.Time{})
		added++
	}
	return added, nil
}

// Claim implements Frontier.
func (m *Memory) Claim(_ context.Context, n int, lease time.Duration) ([]Item, time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.expire(now)
	var items []Item
	for len(items) < n {
		h, ok := m.ready.top()
		if !ok || h.at.After(now) {
			break
		}
		e, _ := h.queue.pop()
		m.queued--
		h.underway++
		h.last = now
		m.serial++
		h.turn = m.serial
		e.serial, e.expires = m.serial, now.Add(lease)
		e.attempt++
		m.leased[e.key] = e
		m.leases.push(e)
		m.schedule(h)
		items = append(items, Item{URL: e.URL, Key: e.key, Host: h.name, Attempt: e.attempt, Fence: e.serial})
	}
	return items, m.next(), nil
}

// next is the earliest time at which a host becomes ready or a lease expires.
func (m *Memory) next() time.Time {
	var next time.Time
	if h, ok := m.ready.top(); ok {
		next = h.at
	}
	if e, ok := m.leases.top(); ok && (next.IsZero() || e.expires.Before(next)) {
		next = e.expires
	}
	return next
}

// expire queues the pages again whose lease has ended.
func (m *Memory) expire(now time.Time) {
	for {
		e, ok := m.leases.top()
		if !ok || e.expires.After(now) {
			return
		}
		m.unlease(e)
		m.enqueue(e, time.Time{})
	}
}

// Extend implements Frontier.
func (m *Memory) Extend(_ context.Context, lease time.Duration, items ...Item) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	expires := m.now().Add(lease)
	return m.each(items, func(e *entry) {
		e.expires = expires
		m.leases.fix(e)
	})
}

// Ack implements Frontier.
func (m *Memory) Ack(_ context.Context, items ...Item) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.each(items, func(e *entry) {
		m.unlease(e)
		m.done++
	})
}

// Nack implements Frontier.
func (m *Memory) Nack(_ context.Context, item Item, after time.Duration, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.each([]Item{item}, func(e *entry) {
		m.unlease(e)
		m.enqueue(e, m.now().Add(after))
	})
}

// each calls do for every item that is still leased to its holder.
func (m *Memory) each(items []Item, do func(*entry)) error {
	var lost []error
	for _, i := range items {
		if e, ok := m.leased[i.Key]; ok && e.serial == i.Fence {
			do(e)
		} else {
			lost = append(lost, fmt.Errorf("%s: %w", i.URL.URL, ErrLeaseLost))
		}
	}
	return errors.Join(lost...)
}

// Pace implements Frontier.
func (m *Memory) Pace(_ context.Context, name string, spacing time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.host(name)
	if !h.paced && h.underway > 0 {
		h.last = m.now()
	}
	h.paced, h.spacing = true, max(spacing, m.policy.Delay)
	m.schedule(h)
	return nil
}

// Hold implements Frontier.
func (m *Memory) Hold(_ context.Context, name string, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.host(name)
	if until.After(h.hold) {
		h.hold = until
	}
	m.schedule(h)
	return nil
}

// Reserve implements Frontier.
func (m *Memory) Reserve(_ context.Context, name string) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.host(name)
	at := h.opens()
	if now := m.now(); at.Before(now) {
		at = now
	}
	h.last = at
	m.schedule(h)
	return at, nil
}

// Stats implements Frontier.
func (m *Memory) Stats(context.Context) (Stats, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Stats{Queued: m.queued, Leased: len(m.leased), Done: m.done, Hosts: len(m.hosts)}, nil
}

// Close implements Frontier.
func (m *Memory) Close() error { return nil }

func (m *Memory) host(name string) *host {
	h, ok := m.hosts[name]
	if !ok {
		h = &host{name: name, spacing: m.policy.Delay, slot: absent}
		h.queue.less = func(a, b *entry) bool {
			if !a.notBefore.Equal(b.notBefore) {
				return a.notBefore.Before(b.notBefore)
			}
			return a.serial < b.serial
		}
		m.hosts[name] = h
	}
	return h
}

// enqueue puts e, which is neither queued nor leased, into its host's queue.
func (m *Memory) enqueue(e *entry, notBefore time.Time) {
	m.serial++
	e.serial, e.notBefore = m.serial, notBefore
	if e.host.queue.len() == 0 && e.host.turn == 0 {
		e.host.turn = m.serial
	}
	e.host.queue.push(e)
	m.queued++
	m.schedule(e.host)
}

func (m *Memory) unlease(e *entry) {
	delete(m.leased, e.key)
	m.leases.remove(e)
	e.host.underway--
	m.schedule(e.host)
}

// schedule puts a host to its place among the hosts that may start a page, or takes it out when it may not.
func (m *Memory) schedule(h *host) {
	e, ok := h.queue.top()
	most := m.policy.PerHost
	if !h.paced {
		most = 1
	}
	if !ok || h.underway >= most {
		m.ready.remove(h)
		return
	}
	h.at = h.opens()
	if e.notBefore.After(h.at) {
		h.at = e.notBefore
	}
	if h.slot == absent {
		m.ready.push(h)
	} else {
		m.ready.fix(h)
	}
}

// opens is when the host lets a page start, whichever page that is.
func (h *host) opens() time.Time {
	at := h.hold
	if !h.last.IsZero() {
		if spaced := h.last.Add(h.spacing); spaced.After(at) {
			at = spaced
		}
	}
	return at
}
