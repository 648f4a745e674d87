package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// parted is an object that is being sent in parts.
type parted struct {
	s        *S3
	key      string
	body     Body
	modified time.Time // of the file; zero for what is none
	partSize int64
	id       string // of the upload

	mu     sync.Mutex
	values []string // checksums of the parts
	etags  []string
	sent   int64
	kept   int64
}

// maxRounds is how often an upload that vanished is begun anew.
const maxRounds = 3

// sendParts stores a body in parts. One that another process began, or this one before it was interrupted, is continued.
func (s *S3) sendParts(ctx context.Context, key string, body Body, modified time.Time) (Info, error) {
	p := &parted{s: s, key: key, body: body, modified: modified, partSize: s.o.PartSize}
	for p.partSize*maxParts < body.Size() {
		p.partSize *= 2
	}
	n := (body.Size() + p.partSize - 1) / p.partSize
	p.values, p.etags = make([]string, n), make([]string, n)
	// Rather one question too many than all bytes once more, as after a kill between the last part's arrival and whatever comes after it.
	if info, err := p.finish(ctx, true); !errors.Is(err, ErrNotExist) {
		return info, err
	}
	s.tell(Transfer{Key: key, Total: body.Size()})
	for round := 1; ; round++ {
		have, err := p.begin(ctx)
		if err == nil {
			err = p.send(ctx, have)
		}
		if err == nil {
			err = p.complete(ctx)
		}
		switch {
		case err == nil:
			return p.finish(ctx, false)
		case errors.Is(err, errPrecondition): // there is an object, ours or another's
			return p.finish(ctx, true)
		case errors.Is(err, errGone):
			// Completed, and the answer was lost; or aborted by somebody's clean-up.
			info, proof := p.finish(ctx, true)
			if proof == nil || !errors.Is(proof, ErrNotExist) {
				return info, proof
			}
			if forget := p.forget(); forget != nil {
				return Info{}, forget
			}
			if round == maxRounds {
				return Info{}, fmt.Errorf("%w: %s: uploads vanish before they are complete, %d times in turn: is there a lifecycle rule that aborts them at once?", ErrUnavailable, s.host(), round)
			}
			p.id = ""
		default:
			return Info{}, err
		}
	}
}

// begin finds the upload that is under way and what has arrived of it, or begins one. The upload's id is durable in the journal before any part is sent.
func (p *parted) begin(ctx context.Context) (map[int32]types.Part, error) {
	if p.modified.IsZero() {
		return nil, p.open(ctx)
	}
	for _, find := range []func(context.Context) (string, error){p.journalled, p.listed} {
		id, err := find(ctx)
		if err != nil {
			return nil, err
		}
		if id == "" {
			continue
		}
		p.id = id
		have, err := p.arrived(ctx)
		switch {
		case err == nil && have != nil:
			return have, p.remember()
		case err != nil && !errors.Is(err, errGone):
			return nil, err
		case err != nil: // completed, or aborted
			return nil, err
		}
	}
	if err := p.open(ctx); err != nil {
		return nil, err
	}
	return nil, p.remember()
}

// open begins an upload.
func (p *parted) open(ctx context.Context) error {
	s := p.s
	dressed := &s3.PutObjectInput{Key: s.full(p.key)}
	s.dress(dressed)
	in := &s3.CreateMultipartUploadInput{
		Bucket: &s.o.Bucket, Key: dressed.Key, ChecksumAlgorithm: s.sum.name, ContentType: dressed.ContentType, StorageClass: dressed.StorageClass,
		ServerSideEncryption: dressed.ServerSideEncryption, SSEKMSKeyId: dressed.SSEKMSKeyId,
		ObjectLockMode: dressed.ObjectLockMode, ObjectLockRetainUntilDate: dressed.ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus: dressed.ObjectLockLegalHoldStatus,
	}
	if s.sum.name != "" {
		in.ChecksumType = s.sum.kind()
	}
	out, err := try(ctx, s, p.key, func(ctx context.Context) (*s3.CreateMultipartUploadOutput, error) {
		return s.client.CreateMultipartUpload(ctx, in)
	})
	if err != nil {
		return fmt.Errorf("beginning to send it in parts: %w", err)
	}
	p.id = aws.ToString(out.UploadId)
	return nil
}

// kind is how an object of parts has its checksum.
func (a algorithm) kind() types.ChecksumType {
	if a.composite {
		return types.ChecksumTypeComposite
	}
	return types.ChecksumTypeFullObject
}

// arrived lists the parts that the store has; nil when the upload was begun with other checksums than ours, and is of no use.
func (p *parted) arrived(ctx context.Context) (map[int32]types.Part, error) {
	have := map[int32]types.Part{}
	pages := s3.NewListPartsPaginator(p.s.client, &s3.ListPartsInput{Bucket: &p.s.o.Bucket, Key: p.s.full(p.key), UploadId: &p.id})
	for pages.HasMorePages() {
		out, err := try(ctx, p.s, p.key, func(ctx context.Context) (*s3.ListPartsOutput, error) { return pages.NextPage(ctx) })
		if err != nil {
			return nil, fmt.Errorf("listing the parts that have arrived: %w", err)
		}
		if p.s.sum.name != "" && out.ChecksumAlgorithm != "" && out.ChecksumAlgorithm != p.s.sum.name {
			return nil, p.s.Abort(ctx, Upload{Key: p.key, ID: p.id})
		}
		for _, part := range out.Parts {
			have[aws.ToInt32(part.PartNumber)] = part
		}
	}
	return have, nil
}

