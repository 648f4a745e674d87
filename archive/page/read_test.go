package page

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// read parses and reads a page of https://news.example/2024/03/05/harbour.
func read(t testing.TB, markup string) *Document {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return Read(doc, mustURL(t, "https://news.example/2024/03/05/harbour"))
}

// requisites gives kind and URL; the URL without the host where it is the page's own.
func requisites(d *Document) []string {
	var all []string
	for _, r := range d.Requisites {
		all = append(all, string(r.Kind)+" "+strings.TrimPrefix(r.URL, "https://news.example"))
	}
	return all
}

// The ways in which pages deliver pictures and what else they need. Each line stands alone on a page.
func TestReadFindsRequisites(t *testing.T) {
	const blank = `data:image/gif;base64,R0lGODlhAQABAAAAACw=`
	for _, c := range []struct {
		name, markup string
		want         []string
	}{
		{"img", `<img src="/a.png">`, []string{"image /a.png"}},
		{"img with an entity in its query", `<img src="/_next/image?url=%2Fp.jpg&amp;w=1080">`, []string{"image /_next/image?url=%2Fp.jpg&w=1080"}},
		{"srcset by widths", `<img src="/a.png" srcset="/s.png 400w, /l.png 1600w">`, []string{"image /a.png", "image /s.png", "image /l.png"}},
		{"srcset with commas in its URLs", `<img srcset="/w_400,h_300/a.png 1x, /w_800,h_600/a.png 2x">`, []string{"image /w_400,h_300/a.png", "image /w_800,h_600/a.png"}},
		{"picture with sources for other screens", `<picture><source type="image/webp" srcset="/a.webp"><source media="(min-width:9000px)" srcset="/wide.png"><img src="/a.png"></picture>`, []string{"image /a.webp", "image /wide.png", "image /a.png"}},
		{"data-src", `<img src="` + blank + `" data-src="/a.png">`, []string{"image /a.png"}},
		{"data-srcset", `<img src="` + blank + `" data-srcset="/a.png 1x, /b.png 2x">`, []string{"image /a.png", "image /b.png"}},
		{"data-original", `<img data-original="/a.png">`, []string{"image /a.png"}},
		{"data-lazy-src", `<img data-lazy-src="/a.png">`, []string{"image /a.png"}},
		{"a data attribute of any name with the URL of a picture", `<img data-pagespeed-x1="https://img.example/a.webp">`, []string{"image https://img.example/a.webp"}},
		{"a data attribute without extension, named for a picture", `<img data-img-url="https://img.example/a/1200">`, []string{"image https://img.example/a/1200"}},
		{"data-bg", `<div data-bg="/a.png"></div>`, []string{"image /a.png"}},
		{"data-bg with url()", `<div data-bg="url('/a.png')"></div>`, []string{"image /a.png"}},
		{"JSON in a data attribute", `<div data-props='{"image":{"src":"\/a.png","alt":"x"},"sizes":["\u002fb.png"]}'></div>`, []string{"image /a.png", "image /b.png"}},
		{"a lazy attribute without data-", `<img lazy-src="/a.png">`, []string{"image /a.png"}},
		{"noscript", `<noscript><img src="/a.png" srcset="/b.png 2x"></noscript>`, []string{"image /a.png", "image /b.png"}},
		{"noscript in the head", `<head><noscript><link rel="stylesheet" href="/n.css"><style>a{background:url(/n.png)}</style></noscript></head>`, []string{"style /n.css", "image /n.png"}},
		{"a style attribute", `<div style="background-image:url('/a.png')"></div>`, []string{"image /a.png"}},
		{"a style element", `<style>@import "/two.css";.a{background:image-set("/a.png" 1x)}@font-face{src:url(/f.woff2)}</style>`, []string{"style /two.css", "image /a.png", "font /f.woff2"}},
		{"og:image and twitter:image", `<meta property="og:image" content="https://img.example/og.png"><meta name="twitter:image" content="/tw.png"><meta property="og:image:width" content="1200">`, []string{"image https://img.example/og.png", "image /tw.png"}},
		{"microdata", `<meta itemprop="image" content="/a.png"><link itemprop="thumbnailUrl" href="/b.png">`, []string{"image /a.png", "image /b.png"}},
		{"JSON-LD", `<script type="application/ld+json">{"@type":"NewsArticle","image":{"@type":"ImageObject","contentUrl":"/a.png"},"thumbnailUrl":"/t.png","publisher":{"logo":{"@type":"ImageObject","url":"/logo.png"}}}</script>`, []string{"image /a.png", "image /t.png"}},
		{"state JSON", `<script type="application/json">{"props":{"img":"https:\/\/img.example\/a.png","n":1,"list":["/b.webp?w=1"]}}</script>`, []string{"image https://img.example/a.png", "image /b.webp?w=1"}},
		{"state in an assignment", `<script>window.__STATE__ = {"lead":{"url":"https:\u002F\u002Fimg.example\u002Fa.jpg"}, more: {src: '/b.jpg'}};</script>`, []string{"image https://img.example/a.jpg", "image /b.jpg"}},
		{"state as JSON inside a string", `<script>self.__f.push([1,"5:{\"image\":\"https://img.example/a.jpg\"}"]);window.s=JSON.parse("{\"src\":\"\\/b.jpg\"}")</script>`, []string{"image https://img.example/a.jpg", "image /b.jpg"}},
		{"what a script puts together is not guessed", `<script>var p=['/img','x'];i.src=p.join('/')+'.png';j.src='/img/js-'+'scroll.png';k.src="/t/"+n+"/a.png"</script>`, nil},
		{"amp-img", `<amp-img src="/a.png" srcset="/b.png 2x"></amp-img>`, []string{"image /a.png", "image /b.png"}},
		{"video and audio", `<video poster="/p.png" src="/v.mp4"><source src="/v.webm"><track src="/v.vtt"></video><audio src="/a.mp3"></audio>`, []string{"media /v.mp4", "image /p.png", "media /v.webm", "other /v.vtt", "media /a.mp3"}},
		{"pictures and sprites in SVG", `<svg><image href="/a.png"/><image xlink:href="/b.png"/><use href="/sprite.svg#x"/><use href="#y"/></svg>`, []string{"image /a.png", "image /b.png", "image /sprite.svg"}},
		{"input type=image", `<input type="image" src="/a.png"><input type="text" src="/no.png">`, []string{"image /a.png"}},
		{"frames", `<iframe src="/embed.html"></iframe><iframe src="about:blank" data-src="https://player.example/1"></iframe>`, []string{"frame /embed.html", "frame https://player.example/1"}},
		{"a frame written out in srcdoc", `<iframe srcdoc="&lt;img src='/a.png'&gt;"></iframe>`, []string{"image /a.png"}},
		{"object and embed", `<object data="/a.svg" type="image/svg+xml"></object><embed src="/b.swf">`, []string{"image /a.svg", "other /b.swf"}},
		{"preloads", `<link rel="preload" as="image" href="/a.png" imagesrcset="/b.png 1x, /c.png 2x"><link rel="preload" as="font" href="/f.woff2"><link rel="modulepreload" href="/m.mjs">`, []string{"image /a.png", "image /b.png", "image /c.png", "font /f.woff2", "script /m.mjs"}},
		{"styles, scripts and icons", `<link rel="stylesheet" href="/a.css"><link rel="shortcut icon" href="/f.ico"><link rel="apple-touch-icon" href="/t.png"><link rel="manifest" href="/m.json"><script src="/a.js"></script><link rel="image_src" href="/i.png">`, []string{"style /a.css", "icon /f.ico", "icon /t.png", "other /m.json", "script /a.js", "image /i.png"}},
		{"links that are only hints or other pages", `<link rel="preconnect" href="https://img.example"><link rel="alternate" type="application/rss+xml" href="/feed"><link rel="amphtml" href="/amp"><link rel="canonical" href="/c">`, nil},
		{"a link to the full picture", `<a href="/images/full.JPG?x=1">large</a><a href="/story.html">other</a>`, []string{"image /images/full.JPG?x=1"}},
		{"backgrounds of old tables", `<table background="/t.gif"><tr><td background="/d.gif">x</table>`, []string{"image /t.gif", "image /d.gif"}},
		{"a pixel that counts readers", `<img src="https://count.example/p?x=1" width="1" height="1">`, []string{"image https://count.example/p?x=1"}},
		{"a shadow root is shown, another template is not", `<div><template shadowrootmode="open"><img src="/a.png"></template></div><template><img src="/no.png"></template>`, []string{"image /a.png"}},
		{"no URL is made of a template, a text or a file's name", `<img data-src="/i/{width}.jpg"><img data-tpl="https://img.example/${id}.jpg"><img data-caption="Foto a.jpg 2x" data-name="a.jpg"><div data-url="/story.html" data-share="https://x.example/?m=a.jpg">`, nil},
		{"what is no http URL is left", `<img src="data:image/png;base64,AA=="><img src="blob:x"><a href="mailto:a@b.example">x</a><img src="file:///etc/a.png"><img src="#x"><img src="">`, nil},
		{"a URL twice, with and without fragment, is one", `<img src="/a.png"><img src="/a.png#x"><link rel="preload" as="image" href="/a.png">`, []string{"image /a.png"}},
		{"a base element", `<base href="https://cdn.example/x/"><base href="https://no.example/"><img src="a.png">`, []string{"image https://cdn.example/x/a.png"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := read(t, c.markup)
			got := requisites(d)
			slices.Sort(got)
			want := slices.Clone(c.want)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("requisites of %s\n got %q\nwant %q", c.markup, got, want)
			}
		})
	}
}

