package crawler

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"tearsheet/archive/warc/coding"
	"tearsheet/crawler/wire"
)

// decodingOf gives what tells, once a body has been read, how far its content codings could be removed; nil when it has none.
func decodingOf(resp *http.Response) func() wire.Decoding {
	body, ok := resp.Body.(*wire.Body)
	if !ok || len(body.Decoding().Codings) == 0 {
		return nil
	}
	return body.Decoding
}

// decodeToEnd reads what is left of a coded body that nobody wants to see, as only its end shows whether it can be decoded. Nothing is asked
// of the network for it. A body that is not coded costs nothing.
func (v *visit) decodeToEnd(resp *http.Response) {
	v.decoding = decodingOf(resp)
	if v.decoding == nil || v.status < 200 || v.status >= 300 {
		return
	}
	some := false
	if !v.decoding().Raw {
		n, err := io.Copy(io.Discard, resp.Body)
		if err != nil {
			v.cut = fmt.Sprintf("it could not be read to its end: %v", err)
		}
		some = n > 0
	}
	v.decoded(some)
}

// decoded notes whether the body, which has been read, could be decoded; some says that something came out. A cut body is damaged for that
// reason, and is told of as cut.
func (v *visit) decoded(some bool) {
	if v.decoding == nil || v.kept.Truncated != "" || v.kept.Size == 0 {
		return
	}
	switch d := v.decoding(); {
	case d.Unknown != nil && len(d.Codings) > 2:
		v.damage = fmt.Sprintf("it came in %d content codings one over the other, which are not decoded", len(d.Codings))
		v.unread = !strings.HasPrefix(v.look, "text/")
	case d.Unknown != nil:
		v.damage = fmt.Sprintf("it came in the content coding %.40q, which cannot be decoded", strings.Join(d.Codings, ", "))
		v.unread = !strings.HasPrefix(v.look, "text/")
	case d.Damaged != nil && !errors.Is(d.Damaged, coding.ErrSurplus):
		why := d.Damaged
		if inner := errors.Unwrap(why); inner != nil {
			why = inner // without the URL
		}
		v.damage = fmt.Sprintf("its %s coding is damaged: %v", strings.Join(d.Codings, ", "), why)
		v.unread = !some
	}
}
