package archive

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tearsheet/archive/page"
	"tearsheet/archive/photo"
	"tearsheet/archive/warc"
)

// Verdict is how a capture ended.
type Verdict string

const (
	OK      Verdict = "ok"
	Partial Verdict = "partial" // something that the page cannot do without is missing
	Blocked Verdict = "blocked" // a challenge, consent wall or paywall stands in its place
	Soft404 Verdict = "soft-404"
	Failed  Verdict = "failed"
)

// Page is one capture of a page: a row of pages/pages.jsonl (WACZ 1.1.1 §5.2) and a metadata record in the WARC, whose target is
// urn:pageinfo: followed by the page's URL.
type Page struct {
	ID         string    `json:"id"`
	URL        string    `json:"url"`                 // as asked
	Final      string    `json:"final_url,omitempty"` // after redirects, where it differs
	Time       time.Time `json:"ts"`
	Title      string    `json:"title,omitempty"`
	Authors    []string  `json:"authors,omitempty"`
	Published  string    `json:"published,omitempty"`
	Modified   string    `json:"modified,omitempty"`
	Site       string    `json:"site,omitempty"`
	Section    string    `json:"section,omitempty"`
	Language   string    `json:"language,omitempty"`
	Canonical  string    `json:"canonical,omitempty"`
	Verdict    Verdict   `json:"verdict"`
	Reasons    []string  `json:"reasons,omitempty"`
	Hops       []Kept    `json:"hops,omitempty"`    // the redirects on the way
	Capture    *Kept     `json:"capture,omitempty"` // the page's own exchange
	Requisites []Kept    `json:"requisites,omitempty"`
	Photos     []Photo   `json:"photos,omitempty"`
	Extractor  string    `json:"extractor,omitempty"` // the program that read the page: photographs come out by its rules
	Run        string    `json:"run,omitempty"`       // of a page that was derived again (AddDerived): the run that captured it
}

const (
	// maxPageRow bounds one line of pages.jsonl in bytes. A page with a thousand requisites takes about 0.4 MB.
	maxPageRow = 64 << 20

	// The first lines of the lists of pages.
	pagesFormat   = "json-pages-1.0"
	pagesHeader   = `{"format":"json-pages-1.0","id":"pages","title":"Pages"}`
	derivedHeader = `{"format":"json-pages-1.0","id":"derived","title":"Pages of other runs, whose photographs were derived again"}`

	pageRecordType = "application/json"

	// pageTarget begins the target URI of a page's record, as in the WARC files of Browsertrix. With the page's own URL, software that
	// indexes every record by its target would give the description in place of the page.
	pageTarget = "urn:pageinfo:"
)

// Describe copies what the page's document says of itself; nil says nothing.
func (p *Page) Describe(d *page.Document) {
	if d == nil {
		return
	}
	p.Title, p.Published, p.Modified = d.Title.Value, d.Published.Value, d.Modified.Value
	p.Site, p.Section, p.Language, p.Canonical = d.Publisher.Value, d.Section.Value, d.Language.Value, d.Canonical.Value
	p.Authors = nil
	for _, a := range d.Authors {
		p.Authors = append(p.Authors, strings.TrimSpace(a.Value))
	}
}

// pageRecord is the block of the metadata record that a page is written as. It has one member.
type pageRecord struct {
	Page    json.RawMessage `json:"page,omitempty"`    // a page that the run captured
	Derived json.RawMessage `json:"derived,omitempty"` // a page of another run, read again
}

// AddPage lists a page: as a record in the WARC, as a row of pages.jsonl, and its photographs as rows of photos.jsonl. It gives the page an id when
// it has none. It is durable only after Sync. Like Record it goes through when ctx has ended: what was fetched is kept.
func (r *Run) AddPage(_ context.Context, p Page) error {
	if p.ID == "" {
		p.ID = rand.Text()
	}
	p.Run = ""
	return r.addPage(p)
}

// AddDerived lists what was read again of a page that another run captured: as a record in the WARC, as a row of photos/derived.jsonl, and its
// photographs as rows of photos.jsonl. p keeps the id that the page has in the run of; every position in it is one of that run or of the run
// that the position names. Requisites and hops are left out: the page's own row has them.
func (r *Run) AddDerived(_ context.Context, of string, p Page) error {
	if !runIDForm.MatchString(of) || of == r.ID() || p.ID == "" {
		return fmt.Errorf("adding page %s of run %.80q to run %s: it is no page of another run", p.URL, of, r.ID())
	}
	p.Run, p.Hops, p.Requisites = of, nil, nil
	if p.Capture != nil {
		capture := *p.Capture
		capture.Run = cmp.Or(capture.Run, of)
		p.Capture = &capture
	}
	p.Photos = slices.Clone(p.Photos)
	for i := range p.Photos {
		p.Photos[i] = p.Photos[i].in(of)
	}
	return r.addPage(p)
}

