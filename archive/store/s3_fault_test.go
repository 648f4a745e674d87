package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest/gateway"
)

// faulty is a line to a store on which things go wrong: the first of its faults that wants a request has it, once for each time that it stands in the list.
type faulty struct {
	through http.RoundTripper

	mu     sync.Mutex
	faults []fault
	asked  []string // method, key and query of every request
}

// fault is one thing that goes wrong.
type fault struct {
	on string // the beginning of "METHOD operation", as named gives it
	do func(f *faulty, r *http.Request) (*http.Response, error)
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	name := named(r)
	f.mu.Lock()
	f.asked = append(f.asked, name)
	var do func(*faulty, *http.Request) (*http.Response, error)
	for i, fault := range f.faults {
		if strings.HasPrefix(name, fault.on) {
			do = fault.do
			f.faults = append(f.faults[:i:i], f.faults[i+1:]...)
			break
		}
	}
	f.mu.Unlock()
	if do == nil {
		return f.through.RoundTrip(r)
	}
	return do(f, r)
}

func (f *faulty) count(name string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.asked {
		if strings.HasPrefix(a, name) {
			n++
		}
	}
	return n
}

// named gives an S3 request a name: "PUT part", "POST complete", "POST begin", "GET list", "PUT", …, and the object's key.
func named(r *http.Request) string {
	q := r.URL.Query()
	operation := "object"
	switch {
	case q.Has("partNumber"):
		operation = "part"
	case q.Has("uploads") && r.Method == http.MethodGet:
		operation = "uploads"
	case q.Has("uploads"):
		operation = "begin"
	case q.Has("uploadId") && r.Method == http.MethodPost:
		operation = "complete"
	case q.Has("uploadId") && r.Method == http.MethodGet:
		operation = "parts"
	case q.Has("list-type"):
		operation = "list"
	}
	return r.Method + " " + operation + " " + r.URL.Path
}

// answers gives an answer without asking the store.
func answers(status int, code string, header ...string) func(*faulty, *http.Request) (*http.Response, error) {
	return func(_ *faulty, r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return nil, err
			}
		}
		h := http.Header{"Content-Type": {"application/xml"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		body := "<Error><Code>" + code + "</Code><Message>told by the test</Message></Error>"
		if r.Method == http.MethodHead {
			body = ""
		}
		return &http.Response{
			StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
		}, nil
	}
}

// breaks sends some of the request's body, and then the connection is gone.
func breaks(_ *faulty, r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		if _, err := io.CopyN(io.Discard, r.Body, 100); err != nil && err != io.EOF {
			return nil, err
		}
	}
	return nil, &os.SyscallError{Syscall: "write", Err: syscall.ECONNRESET}
}

// loses has the store do what it is asked, and loses the answer.
func loses(f *faulty, r *http.Request) (*http.Response, error) {
	resp, err := f.through.RoundTrip(r)
	if err == nil {
		err = errors.Join(resp.Body.Close(), syscall.ECONNRESET)
	}
	return nil, err
}

// cuts breaks the connection in the middle of the answer's body.
func cuts(f *faulty, r *http.Request) (*http.Response, error) {
	resp, err := f.through.RoundTrip(r)
	if err == nil {
		resp.Body = &cutBody{resp.Body, resp.ContentLength / 2}
	}
	return resp, err
}

type cutBody struct {
	io.ReadCloser
	left int64
}

func (c *cutBody) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, syscall.ECONNRESET
	}
	n, err := c.ReadCloser.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// hangs never answers.
func hangs(_ *faulty, r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// starves gives half of the answer's body, and then nothing more.
func starves(f *faulty, r *http.Request) (*http.Response, error) {
	resp, err := f.through.RoundTrip(r)
	if err == nil {
		half := io.LimitReader(resp.Body, resp.ContentLength/2)
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(half, silence{r.Context()}), resp.Body}
	}
	return resp, err
}

type silence struct{ ctx context.Context }

func (s silence) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// dawdles gives the answer's body in small pieces, with pauses that are shorter than what is waited for.
func dawdles(f *faulty, r *http.Request) (*http.Response, error) {
	resp, err := f.through.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{&trickle{resp.Body, 8}, resp.Body}
	}
	return resp, err
}

type trickle struct {
	r    io.Reader
	left int // pauses
}

func (s *trickle) Read(p []byte) (int, error) {
	if s.left--; s.left > 0 {
		<-time.After(100 * time.Millisecond)
		p = p[:min(len(p), 1000)]
	}
	return s.r.Read(p)
}

// lies changes a header of the store's answer.
func lies(header, value string) func(*faulty, *http.Request) (*http.Response, error) {
	return func(f *faulty, r *http.Request) (*http.Response, error) {
		resp, err := f.through.RoundTrip(r)
		if err == nil && resp.Header.Get(header) != "" {
			resp.Header.Set(header, value)
		}
		return resp, err
	}
}

const part = 5 << 20

