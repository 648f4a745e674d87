package crawlertest

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "golang.org/x/image/webp"
)

const testOrigin = "https://courier.example"

func start(t testing.TB, o Options) *Newspaper {
	t.Helper()
	n, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// get asks for a path and does not follow redirects.
func get(t testing.TB, n *Newspaper, path string, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	tr := &http.Transport{DisableCompression: true, TLSClientConfig: &tls.Config{RootCAs: n.CertPool()}}
	defer tr.CloseIdleConnections()
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("GET %s: reading the body: %v", path, err)
	}
	return res, body
}

// bodies makes every resource of the edition.
func bodies(t *testing.T, o Options) map[string]string {
	t.Helper()
	n := start(t, o)
	out := map[string]string{}
	for path := range n.edition.Load().routes {
		w := httptest.NewRecorder()
		n.ServeHTTP(w, httptest.NewRequest(http.MethodGet, (&url.URL{Path: path}).String(), nil))
		if w.Code != http.StatusOK && w.Code != http.StatusMovedPermanently {
			t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
		}
		out[path] = w.Result().Header.Get("Location") + w.Body.String()
	}
	return out
}

func TestEqualOptionsGiveEqualBytes(t *testing.T) {
	o := Options{Origin: testOrigin, Articles: 6}
	one, two := bodies(t, o), bodies(t, o)
	if len(one) < 60 {
		t.Fatalf("the edition has only %d addresses", len(one))
	}
	if !maps.Equal(one, two) {
		t.Error("two editions of equal options differ")
	}
	o.Seed = 7
	for path, body := range bodies(t, o) {
		if strings.HasPrefix(path, "/photos/") && body == one[path] {
			t.Errorf("%s is the same for another seed", path)
		}
	}
}

func TestAnEditionHasAsManyArticlesAsAsked(t *testing.T) {
	written := len(start(t, Options{}).Articles())
	if written < 24 {
		t.Errorf("only %d articles are written", written)
	}
	for _, want := range []int{1, 5, written + 40} {
		n := start(t, Options{Articles: want})
		if got := len(n.Articles()); got != want {
			t.Errorf("%d articles, not %d", got, want)
		}
		if _, ok := n.Article(ArticleTwoCredits); !ok {
			t.Errorf("an edition of %d leaves out the article that the project began with", want)
		}
	}
}

func TestStartRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"an origin without scheme": {Origin: "courier.example"},
		"an origin with a path":    {Origin: "https://courier.example/"},
		"a negative number":        {Articles: -1},
		"an origin that is no URL": {Origin: "http://[::1", TLS: true},
	} {
		if n, err := Start(t.Context(), o); err == nil {
			n.Close()
			t.Errorf("%s: no error", name)
		}
	}
}

func TestEveryPhotographIsAsDescribed(t *testing.T) {
	n := start(t, Options{})
	seen := map[string]bool{}
	for _, p := range n.Photographs() {
		for _, r := range p.Renditions {
			if seen[r.URL] {
				t.Errorf("%s belongs to two photographs", r.URL)
			}
			seen[r.URL] = true
			res, body := get(t, n, r.Path)
			cfg, format, err := image.DecodeConfig(bytes.NewReader(body))
			if err != nil || format != string(r.Format) || cfg.Width != r.Width || cfg.Height != r.Height {
				t.Errorf("%s is %s, %d x %d, %v", r.Path, format, cfg.Width, cfg.Height, err)
			}
			if got := res.Header.Get("Content-Type"); got != r.Format.ContentType() {
				t.Errorf("%s says that it is %s", r.Path, got)
			}
			for _, m := range p.Embedded {
				if m.Creators == nil || m.Latin {
					continue
				}
				if says := bytes.Contains(body, []byte(m.Creators[0])) || bytes.Contains(body, []byte(strings.ToUpper(m.Creators[0]))); says != r.Labelled {
					t.Errorf("%s: names %q: %v, but labelled: %v", r.Path, m.Creators[0], says, r.Labelled)
				}
			}
		}
		if len(p.Want.Agreement) == 0 {
			t.Errorf("%s does not say what is right", p.Slug)
		}
		if (p.Credit == "") != (p.Placement == Nowhere) || p.Credit != p.Want.Line {
			t.Errorf("%s: credit %q at %q, and %q is right", p.Slug, p.Credit, p.Placement, p.Want.Line)
		}
	}
}

