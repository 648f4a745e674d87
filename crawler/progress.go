package crawler

import "sync"

// progress adds up what happens and tells it, one event at a time.
type progress struct {
	report func(Event)
	mu     sync.Mutex
	sum    Event
}

func (p *progress) add(change func(*Event)) {
	if p.report == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.sum)
	p.report(p.sum)
}
