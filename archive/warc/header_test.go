package warc

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestWriterAndReaderHaveOneBoundForHeaders(t *testing.T) {
	long := func(n int) *Exchange {
		x := page(t, 1)
		x.URL = "https://news.example/" + strings.Repeat("a", n)
		return x
	}
	for name, spoil := range map[string]func(x *Exchange){
		"of a cipher suite": func(x *Exchange) { x.CipherSuite = strings.Repeat("A", maxHeader) },
		"of later fields":   func(x *Exchange) { x.CipherSuite = strings.Repeat("A", maxHeader-laterFields) },
		"of many protocols": func(x *Exchange) { x.Protocols = slices.Repeat([]string{"http/1.1"}, maxHeader/20) },
	} {
		x := page(t, 1)
		spoil(x)
		if _, err := NewResponse(x); !errors.Is(err, ErrField) {
			t.Errorf("a header too long because %s: %v", name, err)
		}
	}

	w := newWriter(t, WriterOptions{})
	of := Original{RecordID: "urn:uuid:1", URL: long(120_000).URL, Date: "2025-01-01T00:00:00Z"}
	revisit, err := NewRevisit(long(120_000), of)
	if err != nil {
		t.Fatal(err)
	}
	at := write(t, w, revisit)
	x := page(t, 1)
	x.CipherSuite = strings.Repeat("A", maxHeader-laterFields-2000)
	largest, err := NewResponse(x)
	if err != nil {
		t.Fatal(err)
	}
	largest.ConcurrentTo(slices.Repeat([]string{"urn:uuid:01234567-89ab-cdef-0123-456789abcdef"}, 100)...)
	for n := 0; largest.fits(maxHeader-5) == nil && n < laterFields; n++ {
		largest.Fields = append(largest.Fields, Field{"X", ""})
	}
	at = append(at, write(t, w, largest)...)
	largest.Fields = append(largest.Fields, Field{"X", ""})
	if _, err := w.Write(largest); !errors.Is(err, ErrField) {
		t.Errorf("a header longer by one field: %v", err)
	}
	_, file := closeOne(t, w)
	got := scan(file)
	if got.err != nil || len(got.records) != 1+len(at) || got.records[2].Get("WARC-Cipher-Suite") != x.CipherSuite {
		t.Errorf("%d records of %d, %v", len(got.records), 1+len(at), got.err)
	}
}

func TestFieldsComeBackAsTheyWereWritten(t *testing.T) {
	const uri = "https://news.example/?a=?utf-8?q?abc?=&b==?utf-8?q?abc?="
	x := page(t, 1)
	x.URL = uri
	d, err := NewRevisit(x, Original{RecordID: "urn:uuid:1", URL: uri, Date: "2025-01-01T00:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{{"X-Word", "=?nobody-knows?q?abc?="}, {"x-lower", "a:b"}, {"X-Empty", ""}, {"x-lower", "again"}}
	d.Fields = append(d.Fields, want...)
	w := newWriter(t, WriterOptions{})
	write(t, w, d)
	_, file := closeOne(t, w)
	rec := scan(file).records[1]
	if rec.TargetURI != uri || rec.Get("WARC-Target-URI") != uri || rec.Get("warc-refers-to-target-uri") != uri {
		t.Errorf("%+v", rec.Fields)
	}
	if !slices.Equal(rec.All("X-Lower"), []string{"a:b", "again"}) || rec.Get("X-Word") != want[0].Value {
		t.Errorf("%+v", rec.Fields)
	}
	if !slices.Equal(rec.Fields[2:2+len(d.Fields)], d.Fields) {
		t.Errorf("read %+v\nwritten %+v", rec.Fields, d.Fields)
	}
}

func TestContinuedAndStrangeLinesOfAHeader(t *testing.T) {
	got := scan(member(t, plain("block", "X-Folded:  one", "\t two ", "  three", "nonsense", " of it", "X-Last :v", "X-Late:", " value")))
	if got.err != nil || len(got.records) != 1 {
		t.Fatal(got.err)
	}
	for name, want := range map[string]string{"X-Folded": "one two three", "X-Last": "v", "X-Late": "value", "Content-Length": "5"} {
		if v := got.records[0].Get(name); v != want {
			t.Errorf("%s is %q, want %q", name, v, want)
		}
	}
}

func TestRequestRecordsSayTheProtocolOfTheRequestLine(t *testing.T) {
	x := page(t, 1)
	x.Protocols = []string{"http/1.0", "tls/1.2"}
	request, err := NewRequest(x, "")
	if err != nil {
		t.Fatal(err)
	}
	response, err := NewResponse(x)
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range map[*Draft]string{request: "http/1.1", response: "http/1.0"} {
		if got := d.Get("WARC-Protocol"); got != want {
			t.Errorf("the %s record says %s", d.Type, got)
		}
	}
	if !slices.Contains(request.Fields, Field{"WARC-Protocol", "tls/1.2"}) {
		t.Errorf("%v", header(request))
	}
}
