package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// evidence is what one record, read back, says: index, pages and counts are made from it.
type evidence struct {
	kept  Kept            // of a response or revisit, and of the metadata beside a failed exchange
	row   *index.Row      // of a response or revisit
	about string          // of metadata: the record that it describes
	hop   *Hop            // of the metadata beside an exchange
	page  json.RawMessage // of a page's record: its row
	list  string          // the list that has the row: pagesName or derivedName

	doubts []string // of a record of another writer: why it cannot be indexed
}

// maxFields bounds an application/warc-fields block in bytes.
const maxFields = 16 << 20

// examine reads a record to its end. The error wraps *warc.Damage when the record is not whole.
func examine(rec *warc.Record, file string) (evidence, error) {
	e, err := interpret(rec, file)
	if err == nil && rec.Type == warc.Response {
		e.kept.Size, err = payloadSize(rec)
	}
	if err == nil {
		err = rec.Finish()
	}
	if err != nil {
		return e, fmt.Errorf("%s record %s of %s: %w", rec.Type, rec.ID, rec.TargetURI, err)
	}
	e.stands(rec.Length)
	return e, nil
}

// interpret makes evidence of a record's fields and of as much of its block as must be understood: the head of HTTP, all of metadata.
func interpret(rec *warc.Record, file string) (evidence, error) {
	e := evidence{kept: Kept{
		URL: rec.TargetURI, Record: rec.ID, Type: rec.Type, File: file, Offset: rec.Offset, Time: rec.Date.UTC(),
	}}
	switch rec.Type {
	case warc.Response, warc.Revisit, warc.Resource:
		return e, e.readAnswer(rec)
	case warc.Metadata:
		return e, e.readMetadata(rec)
	}
	return e, nil
}

// stands sets the length of the record, which is known only when it has been read.
func (e *evidence) stands(length int64) {
	e.kept.Length = length
	if e.row != nil {
		e.row.Length = length
	}
}

// payloadSize reads the payload of a response. A block that is not HTTP has none.
func payloadSize(rec *warc.Record) (int64, error) {
	payload, err := rec.Payload()
	if errors.Is(err, warc.ErrNotHTTP) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, payload)
}

// readAnswer makes the index row of a record that can be given back.
func (e *evidence) readAnswer(rec *warc.Record) error {
	key, err := index.SURT(rec.TargetURI)
	if err != nil {
		return err
	}
	sha1, sha256, err := payloadDigests(rec.Get)
	if err != nil {
		return err
	}
	e.kept.Digest = sha256.String()
	if rec.Type == warc.Resource {
		e.kept.MIME = mediaType(rec.ContentType)
	} else if e.kept.Status, e.kept.MIME, err = headFacts(rec); err != nil {
		return err
	}
	if rec.Type == warc.Response { // a revisit says "length" for the payload that it leaves out
		e.kept.Truncated = warc.Truncation(rec.Get("WARC-Truncated"))
	}
	row := e.kept.row(key, sha1, sha256)
	e.row = &row
	return nil
}

// readMetadata takes up what the crawler said of an exchange, and pages. Metadata of other kinds says nothing here.
func (e *evidence) readMetadata(rec *warc.Record) error {
	e.about = unbracket(rec.Get("WARC-Refers-To"))
	switch contentType, _, _ := strings.Cut(rec.ContentType, ";"); contentType {
	case "application/warc-fields":
		block, err := readBlock(rec, maxFields)
		if err != nil {
			return err
		}
		fields, err := warc.ParseFields(block)
		if err != nil {
			return err
		}
		e.hop = hopOf(fields)
		for _, f := range fields {
			if f.Name == "failure" {
				e.kept.Failure = f.Value
			}
		}
	case pageRecordType:
		if !strings.HasPrefix(rec.TargetURI, pageTarget) {
			return nil // of an import: JSON of somebody else
		}
		block, err := readBlock(rec, maxPageRow+64)
		if err != nil {
			return err
		}
		var p pageRecord
		if err := json.Unmarshal(block, &p); err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
		if e.page, e.list = p.Page, pagesName; len(p.Derived) > 0 {
			e.page, e.list = p.Derived, derivedName
		}
	}
	return nil
}

// unbracket takes the <> off a record id (WARC 1.1 §5.2).
func unbracket(id string) string { return strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">") }

func readBlock(rec *warc.Record, limit int64) ([]byte, error) {
	if rec.BlockLength > limit {
		return nil, fmt.Errorf("its block has %d bytes, more than %d", rec.BlockLength, limit)
	}
	return io.ReadAll(rec.Block)
}

// hopOf is the inverse of Hop.fields, for the two fields that Recover needs.
func hopOf(fields []warc.Field) *Hop {
	h := &Hop{Path: "?"} // of an import: neither a seed nor anything else that we know
	for _, f := range fields {
		switch f.Name {
		case fieldSeed:
			h.Path = ""
		case fieldHops:
			h.Path = f.Value
		case fieldVia:
			h.Via = f.Value
		}
	}
	return h
}

// payloadDigests gives the digests that the fields of a record or draft state of its payload.
func payloadDigests(get func(name string) string) (sha1, sha256 warc.Digest, err error) {
	for _, name := range []string{"WARC-Payload-Digest", "WARC-Payload-Digest-SHA1"} {
		value := get(name)
		if value == "" {
			continue
		}
		d, err := warc.ParseDigest(value)
		switch {
		case errors.Is(err, warc.ErrAlgorithm): // of an import: cannot be looked for here
		case err != nil:
			return sha1, sha256, err
		case d.Algorithm() == warc.SHA1:
			sha1 = d
		case d.Algorithm() == warc.SHA256:
			sha256 = d
		}
	}
	return sha1, sha256, nil
}

// headFacts gives status and media type as the index lists them. They come from the record's own bytes and not from what a crawler made of
// them, so that the same row comes out when the record is read back. A block that is not HTTP has neither.
func headFacts(rec *warc.Record) (status int, mime string, err error) {
	h, err := rec.Head()
	switch {
	case errors.Is(err, warc.ErrNotHTTP):
		return 0, "", nil
	case err != nil:
		return 0, "", err
	}
	return h.Status, mediaType(h.Header.Get("Content-Type")), nil
}

// answerFacts is headFacts for an exchange that is not a record yet.
func answerFacts(x *warc.Exchange) (status int, mime string, err error) {
	return headFacts(&warc.Record{ContentType: "application/http", Block: io.NewSectionReader(x.Response, 0, x.Response.Size())})
}

// mediaType gives the media type of a Content-Type field, lower case and without parameters, "" when the field has none that could be one.
func mediaType(field string) string {
	t, _, err := mime.ParseMediaType(field)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		field = strings.TrimSpace(field)
		if i := strings.IndexAny(field, "; ,\t\""); i >= 0 {
			field = field[:i]
		}
		t = strings.ToLower(field)
	}
	if len(t) > 255 || !strings.Contains(t, "/") || !utf8.ValidString(t) {
		return ""
	}
	return t
}
