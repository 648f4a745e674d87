package crawlertest

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// parsed is an article's page as a browser reads it.
func parsed(t *testing.T, n *Newspaper, path string) *html.Node {
	t.Helper()
	res, body := get(t, n, path)
	r, err := charset.NewReader(bytes.NewReader(body), res.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// matching gives the elements that match.
func matching(doc *html.Node, is func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	for d := range doc.Descendants() {
		if d.Type == html.ElementNode && is(d) {
			out = append(out, d)
		}
	}
	return out
}

func element(name, class string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name && (class == "" || attr(n, "class") == class) }
}

func texts(nodes []*html.Node) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, text(n))
	}
	return out
}

// TestCreditsStandWhereTheFactsSay reads every article through its charset and looks for every credit in its place.
func TestCreditsStandWhereTheFactsSay(t *testing.T) {
	n := start(t, Options{})
	for _, a := range n.Articles() {
		doc := parsed(t, n, a.Path())
		if got := texts(matching(doc, element("h1", ""))); !slices.Equal(got, []string{a.Headline}) {
			t.Errorf("%s (%s): the headline reads %q", a.Slug, a.Charset, got)
		}
		for _, p := range a.Photographs {
			if places := placesOf(doc, &p, a.Language); !slices.Contains(places, p.Placement) && p.Credit != "" {
				t.Errorf("%s: the credit of %s is not at %q but at %q", a.Slug, p.Slug, p.Placement, places)
			}
		}
	}
}

// placesOf lists all places on the page where the photograph's credit is found.
func placesOf(doc *html.Node, p *Photograph, language string) []Placement {
	var out []Placement
	in := func(place Placement, values ...string) {
		if slices.Contains(values, p.Credit) {
			out = append(out, place)
		}
	}
	var titles, alts, data []string
	for _, img := range matching(doc, element("img", "")) {
		if _, credit, ok := strings.Cut(attr(img, "title"), " | "); ok {
			titles = append(titles, credit)
		}
		if strings.HasSuffix(attr(img, "alt"), p.Credit) {
			alts = append(alts, p.Credit)
		}
		data = append(data, attr(img, "data-credit"))
	}
	captions := texts(matching(doc, element("figcaption", "")))
	in(Element, texts(matching(doc, element("span", "credit")))...)
	in(ElementBefore, texts(matching(doc, element("p", "photo-credit")))...)
	in(Foot, texts(matching(doc, element("p", "foot")))...)
	in(WholeCaption, captions...)
	in(TitleOnly, titles...)
	in(AltOnly, alts...)
	in(DataOnly, data...)
	joint := " "
	if language == "ja" || language == "zh-Hans" {
		joint = ""
	}
	if slices.Contains(captions, p.Caption+joint+p.Credit) {
		out = append(out, CaptionSuffix)
	}
	for _, s := range matching(doc, element("script", "")) {
		switch said := text(s); {
		case !json.Valid([]byte(said)) || !strings.Contains(said, p.Credit):
		case attr(s, "type") == "application/ld+json":
			out = append(out, JSONLDOnly)
		case attr(s, "type") == "application/json":
			out = append(out, StateOnly)
		}
	}
	return out
}

func TestOldCharsetsAreNamedAsTheyUsuallyAre(t *testing.T) {
	n := start(t, Options{})
	for slug, want := range map[string]struct{ header, meta string }{
		ArticleWindowsCyrillic: {"", `<meta charset="windows-1251">`},
		ArticleShiftJIS:        {"Shift_JIS", `<meta charset="shift_jis">`},
		ArticleGBK:             {"", `charset=gb2312">`},
	} {
		a, _ := n.Article(slug)
		res, body := get(t, n, a.Path())
		_, params, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
		if err != nil || params["charset"] != want.header || !bytes.Contains(body, []byte(want.meta)) {
			t.Errorf("%s: header %q, %v", slug, res.Header.Get("Content-Type"), err)
		}
		if bytes.Contains(body, []byte(a.Headline)) {
			t.Errorf("%s is plain UTF-8", slug)
		}
	}
}

