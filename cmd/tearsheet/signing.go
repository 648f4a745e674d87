package main

import (
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/notary"
	"tearsheet/archive/restore"
)

// signing reads the keys that the configuration names. That the secret one cannot be used is no error but a Fault: whoever only reads the archive needs none,
// and often may not read it.
func (a *app) signing() (archive.Signing, error) {
	c := a.settings.Signing
	s := archive.Signing{Required: c.Require, StampRequired: c.Timestamp.Required}
	secret, err := c.ReadKey()
	if err == nil && secret != "" {
		s.Notary, err = notary.New(secret)
	}
	if err != nil {
		s.Fault = resultf(codeConfiguration, "the key that signs the log (signing.key, or TEARSHEET_SIGNING_KEY): %w", err)
	}
	trusted, err := c.ReadTrusted()
	if err == nil && len(trusted) > 0 {
		s.Trusted, err = notary.NewVerifier(trusted...)
	}
	if err != nil {
		return s, resultf(codeConfiguration, "signing.trusted: %w", err)
	}
	if c.Timestamp.URL == "" {
		return s, nil
	}
	pem, err := os.ReadFile(c.Timestamp.CA)
	if err != nil {
		return s, resultf(codeConfiguration, "signing.timestamp.ca: %w", err)
	}
	s.Authority = x509.NewCertPool()
	if !s.Authority.AppendCertsFromPEM(pem) {
		return s, resultf(codeConfiguration, "signing.timestamp.ca: %s holds no certificate", c.Timestamp.CA)
	}
	s.Stamper = &notary.Stamper{URL: c.Timestamp.URL, Authority: s.Authority}
	return s, nil
}

// packing gives how WACZ files are written.
func (a *app) packing() (restore.WACZOptions, error) {
	o := restore.WACZOptions{Software: software()}
	if a.settings.Signing.WACZKey == "" {
		return o, nil
	}
	secret, err := os.ReadFile(a.settings.Signing.WACZKey)
	var p *notary.Packager
	if err == nil {
		p, err = notary.NewPackager(secret)
	}
	if err != nil {
		return o, resultError{codeConfiguration, fmt.Errorf("signing.wacz_key: %w", err)}
	}
	o.Sign = func(digest string) (notary.SignedData, error) { return p.Sign(digest, software(), time.Now()) }
	return o, nil
}
