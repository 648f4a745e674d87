package crawler

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tearsheet/archive"
	"tearsheet/archive/photo"
	"tearsheet/archive/photo/imagemeta"
	"tearsheet/archive/warc"
	"tearsheet/crawler/crawlertest"
	"tearsheet/crawler/crawlertest/darkroom"
)

// developed is a photograph that names its maker in IIM and XMP.
func developed(t testing.TB, maker string) string {
	t.Helper()
	file, err := darkroom.Print{Scene: "harbour", Width: 64, Blocks: []darkroom.Metadata{{
		Carriers: []darkroom.Carrier{darkroom.IIM, darkroom.XMP}, Creators: []string{maker}, Credit: "AFP/Getty Images",
	}}}.Make()
	if err != nil {
		t.Fatal(err)
	}
	return string(file)
}

// makers are whom the files of a photograph name, with the record that says so.
func makers(p archive.Photo) []string {
	var all []string
	for _, s := range p.Statements {
		if s.Kind.OfFile() && s.Property == photo.Creator {
			all = append(all, s.Value)
			for _, f := range p.Files {
				if f.Record == s.Record {
					all[len(all)-1] += " in " + strings.TrimPrefix(f.URL, "http://n.example")
				}
			}
		}
	}
	return all
}

const pictured = `<figure><img src="/1.jpg" width=800 height=600 srcset="/2.jpg 2x"><figcaption>The quay</figcaption></figure>`

func TestImageFilesAreReadAsTheyCome(t *testing.T) {
	jane := developed(t, "Jane Doe")
	both := []string{"Jane Doe in /2.jpg", "Jane Doe in /2.jpg"}
	coded := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write([]byte(jane))
		z.Close()
	}
	inChunks := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/jpeg")
		for part := range slices.Chunk([]byte(jane), 500) {
			w.Write(part)
			w.(http.Flusher).Flush()
		}
	}
	cutFile := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(jane)))
		w.Write([]byte(jane[:len(jane)-100]))
	}
	for _, c := range []struct {
		name   string
		others map[string]http.HandlerFunc
		want   []string
	}{
		{"as it is", map[string]http.HandlerFunc{"/2.jpg": as("image/jpeg", jane)}, both},
		{"in chunks", map[string]http.HandlerFunc{"/2.jpg": inChunks}, both},
		{"in chunks and gzip", map[string]http.HandlerFunc{"/2.jpg": coded}, both},
		{"under a false label", map[string]http.HandlerFunc{"/2.jpg": as("text/plain", jane)}, both},
		{"under a false label of a coding", map[string]http.HandlerFunc{"/2.jpg": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			as("image/jpeg", jane)(w, r)
		}}, both},
		{"cut", map[string]http.HandlerFunc{"/2.jpg": cutFile}, both},
		{"behind a redirect", map[string]http.HandlerFunc{"/2.jpg": redirect(302, "/3.jpg"), "/3.jpg": as("image/jpeg", jane)}, []string{"Jane Doe in /3.jpg", "Jane Doe in /3.jpg"}},
		{"twice the same, of which the second is a revisit", map[string]http.HandlerFunc{"/1.jpg": as("image/jpeg", jane), "/2.jpg": as("image/jpeg", jane)}, both},
		{"two that differ", map[string]http.HandlerFunc{"/1.jpg": as("image/jpeg", developed(t, "John Roe")), "/2.jpg": as("image/jpeg", jane)}, append(both, "John Roe in /1.jpg", "John Roe in /1.jpg")},
		{"with a status that is none of a picture", map[string]http.HandlerFunc{"/2.jpg": status(404, jane)}, nil},
		{"a web page in its place", map[string]http.HandlerFunc{"/2.jpg": as("image/jpeg", "<!doctype html><title>login</title>")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			pages := map[string]http.HandlerFunc{"/a": htm(article("A", pictured)), "/1.jpg": as("image/gif", gif)}
			for path, answer := range c.others {
				pages[path] = answer
			}
			p := one(t, newOrigin(t, pages), nil, "http://n.example/a")
			if len(p.Photos) != 1 || len(p.Photos[0].Files) != 2 {
				t.Fatalf("photos %+v", p.Photos)
			}
			if got := makers(p.Photos[0]); !slices.Equal(got, c.want) {
				t.Errorf("the files name %q, want %q", got, c.want)
			}
			listed := rows(p)
			for _, f := range p.Photos[0].Files {
				if k := listed[f.URL]; k.Record != f.Record || k.File != f.File || k.Offset != f.Offset || k.Length != f.Length {
					t.Errorf("%s stands at %+v, and the photo says %+v", f.URL, k, f)
				}
			}
		})
	}
}

