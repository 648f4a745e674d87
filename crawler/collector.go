package crawler

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strings"

	"github.com/gocolly/colly/v2"

	"tearsheet/archive/page"
)

// idField carries a visit's id from Colly's request to the bridge. It never leaves the process.
const idField = "X-Tearsheet-Visit"

// visitEntry is where a visit lies in Colly's context.
const visitEntry = "visit"

// errUnrecorded says that Colly got an answer from somewhere else than the wire.
var errUnrecorded = errors.New("the answer did not come through the recorder")

// newCollector makes the one collector that all pages and frames go through.
//
// It is made without colly.NewCollector, which is Init and then reads COLLY_* variables from the environment, among them a cache folder that
// would answer without any exchange, and prints those that it does not know. What Colly does for scrapers and must not do for an archive stays off: its visited set, robots.txt, limits,
// cookies, cache, redirects, charset guesses, and its timeout of ten seconds, which would cut a long body without a word.
func (c *Crawler) newCollector() *colly.Collector {
	k := &colly.Collector{}
	k.Init()
	k.UserAgent = c.options.UserAgent
	k.Headers = nil
	k.MaxDepth, k.MaxRequests = 0, 0
	k.AllowedDomains, k.DisallowedDomains = nil, nil
	k.URLFilters, k.DisallowedURLFilters = nil, nil
	k.AllowURLRevisit = true
	k.MaxBodySize = 0 // the wire bounds bodies
	k.CacheDir, k.CacheExpiration = "", 0
	k.IgnoreRobotsTxt = true // crawler/robots reads them
	k.Async = false
	k.ParseHTTPErrorResponse = true
	k.DetectCharset = false // archive/page knows better
	k.CheckHead = false
	k.TraceHTTP = false
	k.Context = context.Background()
	k.SetClient(&http.Client{
		Transport:     &bridge{crawler: c},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	k.OnRequest(c.onRequest)
	k.OnResponse(c.onResponse)
	k.OnHTML("html", c.onHTML)
	k.OnError(c.onError)
	k.OnScraped(c.onScraped)
	return k
}

// document makes the exchange of v through Colly, which calls back as the answer comes and is parsed. Afterwards v holds what was found, and
// v.err or the returned error what went wrong; a document that could be recorded but not read is v.err alone.
func (c *Crawler) document(ctx context.Context, v *visit) error {
	id, leave := c.visits.enter(ctx, v)
	defer leave()
	cc := colly.NewContext()
	cc.Put(visitEntry, v)
	parse := &parseSlot{ctx: ctx, slots: c.parses}
	defer parse.release()
	cc.Put(parseEntry, parse)

	err := c.collector.Request(http.MethodGet, v.url.String(), nil, cc, http.Header{idField: {id}})
	if err != nil && v.kept.URL == "" {
		v.kept = c.unasked(v, err)
	}
	switch {
	case ctx.Err() != nil && !v.whole:
		return context.Cause(ctx)
	case errors.Is(v.err, errUnrecorded):
		return fmt.Errorf("%s: %w", v.url, v.err)
	case !v.recorded && err != nil:
		return err
	case !v.recorded:
		return fmt.Errorf("%s: %w", v.url, errUnrecorded)
	case v.status == 0: // recorded, but there was no answer to look at
		return err
	case !v.whole:
		return fmt.Errorf("%s: the collector did not come to an end with it", v.url)
	}
	return nil
}

// onRequest sets the request's fields. A request that nobody asked for is not made.
func (c *Crawler) onRequest(r *colly.Request) {
	v, ok := r.Ctx.GetAny(visitEntry).(*visit)
	if !ok {
		r.Abort()
		return
	}
	for name, values := range v.fields(c.options.UserAgent) {
		(*r.Headers)[name] = values
	}
}

// onResponse makes the body UTF-8, before Colly parses it, and waits until there is room for another tree.
func (c *Crawler) onResponse(r *colly.Response) {
	v := r.Ctx.GetAny(visitEntry).(*visit)
	if !v.recorded {
		v.err, r.Body = errUnrecorded, nil
		return
	}
	if v.media == "" {
		v.body = r.Body
		return
	}
	if !r.Ctx.GetAny(parseEntry).(*parseSlot).acquire() {
		r.Body = nil // the visit is over
		return
	}
	r.Body, _ = page.UTF8(r.Body, v.header.Get("Content-Type"))
}

// onHTML reads the tree. It is the only parse of the document.
func (c *Crawler) onHTML(e *colly.HTMLElement) {
	v := e.Request.Ctx.GetAny(visitEntry).(*visit)
	if v.document != nil || v.err != nil {
		return
	}
	root := e.DOM.Nodes[0]
	for root.Parent != nil {
		root = root.Parent
	}
	v.document = c.read(root, v.url)
	if v.keep {
		v.tree = root
	}
}

// onError notes why the exchange failed, or why the document could not be parsed.
func (c *Crawler) onError(r *colly.Response, err error) {
	v := r.Ctx.GetAny(visitEntry).(*visit)
	v.err = err
}

// onScraped: the page is whole. The last look at its body is here.
func (c *Crawler) onScraped(r *colly.Response) {
	v := r.Ctx.GetAny(visitEntry).(*visit)
	if v.err != nil && !v.recorded {
		return
	}
	v.evidence = v.appearance(r.Body)
	v.whole = true
}

// parseEntry is where a parseSlot lies in Colly's context.
const parseEntry = "parse"

// parseSlot is the right to hold a document's tree in memory.
type parseSlot struct {
	ctx   context.Context
	slots chan struct{}
	held  bool
}

func (p *parseSlot) acquire() bool {
	select {
	case p.slots <- struct{}{}:
		p.held = true
	case <-p.ctx.Done():
	}
	return p.held
}

func (p *parseSlot) release() {
	if p.held {
		<-p.slots
		p.held = false
	}
}

// bridge stands between Colly's HTTP client and the wire. Down, it takes the visit's id off the request and puts the visit's own URL and
// context in place of Colly's. Up, it shows Colly only what it shall act on: the document, if the answer is one, with a media type and no
// other field, so that neither the client nor Colly follows a redirect, keeps a cookie, decodes a charset or reads an image into memory.
type bridge struct{ crawler *Crawler }

// RoundTrip implements http.RoundTripper. A request without a visit (for a robots.txt, a HEAD before the GET) is refused.
func (b *bridge) RoundTrip(req *http.Request) (*http.Response, error) {
	v, ok := b.crawler.visits.find(req.Header.Get(idField))
	if !ok || req.Method != http.MethodGet {
		return nil, fmt.Errorf("%s %s: a request that belongs to no visit", req.Method, req.URL)
	}
	fields := req.Header.Clone()
	delete(fields, idField)
	resp, err := b.crawler.ask(v.ctx, v.visit, fields)
	if err != nil {
		return nil, err
	}
	shown := &http.Response{
		Status: resp.Status, StatusCode: resp.StatusCode, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, ContentLength: -1, Uncompressed: true, Request: req,
	}
	if redirect := resp.StatusCode >= 300 && resp.StatusCode < 400; !redirect {
		v.decoding = decodingOf(resp)
		body := bufio.NewReaderSize(resp.Body, 4096)
		v.media, v.actual, v.look = documentType(resp.Header.Get("Content-Type"), body)
		if v.media != "" || v.keep {
			shown.Header.Set("Content-Type", cmp.Or(v.media, noDocument))
			shown.Body = struct {
				io.Reader
				io.Closer
			}{documentBodyOf(v.visit, body), resp.Body}
			return shown, nil
		}
	}
	shown.Header.Set("Content-Type", noDocument)
	shown.Body = http.NoBody
	if err := v.readImage(resp); err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	v.decodeToEnd(resp)
	return shown, resp.Body.Close()
}

// noDocument is the media type with which Colly is shown an answer that it shall not parse.
const noDocument = "application/octet-stream"

// documentType tells whether an answer is an HTML document, by its label or, without a usable one, by its first bytes. The first media type
// is "" when it is not; the second is what the answer is, the third what it looks like.
func documentType(label string, body *bufio.Reader) (document, actual, looks string) {
	actual, _, err := mime.ParseMediaType(label)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		actual, _, _ = strings.Cut(label, ";")
		actual = strings.ToLower(strings.TrimSpace(actual))
	}
	start, _ := body.Peek(512) // what there is, even of a body that breaks off
	looks, _, _ = strings.Cut(http.DetectContentType(start), ";")
	if !strings.Contains(actual, "/") || actual == "unknown/unknown" || actual == "*/*" {
		actual = looks
	}
	switch actual {
	case "text/html", "application/xhtml+xml":
	default:
		return "", actual, looks
	}
	if kind, _, _ := strings.Cut(looks, "/"); kind == "image" || kind == "video" || looks == "application/pdf" {
		return "", looks, looks // a false label; a tree of it would be nonsense
	}
	return actual, actual, looks
}

// maxDocument is how many bytes of a document are parsed, decoded. Articles stay far below; a tree takes several times as much memory.
const maxDocument = 5 << 20

// documentBody is the part of a body that Colly gets. It ends quietly where the body breaks off or grows too long, because Colly would throw
// away the part that came, and the record is whole either way; the visit is told.
type documentBody struct {
	r     io.Reader
	left  int
	visit *visit
	some  bool // something could be read
}

func documentBodyOf(v *visit, r io.Reader) *documentBody {
	b := &documentBody{r: r, left: maxDocument + 1, visit: v}
	if v.media == "" {
		b.left = math.MaxInt // no tree is made of it; the wire's limit on decoded bytes holds
	}
	return b
}

func (b *documentBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		b.visit.cut = fmt.Sprintf("only its first %d MiB were read", maxDocument>>20)
		return 0, io.EOF
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	b.some = b.some || n > 0
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		b.visit.cut = fmt.Sprintf("it could not be read to its end: %v", err)
		err = io.EOF
	default:
		b.visit.decoded(b.some)
	}
	return n, err
}
