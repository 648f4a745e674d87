package wire

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"tearsheet/archive/warc"
)

// played is a connection on which each read gives one piece, and then err.
type played struct {
	net.Conn
	pieces [][]byte
	err    error
}

func (p *played) Read(b []byte) (int, error) {
	for len(p.pieces) > 0 && len(p.pieces[0]) == 0 {
		p.pieces = p.pieces[1:]
	}
	if len(p.pieces) == 0 {
		return 0, p.err
	}
	n := copy(b, p.pieces[0])
	p.pieces[0] = p.pieces[0][n:]
	return n, nil
}

func (p *played) Write(b []byte) (int, error)      { return len(b), nil }
func (p *played) Close() error                     { return nil }
func (p *played) SetDeadline(time.Time) error      { return nil }
func (p *played) SetReadDeadline(time.Time) error  { return nil }
func (p *played) SetWriteDeadline(time.Time) error { return nil }

// play makes an exchange over p and gives its record and the body.
func play(t testing.TB, tr *Transport, k *keeper, method string, p *played) (record, fetched, error) {
	t.Helper()
	k.records = nil
	tr.pool.put(&conn{Conn: p, socket: p, key: "http://origin.test 80", protocols: []string{"http/1.1"}})
	f, err := do(t, tr, newGet(context.Background(), t, method, "http://origin.test/"))
	if len(k.records) != 1 {
		t.Fatalf("%d records", len(k.records))
	}
	tr.pool.mu.Lock()
	waiting := slices.Clone(tr.pool.idle["http://origin.test 80"])
	for _, c := range waiting {
		tr.pool.remove(c)
	}
	tr.pool.mu.Unlock()
	return k.records[0], f, err
}

// TestEveryCutGivesTheSameRecord: how TCP cuts an answer into reads must not show.
func TestEveryCutGivesTheSameRecord(t *testing.T) {
	t.Parallel()
	k := &keeper{}
	tr := newTransport(t, k, nil)
	for _, c := range allCases() {
		wire := []byte(c.sent())
		surplus := strings.Contains(strings.Join(c.notes, ""), "surplus")
		if c.truncated == warc.TruncatedUnspecified || len(wire) > 4000 {
			continue // what makes no sense is given up at once, with all that has come: no moment is the right one
		}
		method := c.method
		if method == "" {
			method = http.MethodGet
		}
		ends := map[ending]error{closes: io.EOF, resets: syscall.ECONNRESET}
		for cut := 0; cut <= len(wire); cut++ {
			if cut > 130 && cut%97 != 0 {
				continue
			}
			end, ok := ends[c.answer.end]
			if !ok {
				end = os.ErrDeadlineExceeded
			}
			pieces := [][]byte{bytes.Clone(wire[:cut]), bytes.Clone(wire[cut:])}
			r, f, err := play(t, tr, k, method, &played{pieces: pieces, err: end})
			c := c
			if surplus { // it is seen when it comes with the message
				c.notes = r.Notes
			}
			c.checkOutcome(t, f, err)
			c.checkRecord(t, r, f)
			if t.Failed() {
				t.Fatalf("%s, cut at %d", c.name, cut)
			}
		}
	}
}

// FuzzExchange plays any bytes in two reads: the record must be what came, up to the end of the message, and the body its entity.
func FuzzExchange(f *testing.F) {
	for _, c := range allCases() {
		if s := c.sent(); len(s) < 4000 {
			f.Add([]byte(s), len(s)/2)
		}
	}
	k := &keeper{}
	tr := newTransport(f, k, func(o *Options) {
		o.Limits = Limits{HeadBytes: 4096, BodyBytes: 8192, LineBytes: 256, Decoded: 1 << 20}
	})
	f.Fuzz(func(t *testing.T, wire []byte, cut int) {
		cut = min(max(cut, 0), len(wire))
		pieces := [][]byte{bytes.Clone(wire[:cut]), bytes.Clone(wire[cut:])}
		r, got, err := play(t, tr, k, http.MethodGet, &played{pieces: pieces, err: io.EOF})
		if !bytes.Contains(wire, r.response) {
			t.Fatalf("the record %q is not what came: %q", r.response, wire)
		}
		if (err != nil) == (got.Response != nil) || err != nil && r.Failure == "" || r.Truncated != "" && r.Failure == "" {
			t.Fatalf("error %v, response %v, failure %q, truncated %q", err, got.Response, r.Failure, r.Truncated)
		}
		if err != nil {
			return
		}
		if r.HeadLength+r.PayloadLength > int64(len(r.response)) || !r.Chunked && r.HeadLength+r.PayloadLength != int64(len(r.response)) {
			t.Fatalf("head %d, payload %d, record %d", r.HeadLength, r.PayloadLength, len(r.response))
		}
		x := &warc.Exchange{Response: bytes.NewReader(r.response), HeadLength: r.HeadLength, Chunked: r.Chunked}
		entity, err := io.ReadAll(newEntity(x, &tr.limits))
		if err != nil || warc.NewDigest(warc.SHA256, sum256(string(entity))) != r.PayloadSHA256 {
			t.Fatalf("the entity read back, %q (%v), is not the one that was digested", entity, err)
		}
		if bytewise, err := io.ReadAll(iotest.OneByteReader(newEntity(x, &tr.limits))); err != nil || !bytes.Equal(bytewise, entity) {
			t.Fatalf("read byte by byte the entity is %q (%v), not %q", bytewise, err, entity)
		}
		if (len(got.decoding.Codings) == 0 || got.decoding.Raw) && !bytes.Equal(got.body, entity) {
			t.Fatalf("body %q, entity %q", got.body, entity)
		}
	})
}
