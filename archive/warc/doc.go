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
// What a header cannot hold is refused when the draft is made: CR, LF and NUL in a value, a target URI that does not parse or that carries a
// user name, password or fragment. Nothing is repaired silently on the way in or out.
//
// # What is promised
//
// A record is acknowledged only when it is readable in its file, and the records of one Write are there together or not at all. Damage on
// the way back is always an error that wraps [Damage] and says at which byte of the file: EOF means that every byte belonged to a whole record.
//
// # Boundaries
//
// This package alone imports gowarc, in the files adapter.go and header.go: files are written through its WarcFileWriter with our Marshaler
// and our WarcRecord, and record headers are parsed by its Unmarshaler. It never sees gzip, never sees a block, and none of its options that
// repair or ignore is on; the tests named after W1-W11 and R1-R8 show why. The package knows nothing of runs, indexes, pages or
// photographs, and reads neither environment nor configuration. crawler/wire and everything below archive may import it.
package warc
