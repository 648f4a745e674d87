package photosearch

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tearsheet/archive"
	"tearsheet/archive/page"
	"tearsheet/archive/photo"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/photo/likeness"
	"tearsheet/archive/photo/raster"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/warc"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// press is an archive in memory; every page is a run of its own.
type press struct {
	*archive.Archive
	store *storetest.Memory
	t     *testing.T
	hours int
}

func newPress(t *testing.T) *press {
	t.Helper()
	st := &storetest.Memory{}
	a, err := archive.Open(t.Context(), st, archive.Options{Work: t.TempDir(), Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return &press{Archive: a, store: st, t: t}
}

// shown is a photograph on a page.
type shown struct {
	credit string
	files  []string // the bytes of its renditions
}

func (p *press) print(path string, photos ...shown) string {
	p.t.Helper()
	p.hours++
	at := noon.Add(time.Duration(p.hours) * time.Hour)
	run, err := p.Begin(p.t.Context(), archive.RunOptions{Kind: archive.KindCapture})
	if err != nil {
		p.t.Fatal(err)
	}
	record := func(url, mime, body string) archive.Kept {
		k, err := run.Record(p.t.Context(), exchange(url, mime, body, at), archive.Hop{})
		if err != nil {
			p.t.Fatal(err)
		}
		return k
	}
	url := "https://www.harbour.example/" + path
	capture := record(url, "text/html", "<title>"+path+"</title>")
	listed := archive.Page{ID: path, URL: url, Time: at, Title: path, Verdict: archive.OK, Capture: &capture}
	for i, ph := range photos {
		img := page.Image{Src: fmt.Sprintf("%s/%d-0.jpg", url, i), Role: page.RoleBody}
		if ph.credit != "" {
			img.Statements = []photo.Statement{{Property: photo.CreditLine, Value: ph.credit, Kind: photo.PageCredit, Locator: "figure > span"}}
		}
		var files []archive.ImageFile
		for j, body := range ph.files {
			k := record(fmt.Sprintf("%s/%d-%d.jpg", url, i, j), "image/jpeg", body)
			img.Candidates = append(img.Candidates, k.URL)
			meta, err := imagemeta.Read(strings.NewReader(body), int64(len(body)))
			if err != nil {
				p.t.Fatal(err)
			}
			files = append(files, archive.ImageFile{Kept: k, Meta: meta})
			listed.Requisites = append(listed.Requisites, k)
		}
		listed.Photos = append(listed.Photos, archive.NewPhoto(img, &capture, files))
	}
	if err := run.AddPage(p.t.Context(), listed); err != nil {
		p.t.Fatal(err)
	}
	if _, err := run.Commit(p.t.Context(), archive.Complete); err != nil {
		p.t.Fatal(err)
	}
	return run.ID()
}

func exchange(url, mime, body string, at time.Time) *warc.Exchange {
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", mime, len(body))
	block, payload, old := sha256.Sum256([]byte(head+body)), sha256.Sum256([]byte(body)), sha1.Sum([]byte(body))
	return &warc.Exchange{
		URL: url, Method: "GET", Started: at, Request: strings.NewReader("GET / HTTP/1.1\r\n\r\n"), Status: 200, Header: http.Header{"Content-Type": {mime}},
		Response: strings.NewReader(head + body), HeadLength: int64(len(head)), PayloadLength: int64(len(body)),
		BlockSHA256: warc.NewDigest(warc.SHA256, block[:]), PayloadSHA256: warc.NewDigest(warc.SHA256, payload[:]), PayloadSHA1: warc.NewDigest(warc.SHA1, old[:]),
	}
}

// drawn is a JPEG of a wall of bricks, each of another grey by chance, at a width; the same wall for the same seed.
func drawn(t *testing.T, seed uint64, width int) string {
	t.Helper()
	const across, down = 16, 12
	var bricks [across * down]uint8
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range bricks {
		bricks[i] = uint8(40 + r.IntN(200))
	}
	h := width * 3 / 4
	img := image.NewGray(image.Rect(0, 0, width, h))
	for y := range h {
		for x := range width {
			img.SetGray(x, y, color.Gray{bricks[y*down/h*across+x*across/width]})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// search gives what is found, each as "page N: credit (how page and file agree)", and after it where else the picture is.
func (p *press) search(q Query) []string {
	p.t.Helper()
	var all []string
	for f, err := range Search(p.t.Context(), p.Archive, q) {
		if err != nil {
			p.t.Fatal(err)
		}
		line := fmt.Sprintf("%s %d: %s (%s)", f.Page.ID, f.N, f.Photo.Credit.Line, f.Photo.Credit.Agreement)
		for _, place := range f.Also {
			line += fmt.Sprintf(" = %s %d", place.Page.ID, place.N)
		}
		all = append(all, line)
	}
	return all
}

func (p *press) want(q Query, lines ...string) {
	p.t.Helper()
	if got := p.search(q); !slices.Equal(got, lines) {
		p.t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

func TestTheSameFileOnAnotherPageSharesWhatIsSaid(t *testing.T) {
	p := newPress(t)
	boat, hill := drawn(t, 1, 320), drawn(t, 2, 320)
	p.print("old", shown{"Photo: Anna Nováková/AFP", []string{boat}})
	p.print("new", shown{"", []string{boat}}, shown{"", []string{hill}})

	p.want(Query{},
		"new 1: Photo: Anna Nováková/AFP (page_only) = old 1",
		"new 2:  (none)",
		"old 1: Photo: Anna Nováková/AFP (page_only) = new 1",
	)
	t.Run("so that it is found by a name that its page does not say", func(t *testing.T) {
		p.want(Query{PhotoQuery: archive.PhotoQuery{By: "Novakova", Prefix: "https://www.harbour.example/new"}}, "new 1: Photo: Anna Nováková/AFP (page_only) = old 1")
		p.want(Query{PhotoQuery: archive.PhotoQuery{Agency: "Agence France-Presse", Limit: 1}}, "new 1: Photo: Anna Nováková/AFP (page_only) = old 1")
	})
	t.Run("so that no credit is missing that is known", func(t *testing.T) {
		p.want(Query{PhotoQuery: archive.PhotoQuery{Missing: true}}, "new 2:  (none)")
	})
	t.Run("and the statement says where it is from, and what the page itself says is kept", func(t *testing.T) {
		for f, err := range Search(t.Context(), p.Archive, Query{PhotoQuery: archive.PhotoQuery{Limit: 1}}) {
			if err != nil {
				t.Fatal(err)
			}
			s := f.Photo.Statements
			if len(s) != 1 || !slices.Contains(s[0].Flags, photo.Shared) || s[0].Record == "" || s[0].Record == f.Page.Record {
				t.Errorf("the statements are %+v", s)
			}
			if f.Own.Agreement != photo.None || f.Picture != 1 {
				t.Errorf("it is picture %d, by itself of agreement %s", f.Picture, f.Own.Agreement)
			}
			testJSON(t, f)
		}
	})
}

func testJSON(t *testing.T, f Found) {
	t.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var row struct {
		CreditText string `json:"creditText"`
		Position   int    `json:"position"`
		Picture    int    `json:"picture"`
		Own        struct {
			Agreement string `json:"agreement"`
		} `json:"own"`
		Also []struct {
			Run, URL, TS string
			Position     int
			CreditText   string
		} `json:"also"`
	}
	if err := json.Unmarshal(b, &row); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	if row.CreditText != "Photo: Anna Nováková/AFP" || row.Position != 1 || row.Picture != 1 || row.Own.Agreement != "none" || len(row.Also) != 1 {
		t.Fatalf("its JSON is %s", b)
	}
	if a := row.Also[0]; a.URL != "https://www.harbour.example/old" || a.TS != "2026-11-20T13:00:00Z" || a.Run != f.Also[0].Page.RunID || a.Position != 1 || a.CreditText != row.CreditText {
		t.Errorf("its JSON names the place %+v", a)
	}
}

func TestRenditionsLinkPagesThatHaveNoFileInCommon(t *testing.T) {
	p := newPress(t)
	small, large := drawn(t, 1, 160), drawn(t, 1, 480)
	p.print("small", shown{"Photo: Anna Roe", []string{small}})
	p.print("large", shown{"", []string{large}})
	p.want(Query{PhotoQuery: archive.PhotoQuery{Missing: true}}, "large 1:  (none)")
	p.print("both", shown{"", []string{large, small}})
	p.want(Query{PhotoQuery: archive.PhotoQuery{Missing: true}})
}

func TestSimilarPicturesAreTheSameOnlyWhenAskedFor(t *testing.T) {
	p := newPress(t)
	p.print("credited", shown{"Photo: Anna Roe", []string{drawn(t, 1, 480)}})
	p.print("scaled", shown{"", []string{drawn(t, 1, 300)}}, shown{"", []string{drawn(t, 4, 300)}})
	p.want(Query{PhotoQuery: archive.PhotoQuery{Missing: true}}, "scaled 1:  (none)", "scaled 2:  (none)")
	p.want(Query{PhotoQuery: archive.PhotoQuery{Missing: true}, Similar: true}, "scaled 2:  (none)")
	p.want(Query{PhotoQuery: archive.PhotoQuery{By: "Anna Roe"}, Similar: true},
		"scaled 1: Photo: Anna Roe (page_only) = credited 1", "credited 1: Photo: Anna Roe (page_only) = scaled 1")
}

func TestPicturesThatCannotBeComparedAreTold(t *testing.T) {
	p := newPress(t)
	plain := image.NewRGBA(image.Rect(0, 0, 300, 200))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, plain, nil); err != nil {
		t.Fatal(err)
	}
	p.print("odd", shown{"", []string{b.String()}}, shown{"", []string{drawn(t, 1, 300)[:2000]}}, shown{"", []string{drawn(t, 2, 300)}})
	var reasons []error
	p.want(Query{Similar: true, Uncompared: func(_ archive.PhotoFile, err error) { reasons = append(reasons, err) }}, "odd 1:  (none)", "odd 2:  (none)", "odd 3:  (none)")
	for _, want := range []error{likeness.ErrTooPlain, raster.ErrDamaged} {
		if !slices.ContainsFunc(reasons, func(err error) bool { return errors.Is(err, want) }) || len(reasons) != 2 {
			t.Errorf("the reasons are %v", reasons)
		}
	}
}

func TestPlaceholdersMakeNothingTheSame(t *testing.T) {
	p := newPress(t)
	grey := drawn(t, 9, 300)
	p.print("gallery", shown{"Photo: Anna Roe", []string{grey, drawn(t, 1, 300)}}, shown{"", []string{grey, drawn(t, 2, 300)}}, shown{"", []string{grey, drawn(t, 3, 300)}})
	p.print("dots", shown{"Photo: Ben Fox", []string{drawn(t, 5, 48), drawn(t, 6, 300)}})
	p.print("dotted", shown{"", []string{drawn(t, 5, 48), drawn(t, 7, 300)}})
	p.want(Query{}, "dotted 1:  (none)", "dots 1: Photo: Ben Fox (page_only)", "gallery 1: Photo: Anna Roe (page_only)", "gallery 2:  (none)", "gallery 3:  (none)")
}

func TestConflictsBetweenPagesAreNoConflictOfPageAndFile(t *testing.T) {
	p := newPress(t)
	boat := drawn(t, 1, 320)
	p.print("one", shown{"Photo: Anna Roe", []string{boat}})
	p.print("two", shown{"Photo: Ben Fox", []string{boat}})
	p.want(Query{}, "two 1: Photo: Ben Fox (page_only) = one 1", "one 1: Photo: Anna Roe (page_only) = two 1")
}

func TestDamageIsToldAndTheRestIsFound(t *testing.T) {
	p := newPress(t)
	run := p.print("rotten", shown{"Photo: Anna Roe", []string{drawn(t, 1, 320)}})
	p.print("whole", shown{"", []string{drawn(t, 2, 320)}})
	p.store.Tamper(archive.ObjectKey(run, "photos/photos.jsonl"), func(b []byte) []byte { b[len(b)-3] ^= 1; return b })
	var found []string
	var faults int
	for f, err := range Search(t.Context(), p.Archive, Query{}) {
		switch {
		case err == nil:
			found = append(found, f.Page.ID)
		case errors.Is(err, archive.ErrFixity):
			faults++
		default:
			t.Error(err)
		}
	}
	if faults != 1 || !slices.Equal(found, []string{"whole"}) {
		t.Errorf("%d faults were told and %v was found", faults, found)
	}
}

func TestWithSimilarAPictureThatRottedIsTold(t *testing.T) {
	p := newPress(t)
	run := p.print("rotten", shown{"Photo: Anna Roe", []string{drawn(t, 1, 320)}})
	var place archive.PhotoFile
	for f, err := range p.Photos(t.Context(), archive.PhotoQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		place = f.Photo.Files[0]
	}
	p.store.Tamper(archive.ObjectKey(run, "archive/"+place.File), func(b []byte) []byte { b[place.Offset+place.Length/2] ^= 1; return b })
	var faults []error
	for _, err := range Search(t.Context(), p.Archive, Query{Similar: true}) {
		if err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) != 1 || !errors.Is(faults[0], archive.ErrFixity) {
		t.Errorf("the errors are %v", faults)
	}
	p.want(Query{}, "rotten 1: Photo: Anna Roe (page_only)")
}

func TestSearchEndsWhenNobodyListens(t *testing.T) {
	p := newPress(t)
	for i := range 3 {
		p.print(fmt.Sprint("page", i), shown{"", []string{drawn(t, 1, 320)}})
	}
	n := 0
	for range Search(t.Context(), p.Archive, Query{}) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d were yielded", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range Search(ctx, p.Archive, Query{Similar: true}) {
		if err == nil {
			t.Error("something was found after the end")
		}
	}
}
