package warc

import (
	"io"
	"net/http"
	"net/netip"
	"time"
)

// Block is the content block of a record: bytes that can be read again from any offset, and their number. *bytes.Reader, *strings.Reader and
// *io.SectionReader are blocks.
type Block interface {
	io.ReaderAt
	Size() int64
}

// Truncation is the reason of a WARC-Truncated field (WARC 1.1 §5.15); "" means whole.
type Truncation string

const (
	TruncatedLength      Truncation = "length"      // a limit of ours was reached
	TruncatedTime        Truncation = "time"        // a deadline, a stall, a cancellation
	TruncatedDisconnect  Truncation = "disconnect"  // the connection ended before the message did
	TruncatedUnspecified Truncation = "unspecified" // another reason, or an unknown one
)

// Exchange is one HTTP/1.1 request and what came back for it, as both went over the wire. It is what the crawler hands to the archive and
// what a request record and a response (or revisit) record are made of. When nothing came back, Response is nil, Failure says why, and only
// a request and a metadata record are written.
type Exchange struct {
	URL      string    // target URI: exactly what was asked, no fragment, no userinfo
	Method   string    // GET, HEAD
	Started  time.Time // when the request began; WARC-Date of all its records, in UTC
	Request  Block     // bytes as sent; nil when nothing was
	Response Block     // bytes as received: one final message head and its body; interim (1xx) answers are not in it

	Status     int         // status code; 0 when the head could not be read
	Header     http.Header // the response's fields as parsed (for the index and the crawler; the record is Response)
	HeadLength int64       // bytes of Response up to and including the empty line that ends the head
	Chunked    bool        // the body in Response has chunked framing

	BlockSHA256   Digest // of Response
	PayloadSHA256 Digest // of the entity: transfer coding removed, content coding kept (WARC 1.1 §6.3.2)
	PayloadSHA1   Digest // the same entity, for CDX tools
	PayloadLength int64  // bytes of the entity

	Truncated Truncation
	Failure   string // error class and text when the exchange broke; "" otherwise. Never holds a secret.

	IP          netip.Addr // peer of the socket; invalid behind a proxy
	Protocols   []string   // WARC-Protocol values in order: "http/1.1", then "tls/1.3"
	CipherSuite string     // IANA name; "" without TLS
	Insecure    bool       // TLS verification was switched off
	TLS         *Handshake // of the connection, or of one that TLS kept from coming about; nil without TLS, and when the host showed no certificate

	Notes  []string // what was odd on the wire: surplus bytes, conflicting lengths, false gzip label, interim answers (one line each)
	Timing Timing
}

// Timing tells how long the parts of an exchange took; zero where a part did not happen.
type Timing struct {
	DNS, Connect, TLS, FirstByte, Total time.Duration
}
