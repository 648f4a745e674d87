package restore

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive/page"
)

func gzipped(tb testing.TB, s string) string {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil || w.Close() != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// wall is a shelf on which every URL that ends in .png, .css or .html is, under its last element.
type wall struct{ missing *[]string }

func (w wall) file(url string, _ page.Kind) string {
	path, _, _ := strings.Cut(url, "?")
	for _, ext := range []string{".png", ".css", ".html"} {
		if strings.HasSuffix(path, ext) {
			return "files/" + path[strings.LastIndexByte(path, '/')+1:]
		}
	}
	if w.missing != nil {
		*w.missing = append(*w.missing, url)
	}
	return ""
}

func (w wall) picture(url string) string {
	if strings.HasSuffix(url, ".png") {
		return w.file(url, page.KindImage)
	}
	return ""
}

func TestRewriteDocument(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"text and tags without references keep their bytes", "<P CLASS=a  title='x'>a &amp; b<br/></P>", "<P CLASS=a  title='x'>a &amp; b<br/></P>"},
		{"a picture", `<img src=/a.png alt="a &quot;b&quot;">`, `<img src="files/a.png" alt="a &#34;b&#34;">`},
		{"a picture that is not there", `<img src=/a.gif>`, `<img data-missing-src="/a.gif">`},
		{"a picture in the document", `<img src="data:image/png;base64,x">`, `<img src="data:image/png;base64,x">`},
		{"a srcset with commas in URLs", `<img srcset="/w,1/a.png 1x, /b.gif 2x,/c.png 3x">`, `<img srcset="files/a.png 1x, files/c.png 3x">`},
		{"a base element", `<base href="https://other.example/x/"><a href=y>`, `<a href="https://other.example/x/y">`},
		{"a lazy picture", `<img data-src=/a.png src=/blank.gif>`, `<img data-src="/a.png" src="files/a.png" style="` + unveil + `">`},
		{"a lazy picture beside another one", `<img data-zoom=/b.png src=/a.png>`, `<img data-zoom="/b.png" src="files/a.png">`},
		{"a lazy srcset", `<img data-srcset="/a.png 2x">`, `<img data-srcset="/a.png 2x" srcset="files/a.png 2x" style="` + unveil + `">`},
		{"a lazy source", `<picture><source data-srcset=/a.png></picture>`, `<picture><source data-srcset="/a.png" srcset="files/a.png"></picture>`},
		{"a lazy background", `<div data-bg="url('/a.png')">`, `<div data-bg="url(&#39;/a.png&#39;)" style=";background-image:url(&#34;files/a.png&#34;)">`},
		{"a lazy background by its address alone", `<div data-bg=" /a.png ">`, `<div data-bg=" /a.png " style=";background-image:url(&#34;files/a.png&#34;)">`},
		{"a lazy background as a declaration", `<div data-bg="background-image: URL( /a.png )">`, `<div data-bg="background-image: URL( /a.png )" style=";background-image:url(&#34;files/a.png&#34;)">`},
		{"a picture for browsers without scripts", `<noscript><img src=/a.png></noscript>`, `<noscript></noscript><img src="files/a.png"><noscript></noscript>`},
		{"a style attribute", `<p style="background:url(/a.png)">`, `<p style="background:url(&#34;files/a.png&#34;)">`},
		{"a style element", `<style>p{background:url(/a.png)}</style>`, `<style>p{background:url("files/a.png")}</style>`},
		{"a script", `<script src=/a.js async>x</script>`, `<script data-original-src="https://gazette.example/a.js" type="text/plain">x</script>`},
		{"data in a script", `<script type="application/ld+json">{"a":"</p>"}</script>`, `<script type="application/ld+json">{"a":"</p>"}</script>`},
		{"handlers", `<p ONCLICK="x()" id=a>`, `<p id="a">`},
		{"a link that is a script", `<a href="javascript:x()">`, `<a data-original-href="javascript:x()">`},
		{"a link to a place in the document", `<a href="#a">`, `<a href="#a">`},
		{"a link to an address", `<a href="mailto:a@b.example">`, `<a href="mailto:a@b.example">`},
		{"hints to load something", `<link rel=preload as=image href=/a.png><link rel=dns-prefetch href=//x>`, ``},
		{"a style sheet that a script switches on", `<link rel=preload as=style href=/a.css onload="x">`, `<link rel="stylesheet" href="files/a.css">`},
		{"policies, refresh and cookies", `<meta http-equiv=Content-Security-Policy content=x><meta HTTP-EQUIV=Refresh content="0;url=/x"><meta name=a content=b>`, `<meta name=a content=b>`},
		{"a form", `<form action=/search>`, `<form action="https://gazette.example/search">`},
		{"a frame", `<iframe src=/a.html></iframe>`, `<iframe src="files/a.html"></iframe>`},
		{"a document in an attribute", `<iframe srcdoc="&lt;img src=/a.png&gt;">`, `<iframe srcdoc="` + strings.NewReplacer("&", "&amp;", "'", "&#39;", `"`, "&#34;", "<", "&lt;", ">", "&gt;").Replace(preamble) + `&lt;img src=&#34;files/a.png&#34;&gt;">`},
		{"a drawing", `<svg><image xlink:href=/a.png /><use href="/s.png#i"/></svg>`, `<svg><image xlink:href="files/a.png"/><use href="files/s.png#i"/></svg>`},
		{"an AMP picture", `<amp-img src=/a.png></amp-img>`, `<img src="files/a.png" style=";max-width:100%;height:auto">`},
		{"a video", `<video poster=/a.png src=/v.mp4>`, `<video poster="files/a.png" data-missing-src="/v.mp4">`},
		{"a reference with spaces and a line end", "<img src=' /a\n.png '>", `<img src="files/a.png">`},
		{"a URL that is none", `<img src="http://[/">`, `<img data-missing-src="http://[/">`},
		{"another scheme", `<img src="file:///etc/passwd.png">`, `<img data-missing-src="file:///etc/passwd.png">`},
		{"a tag that the end cuts off", `<p>a<img src=/a.png`, `<p>a<img src=/a.png`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := string(rewriteDocument([]byte(test.in), "https://gazette.example/x/", wall{}))
			if got = strings.Replace(got, preamble, "", 1); got != test.want {
				t.Errorf("%s\nbecomes %s\nwant    %s", test.in, got, test.want)
			}
		})
	}
}

