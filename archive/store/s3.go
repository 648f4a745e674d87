package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/logging"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// S3Options say where a bucket is and how it is used. Credentials, and a region that is not given, come from the AWS SDK's usual chain (its
// variables, files and roles).
type S3Options struct {
	Bucket, Prefix string // the prefix without slashes around it; "" for the whole bucket
	Region         string
	Endpoint       string // URL of a store that is not Amazon's
	PathStyle      bool   // https://host/bucket instead of https://bucket.host

	Checksum     string // sha256 (also for ""), crc64nvme, crc32 or none: what the store checks every object with
	StorageClass string
	SSE, KMSKey  string // AES256, or aws:kms with the key's id or ARN
	LockMode     string // GOVERNANCE or COMPLIANCE: Object Lock of every object from its creation on
	Retain       time.Duration
	LegalHold    bool

	SingleWriter bool          // go on with a store that ignores conditional writes
	PartSize     int64         // bytes of a part of a larger object; 0 means 16 MiB
	Workers      int           // parts sent at once; 0 means 4
	Bandwidth    int64         // bytes a second that are sent; 0 for no limit
	Patience     time.Duration // how long a store that fails is asked again; 0 means 15 minutes
	FirstAnswer  time.Duration // the same before it has ever answered, as its address may be wrong; 0 means 30 s
	Idle         time.Duration // how long nothing may move on a connection; 0 means a minute
	Journal      string        // folder that remembers uploads under way; "" leaves them to the store's own list

	Transport http.RoundTripper // nil for the SDK's own; tests count and break with it
	Progress  func(Transfer)    // called by several goroutines
	Log       *slog.Logger
}

// Transfer tells how far a file is that is being sent.
type Transfer struct {
	Key         string
	Sent, Total int64 // bytes; Sent counts Kept
	Kept        int64 // bytes that an earlier attempt had sent
}

// S3 is a Store in a bucket.
//
// # How an object comes to be
//
// Every object is put with If-None-Match: *, so that of several writers one wins, with its checksum in the header, so that the store refuses what
// arrives damaged, and with its retention. What is larger than a part is sent in parts, each with its own checksum; the composite one is computed
// here too. Then the object's head is asked for, and what the store says of it must be what was sent.
//
// # How it goes on after a kill
//
// The journal, written before the first part, and without it the store's own list, tells the upload. Parts that the store has, with the checksum of
// the local bytes, are not sent again. An upload that is gone may have been completed: then the object is there with the checksum.
//
// # How it waits
//
// What may pass (an answer 5xx or "slow down", a broken connection, a conflict of two writers) is tried again with growing pauses for as long as Patience
// says. A lost answer does no harm: the second try meets the first one's object, sees its checksum, and is content.
type S3 struct {
	o      S3Options
	sum    algorithm
	client *s3.Client
	log    *slog.Logger

	sending  *semaphore.Weighted // bodies on their way
	answered atomic.Bool         // the store has ever said anything
	now      func() time.Time

	writer sync.Mutex // guards checked
	// checked says that conditional writes were seen to be honoured.
	checked bool
}

var (
	_ Store      = (*S3)(nil)
	_ Adopter    = (*S3)(nil)
	_ Batcher    = (*S3)(nil)
	_ Attesting  = (*S3)(nil)
	_ Remover    = (*S3)(nil)
	_ Unfinished = (*S3)(nil)
	_ Versioned  = (*S3)(nil)
)

