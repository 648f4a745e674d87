package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func TestAddressesThatAreNotPublic(t *testing.T) {
	t.Parallel()
	refused := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
		"198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1",
		"fc00::1", "fd12:3456::1", "ff02::1", "100::1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1.1.1.1", "2001:db8::1", "3fff::1",
		"2001:2::1", "2001:10::1", "2001:20::1", "2002:7f00:1::1", "2002:a00:1::", "2001:0:a00:1::", "2001:0:102:304::80ff:fffe", "4000::1", "5f00::1",
	}
	public := []string{
		"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450::1", "64:ff9b::8.8.8.8", "2002:808:808::1",
		"2001:0:808:808::f7f7:f7f7", "2001:200::1", "2001:4860::8888", "3ffe::1",
	}
	g := &guard{}
	for _, a := range refused {
		var r *refusal
		if err := g.check(netip.MustParseAddr(a)); !errors.As(err, &r) || r.kind == "" {
			t.Errorf("%s is let through", a)
		} else if !strings.Contains(err.Error(), "--allow-private") || redact(err.Error()) != err.Error() {
			t.Errorf("%s: %v", a, err)
		}
	}
	for _, a := range public {
		if err := g.check(netip.MustParseAddr(a)); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}

func TestAllowedRanges(t *testing.T) {
	t.Parallel()
	g := &guard{[]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00:1::/32")}}
	for addr, want := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false, "fd00:1::5": true, "fd00:2::5": false, "127.0.0.1": false} {
		if err := g.check(netip.MustParseAddr(addr)); (err == nil) != want {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestPrivateAddressIsRefused(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok("secret")} })
	k := &keeper{}
	tr := newTransport(t, k, func(o *Options) { o.AllowPrivate = nil })
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		u, _ := url.Parse(o.url)
		_, err := get(t, tr, "http://"+host+":"+u.Port()+"/")
		e := wantClass(t, err, ClassRefused)
		if !strings.Contains(e.Error(), "--allow-private") {
			t.Errorf("the error does not say what to do: %v", e)
		}
	}
	for _, r := range k.all() {
		if r.Exchange.Response != nil || len(r.request) > 0 || r.IP.IsValid() || strings.Contains(r.Failure, "127.") || !strings.HasPrefix(r.Failure, "refused: ") {
			t.Errorf("record %+v", r.Exchange)
		}
	}
	if _, conns := o.seen(); conns != 0 || len(k.all()) != 3 {
		t.Errorf("%d connections, %d records", conns, len(k.all()))
	}
}

// nameServer answers A questions, a list of addresses for each time that a name is asked; the last list stays. Other names do not exist.
func nameServer(t *testing.T, zone map[string][][]string) *net.Resolver {
	var mu sync.Mutex
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	reply := func(query []byte) ([]byte, error) {
		var m dnsmessage.Message
		if err := m.Unpack(query); err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		q := m.Questions[0]
		name := strings.TrimSuffix(q.Name.String(), ".")
		lists := zone[name]
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		if lists == nil {
			m.RCode = dnsmessage.RCodeNameError
		} else if q.Type == dnsmessage.TypeA {
			for _, a := range lists[0] {
				header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: netip.MustParseAddr(a).As4()}})
			}
			if len(lists) > 1 {
				zone[name] = lists[1:]
			}
		}
		return m.Pack()
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe() // as it is no PacketConn, the resolver speaks DNS over TCP on it
		serving.Go(func() {
			defer server.Close()
			for {
				var size [2]byte
				if _, err := io.ReadFull(server, size[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(server, query); err != nil {
					return
				}
				answer, err := reply(query)
				if err != nil {
					return
				}
				if _, err := server.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
					return
				}
			}
		})
		return client, nil
	}}
}

