package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/klauspost/compress/gzip"

	"tearsheet/archive/warc"
)

// Imported is a WARC file of another tool in a run of kind import. Its records are read as they are: the index has a row for each that can be
// given back, and what is wrong with them is told here, once, as it was so when it came. Pages and photographs are told in records of our own, in
// another file.
type Imported struct {
	File    string `json:"file"`   // in archive/
	Source  string `json:"source"` // the name of the file that was given, without its folder
	Bytes   int64  `json:"bytes"`  // of that file
	SHA256  string `json:"hash"`   // of that file, "sha256:hex"; that of the resource too, unless it was repacked
	Records int    `json:"records"`
	// Repacked says that the file had been compressed as a whole: its records stand in gzip members of their own now. Unpacked, it is the
	// same bytes.
	Repacked bool `json:"repacked,omitempty"`

	Damage  []Flaw   `json:"damage,omitempty"`  // what of the file is in no whole record
	Remarks []string `json:"remarks,omitempty"` // what the records say of themselves and is not so, or cannot be indexed; the first ones
	Doubts  int      `json:"doubts,omitempty"`  // how many remarks there would be
}

// Flaw is a stretch of a file that belongs to no whole record.
type Flaw struct {
	Offset int64  `json:"offset"` // bytes
	Length int64  `json:"length"`
	What   string `json:"what"`
}

// maxRemarks bounds the remarks on one file that are kept.
const maxRemarks = 50

func (i *Imported) remark(rec *warc.Record, what string) {
	if i.Doubts++; len(i.Remarks) < maxRemarks {
		i.Remarks = append(i.Remarks, harmless(fmt.Sprintf("%s record %s of %s at byte %d: %s", rec.Type, rec.ID, speakable(rec.TargetURI), rec.Offset, what)))
	}
}

// harmless makes what quotes a foreign file fit for a line of a list or of a terminal.
func harmless(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// Met is a record of an imported file, as whoever looks for pages in it wants to know it.
type Met struct {
	Kept       Kept          // where it stands; status, media type and digest of what can be given back
	Indexed    bool          // it can be looked up
	Head       *warc.Head    // of a request, response or revisit that is HTTP; nil otherwise
	Digests    []warc.Digest // of the payload of what can be given back, as revisits may name it
	Concurrent []string      // WARC-Concurrent-To
	RefersTo   string        // WARC-Refers-To
	Resource   string        // WARC-Resource-Type, as crawlers with browsers write it: "document", "image", "fetch"
	Block      []byte        // of metadata, and of resources whose URI is a urn:pageinfo:; empty when it is longer than 8 MiB
}

// ErrNoWARC is wrapped by the error of a file that is no WARC file, or of which nothing can be read.
var ErrNoWARC = errors.New("not a WARC file")

// AddFile takes a WARC file of another tool into the run, which must be of kind import, byte for byte: plain or gzip, of any version of WARC.
// It reads every record, adds to the index what can be given back, and hands each to look, in order. One that was compressed as a whole is
// repacked, as no record of it could be reached otherwise.
//
// A file of which a part is damaged is taken with all its bytes; Imported says what could not be read. The error wraps ErrNoWARC for a file
// without any whole record, and for one that is damaged and was compressed as a whole. After an error the run holds nothing of the file's
// index; Discard it.
func (r *Run) AddFile(ctx context.Context, source string, look func(Met) error) (Imported, error) {
	r.life.RLock()
	defer r.life.RUnlock()
	if r.ended {
		return Imported{}, r.endedError()
	}
	if r.facts.Kind != KindImport {
		return Imported{}, fmt.Errorf("run %s is no import: %s is not taken into it", r.ID(), source)
	}
	i, err := r.addFile(ctx, source, look)
	if err != nil {
		return Imported{}, fmt.Errorf("taking %s into run %s: %w", source, r.ID(), withSpace(err, r.draft.dir))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.facts.Imported = append(r.facts.Imported, i)
	return i, nil
}

func (r *Run) addFile(ctx context.Context, source string, look func(Met) error) (Imported, error) {
	f, err := os.Open(source)
	if err != nil {
		return Imported{}, err
	}
	defer f.Close() // nothing was written
	if err := warc.Sniff(&attentive{ctx, f}); err != nil {
		if errors.Is(err, warc.ErrForeign) {
			err = fmt.Errorf("%w: %w", ErrNoWARC, err)
		}
		return Imported{}, err
	}
	i, err := r.copyIn(ctx, f, filepath.Base(source))
	if err != nil {
		return Imported{}, err
	}
	in, err := os.Open(r.draft.path(path.Join(dataDir, i.File)))
	if err != nil {
		return Imported{}, err
	}
	defer in.Close() // nothing was written
	info, err := in.Stat()
	if err != nil {
		return Imported{}, err
	}
	s := &foreignScan{run: r, ctx: ctx, file: in, size: info.Size(), look: look, imported: &i}
	if err := s.all(); err != nil {
		return Imported{}, err
	}
	if i.Records == 0 {
		return Imported{}, fmt.Errorf("%w: no record of it is whole: %s", ErrNoWARC, i.Damage[0].What)
	}
	return i, nil
}

// copyIn copies the file into the run under a name that is free, repacked where that is needed, and makes it durable.
func (r *Run) copyIn(ctx context.Context, f *os.File, source string) (Imported, error) {
	i := Imported{Source: source}
	compressed, solid, err := form(f)
	if err != nil {
		return i, err
	}
	sum := sha256.New()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return i, err
	}
	in := &digestReader{r: &attentive{ctx, f}, sum: sum}
	write := func(w io.Writer) error { _, err := io.Copy(w, in); return err }
	if solid {
		write = func(w io.Writer) error { return r.draft.repack(in, w) }
		i.Repacked = true
	}
	name := foreignName(source, compressed)
	for n := 2; ; n++ {
		i.File = name
		err := createDurable(r.draft.path(path.Join(dataDir, name)), write)
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrExist) {
			return i, err
		}
		name = fmt.Sprintf("%d-%s", n, foreignName(source, compressed))
	}
	i.Bytes, i.SHA256 = in.size, warc.NewDigest(warc.SHA256, sum.Sum(nil)).String()
	return i, syncFolder(r.draft.path(dataDir))
}