// ParseS3 takes an address "s3://bucket/prefix" apart. The prefix may be missing.
func ParseS3(address string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(address, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	prefix = strings.TrimSuffix(prefix, "/")
	if !ok || bucket == "" || strings.ContainsAny(bucket, "@:?# ") || prefix != "" && CheckKey(prefix) != nil {
		return "", "", fmt.Errorf("%q is no address of a bucket: write s3://BUCKET/PREFIX", address)
	}
	return bucket, prefix, nil
}

const (
	defaultPart    = 16 << 20
	defaultWorkers = 4
	// maxParts is how many parts S3 takes for one object.
	maxParts = 10_000
)

// OpenS3 prepares the use of a bucket. It asks the store nothing; the SDK may ask where credentials are to be had when they are first needed.
func OpenS3(ctx context.Context, o S3Options) (*S3, error) {
	sum, err := algorithmOf(o.Checksum)
	if err != nil {
		return nil, err
	}
	o.setDefaults()
	s := &S3{o: o, sum: sum, log: o.Log, sending: semaphore.NewWeighted(int64(o.Workers)), now: time.Now}
	load := []func(*config.LoadOptions) error{
		config.WithLogger(sdkLog{o.Log}),
		config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }), // see try
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = o.Workers + 16
			t.DisableCompression = true
		})),
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	c, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("reading the AWS settings: %w", err)
	}
	if c.Region == "" {
		c.Region = "us-east-1" // what stores that have no regions call theirs; Amazon's tells the right one
	}
	s.client = s3.NewFromConfig(c, func(so *s3.Options) {
		so.UsePathStyle = o.PathStyle
		if o.Endpoint != "" {
			so.BaseEndpoint = aws.String(o.Endpoint)
		}
		// Checksums stand in the headers, as we compute them: no trailers, which several stores do not take.
		so.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		so.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		so.DisableLogOutputChecksumValidationSkipped = true
		if o.Transport != nil {
			so.HTTPClient = &http.Client{Transport: o.Transport}
		}
		if o.Bandwidth > 0 {
			so.HTTPClient = &throttled{so.HTTPClient, rate.NewLimiter(rate.Limit(o.Bandwidth), burst(o.Bandwidth))}
		}
		so.HTTPClient = &watched{so.HTTPClient, o.Idle}
	})
	return s, nil
}

// sdkLog takes what the SDK has to say into our log: it would write to standard error itself.
type sdkLog struct{ log *slog.Logger }

// Logf implements logging.Logger.
func (l sdkLog) Logf(kind logging.Classification, format string, v ...any) {
	l.log.Info("the AWS SDK says", "kind", string(kind), "message", fmt.Sprintf(format, v...))
}

func (o *S3Options) setDefaults() {
	if o.PartSize <= 0 {
		o.PartSize = defaultPart
	}
	if o.Workers <= 0 {
		o.Workers = defaultWorkers
	}
	if o.Patience <= 0 {
		o.Patience = 15 * time.Minute
	}
	if o.FirstAnswer <= 0 {
		o.FirstAnswer = 30 * time.Second
	}
	if o.Idle <= 0 {
		o.Idle = time.Minute
	}
	if o.Bandwidth > 0 { // the pauses of the limit are no silence
		o.Idle += time.Duration(float64(burst(o.Bandwidth)) / float64(o.Bandwidth) * float64(time.Second))
	}
	o.FirstAnswer = min(o.FirstAnswer, o.Patience)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Prefix = strings.Trim(o.Prefix, "/")
}

// String is the bucket's address.
func (s *S3) String() string { return "s3://" + strings.TrimSuffix(s.o.Bucket+"/"+s.o.Prefix, "/") }

// Attests implements Attesting: a bucket tells facts of every object.
func (s *S3) Attests() bool { return true }

// full gives the key in the bucket.
func (s *S3) full(key string) *string {
	if s.o.Prefix != "" {
		key = s.o.Prefix + "/" + key
	}
	return &key
}

// short is the inverse of full.
func (s *S3) short(full *string) string {
	if s.o.Prefix == "" {
		return aws.ToString(full)
	}
	return strings.TrimPrefix(aws.ToString(full), s.o.Prefix+"/")
}

func (s *S3) place(key string) string { return s.String() + "/" + key }

// Create implements Store.
func (s *S3) Create(ctx context.Context, key string, body Body) (Info, error) {
	info, err := s.create(ctx, key, body, time.Time{})
	if err != nil {
		return Info{}, fmt.Errorf("create %s: %w", key, err)
	}
	return info, nil
}

