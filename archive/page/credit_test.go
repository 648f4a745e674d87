package page

import (
	"fmt"
	"slices"
	"testing"

	"tearsheet/archive/photo"
)

// lines gives the credit lines that the page states of its first picture, "kind: value".
func lines(img Image) []string {
	var all []string
	for _, s := range img.Statements {
		if s.Property == photo.CreditLine {
			all = append(all, string(s.Kind)+": "+s.Value)
		}
	}
	return all
}

// onPage puts markup where the lead of an article stands.
func onPage(markup, foot string) string {
	return `<title>Harbour reopens after the storm</title><article><h1>Harbour reopens after the storm</h1>` + markup + paragraphs(4) + foot + `</article>`
}

func TestReadFindsCreditsWhereverTheyStand(t *testing.T) {
	const caption = "The quay at dawn on Tuesday."
	figure := func(inside string) string {
		return `<figure><img src="/a.jpg"><figcaption>` + inside + `</figcaption></figure>`
	}
	for _, c := range []struct {
		name, markup string
		want         string // kind: value of the first credit line; "" for none
		caption      string
	}{
		// An element of its own.
		{"behind the caption, called credit", figure(caption + ` <span class="photo-credit">Jo Marsh</span>`), "page.credit: Jo Marsh", caption},
		{"behind the caption, called credit with the word grown together", figure(caption + ` <div class="contentcredit">Foto: Jo Marsh</div>`), "page.credit: Foto: Jo Marsh", caption},
		{"behind the caption, called author", figure(`<span class="cap-text">` + caption + `</span><span class="cap_author">Jo Marsh / EFE</span>`), "page.credit: Jo Marsh / EFE", caption},
		{"behind the caption, called so for scripts alone", figure(`<span>` + caption + `</span><span data-role="image-source">Jo Marsh/AP/dpa</span>`), "page.credit: Jo Marsh/AP/dpa", caption},
		{"behind the caption, not called anything", figure(`<span>` + caption + `</span> <span>Jo Marsh / Reuters</span>`), "page.credit: Jo Marsh / Reuters", caption},
		{"behind the caption, a name that nothing announces", figure(`<p>` + caption + `</p><p>Jo Marsh</p>`), "page.credit: Jo Marsh", caption},
		{"behind the caption, in cite", figure(caption + ` <cite>Jo Marsh</cite>`), "page.credit: Jo Marsh", caption},
		{"before the caption", figure(`<span class="copyright">Jo Marsh</span> ` + caption), "page.credit: Jo Marsh", caption},
		{"before the picture", `<div><span class="t7">Foto: Jo Marsh</span><img src="/a.jpg"><p class="caption">` + caption + `</p></div>`, "page.credit: Foto: Jo Marsh", caption},
		{"outside the figure", `<figure><img src="/a.jpg"></figure><div class="meta"><div class="image-description">` + caption + `</div><div class="image-copyright">Bloomberg/Jo Marsh</div></div>`, "page.credit: Bloomberg/Jo Marsh", ""},
		{"over the picture, a bare agency", `<div><div><picture><img src="/a.jpg"></picture><div class="absolute">Anadolu Ajansı</div></div></div>`, "page.credit: Anadolu Ajansı", ""},
		{"a label and a name in parts", figure(`<span>` + caption + `</span><span> Credit: <!-- -->Jo Marsh<span>/</span>Gazette</span>`), "page.credit: Credit: Jo Marsh/Gazette", caption},
		{"microdata on the element", figure(caption + ` <span itemprop="copyrightHolder">Jo Marsh</span>`), "page.credit: Jo Marsh", caption},

		// Behind the caption, in its own text.
		{"with a label", figure(caption + ` Foto: dpa`), "page.caption: Foto: dpa", caption},
		{"with a label, in brackets", figure(caption + ` (Photo: Harbour Trust/PA Wire)`), "page.caption: (Photo: Harbour Trust/PA Wire)", caption},
		{"with an agency, in brackets", figure(caption + ` (AP Photo/Jo Marsh)`), "page.caption: (AP Photo/Jo Marsh)", caption},
		{"in capitals, in brackets", figure(caption + ` (JO MARSH/REUTERS)`), "page.caption: (JO MARSH/REUTERS)", caption},
		{"a site, in brackets", figure(caption + ` (Unsplash)`), "page.caption: (Unsplash)", caption},
		{"two parties that no table knows, in brackets", figure(caption + ` (Jo Marsh/Harbour Museum)`), "page.caption: (Jo Marsh/Harbour Museum)", caption},
		{"after a bar", figure(caption + ` | Jo Marsh/AFP via Getty Images`), "page.caption: Jo Marsh/AFP via Getty Images", caption},
		{"after a dash, with by", figure(caption + ` — Picture by Jo Marsh`), "page.caption: Picture by Jo Marsh", caption},
		{"with a sign", figure(caption + ` © Jo Marsh`), "page.caption: © Jo Marsh", caption},
		{"without anything, an agency behind the full stop", figure(caption + ` Jo Marsh / Reuters`), "page.caption: Jo Marsh / Reuters", caption},
		{"label in the text, name in an element", figure(`<p>` + caption + ` Ảnh: <em>Jo Marsh</em></p>`), "page.caption: Ảnh: Jo Marsh", caption},
		{"Japanese, agency behind a sign", figure(`夜明けの岸壁（北港で、３日）＝ＡＰ`), "page.caption: ＝ＡＰ", "夜明けの岸壁（北港で、３日）"},
		{"Korean, in brackets", figure(`새벽의 부두. [사진 출처 = 연합뉴스]`), "page.caption: [사진 출처 = 연합뉴스]", "새벽의 부두."},
		{"Russian", figure(`Причал на рассвете. Фото: Анна Линд, ТАСС`), "page.caption: Фото: Анна Линд, ТАСС", "Причал на рассвете."},

		// The whole caption.
		{"the whole figcaption with a label", figure(`Foto: La Gaceta`), "page.credit: Foto: La Gaceta", ""},
		{"the whole figcaption, a sign", figure(`© Jo Marsh`), "page.credit: © Jo Marsh", ""},
		{"the whole figcaption, a word for a supplier", figure(`Privat`), "page.credit: Privat", ""},
		{"the whole figcaption, parties with strokes", figure(`Jo Marsh/Harbour Press`), "page.credit: Jo Marsh/Harbour Press", ""},

		// Attributes.
		{"alt, what the agency asks to be written", `<img src="/a.jpg" alt="The quay. (Photo credit should read JO MARSH/AFP/Getty Images)">`, "page.alt: (Photo credit should read JO MARSH/AFP/Getty Images)", ""},
		{"title after a bar", `<img src="/a.jpg" alt="The quay" title="The quay | Bildquelle: WDR/Jo Marsh">`, "page.title: Bildquelle: WDR/Jo Marsh", ""},
		{"data-credit", `<img src="/a.jpg" data-credit="Jo Marsh">`, "page.data: Jo Marsh", ""},
		{"a caption with markup in an attribute of the figure", `<figure data-caption="&lt;p&gt;The quay. (Jo Marsh/AP)&lt;/p&gt;"><img src="/a.jpg"></figure>`, "page.data: (Jo Marsh/AP)", ""},

		// What is told to machines.
		{"microdata for machines", `<figure itemscope itemtype="https://schema.org/ImageObject"><img src="/a.jpg"><meta itemprop="creditText" content="Jo Marsh / AP"></figure>`, "page.microdata: Jo Marsh / AP", ""},
		{"JSON-LD", `<img src="/quay-dawn-640x480.jpg"><script type="application/ld+json">{"@type":"ImageObject","url":"/quay-dawn.jpg","creditText":"Jo Marsh / AP"}</script>`, "page.jsonld: Jo Marsh / AP", ""},
		{"JSON-LD, the end of a caption", `<img src="/a.jpg"><script type="application/ld+json">{"@type":"NewsArticle","image":{"@type":"ImageObject","url":"/a.jpg","caption":"The quay. (Foto: Jo Marsh)"}}</script>`, "page.jsonld: (Foto: Jo Marsh)", ""},
		{"the text for link previews", `<meta property="og:image" content="/a.jpg"><meta property="og:image:alt" content="The quay. Photo: Jo Marsh"><img src="/a.jpg">`, "page.meta: Photo: Jo Marsh", ""},
		{"the page's state", `<img src="/quay-dawn.jpg"><script>window.s={"lede":{"credit":"Photograph: Jo Marsh","sources":{"sm":{"url":"https:\u002F\u002Fnews.example\u002Fquay-dawn.jpg"}}}}</script>`, "page.state: Photograph: Jo Marsh", ""},

		// What is none.
		{"a caption alone", figure(caption), "", caption},
		{"a name alone is who is shown", figure(`Ana Lindqvist`), "", "Ana Lindqvist"},
		{"a caption that begins with the word photo", figure(`Photo: a man walks past the boats that the storm left on the road of the old town.`), "", "Photo: a man walks past the boats that the storm left on the road of the old town."},
		{"brackets in a caption", figure(`The quay (left) and the mole (right)`), "", "The quay (left) and the mole (right)"},
		{"JSON-LD of another picture", `<img src="/a.jpg"><script type="application/ld+json">{"@type":"ImageObject","url":"/other-picture.jpg","creditText":"Jo Marsh / AP"}</script>`, "", ""},
		{"a credit in the state of another picture", `<img src="/quay-dawn.jpg"><script>s={"a":{"src":"/quay-dawn.jpg"},"b":{"src":"/mole-night.jpg","credit":"Jo Marsh"}}</script>`, "", ""},
		{"the author's byline", `<div class="byline">By <span class="author">Jo Marsh</span></div><img src="/a.jpg">`, "", ""},
		{"a label word that begins a name of something else", `<div><span>Photo Gallery</span><img src="/a.jpg"></div>`, "", ""},
		{"a link behind the caption", figure(caption + ` <a href="/tag/harbour">Harbour</a>`), "", caption + " Harbour"},
		{"a word that turns something on", `<img src="/a.jpg" data-credit="true">`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := read(t, onPage(c.markup, ""))
			if len(d.Images) != 1 {
				t.Fatalf("images = %+v", d.Images)
			}
			got := ""
			if all := lines(d.Images[0]); len(all) > 0 {
				got = all[0]
			}
			if got != c.want {
				t.Errorf("first credit = %q, want %q; all: %q", got, c.want, d.Images[0].Statements)
			}
			if c.caption != "" && d.Images[0].Caption != c.caption {
				t.Errorf("caption = %q, want %q", d.Images[0].Caption, c.caption)
			}
		})
	}
}