func TestEveryPlacementAndDeliveryIsInThePaper(t *testing.T) {
	placements, deliveries, agreements := map[Placement]int{}, map[Delivery]int{}, map[string]int{}
	for _, p := range start(t, Options{}).Photographs() {
		placements[p.Placement]++
		deliveries[p.Delivery]++
		agreements[p.Want.Agreement[0]]++
	}
	for _, p := range []Placement{Nowhere, Element, CaptionSuffix, WholeCaption, ElementBefore, Foot, TitleOnly, AltOnly, StateOnly, DataOnly, JSONLDOnly} {
		if placements[p] == 0 {
			t.Errorf("no credit stands at %q", p)
		}
	}
	for _, d := range []Delivery{Plain, Srcset, Density, PictureTag, DataSrc, DataSrcset, Noscript, FullLink} {
		if deliveries[d] == 0 {
			t.Errorf("no photograph is delivered by %q", d)
		}
	}
	for _, a := range []string{"agree", "compatible", "conflict", "page_only", "file_only", "none"} {
		if agreements[a] == 0 {
			t.Errorf("page and file of no photograph are %q", a)
		}
	}
}

func TestTheArticleThatTheProjectBeganWith(t *testing.T) {
	n := start(t, Options{})
	a, ok := n.Article(ArticleTwoCredits)
	if !ok {
		t.Fatal("it is not in the paper")
	}
	p := a.Lead()
	_, page := get(t, n, a.Path())
	for _, want := range []string{
		`(Photo credit should read MIKHAIL KLIMENTYEV/AFP/Getty Images)"`, `<span class="credit">MIKHAIL KLIMENTYEV/Getty Images</span>`,
		"US President Donald Trump and Russia&#39;s President Vladimir Putin wave as they pose",
	} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %s", want)
		}
	}
	_, file := get(t, n, strings.TrimPrefix(p.URL, n.URL))
	for _, want := range []string{"\x1c\x02\x50\x00\x12MIKHAIL KLIMENTYEV", "\x1c\x02\x6e\x00\x10AFP/Getty Images", "\x1c\x02\x78"} {
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("the file lacks the dataset %q", want)
		}
	}
}

