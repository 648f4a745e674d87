package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Finding is what a probe of a store found, and what that means for an archive in it.
type Finding struct {
	Name  string `json:"name"`
	Level Grade  `json:"level"`
	Found string `json:"found"`
	Means string `json:"means,omitempty"`
}

// Grade says how good a finding is.
type Grade string

// The grades.
const (
	Good    Grade = "good"
	Warning Grade = "warning" // an archive can live there, with less
	Fault   Grade = "fault"   // it cannot, as it is set
	Unknown Grade = "unknown" // it could not be found out
)

// Probe finds out what the bucket really does of all that an archive relies on: it writes objects below the key doctor-…, and removes them where it may.
// A store may say yes to everything and do half of it; so every promise is tried, also by doing it wrong. No object gets a retention.
func (s *S3) Probe(ctx context.Context) []Finding {
	o := s.o
	o.Prefix = path.Join(o.Prefix, "doctor-"+strings.ToLower(rand.Text()[:10]))
	o.LockMode, o.Retain, o.LegalHold, o.SingleWriter, o.Journal, o.Progress = "", 0, false, true, "", nil
	o.PartSize, o.Patience, o.FirstAnswer = minPart, 10*time.Second, 10*time.Second
	own, err := OpenS3(ctx, o)
	if err != nil {
		return []Finding{{"store", Fault, err.Error(), "nothing can be asked of it"}}
	}
	own.now = s.now
	p := &prober{S3: own, locks: s.o.LockMode != "" || s.o.LegalHold}
	if !p.reach(ctx) {
		return p.found
	}
	for _, check := range []func(context.Context){p.clock, p.versions, p.lock} {
		check(ctx)
	}
	if !p.write(ctx) {
		return p.found
	}
	for _, check := range []func(context.Context){p.conditions, p.checksums, p.parts, p.ranges, p.listing, p.deletion} {
		check(ctx)
	}
	return p.found
}

// minPart is the least size of a part but the last (S3, "Amazon S3 multipart upload limits").
const minPart = 5 << 20

// body is an object of two parts.
func (*prober) body() []byte { return bytes.Repeat([]byte("part "), minPart/5+20) }

// prober is one Probe under way.
type prober struct {
	*S3
	locks bool // the options ask for Object Lock
	found []Finding
}

func (p *prober) tell(name string, g Grade, found, means string) {
	p.found = append(p.found, Finding{name, g, found, means})
}

// failed tells what could not be found out.
func (p *prober) failed(name string, err error) { p.tell(name, Unknown, err.Error(), "") }

// reach asks for a list, the least that a reader must be allowed.
func (p *prober) reach(ctx context.Context) bool {
	for _, err := range p.List(ctx, "", "") {
		if err != nil {
			p.tell("reach", Fault, err.Error(), "the archive cannot be read")
			return false
		}
		break
	}
	p.tell("reach", Good, fmt.Sprintf("%s answers, and knows the credentials", p.host()), "")
	return true
}

// clock compares the clocks by the Date of an answer: requests are refused when they differ by more than 15 minutes.
func (p *prober) clock(ctx context.Context) {
	before := p.now()
	var there time.Time
	out, err := p.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &p.o.Bucket, Prefix: p.full(""), MaxKeys: aws.Int32(1)})
	if err == nil {
		there, _ = awsmiddleware.GetServerTime(out.ResultMetadata)
	} else { // it may be the clock for which it was refused
		there, _ = http.ParseTime(answerOf(err).header.Get("Date"))
	}
	if there.IsZero() {
		p.failed("clock", cmp.Or(p.explained("", err), errors.New("the answer has no date")))
		return
	}
	off := there.Sub(before).Abs().Truncate(time.Second)
	switch {
	case off > 5*time.Minute:
		p.tell("clock", Fault, fmt.Sprintf("differs by %s", off), "times in the archive are wrong, and from 15 minutes on the store refuses everything: set this machine's clock (NTP)")
	case off > 5*time.Second:
		p.tell("clock", Warning, fmt.Sprintf("differs by %s", off), "times in the archive may be wrong by that much")
	default:
		p.tell("clock", Good, "differs by less than five seconds", "")
	}
}

