package notary

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// Stamper asks a time stamping authority for tokens (RFC 3161).
type Stamper struct {
	URL       string
	Authority *x509.CertPool // whom its certificate must come from; nil trusts none
	Client    *http.Client   // nil for one with a time limit
}

const (
	// stampTime is how long an authority may take.
	stampTime = 20 * time.Second
	// maxToken bounds an authority's answer in bytes.
	maxToken = 64 << 10
)

// Stamp gives a token over a signed checkpoint, as DER, after it was checked.
func (s *Stamper) Stamp(ctx context.Context, checkpoint string) ([]byte, error) {
	token, err := s.ask(ctx, checkpoint)
	if err == nil {
		_, err = CheckStamp(token, checkpoint, s.Authority)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the time stamping authority at %s: %w", s.URL, err)
	}
	return token, nil
}

func (s *Stamper) ask(ctx context.Context, checkpoint string) ([]byte, error) {
	query, err := timestamp.CreateRequest(bytes.NewReader([]byte(checkpoint)), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, stampTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(query))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/timestamp-query") // RFC 3161 §3.4
	client := s.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxToken+1))
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode != http.StatusOK || kind != "application/timestamp-reply":
		return nil, fmt.Errorf("it answered %s with %q", resp.Status, kind)
	case len(body) > maxToken:
		return nil, fmt.Errorf("it answered with more than %d bytes", maxToken)
	}
	reply, err := timestamp.ParseResponse(body)
	if err != nil {
		return nil, err
	}
	return reply.RawToken, nil
}

// CheckStamp checks a token over a signed checkpoint, and gives the time that it vouches for: that it is of this text, that it is signed by a certificate
// for time stamping (RFC 3161 §2.3) that was valid at that time and that comes from authority. The error wraps ErrNotProven.
func CheckStamp(token []byte, checkpoint string, authority *x509.CertPool) (at time.Time, err error) {
	defer func() {
		if p := recover(); p != nil { // the parsers of the library index into what they are given
			at, err = time.Time{}, fmt.Errorf("%v", p)
		}
		if err != nil {
			at, err = time.Time{}, fmt.Errorf("%w: time stamp: %w", ErrNotProven, err)
		}
	}()
	if authority == nil {
		return time.Time{}, errors.New("no authority is trusted")
	}
	ts, err := timestamp.Parse(token)
	if err != nil {
		return time.Time{}, err
	}
	if sum := sha256.Sum256([]byte(checkpoint)); ts.HashAlgorithm != crypto.SHA256 || !bytes.Equal(ts.HashedMessage, sum[:]) {
		return time.Time{}, errors.New("it is of another text")
	}
	signed, err := pkcs7.Parse(token)
	if err != nil {
		return time.Time{}, err
	}
	if err := signed.Verify(); err != nil { // the signature; the chain is checked below, with the purpose
		return time.Time{}, err
	}
	signer := signed.GetOnlySigner()
	if signer == nil {
		return time.Time{}, errors.New("it is not signed by one certificate")
	}
	others := x509.NewCertPool()
	for _, c := range signed.Certificates {
		others.AddCert(c)
	}
	_, err = signer.Verify(x509.VerifyOptions{Roots: authority, Intermediates: others, CurrentTime: ts.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	return ts.Time.UTC(), err
}
