package notary

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// algEd25519 is the byte before an Ed25519 key (C2SP signed-note, "Signature types").
const algEd25519 = 1

// secretPrefix begins every secret key (package note).
const secretPrefix = "PRIVATE+KEY+"

// publicOf gives the public key that belongs to a secret one, so that whoever can sign can verify what was signed. The form is that of note.NewSigner:
// PRIVATE+KEY+name+hash+base64 of algorithm and seed.
func publicOf(secret string, signer note.Signer) (string, error) {
	_, text, _ := strings.Cut(strings.TrimPrefix(secret, secretPrefix+signer.Name()+"+"), "+")
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != algEd25519 {
		return "", errors.New("it is no Ed25519 key")
	}
	return note.NewEd25519VerifierKey(signer.Name(), ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey))
}
