package page

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestPasswordsOfAPageGoNowhere(t *testing.T) {
	const u = "http://bob:s3cretpw@img.example"
	markup := `<base href="` + u + `/b/"><link rel=canonical href="` + u + `/c"><meta property="og:url" content="` + u + `/d"><meta property="og:image" content="` + u + `/e.jpg">
		<meta http-equiv=refresh content="9;url=` + u + `/f"><script type="application/ld+json">{"@type":"NewsArticle","image":"` + u + `/g.jpg","url":"` + u + `/h"}</script>
		<style>p{background:url(` + u + `/i.jpg)}</style><a href="` + u + `/j">j</a><article><h1>x</h1><p>` + strings.Repeat("words and words ", 50) + `</p>
		<figure><a href="` + u + `/k.jpg"><img src="` + u + `/l.jpg" srcset="` + u + `/m.jpg 2x, //bob:s3cretpw@img.example/n.jpg 3x" data-src="` + u + `/o.jpg"></a></figure>
		<img src="relative.jpg"><div style="background-image:url(` + u + `/p.jpg)"></div></article>`
	doc, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	d := Read(doc, mustURL(t, "http://bob:s3cretpw@news.example/a"))
	if text := fmt.Sprintf("%+v", d); strings.Contains(text, "s3cretpw") || strings.Contains(text, "bob") {
		t.Errorf("the password is in the document: %s", text)
	}
	if len(d.Images) == 0 || len(d.Requisites) < 9 || d.Canonical.Value == "" || d.Refresh == "" {
		t.Errorf("what the password stood in is gone: %+v", d)
	}
}

func TestACanonicalURLThatCannotBeReadIsNone(t *testing.T) {
	doc, err := html.Parse(strings.NewReader(`<meta property="og:url" content="http://bob:s3cretpw@h:99999/">`))
	if err != nil {
		t.Fatal(err)
	}
	if d := Read(doc, nil); d.Canonical != (Sourced{}) {
		t.Errorf("canonical = %+v", d.Canonical)
	}
}

func TestWhatABoundLeavesOutIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		markup             string
		requisites, left   int
		pictures, unlisted int
	}{
		"a page within the bounds":      {many(10, `<img src="/%d.jpg">`), 10, 0, 10, 0},
		"icons beyond":                  {many(MaxRequisites+5, `<link rel=icon href="/%d.ico">`), MaxRequisites, 5, 0, 0},
		"pictures beyond":               {many(maxPictures+4, `<img src="/%d.jpg">`), maxPictures + 4, 0, maxPictures, 4},
		"pictures of JSON-LD beyond":    {ld(`{"@type":"NewsArticle","image":["` + many(MaxRequisites+2, `/%d.jpg","`) + `/z.jpg"]}`), MaxRequisites, 3, 0, 0},
		"candidates of a srcset beyond": {`<img srcset="` + many(maxCandidates+6, `/%d.jpg %[1]dw, `) + `/z.jpg 9999w">`, maxCandidates, 6, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := html.Parse(strings.NewReader(c.markup))
			if err != nil {
				t.Fatal(err)
			}
			d := Read(doc, mustURL(t, "https://news.example/"))
			if len(d.Requisites) != c.requisites || d.LeftOut != c.left || d.Unlisted != c.unlisted {
				t.Errorf("%d requisites and %d left out, %d pictures unlisted; want %d, %d, %d", len(d.Requisites), d.LeftOut, d.Unlisted, c.requisites, c.left, c.unlisted)
			}
		})
	}
}
