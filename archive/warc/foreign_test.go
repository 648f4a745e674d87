package warc

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// response is a response record as another writer might make it.
func response(http string, fields ...string) string {
	r := plain(http, append([]string{"WARC-Target-URI: <https://a.example/>"}, fields...)...)
	r = strings.Replace(r, "WARC-Type: resource", "WARC-Type: response", 1)
	return strings.Replace(r, "Content-Type: text/plain", "Content-Type: application/http; msgtype=response", 1)
}

func sha1Of(s string) Digest { sum := sha1.Sum([]byte(s)); return NewDigest(SHA1, sum[:]) }

func sha256Of(s string) Digest { sum := sha256.Sum256([]byte(s)); return NewDigest(SHA256, sum[:]) }

func TestRecordsOfOtherWritersAreExamined(t *testing.T) {
	const head = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n"
	const chunkedHead = "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n"
	const chunked = "3\r\n<p>\r\n0\r\nX-Trailer: 1\r\n\r\n"
	for name, c := range map[string]struct {
		record  string
		payload string // "-" for none
		remarks []string
	}{
		"no digests at all":                     {response(head + "<p>"), "<p>", nil},
		"digests that fit":                      {response(head+"<p>", "WARC-Payload-Digest: "+sha1Of("<p>").String(), "WARC-Block-Digest: "+sha1Of(head+"<p>").String()), "<p>", nil},
		"the digest of another payload":         {response(head+"<p>", "WARC-Payload-Digest: "+sha1Of("x").String()), "<p>", []string{"WARC-Payload-Digest is"}},
		"the digest of another block":           {response(head+"<p>", "WARC-Block-Digest: "+sha256Of("x").String()), "<p>", []string{"WARC-Block-Digest is"}},
		"a digest that is none":                 {response(head+"<p>", "WARC-Payload-Digest: sha1:short"), "<p>", []string{"WARC-Payload-Digest: digest"}},
		"a digest of an unknown algorithm":      {response(head+"<p>", "WARC-Payload-Digest: md5:d41d8cd98f00b204e9800998ecf8427e"), "<p>", nil},
		"chunks, and the digest of the entity":  {response(chunkedHead+chunked, "WARC-Payload-Digest: "+sha1Of("<p>").String()), "<p>", nil},
		"chunks, and the digest with framing":   {response(chunkedHead+chunked, "WARC-Payload-Digest: "+sha1Of(chunked).String()), "<p>", nil},
		"chunks, and the digest of neither":     {response(chunkedHead+chunked, "WARC-Payload-Digest: "+sha256Of("x").String()), "<p>", []string{"WARC-Payload-Digest is"}},
		"chunked in name only":                  {response(chunkedHead + "<p>"), "<p>", nil},
		"a block that is no HTTP":               {response("SSH-2.0-OpenSSH\r\n"), "-", []string{"no HTTP message"}},
		"a resource":                            {plain("text"), "text", nil},
		"a conversion":                          {strings.Replace(plain("text"), "resource", "conversion", 1), "text", nil},
		"a segment":                             {response(head+"<p>", "WARC-Segment-Number: 1", "WARC-Payload-Digest: "+sha1Of("all").String()), "-", nil},
		"a revisit":                             {strings.Replace(response(head, "WARC-Payload-Digest: "+sha1Of("<p>").String()), "response", "revisit", 1), "-", nil},
		"neither id nor date":                   {"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 0\r\n\r\n\r\n\r\n", "-", []string{"no WARC-Record-ID", "no WARC-Date"}},
		"HTTP/2 in its status line, LF alone":   {response("HTTP/2 200\ncontent-type: text/html\n\n<p>"), "<p>", nil},
		"a dns record, as Heritrix writes them": {strings.Replace(strings.Replace(plain("20200203040506\na.example. 60 IN A 192.0.2.1\n"), "resource", "response", 1), "text/plain", "text/dns", 1), "20200203040506\na.example. 60 IN A 192.0.2.1\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for form, file := range map[string][]byte{"plain": []byte(c.record), "gzip": member(t, c.record)} {
				rec, err := ReadAt(bytes.NewReader(file), 0, int64(len(file)))
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				a, err := Examine(rec)
				if err != nil || rec.Length != int64(len(file)) {
					t.Fatalf("%s: %v, %d bytes of %d", form, err, rec.Length, len(file))
				}
				if c.payload == "-" != a.SHA1.IsZero() {
					t.Errorf("%s: %+v", form, a)
				}
				if c.payload != "-" && (a.SHA1 != sha1Of(c.payload) || a.SHA256 != sha256Of(c.payload) || a.Length != int64(len(c.payload))) {
					t.Errorf("%s: the payload is not %q: %+v", form, c.payload, a)
				}
				ok := len(a.Remarks) == len(c.remarks)
				for i := range min(len(a.Remarks), len(c.remarks)) {
					ok = ok && strings.Contains(a.Remarks[i], c.remarks[i])
				}
				if !ok {
					t.Errorf("%s: remarks %q, expected %q", form, a.Remarks, c.remarks)
				}
			}
		})
	}
}

