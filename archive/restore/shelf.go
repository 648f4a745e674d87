package restore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/index"
	"tearsheet/archive/page"
	"tearsheet/archive/warc"
)

// maxHops is how many redirects a requisite may go through.
const maxHops = 10

// asset is a captured requisite that a document refers to.
type asset struct {
	url  string // as referred to
	kind page.Kind
	name string
	run  string
	kept archive.Kept
}

// captures is what the page's row says was captured with it, and where the files of it go. It answers for all documents of one folder.
type captures struct {
	ctx      context.Context
	archive  *archive.Archive
	ref      archive.PageRef
	maxDrift time.Duration

	byURL   map[string]archive.Kept
	byKey   map[string]archive.Kept // by SURT: what differs in scheme or www only
	found   map[string]*asset       // by URL; nil for what is not there
	missing map[string]Missing
	queue   []*asset // referred to and not yet written
	err     error    // the first that is not about one requisite
}

func newCaptures(ctx context.Context, a *archive.Archive, ref archive.PageRef, maxDrift time.Duration) *captures {
	c := &captures{
		ctx: ctx, archive: a, ref: ref, maxDrift: maxDrift, byURL: map[string]archive.Kept{}, byKey: map[string]archive.Kept{},
		found: map[string]*asset{}, missing: map[string]Missing{},
	}
	for _, k := range ref.Page.Requisites {
		c.byURL[k.URL] = k
		// Of several spellings the first is kept, and a failure gives way to what came.
		if key, err := index.SURT(k.URL); err == nil {
			if known, ok := c.byKey[key]; !ok || !arrived(known) && arrived(k) {
				c.byKey[key] = k
			}
		}
	}
	return c
}

// arrived reports whether there is an answer in the archive.
func arrived(k archive.Kept) bool { return k.File != "" && k.Type != warc.Metadata && k.Length > 0 }

// lookup gives what was captured of a URL in the page's own run.
func (c *captures) lookup(url string) (archive.Kept, bool) {
	if k, ok := c.byURL[url]; ok && arrived(k) {
		return k, true
	}
	key, err := index.SURT(url)
	if err != nil {
		return archive.Kept{}, false
	}
	k, ok := c.byKey[key]
	return k, ok
}

// take gives the asset of a URL, or nil and the reason.
func (c *captures) take(url string, kind page.Kind) (*asset, string) {
	run, at := c.ref.RunID, url
	for range maxHops {
		k, ok := c.lookup(at)
		if !ok || !arrived(k) {
			var reason string
			if k, run, reason = c.elsewhere(at, k); reason != "" {
				return nil, reason
			}
		}
		if k.Status >= 300 && k.Status < 400 {
			to, err := c.location(run, k, at)
			if err != nil {
				c.fail(err)
				return nil, err.Error()
			}
			if to != "" {
				at = to
				continue
			}
		}
		if (k.Status < 200 || k.Status > 299) && k.Status != 0 && !strings.HasPrefix(k.MIME, "image/") {
			return nil, fmt.Sprintf("the server answered %d", k.Status)
		}
		if kind == page.KindFrame && !isHTML(k.MIME) {
			return nil, fmt.Sprintf("it is no document but %q", k.MIME)
		}
		ext := extensionOf(kind, k.MIME)
		return &asset{url: url, kind: kind, name: fileName(url, string(kind)+"\n"+k.Digest, ext), run: run, kept: k}, ""
	}
	return nil, "too many redirects"
}

// elsewhere looks for a URL that was not captured with the page in the rest of the archive, at most maxDrift away in time.
func (c *captures) elsewhere(url string, own archive.Kept) (archive.Kept, string, string) {
	reason := "it was not captured"
	if own.Failure != "" {
		reason = "it could not be fetched: " + own.Failure
	}
	if c.maxDrift <= 0 {
		return archive.Kept{}, "", reason
	}
	f, err := c.archive.Closest(c.ctx, url, c.ref.Page.Time)
	if errors.Is(err, archive.ErrNotArchived) {
		return archive.Kept{}, "", reason
	}
	if err != nil {
		c.fail(err)
		return archive.Kept{}, "", err.Error()
	}
	at := f.Row.Timestamp.Time()
	if drift := at.Sub(c.ref.Page.Time).Abs(); drift > c.maxDrift {
		return archive.Kept{}, "", fmt.Sprintf("%s, and the nearest capture is %v away", reason, drift.Round(time.Second))
	}
	return keptOfRow(f.Row), f.RunID, ""
}

// location gives where a redirect leads; "" when it leads nowhere.
func (c *captures) location(run string, k archive.Kept, from string) (string, error) {
	rec, closer, err := readKept(c.ctx, c.archive, run, k)
	if err != nil {
		return "", err
	}
	head, err := rec.Head()
	if err := errors.Join(err, closer.Close()); err != nil {
		return "", err
	}
	if to := head.Header.Get("Location"); to != "" {
		to, _, _ = strings.Cut(resolve(from, to, ""), "#")
		return to, nil
	}
	return "", nil
}

// fail keeps an error that makes the whole restoring fail: bytes that are not what they were are, a requisite that is not there is not.
func (c *captures) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *captures) miss(url string, kind page.Kind, reason string) {
	if _, known := c.missing[url]; !known {
		c.missing[url] = Missing{URL: url, Kind: kind, Reason: reason}
	}
}

// folderShelf is the shelf of the documents in one folder of the restored page.
type folderShelf struct {
	*captures
	toFiles string // from that folder to the one with the files: "files/" or ""
}

func (s folderShelf) file(url string, kind page.Kind) string {
	id := string(kind) + " " + url
	a, known := s.found[id]
	if !known {
		var reason string
		if a, reason = s.take(url, kind); a == nil {
			s.miss(url, kind, reason)
		} else {
			s.queue = append(s.queue, a)
		}
		s.found[id] = a
	}
	if a == nil {
		return ""
	}
	return s.toFiles + a.name
}

func (s folderShelf) picture(url string) string {
	if k, ok := s.lookup(url); !ok || !arrived(k) || !s.isPicture(k) {
		return ""
	}
	return s.file(url, page.KindImage)
}

// isPicture reports whether what was captured is one, as far as that can be told without reading it. A redirect may lead to one.
func (s folderShelf) isPicture(k archive.Kept) bool {
	return strings.HasPrefix(k.MIME, "image/") && k.Status < 300 || k.Status >= 300 && k.Status < 400
}
