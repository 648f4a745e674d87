package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Adopt implements Adopter: the file is sent, in parts when it is larger than one. A file that an earlier process began to send is sent on from there.
func (s *S3) Adopt(ctx context.Context, key, path string) (Info, error) {
	f, err := os.Open(path)
	if err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, err)
	}
	defer f.Close() // nothing was written
	fi, err := f.Stat()
	if err == nil && !fi.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, err)
	}
	info, err := s.create(ctx, key, io.NewSectionReader(f, 0, fi.Size()), fi.ModTime())
	if err != nil {
		return Info{}, fmt.Errorf("create %s from %s: %w", key, path, err)
	}
	return info, nil
}

// create stores a body. The time is that of the file that it is; zero for what is no file, and cannot be sent on by another process.
func (s *S3) create(ctx context.Context, key string, body Body, modified time.Time) (Info, error) {
	if err := errors.Join(ctx.Err(), CheckKey(key)); err != nil {
		return Info{}, err
	}
	if key == probeKey {
		return Info{}, fmt.Errorf("%w %q: reserved", ErrInvalidKey, key)
	}
	if n := len(*s.full(key)); n > MaxKey {
		return Info{}, fmt.Errorf("%w %q: with the prefix it has %d bytes, and S3 takes %d", ErrInvalidKey, key, n, MaxKey)
	}
	if err := s.CheckWriter(ctx); err != nil {
		return Info{}, err
	}
	if body.Size() > s.o.PartSize {
		return s.sendParts(ctx, key, body, modified)
	}
	return s.sendWhole(ctx, key, body)
}

// sendWhole stores a body with one request.
func (s *S3) sendWhole(ctx context.Context, key string, body Body) (Info, error) {
	value, err := s.sum.digest(ctx, body, 0, body.Size())
	if err != nil {
		return Info{}, err
	}
	if err := s.sending.Acquire(ctx, 1); err != nil {
		return Info{}, err
	}
	tries := 0
	_, err = try(ctx, s, key, func(ctx context.Context) (*s3.PutObjectOutput, error) {
		tries++
		in := &s3.PutObjectInput{
			Bucket: &s.o.Bucket, Key: s.full(key), IfNoneMatch: aws.String("*"),
			Body: io.NewSectionReader(body, 0, body.Size()), ContentLength: aws.Int64(body.Size()),
		}
		s.sum.onPut(in, value)
		s.dress(in)
		return s.client.PutObject(ctx, in)
	})
	s.sending.Release(1)
	if err != nil && !errors.Is(err, errPrecondition) {
		return Info{}, err
	}
	info, proof := s.prove(ctx, key, body.Size(), func() (Checksum, error) { return s.sum.of(value), nil })
	switch {
	case err == nil && proof != nil:
		return Info{}, proof
	case err != nil && errors.Is(proof, ErrNotExist): // some stores take the mark of a deletion for an object
		return Info{}, fmt.Errorf("%w: %s was deleted, and the store does not let its name be used again", ErrExist, s.place(key))
	case err != nil && proof != nil && !errors.Is(proof, ErrMismatch):
		return Info{}, proof
	case err != nil && (proof != nil || s.sum.name == ""): // somebody else's, or not to be told from it
		return Info{}, fmt.Errorf("%w: %s", ErrExist, s.place(key))
	}
	s.tell(Transfer{Key: key, Sent: body.Size(), Total: body.Size()})
	return info, nil
}

// dress gives a new object what it is to have from its creation on.
func (s *S3) dress(in *s3.PutObjectInput) {
	in.StorageClass = types.StorageClass(s.o.StorageClass)
	in.ServerSideEncryption = types.ServerSideEncryption(s.o.SSE)
	if s.o.KMSKey != "" {
		in.SSEKMSKeyId = &s.o.KMSKey
	}
	in.ContentType = aws.String(mediaType(*in.Key))
	if s.o.LockMode != "" {
		in.ObjectLockMode = types.ObjectLockMode(strings.ToUpper(s.o.LockMode))
		in.ObjectLockRetainUntilDate = s.retainUntil()
	}
	if s.o.LegalHold {
		in.ObjectLockLegalHoldStatus = types.ObjectLockLegalHoldStatusOn
	}
}

func (s *S3) retainUntil() *time.Time {
	return aws.Time(s.now().UTC().Add(s.o.Retain).Truncate(time.Second))
}

// mediaType says what an object is, for people who look at a bucket with a browser.
func mediaType(key string) string {
	for ending, mime := range map[string]string{
		".warc.gz": "application/warc", ".warc": "application/warc", ".json": "application/json", ".jsonl": "application/jsonl",
		".md": "text/markdown; charset=utf-8", ".idx": "text/plain; charset=utf-8",
	} {
		if strings.HasSuffix(key, ending) {
			return mime
		}
	}
	return "application/octet-stream"
}

// prove asks the store what it has under key, and compares that with what was sent. The error wraps ErrMismatch.
func (s *S3) prove(ctx context.Context, key string, size int64, sent func() (Checksum, error)) (Info, error) {
	info, err := s.head(ctx, key)
	if err != nil {
		return Info{}, fmt.Errorf("asking what was stored: %w", err)
	}
	if info.Size != size {
		return info, fmt.Errorf("%w: %s: %d bytes were sent, and it says that it has %d", ErrMismatch, s.place(key), size, info.Size)
	}
	want, err := sent()
	if err != nil {
		return info, err
	}
	found := info.Facts.Checksum
	switch {
	case want.Algorithm == "" || found == want:
	case found.Algorithm == "":
		err = fmt.Errorf("%w: %s: the store keeps no checksum: set s3: checksum: none to do without (tearsheet doctor tells what it keeps)", ErrMismatch, s.place(key))
	default:
		err = fmt.Errorf("%w: %s: expected %s %s %s, and it says %s %s %s", ErrMismatch, s.place(key),
			want.Algorithm, want.Type, want.Value, found.Algorithm, found.Type, found.Value)
	}
	return info, err
}

func (s *S3) tell(t Transfer) {
	if s.o.Progress != nil {
		s.o.Progress(t)
	}
}
