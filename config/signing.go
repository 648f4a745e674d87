package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// Signing says how the log and exports are signed, and whose signatures are trusted. Secret keys are files, or in the environment; never in the
// configuration itself.
type Signing struct {
	Key       string    `yaml:"key"`      // file with the secret key for the log, as tearsheet keygen writes it
	WACZKey   string    `yaml:"wacz_key"` // file with the secret key for exported WACZ files
	Trusted   []string  `yaml:"trusted"`  // public keys, or files with them, beside the own key's
	Require   bool      `yaml:"require_signature"`
	Timestamp Timestamp `yaml:"timestamp"`

	Secret string `yaml:"-"` // the secret key itself, from the environment
}

// Timestamp says who vouches for the time of log entries (RFC 3161).
type Timestamp struct {
	URL      string `yaml:"url"`
	CA       string `yaml:"ca"` // PEM file with the certificates of authorities that are trusted
	Required bool   `yaml:"required"`
}

// places are the settings that name files.
func (s *Signing) places() map[string]*string {
	return map[string]*string{"signing.key": &s.Key, "signing.wacz_key": &s.WACZKey, "signing.timestamp.ca": &s.Timestamp.CA}
}

// Signs reports whether there is a key to sign the log with.
func (s Signing) Signs() bool { return s.Key != "" || s.Secret != "" }

// ReadKey gives the secret key for the log; "" when there is none.
func (s Signing) ReadKey() (string, error) {
	if s.Secret != "" || s.Key == "" {
		return s.Secret, nil
	}
	b, err := os.ReadFile(s.Key)
	return string(b), err
}

// publicKey is the form of a public key: name, hash, key (C2SP signed-note).
var publicKey = regexp.MustCompile(`^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$`)

// secretMark stands in every secret key for the log (C2SP signed-note has no form of them; this is package note's).
const secretMark = "PRIVATE+KEY"

func isPublicKey(s string) bool { return publicKey.MatchString(s) }

// ReadTrusted gives the public keys that are trusted, as text.
func (s Signing) ReadTrusted() ([]string, error) {
	var keys []string
	for _, t := range s.Trusted {
		if !isPublicKey(t) {
			b, err := os.ReadFile(t)
			if err != nil {
				return nil, err
			}
			t = string(b)
		}
		keys = append(keys, t)
	}
	return keys, nil
}

func (s Signing) check() error {
	if u, err := url.Parse(s.Timestamp.URL); s.Timestamp.URL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("signing.timestamp.url is no URL of a time stamping authority")
	}
	for key, value := range map[string][]string{"key": {s.Key}, "wacz_key": {s.WACZKey}, "trusted": s.Trusted} {
		for _, v := range value { // never quoted
			switch {
			case strings.Contains(v, secretMark) || strings.Contains(v, "-----BEGIN"):
				return fmt.Errorf("signing.%s holds a secret key itself: name the file with it; the one for the log may also stand in TEARSHEET_SIGNING_KEY", key)
			case key == "trusted" && strings.TrimSpace(v) == "":
				return errors.New("signing.trusted has an empty item: name a public key, or a file with some")
			}
		}
	}
	switch {
	case s.Timestamp.URL != "" && s.Timestamp.CA == "":
		return errors.New("signing.timestamp.ca is missing: without a certificate to trust, a time stamp proves nothing")
	case s.Timestamp.Required && s.Timestamp.URL == "":
		return errors.New("signing.timestamp.required is set, and signing.timestamp.url is not")
	}
	return nil
}
