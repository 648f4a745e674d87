package crawlertest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"time"
)

// perFeed is how many articles a feed holds, newest first.
const perFeed = 20

func (e *edition) printFeeds() error {
	newest := e.newest()
	all := func(*Article) bool { return true }
	e.put(RSSPath, "application/rss+xml; charset=utf-8", newest, func() ([]byte, error) { return e.rss(Name, RSSPath, all) })
	e.put(AtomPath, "application/atom+xml; charset=utf-8", newest, e.atom)
	e.put(JSONFeedPath, "application/feed+json", newest, e.jsonFeed)
	for _, s := range e.sections {
		path := "/" + s.Slug + "/rss.xml"
		in := func(a *Article) bool { return a.Section == s.Slug }
		e.put(path, "application/rss+xml; charset=utf-8", newest, func() ([]byte, error) { return e.rss(Name+": "+s.Name, path, in) })
	}
	return nil
}

// feed chooses the articles of a feed.
func (e *edition) feed(has func(*Article) bool) []*Article {
	var out []*Article
	for i := range e.articles {
		if a := &e.articles[i]; has(a) && len(out) < perFeed {
			out = append(out, a)
		}
	}
	return out
}

// rss is RSS 2.0 with Dublin Core authors and Media RSS pictures.
type rss struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Media   string     `xml:"xmlns:media,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Built       string    `xml:"lastBuildDate"`
	Self        atomLink  `xml:"atom:link"`
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	GUID        rssGUID   `xml:"guid"`
	Published   string    `xml:"pubDate"`
	Creators    []string  `xml:"dc:creator"`
	Categories  []string  `xml:"category"`
	Description string    `xml:"description"`
	Media       *rssMedia `xml:"media:content"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	Value     string `xml:",chardata"`
}

type rssMedia struct {
	URL    string `xml:"url,attr"`
	Type   string `xml:"type,attr"`
	Width  int    `xml:"width,attr"`
	Height int    `xml:"height,attr"`
	Title  string `xml:"media:title,omitempty"`
	Credit string `xml:"media:credit,omitempty"`
}

func (e *edition) rss(title, path string, has func(*Article) bool) ([]byte, error) {
	doc := rss{
		Version: "2.0", DC: "http://purl.org/dc/elements/1.1/", Media: "http://search.yahoo.com/mrss/", Atom: "http://www.w3.org/2005/Atom",
		Channel: rssChannel{
			Title: title, Link: e.origin + "/", Description: "News from " + Name, Language: "en",
			Built: e.newest().Format(time.RFC1123Z), Self: atomLink{e.origin + path, "self", "application/rss+xml"},
		},
	}
	for _, a := range e.feed(has) {
		item := rssItem{
			Title: a.Headline, Link: a.URL + "?utm_source=rss&utm_medium=feed", GUID: rssGUID{true, a.URL}, Creators: a.Authors,
			Published: a.Published.Format(time.RFC1123Z), Categories: a.Tags, Description: a.Standfirst,
		}
		if p := a.Lead(); p != nil {
			r := p.rendition(widthLarge)
			item.Media = &rssMedia{r.URL, r.Format.ContentType(), r.Width, r.Height, p.Caption, p.Credit}
		}
		doc.Channel.Items = append(doc.Channel.Items, item)
	}
	return document(doc)
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
}

type atomEntry struct {
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Published string       `xml:"published"`
	Updated   string       `xml:"updated"`
	Links     []atomLink   `xml:"link"`
	Authors   []atomPerson `xml:"author"`
	Summary   string       `xml:"summary"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

func (e *edition) atom() ([]byte, error) {
	doc := atomFeed{
		ID: e.origin + "/", Title: Name, Updated: e.newest().Format(time.RFC3339),
		Links: []atomLink{{e.origin + AtomPath, "self", "application/atom+xml"}, {e.origin + "/", "alternate", "text/html"}},
	}
	for _, a := range e.feed(func(*Article) bool { return true }) {
		entry := atomEntry{
			ID: a.URL, Title: a.Headline, Summary: a.Standfirst, Links: []atomLink{{a.URL, "alternate", "text/html"}},
			Published: a.Published.Format(time.RFC3339), Updated: a.Modified.Format(time.RFC3339),
		}
		for _, name := range a.Authors {
			entry.Authors = append(entry.Authors, atomPerson{name})
		}
		doc.Entries = append(doc.Entries, entry)
	}
	return document(doc)
}

// jsonFeed is JSON Feed 1.1.
func (e *edition) jsonFeed() ([]byte, error) {
	type author struct {
		Name string `json:"name"`
	}
	type item struct {
		ID        string    `json:"id"`
		URL       string    `json:"url"`
		Title     string    `json:"title"`
		Summary   string    `json:"summary"`
		Image     string    `json:"image,omitempty"`
		Published time.Time `json:"date_published"`
		Modified  time.Time `json:"date_modified"`
		Authors   []author  `json:"authors"`
		Tags      []string  `json:"tags,omitempty"`
		Language  string    `json:"language"`
	}
	doc := struct {
		Version string `json:"version"`
		Title   string `json:"title"`
		Home    string `json:"home_page_url"`
		Self    string `json:"feed_url"`
		Items   []item `json:"items"`
	}{Version: "https://jsonfeed.org/version/1.1", Title: Name, Home: e.origin + "/", Self: e.origin + JSONFeedPath}
	for _, a := range e.feed(func(*Article) bool { return true }) {
		i := item{
			ID: a.URL, URL: a.URL, Title: a.Headline, Summary: a.Standfirst,
			Published: a.Published, Modified: a.Modified, Tags: a.Tags, Language: a.Language,
		}
		for _, name := range a.Authors {
			i.Authors = append(i.Authors, author{name})
		}
		if p := a.Lead(); p != nil {
			i.Image = p.URL
		}
		doc.Items = append(doc.Items, i)
	}
	return json.MarshalIndent(doc, "", " ")
}

// document writes v as an XML document.
func document(v any) ([]byte, error) {
	b, err := xml.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing %T: %w", v, err)
	}
	return append([]byte(xml.Header), append(b, '\n')...), nil
}
