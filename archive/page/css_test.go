package page

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestStyleURLs(t *testing.T) {
	for _, c := range []struct {
		name, css string
		want      []string // kind and URL
	}{
		{"an image without quotes", `.a{background:url(/img/a.png)}`, []string{"image https://news.example/img/a.png"}},
		{"quotes and white space inside url()", `.a{background:url( "../img/a b.png" )} .b{background: URL('b.png')}`, []string{"image https://news.example/img/a%20b.png", "image https://news.example/css/b.png"}},
		{"an import as a string, with conditions", `@import "two.css" screen and (min-width: 40em);`, []string{"style https://news.example/css/two.css"}},
		{"an import as a URL", `@import url(two.css) layer(base);`, []string{"style https://news.example/css/two.css"}},
		{"an import in capitals", `@IMPORT 'two.css';`, []string{"style https://news.example/css/two.css"}},
		{"image-set with strings", `.a{background-image:image-set("a.png" 1x, "a2.png" 2x type("image/png"))}`, []string{"image https://news.example/css/a.png", "image https://news.example/css/a2.png"}},
		{"prefixed image-set with url()", `.a{background:-webkit-image-set(url(a.png) 1x)}`, []string{"image https://news.example/css/a.png"}},
		{"fonts", `@font-face{font-family:"X";src:local("X"),url(x.woff2) format("woff2"),url("x.woff") format("woff")} p{background:url(p.png)}`, []string{"font https://news.example/css/x.woff2", "font https://news.example/css/x.woff", "image https://news.example/css/p.png"}},
		{"a rule inside a media query", `@media print{.a{background:url(a.png)}}`, []string{"image https://news.example/css/a.png"}},
		{"a namespace is not fetched", `@namespace svg url(http://www.w3.org/2000/svg); .a{background:url(a.png)}`, []string{"image https://news.example/css/a.png"}},
		{"data URLs and fragments are not fetched", `.a{background:url(data:image/png;base64,AAAA)} .b{filter:url(#f)} .c{background:url()}`, nil},
		{"comments hide what stands in them", `/* url(a.png) */ .a{background:/**/url(b.png)}`, []string{"image https://news.example/css/b.png"}},
		{"escapes in a URL", `.a{background:url(a\(1\).png)} .b{background:url("\62 .png")}`, []string{"image https://news.example/css/a(1).png", "image https://news.example/css/b.png"}},
		{"a URL twice is one", `.a{background:url(a.png)} .b{background:url(a.png#x)}`, []string{"image https://news.example/css/a.png"}},
		{"a style sheet cut in a URL", `.a{background:url("a.png`, []string{"image https://news.example/css/a.png"}},
		{"custom properties", `:root{--hero: url(hero.png)}`, []string{"image https://news.example/css/hero.png"}},
		{"strings elsewhere are no URLs", `.a::before{content:"a.png"} @charset "utf-8"; [src="x.png"]{color:red}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, r := range StyleURLs([]byte(c.css), mustURL(t, "https://news.example/css/main.css")) {
				got = append(got, string(r.Kind)+" "+r.URL)
				if r.Essential != (r.Kind == KindStyle) {
					t.Errorf("%s is essential: %v", r.URL, r.Essential)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("StyleURLs(%s)\n got %q\nwant %q", c.css, got, c.want)
			}
		})
	}
}

func TestStyleURLsLeavesTheSheetAsItIs(t *testing.T) {
	sheet := []byte(".a{background:url(a.png)}xyz")
	part := sheet[:len(sheet)-3]
	StyleURLs(part, nil)
	if string(sheet) != ".a{background:url(a.png)}xyz" {
		t.Errorf("the bytes behind the sheet were changed: %q", sheet)
	}
}

func FuzzStyleURLs(f *testing.F) {
	for _, s := range []string{`@import "a.css"; .a{background:url(b.png)}`, `url(`, `@font-face{src:url("x`, `image-set("a" 1x`, `\`, `@import`, "a{b:url(\\0000410)}", "}}}}@{{("} {
		f.Add([]byte(s))
	}
	base := &url.URL{Scheme: "https", Host: "news.example", Path: "/a.css"}
	f.Fuzz(func(t *testing.T, sheet []byte) {
		seen := map[string]bool{}
		for _, r := range StyleURLs(sheet, base) {
			if seen[r.URL] {
				t.Errorf("%q twice", r.URL)
			}
			seen[r.URL] = true
			if !strings.HasPrefix(r.URL, "http") || strings.Contains(r.URL, "#") || r.Kind == "" {
				t.Errorf("requisite %+v", r)
			}
		}
	})
}
