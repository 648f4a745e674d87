package store_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest/gateway"
)

var (
	kills    = flag.Int("kills", 4, "how often the process that uploads is killed")
	killSize = flag.Int("size", 60, "MiB that are uploaded")
)

// The environment by which a test that runs itself again tells the process what to do.
const (
	uploadFile = "TEARSHEET_TEST_UPLOAD"
	uploadTo   = "TEARSHEET_TEST_BUCKET"
	uploadAt   = "TEARSHEET_TEST_ENDPOINT"
	uploadNote = "TEARSHEET_TEST_JOURNAL"
	uploadRate = "TEARSHEET_TEST_BANDWIDTH"
)

// upload is the process that is killed: it sends one file, and says so of every request that it sends and of every part that has arrived.
func upload(path string) error {
	rate, err := strconv.ParseInt(os.Getenv(uploadRate), 10, 64)
	if err != nil {
		return err
	}
	s, err := store.OpenS3(context.Background(), store.S3Options{
		Bucket: os.Getenv(uploadTo), Prefix: "papers", Region: gateway.Region, Endpoint: os.Getenv(uploadAt), PathStyle: true, PartSize: part,
		Journal: os.Getenv(uploadNote), Bandwidth: rate, Transport: telling{http.DefaultTransport},
	})
	if err != nil {
		return err
	}
	if _, err = s.Adopt(context.Background(), "runs/x/archive/x.warc.gz", path); err != nil {
		return err
	}
	fmt.Println("done")
	return nil
}

// telling says which parts have arrived, when the store has answered.
type telling struct{ http.RoundTripper }

func (l telling) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if number := r.URL.Query().Get("partNumber"); number != "" && err == nil && resp.StatusCode == http.StatusOK {
		fmt.Println("arrived " + number)
	}
	return resp, err
}

func TestAnUploadThatIsKilledAgainAndAgainIsSentOnFromWhereItWas(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	for _, journal := range []bool{true, false} {
		t.Run(fmt.Sprintf("with a journal: %v", journal), func(t *testing.T) {
			data := make([]byte, *killSize<<20)
			rng := rand.NewChaCha8([32]byte{1})
			if _, err := rng.Read(data); err != nil {
				t.Fatal(err)
			}
			path, bucket := file(t, data), g.Bucket(t, false)
			u := uploads{path: path, bucket: bucket, endpoint: g.Endpoint, rate: int64(*killSize) << 20 / 3, arrived: map[string]int{}}
			if journal {
				u.journal = filepath.Join(t.TempDir(), "journal")
			}
			pauses := rand.New(rand.NewPCG(2, 3)) //nolint:gosec // moments, no secrets
			killed := 0
			for range *kills {
				// A whole upload takes some three seconds at this rate. What is left of it gets shorter with every kill.
				if u.once(t, time.Duration(pauses.Int64N(int64(3*time.Second)/int64(*kills)))+50*time.Millisecond) {
					break
				}
				killed++
			}
			u.rate = 0
			if killed == *kills && !u.once(t, 0) {
				t.Fatal("the last upload did not come to its end")
			}
			s, err := store.OpenS3(t.Context(), g.Options(bucket))
			if err != nil {
				t.Fatal(err)
			}
			if got := sha256.Sum256(readBack(t, s, "runs/x/archive/x.warc.gz")); got != sha256.Sum256(data) {
				t.Error("the object differs from the file")
			}
			for left, err := range s.Uploads(t.Context(), "") {
				t.Errorf("left half done: %+v %v", left, err)
			}
			if journal {
				if left, err := os.ReadDir(u.journal); err != nil || len(left) > 0 {
					t.Errorf("the journal still has %v, %v", left, err)
				}
			}
			again := 0
			for _, n := range u.arrived {
				again += n - 1
			}
			// A part on its way, or that had just arrived when the process was killed, may be sent again: one for each of four workers.
			if most := killed * 4; again > most {
				t.Errorf("%d parts were sent again after %d kills, at most %d should be", again, killed, most)
			}
			t.Logf("%d MiB in %d parts, killed %d times: %d parts arrived twice", *killSize, len(u.arrived), killed, again)
		})
	}
}

// uploads is one file that is sent by processes, one after the other.
type uploads struct {
	path, bucket, endpoint, journal string
	rate                            int64
	arrived                         map[string]int // parts, and how often they arrived
}

// once starts a process, and kills it after a while; 0 lets it come to its end. It reports whether it came there.
func (u *uploads) once(t *testing.T, after time.Duration) bool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), uploadFile+"="+u.path, uploadTo+"="+u.bucket, uploadAt+"="+u.endpoint, uploadNote+"="+u.journal,
		uploadRate+"="+strconv.FormatInt(u.rate, 10))
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	done := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		number, ok := strings.CutPrefix(lines.Text(), "arrived ")
		if ok {
			u.arrived[number]++
		}
		done = done || lines.Text() == "done"
	}
	err = cmd.Wait()
	var ended *exec.ExitError
	if !done && (!errors.As(err, &ended) || ended.Exited()) {
		t.Fatalf("the upload failed: %v %s", err, problems.String())
	}
	return done
}

func BenchmarkUpload(b *testing.B) {
	for name, value := range gateway.Environment() {
		b.Setenv(name, value)
	}
	g := gateway.Start(b, gateway.Options{})
	path := filepath.Join(b.TempDir(), "x.warc.gz")
	f, err := os.Create(path)
	if err == nil {
		_, err = io.CopyN(f, rand.NewChaCha8([32]byte{1}), 300<<20)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.OpenS3(b.Context(), g.Options(g.Bucket(b, false)))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(300 << 20)
	for i := 0; b.Loop(); i++ {
		if _, err := s.Adopt(b.Context(), fmt.Sprint("x", i), path); err != nil {
			b.Fatal(err)
		}
	}
}