func (r *Run) addPage(p Page) error {
	p.Time = p.Time.UTC().Truncate(time.Microsecond)
	p.Extractor = cmp.Or(p.Extractor, r.extractor)
	d, row, err := p.draft()
	if err != nil {
		return fmt.Errorf("adding page %s to run %s: %w", p.URL, r.ID(), err)
	}
	if !r.facts.Kind.repeatable() {
		d.ConcurrentTo(p.photoRecords()...) // one capture event (WARC 1.1 §5.7), which of others' records cannot be said
	}

	r.life.RLock()
	defer r.life.RUnlock()
	if r.ended {
		return r.endedError()
	}
	r.listing.Lock()
	defer r.listing.Unlock()
	if _, err := r.writer.Write(d); err != nil {
		return fmt.Errorf("adding page %s to run %s: %w", p.URL, r.ID(), withSpace(err, r.draft.dir))
	}
	err = r.lists.add(p, row)

	r.mu.Lock()
	defer r.mu.Unlock()
	if p.Run == "" {
		r.facts.Counts.addPage(p.Verdict)
		if r.first.url == "" {
			r.first = p.main()
		}
	}
	if err != nil { // the record is whole: Commit lists the page from it
		r.stale = errors.Join(r.stale, err)
	}
	return nil
}

// main gives what a manifest says of the first page.
func (p Page) main() mainPage { return mainPage{url: p.URL, title: p.Title, at: p.Time} }

// draft makes the page's record, and the row that is inside it. The record refers to the page's own answer.
func (p Page) draft() (*warc.Draft, []byte, error) {
	row, err := p.encode()
	if err != nil {
		return nil, nil, err
	}
	target, about := p.URL, []string(nil)
	if p.Capture != nil {
		target = p.Capture.URL
		if p.Capture.Record != "" {
			about = append(about, p.Capture.Record)
		}
	}
	// Within the URN it is no longer seen to be a URL by whoever checks targets.
	if u, err := url.Parse(target); err != nil || !u.IsAbs() || u.User != nil {
		return nil, nil, fmt.Errorf("%w: %s is no absolute URL, or carries a user name", warc.ErrTarget, speakable(target))
	}
	// Put together by hand, as Marshal would escape the row a second way.
	member := `{"page":`
	if p.Run != "" {
		member = `{"derived":`
	}
	block := bytes.Join([][]byte{[]byte(member), row, []byte("}\n")}, nil)
	d, err := warc.NewJSON(pageTarget+target, pageRecordType, about, block)
	return d, row, err
}

// maxPhotoRecords bounds how many records of photographs the header of a page's record names; its block names all of them.
const maxPhotoRecords = 128

// photoRecords gives the records of the files of the page's photographs, each once.
func (p Page) photoRecords() []string {
	var ids []string
	for _, ph := range p.Photos {
		for _, f := range ph.Files {
			if f.Record != "" && f.Type != warc.Metadata && !slices.Contains(ids, f.Record) && len(ids) < maxPhotoRecords {
				ids = append(ids, f.Record)
			}
		}
	}
	return ids
}

// encode gives the page's row, without a line end.
func (p Page) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // addresses stay as people search for them
	if err := e.Encode(p); err != nil {
		return nil, err
	}
	row := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(row) > maxPageRow {
		return nil, fmt.Errorf("its row has %d bytes, more than %d", len(row), maxPageRow)
	}
	return row, nil
}

// ParsePage reads one row of a pages.jsonl, its first line excepted.
func ParsePage(row []byte) (Page, error) {
	var p Page
	if err := json.Unmarshal(row, &p); err != nil {
		return Page{}, fmt.Errorf("not a row of pages: %w", err)
	}
	if p.URL == "" {
		return Page{}, errors.New("not a row of pages: it has no url")
	}
	for i := range p.Photos {
		if p.Photos[i].Credit.Agreement == "" { // of a program that resolved no credits
			p.Photos[i].Credit.Agreement = photo.None
		}
	}
	return p, nil
}
