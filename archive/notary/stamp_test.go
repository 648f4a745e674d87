package notary_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"tearsheet/archive/notary"
	"tearsheet/archive/notary/notarytest"
)

// signed makes a signed checkpoint.
func signed(t testing.TB) string {
	t.Helper()
	secret, _, err := notary.GenerateKey(nil, "example.org")
	if err != nil {
		t.Fatal(err)
	}
	n, err := notary.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	text, err := n.Sign(notary.Tree{}.Append([]byte("sha256:x")))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestATimeStampIsOfOneTextAndByAnAuthorityThatIsTrusted(t *testing.T) {
	signed := signed(t)
	for name, a := range map[string]*notarytest.Authority{"ECDSA": notarytest.New(t, x509.ExtKeyUsageTimeStamping), "RSA": notarytest.NewRSA(t)} {
		t.Run(name, func(t *testing.T) {
			token, err := a.Start(t).Stamp(t.Context(), signed)
			if err != nil {
				t.Fatal(err)
			}
			if at, err := notary.CheckStamp(token, signed, a.Pool); err != nil || !at.Equal(a.Now) {
				t.Errorf("%s %v, want %s", at, err, a.Now)
			}
			for i := range token { // nothing of what is signed can be changed, nothing makes it panic
				changed := bytes.Clone(token)
				changed[i] ^= 1
				if at, err := notary.CheckStamp(changed, signed, a.Pool); err == nil && !at.Equal(a.Now) {
					t.Errorf("with byte %d turned over it vouches for %s", i, at)
				}
			}
			if _, err := notary.CheckStamp(token, signed+"x", a.Pool); !errors.Is(err, notary.ErrNotProven) {
				t.Errorf("over another text: %v", err)
			}
			for name, pool := range map[string]*x509.CertPool{"nobody": nil, "another": notarytest.New(t, x509.ExtKeyUsageTimeStamping).Pool} {
				if _, err := notary.CheckStamp(token, signed, pool); !errors.Is(err, notary.ErrNotProven) {
					t.Errorf("where %s is trusted: %v", name, err)
				}
			}
			p := notary.Proof{Checkpoint: signed, Timestamp: token}
			if at, err := p.Stamped(a.Pool); err != nil || !at.Equal(a.Now) {
				t.Errorf("as part of a proof: %s %v", at, err)
			}
			if _, err := (notary.Proof{Checkpoint: signed}).Stamped(a.Pool); !errors.Is(err, notary.ErrNotProven) {
				t.Errorf("a proof without one: %v", err)
			}
		})
	}
	nested := bytes.Repeat([]byte{0x30, 0x80}, notary.MaxToken/2) // as deep as a token can be
	if _, err := notary.CheckStamp(nested, signed, x509.NewCertPool()); !errors.Is(err, notary.ErrNotProven) {
		t.Error(err)
	}
}

// refusal makes an authority answer with a status, words, and that it has no time.
func refusal(t *testing.T, status timestamp.Status, text ...string) func(*notarytest.Authority) {
	t.Helper()
	var r struct {
		Status struct {
			Status  int
			Text    []string
			Failure asn1.BitString
		}
	}
	r.Status.Status, r.Status.Text, r.Status.Failure = int(status), text, asn1.BitString{Bytes: []byte{0, 2}, BitLength: 15}
	answer, err := asn1.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return func(a *notarytest.Authority) { a.Answer = func([]byte) []byte { return answer } }
}

func TestABadAuthorityIsToldWithoutTheSecretsOfItsURL(t *testing.T) {
	signed := signed(t)
	type change = func(*notarytest.Authority)
	certified := func(extra []pkix.Extension, usages ...x509.ExtKeyUsage) change {
		return func(a *notarytest.Authority) {
			*a = *notarytest.New(t, x509.ExtKeyUsageTimeStamping, func(c *x509.Certificate) { c.ExtraExtensions, c.ExtKeyUsage = extra, usages })
		}
	}
	stamping := func(f func(*timestamp.Timestamp)) change { return func(a *notarytest.Authority) { a.Stamp = f } }
	answering := func(f func([]byte) []byte) change { return func(a *notarytest.Authority) { a.Answer = f } }
	elsewhere := notarytest.New(t, x509.ExtKeyUsageTimeStamping).Start(t)
	for name, c := range map[string]struct {
		broken change
		says   string
	}{
		"whose certificate is for servers":           {certified(nil, x509.ExtKeyUsageServerAuth), "not for time stamps alone"},
		"whose certificate is for anything":          {certified(nil, x509.ExtKeyUsageAny), "not for time stamps alone"},
		"whose certificate does not say what for":    {certified(nil), "not for time stamps alone"},
		"whose certificate is for time stamps too":   {certified(nil, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageServerAuth), "not for time stamps alone"},
		"whose certificate need not be understood":   {certified([]pkix.Extension{notarytest.Purpose(t, false)}), "not for time stamps alone"},
		"whose certificate has expired":              {stamping(func(ts *timestamp.Timestamp) { ts.Time = ts.Time.Add(2 * time.Hour) }), "expired"},
		"that stamps another text":                   {stamping(func(ts *timestamp.Timestamp) { ts.HashedMessage = bytes.Repeat([]byte{1}, 32) }), "another text"},
		"that stamps with another algorithm":         {stamping(func(ts *timestamp.Timestamp) { ts.HashAlgorithm = crypto.SHA512 }), "another text"},
		"that answers an earlier question":           {stamping(func(ts *timestamp.Timestamp) { ts.Nonce = big.NewInt(1) }), "not for this question"},
		"that does not repeat the nonce":             {stamping(func(ts *timestamp.Timestamp) { ts.Nonce = nil }), "not for this question"},
		"that sends no certificate":                  {stamping(func(ts *timestamp.Timestamp) { ts.AddTSACertificate = false }), "ertificate"},
		"that answers rubbish":                       {answering(func([]byte) []byte { return []byte("rubbish s3cret") }), "no reply"},
		"that answers nothing":                       {answering(func([]byte) []byte { return nil }), "no reply"},
		"that answers half":                          {answering(func(r []byte) []byte { return r[:len(r)/2] }), "no reply"},
		"that answers more than a reply":             {answering(func(r []byte) []byte { return append(r, 0) }), "no reply"},
		"that answers very much":                     {answering(func([]byte) []byte { return bytes.Repeat([]byte{0x30}, 2*notary.MaxToken) }), "more than"},
		"that refuses, and repeats what it was told": {refusal(t, timestamp.Rejection, "unknown key s3cret"), "the request is rejected; the TSA's time source is not available"},
		"that grants nothing":                        {refusal(t, timestamp.Granted), "sent no time stamp"},
		"that has no time":                           {func(a *notarytest.Authority) { a.Status = http.StatusServiceUnavailable }, "status 503"},
		"that sends elsewhere": {func(a *notarytest.Authority) {
			a.Status, a.Location = http.StatusTemporaryRedirect, elsewhere.URL+"/s3cret"
		}, "status 307"},
	} {
		t.Run("one "+name, func(t *testing.T) {
			a := notarytest.New(t, x509.ExtKeyUsageTimeStamping)
			c.broken(a)
			s := a.Start(t)
			at := s.URL
			s.URL = "http://user:s3cret@" + strings.TrimPrefix(at, "http://") + "/s3cret?key=s3cret"
			_, err := s.Stamp(t.Context(), signed)
			if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "time stamping authority at "+at+":") || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want one that says %q", err, c.says)
			}
		})
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, at := range []string{gone.URL + "/?key=s3cret", "http://user:s3cret@[::1", "gopher://user:s3cret@tsa.example"} {
		if _, err := (&notary.Stamper{URL: at, Authority: elsewhere.Authority}).Stamp(t.Context(), signed); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	}
}

func FuzzCheckStamp(f *testing.F) {
	signed := signed(f)
	a := notarytest.New(f, x509.ExtKeyUsageTimeStamping)
	token, err := a.Start(f).Stamp(f.Context(), signed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Fuzz(func(t *testing.T, b []byte) {
		at, err := notary.CheckStamp(b, signed, a.Pool)
		if err == nil && !at.Equal(a.Now) {
			t.Errorf("it vouches for %s", at)
		}
		if err != nil && !errors.Is(err, notary.ErrNotProven) {
			t.Error(err)
		}
		_, _ = notary.Granted(b, big.NewInt(1)) // must not panic
	})
}
