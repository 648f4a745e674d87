package crawler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/html"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/page/wall"
	"tearsheet/archive/warc"
	"tearsheet/crawler/frontier"
	"tearsheet/crawler/wire"
)

// visit is one exchange that is to be made, and what came of it. One goroutine at a time has it.
type visit struct {
	url     *url.URL
	hop     archive.Hop
	kind    page.Kind // "" for a page
	referer string
	keep    bool // the tree and the body are wanted, not only what is read from them

	kept     archive.Kept // where the exchange stands in the archive
	recorded bool
	status   int
	header   http.Header          // the answer's, as parsed by the wire
	media    string               // media type of the document, as Colly shall see it; "" when it is no HTML
	actual   string               // media type, by label or by look
	damage   string               // why the body could not be decoded to its end, so that browsers do not show it either; "" when it could
	decoding func() wire.Decoding // tells of the body's content coding; nil when it has none
	look     string               // media type by the first bytes; "" when nobody looked
	unread   bool                 // nothing of the body could be decoded
	cut      string               // why not all of the document was read; "" when it was
	image    packedImage          // what the answer says of itself, if it is an image file

	// What Colly's callbacks found.
	document *page.Document
	tree     *html.Node // if it is to be kept
	body     []byte     // of what is no document, if it is to be kept
	evidence wall.Evidence
	whole    bool  // OnScraped came
	err      error // the exchange failed, or its document could not be read
}

// host names the host whose gate the visit passes.
func (v *visit) host() string { return frontier.HostOf(v.url) }

// fields are the request's header fields.
func (v *visit) fields(userAgent string) http.Header {
	h := http.Header{"User-Agent": {userAgent}, "Accept": {accept(v.kind)}}
	if v.kind == "" || v.kind == page.KindFrame {
		h["Accept-Language"] = []string{"*"}
	}
	if r := refererFor(v.referer, v.url); r != "" {
		h["Referer"] = []string{r}
	}
	return h
}

// accept tells what is wanted. For images no format is named before others: servers that convert to a newer format on request often drop the
// photographer's credit from the file while doing so, and the file that the editors uploaded is what an archive is after.
func accept(kind page.Kind) string {
	switch kind {
	case "", page.KindFrame:
		return "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	case page.KindImage, page.KindIcon:
		return "image/*,*/*;q=0.8"
	case page.KindStyle:
		return "text/css,*/*;q=0.1"
	}
	return "*/*"
}

// refererFor is what a browser tells of the page at from when it asks for to (Referrer Policy: strict-origin-when-cross-origin).
func refererFor(from string, to *url.URL) string {
	u, err := url.Parse(from)
	if err != nil || u.Host == "" || u.Scheme == "https" && to.Scheme != "https" {
		return ""
	}
	if u.Scheme != to.Scheme || u.Host != to.Host {
		return u.Scheme + "://" + u.Host + "/"
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	return u.String()
}

// brokeOff reports whether only the beginning of the page came, and another attempt may bring the rest.
func (v *visit) brokeOff() bool {
	return v.status >= 200 && v.status < 300 && (v.kept.Truncated == warc.TruncatedDisconnect || v.kept.Truncated == warc.TruncatedTime)
}

// isRedirect reports whether the answer is one that may send the visitor elsewhere.
func (v *visit) isRedirect() bool {
	switch v.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// location is where the answer sends the visitor; nil when it is no redirect or names nothing that can be asked.
func (v *visit) location() *url.URL {
	if !v.isRedirect() {
		return nil
	}
	return resolve(v.url, v.header.Get("Location"))
}

// astray says why a redirection leads nowhere; "" when it leads somewhere, or the answer is none.
func (v *visit) astray() string {
	if v.status < 300 || v.status >= 400 {
		return ""
	}
	says := fmt.Sprintf("%s answered %s", v.url, statusLine(v.status))
	if !v.isRedirect() {
		return says + ", which is neither the page nor the way to it"
	}
	to := strings.TrimSpace(v.header.Get("Location"))
	if to == "" {
		return says + " and names no place to go to"
	}
	_, err := reach(v.url, to)
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%s and redirects to %.200q, which cannot be followed: %v", says, warc.WithoutUser(to), err)
}

// resolve makes a reference absolute; nil when it is empty or is nothing that can be asked.
func resolve(base *url.URL, ref string) *url.URL {
	if ref = strings.TrimSpace(ref); ref == "" {
		return nil
	}
	u, err := reach(base, ref)
	if err != nil {
		return nil
	}
	return u
}

// reach makes a reference absolute, or tells why it is nothing that can be asked.
func reach(base *url.URL, ref string) (*url.URL, error) {
	u, err := base.Parse(ref)
	var why *url.Error
	switch {
	case errors.As(err, &why):
		return nil, why.Err
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%s is not http", u.Scheme)
	}
	return frontier.Normalise(u.String())
}

// refresh is where the document sends the visitor, by its Refresh field or its meta element; "" when it stays.
func (v *visit) refresh() string {
	return cmp.Or(page.RefreshTarget(v.header.Get("Refresh")), v.document.Refresh)
}

// retryAfter is how long the answer asks to be left alone (RFC 9110 §10.2.3: seconds or a date); 0 when it does not.
func (v *visit) retryAfter(now time.Time) time.Duration {
	value := strings.TrimSpace(v.header.Get("Retry-After"))
	if value == "" || v.status != http.StatusTooManyRequests && v.status != http.StatusServiceUnavailable {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		const longest = int64(365 * 24 * time.Hour / time.Second)
		return time.Duration(max(0, min(seconds, longest))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// visitKey is the context key under which the wire's recorder finds the visit that an exchange belongs to.
type visitKey struct{}

func withVisit(ctx context.Context, v *visit) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

func visitOf(ctx context.Context) (*visit, error) {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v, nil
	}
	return nil, errors.New("an exchange that belongs to no visit")
}

// visitRegistry holds the visits that are in Colly's hands. An id in a private header field is the only thing that gets from Colly's request
// to the round tripper below it.
type visitRegistry struct {
	last atomic.Uint64
	open sync.Map // string -> *openVisit
}

// openVisit is a visit and the context in which it is made: Colly has only one context for all requests.
type openVisit struct {
	*visit
	ctx context.Context
}

// enter registers a visit; call leave when Colly has returned.
func (r *visitRegistry) enter(ctx context.Context, v *visit) (id string, leave func()) {
	id = strconv.FormatUint(r.last.Add(1), 10)
	r.open.Store(id, &openVisit{v, ctx})
	return id, func() { r.open.Delete(id) }
}

func (r *visitRegistry) find(id string) (*openVisit, bool) {
	v, ok := r.open.Load(id)
	if !ok {
		return nil, false
	}
	return v.(*openVisit), true
}
