// Package notarytest has a time stamping authority on loopback for tests, as net/http/httptest has servers: with a root certificate of its own, and with
// all the ways in which an authority can be a bad one.
//
// It is for tests alone, and imports nothing of ours.
package notarytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
)

// Options say how an authority differs from a good one.
type Options struct {
	RSA         bool                       // sign with RSA, as most authorities do; it takes longer to make a key
	Certificate func(*x509.Certificate)    // changes the authority's certificate before it is made
	Stamp       func(*timestamp.Timestamp) // changes what is stamped
	Answer      func([]byte) []byte        // changes the answer
	Status      int                        // of HTTP, instead of 200; with 3xx it sends to Location
	Location    string
}

// Authority is a time stamping authority (RFC 3161). Its certificates are valid for an hour before and after Time, when it was made, which is also the time that
// it tells.
type Authority struct {
	URL   string
	Roots *x509.CertPool // its root certificate
	PEM   []byte         // the same
	Time  time.Time      // UTC, whole seconds

	options Options
	cert    *x509.Certificate
	key     crypto.Signer
}

// Purpose gives the extension of a certificate by which it is for time stamps and nothing else (RFC 3161 §2.3 wants it critical).
func Purpose(critical bool) pkix.Extension {
	value, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		panic(err) // a constant
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: value}
}

// New starts an authority that ends with the test.
func New(t testing.TB, o Options) *Authority {
	t.Helper()
	a := &Authority{Roots: x509.NewCertPool(), Time: time.Now().UTC().Truncate(time.Second), options: o}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotBefore: a.Time.Add(-time.Hour), NotAfter: a.Time.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	rootKey := newKey(t, false)
	root = certificate(t, root, root, rootKey, rootKey)
	a.Roots.AddCert(root)
	a.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})
	a.key = newKey(t, o.RSA)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "time stamps"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{Purpose(true)},
	}
	if o.Certificate != nil {
		o.Certificate(leaf)
	}
	a.cert = certificate(t, leaf, root, a.key, rootKey)
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	a.URL = s.URL
	return a
}

func newKey(t testing.TB, isRSA bool) crypto.Signer {
	t.Helper()
	var key crypto.Signer
	var err error
	if isRSA {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func certificate(t testing.TB, c, issuer *x509.Certificate, key, issuerKey crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, key.Public(), issuerKey)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// ServeHTTP answers a query.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	q, err := timestamp.ParseRequest(body)
	switch {
	case err != nil:
		http.Error(w, "no query", http.StatusBadRequest)
		return
	case a.options.Status != 0:
		w.Header().Set("Location", a.options.Location)
		w.WriteHeader(a.options.Status)
		return
	}
	ts := timestamp.Timestamp{
		HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Nonce: q.Nonce, Time: a.Time, Policy: asn1.ObjectIdentifier{1, 2, 3},
		AddTSACertificate: q.Certificates, SerialNumber: big.NewInt(7),
	}
	if a.options.Stamp != nil {
		a.options.Stamp(&ts)
	}
	reply, err := ts.CreateResponseWithOpts(a.cert, a.key, crypto.SHA256)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if a.options.Answer != nil {
		reply = a.options.Answer(reply)
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(reply) // whoever asked is gone
}
