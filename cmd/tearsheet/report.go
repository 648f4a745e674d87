package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/schollz/progressbar/v3"

	"tearsheet/archive"
	"tearsheet/crawler"
)

// totals sums a run up.
type totals struct {
	Pages      int     `json:"pages"`
	OK         int     `json:"ok"`
	Partial    int     `json:"partial"`
	Blocked    int     `json:"blocked"`
	Soft404    int     `json:"soft-404"`
	Failed     int     `json:"failed"`
	Photos     int     `json:"photos"`
	Requisites int     `json:"requisites"`
	Requests   int     `json:"requests"`
	Bytes      int64   `json:"bytes"` // received
	Seconds    float64 `json:"seconds"`
}

func (t *totals) add(p archive.Page) {
	t.Pages++
	t.Photos += len(p.Photos)
	t.Requisites += len(p.Requisites)
	switch p.Verdict {
	case archive.OK:
		t.OK++
	case archive.Partial:
		t.Partial++
	case archive.Blocked:
		t.Blocked++
	case archive.Soft404:
		t.Soft404++
	case archive.Failed:
		t.Failed++
	}
}

// verdicts tells the counts that are not zero: "2 ok, 1 partial".
func (t *totals) verdicts() string {
	text := ""
	for _, c := range []struct {
		n    int
		what archive.Verdict
	}{{t.OK, archive.OK}, {t.Partial, archive.Partial}, {t.Blocked, archive.Blocked}, {t.Soft404, archive.Soft404}, {t.Failed, archive.Failed}} {
		if c.n == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", c.n, c.what)
	}
	return text
}

// result is the error that a run with these totals ends with: nil when every page is ok.
func (t *totals) result() error {
	switch {
	case t.OK == t.Pages:
		return nil
	case t.Blocked == t.Pages:
		return resultf(codeBlocked, "blocked: none of %s could be captured", english.Plural(t.Pages, "page", ""))
	case t.OK+t.Partial == 0:
		return resultf(codeNothing, "nothing was captured: %s", t.verdicts())
	default:
		return resultf(codePartial, "not everything was captured: %s", t.verdicts())
	}
}

// reader is whom a report is for.
type reader int

const (
	nobody reader = iota
	people
	machine
)

// report tells a run's pages as they finish and its totals at the end, to people or to a machine, and shows the progress to a terminal.
type report struct {
	a       *app
	to      reader
	run     string
	begun   time.Time
	verdict palette

	mu     sync.Mutex // the crawler tells progress and pages from different goroutines
	totals totals
	bar    *progressbar.ProgressBar // nil when nobody looks
}

