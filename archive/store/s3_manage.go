package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// probeKey is the one small object at the prefix that is no part of any archive: by it a writer sees that the store honours conditional writes.
const (
	probeKey  = "tearsheet-probe"
	probeText = "By this object tearsheet sees whether the store refuses to overwrite.\n"
)

// CheckWriter proves, once, that the store refuses to overwrite: without that two writers could destroy each other's log. The first object that is ever
// created in a prefix costs two requests, every later process one. The error wraps ErrUnconditional.
func (s *S3) CheckWriter(ctx context.Context) error {
	s.writer.Lock()
	defer s.writer.Unlock()
	if s.checked {
		return nil
	}
	for range 2 {
		err := s.probe(ctx)
		if errors.Is(err, errPrecondition) {
			s.checked = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("seeing whether %s can be written: %w", s, err)
		}
	}
	if !s.o.SingleWriter {
		return fmt.Errorf("%w: %s: let only one process ever write to it and set s3: single_writer: true, or use another store", ErrUnconditional, s)
	}
	s.log.Warn("the store ignores conditional writes: two processes that write to the archive at once can destroy its log", "archive", s.String())
	s.checked = true
	return nil
}

// probe puts the probe object on condition that it is not there.
func (s *S3) probe(ctx context.Context) error {
	value, err := s.sum.digest(ctx, strings.NewReader(probeText), 0, int64(len(probeText)))
	if err != nil {
		return err
	}
	_, err = try(ctx, s, probeKey, func(ctx context.Context) (*s3.PutObjectOutput, error) {
		in := &s3.PutObjectInput{
			Bucket: &s.o.Bucket, Key: s.full(probeKey), IfNoneMatch: aws.String("*"), Body: strings.NewReader(probeText), ContentLength: aws.Int64(int64(len(probeText))),
		}
		s.sum.onPut(in, value)
		s.dress(in)
		return s.client.PutObject(ctx, in)
	})
	return err
}

// Remove implements Remover. Of what is not there nothing is asked: a bucket with versions would keep a mark of its deletion, and a gateway to a file system may
// choke on the name of a folder.
func (s *S3) Remove(ctx context.Context, key string) error {
	if err := errors.Join(ctx.Err(), CheckKey(key)); err != nil {
		return fmt.Errorf("remove %s: %w", key, err)
	}
	_, err := s.head(ctx, key)
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove %s: %w", s.place(key), err)
	}
	_, err = try(ctx, s, key, func(ctx context.Context) (*s3.DeleteObjectOutput, error) {
		return s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.o.Bucket, Key: s.full(key)})
	})
	if err != nil && !errors.Is(err, ErrNotExist) {
		return fmt.Errorf("remove %s: %w", s.place(key), err)
	}
	return nil
}

// Uploads implements Unfinished.
func (s *S3) Uploads(ctx context.Context, prefix string) iter.Seq2[Upload, error] {
	return func(yield func(Upload, error) bool) {
		pages := s3.NewListMultipartUploadsPaginator(s.client, &s3.ListMultipartUploadsInput{Bucket: &s.o.Bucket, Prefix: s.full(prefix)})
		for pages.HasMorePages() {
			out, err := try(ctx, s, prefix, func(ctx context.Context) (*s3.ListMultipartUploadsOutput, error) { return pages.NextPage(ctx) })
			if err != nil {
				yield(Upload{}, fmt.Errorf("list uploads of %s: %w", s.place(prefix), err))
				return
			}
			for _, u := range out.Uploads {
				if !strings.HasPrefix(aws.ToString(u.Key), *s.full(prefix)) {
					continue // a store that ignores the prefix
				}
				if !yield(Upload{Key: s.short(u.Key), ID: aws.ToString(u.UploadId), Begun: aws.ToTime(u.Initiated)}, nil) {
					return
				}
			}
		}
	}
}

