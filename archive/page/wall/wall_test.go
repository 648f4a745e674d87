package wall

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// appearance is how an answer looks, for Look.
type appearance struct {
	at     string // https://n.example/2026/a when empty
	status int    // 200 when zero
	header http.Header
	title  string
	body   string
	text   int // characters of paragraph text
}

func (a appearance) evidence(t testing.TB) Evidence {
	t.Helper()
	if a.at == "" {
		a.at = "https://n.example/2026/a"
	}
	if a.status == 0 {
		a.status = 200
	}
	u, err := url.Parse(a.at)
	if err != nil {
		t.Fatal(err)
	}
	return Look(Answer{URL: u, Status: a.status, Header: a.header, Title: a.title, Text: a.text, Body: []byte(a.body)})
}

func TestSignatures(t *testing.T) {
	field := func(name, value string) http.Header { return http.Header{name: {value}} }
	for _, c := range []struct {
		name string
		appearance
		want string // "challenge", "consent", "404" or ""
	}{
		{"an article", appearance{title: "Harbour commission meets again", text: 3000}, ""},
		{"a short article", appearance{title: "Weather: rain", text: 150}, ""},
		{"Cloudflare says so in a field", appearance{status: 403, header: field("Cf-Mitigated", "challenge"), title: "Just a moment..."}, "challenge"},
		{"Cloudflare's script in a page without text", appearance{body: "<script>window._cf_chl_opt={cvId:'3'}</script>"}, "challenge"},
		{"Cloudflare's passive script in an article", appearance{title: "A", body: "<script>/cdn-cgi/challenge-platform/scripts/jsd/main.js</script>", text: 100}, ""},
		{"DataDome", appearance{status: 403, body: `<script src="https://ct.captcha-delivery.com/c.js">`}, "challenge"},
		{"AWS WAF says so in a field", appearance{status: 202, header: field("X-Amzn-Waf-Action", "challenge")}, "challenge"},
		{"Akamai", appearance{status: 403, title: "Access Denied", body: "https://errors.edgesuite.net/18.1"}, "challenge"},
		{"Imperva with status 200", appearance{body: `<iframe src="/_Incapsula_Resource?SWUDNSAI=31">`}, "challenge"},
		{"HUMAN", appearance{title: "Access to this page has been denied", body: `<div id="px-captcha">`}, "challenge"},
		{"Anubis", appearance{title: "Making sure you're not a bot!", body: `<script id="anubis_challenge">`}, "challenge"},
		{"a captcha with status 200", appearance{title: "Are you a robot?", text: 80}, "challenge"},
		{"an article about captchas", appearance{title: "Are you a robot? How captchas took over", body: "px-captcha", text: 4000}, ""},
		{"a field counts whatever the text", appearance{status: 403, header: field("Cf-Mitigated", "challenge"), text: 5000}, "challenge"},
		{"a signature beyond the part that is looked at", appearance{body: strings.Repeat("x", lookedAt) + "px-captcha"}, ""},
		{"a consent host", appearance{at: "https://consent.n.example/collectConsent?x=1", title: "N", text: 90}, "consent"},
		{"a consent path", appearance{at: "https://n.example/privacy-wall?back=/a", title: "N"}, "consent"},
		{"a consent title", appearance{title: "Before you continue to N"}, "consent"},
		{"an article about consent", appearance{title: "What consent means in law", text: 4000}, ""},
		{"a soft 404", appearance{title: "Page not found | N", text: 60}, "404"},
		{"a soft 404 in German", appearance{title: "Seite nicht gefunden – N"}, "404"},
		{"a soft 404 in Japanese", appearance{title: "ページが見つかりません"}, "404"},
		{"a bare 404", appearance{title: " 404 "}, "404"},
		{"an article about what was not found", appearance{title: "Black box not found", text: 2000}, ""},
		{"a number in a headline", appearance{title: "Flight 404 lands safely", text: 100}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := c.evidence(t)
			got := ""
			if says, ok := e.Challenge(); ok {
				got = "challenge"
				if says == "" {
					t.Error("the challenge has no name")
				}
			} else if e.ConsentWall() {
				got = "consent"
			} else if e.NotFound() {
				got = "404"
			}
			if got != c.want {
				t.Errorf("taken for %q, want %q", got, c.want)
			}
		})
	}
}

// Signatures are compared with text in lower case: one that is not could never match.
func TestSignaturesAreInLowerCase(t *testing.T) {
	var all []string
	for _, list := range [][]textSignature{challengeTitles(), challengeBodies()} {
		for _, s := range list {
			all = append(all, s.text)
		}
	}
	all = append(append(append(all, consentTitles()...), consentBodies()...), notFoundTitles()...)
	for _, s := range all {
		if s == "" || s != strings.ToLower(s) {
			t.Errorf("%q can never match", s)
		}
	}
}

func BenchmarkChallenge(b *testing.B) {
	e := appearance{title: "Weather: rain", body: strings.Repeat("<div class=teaser>some text</div>", 3000), text: 100}.evidence(b)
	b.SetBytes(int64(len(e.body)))
	for b.Loop() {
		if says, ok := e.Challenge(); ok {
			b.Fatal(says)
		}
	}
}
