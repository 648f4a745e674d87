package config

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLoadReadsHowABucketIsSpokenTo(t *testing.T) {
	text := `archive: s3://papers/2026
work: spool
keep_local: 7d, 10GB
warc_size: 100MB
s3:
  endpoint: http://127.0.0.1:9000
  path_style: false
  checksum: crc64nvme
  lock:
    mode: compliance
    retain: 10y
  part_size: 8MiB
  bandwidth: 2MB
  patience: 90m
`
	name := write(t, text)
	got, err := Load(name, Environment{})
	if err != nil {
		t.Fatal(err)
	}
	no := false
	want := defaultS3()
	want.Endpoint, want.Checksum, want.PartSize, want.Bandwidth, want.Patience = "http://127.0.0.1:9000", "crc64nvme", 8<<20, 2e6, Duration(90*time.Minute)
	want.Lock = Lock{Mode: "compliance", Retain: Duration(10 * 365 * 24 * time.Hour)}
	if got.S3.PathStyle == nil || *got.S3.PathStyle != no {
		t.Errorf("path_style is %v, want false", got.S3.PathStyle)
	}
	got.S3.PathStyle = nil
	if got.S3 != want {
		t.Errorf("got  %+v\nwant %+v", got.S3, want)
	}
	if got.Archive != "s3://papers/2026" || got.Work != filepath.Join(filepath.Dir(name), "spool") || got.WARCSize != 100e6 {
		t.Errorf("archive %q, work %q, warc_size %d", got.Archive, got.Work, got.WARCSize)
	}
	if got.KeepLocal != (KeepLocal{For: Duration(7 * 24 * time.Hour), Bytes: 10e9}) {
		t.Errorf("keep_local is %+v", got.KeepLocal)
	}
}

func TestLoadRefusesWhatABucketCannotDo(t *testing.T) {
	for says, text := range map[string]string{
		"s3.endpoint: it must be a URL":  "s3: {endpoint: 127.0.0.1:9000}\n",
		"without credentials":            "s3: {endpoint: 'https://me:secret@s3.example.net'}\n",
		"sha256, crc64nvme, crc32, none": "s3: {checksum: md5}\n",
		"AES256, aws:kms":                "s3: {sse: rot13}\n",
		"governance, compliance":         "s3: {lock: {mode: eternal, retain: 1y}}\n",
		"both mode and retain":           "s3: {lock: {mode: governance}}\n",
		"needs s3.sse: aws:kms":          "s3: {kms_key: k}\n",
		"from 5MiB to 5GiB":              "s3: {part_size: 1MB}\n",
		"from 1 to 64":                   "s3: {workers: 0}\n",
		"1MB or more":                    "warc_size: 1\n",
		"no length of time":              "s3: {patience: soon}\n",
		"no size":                        "s3: {bandwidth: fast}\n",
		"neither how long nor how much":  "keep_local: always\n",
	} {
		_, err := Load(write(t, text), Environment{})
		var fault *Error
		if !errors.As(err, &fault) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want an *Error that says %q", text, err, says)
		}
	}
}

func TestTheWorkFolderOfABucketIsItsOwn(t *testing.T) {
	env := Environment{Home: "/home/ana"}
	c := Default()
	folder := func(archive, endpoint string, env Environment) string {
		t.Helper()
		c.Archive, c.S3.Endpoint = archive, endpoint
		w, err := c.WorkFolder(env)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	if w := folder("papers", "", env); w != "papers/.work" {
		t.Errorf("of a folder it is %q", w)
	}
	seen := map[string]bool{}
	for _, at := range []struct{ archive, endpoint string }{{"s3://papers/a", ""}, {"s3://papers/b", ""}, {"s3://papers/a-b", ""}, {"s3://papers/a/b", ""}, {"s3://papers/a", "https://s3.example"}} {
		w := folder(at.archive, at.endpoint, env)
		if seen[w] || !strings.HasPrefix(w, "/home/ana/.local/state/tearsheet/papers-") {
			t.Errorf("%v: %q", at, w)
		}
		seen[w] = true
	}
	if a, b := folder("s3://papers/a", "", env), folder("s3://papers/a/", "", env); a != b {
		t.Errorf("a slash at the end makes another folder: %q and %q", a, b)
	}
	if w := folder("s3://papers", "", Environment{State: "/var/lib", Home: "/home/ana"}); !strings.HasPrefix(w, "/var/lib/tearsheet/papers-") {
		t.Errorf("with a folder for state it is %q", w)
	}
	if _, err := c.WorkFolder(Environment{}); err == nil || !strings.Contains(err.Error(), "TEARSHEET_WORK") {
		t.Errorf("without a home folder: %v", err)
	}
}
