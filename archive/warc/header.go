package warc

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/nlnwa/gowarc/v2"
)

// maxHeader bounds a record's header in bytes, version line to empty line: for the reader, so that a file of something else cannot fill the
// memory, and for the writer, so that nothing is acknowledged that cannot be read.
const maxHeader = 1 << 20

var versionLine = regexp.MustCompile(`^WARC/[0-9]+\.[0-9]+[ \t]*\r?$`)

// unmarshaler parses record headers. It is given the bytes of one header, found and bounded by us, and nothing else: behind a gzip error its
// field parser would run for ever (R1), and blocks it would keep whole, in memory and in temporary files (W8). As it has no block, there is
// nothing that ErrIgnore could cut short (R7), while the default ErrWarn would empty values that it does not like (W3, R8). Everything that
// repairs is off. It is made once, before anything runs, because making one writes to a global of another package (W7); it has no state.
var unmarshaler = gowarc.NewUnmarshaler(
	gowarc.WithSyntaxErrorPolicy(gowarc.ErrWarn),
	gowarc.WithSpecViolationPolicy(gowarc.ErrIgnore),
	gowarc.WithUnknownRecordTypePolicy(gowarc.ErrIgnore),
	gowarc.WithSkipParseBlock(),
	gowarc.WithFixContentLength(false),
	gowarc.WithFixDigest(false),
	gowarc.WithFixSyntaxErrors(false),
	gowarc.WithFixWarcFieldsBlockErrors(false),
	gowarc.WithAddMissingContentLength(false),
	gowarc.WithAddMissingDigest(false),
	gowarc.WithAddMissingRecordId(false),
)

// parseHeader makes a Record of the bytes of a header, version line to empty line. buf is scratch.
func parseHeader(header []byte, buf *bufio.Reader) (rec *Record, err error) {
	defer func() {
		if p := recover(); p != nil { // R2, and whatever of its kind is not known yet
			rec, err = nil, fmt.Errorf("%w: %v", ErrHeader, p)
		}
	}()
	if line, _, _ := bytes.Cut(header, []byte("\n")); !versionLine.Match(line) {
		return nil, fmt.Errorf("%w: it begins with %.40q", ErrHeader, line)
	}
	buf.Reset(bytes.NewReader(header))
	parsed, _, validation, err := unmarshaler.Unmarshal(buf)
	if parsed == nil {
		return nil, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	// With a record there is only one error left: a digest of an algorithm that gowarc does not know, which is no reason not to read.
	rec = &Record{Version: parsed.Version().String(), Fields: writtenFields(header)}
	if validation != nil {
		for _, w := range *validation {
			rec.Warnings = append(rec.Warnings, w.Error())
		}
	}
	return rec, rec.interpret()
}

// interpret fills in what every reader of a record asks for.
func (r *Record) interpret() error {
	length := r.Get(fieldContentLength)
	n, err := strconv.ParseUint(length, 10, 63)
	if err != nil {
		return fmt.Errorf("%w: Content-Length %q", ErrHeader, length)
	}
	r.BlockLength = int64(n)
	r.Type = Type(strings.ToLower(r.Get(fieldType)))
	r.ID = unbracket(r.Get(fieldRecordID))
	r.ContentType = r.Get(fieldContentType)
	r.TargetURI = unbracket(r.Get(fieldTargetURI))
	if date := r.Get(fieldDate); date != "" {
		if r.Date, err = parseDate(date); err != nil {
			r.Warnings = append(r.Warnings, err.Error())
		}
	}
	return nil
}

// writtenFields takes the fields from the bytes of a header as they were written, without the spaces around names and values: gowarc decodes RFC
// 2047 words (WARC 1.1 §4 lets writers use them), which a URI may contain by chance. A line that begins with a space or tab continues the one
// before; a line without a colon is passed over, and gowarc warns of it.
func writtenFields(header []byte) []Field {
	_, text, _ := strings.Cut(string(header), "\n") // behind the version line
	fields := make([]Field, 0, strings.Count(text, "\n"))
	last := false // the line before was a field
	for line := range strings.Lines(text) {
		if last && (line[0] == ' ' || line[0] == '\t') {
			f := &fields[len(fields)-1]
			f.Value = strings.Trim(f.Value+" "+strings.Trim(line, blanks), blanks)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if last = ok; ok {
			fields = append(fields, Field{strings.Trim(name, blanks), strings.Trim(value, blanks)})
		}
	}
	return fields
}

// blanks may stand around a name or value: spaces, tabs, and the line's end.
const blanks = " \t\r\n"

// parseDate reads a WARC-Date: the profile of ISO 8601 that W3C-DTF defines, from a year to fractions of a second (WARC 1.1 §5.4).
func parseDate(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s %q is no date", fieldDate, s)
}
