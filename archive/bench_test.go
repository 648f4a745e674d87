package archive

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tearsheet/archive/warc"
)

// picture makes an exchange whose payload, of so many bytes, no other has.
func picture(i, size int) *warc.Exchange {
	body := make([]byte, size)
	src := rand.NewChaCha8([32]byte{byte(i), byte(i >> 8), byte(i >> 16)})
	_, _ = src.Read(body) // never fails
	return exchange(fmt.Sprintf("https://img.example/%d.jpg", i), "image/jpeg", string(body))
}

func BenchmarkRecordPicture60KB(b *testing.B) {
	a := open(b, folder(b))
	r := begin(b, a)
	pictures := make([]*warc.Exchange, 64)
	for i := range pictures {
		pictures[i] = picture(i, 60<<10)
	}
	b.SetBytes(60 << 10)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(pictures) == 0 {
			r.payloads.Clear() // no revisits
		}
		if _, err := r.Record(b.Context(), pictures[i%len(pictures)], Hop{Via: "https://news.example/", Path: "E"}); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if _, err := r.Commit(b.Context(), Complete); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkRecordRevisit(b *testing.B) {
	r := begin(b, open(b, folder(b)))
	x := picture(0, 60<<10)
	record(b, r, x, Hop{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Record(b.Context(), x, Hop{Path: "E"}); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	commit(b, r)
}

func BenchmarkCaptureOf15Exchanges(b *testing.B) {
	a := open(b, folder(b))
	set := make([]*warc.Exchange, 15)
	for i := range set {
		set[i] = picture(i, 60<<10)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := begin(b, a)
		p := Page{URL: set[0].URL, Time: noon, Verdict: OK}
		for _, x := range set {
			p.Requisites = append(p.Requisites, record(b, r, x, Hop{Path: "E"}))
		}
		p.Capture = &p.Requisites[0]
		if err := r.AddPage(b.Context(), p); err != nil {
			b.Fatal(err)
		}
		commit(b, r)
	}
}

func BenchmarkCommitOf15Exchanges(b *testing.B) {
	a := open(b, folder(b))
	set := make([]*warc.Exchange, 15)
	for i := range set {
		set[i] = picture(i, 60<<10)
	}
	for b.Loop() {
		b.StopTimer()
		r := begin(b, a)
		for _, x := range set {
			record(b, r, x, Hop{Path: "E"})
		}
		b.StartTimer()
		commit(b, r)
	}
}

func BenchmarkVerify(b *testing.B) {
	a := open(b, folder(b))
	r := begin(b, a)
	for i := range 500 {
		record(b, r, picture(i, 60<<10), Hop{Path: "E"})
	}
	commit(b, r)
	b.SetBytes(500 * 60 << 10)
	b.ReportAllocs()
	for b.Loop() {
		intact(b, a)
	}
}
