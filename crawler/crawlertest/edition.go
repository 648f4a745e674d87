package crawlertest

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tearsheet/crawler/crawlertest/darkroom"
)

// metadata shortens the darkroom's name where articles are made.
type metadata = darkroom.Metadata

func pressCarriers() []darkroom.Carrier { return []darkroom.Carrier{darkroom.IIM, darkroom.XMP} }

// edition is the paper as it stands between two edits: its articles, and a resource for every address. It never changes once it is made.
type edition struct {
	origin   string // scheme and authority that absolute URLs name
	seed     uint64
	date     time.Time
	robots   string
	sections []Section
	articles []Article // newest first
	set      *typeset
	routes   map[string]http.Handler
	missing  []byte // body of a 404
}

// print makes the resources of an edition whose articles are given.
func (e *edition) print() error {
	e.routes = make(map[string]http.Handler, 8*len(e.articles)+64)
	for _, step := range []func() error{e.printAssets, e.printFronts, e.printArticles, e.printFeeds, e.printSitemaps, e.printNotices} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// put adds a resource whose body is made on demand. The path is as it stands in URLs.
func (e *edition) put(path, contentType string, modified time.Time, body func() ([]byte, error)) {
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	e.routes[path] = newResource(contentType, modified, body)
}

const typeHTML = "text/html; charset=utf-8"

// handler finds what is served at a path; nil when there is nothing.
func (e *edition) handler(path string) http.Handler {
	if h, ok := e.routes[path]; ok {
		return h
	}
	if strings.HasPrefix(path, softPrefix) {
		return e.routes[softPrefix]
	}
	return nil
}

// find gives the article of a slug.
func (e *edition) find(slug string) (int, bool) {
	i := slices.IndexFunc(e.articles, func(a Article) bool { return a.Slug == slug })
	return i, i >= 0
}

// newest is when anything in the paper last changed.
func (e *edition) newest() time.Time {
	t := e.date.Add(-365 * 24 * time.Hour)
	for i := range e.articles {
		if m := e.articles[i].Modified; m.After(t) {
			t = m
		}
	}
	return t
}

// shotSeed gives every photograph its own chance, however often its scene is used.
func (e *edition) shotSeed(slug string) uint64 {
	h := fnv.New64a()
	h.Write(binary.BigEndian.AppendUint64(nil, e.seed))
	h.Write([]byte(slug))
	return h.Sum64()
}

func (e *edition) printArticles() error {
	for i := range e.articles {
		a := &e.articles[i]
		contentType, err := charsetHeader(a.Charset)
		if err != nil {
			return fmt.Errorf("article %q: %w", a.Slug, err)
		}
		e.put(a.Path(), contentType, a.Modified, func() ([]byte, error) { return e.articlePage(i) })
		for _, alias := range a.Aliases {
			path := strings.TrimPrefix(alias, e.origin)
			switch {
			case strings.HasPrefix(path, ampPrefix+"/"):
				e.put(path, typeHTML, a.Modified, func() ([]byte, error) { return e.ampPage(i) })
			case !strings.Contains(path, "?"): // queries are ignored anyway
				e.routes[path] = http.RedirectHandler(a.URL, http.StatusMovedPermanently)
			}
		}
		for _, p := range a.Photographs {
			for _, r := range p.Renditions {
				shot := p.print(r, e.shotSeed(p.Slug))
				e.put(r.Path, r.Format.ContentType(), a.Published, shot.Make)
			}
		}
	}
	return nil
}
