// Package store keeps create-once objects under slash-separated keys, in a folder or in an S3 bucket, behind one interface.
//
// # Model
//
// An object is a key and bytes. It comes into being whole, durably and once; after that it is read by range and never changes. There is no
// overwrite, no rename and no delete: an archive's evidence is written once, and "of several writers exactly one wins" is the only lock that
// an archive needs. S3 has the same four verbs (a PUT with If-None-Match, a GET with Range, a HEAD with its checksum, a LIST with start-after),
// so nothing here promises what S3 cannot keep.
//
// What only some stores can do stands in interfaces of one purpose each: Adopter and Batcher (store files cheaply), Remover and Unfinished (for
// gc alone: nothing else may take away), Versioned (what was hidden).
//
// The package knows nothing of WARC records, runs or logs; of ours it imports only the digest type of archive/warc. The archive package is its
// main user, and it alone imports the AWS SDK. Every Store passes the suite in store/storetest.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"time"

	"tearsheet/archive/warc"
)

// Errors that a Store's errors wrap. Match them with errors.Is; the wrapping error names key and place, and for ErrFull and ErrReadOnly says
// what to mend.
var (
	ErrNotExist   = errors.New("no such object")
	ErrExist      = errors.New("object exists already")
	ErrFull       = errors.New("store is full")
	ErrReadOnly   = errors.New("store cannot be written")
	ErrInvalidKey = errors.New("invalid key")
	// ErrUnavailable says that the store gave no usable answer for as long as it was asked; nothing is known of what was wanted.
	ErrUnavailable = errors.New("store does not answer")
	// ErrMismatch says that the store holds, or says that it holds, other bytes than it was given.
	ErrMismatch = errors.New("store has other bytes than it was given")
	// ErrUnconditional says that the store overwrites objects in spite of If-None-Match, so that two writers could destroy each other's log.
	ErrUnconditional = errors.New("store ignores conditional writes")
)

// MaxKey is the longest key in bytes: what S3 allows.
const MaxKey = 1024

// Info describes one object. SHA256 is that of the whole object, and zero where the store cannot tell it without reading the object (a folder, a
// listing, an object that was sent in parts). Facts is nil of stores that have none to tell (a folder) and in listings.
type Info struct {
	Key      string
	Size     int64 // bytes
	Modified time.Time
	SHA256   warc.Digest
	Facts    *Facts
}

// Facts are what an S3 store says of an object as it holds it: what a manifest keeps, and what an audit compares without reading the object.
type Facts struct {
	Checksum     Checksum  `json:"checksum,omitzero"`
	PartSize     int64     `json:"part_size,omitempty"` // bytes of every part but the last; 0 of an object that was sent whole
	ETag         string    `json:"etag,omitempty"`      // opaque: it is an MD5 only sometimes
	VersionID    string    `json:"version_id,omitempty"`
	StorageClass string    `json:"storage_class,omitempty"`
	LockMode     string    `json:"lock_mode,omitempty"` // GOVERNANCE or COMPLIANCE
	RetainUntil  time.Time `json:"retain_until,omitzero"`
	LegalHold    bool      `json:"legal_hold,omitempty"`
}

// Checksum is one that S3 keeps and checks.
type Checksum struct {
	Algorithm string `json:"algorithm"` // SHA256, CRC64NVME, CRC32
	Type      string `json:"type"`      // FULL_OBJECT, or COMPOSITE: of the parts' checksums
	Value     string `json:"value"`     // base64, of a composite one with "-" and the number of parts
}

// Body is what Create stores: bytes of known size that can be read more than once, so that a failed try can be repeated. *bytes.Reader,
// *strings.Reader and *io.SectionReader are bodies.
type Body interface {
	io.ReaderAt
	Size() int64
}

