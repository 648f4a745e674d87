package page

import "strings"

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
	case "article:author", "og:article:author", "og:author":
		return fieldAuthor, fromOG
	}
	if rest, ok := dublinCore(name); ok {
		return dcField(rest), fromDC
	}
	if f := plainMetaField(name); f != noField {
		return f, fromMeta
	}
	return analyticsField(name), fromAnalytics
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

// analyticsField knows the vocabularies in which pages tell services for analytics and mailing what they would not tell anybody else.
func analyticsField(name string) field {
	switch name {
	case "parsely-title", "sailthru.title":
		return fieldTitle
	case "parsely-author", "cxenseparse:author", "article_author", "article_author_name", "byline":
		return fieldAuthor
	case "parsely-pub-date", "sailthru.date", "cxenseparse:publishtime", "cxenseparse:recs:publishtime", "article_published_time":
		return fieldPublished
	case "article_modified_time":
		return fieldModified
	case "parsely-section":
		return fieldSection
	}
	if _, rest, ok := strings.Cut(name, ":"); ok && strings.HasPrefix(rest, "article_") {
		return analyticsField(rest)
	}
	return noField
}