// write creates an object, and reports whether it could.
func (p *prober) write(ctx context.Context) bool {
	in := p.putting("written", "x")
	_, err := p.client.PutObject(ctx, in)
	switch err = p.explained("written", err); {
	case errors.Is(err, fs.ErrPermission):
		p.tell("write", Warning, "not allowed", "with these credentials the archive can be read and not be added to; what follows could not be tried")
	case err != nil:
		p.tell("write", Fault, err.Error(), "nothing can be archived here")
	default:
		p.tell("write", Good, "allowed", "")
		return true
	}
	return false
}

func (p *prober) explained(key string, err error) error {
	if err == nil {
		return nil
	}
	return p.explain(key, err)
}

// putting makes the request that stores a text, on condition, without a checksum.
func (p *prober) putting(key, text string) *s3.PutObjectInput {
	return &s3.PutObjectInput{
		Bucket: &p.o.Bucket, Key: p.full(key), IfNoneMatch: aws.String("*"), Body: strings.NewReader(text), ContentLength: aws.Int64(int64(len(text))),
	}
}

// conditions tries to overwrite, and has eight writers try at once.
func (p *prober) conditions(ctx context.Context) {
	const name = "conditional put"
	_, err := p.client.PutObject(ctx, p.putting("written", "y"))
	switch err = p.explained("written", err); {
	case err == nil:
		p.tell(name, Fault, "ignored: an object was overwritten in spite of If-None-Match",
			"two writers could destroy each other's log: let only one process ever write and set s3: single_writer: true, or use another store")
		return
	case !errors.Is(err, errPrecondition):
		p.failed(name, err)
		return
	}
	const writers = 8
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, odd := 0, error(nil)
	for i := range writers {
		wg.Go(func() {
			_, err := p.client.PutObject(ctx, p.putting("raced", fmt.Sprint(i)))
			mu.Lock()
			defer mu.Unlock()
			switch err = p.explained("raced", err); {
			case err == nil:
				won++
			case !errors.Is(err, errPrecondition) && !errors.Is(err, ErrUnavailable): // ErrUnavailable: a conflict, to be tried again
				odd = err
			}
		})
	}
	wg.Wait()
	switch {
	case odd != nil:
		p.failed(name, odd)
	case won == 1:
		p.tell(name, Good, fmt.Sprintf("honoured: of %d writers one won", writers), "")
	default:
		p.tell(name, Fault, fmt.Sprintf("of %d writers %d won", writers, won), "two writers could destroy each other's log: let only one process ever write and set s3: single_writer: true")
	}
}

// checksums tries each algorithm: with a wrong one, which must be refused, and with a right one, which must be told again.
func (p *prober) checksums(ctx context.Context) {
	const text = "The store checks what it is given, or it does not."
	checked := map[string]bool{}
	for _, name := range []string{"sha256", "crc64nvme", "crc32"} {
		sum := algorithms[name]
		wrong, err := sum.digest(ctx, strings.NewReader(text), 1, 5)
		if err != nil {
			p.failed("checksum "+name, err)
			continue
		}
		in := p.putting("wrong-"+name, text)
		sum.onPut(in, wrong)
		_, err = p.client.PutObject(ctx, in)
		refused := err != nil
		if denied := p.explained("wrong-"+name, err); errors.Is(denied, fs.ErrPermission) || errors.Is(denied, ErrUnavailable) {
			p.failed("checksum "+name, denied)
			continue
		}
		right, err := sum.digest(ctx, strings.NewReader(text), 0, int64(len(text)))
		if err == nil {
			in = p.putting("right-"+name, text)
			sum.onPut(in, right)
			_, err = p.client.PutObject(ctx, in)
		}
		told := false
		if err == nil {
			info, headErr := p.head(ctx, "right-"+name)
			told = headErr == nil && info.Facts.Checksum == sum.of(right)
		}
		checked[name] = refused && told && err == nil
		switch {
		case checked[name]:
			p.tell("checksum "+name, Good, "checked: a wrong one is refused, and it is told again", "")
		case err != nil:
			p.tell("checksum "+name, Warning, "not taken: "+p.explained("right-"+name, err).Error(), "")
		case !refused:
			p.tell("checksum "+name, Warning, "accepted and not checked: an object with a wrong one was stored", "it proves nothing")
		default:
			p.tell("checksum "+name, Warning, "checked, and not told again", "nothing can be audited without reading")
		}
	}
	p.advise(checked)
}

