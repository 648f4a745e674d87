package page

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Pages made to cost. What is asked here is that they end, that they hold no more than the bounds allow, and that memory stays in
// proportion; the benchmark below shows the time.
func hostilePages() map[string]string {
	deep := func(open, middle, shut string, n int) string {
		return strings.Repeat(open, n) + middle + strings.Repeat(shut, n)
	}
	return map[string]string{
		"500 levels of elements":          deep("<div class='caption'>", "<img src=/a.jpg><p>x", "</div>", 500),
		"captions inside captions":        strings.Repeat("<figure><img src=/a.jpg><figcaption class=caption>", 200) + strings.Repeat("<span>x</span>", 20_000),
		"ten megabytes of attributes":     "<div " + strings.Repeat("data-a='https://img.example/a.jpg' ", 1) + " data-src='" + strings.Repeat("x", 10<<20) + "' style='" + strings.Repeat("url(", 1<<18) + "'>",
		"an endless srcset":               "<img srcset='" + strings.Repeat("/a.jpg 1x, ", 1<<19) + "'>",
		"endless sources of one picture":  "<picture>" + many(20_000, `<source srcset="/s%d.jpg 1x">`) + "<img src=/a.jpg></picture>",
		"a hundred thousand pictures":     many(100_000, `<img src="/%d.jpg">`),
		"a hundred thousand carriers":     many(100_000, `<div data-bg="/%d.jpg"></div>`),
		"carriers around one another":     many(400, `<div data-bg="/%d.jpg" data-src='/b.jpg'>`) + many(2000, `<img src="/i%d.jpg">`),
		"a hundred thousand links":        many(100_000, `<a href="/%d"><img src="/t.jpg">text</a>`),
		"noscript inside noscript":        deep("<noscript>&lt;img src=/a.jpg&gt;", "<img src=/b.jpg>", "</noscript>", 100),
		"srcdoc inside srcdoc":            srcdocs(12),
		"JSON-LD nested to the limit":     ld(deep("[", `{"@type":"Article"}`, "]", 9_000)),
		"JSON-LD that refers to itself":   ld(`{"@type":"Article","@id":"#a","author":{"@id":"#a"},"image":{"@id":"#a"}}`),
		"many blocks of JSON-LD":          strings.Repeat(ld(`{"@type":"Article","image":["`+strings.Repeat(`/a.jpg","`, 50_000)+`"]}`), 12),
		"state of escaped quotes":         `<script>var a = "` + strings.Repeat(`\"`, 1<<20) + "\n</script>",
		"state of quote marks":            `<script>` + strings.Repeat(`'"`, 1<<20) + "</script>",
		"state inside strings, four deep": `<script type="application/json">["` + strings.Repeat(`\\\"x\\\":\\\"/a.jpg\\\",`, 1<<17) + `"]</script>`,
		"headings inside headings":        strings.Repeat("<h1><div>", 200) + strings.Repeat("x ", 1<<20),
		"items inside items":              strings.Repeat("<div itemprop=author><p>", 240) + many(50_000, "<b>%d</b>"),
		"a style sheet of brackets":       "<style>" + strings.Repeat("url(image-set((", 1<<18) + "</style>",
		"one long text":                   "<p>" + strings.Repeat("a b", 4<<20),
		"two thousand credited pictures":  "<article>" + many(2_000, `<p>`+strings.Repeat("The ferries left the quay. ", 4)+`</p><figure><img src="/picture-%d.jpg"><figcaption>A quay (Jo Marsh/AP)</figcaption></figure>`),
		"pictures among siblings":         "<article><p>" + strings.Repeat("x ", 100) + many(50_000, "<b></b><i>%d</i>") + many(2_000, `<img src="/picture-%d.jpg" alt="x"><span>Foto: x</span>`),
		"a caption of labels":             `<figure><img src="/picture.jpg"><figcaption>` + strings.Repeat("Photo: Foto: (", 20_000),
		"attributes of labels":            `<img src="/picture.jpg" ` + many(2_000, `data-caption-%d="Photo: (Foto: (© Photo by (AP/"`) + ">",
		"state of braces":                 `<img src="/picture.jpg"><script>s=` + strings.Repeat(`{"credit":"Jo Marsh","src":"/picture.jpg",a:`, 50_000) + "</script>",
		"carriers in one figure":          "<figure>" + many(2_000, `<img src="/picture-%d.jpg">`) + many(2_000, `<i data-src="/carrier-%d.jpg"></i>`) + "</figure>",
		"a name in ten megabytes":         `<meta property="og:title" content="` + strings.Repeat("x &amp; ", 1<<20) + `"><title>` + strings.Repeat("y ", 1<<20) + "</title>",
	}
}

