package archive

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// fieldCertificates in the metadata record beside an exchange names the record of the certificates that the host had shown.
const fieldCertificates = "tlsCertificates"

// presented tells certificates apart: whose they are, the digest of the chain, and whether it was believed.
type presented struct {
	target   string
	chain    [sha256.Size]byte
	verified bool
}

// certificates gives the id of the record of the certificates that a host showed, "" when it showed none. The record is written when they are the
// first of that host and port in the run, others than before, or judged otherwise.
func (r *Run) certificates(h *warc.Handshake) (id string, err error) {
	if h == nil || len(h.Chain) == 0 {
		return "", nil
	}
	is := presented{target: h.URI(), verified: h.Failure == ""}
	sum := sha256.New()
	for _, der := range h.Chain {
		sum.Write(der) // which tells its own length
	}
	sum.Sum(is.chain[:0])

	r.handshakes.Lock()
	defer r.handshakes.Unlock()
	if id, ok := r.presented[is]; ok {
		return id, nil
	}
	d, err := warc.NewCertificates(h)
	if err != nil {
		return "", err
	}
	row, err := certificatesRow(h, d)
	if err != nil {
		return "", err
	}
	at, err := r.writer.Write(d)
	if err != nil {
		return "", err
	}
	row.File, row.Offset, row.Length = at[0].File, at[0].Offset, at[0].Length
	r.presented[is] = d.ID
	r.mu.Lock()
	defer r.mu.Unlock()
	r.index(row)
	return d.ID, nil
}

// certificatesRow gives the row of a record of certificates, but for the place.
func certificatesRow(h *warc.Handshake, d *warc.Draft) (index.Row, error) {
	k := Kept{URL: h.URI(), Type: d.Type, MIME: mediaType(d.Get("Content-Type")), Time: h.Time.UTC()}
	key, err := index.SURT(k.URL)
	if err != nil {
		return index.Row{}, err
	}
	sha1, sha256, err := payloadDigests(d.Get)
	return k.row(key, sha1, sha256), err
}

// Certificates yields the records of the certificates that the host of a URL showed in a run, in the order of the seconds in which it did: none for
// a URL that is not https, and none when the run was made by a program that did not keep them. It costs one block of the run's index.
func (a *Archive) Certificates(ctx context.Context, runID, url string) iter.Seq2[Found, error] {
	target := warc.CertificatesURI(url)
	if target == "" {
		return func(func(Found, error) bool) {}
	}
	key, err := index.SURT(target)
	if err != nil {
		return func(yield func(Found, error) bool) {
			yield(Found{}, fmt.Errorf("looking for the certificates of %s: %w", speakable(url), err))
		}
	}
	return a.lookupIn(ctx, runID, key)
}
