package page

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// linkedData is what the JSON-LD blocks of a page say that matters here: the article's own node, and the pictures of all nodes.
type linkedData struct {
	roots   []any
	graph   graph
	images  []linkedImage
	size    int // bytes of the blocks read
	leftOut int // pictures beyond the bound
}

// linkedImage is a picture that JSON-LD names, and whether the article's own node names it.
type linkedImage struct {
	url string
	own bool
}

// add reads one block. A block that is no JSON even after tidying is passed over, as every consumer of JSON-LD does.
func (l *linkedData) add(block string) {
	if len(block) > maxJSONLD || l.size+len(block) > maxJSONLDTotal {
		return
	}
	l.size += len(block)
	var v any
	if json.Unmarshal([]byte(block), &v) != nil {
		tidy, ok := tidyJSON(block)
		if !ok || json.Unmarshal(tidy, &v) != nil {
			return
		}
	}
	l.roots = append(l.roots, v)
}

// say states what the article's node says about it. at is the page's URL, by which the right one of several articles is known.
func (l *linkedData) say(c *claims, at string) (paywalled bool) {
	l.graph = graph{byID: map[string]map[string]any{}}
	g := &l.graph
	for _, v := range l.roots {
		g.index(v, 0)
	}
	node := g.article(at)
	if node != nil {
		g.sayArticle(c, node)
		paywalled = isFalse(node["isAccessibleForFree"])
	}
	for _, v := range l.roots {
		l.collectImages(v, node, false, 0)
	}
	return paywalled
}

// graph finds nodes in JSON-LD of any shape: a node, a list of nodes, or nodes under @graph, which may refer to each other by @id.
type graph struct {
	articles []map[string]any
	byID     map[string]map[string]any
}

// index notes nodes by @id, and the articles, in document order and outermost first. Articles inside lists of other works are teasers.
func (g *graph) index(v any, depth int) {
	if depth > maxJSONDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			g.index(e, depth+1)
		}
	case map[string]any:
		if id, ok := v["@id"].(string); ok && len(v) > 1 {
			if _, known := g.byID[id]; !known {
				g.byID[id] = v
			}
		}
		if articleType(v) != "" {
			g.articles = append(g.articles, v)
		}
		for _, key := range [...]string{"@graph", "mainEntity", "author", "creator", "publisher"} {
			if e, ok := v[key]; ok {
				g.index(e, depth+1)
			}
		}
	}
}

// article chooses the node that describes the page: the one that says so by its URL, else the first.
func (g *graph) article(at string) map[string]any {
	for _, node := range g.articles {
		for _, key := range [...]string{"mainEntityOfPage", "url", "@id"} {
			if u := idOf(node[key]); u != "" && samePage(u, at) {
				return node
			}
		}
	}
	if len(g.articles) > 0 {
		return g.articles[0]
	}
	return nil
}

// articleType gives the type of a node if it is a kind of article.
func articleType(node map[string]any) string {
	for _, t := range texts(node["@type"]) {
		t = t[strings.LastIndexAny(t, "/#:")+1:]
		if strings.HasSuffix(t, "Article") || strings.HasSuffix(t, "BlogPosting") || t == "Report" || t == "Review" {
			return t
		}
	}
	return ""
}

func (g *graph) sayArticle(c *claims, node map[string]any) {
	c.say(fieldType, fromJSONLD, articleType(node))
	for _, f := range [...]struct {
		key string
		f   field
	}{
		{"headline", fieldTitle}, {"name", fieldTitle}, {"datePublished", fieldPublished}, {"dateCreated", fieldPublished},
		{"dateModified", fieldModified}, {"description", fieldDescription}, {"articleSection", fieldSection},
	} {
		if t := texts(node[f.key]); len(t) > 0 {
			c.say(f.f, fromJSONLD, t[0])
		}
	}
	if names := g.names(node["inLanguage"], 0); len(names) > 0 {
		c.say(fieldLanguage, fromJSONLD, names[0])
	}
	if names := g.names(node["publisher"], 0); len(names) > 0 {
		c.say(fieldPublisher, fromJSONLD, names[0])
	}
	if u := idOf(node["url"]); isAbsolute(u) {
		c.say(fieldCanonical, fromJSONLD, u)
	} else if u := idOf(node["mainEntityOfPage"]); isAbsolute(u) {
		c.say(fieldCanonical, fromJSONLD, u)
	}
	authors := g.names(g.personsFirst(node["author"]), 0)
	if len(authors) == 0 {
		authors = g.names(g.personsFirst(node["creator"]), 0)
	}
	for _, name := range authors {
		c.say(fieldAuthor, fromJSONLD, name)
	}
}

// personsFirst puts the organisations in a list behind the others.
func (g *graph) personsFirst(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	var persons, organisations []any
	for _, e := range list {
		if g.isOrganisation(e) {
			organisations = append(organisations, e)
		} else {
			persons = append(persons, e)
		}
	}
	return append(persons, organisations...)
}

func (g *graph) isOrganisation(v any) bool {
	node, ok := v.(map[string]any)
	if !ok {
		return false
	}
	if id, ok := node["@id"].(string); ok && node["@type"] == nil {
		node = g.byID[id]
	}
	return slices.ContainsFunc(texts(node["@type"]), func(t string) bool { return strings.HasSuffix(t, "Organization") })
}

// names reads persons and organisations in the shapes in which publishers write them: a string, a node with a name (which may be a
// list), a reference by @id, or a list of these.
func (g *graph) names(v any, depth int) []string {
	if depth > 4 {
		return nil
	}
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, g.names(e, depth+1)...)
		}
		return all
	case map[string]any:
		if v["name"] != nil {
			return texts(v["name"])
		}
		if given, family := firstText(v["givenName"]), firstText(v["familyName"]); family != "" {
			return []string{strings.TrimSpace(given + " " + family)}
		}
		if id, ok := v["@id"].(string); ok {
			if node := g.byID[id]; node != nil && node["name"] != nil {
				return texts(node["name"])
			}
		}
	}
	return nil
}

// texts gives the strings in a value: itself, its elements, or their @value.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, e := range v {
			if s := firstText(e); s != "" {
				all = append(all, s)
			}
		}
		return all
	case map[string]any:
		if s, ok := v["@value"].(string); ok {
			return []string{s}
		}
	}
	return nil
}

func firstText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		s, _ := v["@value"].(string)
		return s
	}
	return ""
}

// idOf gives the URL in a value that is a URL or a node.
func idOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		for _, key := range [...]string{"@id", "url"} {
			if s, ok := v[key].(string); ok {
				return s
			}
		}
	}
	return ""
}

func isFalse(v any) bool {
	switch v := v.(type) {
	case bool:
		return !v
	case string:
		return strings.EqualFold(strings.TrimSpace(v), "false")
	}
	return false
}

// samePage compares two addresses of pages without scheme, query, fragment and final slash.
func samePage(a, b string) bool {
	return a != "" && pageKey(a) == pageKey(b)
}

func pageKey(u string) string {
	if i := strings.IndexAny(u, "?#"); i >= 0 {
		u = u[:i]
	}
	_, after, ok := strings.Cut(u, "://")
	if ok {
		u = after
	}
	return strings.ToLower(strings.TrimPrefix(strings.TrimSuffix(u, "/"), "www."))
}

// sameSite says that two addresses have the same registrable domain.
func sameSite(a, b string) bool {
	return siteOf(a) != "" && siteOf(a) == siteOf(b)
}

func siteOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname())
	if err != nil {
		return u.Hostname()
	}
	return site
}