func TestARecordOfAnotherWriterThatIsCutIsDamage(t *testing.T) {
	whole := response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n0\r\n\r\n", "WARC-Payload-Digest: "+sha1Of("<p>").String())
	for _, file := range [][]byte{[]byte(whole), member(t, whole)} {
		for cut := range file {
			for rec, err := range Read(bytes.NewReader(file[:cut])) {
				if err == nil {
					_, err = Examine(rec)
				}
				var damage *Damage
				if !errors.As(err, &damage) {
					t.Fatalf("cut at %d of %d: %v", cut, len(file), err)
				}
			}
		}
	}
}

func TestFilesThatAreNoWARCAreToldApart(t *testing.T) {
	solid := member(t, plain("one")+plain("two"))
	for name, c := range map[string]struct {
		file string
		what string // "" for WARC
	}{
		"plain":           {plain("x"), ""},
		"gzip":            {string(member(t, plain("x"))), ""},
		"gzip as a whole": {string(solid), ""},
		"an empty member": {string(member(t, "")) + string(member(t, plain("x"))), ""},
		"a torn record":   {plain("x")[:len(plain("x"))-3], ""},
		"empty":           {"", "empty"},
		"gzip of nothing": {string(member(t, "")), "empty"},
		"only white":      {"\r\n", "neither gzip nor WARC"},
		"HTML":            {"<!doctype html>", "neither gzip nor WARC"},
		"gzip of HTML":    {string(member(t, "<!doctype html>")), "begins with a damaged record"},
		"a torn header":   {"WARC/1.0\r\nWARC-Type: warcinfo", "begins with a damaged record"},
		"zip":             {"PK\x03\x04\x14\x00\x00\x00\x08\x00", "WACZ"},
		"zstd":            {"\x28\xb5\x2f\xfd\x04\x00", "zstd -d"},
		"zstd with a dictionary in front, as wget-at writes": {"\x5d\x2a\x4d\x18\x04\x00", "zstd -d"},
		"ARC":   {"filedesc://x.arc 0.0.0.0 20200203040506 text/plain 10\n", "ARC"},
		"bzip2": {"BZh91AY", "bzip2"},
		"xz":    {"\xfd7zXZ\x00", "xz"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Sniff(strings.NewReader(c.file))
			if c.what == "" && err != nil || c.what != "" && (!errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), c.what)) {
				t.Errorf("%v, expected %q", err, c.what)
			}
		})
	}
}

func TestAFileThatWasCompressedAsAWholeIsRepackedRecordForRecord(t *testing.T) {
	content := plain("one") + response("HTTP/1.1 200 OK\r\n\r\n"+strings.Repeat("x", 100_000)) + strings.TrimSuffix(plain("odd"), "\r\n") + plain("last")
	got := scan(member(t, content))
	if !errors.Is(got.err, ErrSolid) || !errors.Is(got.err, ErrLength) {
		t.Fatalf("it is not told: %v", got.err)
	}
	var out bytes.Buffer
	if err := Repack(&out, strings.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(z); err != nil || string(unpacked) != content {
		t.Errorf("unpacked it is not what it was: %d bytes, expected %d, %v", len(unpacked), len(content), err)
	}
	if again := scan(out.Bytes()); again.err != nil || len(again.records) != 4 || again.blocks[3] != "last" {
		t.Errorf("%d records, %v", len(again.records), again.err)
	}
	var damage *Damage
	if err := Repack(io.Discard, strings.NewReader(content[:len(content)-2]), int64(len(content)-2)); !errors.As(err, &damage) {
		t.Errorf("a cut file: %v", err)
	}
}

func TestBehindDamageOnlyRecordsOfTheFilesOwnWriterCount(t *testing.T) {
	named := string(member(t, plain("named", "WARC-Warcinfo-ID: <urn:info>")))
	stranger := string(member(t, plain("from a server")))
	file := "damage" + stranger + named
	at, err := NextMember(strings.NewReader(file), int64(len(file)), 0, "urn:info")
	if want := int64(len("damage" + stranger)); err != nil || at != want {
		t.Errorf("at %d, %v; expected %d", at, err, want)
	}
	if at, err := NextMember(strings.NewReader(file), int64(len(file)), 0, ""); err != nil || at != -1 {
		t.Errorf("without a warcinfo record: %d, %v", at, err)
	}
}

func FuzzExamine(f *testing.F) {
	f.Add([]byte(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n0\r\n\r\n", "WARC-Payload-Digest: sha1:AAAA")))
	f.Add(member(f, plain("x")))
	f.Add(member(f, plain("x")+plain("y")))
	f.Add([]byte(fmt.Sprintf("WARC/0.18\r\nWARC-Type: revisit\r\nContent-Length: %d\r\n\r\n\r\n\r\n", 0)))
	f.Fuzz(func(t *testing.T, b []byte) {
		sniffed := Sniff(bytes.NewReader(b))
		n := 0
		for rec, err := range Read(bytes.NewReader(b)) {
			if err != nil {
				break
			}
			n++
			a, err := Examine(rec)
			if err != nil {
				break
			}
			if a.Length < 0 || a.Length > rec.BlockLength {
				t.Errorf("a payload of %d bytes in a block of %d", a.Length, rec.BlockLength)
			}
		}
		if sniffed != nil && n > 0 {
			t.Errorf("%d records in a file that is said to be none: %v", n, sniffed)
		}
	})
}
