package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAWholeIsReadHereAndThere(t *testing.T) {
	long := strings.Repeat(text, 2000)
	for _, c := range []struct{ name, wire string }{
		{"plain", ok(long)},
		{"in chunks", chunked(fmt.Sprintf("10\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", long[:16], len(long)-16, long[16:]))},
		{"gzip", ok(gzipped(long), "Content-Encoding: gzip")},
		{"falsely called gzip", ok(long, "Content-Encoding: gzip")},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOrigin(t, nil, func(string) answer { return answer{wire: c.wire} })
			tr := newTransport(t, &keeper{}, nil)
			resp, err := tr.RoundTrip(newGet(t.Context(), t, http.MethodGet, o.url))
			if err != nil {
				t.Fatal(err)
			}
			body := resp.Body.(*Body)
			for _, most := range []int64{int64(len(long)) + 1, int64(len(long)), 100} {
				w, err := body.Whole(most)
				if err != nil {
					t.Fatal(err)
				}
				got := make([]byte, 7)
				n, err := w.ReadAt(got, w.Size()-7)
				if want := long[w.Size()-7 : w.Size()]; string(got[:n]) != want || err != nil && !errors.Is(err, io.EOF) {
					t.Errorf("of %d bytes the last are %q, %v; want %q", w.Size(), got[:n], err, want)
				}
				if w.Size() != min(most, int64(len(long))) || w.Cut() != (most < int64(len(long))) {
					t.Errorf("at most %d bytes gave %d, cut %v", most, w.Size(), w.Cut())
				}
				if err := w.Close(); err != nil {
					t.Error(err)
				}
			}
			if err := body.Close(); err != nil {
				t.Error(err)
			}
			if _, err := body.Whole(1); !errors.Is(err, http.ErrBodyReadAfterClose) {
				t.Errorf("after Close: %v", err)
			}
			if free := tr.spools.free.Load(); free != tr.limits.MemoryBytes {
				t.Errorf("%d bytes of the spools are not given back", tr.limits.MemoryBytes-free)
			}
		})
	}
}

func TestAWholeOnAFullDisk(t *testing.T) {
	packed := ok(gzipped(strings.Repeat(text, 2000)), "Content-Encoding: gzip")
	o := newOrigin(t, nil, func(string) answer { return answer{wire: packed} })
	tr := newTransport(t, &keeper{}, nil)
	resp, err := tr.RoundTrip(newGet(t.Context(), t, http.MethodGet, o.url))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	full := errors.New("the disk is full")
	tr.spools.perSpool, tr.spools.create = 10, func() (spoolFile, error) { return nil, full }
	if _, err := resp.Body.(*Body).Whole(1 << 20); !errors.Is(err, full) {
		t.Errorf("error %v, want it to wrap %v", err, full)
	}
}
