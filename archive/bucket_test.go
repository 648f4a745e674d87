package archive

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tearsheet/archive/notary/notarytest"
	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest/gateway"
)

// counting is a line to a store that counts the requests on it.
type counting struct {
	mu    sync.Mutex
	asked map[string]int // by method, lists apart
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	what := r.Method
	if r.URL.Query().Has("list-type") {
		what = "LIST"
	}
	c.mu.Lock()
	c.asked[what]++
	c.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

// of gives how often something was asked for since the last call.
func (c *counting) of() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = map[string]int{}
	return asked
}

// bucket opens a new bucket of a gateway.
func bucket(t *testing.T, change func(*store.S3Options)) (*store.S3, store.S3Options) {
	t.Helper()
	for name, value := range gateway.Environment() {
		t.Setenv(name, value)
	}
	g := gateway.Start(t, gateway.Options{})
	o := g.Options(g.Bucket(t, true))
	change(&o)
	s, err := store.OpenS3(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

func TestTheManifestOfARunInABucketSaysWhatCanBeComputedFromTheBucket(t *testing.T) {
	const part = 5 << 20
	s, _ := bucket(t, func(o *store.S3Options) {
		o.PartSize, o.LockMode, o.Retain, o.LegalHold = part, "GOVERNANCE", 24*time.Hour, true
	})
	a := open(t, s)
	r := begin(t, a)
	article(t, r, "https://news.example/story")
	body := make([]byte, 2*part+1234)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(body) // never fails
	record(t, r, exchange("https://news.example/poster.jpg", "image/jpeg", string(body)), Hop{Path: "E"})
	e := commit(t, r)
	m, err := a.Manifest(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	parted := 0
	for _, f := range m.Resources {
		key := ObjectKey(e.RunID, f.Path)
		b := read(t, s, key)
		sum := sha256.Sum256(b)
		if f.Bytes != int64(len(b)) || f.SHA256 != digestOf(b) || f.Stored == nil {
			t.Fatalf("%s: %+v", key, f)
		}
		want := store.Checksum{Algorithm: "SHA256", Type: "FULL_OBJECT", Value: base64.StdEncoding.EncodeToString(sum[:])}
		if f.Stored.PartSize > 0 {
			parted++
			all, n := sha256.New(), 0
			for rest := b; len(rest) > 0; n++ {
				p := sha256.Sum256(rest[:min(len(rest), int(f.Stored.PartSize))])
				all.Write(p[:])
				rest = rest[min(len(rest), int(f.Stored.PartSize)):]
			}
			want.Type, want.Value = "COMPOSITE", fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(all.Sum(nil)), n)
		}
		if f.Stored.Checksum != want {
			t.Errorf("%s: the manifest says %+v, computed is %+v", key, f.Stored.Checksum, want)
		}
		info, err := s.Stat(t.Context(), key)
		if err != nil || info.Facts.Checksum != want || info.Facts.VersionID != f.Stored.VersionID || f.Stored.VersionID == "" {
			t.Errorf("%s: the store says %+v, the manifest %+v (%v)", key, info.Facts, f.Stored, err)
		}
		if !f.Stored.RetainUntil.Equal(info.Facts.RetainUntil) || f.Stored.LockMode != "GOVERNANCE" || !f.Stored.LegalHold || time.Until(f.Stored.RetainUntil) < 23*time.Hour {
			t.Errorf("%s: locked %+v", key, f.Stored)
		}
		for v, err := range s.Versions(t.Context(), key) {
			if err != nil || v.Key == key && v.Facts.VersionID != f.Stored.VersionID {
				t.Errorf("%s: version %+v, %v", key, v.Facts, err)
			}
		}
	}
	if parted != 1 {
		t.Errorf("%d files were sent in parts, want the WARC file", parted)
	}
	for level := LevelList; level <= LevelFull; level++ {
		report, err := a.Verify(t.Context(), AtLevel(level))
		if err != nil || len(report.Problems) > 0 || level == LevelStated && report.Stated != len(m.Resources) {
			t.Errorf("level %d: %+v %v", level, report, err)
		}
	}
}

func TestALookUpInABucketCostsFourRequestsAndARestoredRecordOneMore(t *testing.T) {
	s, o := bucket(t, func(*store.S3Options) {})
	grownArchive(t, s, 25)
	line := &counting{asked: map[string]int{}}
	o.Transport = line
	far, err := store.OpenS3(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(t.Context(), far, Options{Cache: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	const url = "https://news0.example/section/story-0"
	f, err := a.Closest(t.Context(), url, noon)
	if err != nil {
		t.Fatal(err)
	}
	if asked := line.of(); asked["GET"] > 4 || asked["LIST"] > 2 || asked["HEAD"] > 0 {
		t.Errorf("a cold look-up asks %v", asked)
	}
	if _, err := a.Closest(t.Context(), "https://news1.example/section/story-1", noon); err != nil {
		t.Fatal(err)
	}
	if asked := line.of(); asked["GET"] > 2 || asked["LIST"] > 1 {
		t.Errorf("a warm look-up asks %v", asked)
	}
	rec, rc, err := a.Read(t.Context(), f.RunID, f.Row.File, f.Row.Offset, f.Row.Length)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, rec.Block); err != nil {
		t.Error(err)
	}
	if err := rc.Close(); err != nil {
		t.Error(err)
	}
	if asked := line.of(); asked["GET"] != 1 || len(asked) != 1 {
		t.Errorf("a record asks %v", asked)
	}
	if _, err := a.Choose(t.Context(), url, noon); err != nil {
		t.Fatal(err)
	}
	// The blocks, and the line of each capture of the page.
	if asked := line.of(); asked["GET"] > 2+25 || asked["LIST"] != 1 {
		t.Errorf("the choice of a page asks %v", asked)
	}
}

func TestEntriesWithTimeStampsThatHoldAreCounted(t *testing.T) {
	st := folder(t)
	s := signing(t)
	authority := notarytest.New(t, x509.ExtKeyUsageTimeStamping)
	s.Stamper, s.StampRequired, s.Authority = authority.Start(t), true, authority.Pool
	a := openSigned(t, st, t.TempDir(), s)
	e := committedRun(t, a)
	if report := intact(t, a); report.Stamped != 1 || len(e.Timestamp) == 0 {
		t.Errorf("%d time stamps hold, of %d bytes", report.Stamped, len(e.Timestamp))
	}
	s.Authority = notarytest.New(t, x509.ExtKeyUsageTimeStamping).Pool
	report, err := openSigned(t, st, t.TempDir(), s).Verify(t.Context())
	if err != nil || !found(report, logKey(1), "time stamp of the entry does not hold") {
		t.Errorf("by another authority: %+v %v", report.Problems, err)
	}
	authority.Now = authority.Now.Add(-30 * time.Minute)
	if e := committedRun(t, a); len(e.Timestamp) == 0 || strings.Contains(e.Checkpoint, "PRIVATE") {
		t.Errorf("%+v", e)
	}
}
