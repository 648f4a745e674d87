package page

import (
	"html"
	"net/url"
	"slices"
	"strings"
)

// field is a fact about the article that several places of a page may state.
type field int

const (
	noField field = iota
	fieldTitle
	fieldPublished
	fieldModified
	fieldPublisher
	fieldSection
	fieldLanguage
	fieldCanonical
	fieldDescription
	fieldType
	fieldAuthor // the only one with several values
	fieldCount
)

// source is a place where a page states facts, in the order in which they are believed: what was written for machines about this very
// article, then what was written for indexers and for link previews, then what stands on the page for readers.
type source int

const (
	fromNowhere   source = iota
	fromCanonical        // <link rel=canonical>
	fromJSONLD
	fromCitation
	fromDC
	fromLang // <html lang>
	fromOG
	fromMeta
	fromAnalytics // what a page tells the firms that count its readers
	fromMicrodata
	fromByline
	fromHeading
	fromTitle
	sourceCount
)

func (s source) String() string {
	switch s {
	case fromJSONLD:
		return "json-ld"
	case fromCitation:
		return "citation"
	case fromDC:
		return "dc"
	case fromCanonical:
		return "link"
	case fromOG:
		return "og"
	case fromMeta, fromAnalytics:
		return "meta"
	case fromMicrodata:
		return "microdata"
	case fromByline:
		return "byline"
	case fromLang, fromHeading:
		return "html"
	case fromTitle:
		return "title"
	}
	return ""
}

// claims keeps what every source says of each fact. Of one source the first statement counts, except for authors, who add up, and for
// dates, where the first counts that can be read.
type claims struct {
	said    [fieldCount][sourceCount]string
	authors [sourceCount][]string
	site    string // the page's host without "www."
}

func newClaims(at *url.URL) claims {
	if at == nil {
		return claims{}
	}
	return claims{site: strings.TrimPrefix(at.Hostname(), "www.")}
}

func (c *claims) say(f field, from source, value string) {
	if f == noField || len(value) > maxURL || !c.wants(f, from) {
		return
	}
	if value = collapse(html.UnescapeString(value)); value == "" {
		return
	}
	if f == fieldAuthor {
		for _, name := range splitNames(value) {
			c.author(from, name)
		}
		return
	}
	if c.said[f][from] == "" || isDate(value) && !isDate(c.said[f][from]) {
		c.said[f][from] = value
	}
}

// wants says that a statement of f from that source could count.
func (c *claims) wants(f field, from source) bool {
	switch f {
	case fieldAuthor:
		return len(c.authors[from]) < maxAuthors
	case fieldPublished, fieldModified:
		return true
	}
	return c.said[f][from] == ""
}

func (c *claims) author(from source, name string) {
	name = cutByline(cutAddress(name))
	if name == "" || isAbsolute(name) || isRoleAccount(name) || len(name) > 200 || !c.wants(fieldAuthor, from) {
		return // a profile's address, or a paragraph
	}
	if !slices.ContainsFunc(c.authors[from], func(known string) bool { return strings.EqualFold(known, name) }) {
		c.authors[from] = append(c.authors[from], name)
	}
}

// best gives the source whose statement of f holds.
func (c *claims) best(f field) source {
	switch f {
	case fieldAuthor:
		return c.bestAuthors()
	case fieldTitle:
		return c.bestTitle()
	case fieldPublished, fieldModified:
		for from, value := range c.said[f] {
			if value != "" && isDate(value) {
				return source(from)
			}
		}
	}
	return c.first(f, func(string) bool { return true })
}

// first gives the most believed source whose statement of f is accepted; fromNowhere without one.
func (c *claims) first(f field, accept func(value string) bool) source {
	for from, value := range c.said[f] {
		if value != "" && accept(value) {
			return source(from)
		}
	}
	return fromNowhere
}

// bestTitle passes over titles that are the name of the site or of the section, where another source has the headline. Such a name
// with more behind it, as the title element of a section's page has it, is no headline either.
func (c *claims) bestTitle() source {
	best := c.first(fieldTitle, func(string) bool { return true })
	name := c.said[fieldTitle][best]
	if !c.isName(name) && !c.endsTitle(name) {
		return best
	}
	other := c.first(fieldTitle, func(title string) bool { return !c.isName(title) && !hasPrefixFold(title, name) })
	if other == fromNowhere {
		return best
	}
	return other
}

// isName says that a text is the name of the publication or of the section.
func (c *claims) isName(text string) bool {
	names := []string{c.site, c.sourced(fieldPublisher).Value, c.sourced(fieldSection).Value}
	return text != "" && slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(text, name) })
}

// isPublication says that a text is what any source calls the publication, or its host.
func (c *claims) isPublication(text string) bool {
	text = strings.TrimSpace(strings.TrimLeft(text, "©"))
	return strings.EqualFold(text, c.site) || c.first(fieldPublisher, func(p string) bool { return strings.EqualFold(p, text) }) != fromNowhere
}

// endsTitle says that the title element ends with the name and begins with a longer title from another source.
func (c *claims) endsTitle(name string) bool {
	before, ok := strings.CutSuffix(c.said[fieldTitle][fromTitle], " "+name)
	return ok && c.first(fieldTitle, func(title string) bool { return len(title) > len(name) && strings.HasPrefix(before, title) }) != fromNowhere
}

// bestAuthors gives the most believed source that names somebody. The publication itself is nobody, as long as another source names
// an author: many pages fill in their own name where a machine asks for one.
func (c *claims) bestAuthors() source {
	best := fromNowhere
	for from, names := range c.authors {
		if len(names) == 0 {
			continue
		}
		if !c.onlySite(names) {
			return source(from)
		}
		if best == fromNowhere {
			best = source(from)
		}
	}
	return best
}

// onlySite says that all names are the publication's, by what any source calls it, or the host's.
func (c *claims) onlySite(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		isPublisher := func(p string) bool { return strings.EqualFold(p, name) }
		return !isPublisher(c.site) && c.first(fieldPublisher, isPublisher) == fromNowhere
	})
}

// hasAuthor says that somebody is named who is not the publication.
func (c *claims) hasAuthor() bool {
	best := c.bestAuthors()
	return best != fromNowhere && !c.onlySite(c.authors[best])
}

func (c *claims) sourced(f field) Sourced {
	from := c.best(f)
	return Sourced{Value: c.said[f][from], Source: from.String()}
}

func (c *claims) sourcedAuthors() []Sourced {
	from := c.bestAuthors()
	var out []Sourced
	for _, name := range c.authors[from] {
		out = append(out, c.plain(name, from))
	}
	return out
}

// plain gives the name without the agency or office behind it, if another source says so: "Ana Lindqvist, Gazette" is left as it is
// said otherwise, since "Lindqvist, Ana" looks the same.
func (c *claims) plain(name string, from source) Sourced {
	before, _, ok := strings.Cut(name, ",")
	for other, names := range c.authors {
		if i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, before) }); ok && i >= 0 {
			return Sourced{Value: names[i], Source: source(other).String()}
		}
	}
	return Sourced{Value: name, Source: from.String()}
}