func TestPreambleStandsInTheHead(t *testing.T) {
	for name, doc := range map[string]string{
		"a whole document":             "<!doctype html><html lang=en><head><title>x</title></head><body><img src=/a.png></body></html>",
		"no head":                      "<!doctype html><html><body>x",
		"no html":                      "<title>x</title>x",
		"only text":                    "x",
		"nothing":                      "",
		"a comment and spaces first":   "<!-- x -->\n <html>\n<!-- y --><head>",
		"text before everything":       "x<html><head></head>",
		"a policy that comes too late": "<html><head><script src=/x.js></script><meta http-equiv=content-security-policy content=x>",
	} {
		t.Run(name, func(t *testing.T) {
			wantNoRequests(t, string(rewriteDocument([]byte(doc), site, wall{})))
		})
	}
}

func TestRewriteStyle(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"what is no reference keeps its bytes", "/* url(a.png) */ a::after { content: \"url(a.png)\" ; }  @media x{}", "/* url(a.png) */ a::after { content: \"url(a.png)\" ; }  @media x{}"},
		{"a bare URL", "a{b:url( a.png )}", `a{b:url("<a.png image>")}`},
		{"a URL in quotes", `a{b:url('a b.png') URL("c")}`, `a{b:url("<a b.png image>") url("<c image>")}`},
		{"escapes", `a{b:url(a\)\62 .png)}`, `a{b:url("<a)b.png image>")}`},
		{"an import", `@import "a.css" screen; @import url(b.css);`, `@import "<a.css style>" screen; @import url("<b.css style>");`},
		{"a font", `@font-face{src:local("x"),url(f) format("woff2"),url(g)} a{b:url(c)}`, `@font-face{src:local("x"),url("<f font>") format("woff2"),url("<g font>")} a{b:url("<c image>")}`},
		{"an image-set", `a{b:image-set("a" 1x, url(b) 2x, "c" type("image/png"))}`, `a{b:image-set("<a image>" 1x, url("<b image>") 2x, "<c image>" type("image/png"))}`},
		{"a namespace", `@namespace url(http://www.w3.org/1999/xhtml); a{b:url(c)}`, `@namespace url(http://www.w3.org/1999/xhtml); a{b:url("<c image>")}`},
		{"a place in the document", `a{b:url(#c)}`, `a{b:url(#c)}`},
		{"declarations alone", `background:url(a)`, `background:url("<a image>")`},
		{"a sheet that breaks off", `a{b:url(c`, `a{b:url("<c image>")`},
		{"what is not there", `a{b:url(none)}`, `a{b:url("data:,")}`},
		{"an end of a style element in a name", `a{b:url("x")}`, `a{b:url("<x image>")}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := rewriteStyle([]byte(test.in), func(ref string, kind page.Kind) string {
				if ref == "none" {
					return ""
				}
				return "<" + ref + " " + string(kind) + ">"
			})
			if got := strings.ReplaceAll(string(got), `\3c `, "<"); got != test.want {
				t.Errorf("%s\nbecomes %s\nwant    %s", test.in, got, test.want)
			}
		})
	}
}

func TestFileNamesAreHarmless(t *testing.T) {
	seen := map[string]bool{}
	for _, url := range []string{"https://a.example/", "https://a.example/..", "https://a.example/../../etc/passwd", "https://a.example/a%2f..%2fb",
		"https://a.example/CON", "https://a.example/x%00.png", "https://a.example/.hidden", "https://a.example/-rf", "%", "https://a.example/日本.png",
		"https://a.example/" + strings.Repeat("long", 100), "https://a.example/x?y/../z", `https://a.example/a\b:c*d`} {
		name := fileName(url, "", ".png")
		bad := strings.IndexFunc(name, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-.", r) })
		if bad >= 0 || strings.Count(name, ".") != 1 || name[0] == '.' || name[0] == '-' || len(name) > 70 || seen[name] {
			t.Errorf("%q becomes %q", url, name)
		}
		seen[name] = true
	}
}