// advise says which checksum is to be set.
func (p *prober) advise(checked map[string]bool) {
	set := strings.ToLower(p.o.Checksum)
	if set == "" {
		set = "sha256"
	}
	best := "none"
	for _, name := range []string{"sha256", "crc64nvme", "crc32"} {
		if checked[name] {
			best = name
			break
		}
	}
	switch {
	case set == best && best != "none":
		p.tell("checksum that is set", Good, set, "")
	case checked[set]:
		p.tell("checksum that is set", Good, set, best+" is checked too, and stronger")
	case best == "none":
		p.tell("checksum that is set", Warning, set+", and the store checks none", "set s3: checksum: none, and verify at level 3: only reading proves what is there")
	default:
		p.tell("checksum that is set", Fault, set+", which the store does not check", "set s3: checksum: "+best)
	}
}

// parts sends an object of two parts, and looks at every step.
func (p *prober) parts(ctx context.Context) {
	const name, key = "parts", "parts"
	body := p.body()
	u := &parted{s: p.S3, key: key, body: bytes.NewReader(body), partSize: minPart, values: make([]string, 2), etags: make([]string, 2)}
	if err := u.open(ctx); err != nil {
		p.failed(name, err)
		return
	}
	if err := u.send(ctx, nil); err != nil {
		p.failed(name, err)
		return
	}
	p.partsTold(ctx, u)
	err := p.wrongSize(ctx, u)
	switch {
	case err == nil:
		p.tell("parts: size", Warning, "a wrong size is not noticed", "the size is compared afterwards all the same")
	case answerOf(err).status == http.StatusBadRequest:
		p.tell("parts: size", Good, "a wrong size is refused", "")
	default:
		p.failed("parts: size", p.explain(key, err))
	}
	err = u.complete(ctx)
	if errors.Is(err, errGone) || errors.Is(err, errPrecondition) { // the wrong size made it an object
		err = nil
	}
	if err == nil {
		_, err = u.finish(ctx, false)
	}
	switch {
	case errors.Is(err, ErrMismatch):
		p.tell(name, Fault, err.Error(), "what is larger than a part cannot be proven as it is set")
	case err != nil:
		p.failed(name, err)
	default:
		p.tell(name, Good, "put together, and the checksum told is the one computed here", "")
	}
	p.partsOverwrite(ctx, key)
}

// partsTold looks whether an upload that is under way, and its parts, are told: what goes on after a kill relies on it.
func (p *prober) partsTold(ctx context.Context, u *parted) {
	const name = "parts: list"
	id, err := u.listed(ctx)
	if err != nil || id != u.id {
		p.tell(name, Warning, "an upload under way is not listed", "one whose journal is lost begins anew, and gc cannot remove what is left of it: set a lifecycle rule that aborts them")
		return
	}
	have, err := u.arrived(ctx)
	told := err == nil && len(have) == 2 && !slices.ContainsFunc([]int32{1, 2}, func(n int32) bool { return p.sum.ofPart(have[n]) != u.values[n-1] })
	if told && p.sum.name != "" {
		p.tell(name, Good, "uploads under way are listed, and their parts with checksums", "")
		return
	}
	p.tell(name, Warning, "parts are listed without the checksums that are set", "an upload that was killed sends all parts again")
}

// wrongSize asks to put parts together as if they were larger; an error is right.
func (p *prober) wrongSize(ctx context.Context, u *parted) error {
	in := u.completion()
	in.MpuObjectSize = aws.Int64(u.body.Size() + 1)
	_, err := p.client.CompleteMultipartUpload(ctx, in)
	return err
}

// partsOverwrite tries to put parts together over an object.
func (p *prober) partsOverwrite(ctx context.Context, key string) {
	const name = "parts: conditional"
	u := &parted{s: p.S3, key: key, body: strings.NewReader("other"), partSize: minPart, values: make([]string, 1), etags: make([]string, 1)}
	err := u.open(ctx)
	if err == nil {
		err = u.send(ctx, nil)
	}
	if err != nil {
		p.failed(name, err)
		return
	}
	switch err := u.complete(ctx); {
	case errors.Is(err, errPrecondition):
		p.tell(name, Good, "an object is not overwritten by parts", "")
	case err != nil:
		p.failed(name, err)
	default:
		p.tell(name, Warning, "an object is overwritten by parts in spite of If-None-Match", "names of runs are never used twice, so that only a fault could do that")
	}
	if err := p.Abort(ctx, Upload{Key: key, ID: u.id}); err != nil {
		p.failed("parts: abort", err)
	}
}

