package page

import (
	"slices"
	"strings"
	"testing"
)

// prose is a text long enough for the article to be found by it.
var prose = "<div>" + strings.Repeat("<p>The ferries left the quay in the early morning, one after the other, and nobody waved.</p>", 4) + "</div>"

// articlePage is a page with a headline, what stands between headline and text, and what stands below the article.
func articlePage(between, below string) string {
	return "<title>Harbour reopens - Gazette</title><body><article><h1>Harbour reopens</h1>" + between + prose + "</article>" + below
}

func TestReadFindsTheNamesInABylineForReaders(t *testing.T) {
	ana := []string{"Ana Lindqvist"}
	both := []string{"Ana Lindqvist", "Jo Marsh"}
	for _, c := range []struct {
		name, byline string
		want         []string
	}{
		{"a preposition is cut", `<div class="byline">By Ana Lindqvist</div>`, ana},
		{"a preposition in small letters is cut", `<div class="autor">von Ana Lindqvist</div>`, ana},
		{"a label is cut", `<div class="meta-author">Text: Ana Lindqvist</div>`, ana},
		{"a preposition that is said twice is cut twice", `<div class="ShareByline"><span>By</span><span>by ANA LINDQVIST</span></div>`, []string{"ANA LINDQVIST"}},
		{"a date behind the name is cut", `<p class="byline">By Ana Lindqvist Dec 13, 2016 at 3:45 pm</p>`, ana},
		{"a date glued to the name is cut", `<p class="byline">Ana Lindqvist<span>22 Dec 2016</span><span>651</span></p>`, ana},
		{"a date in a line of its own is no name", `<div class="byline"><div>December 15, 2016</div><div>Ana Lindqvist</div></div>`, ana},
		{"a date with a day of the week is no name", `<div class="byline"><div>Thursday, December 15, 2016</div><div>Ana Lindqvist</div></div>`, ana},
		{"a date in figures is no name", `<span class="author">09.10.2021</span>`, nil},
		{"a time element is no part of a name", `<div class="byline"><time>Friday</time> Ana Lindqvist</div>`, ana},
		{"the paper in the next line is no part of the name", `<div class="article_byline"><div>By <span>Ana Lindqvist</span></div><div>The Evening Gazette</div></div>`, ana},
		{"the agency behind a link is no part of the name", `<div class="byline">By <a href="/ana">Ana Lindqvist</a>, CNN</div>`, ana},
		{"the place behind a name is no part of it", `<div class="byline">Ana Lindqvist, Oslo</div>`, ana},
		{"an element for the name is preferred to what stands around it", `<div class="byline">Exclusive <b class="byline__name">Ana Lindqvist</b> <a href="/x">Follow us</a></div>`, ana},
		{"rel=author is preferred to other links", `<div class="byline"><a href="/f">Follow</a> <a rel="author" href="/ana">Ana Lindqvist</a></div>`, ana},
		{"rel=author is a byline without a class", `<div><a rel="author" href="/ana">Ana Lindqvist</a></div>`, ana},
		{"buttons are no names", `<div class="byline">Ana Lindqvist<button>Follow</button></div>`, ana},
		{"what only screen readers tell is no name", `<div class="byline"><span class="visually-hidden">Gazette</span> <span>Ana Lindqvist</span></div>`, ana},
		{"an address behind a bar is cut", `<div class="byline">Ana Lindqvist | ana@gazette.example</div>`, ana},
		{"linked names are joined by a conjunction", `<div class="byline">By <a href="/a">Ana Lindqvist</a> and <a href="/j">Jo Marsh</a></div>`, both},
		{"a second name need not be linked", `<div class="byline">By <a href="/a">Ana Lindqvist</a> and Jo Marsh</div>`, both},
		{"helpers in parentheses are authors", `<span class="auteur"><a href="/a">Ana Lindqvist</a> (avec Jo Marsh)</span>`, both},
		{"helpers are authors beside a name that is marked up", `<div class="byline"><a rel="author" href="/a">Ana Lindqvist</a> (with Jo Marsh)</div>`, both},
		{"names in a list", `<ul><li><a class="author">Ana Lindqvist</a></li><li><a class="author">Jo Marsh</a></li></ul>`, both},
		{"names beside each other", `<div><span class="author">Ana Lindqvist</span><span class="author">Jo Marsh</span></div>`, both},
		{"a class in another case", `<ul class="metaInfoAuthorList"><li>Ana Lindqvist</li></ul>`, ana},
		{"a short paragraph", `<p>By <span class="author">Ana Lindqvist</span></p>`, ana},
		{"scripts without capitals", `<div class="byline">渡辺洋介</div>`, []string{"渡辺洋介"}},
		{"a portrait in words is no byline", `<div class="author">Ana Lindqvist has written about harbours ever since she moved to Oslo, where she lives with two cats.</div>`, nil},
		{"the first line of something long is no byline", `<div class="has-author"><div>Harbour News</div><div>Ferries leave the quay every hour from seven in the morning, and on Sundays they leave it at nine.</div></div>`, nil},
		{"the beginning of a paragraph is no byline", `<p><span class="author">By The Russian</span> and Syrian ` + strings.Repeat("ministries of defence, ", 12) + `.</p>`, nil},
		{"words in small letters are no name", `<h4 class="author">The Northern and Southern defence ministries</h4>`, nil},
		{"words that only have the letters in them are no byline", `<div class="distributor">Ana Lindqvist</div>`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := names(read(t, articlePage(c.byline, "")).Authors); !slices.Equal(got, c.want) {
				t.Errorf("authors = %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadKnowsWhatIsNotTheArticlesByline(t *testing.T) {
	const ana = `<div class="byline">Ana Lindqvist</div>`
	teaser := `<article><h2>Another story</h2><div class="byline">Jo Marsh</div></article>`
	for _, c := range []struct {
		name, markup string
		want         []string
	}{
		{"the label of a form field", articlePage(`<p class="form-author"><label for="a">Your Name</label><input id="a"></p>`, ""), nil},
		{"a byline inside a label", articlePage(`<label>Your name: <span class="author">Jo Marsh</span></label>`, ""), nil},
		{"the writer of a comment", articlePage(`<div class="comments"><span class="author">Jo Marsh</span></div>`, ""), nil},
		{"the photographer in a caption", articlePage(`<figure><img src="/a.jpg"><figcaption><span class="author">Jo Marsh via Getty Images</span></figcaption></figure>`, ""), nil},
		{"the photographer by class", articlePage(`<span class="photo-author">Jo Marsh</span>`, ""), nil},
		{"the photographer by microdata in a figure", articlePage(`<figure><img src="/a.jpg"><p itemprop="author">Jo Marsh</p></figure>`+ana, ""), []string{"Ana Lindqvist"}},
		{"the author of a picture's item", articlePage(`<div itemscope itemtype="https://schema.org/ImageObject"><span itemprop="author">Jo Marsh</span></div>`+ana, ""), []string{"Ana Lindqvist"}},
		{"the writer of a teaser above", `<title>Harbour reopens</title>` + teaser + articlePage(ana, ""), []string{"Ana Lindqvist"}},
		{"the writer of a teaser below", articlePage("", `<div><div class="byline">Jo Marsh</div></div>`), nil},
		{"the writer of a teaser by class", articlePage(`<div class="related"><span class="author">Jo Marsh</span></div>`+ana, ""), []string{"Ana Lindqvist"}},
		{"the head of the article in a card is no teaser", `<title>Harbour reopens</title><article><div class="card"><h1>Harbour reopens</h1>` + ana + `</div>` + prose + `</article>`, []string{"Ana Lindqvist"}},
		{"an author card is no teaser", articlePage(`<div class="author-card"><span class="author">Ana Lindqvist</span></div>`, ""), []string{"Ana Lindqvist"}},
		{"a byline in a teaser's class is not added to the article's", articlePage(ana+`<section><div class="byline">Jo Marsh</div></section>`, ""), []string{"Ana Lindqvist"}},
		{"the same author once more below the text, with words of the interface", articlePage(`<span itemprop="author">Ana Lindqvist</span>`, `<li itemprop="author">Ana Lindqvist<br>Journalist<br>Follow</li>`), []string{"Ana Lindqvist"}},
		{"an author who stands below the text only", articlePage("", `<span itemprop="author"><meta itemprop="name" content="Ana Lindqvist"></span>`), []string{"Ana Lindqvist"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := names(read(t, c.markup).Authors); !slices.Equal(got, c.want) {
				t.Errorf("authors = %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadPrefersAPersonToThePublication(t *testing.T) {
	const site = `<meta property="og:site_name" content="Gazette">`
	author := func(json string) string { return ld(`{"@type":"NewsArticle","author":` + json + `}`) }
	for _, c := range []struct {
		name, markup string
		want         []Sourced
	}{
		{"JSON-LD names the site and a meta element a person", site + author(`{"@type":"Organization","name":"Gazette"}`) + `<meta name="author" content="Ana Lindqvist">`, []Sourced{{"Ana Lindqvist", "meta"}}},
		{"JSON-LD names the host and the byline a person", author(`"news.example"`) + articlePage(`<div class="byline">Ana Lindqvist</div>`, ""), []Sourced{{"Ana Lindqvist", "byline"}}},
		{"a meta element names the site and one for analytics a person", site + `<meta name="author" content="Gazette"><meta property="cXenseParse:author" content="Ana Lindqvist">`, []Sourced{{"Ana Lindqvist", "meta"}}},
		{"nobody else is named", site + author(`{"@type":"Organization","name":"Gazette"}`), []Sourced{{"Gazette", "json-ld"}}},
		{"an agency is an author", site + author(`{"@type":"Organization","name":"Reuters"}`) + `<meta name="author" content="Ana Lindqvist">`, []Sourced{{"Reuters", "json-ld"}}},
		{"persons come before organisations", site + author(`[{"@type":"Organization","name":"Reuters"},{"@type":"Person","name":"Ana Lindqvist"}]`), []Sourced{{"Ana Lindqvist", "json-ld"}, {"Reuters", "json-ld"}}},
		{"an account of the software is nobody", author(`{"@type":"Person","name":"admin"}`), nil},
		{"an office is cut where another source does without", author(`"Ana Lindqvist, Gazette Writer"`) + `<meta name="author" content="Ana Lindqvist">`, []Sourced{{"Ana Lindqvist", "meta"}}},
		{"an office stays where no other source does without", author(`"Ana Lindqvist, Gazette Writer"`), []Sourced{{"Ana Lindqvist, Gazette Writer", "json-ld"}}},
		{"an address behind the name is cut", `<meta name="byline" content="Ana Lindqvist | ana@gazette.example">`, []Sourced{{"Ana Lindqvist", "meta"}}},
		{"a meta element with its content under another name", `<meta name="author" value="Ana Lindqvist">`, []Sourced{{"Ana Lindqvist", "meta"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.markup).Authors; !slices.Equal(got, c.want) {
				t.Errorf("authors = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestSplitNames(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"Ana Lindqvist", []string{"Ana Lindqvist"}},
		{"Ana Lindqvist, Kim Lee and Jo Marsh", []string{"Ana Lindqvist", "Kim Lee", "Jo Marsh"}},
		{"Ana Lindqvist und Jo Marsh, Oslo", []string{"Ana Lindqvist", "Jo Marsh, Oslo"}},
		{"Le Courrier et AFP", []string{"Le Courrier", "AFP"}},
		{"Ana Lindqvist (with Jo Marsh and Kim Lee)", []string{"Ana Lindqvist", "Jo Marsh", "Kim Lee"}},
		{"Ana Lindqvist (ali)", []string{"Ana Lindqvist (ali)"}},
		{"Smith and Sons", []string{"Smith and Sons"}},
		{"Zone Justice et faits divers", []string{"Zone Justice et faits divers"}},
		{"José Ortega y Gasset", []string{"José Ortega y Gasset"}},
	} {
		t.Run(c.in, func(t *testing.T) {
			var got []string
			for _, name := range splitNames(c.in) {
				got = append(got, strings.TrimSpace(name))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("names = %q, want %q", got, c.want)
			}
		})
	}
}

// Whatever a byline says, names are not empty and of one line, and no digit is left in them.
func FuzzByline(f *testing.F) {
	f.Add("By Ana Lindqvist22 Dec 2016651")
	f.Add("By \x01Ana Lindqvist\x02 and \x01Jo Marsh\x02, CNN")
	f.Add("\x01\x02(avec X et Y)")
	f.Add("Par : von, | by by")
	f.Fuzz(func(t *testing.T, line string) {
		for _, name := range lineNames(line) {
			if strings.TrimSpace(name) == "" || strings.ContainsAny(name, "0123456789\n\x01\x02") {
				t.Errorf("name %q of %q", name, line)
			}
		}
	})
}