func TestReadPutsEssentialRequisitesFirst(t *testing.T) {
	d := read(t, `<script src="/a.js"></script><link rel="stylesheet" href="/a.css"><link rel="alternate stylesheet" href="/alt.css">
<article><h1>Harbour reopens</h1><figure><img src="/lead.jpg"></figure>`+paragraphs(3)+`</article><iframe src="/seen"></iframe><iframe src="/unseen" width="0" height="0"></iframe>
<aside class="related"><a href="/other"><img src="/teaser.jpg"><h3>Another story altogether</h3></a></aside>`)
	want := []string{"style /a.css", "image /lead.jpg", "frame /seen", "script /a.js", "style /alt.css", "frame /unseen", "image /teaser.jpg"}
	if got := requisites(d); !slices.Equal(got, want) {
		t.Errorf("requisites\n got %q\nwant %q", got, want)
	}
	for i, r := range d.Requisites {
		if r.Essential != (i < 3) {
			t.Errorf("%s is essential: %v", r.URL, r.Essential)
		}
	}
}

func TestReadListsLinksWithTheirText(t *testing.T) {
	d := read(t, `<a href="/a">One <b>two</b>
	three</a><a href="#top">top</a><a href="javascript:x()">no</a><a name="x">no</a><map><area href="/m" alt="map"></map><a href="https://other.example">out</a>`)
	want := []Link{{"https://news.example/a", "One two three"}, {"https://news.example/m", "map"}, {"https://other.example/", "out"}}
	if !slices.Equal(d.Links, want) {
		t.Errorf("links = %q, want %q", d.Links, want)
	}
}