func TestReadTakesParagraphsForCredits(t *testing.T) {
	for _, c := range []struct {
		name, markup, foot string
		want               []string // of both pictures
	}{
		{"a paragraph right behind the picture", `<p><img src="/a.jpg"></p><p>Photo: Jo Marsh</p>`, "", []string{"page.credit: Photo: Jo Marsh", ""}},
		{"a paragraph at the foot is for all", `<img src="/a.jpg">`, `<p>Fotos: Jo Marsh / AP</p>`, []string{"page.text: Fotos: Jo Marsh / AP", "page.text: Fotos: Jo Marsh / AP"}},
		{"a picture with a credit of its own does not take that of the foot", `<figure><img src="/a.jpg"><figcaption>Foto: Ana Lind</figcaption></figure>`, `<p>Fotos: Jo Marsh / AP</p>`, []string{"page.credit: Foto: Ana Lind", "page.text: Fotos: Jo Marsh / AP"}},
		{"the rights in the page are no credit", `<img src="/a.jpg">`, `<p>© 2024 The Harbour Gazette. All rights reserved.</p>`, []string{"", ""}},
		{"where the text comes from is no credit", `<img src="/a.jpg">`, `<p>Quelle: dpa</p>`, []string{"", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := read(t, onPage(c.markup+paragraphs(2)+`<div><img src="/second.jpg"></div>`, c.foot))
			var got []string
			for _, img := range d.Images {
				first := ""
				if all := lines(img); len(all) > 0 {
					first = all[0]
				}
				got = append(got, first)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("credits = %q, want %q", got, c.want)
			}
		})
	}
}

