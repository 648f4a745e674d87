package page

import (
	"math"
	"strings"
)

// finish puts together what the walk collected.
func (r *reader) finish() *Document {
	d := &Document{URL: r.at, Refresh: r.refresh, Links: r.links}
	d.Paywalled = r.linked.say(&r.claims, r.at)
	for _, l := range r.linked.images {
		r.needs.add(r.res, l.url, KindImage, false)
	}
	r.sayTitle()
	r.sayBylines()
	c := &r.claims
	d.Canonical = c.sourced(fieldCanonical)
	if u, ok := r.res.resolve(d.Canonical.Value); ok {
		d.Canonical.Value = u
	} else {
		d.Canonical = Sourced{}
	}
	d.Title = c.sourced(fieldTitle)
	d.Authors = c.sourcedAuthors()
	d.Published = c.sourced(fieldPublished)
	d.Published.Value = dateText(d.Published.Value)
	d.Modified = c.sourced(fieldModified)
	d.Modified.Value = dateText(d.Modified.Value)
	d.Publisher = c.sourced(fieldPublisher)
	d.Section = c.sourced(fieldSection)
	d.Language = c.sourced(fieldLanguage)
	d.Description = c.sourced(fieldDescription)
	d.Type = c.sourced(fieldType)
	for _, p := range r.paras {
		d.TextLength += p.text
	}
	d.Images = r.images()
	for _, img := range d.Images {
		for _, u := range img.Candidates {
			r.needs.markEssential(u)
		}
	}
	d.Requisites, d.LeftOut, d.Unlisted = r.needs.ordered(), r.needs.leftOut+r.linked.leftOut, r.unlisted
	return d
}

// isTitle says that a heading is what the title element says before or beside the site's name, and not the site's name itself.
func (r *reader) isTitle(heading string) bool {
	return heading != "" && (strings.HasPrefix(r.title, heading) || len(heading) > len(r.title)/2 && strings.Contains(r.title, heading))
}

// sayTitle adds the titles that stand on the page for readers: the heading that the title element holds, else the title element.
func (r *reader) sayTitle() {
	for _, h := range r.headings {
		if r.isTitle(h.text) {
			r.claims.say(fieldTitle, fromHeading, h.text)
		}
	}
	r.claims.say(fieldTitle, fromTitle, r.title)
}

func (r *reader) images() []Image {
	if len(r.pics) == 0 && len(r.carriers) == 0 {
		return nil
	}
	s := newSelection(r)
	var out []Image
	for i, p := range s.pictures() {
		role := RoleBody
		if i == 0 && p.order < r.leadLimit() {
			role = RoleLead
		}
		out = append(out, s.image(p, role))
	}
	s.addFoot(out)
	return out
}

// leadLimit is the order of the third paragraph of running text: a picture before it stands at the top. A kicker, a byline and a teaser are
// paragraphs too, but short ones.
func (r *reader) leadLimit() int {
	limit, seen := math.MaxInt, 0
	for _, p := range r.paras {
		if p.text < runningText {
			continue
		}
		limit = p.order
		if seen++; seen == 3 {
			break
		}
	}
	return limit
}

// runningText is the length in characters from which a paragraph is taken for one of the article's text.
const runningText = 160
