package crawlertest

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is one request that reached the newspaper, and how it was answered.
type Request struct {
	Method string
	Target string // path and query as they were sent
	Host   string
	Header http.Header
	Remote string // the client's address and port: equal for requests of one connection
	At     time.Time
	Status int   // 0 while the answer has not begun, and for answers that are not HTTP
	Bytes  int64 // of body, as handed to the server
}

// requestLog keeps every request in the order of arrival.
type requestLog struct {
	mu      sync.Mutex
	entries []*Request
	now     int // being answered
	most    int
}

// begin logs a request before anything else happens to it: a client that breaks off has asked all the same. finish is called when it is
// answered.
func (l *requestLog) begin(w http.ResponseWriter, r *http.Request) (watched http.ResponseWriter, finish func()) {
	entry := &Request{Method: r.Method, Target: r.RequestURI, Host: r.Host, Header: r.Header.Clone(), Remote: r.RemoteAddr, At: time.Now()}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, entry)
	l.now++
	l.most = max(l.most, l.now)
	return &watchedWriter{w, l, entry}, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.now--
	}
}

// watchedWriter notes status and size.
type watchedWriter struct {
	http.ResponseWriter
	log   *requestLog
	entry *Request
}

func (w *watchedWriter) note(status int, n int) {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	if w.entry.Status < http.StatusOK {
		w.entry.Status = status
	}
	w.entry.Bytes += int64(n)
}

// WriteHeader notes the status.
func (w *watchedWriter) WriteHeader(status int) {
	w.note(status, 0)
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the size, and that a status of 200 is understood.
func (w *watchedWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.note(http.StatusOK, n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Requests lists what was asked so far, in the order of arrival. The copies are the caller's, except for the headers.
func (n *Newspaper) Requests() []Request {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	out := make([]Request, len(n.log.entries))
	for i, r := range n.log.entries {
		out[i] = *r
	}
	return out
}

// Total counts the requests so far.
func (n *Newspaper) Total() int {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	return len(n.log.entries)
}

// Counts tells how often each target (path and query) was asked for.
func (n *Newspaper) Counts() map[string]int {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	out := map[string]int{}
	for _, r := range n.log.entries {
		out[r.Target]++
	}
	return out
}

// Count tells how often one target (path and query) was asked for.
func (n *Newspaper) Count(target string) int { return n.Counts()[target] }

// Repeated lists the targets that were asked for more than once, sorted.
func (n *Newspaper) Repeated() []string {
	counts := n.Counts()
	maps.DeleteFunc(counts, func(_ string, times int) bool { return times < 2 })
	return slices.Sorted(maps.Keys(counts))
}

// MostAtOnce is the largest number of requests that were being answered at the same time.
func (n *Newspaper) MostAtOnce() int {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	return n.log.most
}

// ForgetRequests empties the log, as between two captures of one paper.
func (n *Newspaper) ForgetRequests() {
	n.log.mu.Lock()
	defer n.log.mu.Unlock()
	n.log.entries, n.log.most = nil, n.log.now
}