func TestReadFindsTheMetaRefresh(t *testing.T) {
	for _, c := range []struct{ name, markup, want string }{
		{"with a delay", `<meta http-equiv="refresh" content="5; url=/next">`, "https://news.example/next"},
		{"in capitals and quotes", `<META HTTP-EQUIV="Refresh" CONTENT="0;URL='https://other.example/x'">`, "https://other.example/x"},
		{"a reload is none", `<meta http-equiv="refresh" content="300">`, ""},
		{"one for readers without scripts is none", `<noscript><meta http-equiv="refresh" content="0; url=/noscript"></noscript>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.markup).Refresh; got != c.want {
				t.Errorf("refresh = %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadCountsParagraphText(t *testing.T) {
	for _, c := range []struct {
		name, markup string
		want         int
	}{
		{"white space collapses, also between elements", "<p> Die  Fähre\n <b>lief</b> aus. </p>", len([]rune("Die Fähre lief aus."))},
		{"navigation and footers do not count", "<nav><p>Menu</p></nav><p>Text</p><footer><p>Imprint</p></footer>", 4},
		{"long text without paragraphs counts", "<div>" + strings.Repeat("abcdefghi ", 20) + "<br>short</div>", 199},
		{"scripts and styles do not count", "<p>Text<script>var a</script></p><style>p{}</style>", 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.markup).TextLength; got != c.want {
				t.Errorf("text length = %d, want %d", got, c.want)
			}
		})
	}
}

func TestReadLeavesTheTreeAsItIs(t *testing.T) {
	doc, err := html.Parse(strings.NewReader(string(newsPage(10, 10))))
	if err != nil {
		t.Fatal(err)
	}
	var before, after strings.Builder
	if err := html.Render(&before, doc); err != nil {
		t.Fatal(err)
	}
	Read(doc, mustURL(t, "https://news.example/"))
	if _, err := MainText(doc, mustURL(t, "https://news.example/")); err != nil {
		t.Fatal(err)
	}
	if err := html.Render(&after, doc); err != nil {
		t.Fatal(err)
	}
	if before.String() != after.String() {
		t.Error("the tree was changed")
	}
}

func TestMainTextGivesTheArticleAlone(t *testing.T) {
	doc, err := html.Parse(strings.NewReader(string(newsPage(12, 4))))
	if err != nil {
		t.Fatal(err)
	}
	text, err := MainText(doc, mustURL(t, "https://news.example/"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "The ferries left the quay") || strings.Contains(text, "Another story") || strings.Contains(text, "Section 3") {
		t.Errorf("main text = %.300q", text)
	}
}

// paragraphs writes n paragraphs of article text.
func paragraphs(n int) string {
	return strings.Repeat("<p>"+strings.Repeat("The ferries left the quay in the early morning. ", 5)+"</p>", n)
}
