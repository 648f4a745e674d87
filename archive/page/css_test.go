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

func TestStyleReferences(t *testing.T) {
	for _, c := range []struct {
		name, css string
		want      []string // kind, URL and the bytes that hold it
	}{
		{"url() is a reference as a whole", `a{b:url( "x.png" ) , URL(y)}`, []string{`image x.png url( "x.png" )`, "image y URL(y)"}},
		{"a string is one with its quotes", `@import 'a.css' screen;`, []string{`style a.css 'a.css'`}},
		{"image-set takes strings, but not as a type", `a{b:image-set("x" 1x, url(y) 2x, "z" type("image/png"))}`, []string{`image x "x"`, "image y url(y)", `image z "z"`}},
		{"escapes are undone in the URL and stay in the bytes", `a{b:url(x\)\62 .png)}`, []string{`image x)b.png url(x\)\62 .png)`}},
		{"escapes in names hide nothing", `@\69mport "a"; b{c:u\rl(d) \75rl("e") \69mage-set("f")}`, []string{`style a "a"`, `image d u\rl(d)`, `image e "e"`, `image f "f"`}},
		{"conditions of an import are no style sheets", `@import url(a) supports(background:url(b));`, []string{"style a url(a)", "image b url(b)"}},
		{"an import that opens a block is over", `@import {b:url(c) "d"}`, []string{"image c url(c)"}},
		{"a font's rule ends with its block", `@font-face{a{src:url(b)} src:url(c)} d{e:url(f)}`, []string{"font b url(b)", "font c url(c)", "image f url(f)"}},
		{"a font's rule without a block ends as well", `@font-face; a{b:url(c)}`, []string{"image c url(c)"}},
		{"a namespace is a name", `@namespace url(a); @namespace{} b{c:url(d)}`, []string{"image d url(d)"}},
		{"a string without its end", `a{b:image-set("xy`, []string{`image xy "xy`}},
		{"quotes inside quotes belong to the URL", `a{b:image-set("'x'")}`, []string{`image 'x' "'x'"`}},
		{"a URL without its end", `a{b:url(x`, []string{"image x url(x"}},
		{"a URL cut in an escape", `a{b:url("x\`, []string{`image x url("x\`}},
		{"what causes no request", `a{b:url() url("") url(#c) url(DATA:,d) url(d\61ta:,e) url("\23 f")}`, nil},
		{"what looks like a reference", `/* url(a) */ b::after{content:"url(c)"}`, nil},
		{"a NUL is no end", "a{b:url(c)}\x00d{e:url(f)}", []string{"image c url(c)", "image f url(f)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for ref := range StyleReferences([]byte(c.css)) {
				token := c.css[ref.Start:ref.End]
				got = append(got, string(ref.Kind)+" "+ref.URL+" "+token)
				if ref.String != (token[0] == '"' || token[0] == '\'') {
					t.Errorf("%s is a string: %v", token, ref.String)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("StyleReferences(%s)\n got %q\nwant %q", c.css, got, c.want)
			}
		})
	}
}

func TestStyleReferencesStopsWhenAsked(t *testing.T) {
	n := 0
	for range StyleReferences([]byte("a{b:url(c) url(d)}")) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d references after the first", n-1)
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

func FuzzStyleReferences(f *testing.F) {
	for _, s := range []string{`@import "a.css"; .a{background:url( 'b.png' )}`, `url(`, `u\rl("x`, `image-set("a" 1x`, "\x00url(a)\x00", `@font-face{src:url(a)}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, sheet []byte) {
		before, end := string(sheet), 0
		for ref := range StyleReferences(sheet) {
			if ref.Start < end || ref.End <= ref.Start || ref.End > len(sheet) {
				t.Fatalf("%+v in %q behind %d", ref, sheet, end)
			}
			end = ref.End
			token := sheet[ref.Start:ref.End]
			if quoted := token[0] == '"' || token[0] == '\''; ref.String != quoted || !quoted && !strings.Contains(string(token), "(") {
				t.Errorf("%+v stands in %q", ref, token)
			}
			if !leadsOut(ref.URL) || ref.Kind == "" {
				t.Errorf("reference %+v", ref)
			}
		}
		if string(sheet) != before {
			t.Errorf("%q became %q", before, sheet)
		}
	})
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
