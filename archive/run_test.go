package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

func TestARunIsRecordedCommittedListedLookedUpAndVerified(t *testing.T) {
	for name, st := range map[string]store.Store{"in memory": new(storetest.Memory), "in a folder": folder(t)} {
		t.Run(name, func(t *testing.T) {
			work := t.TempDir()
			a := openAt(t, st, work)
			e := committedRun(t, a)

			if e.N != 1 || e.Previous != "" || e.RunID == "" {
				t.Errorf("entry %+v", e)
			}
			report := intact(t, a)
			if report.Runs != 1 || report.Entries != 1 || report.Files != 7 || report.Pages != 2 || len(report.Unlisted) != 0 {
				t.Errorf("report %+v", report)
			}
			// A warcinfo record; per article three answers of three records each, a failure of two, and the page.
			if want := 1 + 2*(3*3+2+1); report.Records != want {
				t.Errorf("%d records, expected %d", report.Records, want)
			}
			if left, err := os.ReadDir(work); err != nil || len(left) != 2 || left[0].Name() != checkpointName || left[1].Name() != lockName {
				t.Errorf("left in the work folder: %v %v", left, err)
			}

			m, err := a.Manifest(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			want := Counts{Pages: 2, OK: 2, Exchanges: 8, Responses: 6, Images: 2}
			for _, r := range m.Resources {
				want.Bytes += r.Bytes
			}
			if m.Tearsheet.Counts != want {
				t.Errorf("counts %+v, expected %+v", m.Tearsheet.Counts, want)
			}
			if m.MainPageURL != "https://news.example/story" || m.Tearsheet.Outcome != Complete || m.Tearsheet.Settings[0].Name != "robots" {
				t.Errorf("manifest %+v", m)
			}

			var urls []string
			for p, err := range a.Pages(t.Context(), Query{}) {
				if err != nil {
					t.Fatal(err)
				}
				urls = append(urls, p.Page.URL)
			}
			if len(urls) != 2 || urls[0] != "https://news.example/story" {
				t.Errorf("pages %q", urls)
			}

			f, err := a.Closest(t.Context(), "http://www.news.example/story/photo.jpg", time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if got := payload(t, a, f); got != strings.Repeat("https://news.example/story", 200) {
				t.Errorf("payload %.60q", got)
			}
		})
	}
}

// payload reads what stands at a row.
func payload(t *testing.T, a *Archive, f Found) string {
	t.Helper()
	rec, closer, err := a.Read(t.Context(), f.RunID, f.Row.File, f.Row.Offset, f.Row.Length)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	r, err := rec.Payload()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAPayloadOfOneKibibyteThatComesAgainIsARevisitAndResolves(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	large, small := strings.Repeat("x", revisitFrom), strings.Repeat("y", revisitFrom-1)
	first := record(t, r, exchange("https://a.example/1.jpg", "image/jpeg", large), Hop{Path: "E"})
	again := record(t, r, exchange("https://b.example/2.jpg", "image/jpeg", large), Hop{Path: "E"})
	cut := exchange("https://b.example/cut.jpg", "image/jpeg", large)
	cut.Truncated = warc.TruncatedDisconnect
	for _, k := range []Kept{
		first,
		record(t, r, exchange("https://a.example/s.gif", "image/gif", small), Hop{}),
		record(t, r, exchange("https://a.example/t.gif", "image/gif", small), Hop{}),
		record(t, r, cut, Hop{}),
	} {
		if k.Type != warc.Response {
			t.Errorf("%s is a %s record, expected a response", k.URL, k.Type)
		}
	}
	if again.Type != warc.Revisit || again.Digest != first.Digest || again.MIME != "image/jpeg" {
		t.Errorf("the second is %+v", again)
	}
	commit(t, r)
	intact(t, a)

	f, err := a.Closest(t.Context(), "https://b.example/2.jpg", noon)
	if err != nil {
		t.Fatal(err)
	}
	if f.Row.MIME != "warc/revisit" || f.Row.Status != 200 {
		t.Errorf("row %+v", f.Row)
	}
	rec, closer, err := a.Read(t.Context(), f.RunID, f.Row.File, f.Row.Offset, f.Row.Length)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	original, err := a.Resolve(t.Context(), f.RunID, rec)
	if err != nil {
		t.Fatal(err)
	}
	if original.Row.URL != "https://a.example/1.jpg" || payload(t, a, original) != large {
		t.Errorf("resolved to %+v", original)
	}
}

func TestARevisitResolvesToARecordOfAnotherRunAndFailsLoudlyWithoutOne(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	x := exchange("https://a.example/1.jpg", "image/jpeg", strings.Repeat("x", 2000))
	kept := record(t, r, x, Hop{})
	x.Started = noon.Add(-time.Hour)
	record(t, r, x, Hop{}) // a revisit that stands before it in the index
	commit(t, r)
	revisit := &warc.Record{Type: warc.Revisit, TargetURI: "https://b.example/", Fields: []warc.Field{
		{Name: "WARC-Refers-To-Target-URI", Value: "https://a.example/1.jpg"},
		{Name: "WARC-Refers-To-Date", Value: "2026-03-14T12:34:56Z"}, // as near as the other tool knew
		{Name: "WARC-Payload-Digest", Value: kept.Digest},
	}}
	r = begin(t, a)
	commit(t, r)
	if f, err := a.Resolve(t.Context(), r.ID(), revisit); err != nil || f.Row.Offset != kept.Offset {
		t.Errorf("resolved to %+v, %v", f, err)
	}
	if _, err := a.Resolve(t.Context(), newRunID(noon), revisit); err == nil {
		t.Error("a run that does not exist was no error")
	}
	revisit.Fields[2].Value = digestOf(nil)
	if f, err := a.Resolve(t.Context(), r.ID(), revisit); !errors.Is(err, ErrNotArchived) {
		t.Errorf("resolved to %+v, %v", f, err)
	}
}

func TestWhatTheCrawlerParsedDoesNotReachTheIndex(t *testing.T) {
	a := open(t, new(storetest.Memory))
	r := begin(t, a)
	odd := answered("https://a.example/odd", "HTTP/1.1 200 OK\r\nContent-Type: TEXT/Html ; charset=\"\r\n\r\n", "x")
	odd.Status, odd.Header = 0, nil
	if k := record(t, r, odd, Hop{}); k.Status != 200 || k.MIME != "text/html" {
		t.Errorf("%+v", k)
	}
	garbage := answered("https://a.example/garbage", "", "SSH-2.0-OpenSSH_9.6\r\n")
	garbage.PayloadSHA256, garbage.PayloadSHA1 = warc.Digest{}, warc.Digest{}
	garbage.Failure, garbage.Truncated = "not HTTP", warc.TruncatedUnspecified
	if k := record(t, r, garbage, Hop{}); k.Status != 0 || k.MIME != "" || k.Failure == "" {
		t.Errorf("%+v", k)
	}
	head := answered("https://a.example/cut", "HTTP/1.1 204 No Con", "")
	head.PayloadSHA256, head.PayloadSHA1 = warc.Digest{}, warc.Digest{}
	record(t, r, head, Hop{})
	commit(t, r)
	intact(t, a)
}

func TestWhatCannotStandInAHeaderIsRefusedAndLeavesNothing(t *testing.T) {
	a := open(t, new(storetest.Memory))
	r := begin(t, a)
	for name, c := range map[string]struct {
		url  string
		hop  Hop
		want error
	}{
		"a host with a space":      {"http://a b.example/", Hop{}, warc.ErrTarget},
		"a password":               {"http://user:secret@a.example/", Hop{}, warc.ErrTarget},
		"an impossible port":       {"http://a.example:99999/", Hop{}, warc.ErrTarget},
		"a line end in a hop":      {"http://a.example/", Hop{Path: "E", Via: "http://b.example/\r\nWARC-Type: x"}, warc.ErrField},
		"a line end in its fields": {"http://a.example/", Hop{Fields: []warc.Field{{Name: "note", Value: "a\nb"}}}, warc.ErrField},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Record(t.Context(), exchange(c.url, "text/plain", "x"), c.hop)
			if !errors.Is(err, c.want) {
				t.Errorf("%v, expected %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
	if err := r.AddPage(t.Context(), Page{URL: "not a url"}); err == nil {
		t.Error("a page without an address was listed")
	}
	if c := r.Counts(); c != (Counts{}) {
		t.Errorf("counts %+v", c)
	}
	if err := r.Discard(); err != nil {
		t.Error(err)
	}
}

func TestABlockThatIsNotHTTPIsKeptButNotIndexed(t *testing.T) {
	for name, end := range map[string]func(*Archive, *Run){
		"committed": func(_ *Archive, r *Run) { commit(t, r) },
		"recovered": func(a *Archive, r *Run) { abandon(t, r); recoverOne(t, a) },
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t, folder(t))
			r := begin(t, a)
			record(t, r, exchange("https://a.example/", "text/plain", "x"), Hop{})
			x := asked("https://a.example/ssh")
			x.Response, x.Failure = strings.NewReader("SSH-2.0-OpenSSH\r\n"), "broken: not HTTP"
			kept := record(t, r, x, Hop{})
			if kept.Type != warc.Response || kept.Digest != "" {
				t.Errorf("%+v", kept)
			}
			counts := r.Counts()
			end(a, r)
			if report := intact(t, a); report.Records == 0 {
				t.Errorf("%+v", report)
			}
			if _, err := a.Closest(t.Context(), "https://a.example/", noon); err != nil {
				t.Error(err)
			}
			if f, err := a.Closest(t.Context(), "https://a.example/ssh", noon); err == nil {
				t.Errorf("it is in the index: %+v", f)
			}
			if counts.Exchanges != 2 {
				t.Errorf("counts %+v", counts)
			}
		})
	}
}

func TestRecordsOfOneExchangeNameEachOther(t *testing.T) {
	r := begin(t, open(t, new(storetest.Memory)))
	set, _, err := r.drafts(exchange("https://a.example/", "text/plain", "x"), Hop{})
	if err != nil {
		t.Fatal(err)
	}
	answer, request, metadata := set[0], set[1], set[2]
	for d, want := range map[*warc.Draft]string{answer: request.ID, request: answer.ID, metadata: answer.ID} {
		if got := d.Get("WARC-Concurrent-To"); got != "<"+want+">" {
			t.Errorf("the %s record is concurrent to %s", d.Type, got)
		}
	}
	if got := metadata.Get("WARC-Refers-To"); got != "<"+answer.ID+">" {
		t.Errorf("the metadata record refers to %s", got)
	}
	if err := r.Discard(); err != nil {
		t.Error(err)
	}
}

func TestARunEndsOnce(t *testing.T) {
	a := open(t, new(storetest.Memory))
	r := begin(t, a)
	record(t, r, exchange("https://a.example/", "text/html", "x"), Hop{})
	if err := r.Discard(); err == nil || !strings.Contains(err.Error(), "commit it") {
		t.Errorf("a run with a record was discarded: %v", err)
	}
	commit(t, r)
	_, recordErr := r.Record(t.Context(), exchange("https://a.example/", "text/html", "x"), Hop{})
	_, commitErr := r.Commit(t.Context(), Complete)
	for what, err := range map[string]error{
		"Record": recordErr, "Commit": commitErr, "Sync": r.Sync(), "Discard": r.Discard(),
		"AddPage": r.AddPage(t.Context(), Page{URL: "https://a.example/"}),
	} {
		if !errors.Is(err, ErrEnded) {
			t.Errorf("%s: %v", what, err)
		}
	}
	intact(t, a)
}

func TestADiscardedRunLeavesNothing(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	if err := r.Discard(); err != nil {
		t.Fatal(err)
	}
	if ids, err := a.work.abandoned(); err != nil || len(ids) != 0 || len(st.Keys()) != 0 {
		t.Errorf("left: %v %v %v", ids, err, st.Keys())
	}
}

func TestARunOfExclusionsAloneIsEvidenceToo(t *testing.T) {
	a := open(t, new(storetest.Memory))
	r := begin(t, a)
	r.Exclude("https://a.example/private", "robots.txt of a.example, line 3")
	e := commit(t, r)
	intact(t, a)
	m, err := a.Manifest(t.Context(), e)
	if err != nil || len(m.Tearsheet.Exclusions) != 1 || m.Tearsheet.Exclusions[0].Reason != "robots.txt of a.example, line 3" {
		t.Errorf("%+v %v", m, err)
	}
}

func TestThePageListBeginsWithAHeaderThatNobodyTakesForAPage(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	e := committedRun(t, a)
	lines := strings.Split(string(read(t, st, ObjectKey(e.RunID, pagesName))), "\n")
	if strings.Contains(lines[0], "url") || len(lines) != 4 || lines[3] != "" {
		t.Errorf("%d lines, the first is %s", len(lines), lines[0])
	}
	for _, l := range lines[1:3] {
		var row struct {
			URL string    `json:"url"`
			TS  time.Time `json:"ts"`
			ID  string    `json:"id"`
		}
		if err := json.Unmarshal([]byte(l), &row); err != nil || row.URL == "" || row.ID == "" || !row.TS.Equal(noon) {
			t.Errorf("%s: %v", l, err)
		}
	}
}

func TestNoRunIsBegunThatCouldNotBeCommitted(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	record(t, r, exchange("https://news.example/", "text/html", "x"), Hop{})
	e := commit(t, r)
	key := fmt.Sprintf("log/%010d.json", 9999999999-e.N)
	st.Tamper(key, flip(0.5))
	if _, err := open(t, st).Begin(t.Context(), RunOptions{Kind: KindCapture}); !errors.Is(err, ErrFixity) || !strings.Contains(err.Error(), key) {
		t.Errorf("Begin over a damaged log entry: %v; want a fixity failure that names %s", err, key)
	}
}
