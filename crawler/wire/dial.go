package wire

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"golang.org/x/net/proxy"

	"tearsheet/archive/warc"
)

// dialer makes connections: to the origin or through a proxy, with TLS where the scheme asks for it.
type dialer struct {
	guard     *guard
	connectTo []ConnectTo
	proxy     *url.URL
	tls       *tls.Config
	limits    *Limits
	resolver  *net.Resolver // nil for the system's
}

// dial connects for q. Its error is a *failure. When TLS failed, the connection that comes with it is closed, and tells only what the host had shown.
func (d *dialer) dial(ctx context.Context, q *request) (*conn, error) {
	c, err := d.connect(ctx, q)
	if err != nil {
		return nil, d.classify(ctx, ClassConnect, err)
	}
	if q.scheme == "https" {
		if err := d.secure(ctx, c, q); err != nil {
			discard(c.socket)
			return c, d.classify(ctx, ClassTLS, err)
		}
	}
	return c, nil
}

func (d *dialer) classify(ctx context.Context, class Class, err error) error {
	var refused *refusal
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil:
		return ended(ctx)
	case errors.As(err, &refused):
		return &failure{ClassRefused, "", refused}
	case errors.As(err, &dns):
		return &failure{ClassDNS, "", err}
	case isTimeout(err):
		err = fmt.Errorf("no connection within %v", d.limits.Dial)
		if class == ClassTLS {
			err = fmt.Errorf("no TLS handshake within %v", d.limits.TLS)
		}
		return &failure{ClassTimeout, "", err}
	}
	return &failure{class, "", err}
}

// connect makes everything below TLS.
func (d *dialer) connect(ctx context.Context, q *request) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.limits.Dial)
	defer cancel()
	c := &conn{protocols: []string{"http/1.1"}}
	host, port, mapped := reroute(d.connectTo, q.hostname, q.port)
	address := net.JoinHostPort(host, port)
	if d.proxy == nil {
		var err error
		c.socket, err = d.socket(ctx, c, address, d.guard.control)
		if err != nil {
			return nil, err
		}
		c.Conn = c.socket
		if peer, ok := c.socket.RemoteAddr().(*net.TCPAddr); ok {
			c.peer = peer.AddrPort().Addr().Unmap().WithZone("")
		}
		return c, nil
	}
	if err := d.guard.checkName(host); err != nil {
		return nil, err
	}
	var err error
	switch {
	case d.proxy.Scheme != "http":
		err = d.socks(ctx, c, host, port)
	case q.scheme == "https" || mapped:
		err = d.tunnel(ctx, c, address)
	default: // the proxy is told the origin in every request
		c.forwarded = true
		c.socket, err = d.socket(ctx, c, d.proxyAddress(), nil)
		c.Conn = c.socket
	}
	if err != nil {
		return nil, fmt.Errorf("through the proxy: %w", err)
	}
	return c, nil
}

// controlFunc is the type of net.Dialer.ControlContext.
type controlFunc = func(ctx context.Context, network, address string, c syscall.RawConn) error

// socket makes a TCP connection and takes its times. The address is checked by control after DNS; nil checks nothing, for the user's proxy.
func (d *dialer) socket(ctx context.Context, c *conn, address string, control controlFunc) (net.Conn, error) {
	start := time.Now()
	var asked time.Time
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { asked = time.Now() },
		DNSDone:  func(httptrace.DNSDoneInfo) { c.dns = time.Since(asked) },
	})
	nd := net.Dialer{ControlContext: control, Resolver: d.resolver}
	s, err := nd.DialContext(ctx, "tcp", address)
	c.connect = time.Since(start) - c.dns
	return s, err
}

func (d *dialer) proxyAddress() string {
	port := "1080"
	if d.proxy.Scheme == "http" {
		port = "80"
	}
	return net.JoinHostPort(d.proxy.Hostname(), cmp.Or(d.proxy.Port(), port))
}

// viaProxy is the forward dialer of the SOCKS client. It keeps the socket, which the client wraps.
type viaProxy struct {
	d *dialer
	c *conn
}

func (v viaProxy) Dial(network, address string) (net.Conn, error) {
	return v.DialContext(context.Background(), network, address)
}

func (v viaProxy) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	s, err := v.d.socket(ctx, v.c, address, nil)
	if err == nil {
		v.c.socket = s
	}
	return s, err
}

// socks connects through a SOCKS5 proxy (RFC 1928). As curl has it, socks5 looks the name up here, so that its addresses are checked, and
// socks5h leaves that to the proxy.
func (d *dialer) socks(ctx context.Context, c *conn, host, port string) error {
	if d.proxy.Scheme == "socks5" {
		addr, err := d.lookUp(ctx, c, host)
		if err != nil {
			return err
		}
		host = addr.String()
	}
	var auth *proxy.Auth
	if u := d.proxy.User; u != nil {
		password, _ := u.Password()
		auth = &proxy.Auth{User: u.Username(), Password: password}
	}
	client, err := proxy.SOCKS5("tcp", d.proxyAddress(), auth, viaProxy{d, c})
	if err != nil {
		return err
	}
	dialer, ok := client.(proxy.ContextDialer)
	if !ok {
		return errors.New("the SOCKS client takes no context")
	}
	c.Conn, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	return err
}

// lookUp gives the first address of host that may be connected to. No other is used afterwards, so that nothing can change in between.
func (d *dialer) lookUp(ctx context.Context, c *conn, host string) (netip.Addr, error) {
	start := time.Now()
	resolver := cmp.Or(d.resolver, net.DefaultResolver)
	addrs, err := resolver.LookupNetIP(ctx, "ip", host)
	c.dns = time.Since(start)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, addr := range addrs {
		if err = d.guard.check(addr); err == nil {
			return addr.Unmap(), nil
		}
	}
	return netip.Addr{}, err
}

// tunnel connects through an HTTP proxy with CONNECT (RFC 9110 §9.3.6), which never appears in a record.
func (d *dialer) tunnel(ctx context.Context, c *conn, address string) error {
	s, err := d.socket(ctx, c, d.proxyAddress(), nil)
	if err != nil {
		return err
	}
	c.socket, c.Conn = s, s
	if err := d.askTunnel(ctx, s, address); err != nil {
		discard(s)
		return err
	}
	return nil
}

func (d *dialer) askTunnel(ctx context.Context, s net.Conn, address string) error {
	deadline, _ := ctx.Deadline()
	if err := s.SetDeadline(deadline); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { discard(s) })
	defer stop()
	ask := "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n"
	if value := proxyAuthorization(d.proxy.User); value != "" {
		ask += "Proxy-Authorization: " + value + "\r\n"
	}
	if _, err := io.WriteString(s, ask+"\r\n"); err != nil {
		return fmt.Errorf("ask for a tunnel: %w", err)
	}
	br := bufio.NewReader(io.LimitReader(s, d.limits.HeadBytes))
	answer, err := http.ReadResponse(br, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return fmt.Errorf("read the answer to CONNECT: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %d to CONNECT", answer.StatusCode)
	}
	if br.Buffered() > 0 {
		return errors.New("it sent more than an answer to CONNECT")
	}
	return nil
}

// describe writes what records say about the connection into x.
func (c *conn) describe(x *warc.Exchange, insecure bool) {
	x.IP, x.Protocols, x.CipherSuite, x.TLS = c.peer, c.protocols, c.cipher, c.certified
	x.Insecure = insecure && c.secure != nil
	if c.uses == 1 {
		x.Timing.DNS, x.Timing.Connect, x.Timing.TLS = c.dns, c.connect, c.handshake
	}
}
