package index

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tearsheet/archive/warc"
)

func digest(tb testing.TB, s string) warc.Digest {
	tb.Helper()
	d, err := warc.ParseDigest(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func exampleRow(tb testing.TB) Row {
	return Row{Key: "com,example)/a", Timestamp: "20240229235959", URL: "http://example.com/a?<&>", MIME: "text/html", Status: 200,
		Digest: digest(tb, "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"),
		SHA256: digest(tb, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
		Length: 1234, Offset: 5678, File: "ts-1.warc.gz"}
}

const exampleLine = `com,example)/a 20240229235959 {"url": "http://example.com/a?<&>", "mime": "text/html", "status": "200", ` +
	`"digest": "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "length": "1234", "offset": "5678", "filename": "ts-1.warc.gz", ` +
	`"sha256": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`

func TestAppendText(t *testing.T) {
	got, err := exampleRow(t).AppendText([]byte("before "))
	if err != nil || string(got) != "before "+exampleLine {
		t.Errorf("AppendText gives\n%s, %v, want\nbefore %s", got, err, exampleLine)
	}
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	for name, change := range map[string]func(*Row){
		"as it is":                       func(*Row) {},
		"without what may be missing":    func(r *Row) { r.Status, r.MIME, r.Digest, r.SHA256 = 0, "", warc.Digest{}, warc.Digest{} },
		"quotes and backslashes":         func(r *Row) { r.URL = `http://example.com/"\` },
		"line ends and control bytes":    func(r *Row) { r.URL = "http://example.com/\r\n\x00\x7f" },
		"letters that are not ASCII":     func(r *Row) { r.URL, r.File = "http://example.com/日本\u2028", "é.warc.gz" },
		"offsets beyond four gigabytes":  func(r *Row) { r.Offset = 1 << 40 },
		"what looks like the JSON of it": func(r *Row) { r.URL = `http://example.com/", "url": "x {` },
	} {
		t.Run(name, func(t *testing.T) {
			row := exampleRow(t)
			change(&row)
			text, err := row.AppendText(nil)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.ContainsAny(text, "\r\n") || !json.Valid(text[bytes.IndexByte(text, '{'):]) {
				t.Errorf("%q is not one line with a JSON object", text)
			}
			if got, err := ParseRow(text); err != nil || got != row {
				t.Errorf("comes back as %+v, %v, want %+v", got, err, row)
			}
		})
	}
}

func TestRowsThatCannotBeWritten(t *testing.T) {
	for name, change := range map[string]func(*Row){
		"no key":                 func(r *Row) { r.Key = "" },
		"a key with a space":     func(r *Row) { r.Key = "com,example)/a b" },
		"a key with a line end":  func(r *Row) { r.Key = "com,example)/a\n" },
		"a key that is no ASCII": func(r *Row) { r.Key = "com,example)/é" },
		"no timestamp":           func(r *Row) { r.Timestamp = "" },
		"an impossible day":      func(r *Row) { r.Timestamp = "20240230000000" },
		"no URL":                 func(r *Row) { r.URL = "" },
		"a URL that is no UTF-8": func(r *Row) { r.URL = "http://example.com/\xe9" },
		"no file":                func(r *Row) { r.File = "" },
		"a negative offset":      func(r *Row) { r.Offset = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			row := exampleRow(t)
			change(&row)
			if text, err := row.AppendText(nil); err == nil {
				t.Errorf("written as %s", text)
			}
		})
	}
}

func TestParseRowOfOtherTools(t *testing.T) {
	want := exampleRow(t)
	want.SHA256 = warc.Digest{}
	for name, line := range map[string]string{
		"numbers without quotes": `com,example)/a 20240229235959 {"url":"http://example.com/a?<&>","mime":"text/html","status":200,` +
			`"digest":"sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ","length":1234,"offset":5678,"filename":"ts-1.warc.gz"}` + "\r\n",
		"pywb's digest without label and its own members": `com,example)/a 20240229235959 {"filename": "ts-1.warc.gz", "offset": "5678", ` +
			`"length": "1234", "digest": "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "status": "200", "mime": "text/html", ` +
			`"url": "http://example.com/a?<&>", "access": {"x": [1]}, "languages": "eng"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := ParseRow([]byte(line)); err != nil || got != want {
				t.Errorf("ParseRow gives %+v, %v, want %+v", got, err, want)
			}
		})
	}
	unknown := strings.Replace(exampleLine, `"mime": "text/html"`, `"mime": "unk"`, 1)
	row, err := ParseRow([]byte(unknown))
	if err != nil || row.MIME != "" {
		t.Errorf("a media type that is not known gives %+v, %v", row, err)
	}
	if text, err := row.AppendText(nil); err != nil || string(text) != unknown {
		t.Errorf("it is written as %s, %v, want %s", text, err, unknown)
	}
	revisit := `com,example)/a 20240229235959 {"url": "http://example.com/a", "mime": "warc/revisit", "status": "-", "digest": "-", "length": "1", ` +
		`"offset": "0", "filename": "f"}`
	if got, err := ParseRow([]byte(revisit)); err != nil || got.Status != 0 || !got.Digest.IsZero() {
		t.Errorf("a dash for none gives %+v, %v", got, err)
	}
}

var badLines = map[string]string{
	"nothing":                 "",
	"no JSON":                 "com,example)/a 20240229235959",
	"JSON that ends early":    exampleLine[:len(exampleLine)-9],
	"something after it":      exampleLine + "x",
	"a short timestamp":       strings.Replace(exampleLine, "20240229235959", "20240229", 1),
	"a number that is none":   strings.Replace(exampleLine, `"5678"`, `"5678x"`, 1),
	"a negative offset":       strings.Replace(exampleLine, `"5678"`, `"-1"`, 1),
	"an offset of 2^63":       strings.Replace(exampleLine, `"5678"`, `"9223372036854775808"`, 1),
	"a digest that is none":   strings.Replace(exampleLine, "sha1:3I", "sha1:!!", 1),
	"no file":                 strings.Replace(exampleLine, "filename", "filenam", 1),
	"a list for the object":   "com,example)/a 20240229235959 []",
	"a URL that is no string": strings.Replace(exampleLine, `"http://example.com/a?<&>"`, "7", 1),
}

func TestParseRowRefuses(t *testing.T) {
	for name, line := range badLines {
		t.Run(name, func(t *testing.T) {
			if row, err := ParseRow([]byte(line)); err == nil {
				t.Errorf("taken as %+v", row)
			}
		})
	}
}

func FuzzParseRow(f *testing.F) {
	f.Add([]byte(exampleLine))
	for _, line := range badLines {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		row, err := ParseRow(line)
		if err != nil {
			return
		}
		text, err := row.AppendText(nil)
		if err != nil {
			t.Fatalf("%q was read as %+v, which cannot be written: %v", line, row, err)
		}
		if again, err := ParseRow(text); err != nil || again != row {
			t.Errorf("%q comes back as %+v, %v, want %+v", text, again, err, row)
		}
	})
}

func BenchmarkParseRow(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseRow([]byte(exampleLine)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendText(b *testing.B) {
	row, buf := exampleRow(b), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = row.AppendText(buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
}
