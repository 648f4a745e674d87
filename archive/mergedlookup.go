package archive

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tearsheet/archive/index"
	"tearsheet/archive/warc"
)

// view is what look-ups go by: a merged index, and the runs that it does not tell of, newest first. Without a merged index these are all runs.
type view struct {
	merged *index.Merged
	rest   []Entry
	unread []error // entries that cannot be read: what they commit is not known
}

// view reads the newest log entry, and, where that names no merged index, those before it until one does.
func (a *Archive) view(ctx context.Context) (view, error) {
	var v view
	for e, err := range a.Entries(ctx) {
		if err != nil && !errors.Is(err, ErrFixity) && !errors.Is(err, ErrNewerFormat) {
			return view{}, err
		}
		if err != nil {
			v.unread = append(v.unread, err)
			continue
		}
		if e.Index != nil {
			m, err := a.mergedAt(ctx, *e.Index)
			if err == nil {
				v.merged = m
				return v, nil
			}
			if !damage(err) {
				return view{}, err
			}
			a.log.Warn("a merged index is damaged, and the runs are read one by one", "error", err)
		}
		v.rest = append(v.rest, e)
	}
	return v, nil
}

// rowsOf gives rows of a merged index, those of captures or those of pages; done is false when some of it is damaged, which is told in
// the log: then the runs must be read.
func (a *Archive) rowsOf(rows iter.Seq2[index.Row, error], pages bool) (found []Found, done bool, err error) {
	for row, err := range rows {
		if err != nil && damage(err) {
			a.log.Warn("a merged index is damaged, and the runs are read one by one", "error", err)
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		if (row.MIME == pageMIME) != pages {
			continue
		}
		id, name, _ := strings.Cut(strings.TrimPrefix(row.File, runsPrefix), "/")
		row.File = strings.TrimPrefix(name, dataDir+"/")
		found = append(found, Found{RunID: id, Row: row})
	}
	return found, true, nil
}

// everyRun gives the runs up to an entry, newest first, and what of the log cannot be read.
func (a *Archive) everyRun(ctx context.Context, through int64) (runs []Entry, unread []error) {
	for e, err := range a.Entries(ctx) {
		switch {
		case err != nil:
			unread = append(unread, err)
		case e.N <= through:
			runs = append(runs, e)
		}
	}
	return runs, unread
}

// lookup gives the rows of one key: those of the runs that no merged index tells of, then those of the merged index, newest run first.
func (a *Archive) lookup(ctx context.Context, key string) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		v, err := a.view(ctx)
		if err != nil {
			yield(Found{}, err)
			return
		}
		var merged []Found
		if v.merged != nil {
			var done bool
			merged, done, err = a.rowsOf(v.merged.Lookup(ctx, rootFiles{a}, key), false)
			if err != nil {
				yield(Found{}, err)
				return
			}
			if !done {
				runs, unread := a.everyRun(ctx, v.merged.Through)
				v.rest, v.unread = append(v.rest, runs...), append(v.unread, unread...)
			}
		}
		for _, err := range v.unread {
			if !yield(Found{}, err) {
				return
			}
		}
		for _, e := range v.rest {
			for f, err := range a.lookupIn(ctx, e.RunID, key) {
				if !yield(f, err) {
					return
				}
			}
		}
		newestRunFirst(merged, func(f Found) int64 { return f.Row.Timestamp.Time().Unix() })
		for _, f := range merged {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// newestRunFirst orders rows by their runs, and within one by at.
func newestRunFirst(rows []Found, at func(Found) int64) {
	slices.SortStableFunc(rows, func(x, y Found) int {
		return cmp.Or(-strings.Compare(x.RunID, y.RunID), cmp.Compare(at(x), at(y)))
	})
}

// keyRanges gives beginnings of index keys under which every page stands that can match the query by its address; nil when the whole index would have to be
// read. Whether a page does match, its own test tells.
func (q Query) keyRanges() (exact string, begins []string) {
	switch {
	case q.URL != "":
		key, err := index.SURT(q.URL)
		if err != nil {
			return "", nil
		}
		return key, nil
	case q.Prefix != "":
		scheme, authority, rest := cutAddress(q.Prefix)
		// It may end within the host, of which keys begin with the other end; and of what a key may lose (session ids, dots, empty segments) it may end
		// in the middle.
		if rest == "" || strings.ContainsAny(rest, ";()") || strings.Contains(rest, "/.") || strings.Contains(rest, "//") {
			return "", nil
		}
		key, err := index.SURT(cmp.Or(scheme, "http") + "://" + authority + wholeSegments(rest))
		if err != nil {
			return "", nil
		}
		return "", []string{strings.TrimSuffix(key, "/")}
	case q.Host != "":
		host, _ := hostPort("-", q.Host)
		key, err := index.SURT("http://" + host + "/")
		if err != nil {
			return "", nil
		}
		key = strings.TrimSuffix(key, ")/")
		if _, err := netip.ParseAddr(host); err == nil {
			return "", []string{key + ")", key + ":"}
		}
		return "", []string{key + ")", key + ":", key + ","}
	}
	return "", nil
}

// wholeSegments cuts the beginning of a path after its last slash, unless what follows is made of letters, digits, - and _ alone: of anything else the end
// may still decide what becomes of it in a key.
func wholeSegments(rest string) string {
	rest, _, _ = strings.Cut(rest, "?")
	slash := strings.LastIndexByte(rest, '/')
	if strings.IndexFunc(rest[slash+1:], func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) >= 0 {
		return rest[:slash+1]
	}
	return rest
}

// pagesByKey yields the pages of a query that names addresses, by the merged index; done is false, and nothing was yielded, when there is none, when the query
// names no addresses, or when it is damaged.
func (a *Archive) pagesByKey(ctx context.Context, q Query, match func(pageHead) bool, yield func(PageRef, error) bool) (done bool) {
	exact, begins := q.keyRanges()
	if q.Run != "" || exact == "" && begins == nil {
		return false
	}
	v, err := a.view(ctx)
	if err != nil {
		yield(PageRef{}, err)
		return true
	}
	if v.merged == nil {
		return false
	}
	var rows []Found
	if exact != "" {
		rows, done, err = a.rowsOf(v.merged.Lookup(ctx, rootFiles{a}, pageTarget+exact), true)
	}
	for i := 0; i < len(begins) && err == nil && (done || i == 0); i++ {
		var more []Found
		more, done, err = a.rowsOf(v.merged.Prefix(ctx, rootFiles{a}, pageTarget+begins[i]), true)
		rows = append(rows, more...)
	}
	switch {
	case err != nil:
		yield(PageRef{}, err)
		return true
	case !done:
		return false
	}
	for _, err := range v.unread {
		if !yield(PageRef{}, err) {
			return true
		}
	}
	for _, e := range v.rest {
		for p, err := range a.runPages(ctx, e, match) {
			if !yield(PageRef{RunID: e.RunID, Page: p}, err) {
				return true
			}
		}
	}
	rows = slices.DeleteFunc(rows, func(f Found) bool { return !q.mayHold(f.Row.Timestamp.Time()) })
	newestRunFirst(rows, func(f Found) int64 { return f.Row.Offset })
	rows = slices.CompactFunc(rows, func(x, y Found) bool { return x.RunID == y.RunID && x.Row.Offset == y.Row.Offset }) // under several keys
	a.readPages(ctx, rows, match, yield)
	return true
}

// mayHold reports whether a page of this second may be within the query's time.
func (q Query) mayHold(t time.Time) bool {
	return (q.From.IsZero() || !t.Before(q.From.Add(-time.Second))) && (q.To.IsZero() || !t.After(q.To))
}

const (
	// neighbours is up to how many bytes between two lines are read with them rather than asked for apart.
	neighbours = 256 << 10
	// stretch bounds how many bytes of lines are read at once.
	stretch = 4 << 20
)

// stretchOf is lines of pages that stand near each other in one run's list, and what was read of them.
type stretchOf struct {
	rows []Found
	end  int64 // where the last of them ends
	text []byte
	err  error
}

// stretches puts rows together whose lines are read at once.
func stretches(rows []Found) iter.Seq[stretchOf] {
	return func(yield func(stretchOf) bool) {
		for len(rows) > 0 {
			n, first, end := 1, rows[0], rows[0].Row.Offset+rows[0].Row.Length
			for n < len(rows) && rows[n].RunID == first.RunID && rows[n].Row.Offset-end <= neighbours && rows[n].Row.Offset+rows[n].Row.Length-first.Row.Offset <= stretch {
				end = max(end, rows[n].Row.Offset+rows[n].Row.Length)
				n++
			}
			if !yield(stretchOf{rows: rows[:n], end: end}) {
				return
			}
			rows = rows[n:]
		}
	}
}

// readPages reads the lines of pages at which rows point, proves each by its digest, and yields those that match.
func (a *Archive) readPages(ctx context.Context, rows []Found, match func(pageHead) bool, yield func(PageRef, error) bool) {
	read := func(ctx context.Context, s stretchOf) stretchOf {
		s.text, s.err = a.readStretch(ctx, s.rows[0].RunID, s.rows[0].Row.Offset, s.end)
		return s
	}
	for s := range ahead(ctx, stretches(rows), a.reach(), read, func(stretchOf) {}) {
		if s.err != nil {
			if !yield(PageRef{}, fmt.Errorf("reading the pages of run %s: %w", s.rows[0].RunID, s.err)) {
				return
			}
			continue
		}
		for _, f := range s.rows {
			at := f.Row.Offset - s.rows[0].Row.Offset
			p, wanted, err := pageAt(f, s.text[at:at+f.Row.Length], match)
			if (wanted || err != nil) && !yield(PageRef{RunID: f.RunID, Page: p}, err) {
				return
			}
		}
	}
}

func (a *Archive) readStretch(ctx context.Context, runID string, from, to int64) ([]byte, error) {
	if to-from > maxPageRow || from < 0 || to < from {
		return nil, fmt.Errorf("%w: the merged index says that a page stands at bytes %d to %d", ErrFixity, from, to)
	}
	rc, err := a.store.Open(ctx, ObjectKey(runID, pagesName), from, to-from)
	if err != nil {
		return nil, lost(err)
	}
	b := make([]byte, to-from)
	_, err = io.ReadFull(&attentive{ctx, rc}, b)
	return b, errors.Join(lost(err), rc.Close())
}

// pageAt reads the line of a page, which must be the one that the index saw.
func pageAt(f Found, text []byte, match func(pageHead) bool) (Page, bool, error) {
	where := fmt.Sprintf("%s at byte %d", ObjectKey(f.RunID, pagesName), f.Row.Offset)
	if sum := sha256.Sum256(text); warc.NewDigest(warc.SHA256, sum[:]) != f.Row.SHA256 {
		return Page{}, false, fmt.Errorf("%w: %s: expected a line with %s, found one with sha256:%x", ErrFixity, where, f.Row.SHA256, sum)
	}
	p, wanted, err := listRow{text: bytes.Clone(text)}.page(match)
	if err != nil {
		return Page{}, false, fmt.Errorf("%s: %w", where, err)
	}
	return p, wanted, nil
}
