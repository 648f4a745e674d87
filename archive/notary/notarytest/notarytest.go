// Package notarytest has a time stamping authority for tests, with a certificate and a root of its own, on a loopback address.
package notarytest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"tearsheet/archive/notary"
)

// Authority is a time stamping authority. Its fields are set before it is started.
type Authority struct {
	Pool   *x509.CertPool      // its root
	Now    time.Time           // what it vouches for
	Answer func([]byte) []byte // changes what it answers; may be nil
	Status int                 // of HTTP

	cert *x509.Certificate
	key  crypto.Signer
}

// New makes an authority whose certificate is for the usage: x509.ExtKeyUsageTimeStamping, unless it is to be refused.
func New(t testing.TB, usage x509.ExtKeyUsage) *Authority {
	t.Helper()
	a := &Authority{Pool: x509.NewCertPool(), Now: time.Now().UTC().Truncate(time.Second), Status: http.StatusOK}
	rootKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotBefore: a.Now.Add(-time.Hour), NotAfter: a.Now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	if err != nil {
		t.Fatal(err)
	}
	if root, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.Pool.AddCert(root)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "time stamps"}, NotBefore: a.Now.Add(-time.Hour), NotAfter: a.Now.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if usage == x509.ExtKeyUsageTimeStamping {
		// Critical and alone (RFC 3161 §2.3).
		value, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
		if err != nil {
			t.Fatal(err)
		}
		leaf.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: value}}
	} else {
		leaf.ExtKeyUsage = []x509.ExtKeyUsage{usage}
	}
	if der, err = x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, rootKey); err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.key = key
	return a
}

// ServeHTTP implements http.Handler.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	q, err := timestamp.ParseRequest(body)
	if err != nil || a.Status != http.StatusOK {
		http.Error(w, "no", max(a.Status, http.StatusBadRequest))
		return
	}
	ts := timestamp.Timestamp{
		HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: a.Now, Policy: asn1.ObjectIdentifier{1, 2, 3}, AddTSACertificate: true, SerialNumber: big.NewInt(7),
	}
	reply, err := ts.CreateResponseWithOpts(a.cert, a.key, crypto.SHA256)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if a.Answer != nil {
		reply = a.Answer(reply)
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(reply)
}

// Start serves the authority until the test ends, and gives who asks it and trusts it.
func (a *Authority) Start(t testing.TB) *notary.Stamper {
	t.Helper()
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return &notary.Stamper{URL: s.URL, Authority: a.Pool, Client: s.Client()}
}
