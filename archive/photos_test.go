package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive/page"
	"tearsheet/archive/photo"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

// pictured records a page with one photograph that is credited so, and lists it.
func pictured(t testing.TB, r *Run, url string, credit photo.Credit) Page {
	t.Helper()
	capture := record(t, r, exchange(url, "text/html", "<title>"+url+"</title>"), Hop{})
	file := record(t, r, exchange(url+"/photo.jpg", "image/jpeg", strings.Repeat(url, 100)), Hop{Via: url, Path: "E"})
	img := page.Image{
		Src: url + "/photo.jpg", Candidates: []string{url + "/photo.jpg", url + "/small.jpg"}, Role: page.RoleLead, Alt: "Boats", Caption: "The harbour <at> noon",
		Statements: []photo.Statement{{Property: photo.CreditLine, Value: credit.Line, Kind: photo.PageCredit, Locator: "figure > span"}},
	}
	meta := &imagemeta.Metadata{Header: imagemeta.Header{Format: imagemeta.JPEG, Width: 1600, Height: 900}, Carriers: []string{"iim"}, Statements: []photo.Statement{
		{Property: photo.Copyright, Value: "© Agency", Kind: photo.FileIIM, Locator: "APP13/8BIM:0404/2:116"},
		{Property: photo.WebStatement, Value: "https://agency.example/rights", Kind: photo.FileXMP, Locator: "APP1:xmp"},
	}}
	ph := NewPhoto(img, &capture, []ImageFile{{Kept: file, Meta: meta}})
	ph.Credit = credit
	p := Page{ID: url, URL: url, Time: noon, Title: "Story at " + url, Verdict: OK, Capture: &capture, Requisites: []Kept{file}, Photos: []Photo{ph}}
	if err := r.AddPage(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return p
}

func credited(line string, people, agencies []string) photo.Credit {
	return photo.Credit{Line: line, People: people, Agencies: agencies, Basis: []int{0}, Agreement: photo.PageOnly, Confidence: 0.8, Rule: "the visible credit"}
}

func photosOf(t testing.TB, a *Archive, q PhotoQuery) []FoundPhoto {
	t.Helper()
	var all []FoundPhoto
	for f, err := range a.Photos(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

func TestAPhotographJoinsPageAndFilesAndEveryStatementNamesItsRecord(t *testing.T) {
	img := page.Image{Src: "https://a.example/1.jpg", Candidates: []string{"https://a.example/1.jpg", "https://a.example/2.jpg"},
		Statements: []photo.Statement{{Property: photo.CreditLine, Value: "Foto: A", Kind: photo.PageCredit}}}
	said := photo.Statement{Property: photo.Creator, Value: "A", Kind: photo.FileIIM, Locator: "2:80"}
	of := func(n int, m *imagemeta.Metadata) ImageFile {
		return ImageFile{Kept{URL: fmt.Sprintf("https://a.example/%d.jpg", n), Record: fmt.Sprintf("urn:uuid:%d", n), Size: 9, Digest: "sha256:00"}, m}
	}
	header := imagemeta.Header{Format: imagemeta.JPEG, Width: 4, Height: 3}
	p := NewPhoto(img, &Kept{Record: "urn:uuid:page"}, []ImageFile{
		of(1, &imagemeta.Metadata{Header: header, Statements: []photo.Statement{said}, Carriers: []string{"iim"}}),
		of(2, &imagemeta.Metadata{Header: header, Statements: []photo.Statement{said, {Property: photo.Source, Value: "B", Kind: photo.FileIIM}}, Carriers: []string{"iim"}}),
		of(3, &imagemeta.Metadata{Header: header}),
		of(4, &imagemeta.Metadata{Header: header, Damage: errors.New("cut at byte 3")}),
		of(5, nil),
		of(6, &imagemeta.Metadata{Header: imagemeta.Header{Format: imagemeta.SVG}}),
	})
	var records []string
	for _, s := range p.Statements {
		records = append(records, s.Record)
	}
	if want := []string{"urn:uuid:page", "urn:uuid:1", "urn:uuid:2"}; !slices.Equal(records, want) {
		t.Errorf("statements of %q, expected of %q", records, want)
	}
	if p.Credit.Agreement == "" {
		t.Error("the credit is not resolved")
	}
	var stripped []int
	for i, f := range p.Files {
		if f.Stripped {
			stripped = append(stripped, i+1)
		}
	}
	if !slices.Equal(stripped, []int{3}) {
		t.Errorf("metadata is said to be stripped from files %v, expected from the third alone", stripped)
	}
	if f := p.Files[0]; f.Width != 4 || f.Height != 3 || f.Format != imagemeta.JPEG || f.Digest != "sha256:00" || f.Record != "urn:uuid:1" {
		t.Errorf("%+v", f)
	}
	if p.Files[3].Damage != "cut at byte 3" || p.Files[4].Format != "" {
		t.Errorf("%+v", p.Files)
	}
	if none := NewPhoto(page.Image{Src: "x"}, nil, nil); none.Credit.Agreement != photo.None {
		t.Errorf("of a picture about which nobody says anything: %+v", none.Credit)
	}
}

// redirecting reads image files that are not there.
type redirecting struct {
	to    map[string]string
	asked []string
}

func (r *redirecting) Metadata(k Kept) *imagemeta.Metadata {
	r.asked = append(r.asked, k.URL)
	return nil
}

func (r *redirecting) Location(k Kept) string { return r.to[k.URL] }

func TestFilesOfAPhotographAreFoundAmongTheRequisitesThroughRedirects(t *testing.T) {
	requisites := []Kept{
		{URL: "https://a.example/1", Status: 302, File: "f", Type: warc.Response},
		{URL: "https://a.example/other.jpg", Status: 200, File: "f", Type: warc.Response},
		{URL: "https://b.example/1.jpg", Status: 200, File: "f", Type: warc.Response},
		{URL: "https://a.example/2", Failure: "refused", Type: warc.Metadata},
		{URL: "https://a.example/3", Status: 301, File: "f", Type: warc.Response},
		{URL: "https://a.example/4", Status: 301, File: "f", Type: warc.Response},
		{URL: "https://www.a.example/5.jpg", Status: 200, File: "f", Type: warc.Response},
	}
	img := page.Image{Src: "https://a.example/1"}
	for i := range 6 {
		img.Candidates = append(img.Candidates, fmt.Sprintf("https://a.example/%d", i+1))
	}
	img.Candidates = append(img.Candidates, "http://a.example/5.jpg")
	files := &redirecting{to: map[string]string{
		"https://a.example/1": "https://b.example/1.jpg", "https://a.example/3": "https://a.example/3", "https://a.example/4": "https://gone.example/",
	}}
	photos := NewPhotos([]page.Image{img}, nil, requisites, files)
	var urls []string
	for _, f := range photos[0].Files {
		urls = append(urls, strings.TrimPrefix(f.URL, "https://"))
	}
	if want := []string{"b.example/1.jpg", "a.example/2", "a.example/3", "a.example/4", "www.a.example/5.jpg"}; !slices.Equal(urls, want) {
		t.Errorf("files %q, expected %q", urls, want)
	}
	if want := []string{"https://b.example/1.jpg", "https://www.a.example/5.jpg"}; !slices.Equal(files.asked, want) {
		t.Errorf("%q were read, expected %q", files.asked, want)
	}
}

func TestARowOfPhotosSaysInTheWordsOfSchemaOrgWhatItSaysInOurs(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	want := pictured(t, r, "https://news.example/story", credited("Foto: Ines Quill/AFP/Getty Images", []string{"Ines Quill"}, []string{"AFP", "Getty Images"}))
	none := photo.Credit{Agreement: photo.None}
	pictured(t, r, "https://news.example/bare", none)
	at := credited("Foto: B", []string{"B"}, nil)
	at.Agreement = photo.Conflict
	pictured(t, r, "https://news.example/odd", at)
	e := commit(t, r)
	report := intact(t, a)
	if report.Photos != 3 {
		t.Errorf("%d photographs verified", report.Photos)
	}
	m, err := a.Manifest(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Tearsheet.Photos; got == nil || *got != (PhotoTotals{3, 2, 1}) {
		t.Errorf("totals %+v", got)
	}
	lines := strings.Split(string(read(t, st, ObjectKey(e.RunID, photosName))), "\n")
	if len(lines) != 5 || lines[0] != PhotosHeader || lines[4] != "" {
		t.Fatalf("%q", lines)
	}
	var row map[string]any
	if err := json.Unmarshal([]byte(lines[1]), &row); err != nil {
		t.Fatal(err)
	}
	var header map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &header); err != nil || header["@context"] != row["@context"] {
		t.Errorf("who reads the list as a table finds no column that header and rows share: %q, %v", lines[0], err)
	}
	digest := strings.TrimPrefix(want.Requisites[0].Digest, "sha256:")
	for name, expected := range map[string]any{
		"@context": "https://schema.org", "@type": "ImageObject", "contentUrl": want.Photos[0].Src, "caption": "The harbour <at> noon",
		"creditText": "Foto: Ines Quill/AFP/Getty Images", "copyrightNotice": "© Agency", "license": "https://agency.example/rights",
		"width": 1600.0, "height": 900.0, "encodingFormat": "image/jpeg", "sha256": digest, "position": 1.0, "role": "lead",
		"agreement": "page_only", "confidence": 0.8, "rule": "the visible credit", "extractor": a.extractor(),
		"creator":  []any{map[string]any{"@type": "Person", "name": "Ines Quill"}},
		"provider": []any{map[string]any{"@type": "Organization", "name": "AFP"}, map[string]any{"@type": "Organization", "name": "Getty Images"}},
		"page":     map[string]any{"id": want.ID, "url": want.URL, "ts": "2026-03-14T12:00:00Z", "title": want.Title, "record": want.Capture.Record},
	} {
		if !reflect.DeepEqual(row[name], expected) {
			t.Errorf("%s is %v, expected %v", name, row[name], expected)
		}
	}
	if !strings.Contains(lines[1], "<at>") {
		t.Error("it is escaped for HTML")
	}
}

func TestPhotographsAreFoundByPageTimeAndMaker(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	pictured(t, r, "https://news.example/1", credited("Žofie Nováková/ČTK", []string{"Žofie Nováková"}, []string{"ČTK"}))
	pictured(t, r, "https://news.example/2", photo.Credit{Agreement: photo.None})
	commit(t, r)
	r = begin(t, a)
	conflict := credited("Foto: Sean O’Neill/AP", []string{"Sean O’Neill"}, []string{"AP"})
	conflict.Agreement = photo.Conflict
	pictured(t, r, "https://other.example/3", conflict)
	second := commit(t, r)
	for name, c := range map[string]struct {
		q    PhotoQuery
		want string
	}{
		"all, newest run first":         {PhotoQuery{}, "3 1 2"},
		"by a name without its accents": {PhotoQuery{By: "zofie novakova"}, "1"},
		"by a part of a name":           {PhotoQuery{By: "ONeill"}, "3"},
		"by a part of a word":           {PhotoQuery{By: "Nov"}, ""},
		"by an initial":                 {PhotoQuery{By: "Ž. Nováková"}, "1"},
		"by an agency":                  {PhotoQuery{Agency: "ctk"}, "1"},
		"by another name of the agency": {PhotoQuery{Agency: "Associated Press"}, "3"},
		"without a credit":              {PhotoQuery{Missing: true}, "2"},
		"conflicts":                     {PhotoQuery{Conflicts: true}, "3"},
		"by the page":                   {PhotoQuery{URL: "http://www.news.example/2"}, "2"},
		"by the beginning of the page":  {PhotoQuery{Prefix: "https://news.example/"}, "1 2"},
		"of a run":                      {PhotoQuery{Run: second.RunID}, "3"},
		"one":                           {PhotoQuery{Limit: 1}, "3"},
		"before they were taken":        {PhotoQuery{To: noon.Add(-1)}, ""},
		"since they were taken":         {PhotoQuery{From: noon}, "3 1 2"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range photosOf(t, a, c.q) {
				got = append(got, f.Page.URL[len(f.Page.URL)-1:])
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("found %q, expected %q", got, c.want)
			}
		})
	}
}

func TestTheBytesOfAPhotographAreGivenBackAlsoOfARevisit(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	body := strings.Repeat("jpeg", 1000)
	first := record(t, r, exchange("https://a.example/1.jpg", "image/jpeg", body), Hop{Path: "E"})
	again := record(t, r, exchange("https://b.example/1.jpg", "image/jpeg", body), Hop{Path: "E"})
	capture := record(t, r, exchange("https://a.example/", "text/html", "<p>"), Hop{})
	ph := NewPhoto(page.Image{Src: first.URL}, &capture, []ImageFile{{Kept: first}, {Kept: again}, {Kept: Kept{URL: "https://c.example/", Failure: "refused"}}})
	if err := r.AddPage(t.Context(), Page{URL: "https://a.example/", Time: noon, Verdict: OK, Capture: &capture, Photos: []Photo{ph}}); err != nil {
		t.Fatal(err)
	}
	commit(t, r)
	intact(t, a)
	f := photosOf(t, a, PhotoQuery{})[0]
	for i := range 2 {
		rc, err := a.OpenFile(t.Context(), f.RunID, f.Photo.Files[i], 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(rc)
		if err := errors.Join(err, rc.Close()); err != nil || string(b) != body {
			t.Errorf("file %d: %.20q %v", i, b, err)
		}
	}
	if _, err := a.OpenFile(t.Context(), f.RunID, f.Photo.Files[2], 1<<20); !errors.Is(err, ErrNotArchived) {
		t.Errorf("a file that did not come: %v", err)
	}
	wrong := f.Photo.Files[0]
	wrong.Digest = "sha256:" + strings.Repeat("0", 64)
	rc, err := a.OpenFile(t.Context(), f.RunID, wrong, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(rc); !errors.Is(err, ErrFixity) {
		t.Errorf("bytes with another digest: %v", err)
	}
}

func TestOfAPageThatWasDerivedAgainOnlyTheNewestDerivationIsGiven(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	one := pictured(t, r, "https://news.example/1", credited("Foto: Old", []string{"Old"}, nil))
	two := pictured(t, r, "https://news.example/2", credited("Foto: Teaser", []string{"Teaser"}, nil))
	pictured(t, r, "https://news.example/3", credited("Foto: Kept", []string{"Kept"}, nil))
	first := commit(t, r)
	two.Photos = nil
	for _, line := range []string{"Foto: Newer", "Foto: Newest"} {
		d, err := a.Begin(t.Context(), RunOptions{Kind: KindDerive})
		if err != nil {
			t.Fatal(err)
		}
		one.Photos[0].Credit.Line = line
		for _, p := range []Page{one, two} {
			if err := d.AddDerived(t.Context(), first.RunID, p); err != nil {
				t.Fatal(err)
			}
		}
		e := commit(t, d)
		m, err := a.Manifest(t.Context(), e)
		if err != nil || m.Tearsheet.Counts.Pages != 0 || m.Tearsheet.Photos.Total != 1 {
			t.Errorf("%+v %v", m.Tearsheet, err)
		}
	}
	intact(t, a)
	var got []string
	for _, f := range photosOf(t, a, PhotoQuery{}) {
		got = append(got, f.Photo.Credit.Line)
		rc, err := a.OpenFile(t.Context(), f.RunID, f.Photo.Files[0], 1<<20)
		if err != nil {
			t.Errorf("%s: %v", f.Photo.Src, err)
			continue
		}
		if _, err := io.Copy(io.Discard, rc); err != nil || f.Page.RunID != first.RunID {
			t.Errorf("%s of the page in run %s: %v", f.Photo.Src, f.Page.RunID, err)
		}
	}
	if want := []string{"Foto: Newest", "Foto: Kept"}; !slices.Equal(got, want) {
		t.Errorf("found %q, expected %q", got, want)
	}
	if n := len(photosOf(t, a, PhotoQuery{Run: first.RunID})); n != 2 {
		t.Errorf("%d photographs of the pages of the first run", n)
	}
	pages := 0
	for range a.Pages(t.Context(), Query{}) {
		pages++
	}
	if pages != 3 {
		t.Errorf("%d pages are listed: those that were read again are no captures", pages)
	}
}

func TestOnlyPagesOfOtherRunsCanBeDerivedAgain(t *testing.T) {
	a := open(t, folder(t))
	first := committedRun(t, a)
	d, err := a.Begin(t.Context(), RunOptions{Kind: KindDerive})
	if err != nil {
		t.Fatal(err)
	}
	p := Page{ID: "1", URL: "https://news.example/"}
	for _, of := range []string{"", "nonsense", "../" + first.RunID, d.ID()} {
		if err := d.AddDerived(t.Context(), of, p); err == nil {
			t.Errorf("a page of run %q was added", of)
		}
	}
	if err := d.Discard(); err != nil {
		t.Error(err)
	}
}

func TestARunWhoseListOfPhotographsIsOlderThanTheProgramIsReadFromItsPages(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	pictured(t, r, "https://news.example/1", credited("Foto: A", []string{"A"}, nil))
	e := commit(t, r)
	withoutPhotos(t, st, e)
	a = open(t, st)
	intact(t, a)
	found := photosOf(t, a, PhotoQuery{By: "A"})
	if len(found) != 1 || found[0].N != 1 || found[0].RunID != e.RunID || found[0].Photo.Files[0].Run != e.RunID {
		t.Errorf("%+v", found)
	}
}

// withoutPhotos makes a run one of a program that wrote no photos.jsonl.
func withoutPhotos(t *testing.T, st *storetest.Memory, e Entry) {
	t.Helper()
	m, err := ParseManifest(read(t, st, e.Manifest.Path))
	if err != nil {
		t.Fatal(err)
	}
	m.Resources = slices.DeleteFunc(m.Resources, func(r Resource) bool { return r.Path == photosName })
	m.Tearsheet.Photos = nil
	b, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	e.Manifest.Bytes, e.Manifest.SHA256, e.Tree = int64(len(b)), digestOf(b), nil
	entry, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	st.Tamper(ObjectKey(e.RunID, photosName), func([]byte) []byte { return nil })
	st.Tamper(e.Manifest.Path, func([]byte) []byte { return b })
	st.Tamper(logKey(e.N), func([]byte) []byte { return entry })
}

func TestVerifyComparesPhotographsWithThePages(t *testing.T) {
	for name, c := range map[string]struct {
		change func(lines []string) []string
		what   string
	}{
		"another credit":  {func(l []string) []string { l[1] = strings.Replace(l[1], "Foto: A", "Foto: B", 1); return l }, "is not as the page has it"},
		"one is missing":  {func(l []string) []string { return slices.Delete(l, 1, 2) }, "1 photographs of listed pages are not in it"},
		"one twice":       {func(l []string) []string { return slices.Insert(l, 1, l[1]) }, "is not as the page has it"},
		"no JSON":         {func(l []string) []string { l[1] = "{"; return l }, "line 2"},
		"another header":  {func(l []string) []string { l[0] = pagesHeader; return l }, "cannot be read to its end"},
		"a later program": {func(l []string) []string { l[1] = strings.Replace(l[1], `"@type"`, `"future":1,"@type"`, 1); return l }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			st := new(storetest.Memory)
			a := open(t, st)
			r := begin(t, a)
			pictured(t, r, "https://news.example/1", credited("Foto: A", []string{"A"}, nil))
			e := commit(t, r)
			key := ObjectKey(e.RunID, photosName)
			changed := []byte(strings.Join(c.change(strings.Split(string(read(t, st, key)), "\n")), "\n"))
			recommit(t, st, e, photosName, changed)
			report := verify(t, open(t, st))
			if c.what == "" && len(report.Problems) > 0 || c.what != "" && !found(report, key, c.what) {
				t.Errorf("%+v", report.Problems)
			}
		})
	}
}

// recommit changes a file of a run, and manifest and log with it: what is left to find it is what the file says.
func recommit(t *testing.T, st *storetest.Memory, e Entry, name string, content []byte) {
	t.Helper()
	m, err := ParseManifest(read(t, st, e.Manifest.Path))
	if err != nil {
		t.Fatal(err)
	}
	f := m.file(name)
	f.Bytes, f.SHA256 = int64(len(content)), digestOf(content)
	b, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	e.Manifest.Bytes, e.Manifest.SHA256, e.Tree = int64(len(b)), digestOf(b), nil
	entry, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	st.Tamper(ObjectKey(e.RunID, name), func([]byte) []byte { return content })
	st.Tamper(e.Manifest.Path, func([]byte) []byte { return b })
	st.Tamper(logKey(e.N), func([]byte) []byte { return entry })
}

func TestVerifyFollowsThePositionsOfADerivationIntoItsRun(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	p := pictured(t, r, "https://news.example/1", credited("Foto: A", []string{"A"}, nil))
	first := commit(t, r)
	d, err := a.Begin(t.Context(), RunOptions{Kind: KindDerive})
	if err != nil {
		t.Fatal(err)
	}
	p.Photos[0].Files[0].Offset++
	if err := d.AddDerived(t.Context(), first.RunID, p); err != nil {
		t.Fatal(err)
	}
	e := commit(t, d)
	if report := verify(t, a); !found(report, ObjectKey(e.RunID, derivedName), "lists no record of it there") {
		t.Errorf("%+v", report.Problems)
	}
}

func TestTheRecordOfAPageNamesThePageAndTheFilesOfItsPhotographs(t *testing.T) {
	st := new(storetest.Memory)
	a := open(t, st)
	r := begin(t, a)
	p := pictured(t, r, "https://news.example/1", credited("Foto: A", []string{"A"}, nil))
	e := commit(t, r)
	m, err := a.Manifest(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	for rec, err := range warc.Read(bytes.NewReader(read(t, st, ObjectKey(e.RunID, m.Resources[0].Path)))) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.ContentType != pageRecordType {
			continue
		}
		if about := unbracket(rec.Get("WARC-Refers-To")); about != p.Capture.Record {
			t.Errorf("it refers to %s", about)
		}
		if with := rec.All("WARC-Concurrent-To"); len(with) != 1 || unbracket(with[0]) != p.Requisites[0].Record {
			t.Errorf("it is concurrent to %q", with)
		}
		return
	}
	t.Error("no record of the page")
}

func TestPhotographsAreRecoveredWithTheirPages(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	first := pictured(t, r, "https://news.example/1", credited("Foto: A", []string{"A"}, nil))
	abandon(t, r)
	e := *recoverOne(t, a).Entry
	intact(t, a)
	d, err := a.Begin(t.Context(), RunOptions{Kind: KindDerive})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddDerived(t.Context(), e.RunID, first); err != nil {
		t.Fatal(err)
	}
	abandon(t, d)
	recoverOne(t, a)
	intact(t, a)
	if got := photosOf(t, a, PhotoQuery{}); len(got) != 1 || got[0].RunID != d.ID() || got[0].Page.RunID != e.RunID {
		t.Errorf("%+v", got)
	}
}

// frame is a JPEG file without anything but its size, and bytes behind its end that make it worth a revisit.
var frame = "\xff\xd8\xff\xc0\x00\x0b\x08\x00\x5a\x00\xa0\x01\x01\x11\x00\xff\xd9" + strings.Repeat("x", revisitFrom)

func TestPagesThatWereNotListedAreRecoveredWithTheirPhotographs(t *testing.T) {
	a := open(t, folder(t))
	r := begin(t, a)
	text := strings.Repeat("<p>The harbour opened again on Monday, eleven weeks after the storm that closed it.", 10)
	for i := range 2 {
		url := fmt.Sprintf("https://news.example/%d", i)
		src := url + "/photo.jpg"
		record(t, r, exchange(url, "text/html", "<title>Story</title><article><h1>Story</h1><figure><img width=900 height=600 src="+src+"></figure>"+text+"</article>"), Hop{})
		record(t, r, redirect(src, url+"/moved.jpg"), Hop{Via: url, Path: "E"})
		record(t, r, exchange(url+"/moved.jpg", "image/jpeg", frame), Hop{Via: src, Path: "ER"})
	}
	abandon(t, r)
	recoverOne(t, a)
	intact(t, a)
	found := photosOf(t, a, PhotoQuery{})
	if len(found) != 2 {
		t.Fatalf("%d photographs", len(found))
	}
	types := map[warc.Type]bool{}
	for _, f := range found {
		if len(f.Photo.Files) != 1 || f.Photo.Files[0].Width != 160 || !strings.HasSuffix(f.Photo.Files[0].URL, "/moved.jpg") || f.Extractor == "" {
			t.Errorf("%+v", f)
			continue
		}
		types[f.Photo.Files[0].Type] = true
	}
	if !types[warc.Response] || !types[warc.Revisit] {
		t.Errorf("types of the files: %v", types)
	}
}

func FuzzPhotoRow(f *testing.F) {
	p := Page{ID: "1", URL: "https://a.example/", Time: noon, Photos: []Photo{{Src: "x", Credit: credited("A/B", []string{"A"}, []string{"B"})}}}
	b, err := newPhotoRow(p, 0).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"@type":"ImageObject","page":{"id":"1","url":"x"},"position":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parsePhotoRow(b)
		if err != nil {
			return
		}
		text, err := r.encode()
		if err != nil {
			return // a time that JSON knows and RFC 3339 does not
		}
		again, err := parsePhotoRow(text)
		if err != nil {
			t.Fatal(err)
		}
		if again.sum() != r.sum() {
			t.Errorf("%s became %s", b, text)
		}
	})
}
