package page

import (
	"html"
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
	fromMicrodata
	fromByline
	fromHeading
	fromTitle
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
	case fromMeta:
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

// claims keeps the most believed statement of each fact. Of equals the first counts, except for authors, who add up.
type claims struct {
	value   [fieldCount]string
	from    [fieldCount]source
	authors []string
}

func (c *claims) say(f field, from source, value string) {
	if f == noField || len(value) > maxURL {
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
	if c.wants(f, from) {
		c.value[f], c.from[f] = value, from
	}
}

// wants says that a statement of f from that source would count.
func (c *claims) wants(f field, from source) bool {
	return c.from[f] == fromNowhere || from < c.from[f] || f == fieldAuthor && from == c.from[f]
}

func (c *claims) author(from source, name string) {
	name = cutByline(name)
	if name == "" || isAbsolute(name) || len(name) > 200 {
		return // a profile's address, or a paragraph
	}
	if len(c.authors) >= maxAuthors || !c.wants(fieldAuthor, from) {
		return
	}
	if from != c.from[fieldAuthor] {
		c.authors, c.from[fieldAuthor] = nil, from
	}
	for _, known := range c.authors {
		if strings.EqualFold(known, name) {
			return
		}
	}
	c.authors = append(c.authors, name)
}

// splitNames parts "Ana Lindqvist and Jo Marsh", where each part is as long as a name: "Smith and Sons" stays.
func splitNames(value string) []string {
	for _, and := range [...]string{" and ", " und ", " et ", " & "} {
		parts := strings.Split(value, and)
		if len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(strings.TrimSpace(p), " ") }) {
			return parts
		}
	}
	return []string{value}
}

// cutByline cuts the preposition with which a byline begins, if a capitalised name follows.
func cutByline(name string) string {
	name = strings.Trim(name, " ,;|")
	for _, by := range [...]string{"By ", "BY ", "by ", "Von ", "VON ", "Par ", "Por ", "Door "} {
		if rest, ok := strings.CutPrefix(name, by); ok && rest != "" && strings.ToUpper(rest[:1]) == rest[:1] {
			return strings.TrimSpace(rest)
		}
	}
	return name
}

func (c *claims) sourced(f field) Sourced {
	return Sourced{Value: c.value[f], Source: c.from[f].String()}
}

func (c *claims) sourcedAuthors() []Sourced {
	var out []Sourced
	for _, name := range c.authors {
		out = append(out, Sourced{Value: name, Source: c.from[fieldAuthor].String()})
	}
	return out
}

// metaField says which fact a <meta> states, by its name or property in lower case.
func metaField(name string) (field, source) {
	switch name {
	case "citation_title":
		return fieldTitle, fromCitation
	case "citation_author", "citation_authors":
		return fieldAuthor, fromCitation
	case "citation_publication_date", "citation_date", "citation_online_date":
		return fieldPublished, fromCitation
	case "citation_publisher", "citation_journal_title":
		return fieldPublisher, fromCitation
	case "citation_language":
		return fieldLanguage, fromCitation
	case "og:title":
		return fieldTitle, fromOG
	case "og:description":
		return fieldDescription, fromOG
	case "og:site_name":
		return fieldPublisher, fromOG
	case "og:type":
		return fieldType, fromOG
	case "og:url":
		return fieldCanonical, fromOG
	case "og:locale":
		return fieldLanguage, fromOG
	case "article:published_time", "og:article:published_time":
		return fieldPublished, fromOG
	case "article:modified_time", "og:article:modified_time", "og:updated_time":
		return fieldModified, fromOG
	case "article:section", "og:article:section":
		return fieldSection, fromOG
	case "article:author", "og:article:author":
		return fieldAuthor, fromOG
	}
	if rest, ok := dublinCore(name); ok {
		return dcField(rest), fromDC
	}
	return plainMetaField(name), fromMeta
}

func dublinCore(name string) (string, bool) {
	for _, prefix := range [...]string{"dc.", "dc:", "dcterms.", "dcterms:"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest, true
		}
	}
	return "", false
}

func dcField(term string) field {
	switch term {
	case "title":
		return fieldTitle
	case "creator":
		return fieldAuthor
	case "date", "date.issued", "issued", "created", "date.created":
		return fieldPublished
	case "modified", "date.modified":
		return fieldModified
	case "publisher":
		return fieldPublisher
	case "language":
		return fieldLanguage
	case "description":
		return fieldDescription
	case "type":
		return fieldType
	}
	return noField
}

func plainMetaField(name string) field {
	switch name {
	case "title", "twitter:title", "headline":
		return fieldTitle
	case "author", "byl", "twitter:creator:name":
		return fieldAuthor
	case "date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "publication-date", "datepublished":
		return fieldPublished
	case "last-modified", "lastmod", "datemodified", "revised":
		return fieldModified
	case "application-name":
		return fieldPublisher
	case "section":
		return fieldSection
	case "language", "content-language":
		return fieldLanguage
	case "description", "twitter:description":
		return fieldDescription
	}
	return noField
}
