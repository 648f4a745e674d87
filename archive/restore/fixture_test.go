package restore

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// press is an archive in memory that tests print pages for.
type press struct {
	*archive.Archive
	store *storetest.Memory
	work  string
}

func newPress(tb testing.TB) *press {
	tb.Helper()
	p := &press{store: &storetest.Memory{}, work: tb.TempDir()}
	a, err := archive.Open(tb.Context(), p.store, archive.Options{Work: p.work, Software: "tearsheet/test", Now: func() time.Time { return noon }})
	if err != nil {
		tb.Fatal(err)
	}
	p.Archive = a
	return p
}

// answer is what a server gave for a URL.
type answer struct {
	url, mime, body string
	kind            page.Kind
	status          int    // 0 for 200
	header          string // more fields, each with its line end
	failure         string // instead of an answer
	notes           int    // bytes of metadata
	tls             *warc.Handshake
}

func (r answer) exchange() *warc.Exchange {
	x := &warc.Exchange{URL: r.url, Method: "GET", Started: noon, Request: strings.NewReader("GET / HTTP/1.1\r\n\r\n"), Failure: r.failure, TLS: r.tls}
	if r.failure != "" {
		return x
	}
	x.Status = r.status
	if x.Status == 0 {
		x.Status = http.StatusOK
	}
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n", x.Status, http.StatusText(x.Status), r.mime, r.header, len(r.body))
	block, payload, old := sha256.Sum256([]byte(head+r.body)), sha256.Sum256([]byte(r.body)), sha1.Sum([]byte(r.body))
	x.Header = http.Header{"Content-Type": {r.mime}}
	x.Response, x.HeadLength, x.PayloadLength = strings.NewReader(head+r.body), int64(len(head)), int64(len(r.body))
	x.BlockSHA256, x.PayloadSHA256 = warc.NewDigest(warc.SHA256, block[:]), warc.NewDigest(warc.SHA256, payload[:])
	x.PayloadSHA1 = warc.NewDigest(warc.SHA1, old[:])
	return x
}

// print commits a run with one page: its document and requisites.
func (p *press) print(tb testing.TB, document answer, requisites ...answer) archive.PageRef {
	tb.Helper()
	run, err := p.Begin(tb.Context(), archive.RunOptions{Kind: archive.KindCapture})
	if err != nil {
		tb.Fatal(err)
	}
	record := func(r answer, hop archive.Hop) archive.Kept {
		hop.Fields = []warc.Field{{Name: "notes", Value: strings.Repeat("n", r.notes)}}
		k, err := run.Record(tb.Context(), r.exchange(), hop)
		if err != nil {
			tb.Fatal(err)
		}
		k.Kind = string(r.kind)
		return k
	}
	capture := record(document, archive.Hop{})
	listed := archive.Page{URL: document.url, Time: noon, Title: "Storm closes harbour", Verdict: archive.OK, Capture: &capture}
	for _, r := range requisites {
		listed.Requisites = append(listed.Requisites, record(r, archive.Hop{Via: document.url, Path: "E"}))
	}
	if err := run.AddPage(tb.Context(), listed); err != nil {
		tb.Fatal(err)
	}
	if _, err := run.Commit(tb.Context(), archive.Complete); err != nil {
		tb.Fatal(err)
	}
	return p.page(tb, document.url)
}

// page gives the newest capture of a URL.
func (p *press) page(tb testing.TB, url string) archive.PageRef {
	tb.Helper()
	for ref, err := range p.Pages(tb.Context(), archive.Query{URL: url}) {
		if err != nil {
			tb.Fatal(err)
		}
		return ref
	}
	tb.Fatalf("%s is not in the archive", url)
	return archive.PageRef{}
}

const site = "https://www.gazette.example"

