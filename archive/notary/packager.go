package notary

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"time"
)

// Packager signs WACZ files as wacz-auth asks for ("WACZ Signing and Verification" 0.1.0): ECDSA, and with P-384, since players know no other curve.
type Packager struct {
	key    *ecdsa.PrivateKey
	public string
}

// SignedData is the member signedData of a datapackage-digest.json: an anonymous signature, by a key that people must know from elsewhere.
type SignedData struct {
	Hash      string `json:"hash"` // of datapackage.json, "sha256:hex"
	Created   string `json:"created"`
	Software  string `json:"software"`
	Version   string `json:"version"`
	Signature string `json:"signature"` // base64 of r and s, each as long as the curve's order
	PublicKey string `json:"publicKey"` // base64 of the SPKI structure
}

// authVersion is the version of wacz-auth.
const authVersion = "0.1.0"

// GeneratePackageKey makes a key for WACZ files: the secret one as PKCS #8, the public one as SPKI, both PEM.
func GeneratePackageKey(random io.Reader) (secret, public []byte, err error) {
	if random == nil {
		random = rand.Reader
	}
	key, err := ecdsa.GenerateKey(elliptic.P384(), random)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), nil
}

// NewPackager reads a secret key for WACZ files. Errors never quote it.
func NewPackager(secret []byte) (*Packager, error) {
	block, _ := pem.Decode(secret)
	if block == nil {
		return nil, errors.New("it is no PEM file")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		parsed, err = x509.ParseECPrivateKey(block.Bytes) // as openssl ecparam writes it
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok || key.Curve != elliptic.P384() {
		return nil, errors.New("it is no ECDSA key with the curve P-384, and players of WACZ files know no other")
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, errors.New("its public key cannot be written")
	}
	return &Packager{key: key, public: base64.StdEncoding.EncodeToString(spki)}, nil
}

// Sign signs the digest of a datapackage.json: its text, "sha256:" included.
func (p *Packager) Sign(digest, software string, created time.Time) (SignedData, error) {
	sum := sha256.Sum256([]byte(digest))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, sum[:])
	if err != nil {
		return SignedData{}, err
	}
	size := (p.key.Params().N.BitLen() + 7) / 8
	raw := append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...) // IEEE P1363, not DER: what WebCrypto takes
	return SignedData{
		Hash: digest, Created: created.UTC().Format(time.RFC3339), Software: software, Version: authVersion,
		Signature: base64.StdEncoding.EncodeToString(raw), PublicKey: p.public,
	}, nil
}
