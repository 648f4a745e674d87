package archive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// foreignScan reads a WARC file of another tool that stands in a run.
type foreignScan struct {
	run      *Run
	ctx      context.Context
	file     *os.File
	size     int64
	look     func(Met) error
	imported *Imported
	info     string // the id of the warcinfo record with which it begins
}

// all reads the records of the file, and behind damage those that certainly are its writer's: a gzip member that names the warcinfo record with
// which the file begins. A server could have sent what merely looks like a record. The error is not about the file.
func (s *foreignScan) all() error {
	for at := int64(0); at < s.size; {
		err := s.from(at)
		var damage *warc.Damage
		if !errors.As(err, &damage) {
			return err
		}
		next, err := warc.NextMember(s.file, s.size, damage.Offset+1, s.info)
		if err != nil {
			return err
		}
		if next < 0 {
			next = s.size
		}
		s.imported.Damage = append(s.imported.Damage, Flaw{Offset: damage.Offset, Length: next - damage.Offset, What: harmless(damage.Err.Error())})
		at = next
	}
	return nil
}

// from reads records from an offset on. The error is a *warc.Damage whose offset is one of the file, or none of the file's making.
func (s *foreignScan) from(at int64) error {
	for rec, err := range warc.Read(&attentive{s.ctx, io.NewSectionReader(s.file, at, s.size-at)}) {
		if err == nil {
			err = s.record(rec, at)
		}
		var damage *warc.Damage
		if errors.As(err, &damage) {
			return &warc.Damage{Offset: at + damage.Offset, Err: damage.Err}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// record takes up one record, whose offset is counted from base.
func (s *foreignScan) record(rec *warc.Record, base int64) error {
	e, met, audit, err := examineForeign(rec, s.imported.File, base)
	if err != nil {
		return err
	}
	if rec.Type == warc.Warcinfo && rec.Offset == 0 {
		s.info = rec.ID
	}
	s.imported.Records++
	for _, what := range append(audit.Remarks, e.doubts...) {
		s.imported.remark(rec, what)
	}
	s.run.mu.Lock()
	if t := e.kept.Type; t == warc.Response || t == warc.Revisit {
		s.run.facts.Counts.addExchange(e.kept)
	}
	if met.Indexed {
		err = s.run.rows.Add(*e.row)
	}
	s.run.mu.Unlock()
	if err != nil {
		return err
	}
	return s.look(met)
}

// maxMet bounds in bytes the blocks that Met hands over.
const maxMet = 8 << 20

// examineForeign reads a record of another writer to its end. What it says of itself and what can be indexed of it is judged by its bytes. Its
// offset, and where it stands, are counted from base. The error wraps *warc.Damage, whose offset is not.
func examineForeign(rec *warc.Record, file string, base int64) (evidence, Met, warc.Audit, error) {
	block := &head{limit: foreignHead(rec)}
	rec.Block = io.TeeReader(rec.Block, block)
	audit, err := warc.Examine(rec)
	if err != nil {
		return evidence{}, Met{}, audit, err
	}
	rec.Offset += base // only now: the length was counted from what it was
	rec.Block = bytes.NewReader(block.bytes)
	e := evidence{kept: Kept{
		URL: rec.TargetURI, Record: rec.ID, Type: rec.Type, File: file, Offset: rec.Offset, Length: rec.Length,
		Time: rec.Date.UTC().Truncate(time.Microsecond),
	}}
	if !canBeNamed(rec.ID) {
		e.kept.Record = ""
	}
	met := Met{
		Concurrent: unbracketed(rec.All("WARC-Concurrent-To")), RefersTo: unbracket(rec.Get("WARC-Refers-To")), Resource: rec.Get("WARC-Resource-Type"),
	}
	if h, err := rec.Head(); err == nil {
		met.Head = h
	}
	switch rec.Type {
	case warc.Response, warc.Revisit, warc.Resource:
		e.foreignAnswer(rec, audit, met.Head)
	}
	if int64(len(block.bytes)) == rec.BlockLength && (rec.Type == warc.Metadata || rec.Type == warc.Resource) {
		met.Block = block.bytes
	}
	if met.Kept = e.kept; e.row != nil {
		met.Indexed, met.Digests = e.kept.indexed(), []warc.Digest{e.row.Digest, e.row.SHA256}
	}
	return e, met, audit, nil
}

// canBeNamed reports whether a record's id can stand in lists and in the headers of other records.
func canBeNamed(id string) bool {
	bad := func(c rune) bool { return c <= ' ' || c == 0x7f || c == '<' || c == '>' }
	return utf8.ValidString(id) && len(id) <= 1<<10 && !strings.ContainsFunc(id, bad)
}

// foreignHead says how much of a block must be kept to understand the record.
func foreignHead(rec *warc.Record) int {
	switch {
	case rec.Type == warc.Metadata, rec.Type == warc.Resource && strings.HasPrefix(rec.TargetURI, pageTarget):
		if rec.BlockLength <= maxMet {
			return maxMet
		}
	case rec.Type == warc.Request, rec.Type == warc.Revisit, rec.Type == warc.Response && rec.Get("WARC-Segment-Number") != "":
		return 2 << 20
	}
	return 0
}

func unbracketed(ids []string) []string {
	for i, id := range ids {
		ids[i] = unbracket(id)
	}
	return ids
}

// foreignAnswer fills in what the index says of a record that can be given back. Of the digests of the payload the record's own SHA-1 stands, as
// revisits name it; the SHA-256 is that of the bytes. A record that no index can hold has no row.
func (e *evidence) foreignAnswer(rec *warc.Record, audit warc.Audit, h *warc.Head) {
	sha1, sha256, _ := payloadDigests(rec.Get) // what cannot be read is a remark of the audit
	if !audit.SHA256.IsZero() {
		sha256 = audit.SHA256
	}
	if sha1.IsZero() {
		sha1 = audit.SHA1
	}
	e.kept.Digest, e.kept.Size = sha256.String(), audit.Length
	switch {
	case rec.Type == warc.Resource:
		e.kept.MIME = mediaType(rec.ContentType)
	case h != nil:
		e.kept.Status, e.kept.MIME = h.Status, mediaType(h.Header.Get("Content-Type"))
	}
	if rec.Type == warc.Response {
		e.kept.Truncated = warc.Truncation(rec.Get("WARC-Truncated"))
	}
	key, err := index.SURT(rec.TargetURI)
	if err == nil && rec.Date.IsZero() {
		err = errNoDate
	}
	row := e.kept.row(key, sha1, sha256)
	if err == nil {
		_, err = row.AppendText(nil)
	}
	if err != nil {
		e.doubts = append(e.doubts, "it cannot be looked up: "+err.Error())
		return
	}
	e.row = &row
}

var errNoDate = errors.New("it has no date")
