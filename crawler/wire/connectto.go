package wire

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// ConnectTo sends connections for Host:Port to Addr:AddrPort, as curl's --connect-to does. An empty Host or Port matches all, an empty Addr
// or AddrPort keeps what was asked. Only the connection goes elsewhere: the request, its target URI, TLS and the certificate's check stay
// those of the original host. The new address is checked like any other.
type ConnectTo struct{ Host, Port, Addr, AddrPort string }

// ParseConnectTo reads "HOST:PORT:ADDR:PORT"; each part may be empty, an IPv6 address stands in brackets.
func ParseConnectTo(s string) (ConnectTo, error) {
	var parts []string
	rest := s
	for {
		part, tail, err := cutConnectTo(rest)
		if err != nil {
			return ConnectTo{}, fmt.Errorf("%q is not HOST:PORT:ADDR:PORT: %w", s, err)
		}
		parts = append(parts, part)
		if tail == "" {
			break
		}
		rest = tail[1:]
	}
	if len(parts) != 4 {
		return ConnectTo{}, fmt.Errorf("%q is not HOST:PORT:ADDR:PORT: it has %d parts", s, len(parts))
	}
	for _, port := range []string{parts[1], parts[3]} {
		if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
			return ConnectTo{}, fmt.Errorf("%q is not HOST:PORT:ADDR:PORT: port %q is not a number from 1 to 65535", s, port)
		}
	}
	host := parts[0]
	if host != "" {
		var err error
		if host, err = asciiHost(host); err != nil { // the form in which a URL's host is compared
			return ConnectTo{}, fmt.Errorf("%q is not HOST:PORT:ADDR:PORT: host: %w", s, err)
		}
	}
	return ConnectTo{Host: host, Port: parts[1], Addr: parts[2], AddrPort: parts[3]}, nil
}

// cutConnectTo takes the first part off s; tail is empty or begins with the colon.
func cutConnectTo(s string) (part, tail string, err error) {
	if !strings.HasPrefix(s, "[") {
		i := strings.IndexByte(s, ':')
		if i < 0 {
			return s, "", nil
		}
		return s[:i], s[i:], nil
	}
	part, tail, ok := strings.Cut(s[1:], "]")
	if !ok {
		return "", "", errors.New("a bracket is not closed")
	}
	if tail != "" && tail[0] != ':' {
		return "", "", errors.New("a colon must follow the bracket")
	}
	return part, tail, nil
}

// reroute says where connections for host and port go, and whether a rule says so.
func reroute(rules []ConnectTo, host, port string) (addr, addrPort string, found bool) {
	for _, r := range rules {
		if (r.Host != "" && !strings.EqualFold(r.Host, host)) || (r.Port != "" && r.Port != port) {
			continue
		}
		if r.Addr != "" {
			host = r.Addr
		}
		if r.AddrPort != "" {
			port = r.AddrPort
		}
		return host, port, true
	}
	return host, port, false
}

// String gives the rule in the form that ParseConnectTo reads.
func (c ConnectTo) String() string {
	return net.JoinHostPort(c.Host, c.Port) + ":" + net.JoinHostPort(c.Addr, c.AddrPort)
}
