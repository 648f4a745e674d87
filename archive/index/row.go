package index

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"tearsheet/archive/warc"
)

// Row is one line of a CDXJ index: a response, revisit or resource record that can be given back.
type Row struct {
	Key       string // SURT of URL
	Timestamp Timestamp
	URL       string
	MIME      string      // media type of the payload, "warc/revisit" for revisits, "" when it is not known
	Status    int         // 0 when there is none
	Digest    warc.Digest // SHA-1 of the payload: what CDX tools compare ("digest")
	SHA256    warc.Digest // the same payload ("sha256")
	Length    int64       // bytes of the gzip member
	Offset    int64       // bytes from the start of the file
	File      string      // base name of the WARC file
}

// unknownMIME stands in a line for a media type that is not known, as other indexers write it.
const unknownMIME = "unk"

// AppendText appends r's line, without a line end: key, timestamp, and a JSON object with the members that pywb writes, in its order and with its
// habit of quoting numbers, then sha256. A media type that is not known is "unk", as CDXJ wants one; other members that r does not have are left out. The error says which field cannot be written; a URL must
// be UTF-8.
func (r Row) AppendText(b []byte) ([]byte, error) {
	if err := r.check(); err != nil {
		return b, fmt.Errorf("index row for %q: %w", r.URL, err)
	}
	b = append(b, r.Key...)
	b = append(b, ' ')
	b = append(b, r.Timestamp...)
	b = append(b, ` {"url": `...)
	b = appendString(b, r.URL)
	b = appendMember(b, "mime", cmp.Or(r.MIME, unknownMIME))
	if r.Status != 0 {
		b = appendNumber(b, "status", int64(r.Status))
	}
	b = appendMember(b, "digest", r.Digest.String())
	b = appendNumber(b, "length", r.Length)
	b = appendNumber(b, "offset", r.Offset)
	b = appendMember(b, "filename", r.File)
	b = appendMember(b, "sha256", r.SHA256.String())
	return append(b, '}'), nil
}

func (r Row) check() error {
	switch {
	case !validKey(r.Key):
		return fmt.Errorf("key %q is empty or has spaces or bytes outside of ASCII", r.Key)
	case !r.Timestamp.valid():
		return fmt.Errorf("timestamp %q is not 14 digits of a time", r.Timestamp)
	case r.Length < 0 || r.Offset < 0 || r.Status < 0:
		return fmt.Errorf("length %d, offset %d or status %d is negative", r.Length, r.Offset, r.Status)
	case r.URL == "" || r.File == "":
		return errors.New("URL or file name is missing")
	case !utf8.ValidString(r.URL) || !utf8.ValidString(r.MIME) || !utf8.ValidString(r.File):
		return errors.New("URL, media type or file name is not UTF-8")
	}
	return nil
}

func validKey(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			return false
		}
	}
	return key != ""
}

func appendNumber(b []byte, name string, n int64) []byte {
	b = append(b, `, "`...)
	b = append(b, name...)
	b = append(b, `": "`...)
	b = strconv.AppendInt(b, n, 10)
	return append(b, '"')
}

func appendMember(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, `, "`...)
	b = append(b, name...)
	b = append(b, `": `...)
	return appendString(b, value)
}

// appendString appends s as a JSON string. Nearly every URL needs no escape.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string can always be marshalled
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// line is the JSON of a row as it may be found: numbers quoted or not.
type line struct {
	URL      string `json:"url"`
	MIME     string `json:"mime"`
	Status   number `json:"status"`
	Digest   string `json:"digest"`
	Length   number `json:"length"`
	Offset   number `json:"offset"`
	Filename string `json:"filename"`
	SHA256   string `json:"sha256"`
}

type number int64

func (n *number) UnmarshalJSON(b []byte) error {
	b = bytes.Trim(b, `"`)
	if len(b) == 0 || string(b) == "-" || string(b) == "null" {
		return nil
	}
	v, err := strconv.ParseInt(string(b), 10, 64)
	*n = number(v)
	return err
}

// ParseRow reads a line as AppendText writes it, and as other CDXJ tools do: numbers quoted or not, members in any order, unknown ones ignored,
// a SHA-1 without its label, a line end. The error quotes the beginning of the line.
func ParseRow(text []byte) (Row, error) {
	r, err := parseRow(bytes.TrimRight(text, "\r\n"))
	if err != nil {
		return Row{}, fmt.Errorf("CDXJ line %.80q: %w", text, err)
	}
	return r, nil
}

func parseRow(text []byte) (Row, error) {
	key, rest, ok := bytes.Cut(text, []byte(" "))
	ts, object, ok2 := bytes.Cut(rest, []byte(" "))
	if !ok || !ok2 {
		return Row{}, errors.New("it has no key, timestamp and JSON object")
	}
	var l line
	if err := json.Unmarshal(object, &l); err != nil {
		return Row{}, err
	}
	if l.MIME == unknownMIME || l.MIME == "-" {
		l.MIME = ""
	}
	r := Row{Key: string(key), Timestamp: Timestamp(ts), URL: l.URL, MIME: l.MIME, Status: int(l.Status), Length: int64(l.Length),
		Offset: int64(l.Offset), File: l.Filename}
	var err error
	if r.Digest, err = parseDigest(l.Digest); err != nil {
		return Row{}, err
	}
	if r.SHA256, err = parseDigest(l.SHA256); err != nil {
		return Row{}, err
	}
	return r, r.check()
}

func parseDigest(s string) (warc.Digest, error) {
	switch {
	case s == "" || s == "-":
		return warc.Digest{}, nil
	case len(s) == 32: // pywb's own indexer
		return warc.ParseDigest("sha1:" + s)
	}
	return warc.ParseDigest(s)
}
