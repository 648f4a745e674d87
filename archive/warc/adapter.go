package warc

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/nlnwa/gowarc/v2"
)

// openSuffix ends the name of a file that is being written.
const openSuffix = ".open"

// file is what the writer that gowarc hands to our Marshaler must be able to do besides, so that a failed record can be taken back. With
// WithCompression(false) it is the *os.File itself.
type file interface {
	io.WriteSeeker
	Truncate(size int64) error
	Sync() error
}

// batch is the records of one Write on their way through gowarc.
type batch struct {
	drafts   []*Draft
	warcinfo string
	lengths  []int64 // of the members encoded so far
	err      error   // the first failure; nothing is written after it
}

// outlet is the road to the disk: gowarc's WarcFileWriter creates, closes and renames the files, and our Marshaler puts members into them.
// Its methods are not safe for concurrent use; Writer holds its lock.
type outlet struct {
	files *gowarc.WarcFileWriter
	adopt func(io.Writer) (file, error) // tests put failing disks between
	enc   *encoder

	dir, name string // of the file that gowarc creates next
	file      file   // the file that gowarc has open; nil when it has none
	batch     *batch
}

func newOutlet(dir string) (*outlet, error) {
	enc, err := newEncoder()
	if err != nil {
		return nil, err
	}
	o := &outlet{dir: dir, enc: enc, adopt: asFile}
	o.files = gowarc.NewWarcFileWriter(
		gowarc.WithCompression(false), // the Marshaler makes the members: gowarc drops the error of closing them (W1)
		gowarc.WithMaxFileSize(0),     // rotation is ours: sync first, then rename
		gowarc.WithMaxConcurrentWriters(1),
		gowarc.WithFileNameGenerator(o),
		gowarc.WithOpenFileSuffix(openSuffix),
		gowarc.WithMarshaler(o),
	)
	return o, nil
}

func asFile(w io.Writer) (file, error) {
	f, ok := w.(file)
	if !ok {
		return nil, fmt.Errorf("gowarc handed over a %T, which cannot be truncated", w)
	}
	return f, nil
}

// NewWarcfileName implements gowarc.WarcFileNameGenerator. gowarc asks again for every record of a call when it cannot create the file, so
// the answer stays the same until the Writer sets another name.
func (o *outlet) NewWarcfileName() (dir, name string) { return o.dir, o.name }

// path is where the file that is being written stands.
func (o *outlet) path() string { return filepath.Join(o.dir, o.name+openSuffix) }

// write sends a batch to the current file, which is created when there is none. After an error the file may hold any part of the batch.
func (o *outlet) write(b *batch) error {
	o.batch = b
	defer func() { o.batch = nil }()
	records := make([]gowarc.WarcRecord, len(b.drafts))
	for i, d := range b.drafts {
		records[i] = &record{draft: d, index: i, warcinfo: b.warcinfo}
	}
	responses := o.files.Write(records...)
	if b.err != nil {
		return b.err
	}
	for _, r := range responses {
		if r.Err != nil {
			return r.Err
		}
	}
	if len(b.lengths) != len(b.drafts) {
		return fmt.Errorf("%d of %d records were written", len(b.lengths), len(b.drafts))
	}
	return nil
}

// Marshal implements gowarc.Marshaler for the records of the current batch, in their order. The last of them empties the buffer.
func (o *outlet) Marshal(w io.Writer, r gowarc.WarcRecord, _ int64) (gowarc.WarcRecord, int64, error) {
	before := len(o.batch.lengths)
	if o.batch.err == nil {
		o.batch.err = o.append(w, r)
	}
	if o.batch.err != nil {
		return nil, 0, o.batch.err
	}
	return nil, o.batch.lengths[before], nil
}

