//go:build unix

package warc

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// article is what one article of the reference crawl brings: a page, sent plain or compressed, and its pictures.
func article(b *testing.B) []*Exchange {
	words := strings.Fields("the council voted on Tuesday to photograph every bridge in the city before winter and to publish what it finds online")
	var html strings.Builder
	for i := 0; html.Len() < 80<<10; i++ {
		fmt.Fprintf(&html, "<p class=\"t%d\">%s %s %x</p>\n", i%7, words[i*7%len(words)], words[i*i%len(words)], i*2654435761)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, html.String())
	z.Close()
	type answer struct{ url, head, body string }
	var xs []*Exchange
	for _, a := range []answer{
		{"https://news.example/a", "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8", html.String()},
		{"https://news.example/b", "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nContent-Encoding: gzip", zipped.String()},
		{"https://news.example/l.jpg", "HTTP/1.1 200 OK\nContent-Type: image/jpeg", noise(150 << 10)},
		{"https://news.example/s.jpg", "HTTP/1.1 200 OK\nContent-Type: image/jpeg", noise(60 << 10)},
	} {
		xs = append(xs, exchange(b, a.url, a.head, a.body, a.body))
	}
	return xs
}

// fetchDigests does what the crawler does while it fetches: the block's digest, and both of the payload.
func fetchDigests(x *Exchange) {
	block, payload, cdx := sha256.New(), sha256.New(), sha1.New()
	io.Copy(block, io.NewSectionReader(x.Response, 0, x.Response.Size()))
	io.Copy(io.MultiWriter(payload, cdx), io.NewSectionReader(x.Response, x.HeadLength, x.Response.Size()-x.HeadLength))
	x.BlockSHA256 = NewDigest(SHA256, block.Sum(nil))
	x.PayloadSHA256 = NewDigest(SHA256, payload.Sum(nil))
	x.PayloadSHA1 = NewDigest(SHA1, cdx.Sum(nil))
}

// limit is as little as a WARC file can cost: header bytes, digests, one buffered gzip member a record, no checks and no roll back.
type limit struct {
	buf          *bufio.Writer
	text, stored *gzip.Writer
}

func newLimit(f io.Writer) *limit {
	l := &limit{buf: bufio.NewWriterSize(f, writeBuffer)}
	l.text, _ = gzip.NewWriterLevel(l.buf, textLevel)
	l.stored, _ = gzip.NewWriterLevel(l.buf, gzip.NoCompression)
	return l
}

func (l *limit) record(kind, url, date, digests, contentType string, stored bool, block Block) {
	z := l.text
	if stored {
		z = l.stored
	}
	z.Reset(l.buf)
	fmt.Fprintf(z, "WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:4d1f9d2e-0000-4000-8000-000000000000>\r\nWARC-Date: %s\r\n"+
		"WARC-Target-URI: %s\r\nWARC-IP-Address: 192.0.2.7\r\nWARC-Protocol: http/1.1\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n",
		kind, date, url, contentType, digests, block.Size())
	io.Copy(z, io.NewSectionReader(block, 0, block.Size()))
	io.WriteString(z, "\r\n\r\n")
	z.Close()
}

func (l *limit) exchange(x *Exchange) {
	fetchDigests(x)
	date := x.Started.Format(dateLayout)
	l.record("response", x.URL, date, "WARC-Block-Digest: "+x.BlockSHA256.String()+"\r\nWARC-Payload-Digest: "+x.PayloadSHA256.String()+
		"\r\nWARC-Payload-Digest-SHA1: "+x.PayloadSHA1.String()+"\r\n", typeHTTPResponse, compressed(x.Header), x.Response)
	d, _ := digestBlock(x.Request)
	l.record("request", x.URL, date, "WARC-Block-Digest: "+d.String()+"\r\n", typeHTTPRequest, false, x.Request)
	l.buf.Flush()
}

// cpuTime is what this process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkWriteAgainstLimit reports, as x-limit, the CPU time of recording an article (digests, drafts, Writer) over that of the limit. Both
// run in turns in one process, so that what else the machine does falls on both.
func BenchmarkWriteAgainstLimit(b *testing.B) {
	xs := article(b)
	dir := b.TempDir()
	w := newWriter(b, WriterOptions{Dir: dir})
	f, err := os.Create(dir + "/limit.warc.gz")
	if err != nil {
		b.Fatal(err)
	}
	l := newLimit(f)
	var ours, least time.Duration
	var bytes int64
	const rounds = 20
	b.ReportAllocs()
	for b.Loop() {
		start := cpuTime(b)
		for range rounds {
			for _, x := range xs {
				l.exchange(x)
			}
		}
		middle := cpuTime(b)
		for range rounds {
			for _, x := range xs {
				fetchDigests(x)
				d, err := NewResponse(x)
				if err != nil {
					b.Fatal(err)
				}
				r, err := NewRequest(x, d.ID)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := w.Write(d, r); err != nil {
					b.Fatal(err)
				}
				bytes += x.Response.Size()
			}
		}
		end := cpuTime(b)
		least += middle - start
		ours += end - middle
	}
	if _, err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(ours)/float64(least), "x-limit")
	b.ReportMetric(float64(bytes)/1e6/ours.Seconds(), "MB/cpu-s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkWriteExchange is one page with its request and metadata.
func BenchmarkWriteExchange(b *testing.B) {
	x := page(b, 1)
	w := newWriter(b, WriterOptions{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Write(drafts(b, x)...); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkReadAt reads records by position, against inflating the same members and nothing else.
func BenchmarkReadAt(b *testing.B) {
	xs := article(b)
	w := newWriter(b, WriterOptions{})
	var at []Position
	for _, x := range xs {
		d, err := NewResponse(x)
		if err != nil {
			b.Fatal(err)
		}
		at = append(at, write(b, w, d)...)
	}
	path, _ := closeOne(b, w)
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.Run("record", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			p := at[i%len(at)]
			rec, err := ReadAt(f, p.Offset, p.Length)
			if err != nil {
				b.Fatal(err)
			}
			if err := rec.Finish(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("inflate", func(b *testing.B) {
		var z gzip.Reader
		buf := bufio.NewReaderSize(nil, readBuffer)
		for i := 0; b.Loop(); i++ {
			p := at[i%len(at)]
			buf.Reset(io.NewSectionReader(f, p.Offset, p.Length))
			if err := z.Reset(buf); err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, struct{ io.Reader }{&z}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRead is the throughput of reading a file from end to end.
func BenchmarkRead(b *testing.B) {
	file := warcFile(b, 100)
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		for rec, err := range Read(bytes.NewReader(file)) {
			if err != nil {
				b.Fatal(err)
			}
			if err := rec.Finish(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkParseHead(b *testing.B) {
	raw := []byte("HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 1000\r\n" +
		"Cache-Control: max-age=60\r\nVary: Accept-Encoding\r\nETag: \"abc\"\r\nX-Cache: HIT\r\nServer: nginx\r\nConnection: keep-alive\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseHead(raw); err != nil {
			b.Fatal(err)
		}
	}
}
