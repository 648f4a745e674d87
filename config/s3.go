package config

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/goccy/go-yaml/ast"
)

// S3 says how a bucket is spoken to. Who we are is not in it: the AWS SDK finds credentials, and a region that is not given, in its own variables and
// files.
type S3 struct {
	Endpoint     string   `yaml:"endpoint"`      // URL of a store that is not Amazon's
	Region       string   `yaml:"region"`        // "" leaves it to the SDK
	PathStyle    *bool    `yaml:"path_style"`    // https://host/bucket instead of https://bucket.host; by default where endpoint is given
	Checksum     string   `yaml:"checksum"`      // sha256, crc64nvme, crc32 or none
	StorageClass string   `yaml:"storage_class"` // of new objects, as the store names it
	SSE          string   `yaml:"sse"`           // "", AES256 or aws:kms
	KMSKey       string   `yaml:"kms_key"`       // id or ARN, with sse: aws:kms
	Lock         Lock     `yaml:"lock"`
	SingleWriter bool     `yaml:"single_writer"` // accept a store that ignores conditional writes
	PartSize     Size     `yaml:"part_size"`     // bytes of a part of a large object
	Workers      int      `yaml:"workers"`       // parts sent at once
	Bandwidth    Size     `yaml:"bandwidth"`     // bytes a second; 0 as fast as it goes
	Patience     Duration `yaml:"patience"`      // how long an outage of the store is waited out
}

// Lock is the Object Lock that new objects get.
type Lock struct {
	Mode      string   `yaml:"mode"`   // "", governance or compliance
	Retain    Duration `yaml:"retain"` // from the moment of storing
	LegalHold bool     `yaml:"legal_hold"`
}

// Limits of S3 itself, and of what makes sense.
const (
	minPart    = 5 << 20
	maxPart    = 5 << 30
	maxWorkers = 64
)

func defaultS3() S3 {
	return S3{Checksum: "sha256", PartSize: 16 << 20, Workers: 4, Patience: Duration(15 * time.Minute)}
}

// check finds values that cannot work.
func (s S3) check() error {
	choices := []struct{ key, value, of string }{
		{"s3.checksum", s.Checksum, "sha256 crc64nvme crc32 none"},
		{"s3.sse", s.SSE, " AES256 aws:kms"},
		{"s3.lock.mode", s.Lock.Mode, " governance compliance"},
	}
	for _, c := range choices {
		if !slices.Contains(strings.Split(c.of, " "), c.value) {
			return fmt.Errorf("%s is %q; use %s", c.key, c.value, strings.Join(strings.Fields(c.of), ", "))
		}
	}
	if err := CheckEndpoint(s.Endpoint); err != nil {
		return fmt.Errorf("s3.endpoint: %w", err)
	}
	switch {
	case s.KMSKey != "" && s.SSE != "aws:kms":
		return errors.New("s3.kms_key needs s3.sse: aws:kms")
	case (s.Lock.Mode == "") != (s.Lock.Retain == 0):
		return errors.New("s3.lock needs both mode and retain, or neither")
	case s.PartSize < minPart || s.PartSize > maxPart:
		return errors.New("s3.part_size must be from 5MiB to 5GiB: S3 takes no others")
	case s.Workers < 1 || s.Workers > maxWorkers:
		return fmt.Errorf("s3.workers must be from 1 to %d", maxWorkers)
	}
	return nil
}

// CheckEndpoint says what is wrong with the URL of a store; "" is none, and good.
func CheckEndpoint(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return errors.New("it must be a URL such as https://s3.example.net or http://127.0.0.1:9000, and without credentials in it")
	}
	return nil
}

// Duration is a length of time, written as "36h", "90m", or in days and years as "7d", "10y" (a year has 365 days).
type Duration time.Duration

var units = map[byte]time.Duration{'d': 24 * time.Hour, 'w': 7 * 24 * time.Hour, 'y': 365 * 24 * time.Hour}

// UnmarshalText reads a length of time; it is never negative.
func (d *Duration) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	v, err := time.ParseDuration(s)
	if unit, ok := units[last(s)]; ok {
		var n float64
		n, err = strconv.ParseFloat(s[:len(s)-1], 64)
		if n*float64(unit) > math.MaxInt64 {
			err = strconv.ErrRange
		}
		v = time.Duration(n * float64(unit))
	}
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no length of time; write 90m, 36h, 7d or 10y", text)
	}
	*d = Duration(v)
	return nil
}

func last(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}

// MarshalText gives the duration as Go writes it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalYAML reads the duration from a configuration file.
func (d *Duration) UnmarshalYAML(n ast.Node) error { return readText(d, n) }

// Size is a number of bytes, written as 16MiB, 1GB or 500000.
type Size int64

// UnmarshalText reads a number of bytes.
func (s *Size) UnmarshalText(text []byte) error {
	n, err := humanize.ParseBytes(strings.TrimSpace(string(text)))
	if err != nil || n > math.MaxInt64 {
		return fmt.Errorf("%q is no size; write 16MiB, 1GB or a number of bytes", text)
	}
	*s = Size(n)
	return nil
}

// MarshalText gives the size in bytes.
func (s Size) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(s), 10), nil }

// UnmarshalYAML reads the size from a configuration file.
func (s *Size) UnmarshalYAML(n ast.Node) error { return readText(s, n) }

// KeepLocal says how long the files of runs that are stored in a bucket stay on this machine too: for a time, up to a size, or both. The zero value
// keeps none.
type KeepLocal struct {
	For   Duration
	Bytes Size
}

// UnmarshalText reads "7d", "10GB", or both with a comma between them; "" and 0 keep nothing.
func (k *KeepLocal) UnmarshalText(text []byte) error {
	var read KeepLocal
	if s := strings.TrimSpace(string(text)); s != "" && s != "0" {
		for part := range strings.SplitSeq(s, ",") {
			part := []byte(strings.TrimSpace(part))
			if read.For == 0 && read.For.UnmarshalText(part) == nil {
				continue
			}
			if read.Bytes != 0 || read.Bytes.UnmarshalText(part) != nil {
				return fmt.Errorf("%q says neither how long nor how much is kept; write 7d, 10GB, or 7d,10GB", text)
			}
		}
	}
	*k = read
	return nil
}

// MarshalText gives the policy as it is written.
func (k KeepLocal) MarshalText() ([]byte, error) {
	var parts []string
	if k.For > 0 {
		parts = append(parts, time.Duration(k.For).String())
	}
	if k.Bytes > 0 {
		parts = append(parts, strconv.FormatInt(int64(k.Bytes), 10))
	}
	if len(parts) == 0 {
		return []byte("0"), nil
	}
	return []byte(strings.Join(parts, ",")), nil
}

// UnmarshalYAML reads the policy from a configuration file.
func (k *KeepLocal) UnmarshalYAML(n ast.Node) error { return readText(k, n) }
