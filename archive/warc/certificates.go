package warc

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"time"
)

// Handshake is what a host showed when TLS was begun with it, and how that was judged. The exchanges of one connection share it. It holds nothing
// secret: certificates are shown to everybody who asks.
type Handshake struct {
	Host        string     // whom the certificate must name: as in the URL, but in ASCII and without brackets
	Port        string     // never empty
	Time        time.Time  // when it ended, UTC
	IP          netip.Addr // peer of the socket; invalid behind a proxy
	Protocol    string     // WARC-Protocol value: "tls/1.3"; "" when none was agreed on
	CipherSuite string     // IANA name; "" when none was agreed on
	Chain       [][]byte   // X.509 certificates (RFC 5280) in DER, as sent: the host's own first
	Failure     string     // why the peer is not proven to be Host: the chain does not verify, or the handshake broke off; "" when it is
}

const (
	typeCertificates = "application/pem-certificate-chain" // RFC 8555 §9.1

	// certificatesTarget begins the target URI of the certificates of a host. With the URL of a page of the host, software that indexes
	// every record by its target would give them in place of the page.
	certificatesTarget = "urn:tls:"
)

// CertificatesURI gives the target URI under which the certificates of a host are kept, "urn:tls:host:port", for a URL of the host. An IPv6
// address stands in brackets, which a URN has to escape (RFC 8141 §2). It is "" for a URL that is not https.
func CertificatesURI(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return (&Handshake{Host: u.Hostname(), Port: port}).URI()
}

// URI gives the target URI of the host's certificates, as CertificatesURI does.
func (h *Handshake) URI() string {
	return certificatesTarget + url.PathEscape(net.JoinHostPort(h.Host, h.Port))
}

// NewCertificates makes a resource record of the certificates that a host showed: the chain in PEM (RFC 7468) as it was sent. WARC-Date,
// WARC-IP-Address, WARC-Protocol and WARC-Cipher-Suite are those of the handshake. WARC-TLS-Verified says "true" or "false": whether the
// chain leads to a root that the crawler trusts, names the host and is valid at that time, and the handshake came to its end. If not,
// WARC-TLS-Failure says why; control characters in it, which may quote the certificate, become spaces.
func NewCertificates(h *Handshake) (*Draft, error) {
	target := h.URI()
	if len(h.Chain) == 0 {
		return nil, errors.New("there is no certificate to make a record of: " + target)
	}
	var block bytes.Buffer
	for _, der := range h.Chain {
		if err := pem.Encode(&block, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
			return nil, fmt.Errorf("resource record of %s: %w", target, err)
		}
	}
	d, err := NewResource(target, typeCertificates, h.Time, bytes.NewReader(block.Bytes()))
	if err != nil {
		return nil, err
	}
	d.addPeer(h.IP)
	d.add(fieldProtocol, h.Protocol)
	d.add(fieldCipherSuite, h.CipherSuite)
	d.add(fieldTLSVerified, strconv.FormatBool(h.Failure == ""))
	d.add(fieldTLSFailure, fmt.Sprintf("%.1000s", oneLine(h.Failure))) // a certificate may have names without end
	return d, d.check()
}
