// Package wire makes one HTTP/1.1 exchange at a time and keeps it as it went over the wire.
//
// # Model
//
// A [Transport] is an [net/http.RoundTripper] that does the round trip itself, on its own sockets, because net/http hides what an archive
// needs: the case and order of the header fields, chunk framing, coded bodies, interim answers, and everything that came before a connection
// broke. One round trip goes like this:
//
//   - The request is built as bytes, in a fixed order of fields, and written to a pooled or a new connection.
//   - The final answer's head and body are copied, exactly as they arrive, into a spool: memory at first, an unlinked file when the answer
//     is long or all spools together have used their share. Digests are computed on the way, so nothing is read twice.
//   - The whole exchange, a [tearsheet/archive/warc.Exchange], goes to the [Recorder]. Only when that has returned does RoundTrip return:
//     what is not archived is not shown.
//   - The caller reads the entity from the spool: chunk framing and content coding removed, and never more of it than [Limits] allow. The
//     [Body] tells how the decoding went and gives the exchange that was recorded, and who must read here and there gets it [Body.Whole].
//
// # Broken answers
//
// The web's errors are part of the record. An answer that is cut short, stalls, is too long or breaks the protocol is recorded with the
// reason (WARC-Truncated, and Exchange.Failure in words), and if its head could be read the caller still gets the part of the body that
// came. Only an exchange without a readable head ends in an [Error]; it is recorded too.
//
// A false label is not an error: a body that says "gzip" and is not, or that says "chunked" and is not, is given as it came, and a note in
// the exchange says so.
//
// # What may be reached
//
// Every address is checked after DNS, at the moment of connecting, so that a name cannot lead the crawler into a private network. TLS is
// verified. The certificates that the host showed are in Exchange.TLS with every exchange of the connection, also when they were refused, or
// accepted because Options.Insecure asks nothing of them; then it says why they prove nothing. The environment's proxy variables are not read.
//
// # Proxies
//
// The record shows what the origin is asked, whatever lies between: a request in absolute-form, which an HTTP proxy wants for plain http, is
// recorded in origin-form and without the proxy's credentials; CONNECT and SOCKS handshakes appear nowhere; and Exchange.IP, which would be
// the proxy's, is left out. The proxy resolves the names, so only addresses that are written out in URLs can be checked.
//
// # What this package does not know
//
// It follows no redirect, keeps no cookie, reads no robots.txt, waits for no politeness and retries nothing that the origin may have seen.
// It speaks HTTP/1.1 only, GET and HEAD only. Those who decide what to fetch and when are in package crawler, which alone imports this one
// (with package main for the options).
package wire
