package crawlertest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ArticleTwoCredits is the slug of the article that the project began with: one photograph, a visible credit that names one agency, an alt text
// that names two, and IPTC in the JPEG. It is in every edition.
const ArticleTwoCredits = "two-credits-one-photograph"

// Slugs of other articles that tests like to name; they are in every edition of at least the written stock.
const (
	ArticleWindowsCyrillic = "novyj-mayak"             // windows-1251, named in a meta element only
	ArticleShiftJIS        = "asa-no-shijo"            // Shift_JIS, named in the header too
	ArticleGBK             = "lao-qiao"                // GBK that calls itself gb2312
	ArticlePaywalled       = "library-roof"            // isAccessibleForFree is false
	ArticleWithFrame       = "spring-tide-warning"     // has an iframe
	ArticleConflict        = "council-votes-for-trees" // page and file name different photographers
)

// Options of an edition. The zero value is the written stock over plain HTTP.
type Options struct {
	Seed     uint64    // varies the drawings and the generated articles
	Articles int       // how many; 0 is all that are written, more are generated
	Origin   string    // scheme and authority that absolute URLs name, without a slash at the end; "" is the listener's own
	Date     time.Time // of the edition, from which articles count their age; zero is the morning of 20 November 2026
	TLS      bool      // serve https with a throw-away certificate
	Robots   string    // replaces robots.txt
}

// Newspaper is an edition being served on loopback. Its methods are safe for concurrent use.
type Newspaper struct {
	URL string // where the server listens, "http://127.0.0.1:34567"; without a slash at the end

	edition atomic.Pointer[edition]
	editing sync.Mutex
	awkward *Awkward
	own     sync.Map // path -> http.Handler of Handle
	log     requestLog
	server  *http.Server
	pool    *x509.CertPool
	cancel  context.CancelFunc
	detach  func() bool   // ends the watch over Start's context
	answer  sync.RWMutex  // read-held while a request is answered
	closed  bool          // guarded by answer
	done    chan struct{} // closed when Serve has returned
	close   sync.Once
}

// Start prints an edition and serves it on a free port of 127.0.0.1 until Close, or until ctx ends. It fails when no port can be had, when
// Origin is no origin, or when Articles is negative.
func Start(ctx context.Context, o Options) (*Newspaper, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the newspaper: %w", err)
	}
	n := &Newspaper{URL: "http://" + listener.Addr().String(), awkward: NewAwkward(), done: make(chan struct{})}
	if o.TLS {
		n.URL = "https://" + listener.Addr().String()
	}
	e, err := newEdition(o, n.URL)
	if err == nil && o.TLS {
		listener, err = n.secure(listener, e.origin)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("printing the newspaper: %w", err), listener.Close())
	}
	n.edition.Store(e)
	n.serve(ctx, listener)
	return n, nil
}

func newEdition(o Options, listener string) (*edition, error) {
	e := &edition{origin: o.Origin, seed: o.Seed, date: o.Date.UTC(), robots: o.Robots}
	if e.origin == "" {
		e.origin = listener
	}
	u, err := url.Parse(e.origin)
	if err != nil || u.Host == "" || u.Path != "" {
		return nil, fmt.Errorf("%q is no origin: give scheme and host, and no slash after it", e.origin)
	}
	if o.Date.IsZero() {
		e.date = time.Date(2026, time.November, 20, 7, 0, 0, 0, time.UTC)
	}
	if o.Articles < 0 {
		return nil, fmt.Errorf("an edition cannot have %d articles", o.Articles)
	}
	if e.set, err = newTypeset(); err != nil {
		return nil, err
	}
	e.sections = sections(e.origin)
	if e.articles, err = choose(o.Articles, o.Seed, e.date, e.origin); err != nil {
		return nil, err
	}
	return e, e.print()
}

// secure puts TLS over the listener, with a certificate for its address and for the origin's host.
func (n *Newspaper) secure(l net.Listener, origin string) (net.Listener, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return l, fmt.Errorf("reading the origin: %w", err)
	}
	cert, pool, err := throwaway(u.Hostname())
	if err != nil {
		return l, err
	}
	n.pool = pool
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}}), nil
}

