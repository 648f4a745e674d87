package archive

import (
	"errors"
	"testing"
	"time"

	"tearsheet/archive/index"
	"tearsheet/archive/store/storetest"
)

func TestQueriesSelectPages(t *testing.T) {
	a := open(t, new(storetest.Memory))
	first := committedRun(t, a)
	r := begin(t, a)
	capture := record(t, r, exchange("https://en.news.example/late?b=2&a=1", "text/html", "late"), Hop{})
	late := Page{URL: capture.URL, Time: noon.Add(time.Hour), Verdict: Blocked, Capture: &capture, Final: "https://paper.example/x"}
	if err := r.AddPage(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	commit(t, r)
	for name, c := range map[string]struct {
		q    Query
		want int
	}{
		"nothing asked selects all":                 {Query{}, 3},
		"a limit":                                   {Query{Limit: 2}, 2},
		"a URL, its parameters in another order":    {Query{URL: "http://en.news.example/late?a=1&b=2"}, 1},
		"the URL that was reached":                  {Query{URL: "https://paper.example/x"}, 1},
		"a URL that is the beginning of another":    {Query{URL: "https://news.example/sto"}, 0},
		"a prefix without scheme":                   {Query{Prefix: "news.example/"}, 2},
		"a host has the ones below it":              {Query{Host: "news.example"}, 3},
		"a host is no suffix of a name":             {Query{Host: "ews.example"}, 0},
		"a run":                                     {Query{Run: first.RunID}, 2},
		"a verdict":                                 {Query{Verdict: Blocked}, 1},
		"from the very second":                      {Query{From: noon.Add(time.Hour)}, 1},
		"up to the very second":                     {Query{To: noon}, 2},
		"several conditions must all hold":          {Query{Host: "news.example", Verdict: OK, URL: "https://news.example/story"}, 1},
		"a limit does not count what was not found": {Query{Verdict: OK, Limit: 3}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			for p, err := range a.Pages(t.Context(), c.q) {
				if err != nil {
					t.Fatal(err)
				}
				if n == 0 && c.q == (Query{}) && p.Page.Verdict != Blocked {
					t.Errorf("the first page is %s, expected one of the newest run", p.Page.URL)
				}
				n++
			}
			if n != c.want {
				t.Errorf("%d pages, expected %d", n, c.want)
			}
		})
	}
}

func TestClosestPrefersTheNearestThenWhatIsNoRedirectThenTheSpelling(t *testing.T) {
	at := func(seconds int, status int, url string) index.Row {
		return index.Row{Timestamp: index.NewTimestamp(noon.Add(time.Duration(seconds) * time.Second)), Status: status, URL: url}
	}
	const asked = "https://a.example/"
	for name, c := range map[string]struct {
		better, worse index.Row
		at            time.Time
	}{
		"nearer, before":             {at(-5, 200, asked), at(6, 200, asked), noon},
		"nearer, after":              {at(5, 200, asked), at(-6, 200, asked), noon},
		"newest without a time":      {at(6, 404, asked), at(-5, 200, asked), time.Time{}},
		"the page, not the redirect": {at(0, 200, "https://www.a.example/"), at(0, 301, asked), noon},
		"the URL as it is written":   {at(0, 200, asked), at(0, 200, "http://a.example/"), noon.Add(300 * time.Millisecond)},
	} {
		t.Run(name, func(t *testing.T) {
			better, worse := rankOf(c.better, asked, c.at), rankOf(c.worse, asked, c.at)
			if !better.before(worse) || worse.before(better) {
				t.Errorf("%+v and %+v", better, worse)
			}
		})
	}
}

func TestLookupYieldsTheNewestRunFirst(t *testing.T) {
	now := noon
	a, err := Open(t.Context(), new(storetest.Memory), Options{Work: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	first := committedRun(t, a)
	now = now.Add(time.Second)
	second := committedRun(t, a)
	var runs []string
	for f, err := range a.Lookup(t.Context(), "https://news.example/story") {
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, f.RunID)
	}
	if len(runs) != 2 || runs[0] != second.RunID || runs[1] != first.RunID {
		t.Errorf("found in %v", runs)
	}
}

func TestWhatIsNotThereIsNotArchived(t *testing.T) {
	a := open(t, new(storetest.Memory))
	committedRun(t, a)
	if _, err := a.Closest(t.Context(), "https://nowhere.example/", noon); !errors.Is(err, ErrNotArchived) {
		t.Error(err)
	}
	if _, _, err := a.Read(t.Context(), "../../etc", "passwd", 0, 10); !errors.Is(err, ErrNotArchived) {
		t.Error(err)
	}
}