// CreateAll implements Batcher: objects are sent side by side.
func (s *S3) CreateAll(ctx context.Context, items []Item) ([]Info, error) {
	infos := make([]Info, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.o.Workers)
	for i, item := range items {
		group.Go(func() (err error) {
			if item.Body != nil {
				infos[i], err = s.Create(ctx, item.Key, item.Body)
			} else {
				infos[i], err = s.Adopt(ctx, item.Key, item.Path)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return infos, nil
}

// Stat implements Store.
func (s *S3) Stat(ctx context.Context, key string) (Info, error) {
	if err := errors.Join(ctx.Err(), CheckKey(key)); err != nil {
		return Info{}, fmt.Errorf("stat %s: %w", key, err)
	}
	info, err := s.head(ctx, key)
	if err != nil {
		return Info{}, fmt.Errorf("stat %s: %w", key, err)
	}
	return info, nil
}

// head asks what the store says of an object.
func (s *S3) head(ctx context.Context, key string) (Info, error) {
	return try(ctx, s, key, func(ctx context.Context) (Info, error) {
		out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.o.Bucket, Key: s.full(key), ChecksumMode: types.ChecksumModeEnabled})
		if err != nil {
			return Info{}, err
		}
		info := Info{Key: key, Size: aws.ToInt64(out.ContentLength), Modified: aws.ToTime(out.LastModified)}
		info.Facts = &Facts{
			Checksum:     checksumOf(out),
			ETag:         aws.ToString(out.ETag),
			VersionID:    aws.ToString(out.VersionId),
			StorageClass: string(out.StorageClass),
			LockMode:     string(out.ObjectLockMode),
			RetainUntil:  aws.ToTime(out.ObjectLockRetainUntilDate).UTC(),
			LegalHold:    out.ObjectLockLegalHoldStatus == types.ObjectLockLegalHoldStatusOn,
		}
		info.SHA256 = info.Facts.Checksum.whole()
		return info, nil
	})
}

// Open implements Store. A connection that breaks is opened again where it broke, at the same version of the object.
func (s *S3) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := errors.Join(ctx.Err(), CheckKey(key)); err != nil {
		return nil, fmt.Errorf("open %s: %w", key, err)
	}
	if offset < 0 {
		return nil, fmt.Errorf("open %s: offset %d is negative", key, offset)
	}
	r := &s3Reader{s: s, ctx: ctx, key: key, at: offset, end: -1}
	if length >= 0 {
		r.end = offset + length
	}
	if err := r.open(); err != nil {
		return nil, fmt.Errorf("open %s: %w", key, err)
	}
	return &rangeReader{ctx: ctx, key: key, rc: r, left: r.end - offset}, nil
}

// firstPage is how many keys the first request of a listing asks for. Whoever wants the newest log entry takes one and stops; a longer listing costs
// one request more.
const firstPage = 8

// List implements Store.
func (s *S3) List(ctx context.Context, prefix, after string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if strings.HasPrefix(prefix, "/") || strings.Contains("/"+prefix, "/../") || strings.Contains("/"+prefix, "/./") {
			return // no key begins like this
		}
		in := &s3.ListObjectsV2Input{Bucket: &s.o.Bucket, Prefix: s.full(prefix), MaxKeys: aws.Int32(firstPage)}
		if after != "" {
			in.StartAfter = s.full(after)
		}
		for more := true; more; {
			out, err := try(ctx, s, prefix, func(ctx context.Context) (*s3.ListObjectsV2Output, error) { return s.client.ListObjectsV2(ctx, in) })
			if err != nil {
				yield(Info{}, fmt.Errorf("list %s: %w", s.place(prefix), err))
				return
			}
			for _, o := range out.Contents {
				key := s.short(o.Key)
				if key == probeKey || key <= after || CheckKey(key) != nil {
					continue
				}
				if err := ctx.Err(); err != nil {
					yield(Info{}, fmt.Errorf("list %s: %w", s.place(prefix), err))
					return
				}
				if !yield(Info{Key: key, Size: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified)}, nil) {
					return
				}
			}
			in.ContinuationToken, in.MaxKeys = out.NextContinuationToken, nil
			more = aws.ToBool(out.IsTruncated) && out.NextContinuationToken != nil
		}
	}
}
