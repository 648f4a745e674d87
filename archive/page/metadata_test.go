package page

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func ld(json string) string { return `<script type="application/ld+json">` + json + `</script>` }

func names(authors []Sourced) []string {
	var all []string
	for _, a := range authors {
		all = append(all, a.Value)
	}
	return all
}

// Each page below says the same facts in one more place, in falling order of belief; the first must win.
func TestReadBelievesMetadataInOrder(t *testing.T) {
	places := []struct{ source, head, body string }{
		{"json-ld", ld(`{"@type":"NewsArticle","headline":"from json-ld","author":"Ann json-ld","datePublished":"2024-01-01","publisher":{"name":"Pub json-ld"}}`), ""},
		{"citation", `<meta name="citation_title" content="from citation"><meta name="citation_author" content="Ann citation"><meta name="citation_publication_date" content="2024/01/02"><meta name="citation_publisher" content="Pub citation">`, ""},
		{"dc", `<meta name="DC.title" content="from dc"><meta name="dcterms.creator" content="Ann dc"><meta name="dc.date.issued" content="2024-01-03"><meta name="DC.publisher" content="Pub dc">`, ""},
		{"og", `<meta property="og:title" content="from og"><meta property="article:author" content="Ann og"><meta property="article:published_time" content="2024-01-04"><meta property="og:site_name" content="Pub og">`, ""},
		{"meta", `<meta name="twitter:title" content="from meta"><meta name="author" content="Ann meta"><meta name="date" content="2024-01-05"><meta name="application-name" content="Pub meta">`, ""},
		{"microdata", "", `<h2 itemprop="headline">from microdata</h2><span itemprop="author"><span itemprop="name">Ann microdata</span></span><time itemprop="datePublished" datetime="2024-01-06">x</time><span itemprop="publisher">Pub microdata</span>`},
		{"byline", "", `<div class="byline">By Ann byline</div><time datetime="2024-01-07">x</time>`},
	}
	for i, p := range places {
		t.Run(p.source, func(t *testing.T) {
			var head, body strings.Builder
			for j := len(places) - 1; j >= i; j-- {
				head.WriteString(places[j].head)
				body.WriteString(places[j].body)
			}
			d := read(t, "<head><title>from title - Gazette</title>"+head.String()+"</head><body>"+body.String())
			date := "2024-01-0" + string(rune('1'+i))
			if d.Published != (Sourced{date, p.source}) {
				t.Errorf("published = %+v, want %s by %s", d.Published, date, p.source)
			}
			if len(d.Authors) != 1 || d.Authors[0] != (Sourced{"Ann " + p.source, p.source}) {
				t.Errorf("authors = %+v", d.Authors)
			}
			if p.source == "byline" {
				if d.Title != (Sourced{"from title - Gazette", "title"}) {
					t.Errorf("title = %+v", d.Title)
				}
				return
			}
			if d.Title != (Sourced{"from " + p.source, p.source}) {
				t.Errorf("title = %+v", d.Title)
			}
			if d.Publisher != (Sourced{"Pub " + p.source, p.source}) {
				t.Errorf("publisher = %+v", d.Publisher)
			}
		})
	}
}

func TestReadOtherMetadata(t *testing.T) {
	d := read(t, `<html lang="de-AT"><head><link rel="canonical" href="/2024/03/05/harbour?"><meta property="og:url" content="https://no.example/">
<meta property="og:type" content="article"><meta property="og:locale" content="en_US"><meta property="article:section" content="Port &amp; Sea">
<meta property="article:modified_time" content="2024-03-05T10:00:00+0100"><meta name="description" content="  What
 happened. "></head>`+ld(`{"@type":["NewsArticle"],"isAccessibleForFree":"False"}`))
	for _, c := range []struct {
		name      string
		got, want Sourced
	}{
		{"canonical", d.Canonical, Sourced{"https://news.example/2024/03/05/harbour?", "link"}},
		{"type", d.Type, Sourced{"NewsArticle", "json-ld"}},
		{"language", d.Language, Sourced{"de-AT", "html"}},
		{"section", d.Section, Sourced{"Port & Sea", "og"}},
		{"modified", d.Modified, Sourced{"2024-03-05T10:00:00+01:00", "og"}},
		{"description", d.Description, Sourced{"What happened.", "meta"}},
	} {
		if c.got != c.want {
			t.Errorf("%s = %+v, want %+v", c.name, c.got, c.want)
		}
	}
	if !d.Paywalled {
		t.Error("isAccessibleForFree=False is not seen")
	}
}

