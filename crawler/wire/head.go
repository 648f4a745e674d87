package wire

import (
	"golang.org/x/net/http/httpguts"

	"tearsheet/archive/warc"
)

// keepsAlive reports whether the sender of the answer with that head means to keep the connection open (RFC 9112 §9.3).
func keepsAlive(h *warc.Head) bool {
	switch h.Minor {
	case 1:
		return !httpguts.HeaderValuesContainsToken(h.Header["Connection"], "close")
	case 0:
		return httpguts.HeaderValuesContainsToken(h.Header["Connection"], "keep-alive")
	}
	return false
}
