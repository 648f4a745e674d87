package crawlertest

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"tearsheet/crawler/crawlertest/darkroom"
)

// AwkwardPrefix is where a Newspaper mounts its Awkward origin. A list of all paths is served there.
const AwkwardPrefix = "/awkward/"

// The paths of an Awkward origin.
const (
	AwkwardNotFound        = AwkwardPrefix + "404"
	AwkwardGone            = AwkwardPrefix + "410"
	AwkwardForbidden       = AwkwardPrefix + "403"
	AwkwardBroken          = AwkwardPrefix + "500"
	AwkwardUnavailable     = AwkwardPrefix + "503"              // with Retry-After: 120
	AwkwardBusy            = AwkwardPrefix + "busy"             // 429 with Retry-After: 1, then 200; ?times=N refuses N times, ?after=S says S seconds, ?date=1 says it as a date; each query string is refused on its own
	AwkwardEmpty           = AwkwardPrefix + "empty"            // 200 text/html without a body
	AwkwardNotHTML         = AwkwardPrefix + "document.pdf"     // application/pdf
	AwkwardMislabelled     = AwkwardPrefix + "mislabelled"      // a JPEG that calls itself text/html
	AwkwardRedirectLoop    = AwkwardPrefix + "redirect-loop"    // 302 to itself
	AwkwardRedirectEndless = AwkwardPrefix + "redirect-endless" // 302 to ?hop=1, which leads to ?hop=2, and so on
	AwkwardRedirectNowhere = AwkwardPrefix + "redirect-nowhere" // 302 without Location
	AwkwardRedirectPrivate = AwkwardPrefix + "redirect-private" // 302 to a link-local address, where cloud machines keep their secrets
	AwkwardGzipBomb        = AwkwardPrefix + "gzip-bomb"        // text/html, 1 GiB of zeros in 1 MB of gzip
	AwkwardNotGzip         = AwkwardPrefix + "not-gzip"         // says Content-Encoding: gzip, and is not
	AwkwardEndless         = AwkwardPrefix + "endless"          // text/html that never ends, as fast as it is read
	AwkwardDrip            = AwkwardPrefix + "drip"             // one byte a second without end; ?every=DURATION as time.ParseDuration reads it
	AwkwardStall           = AwkwardPrefix + "stall"            // head and the beginning of a page, then nothing more
	AwkwardSilent          = AwkwardPrefix + "silent"           // takes the request and never answers
	AwkwardTruncated       = AwkwardPrefix + "truncated"        // Content-Length 4096, and 1024 bytes
	AwkwardCutChunk        = AwkwardPrefix + "cut-chunk"        // chunked, and closed before the last chunk
	AwkwardReset           = AwkwardPrefix + "reset"            // the connection is reset before any answer
	AwkwardHugeHead        = AwkwardPrefix + "huge-head"        // 1 MiB of header lines
	AwkwardBytes           = AwkwardPrefix + "bytes/"           // + N: N bytes that do not compress, the same every time
	AwkwardChallenge       = AwkwardPrefix + "challenge"        // 403, a script that would prove a browser
	AwkwardCaptcha         = AwkwardPrefix + "captcha"          // 200, a puzzle in place of the page
	AwkwardConsent         = AwkwardPrefix + "consent"          // 200, a consent wall in place of the article
	AwkwardPaywall         = AwkwardPrefix + "paywall"          // 200, the beginning of an article, and an offer
	AwkwardSoftNotFound    = AwkwardPrefix + "soft-404"         // 200, "page not found"
	AwkwardRefresh         = AwkwardPrefix + "refresh"          // 200, meta refresh to AwkwardMissingPixel
	AwkwardMissingPicture  = AwkwardPrefix + "missing-picture"  // an article whose second picture is a 404
	AwkwardMissingStyle    = AwkwardPrefix + "missing-style"    // an article whose style sheet is a 500
	AwkwardMissingPixel    = AwkwardPrefix + "missing-pixel"    // an article that is whole but for a tracking pixel
)

func isAwkward(path string) bool { return strings.HasPrefix(path, AwkwardPrefix) }

// Awkward is an origin that does what origins should not. It is a handler of its own so that tests can serve it alone; whatever does not end
// ends with the request's context.
type Awkward struct {
	mux     http.ServeMux
	mu      sync.Mutex
	refused map[string]int // by request target, for AwkwardBusy
}

