package notary

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// Stamper asks a time stamping authority for tokens (RFC 3161).
type Stamper struct {
	URL       string         // may hold what is secret, a password or a key: no error tells more of it than the host
	Authority *x509.CertPool // whom its certificate must come from; nil trusts none
}

const (
	// stampTime is how long an authority may take.
	stampTime = 20 * time.Second
	// maxToken bounds a token, and with it an authority's answer, in bytes. One with three certificates has some 6,000. It must fit into a log entry.
	maxToken = 32 << 10
)

// client asks once in a commit: it keeps no connection, follows no redirect, and reads no proxy from the environment.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Stamp gives a token over a signed checkpoint, as DER, after it was checked. Errors quote nothing that the authority says, as that might repeat what
// is secret in its URL.
func (s *Stamper) Stamp(ctx context.Context, checkpoint string) ([]byte, error) {
	token, err := s.ask(ctx, checkpoint)
	if err == nil {
		_, err = CheckStamp(token, checkpoint, s.Authority)
	}
	if err != nil {
		return nil, fmt.Errorf("asking the time stamping authority at %s: %w", s.host(), err)
	}
	return token, nil
}

// host is as much of the URL as anybody may read.
func (s *Stamper) host() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "the URL that was given"
	}
	return u.Scheme + "://" + u.Host
}

func (s *Stamper) ask(ctx context.Context, checkpoint string) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(checkpoint))
	query, err := (&timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Certificates: true, Nonce: nonce}).Marshal()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, stampTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(query))
	if err != nil {
		return nil, errors.New("that is no URL") // the error quotes it
	}
	r.Header.Set("Content-Type", "application/timestamp-query") // RFC 3161 §3.4
	resp, err := client.Do(r)
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err // without the URL
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxToken+1))
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("it answered with the status %d", resp.StatusCode)
	case kind != "application/timestamp-reply":
		return nil, errors.New("what it answered is no reply of a time stamping authority")
	case len(body) > maxToken:
		return nil, fmt.Errorf("it answered with more than %d bytes", maxToken)
	}
	return granted(body, nonce)
}

// reply is a TimeStampResp (RFC 3161 §2.4.2).
type reply struct {
	Status struct {
		Status  int
		Text    []asn1.RawValue `asn1:"optional"`
		Failure asn1.BitString  `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

// granted gives the token of a reply to the question with this nonce. It is not checked yet.
func granted(body []byte, nonce *big.Int) (token []byte, err error) {
	defer caught(&err)
	var r reply
	if rest, err := asn1.Unmarshal(body, &r); err != nil || len(rest) > 0 {
		return nil, errors.New("what it answered is no reply of a time stamping authority")
	}
	if s := timestamp.Status(r.Status.Status); s != timestamp.Granted && s != timestamp.GrantedWithMods {
		reason := ""
		for bit := range min(r.Status.Failure.BitLength, 32) {
			if r.Status.Failure.At(bit) != 0 {
				reason += "; " + timestamp.FailureInfo(bit).String()
			}
		}
		return nil, fmt.Errorf("it answered that %s%s", s, reason)
	}
	if len(r.Token.FullBytes) == 0 {
		return nil, errors.New("it answered that it stamps, and sent no time stamp")
	}
	ts, err := timestamp.Parse(r.Token.FullBytes)
	switch {
	case err != nil:
		return nil, err
	case ts.Nonce == nil || ts.Nonce.Cmp(nonce) != 0:
		return nil, errors.New("what it answered is not for this question")
	}
	return r.Token.FullBytes, nil
}

// caught makes an error of a panic: the parsers of the library index into what they are given.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("it cannot be read: %v", p)
	}
}

// oidTSTInfo says that what is signed is a time stamp (RFC 3161 §2.4.2).
var oidTSTInfo = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}

// CheckStamp checks a token over a signed checkpoint, and gives the time that it vouches for: that it is a time stamp of this text, that it is signed by a
// certificate that is for time stamping and nothing else (RFC 3161 §2.3), that was valid at that time, and that comes from authority. The error wraps
// ErrNotProven.
func CheckStamp(token []byte, checkpoint string, authority *x509.CertPool) (time.Time, error) {
	at, err := checkStamp(token, checkpoint, authority)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: time stamp: %w", ErrNotProven, err)
	}
	return at, nil
}

func checkStamp(token []byte, checkpoint string, authority *x509.CertPool) (_ time.Time, err error) {
	defer caught(&err)
	switch {
	case authority == nil:
		return time.Time{}, errors.New("no authority is trusted")
	case len(token) > maxToken:
		return time.Time{}, fmt.Errorf("it has more than %d bytes", maxToken)
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
	var kind asn1.ObjectIdentifier
	if err := signed.UnmarshalSignedAttribute(pkcs7.OIDAttributeContentType, &kind); err != nil || !kind.Equal(oidTSTInfo) {
		return time.Time{}, errors.New("what is signed does not say that it is a time stamp")
	}
	if err := signed.Verify(); err != nil { // the signature; the chain is checked below, with the purpose
		return time.Time{}, err
	}
	signer := signed.GetOnlySigner()
	if signer == nil {
		return time.Time{}, errors.New("it is not signed by one certificate")
	}
	if !stampsOnly(signer) {
		return time.Time{}, errors.New("the certificate that signed it is not for time stamps alone")
	}
	others := x509.NewCertPool()
	for _, c := range signed.Certificates {
		others.AddCert(c)
	}
	_, err = signer.Verify(x509.VerifyOptions{Roots: authority, Intermediates: others, CurrentTime: ts.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	return ts.Time.UTC(), err
}

// oidPurpose is the extension that says what a certificate is for.
var oidPurpose = asn1.ObjectIdentifier{2, 5, 29, 37}

// stampsOnly reports whether a certificate is for time stamping, and for nothing else: one that says nothing of its purpose passes Verify for all of them.
func stampsOnly(c *x509.Certificate) bool {
	if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0 {
		return false
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(oidPurpose) {
			return e.Critical
		}
	}
	return false
}