func TestFeedsAndSitemapsNameTheArticles(t *testing.T) {
	n := start(t, Options{})
	for _, path := range []string{RSSPath, AtomPath, JSONFeedPath, SitemapNewPath, SitemapArchivePath, SitemapNewsPath, "/harbour/rss.xml"} {
		_, body := get(t, n, path)
		if path == SitemapArchivePath {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err == nil {
				body, err = io.ReadAll(z)
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		if path == JSONFeedPath {
			if !json.Valid(body) {
				t.Errorf("%s is no JSON", path)
			}
		} else if err := wellFormed(body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, current := get(t, n, SitemapNewPath)
	_, news := get(t, n, SitemapNewsPath)
	date := n.edition.Load().date
	for _, a := range n.Articles() {
		loc, age := []byte("<loc>"+a.URL+"</loc>"), date.Sub(a.Published)
		if got, want := bytes.Contains(current, loc), age < currentWindow; got != want {
			t.Errorf("%s is %v old; in the sitemap: %v", a.Slug, age, got)
		}
		if got, want := bytes.Contains(news, loc), age < newsWindow; got != want {
			t.Errorf("%s is %v old; in the news sitemap: %v", a.Slug, age, got)
		}
	}
}

func wellFormed(doc []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(doc)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestAliasesLeadToTheArticle(t *testing.T) {
	n := start(t, Options{})
	for _, a := range n.Articles() {
		for _, alias := range a.Aliases {
			res, body := get(t, n, strings.TrimPrefix(alias, n.URL))
			if res.StatusCode == http.StatusMovedPermanently {
				if got := res.Header.Get("Location"); got != a.URL {
					t.Errorf("%s leads to %s", alias, got)
				}
			} else if !bytes.Contains(body, []byte(`<link rel="canonical" href="`+a.URL+`">`)) {
				t.Errorf("%s does not name its canonical URL", alias)
			}
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	n := start(t, Options{})
	for path, want := range map[string]int{"/nowhere": 404, "/photos/none-320.jpg": 404, "/a/moved-or-deleted": 200} {
		if res, body := get(t, n, path); res.StatusCode != want || !bytes.Contains(body, []byte("Page not found")) {
			t.Errorf("%s: status %d, not %d", path, res.StatusCode, want)
		}
	}
}

func TestConditionalRangeAndCompressedRequests(t *testing.T) {
	n := start(t, Options{})
	path := n.Articles()[0].Path()
	plain, body := get(t, n, path)
	packed, small := get(t, n, path, "Accept-Encoding", "br, gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || len(small) >= len(body) || packed.Header.Get("Etag") == plain.Header.Get("Etag") {
		t.Errorf("gzip: %v, %d of %d bytes", packed.Header, len(small), len(body))
	}
	for name, header := range map[string][]string{
		"the validator":             {"If-None-Match", plain.Header.Get("Etag")},
		"the date":                  {"If-Modified-Since", plain.Header.Get("Last-Modified")},
		"the validator of the gzip": {"If-None-Match", packed.Header.Get("Etag"), "Accept-Encoding", "gzip"},
	} {
		if res, b := get(t, n, path, header...); res.StatusCode != http.StatusNotModified || len(b) > 0 {
			t.Errorf("with %s: status %d and %d bytes", name, res.StatusCode, len(b))
		}
	}
	if res, b := get(t, n, path, "Range", "bytes=2-5"); res.StatusCode != http.StatusPartialContent || !bytes.Equal(b, body[2:6]) {
		t.Errorf("range: status %d, %q", res.StatusCode, b)
	}
}

func TestEditChangesPageAndValidatorsAndNothingElse(t *testing.T) {
	n := start(t, Options{})
	before := n.Articles()[3]
	was, _ := get(t, n, before.Path())
	err := n.Edit(before.Slug, func(a *Article) {
		a.Headline, a.Slug = "Everything is different", "another"
		a.Photographs[0].Credit = "Photo: Somebody Else"
	})
	if err != nil {
		t.Fatal(err)
	}
	is, page := get(t, n, before.Path(), "If-None-Match", was.Header.Get("Etag"), "If-Modified-Since", was.Header.Get("Last-Modified"))
	if is.StatusCode != http.StatusOK || !bytes.Contains(page, []byte("Everything is different")) || !bytes.Contains(page, []byte("Photo: Somebody Else")) {
		t.Errorf("status %d, and not the new text", is.StatusCode)
	}
	after, ok := n.Article(before.Slug)
	if !ok || after.URL != before.URL || !after.Modified.After(before.Modified) {
		t.Errorf("the article is now %q at %s, modified %v", after.Slug, after.URL, after.Modified)
	}
	if before.Headline == "Everything is different" {
		t.Error("the copy that was handed out before has changed")
	}
	if err := n.Edit("nobody-wrote-this", func(*Article) {}); err == nil {
		t.Error("an article that is not there was edited")
	}
	if err := n.Edit(before.Slug, func(a *Article) { a.Charset = "koi-9" }); err == nil {
		t.Error("an article in a charset that is none was printed")
	}
	if now, _ := n.Article(before.Slug); now.Charset != before.Charset {
		t.Error("an edit that failed has left its traces")
	}
}

func TestTLSIsTrustedByThePoolAlone(t *testing.T) {
	n := start(t, Options{TLS: true, Origin: testOrigin})
	if res, _ := get(t, n, "/"); res.StatusCode != http.StatusOK || res.ProtoMajor != 1 {
		t.Errorf("%s over %s", res.Status, res.Proto)
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: n.CertPool(), ServerName: "courier.example"}}
	defer tr.CloseIdleConnections()
	req := httptest.NewRequest(http.MethodGet, n.URL+"/", nil).WithContext(t.Context())
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatalf("under the origin's name: %v", err)
	}
	res.Body.Close()
	stranger := &http.Transport{}
	defer stranger.CloseIdleConnections()
	if res, err := stranger.RoundTrip(req); err == nil {
		res.Body.Close()
		t.Error("a client without the pool was content")
	}
}

func TestTheLogCountsEveryRequest(t *testing.T) {
	n := start(t, Options{})
	n.Handle("/own", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	paths := []string{"/", "/robots.txt", "/nowhere", "/own", "/?page=1", n.Photographs()[0].Renditions[0].Path}
	const clients = 16
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for _, p := range paths {
				get(t, n, p)
			}
		})
	}
	wg.Wait()
	if got, want := n.Total(), clients*len(paths); got != want {
		t.Errorf("%d requests logged, not %d", got, want)
	}
	for _, p := range paths {
		if got := n.Count(p); got != clients {
			t.Errorf("%s was asked for %d times, not %d", p, got, clients)
		}
	}
	if got := n.Repeated(); len(got) != len(paths) || !slices.IsSorted(got) {
		t.Errorf("repeated: %v", got)
	}
	for _, r := range n.Requests() {
		if want := map[string]int{"/nowhere": 404, "/own": 418}[r.Target]; want != 0 && r.Status != want {
			t.Errorf("%s is logged with status %d", r.Target, r.Status)
		}
	}
	if n.MostAtOnce() < 1 {
		t.Error("nothing was ever answered")
	}
	n.ForgetRequests()
	if n.Total() != 0 || len(n.Requests()) != 0 {
		t.Error("the log remembers what it was to forget")
	}
}

func TestCloseEndsWhatNeverEnds(t *testing.T) {
	n := start(t, Options{})
	begun := make(chan struct{})
	n.Handle("/forever", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	}))
	ended := make(chan error, 1)
	go func() {
		res, err := http.Get(n.URL + "/forever")
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			err = errors.Join(err, res.Body.Close())
		}
		ended <- err
	}()
	<-begun
	n.Close()
	n.Close()
	<-ended
	if _, err := http.Get(n.URL); err == nil {
		t.Error("the newspaper is still served")
	}
}