func TestPagesThatShareAPictureShareItsStatements(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{
		"/a": htm(article("A", pictured)), "/b": htm(article("B", pictured)), "/1.jpg": as("image/jpeg", developed(t, "Jane Doe")), "/2.jpg": as("image/gif", gif),
	})
	b := newBench(t, o, nil)
	pages, err := b.capture(t.Context(), "http://n.example/a", "http://n.example/b")
	b.must(err)
	b.settle()
	if n := o.count("n.example/1.jpg"); n != 1 {
		t.Errorf("the picture was asked for %d times", n)
	}
	for url, p := range pages {
		if got := makers(p.Photos[0]); len(got) != 2 || p.Photos[0].Credit.Agreement != photo.FileOnly {
			t.Errorf("on %s the files name %q; credit %+v", url, got, p.Photos[0].Credit)
		}
	}
}

func TestAPageThatIsAnImageFile(t *testing.T) {
	o := newOrigin(t, map[string]http.HandlerFunc{"/1.jpg": as("image/jpeg", developed(t, "Jane Doe")), "/go": redirect(301, "/1.jpg")})
	p := one(t, o, nil, "http://n.example/go")
	wants(t, p, archive.OK)
	if len(p.Photos) != 1 || p.Photos[0].Src != "http://n.example/1.jpg" || !slices.Equal(makers(p.Photos[0]), []string{"Jane Doe in /1.jpg", "Jane Doe in /1.jpg"}) {
		t.Errorf("photos %+v", p.Photos)
	}
}

func TestWhatAnImageSaysIsKeptWhole(t *testing.T) {
	for name, file := range map[string]string{"whole": developed(t, "Zoë Müller"), "cut": developed(t, "Zoë Müller")[:700], "without statements": gif} {
		t.Run(name, func(t *testing.T) {
			m, err := imagemeta.Read(strings.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			m.Statements = append(m.Statements, photo.Statement{Raw: []byte("\xE9"), Flags: []photo.Flag{photo.Mismatch}, Translations: []photo.Translation{{Lang: "de", Value: "x"}}})
			packed, err := packImage(m)
			if err != nil {
				t.Fatal(err)
			}
			got, err := packed.unpack()
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got.Damage) != fmt.Sprint(m.Damage) {
				t.Errorf("damage %v, want %v", got.Damage, m.Damage)
			}
			got.Damage, m.Damage = nil, nil
			if !reflect.DeepEqual(got, m) {
				t.Errorf("kept %+v\nof   %+v", got, m)
			}
		})
	}
	if m, err := packedImage(nil).unpack(); m != nil || err != nil {
		t.Errorf("no image gives %+v, %v", m, err)
	}
	if _, err := packedImage("garbage").unpack(); err == nil {
		t.Error("garbage is unpacked")
	}
}

// kindOf is where the statements of a carrier come from.
var kindOf = map[darkroom.Carrier]photo.Kind{darkroom.IIM: photo.FileIIM, darkroom.XMP: photo.FileXMP, darkroom.EXIF: photo.FileEXIF, darkroom.Text: photo.FilePNG}