// createDurable makes a new file. What was written of one that fails is removed.
func createDurable(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// form tells how a file is compressed, by its first record.
func form(f *os.File) (compressed, solid bool, err error) {
	var magic [2]byte
	if _, err := f.ReadAt(magic[:], 0); err != nil {
		return false, false, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return false, false, err
	}
	compressed = magic == [2]byte{0x1f, 0x8b}
	for rec, err := range warc.Read(f) {
		if err == nil {
			err = rec.Finish()
		}
		return compressed, errors.Is(err, warc.ErrSolid), nil
	}
	return compressed, false, nil
}

// repack unpacks a file that was compressed as a whole, and writes its records as members of their own.
func (d *draft) repack(in io.Reader, w io.Writer) error {
	z, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	plain, err := os.CreateTemp(d.path(spillDir), "unpacked-*")
	if err != nil {
		return err
	}
	defer plain.Close() // a nameless file
	if err := os.Remove(plain.Name()); err != nil {
		return err
	}
	size, err := io.Copy(plain, z)
	if err == nil {
		_, err = io.Copy(io.Discard, in) // for the digest; gzip ended at the end of the file
	}
	if err == nil {
		err = warc.Repack(w, plain, size)
	}
	var disk *fs.PathError
	if err != nil && !errors.As(err, &disk) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w that can be kept: it is damaged, and compressed as a whole; unpack it (gzip -dc FILE > FILE.warc) and take what comes out: %w", ErrNoWARC, err)
	}
	return err
}

// foreignName makes of a file's name one that can stand in a run: the same, but for characters that would not survive every store, and with the
// ending that fits the content. It never begins like the files of the run's own, whose names begin with a run id.
func foreignName(source string, compressed bool) string {
	base := source
	for _, ending := range []string{".open", ".gz", ".warc"} {
		if cut, ok := strings.CutSuffix(base, ending); ok && cut != "" {
			base = cut
		}
	}
	base = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || strings.ContainsRune(`/\:*?"<>|`, c) || c == unicode.ReplacementChar {
			return '_'
		}
		return c
	}, base)
	for len(base) > 180 {
		base = strings.ToValidUTF8(base[:180], "")
	}
	if base == "" || base[0] == '.' || runIDForm.MatchString(base[:min(len(base), runIDLength)]) {
		base = "import-" + base
	}
	if compressed {
		return base + ".warc.gz"
	}
	return base + ".warc"
}

// Foreign reports whether a WARC file of a run was written by another tool. The names of a run's own files begin with its id.
func Foreign(runID, file string) bool { return !strings.HasPrefix(file, runID) }

// Open opens the document of an exchange that the run holds, as Archive.OpenKept does for a committed run. Of a revisit it gives the payload that
// another, committed run holds; whoever wrote this run knows best what it holds itself.
func (r *Run) Open(ctx context.Context, k Kept, limit int64) (*Entity, error) {
	r.life.RLock()
	defer r.life.RUnlock()
	if r.ended {
		return nil, r.endedError()
	}
	if k.File == "" || path.Base(k.File) != k.File {
		return nil, fmt.Errorf("%w: %s", ErrNotArchived, speakable(k.URL))
	}
	e, err := r.draft.openKept(k, limit)
	if err == nil && k.Type == warc.Revisit {
		if err = e.Close(); err == nil {
			e, err = r.original(ctx, k, limit)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s in run %s: %w", speakable(k.URL), r.ID(), err)
	}
	return e, nil
}

// original opens the record in another run that a revisit refers to.
func (r *Run) original(ctx context.Context, k Kept, limit int64) (*Entity, error) {
	f, err := os.Open(r.draft.path(path.Join(dataDir, k.File)))
	if err != nil {
		return nil, err
	}
	defer f.Close() // nothing was written
	rec, err := warc.ReadAt(f, k.Offset, k.Length)
	if err != nil {
		return nil, err
	}
	ref, err := referenceOf(rec)
	if err != nil {
		return nil, err
	}
	found, ok, err := ref.search(r.archive.Lookup(ctx, ref.url))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: no run holds the payload %s of %s", ErrNotArchived, ref.digest, speakable(ref.url))
	}
	return r.archive.openFound(ctx, found, "", limit)
}
