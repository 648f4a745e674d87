package wire

import (
	"context"
	"crypto/tls"
	"net/netip"
	"net/url"

	"tearsheet/archive/warc"
)

// Recorder takes every exchange of which a byte of an answer came, and every failure before that, before the caller sees the outcome. Its
// error fails the round trip with [ClassArchive]: what is not archived is not shown.
//
// One attempt is not recorded: a kept-alive connection that the origin had closed before it read the request. It is repeated on a new
// connection, and the exchange that is recorded has a note about it.
//
// x.Response is valid until Record returns or, when the round trip succeeds, until its Body is closed; after that reading it is an error.
// ctx carries the values of the request's context but not its end, since a cancelled fetch must still be recorded. Record is called by many
// goroutines at once.
type Recorder interface {
	Record(ctx context.Context, x *warc.Exchange) error
}

// Options of a Transport. Recorder is required.
type Options struct {
	Recorder Recorder
	Limits   Limits

	UserAgent    string         // sent when a request has no User-Agent of its own
	AllowPrivate []netip.Prefix // ranges that may be connected to although they are not public
	ConnectTo    []ConnectTo    // the first that matches holds
	Proxy        *url.URL       // http, socks5 (names are looked up here) or socks5h (by the proxy), credentials as userinfo; its own address is not checked
	Insecure     bool           // accept any certificate; every exchange over TLS then says so
	TLS          *tls.Config    // base TLS configuration, for its roots and versions; nil for the system's roots

	SpoolDir       string // where long answers wait, on a disk that can hold them; "" is the system's temporary folder
	MaxIdlePerHost int    // connections kept alive per scheme and host; 0 is 8, negative is none
}
