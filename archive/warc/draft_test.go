package warc

import (
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func blockOf(t testing.TB, d *Draft) string {
	t.Helper()
	b, err := io.ReadAll(io.NewSectionReader(d.Block, 0, d.Block.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// header gives the named fields of a draft as they would be written, without those that differ from run to run.
func header(d *Draft) []string {
	var out []string
	for _, f := range d.Fields {
		out = append(out, f.Name+": "+f.Value)
	}
	return out
}

func wantHeader(t *testing.T, d *Draft, want ...string) {
	t.Helper()
	if got := header(d); !slices.Equal(got, want) {
		t.Errorf("header is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !strings.HasPrefix(d.ID, "urn:uuid:") || len(d.ID) != len("urn:uuid:")+36 {
		t.Errorf("ID %q", d.ID)
	}
}

func TestResponseRecordSaysWhatTheWireSaid(t *testing.T) {
	x := exchange(t, "https://news.example/a", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "abc")
	d, err := NewResponse(x)
	if err != nil {
		t.Fatal(err)
	}
	wantHeader(t, d,
		"WARC-Date: 2026-03-04T05:06:07.891234Z",
		"WARC-Target-URI: https://news.example/a",
		"WARC-IP-Address: 192.0.2.7",
		"WARC-Protocol: http/1.1",
		"WARC-Protocol: tls/1.3",
		"WARC-Cipher-Suite: TLS_AES_128_GCM_SHA256",
		"WARC-Payload-Digest: sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"WARC-Payload-Digest-SHA1: sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5",
		"Content-Type: application/http; msgtype=response",
		"WARC-Block-Digest: "+x.BlockSHA256.String(),
	)
	if d.Block != x.Response {
		t.Error("the block is not the response")
	}
}

func TestTruncationStandsInTheHeader(t *testing.T) {
	x := page(t, 1)
	x.Truncated = TruncatedDisconnect
	d, err := NewResponse(x)
	if err != nil || d.Get("WARC-Truncated") != "disconnect" {
		t.Errorf("%v, %v", d, err)
	}
}

func TestAnswerThatIsNotHTTPHasNoPayloadDigest(t *testing.T) {
	x := page(t, 1)
	x.Status, x.Response, x.BlockSHA256 = 0, strings.NewReader("SSH-2.0"), Digest{}
	d, err := NewResponse(x)
	if err != nil {
		t.Fatal(err)
	}
	if d.Get("WARC-Payload-Digest") != "" || d.Get("WARC-Payload-Digest-SHA1") != "" {
		t.Errorf("%v", header(d))
	}
	if d.Get("WARC-Block-Digest") == "" {
		t.Error("the block's digest was not computed")
	}
}

func TestAddressIsWrittenWithoutZoneAndMapping(t *testing.T) {
	for in, want := range map[string]string{
		"fe80::1%eth0":     "fe80::1",
		"::ffff:192.0.2.1": "192.0.2.1",
		"2001:db8::7":      "2001:db8::7",
	} {
		x := page(t, 1)
		x.IP = netip.MustParseAddr(in)
		d, err := NewResponse(x)
		if err != nil || d.Get("WARC-IP-Address") != want {
			t.Errorf("%s was written as %q, %v", in, d.Get("WARC-IP-Address"), err)
		}
	}
}

func TestRevisitProfiles(t *testing.T) {
	of := Original{RecordID: "urn:uuid:1", URL: "https://news.example/first", Date: "2025-01-01T00:00:00Z"}
	t.Run("an equal payload is left out and said to be", func(t *testing.T) {
		d, err := NewRevisit(page(t, 1), of)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Get("WARC-Profile"); got != "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest" {
			t.Error(got)
		}
		for name, want := range map[string]string{
			"WARC-Refers-To":            "<urn:uuid:1>",
			"WARC-Refers-To-Target-URI": of.URL,
			"WARC-Refers-To-Date":       of.Date,
			"WARC-Truncated":            "length",
			"WARC-Payload-Digest":       page(t, 1).PayloadSHA256.String(),
		} {
			if got := d.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if got := blockOf(t, d); got != "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" {
			t.Errorf("block %q", got)
		}
	})
	t.Run("304 is server-not-modified, whole, and claims no payload", func(t *testing.T) {
		d, err := NewRevisit(exchange(t, "https://news.example/a", "HTTP/1.1 304 Not Modified\nETag: x", "", ""), of)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Get("WARC-Profile"); got != "http://netpreserve.org/warc/1.1/revisit/server-not-modified" {
			t.Error(got)
		}
		if d.Get("WARC-Payload-Digest") != "" || d.Get("WARC-Truncated") != "" {
			t.Errorf("%v", header(d))
		}
	})
	t.Run("a revisit that cannot be resolved is refused", func(t *testing.T) {
		for _, bad := range []Original{
			{URL: of.URL},
			{Date: of.Date},
			{URL: of.URL, Date: "yesterday"},
			{URL: of.URL, Date: of.Date, RecordID: "urn:\r\nuuid"},
		} {
			if _, err := NewRevisit(page(t, 1), bad); err == nil {
				t.Errorf("%+v was accepted", bad)
			}
		}
		x := page(t, 1)
		x.PayloadSHA256 = Digest{}
		if _, err := NewRevisit(x, of); err == nil {
			t.Error("a payload without digest was accepted")
		}
	})
}

func TestMetadataTellsWhatTheRecordsDoNot(t *testing.T) {
	x := page(t, 1)
	x.Timing.DNS = 1234 * time.Microsecond
	x.Insecure = true
	x.Notes = []string{"7 surplus bytes", "two\r\nlines"}
	d, err := NewMetadata(x, "urn:uuid:1", []Field{{"via", "https://news.example/"}, {"hopsFromSeed", "RE"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "via: https://news.example/\r\nhopsFromSeed: RE\r\nfetchTimeMs: 25\r\ndnsTimeMs: 1.234\r\nconnectTimeMs: 1.5\r\n" +
		"insecure: true\r\nnote: 7 surplus bytes\r\nnote: two  lines\r\n"
	if got := blockOf(t, d); got != want {
		t.Errorf("block\n%s\nwant\n%s", got, want)
	}
	if d.Get("WARC-Refers-To") != "<urn:uuid:1>" || d.Get("WARC-Concurrent-To") != "<urn:uuid:1>" || d.Get("Content-Type") != "application/warc-fields" {
		t.Errorf("%v", header(d))
	}
	fields, err := ParseFields([]byte(want))
	if err != nil || len(fields) != 8 || fields[1] != (Field{"hopsFromSeed", "RE"}) {
		t.Errorf("ParseFields: %v, %v", fields, err)
	}
}

func TestFailureBeforeTheFirstByteIsMetadataAlone(t *testing.T) {
	x := &Exchange{URL: "https://gone.example/", Started: testDate, Failure: "dns: no such host\nreally"}
	d, err := NewMetadata(x, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := blockOf(t, d); got != "fetchTimeMs: 0\r\nfailure: dns: no such host really\r\n" {
		t.Errorf("%q", got)
	}
	if d.Get("WARC-Refers-To") != "" || d.Get("WARC-Concurrent-To") != "" {
		t.Errorf("%v", header(d))
	}
	if _, err := NewResponse(x); err == nil {
		t.Error("a response record was made of nothing")
	}
}

func TestJSONRefersToTheFirstAndStandsBesideTheOthers(t *testing.T) {
	d, err := NewJSON("https://news.example/a", "application/json", []string{"urn:uuid:1", "urn:uuid:2", "urn:uuid:3"}, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	var links []string
	for _, f := range d.Fields {
		if f.Name == "WARC-Refers-To" || f.Name == "WARC-Concurrent-To" {
			links = append(links, f.Name+f.Value)
		}
	}
	want := []string{"WARC-Refers-To<urn:uuid:1>", "WARC-Concurrent-To<urn:uuid:2>", "WARC-Concurrent-To<urn:uuid:3>"}
	if !slices.Equal(links, want) || blockOf(t, d) != "{}" || d.Type != Metadata {
		t.Errorf("%v %q %s", links, blockOf(t, d), d.Type)
	}
}

func TestResourceIsItsOwnPayload(t *testing.T) {
	d, err := NewResource("urn:example:sheet", "image/png", testDate, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Get("WARC-Payload-Digest") != d.Get("WARC-Block-Digest") || d.Get("WARC-Payload-Digest") == "" || !d.stored {
		t.Errorf("%v", header(d))
	}
}

func TestTargetURI(t *testing.T) {
	for _, good := range []string{
		"http://news.example/", "https://news.example:8443/a?b=c|d&e=[f]", "http://[2001:db8::1]:80/", "https://xn--bcher-kva.example/%C3%BC",
		"https://news.example/?q=ü", "urn:example:page", "https://news.example",
	} {
		x := page(t, 1)
		x.URL = good
		if d, err := NewResponse(x); err != nil || d.Get("WARC-Target-URI") != good {
			t.Errorf("%q was refused: %v", good, err)
		}
	}
	for name, bad := range map[string]string{
		"empty host":        "http:///a",
		"no scheme":         "news.example/a",
		"relative":          "/a",
		"impossible port":   "http://news.example:99999/",
		"open bracket":      "http://[::1/x",
		"space in the host": "http://news example/",
		"space in the path": "http://news.example/a b",
		"CR LF":             "http://news.example/\r\nWARC-Type: x",
		"NUL":               "http://news.example/\x00",
		"not UTF-8":         "http://news.example/\xff",
		"fragment":          "http://news.example/#a",
		"password":          "http://user:secret@news.example/",
		"password and more": "http://user:secret@news.example:port/",
		"brackets":          "<http://news.example/>",
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			x := page(t, 1)
			x.URL = bad
			d, err := NewResponse(x)
			if !errors.Is(err, ErrTarget) || d != nil {
				t.Errorf("%q: %v, %v", bad, d, err)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestCompressedPayloadsAreStored(t *testing.T) {
	for _, c := range []struct {
		head string
		want bool
	}{
		{"Content-Type: text/html", false},
		{"Content-Type: text/html\nContent-Encoding: gzip", true},
		{"Content-Type: text/html\nContent-Encoding: identity", false},
		{"Content-Type: image/jpeg", true},
		{"Content-Type: IMAGE/JPEG; q=1; =", true},
		{"Content-Type: image/svg+xml", false},
		{"Content-Type: image/bmp", false},
		{"Content-Type: video/mp4", true},
		{"Content-Type: audio/mpeg", true},
		{"Content-Type: audio/wav", false},
		{"Content-Type: font/woff2", true},
		{"Content-Type: font/ttf", false},
		{"Content-Type: application/pdf", true},
		{"Content-Type: application/epub+zip", true},
		{"Content-Type: application/json", false},
		{"X: y", false},
	} {
		x := exchange(t, "https://news.example/", "HTTP/1.1 200 OK\n"+c.head, "x", "x")
		if d, err := NewResponse(x); err != nil || d.stored != c.want {
			t.Errorf("%q: stored is not %t (%v)", c.head, c.want, err)
		}
	}
}

func TestDraftsOfNothing(t *testing.T) {
	if _, err := NewResponse(nil); err == nil {
		t.Error("nil exchange")
	}
	if _, err := NewRequest(&Exchange{URL: "http://a.example/", Started: testDate}, ""); err == nil {
		t.Error("nil request")
	}
	x := page(t, 1)
	x.Started = time.Time{}
	if _, err := NewResponse(x); err == nil {
		t.Error("no date")
	}
}