func FuzzDocument(f *testing.F) {
	f.Add(article)
	f.Add(`<svg><script href=//x></script><style>@import "//x"</style></svg><noscript><img src=//x></noscript>`)
	f.Add(`<iframe srcdoc="<script src=//x></script>"></iframe><base href=x><template><img src=//x></template>`)
	f.Fuzz(func(t *testing.T, doc string) {
		out := string(rewriteDocument([]byte(doc), site, wall{}))
		if again := string(rewriteDocument([]byte(doc), site, wall{})); again != out {
			t.Error("the same document becomes two")
		}
		if !strings.Contains(out, preamble) {
			t.Error("no policy is in force")
		}
	})
}

func FuzzStyle(f *testing.F) {
	f.Add(`@import "a"; @font-face { src: url(b) } c { d: url('e') image-set("f" 1x) } /* url(g) */`)
	f.Add("a{b:url(\\\n)}")
	f.Fuzz(func(t *testing.T, sheet string) {
		var refs []string
		out := rewriteStyle([]byte(sheet), func(ref string, _ page.Kind) string { refs = append(refs, ref); return "file.png" })
		var again []string
		rewriteStyle(out, func(ref string, _ page.Kind) string { again = append(again, ref); return ref })
		if slices.ContainsFunc(again, func(ref string) bool { return ref != "file.png" }) {
			t.Errorf("%q becomes %q, which still refers to %q", sheet, out, again)
		}
	})
}

func FuzzSrcset(f *testing.F) {
	f.Add("a 1x, b,c 2x,d, e 3w 4h")
	f.Add("a (x,y), b")
	f.Fuzz(func(t *testing.T, value string) {
		n := 0
		out := rewriteSrcset(value, func(string) string { n++; return "file.png" })
		m := 0
		rewriteSrcset(out, func(ref string) string {
			if m++; ref != "file.png" {
				t.Errorf("%q becomes %q, which refers to %q", value, out, ref)
			}
			return ref
		})
		if m > n {
			t.Errorf("%q becomes %q with more candidates", value, out)
		}
	})
}

func TestAReferenceIsLookedUpWithoutItsUserNameAndPassword(t *testing.T) {
	if got, want := resolve("https://news.example/story", "//ana:sekret@img.example/a.png", ""), "https://img.example/a.png"; got != want {
		t.Errorf("resolved to %s; want %s", got, want)
	}
}
