package page

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// newsPage writes a page of about the size and make-up of a real one: navigation, metadata, JSON-LD, an article with pictures and
// captions, teasers, and the state that scripts start from.
func newsPage(paragraphs, teasers int) []byte {
	var b bytes.Buffer
	b.WriteString(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Harbour reopens after storm - The Gazette</title>
<link rel="canonical" href="https://news.example/2024/03/05/harbour"><link rel="stylesheet" href="/assets/main.css"><link rel="icon" href="/favicon.png">
<meta property="og:title" content="Harbour reopens after storm"><meta property="og:image" content="https://img.example/harbour-1200x630.jpg">
<style>.hero{background:url(/assets/hero.png)}`)
	for i := range 200 {
		fmt.Fprintf(&b, ".c%d{color:#%06x;margin:0 auto;padding:%dpx}\n", i, i*7919, i)
	}
	b.WriteString(`</style><script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"Harbour reopens after storm",
"datePublished":"2024-03-05T08:00:00+01:00","author":[{"@type":"Person","name":"Ana Lindqvist"}],"image":["https://img.example/harbour-1200x630.jpg"]}</script></head><body><header><nav><ul>`)
	for i := range 40 {
		fmt.Fprintf(&b, `<li class="nav-item nav-item--%d"><a class="nav-link" href="/section/%d">Section %d</a><svg viewBox="0 0 24 24"><path d="M12 2L2 7l10 5 10-5-10-5z"/></svg></li>`, i, i, i)
	}
	b.WriteString(`</ul></nav></header><main><article class="article"><h1>Harbour reopens after storm</h1>`)
	for i := range paragraphs {
		fmt.Fprintf(&b, `<p class="article__paragraph">%s</p>`, strings.Repeat("The ferries left the quay in the early morning, one after the other. ", 6))
		if i%6 == 0 {
			fmt.Fprintf(&b, `<figure class="article__figure"><picture><source type="image/webp" srcset="https://img.example/p%d-400.webp 400w, https://img.example/p%d-800.webp 800w, https://img.example/p%d-1600.webp 1600w"><img class="lazy" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="https://img.example/p%d.jpg" alt="The quay" width="800" height="533"></picture><figcaption>The quay at dawn. <span class="credit">Photo: Jo Marsh</span></figcaption></figure>`, i, i, i, i)
		}
	}
	b.WriteString(`</article><aside class="related">`)
	for i := range teasers {
		fmt.Fprintf(&b, `<div class="teaser"><a href="https://news.example/2024/03/0%d/story-%d"><img src="https://img.example/t%d-300x200.jpg" srcset="https://img.example/t%d-300x200.jpg 300w, https://img.example/t%d-600x400.jpg 600w" alt=""><h3>Another story with a headline of usual length %d</h3></a></div>`, i%9+1, i, i, i, i, i)
	}
	b.WriteString(`</aside></main><script id="__NEXT_DATA__" type="application/json">{"props":{"items":[`)
	for i := range teasers * 4 {
		fmt.Fprintf(&b, `{"id":%d,"title":"Another story","image":{"url":"https:\/\/img.example\/s%d.jpg","alt":"x"},"body":"%s"},`, i, i%300, strings.Repeat("text ", 40))
	}
	b.WriteString(`{}]}}</script></body></html>`)
	return b.Bytes()
}

// BenchmarkRead reports the cost of reading a tree beside the cost of making it, as the ratio "x-parse".
func BenchmarkRead(b *testing.B) {
	at, _ := url.Parse("https://news.example/2024/03/05/harbour")
	for _, size := range []struct {
		name                string
		paragraphs, teasers int
	}{{"small", 12, 10}, {"usual", 40, 60}, {"large", 200, 600}} {
		body := newsPage(size.paragraphs, size.teasers)
		b.Run(fmt.Sprintf("%s-%dKB", size.name, len(body)>>10), func(b *testing.B) {
			var parse, read time.Duration
			b.ReportAllocs()
			for b.Loop() {
				t0 := time.Now()
				doc, err := html.Parse(bytes.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				t1 := time.Now()
				if d := Read(doc, at); len(d.Images) == 0 {
					b.Fatal("no pictures read")
				}
				parse += t1.Sub(t0)
				read += time.Since(t1)
			}
			b.ReportMetric(float64(read)/float64(parse), "x-parse")
		})
	}
}