// picture gives PNG bytes that differ by shade and are too long for a record without revisit.
func picture(tb testing.TB, shade uint8) string {
	tb.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 60, 40))
	noise := rand.New(rand.NewPCG(uint64(shade), 0))
	for i := range img.Pix {
		img.Pix[i] = uint8(noise.Uint32())
	}
	img.Set(0, 0, color.RGBA{R: shade, A: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

const article = `<!DOCTYPE html>
<html lang=en><head>
<meta charset="utf-8"><title>Storm closes harbour</title>
<meta http-equiv=refresh content="300">
<link rel="stylesheet" href="/style.css?v=2" integrity="sha256-x" crossorigin onload="boot()">
<link rel=preconnect href=//cdn.gazette.example>
<link rel="canonical" href="/2026/storm">
<script src="/app.js"></script>
</head><body onload="start()">
<img src="/lead.png" srcset="/lead.png 1x, /lead,2.png 2x" alt='Waves &amp; wind'>
<img class=lazy data-src="/lazy.png" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><noscript><img src="/lazy.png?w=9"></noscript>
<img src="/gone.png">
<p style="background:url(/bg.png)">Photo: <a href="/people/ana">Ana Lindqvist</a>/Harbour Pictures</p>
<script>document.write("<img src=https://evil.example/x>")</script>
</body></html>
`

func (p *press) printArticle(tb testing.TB) archive.PageRef {
	tb.Helper()
	return p.print(tb, answer{url: site + "/2026/storm", mime: "text/html; charset=utf-8", body: article},
		answer{url: site + "/style.css?v=2", mime: "text/css", kind: page.KindStyle,
			body: `@import "more.css"; h1 { background: url(bg.png) } /* url(no.png) */ @font-face { src: url('/f.woff2') }`},
		answer{url: site + "/more.css", mime: "text/css", kind: page.KindStyle, body: "p { color: teal }"},
		answer{url: site + "/lead.png", mime: "image/png", kind: page.KindImage, body: picture(tb, 1)},
		answer{url: site + "/lead,2.png", mime: "image/png", kind: page.KindImage, body: picture(tb, 2), notes: 40_000},
		answer{url: site + "/lazy.png", mime: "image/png", kind: page.KindImage, body: picture(tb, 3)},
		answer{url: site + "/bg.png", kind: page.KindImage, status: 301, header: "Location: /bg2.png\r\n"},
		answer{url: site + "/bg2.png", mime: "image/png", kind: page.KindImage, body: picture(tb, 1)}, // the same as lead.png: a revisit
		answer{url: site + "/f.woff2", mime: "font/woff2", kind: page.KindFont, body: "wOF2"},
		answer{url: site + "/gone.png", kind: page.KindImage, failure: "dial: connection refused"},
	)
}

// tamper flips a bit in the payload of a stored record.
func (p *press) tamper(tb testing.TB, run string, k archive.Kept) {
	tb.Helper()
	key := archive.ObjectKey(run, "archive/"+k.File)
	p.store.Tamper(key, func(data []byte) []byte {
		data[k.Offset+k.Length-40] ^= 1
		return data
	})
}

// forge changes a byte of a stored payload and mends the checksum of the gzip member, so that only the digests still tell.
func (p *press) forge(tb testing.TB, run string, k archive.Kept, payload string) {
	tb.Helper()
	p.store.Tamper(archive.ObjectKey(run, "archive/"+k.File), func(data []byte) []byte {
		member := data[k.Offset : k.Offset+k.Length]
		z, err := gzip.NewReader(bytes.NewReader(member))
		if err != nil {
			tb.Fatal(err)
		}
		content, err := io.ReadAll(z)
		if err != nil {
			tb.Fatal(err)
		}
		stored, plain := bytes.Index(member, []byte(payload)), bytes.Index(content, []byte(payload))
		if stored < 0 || plain < 0 {
			tb.Fatal("the payload is not stored as it is")
		}
		member[stored] ^= 1
		content[plain] ^= 1
		binary.LittleEndian.PutUint32(member[len(member)-8:], crc32.ChecksumIEEE(content))
		return data
	})
}

func readFile(tb testing.TB, parts ...string) string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func requisite(tb testing.TB, ref archive.PageRef, url string) archive.Kept {
	tb.Helper()
	for _, k := range ref.Page.Requisites {
		if k.URL == url {
			return k
		}
	}
	tb.Fatalf("%s was not captured", url)
	return archive.Kept{}
}