// The page that the project began with: two captions and two credits of one photograph, told apart.
func TestReadKeepsBothCaptionsAndBothCredits(t *testing.T) {
	const shown = "US President Donald Trump and Russia's President Vladimir Putin wave as they pose for a photograph before a meeting in Helsinki."
	const spoken = "Russia's President Vladimir Putin (R) and US President Donald Trump arrive for a meeting in Helsinki, on July 16, 2018. (Photo by MIKHAIL KLIMENTYEV / SPUTNIK / AFP) (Photo credit should read MIKHAIL KLIMENTYEV/AFP/Getty Images)"
	d := read(t, onPage(fmt.Sprintf(`<figure id="lead"><img src="/gettyimages-1000.jpg" alt=%q><figcaption><span class="caption">%s</span> <span class="credit">MIKHAIL KLIMENTYEV/Getty Images</span></figcaption></figure>`, spoken, shown), ""))
	if len(d.Images) != 1 {
		t.Fatalf("images = %+v", d.Images)
	}
	img := d.Images[0]
	want := []string{"page.credit: MIKHAIL KLIMENTYEV/Getty Images", "page.alt: (Photo credit should read MIKHAIL KLIMENTYEV/AFP/Getty Images)",
		"page.alt: (Photo by MIKHAIL KLIMENTYEV / SPUTNIK / AFP)"}
	if got := lines(img); !slices.Equal(got, want) || img.Caption != shown || img.Alt != spoken {
		t.Errorf("credits = %q, want %q; caption %q, alt %q", got, want, img.Caption, img.Alt)
	}
	for _, s := range img.Statements {
		if s.Locator == "" {
			t.Errorf("a statement has no locator: %+v", s)
		}
	}
}

func TestReadMarksThePublicationThatTemplatesNameForEveryPicture(t *testing.T) {
	d := read(t, onPage(`<figure><img src="/quay-dawn.jpg"><figcaption>The quay.</figcaption></figure><script type="application/ld+json">{"@type":"NewsArticle",
"publisher":{"name":"Harbour Gazette"},"image":{"@type":"ImageObject","url":"/quay-dawn.jpg","author":{"name":"Harbour Gazette"},"creditText":"Jo Marsh"}}</script>`, ""))
	flagged := map[string]bool{}
	for _, s := range d.Images[0].Statements {
		flagged[s.Value] = slices.Contains(s.Flags, photo.Publisher)
	}
	if !flagged["Harbour Gazette"] || flagged["Jo Marsh"] {
		t.Errorf("statements: %+v", d.Images[0].Statements)
	}
}
