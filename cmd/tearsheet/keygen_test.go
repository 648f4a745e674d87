package main

import (
	"archive/zip"
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tearsheet/archive/notary/notarytest"
	"tearsheet/crawler/crawlertest"
)

// cmdMode (usage: mode FILE MODE) checks who may read a file.
func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "mode FILE MODE")
	fi, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	want, err := strconv.ParseUint(args[1], 8, 32)
	ts.Check(err)
	if fi.Mode().Perm() != os.FileMode(want) {
		ts.Fatalf("%s has the mode %o, want %o", args[0], fi.Mode().Perm(), want)
	}
}

// cmdSignedWACZ (usage: signed-wacz FILE PUBLIC) verifies the signature of a WACZ as a player does, and that it is by the key.
func cmdSignedWACZ(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "signed-wacz FILE PUBLIC")
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	f, err := z.Open("datapackage-digest.json")
	ts.Check(err)
	var d struct {
		Hash       string
		SignedData struct{ Hash, Signature, PublicKey string }
	}
	ts.Check(json.NewDecoder(f).Decode(&d))
	spki, err := base64.StdEncoding.DecodeString(d.SignedData.PublicKey)
	ts.Check(err)
	block, _ := pem.Decode([]byte(ts.ReadFile(args[1])))
	if string(block.Bytes) != string(spki) {
		ts.Fatalf("it is signed by another key")
	}
	key, err := x509.ParsePKIXPublicKey(spki)
	ts.Check(err)
	raw, err := base64.StdEncoding.DecodeString(d.SignedData.Signature)
	ts.Check(err)
	sum := sha256.Sum256([]byte(d.Hash))
	if d.SignedData.Hash != d.Hash || len(raw) != 96 || !ecdsa.Verify(key.(*ecdsa.PublicKey), sum[:], new(big.Int).SetBytes(raw[:48]), new(big.Int).SetBytes(raw[48:])) {
		ts.Fatalf("the signature does not hold: %+v", d)
	}
}

// on runs a command in the current folder, and gives what it says.
func on(t *testing.T, want code, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if got := run(args, strings.NewReader(""), &out, &out); got != want {
		t.Errorf("tearsheet %s ends with %d, want %d: %s", strings.Join(args, " "), got, want, out.String())
	}
	return out.String()
}

func TestATimeStampIsAskedForAsTheConfigurationSays(t *testing.T) {
	paper, err := crawlertest.Start(t.Context(), crawlertest.Options{Articles: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer paper.Close()
	capture := []string{"capture", "--quiet", "--allow-private=127.0.0.0/8", whole(paper)[0].URL}
	authority := notarytest.New(t, x509.ExtKeyUsageTimeStamping)
	var silent atomic.Bool
	tsa := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if silent.Load() {
			http.Error(w, "s3cret", http.StatusServiceUnavailable)
			return
		}
		authority.ServeHTTP(w, r)
	}))
	defer tsa.Close()
	t.Chdir(t.TempDir())
	on(t, codeOK, "keygen", "--name", "example.org/papers", "--out", "keys")
	configure := func(required string) {
		text := "signing:\n  key: keys/log.key\n  timestamp: {url: '" + tsa.URL + "/?key=s3cret', ca: ca.pem, required: " + required + "}\n"
		if err := errors.Join(os.WriteFile("tearsheet.yaml", []byte(text), 0o666), os.WriteFile("ca.pem", authority.PEM, 0o666)); err != nil {
			t.Fatal(err)
		}
	}

	configure("true")
	on(t, codeOK, capture...)
	if told := on(t, codeOK, "verify"); !strings.Contains(told, "1 of 1 log entry signed, 1 with a time stamp that holds") {
		t.Error(told)
	}
	silent.Store(true)
	if told := on(t, codeUpload, capture...); !strings.Contains(told, "is kept in") || !strings.Contains(told, "the status 503") || strings.Contains(told, "s3cret") {
		t.Error(told)
	}
	silent.Store(false) // the next command finishes the run
	if told := on(t, codeOK, "ls"); !strings.Contains(told, "recovered") {
		t.Error(told)
	}
	if told := on(t, codeOK, "verify"); !strings.Contains(told, "2 of 2 log entries signed, 2 with a time stamp that holds") {
		t.Error(told)
	}

	configure("false")
	silent.Store(true)
	if told := on(t, codeOK, capture...); !strings.Contains(told, "goes without a time stamp") || strings.Contains(told, "s3cret") {
		t.Error(told)
	}
	on(t, codeOK, "verify")
	configure("true")
	if told := on(t, codeFixity, "verify"); !strings.Contains(told, "has no time stamp, and those before it have") {
		t.Error(told)
	}
}
