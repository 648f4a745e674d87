package wire

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tearsheet/archive/warc"
)

// BenchmarkRoundTrip fetches and reads bodies over one kept-alive connection on loopback; net/http, which records nothing, is the measure.
func BenchmarkRoundTrip(b *testing.B) {
	for _, size := range []int{2 << 10, 60 << 10, 1 << 20} {
		body := []byte(strings.Repeat("x", size))
		origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/jpeg")
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			w.Write(body)
		}))
		defer origin.Close()
		tr := newTransport(b, recorderFunc(func(*warc.Exchange) error { return nil }), nil)
		plain := &http.Transport{}
		defer plain.CloseIdleConnections()
		for name, rt := range map[string]http.RoundTripper{"wire": tr, "net-http": plain} {
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				r := newGet(b.Context(), b, http.MethodGet, origin.URL)
				buf := make([]byte, 64<<10)
				for b.Loop() {
					resp, err := rt.RoundTrip(r)
					if err != nil {
						b.Fatal(err)
					}
					if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{resp.Body}, buf); err != nil || n != int64(size) {
						b.Fatal(n, err)
					}
					resp.Body.Close()
				}
			})
		}
	}
}