// NewAwkward makes an origin on which nobody has been refused yet.
func NewAwkward() *Awkward {
	a := &Awkward{refused: map[string]int{}}
	handle := func(path string, h http.HandlerFunc) { a.mux.HandleFunc(path, h) }
	handle(AwkwardPrefix+"{$}", index)
	for path, status := range map[string]int{
		AwkwardNotFound: http.StatusNotFound, AwkwardGone: http.StatusGone, AwkwardForbidden: http.StatusForbidden, AwkwardBroken: http.StatusInternalServerError,
	} {
		handle(path, func(w http.ResponseWriter, _ *http.Request) { say(w, status) })
	}
	handle(AwkwardUnavailable, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		say(w, http.StatusServiceUnavailable)
	})
	handle(AwkwardBusy, a.busy)
	handle(AwkwardEmpty, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", typeHTML) })
	handle(AwkwardNotHTML, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "application/pdf", []byte(smallPDF))
	})
	handle(AwkwardMislabelled, func(w http.ResponseWriter, _ *http.Request) { picture(w, typeHTML) })
	handle(AwkwardPrefix+"picture.jpg", func(w http.ResponseWriter, _ *http.Request) { picture(w, "image/jpeg") })
	handle(AwkwardRedirectLoop, func(w http.ResponseWriter, _ *http.Request) { redirect(w, AwkwardRedirectLoop) })
	handle(AwkwardRedirectEndless, func(w http.ResponseWriter, r *http.Request) {
		hop, _ := strconv.Atoi(r.URL.Query().Get("hop")) // what is no number begins again
		redirect(w, AwkwardRedirectEndless+"?hop="+strconv.Itoa(hop+1))
	})
	handle(AwkwardRedirectNowhere, func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusFound) })
	handle(AwkwardRedirectPrivate, func(w http.ResponseWriter, _ *http.Request) { redirect(w, "http://169.254.169.254/latest/meta-data/") })
	handle(AwkwardGzipBomb, bomb)
	handle(AwkwardNotGzip, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		say(w, http.StatusOK)
	})
	handle(AwkwardBytes+"{n}", countedBytes)
	a.broken(handle)
	for path, status := range map[string]int{
		AwkwardChallenge: http.StatusForbidden, AwkwardCaptcha: http.StatusOK, AwkwardConsent: http.StatusOK, AwkwardPaywall: http.StatusOK, AwkwardSoftNotFound: http.StatusOK,
		AwkwardRefresh: http.StatusOK, AwkwardMissingPicture: http.StatusOK, AwkwardMissingStyle: http.StatusOK, AwkwardMissingPixel: http.StatusOK,
	} {
		handle(path, func(w http.ResponseWriter, _ *http.Request) { page(w, path, status) })
	}
	return a
}

// ServeHTTP answers the paths below AwkwardPrefix, and 404 elsewhere.
func (a *Awkward) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// smallPDF is enough for a reader to call it one.
const smallPDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

// answer writes a whole body. That the client may have gone is its own affair.
func answer(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// say writes a page that says what its status says.
func say(w http.ResponseWriter, status int) {
	text := html.EscapeString(http.StatusText(status))
	answer(w, status, typeHTML, fmt.Appendf(nil, "<!doctype html>\n<html lang=\"en\"><title>%s</title><h1>%d %s</h1></html>\n", text, status, text))
}

func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	say(w, http.StatusFound)
}

func picture(w http.ResponseWriter, contentType string) {
	body, err := darkroom.Print{Scene: "harbour", Width: 240}.Make()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, contentType, body)
}

// page serves a file of awkward/, named as the path is.
func page(w http.ResponseWriter, path string, status int) {
	body, err := files.ReadFile("awkward/" + strings.TrimPrefix(path, AwkwardPrefix) + ".html")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if path == AwkwardChallenge {
		w.Header().Set("Cf-Mitigated", "challenge")
		w.Header().Set("Server", "cloudflare")
	}
	answer(w, status, typeHTML, body)
}

// index lists the paths for people who look around.
func index(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	b.WriteString("<!doctype html>\n<html lang=\"en\"><title>Awkward answers</title><h1>Awkward answers</h1><ul>\n")
	for _, p := range []string{
		AwkwardNotFound, AwkwardGone, AwkwardForbidden, AwkwardBroken, AwkwardUnavailable, AwkwardBusy, AwkwardEmpty, AwkwardNotHTML, AwkwardMislabelled, AwkwardRedirectLoop, AwkwardRedirectEndless, AwkwardRedirectNowhere,
		AwkwardRedirectPrivate, AwkwardGzipBomb, AwkwardNotGzip, AwkwardEndless, AwkwardDrip, AwkwardStall, AwkwardSilent, AwkwardTruncated, AwkwardCutChunk, AwkwardReset, AwkwardHugeHead, AwkwardBytes + "1000000",
		AwkwardChallenge, AwkwardCaptcha, AwkwardConsent, AwkwardPaywall, AwkwardSoftNotFound, AwkwardRefresh, AwkwardMissingPicture, AwkwardMissingStyle, AwkwardMissingPixel,
	} {
		fmt.Fprintf(&b, "<li><a rel=\"nofollow\" href=\"%s\">%s</a></li>\n", p, p)
	}
	b.WriteString("</ul></html>\n")
	answer(w, http.StatusOK, typeHTML, b.Bytes())
}

// busy refuses first and gives in later (RFC 6585 section 4, RFC 9110 section 10.2.3).
func (a *Awkward) busy(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	number := func(name string) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil {
			return 1
		}
		return n
	}
	a.mu.Lock()
	a.refused[r.RequestURI]++
	refuse := a.refused[r.RequestURI] <= number("times")
	a.mu.Unlock()
	if !refuse {
		page(w, AwkwardMissingPixel, http.StatusOK)
		return
	}
	after := strconv.Itoa(number("after"))
	if q.Get("date") != "" {
		after = time.Now().Add(time.Duration(number("after")) * time.Second).UTC().Format(http.TimeFormat)
	}
	w.Header().Set("Retry-After", after)
	say(w, http.StatusTooManyRequests)
}

// countedBytes streams as many bytes as the path says.
func countedBytes(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
	if err != nil || n < 0 {
		http.Error(w, "say how many bytes: "+AwkwardBytes+"1000000", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	_, _ = io.CopyN(w, rand.NewChaCha8([32]byte{}), n) // the reader never fails, and a client that has gone needs no more
}
