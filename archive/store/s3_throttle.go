package store

import (
	"context"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/time/rate"
)

// throttled is an HTTP client that sends bodies no faster than its limiter lets it, all of them together.
type throttled struct {
	s3.HTTPClient
	limit *rate.Limiter
}

// burst is how many bytes may go at once under a limit: a tenth of a second's, and a write of the HTTP client's at least.
func burst(bandwidth int64) int { return int(max(bandwidth/10, 32<<10)) }

func (t *throttled) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &throttledBody{r.Context(), r.Body, t.limit}
	}
	return t.HTTPClient.Do(r)
}

type throttledBody struct {
	ctx context.Context
	io.ReadCloser
	limit *rate.Limiter
}

func (b *throttledBody) Read(p []byte) (int, error) {
	p = p[:min(len(p), b.limit.Burst())]
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		if wait := b.limit.WaitN(b.ctx, n); wait != nil {
			return n, wait
		}
	}
	return n, err
}
