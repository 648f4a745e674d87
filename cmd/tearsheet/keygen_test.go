package main

import (
	"archive/zip"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
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