// serve starts the server, which Close waits for, and has the end of ctx call Close.
func (n *Newspaper) serve(ctx context.Context, l net.Listener) {
	ctx, n.cancel = context.WithCancel(ctx)
	n.server = &http.Server{
		Handler:           n,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0), // clients that break off are the point of many tests
	}
	go func() {
		defer close(n.done)
		_ = n.server.Serve(l) // always http.ErrServerClosed, or the listener's end: both are Close's doing
	}()
	n.detach = context.AfterFunc(ctx, n.Close)
}

// Close stops the server, breaks off what it is answering, and waits until all of it has ended. It may be called again.
func (n *Newspaper) Close() {
	n.close.Do(func() {
		n.detach()
		n.cancel()
		_ = n.server.Close() // only ever says that the listener was closed before
		<-n.done
		n.answer.Lock() // not a WaitGroup: a connection may still come with a request, which then is not answered
		defer n.answer.Unlock()
		n.closed = true
	})
}

// ServeHTTP logs the request and answers it: pages given to Handle first, then the awkward ones, then the edition.
func (n *Newspaper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.answer.RLock()
	defer n.answer.RUnlock()
	if n.closed {
		return
	}
	w, finish := n.log.begin(w, r)
	defer finish()
	if h, ok := n.own.Load(r.URL.Path); ok {
		h.(http.Handler).ServeHTTP(w, r)
		return
	}
	if isAwkward(r.URL.Path) {
		n.awkward.ServeHTTP(w, r)
		return
	}
	e := n.edition.Load()
	if h := e.handler(r.URL.Path); h != nil {
		h.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", typeHTML)
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(e.missing) // a client that has gone does not miss it
}

// Handle serves h at a path, in place of what the paper has there. Its requests are logged like all others.
func (n *Newspaper) Handle(path string, h http.Handler) { n.own.Store(path, h) }

// CertPool holds the certificate that a client must trust; nil without TLS.
func (n *Newspaper) CertPool() *x509.CertPool { return n.pool }

// Origin is what absolute URLs in the paper begin with: Options.Origin or URL.
func (n *Newspaper) Origin() string { return n.edition.Load().origin }

// Sections lists the departments in the order of the navigation.
func (n *Newspaper) Sections() []Section { return slices.Clone(n.edition.Load().sections) }

// Articles lists what is printed now, newest first. The copies are the caller's.
func (n *Newspaper) Articles() []Article {
	e := n.edition.Load()
	out := make([]Article, len(e.articles))
	for i, a := range e.articles {
		out[i] = a.clone()
	}
	return out
}

// Article finds an article by its slug; false when the edition has none of that name.
func (n *Newspaper) Article(slug string) (Article, bool) {
	e := n.edition.Load()
	i, ok := e.find(slug)
	if !ok {
		return Article{}, false
	}
	return e.articles[i].clone(), true
}

// Photographs lists the pictures of all articles, in the order of Articles.
func (n *Newspaper) Photographs() []Photograph {
	var out []Photograph
	for _, a := range n.Articles() {
		out = append(out, a.Photographs...)
	}
	return out
}

// Requisites lists the URLs, sorted and each once, that a whole capture of an article fetches besides the article; nil for an unknown slug.
func (n *Newspaper) Requisites(slug string) []string {
	e := n.edition.Load()
	i, ok := e.find(slug)
	if !ok {
		return nil
	}
	return e.requisites(i)
}

// Edit lets change alter an article and prints the paper again. Slug, section and date of publication, which are the article's address, stay
// as they were. If change leaves Modified alone, it moves on by an hour, so that validators differ. It fails on an unknown slug, and when the
// changed article cannot be printed; then the paper is as before.
func (n *Newspaper) Edit(slug string, change func(*Article)) error {
	n.editing.Lock()
	defer n.editing.Unlock()
	old := n.edition.Load()
	i, ok := old.find(slug)
	if !ok {
		return fmt.Errorf("the newspaper has no article %q", slug)
	}
	was := &old.articles[i]
	a := was.clone()
	change(&a)
	a.Slug, a.Section, a.Published = was.Slug, was.Section, was.Published
	a.URL, a.Aliases = was.URL, slices.Clone(was.Aliases)
	if !a.Modified.After(was.Modified) {
		a.Modified = was.Modified.Add(time.Hour)
	}
	a.frame(old.origin)
	e := *old
	e.articles = slices.Clone(old.articles)
	e.articles[i] = a
	if err := e.print(); err != nil {
		return fmt.Errorf("printing the edited article %q: %w", slug, err)
	}
	n.edition.Store(&e)
	return nil
}
