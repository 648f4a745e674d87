package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/photo"
	"tearsheet/archive/photosearch"
)

// listedPhoto is a photograph whose page and file contradict each other, and whose texts are from somebody who means ill.
func listedPhoto() photosearch.Found {
	f := photosearch.Found{Picture: 7}
	f.N = 2
	f.Page = archive.PhotoPage{RunID: "20261120t120000z-aaaaaaaaaa", ID: "p", URL: "https://www.example.com/a", Title: "=HYPERLINK(\"https://evil.example\")", Time: time.Date(2026, 11, 20, 12, 0, 0, 5000, time.UTC)}
	f.Photo = archive.Photo{
		Src: "https://www.example.com/a.jpg", Caption: "Two boats,\n\x1b[31m\"red\"\u202e ones\u2028here", Alt: "-1+1",
		Credit: photo.Credit{
			Line: "Foto: ROE/dpa", People: []string{"Ann Roe", "Ben Fox"}, Agencies: []string{"dpa"}, Agreement: photo.Conflict, Confidence: .5, Rule: "the page wins",
		},
		Statements: []photo.Statement{
			{Property: photo.CreditLine, Value: "Foto: ROE/dpa", Kind: photo.PageCredit}, {Property: photo.Creator, Value: "Cem\x07 Ak", Kind: photo.FileIIM},
		},
		Files: []archive.PhotoFile{{URL: "https://www.example.com/late.jpg", Failure: "refused"}, {Format: "jpeg", Width: 640, Height: 400, Size: 9000, Digest: "sha256:5e5e"}},
	}
	f.Also = []photosearch.Place{{Page: archive.PhotoPage{URL: "https://www.example.com/b", Time: f.Page.Time.Add(time.Hour)}, N: 1}}
	return f
}

