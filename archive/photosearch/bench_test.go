package photosearch

import (
	"fmt"
	"testing"

	"tearsheet/archive"
	"tearsheet/archive/photo"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/store/storetest"
)

// BenchmarkSearch searches 10,000 photographs with 20 statements each, every tenth of which is shown twice.
func BenchmarkSearch(b *testing.B) {
	const pages, onPage = 500, 20
	a, err := archive.Open(b.Context(), &storetest.Memory{}, archive.Options{Work: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	run, err := a.Begin(b.Context(), archive.RunOptions{Kind: archive.KindCapture})
	if err != nil {
		b.Fatal(err)
	}
	for i := range pages {
		p := archive.Page{ID: fmt.Sprint(i), URL: fmt.Sprintf("https://www.harbour.example/%d", i), Time: noon, Title: "Page", Verdict: archive.OK}
		for j := range onPage {
			n := i*onPage + j
			if n%10 == 0 {
				n = n / 20 * 20 // the same file as another one
			}
			ph := archive.Photo{Src: fmt.Sprintf("https://www.harbour.example/%d.jpg", n)}
			for k := range 20 {
				ph.Statements = append(ph.Statements, photo.Statement{
					Property: photo.Instructions, Value: fmt.Sprintf("statement %d about photograph %d, of some length", k, n), Kind: photo.FileXMP, Locator: "APP1/XMP/photoshop:Instructions",
				})
			}
			ph.Statements[0] = photo.Statement{Property: photo.CreditLine, Value: "Photo: Anna Roe/AFP", Kind: photo.PageCredit, Locator: "figure > span"}
			ph.Credit = photo.Resolve(ph.Statements)
			ph.Files = []archive.PhotoFile{{URL: ph.Src, Format: imagemeta.JPEG, Width: 640, Height: 400, Size: 9000, Digest: fmt.Sprintf("sha256:%064x", n)}}
			p.Photos = append(p.Photos, ph)
		}
		if err := run.AddPage(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := run.Commit(b.Context(), archive.Complete); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n := 0
		for _, err := range Search(b.Context(), a, Query{PhotoQuery: archive.PhotoQuery{By: "Roe, Anna"}}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != pages*onPage {
			b.Fatalf("%d found", n)
		}
	}
}
