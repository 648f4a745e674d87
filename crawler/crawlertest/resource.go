package crawlertest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"
)

// resource is one thing that the paper serves. Its body is made when it is first asked for, and then kept: an edition of thousands of
// photographs starts at once.
type resource struct {
	contentType string
	modified    time.Time
	plain       func() (entity, error)
	gzipped     func() (entity, error) // nil for what does not shrink
}

// entity is a body with its strong validator.
type entity struct {
	body []byte
	etag string
}

func newEntity(body []byte) entity {
	sum := sha256.Sum256(body)
	return entity{body, `"` + hex.EncodeToString(sum[:8]) + `"`}
}

func newResource(contentType string, modified time.Time, body func() ([]byte, error)) *resource {
	r := &resource{contentType: contentType, modified: modified}
	r.plain = sync.OnceValues(func() (entity, error) {
		b, err := body()
		return newEntity(b), err
	})
	if shrinks(contentType) {
		r.gzipped = sync.OnceValues(func() (entity, error) {
			e, err := r.plain()
			if err != nil {
				return entity{}, err
			}
			b, err := compress(e.body)
			return newEntity(b), err
		})
	}
	return r
}

func shrinks(contentType string) bool {
	for _, s := range []string{"text/", "xml", "json", "javascript", "svg"} {
		if strings.Contains(contentType, s) {
			return true
		}
	}
	return false
}

func compress(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		return nil, fmt.Errorf("compressing: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compressing: %w", err)
	}
	return out.Bytes(), nil
}

// ServeHTTP answers GET and HEAD, conditional requests and ranges (RFC 9110 sections 13 and 14).
func (r *resource) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	choose := r.plain
	if r.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if httpguts.HeaderValuesContainsToken(req.Header["Accept-Encoding"], "gzip") {
			choose = r.gzipped
			h.Set("Content-Encoding", "gzip")
		}
	}
	e, err := choose()
	if err != nil {
		h.Del("Content-Encoding")
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", r.contentType)
	h.Set("ETag", e.etag)
	http.ServeContent(w, req, "", r.modified, bytes.NewReader(e.body))
}
