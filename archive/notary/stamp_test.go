package notary_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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

func TestATimeStampIsTakenOnlyFromAnAuthorityThatIsTrusted(t *testing.T) {
	signed := signed(t)
	a := notarytest.New(t, x509.ExtKeyUsageTimeStamping)
	s := a.Start(t)
	token, err := s.Stamp(t.Context(), signed)
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
	for name, broken := range map[string]func(*notarytest.Authority){
		"one whose certificate is for something else":  func(b *notarytest.Authority) { *b = *notarytest.New(t, x509.ExtKeyUsageServerAuth) },
		"one whose certificate was not valid any more": func(b *notarytest.Authority) { b.Now = b.Now.Add(48 * time.Hour) },
		"one that answers rubbish":                     func(b *notarytest.Authority) { b.Answer = func([]byte) []byte { return []byte("rubbish") } },
		"one that answers half":                        func(b *notarytest.Authority) { b.Answer = func(r []byte) []byte { return r[:len(r)/2] } },
		"one that answers very much":                   func(b *notarytest.Authority) { b.Answer = func([]byte) []byte { return make([]byte, 1<<20) } },
		"one that refuses":                             func(b *notarytest.Authority) { b.Status = http.StatusServiceUnavailable },
	} {
		b := notarytest.New(t, x509.ExtKeyUsageTimeStamping)
		broken(b)
		if _, err := b.Start(t).Stamp(t.Context(), signed); err == nil || !strings.Contains(err.Error(), "time stamping authority at http://127.0.0.1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	a.Answer = func(r []byte) []byte { return r }
	gone := httptest.NewServer(a)
	gone.Close()
	if _, err := (&notary.Stamper{URL: gone.URL, Authority: a.Pool}).Stamp(t.Context(), signed); err == nil {
		t.Error("one that is not there")
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
		if at, err := notary.CheckStamp(b, signed, a.Pool); err == nil && !at.Equal(a.Now) {
			t.Errorf("it vouches for %s", at)
		}
	})
}
