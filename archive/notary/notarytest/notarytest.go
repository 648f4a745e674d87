// Package notarytest has a time stamping authority for tests, with a certificate and a root of its own, on a loopback address, and with the ways in which
// an authority can be a bad one.
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

	"tearsheet/archive/notary"
)

// Authority is a time stamping authority. Its fields are set before it is started.
type Authority struct {
	Pool     *x509.CertPool             // its root
	PEM      []byte                     // the same
	Now      time.Time                  // what it vouches for
	Stamp    func(*timestamp.Timestamp) // changes what it vouches for; may be nil
	Answer   func([]byte) []byte        // changes what it answers; may be nil
	Status   int                        // of HTTP
	Location string                     // where it sends to, with a status of 3xx

	cert *x509.Certificate
	key  crypto.Signer
}

// New makes an authority whose certificate is for the usage: x509.ExtKeyUsageTimeStamping, unless it is to be refused. It is valid for an hour before and after
// Now. The changes are made to it before it is signed.
func New(t testing.TB, usage x509.ExtKeyUsage, changes ...func(*x509.Certificate)) *Authority {
	t.Helper()
	return newAuthority(t, ecKey(t), usage, changes)
}

// NewRSA makes one that signs with RSA, as most do; the key takes its time.
func NewRSA(t testing.TB) *Authority {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return newAuthority(t, key, x509.ExtKeyUsageTimeStamping, nil)
}

func newAuthority(t testing.TB, key crypto.Signer, usage x509.ExtKeyUsage, changes []func(*x509.Certificate)) *Authority {
	t.Helper()
	a := &Authority{Pool: x509.NewCertPool(), Now: time.Now().UTC().Truncate(time.Second), Status: http.StatusOK, key: key}
	rootKey := ecKey(t)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotBefore: a.Now.Add(-time.Hour), NotAfter: a.Now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	root = certificate(t, root, root, rootKey, rootKey)
	a.Pool.AddCert(root)
	a.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "time stamps"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if usage == x509.ExtKeyUsageTimeStamping {
		leaf.ExtraExtensions = []pkix.Extension{Purpose(t, true)}
	} else {
		leaf.ExtKeyUsage = []x509.ExtKeyUsage{usage}
	}
	for _, change := range changes {
		change(leaf)
	}
	a.cert = certificate(t, leaf, root, key, rootKey)
	return a
}

// Purpose gives the extension by which a certificate is for time stamps and for nothing else; it must be critical (RFC 3161 §2.3).
func Purpose(t testing.TB, critical bool) pkix.Extension {
	t.Helper()
	value, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: value}
}

func ecKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
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

// ServeHTTP implements http.Handler.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	q, err := timestamp.ParseRequest(body)
	if err != nil || a.Status != http.StatusOK {
		w.Header().Set("Location", a.Location)
		http.Error(w, "no", max(a.Status, http.StatusMultipleChoices))
		return
	}
	ts := timestamp.Timestamp{
		HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Nonce: q.Nonce, Time: a.Now, Policy: asn1.ObjectIdentifier{1, 2, 3},
		AddTSACertificate: q.Certificates, SerialNumber: big.NewInt(7),
	}
	if a.Stamp != nil {
		a.Stamp(&ts)
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
	return &notary.Stamper{URL: s.URL, Authority: a.Pool}
}