func TestNamesAreCheckedAfterDNS(t *testing.T) {
	t.Parallel()
	o := newOrigin(t, nil, func(string) answer { return answer{wire: ok("ok", "Connection: close"), end: closes} })
	u, _ := url.Parse(o.url)
	allowed := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} // stands for a public address
	for _, c := range []struct {
		name string
		zone [][]string // answers to the first question, the second, …
		want []Class    // of the first request, the second, …
	}{
		{"an answer that mixes private and public addresses reaches the public one", [][]string{{"10.1.2.3", "127.0.0.1"}}, []Class{""}},
		{"in either order", [][]string{{"127.0.0.1", "10.1.2.3"}}, []Class{""}},
		{"only private addresses", [][]string{{"10.1.2.3", "192.168.0.1"}}, []Class{ClassRefused}},
		{"a name that changes to a private address between two requests", [][]string{{"127.0.0.1"}, {"127.0.0.2"}}, []Class{"", ClassRefused}},
		{"a name without addresses", [][]string{{}}, []Class{ClassDNS}},
		{"a name that does not exist", nil, []Class{ClassDNS}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			zone := map[string][][]string{}
			if c.zone != nil {
				zone["origin.test"] = c.zone
			}
			k := &keeper{}
			tr := newTransport(t, k, func(o *Options) { o.AllowPrivate = allowed })
			tr.dialer.resolver = nameServer(t, zone)
			for i, want := range c.want {
				_, err := get(t, tr, "http://origin.test:"+u.Port()+"/")
				r := k.all()[i]
				if want == "" {
					if err != nil || r.IP != netip.MustParseAddr("127.0.0.1") || r.Timing.DNS <= 0 {
						t.Errorf("request %d: %v, IP %v, timing %+v", i, err, r.IP, r.Timing)
					}
					continue
				}
				wantClass(t, err, want)
				for _, text := range []string{r.Failure, err.Error()} {
					if strings.Contains(text, "10.1.") || strings.Contains(text, "127.0.") || strings.Contains(text, "192.168") || strings.Contains(text, ":53") {
						t.Errorf("the text tells an address: %s", text)
					}
				}
			}
		})
	}
}

func TestExplanationsHoldNoPrivateAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"dial tcp 10.0.0.5:80: refused":                "dial tcp (private address): refused",
		"from [fe80::1]:8080 to 8.8.8.8:53":            "from [(private address)]:8080 to 8.8.8.8:53",
		"certificate is valid for 192.168.1.1, not ab": "certificate is valid for (private address), not ab",
		"read: broken at 12:30:01, version 1.2":        "read: broken at 12:30:01, version 1.2",
		"::1":                                          "(private address)",
		"nothing: to see. Bad":                         "nothing: to see. Bad",
	} {
		if got := redact(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	dns := &net.DNSError{Err: "no such host", Name: "a.test", Server: "10.0.0.2:53"}
	err := &failure{ClassDNS, "", &net.OpError{Op: "dial", Net: "tcp", Err: dns}}
	if got := err.Error(); got != "dns: dial: look up a.test: no such host" {
		t.Errorf("got %q", got)
	}
}

func TestNamesForAProxy(t *testing.T) {
	t.Parallel()
	g := &guard{}
	for _, name := range []string{"127.0.0.1", "::1", "localhost", "LOCALHOST.", "a.localhost", "2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "10.0.0.5."} {
		if g.checkName(name) == nil {
			t.Errorf("%s is let through", name)
		}
	}
	for _, name := range []string{"example.com", "1.1.1.1", "a.1b", "localhost.example.com", "9gag.com"} {
		if err := g.checkName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseConnectTo(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]ConnectTo{
		"::127.0.0.1:8080":          {"", "", "127.0.0.1", "8080"},
		"Example.com:443:[::1]:444": {"example.com", "443", "::1", "444"},
		"[2001:db8::1]:80::":        {"2001:db8::1", "80", "", ""},
		":::":                       {},
		"a::b:":                     {"a", "", "b", ""},
		"Bücher.example:80::":       {"xn--bcher-kva.example", "80", "", ""},
	} {
		if got, err := ParseConnectTo(s); err != nil || got != want {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "a:1:b", "a:1:b:2:c", "a:x:b:2", "a:1:b:70000", "a:0:b:1", "[::1:80:b:1", "[::1]x:80:b:1", "a:+1:b:1"} {
		if got, err := ParseConnectTo(s); err == nil {
			t.Errorf("%q is taken as %+v", s, got)
		}
	}
}

func TestFirstConnectToHolds(t *testing.T) {
	t.Parallel()
	rules := []ConnectTo{{"a.test", "80", "x", "1"}, {"a.test", "", "y", ""}, {"", "", "", "9"}}
	for ask, want := range map[[2]string][]any{
		{"a.test", "80"}:  {"x", "1", true},
		{"A.test", "443"}: {"y", "443", true},
		{"b.test", "80"}:  {"b.test", "9", true},
	} {
		host, port, found := reroute(rules, ask[0], ask[1])
		if got := []any{host, port, found}; !slices.Equal(got, want) {
			t.Errorf("%v goes to %v, want %v", ask, got, want)
		}
	}
	if _, _, found := reroute(nil, "a", "80"); found {
		t.Error("found without rules")
	}
}
