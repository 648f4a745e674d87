package wire

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive/warc"
)

// exchangeCase is an answer and all that must become of it.
type exchangeCase struct {
	name   string
	method string // "" is GET
	answer answer

	block     string          // the record; "" is all that the origin sent
	entity    string          // payload: transfer coding removed
	body      string          // what the caller reads; "" is entity, nothing is no byte
	status    int             // 0 is 200, -1 is none
	failed    Class           // of RoundTrip's error; "" is none
	truncated warc.Truncation // of the record
	notes     []string        // each must be part of a note; none is no notes
	retired   bool            // the connection must not be used again
	check     func(*testing.T, record, fetched)
}

const nothing = "nothing"

func (c *exchangeCase) sent() string { return c.answer.wire + strings.Join(c.answer.pieces, "") }

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// message joins a head, given as lines, and a body.
func message(body string, lines ...string) string {
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// ok is a 200 answer with a Content-Length.
func ok(body string, lines ...string) string {
	lines = append([]string{"HTTP/1.1 200 OK"}, append(lines, fmt.Sprintf("Content-Length: %d", len(body)))...)
	return message(body, lines...)
}

func chunked(framed string, lines ...string) string {
	return message(framed, append([]string{"HTTP/1.1 200 OK", "Transfer-Encoding: chunked"}, lines...)...)
}

var text = "<p>" + strings.Repeat("the quick brown fox ", 40) + "</p>"

func headCases() []exchangeCase {
	return []exchangeCase{
		{name: "a plain answer with a length", answer: answer{wire: ok(text)}, entity: text},
		{name: "an empty answer", answer: answer{wire: ok("")}},
		{name: "case, order, repetition and blanks of header fields stay",
			answer: answer{wire: "HTTP/1.1 200 Alles  Klar!\r\nx-ZULU:1\r\nSet-Cookie: a=1\r\nx-alpha:   two \t\r\nset-cookie: b=2\r\nX-Empty:\r\ncontent-LENGTH: 2\r\n\r\nok"},
			entity: "ok",
			check: func(t *testing.T, r record, f fetched) {
				if got := r.Header["Set-Cookie"]; !slices.Equal(got, []string{"a=1", "b=2"}) {
					t.Errorf("Set-Cookie %q", got)
				}
				if got := r.Header["X-Alpha"]; !slices.Equal(got, []string{"two"}) || f.Status != "200 Alles  Klar!" {
					t.Errorf("X-Alpha %q, status %q", got, f.Status)
				}
				if _, ok := r.Header["X-Empty"]; !ok {
					t.Error("the empty field is missing")
				}
			}},
		{name: "no reason phrase", answer: answer{wire: "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok"},
		{name: "no reason phrase but the blank", answer: answer{wire: "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok"}, entity: "ok"},
		{name: "an odd reason phrase", answer: answer{wire: "HTTP/1.1  299   It's \xe9t\xe9\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok", status: 299},
		{name: "a junk line between fields is kept and left out of the parsed fields", answer: answer{wire: "HTTP/1.1 200 OK\r\nthis is junk\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok", notes: []string{"1 header lines are not fields"}},
		{name: "a blank before the colon", answer: answer{wire: "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok"}, entity: "ok"},
		{name: "a name with blanks is no field", answer: answer{wire: "HTTP/1.1 200 OK\r\nX Bad Name: 1\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok", notes: []string{"not fields"}},
		{name: "a folded field", answer: answer{wire: "HTTP/1.1 200 OK\r\nX-F: a\r\n  b\r\n\tc\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok",
			check: func(t *testing.T, r record, _ fetched) {
				if got := r.Header.Get("X-F"); got != "a b c" {
					t.Errorf("folded field %q", got)
				}
			}},
		{name: "a fold with nothing before it", answer: answer{wire: "HTTP/1.1 200 OK\r\n folded\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok", notes: []string{"not fields"}},
		{name: "Latin-1 and UTF-8 in values", answer: answer{wire: "HTTP/1.1 200 OK\r\nX-L: Ren\xe9\r\nX-U: René\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok",
			check: func(t *testing.T, r record, _ fetched) {
				if r.Header.Get("X-L") != "Ren\xe9" || r.Header.Get("X-U") != "René" {
					t.Errorf("values %q", r.Header)
				}
			}},
		{name: "NUL and bare CR in a value", answer: answer{wire: "HTTP/1.1 200 OK\r\nX-N: a\x00b\rc\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok",
			check: func(t *testing.T, r record, _ fetched) {
				if got := r.Header.Get("X-N"); got != "a b c" {
					t.Errorf("value %q", got)
				}
			}},
		{name: "line feeds alone", answer: answer{wire: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"}, entity: "ok"},
		{name: "a version we do not know", answer: answer{wire: "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok", notes: []string{"calls itself"}, retired: true},
		{name: "not HTTP at all", answer: answer{wire: "SSH-2.0-OpenSSH_9.9\r\n", end: staysQuiet}, status: -1, failed: ClassBroken, truncated: warc.TruncatedUnspecified},
		{name: "a body without a head", answer: answer{wire: text, end: closes}, status: -1, failed: ClassBroken, truncated: warc.TruncatedUnspecified},
		{name: "a status that is no number", answer: answer{wire: "HTTP/1.1 OK\r\n\r\n", end: closes}, status: -1, failed: ClassBroken, truncated: warc.TruncatedUnspecified},
		{name: "cut inside the head", answer: answer{wire: "HTTP/1.1 200 OK\r\nContent-Ty", end: closes}, status: -1, failed: ClassBroken, truncated: warc.TruncatedDisconnect},
		{name: "cut before the empty line", answer: answer{wire: "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n", end: closes}, status: -1, failed: ClassBroken, truncated: warc.TruncatedDisconnect},
		{name: "reset inside the head", answer: answer{wire: "HTTP/1.1 200 OK\r\nContent-Ty", end: resets}, status: -1, failed: ClassBroken, truncated: warc.TruncatedDisconnect},
	}
}

func framingCases() []exchangeCase {
	head := func(lines ...string) string { return message("", append([]string{"HTTP/1.1 200 OK"}, lines...)...) }
	return []exchangeCase{
		{name: "chunk sizes in both cases, with leading zeros, blanks, extensions and trailers",
			answer: answer{wire: chunked("00A;foo=\"bar\"\r\n0123456789\r\nb  \r\nabcdefghijk\r\n5 ; x\r\nabcde\r\n000;last\r\nX-T: yes\r\nX-U: no\r\n\r\n")},
			entity: "0123456789abcdefghijkabcde"},
		{name: "one-byte chunks in pieces", answer: answer{pieces: strings.SplitAfter(chunked("1\r\nf\r\n1\r\no\r\n1\r\no\r\n0\r\n\r\n"), "\n")}, entity: "foo"},
		{name: "chunks with bare line feeds", answer: answer{wire: chunked("3\nfoo\n0\n\n")}, entity: "foo"},
		{name: "an empty chunked body", answer: answer{wire: chunked("0\r\n\r\n")}},
		{name: "HEAD with the fields of a body", method: "HEAD", answer: answer{wire: head("Content-Encoding: gzip", "Content-Length: 999")}},
		{name: "HEAD with Transfer-Encoding", method: "HEAD", answer: answer{wire: head("Transfer-Encoding: chunked")}},
		{name: "204", answer: answer{wire: "HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n"}, status: 204},
		{name: "205 with a length", answer: answer{wire: "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"}, status: 205},
		{name: "304 with a length", answer: answer{wire: "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 999\r\n\r\n"}, status: 304},
		{name: "interim answers are told and not kept",
			answer: answer{pieces: []string{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 20", "0 OK\r\nContent-Length: 2\r\n\r\nok"}},
			block:  ok("ok"), entity: "ok", notes: []string{"interim answer 100 of 25 bytes", "interim answer 103 of"}},
		{name: "a change of protocol is refused", answer: answer{wire: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", end: staysQuiet}, status: 101, failed: ClassBroken, truncated: warc.TruncatedUnspecified},
		{name: "HTTP/1.0 until the connection closes", answer: answer{wire: "HTTP/1.0 200 OK\r\n\r\n" + text, end: closes}, entity: text, retired: true,
			check: func(t *testing.T, r record, f fetched) {
				if r.Protocols[0] != "http/1.0" || f.Proto != "HTTP/1.0" {
					t.Errorf("protocols %q, %s", r.Protocols, f.Proto)
				}
			}},
		{name: "HTTP/1.0 that keeps alive", answer: answer{wire: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok"},
		{name: "HTTP/1.0 that does not say so", answer: answer{wire: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"}, entity: "ok", retired: true},
		{name: "Connection: close", answer: answer{wire: ok("ok", "Connection: Close")}, entity: "ok", retired: true},
		{name: "a body that is shorter than its length", answer: answer{wire: head("Content-Length: 5000") + text, end: closes}, entity: text, truncated: warc.TruncatedDisconnect, retired: true},
		{name: "a chunk that is cut", answer: answer{wire: chunked("1000\r\n" + text), end: closes}, entity: text, truncated: warc.TruncatedDisconnect, retired: true},
		{name: "a chunk cut in its size line is kept and marked truncated", answer: answer{wire: chunked("3\r\nfoo\r\n1"), end: closes}, entity: "foo", truncated: warc.TruncatedDisconnect, retired: true},
		{name: "the last chunk is missing", answer: answer{wire: chunked("3\r\nfoo\r\n"), end: closes}, entity: "foo", truncated: warc.TruncatedDisconnect, retired: true},
		{name: "the last line end is missing", answer: answer{wire: chunked("3\r\nfoo\r\n0\r\n"), end: closes}, entity: "foo", notes: []string{"empty line"}, retired: true},
		{name: "a trailer that is cut", answer: answer{wire: chunked("3\r\nfoo\r\n0\r\nX-T: y"), end: closes}, entity: "foo", notes: []string{"empty line"}, retired: true},
		{name: "a reset inside the body", answer: answer{wire: head("Content-Length: 5000") + text, end: resets}, entity: text, truncated: warc.TruncatedDisconnect, retired: true},
		{name: "a reset inside a chunk", answer: answer{wire: chunked("1000\r\n" + text), end: resets}, entity: text, truncated: warc.TruncatedDisconnect, retired: true},
		{name: "surplus after the body", answer: answer{wire: ok("ok") + "GARBAGE HTTP/1.1 500 X\r\n\r\n", end: staysQuiet}, block: ok("ok"), entity: "ok", notes: []string{"26 surplus bytes"}, retired: true},
		{name: "surplus after the last chunk", answer: answer{wire: chunked("2\r\nok\r\n0\r\n\r\n") + "\r\n", end: staysQuiet}, block: chunked("2\r\nok\r\n0\r\n\r\n"), entity: "ok", notes: []string{"2 surplus bytes"}, retired: true},
		{name: "a body after 204", answer: answer{wire: "HTTP/1.1 204 No\r\n\r\nbody", end: staysQuiet}, block: "HTTP/1.1 204 No\r\n\r\n", status: 204, notes: []string{"4 surplus bytes"}, retired: true},
		{name: "the same length twice", answer: answer{wire: head("Content-Length: 2", "Content-Length: 2") + "ok"}, entity: "ok"},
		{name: "the same length as a list", answer: answer{wire: head("Content-Length: 2, 2") + "ok"}, entity: "ok"},
		{name: "lengths that differ", answer: answer{wire: head("Content-Length: 2", "Content-Length: 3") + "ok", end: staysQuiet}, entity: "ok", notes: []string{"Content-Length 2 and 3"}, retired: true},
		{name: "a negative length", answer: answer{wire: head("Content-Length: -2") + "ok", end: closes}, entity: "ok", notes: []string{`"-2" is not a length`}, retired: true},
		{name: "a length with a sign", answer: answer{wire: head("Content-Length: +2") + "ok!", end: closes}, entity: "ok!", notes: []string{"is not a length"}, retired: true},
		{name: "a length beyond all bounds", answer: answer{wire: head("Content-Length: 99999999999999999999") + "ok", end: closes}, entity: "ok", notes: []string{"is not a length"}, retired: true},
		{name: "chunks and a length", answer: answer{wire: chunked("2\r\nok\r\n0\r\n\r\n", "Content-Length: 99"), end: staysQuiet}, entity: "ok", notes: []string{"both Transfer-Encoding"}, retired: true},
		{name: "Transfer-Encoding: identity", answer: answer{wire: head("Transfer-Encoding: identity", "Content-Length: 2") + "ok"}, entity: "ok"},
		{name: "a transfer coding inside the chunks", answer: answer{wire: message(fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(gzipped(text)), gzipped(text)), "HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked")},
			entity: gzipped(text), body: text, notes: []string{"only the chunks"}},
		{name: "a transfer coding without chunks", answer: answer{wire: head("Transfer-Encoding: gzip") + gzipped(text), end: closes}, entity: gzipped(text), body: text, notes: []string{"does not end in chunked"}, retired: true},
		{name: "a false label chunked is kept as it came", answer: answer{wire: chunked(text), end: closes}, entity: text, notes: []string{"says chunked, but"}, retired: true,
			check: func(t *testing.T, r record, _ fetched) {
				if r.Chunked {
					t.Error("the exchange says chunked")
				}
			}},
		{name: "a false label chunked that begins like a size", answer: answer{pieces: []string{chunked("Ad"), "ded text\r\nmore"}, end: closes}, entity: "Added text\r\nmore", notes: []string{"says chunked, but"}, retired: true},
		{name: "a false label chunked with a true length", answer: answer{wire: chunked(text, fmt.Sprintf("Content-Length: %d", len(text))), end: staysQuiet}, entity: text, notes: []string{"both", "says chunked, but"}, retired: true},
		{name: "chunks that go wrong later", answer: answer{wire: chunked("3\r\nfoo\r\nzzz\r\nbar"), end: closes}, entity: "foo", truncated: warc.TruncatedUnspecified, retired: true},
		{name: "chunks that go wrong and then look right again", answer: answer{wire: chunked("3\r\nfoo\r\nz3\r\nbar\r\n0\r\n\r\n"), end: closes}, entity: "foo", truncated: warc.TruncatedUnspecified, retired: true},
		{name: "a chunk without its line end", answer: answer{wire: chunked("3\r\nfooXX"), end: closes}, entity: "foo", truncated: warc.TruncatedUnspecified, retired: true},
	}
}

func statusCases() []exchangeCase {
	return []exchangeCase{
		{name: "errors with bodies", answer: answer{wire: message("gone", "HTTP/1.1 404 Nope", "Content-Length: 4")}, entity: "gone", status: 404},
		{name: "403", answer: answer{wire: message("no", "HTTP/1.1 403 Forbidden", "Content-Length: 2")}, entity: "no", status: 403},
		{name: "206", answer: answer{wire: message("part", "HTTP/1.1 206 Partial Content", "Content-Range: bytes 0-3/9", "Content-Length: 4")}, entity: "part", status: 206},
		{name: "416", answer: answer{wire: message("", "HTTP/1.1 416 Range", "Content-Length: 0")}, status: 416},
		{name: "429 with Retry-After", answer: answer{wire: message("slow", "HTTP/1.1 429 Too Many", "Retry-After: 120", "Content-Length: 4")}, entity: "slow", status: 429,
			check: func(t *testing.T, _ record, f fetched) {
				if f.Header.Get("Retry-After") != "120" {
					t.Errorf("fields %v", f.Header)
				}
			}},
		{name: "500 and close", answer: answer{wire: message("oops", "HTTP/1.1 500 No", "Connection: close"), end: closes}, entity: "oops", status: 500, retired: true},
		{name: "a redirect with a body is an answer like any other", answer: answer{wire: message("moved", "HTTP/1.1 302 Moved", "location: /elsewhere", "Content-Length: 5")}, entity: "moved", status: 302},
		{name: "308 without Location", answer: answer{wire: message("", "HTTP/1.1 308 Permanent", "Content-Length: 0")}, status: 308},
	}
}

func allCases() []exchangeCase {
	return slices.Concat(headCases(), framingCases(), statusCases(), codingCases())
}

// TestExchangeIsRecordedToTheByte runs every case over plain TCP and over TLS.
func TestExchangeIsRecordedToTheByte(t *testing.T) {
	t.Parallel()
	config, roots := testCertificate(t)
	for _, c := range allCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Run("plain", func(t *testing.T) { c.run(t, nil, nil) })
			t.Run("TLS", func(t *testing.T) { c.run(t, config, &tls.Config{RootCAs: roots}) })
		})
	}
}

func (c *exchangeCase) run(t *testing.T, config, client *tls.Config) {
	o := newOrigin(t, config, func(path string) answer {
		if path == "/again" {
			return answer{wire: ok("again")}
		}
		return c.answer
	})
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.TLS = client })
	method := c.method
	if method == "" {
		method = http.MethodGet
	}
	f, err := do(t, tr, newGet(t.Context(), t, method, o.url+"/page?q=1#part"))
	r := k.only(t)
	c.checkOutcome(t, f, err)
	c.checkRecord(t, r, f)
	if requests, _ := o.seen(); string(r.request) != requests[0] {
		t.Errorf("request record %q, the origin got %q", r.request, requests[0])
	}
	if r.URL != o.url+"/page?q=1" || r.Method != method || r.IP != netip.MustParseAddr("127.0.0.1") || r.Started.IsZero() {
		t.Errorf("exchange is about %s %s at %v of %v", r.Method, r.URL, r.IP, r.Started)
	}
	if config != nil && (r.Protocols[1] != "tls/1.3" || !strings.HasPrefix(r.CipherSuite, "TLS_")) || config == nil && r.CipherSuite != "" {
		t.Errorf("protocols %q, cipher %q", r.Protocols, r.CipherSuite)
	}
	if again, err := get(t, tr, o.url+"/again"); err != nil || string(again.body) != "again" {
		t.Fatalf("the next request got %q, %v", again.body, err)
	}
	if _, conns := o.seen(); (conns == 2) != (c.retired || c.failed != "") {
		t.Errorf("%d connections for two requests", conns)
	}
}

func (c *exchangeCase) checkOutcome(t *testing.T, f fetched, err error) {
	t.Helper()
	if c.failed != "" {
		wantClass(t, err, c.failed)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	want := c.body
	if want == "" {
		want = c.entity
	}
	if want == nothing {
		want = ""
	}
	sameBytes(t, "body", f.body, []byte(want))
	if !f.Uncompressed || f.ContentLength != -1 || f.Header.Get("Content-Encoding")+f.Header.Get("Content-Length")+f.Header.Get("Transfer-Encoding") != "" {
		t.Errorf("the response is not given as decoded: %v", f.Header)
	}
}

func (c *exchangeCase) checkRecord(t *testing.T, r record, f fetched) {
	t.Helper()
	block := c.block
	if block == "" {
		block = c.sent()
	}
	sameBytes(t, "record", r.response, []byte(block))
	status := c.status
	if status == 0 {
		status = 200
	}
	if status = max(0, status); r.Status != status {
		t.Errorf("status %d, want %d", r.Status, status)
	}
	if r.Truncated != c.truncated || (r.Failure != "") != (c.truncated != "") {
		t.Errorf("truncated %q (%s), want %q", r.Truncated, r.Failure, c.truncated)
	}
	if want := warc.NewDigest(warc.SHA256, sum256(block)); r.BlockSHA256 != want {
		t.Errorf("block digest differs")
	}
	if c.failed == "" {
		sum := sha1.Sum([]byte(c.entity))
		if r.PayloadSHA256 != warc.NewDigest(warc.SHA256, sum256(c.entity)) || r.PayloadSHA1 != warc.NewDigest(warc.SHA1, sum[:]) || r.PayloadLength != int64(len(c.entity)) {
			t.Errorf("payload digests of %d bytes differ from those of the %d of the entity", r.PayloadLength, len(c.entity))
		}
		end := strings.Index(block, "\n\r\n") + len("\n\r\n")
		if lf := strings.Index(block, "\n\n"); lf >= 0 && lf < end {
			end = lf + 2
		}
		if end > 2 && r.HeadLength != int64(end) {
			t.Errorf("head of %d bytes, want %d", r.HeadLength, end)
		}
	}
	for _, want := range c.notes {
		if !slices.ContainsFunc(r.Notes, func(note string) bool { return strings.Contains(note, want) }) {
			t.Errorf("no note says %q: %q", want, r.Notes)
		}
	}
	if len(c.notes) == 0 && len(r.Notes) > 0 {
		t.Errorf("notes %q", r.Notes)
	}
	if c.check != nil {
		c.check(t, r, f)
	}
}

func sum256(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}
