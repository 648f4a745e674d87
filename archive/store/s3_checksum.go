package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"tearsheet/archive/warc"
)

// algorithm is a checksum that S3 keeps: what it is called, and how an object in parts has it.
type algorithm struct {
	name      types.ChecksumAlgorithm // "" for none
	composite bool                    // of parts: of the parts' checksums, not of the bytes
	hash      func() hash.Hash
}

// crc64nvme is the polynomial of CRC-64/NVME in the bit order of package crc64.
var crc64nvme = crc64.MakeTable(0x9a6c9329ac4bc9b5)

var algorithms = map[string]algorithm{
	"sha256":    {types.ChecksumAlgorithmSha256, true, sha256.New},
	"crc64nvme": {types.ChecksumAlgorithmCrc64nvme, false, func() hash.Hash { return crc64.New(crc64nvme) }},
	"crc32":     {types.ChecksumAlgorithmCrc32, true, func() hash.Hash { return crc32.NewIEEE() }},
	"none":      {},
}

func algorithmOf(name string) (algorithm, error) {
	if name == "" {
		name = "sha256"
	}
	a, ok := algorithms[strings.ToLower(name)]
	if !ok {
		return algorithm{}, fmt.Errorf("checksum %q is none; use sha256, crc64nvme, crc32 or none", name)
	}
	return a, nil
}

// digest reads a section of a body, and gives its checksum as S3 writes it; "" for none. A body that ends early is io.ErrUnexpectedEOF.
func (a algorithm) digest(ctx context.Context, body io.ReaderAt, from, size int64) (string, error) {
	sum := io.Discard
	var h hash.Hash
	if a.hash != nil {
		h = a.hash()
		sum = h
	}
	n, err := io.CopyBuffer(sum, &attentiveSection{ctx, io.NewSectionReader(body, from, size)}, make([]byte, min(max(size, 1), 256<<10)))
	switch {
	case err != nil:
		return "", fmt.Errorf("read body at %d: %w", from+n, err)
	case n < size:
		return "", fmt.Errorf("body ends at %d, before %d: %w", from+n, from+size, io.ErrUnexpectedEOF)
	case h == nil:
		return "", nil
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil)), nil
}

// attentiveSection is a reader that heeds the end of a context, and has no ReadFrom or WriteTo that would not.
type attentiveSection struct {
	ctx context.Context
	r   io.Reader
}

func (a *attentiveSection) Read(p []byte) (int, error) {
	if err := a.ctx.Err(); err != nil {
		return 0, err
	}
	return a.r.Read(p)
}

// of gives the checksum of an object that was sent whole.
func (a algorithm) of(value string) Checksum {
	if a.name == "" {
		return Checksum{}
	}
	return Checksum{Algorithm: string(a.name), Type: string(types.ChecksumTypeFullObject), Value: value}
}

// ofParts gives the checksum that S3 gives to an object of parts with these checksums (composite), or nothing where it can only be had from all bytes.
func (a algorithm) ofParts(values []string) (Checksum, error) {
	if !a.composite {
		return Checksum{}, nil
	}
	h := a.hash()
	for _, v := range values {
		raw, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			return Checksum{}, err
		}
		h.Write(raw)
	}
	value := fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(h.Sum(nil)), len(values))
	return Checksum{Algorithm: string(a.name), Type: string(types.ChecksumTypeComposite), Value: value}, nil
}

// whole gives the SHA-256 of the whole object, where that is what the store keeps.
func (c Checksum) whole() warc.Digest {
	raw, err := base64.StdEncoding.DecodeString(c.Value)
	if c.Algorithm != string(types.ChecksumAlgorithmSha256) || c.Type == string(types.ChecksumTypeComposite) || err != nil || len(raw) != sha256.Size {
		return warc.Digest{}
	}
	return warc.NewDigest(warc.SHA256, raw)
}

