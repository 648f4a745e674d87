package store

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/cenkalti/backoff/v5"
)

// sayAfter is how long a store may fail before people are told.
const sayAfter = 5 * time.Second

// errPrecondition says that the key is taken: the answer 412 to If-None-Match.
var errPrecondition = errors.New("the key is taken")

// errGone says that an upload does not exist any more.
var errGone = errors.New("the upload is gone")

// try asks the store until it answers or the patience is over. Errors wrap those of this package, and say what to mend.
func try[T any](ctx context.Context, s *S3, key string, ask func(context.Context) (T, error)) (T, error) {
	patience := s.o.Patience
	if !s.answered.Load() {
		patience = s.o.FirstAnswer
	}
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 200*time.Millisecond, 30*time.Second
	damaged, said, begun := 0, false, s.now()
	out, err := backoff.Retry(ctx, func() (T, error) {
		out, err := ask(ctx)
		if err == nil {
			s.answered.Store(true)
			return out, nil
		}
		if ctx.Err() != nil {
			return out, backoff.Permanent(ctx.Err())
		}
		err = s.explain(key, err)
		if errors.Is(err, ErrMismatch) {
			// What the store refuses as damaged was damaged on the way, unless it always is.
			if damaged++; damaged < 4 {
				return out, err
			}
			return out, backoff.Permanent(err)
		}
		if !errors.Is(err, ErrUnavailable) {
			s.answered.Store(true)
			return out, backoff.Permanent(err)
		}
		if waited := s.now().Sub(begun); waited > sayAfter && !said {
			said = true
			s.log.Warn("the store does not answer, and is asked again and again", "for", patience, "object", s.place(key), "error", err)
		}
		s.log.Info("the store is asked again", "object", s.place(key), "error", err)
		return out, err
	}, backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(patience))
	if err == nil {
		return out, nil
	}
	var permanent *backoff.PermanentError
	if errors.As(err, &permanent) {
		err = permanent.Unwrap()
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w (%w)", cause, err)
	}
	return out, err
}

// answer is what is known of an error of the SDK.
type answer struct {
	code    string // S3's own, "" when no answer came
	status  int    // of HTTP, 0 when no answer came
	message string
	header  http.Header
}

func answerOf(err error) answer {
	var a answer
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.Response != nil && response.Response.Response != nil {
		a.status, a.header = response.HTTPStatusCode(), response.Response.Header
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		a.code, a.message = api.ErrorCode(), api.ErrorMessage()
	}
	return a
}

// explain turns an error of the SDK into one of this package. Of what the SDK says only the code and the sentence of the store are taken over: its own
// words quote requests.
func (s *S3) explain(key string, err error) error {
	a := answerOf(err)
	is := func(codes ...string) bool { return slices.Contains(codes, a.code) }
	said := func() string {
		if a.message == "" || a.message == a.code {
			return fmt.Sprintf("%s (status %d)", a.code, a.status)
		}
		return fmt.Sprintf("%s: %s (status %d)", a.code, a.message, a.status)
	}
	switch {
	case a.status == 0 && a.code == "":
		return s.unanswered(err)
	case is("NoSuchBucket"):
		return fmt.Errorf("%w: there is no bucket %s: make it, or name another one with --archive", ErrNotExist, s.o.Bucket)
	case is("NoSuchUpload"):
		return fmt.Errorf("%w: %w", errGone, ErrNotExist)
	case is("NoSuchKey", "NoSuchVersion") || is("NotFound") && a.status == http.StatusNotFound || a.status == http.StatusNotFound && a.code == "":
		return fmt.Errorf("%w: %s", ErrNotExist, s.place(key))
	case a.status == http.StatusPreconditionFailed:
		return errPrecondition
	case is("RequestTimeTooSkewed"):
		return fmt.Errorf("%w: the clocks of this machine and of the store differ by %s: set this machine's clock (NTP): %s", fs.ErrPermission, s.skew(a.header), said())
	case is("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurity"):
		return fmt.Errorf("%w: the store does not know these credentials: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile: %s", fs.ErrPermission, a.code)
	case is("ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"):
		return fmt.Errorf("%w: the credentials have expired: renew them (AWS_SESSION_TOKEN, or the profile's): %s", fs.ErrPermission, a.code)
	case is("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"):
		return fmt.Errorf("the bucket %s is in another region%s: set AWS_REGION, or s3: region: in the configuration: %s", s.o.Bucket, regionIn(a.header), a.code)
	case is("BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"):
		return fmt.Errorf("%w: what arrived is not what was sent: %s", ErrMismatch, said())
	case a.status == http.StatusInsufficientStorage || is("QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity", "StorageFull"):
		return fmt.Errorf("%w: free space there, or raise the bucket's quota: %s", ErrFull, said())
	case is("ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException"),
		a.status == http.StatusRequestTimeout, a.status == http.StatusTooManyRequests, a.status >= 500 && a.status != http.StatusNotImplemented:
		return fmt.Errorf("%w: %s: %s", ErrUnavailable, s.host(), said())
	case a.status == http.StatusForbidden || a.status == http.StatusUnauthorized:
		return fmt.Errorf("%w: the credentials may not do this to %s: give them the right, or use others: %s", fs.ErrPermission, s.place(key), said())
	}
	return fmt.Errorf("%s refuses: %s", s.host(), said())
}

// unanswered tells why no answer came.
func (s *S3) unanswered(err error) error {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var op *net.OpError
	switch {
	case errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid):
		return fmt.Errorf("the certificate of %s is not to be trusted: check the endpoint, or name its authority with AWS_CA_BUNDLE: %w", s.host(), root(err))
	case errors.As(err, &op):
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, s.host(), op.Err)
	}
	if noCredentials(err) {
		return fmt.Errorf("%w: no credentials for %s were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE", fs.ErrPermission, s)
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, s.host(), root(err))
}

// root is the innermost error: what surrounds it quotes requests.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// noCredentials reports whether the SDK found nobody to sign as. It has no type for that, so that its words must do.
func noCredentials(err error) bool {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if slices.ContainsFunc(withoutCredentials, func(words string) bool { return strings.HasPrefix(e.Error(), words) }) {
			return true
		}
	}
	return false
}

var withoutCredentials = []string{
	"get identity: get credentials", "failed to refresh cached credentials", "failed to retrieve credentials", "no EC2 IMDS role found", "static credentials are empty",
}

// host names the store for people.
func (s *S3) host() string {
	if s.o.Endpoint != "" {
		return s.o.Endpoint
	}
	return "the store of " + s.String()
}

// skew tells by how much the clocks differ, as far as the answer says.
func (s *S3) skew(h http.Header) string {
	there, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return "more than the store allows"
	}
	return s.now().Sub(there).Abs().Round(time.Second).String()
}

func regionIn(h http.Header) string {
	if r := h.Get("x-amz-bucket-region"); r != "" {
		return " (" + r + ")"
	}
	return ""
}