// send sends the parts that the store does not have.
func (p *parted) send(ctx context.Context, have map[int32]types.Part) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(p.s.o.Workers)
	for i := range p.values {
		group.Go(func() error { return p.part(ctx, i, have[int32(i+1)]) })
	}
	return group.Wait()
}

// part sees to it that the store has one part: it is sent unless what is there has its checksum.
func (p *parted) part(ctx context.Context, i int, there types.Part) error {
	if err := p.s.sending.Acquire(ctx, 1); err != nil {
		return err
	}
	defer p.s.sending.Release(1)
	from := int64(i) * p.partSize
	size := min(p.partSize, p.body.Size()-from)
	value, err := p.s.sum.digest(ctx, p.body, from, size)
	if err != nil {
		return err
	}
	etag := aws.ToString(there.ETag)
	kept := value != "" && etag != "" && aws.ToInt64(there.Size) == size && p.s.sum.ofPart(there) == value
	if !kept {
		out, err := try(ctx, p.s, p.key, func(ctx context.Context) (*s3.UploadPartOutput, error) {
			in := &s3.UploadPartInput{
				Bucket: &p.s.o.Bucket, Key: p.s.full(p.key), UploadId: &p.id, PartNumber: aws.Int32(int32(i + 1)),
				Body: io.NewSectionReader(p.body, from, size), ContentLength: &size,
			}
			p.s.sum.onPart(in, value)
			return p.s.client.UploadPart(ctx, in)
		})
		if err != nil {
			return fmt.Errorf("part %d: %w", i+1, err)
		}
		etag = aws.ToString(out.ETag)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.values[i], p.etags[i] = value, etag
	p.sent += size
	if kept {
		p.kept += size
	}
	p.s.tell(Transfer{Key: p.key, Sent: p.sent, Total: p.body.Size(), Kept: p.kept})
	return nil
}

// complete makes an object of the parts, unless there is one.
func (p *parted) complete(ctx context.Context) error {
	in := p.completion()
	_, err := try(ctx, p.s, p.key, func(ctx context.Context) (*s3.CompleteMultipartUploadOutput, error) {
		return p.s.client.CompleteMultipartUpload(ctx, in)
	})
	if err != nil {
		return fmt.Errorf("putting the parts together: %w", err)
	}
	return nil
}

// completion is the request to put the parts together.
func (p *parted) completion() *s3.CompleteMultipartUploadInput {
	parts := make([]types.CompletedPart, len(p.etags))
	for i := range parts {
		parts[i] = types.CompletedPart{ETag: &p.etags[i], PartNumber: aws.Int32(int32(i + 1))}
		p.s.sum.onCompleted(&parts[i], p.values[i])
	}
	in := &s3.CompleteMultipartUploadInput{
		Bucket: &p.s.o.Bucket, Key: p.s.full(p.key), UploadId: &p.id, IfNoneMatch: aws.String("*"), MpuObjectSize: aws.Int64(p.body.Size()),
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	}
	if p.s.sum.name != "" {
		in.ChecksumType = p.s.sum.kind()
	}
	return in
}

// finish proves what the store has by the checksum of the local bytes. Where there was an object before ours, one with another checksum is another's.
func (p *parted) finish(ctx context.Context, before bool) (Info, error) {
	var want Checksum
	info, err := p.s.prove(ctx, p.key, p.body.Size(), func() (_ Checksum, err error) {
		want, err = p.checksum(ctx)
		return want, err
	})
	if before && (errors.Is(err, ErrMismatch) || err == nil && want.Algorithm == "") {
		err = fmt.Errorf("%w: %s", ErrExist, p.s.place(p.key))
	}
	if err != nil && !errors.Is(err, ErrExist) {
		return Info{}, err
	}
	if before { // what is left of our own upload costs money
		err = errors.Join(err, p.drop(ctx))
	}
	if err = errors.Join(err, p.forget()); err != nil {
		return Info{}, err
	}
	info.Facts.PartSize = p.partSize
	return info, nil
}

// drop aborts the upload, if there is one: this process began it, or the journal knows it.
func (p *parted) drop(ctx context.Context) error {
	if p.id == "" && !p.modified.IsZero() {
		var err error
		if p.id, err = p.journalled(ctx); err != nil {
			return err
		}
	}
	if p.id == "" {
		return nil
	}
	return p.s.Abort(ctx, Upload{Key: p.key, ID: p.id})
}

// checksum gives what the store must say of the object: from the parts, those that were not sent included.
//
// It reads what it must of the body, so that it is asked for only when there is an object to compare.
func (p *parted) checksum(ctx context.Context) (Checksum, error) {
	sizes := make([]int64, len(p.values))
	for i := range p.values {
		from := int64(i) * p.partSize
		sizes[i] = min(p.partSize, p.body.Size()-from)
		if p.values[i] == "" && p.s.sum.name != "" {
			var err error
			if p.values[i], err = p.s.sum.digest(ctx, p.body, from, sizes[i]); err != nil {
				return Checksum{}, err
			}
		}
	}
	if p.s.sum.name == types.ChecksumAlgorithmCrc64nvme {
		whole, err := joined(p.values, sizes)
		return p.s.sum.of(whole), err
	}
	return p.s.sum.ofParts(p.values)
}
