// Package store keeps create-once objects under slash-separated keys: a folder today, S3 next, behind one interface.
//
// # Model
//
// An object is a key and bytes. It comes into being whole, durably and once; after that it is read by range and never changes. There is no
// overwrite, no rename and no delete: an archive's evidence is written once, and "of several writers exactly one wins" is the only lock that
// an archive needs. S3 has the same four verbs (a PUT with If-None-Match, a GET with Range, a HEAD with its checksum, a LIST with start-after),
// so nothing here promises what S3 cannot keep.
//
// The package knows nothing of WARC records, runs or logs; of ours it imports only the digest type of archive/warc. The archive package is its
// main user, and it alone will import the AWS SDK. Every Store passes the suite in store/storetest.
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
)

// MaxKey is the longest key in bytes: what S3 allows.
const MaxKey = 1024

// Info describes one object. SHA256 is zero where the store cannot tell it without reading the object (a folder, a listing).
type Info struct {
	Key      string
	Size     int64 // bytes
	Modified time.Time
	SHA256   warc.Digest
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
	// ErrExist: of several concurrent callers exactly one succeeds. When body gives fewer bytes than its Size, nothing is stored.
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

// Adopter is a Store that can take over a finished local file without copying its bytes. Adopt is Create in every other respect. The
// file at path must have been synced, it stays where it is, and it must not be written to afterwards: it may be the object.
type Adopter interface {
	Adopt(ctx context.Context, key, path string) (Info, error)
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

// CheckKey returns an error wrapping ErrInvalidKey when key is none: empty, longer than MaxKey bytes, not UTF-8, rooted, with an empty, "." or
// ".." part, or with a control character.
func CheckKey(key string) error {
	if key == "." || len(key) > MaxKey || !fs.ValidPath(key) || strings.IndexFunc(key, isControl) >= 0 {
		return fmt.Errorf("%w %q", ErrInvalidKey, key)
	}
	return nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