// Abort implements Unfinished.
func (s *S3) Abort(ctx context.Context, u Upload) error {
	_, err := try(ctx, s, u.Key, func(ctx context.Context) (*s3.AbortMultipartUploadOutput, error) {
		return s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &s.o.Bucket, Key: s.full(u.Key), UploadId: &u.ID})
	})
	if err != nil && !errors.Is(err, ErrNotExist) {
		return fmt.Errorf("abort the upload of %s: %w", s.place(u.Key), err)
	}
	return nil
}

// Versions implements Versioned.
func (s *S3) Versions(ctx context.Context, prefix string) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		pages := s3.NewListObjectVersionsPaginator(s.client, &s3.ListObjectVersionsInput{Bucket: &s.o.Bucket, Prefix: s.full(prefix)})
		for pages.HasMorePages() {
			unable := false
			out, err := try(ctx, s, prefix, func(ctx context.Context) (*s3.ListObjectVersionsOutput, error) {
				out, err := pages.NextPage(ctx)
				if err != nil && answerOf(err).status == http.StatusNotImplemented {
					unable = true
					return &s3.ListObjectVersionsOutput{}, nil
				}
				return out, err
			})
			if err != nil {
				yield(Version{}, fmt.Errorf("list versions of %s: %w", s.place(prefix), err))
				return
			}
			if unable {
				s.currentAsVersions(ctx, prefix, yield)
				return
			}
			for _, v := range s.versionsIn(out) {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

// currentAsVersions yields what List yields, for a store that has no versions.
func (s *S3) currentAsVersions(ctx context.Context, prefix string, yield func(Version, error) bool) {
	for info, err := range s.List(ctx, prefix, "") {
		if !yield(Version{Info: info, Latest: err == nil}, err) {
			return
		}
	}
}

// versionsIn gives a page of versions in order: S3 lists objects and delete markers apart.
func (s *S3) versionsIn(out *s3.ListObjectVersionsOutput) []Version {
	var all []Version
	for _, v := range out.Versions {
		all = append(all, Version{
			Info:   Info{Key: s.short(v.Key), Size: aws.ToInt64(v.Size), Modified: aws.ToTime(v.LastModified), Facts: &Facts{VersionID: aws.ToString(v.VersionId), ETag: aws.ToString(v.ETag)}},
			Latest: aws.ToBool(v.IsLatest),
		})
	}
	for _, m := range out.DeleteMarkers {
		all = append(all, Version{
			Info:   Info{Key: s.short(m.Key), Modified: aws.ToTime(m.LastModified), Facts: &Facts{VersionID: aws.ToString(m.VersionId)}},
			Latest: aws.ToBool(m.IsLatest), Deleted: true,
		})
	}
	all = slices.DeleteFunc(all, func(v Version) bool { return v.Key == probeKey })
	slices.SortStableFunc(all, func(a, b Version) int {
		if a.Latest != b.Latest && a.Key == b.Key {
			if a.Latest {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.Key, b.Key), b.Modified.Compare(a.Modified))
	})
	return all
}

// MakeBucket makes the bucket of o. It keeps versions, and with lock it can lock objects, which must be decided at its creation. Archives are made by
// people who choose such things; tests use this.
func MakeBucket(ctx context.Context, o S3Options, lock bool) error {
	s, err := OpenS3(ctx, o)
	if err != nil {
		return err
	}
	_, err = try(ctx, s, "", func(ctx context.Context) (*s3.CreateBucketOutput, error) {
		return s.client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &o.Bucket, ObjectLockEnabledForBucket: &lock})
	})
	if err == nil && !lock {
		_, err = try(ctx, s, "", func(ctx context.Context) (*s3.PutBucketVersioningOutput, error) {
			return s.client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
				Bucket: &o.Bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
			})
		})
	}
	if err != nil {
		return fmt.Errorf("making the bucket %s: %w", o.Bucket, err)
	}
	return nil
}
