package warc

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

const typeFields = "application/warc-fields"

// NewMetadata makes an application/warc-fields metadata record (WARC 1.1 §6.6) about the record with the ID about ("" when there is none: a
// failure before the first byte), concurrent to it.
//
// Its block has the caller's fields first (via, hopsFromSeed, charsetForLinkExtraction, outlink, … as Heritrix names them), then what x
// knows: fetchTimeMs (whole milliseconds, as Heritrix), dnsTimeMs, connectTimeMs, tlsTimeMs and firstByteTimeMs (milliseconds with fraction,
// only where the part took place), failure, insecure ("true" when TLS was not verified), and one note for every oddity on the wire. Control
// characters in failures and notes, which may quote the server, become spaces; in the caller's fields they are refused.
func NewMetadata(x *Exchange, about string, fields []Field) (*Draft, error) {
	d, err := newExchangeDraft(Metadata, x)
	if err != nil {
		return nil, err
	}
	d.refersTo(about)
	d.ConcurrentTo(about)
	block, err := fieldsBlock(append(append([]Field(nil), fields...), exchangeFields(x)...))
	if err != nil {
		return nil, fmt.Errorf("metadata record of %s: %w", x.URL, err)
	}
	return d.finish(typeFields, block, Digest{})
}

// exchangeFields tells of an exchange what neither the message nor the record header tells.
func exchangeFields(x *Exchange) []Field {
	fields := []Field{{"fetchTimeMs", strconv.FormatInt(x.Timing.Total.Milliseconds(), 10)}}
	for _, part := range []struct {
		name string
		took time.Duration
	}{
		{"dnsTimeMs", x.Timing.DNS},
		{"connectTimeMs", x.Timing.Connect},
		{"tlsTimeMs", x.Timing.TLS},
		{"firstByteTimeMs", x.Timing.FirstByte},
	} {
		if part.took > 0 {
			ms := float64(part.took.Microseconds()) / 1000
			fields = append(fields, Field{part.name, strconv.FormatFloat(ms, 'f', -1, 64)})
		}
	}
	if x.Failure != "" {
		fields = append(fields, Field{"failure", oneLine(x.Failure)})
	}
	if x.Insecure {
		fields = append(fields, Field{"insecure", "true"})
	}
	for _, note := range x.Notes {
		fields = append(fields, Field{"note", oneLine(note)})
	}
	return fields
}

// NewJSON makes a metadata record with a block of another media type (a page's record, photo statements) that refers to the records with the
// IDs about. WARC 1.1 lets WARC-Refers-To stand once: it names the first, the record that is described; the others, which were captured with
// it, stand in WARC-Concurrent-To, which may repeat. Its date is now.
func NewJSON(targetURI, contentType string, about []string, body []byte) (*Draft, error) {
	d, err := newDraft(Metadata, time.Now(), targetURI)
	if err != nil {
		return nil, err
	}
	if contentType == "" {
		return nil, fmt.Errorf("metadata record of %s: it has no content type", targetURI)
	}
	if len(about) > 0 {
		d.refersTo(about[0])
		d.ConcurrentTo(about[1:]...)
	}
	return d.finish(contentType, bytes.NewReader(body), Digest{})
}

// NewResource makes a resource record (WARC 1.1 §6.4): content that came by no exchange. Its block is its payload.
func NewResource(targetURI, contentType string, date time.Time, body Block) (*Draft, error) {
	d, err := newDraft(Resource, date, targetURI)
	if err != nil {
		return nil, err
	}
	if body == nil || contentType == "" {
		return nil, fmt.Errorf("resource record of %s: it has no block or no content type", targetURI)
	}
	old, sum := sha1.New(), sha256.New()
	if err := copyBlock(io.MultiWriter(old, sum), body, make([]byte, min(body.Size(), copyBuffer))); err != nil {
		return nil, fmt.Errorf("resource record of %s: digest its block: %w", targetURI, err)
	}
	digest := NewDigest(SHA256, sum.Sum(nil))
	d.add(fieldPayloadDigest, digest.String())
	d.add(fieldPayloadSHA1, NewDigest(SHA1, old.Sum(nil)).String())
	d.stored = compressedType(contentType)
	return d.finish(contentType, body, digest)
}

// newWarcinfo makes the record that begins a file (WARC 1.1 §6.2). Fields of info take the place of ours with the same name.
func newWarcinfo(file string, date time.Time, info []Field) (*Draft, error) {
	d, err := newDraft(Warcinfo, date, "")
	if err != nil {
		return nil, err
	}
	d.add(fieldFilename, file)
	var fields []Field
	for _, f := range []Field{
		{"software", "tearsheet"},
		{"format", "WARC File Format 1.1"},
		{"conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"},
		{"payload-digest", "entity without transfer coding, with content coding (WARC 1.1 6.3.2)"},
	} {
		if get(info, f.Name) == "" {
			fields = append(fields, f)
		}
	}
	block, err := fieldsBlock(append(fields, info...))
	if err != nil {
		return nil, fmt.Errorf("warcinfo record: %w", err)
	}
	return d.finish(typeFields, block, Digest{})
}

// refersTo says which record a metadata record describes (WARC 1.1 §5.11).
func (d *Draft) refersTo(id string) {
	if id != "" {
		d.add(fieldRefersTo, bracket(id))
	}
}

// fieldsBlock writes an application/warc-fields block (WARC 1.1 §8).
func fieldsBlock(fields []Field) (Block, error) {
	var b bytes.Buffer
	for _, f := range fields {
		if err := f.check(); err != nil {
			return nil, err
		}
		b.WriteString(f.Name)
		b.WriteString(": ")
		b.WriteString(f.Value)
		b.WriteString("\r\n")
	}
	return bytes.NewReader(b.Bytes()), nil
}

// ParseFields reads an application/warc-fields block, the form of warcinfo and most metadata records. A line that starts with a space
// continues the one before; empty lines are skipped; a line without a colon is an error.
func ParseFields(block []byte) ([]Field, error) {
	var fields []Field
	for line := range strings.Lines(string(block)) {
		text := strings.TrimRight(line, "\r\n")
		switch {
		case strings.TrimSpace(text) == "":
		case text[0] == ' ' || text[0] == '\t':
			if len(fields) == 0 {
				return nil, errors.New("warc-fields begin with a continued line")
			}
			fields[len(fields)-1].Value += " " + strings.TrimSpace(text)
		default:
			name, value, ok := strings.Cut(text, ":")
			if !ok {
				return nil, fmt.Errorf("warc-fields line %q has no colon", text)
			}
			fields = append(fields, Field{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
	return fields, nil
}