// Store keeps objects. Keys are relative, slash-separated, without "." or ".." parts (CheckKey). Every method may be called concurrently and
// returns the context's error when that ends first. Errors wrap ErrNotExist, ErrExist, ErrFull, ErrReadOnly or ErrInvalidKey where these apply
// and name the key.
type Store interface {
	// Create stores body under key, whole or not at all, durably before it returns. When key is taken it changes nothing and returns
	// ErrExist: of several concurrent callers exactly one succeeds. (A store that can tell without reading the object that it has the very
	// same bytes, as S3 can by its checksum, may return its Info instead: an answer that was lost on the way is not to be told from it.) When
	// body gives fewer bytes than its Size, nothing is stored.
	Create(ctx context.Context, key string, body Body) (Info, error)
	// Open reads length bytes from offset; a negative length means to the end. A range that begins beyond the end is io.ErrUnexpectedEOF,
	// and a reader that ends before length bytes does so with io.ErrUnexpectedEOF, never with a quiet io.EOF.
	Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Stat describes an object, with its SHA-256 where the store knows it.
	Stat(ctx context.Context, key string) (Info, error)
	// List yields the objects whose keys begin with prefix, in byte order of their keys, after the key after ("" from the start). An error
	// is yielded once and ends the listing. Objects created while it runs may or may not be seen, but never half.
	List(ctx context.Context, prefix, after string) iter.Seq2[Info, error]
	// String names the place for people: a path, "s3://bucket/prefix".
	String() string
}

// Adopter is a Store that takes over a finished local file better than by Create: a folder does not copy its bytes, S3 sends it in parts and
// goes on after a kill where it was. Adopt is Create in every other respect. The file at path must have been synced, it stays where it is, and
// it must not be written to afterwards: it may be the object.
type Adopter interface {
	Adopt(ctx context.Context, key, path string) (Info, error)
}

// Attesting is a Store that tells Facts of every object as it is stored: they belong in the run's manifest, so that is written and stored after
// the objects that it names. Attests reports whether this store does.
type Attesting interface {
	Attests() bool
}

// Item is one object of a batch: Body, or when Body is nil the finished and synced local file at Path, is to be stored under Key.
type Item struct {
	Key  string
	Body Body
	Path string
}

// Batcher is a Store that makes several objects durable at less cost than one by one (a folder syncs each directory once, S3 sends them side
// by side). When CreateAll returns nil all are durable. After an error any of them may be stored, each whole or not at all.
type Batcher interface {
	CreateAll(ctx context.Context, items []Item) ([]Info, error)
}

// Remover is a Store from which objects can be taken away. Only gc may: everything else relies on objects staying. One that is not there is
// no error. In a bucket with versions it leaves a delete marker.
type Remover interface {
	Remove(ctx context.Context, key string) error
}

// Upload is an object of which only some parts have arrived.
type Upload struct {
	Key   string
	ID    string
	Begun time.Time
}

// Unfinished is a Store in which uploads can be left half done: they are in no listing and cost money.
type Unfinished interface {
	// Uploads yields them for keys that begin with prefix.
	Uploads(ctx context.Context, prefix string) iter.Seq2[Upload, error]
	// Abort drops what arrived of one. One that is not there is no error.
	Abort(ctx context.Context, u Upload) error
}

// Version is an object as it is or was, or the mark of its deletion.
type Version struct {
	Info         // Facts holds the version's id; a delete marker has no size
	Latest  bool // it is what Open, Stat and List show
	Deleted bool // it is a delete marker
}

// Versioned is a Store that keeps what was overwritten or deleted. One that does not (a bucket without versions) yields what List yields.
type Versioned interface {
	// Versions yields all versions of the objects whose keys begin with prefix: by key, and of a key the newest first.
	Versions(ctx context.Context, prefix string) iter.Seq2[Version, error]
}

// CheckKey returns an error wrapping ErrInvalidKey when key is none: empty, longer than MaxKey bytes, not UTF-8, rooted, with an empty, "." or
// ".." part, or with a control character.
func CheckKey(key string) error {
	if key == "." || len(key) > MaxKey || !fs.ValidPath(key) || strings.IndexFunc(key, isControl) >= 0 {
		return fmt.Errorf("%w %q", ErrInvalidKey, key)
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
