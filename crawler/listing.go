package crawler

import (
	"fmt"
	"strings"

	"tearsheet/archive"
	"tearsheet/archive/page"
)

// listing gives the rows of the requisites, redirects before what they led to, in the order in which the page named them.
func (g *gathering) listing() []archive.Kept {
	rows := make([]archive.Kept, 0, len(g.order))
	for _, w := range g.order {
		for _, k := range w.hops {
			k.Kind = string(w.Kind) // the ledger's row may be of another page's use of it
			rows = append(rows, k)
		}
		rows = append(rows, w.row(g))
	}
	return rows
}

// row is what is listed of the requisite itself.
func (w *wanted) row(g *gathering) archive.Kept {
	row := archive.Kept{URL: w.URL, Failure: w.why, Time: g.now().UTC()}
	switch f := w.final; {
	case f == nil:
	case f.failure != "":
		row.URL, row.Failure = f.url.String(), f.failure
	default:
		row = f.kept
	}
	row.Kind = string(w.Kind)
	return row
}

// trouble says why a requisite is missing; "" when it arrived.
func (w *wanted) trouble() string {
	f := w.final
	if f == nil {
		return orElse(w.why, "it was not asked for")
	}
	k := f.kept
	switch {
	case f.failure != "":
		return f.failure
	case k.Status == 0:
		return orElse(k.Failure, "it did not answer")
	case f.location != nil:
		return fmt.Sprintf("it redirects more than %d times, or to itself", maxRequisiteHops)
	case f.astray != "":
		return f.astray
	case f.damage != "":
		return f.damage
	case k.Status < 200 || k.Status >= 300:
		return "it answered " + statusLine(k.Status)
	case k.Truncated != "":
		return fmt.Sprintf("its answer is cut (%s)", k.Truncated)
	case w.Kind == page.KindImage && k.Size == 0:
		return "its answer is empty"
	case w.Kind == page.KindImage && strings.HasPrefix(k.MIME, "text/html"):
		return "its answer is a web page, not a picture"
	}
	return ""
}

// missing lowers the judgement for what the page cannot be whole without: its style sheets and frames, what the user added, and its pictures,
// of which one rendition each is enough.
func (g *gathering) missing(pictures []page.Image, j *judgement) {
	for _, w := range g.order {
		if !w.Essential || w.Kind == page.KindImage {
			continue
		}
		if why := w.trouble(); why != "" {
			j.worsen("%s %s is missing: %s", kindName(w.Kind), w.URL, why)
		}
	}
	for _, picture := range pictures {
		why, found := "", false
		for _, c := range picture.Candidates {
			w := g.find(c)
			if w == nil {
				continue
			}
			found = true
			t := w.trouble()
			if t == "" {
				why = ""
				break
			}
			if why == "" {
				why = t
			}
		}
		if found && why != "" {
			j.worsen("picture %s is missing: %s", picture.Src, why)
		}
	}
}

// find gives what came of a URL that the page names; nil when it was none to be asked.
func (g *gathering) find(rawURL string) *wanted {
	u := resolve(g.page.url, rawURL)
	if u == nil {
		return nil
	}
	return g.known[ledgerKey(u)]
}

// photosOf lists the page's own pictures.
func photosOf(pictures []page.Image) []archive.Photo {
	var photos []archive.Photo
	for _, i := range pictures {
		photos = append(photos, archive.NewPhoto(i, nil, nil))
	}
	return photos
}

func kindName(k page.Kind) string {
	switch k {
	case page.KindStyle:
		return "style sheet"
	case page.KindOther:
		return "requisite"
	}
	return string(k)
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
