package crawler

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// evidence is what an answer looks like to somebody who wonders whether it is the page or something instead of it.
type evidence struct {
	url    *url.URL
	status int
	header http.Header
	title  string // in lower case
	text   int    // characters of paragraph text
	body   []byte // the document's beginning in lower case; nil when it has too much text to be anything but itself
}

const (
	// thinText is the paragraph text below which a page may be something else than an article.
	thinText = 600
	// previewText is the paragraph text below which a page that says it is not free is a preview.
	previewText = 1200
	// lookedAt is how much of a document is searched for signatures.
	lookedAt = 64 << 10
)

func newEvidence(v *visit, body []byte) evidence {
	e := evidence{url: v.url, status: v.status, header: v.header}
	if v.document != nil {
		e.title, e.text = strings.ToLower(v.document.Title.Value), v.document.TextLength
	}
	if v.status >= 400 || e.text < thinText {
		e.body = bytes.ToLower(body[:min(len(body), lookedAt)])
	}
	return e
}

func (e *evidence) isThin() bool { return e.text < thinText }

// challenge reports whether the answer is a bot defence's, and which.
func (e *evidence) challenge() (says string, ok bool) {
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

// consentWall reports whether the page asks for consent instead of showing itself.
func (e *evidence) consentWall() bool {
	if !e.isThin() {
		return false
	}
	if isConsentPlace(e.url.Hostname(), e.url.Path) {
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

// notFound reports whether the page says that there is none.
func (e *evidence) notFound() bool {
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
