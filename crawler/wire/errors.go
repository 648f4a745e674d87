package wire

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strings"

	"tearsheet/archive/warc"
)

// Class sorts failures for verdicts, retries and messages.
type Class string

const (
	ClassRefused Class = "refused"   // the address is not public and not allowed
	ClassDNS     Class = "dns"       // the name has no address, or its servers did not answer
	ClassConnect Class = "connect"   // no connection to the host or the proxy
	ClassTLS     Class = "tls"       // the handshake or the certificate
	ClassTimeout Class = "timeout"   // one of the clocks in Limits, or the context's deadline
	ClassBroken  Class = "broken"    // the answer broke off or could not be read as HTTP
	ClassLimit   Class = "limit"     // the answer is larger than Limits
	ClassArchive Class = "archive"   // the spool or the recorder failed: disk full, …
	ClassCancel  Class = "cancelled" // the context was cancelled
)

// Error is how a round trip fails. Its text holds no private address other than one in URL itself, and no credentials; Err, for errors.Is
// and errors.As, is the error as it came.
type Error struct {
	Class Class
	URL   string // target URI, without userinfo and fragment
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %s", e.URL, e.Class, explain(e.Err)) }

func (e *Error) Unwrap() error { return e.Err }

// failure is why an attempt did not come to its proper end.
type failure struct {
	class     Class
	truncated warc.Truncation // what the record says, if there is one
	err       error
}

// Error is the text for the record; it does not name the files of the machine.
func (f *failure) Error() string {
	text := explain(f.err)
	var path *fs.PathError
	if errors.As(f.err, &path) {
		text = strings.Replace(text, path.Error(), path.Op+": "+path.Err.Error(), 1)
	}
	return string(f.class) + ": " + text
}

func (f *failure) Unwrap() error { return f.err }

// broken is an answer that ended or went wrong by itself.
func broken(t warc.Truncation, format string, args ...any) *failure {
	return &failure{ClassBroken, t, fmt.Errorf(format, args...)}
}

// tooLarge is an answer that we cut.
func tooLarge(format string, args ...any) *failure {
	return &failure{ClassLimit, warc.TruncatedLength, fmt.Errorf(format, args...)}
}

// ended is the failure of a context that is over.
func ended(ctx context.Context) *failure {
	class := ClassCancel
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		class = ClassTimeout
	}
	return &failure{class, warc.TruncatedTime, context.Cause(ctx)}
}

// isTimeout reports whether err is a deadline of a socket or of a context that we made for it.
func isTimeout(err error) bool {
	var ne net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}

// explain gives err's text for records and logs. Package net puts the addresses of sockets and of DNS servers into its messages; they say
// more about the crawler's network than about the site, so they are left out, and so is any other address that is not public.
func explain(err error) string {
	text := err.Error()
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		text = strings.Replace(text, op.Error(), op.Op+": "+strings.TrimPrefix(op.Err.Error(), op.Op+": "), 1)
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		why := dns.Err
		if dns.IsTimeout {
			why = "the DNS servers did not answer in time"
		}
		text = strings.Replace(text, dns.Error(), "look up "+dns.Name+": "+why, 1)
	}
	return redact(text)
}

// redact replaces the addresses in text that are not public.
func redact(text string) string {
	if strings.IndexByte(text, '.') < 0 && strings.IndexByte(text, ':') < 0 {
		return text
	}
	var out strings.Builder
	for len(text) > 0 {
		n := 0
		for n < len(text) && isAddressByte(text[n]) {
			n++
		}
		if n == 0 {
			out.WriteByte(text[0])
			text = text[1:]
			continue
		}
		word := strings.TrimRight(text[:n], ".:")
		if isPrivateWord(word) {
			out.WriteString("(private address)")
			out.WriteString(text[len(word):n])
		} else {
			out.WriteString(text[:n])
		}
		text = text[n:]
	}
	return out.String()
}

func isAddressByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' || c == '.' || c == ':'
}

func isPrivateWord(word string) bool {
	addr, err := netip.ParseAddr(word)
	if err != nil {
		ap, err := netip.ParseAddrPort(word)
		if err != nil {
			return false
		}
		addr = ap.Addr()
	}
	return notPublic(addr) != ""
}
