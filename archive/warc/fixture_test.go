package warc

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var testDate = time.Date(2026, 3, 4, 5, 6, 7, 891234000, time.UTC)

// exchange makes an exchange as the crawler would: head and body are what came over the wire, entity is what the payload digests cover.
func exchange(t testing.TB, url, head, body, entity string) *Exchange {
	t.Helper()
	head = strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n"
	parsed, err := ParseHead([]byte(head))
	if err != nil {
		t.Fatal(err)
	}
	block := []byte(head + body)
	blockSum, sum256, sum1 := sha256.Sum256(block), sha256.Sum256([]byte(entity)), sha1.Sum([]byte(entity))
	return &Exchange{
		URL:           url,
		Method:        "GET",
		Started:       testDate,
		Request:       strings.NewReader("GET / HTTP/1.1\r\nHost: news.example\r\n\r\n"),
		Response:      bytes.NewReader(block),
		Status:        parsed.Status,
		Header:        parsed.Header,
		HeadLength:    int64(len(head)),
		Chunked:       parsed.Chunked(),
		BlockSHA256:   NewDigest(SHA256, blockSum[:]),
		PayloadSHA256: NewDigest(SHA256, sum256[:]),
		PayloadSHA1:   NewDigest(SHA1, sum1[:]),
		PayloadLength: int64(len(entity)),
		IP:            netip.MustParseAddr("192.0.2.7"),
		Protocols:     []string{"http/1.1", "tls/1.3"},
		CipherSuite:   "TLS_AES_128_GCM_SHA256",
		Timing:        Timing{Connect: 1500 * time.Microsecond, Total: 25 * time.Millisecond},
	}
}

// page is a small identity answer.
func page(t testing.TB, n int) *Exchange {
	body := fmt.Sprintf("<p>Page %d of the paper.</p>\n", n)
	return exchange(t, fmt.Sprintf("https://news.example/%d", n), "HTTP/1.1 200 OK\nContent-Type: text/html", body, body)
}

// drafts makes request, response and metadata records of x, related to each other.
func drafts(t testing.TB, x *Exchange) []*Draft {
	t.Helper()
	response, err := NewResponse(x)
	if err != nil {
		t.Fatal(err)
	}
	request, err := NewRequest(x, response.ID)
	if err != nil {
		t.Fatal(err)
	}
	response.ConcurrentTo(request.ID)
	metadata, err := NewMetadata(x, response.ID, []Field{{"hopsFromSeed", "E"}})
	if err != nil {
		t.Fatal(err)
	}
	return []*Draft{response, request, metadata}
}

func newWriter(t testing.TB, o WriterOptions) *Writer {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Prefix == "" {
		o.Prefix = "test"
	}
	w, err := NewWriter(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func write(t testing.TB, w *Writer, ds ...*Draft) []Position {
	t.Helper()
	at, err := w.Write(ds...)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// closeOne closes w and returns the path and the bytes of its only file.
func closeOne(t testing.TB, w *Writer) (string, []byte) {
	t.Helper()
	paths, err := w.Close()
	if err != nil || len(paths) != 1 {
		t.Fatalf("Close: %v, %v", paths, err)
	}
	b, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return paths[0], b
}

// file makes a WARC file of n pages and returns its bytes.
func warcFile(t testing.TB, n int) []byte {
	t.Helper()
	w := newWriter(t, WriterOptions{})
	for i := range n {
		write(t, w, drafts(t, page(t, i))...)
	}
	_, b := closeOne(t, w)
	return b
}

// scanned is what a test wants to know of a file: the records up to its end or to its damage.
type scanned struct {
	records []*Record
	blocks  []string
	err     error
}

func scan(file []byte) scanned { return scanFrom(bytes.NewReader(file)) }

func scanFrom(r io.Reader) (s scanned) {
	for rec, err := range Read(r) {
		if err != nil {
			s.err = err
			return s
		}
		block, err := io.ReadAll(rec.Block)
		if err != nil {
			s.err = err
			return s
		}
		s.records = append(s.records, rec)
		s.blocks = append(s.blocks, string(block))
	}
	return s
}

// names lists the files of a folder.
func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func noise(n int) string {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b)
	return string(b)
}

func inDir(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
