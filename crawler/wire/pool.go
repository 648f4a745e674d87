package wire

import (
	"container/list"
	"slices"
	"sync"
	"time"
)

const (
	idleTimeout = 30 * time.Second // how long a connection is kept without use: less than most servers do
	idleTotal   = 256              // kept connections of all hosts together, well below the usual limit of open files
)

// pool keeps connections for further requests. A timer, not a goroutine, closes those that nobody used for idleTimeout.
type pool struct {
	perHost int

	mu     sync.Mutex
	idle   map[string][]*conn // by key, the longest idle first
	order  *list.List         // of *conn, the longest idle first
	place  map[*conn]*list.Element
	timer  *time.Timer // set while something is idle
	closed bool
}

func newPool(perHost int) *pool {
	return &pool{perHost: perHost, idle: map[string][]*conn{}, order: list.New(), place: map[*conn]*list.Element{}}
}

// get takes the connection for key that was used last and is still good, or nil.
func (p *pool) get(key string) *conn {
	for {
		c := p.pop(key)
		if c == nil || c.quiet() {
			return c
		}
		discard(c)
	}
}

func (p *pool) pop(key string) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := p.idle[key]
	if len(waiting) == 0 {
		return nil
	}
	c := waiting[len(waiting)-1]
	p.remove(c)
	return c
}

func (p *pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// put keeps c, or closes it when there are enough.
func (p *pool) put(c *conn) {
	if err := c.SetDeadline(time.Time{}); err != nil {
		discard(c)
		return
	}
	c.idleSince = time.Now()
	var surplus *conn
	p.mu.Lock()
	if p.closed || len(p.idle[c.key]) >= p.perHost {
		surplus = c
	} else {
		if len(p.place) >= idleTotal {
			surplus = p.order.Front().Value.(*conn)
			p.remove(surplus)
		}
		p.idle[c.key] = append(p.idle[c.key], c)
		p.place[c] = p.order.PushBack(c)
		if p.timer == nil {
			p.timer = time.AfterFunc(idleTimeout, p.reap)
		}
	}
	p.mu.Unlock()
	if surplus != nil {
		discard(surplus)
	}
}

// remove forgets an idle connection; p.mu is held.
func (p *pool) remove(c *conn) {
	p.order.Remove(p.place[c])
	delete(p.place, c)
	waiting := p.idle[c.key]
	i := slices.Index(waiting, c)
	if waiting = slices.Delete(waiting, i, i+1); len(waiting) > 0 {
		p.idle[c.key] = waiting
	} else {
		delete(p.idle, c.key)
	}
}

// reap closes what was idle for too long and sets the timer for the next.
func (p *pool) reap() {
	var old []*conn
	p.mu.Lock()
	now := time.Now()
	p.timer = nil
	for e := p.order.Front(); e != nil && !p.closed; e = p.order.Front() {
		c := e.Value.(*conn)
		if left := idleTimeout - now.Sub(c.idleSince); left > 0 {
			p.timer = time.AfterFunc(left, p.reap)
			break
		}
		p.remove(c)
		old = append(old, c)
	}
	p.mu.Unlock()
	for _, c := range old {
		discard(c)
	}
}

// close closes all idle connections; those in use are closed when they come back.
func (p *pool) close() {
	p.mu.Lock()
	var all []*conn
	for c := range p.place {
		all = append(all, c)
	}
	p.closed = true
	p.idle, p.place = map[string][]*conn{}, map[*conn]*list.Element{}
	p.order.Init()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	p.mu.Unlock()
	for _, c := range all {
		discard(c)
	}
}
