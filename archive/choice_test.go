package archive

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/store/storetest"
)

// printed is a page that a test lists, with its own capture.
type printed struct {
	url, final, canonical string
	verdict               Verdict
	day                   int
	body                  string // "" for an answer without one
	failure               string // instead of an answer
	title                 string // tells it from the others
}

func imprint(t *testing.T, a *Archive, pages ...printed) {
	t.Helper()
	for _, p := range pages {
		r := begin(t, a)
		x := exchange(p.url, "text/html", p.body)
		if p.failure != "" {
			x = asked(p.url)
			x.Failure = p.failure
		}
		k := record(t, r, x, Hop{})
		page := Page{URL: p.url, Final: p.final, Canonical: p.canonical, Verdict: p.verdict, Title: p.title, Time: noon.AddDate(0, 0, p.day), Capture: &k}
		if err := r.AddPage(t.Context(), page); err != nil {
			t.Fatal(err)
		}
		commit(t, r)
	}
}

func TestChooseTakesThePageThatAnswersBest(t *testing.T) {
	const url = "https://www.gazette.example/case"
	for name, c := range map[string]struct {
		pages []printed
		asked string
		at    time.Time
		match Match
	}{
		"another site's claim to be the canonical home of it": {match: MatchExact, pages: []printed{
			{url: url, verdict: OK, body: "x", title: "right"},
			{url: "https://evil.example/", canonical: url, verdict: OK, body: "x", day: 9},
		}},
		"a claim of its own site, if nothing else matches": {match: MatchCanonical, pages: []printed{
			{url: "https://amp.gazette.example/amp", canonical: url, verdict: OK, body: "x", title: "right"},
			{url: "https://evil.example/", canonical: url, verdict: OK, body: "x", day: 9},
		}},
		"a claim of its own site gives way to a failure of the page itself": {match: MatchExact, pages: []printed{
			{url: url, verdict: Failed, failure: "dial: refused", title: "right"},
			{url: "https://amp.gazette.example/amp", canonical: url, verdict: OK, body: "x", day: 9},
		}},
		"the case of the path": {match: MatchExact, pages: []printed{
			{url: url, verdict: OK, body: "x", title: "right"},
			{url: "https://www.gazette.example/Case", verdict: OK, body: "x", day: 9},
		}},
		"another case, if there is no other": {match: MatchKey, pages: []printed{
			{url: "https://www.gazette.example/Case", verdict: OK, body: "x", title: "right"},
		}},
		"the fragment does not matter": {match: MatchExact, asked: url + "#top", pages: []printed{
			{url: url, verdict: OK, body: "x", title: "right"},
			{url: "http://gazette.example/case", verdict: OK, body: "x", day: 9},
		}},
		"the address that was reached": {match: MatchExact, pages: []printed{
			{url: "https://www.gazette.example/short", final: url, verdict: OK, body: "x", title: "right"},
		}},
		"an international host and escapes in another form": {match: MatchExact, asked: "https://xn--bcher-kva.example/%c3%bc%7e", pages: []printed{
			{url: "https://bücher.example/ü~", verdict: OK, body: "x", title: "right"},
			{url: "https://bücher.example/Ü~", verdict: OK, body: "x", day: 9},
		}},
		"an article rather than a newer challenge": {match: MatchExact, pages: []printed{
			{url: url, verdict: OK, body: "x", title: "right"},
			{url: url, verdict: Blocked, body: "are you human?", day: 9},
		}},
		"a part rather than a newer soft 404": {match: MatchExact, pages: []printed{
			{url: url, verdict: Partial, body: "x", title: "right"},
			{url: url, verdict: Soft404, body: "gone", day: 9},
		}},
		"a blocked page rather than a newer failure, whatever is nearer": {match: MatchExact, at: noon.AddDate(0, 0, 9), pages: []printed{
			{url: url, verdict: Blocked, body: "x", title: "right"},
			{url: url, verdict: Failed, failure: "dial: refused", day: 9},
		}},
		"something rather than an empty answer": {match: MatchExact, pages: []printed{
			{url: url, verdict: Blocked, body: "x", title: "right"},
			{url: url, verdict: Failed, day: 9},
		}},
		"a newer part rather than an older whole: what it lacks is told": {match: MatchExact, pages: []printed{
			{url: url, verdict: OK, body: "x"},
			{url: url, verdict: Partial, body: "x", day: 9, title: "right"},
		}},
		"the nearest, though a part": {match: MatchExact, at: noon.AddDate(0, 0, 8), pages: []printed{
			{url: url, verdict: OK, body: "x"},
			{url: url, verdict: Partial, body: "x", day: 9, title: "right"},
		}},
		"the newest": {match: MatchExact, pages: []printed{
			{url: url, verdict: OK, body: "x", day: 9, title: "right"},
			{url: url, verdict: OK, body: "x"},
		}},
		"the nearest": {match: MatchExact, at: noon, pages: []printed{
			{url: url, verdict: OK, body: "x", title: "right"},
			{url: url, verdict: OK, body: "x", day: 9},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t, new(storetest.Memory))
			imprint(t, a, c.pages...)
			if c.asked == "" {
				c.asked = url
			}
			got, err := a.Choose(t.Context(), c.asked, c.at)
			if err != nil || got.Page.Title != "right" || got.Match != c.match {
				t.Errorf("chose %s (%s, %s) by %q, %v", got.Page.URL, got.Page.Verdict, got.Page.Time, got.Match, err)
			}
		})
	}
}

