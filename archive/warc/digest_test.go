package warc

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// The digests of the empty string.
const (
	emptySHA1    = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
	emptySHA1Hex = "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"
	emptySHA256  = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	emptySHA256B = "sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ===="
)

func TestParseDigest(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"SHA-1 in Base32", emptySHA1, emptySHA1},
		{"SHA-1 in hex", emptySHA1Hex, emptySHA1},
		{"SHA-256 in hex", emptySHA256, emptySHA256},
		{"SHA-256 in padded Base32", emptySHA256B, emptySHA256},
		{"SHA-256 in Base32 without padding", strings.TrimRight(emptySHA256B, "="), emptySHA256},
		{"lower-case Base32", strings.ToLower(emptySHA1), emptySHA1},
		{"upper-case hex and label", strings.ToUpper(emptySHA256), emptySHA256},
		{"the label spelled sha-256", strings.Replace(emptySHA256, "sha256", "SHA-256", 1), emptySHA256},
		{"blanks around it", " " + emptySHA1 + " ", emptySHA1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := ParseDigest(c.in)
			if err != nil || d.String() != c.want {
				t.Errorf("ParseDigest(%q) = %q, %v; want %q", c.in, d, err, c.want)
			}
		})
	}
}

func TestParseDigestRefuses(t *testing.T) {
	for _, c := range []struct {
		name, in string
		unknown  bool
	}{
		{"nothing", "", false},
		{"a sum without label", emptySHA1[5:], false},
		{"a label without sum", "sha1:", false},
		{"a sum of another length", emptySHA1 + "AA", false},
		{"a letter that is not hex", strings.Replace(emptySHA256, "e3", "g3", 1), false},
		{"a letter that is not Base32", strings.Replace(emptySHA1, "3I", "1I", 1), false},
		{"a line end inside Base32", strings.Replace(emptySHA1, "X", "\r", 1), false},
		{"a line end inside Base32 of SHA-256", strings.Replace(emptySHA256B, "X", "\n", 1), false},
		{"a letter that is Base32 only in upper case", strings.Replace(emptySHA1, "SV", "\u017f", 1), false},
		{"the sum of the other algorithm", "sha1:" + emptySHA256[7:], false},
		{"an algorithm that is not known", "md5:d41d8cd98f00b204e9800998ecf8427e", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := ParseDigest(c.in)
			if err == nil || !d.IsZero() {
				t.Errorf("ParseDigest(%q) = %q, %v", c.in, d, err)
			}
			if errors.Is(err, ErrAlgorithm) != c.unknown {
				t.Errorf("ParseDigest(%q): %v", c.in, err)
			}
		})
	}
}

func TestDigestStandsInJSONAsInAHeader(t *testing.T) {
	d, err := ParseDigest(emptySHA1Hex)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]Digest{"a": d, "b": {}})
	if err != nil || string(b) != `{"a":"`+emptySHA1+`","b":""}` {
		t.Fatalf("%s, %v", b, err)
	}
	var back map[string]Digest
	if err := json.Unmarshal(b, &back); err != nil || back["a"] != d || !back["b"].IsZero() {
		t.Errorf("%v, %v", back, err)
	}
}

func FuzzDigest(f *testing.F) {
	for _, s := range []string{emptySHA1, emptySHA1Hex, emptySHA256, emptySHA256B, "md5:x", ":", "sha1:="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDigest(s)
		if err != nil {
			if !d.IsZero() {
				t.Fatalf("%q failed and gave %q", s, d)
			}
			return
		}
		again, err := ParseDigest(d.String())
		if err != nil || again != d {
			t.Fatalf("%q gave %q, which gave %q, %v", s, d, again, err)
		}
	})
}
