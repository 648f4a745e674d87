package archive

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// revisitFrom is the payload size in bytes from which an identical payload is not written twice: a revisit record costs about 700 bytes
// and a second read on the way back.
const revisitFrom = 1 << 10

// Names in the metadata record beside an exchange, as Heritrix writes them.
const (
	fieldVia  = "via"
	fieldHops = "hopsFromSeed"
	fieldSeed = "seed"
)

// Hop says how the crawler came to an exchange; it goes into the metadata record beside it.
type Hop struct {
	Via    string       // URL that named it; "" for a seed
	Path   string       // hopsFromSeed as Heritrix writes it: "" seed, R redirect, E embed, I inferred, P prerequisite (robots.txt), X speculative
	Fields []warc.Field // more
}

func (h Hop) fields() []warc.Field {
	var fields []warc.Field
	if h.Path == "" {
		fields = append(fields, warc.Field{Name: fieldSeed})
	} else {
		fields = append(fields, warc.Field{Name: fieldHops, Value: h.Path})
	}
	if h.Via != "" {
		fields = append(fields, warc.Field{Name: fieldVia, Value: h.Via})
	}
	return append(fields, h.Fields...)
}

// Kept is where an exchange stands in the archive. It is what pages.jsonl lists for every requisite.
type Kept struct {
	URL       string          `json:"url"`
	Run       string          `json:"run,omitempty"`    // the run that holds the record; "" for the run that lists it
	Kind      string          `json:"kind,omitempty"`   // page.Kind of a requisite
	Record    string          `json:"record,omitempty"` // WARC-Record-ID
	Type      warc.Type       `json:"type,omitempty"`   // response or revisit; metadata when nothing came back
	File      string          `json:"file,omitempty"`   // base name
	Offset    int64           `json:"offset"`
	Length    int64           `json:"length,omitempty"` // bytes of the gzip member
	Status    int             `json:"status,omitempty"`
	MIME      string          `json:"mime,omitempty"`
	Digest    string          `json:"digest,omitempty"` // sha256 of the payload
	Size      int64           `json:"size"`             // payload bytes
	Time      time.Time       `json:"ts"`               // to the microsecond, as WARC-Date
	Truncated warc.Truncation `json:"truncated,omitempty"`
	Failure   string          `json:"failure,omitempty"`
}

// Record writes an exchange: response (or revisit, when this run holds the same payload already), request and metadata; or, when nothing
// came back, the request if one was sent, and metadata. Before the first exchange for which a host showed certificates come these, as a record
// of their own. What it returned without error is readable in the run, and durable after Sync.
//
// The end of ctx does not stop it: what was fetched is kept. An exchange whose URL or fields cannot stand in a WARC header is refused with an
// error that wraps warc.ErrTarget or warc.ErrField. A full disk is store.ErrFull; nothing is left of the exchange then.
func (r *Run) Record(_ context.Context, x *warc.Exchange, h Hop) (Kept, error) {
	r.life.RLock()
	defer r.life.RUnlock()
	if r.ended {
		return Kept{}, r.endedError()
	}
	kept, err := r.record(x, h)
	if err != nil {
		return Kept{}, fmt.Errorf("recording %s in run %s: %w", speakable(x.URL), r.ID(), withSpace(err, r.draft.dir))
	}
	return kept, nil
}

// speakable is a URL as an error may quote it: without a password, should one have come this far.
func speakable(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "a URL that cannot be parsed"
	}
	return u.Redacted()
}

func (r *Run) record(x *warc.Exchange, h Hop) (Kept, error) {
	if err := warc.CheckTarget(x.URL); err != nil { // first, as there are URLs that must not even stand in an error
		return Kept{}, err
	}
	certificates, err := r.certificates(x.TLS)
	if err != nil {
		return Kept{}, fmt.Errorf("certificates of the host: %w", err)
	}
	if certificates != "" {
		h.Fields = append(slices.Clip(h.Fields), warc.Field{Name: fieldCertificates, Value: certificates})
	}
	set, main, err := r.drafts(x, h)
	if err != nil {
		return Kept{}, err
	}
	d := set[main]
	kept := Kept{URL: x.URL, Record: d.ID, Type: d.Type, Time: x.Started.UTC().Truncate(time.Microsecond), Failure: x.Failure}
	var row index.Row
	if x.Response != nil {
		kept.Size, kept.Truncated = x.PayloadLength, x.Truncated
		if row, err = kept.describe(x, d); err != nil {
			return Kept{}, err
		}
	}
	at, err := r.writer.Write(set...)
	if err != nil {
		return Kept{}, err
	}
	kept.File, kept.Offset, kept.Length = at[main].File, at[main].Offset, at[main].Length
	row.File, row.Offset, row.Length = kept.File, kept.Offset, kept.Length
	r.note(kept, row, x, d)
	return kept, nil
}

