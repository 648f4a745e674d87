package crawler

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive"
)

// rows gives the listed requisites of a page by URL.
func rows(p archive.Page) map[string]archive.Kept {
	m := map[string]archive.Kept{}
	for _, k := range p.Requisites {
		m[k.URL] = k
	}
	return m
}

func TestAPageIsFetchedWithWhatItNeeds(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{
		"/a": htm(article("A", `<link rel=stylesheet href="/one.css"><script src="/app.js"></script>
			<figure><img src="/lead.gif" width=800 height=600 srcset="/lead-2.gif 2x"><figcaption>The quay. Photo: Ann Lee</figcaption></figure>
			<iframe src="/frame" width=400 height=300></iframe>`)),
		"/one.css":       as("text/css", `@import "two.css"; body{background:url(bg.gif)}`),
		"/two.css":       as("text/css", `@font-face{font-family:x;src:url(/f.woff2)}`),
		"/frame":         htm(`<title>f</title><img src="/framed.gif"><link rel=stylesheet href="/framed.css"><iframe src="/deeper"></iframe>`),
		"/framed.css":    as("text/css", `p{background:url(/framed-bg.gif)}`),
		"/app.js":        as("text/javascript", "1"),
		"/f.woff2":       as("font/woff2", "wOF2"),
		"/lead.gif":      as("image/gif", gif),
		"/lead-2.gif":    as("image/gif", gif+"2"),
		"/bg.gif":        as("image/gif", gif+"3"),
		"/framed.gif":    as("image/gif", gif+"4"),
		"/framed-bg.gif": as("image/gif", gif+"5"),
	})
	b := newBench(t, o, nil)
	pages, err := b.capture(t.Context(), "http://n.example/a")
	b.must(err)
	records := b.settle()
	p := pages["http://n.example/a"]
	wants(t, p, archive.OK)
	want := []string{"/a", "/app.js", "/bg.gif", "/f.woff2", "/frame", "/framed-bg.gif", "/framed.css", "/framed.gif", "/lead-2.gif", "/lead.gif", "/one.css", "/two.css"}
	for i := range want {
		want[i] = "n.example" + want[i]
	}
	if got := o.targets(); !slices.Equal(got, want) {
		t.Errorf("asked %q\nwant  %q (frames are read one level deep)", got, want)
	}
	listed := rows(p)
	for _, w := range want[1:] {
		k := listed["http://"+w]
		if k.Record == "" || k.File == "" || k.Status != 200 || k.Kind == "" {
			t.Errorf("%s is listed as %+v", w, k)
		}
		if n := records["response http://"+w] + records["revisit http://"+w]; n != 1 {
			t.Errorf("%s has %d records", w, n)
		}
	}
	for target, want := range map[string]string{"n.example/lead.gif": "http://n.example/a", "n.example/two.css": "http://n.example/one.css", "n.example/framed.gif": "http://n.example/frame", "n.example/a": ""} {
		if got := o.head(target).Get("Referer"); got != want {
			t.Errorf("%s was asked with Referer %q, want %q", target, got, want)
		}
		if got := o.head(target).Get("User-Agent"); got != "tearsheet/test (+https://example.org/)" {
			t.Errorf("%s was asked with User-Agent %q", target, got)
		}
		if got := o.head(target).Get(idField); got != "" {
			t.Errorf("the private field went out with %s: %q", target, got)
		}
	}
	if len(p.Photos) != 1 || p.Photos[0].Caption == "" || len(p.Photos[0].Renditions) != 2 {
		t.Errorf("photos: %+v", p.Photos)
	}
}

