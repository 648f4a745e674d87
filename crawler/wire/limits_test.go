package wire

import (
	"slices"
	"strings"
	"testing"

	"tearsheet/archive/warc"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("b", 1000)
	interim := "HTTP/1.1 103 Early Hints\r\n\r\n"
	line := "X-Line: " + strings.Repeat("h", 90) + "\r\n"
	huge := "HTTP/1.1 200 OK\r\nX-Big: " + strings.Repeat("h", 5000)
	for _, c := range []exchangeCase{
		{name: "a body of exactly the limit is whole", answer: answer{wire: ok(body)}, entity: body},
		{name: "one byte more is cut at the limit", answer: answer{wire: ok(body + "b"), end: staysQuiet}, block: strings.TrimSuffix(ok(body+"b"), "b"), entity: body, truncated: warc.TruncatedLength, retired: true},
		{name: "until the connection closes: exactly the limit", answer: answer{wire: "HTTP/1.1 200 OK\r\n\r\n" + body, end: closes}, entity: body, retired: true},
		{name: "until the connection closes: one byte more", answer: answer{wire: "HTTP/1.1 200 OK\r\n\r\n" + body + "b", end: closes}, block: "HTTP/1.1 200 OK\r\n\r\n" + body, entity: body, truncated: warc.TruncatedLength, retired: true},
		{name: "until the connection closes: the byte more comes alone", answer: answer{pieces: []string{"HTTP/1.1 200 OK\r\n\r\n" + body, "b"}, end: closes}, block: "HTTP/1.1 200 OK\r\n\r\n" + body, entity: body, truncated: warc.TruncatedLength, retired: true},
		{name: "chunks: framing and data are exactly the limit", answer: answer{wire: chunked("3dc\r\n" + body[:988] + "\r\n0\r\n\r\n")}, entity: body[:988]},
		{name: "chunks: one byte more", answer: answer{wire: chunked("3dd\r\n" + body[:989] + "\r\n0\r\n\r\n"), end: staysQuiet}, block: chunked("3dd\r\n" + body[:989] + "\r\n0\r\n\r"), entity: body[:989], truncated: warc.TruncatedLength, retired: true},
		{name: "chunks: cut inside the data", answer: answer{wire: chunked("1000\r\n" + body + body), end: staysQuiet}, block: chunked("1000\r\n" + body[:994]), entity: body[:994], truncated: warc.TruncatedLength, retired: true},
		{name: "a head of exactly the limit", answer: answer{wire: exactHead(2000)}},
		{name: "a head of one byte more", answer: answer{wire: exactHead(2001), end: staysQuiet}, block: exactHead(2001)[:2000], status: -1, failed: ClassLimit, truncated: warc.TruncatedLength},
		{name: "a header line without end", answer: answer{wire: huge, end: staysQuiet}, block: huge[:2000], status: -1, failed: ClassLimit, truncated: warc.TruncatedLength},
		{name: "too many header lines", answer: answer{wire: "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 30), end: staysQuiet}, block: "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 20), status: -1, failed: ClassLimit, truncated: warc.TruncatedLength},
		{name: "as many header lines as may be", answer: answer{wire: "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 17) + "Content-Length: 0\r\n\r\n"}},
		{name: "as many interim answers as may be", answer: answer{wire: strings.Repeat(interim, 3) + ok("ok")}, block: ok("ok"), entity: "ok", notes: []string{"interim answer 103"}},
		{name: "a long chunk extension", answer: answer{wire: chunked("3;" + strings.Repeat("e", 500)), end: staysQuiet}, block: chunked("3;" + strings.Repeat("e", 98)), truncated: warc.TruncatedLength, retired: true},
		{name: "a long trailer", answer: answer{wire: chunked("3\r\nfoo\r\n0\r\nX: " + strings.Repeat("e", 500)), end: staysQuiet}, block: chunked("3\r\nfoo\r\n0\r\nX: " + strings.Repeat("e", 97)), entity: "foo", truncated: warc.TruncatedLength, retired: true},
		{name: "as many trailers as may be", answer: answer{wire: chunked("0\r\n" + strings.Repeat("X: y\r\n", 4) + "\r\n")}},
		{name: "too many trailers", answer: answer{wire: chunked("0\r\n" + strings.Repeat("X: y\r\n", 9)), end: staysQuiet}, block: chunked("0\r\n" + strings.Repeat("X: y\r\n", 5)), truncated: warc.TruncatedLength, retired: true},
		{name: "long lines of a head that is not too long", answer: answer{wire: "HTTP/1.1 200 OK\r\n" + strings.Repeat(line, 15) + "Content-Length: 0\r\n\r\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			limits := Limits{HeadBytes: 2000, HeadLines: 20, LineBytes: 100, Interim: 3, Trailers: 4, BodyBytes: 1000}
			c.runLimited(t, limits)
		})
	}
}

// exactHead is a whole answer whose head has that many bytes.
func exactHead(size int) string {
	const frame = "HTTP/1.1 200 OK\r\nX: \r\nContent-Length: 0\r\n\r\n"
	return strings.Replace(frame, "X: ", "X: "+strings.Repeat("y", size-len(frame)), 1)
}

func (c *exchangeCase) runLimited(t *testing.T, limits Limits) {
	o := newOrigin(t, nil, func(string) answer { return c.answer })
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.Limits = limits })
	f, err := get(t, tr, o.url)
	c.checkOutcome(t, f, err)
	c.checkRecord(t, k.only(t), f)
}

func TestInterimAnswersAreLimited(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer {
		return answer{wire: strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 4) + ok("ok"), end: staysQuiet}
	})
	k := &keeper{}
	_, err := get(t, newTransport(t, k, func(o *Options) { o.Limits.Interim = 3 }), o.url)
	wantClass(t, err, ClassLimit)
	r := k.only(t)
	told := slices.DeleteFunc(r.Notes, func(n string) bool { return !strings.HasPrefix(n, "interim answer 103") })
	if r.Exchange.Response != nil || len(told) != 4 || r.Failure != "limit: more than 3 interim answers" {
		t.Errorf("failure %q, notes %q", r.Failure, r.Notes)
	}
}

func TestOnlyInterimAnswers(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: "HTTP/1.1 103 Early Hints\r\n\r\n", end: closes} })
	k := &keeper{}
	_, err := get(t, newTransport(t, k, nil), o.url)
	wantClass(t, err, ClassBroken)
	if r := k.only(t); r.Exchange.Response != nil || len(r.Notes) != 1 {
		t.Errorf("record %+v", r.Exchange)
	}
}

func TestZeroLimitsAreTheDefaults(t *testing.T) {
	t.Parallel()
	want := DefaultLimits()
	want.Interim = 2
	if got := (Limits{Interim: 2}).withDefaults(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