// describe fills in what the index says of an answer, and gives its row but for the place. All of it comes from what the record will hold, so
// that the same row comes out when the record is read back.
func (k *Kept) describe(x *warc.Exchange, d *warc.Draft) (index.Row, error) {
	key, err := index.SURT(x.URL)
	if err != nil {
		return index.Row{}, err
	}
	sha1, sha256, err := payloadDigests(d.Get)
	if err != nil {
		return index.Row{}, err
	}
	k.Digest = sha256.String()
	if k.Status, k.MIME, err = answerFacts(x); err != nil {
		return index.Row{}, err
	}
	return k.row(key, sha1, sha256), nil
}

// note takes up a recorded exchange in index, counts, and the payloads that revisits may refer to.
func (r *Run) note(k Kept, row index.Row, x *warc.Exchange, d *warc.Draft) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.facts.Counts.addExchange(k)
	if k.Type == warc.Metadata {
		return
	}
	if k.indexed() {
		r.index(row)
	}
	if k.Type == warc.Response && repeatable(x) {
		r.payloads.Add(x.PayloadSHA256, warc.Original{RecordID: d.ID, URL: x.URL, Date: d.Get("WARC-Date")})
	}
}

// index adds a row; r.mu is held. When that fails the records are whole all the same, and Commit indexes them again.
func (r *Run) index(row index.Row) {
	if err := r.rows.Add(row); err != nil {
		r.stale = errors.Join(r.stale, err)
	}
}

// indexed reports whether the index lists an answer: CDXJ wants a status and a digest, and a block that is not HTTP has neither.
func (k Kept) indexed() bool { return k.Type == warc.Resource || k.Status != 0 }

// row gives the index row of a response or revisit.
func (k Kept) row(key string, sha1, sha256 warc.Digest) index.Row {
	row := index.Row{
		Key: key, Timestamp: index.NewTimestamp(k.Time), URL: k.URL, MIME: k.MIME, Status: k.Status, Digest: sha1, SHA256: sha256,
		Length: k.Length, Offset: k.Offset, File: k.File,
	}
	if k.Type == warc.Revisit {
		row.MIME = revisitMIME
	}
	return row
}

// revisitMIME is what CDX files say in place of a media type for revisits.
const revisitMIME = "warc/revisit"

// drafts makes the records of an exchange and tells which of them is the one that Kept points to.
func (r *Run) drafts(x *warc.Exchange, h Hop) (set []*warc.Draft, main int, err error) {
	if x.Response == nil {
		return failureDrafts(x, h)
	}
	answer, err := r.answer(x)
	if err != nil {
		return nil, 0, err
	}
	request, err := warc.NewRequest(x, answer.ID)
	if err != nil {
		return nil, 0, err
	}
	answer.ConcurrentTo(request.ID)
	metadata, err := warc.NewMetadata(x, answer.ID, h.fields())
	if err != nil {
		return nil, 0, err
	}
	return []*warc.Draft{answer, request, metadata}, 0, nil
}

// failureDrafts makes the records of an exchange that brought nothing back.
func failureDrafts(x *warc.Exchange, h Hop) ([]*warc.Draft, int, error) {
	var set []*warc.Draft
	about := ""
	if x.Request != nil && x.Request.Size() > 0 {
		request, err := warc.NewRequest(x, "")
		if err != nil {
			return nil, 0, err
		}
		set, about = append(set, request), request.ID
	}
	metadata, err := warc.NewMetadata(x, about, h.fields())
	if err != nil {
		return nil, 0, err
	}
	return append(set, metadata), len(set), nil
}

// answer makes the response record, or a revisit when this run holds the payload already.
func (r *Run) answer(x *warc.Exchange) (*warc.Draft, error) {
	if repeatable(x) {
		r.mu.Lock()
		of, ok := r.payloads.Get(x.PayloadSHA256)
		r.mu.Unlock()
		if ok {
			return warc.NewRevisit(x, of.(warc.Original))
		}
	}
	return warc.NewResponse(x)
}

// repeatable reports whether a payload is whole, and large enough that a second one like it becomes a revisit.
func repeatable(x *warc.Exchange) bool {
	return x.PayloadLength >= revisitFrom && x.Status != 0 && x.HeadLength > 0 && !x.PayloadSHA256.IsZero() && x.Truncated == ""
}
