package ingest

import (
	"strings"

	"tearsheet/archive/page"
	"tearsheet/archive/warc"
)

// role says whether an answer is a page.
type role int

const (
	noPage  role = iota
	maybe        // nothing tells: its document must
	certain      // a record says that somebody wanted to see it
)

// minText is the text in characters from which a document without title is taken for a page.
const minText = 200

// role judges an answer by the records about it.
func (c *captures) role(a *capture) role {
	if !a.isDocument() {
		return noPage
	}
	if c.described[a.Record] != nil {
		return certain
	}
	if _, ok := c.listed[a.URL]; ok {
		return certain
	}
	if a.hop != nil && a.hop.path != "?" {
		switch last := strings.TrimRight(a.hop.path, "R"); {
		case last == "":
			return certain
		case strings.ContainsAny(last[len(last)-1:], "EXIP"):
			return noPage
		}
		return certain
	}
	switch {
	case a.asked.dest == "document":
		return certain
	case a.asked.dest != "", a.resource != "" && a.resource != "document", c.browsed[a.File]:
		return noPage
	}
	return maybe
}

// isDocument reports whether the answer is HTML that was asked for to be read.
func (a *capture) isDocument() bool {
	if !isHTML(a.MIME) || warc.CheckTarget(a.URL) != nil {
		return false
	}
	if a.asked.method != "" && a.asked.method != "GET" {
		return false
	}
	return a.Type == warc.Resource || a.Status >= 200 && a.Status < 300
}

// looksLikePage judges a document of which nothing else tells.
func looksLikePage(d *page.Document) bool {
	return d.TextLength >= minText || d.Title.Value != ""
}
