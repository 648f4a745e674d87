package warc

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Revisit profiles of WARC 1.1 §6.7.
const (
	profileIdenticalPayload = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
	profileNotModified      = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
)

const (
	typeHTTPRequest  = "application/http; msgtype=request"
	typeHTTPResponse = "application/http; msgtype=response"
)

// requestProtocol is the WARC-Protocol of every request line that the crawler sends; that of an Exchange is its answer's, which may be older.
const requestProtocol = "http/1.1"

// Original says what a revisit record refers to.
type Original struct {
	RecordID string // WARC-Refers-To; "" when it is not known
	URL      string // WARC-Refers-To-Target-URI
	Date     string // WARC-Refers-To-Date, as written in that record
}

// NewResponse makes the response record of x. Its block is x.Response as it stands, also when it is empty or not HTTP at all. An error that
// wraps ErrTarget or ErrField says that x cannot stand in a WARC header.
func NewResponse(x *Exchange) (*Draft, error) {
	d, err := newExchangeDraft(Response, x)
	if err != nil {
		return nil, err
	}
	d.addPayloadDigests(x)
	d.add(fieldTruncated, string(x.Truncated))
	d.stored = compressed(x.Header)
	return d.finish(typeHTTPResponse, x.Response, x.BlockSHA256)
}

// NewRequest makes the request record of x, concurrent to the record with the ID answer ("" if none).
func NewRequest(x *Exchange, answer string) (*Draft, error) {
	d, err := newExchangeDraft(Request, x)
	if err != nil {
		return nil, err
	}
	d.ConcurrentTo(answer)
	return d.finish(typeHTTPRequest, x.Request, Digest{})
}

// NewRevisit makes a revisit record in place of the response record: server-not-modified when x answered 304, otherwise
// identical-payload-digest, for which the caller has found that x's payload is equal to the original's. Its block is x's response head.
func NewRevisit(x *Exchange, of Original) (*Draft, error) {
	d, err := newExchangeDraft(Revisit, x)
	if err != nil {
		return nil, err
	}
	if x.Response == nil || x.HeadLength <= 0 || x.HeadLength > x.Response.Size() {
		return nil, fmt.Errorf("revisit record of %s: there is no response head", x.URL)
	}
	if err := CheckTarget(of.URL); err != nil {
		return nil, fmt.Errorf("revisit record of %s: original: %w", x.URL, err)
	}
	if _, err := time.Parse(time.RFC3339, of.Date); err != nil {
		return nil, fmt.Errorf("revisit record of %s: date of the original: %w", x.URL, err)
	}
	if of.RecordID != "" {
		d.add(fieldRefersTo, bracket(of.RecordID))
	}
	d.add(fieldRefersToTargetURI, of.URL)
	d.add(fieldRefersToDate, of.Date)
	truncated := x.Truncated
	if x.Status == http.StatusNotModified {
		d.add(fieldProfile, profileNotModified)
	} else {
		if x.PayloadSHA256.IsZero() {
			return nil, fmt.Errorf("revisit record of %s: the payload has no digest", x.URL)
		}
		d.add(fieldProfile, profileIdenticalPayload)
		d.addPayloadDigests(x)
		if truncated == "" && x.Response.Size() > x.HeadLength {
			truncated = TruncatedLength // the reason that WARC 1.1 §6.7.2 prescribes for the payload left out
		}
	}
	d.add(fieldTruncated, string(truncated))
	return d.finish(typeHTTPResponse, io.NewSectionReader(x.Response, 0, x.HeadLength), Digest{})
}

// newExchangeDraft makes a draft with the fields that tell where and how an exchange took place.
func newExchangeDraft(t Type, x *Exchange) (*Draft, error) {
	if x == nil {
		return nil, errors.New("there is no exchange to make a " + string(t) + " record of")
	}
	d, err := newDraft(t, x.Started, x.URL)
	if err != nil {
		return nil, err
	}
	d.addPeer(x.IP)
	for _, p := range x.Protocols {
		if t == Request && strings.HasPrefix(p, "http/") {
			p = requestProtocol
		}
		d.add(fieldProtocol, p)
	}
	d.add(fieldCipherSuite, x.CipherSuite)
	return d, nil
}

// addPeer says who was asked; an address that is not valid is not known. A zone names an interface of this machine, which is nobody's business and
// no IP address.
func (d *Draft) addPeer(ip netip.Addr) {
	if ip.IsValid() {
		d.add(fieldIPAddress, ip.Unmap().WithZone("").String())
	}
}

// addPayloadDigests leaves digests out when the head could not be read: what is not HTTP has no payload that a reader could find again.
func (d *Draft) addPayloadDigests(x *Exchange) {
	if x.Status == 0 {
		return
	}
	d.add(fieldPayloadDigest, x.PayloadSHA256.String())
	d.add(fieldPayloadSHA1, x.PayloadSHA1.String())
}
