package archive

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"time"

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
}

const (
	// maxPageRow bounds one line of pages.jsonl in bytes. A page with a thousand requisites takes about 0.4 MB.
	maxPageRow = 64 << 20

	// The first line of pages.jsonl. Readers tell it from a page by the absence of the word that every other line has.
	pagesHeader = `{"format":"json-pages-1.0","id":"pages","title":"Pages"}`

	pageRecordType = "application/json"

	// pageTarget begins the target URI of a page's record, as in the WARC files of Browsertrix. With the page's own URL, software that
	// indexes every record by its target would give the description in place of the page.
	pageTarget = "urn:pageinfo:"
)

// pageRecord is the block of the metadata record that a page is written as.
type pageRecord struct {
	Page json.RawMessage `json:"page"`
}

// AddPage lists a page: as a record in the WARC and as a row. It gives the page an id when it has none. It is durable only after Sync. Like
// Record it goes through when ctx has ended: what was fetched is kept.
func (r *Run) AddPage(_ context.Context, p Page) error {
	if p.ID == "" {
		p.ID = rand.Text()
	}
	p.Time = p.Time.UTC().Truncate(time.Microsecond)
	d, row, err := p.draft()
	if err != nil {
		return fmt.Errorf("adding page %s to run %s: %w", p.URL, r.ID(), err)
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
	err = r.pages.add(row)

	r.mu.Lock()
	defer r.mu.Unlock()
	r.facts.Counts.addPage(p.Verdict)
	if r.first.url == "" {
		r.first = p.main()
	}
	if err != nil { // the record is whole: Commit lists the page from it
		r.stale = errors.Join(r.stale, err)
	}
	return nil
}

// main gives what a manifest says of the first page.
func (p Page) main() mainPage { return mainPage{url: p.URL, title: p.Title, at: p.Time} }

// draft makes the page's record, and the row that is inside it.
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
	block := bytes.Join([][]byte{[]byte(`{"page":`), row, []byte("}\n")}, nil)
	d, err := warc.NewJSON(pageTarget+target, pageRecordType, about, block)
	return d, row, err
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
	return p, nil
}

// pageList writes a pages.jsonl.
type pageList struct{ file *digestFile }

func newPageList(path string) (*pageList, error) {
	f, err := newDigestFile(path)
	if err != nil {
		return nil, err
	}
	l := &pageList{f}
	if err := l.add([]byte(pagesHeader)); err != nil {
		return nil, errors.Join(err, f.drop())
	}
	return l, nil
}

func (l *pageList) add(row []byte) error {
	if _, err := l.file.Write(row); err != nil {
		return err
	}
	_, err := l.file.Write([]byte{'\n'})
	return err
}

func (l *pageList) drop() error { return l.file.drop() }

// readPageRows yields the rows of a pages.jsonl with their line numbers, from 2 on, and ends with an error when the first line is not its
// header or a line does not end. A row is valid until the next one is asked for.
func readPageRows(r io.Reader) iter.Seq2[pageRow, error] {
	return func(yield func(pageRow, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 0, 64<<10), maxPageRow+1)
		lines.Split(wholeLines)
		var offset int64
		for n := 1; lines.Scan(); n++ {
			row := pageRow{line: n, offset: offset, text: lines.Bytes()}
			offset += int64(len(row.text)) + 1
			if n == 1 {
				if !isPagesHeader(row.text) {
					yield(row, errors.New("the first line is not the header of a page list"))
					return
				}
				continue
			}
			if !yield(row, nil) {
				return
			}
		}
		err := lines.Err()
		if err == nil && offset == 0 {
			err = errors.New("the page list is empty, even of its header")
		}
		if err != nil {
			yield(pageRow{offset: offset}, fmt.Errorf("at byte %d: %w", offset, err))
		}
	}
}

type pageRow struct {
	line   int
	offset int64
	text   []byte
}

// wholeLines is bufio.ScanLines without forgiveness for a last line that was cut.
func wholeLines(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}

func isPagesHeader(line []byte) bool {
	var h struct{ Format string }
	return json.Unmarshal(line, &h) == nil && h.Format == "json-pages-1.0"
}