func TestDatesCountBackFromTheEdition(t *testing.T) {
	date := time.Date(2031, 3, 4, 5, 0, 0, 0, time.UTC)
	for _, a := range start(t, Options{Date: date}).Articles() {
		if a.Published.After(date) || a.Modified.Before(a.Published) || a.Modified.After(date) {
			t.Errorf("%s: published %v, modified %v", a.Slug, a.Published, a.Modified)
		}
	}
}

func TestEverythingInTheWrittenStockCanBeServed(t *testing.T) {
	n := start(t, Options{})
	for path := range n.edition.Load().routes {
		if strings.HasPrefix(path, "/photos/") {
			continue // TestEveryPhotographIsAsDescribed
		}
		w := httptest.NewRecorder()
		n.ServeHTTP(w, httptest.NewRequest(http.MethodGet, (&url.URL{Path: path}).String(), nil))
		if w.Code != http.StatusOK && w.Code != http.StatusMovedPermanently {
			t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		n, err := Start(b.Context(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		n.Close()
	}
}

// BenchmarkWholeEdition starts the paper and makes every page, feed and photograph of it.
func BenchmarkWholeEdition(b *testing.B) {
	for b.Loop() {
		n, err := Start(b.Context(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for path := range n.edition.Load().routes {
			n.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
		}
		n.Close()
	}
}