func TestPagesAreGivenOnlyOfAListThatIsProven(t *testing.T) {
	rename := func(b []byte) []byte { return bytes.Replace(b, []byte("Story at"), []byte("Libel at"), 1) }
	for name, c := range map[string]struct {
		name   string
		change func([]byte) []byte
	}{
		"an altered title":                     {pagesName, rename},
		"a manifest that fits an altered list": {manifestName, func(b []byte) []byte { return bytes.Replace(b, []byte(`"kind"`), []byte(`"Kind"`), 1) }},
		"a list that is gone":                  {pagesName, func([]byte) []byte { return nil }},
		"a manifest that is gone":              {manifestName, func([]byte) []byte { return nil }},
		"a list that has grown":                {pagesName, func(b []byte) []byte { return append(bytes.Clone(b), b[bytes.IndexByte(b, '\n')+1:]...) }},
	} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			e := committedRun(t, open(t, st))
			key := ObjectKey(e.RunID, c.name)
			st.Tamper(key, c.change)
			a := open(t, st)
			var failure error
			for ref, err := range a.Pages(t.Context(), Query{}) {
				if err == nil {
					t.Errorf("gave %q", ref.Page.Title)
				}
				failure = err
			}
			if !errors.Is(failure, ErrFixity) || !strings.Contains(failure.Error(), key) {
				t.Errorf("the error is %v", failure)
			}
			// What is asked for by its address is proven by its line's digest, from the log entry by the merged index: a line that is as it was can be
			// given in spite of what surrounds it, and no other.
			got, err := a.Choose(t.Context(), "https://news.example/story", noon)
			if err == nil && got.Page.Title != "Story at https://news.example/story" || err != nil && !errors.Is(err, ErrFixity) {
				t.Errorf("chose %q, %v", got.Page.Title, err)
			}
			if altered := strings.Contains(name, "title") || name == "a list that is gone"; altered && err == nil {
				t.Error("a line that is altered or gone was given")
			}
		})
	}
}

func TestAFileOfACommittedRunThatIsGoneIsAFixityFailure(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	p := article(t, r, "https://news.example/story")
	e := commit(t, r)
	file := p.Capture.File
	st.Tamper(ObjectKey(e.RunID, "archive/"+file), func([]byte) []byte { return nil })
	if _, _, err := open(t, st).Read(t.Context(), e.RunID, file, p.Capture.Offset, p.Capture.Length); !errors.Is(err, ErrFixity) {
		t.Errorf("records: %v", err)
	}
	st.Tamper(ObjectKey(e.RunID, idxName), func([]byte) []byte { return nil })
	if f, err := open(t, st).Closest(t.Context(), p.URL, noon); err != nil || f.RunID != e.RunID {
		t.Errorf("the merged index tells of it all the same: %+v %v", f, err)
	}
	st.Tamper(e.Index.Path, func([]byte) []byte { return nil })
	if _, err := open(t, st).Closest(t.Context(), p.URL, noon); !errors.Is(err, ErrFixity) {
		t.Errorf("index: %v", err)
	}
}

func TestHostsAndPrefixesAreFoundInEitherForm(t *testing.T) {
	a := open(t, new(storetest.Memory))
	imprint(t, a, printed{url: "http://bücher.example/a", verdict: OK}, printed{url: "http://xn--bcher-kva.example/b", verdict: OK},
		printed{url: "http://127.0.0.1:8080/c", verdict: OK}, printed{url: "http://127.0.0.1/d", verdict: OK})
	for name, c := range map[string]struct {
		q    Query
		want int
	}{
		"a host in letters":            {Query{Host: "Bücher.example"}, 2},
		"a host as in the DNS":         {Query{Host: "XN--bcher-kva.example"}, 2},
		"a host and port":              {Query{Host: "127.0.0.1:8080"}, 1},
		"a host and the default port":  {Query{Host: "127.0.0.1:80"}, 1},
		"a host on any port":           {Query{Host: "127.0.0.1"}, 2},
		"a prefix in letters":          {Query{Prefix: "http://BÜCHER.example/"}, 2},
		"a prefix as in the DNS":       {Query{Prefix: "http://XN--bcher-kva.example/"}, 2},
		"half a host in letters":       {Query{Prefix: "büch"}, 2},
		"half a host as in the DNS":    {Query{Prefix: "https://xn--bch"}, 2},
		"a prefix with a port":         {Query{Prefix: "http://127.0.0.1:8080/"}, 1},
		"a prefix without a port":      {Query{Prefix: "http://127.0.0.1/"}, 1},
		"a URL as in the DNS":          {Query{URL: "http://xn--bcher-kva.example/a"}, 1},
		"the case of the path matters": {Query{Prefix: "http://bücher.example/A"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			for _, err := range a.Pages(t.Context(), c.q) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n != c.want {
				t.Errorf("%d pages, expected %d", n, c.want)
			}
		})
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{"http://bücher.example/%", "http://[::1]:80/a?b#c", "//x", "%", "http://a@b:0/%zz%41", "https://xn--/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		p := Page{URL: address}
		if _, err := newSought(address); err == nil && address != "" && p.Match(address) != MatchExact {
			t.Errorf("%q does not match itself: %q", address, p.Match(address))
		}
		beginsWith(address)(address)
		onHost(address)(address)
	})
}
