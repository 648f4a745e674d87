package archive

import (
	"bytes"
	"encoding/pem"
	"io"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

// handshake is one in which a host showed certificates, which need not be any for the archive.
func handshake(host string, chain ...string) *warc.Handshake {
	h := &warc.Handshake{
		Host: host, Port: "443", Time: noon, IP: netip.MustParseAddr("192.0.2.1"), Protocol: "tls/1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
	}
	for _, c := range chain {
		h.Chain = append(h.Chain, []byte(c))
	}
	return h
}

// over is an answer that came over a connection.
func over(h *warc.Handshake, path string) *warc.Exchange {
	x := exchange("https://"+h.Host+path, "text/plain", path)
	x.TLS = h
	return x
}

// certificatesIn gives the certificates that a host showed in a run, as the archive finds them by a URL.
func certificatesIn(t *testing.T, a *Archive, runID, url string) (chains []string) {
	t.Helper()
	for f, err := range a.Certificates(t.Context(), runID, url) {
		if err != nil {
			t.Fatal(err)
		}
		var chain []string
		for p, rest := pem.Decode([]byte(payload(t, a, f))); p != nil; p, rest = pem.Decode(rest) {
			chain = append(chain, string(p.Bytes))
		}
		chains = append(chains, strings.Join(chain, " "))
	}
	return chains
}

func TestCertificatesOfAHostAreKeptOnceInARun(t *testing.T) {
	for name, end := range map[string]func(*Archive, *Run){
		"committed": func(_ *Archive, r *Run) { commit(t, r) },
		"recovered": func(a *Archive, r *Run) { abandon(t, r); recoverOne(t, a) },
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t, folder(t))
			r := begin(t, a)
			news, pictures := handshake("news.example", "leaf", "intermediate"), handshake("pictures.example", "leaf", "intermediate")
			renewed := handshake("news.example", "new leaf", "intermediate")
			renewed.Time = noon.Add(time.Hour)
			expired := *renewed
			expired.Failure, expired.Time = "x509: certificate has expired", noon.Add(2*time.Hour)
			for _, x := range []*warc.Exchange{
				over(news, "/1"), over(news, "/2"), over(handshake("news.example", "leaf", "intermediate"), "/3"),
				over(pictures, "/4"), over(renewed, "/5"), over(&expired, "/6"), exchange("http://news.example/7", "text/plain", "7"),
			} {
				record(t, r, x, Hop{Path: "E"})
			}
			refused := asked("https://refused.example/")
			refused.Request, refused.Failure = nil, "tls: unknown authority"
			refused.TLS = handshake("refused.example", "forged")
			record(t, r, refused, Hop{})
			want := r.Counts()
			if want.Exchanges != 8 || want.Responses != 7 {
				t.Errorf("counts %+v", want)
			}
			end(a, r)

			report := intact(t, a)
			if records := 1 + 7*3 + 1 + 5; report.Records != records {
				t.Errorf("%d records, expected %d", report.Records, records)
			}
			e, _, err := a.newest(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			m, err := a.Manifest(t.Context(), e.Entry)
			if err != nil {
				t.Fatal(err)
			}
			if want.Bytes = m.Tearsheet.Counts.Bytes; m.Tearsheet.Counts != want {
				t.Errorf("counts %+v, expected %+v", m.Tearsheet.Counts, want)
			}
			for url, want := range map[string][]string{
				"https://news.example/anything": {"leaf intermediate", "new leaf intermediate", "new leaf intermediate"},
				"https://pictures.example:443":  {"leaf intermediate"},
				"https://refused.example/":      {"forged"},
				"http://news.example/7":         nil,
				"https://news.example:8443/":    nil,
			} {
				if got := certificatesIn(t, a, r.ID(), url); strings.Join(got, "|") != strings.Join(want, "|") {
					t.Errorf("%s: %q, expected %q", url, got, want)
				}
			}
		})
	}
}

func TestTheMetadataOfAnExchangeNamesTheCertificatesOfItsConnection(t *testing.T) {
	a := open(t, new(storetest.Memory))
	r := begin(t, a)
	h := handshake("news.example", "leaf")
	fields := []warc.Field{{Name: "charset", Value: "x"}, {Name: "spare", Value: "x"}}
	record(t, r, over(h, "/1"), Hop{Path: "E", Fields: fields[:1]})
	record(t, r, over(h, "/2"), Hop{Path: "E"})
	record(t, r, exchange("http://news.example/3", "text/plain", "3"), Hop{Path: "E"})
	e := commit(t, r)
	if fields[1].Name != "spare" {
		t.Errorf("the caller's fields were written to: %v", fields)
	}
	m, err := a.Manifest(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	id, named := "", 0
	for rec, err := range warc.Read(bytes.NewReader(read(t, a.Store(), ObjectKey(e.RunID, m.Resources[0].Path)))) {
		if err != nil {
			t.Fatal(err)
		}
		block, err := io.ReadAll(rec.Block)
		if err != nil {
			t.Fatal(err)
		}
		if rec.Type == warc.Resource {
			id = rec.ID
		}
		if rec.Type != warc.Metadata {
			continue
		}
		secure := strings.HasPrefix(rec.TargetURI, "https:")
		if says := strings.Contains(string(block), "\r\ntlsCertificates: "+id+"\r\n"); says != secure {
			t.Errorf("the metadata of %s says of %s: %v\n%s", rec.TargetURI, id, says, block)
		}
		named++
	}
	if id == "" || named != 3 {
		t.Errorf("certificates %q, %d metadata records", id, named)
	}
}

func TestCertificatesThatManyExchangesBringAtOnceAreWrittenOnce(t *testing.T) {
	a := open(t, new(storetest.Memory))
	r := begin(t, a)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := r.Record(t.Context(), over(handshake("news.example", "leaf"), "/"), Hop{Path: "E"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	commit(t, r)
	intact(t, a)
	if got := certificatesIn(t, a, r.ID(), "https://news.example/"); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

func TestARefusedURLLeavesNoCertificates(t *testing.T) {
	a := open(t, new(storetest.Memory))
	r := begin(t, a)
	x := over(handshake("news.example", "leaf"), "/")
	x.URL = "https://user:secret@news.example/"
	if _, err := r.Record(t.Context(), x, Hop{}); err == nil {
		t.Error("it was recorded")
	}
	if files, err := filepath.Glob(filepath.Join(r.draft.path(dataDir), "*")); err != nil || len(files) > 0 {
		t.Errorf("written: %v, %v", files, err)
	}
	if err := r.Discard(); err != nil {
		t.Error(err)
	}
}