func (o *outlet) append(w io.Writer, r gowarc.WarcRecord) error {
	rec, ok := r.(*record)
	if !ok || rec.index != len(o.batch.lengths) {
		return errors.New("gowarc asked for another record than the next") // it could not create the file for an earlier one
	}
	if o.file == nil {
		f, err := o.adopt(w)
		if err != nil {
			return err
		}
		o.file = f
	}
	if rec.index == 0 {
		o.enc.begin(o.file)
	}
	n, err := o.enc.encode(rec.draft, rec.warcinfo)
	if err != nil {
		return err
	}
	if rec.index == len(o.batch.drafts)-1 {
		if err := o.enc.flush(); err != nil {
			return err
		}
	}
	o.batch.lengths = append(o.batch.lengths, n)
	return nil
}

// closeFile closes the current file, takes .open off its name and syncs the folder.
func (o *outlet) closeFile() error {
	o.file = nil
	return o.files.Rotate()
}

// close ends gowarc's goroutines. The current file must be closed already: here its errors would go to a log (W9).
func (o *outlet) close() error { return o.files.Close() }

// record shows a draft to gowarc. What gowarc can do to records in memory (making and merging revisits) is not for drafts.
type record struct {
	draft    *Draft
	index    int // in its batch
	warcinfo string
}

func (r *record) Version() *gowarc.WarcVersion  { return gowarc.V1_1 }
func (r *record) RecordId() string              { return r.draft.ID }
func (r *record) ContentLength() (int64, error) { return r.draft.Block.Size(), nil }
func (r *record) Date() (time.Time, error)      { return time.Parse(time.RFC3339, r.draft.Get(fieldDate)) }
func (r *record) Block() gowarc.Block           { return recordBlock{r.draft} }
func (r *record) Close() error                  { return nil } // the block is its maker's to close
func (r *record) String() string                { return fmt.Sprintf("%s record %s", r.draft.Type, r.draft.ID) }

func (r *record) Type() gowarc.RecordType {
	switch r.draft.Type {
	case Warcinfo:
		return gowarc.Warcinfo
	case Request:
		return gowarc.Request
	case Response:
		return gowarc.Response
	case Revisit:
		return gowarc.Revisit
	case Metadata:
		return gowarc.Metadata
	case Resource:
		return gowarc.Resource
	default:
		return 0
	}
}

func (r *record) WarcHeader() *gowarc.WarcFields {
	fields := &gowarc.WarcFields{}
	fields.Add(gowarc.WarcType, string(r.draft.Type))
	fields.AddId(gowarc.WarcRecordID, r.draft.ID)
	for _, f := range r.draft.Fields {
		fields.Add(f.Name, f.Value)
	}
	if r.draft.Type != Warcinfo {
		fields.AddId(gowarc.WarcWarcinfoID, r.warcinfo)
	}
	fields.AddInt64(gowarc.ContentLength, r.draft.Block.Size())
	return fields
}

var errDraft = errors.New("a draft is not a record that was read")

func (r *record) ToRevisitRecord(*gowarc.RevisitRef) (gowarc.WarcRecord, error) { return nil, errDraft }
func (r *record) RevisitRef() (*gowarc.RevisitRef, error)                       { return nil, errDraft }
func (r *record) CreateRevisitRef(string) (*gowarc.RevisitRef, error)           { return nil, errDraft }
func (r *record) Merge(...gowarc.WarcRecord) (gowarc.WarcRecord, error)         { return nil, errDraft }
func (r *record) ValidateDigest(*gowarc.Validation) error                       { return nil }

// recordBlock shows a draft's block to gowarc.
type recordBlock struct{ draft *Draft }

func (b recordBlock) RawBytes() (io.Reader, error) {
	return io.NewSectionReader(b.draft.Block, 0, b.Size()), nil
}
func (b recordBlock) BlockDigest() string { return b.draft.Get(fieldBlockDigest) }
func (b recordBlock) Size() int64         { return b.draft.Block.Size() }
func (b recordBlock) IsCached() bool      { return true }
func (b recordBlock) Cache() error        { return nil }
func (b recordBlock) Close() error        { return nil }
