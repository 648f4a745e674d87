package warc

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Type is a WARC record type (WARC 1.1 §6).
type Type string

const (
	Warcinfo Type = "warcinfo"
	Request  Type = "request"
	Response Type = "response"
	Revisit  Type = "revisit"
	Metadata Type = "metadata"
	Resource Type = "resource"
)

// Conversion is the type of a record that holds another form of what a record holds (WARC 1.1 §6.7). Only other writers make them.
const Conversion Type = "conversion"

// Named fields of a record header (WARC 1.1 §5), as we spell them.
const (
	fieldType              = "WARC-Type"
	fieldRecordID          = "WARC-Record-ID"
	fieldDate              = "WARC-Date"
	fieldTargetURI         = "WARC-Target-URI"
	fieldIPAddress         = "WARC-IP-Address"
	fieldProtocol          = "WARC-Protocol"
	fieldCipherSuite       = "WARC-Cipher-Suite"
	fieldConcurrentTo      = "WARC-Concurrent-To"
	fieldRefersTo          = "WARC-Refers-To"
	fieldRefersToTargetURI = "WARC-Refers-To-Target-URI"
	fieldRefersToDate      = "WARC-Refers-To-Date"
	fieldProfile           = "WARC-Profile"
	fieldTruncated         = "WARC-Truncated"
	fieldSegmentNumber     = "WARC-Segment-Number"
	fieldFilename          = "WARC-Filename"
	fieldWarcinfoID        = "WARC-Warcinfo-ID"
	fieldBlockDigest       = "WARC-Block-Digest"
	fieldPayloadDigest     = "WARC-Payload-Digest"
	fieldPayloadSHA1       = "WARC-Payload-Digest-SHA1" // ours: see the package comment
	fieldTLSVerified       = "WARC-TLS-Verified"        // ours, of a host's certificates: see NewCertificates
	fieldTLSFailure        = "WARC-TLS-Failure"         // ours too
	fieldContentType       = "Content-Type"
	fieldContentLength     = "Content-Length"
)

// Field is one named field of a record header or of an application/warc-fields block. Order matters and names may repeat.
type Field struct{ Name, Value string }

// ErrField is wrapped by the error of a draft that holds a field which a header cannot hold; ErrTarget by the error of a bad target URI.
var (
	ErrField  = errors.New("field cannot be written")
	ErrTarget = errors.New("target URI cannot be archived")
)

// check refuses names that are no token (RFC 9110 §5.6.2) and values that would end the line or the header: a CR or LF from a page or a
// server must never become a second field.
func (f Field) check() error {
	if !httpguts.ValidHeaderFieldName(f.Name) { // a token in WARC as in HTTP
		return fmt.Errorf("%w: name %q", ErrField, f.Name)
	}
	if i := strings.IndexAny(f.Value, "\r\n\x00"); i >= 0 {
		return fmt.Errorf("%w: %s has CR, LF or NUL at byte %d: %q", ErrField, f.Name, i, f.Value)
	}
	return nil
}

// oneLine makes prose that came from outside (an error's text, a note about the wire) fit for one line: control characters become spaces.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// bracket gives the <…> form in which WARC writes record identifiers (WARC 1.1 §5.2).
func bracket(id string) string {
	if strings.HasPrefix(id, "<") {
		return id
	}
	return "<" + id + ">"
}

// unbracket takes the <> off an identifier, and off the target URIs that wget wrote with them.
func unbracket(id string) string {
	if strings.HasPrefix(id, "<") && strings.HasSuffix(id, ">") {
		return id[1 : len(id)-1]
	}
	return id
}