func TestReadTakesTheHeadlineForTheTitleWhenTheTitleElementHoldsIt(t *testing.T) {
	for _, c := range []struct {
		name, markup string
		want         Sourced
	}{
		{"it begins the title", `<title>Harbour reopens - Gazette</title><h1>Site logo</h1><h1> Harbour
reopens</h1>`, Sourced{"Harbour reopens", "html"}},
		{"it follows the site's name", `<title>Gazette: Harbour reopens</title><h1>Harbour reopens</h1>`, Sourced{"Harbour reopens", "html"}},
		{"the site's name is no headline", `<title>Harbour reopens - The Gazette</title><h1>The Gazette</h1>`, Sourced{"Harbour reopens - The Gazette", "title"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.markup).Title; got != c.want {
				t.Errorf("title = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestReadPassesOverTitlesThatAreNoHeadlines(t *testing.T) {
	const site = `<meta property="og:site_name" content="Gazette News">`
	for _, c := range []struct {
		name, markup string
		want         Sourced
	}{
		{"the site's name", site + ld(`{"@type":"NewsArticle","headline":"Gazette News"}`) + `<meta name="twitter:title" content="Harbour reopens">`, Sourced{"Harbour reopens", "meta"}},
		{"the host's name", `<meta property="og:title" content="news.example"><title>Harbour reopens</title>`, Sourced{"Harbour reopens", "title"}},
		{"the section's name", `<meta property="article:section" content="Port"><meta property="og:title" content="Port"><title>Harbour reopens - Gazette</title><h1>Harbour reopens</h1>`, Sourced{"Harbour reopens", "html"}},
		{"what the title element has behind the headline", `<meta property="og:title" content="The Harbour Blog"><title>Harbour reopens after the storm - The Harbour Blog</title><h1>Harbour reopens after the storm</h1>`, Sourced{"Harbour reopens after the storm", "html"}},
		{"a headline that the title element has behind a short kicker stays", `<meta property="og:title" content="Harbour reopens"><title>Port - Harbour reopens</title><h2>Port</h2>`, Sourced{"Harbour reopens", "og"}},
		{"on a section's page its name is the title", site + `<meta property="article:section" content="Port"><meta property="og:title" content="Port"><title>Port - Gazette News</title>`, Sourced{"Port", "og"}},
		{"on a site's first page its name is the title", site + `<meta property="og:title" content="Gazette News"><title>Gazette News</title>`, Sourced{"Gazette News", "og"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.markup).Title; got != c.want {
				t.Errorf("title = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestReadPrefersDatesThatCanBeRead(t *testing.T) {
	for _, c := range []struct {
		name, markup string
		want         Sourced
	}{
		{"a source that is believed less but can be read", `<meta property="article:published_time" content="this morning"><time datetime="2024-03-05">x</time>`, Sourced{"2024-03-05", "byline"}},
		{"a later time element that can be read", `<time datetime="P3M14S">x</time><time datetime="2024-03-05">x</time><time datetime="2024-03-06">x</time>`, Sourced{"2024-03-05", "byline"}},
		{"a second property that can be read", `<span itemprop="datePublished">Friday</span><span itemprop="datePublished" content="2024-03-05">x</span>`, Sourced{"2024-03-05", "microdata"}},
		{"the date before what a template garbled", `<time datetime="2024-03-05148243245100018:47:31">x</time>`, Sourced{"2024-03-05", "byline"}},
		{"nothing else as written", `<meta property="article:published_time" content="this  morning">`, Sourced{"this morning", "og"}},
		{"the text of a time element without the attribute", `<time>Mar 5, 2024 at 3:45 pm</time>`, Sourced{"2024-03-05T15:45:00", "byline"}},
		{"a text that is no date is none", `<time>3 hours ago</time>`, Sourced{}},
		{"the date of a video is not the article's", `<div itemscope itemtype="https://schema.org/VideoObject"><meta itemprop="datePublished" content="2024-01-01"></div><meta itemprop="datePublished" content="2024-03-05">`, Sourced{"2024-03-05", "microdata"}},
		{"what a page tells analytics", `<meta name="parsely-pub-date" content="2024-03-05T08:00:00Z">`, Sourced{"2024-03-05T08:00:00Z", "meta"}},
		{"what a page tells a plugin for sharing", `<meta name="plugin:article_published_time" content="2024-03-05T08:00:00Z">`, Sourced{"2024-03-05T08:00:00Z", "meta"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.markup).Published; got != c.want {
				t.Errorf("published = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestReadAuthorsInAllShapes(t *testing.T) {
	for _, c := range []struct {
		name, json string
		want       []string
	}{
		{"a string", `"Ana Lindqvist"`, []string{"Ana Lindqvist"}},
		{"a string with a preposition", `"By Ana Lindqvist"`, []string{"Ana Lindqvist"}},
		{"a name that begins like a preposition", `"von der Leyen"`, []string{"von der Leyen"}},
		{"a node", `{"@type":"Person","name":"Ana Lindqvist"}`, []string{"Ana Lindqvist"}},
		{"a node whose name is a list", `{"@type":"Person","name":["Ana Lindqvist","Jo Marsh"]}`, []string{"Ana Lindqvist", "Jo Marsh"}},
		{"a list of nodes and strings", `[{"name":"Ana Lindqvist"},"Jo Marsh",{"name":"Ana Lindqvist"}]`, []string{"Ana Lindqvist", "Jo Marsh"}},
		{"two names in one", `"Ana Lindqvist and Jo Marsh"`, []string{"Ana Lindqvist", "Jo Marsh"}},
		{"a firm", `{"@type":"Organization","name":"Smith and Sons"}`, []string{"Smith and Sons"}},
		{"given and family name", `{"givenName":"Ana","familyName":"Lindqvist"}`, []string{"Ana Lindqvist"}},
		{"a reference", `{"@id":"#ana"}`, []string{"Ana Lindqvist"}},
		{"a value node", `{"name":{"@value":"Ana Lindqvist"}}`, []string{"Ana Lindqvist"}},
		{"entities", `"J&ouml;rg M&uuml;ller"`, []string{"Jörg Müller"}},
		{"an address is no name", `"https://social.example/ana"`, nil},
		{"nothing", `null`, nil},
		{"nonsense", `[[[[[["x"]]]]]]`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := read(t, ld(`{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle","author":`+c.json+`},{"@id":"#ana","@type":"Person","name":"Ana Lindqvist"}]}`))
			if got := names(d.Authors); !slices.Equal(got, c.want) {
				t.Errorf("authors = %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadMendsJSONLD(t *testing.T) {
	for name, block := range map[string]string{
		"CDATA":                             `<![CDATA[ {"@type":"Article","headline":"Hit"} ]]>`,
		"CDATA in a comment of JavaScript":  "//<![CDATA[\n{\"@type\":\"Article\",\"headline\":\"Hit\"}\n//]]>",
		"an HTML comment":                   `<!-- {"@type":"Article","headline":"Hit"} -->`,
		"comments of JavaScript":            "{/* type */\"@type\":\"Article\", // title\n\"headline\":\"Hit\"}",
		"trailing commas":                   `{"@type":["Article",],"headline":"Hit",}`,
		"line ends inside a string":         "{\"@type\":\"Article\",\"description\":\"a\nb\tc\",\"headline\":\"Hit\"}",
		"escapes that JSON does not know":   `{"@type":"Article","description":"it\'s","headline":"Hit"}`,
		"a semicolon behind":                `{"@type":"Article","headline":"Hit"};`,
		"entities instead of quote marks":   `{&quot;@type&quot;:&quot;Article&quot;,&quot;headline&quot;:&quot;Hit&quot;}`,
		"a list":                            `[{"@type":"WebSite","name":"x"},{"@type":"Article","headline":"Hit"}]`,
		"a type with its vocabulary":        `{"@type":"http://schema.org/ReportageNewsArticle","headline":"Hit"}`,
		"the article as the page's subject": `{"@type":"WebPage","mainEntity":{"@type":"Article","headline":"Hit"}}`,
		"a name instead of a headline":      `{"@type":"BlogPosting","name":"Hit"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, ld(block)).Title; got != (Sourced{"Hit", "json-ld"}) {
				t.Errorf("title = %+v", got)
			}
		})
	}
}

func TestReadPassesOverJSONLDThatCannotBeRead(t *testing.T) {
	for name, block := range map[string]string{
		"text":              "coming soon",
		"cut":               `{"@type":"Article","headline":"Hit`,
		"nested too deep":   strings.Repeat("[", 70) + `{"@type":"Article","headline":"Hit"},` + strings.Repeat("]", 70),
		"larger than bound": `{"@type":"Article","headline":"Hit","x":"` + strings.Repeat("x", maxJSONLD) + `"}`,
		"another thing":     `{"@type":"WebSite","headline":"Hit"}`,
		"a teaser":          `{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","headline":"Hit"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, ld(block)).Title; got != (Sourced{}) {
				t.Errorf("title = %+v", got)
			}
		})
	}
}

func TestReadChoosesTheArticleThatIsThisPage(t *testing.T) {
	d := read(t, ld(`[{"@type":"NewsArticle","headline":"Other","url":"https://news.example/other"},
{"@type":"NewsArticle","headline":"This","mainEntityOfPage":{"@id":"http://www.news.example/2024/03/05/harbour/#article"}}]`))
	if d.Title.Value != "This" {
		t.Errorf("title = %+v", d.Title)
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct{ in, text, utc string }{
		{"2024-03-05T08:00:00+01:00", "2024-03-05T08:00:00+01:00", "2024-03-05T07:00:00Z"},
		{"2024-03-05T08:00:00.123Z", "2024-03-05T08:00:00Z", "2024-03-05T08:00:00Z"},
		{"2024-03-05T08:00:00+0100", "2024-03-05T08:00:00+01:00", "2024-03-05T07:00:00Z"},
		{"2024-03-05T08:00+01:00", "2024-03-05T08:00:00+01:00", "2024-03-05T07:00:00Z"},
		{"2024-03-05 08:00:00 +0100", "2024-03-05T08:00:00+01:00", "2024-03-05T07:00:00Z"},
		{"Tue, 05 Mar 2024 08:00:00 GMT", "2024-03-05T08:00:00Z", "2024-03-05T08:00:00Z"},
		{"Tue Mar 5 08:00:00 CET 2024", "2024-03-05T08:00:00", "2024-03-05T08:00:00Z"},
		{"2024-03-05T08:00:00", "2024-03-05T08:00:00", "2024-03-05T08:00:00Z"},
		{" 2024-03-05 08:00 ", "2024-03-05T08:00:00", "2024-03-05T08:00:00Z"},
		{"2024-03-05", "2024-03-05", "2024-03-05T00:00:00Z"},
		{"2024/3/5", "2024-03-05", "2024-03-05T00:00:00Z"},
		{"20240305", "2024-03-05", "2024-03-05T00:00:00Z"},
		{"March 5, 2024", "2024-03-05", "2024-03-05T00:00:00Z"},
		{"2024年3月5日", "2024-03-05", "2024-03-05T00:00:00Z"},
		{"05/03/2024", "05/03/2024", ""},
		{"yesterday  at noon", "yesterday at noon", ""},
		{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", ""},
		{"", "", ""},
	} {
		t.Run(c.in, func(t *testing.T) {
			if got := dateText(c.in); got != c.text {
				t.Errorf("dateText = %q, want %q", got, c.text)
			}
			d := Document{Published: Sourced{Value: c.in}}
			at, ok := d.PublishedTime()
			if ok != (c.utc != "") || ok && at.UTC().Format(time.RFC3339) != c.utc {
				t.Errorf("PublishedTime = %v, %v; want %q", at, ok, c.utc)
			}
		})
	}
}