func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func srcdocs(n int) string {
	s := "<img src=/a.jpg>"
	for range n {
		s = "<iframe srcdoc='" + html.EscapeString(s) + "'></iframe>"
	}
	return s
}

func TestReadKeepsItsBounds(t *testing.T) {
	at := mustURL(t, "https://news.example/")
	for name, markup := range hostilePages() {
		t.Run(name, func(t *testing.T) {
			doc, err := html.Parse(strings.NewReader(markup))
			if err != nil {
				t.Skipf("the parser refuses it: %v", err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d := Read(doc, at)
			runtime.ReadMemStats(&after)
			if len(d.Requisites) > maxRequisites || len(d.Links) > maxLinks || len(d.Images) > 2*maxPictures {
				t.Errorf("%d requisites, %d links, %d pictures", len(d.Requisites), len(d.Links), len(d.Images))
			}
			for _, img := range d.Images {
				if len(img.Candidates) > maxRenditions {
					t.Errorf("%d candidates of one picture", len(img.Candidates))
				}
			}
			if spent, allowed := after.TotalAlloc-before.TotalAlloc, uint64(64<<20+40*len(markup)); spent > allowed {
				t.Errorf("%d MB set aside for a page of %d KB", spent>>20, len(markup)>>10)
			}
		})
	}
}

func TestReadOfATreeDeeperThanAParserMakes(t *testing.T) {
	doc := &html.Node{Type: html.DocumentNode}
	n := doc
	for range 1_000_000 {
		c := &html.Node{Type: html.ElementNode, Data: "div"}
		n.AppendChild(c)
		n = c
	}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: "x"})
	if d := Read(doc, nil); d.TextLength != 0 {
		t.Errorf("text length = %d", d.TextLength)
	}
}

func BenchmarkReadHostile(b *testing.B) {
	at := mustURL(b, "https://news.example/")
	for name, markup := range hostilePages() {
		doc, err := html.Parse(strings.NewReader(markup))
		if err != nil {
			continue
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(markup)))
			for b.Loop() {
				Read(doc, at)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	for _, markup := range []string{
		string(newsPage(2, 2)),
		`<figure><picture><source srcset="/a 1x"><img data-src=/b.jpg></picture><figcaption>c<span class=credit>d`,
		`<noscript><img src=a><noscript>b`, `<svg><image href=a><style>url(b)`, `<base href=//x><a href=y><img src=z.jpg>`,
		ld(`{"@graph":[{"@type":"Article","image":[{"url":"/a.jpg"}]}]}`),
		`<script>x={"a":"\u002fb.jpg","c":'/d.png'}</script>`, `<table background=a><td><template shadowrootmode=open><p>b`,
	} {
		f.Add(markup)
	}
	at := mustURL(f, "https://news.example/2024/03/05/harbour")
	f.Fuzz(func(t *testing.T, markup string) {
		doc, err := html.Parse(strings.NewReader(markup))
		if err != nil {
			return
		}
		d := Read(doc, at)
		seen := map[string]bool{}
		for _, r := range d.Requisites {
			if seen[r.URL] || r.Kind == "" || !strings.HasPrefix(r.URL, "http") || strings.Contains(r.URL, "#") {
				t.Errorf("requisite %+v", r)
			}
			seen[r.URL] = true
		}
		for _, img := range d.Images {
			if img.Src == "" || len(img.Candidates) == 0 || img.Candidates[0] != img.Src {
				t.Errorf("image %+v", img)
			}
			for _, u := range img.Candidates {
				if !seen[u] {
					t.Errorf("candidate %q is no requisite", u)
				}
			}
		}
	})
}

func FuzzStateJSON(f *testing.F) {
	for _, s := range []string{`{"a":"/b.jpg"}`, `["\u002fa.png","https:\/\/b.example\/c.webp"]`, `x("{\"a\":\"\\/b.jpg\"}")`, `'a":"`, `"\`, `{"image":"https://a.example/b"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, quotes := range []func(stateScan, string){stateScan.json, stateScan.script} {
			budget := 1 << 20
			quotes(stateScan{budget: &budget, found: func(ref string) {
				if !isReference(ref) || !isRooted(ref) {
					t.Errorf("found %q in %q", ref, text)
				}
			}}, text)
		}
	})
}
