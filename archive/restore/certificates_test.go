package restore

import (
	"bytes"
	"maps"
	"testing"

	"tearsheet/archive/warc"
)

// showed is a handshake in which a host showed a certificate, which need not be one to be copied.
func showed(host, certificate string) *warc.Handshake {
	return &warc.Handshake{Host: host, Port: "443", Time: noon, Protocol: "tls/1.3", Chain: [][]byte{[]byte(certificate)}}
}

func TestASelectionHasTheCertificatesOfItsHostsAndOfNoOthers(t *testing.T) {
	p := newPress(t)
	www, cdn, refused := showed("www.gazette.example", "www"), showed("cdn.example", "cdn"), showed("ads.example", "forged")
	refused.Failure = "x509: unknown authority"
	renewed := showed("www.gazette.example", "www, renewed")
	p.print(t, answer{url: "https://other.example/", mime: "text/html", body: "not asked for", tls: showed("other.example", "other")})
	ref := p.print(t,
		answer{url: site + "/story", mime: "text/html", body: "<p>A story", tls: www},
		answer{url: "https://cdn.example/1.jpg", mime: "image/jpeg", body: "1", tls: cdn},
		answer{url: "https://cdn.example/2.jpg", mime: "image/jpeg", body: "2", tls: cdn},
		answer{url: "http://plain.example/3.jpg", mime: "image/jpeg", body: "3"},
		answer{url: "https://ads.example/4.js", failure: "tls: unknown authority", tls: refused},
		answer{url: site + "/style.css", mime: "text/css", body: "p{}", tls: renewed},
	)
	want := map[string]int{"urn:tls:www.gazette.example:443": 2, "urn:tls:cdn.example:443": 1, "urn:tls:ads.example:443": 1}

	var out bytes.Buffer
	if err := WARC(t.Context(), p.Archive, One(ref), &out); err != nil {
		t.Fatal(err)
	}
	if got := targets(records(t, out.Bytes()), warc.Resource); !maps.Equal(got, want) {
		t.Errorf("as WARC: %v, expected %v", got, want)
	}

	out.Reset()
	if err := WACZ(t.Context(), p.Archive, One(ref), &out, WACZOptions{Temp: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	z := openWACZ(t, out.Bytes())
	if got := targets(records(t, z["archive/"+exportWARC]), warc.Resource); !maps.Equal(got, want) {
		t.Errorf("as WACZ: %v, expected %v", got, want)
	}
	rows := map[string]int{}
	for _, row := range z.check(t) {
		if row.MIME == "application/pem-certificate-chain" && row.Status == 0 && !row.Digest.IsZero() {
			rows[row.URL]++
		}
	}
	if !maps.Equal(rows, want) {
		t.Errorf("the index has %v, expected %v", rows, want)
	}
}

func TestAnExportedPageWithoutCertificatesIsWhole(t *testing.T) {
	p := newPress(t)
	ref := p.print(t, answer{url: site + "/story", mime: "text/html", body: "<p>A story"})
	var out bytes.Buffer
	if err := WARC(t.Context(), p.Archive, One(ref), &out); err != nil {
		t.Fatal(err)
	}
	if got := targets(records(t, out.Bytes()), warc.Resource); len(got) > 0 {
		t.Errorf("%v", got)
	}
}
