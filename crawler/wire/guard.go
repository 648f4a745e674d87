package wire

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// guard decides which addresses may be connected to. It is asked at connect time with the address that the socket is about to use, so a
// name that resolves differently the second time (DNS rebinding) gains nothing.
type guard struct{ allow []netip.Prefix }

// refusal is the error for an address that is not public. It does not name the address: the text goes into records.
type refusal struct{ kind string }

func (r *refusal) Error() string {
	return fmt.Sprintf("the host's address is not public (%s); --allow-private CIDR permits a range", r.kind)
}

// control is a net.Dialer.ControlContext.
func (g *guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("check the address of the host: %w", err)
	}
	return g.check(ap.Addr())
}

func (g *guard) check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	permitted := func(p netip.Prefix) bool { return p.Contains(addr) }
	kind := notPublic(addr)
	if kind == "" || slices.ContainsFunc(g.allow, permitted) {
		return nil
	}
	return &refusal{kind}
}

// checkName checks what can be checked of a host that a proxy will resolve: addresses written out, in any of the spellings that a
// resolver might take for one ("2130706433", "0x7f.1"; WHATWG URL §3.5, "ends in a number").
func (g *guard) checkName(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return g.check(addr)
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return g.check(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.HasPrefix(last, "0x") || last != "" && strings.Trim(last, "0123456789") == "" {
		return &refusal{"a number that may stand for any address"}
	}
	return nil
}

// block is a range that is not the public internet's (IANA special-purpose address registries, RFC 6890).
type block struct {
	prefix netip.Prefix
	kind   string
}

func blocks4() [16]block {
	return [...]block{
		{prefix4(0, 0, 0, 0, 8), "this network, RFC 791"},
		{prefix4(10, 0, 0, 0, 8), "private use, RFC 1918"},
		{prefix4(100, 64, 0, 0, 10), "carrier-grade NAT, RFC 6598"},
		{prefix4(127, 0, 0, 0, 8), "loopback"},
		{prefix4(169, 254, 0, 0, 16), "link-local, RFC 3927"},
		{prefix4(172, 16, 0, 0, 12), "private use, RFC 1918"},
		{prefix4(192, 0, 0, 0, 24), "protocol assignments, RFC 6890"},
		{prefix4(192, 0, 2, 0, 24), "documentation, RFC 5737"},
		{prefix4(192, 88, 99, 0, 24), "6to4 relay, RFC 7526"},
		{prefix4(192, 168, 0, 0, 16), "private use, RFC 1918"},
		{prefix4(198, 18, 0, 0, 15), "benchmarking, RFC 2544"},
		{prefix4(198, 51, 100, 0, 24), "documentation, RFC 5737"},
		{prefix4(203, 0, 113, 0, 24), "documentation, RFC 5737"},
		{prefix4(224, 0, 0, 0, 4), "multicast"},
		{prefix4(255, 255, 255, 255, 32), "broadcast"},
		{prefix4(240, 0, 0, 0, 4), "reserved, RFC 1112"},
	}
}

func prefix4(a, b, c, d byte, bits int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b, c, d}), bits)
}

// notPublic says what kind of address that is not public addr is, or "" for a public one. An IPv6 address that carries an IPv4 address is
// judged by that one.
func notPublic(addr netip.Addr) string {
	addr = addr.Unmap()
	if addr.Is4() {
		for _, b := range blocks4() {
			if b.prefix.Contains(addr) {
				return b.kind
			}
		}
		return ""
	}
	return notPublic6(addr.As16())
}

func notPublic6(a [16]byte) string {
	embedded := func(form string, b0, b1, b2, b3 byte) string {
		if kind := notPublic(netip.AddrFrom4([4]byte{b0, b1, b2, b3})); kind != "" {
			return form + " of " + kind
		}
		return ""
	}
	group := func(i int) uint16 { return uint16(a[2*i])<<8 | uint16(a[2*i+1]) }
	zero := func(from, to int) bool {
		return !slices.ContainsFunc(a[from:to], func(b byte) bool { return b != 0 })
	}
	switch {
	case zero(0, 15) && a[15] == 1:
		return "loopback"
	case zero(0, 16):
		return "unspecified"
	case group(0) == 0x64 && group(1) == 0xff9b && zero(4, 12):
		return embedded("NAT64, RFC 6052,", a[12], a[13], a[14], a[15])
	case a[0]&0xfe == 0xfc:
		return "unique local, RFC 4193"
	case group(0)&0xffc0 == 0xfe80:
		return "link-local, RFC 4291"
	case group(0)&0xffc0 == 0xfec0:
		return "site-local, RFC 3879"
	case a[0] == 0xff:
		return "multicast"
	case a[0]&0xe0 != 0x20: // only 2000::/3 is given out as global unicast
		return "not global unicast, RFC 4291"
	case group(0) == 0x2002:
		return embedded("6to4, RFC 3056,", a[2], a[3], a[4], a[5])
	case group(0) == 0x2001 && group(1) == 0: // both the server and the client, whose address is written inverted
		if kind := embedded("Teredo, RFC 4380,", a[4], a[5], a[6], a[7]); kind != "" {
			return kind
		}
		return embedded("Teredo, RFC 4380,", ^a[12], ^a[13], ^a[14], ^a[15])
	case group(0) == 0x2001 && a[2]&0xfe == 0: // the rest of 2001::/23
		return "protocol assignments, RFC 2928"
	case group(0) == 0x2001 && group(1) == 0xdb8, group(0) == 0x3fff && a[2]&0xf0 == 0:
		return "documentation, RFC 3849 and RFC 9637"
	}
	return ""
}
