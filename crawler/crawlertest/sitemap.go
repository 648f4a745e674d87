package crawlertest

import (
	"encoding/xml"
	"fmt"
	"time"
)

const (
	sitemapNS = "http://www.sitemaps.org/schemas/sitemap/0.9"
	imageNS   = "http://www.google.com/schemas/sitemap-image/1.1"
	newsNS    = "http://www.google.com/schemas/sitemap-news/0.9"

	// newsWindow is how long an article stays in a news sitemap: two days, as Google's format has it.
	newsWindow = 48 * time.Hour
	// currentWindow is how long it stays in the plain sitemap before it moves to the archive.
	currentWindow = 96 * time.Hour
)

type sitemapIndex struct {
	XMLName xml.Name       `xml:"sitemapindex"`
	NS      string         `xml:"xmlns,attr"`
	Maps    []sitemapEntry `xml:"sitemap"`
}

type sitemapEntry struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod"`
}

type urlset struct {
	XMLName xml.Name     `xml:"urlset"`
	NS      string       `xml:"xmlns,attr"`
	Image   string       `xml:"xmlns:image,attr,omitempty"`
	News    string       `xml:"xmlns:news,attr,omitempty"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc     string         `xml:"loc"`
	LastMod string         `xml:"lastmod,omitempty"`
	Images  []sitemapImage `xml:"image:image"`
	News    *sitemapNews   `xml:"news:news"`
}

type sitemapImage struct {
	Loc string `xml:"image:loc"`
}

type sitemapNews struct {
	Name      string `xml:"news:publication>news:name"`
	Language  string `xml:"news:publication>news:language"`
	Published string `xml:"news:publication_date"`
	Title     string `xml:"news:title"`
}

func (e *edition) printSitemaps() error {
	newest := e.newest()
	const typeXML = "application/xml; charset=utf-8"
	e.put(SitemapPath, typeXML, newest, e.sitemapIndex)
	e.put(SitemapNewPath, typeXML, newest, func() ([]byte, error) {
		return e.sitemap(func(a *Article) bool { return e.age(a) < currentWindow })
	})
	e.put(SitemapArchivePath, "application/gzip", newest, func() ([]byte, error) {
		b, err := e.sitemap(func(a *Article) bool { return e.age(a) >= currentWindow })
		if err != nil {
			return nil, err
		}
		return compress(b)
	})
	e.put(SitemapNewsPath, typeXML, newest, e.newsSitemap)
	robots := e.robots
	if robots == "" {
		robots = fmt.Sprintf("User-agent: *\nDisallow: /private/\nDisallow: %s\n\nSitemap: %s%s\nSitemap: %s%s\n",
			SearchPath, e.origin, SitemapPath, e.origin, SitemapNewsPath)
	}
	e.put(RobotsPath, "text/plain; charset=utf-8", e.date, func() ([]byte, error) { return []byte(robots), nil })
	return nil
}

func (e *edition) age(a *Article) time.Duration { return e.date.Sub(a.Published) }

func (e *edition) sitemapIndex() ([]byte, error) {
	doc := sitemapIndex{NS: sitemapNS}
	for _, path := range []string{SitemapNewPath, SitemapArchivePath} {
		doc.Maps = append(doc.Maps, sitemapEntry{e.origin + path, e.newest().Format(time.RFC3339)})
	}
	return document(doc)
}

func (e *edition) sitemap(has func(*Article) bool) ([]byte, error) {
	doc := urlset{NS: sitemapNS, Image: imageNS}
	for i := range e.articles {
		a := &e.articles[i]
		if !has(a) {
			continue
		}
		u := sitemapURL{Loc: a.URL, LastMod: a.Modified.Format(time.RFC3339)}
		for _, p := range a.Photographs {
			u.Images = append(u.Images, sitemapImage{p.URL})
		}
		doc.URLs = append(doc.URLs, u)
	}
	return document(doc)
}

func (e *edition) newsSitemap() ([]byte, error) {
	doc := urlset{NS: sitemapNS, News: newsNS}
	for i := range e.articles {
		a := &e.articles[i]
		if e.age(a) >= newsWindow {
			continue
		}
		doc.URLs = append(doc.URLs, sitemapURL{Loc: a.URL, News: &sitemapNews{
			Name: Name, Language: a.Language, Published: a.Published.Format(time.RFC3339), Title: a.Headline,
		}})
	}
	return document(doc)
}