func TestMissingRequisites(t *testing.T) {
	const figure = `<figure><img src="/1.gif" width=800 height=600 srcset="/2.gif 2x"><figcaption>The quay</figcaption></figure>`
	picture := as("image/gif", gif)
	for _, c := range []struct {
		name    string
		page    string
		others  map[string]http.HandlerFunc
		verdict archive.Verdict
		words   []string
	}{
		{"one rendition of a picture is enough", figure, map[string]http.HandlerFunc{"/2.gif": picture}, archive.OK, nil},
		{"a picture without any rendition", figure, nil, archive.Partial, []string{"/2.gif is missing: it answered 404 Not Found"}},
		{"a web page is no picture", figure, map[string]http.HandlerFunc{"/1.gif": htm("login"), "/2.gif": htm("login")}, archive.Partial, []string{"web page, not a picture"}},
		{"an empty picture", figure, map[string]http.HandlerFunc{"/1.gif": as("image/gif", ""), "/2.gif": as("image/gif", "")}, archive.Partial, []string{"empty"}},
		{"a style sheet", `<link rel=stylesheet href=/s.css>`, nil, archive.Partial, []string{"style sheet http://n.example/s.css is missing"}},
		{"a frame", `<iframe src=/f width=400 height=300></iframe>`, nil, archive.Partial, []string{"frame http://n.example/f is missing"}},
		{"what a frame names is not the page's", `<iframe src=/f width=400 height=300></iframe>`, map[string]http.HandlerFunc{"/f": htm(`<link rel=stylesheet href=/s.css><img src=/x.gif>`)}, archive.OK, nil},
		{"a script is not missed", `<script src=/s.js></script>`, nil, archive.OK, nil},
		{"a redirected picture arrives", figure, map[string]http.HandlerFunc{"/1.gif": redirect(302, "/3.gif"), "/3.gif": picture}, archive.OK, nil},
		{"a picture that redirects for ever", figure, map[string]http.HandlerFunc{"/1.gif": redirect(302, "/2.gif"), "/2.gif": redirect(302, "/1.gif")}, archive.Partial, []string{"redirects"}},
		{"a picture that redirects to itself", figure, map[string]http.HandlerFunc{"/2.gif": redirect(302, "/2.gif"), "/1.gif": redirect(302, "/1.gif")}, archive.Partial, []string{"redirects"}},
		{"a cut picture", figure, map[string]http.HandlerFunc{"/1.gif": cut, "/2.gif": cut}, archive.Partial, []string{"cut (disconnect)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pages := map[string]http.HandlerFunc{"/a": htm(article("A", c.page))}
			for path, answer := range c.others {
				pages[path] = answer
			}
			o := newOrigin(t, pages)
			p := one(t, o, nil, "http://n.example/a")
			wants(t, p, c.verdict, c.words...)
			for _, target := range o.targets() {
				if n := o.count(target); n != 1 {
					t.Errorf("%s was asked %d times", target, n)
				}
			}
		})
	}
}

// cut promises more than it sends.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/gif")
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(gif))
}

func TestARequisiteIsFetchedOncePerRun(t *testing.T) {
	const pages = 8
	o := newOrigin(t, map[string]http.HandlerFunc{
		"shared.example/s.css":  as("text/css", `p{background:url(/bg.gif)}`),
		"shared.example/bg.gif": as("image/gif", gif),
		"shared.example/x.gif":  redirect(302, "/y.gif"),
		"shared.example/y.gif":  as("image/gif", gif+"y"),
	})
	var urls []string
	for i := range pages {
		o.pages[fmt.Sprintf("/%d", i)] = htm(article("A", `<link rel=stylesheet href="http://shared.example/s.css"><img src="http://shared.example/x.gif#a"><img src="//shared.example/y.gif"><link rel=preload as=image href="https://shared.example/y.gif">`))
		urls = append(urls, fmt.Sprintf("http://n%d.example/%d", i, i))
	}
	b := newBench(t, o, func(o *Options) { o.Concurrency = pages })
	got, err := b.capture(t.Context(), urls...)
	b.must(err)
	b.settle()
	for _, target := range []string{"/s.css", "/bg.gif", "/x.gif", "/y.gif"} {
		if n := o.count("shared.example" + target); n != 1 {
			t.Errorf("%s was asked %d times", target, n)
		}
	}
	first := rows(got[urls[0]])
	for _, u := range urls {
		wants(t, got[u], archive.OK)
		r := rows(got[u])
		for _, target := range []string{"/s.css", "/bg.gif", "/x.gif", "/y.gif"} {
			if k := r["http://shared.example"+target]; k.Record == "" || k.Record != first["http://shared.example"+target].Record {
				t.Errorf("%s lists %s as %+v", u, target, k)
			}
		}
	}
}

