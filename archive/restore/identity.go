package restore

import (
	"fmt"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// identity is what a record says that it is, to be compared with what a page or an index says stands in its place.
type identity struct {
	url, id      string
	typ          warc.Type
	date         time.Time
	sha1, sha256 warc.Digest // of the payload, as the record states them; zero where it does not
}

func identityOf(rec *warc.Record) identity {
	i := identity{url: rec.TargetURI, id: rec.ID, typ: rec.Type, date: rec.Date.UTC()}
	for _, name := range []string{"WARC-Payload-Digest", "WARC-Payload-Digest-SHA1"} {
		digest, err := warc.ParseDigest(rec.Get(name))
		switch {
		case err != nil: // none, or of an algorithm that nobody here asks for
		case digest.Algorithm() == warc.SHA1:
			i.sha1 = digest
		case digest.Algorithm() == warc.SHA256:
			i.sha256 = digest
		}
	}
	return i
}

// check compares the record with k. What k leaves empty is not compared, and its time only to the second when it names no record: then it
// comes from an index, which tells no more.
func (i identity) check(k archive.Kept) error {
	differs := func(what, expected, found string) error {
		return fmt.Errorf("%w: %s of the record: expected %s, found %s", archive.ErrFixity, what, expected, found)
	}
	at, date := k.Time.UTC(), i.date
	if k.Record == "" {
		at, date = at.Truncate(time.Second), date.Truncate(time.Second)
	} else {
		date = date.Truncate(time.Microsecond)
	}
	switch {
	case k.URL != "" && k.URL != i.url:
		return differs("URL", k.URL, i.url)
	case k.Record != "" && k.Record != i.id:
		return differs("id", k.Record, i.id)
	case k.Type != "" && k.Record != "" && k.Type != i.typ:
		return differs("type", string(k.Type), string(i.typ))
	case !k.Time.IsZero() && !at.Equal(date):
		return differs("date", at.Format(time.RFC3339Nano), date.Format(time.RFC3339Nano))
	}
	want, err := warc.ParseDigest(k.Digest)
	if err != nil {
		return nil // none is stated
	}
	for _, stated := range []warc.Digest{i.sha1, i.sha256} {
		if !stated.IsZero() && stated.Algorithm() == want.Algorithm() && stated != want {
			return differs("payload digest", want.String(), stated.String())
		}
	}
	return nil
}

// keptOfRow gives what an index row says of a record.
func keptOfRow(r index.Row) archive.Kept {
	k := archive.Kept{URL: r.URL, Type: warc.Response, File: r.File, Offset: r.Offset, Length: r.Length, Status: r.Status, MIME: r.MIME, Time: r.Timestamp.Time()}
	switch {
	case !r.SHA256.IsZero():
		k.Digest = r.SHA256.String()
	case !r.Digest.IsZero():
		k.Digest = r.Digest.String()
	}
	return k
}
