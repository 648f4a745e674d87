package crawlertest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestAwkwardStatuses(t *testing.T) {
	n := start(t, Options{Articles: 1})
	for path, want := range map[string]struct {
		status int
		header string // "Name: value"
		body   string // a part of it
	}{
		AwkwardPrefix:                     {200, "", AwkwardGzipBomb},
		AwkwardNotFound:                   {404, "", "Not Found"},
		AwkwardGone:                       {410, "", "Gone"},
		AwkwardForbidden:                  {403, "", "Forbidden"},
		AwkwardBroken:                     {500, "", "Internal Server Error"},
		AwkwardUnavailable:                {503, "Retry-After: 120", ""},
		AwkwardEmpty:                      {200, "Content-Length: 0", ""},
		AwkwardNotHTML:                    {200, "Content-Type: application/pdf", "%PDF-1.4"},
		AwkwardMislabelled:                {200, "Content-Type: text/html; charset=utf-8", "\xff\xd8"},
		AwkwardRedirectLoop:               {302, "Location: " + AwkwardRedirectLoop, ""},
		AwkwardRedirectEndless:            {302, "Location: " + AwkwardRedirectEndless + "?hop=1", ""},
		AwkwardRedirectEndless + "?hop=8": {302, "Location: " + AwkwardRedirectEndless + "?hop=9", ""},
		AwkwardRedirectNowhere:            {302, "Location: ", ""},
		AwkwardRedirectPrivate:            {302, "Location: http://169.254.169.254/latest/meta-data/", ""},
		AwkwardNotGzip:                    {200, "Content-Encoding: gzip", "<h1>"},
		AwkwardHugeHead:                   {200, "", "<h1>"},
		AwkwardChallenge:                  {403, "Cf-Mitigated: challenge", "Just a moment..."},
		AwkwardCaptcha:                    {200, "", "Verify you are human"},
		AwkwardConsent:                    {200, "", "consent"},
		AwkwardPaywall:                    {200, "", `"isAccessibleForFree":false`},
		AwkwardSoftNotFound:               {200, "", "Page not found"},
		AwkwardRefresh:                    {200, "", `content="0; url=missing-pixel"`},
		AwkwardMissingPicture:             {200, "", AwkwardNotFound + "?picture"},
		AwkwardMissingStyle:               {200, "", AwkwardBroken + "?style"},
		AwkwardMissingPixel:               {200, "", AwkwardNotFound + "?pixel"},
		AwkwardPrefix + "picture.jpg":     {200, "Content-Type: image/jpeg", "\xff\xd8"},
		AwkwardPrefix + "no-such-thing":   {404, "", ""},
		AwkwardBytes + "many":             {400, "", "say how many"},
	} {
		res, body := get(t, n, path)
		if res.StatusCode != want.status || !bytes.Contains(body, []byte(want.body)) {
			t.Errorf("%s: status %d, body %.80q", path, res.StatusCode, body)
		}
		if name, value, ok := strings.Cut(want.header, ": "); ok && res.Header.Get(name) != value {
			t.Errorf("%s: %s is %q", path, name, res.Header.Get(name))
		}
	}
}

func TestBusyRefusesAsOftenAsAskedThenGivesIn(t *testing.T) {
	n := start(t, Options{Articles: 1})
	for query, refusals := range map[string]int{"": 1, "?times=3&after=2": 3, "?date=1": 1} {
		for i := range refusals + 2 {
			res, _ := get(t, n, AwkwardBusy+query)
			after := res.Header.Get("Retry-After")
			if want := i < refusals; (res.StatusCode == http.StatusTooManyRequests) != want || (after != "") != want {
				t.Errorf("%q, time %d: %s, Retry-After %q", query, i+1, res.Status, after)
			}
			if query == "?date=1" && after != "" {
				if _, err := http.ParseTime(after); err != nil {
					t.Errorf("Retry-After: %v", err)
				}
			}
		}
	}
}

func TestCountedBytesAreCountedAndRepeatable(t *testing.T) {
	n := start(t, Options{Articles: 1})
	for _, size := range []int{0, 1, 300_000} {
		path := AwkwardBytes + strconv.Itoa(size)
		res, one := get(t, n, path)
		_, two := get(t, n, path)
		if len(one) != size || res.ContentLength != int64(size) || !bytes.Equal(one, two) {
			t.Errorf("%s: %d bytes, said %d", path, len(one), res.ContentLength)
		}
	}
}

func TestGzipOfZerosIsOneValidMember(t *testing.T) {
	const blocks = 5
	var packed bytes.Buffer
	if err := writeZeros(&packed, blocks); err != nil {
		t.Fatal(err)
	}
	if limit := blocks * zeroBlock / 900; packed.Len() > limit {
		t.Errorf("%d bytes of gzip, not at most %d", packed.Len(), limit)
	}
	z, err := gzip.NewReader(&packed)
	if err != nil {
		t.Fatal(err)
	}
	z.Multistream(false)
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if len(plain) != blocks*zeroBlock || len(bytes.Trim(plain, "\x00")) != 0 {
		t.Errorf("%d bytes, not all of them zeros", len(plain))
	}
}

func TestTheBombIsAGigabyteInAMegabyte(t *testing.T) {
	w := &counter{}
	if err := writeZeros(w, bombSize/zeroBlock); err != nil {
		t.Fatal(err)
	}
	if w.n < 900_000 || w.n > 1_200_000 {
		t.Errorf("the bomb is %d bytes on the wire", w.n)
	}
	// ISIZE (RFC 1952 section 2.3.1) is what the client may read before it believes the rest.
	if got := w.last; !bytes.Equal(got, []byte{0, 0, 0, 0x40}) {
		t.Errorf("the trailer says % x bytes", got)
	}
}

type counter struct {
	n    int
	last []byte
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	c.last = bytes.Clone(p[max(0, len(p)-4):])
	return len(p), nil
}

func TestBodiesThatBreakOff(t *testing.T) {
	n := start(t, Options{Articles: 1})
	for path, atLeast := range map[string]int{AwkwardTruncated: 1024, AwkwardCutChunk: len(beginning)} {
		res, err := http.Get(n.URL + path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err == nil || len(body) != atLeast {
			t.Errorf("%s: %d bytes, error %v", path, len(body), err)
		}
	}
	if res, err := http.Get(n.URL + AwkwardReset); err == nil {
		res.Body.Close()
		t.Errorf("%s: %s", AwkwardReset, res.Status)
	}
	if got := n.Total(); got < 3 {
		t.Errorf("%d requests logged", got)
	}
}

// TestBodiesThatDoNotEnd reads a little and goes away; that the test's server then closes shows that they let go.
func TestBodiesThatDoNotEnd(t *testing.T) {
	a := NewAwkward()
	server := httptest.NewServer(a)
	defer server.Close()
	for _, path := range []string{AwkwardEndless, AwkwardStall, AwkwardDrip + "?every=1ms"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		some := make([]byte, len(beginning))
		if _, err := io.ReadFull(res.Body, some); err != nil || string(some) != beginning {
			t.Errorf("%s begins %q, %v", path, some, err)
		}
		cancel()
		res.Body.Close()
	}
}

func TestSilenceIsBrokenByNothing(t *testing.T) {
	n := start(t, Options{Articles: 1})
	ended := make(chan error, 1)
	go func() {
		res, err := http.Get(n.URL + AwkwardSilent)
		if err == nil {
			res.Body.Close()
		}
		ended <- err
	}()
	n.Close() // before or after the request came: no answer either way
	if err := <-ended; err == nil {
		t.Error("there was an answer")
	}
}