// ranges reads stretches of the object of parts, one of them across the edge of two.
func (p *prober) ranges(ctx context.Context) {
	body := p.body()
	for _, r := range []struct{ at, n int }{{0, 10}, {minPart - 7, 14}, {len(body) - 4, 4}} {
		rc, err := p.Open(ctx, "parts", int64(r.at), int64(r.n))
		if err != nil {
			p.failed("ranges", err)
			return
		}
		got, err := io.ReadAll(rc)
		if err = errors.Join(err, rc.Close()); err != nil || !bytes.Equal(got, body[r.at:r.at+r.n]) {
			p.tell("ranges", Fault, fmt.Sprintf("bytes %d to %d are not what was stored (%v)", r.at, r.at+r.n, err), "no record can be read")
			return
		}
	}
	p.tell("ranges", Good, "read as stored", "")
}

// listing looks whether a list is in order and can begin in the middle.
func (p *prober) listing(ctx context.Context) {
	var all, rest []string
	for info, err := range p.List(ctx, "", "") {
		if err != nil {
			p.failed("list", err)
			return
		}
		all = append(all, info.Key)
	}
	if len(all) < 2 {
		p.tell("list", Fault, fmt.Sprintf("of the objects that were stored %d are listed", len(all)), "the log cannot be read")
		return
	}
	for info, err := range p.List(ctx, "", all[0]) {
		if err != nil {
			p.failed("list", err)
			return
		}
		rest = append(rest, info.Key)
	}
	if !slices.IsSorted(all) || !slices.Equal(rest, all[1:]) {
		p.tell("list", Fault, "not in order, or not from a key on", "the newest log entry cannot be found")
		return
	}
	p.tell("list", Good, "in order, and from any key on", "")
}

// versions asks whether the bucket keeps what is overwritten and deleted.
func (p *prober) versions(ctx context.Context) {
	out, err := p.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &p.o.Bucket})
	switch err = p.explained("", err); {
	case err != nil:
		p.failed("versions", err)
	case out.Status == types.BucketVersioningStatusEnabled:
		p.tell("versions", Good, "kept: what somebody deletes or overwrites can be had again, and verify tells it", "")
	default:
		p.tell("versions", Warning, "not kept", "what somebody deletes is gone: turn on the bucket's versioning")
	}
}

// lock asks for the bucket's Object Lock.
func (p *prober) lock(ctx context.Context) {
	out, err := p.client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &p.o.Bucket})
	if err != nil && answerOf(err).code != "ObjectLockConfigurationNotFoundError" && answerOf(err).status != 404 {
		p.failed("object lock", p.explained("", err))
		return
	}
	on := err == nil && out.ObjectLockConfiguration != nil && out.ObjectLockConfiguration.ObjectLockEnabled == types.ObjectLockEnabledEnabled
	switch {
	case on:
		p.tell("object lock", Good, "the bucket has it", "")
	case p.locks:
		p.tell("object lock", Fault, "the bucket has none, and s3: lock: asks for it", "nothing can be stored: make a bucket with Object Lock, or take the key out")
	default:
		p.tell("object lock", Warning, "the bucket has none", "whoever has the right can delete evidence: a bucket with Object Lock and s3: lock: keeps it for the time that you set")
	}
}

// deletion tries to tidy up: that it may not is better for an archive.
func (p *prober) deletion(ctx context.Context) {
	for info, err := range p.List(ctx, "", "") {
		if err != nil {
			p.failed("delete", err)
			return
		}
		switch err := p.Remove(ctx, info.Key); {
		case errors.Is(err, fs.ErrPermission):
			p.tell("delete", Good, "not allowed: what is archived is safe from these credentials",
				fmt.Sprintf("gc needs others; the objects that this probe stored are left at %s", p))
			return
		case err != nil:
			p.failed("delete", err)
			return
		}
	}
	p.tell("delete", Warning, "allowed", "whoever has these credentials can delete the archive: for capturing take the right to delete away")
}