func (a *app) newReport(to reader, pages int) *report {
	r := &report{a: a, to: to, begun: time.Now(), verdict: a.palette()}
	if !a.flags.quiet && terminal(a.stderr) {
		if pages == 1 {
			pages = -1 // a bar of one page would stand at nothing until the end: a spinner shows that it goes on
		}
		r.bar = progressbar.NewOptions(pages,
			progressbar.OptionSetWriter(a.stderr),
			progressbar.OptionSetDescription("capturing"),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	return r
}

// begin tells the run's id.
func (r *report) begin(run string) {
	r.run = run
	r.a.log.Info("the run begins", "run", run, "archive", r.a.settings.Archive)
	if r.to == machine {
		fmt.Fprintf(r.a.stdout, "{\"run\":%s,\"pages\":[", quoted(run))
	}
}

// progress takes the crawler's events.
func (r *report) progress(e crawler.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.totals.Requests, r.totals.Bytes = e.Requests, e.Bytes
	if r.bar == nil {
		return
	}
	r.bar.Describe(fmt.Sprintf("%d requests, %s", e.Requests, humanize.Bytes(uint64(e.Bytes))))
	if r.bar.GetMax() < 0 {
		r.onBar(r.bar.Add(1))
		return
	}
	r.onBar(r.bar.Set(e.PagesDone))
}

// onBar gives the progress bar up when the terminal takes no more.
func (r *report) onBar(err error) {
	if err != nil {
		r.bar = nil
	}
}

// page tells one finished page.
func (r *report) page(p archive.Page) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.totals.add(p)
	r.a.log.Info("a page is archived", "url", p.URL, "verdict", p.Verdict, "reasons", p.Reasons, "photos", len(p.Photos), "requisites", len(p.Requisites))
	if r.bar != nil {
		r.onBar(r.bar.Clear())
	}
	switch r.to {
	case machine:
		if r.totals.Pages > 1 {
			fmt.Fprint(r.a.stdout, ",")
		}
		fmt.Fprint(r.a.stdout, quoted(p))
	case people:
		r.pageForPeople(p)
	}
}

func (r *report) pageForPeople(p archive.Page) {
	out := r.a.stdout
	fmt.Fprintf(out, "%s %s\n", r.verdict.of(p.Verdict), p.URL)
	if p.Title != "" {
		fmt.Fprintf(out, "         %s\n", plain(p.Title))
	}
	if p.Capture != nil && p.Capture.Status != 0 {
		bytes := p.Capture.Size
		for _, k := range p.Requisites {
			bytes += k.Size
		}
		fmt.Fprintf(out, "         HTTP %d, %s, %s, %s\n", p.Capture.Status, english.Plural(len(p.Photos), "photo", "photos"),
			english.Plural(len(p.Requisites), "requisite", ""), humanize.Bytes(uint64(bytes)))
	}
	r.photosForPeople(p.Photos)
	told := min(len(p.Reasons), maxReasons)
	for _, reason := range p.Reasons[:told] {
		fmt.Fprintf(out, "         - %s\n", plain(reason))
	}
	if more := len(p.Reasons) - told; more > 0 {
		fmt.Fprintf(out, "         - and %d more: see them with ls --json\n", more)
	}
}

// photosForPeople tells of each photograph what it shows and who made it.
func (r *report) photosForPeople(photos []archive.Photo) {
	told := min(len(photos), maxPhotos)
	for _, p := range photos[:told] {
		fmt.Fprintf(r.a.stdout, "         photo: %s\n", caption(p))
		for _, line := range creditLines(p) {
			fmt.Fprintf(r.a.stdout, "                %s\n", line)
		}
	}
	if more := len(photos) - told; more > 0 {
		fmt.Fprintf(r.a.stdout, "         and %s more: see them with tearsheet photos --run %s\n", english.Plural(more, "photo", "photos"), r.run)
	}
}

// maxPhotos bounds the photographs of one page that a person is shown: galleries have hundreds.
const maxPhotos = 20

// maxReasons bounds the reasons of one page that a person is shown. A machine gets all of them.
const maxReasons = 10

// finish tells the totals; entry is nil when the run was not committed.
func (r *report) finish(entry *archive.Entry, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.totals.Seconds = now.Sub(r.begun).Round(time.Millisecond).Seconds()
	if entry != nil {
		r.a.log.Info("the run is committed", "run", r.run, "entry", entry.N, "pages", r.totals.Pages, "requests", r.totals.Requests, "bytes", r.totals.Bytes)
	}
	if r.bar != nil {
		r.onBar(r.bar.Finish())
	}
	switch {
	case r.to == machine:
		fmt.Fprintf(r.a.stdout, "],\"entry\":%s,\"totals\":%s}\n", quoted(entry), quoted(r.totals))
	case r.to == people && entry != nil:
		r.totalsForPeople()
	}
}

func (r *report) totalsForPeople() {
	t := &r.totals
	fmt.Fprintf(r.a.stdout, "\n%s (%s), %s, %s, %s in %.1f s\n", english.Plural(t.Pages, "page", ""), t.verdicts(),
		english.Plural(t.Photos, "photo", "photos"), english.Plural(t.Requests, "request", ""), humanize.Bytes(uint64(t.Bytes)), t.Seconds)
	fmt.Fprintf(r.a.stdout, "archived in %s as run %s\n", r.a.settings.Archive, r.run)
	if t.OK+t.Partial > 0 {
		fmt.Fprintf(r.a.stdout, "give a page back: tearsheet restore --archive %s --format folder -o FOLDER URL\n", shellQuoted(r.a.settings.Archive))
	}
}
