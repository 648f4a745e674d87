package wire

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"tearsheet/archive/warc"
)

// conn is a connection that HTTP is spoken over, with what records say about it.
type conn struct {
	net.Conn          // the socket, or TLS over it
	socket   net.Conn // below TLS and a proxy's handshake
	link     *link    // what TLS reads from; nil without TLS

	key       string // of the pool
	idleSince time.Time
	uses      int

	forwarded               bool                 // requests go to an HTTP proxy in absolute-form
	peer                    netip.Addr           // invalid behind a proxy
	secure                  *tls.ConnectionState // nil without TLS
	certified               *warc.Handshake      // what the host showed; nil without TLS
	protocols               []string             // WARC-Protocol of an HTTP/1.1 answer
	cipher                  string
	dns, connect, handshake time.Duration
}

// link stands between TLS and the socket to tell two things that crypto/tls hides: whether the stream ended by close_notify or by the end
// of the connection, and whether TLS holds data that nobody has read.
type link struct {
	net.Conn
	probing bool // reads end at once, as if nothing had come
	eof     bool // the socket ended
}

func (l *link) Read(p []byte) (int, error) {
	if l.probing {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := l.Conn.Read(p)
	if n == 0 && errors.Is(err, io.EOF) {
		l.eof = true
	}
	return n, err
}

// held takes data that TLS has received and not yet given out; it never waits. A stream that ended is reported as io.EOF.
func (c *conn) held(p []byte) (int, error) {
	if c.link == nil {
		return 0, nil
	}
	c.link.probing = true
	defer func() { c.link.probing = false }()
	n, err := c.Conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	return n, err
}

// quiet reports whether an idle connection is still open and nothing unasked has come; what TLS held was looked at when it became idle.
// TLS 1.3 session tickets that are still in the socket look like such bytes; then a new connection is made, which is right in either case.
func (c *conn) quiet() bool { return socketQuiet(c.socket) }

// discard closes a connection from which nothing more is wanted: what closing might complain about changes no record.
func discard(c io.Closer) { _ = c.Close() }
