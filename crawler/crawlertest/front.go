package crawlertest

import (
	"fmt"
	"slices"
)

// Names of the paper and its addresses.
const (
	Name = "The Harbour Courier"

	FrontPath          = "/"
	RSSPath            = "/feeds/rss.xml"
	AtomPath           = "/feeds/atom.xml"
	JSONFeedPath       = "/feeds/feed.json"
	SitemapPath        = "/sitemap.xml" // the index
	SitemapNewPath     = "/sitemaps/articles.xml"
	SitemapArchivePath = "/sitemaps/archive.xml.gz"
	SitemapNewsPath    = "/sitemaps/news.xml"
	RobotsPath         = "/robots.txt"
	PrivatePath        = "/private/drafts" // forbidden by robots.txt, linked from every page's foot
	SearchPath         = "/search"         // forbidden too
	TidesPath          = "/embed/tides/"   // the iframe of articles with Embed

	softPrefix = "/a/"
)

// perFront is how many articles a section front lists; the others are on /page/2/ and so on. The front page shows perSection of each section.
const (
	perFront   = 20
	perSection = 4
)

// frontView is what the template of front page, section fronts and lists is filled with.
type frontView struct {
	sheet
	Heading  string
	Lead     *teaser
	LeadRend *Rendition
	Groups   []group
	Feed     string // of the section, beside those of the paper
	Next     string
	Previous string
}

type group struct {
	Section *Section
	Teasers []teaser
}

func (e *edition) printFronts() error {
	e.put(FrontPath, typeHTML, e.newest(), e.frontPage)
	for _, s := range e.sections {
		e.printList("/"+s.Slug+"/", s.Name, s.Slug, func(a *Article) bool { return a.Section == s.Slug })
	}
	for _, tag := range e.collect(func(a *Article) []string { return a.Tags }) {
		e.printList(tagPath(tag), "Tag: "+tag, "", func(a *Article) bool { return slices.Contains(a.Tags, tag) })
	}
	for _, name := range e.collect(func(a *Article) []string { return a.Authors }) {
		e.printList(authorPath(name), name, "", func(a *Article) bool { return slices.Contains(a.Authors, name) })
		e.printPortrait(name)
	}
	return nil
}

// collect gives every value once, in the order of the paper.
func (e *edition) collect(of func(*Article) []string) []string {
	var out []string
	seen := map[string]bool{}
	for i := range e.articles {
		for _, v := range of(&e.articles[i]) {
			if !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}

// frontPage leads with the newest article and shows the newest of every section. Its teasers carry a tracking parameter, so that one article
// is met under two addresses.
func (e *edition) frontPage() ([]byte, error) {
	v := frontView{sheet: e.sheet(Name, "The town, the port and the rest of the world, every morning.", FrontPath)}
	if len(e.articles) > 0 {
		lead := e.teaser(0)
		v.Lead = &lead
		if p := e.articles[0].Lead(); p != nil {
			r := p.rendition(widthColumn)
			v.LeadRend = &r
		}
	}
	for _, s := range e.sections {
		g := group{Section: &s}
		for i := range e.articles {
			if e.articles[i].Section == s.Slug && i > 0 && len(g.Teasers) < perSection {
				t := e.teaser(i)
				t.Href += "?utm_source=front"
				g.Teasers = append(g.Teasers, t)
			}
		}
		if g.Teasers != nil {
			v.Groups = append(v.Groups, g)
		}
	}
	return e.setPage("front.html", "utf-8", v)
}

// printList adds the pages of one list; an empty list still has its first page.
func (e *edition) printList(base, heading, section string, has func(*Article) bool) {
	var members []int
	for i := range e.articles {
		if has(&e.articles[i]) {
			members = append(members, i)
		}
	}
	pages := max(1, (len(members)+perFront-1)/perFront)
	for n := range pages {
		part := members[n*perFront : min((n+1)*perFront, len(members))]
		path := listPath(base, n)
		e.put(path, typeHTML, e.newest(), func() ([]byte, error) {
			v := frontView{sheet: e.sheet(heading, heading+" in "+Name, path), Heading: heading}
			v.Section = section
			if section != "" {
				v.Feed = base + "rss.xml"
			}
			if n > 0 {
				v.Previous = listPath(base, n-1)
			}
			if n+1 < pages {
				v.Next = listPath(base, n+1)
			}
			g := group{}
			for _, i := range part {
				g.Teasers = append(g.Teasers, e.teaser(i))
			}
			v.Groups = []group{g}
			return e.setPage("front.html", "utf-8", v)
		})
	}
}

func listPath(base string, n int) string {
	if n == 0 {
		return base
	}
	return fmt.Sprintf("%spage/%d/", base, n+1)
}

// noticeView is a page with a heading and a sentence.
type noticeView struct {
	sheet
	Heading, Sentence string
}

func (e *edition) notice(heading, sentence string) ([]byte, error) {
	return e.setPage("notice.html", "utf-8", noticeView{e.sheet(heading, sentence, FrontPath), heading, sentence})
}

// printNotices adds the pages that are no articles. The 404 is made now: it is served by status, not by address.
func (e *edition) printNotices() error {
	var err error
	if e.missing, err = e.notice("Page not found", "There is no such page, and there may never have been."); err != nil {
		return err
	}
	for path, words := range map[string][2]string{
		softPrefix:  {"Page not found", "Sorry, the article that you are looking for is no longer available. It may have been moved or deleted."},
		PrivatePath: {"Drafts", "What stands here is not finished."},
		SearchPath:  {"Search", "The archive is searched at the counter, on weekdays."},
	} {
		e.put(path, typeHTML, e.date, func() ([]byte, error) { return e.notice(words[0], words[1]) })
	}
	return nil
}
