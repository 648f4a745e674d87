package store

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"testing"
)

func TestTheCRCOfAnObjectFollowsFromThoseOfItsParts(t *testing.T) {
	sum := algorithms["crc64nvme"]
	// The check value of CRC-64/NVME for "123456789" is AE8B14860A799888 (catalogue of parametrised CRC algorithms).
	got, err := sum.digest(t.Context(), bytes.NewReader([]byte("123456789")), 0, 9)
	if raw, _ := base64.StdEncoding.DecodeString(got); err != nil || !bytes.Equal(raw, []byte{0xae, 0x8b, 0x14, 0x86, 0x0a, 0x79, 0x98, 0x88}) {
		t.Fatalf("%x %v", raw, err)
	}
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // test data
	for range 200 {
		body := make([]byte, rng.IntN(5000)+1)
		for i := range body {
			body[i] = byte(rng.Uint32())
		}
		var parts []string
		var sizes []int64
		for at := 0; at < len(body); {
			n := min(rng.IntN(len(body))+1, len(body)-at)
			part, err := sum.digest(t.Context(), bytes.NewReader(body), int64(at), int64(n))
			if err != nil {
				t.Fatal(err)
			}
			parts, sizes = append(parts, part), append(sizes, int64(n))
			at += n
		}
		want, err := sum.digest(t.Context(), bytes.NewReader(body), 0, int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := joined(parts, sizes); err != nil || got != want {
			t.Fatalf("%d bytes in parts of %v: %s %v, want %s", len(body), sizes, got, err, want)
		}
	}
}
