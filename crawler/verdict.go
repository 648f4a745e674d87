package crawler

import (
	"fmt"
	"net/url"
	"strings"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/page/wall"
)

// appearance is what the answer looks like to somebody who wonders whether it is the page. body is decoded, and UTF-8 where it is a document.
func (v *visit) appearance(body []byte) wall.Evidence {
	a := wall.Answer{URL: v.url, Status: v.status, Header: v.header, Body: body}
	if v.document != nil {
		a.Title, a.Text = v.document.Title.Value, v.document.TextLength
	}
	return wall.Look(a)
}

// judgement is what can be said of a page, first from its document, then from its requisites.
type judgement struct {
	verdict archive.Verdict
	reasons []string
	shown   bool // the document is the page, or as much of it as we are shown, and worth its requisites
}

// worsen lowers an ok to partial; other verdicts stay. The reason is told either way.
func (j *judgement) worsen(format string, args ...any) {
	if j.verdict == archive.OK {
		j.verdict = archive.Partial
	}
	j.reasons = append(j.reasons, fmt.Sprintf(format, args...))
}

// judge reads a page that answered with a 2xx status.
func (s *session) judge(p *archive.Page, v *visit) judgement {
	at, doc := v.url.String(), v.document
	if wall, ok := v.evidence.Challenge(); ok {
		return judgement{verdict: archive.Blocked, reasons: []string{fmt.Sprintf("%s is %s, not the page", at, wall)}}
	}
	if v.kept.Size == 0 && v.kept.Truncated == "" {
		return judgement{verdict: archive.Failed, reasons: []string{fmt.Sprintf("%s answered %s with an empty body", at, statusLine(v.status))}}
	}
	if v.unread {
		return judgement{verdict: archive.Failed, reasons: []string{fmt.Sprintf("%s is recorded, but nothing of it can be read: %s", at, v.damage)}}
	}
	if v.media == "" {
		j := judgement{verdict: archive.OK, shown: true}
		if kind, _, _ := strings.Cut(v.actual, "/"); kind != "image" && v.actual != "application/pdf" {
			j.reasons = []string{fmt.Sprintf("%s is no web page (%s); it is kept as it is", at, v.actual)}
		}
		s.wholeness(&j, v)
		return j
	}
	j := judgement{verdict: archive.OK, shown: true}
	s.wholeness(&j, v)
	switch {
	case doc == nil:
		j.worsen("%s could not be read, so that what it needs is not known: %v", at, v.err)
	case v.evidence.ConsentWall():
		return judgement{verdict: archive.Blocked, reasons: []string{fmt.Sprintf("%s asks for consent instead of showing the page", at)}}
	case v.evidence.NotFound():
		return judgement{verdict: archive.Soft404, reasons: []string{fmt.Sprintf("%s answered %s but says “%s”", at, statusLine(v.status), p.Title)}}
	case len(p.Hops) > 0 && leadsHome(p.URL, v.url):
		return judgement{verdict: archive.Soft404, reasons: []string{fmt.Sprintf("%s leads to the home page of its site, %s", p.URL, at)}}
	case doc.Paywalled && doc.TextLength < wall.PreviewText:
		j.verdict = archive.Blocked
		j.reasons = append(j.reasons, fmt.Sprintf("%s is behind a paywall: it says that it is not free, and shows %d characters of text", at, doc.TextLength))
	case isShell(doc):
		j.worsen("%s holds no text, picture or link: scripts would have to make the page", at)
	}
	if doc != nil && doc.LeftOut > 0 {
		j.worsen("%d of its requisites were not fetched: a page may name at most %d", doc.LeftOut, page.MaxRequisites)
	}
	if doc != nil && doc.Unlisted > 0 {
		j.worsen("%d of its pictures are not listed as photographs: it shows too many", doc.Unlisted)
	}
	return j
}

// wholeness worsens the judgement of an answer that was cut.
func (s *session) wholeness(j *judgement, v *visit) {
	if v.kept.Truncated != "" {
		j.worsen("the answer of %s is cut (%s)", v.url, v.kept.Truncated)
	} else if v.kept.Failure != "" {
		j.worsen("the answer of %s is broken: %s", v.url, v.kept.Failure)
	} else if v.damage != "" {
		j.worsen("%s is recorded, but %s", v.url, v.damage)
	} else if v.cut != "" {
		j.worsen("%s is recorded, but %s", v.url, v.cut)
	}
}

// isShell reports whether a document is an empty frame for scripts.
func isShell(d *page.Document) bool {
	if d.TextLength > 0 || len(d.Images) > 0 || len(d.Links) > 0 {
		return false
	}
	for _, r := range d.Requisites {
		if r.Kind == page.KindScript {
			return true
		}
	}
	return false
}

// leadsHome reports whether a page that is not a site's home page led to it: the way in which many sites say that an article is gone.
func leadsHome(asked string, final *url.URL) bool {
	from, err := url.Parse(asked)
	if err != nil {
		return false
	}
	site := func(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }
	return site(from.Hostname()) == site(final.Hostname()) && isHome(final.Path) && final.RawQuery == "" && !isHome(from.Path)
}

func isHome(path string) bool {
	switch strings.ToLower(strings.Trim(path, "/")) {
	case "", "index.html", "index.htm", "index.php", "home":
		return true
	}
	return false
}
