package warc

import (
	"encoding/pem"
	"io"
	"net/netip"
	"strings"
	"testing"
)

func TestCertificatesAreWrittenAsTheyWereShownAndReadBack(t *testing.T) {
	h := &Handshake{
		Host: "news.example", Port: "8443", Time: testDate, IP: netip.MustParseAddr("192.0.2.7"), Protocol: "tls/1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
		Chain: [][]byte{[]byte("the leaf"), []byte("the intermediate")}, Failure: "x509: certificate of \r\nWARC-Type: response",
	}
	d, err := NewCertificates(h)
	if err != nil {
		t.Fatal(err)
	}
	w := newWriter(t, WriterOptions{})
	at := write(t, w, d)
	_, file := closeOne(t, w)
	rec, err := ReadAt(strings.NewReader(string(file)), at[0].Offset, at[0].Length)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"WARC-Type": "resource", "WARC-Target-URI": "urn:tls:news.example:8443", "WARC-Date": "2026-03-04T05:06:07.891234Z", "WARC-IP-Address": "192.0.2.7",
		"WARC-Protocol": "tls/1.3", "WARC-Cipher-Suite": "TLS_AES_128_GCM_SHA256", "Content-Type": "application/pem-certificate-chain",
		"WARC-TLS-Verified": "false", "WARC-TLS-Failure": "x509: certificate of   WARC-Type: response",
	} {
		if all := rec.All(name); len(all) != 1 || all[0] != want {
			t.Errorf("%s %q, expected %q once", name, all, want)
		}
	}
	block, err := io.ReadAll(rec.Block)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range h.Chain {
		var p *pem.Block
		if p, block = pem.Decode(block); p == nil || p.Type != "CERTIFICATE" || string(p.Bytes) != string(want) {
			t.Errorf("certificate %+v, expected %q", p, want)
		}
	}
	if len(block) > 0 {
		t.Errorf("there is more in the block: %q", block)
	}
}

func TestWhatCertificatesSayOfTheirFailureFitsAHeader(t *testing.T) {
	h := &Handshake{Host: "news.example", Port: "443", Time: testDate, Chain: [][]byte{{1}}, Failure: strings.Repeat("é", maxHeader)}
	d, err := NewCertificates(h)
	if err != nil {
		t.Fatal(err)
	}
	write(t, newWriter(t, WriterOptions{}), d)
	h.Chain = nil
	if _, err := NewCertificates(h); err == nil {
		t.Error("a record without certificates was made")
	}
}

func TestTheURIOfCertificatesIsALegalURNForEveryHostThatCanBeAsked(t *testing.T) {
	for address, want := range map[string]string{
		"https://news.example/story?page=2":  "urn:tls:news.example:443",
		"https://news.example:8443":          "urn:tls:news.example:8443",
		"https://192.0.2.7/":                 "urn:tls:192.0.2.7:443",
		"https://[2001:db8::7]:444/":         "urn:tls:%5B2001:db8::7%5D:444",
		"http://news.example/":               "",
		"urn:tls:news.example:443":           "",
		"https:///":                          "",
		"https://news.example:not-a-port/":   "",
		"metadata://news.example/?url=https": "",
	} {
		got := CertificatesURI(address)
		if got != want {
			t.Errorf("%s: %q, expected %q", address, got, want)
		}
		if got == "" {
			continue
		}
		if err := CheckTarget(got); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}
