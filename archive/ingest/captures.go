package ingest

import (
	"cmp"
	"encoding/json"
	"hash/maphash"
	"net/url"
	"slices"
	"strings"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// pageInfo begins the target of a record that tells of a page.
const pageInfo = "urn:pageinfo:"

// capture is an answer in an imported file, with what the records beside it say of how it was come by.
type capture struct {
	archive.Kept
	next     *capture // the one before it with the same SURT
	location string   // where it redirects to, absolute
	sha1     [20]byte // of the payload, as the record states it or else by its bytes; zero where it is not known
	asked    request
	hop      *hop   // nil when nothing tells
	resource string // WARC-Resource-Type
}

// request is what a request record says of why something was asked for.
type request struct {
	method, referer, dest string
}

// hop is what a crawler's metadata says.
type hop struct{ path, via string }

// captures are the answers of an import.
type captures struct {
	all    []*capture
	seed   maphash.Seed
	byKey  map[uint64]*capture // by hash of the SURT, which leaves out scheme and www: the last of a chain
	byID   map[string]*capture
	byFile map[string][]*capture    // in the order in which they stand there
	bySum  map[warc.Digest]*capture // what is no revisit, by digests of the payload; nil until a revisit asks

	redirects map[string][]*capture // by the URL to which they send
	needed    map[string][]*capture // by the URL of the page on whose behalf they were asked for

	requests map[string]request // by record id: of responses that name them and have not come yet
	asked    map[string]request // by the id of a response that has not come yet
	hops     map[string]hop     // the same

	described map[string]*archive.Page // by record id of the page's answer: this program's own page records
	listed    map[string][]string      // by page URL: what a browser asked for on its behalf
	browsed   map[string]bool          // files with such lists: their documents that are in none of them are no pages
}

func newCaptures() *captures {
	return &captures{
		seed: maphash.MakeSeed(), byKey: map[uint64]*capture{}, byID: map[string]*capture{}, byFile: map[string][]*capture{},
		redirects: map[string][]*capture{}, needed: map[string][]*capture{},
		requests: map[string]request{}, asked: map[string]request{}, hops: map[string]hop{},
		described: map[string]*archive.Page{}, listed: map[string][]string{}, browsed: map[string]bool{},
	}
}

// look takes up a record.
func (c *captures) look(m archive.Met) error {
	switch m.Kept.Type {
	case warc.Request:
		c.request(m)
	case warc.Metadata:
		c.metadata(m)
	case warc.Resource:
		if strings.HasPrefix(m.Kept.URL, pageInfo) {
			c.browserPage(m)
			return nil
		}
		c.answer(m)
	case warc.Response, warc.Revisit:
		c.answer(m)
	}
	return nil
}

// request keeps what a request says for the response that it belongs to, which may stand before or behind it and may name it or be named.
func (c *captures) request(m archive.Met) {
	if m.Head == nil {
		return
	}
	r := request{method: m.Head.Method, referer: m.Head.Header.Get("Referer"), dest: m.Head.Header.Get("Sec-Fetch-Dest")}
	if r == (request{method: "GET"}) {
		return // it says nothing
	}
	named := false
	for _, id := range m.Concurrent {
		named = true
		if known, ok := c.byID[id]; ok {
			known.asked = r
		} else {
			c.asked[id] = r
		}
	}
	if !named && m.Kept.Record != "" {
		c.requests[m.Kept.Record] = r
	}
}

func (c *captures) answer(m archive.Met) {
	if !m.Indexed || !isWeb(m.Kept.URL) {
		return
	}
	a := &capture{Kept: m.Kept, resource: strings.ToLower(m.Resource)}
	a.URL, a.Record = strings.Clone(a.URL), strings.Clone(a.Record) // the rest of the record's header need not stay
	for _, d := range m.Digests {
		if d.Algorithm() == warc.SHA1 { // SHA-256 is in Kept
			a.sha1 = [20]byte(d.Sum())
		}
	}
	if a.Status >= 300 && a.Status < 400 && m.Head != nil {
		a.location = resolve(a.URL, m.Head.Header.Get("Location"))
	}
	if r, ok := c.asked[a.Record]; ok {
		a.asked = r
		delete(c.asked, a.Record)
	}
	for _, id := range m.Concurrent {
		if r, ok := c.requests[id]; ok {
			a.asked = r
			delete(c.requests, id)
		}
	}
	if h, ok := c.hops[a.Record]; ok {
		a.hop = &h
		delete(c.hops, a.Record)
	}
	if a.Record != "" {
		if same, ok := c.byID[a.Record]; ok && same.URL == a.URL && same.Time.Equal(a.Time) {
			return // the same record once more, in another file
		}
		c.byID[a.Record] = a
	}
	c.all = append(c.all, a)
	c.byFile[a.File] = append(c.byFile[a.File], a)
	if a.location != "" {
		c.redirects[a.location] = append(c.redirects[a.location], a)
	}
	if key, err := index.SURT(a.URL); err == nil {
		hash := maphash.String(c.seed, key)
		a.next, c.byKey[hash] = c.byKey[hash], a
	}
}

// metadata takes up what a crawler says beside an answer, and pages that this program described.
func (c *captures) metadata(m archive.Met) {
	if strings.HasPrefix(m.Kept.URL, pageInfo) {
		c.ownPage(m)
		return
	}
	fields, err := warc.ParseFields(m.Block)
	if err != nil {
		return // prose, or a form of somebody else: it says nothing here
	}
	h, told := hop{path: "?"}, false
	for _, f := range fields {
		switch f.Name {
		case "seed":
			h.path, told = "", true
		case "hopsFromSeed":
			h.path, told = f.Value, true
		case "via":
			h.via = f.Value
		}
	}
	if !told && h.via == "" {
		return
	}
	for _, id := range append([]string{m.RefersTo}, m.Concurrent...) {
		if known, ok := c.byID[id]; ok {
			known.hop = &h
		} else if id != "" {
			c.hops[id] = h
		}
	}
}

// ownPage takes up a page's record of this program, from another archive.
func (c *captures) ownPage(m archive.Met) {
	var block struct{ Page json.RawMessage }
	if json.Unmarshal(m.Block, &block) != nil || len(block.Page) == 0 {
		return
	}
	p, err := archive.ParsePage(block.Page)
	if err != nil || p.Capture == nil || p.Capture.Record == "" {
		return
	}
	c.described[p.Capture.Record] = &p
}

// browserPage takes up a page's record of a browser-based crawler: the URLs for which the browser asked.
func (c *captures) browserPage(m archive.Met) {
	var block struct {
		URL  string
		URLs map[string]json.RawMessage
	}
	if json.Unmarshal(m.Block, &block) != nil || block.URL == "" {
		return
	}
	c.browsed[m.Kept.File] = true
	for u := range block.URLs {
		c.listed[block.URL] = append(c.listed[block.URL], u)
	}
	slices.Sort(c.listed[block.URL])
	c.listed[block.URL] = slices.Compact(append(c.listed[block.URL], block.URL))
}

// settle is called when all records have been seen.
func (c *captures) settle() {
	for _, a := range c.all {
		for _, parent := range []string{a.asked.referer, a.via()} {
			if parent != "" && parent != a.URL {
				c.needed[parent] = append(c.needed[parent], a)
			}
		}
	}
}

func (a *capture) via() string {
	if a.hop == nil {
		return ""
	}
	return a.hop.via
}

// find gives the answer to a URL that is nearest to a time: an answer with the page's own spelling before one under the same SURT, and one that
// brought something before a refusal.
func (c *captures) find(address string, at time.Time) *capture {
	key, err := index.SURT(address)
	if err != nil {
		return nil
	}
	var exact, alike *capture
	for a := c.byKey[maphash.String(c.seed, key)]; a != nil; a = a.next {
		if a.URL == address {
			exact = nearer(exact, a, at)
		} else {
			alike = nearer(alike, a, at)
		}
	}
	if exact != nil {
		return exact
	}
	return alike
}

// nearer gives the better of two answers; best may be nil.
func nearer(best, a *capture, at time.Time) *capture {
	switch {
	case best == nil:
		return a
	case a.refused() != best.refused():
		if best.refused() {
			return a
		}
		return best
	case away(a, at) <= away(best, at): // of two of one time the earlier in the file, which a chain has last
		return a
	}
	return best
}

// at gives the answer at a place of a file.
func (c *captures) at(file string, offset int64) *capture {
	all := c.byFile[file]
	i, ok := slices.BinarySearchFunc(all, offset, func(a *capture, offset int64) int { return cmp.Compare(a.Offset, offset) })
	if !ok {
		return nil
	}
	return all[i]
}

func (a *capture) refused() bool {
	return a.Status >= 400 || a.Status > 0 && a.Status < 200 || a.Status == 304 && a.Type != warc.Revisit
}

func away(a *capture, at time.Time) time.Duration { return a.Time.Sub(at).Abs() }

// original gives the answer whose payload a revisit has; nil when the import does not hold it. What is no revisit is its own.
func (c *captures) original(a *capture) *capture {
	if a.Type != warc.Revisit {
		return a
	}
	if c.bySum == nil {
		c.bySum = map[warc.Digest]*capture{}
		for _, o := range c.all {
			for _, d := range o.digests() {
				if o.Type != warc.Revisit && c.bySum[d] == nil {
					c.bySum[d] = o
				}
			}
		}
	}
	for _, d := range a.digests() {
		if o := c.bySum[d]; o != nil {
			return o
		}
	}
	return nil
}

// digests gives what is known of the payload.
func (a *capture) digests() []warc.Digest {
	var all []warc.Digest
	if a.sha1 != [20]byte{} {
		all = append(all, warc.NewDigest(warc.SHA1, a.sha1[:]))
	}
	if d, err := warc.ParseDigest(a.Digest); err == nil {
		all = append(all, d)
	}
	return all
}

// isWeb reports whether a URL is one of HTTP, which pages and requisites have. Files also hold dns: and urn: records.
func isWeb(address string) bool {
	scheme, _, _ := strings.Cut(address, ":")
	return strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")
}

// resolve makes a reference absolute, without fragment; "" for none.
func resolve(base, ref string) string {
	b, err := url.Parse(base)
	if err != nil || ref == "" {
		return ""
	}
	u, err := b.Parse(strings.TrimSpace(ref))
	if err != nil || !isWeb(u.String()) {
		return ""
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}