// TestRequisitesAreWhatPagesName holds the list of requisites against the markup: every one is named by page, style sheet or frame, and
// nothing else that is needed is.
func TestRequisitesAreWhatPagesName(t *testing.T) {
	n := start(t, Options{})
	for _, a := range n.Articles() {
		named := map[string]bool{}
		collect(t, n, a.Path(), named)
		got := make([]string, 0, len(named))
		for u := range named {
			got = append(got, u)
		}
		slices.Sort(got)
		if want := n.Requisites(a.Slug); !slices.Equal(got, want) {
			t.Errorf("%s names\n%v\nand needs\n%v", a.Slug, got, want)
		}
	}
	for _, u := range n.Requisites(ArticleWithFrame) {
		if res, _ := get(t, n, strings.TrimPrefix(u, n.URL)); res.StatusCode != 200 {
			t.Errorf("%s: %s", u, res.Status)
		}
	}
}

// collect adds what the document at path needs, and what its style sheets and frames need.
func collect(t *testing.T, n *Newspaper, path string, named map[string]bool) {
	t.Helper()
	base, err := url.Parse(n.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	add := func(ref string) (added string) {
		u, err := base.Parse(ref)
		if err != nil {
			t.Fatalf("%s names %q: %v", path, ref, err)
		}
		if u.Scheme == "data" || named[u.String()] {
			return ""
		}
		named[u.String()] = true
		return strings.TrimPrefix(u.String(), n.URL)
	}
	if strings.HasSuffix(path, ".css") {
		_, css := get(t, n, path)
		for _, m := range regexp.MustCompile(`(?:url\(\s*|@import\s+|image-set\(|1x,\s*)"?([\w./-]+\.\w+)"?`).FindAllSubmatch(css, -1) {
			if p := add(string(m[1])); strings.HasSuffix(p, ".css") {
				collect(t, n, p, named)
			}
		}
		return
	}
	scan(t, n, parsed(t, n, path), add, named)
}

// scan adds what a parsed document needs.
func scan(t *testing.T, n *Newspaper, doc *html.Node, add func(string) string, named map[string]bool) {
	t.Helper()
	image := regexp.MustCompile(`\.(jpg|png|gif|webp)$`)
	for _, e := range matching(doc, func(*html.Node) bool { return true }) {
		for _, key := range []string{"srcset", "data-srcset"} {
			for candidate := range strings.SplitSeq(attr(e, key), ",") {
				if f := strings.Fields(candidate); len(f) == 2 {
					add(f[0])
				}
			}
		}
		if src := attr(e, "data-src"); src != "" {
			add(src)
		}
		switch e.Data {
		case "img", "script":
			if src := attr(e, "src"); src != "" {
				add(src)
			}
		case "iframe":
			collect(t, n, add(attr(e, "src")), named)
		case "a":
			if href := attr(e, "href"); image.MatchString(href) {
				add(href)
			}
		case "meta":
			if attr(e, "property") == "og:image" {
				add(attr(e, "content"))
			}
		case "link":
			if rel := attr(e, "rel"); rel == "stylesheet" || rel == "icon" {
				if p := add(attr(e, "href")); strings.HasSuffix(p, ".css") {
					collect(t, n, p, named)
				}
			}
		case "noscript":
			inner, err := html.Parse(strings.NewReader(text(e)))
			if err != nil {
				t.Fatal(err)
			}
			scan(t, n, inner, add, named)
		}
		if attr(e, "type") == "application/ld+json" {
			for _, m := range regexp.MustCompile(`"contentUrl":"([^"]+)"`).FindAllStringSubmatch(text(e), -1) {
				add(m[1])
			}
		}
	}
}

func TestListsLeadToEveryArticle(t *testing.T) {
	n := start(t, Options{Articles: 130})
	found := map[string]bool{}
	for _, s := range n.Sections() {
		for next := strings.TrimPrefix(s.URL, n.URL); next != ""; {
			doc := parsed(t, n, next)
			next = ""
			for _, a := range matching(doc, element("a", "")) {
				found[n.URL+attr(a, "href")] = true
				if attr(a, "rel") == "next" {
					next = attr(a, "href")
				}
			}
		}
	}
	for _, a := range n.Articles() {
		if !found[a.URL] {
			t.Errorf("no section front leads to %s", a.URL)
		}
	}
}
