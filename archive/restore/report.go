package restore

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/page"
)

// Report says what a restored folder holds and where it came from. It is also in the folder, as report.json.
type Report struct {
	Asked    string          `json:"asked,omitempty"`     // for which address the page was given back
	Match    archive.Match   `json:"match,omitempty"`     // how it answers to that address
	URL      string          `json:"url"`                 // as captured
	Final    string          `json:"final_url,omitempty"` // after redirects, where it differs
	Title    string          `json:"title,omitempty"`
	Captured time.Time       `json:"captured"` // UTC
	Verdict  archive.Verdict `json:"verdict"`
	Reasons  []string        `json:"reasons,omitempty"`
	RunID    string          `json:"run"`
	PageID   string          `json:"page"`
	Document File            `json:"document"`
	Files    []File          `json:"files"`   // by path
	Missing  []Missing       `json:"missing"` // by URL
}

// File is one restored file.
type File struct {
	Path      string    `json:"path"` // slash-separated, relative to the folder
	URL       string    `json:"url"`
	Kind      page.Kind `json:"kind,omitempty"`
	MIME      string    `json:"mime,omitempty"` // Content-Type as the server sent it
	Bytes     int64     `json:"bytes"`          // of the file
	RunID     string    `json:"run"`
	Record    string    `json:"record,omitempty"` // WARC-Record-ID
	Digest    string    `json:"digest,omitempty"` // SHA-256 of the payload as captured
	Captured  time.Time `json:"captured"`
	Drift     float64   `json:"drift"`          // seconds from the page's capture to this one
	Rewritten bool      `json:"rewritten"`      // references in it were replaced, so its bytes are not those captured
	Note      string    `json:"note,omitempty"` // on what the origin sent and is not in order
}

// Missing is something that the page names and that could not be given back.
type Missing struct {
	URL    string    `json:"url"`
	Kind   page.Kind `json:"kind,omitempty"`
	Reason string    `json:"reason"`
}

// sorted puts the report in an order that does not depend on the order of reading.
func (r *Report) sorted() {
	slices.SortFunc(r.Files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(r.Missing, func(a, b Missing) int {
		return cmp.Or(cmp.Compare(a.URL, b.URL), cmp.Compare(a.Kind, b.Kind))
	})
}

func (r *Report) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(r)
	return b.Bytes(), err
}
