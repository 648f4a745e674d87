package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/netip"
	"time"

	"tearsheet/archive/warc"
)

// newTLSConfig completes the base configuration: HTTP/1.1 only, and sessions that are taken up again.
func newTLSConfig(base *tls.Config, insecure bool) *tls.Config {
	c := base.Clone()
	if c == nil {
		c = &tls.Config{}
	}
	c.NextProtos = []string{"http/1.1"}
	c.InsecureSkipVerify = insecure
	if c.ClientSessionCache == nil {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	}
	return c
}

// secure speaks TLS over c.
func (d *dialer) secure(ctx context.Context, c *conn, q *request) error {
	ctx, cancel := context.WithTimeout(ctx, d.limits.TLS)
	defer cancel()
	start := time.Now()
	if err := c.Conn.SetDeadline(time.Time{}); err != nil {
		return err
	}
	c.link = &link{Conn: c.Conn}
	config := d.tls.Clone()
	config.ServerName = q.hostname
	t := tls.Client(c.link, config)
	err := t.HandshakeContext(ctx)
	state := t.ConnectionState()
	c.certified = shownBy(q, c.peer, &state, config, err)
	if err != nil {
		return err
	}
	c.Conn, c.secure = t, &state
	c.protocols = append(c.protocols, tlsProtocol(state.Version))
	c.cipher = tls.CipherSuiteName(state.CipherSuite)
	c.handshake = time.Since(start)
	return nil
}

// shownBy tells what the host of q showed in a handshake that ended with err, and why it is not believed; nil when it showed no certificate. Of a
// session that was taken up again it is what was shown when the session began.
func shownBy(q *request, peer netip.Addr, state *tls.ConnectionState, config *tls.Config, err error) *warc.Handshake {
	chain := state.PeerCertificates
	if refused := (*tls.CertificateVerificationError)(nil); errors.As(err, &refused) {
		chain = refused.UnverifiedCertificates // which the state does not have then
	}
	if len(chain) == 0 {
		return nil
	}
	h := &warc.Handshake{Host: q.hostname, Port: q.port, Time: time.Now().UTC(), IP: peer}
	for _, c := range chain {
		h.Chain = append(h.Chain, c.Raw)
	}
	if state.Version != 0 {
		h.Protocol = tlsProtocol(state.Version)
	}
	if state.CipherSuite != 0 {
		h.CipherSuite = tls.CipherSuiteName(state.CipherSuite)
	}
	if err == nil && config.InsecureSkipVerify {
		err = verify(chain, config)
	}
	if err != nil {
		h.Failure = explain(err)
	}
	return h
}

// verify judges a chain as crypto/tls does where it is not told to skip that.
func verify(chain []*x509.Certificate, config *tls.Config) error {
	o := x509.VerifyOptions{Roots: config.RootCAs, DNSName: config.ServerName, Intermediates: x509.NewCertPool()}
	if config.Time != nil {
		o.CurrentTime = config.Time()
	}
	for _, c := range chain[1:] {
		o.Intermediates.AddCert(c)
	}
	if _, err := chain[0].Verify(o); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err}
	}
	return nil
}

// tlsProtocol names a TLS version as WARC-Protocol does.
func tlsProtocol(version uint16) string {
	switch version {
	case tls.VersionTLS10:
		return "tls/1.0"
	case tls.VersionTLS11:
		return "tls/1.1"
	case tls.VersionTLS12:
		return "tls/1.2"
	}
	return "tls/1.3"
}
