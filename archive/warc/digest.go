package warc

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Algorithm names a digest algorithm as WARC labels it ("sha1", "sha256").
type Algorithm string

const (
	SHA1   Algorithm = "sha1"
	SHA256 Algorithm = "sha256"
)

// size is the length of the algorithm's sum in bytes; 0 for an algorithm that this package does not know.
func (a Algorithm) size() int {
	switch a {
	case SHA1:
		return sha1.Size
	case SHA256:
		return sha256.Size
	default:
		return 0
	}
}

// ErrAlgorithm is wrapped by the error of ParseDigest for a well-formed digest of an algorithm that this package does not compute (md5,
// sha512, blake3, …). Such a digest is not wrong, it can only not be checked here.
var ErrAlgorithm = errors.New("digest algorithm is not supported")

// Digest is a labelled digest (WARC 1.1 §5.8, §5.9). The zero value means "none". Digests are comparable with ==.
type Digest struct {
	alg Algorithm
	sum [sha256.Size]byte
}

// NewDigest labels a finished sum: 20 bytes for SHA1, 32 for SHA256. It panics for any other length, as that is a mistake in the program.
func NewDigest(alg Algorithm, sum []byte) Digest {
	if len(sum) == 0 || len(sum) != alg.size() {
		panic(fmt.Sprintf("warc: a sum of %d bytes is no %q digest", len(sum), alg))
	}
	d := Digest{alg: alg}
	copy(d.sum[:], sum)
	return d
}

// ParseDigest reads "sha1:BASE32", "sha256:hex" and the other encoding of each; the label's case, the case of the sum, missing Base32 padding
// and a "sha-256" spelling are forgiven. The error wraps ErrAlgorithm when the label names an algorithm that is not known here.
func ParseDigest(s string) (Digest, error) {
	label, text, ok := strings.Cut(strings.TrimSpace(s), ":")
	if !ok || label == "" || text == "" {
		return Digest{}, fmt.Errorf("digest %q is not of the form algorithm:sum", s)
	}
	var alg Algorithm
	switch strings.ToLower(label) {
	case "sha1", "sha-1":
		alg = SHA1
	case "sha256", "sha-256":
		alg = SHA256
	default:
		return Digest{}, fmt.Errorf("digest %q: %w", s, ErrAlgorithm)
	}
	sum, err := decodeSum(text, alg.size())
	if err != nil {
		return Digest{}, fmt.Errorf("digest %q: %w", s, err)
	}
	return NewDigest(alg, sum), nil
}

// decodeSum tells hex and Base32 apart by their lengths, which differ for every algorithm that we know.
func decodeSum(text string, size int) ([]byte, error) {
	if len(text) == hex.EncodedLen(size) {
		return hex.DecodeString(text)
	}
	bare := strings.TrimRight(text, "=")
	unpadded := base32.StdEncoding.WithPadding(base32.NoPadding)
	if len(bare) == unpadded.EncodedLen(size) {
		sum, err := unpadded.DecodeString(strings.ToUpper(bare))
		// Package base32 passes over CR and LF, and a letter that is not ASCII can become shorter in upper case.
		if err == nil && len(sum) != size {
			err = errors.New("a character is not Base32")
		}
		return sum, err
	}
	return nil, fmt.Errorf("%d characters are neither hex nor Base32 of %d bytes", len(text), size)
}

// String gives the form that we write: SHA-1 as upper-case Base32, SHA-256 as lower-case hex, both with label; "" for none.
func (d Digest) String() string {
	switch d.alg {
	case SHA1:
		return "sha1:" + base32.StdEncoding.EncodeToString(d.sum[:sha1.Size])
	case SHA256:
		return "sha256:" + hex.EncodeToString(d.sum[:])
	default:
		return ""
	}
}

// Sum returns a copy of the sum's bytes, nil for none.
func (d Digest) Sum() []byte {
	if d.IsZero() {
		return nil
	}
	return append([]byte(nil), d.sum[:d.alg.size()]...)
}

// IsZero reports whether there is no digest.
func (d Digest) IsZero() bool { return d.alg == "" }

// Algorithm returns the label, "" for none.
func (d Digest) Algorithm() Algorithm { return d.alg }

// MarshalText gives String, so that digests stand in JSON as they stand in a WARC header.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDigest reads; empty text is no digest.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Digest{}
		return nil
	}
	parsed, err := ParseDigest(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