func TestPhotosAsText(t *testing.T) {
	var b bytes.Buffer
	a := newApp(nil, &b, nil)
	tell := a.textPhotos()
	none := photosearch.Found{}
	none.Photo.Src, none.Photo.Credit.Agreement = "https://www.example.com/none.jpg", photo.None
	long := photosearch.Found{}
	long.Photo.Src, long.Photo.Credit = "https://www.example.com/long.jpg", photo.Credit{
		Line: strings.Repeat("x", 40_000), People: []string{strings.Repeat("Y", 40_000)}, Agreement: photo.Conflict,
	}
	long.Photo.Statements = []photo.Statement{
		{Property: photo.Creator, Value: "Ben Fox", Kind: photo.FileIIM},
		{Property: photo.CreditLine, Value: "Ann Roe", Kind: photo.PageCredit, Flags: []photo.Flag{photo.Shared}},
	}
	for _, f := range []photosearch.Found{listedPhoto(), none, long} {
		if err := tell(f); err != nil {
			t.Fatal(err)
		}
	}
	want := `Two boats, [31m"red" ones here
    credit: Foto: ROE/dpa  [Ann Roe, Ben Fox; dpa]  (conflict)
    CONFLICT: the page says “Foto: ROE/dpa”; the file says “Cem Ak”
    2026-11-20 12:00:00  https://www.example.com/a  photo 2
    https://www.example.com/a.jpg
    also 2026-11-20 13:00:00  https://www.example.com/b  photo 1

none.jpg
    no credit
    0001-01-01 00:00:00    photo 0
    https://www.example.com/none.jpg

long.jpg
    credit: ` + strings.Repeat("x", maxCredit-1) + "…  [" + strings.Repeat("Y", maxCredit-1) + `…]  (conflict)
    CONFLICT: the page says nothing by itself; the file says “Ben Fox”; elsewhere is said “Ann Roe”
    0001-01-01 00:00:00    photo 0
    https://www.example.com/long.jpg
`
	if got := b.String(); got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

func TestPhotosAsCSV(t *testing.T) {
	var b bytes.Buffer
	a := newApp(nil, &b, nil)
	if err := a.csvPhotos()(listedPhoto()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	want := []string{
		"2026-11-20T12:00:00.000005Z", "20261120t120000z-aaaaaaaaaa", "https://www.example.com/a", `'=HYPERLINK("https://evil.example")`, "2",
		"https://www.example.com/a.jpg", "Two boats,\n\x1b[31m\"red\"\u202e ones\u2028here", "'-1+1", "Foto: ROE/dpa", "Ann Roe; Ben Fox", "dpa", "",
		"conflict", "0.5", "the page wins", "2", "jpeg", "640", "400", "9000", "5e5e", "7", "https://www.example.com/b",
	}
	if !slices.Equal(rows[1], want) {
		t.Errorf("the row is\n%q\nwant\n%q", rows[1], want)
	}
	if len(rows[0]) != len(want) || rows[0][0] != "captured" || rows[0][22] != "also_on" || strings.ContainsAny(strings.Join(rows[0], ""), " \n") {
		t.Errorf("the header is %q", rows[0])
	}
}

func TestWhatTheWebSaysCannotMoveTheCursorOfATerminal(t *testing.T) {
	hostile := "a\x1b[2J\u009b31m\u202eb\u2028c\r\nd\x07"
	const harmless = "a [2J 31mb c  d "
	if got := inert(hostile); got != harmless {
		t.Errorf("left is %q", got)
	}
	var out, complaint bytes.Buffer
	a := newApp(nil, &out, &complaint)
	if err := a.tellDocument(&page.Document{URL: hostile, Title: page.Sourced{Value: hostile}, Images: []page.Image{{
		Src: hostile, Alt: hostile, Caption: hostile, Statements: []photo.Statement{{Property: photo.CreditLine, Value: hostile, Kind: photo.PageCredit}},
	}}}, false); err != nil {
		t.Fatal(err)
	}
	if err := a.inspectLine("Foto: "+hostile, false); err != nil {
		t.Fatal(err)
	}
	a.complain(errors.New(hostile), codeUsage, "tearsheet")
	a.tell(hostile, hostile, hostile)
	for _, printed := range []string{out.String(), complaint.String()} {
		if left := strings.ReplaceAll(printed, "\n", ""); strings.IndexFunc(left, unicode.IsControl) >= 0 || strings.ContainsAny(left, "\u202e\u2028") {
			t.Errorf("printed %q", printed)
		}
	}
}

func TestShortened(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"short", 5, "short"}, {"a line of words", 11, "a line of…"}, {"港の朝市、百年ぶりに", 6, "港の朝市、…"}, {"one unbrokenword", 8, "one unb…"},
	} {
		if got := shortened(c.text, c.n); got != c.want {
			t.Errorf("%q in %d characters is %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestASheetShowsAPictureOnceWhereverItIs(t *testing.T) {
	a := newApp(nil, nil, nil)
	a.settings.Archive = "my archive"
	m := mounting{app: a, at: map[int]int{}}
	first, again := listedPhoto(), listedPhoto()
	again.Photo.Files = append(again.Photo.Files, archive.PhotoFile{Format: "jpeg", Digest: "sha256:other"})
	earlier := first.Also[0]
	earlier.Page.Time = earlier.Page.Time.Add(-24 * time.Hour)
	own := photosearch.Place{Page: first.Page, N: 2, Credit: first.Photo.Credit}
	own.Page.Time = own.Page.Time.Add(-time.Hour)
	elsewhere := photosearch.Place{Page: archive.PhotoPage{URL: "https://www.example.com/c"}, N: 1, Credit: photo.Credit{Line: "Foto: Cem Ak"}}
	first.Also = append(first.Also, earlier, own, elsewhere)
	alone := photosearch.Found{}
	for _, f := range []photosearch.Found{first, again, alone, alone} {
		m.add(f)
	}
	if len(m.entries) != 3 {
		t.Fatalf("the sheet has %d entries", len(m.entries))
	}
	e := m.entries[0]
	if len(e.Files) != 2 {
		t.Errorf("the picture has %d files, want that of each photograph", len(e.Files))
	}
	var places []string
	for _, p := range e.Places {
		places = append(places, strings.TrimSpace(p.URL[len("https://www.example.com/"):]+" "+p.Credit+strings.Repeat("+", len(p.Again))))
	}
	if want := []string{"a +", "b +", "c Foto: Cem Ak"}; !slices.Equal(places, want) {
		t.Errorf("it is shown on %q, want %q", places, want)
	}
	if want := "tearsheet restore --archive 'my archive' https://www.example.com/a --at 2026-11-20T12:00:00.000005Z -o FOLDER"; e.Places[0].Restore != want {
		t.Errorf("the page comes back by %s, want %s", e.Places[0].Restore, want)
	}
}