// checksumOf takes the checksum out of what the store says of an object: the strongest, should there be several. Stores that leave the type out mean
// what the form of the value says.
func checksumOf(out *s3.HeadObjectOutput) Checksum {
	for _, c := range []struct {
		name  types.ChecksumAlgorithm
		value *string
	}{
		{types.ChecksumAlgorithmSha256, out.ChecksumSHA256},
		{types.ChecksumAlgorithmCrc64nvme, out.ChecksumCRC64NVME},
		{types.ChecksumAlgorithmCrc32, out.ChecksumCRC32},
	} {
		if c.value == nil {
			continue
		}
		kind := string(out.ChecksumType)
		switch {
		case kind != "":
		case strings.Contains(*c.value, "-"):
			kind = string(types.ChecksumTypeComposite)
		default:
			kind = string(types.ChecksumTypeFullObject)
		}
		return Checksum{Algorithm: string(c.name), Type: kind, Value: *c.value}
	}
	return Checksum{}
}

// The input structures of the SDK have a field for each algorithm.

func (a algorithm) onPut(in *s3.PutObjectInput, value string) {
	a.set(value, &in.ChecksumSHA256, &in.ChecksumCRC64NVME, &in.ChecksumCRC32)
}

func (a algorithm) onPart(in *s3.UploadPartInput, value string) {
	a.set(value, &in.ChecksumSHA256, &in.ChecksumCRC64NVME, &in.ChecksumCRC32)
}

func (a algorithm) onCompleted(in *types.CompletedPart, value string) {
	a.set(value, &in.ChecksumSHA256, &in.ChecksumCRC64NVME, &in.ChecksumCRC32)
}

func (a algorithm) set(value string, sha, crc64, crc32 **string) {
	switch a.name {
	case types.ChecksumAlgorithmSha256:
		*sha = aws.String(value)
	case types.ChecksumAlgorithmCrc64nvme:
		*crc64 = aws.String(value)
	case types.ChecksumAlgorithmCrc32:
		*crc32 = aws.String(value)
	}
}

// ofPart gives the checksum that the store has of a part.
func (a algorithm) ofPart(p types.Part) string {
	switch a.name {
	case types.ChecksumAlgorithmSha256:
		return aws.ToString(p.ChecksumSHA256)
	case types.ChecksumAlgorithmCrc64nvme:
		return aws.ToString(p.ChecksumCRC64NVME)
	case types.ChecksumAlgorithmCrc32:
		return aws.ToString(p.ChecksumCRC32)
	}
	return ""
}

// joined is the checksum of two stretches of bytes that follow each other, of which those of the parts of a CRC64NVME are: such a CRC is linear, so that
// the whole's follows from the parts'.
func joined(parts []string, sizes []int64) (string, error) {
	var crc uint64
	for i, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p)
		if err != nil || len(raw) != 8 {
			return "", fmt.Errorf("%q is no CRC64NVME", p)
		}
		crc = shift(crc, sizes[i]) ^ binary.BigEndian.Uint64(raw)
	}
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, crc)), nil
}

// shift gives what a CRC-64/NVME becomes when n zero bytes follow, but for the final inversion, which cancels out: multiplication by x^(8n) modulo the
// polynomial, as zlib's crc32_combine does it.
func shift(crc uint64, n int64) uint64 {
	power := uint64(1) << (63 - 8) // x^8, in the reflected order
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			crc = multiply(power, crc)
		}
		power = multiply(power, power)
	}
	return crc
}

// multiply multiplies polynomials modulo that of CRC-64/NVME, both in reflected order: the coefficient of x^0 is the highest bit.
func multiply(a, b uint64) uint64 {
	const polynomial = 0x9a6c9329ac4bc9b5
	var product uint64
	for bit := uint64(1) << 63; bit != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
		}
		low := b & 1
		b >>= 1
		if low != 0 {
			b ^= polynomial
		}
	}
	return product
}
