package crawler

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/store"
)

// selfSigned makes a certificate for hosts.
func selfSigned(t *testing.T, serial int64, hosts ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), DNSNames: hosts, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// serials gives the serial numbers of the certificates that a host showed in a run.
func (b *bench) serials(url string) (all []int64) {
	b.Helper()
	st, err := store.OpenFolder(filepath.Join(b.dir, "archive"), false)
	b.must(err)
	a, err := archive.Open(context.Background(), st, archive.Options{Work: b.dir})
	b.must(err)
	report, err := a.Verify(context.Background())
	b.must(err)
	for _, p := range report.Problems {
		b.Errorf("problem: %+v", p)
	}
	for f, err := range a.Certificates(context.Background(), b.run.ID(), url) {
		b.must(err)
		rec, closer, err := a.Read(context.Background(), f.RunID, f.Row.File, f.Row.Offset, f.Row.Length)
		b.must(err)
		text, err := io.ReadAll(rec.Block)
		b.must(err)
		b.must(closer.Close())
		for p, rest := pem.Decode(text); p != nil; p, rest = pem.Decode(rest) {
			c, err := x509.ParseCertificate(p.Bytes)
			b.must(err)
			all = append(all, c.SerialNumber.Int64())
		}
	}
	slices.Sort(all)
	return all
}

func TestTheCertificatesOfEveryHostAreArchivedBesideWhatItSent(t *testing.T) {
	first, second := selfSigned(t, 1, "n.example", "pictures.example"), selfSigned(t, 2, "n.example", "pictures.example")
	stranger := selfSigned(t, 3, "stranger.example")
	var renewed atomic.Bool
	renewing := func(w http.ResponseWriter, r *http.Request) {
		renewed.Store(true)
		w.Header().Set("Connection", "close")
		as("text/css", "body{}")(w, r)
	}
	o := &origin{asked: map[string]int{}, heads: map[string]http.Header{}, pages: map[string]http.HandlerFunc{
		"n.example/a": htm(article("A", `<link rel=stylesheet href=/renew.css>`)),
		"n.example/b": htm(article("B", `<figure><img src=https://pictures.example/1.gif width=800 height=600></figure>
			<figure><img src=https://stranger.example/2.gif width=800 height=600></figure>`)),
		"n.example/renew.css":    renewing,
		"pictures.example/1.gif": as("image/gif", gif),
	}}
	o.server = httptest.NewUnstartedServer(o)
	o.server.TLS = &tls.Config{SessionTicketsDisabled: true, GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		switch {
		case h.ServerName == "stranger.example":
			return &stranger, nil
		case renewed.Load():
			return &second, nil
		}
		return &first, nil
	}}
	o.server.Config.ErrorLog = log.New(t.Output(), "", 0)
	o.server.StartTLS()
	t.Cleanup(o.server.Close)

	roots := x509.NewCertPool()
	roots.AddCert(first.Leaf)
	roots.AddCert(second.Leaf)
	b := newBench(t, o, func(o *Options) {
		o.Concurrency = 1
		o.Wire.TLS = &tls.Config{RootCAs: roots}
	})
	for _, url := range []string{"https://n.example/a", "https://n.example/b"} {
		_, err := b.capture(t.Context(), url)
		b.must(err)
	}
	records := b.settle()
	for target, want := range map[string]int{
		"resource urn:tls:n.example:443": 2, "resource urn:tls:pictures.example:443": 1, "resource urn:tls:stranger.example:443": 1,
		"response https://n.example/b": 1, "metadata https://stranger.example/2.gif": 1,
	} {
		if records[target] != want {
			t.Errorf("%d × %s, expected %d", records[target], target, want)
		}
	}
	for key := range records {
		if strings.HasPrefix(key, "resource ") && !strings.HasPrefix(key, "resource urn:tls:") {
			t.Errorf("unexpected: %s", key)
		}
	}
	for url, want := range map[string][]int64{"https://n.example/": {1, 2}, "https://pictures.example/1.gif": {2}, "https://stranger.example/": {3}} {
		if got := b.serials(url); !slices.Equal(got, want) {
			t.Errorf("certificates of %s: %v, expected %v", url, got, want)
		}
	}
}
