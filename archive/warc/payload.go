package warc

import (
	"io"

	"tearsheet/archive/warc/coding"
)

// Payload gives the entity: the block of a record that is no HTTP message, otherwise what follows the head with chunks taken off and content
// coding kept (WARC 1.1 §6.3.2). A body that says it is chunked and is not is given as it stands; one that breaks off gives what arrived.
func (r *Record) Payload() (io.Reader, error) {
	if !r.IsHTTP() {
		return r.Block, nil
	}
	h, err := r.Head()
	if err != nil {
		return nil, err
	}
	if h.Chunked() {
		return Dechunk(r.body), nil
	}
	return r.body, nil
}

// Entity gives the document: the payload with content coding (gzip, deflate, br, zstd) removed, and transfer codings besides chunked. Reading
// more than limit bytes of it fails with coding.ErrLimit. A coding that is not known is an error that wraps coding.ErrUnknown. Close gives
// the decoder back; it does not close the record.
func (r *Record) Entity(limit int64) (*coding.Reader, error) {
	payload, err := r.Payload()
	if err != nil {
		return nil, err
	}
	var codings []string
	if r.head != nil {
		codings = r.head.Codings()
	}
	return coding.Decode(codings, payload, coding.Bound{Decoded: limit})
}
