package store_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest/gateway"
)

func TestAnUploadGoesOnWhereItWasInterrupted(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	data := content(6*part - 99)
	// interrupted sends some parts, and is stopped at the fourth.
	interrupted := func(t *testing.T, s *store.S3, f *faulty, path string) {
		t.Helper()
		if err := s.CheckWriter(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range 3 {
			f.faults = append(f.faults, fault{"PUT part", func(f *faulty, r *http.Request) (*http.Response, error) { return f.through.RoundTrip(r) }})
		}
		f.faults = append(f.faults, fault{"PUT part", func(f *faulty, r *http.Request) (*http.Response, error) {
			cancel()
			return nil, context.Canceled
		}})
		if _, err := s.Adopt(ctx, "x", path); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		f.faults, f.asked = nil, nil
	}
	oneWorker := func(o *store.S3Options) { o.Workers = 1 }
	t.Run("with its journal", func(t *testing.T) {
		s, f := faultyStore(t, g, oneWorker)
		path := file(t, data)
		interrupted(t, s, f, path)
		info, err := s.Adopt(t.Context(), "x", path)
		if err != nil || info.Size != int64(len(data)) {
			t.Fatal(info, err)
		}
		if n := f.count("PUT part"); n != 3 || f.count("POST begin") != 0 || f.count("GET uploads") != 0 {
			t.Errorf("of 6 parts %d were sent in the second try, want 3; asked %q", n, f.asked)
		}
	})
	t.Run("without a journal, by the store's own list", func(t *testing.T) {
		s, f := faultyStore(t, g, oneWorker, func(o *store.S3Options) { o.Journal = "" })
		path := file(t, data)
		interrupted(t, s, f, path)
		if _, err := s.Adopt(t.Context(), "x", path); err != nil {
			t.Fatal(err)
		}
		if n := f.count("PUT part"); n != 3 || f.count("POST begin") != 0 {
			t.Errorf("of 6 parts %d were sent in the second try, want 3", n)
		}
	})
	t.Run("a journal that is damaged", func(t *testing.T) {
		var journal string
		s, f := faultyStore(t, g, oneWorker, func(o *store.S3Options) { journal = o.Journal })
		path := file(t, data)
		interrupted(t, s, f, path)
		names, err := filepath.Glob(filepath.Join(journal, "*.json"))
		if err != nil || len(names) != 1 {
			t.Fatal(names, err)
		}
		if err := os.WriteFile(names[0], []byte(`{"bucket": "torn`), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Adopt(t.Context(), "x", path); err != nil {
			t.Fatal(err)
		}
		if n := f.count("PUT part"); n != 3 {
			t.Errorf("of 6 parts %d were sent in the second try, want 3", n)
		}
	})
	t.Run("a file that has changed is sent as it is now", func(t *testing.T) {
		s, f := faultyStore(t, g, oneWorker)
		path := file(t, data)
		interrupted(t, s, f, path)
		changed := bytes.Clone(data)
		changed[part+7] ^= 1
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Adopt(t.Context(), "x", path); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(readBack(t, s, "x"), changed) {
			t.Error("the object mixes two states of the file")
		}
	})
	t.Run("what was completed in between is recognised", func(t *testing.T) {
		s, f := faultyStore(t, g, oneWorker)
		path := file(t, data)
		if _, err := s.Adopt(t.Context(), "x", path); err != nil {
			t.Fatal(err)
		}
		f.asked = nil
		info, err := s.Adopt(t.Context(), "x", path) // a process that was killed before it could tell
		if err != nil || info.Facts == nil || info.Facts.PartSize != part {
			t.Errorf("%+v %v", info, err)
		}
		if n := f.count("PUT part"); n != 0 {
			t.Errorf("%d parts were sent again", n)
		}
		if _, err := s.Adopt(t.Context(), "x", file(t, content(2*part))); !errors.Is(err, store.ErrExist) {
			t.Errorf("another file under the same key: %v, want ErrExist", err)
		}
		for u, err := range s.Uploads(t.Context(), "") {
			t.Errorf("left half done: %+v %v", u, err)
		}
	})
	t.Run("what somebody's clean-up aborted begins anew", func(t *testing.T) {
		s, f := faultyStore(t, g, oneWorker)
		path := file(t, data)
		interrupted(t, s, f, path)
		for u, err := range s.Uploads(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Abort(t.Context(), u); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Adopt(t.Context(), "x", path); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(readBack(t, s, "x"), data) {
			t.Error("the object differs")
		}
	})
}

func TestEveryChecksumIsToldAndCompared(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	for sum, kind := range map[string]string{"sha256": "COMPOSITE", "crc32": "COMPOSITE", "crc64nvme": "FULL_OBJECT", "none": ""} {
		t.Run(sum, func(t *testing.T) {
			t.Parallel()
			s, _ := faultyStore(t, g, func(o *store.S3Options) { o.Checksum = sum })
			large, small := content(2*part+1), content(1000)
			path := file(t, large)
			info, err := s.Adopt(t.Context(), "large", path)
			if err != nil {
				t.Fatal(err)
			}
			if c := info.Facts.Checksum; kind != "" && c.Type != kind {
				t.Errorf("of parts: %+v", c)
			}
			if again, err := s.Adopt(t.Context(), "large", path); sum != "none" && (err != nil || again.Facts.Checksum != info.Facts.Checksum) {
				t.Errorf("again: %+v %v", again, err)
			} else if sum == "none" && !errors.Is(err, store.ErrExist) {
				t.Errorf("again, without checksums: %v, want ErrExist", err)
			}
			whole, err := s.Create(t.Context(), "small", bytes.NewReader(small))
			if err != nil || whole.SHA256.IsZero() == (sum == "sha256") {
				t.Errorf("whole: %+v %v", whole, err)
			}
			if !bytes.Equal(readBack(t, s, "large"), large) || !bytes.Equal(readBack(t, s, "small"), small) {
				t.Error("what is read back differs")
			}
		})
	}
	if _, err := store.OpenS3(t.Context(), store.S3Options{Bucket: "b", Checksum: "md5"}); err == nil || !strings.Contains(err.Error(), "crc64nvme") {
		t.Errorf("an unknown checksum: %v", err)
	}
}

func TestObjectsAreLockedFromTheirCreationOn(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	o := g.Options(g.Bucket(t, true))
	o.LockMode, o.Retain, o.LegalHold, o.PartSize = "governance", 48*time.Hour, true, part
	s, err := store.OpenS3(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := s.Create(t.Context(), "whole", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.Adopt(t.Context(), "parts", file(t, content(part+1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range []store.Info{whole, parts} {
		f := info.Facts
		if left := time.Until(f.RetainUntil); f.LockMode != "GOVERNANCE" || !f.LegalHold || left < 47*time.Hour || left > 49*time.Hour || f.VersionID == "" {
			t.Errorf("%s: %+v", info.Key, f)
		}
	}
	// Deleting hides an object; that something is hidden can be seen, and its bytes are there.
	if err := s.Remove(t.Context(), "whole"); err != nil {
		t.Fatal(err)
	}
	var seen []store.Version
	for v, err := range s.Versions(t.Context(), "whole") {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, v)
	}
	if len(seen) != 2 || !seen[0].Deleted || !seen[0].Latest || seen[1].Deleted || seen[1].Facts.VersionID != whole.Facts.VersionID {
		t.Errorf("versions %+v", seen)
	}
}

func TestWhatIsAskedForInConfigurationIsSent(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	headers := make(chan http.Header, 16)
	s, _ := faultyStore(t, g, func(o *store.S3Options) {
		o.StorageClass, o.SSE, o.KMSKey = "STANDARD_IA", "aws:kms", "arn:key"
		through := o.Transport
		o.Transport = watching{through, headers}
	})
	if _, err := s.Create(t.Context(), "runs/x.warc.gz", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Adopt(t.Context(), "runs/y.warc.gz", file(t, content(part+1))); err != nil {
		t.Fatal(err)
	}
	close(headers)
	seen := 0
	for h := range headers {
		seen++
		for name, want := range map[string]string{
			"X-Amz-Storage-Class": "STANDARD_IA", "X-Amz-Server-Side-Encryption": "aws:kms", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "arn:key",
		} {
			if h.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, h.Get(name), want)
			}
		}
	}
	if seen != 4 { // the probe twice, the whole object, the beginning of the parts
		t.Errorf("%d requests created something", seen)
	}
}

// watching passes on the headers of requests that create an object.
type watching struct {
	http.RoundTripper
	headers chan http.Header
}

func (w watching) RoundTrip(r *http.Request) (*http.Response, error) {
	if name := named(r); strings.HasPrefix(name, "PUT object") || strings.HasPrefix(name, "POST begin") {
		w.headers <- r.Header.Clone()
	}
	return w.RoundTripper.RoundTrip(r)
}

func TestBodiesAreSentNoFasterThanTheyMay(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	s, f := faultyStore(t, g, func(o *store.S3Options) { o.Bandwidth = 4 << 20 })
	if err := s.CheckWriter(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.faults = []fault{{"PUT object", breaks}} // a retry must count, and find the body at its beginning
	begun := time.Now()
	if _, err := s.Create(t.Context(), "x", bytes.NewReader(content(2<<20))); err != nil {
		t.Fatal(err)
	}
	// A second's worth is two seconds' half; the limiter lets a tenth of a second's go at once.
	if took := time.Since(begun); took < 300*time.Millisecond {
		t.Errorf("2 MiB at 4 MiB a second took %s", took)
	}
}

func TestAnAddressOfABucketIsTakenApart(t *testing.T) {
	for address, want := range map[string][2]string{
		"s3://papers": {"papers", ""}, "s3://papers/": {"papers", ""}, "s3://papers/2026/a": {"papers", "2026/a"}, "s3://papers/2026/": {"papers", "2026"},
	} {
		bucket, prefix, err := store.ParseS3(address)
		if err != nil || bucket != want[0] || prefix != want[1] {
			t.Errorf("%s: %q %q %v", address, bucket, prefix, err)
		}
	}
	for _, address := range []string{"", "s3://", "s3:///x", "papers", "s3://key:secret@papers/x", "s3://papers/../x", "s3://papers//x"} {
		if bucket, prefix, err := store.ParseS3(address); err == nil || !strings.Contains(err.Error(), "s3://BUCKET/PREFIX") {
			t.Errorf("%q: %q %q %v", address, bucket, prefix, err)
		}
	}
}

func TestUploadsThatAlwaysVanishAreNotBegunForEver(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	s, f := faultyStore(t, g)
	if err := s.CheckWriter(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		f.faults = append(f.faults, fault{"PUT part", answers(404, "NoSuchUpload")})
	}
	if _, err := s.Adopt(t.Context(), "x", file(t, content(2*part))); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "lifecycle") {
		t.Error(err)
	}
}