// tellsItsFiles checks that a page's photographs have what the paper put into their files, from the records of these, and nothing else. It
// gives the number of photographs with such files.
func tellsItsFiles(t *testing.T, p archive.Page, photographs []crawlertest.Photograph) (labelled int) {
	t.Helper()
	for _, want := range photographs {
		i := slices.IndexFunc(p.Photos, func(got archive.Photo) bool {
			return slices.ContainsFunc(want.Renditions, func(r crawlertest.Rendition) bool { return slices.Contains(got.Renditions, r.URL) })
		})
		if i < 0 {
			t.Errorf("%s: photograph %s is not listed", p.URL, want.Slug)
			continue
		}
		got := p.Photos[i]
		records := map[string]bool{}
		for _, r := range want.Renditions {
			for _, f := range got.Files {
				if f.URL != r.URL {
					continue
				}
				if f.Width != r.Width || f.Height != r.Height || f.Stripped == r.Labelled || f.Damage != "" || f.Status != 200 {
					t.Errorf("%s: the file is %+v, the paper made %+v", r.URL, f, r)
				}
				if r.Labelled {
					records[f.Record] = true
				}
			}
		}
		if len(records) > 0 {
			labelled++
		}
		tellsOnePhoto(t, want, got, records)
	}
	return labelled
}

func tellsOnePhoto(t *testing.T, want crawlertest.Photograph, got archive.Photo, records map[string]bool) {
	t.Helper()
	type fact struct {
		photo.Property
		photo.Kind
		value string
	}
	expected := map[fact]bool{}
	for _, m := range want.Embedded {
		for _, c := range m.Carriers {
			add := func(p photo.Property, values ...string) {
				for _, v := range values {
					if kindOf[c] == photo.FileIIM && p != photo.Caption && p != photo.Copyright && p != photo.Headline {
						v = v[:min(len(v), 32)] // what IIM has room for; no such value has a character there that is not ASCII
					}
					if v != "" {
						expected[fact{p, kindOf[c], v}] = true
					}
				}
			}
			add(photo.Creator, m.Creators...)
			add(photo.Copyright, m.Copyright)
			add(photo.Caption, m.Caption)
			if c == darkroom.IIM || c == darkroom.XMP {
				add(photo.CreditLine, m.Credit)
				add(photo.Source, m.Source)
				add(photo.Headline, m.Headline)
			}
			if c == darkroom.XMP {
				add(photo.UsageTerms, m.UsageTerms)
				add(photo.WebStatement, m.WebStatement)
				add(photo.LicensorURL, m.LicensorURL)
				add(photo.DigitalSourceType, m.DigitalSourceType)
			}
		}
	}
	found := map[fact]bool{}
	for _, s := range got.Statements {
		if !s.Kind.OfFile() {
			continue
		}
		f := fact{s.Property, s.Kind, s.Value}
		if found[f] = true; !expected[f] || !records[s.Record] {
			t.Errorf("%s: a file says %+v, which the paper did not put there", want.Slug, s)
		}
	}
	if len(records) > 0 && len(found) != len(expected) {
		t.Errorf("%s: the files say %v, the paper put there %v", want.Slug, found, expected)
	}
}

func TestARevisitOfAPictureIsListedWithItsFile(t *testing.T) {
	jane := developed(t, "Jane Doe")
	o := newOrigin(t, map[string]http.HandlerFunc{"/a": htm(article("A", pictured)), "/1.jpg": as("image/jpeg", jane), "/2.jpg": as("image/jpeg", jane)})
	p := one(t, o, func(o *Options) { o.Concurrency = 1 }, "http://n.example/a")
	types := []warc.Type{p.Photos[0].Files[0].Type, p.Photos[0].Files[1].Type}
	slices.Sort(types)
	if !slices.Equal(types, []warc.Type{warc.Response, warc.Revisit}) {
		t.Errorf("the files are %q", types)
	}
	for _, f := range p.Photos[0].Files {
		if f.Format != imagemeta.JPEG || !slices.Contains(f.Carriers, imagemeta.CarrierIIM) {
			t.Errorf("of %s it is said %+v", f.URL, f)
		}
	}
}

func BenchmarkPackImage(b *testing.B) {
	file := []byte(developed(b, "Jane Doe"))
	m, err := imagemeta.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p, err := packImage(m)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.unpack(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(p)), "bytes/image")
	}
}