// faultyStore opens a new bucket of a gateway over a faulty line.
func faultyStore(t *testing.T, g *gateway.Gateway, change ...func(*store.S3Options)) (*store.S3, *faulty) {
	t.Helper()
	o := g.Options(g.Bucket(t, false))
	f := &faulty{through: http.DefaultTransport}
	if o.Transport != nil {
		f.through = o.Transport
	}
	o.Transport, o.PartSize, o.Journal = f, part, filepath.Join(t.TempDir(), "journal")
	for _, c := range change {
		c(&o)
	}
	s, err := store.OpenS3(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s, f
}

// content makes bytes that differ from part to part.
func content(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

func file(t *testing.T, b []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.warc.gz")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func readBack(t *testing.T, s store.Store, key string) []byte {
	t.Helper()
	rc, err := s.Open(t.Context(), key, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(rc)
	if err := errors.Join(err, rc.Close()); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatPassesIsWaitedOutAndLosesNothing(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	for _, c := range []struct {
		name   string
		faults []fault
	}{
		{"503 to a whole object, twice", []fault{{"PUT object", answers(503, "SlowDown")}, {"PUT object", answers(503, "SlowDown")}}},
		{"500 to a part", []fault{{"PUT part", answers(500, "InternalError")}}},
		{"503 to the question what was stored", []fault{{"HEAD object", answers(503, "")}}},
		{"503 to the beginning of parts", []fault{{"POST begin", answers(503, "ServiceUnavailable")}}},
		{"a conflict of two writers", []fault{{"PUT object", answers(409, "ConditionalRequestConflict")}}},
		{"a connection that breaks in an object", []fault{{"PUT object", breaks}}},
		{"a connection that breaks in a part, three times", []fault{{"PUT part", breaks}, {"PUT part", breaks}, {"PUT part", breaks}}},
		{"the answer to an object is lost", []fault{{"PUT object", loses}}},
		{"the answer to a part is lost", []fault{{"PUT part", loses}}},
		{"the answer that the parts are put together is lost", []fault{{"POST complete", loses}}},
		{"what arrived was damaged on the way", []fault{{"PUT object", answers(400, "BadDigest")}, {"PUT part", answers(400, "XAmzContentChecksumMismatch")}}},
		{"reading breaks in the middle, twice", []fault{{"GET object", cuts}, {"GET object", cuts}}},
		{"503 to reading", []fault{{"GET object", answers(503, "SlowDown")}}},
		{"503 to a listing", []fault{{"GET list", answers(503, "SlowDown")}}},
		{"a store that falls silent before it answers", []fault{{"PUT object", hangs}, {"PUT part", hangs}, {"HEAD object", hangs}, {"GET object", hangs}}},
		{"a store that falls silent in the middle of an answer", []fault{{"GET object", starves}}},
		{"a store that answers slowly", []fault{{"PUT object", dawdles}, {"GET object", dawdles}}},
		{"408 to a part", []fault{{"PUT part", answers(408, "RequestTimeout")}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, f := faultyStore(t, g, func(o *store.S3Options) { o.Idle = 400 * time.Millisecond })
			if err := s.CheckWriter(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.faults = c.faults
			small, large := content(100_000), content(2*part+12345)
			if _, err := s.Create(t.Context(), "small", bytes.NewReader(small)); err != nil {
				t.Error(err)
			}
			info, err := s.Adopt(t.Context(), "large", file(t, large))
			if err != nil {
				t.Fatal(err)
			}
			if info.Facts == nil || info.Facts.Checksum.Type != "COMPOSITE" || info.Facts.PartSize != part || info.Facts.VersionID == "" {
				t.Errorf("%+v", info.Facts)
			}
			for key, want := range map[string][]byte{"small": small, "large": large} {
				if !bytes.Equal(readBack(t, s, key), want) {
					t.Errorf("%s differs", key)
				}
			}
			keys := 0
			for _, err := range s.List(t.Context(), "", "") {
				if err != nil {
					t.Error(err)
				}
				keys++
			}
			if keys != 2 || len(f.faults) > 0 {
				t.Errorf("%d objects, and these faults did not come: %v", keys, f.faults)
			}
			for u, err := range s.Uploads(t.Context(), "") {
				t.Errorf("left half done: %+v %v", u, err)
			}
		})
	}
}

func TestWhatDoesNotPassIsToldAtOnceWithWhatToMend(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	always := func(do func(*faulty, *http.Request) (*http.Response, error)) []fault {
		var all []fault
		for range 100 {
			all = append(all, fault{"", do})
		}
		return all
	}
	for _, c := range []struct {
		name   string
		faults []fault
		want   error
		says   string
	}{
		{"credentials that have expired", always(answers(400, "ExpiredToken")), fs.ErrPermission, "AWS_SESSION_TOKEN"},
		{"credentials that are not known", always(answers(403, "InvalidAccessKeyId")), fs.ErrPermission, "AWS_ACCESS_KEY_ID"},
		{"a clock that is wrong", always(answers(403, "RequestTimeTooSkewed", "Date", "Thu, 01 Jan 2026 00:00:00 GMT")), fs.ErrPermission, "clocks of this machine and of the store differ by"},
		{"no right to write", always(answers(403, "AccessDenied")), fs.ErrPermission, "give them the right"},
		{"a bucket that is not there", always(answers(404, "NoSuchBucket")), store.ErrNotExist, "there is no bucket"},
		{"a bucket in another region", always(answers(301, "PermanentRedirect", "x-amz-bucket-region", "eu-west-3")), nil, "eu-west-3"},
		{"a store that is full", always(answers(507, "XMinioStorageFull")), store.ErrFull, "quota"},
		{"a store that always says that it is damaged", always(answers(400, "BadDigest")), store.ErrMismatch, "not what was sent"},
		{"a store that is away for good", always(answers(503, "SlowDown")), store.ErrUnavailable, "SlowDown"},
		{"a line that is dead", always(breaks), store.ErrUnavailable, "connection reset"},
		{"a store that has another checksum", []fault{{"HEAD object", lies("x-amz-checksum-sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")}}, store.ErrMismatch, "expected SHA256"},
		{"a store that has another size", []fault{{"HEAD object", lies("Content-Length", "7")}}, store.ErrMismatch, "7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, f := faultyStore(t, g, func(o *store.S3Options) { o.Patience, o.FirstAnswer = time.Second, time.Second })
			if len(c.faults) == 1 {
				if err := s.CheckWriter(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			f.faults = c.faults
			_, err := s.Create(t.Context(), "runs/x", strings.NewReader("x"))
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "runs/x") {
				t.Errorf("%v\nwant %v, and that it says %q", err, c.want, c.says)
			}
		})
	}
}

func TestAWaitEndsWithTheContext(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	s, f := faultyStore(t, g)
	ctx, cancel := context.WithCancel(t.Context())
	f.faults = []fault{{"", func(f *faulty, r *http.Request) (*http.Response, error) {
		cancel()
		return answers(503, "SlowDown")(f, r)
	}}}
	if _, err := s.Stat(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAStoreThatOverwritesIsRefusedUnlessThereIsOneWriter(t *testing.T) {
	setEnvironment(t)
	g := gateway.Start(t, gateway.Options{})
	for _, single := range []bool{false, true} {
		log := new(bytes.Buffer)
		s, _ := faultyStore(t, g, func(o *store.S3Options) {
			o.SingleWriter, o.Log = single, slog.New(slog.NewTextHandler(log, nil))
			o.Transport = overwriting{http.DefaultTransport}
		})
		_, err := s.Create(t.Context(), "log/1", strings.NewReader("x"))
		switch {
		case !single && (!errors.Is(err, store.ErrUnconditional) || !strings.Contains(err.Error(), "single_writer")):
			t.Errorf("a store that overwrites: %v", err)
		case single && (err != nil || !strings.Contains(log.String(), "conditional")):
			t.Errorf("with one writer: %v, log %q", err, log)
		}
	}
}

// overwriting is a store that knows nothing of conditions, as its answers to the probe tell. (The condition is signed, so that it cannot be taken off the
// other requests.)
type overwriting struct{ http.RoundTripper }

func (o overwriting) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/tearsheet-probe") {
		return o.RoundTripper.RoundTrip(r)
	}
	if r.Body != nil {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func TestNothingThatIsToldHoldsASecret(t *testing.T) {
	setEnvironment(t)
	const token = "canary-session-token-51b2"
	t.Setenv("AWS_SESSION_TOKEN", token)
	var log bytes.Buffer
	var told []string
	for _, do := range []func(*faulty, *http.Request) (*http.Response, error){
		answers(400, "ExpiredToken"), answers(403, "SignatureDoesNotMatch"), answers(403, "AccessDenied"), answers(503, "SlowDown"), breaks,
		answers(404, "NoSuchBucket"), answers(400, "BadDigest"), answers(418, "Teapot"),
	} {
		f := &faulty{through: http.DefaultTransport}
		for range 100 {
			f.faults = append(f.faults, fault{"", do})
		}
		s, err := store.OpenS3(t.Context(), store.S3Options{
			Bucket: "b", Endpoint: "http://127.0.0.1:1", PathStyle: true, Transport: f, Patience: time.Second, FirstAnswer: 300 * time.Millisecond,
			Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, createErr := s.Create(t.Context(), "x", strings.NewReader("x"))
		_, openErr := s.Open(t.Context(), "x", 0, -1)
		_, statErr := s.Stat(t.Context(), "x")
		told = append(told, fmt.Sprint(createErr, openErr, statErr))
		for _, err := range s.List(t.Context(), "", "") {
			told = append(told, fmt.Sprint(err))
		}
	}
	all := log.String() + strings.Join(told, "\n")
	for _, secret := range []string{gateway.SecretKey, token, "Signature=", "X-Amz-Signature", "Credential="} {
		if strings.Contains(all, secret) {
			t.Errorf("%q stands in what is told:\n%s", secret, all)
		}
	}
}

func TestWithoutCredentialsItIsToldAtOnceHowToGiveThem(t *testing.T) {
	setEnvironment(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	s, err := store.OpenS3(t.Context(), store.S3Options{Bucket: "b", Endpoint: "http://127.0.0.1:1", PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stat(t.Context(), "x"); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Error(err)
	}
}