func TestImportsEnd(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{
		"/a":     htm(article("A", `<link rel=stylesheet href=/0.css>`)),
		"/0.css": as("text/css", `@import "0.css"; @import "1.css";`), // itself, and a chain
	})
	for i := 1; i < 12; i++ {
		o.pages[fmt.Sprintf("/%d.css", i)] = as("text/css", fmt.Sprintf(`@import "%d.css"; @import "0.css"; p{background:url(%d.gif)}`, i+1, i))
	}
	p := one(t, o, nil, "http://n.example/a")
	if n := o.count("n.example/5.css"); n != 1 {
		t.Errorf("the fifth import was asked %d times; %s", n, o.targets())
	}
	if n := o.count("n.example/6.css"); n != 0 {
		t.Errorf("the sixth import was asked %d times", n)
	}
	if n := o.count("n.example/5.gif"); n != 1 {
		t.Errorf("the picture of the fifth import was asked %d times", n)
	}
	wants(t, p, archive.OK)
}

func TestFurtherRequisites(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": htm(article("A", "")), "/x.gif": as("image/gif", gif)})
	p := one(t, o, func(o *Options) { o.Also = []string{"http://n.example/x.gif", "http://n.example/y.gif"} }, "http://n.example/a")
	wants(t, p, archive.Partial, "http://n.example/y.gif is missing")
	if k := rows(p)["http://n.example/x.gif"]; k.Status != 200 {
		t.Errorf("the requisite that was added is listed as %+v", k)
	}
	b := newBench(t, o, func(o *Options) { o.Also = []string{"http://n.example/x.gif"} })
	if _, err := b.capture(t.Context(), "http://n.example/a", "http://n.example/b"); err == nil {
		t.Error("further requisites were taken for two pages")
	}
}

func TestADeadHostIsGivenUp(t *testing.T) {
	var images strings.Builder
	for i := range 30 {
		fmt.Fprintf(&images, `<img src="http://127.0.0.9:1/%d.gif">`, i)
	}
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": htm(article("A", images.String()))})
	b := newBench(t, o, func(o *Options) { o.Wire.ConnectTo = nil })
	at := "http://" + o.server.Listener.Addr().String() + "/a"
	pages, err := b.capture(t.Context(), at)
	b.must(err)
	records := b.settle()
	failed := 0
	for key, n := range records {
		if strings.HasPrefix(key, "metadata http://127.0.0.9:1/") {
			failed += n
		}
	}
	if most := deadAfter + b.crawler.options.Concurrency; failed == 0 || failed > most {
		t.Errorf("the dead host was tried %d times, want at most %d", failed, most)
	}
	if n := len(pages[at].Requisites); n != 30 {
		t.Errorf("%d requisites are listed, want 30 with their failures", n)
	}
}

func TestAFrameThatIsAlsoAPageIsAskedForOnce(t *testing.T) {
	for _, order := range [][]string{{"/a", "/f"}, {"/f", "/a"}} {
		o := newOrigin(t, map[string]http.HandlerFunc{
			"/a": htm(article("A", `<iframe src=/f width=400 height=300></iframe>`)), "/f": htm(article("F", `<figure><img src=/1.gif width=800 height=600></figure>`)), "/1.gif": as("image/gif", gif),
		})
		for _, concurrency := range []int{1, 4} {
			o.asked = map[string]int{}
			b := newBench(t, o, func(o *Options) { o.Concurrency = concurrency })
			pages, err := b.capture(t.Context(), "http://n.example"+order[0], "http://n.example"+order[1])
			b.must(err)
			b.settle()
			for _, target := range o.targets() {
				if n := o.count(target); n != 1 {
					t.Errorf("%v: %s was asked %d times", order, target, n)
				}
			}
			wants(t, pages["http://n.example/a"], archive.OK)
			f := pages["http://n.example/f"]
			wants(t, f, archive.OK)
			if f.Title != "F" || f.Capture == nil || f.Capture.Record == "" || f.Capture.Kind != "" || len(f.Photos) != 1 || len(f.Requisites) != 1 {
				t.Errorf("%v: the frame as a page is %+v", order, f)
			}
		}
	}
}
