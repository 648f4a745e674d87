// Package warc keeps records on disk: it makes them, writes them, reads them back, checks them, and recovers files that a crash tore.
//
// # Model
//
// An [Exchange] is what the crawler saw: one HTTP request and what came back, byte for byte. From it NewRequest, NewResponse, NewRevisit and
// NewMetadata make drafts. A [Draft] is a record that is to be written: named fields and a [Block]. A [Writer] appends drafts to files, one
// gzip member a record, and answers with the [Position] of each. [Read] and [ReadAt] give a [Record]: named fields and its block as a stream.
//
// A record of HTTP traffic has three layers with three names. Its block is the whole message as sent. [Record.Head] is the message's start
// line and fields. Its payload ([Record.Payload]) is the entity: transfer coding (chunks) removed, content coding (gzip) kept, as WARC 1.1
// §6.3.2 defines it. Digests of a payload are digests of that. [Record.Entity] is the payload with content coding removed: the document.
//
// How broken heads and broken chunks are understood is written here alone, in [ParseHead] and [Chunks], and false labels of content codings in
// package coding. The crawler reads the socket with the same code, so that a record says later what it said when it was made.
//
// # What is written
//
// WARC/1.1 with dates in microseconds. Every record has a WARC-Block-Digest (SHA-256, hex). Responses and revisits have a WARC-Payload-Digest
// (SHA-256, hex) and beside it the extension field WARC-Payload-Digest-SHA1 with the SHA-1 (Base32) of the same payload, because CDX files
// and most replay tools compare SHA-1, and WARC 1.1 lets a named field repeat only where it says so. WARC-Protocol (repeated) and
// WARC-Cipher-Suite follow the IIPC proposals that other crawlers settled on. Every file begins with a warcinfo record that the others name
// in WARC-Warcinfo-ID.
//
// A resource record has both payload digests too. That of a host's certificates has, besides WARC-Protocol and WARC-Cipher-Suite, two extension
// fields, WARC-TLS-Verified and WARC-TLS-Failure ([NewCertificates]), as no standard says how certificates are kept.
//
// WARC-Protocol of a request record is that of its request line, http/1.1; that of the other records is the answer's. A response and its
// request are concurrent to each other; metadata is concurrent to the record that it refers to.
//
// What a header cannot hold is refused when the draft is made: CR, LF and NUL in a value, a target URI that does not parse or that carries a
// user name, password or fragment, and a header longer than the 1 MiB that the reader takes. Nothing is repaired silently on the way in or out:
// [Record.Get] and [Record.All] give values as they stand in the file, RFC 2047 words too.
//
// # Payload digests
//
// A payload digest is of the entity, so it stays the same when a server cuts the same file into other chunks. Four things follow:
//
//   - A response whose head cannot be read as HTTP has no payload digest, only the digest of its block.
//   - The payload digest of a record with WARC-Truncated is that of what came, not of what should have come.
//   - Of a Transfer-Encoding such as "gzip, chunked" only the chunks are removed; the gzip below them is part of the payload.
//   - A body that says it is chunked and is not has the digest of its bytes as they came.
//
// The checker of PyPI's warcio ("warcio check", seen with 1.8) says "payload digest failed" of chunked responses. It digests the body with its
// chunk framing, where WARC 1.1 §6.3.2 and this package take the entity. Such a message about a record with Transfer-Encoding: chunked tells
// of that difference and of no damage; the block digests, which it checks as well, cover the same bytes.
//
// # Words in metadata blocks
//
// The block of a metadata record beside an exchange has the fields that [NewMetadata] lists. Two of them are for people:
//
//   - failure is "class: prose". The classes are the crawler's: refused, dns, connect, tls, timeout, broken, limit, archive, cancelled.
//   - note is prose, one oddity a line, in no fixed words: interim (1xx) answers, which are in no record; surplus bytes behind the message;
//     lengths and codings that contradict each other or the body, and which of them held; lines of the head that are no fields; a second
//     attempt on a new connection. Programs should show notes and not parse them.
//
// # What is promised
//
// A record is acknowledged only when it is readable in its file, and the records of one Write are there together or not at all. Damage on
// the way back is always an error that wraps [Damage] and says at which byte of the file: EOF means that every byte belonged to a whole record.
//
// [Recover] keeps every whole record of a file that its writer left behind, at its place: a damaged stretch between them is put aside, and
// replaced by a metadata record (text/plain, without target URI and digests) of the same length that says so.
//
// # Files of other writers
//
// [Read] takes what others write: WARC/0.17 to 1.1, plain files, target URIs in <>, odd line ends; what breaks the standard and can be read without
// doubt is a warning. [Check] is for records of our own: what they state must be so. [Examine] is for those of others: it computes the payload's
// digests, and what they state wrongly is a remark. [Sniff] tells what a file is that is none, and [Repack] gives the records of a file that was
// compressed as a whole members of their own.
//
// # Boundaries
//
// This package alone imports gowarc, in the files adapter.go and header.go: files are written through its WarcFileWriter with our Marshaler
// and our WarcRecord, and record headers are parsed by its Unmarshaler. It never sees gzip, never sees a block, and none of its options that
// repair or ignore is on; the tests named after W1-W11 and R1-R8 show why. The package knows nothing of runs, indexes, pages or
// photographs, and reads neither environment nor configuration. crawler/wire and everything below archive may import it.
package warc
