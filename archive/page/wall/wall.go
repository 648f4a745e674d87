// Package wall tells the pages that are served in place of a page: challenges of bot defences, consent walls, and "not found" with status 200.
//
// It judges by what an answer looks like to somebody who asked for an article: header fields, title, how much text there is, and the source's
// first bytes. Signatures are those of products, and the words in which sites say no; never those of one publisher. What only the whole exchange
// tells (statuses, redirects to the home page) is its caller's business.
//
// It imports nothing of ours; the crawler asks it of what arrives, and archive/ingest of what other tools recorded.
package wall

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// PreviewText is the paragraph text in characters below which a page that says it is not free is a preview of itself.
const PreviewText = 1200

const (
	// thinText is the paragraph text below which a page may be something else than an article.
	thinText = 600
	// lookedAt is how much of a document is searched for signatures.
	lookedAt = 64 << 10
)

// Evidence is what an answer looks like to somebody who wonders whether it is the page or something instead of it. The zero value looks like
// a page.
type Evidence struct {
	url    *url.URL
	header http.Header
	title  string // in lower case
	text   int    // characters of paragraph text
	body   []byte // the document's beginning in lower case; nil when it has too much text to be anything but itself
}

// Answer is an answer as it came, and what its document says.
type Answer struct {
	URL    *url.URL
	Status int
	Header http.Header
	Title  string
	Text   int    // characters of paragraph text
	Body   []byte // decoded, UTF-8; what is needed of it is copied
}

// Look keeps of an answer what it is judged by: at most its first 64 KiB.
func Look(a Answer) Evidence {
	e := Evidence{url: a.URL, header: a.Header, title: strings.ToLower(a.Title), text: a.Text}
	if a.Status >= 400 || a.Text < thinText {
		e.body = bytes.ToLower(a.Body[:min(len(a.Body), lookedAt)])
	}
	return e
}

func (e *Evidence) isThin() bool { return e.text < thinText }

// Challenge reports whether the answer is a bot defence's, and which.
func (e *Evidence) Challenge() (says string, ok bool) {
	for _, f := range challengeFields() {
		if value := e.header.Get(f.name); value != "" && (f.value == "" || strings.EqualFold(value, f.value)) {
			return f.says, true
		}
	}
	if !e.isThin() {
		return "", false
	}
	for _, s := range challengeTitles() {
		if strings.Contains(e.title, s.text) {
			return s.says, true
		}
	}
	for _, s := range challengeBodies() {
		if bytes.Contains(e.body, []byte(s.text)) {
			return s.says, true
		}
	}
	return "", false
}

// ConsentWall reports whether the page asks for consent instead of showing itself.
func (e *Evidence) ConsentWall() bool {
	if !e.isThin() {
		return false
	}
	if e.url != nil && isConsentPlace(e.url.Hostname(), e.url.Path) {
		return true
	}
	for _, t := range consentTitles() {
		if strings.Contains(e.title, t) {
			return true
		}
	}
	for _, t := range consentBodies() {
		if bytes.Contains(e.body, []byte(t)) {
			return true
		}
	}
	return false
}

// NotFound reports whether the page says that there is none.
func (e *Evidence) NotFound() bool {
	if !e.isThin() {
		return false
	}
	if strings.TrimSpace(e.title) == "404" {
		return true
	}
	for _, t := range notFoundTitles() {
		if strings.Contains(e.title, t) {
			return true
		}
	}
	return false
}
