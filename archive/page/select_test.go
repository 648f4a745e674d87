package page

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive/photo"
)

// pictures gives the last path segment of each picture of the article.
func pictures(d *Document) []string {
	var all []string
	for _, img := range d.Images {
		all = append(all, img.Src[strings.LastIndexByte(img.Src, '/')+1:])
	}
	return all
}

func TestReadTellsTheArticlesPicturesFromOthers(t *testing.T) {
	text := paragraphs(3)
	article := func(inside string) string {
		return `<title>Harbour reopens</title><main><article><h1>Harbour reopens</h1>` + inside + text + `</article></main>`
	}
	for _, c := range []struct {
		name, markup string
		want         []string
	}{
		{"the lead and a picture in the text", article(`<figure><img src="/lead.jpg"></figure>` + text + `<p><img src="/body.jpg"></p>`), []string{"lead.jpg", "body.jpg"}},
		{"a picture without article, main and figure", `<div><h1>Harbour</h1><div><img src="/lead.jpg"></div><div>` + text + `</div></div>`, []string{"lead.jpg"}},
		{"a lead above the headline, named by og:image", `<meta property="og:image" content="/lead-1200x630.jpg"><div><img src="/lead.jpg?w=640"></div><article><h1>Harbour</h1>` + text + `</article>`, []string{"lead.jpg?w=640"}},
		{"navigation, header and footer", `<header><img src="/head.jpg"></header><nav><img src="/nav.jpg"></nav>` + article(`<img src="/lead.jpg">`) + `<footer><img src="/foot.jpg"></footer>`, []string{"lead.jpg"}},
		{"teasers behind the text", article(`<img src="/lead.jpg">`) + `<section><article><a href="/2"><img src="/teaser.jpg"></a><h3><a href="/2">Another story altogether</a></h3></article></section>`, []string{"lead.jpg"}},
		{"a teaser between paragraphs, headline in a link of its own", article(`<img src="/lead.jpg">` + text + `<div><a href="/2"><img src="/teaser.jpg"></a><h4><a href="/2">Another story with its title</a></h4></div>`), []string{"lead.jpg"}},
		{"a teaser with a class that says so", article(`<img src="/lead.jpg">` + text + `<div class="RelatedStories-item"><figure><img src="/teaser.jpg"><figcaption>Seen elsewhere</figcaption></figure></div>`), []string{"lead.jpg"}},
		{"a picture that links to its own page in a gallery", article(`<figure><a href="/gallery/1"><img src="/lead.jpg"></a><figcaption>The quay</figcaption></figure>`), []string{"lead.jpg"}},
		{"a picture that links to its full size", article(`<a href="/full/lead.jpg"><img src="/small/lead-300x200.jpg"></a>`), []string{"lead.jpg"}},
		{"the author's portrait", article(`<img src="/lead.jpg"><div class="article-author"><img src="/ana.jpg" width="300" height="300"></div>`), []string{"lead.jpg"}},
		{"small pictures", article(`<img src="/lead.jpg"><img src="/x.png" width="32" height="32">`), []string{"lead.jpg"}},
		{"a ratio in width and height is no size", article(`<img src="/lead.jpg" width="16" height="9">`), []string{"lead.jpg"}},
		{"logos and stand-ins by their names", article(`<img src="/lead.jpg"><img src="/assets/gazette-logo.png"><img src="/grey-placeholder.png">`), []string{"lead.jpg"}},
		{"a pixel that counts readers", article(`<img src="/lead.jpg"><img src="https://count.example/p.gif" width="1" height="1">`), []string{"lead.jpg"}},
		{"advertisements", article(`<img src="/lead.jpg">` + text + `<div class="ad-slot"><img src="/buy.jpg"></div>`), []string{"lead.jpg"}},
		{"an aside between headline and text can hold the lead", article(`<aside class="inline"><figure><img src="/lead.jpg"></figure></aside>`), []string{"lead.jpg"}},
		{"a class of an element around the whole text says nothing", `<div class="with-sidebar comments-open">` + article(`<img src="/lead.jpg">`) + `</div>`, []string{"lead.jpg"}},
		{"a gallery of the article", article(text + `<div class="gallery"><dl class="gallery-icon"><a href="/g1.jpg"><img src="/g1-150x150.jpg"></a></dl><dl class="gallery-icon"><a href="/g2.jpg"><img src="/g2-150x150.jpg"></a></dl></div>`), []string{"g1.jpg", "g2.jpg"}},
		{"the same picture for narrow and wide screens", article(`<img class="mobile" src="/lead-1234-320x200.jpg"><img class="desktop" src="/lead-1234-1280x800.jpg">`), []string{"lead-1234-320x200.jpg"}},
		{"pictures that differ in a number are two", article(`<img src="/harbour-1.jpg"><img src="/harbour-2.jpg">`), []string{"harbour-1.jpg", "harbour-2.jpg"}},
		{"lazy pictures that share a stand-in are two", article(`<img src="/grey.png" data-src="/quay-one.jpg"><img src="/grey.png" data-src="/quay-two.jpg">`), []string{"quay-one.jpg", "quay-two.jpg"}},
		{"a noscript copy is the same picture", article(`<div><img data-src="/lead-a.jpg"><noscript><img src="/lead-b.jpg"></noscript></div>`), []string{"lead-a.jpg"}},
		{"a picture in a noscript alone", article(`<figure><noscript><img src="/lead.jpg"></noscript></figure>`), []string{"lead.jpg"}},
		{"a figure that names its picture in an attribute, as metadata do", `<meta property="og:image" content="/lead.jpg">` + article(`<figure data-src="/lead.jpg"></figure>`), []string{"lead.jpg"}},
		{"amp-img", article(`<amp-img src="/lead.jpg" width="800" height="600"></amp-img>`), []string{"lead.jpg"}},
		{"a caption as long as an article is no article", article(`<figure><img src="/lead.jpg"></figure>` + text + `<figure><img src="/two.jpg"><figcaption>` + strings.Repeat("word ", 1000) + `</figcaption></figure>` + text + `<figure><img src="/three.jpg"></figure>`), []string{"lead.jpg", "two.jpg", "three.jpg"}},
		{"a page without pictures", article(""), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := pictures(read(t, c.markup)); !slices.Equal(got, c.want) {
				t.Errorf("pictures = %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadGathersTheRenditionsOfAPicture(t *testing.T) {
	d := read(t, `<title>Harbour reopens</title><article><h1>Harbour reopens</h1><figure data-full-src="/quay-2000x1333.jpg"><picture>
<source type="image/webp" srcset="/quay-400w.webp 400w, /quay-1600w.webp 1600w"><img src="/quay-800w.jpg" alt=" The  quay "></picture>
<noscript><img src="/quay-1200w.jpg"></noscript></figure>`+paragraphs(4)+`</article>`)
	if len(d.Images) != 1 {
		t.Fatalf("images = %+v", d.Images)
	}
	img := d.Images[0]
	if img.Src != "https://news.example/quay-2000x1333.jpg" || img.Role != RoleLead || img.Alt != "The quay" {
		t.Errorf("image = %+v", img)
	}
	got := slices.Sorted(slices.Values(img.Candidates))
	want := []string{"quay-1200w.jpg", "quay-1600w.webp", "quay-2000x1333.jpg", "quay-400w.webp", "quay-800w.jpg"}
	for i := range want {
		want[i] = "https://news.example/" + want[i]
	}
	if !slices.Equal(got, want) || img.Candidates[0] != img.Src {
		t.Errorf("candidates = %q, want %q, the largest first", img.Candidates, want)
	}
}

func TestReadRoles(t *testing.T) {
	d := read(t, `<article><h1>Harbour</h1><img src="/one.jpg">`+paragraphs(4)+`<img src="/two.jpg">`+paragraphs(1)+`</article>`)
	if len(d.Images) != 2 || d.Images[0].Role != RoleLead || d.Images[1].Role != RoleBody {
		t.Errorf("images = %+v", d.Images)
	}
	d = read(t, `<article><h1>Harbour</h1>`+paragraphs(4)+`<img src="/two.jpg">`+paragraphs(1)+`</article>`)
	if len(d.Images) != 1 || d.Images[0].Role != RoleBody {
		t.Errorf("images = %+v", d.Images)
	}
}

func TestReadTakesAKickerAndAStandfirstForNoText(t *testing.T) {
	d := read(t, `<main><article><p>Harbour</p><h1>Harbour reopens</h1><p>After eleven weeks the ferries sail again.</p><p>By Ana Lindqvist</p><p>5 March</p>
		<figure><img src="/lead.jpg"></figure>`+paragraphs(4)+`<figure><img src="/body.jpg"></figure></article></main>`)
	if len(d.Images) != 2 || d.Images[0].Role != RoleLead || d.Images[1].Role != RoleBody {
		t.Errorf("the pictures are %+v; want a lead and one in the text", d.Images)
	}
}

func TestReadCaptions(t *testing.T) {
	const caption = "The quay at dawn on Tuesday."
	for _, c := range []struct{ name, markup, want string }{
		{"figcaption", `<figure><img src="/a.jpg"><figcaption> The quay
 at dawn on Tuesday.</figcaption></figure>`, caption},
		{"figcaption before the picture", `<figure><figcaption>` + caption + `</figcaption><img src="/a.jpg"></figure>`, caption},
		{"an element whose class says caption", `<div class="image"><img src="/a.jpg"><div class="img__Caption">` + caption + `</div></div>`, caption},
		{"a caption beside the frames of the picture", `<div><div><div><picture><img src="/a.jpg"></picture></div></div><p class="wp-caption-text">` + caption + `</p></div>`, caption},
		{"microdata", `<div><img src="/a.jpg"><span itemprop="caption">` + caption + `</span></div>`, caption},
		{"a caption that follows the picture's own paragraph", `<p><img src="/a.jpg"></p><p class="caption">` + caption + `</p>`, caption},
		{"text beside the picture without a class", `<div class="x"><img src="/a.jpg"><div>` + caption + `</div></div>`, caption},
		{"the credit element is left out", `<figure><img src="/a.jpg"><figcaption>` + caption + ` <span class="photo-credit">Jo Marsh</span></figcaption></figure>`, caption},
		{"an element that begins like a credit is left out", `<figure><img src="/a.jpg"><figcaption><p>` + caption + `</p><p>Foto: Jo Marsh</p></figcaption></figure>`, caption},
		{"a figcaption that is a credit is no caption", `<figure><img src="/a.jpg"><figcaption>© Jo Marsh</figcaption></figure>`, ""},
		{"buttons and text for screen readers are left out", `<figure><img src="/a.jpg"><button>View full screen</button><figcaption><span class="sr-only">Caption</span>` + caption + `<button>Close</button></figcaption></figure>`, caption},
		{"the article's next paragraph is none", `<div><img src="/a.jpg"></div>`, ""},
		{"the headline is none", `<div><h1>Harbour reopens after the storm</h1><img src="/a.jpg"></div>`, ""},
		{"alt and title are none", `<figure><img src="/a.jpg" alt="` + caption + `" title="x"></figure>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := read(t, `<title>Harbour reopens after the storm</title><article><h1>Harbour reopens after the storm</h1>`+c.markup+paragraphs(4)+`</article>`)
			if len(d.Images) != 1 {
				t.Fatalf("images = %+v", d.Images)
			}
			if got := d.Images[0].Caption; got != c.want {
				t.Errorf("caption = %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadGivesEachPictureOfAGalleryItsCaption(t *testing.T) {
	d := read(t, `<article><h1>Harbour</h1>`+paragraphs(3)+`<div class="gallery"><div class="slide"><img src="/g-one.jpg"><div class="caption">The first</div></div>
<div class="slide"><img src="/g-two.jpg"><div class="caption">The second</div></div></div>`+paragraphs(1)+`</article>`)
	if len(d.Images) != 2 || d.Images[0].Caption != "The first" || d.Images[1].Caption != "The second" {
		t.Errorf("images = %+v", d.Images)
	}
}

func TestReadStatesCaptionAndAltWithTheirPlace(t *testing.T) {
	d := read(t, `<article id="story"><h1>Harbour</h1><figure><img src="/a.jpg" alt="A quay"><figcaption>The quay</figcaption></figure>`+paragraphs(3)+`</article>`)
	want := []photo.Statement{
		{Property: photo.Caption, Value: "The quay", Kind: photo.PageCaption, Locator: "#story > figure:nth-of-type(1) > figcaption:nth-of-type(1)"},
		{Property: photo.Alt, Value: "A quay", Kind: photo.PageAlt, Locator: "#story > figure:nth-of-type(1) > img:nth-of-type(1)"},
	}
	if len(d.Images) != 1 || !reflect.DeepEqual(d.Images[0].Statements, want) {
		t.Errorf("images = %+v, want statements %+v", d.Images, want)
	}
}

func TestIdentity(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"a size behind the name", "https://x.example/2024/quay-1024x683.jpg", "https://x.example/2024/quay.jpg", true},
		{"a width in the query", "https://x.example/quay-dawn.jpg?w=640", "https://x.example/quay-dawn.jpg?w=1280", true},
		{"another extension", "https://x.example/quay-dawn.jpg", "https://x.example/quay-dawn.jpg.webp", true},
		{"another host and path", "https://a.example/w_400/quay-dawn.jpg", "https://b.example/x/y/quay-dawn.jpg", true},
		{"a picture inside a resizer's path", "https://r.example/https://x.example/quay-dawn.jpg", "https://x.example/quay-dawn.jpg", true},
		{"a picture inside a resizer's query", "https://r.example/?url=https%3A%2F%2Fx.example%2Fquay-dawn.jpg&w=2", "https://x.example/quay-dawn.jpg", true},
		{"a name that says nothing is told by its folder", "https://x.example/8f3c2a/original.jpg", "https://x.example/8f3c2a/640x360.jpg", true},
		{"names that say nothing in two folders", "https://x.example/8f3c2a/original.jpg", "https://x.example/77ab01/original.jpg", false},
		{"numbers of pictures", "https://x.example/IMG_2041.jpg", "https://x.example/IMG_2043.jpg", false},
		{"short names in one folder", "https://x.example/21956/sad.jpg", "https://x.example/21956/sad3.jpg", false},
		{"a number in the query of a script", "https://x.example/i?id=1", "https://x.example/i?id=2", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a, b := identity(c.a), identity(c.b); (a == b) != c.same {
				t.Errorf("identities %q and %q", a, b)
			}
		})
	}
}
