package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestLoadReadsHowTheLogIsSigned(t *testing.T) {
	const public = "example.org/papers+1a2b3c4d+AaBbCc09+/=="
	name := write(t, "signing:\n  key: log.key\n  wacz_key: /etc/wacz.pem\n  trusted: [others.pub, "+public+"]\n  require_signature: true\n"+
		"  timestamp: {url: 'https://tsa.example', ca: ~/ca.pem, required: true}\n")
	dir := filepath.Dir(name)
	for file, text := range map[string]string{"log.key": "PRIVATE", "others.pub": "# one\nk1\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Load(name, Environment{Home: "/home/ana"})
	if err != nil {
		t.Fatal(err)
	}
	want := Signing{
		Key: filepath.Join(dir, "log.key"), WACZKey: "/etc/wacz.pem", Trusted: []string{filepath.Join(dir, "others.pub"), public}, Require: true,
		Timestamp: Timestamp{URL: "https://tsa.example", CA: "/home/ana/ca.pem", Required: true},
	}
	if !reflect.DeepEqual(got.Signing, want) {
		t.Errorf("got %+v, want %+v", got.Signing, want)
	}
	if key, err := got.Signing.ReadKey(); err != nil || key != "PRIVATE" || !got.Signing.Signs() {
		t.Errorf("the key is %q, %v", key, err)
	}
	if keys, err := got.Signing.ReadTrusted(); err != nil || !reflect.DeepEqual(keys, []string{"# one\nk1\n", public}) {
		t.Errorf("trusted are %q, %v", keys, err)
	}
	got, err = Load(name, Environment{Home: "/home/ana", Secret: "FROM THE ENVIRONMENT"})
	if key, keyErr := got.Signing.ReadKey(); err != nil || keyErr != nil || key != "FROM THE ENVIRONMENT" {
		t.Errorf("the key is %q, %v", key, errors.Join(err, keyErr))
	}
}

func TestLoadRefusesTimeStampsThatProveNothing(t *testing.T) {
	for says, text := range map[string]string{
		"no URL":                  "signing: {timestamp: {url: 'tsa', ca: x}}\n",
		"ca is missing":           "signing: {timestamp: {url: 'http://tsa.example'}}\n",
		"url is not":              "signing: {timestamp: {required: true}}\n",
		`did you mean "signing.k`: "signing: {kei: x}\n",
	} {
		if _, err := Load(write(t, text), Environment{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want one that says %q", text, err, says)
		}
	}
}

func TestLoadNeverQuotesASecretKeyThatStandsInTheFile(t *testing.T) {
	for _, text := range []string{
		"signing: {key: PRIVATE+KEY+example.org+1a2b3c4d+s3cret}\n",
		"signing: {trusted: [PRIVATE+KEY+example.org+1a2b3c4d+s3cret]}\n",
		"signing:\n  wacz_key: |\n    -----BEGIN PRIVATE KEY-----\n    s3cret\n    -----END PRIVATE KEY-----\n",
	} {
		_, err := Load(write(t, text), Environment{})
		var fault *Error
		if !errors.As(err, &fault) || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "holds a secret key itself") {
			t.Errorf("%v", err)
		}
	}
	if _, err := Load(write(t, "signing: {trusted: ['']}\n"), Environment{}); err == nil || !strings.Contains(err.Error(), "empty item") {
		t.Errorf("%v", err)
	}
}
