package warc

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// ErrSolid is wrapped, beside ErrLength, by the damage of a gzip member that goes on behind its record: somebody compressed a whole file, where
// WARC 1.1 Annex D wants a member for each record. Repack makes one of it that has.
var ErrSolid = errors.New("the gzip member goes on behind the record")

// Audit is what a record of another writer turned out to be.
type Audit struct {
	SHA1, SHA256 Digest // of the payload, by its bytes; zero where there is none: revisits, segments, blocks that are no HTTP, and other types
	Length       int64  // of the payload, bytes
	// Remarks say what in the record's own words is not so, one line each. Its bytes may be whole all the same: digests were computed in many
	// ways before WARC 1.1 said of what.
	Remarks []string
}

// Examine reads the rest of a record of another writer, of which nothing may have been read yet. Unlike Check it computes the digests of the
// payload whether or not the record states them, and takes what the record states and is not so as a remark. A payload digest that covers the
// chunk framing, as wget and warcio compute it, is let pass without one.
//
// The error wraps *Damage when the record is not whole.
func Examine(rec *Record) (Audit, error) {
	var a Audit
	for _, name := range []string{fieldType, fieldRecordID, fieldDate} {
		if rec.Get(name) == "" {
			a.remark("it has no %s", name)
		}
	}
	block := a.stated(rec, fieldBlockDigest)
	if block != nil {
		rec.Block = io.TeeReader(rec.Block, block.hash)
	}
	if rec.hasPayload() {
		if err := a.payload(rec); err != nil {
			return a, err
		}
	}
	if _, err := io.Copy(io.Discard, rec.rest()); err != nil {
		return a, err
	}
	if block != nil {
		a.compare(block)
	}
	return a, nil
}

// hasPayload reports whether the record holds a whole payload.
func (r *Record) hasPayload() bool {
	return (r.Type == Response || r.Type == Resource || r.Type == Conversion) && r.Get(fieldSegmentNumber) == ""
}

// payload reads the payload for its digests.
func (a *Audit) payload(rec *Record) error {
	var stated []*digesting
	for _, name := range []string{fieldPayloadDigest, fieldPayloadSHA1} {
		if d := a.stated(rec, name); d != nil {
			stated = append(stated, d)
		}
	}
	if rec.IsHTTP() {
		h, err := rec.Head()
		if errors.Is(err, ErrNotHTTP) {
			a.remark("its block is no HTTP message")
			return nil
		}
		if err != nil {
			return err
		}
		if h.Chunked() { // what is stated may be of the body with its framing
			for _, d := range stated {
				rec.body = io.TeeReader(rec.body, d.hash)
			}
		}
	}
	body, err := rec.Payload()
	if err != nil {
		return err
	}
	one, two := sha1.New(), sha256.New()
	if a.Length, err = io.Copy(io.MultiWriter(one, two), body); err != nil {
		return err
	}
	a.SHA1, a.SHA256 = NewDigest(SHA1, one.Sum(nil)), NewDigest(SHA256, two.Sum(nil))
	if _, err := io.Copy(io.Discard, rec.rest()); err != nil { // the framing to its end
		return err
	}
	for _, d := range stated {
		if d.want != a.SHA1 && d.want != a.SHA256 && d.want != NewDigest(d.want.Algorithm(), d.hash.Sum(nil)) {
			a.remark("%s is %s, but the payload has %s", d.field, d.want, a.of(d.want.Algorithm()))
		}
	}
	return nil
}

func (a *Audit) of(alg Algorithm) Digest {
	if alg == SHA1 {
		return a.SHA1
	}
	return a.SHA256
}

// stated is newDigesting with what cannot be read as a remark.
func (a *Audit) stated(rec *Record, field string) *digesting {
	d, err := newDigesting(rec, field)
	if err != nil {
		a.remark("%v", err)
	}
	return d
}

func (a *Audit) compare(d *digesting) {
	if err := d.compare(); err != nil {
		a.remark("%v", err)
	}
}

func (a *Audit) remark(format string, args ...any) {
	a.Remarks = append(a.Remarks, fmt.Sprintf(format, args...))
}

// Sniff says what a file is by its first bytes: nil for WARC, plain or gzip, and otherwise an error that names what it seems to be and wraps
// ErrForeign. Whether the file is whole it does not tell. Another error is one of r.
func Sniff(r io.Reader) error {
	s := newSource(r, 0, -1, false)
	defer s.release()
	start, err := s.buf.Peek(len("filedesc://"))
	if err != nil && err != io.EOF {
		return err
	}
	if what := otherThanWARC(start); what != "" {
		return fmt.Errorf("%w: it is %s", ErrForeign, what)
	}
	if len(start) == 0 {
		return fmt.Errorf("%w: it is empty", ErrForeign)
	}
	rec, err := s.next()
	if err == nil {
		rec.stream.abandon()
		return nil
	}
	var damage *Damage
	if !errors.As(err, &damage) { // io.EOF is that of members without content
		if err == io.EOF {
			err = fmt.Errorf("%w: it is empty", ErrForeign)
		}
		return err
	}
	if errors.Is(err, ErrForeign) {
		return damage.Err
	}
	return fmt.Errorf("%w: it begins with a damaged record: %w", ErrForeign, damage.Err)
}

// otherThanWARC names formats that people take for WARC files, by their first bytes.
func otherThanWARC(start []byte) string {
	zstd := bytes.HasPrefix(start, []byte("\x28\xb5\x2f\xfd")) ||
		len(start) > 4 && start[0]&0xf0 == 0x50 && bytes.HasPrefix(start[1:], []byte("\x2a\x4d\x18")) // RFC 8878 §3.1
	switch {
	case zstd:
		return "compressed with zstd: unpack it first (zstd -d)"
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return "a zip file, such as WACZ: unpack it, and take the WARC files in its folder archive"
	case bytes.HasPrefix(start, []byte("filedesc://")):
		return "an ARC file, the format before WARC"
	case bytes.HasPrefix(start, []byte("BZh")):
		return "compressed with bzip2: unpack it first"
	case bytes.HasPrefix(start, []byte("\xfd7zXZ")):
		return "compressed with xz: unpack it first"
	}
	return ""
}

// Repack writes the records of a plain file to w, each as a gzip member of its own. Their bytes stay as they are: what comes out is, unpacked,
// what went in. The error wraps *Damage when not every byte of the file belongs to a whole record.
func Repack(w io.Writer, plain io.ReaderAt, size int64) error {
	buf := bufio.NewWriterSize(w, writeBuffer)
	gz, err := gzip.NewWriterLevel(nil, textLevel)
	if err != nil {
		return err
	}
	for rec, err := range Read(io.NewSectionReader(plain, 0, size)) {
		if err == nil {
			err = rec.Finish()
		}
		if err != nil {
			return err
		}
		gz.Reset(buf)
		_, err = io.Copy(gz, io.NewSectionReader(plain, rec.Offset, rec.Length))
		if err = errors.Join(err, gz.Close()); err != nil {
			return err
		}
	}
	return buf.Flush()
}

// NextMember gives the offset, from from on, of the next whole record of a gzip file whose writer names the warcinfo record info in each of its
// records, as Recover does; -1 when there is none. With info "" there is none: what merely looks like a record may have come from a server. The
// error is one of the disk.
func NextMember(file io.ReaderAt, size, from int64, info string) (int64, error) {
	s := &survey{file: file, size: size, warcinfo: info}
	return s.seek(from)
}
