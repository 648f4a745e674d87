package imagemeta

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// pressPacket is what photo editors write: besides what is read, settings, a history, and the white space at the end for changes in place.
func pressPacket() string {
	var settings, history strings.Builder
	for i := range 60 {
		fmt.Fprintf(&settings, ` crs:Setting%d="%d"`, i, i*7)
	}
	for i := range 12 {
		fmt.Fprintf(&history, `<rdf:li stEvt:action="saved" stEvt:instanceID="xmp.iid:%032d" stEvt:when="2025-03-09T08:00:00+01:00" stEvt:softwareAgent="Editor 26.0" stEvt:changed="/"/>`, i)
	}
	return packetOf(`<rdf:Description rdf:about=""`+xmpNamespaceAttributes+` xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"`+
		settings.String()+` photoshop:Credit="AFP/Getty Images" photoshop:Source="AFP" photoshop:Headline="The harbour reopens" photoshop:AuthorsPosition="STR">`+
		`<dc:creator><rdf:Seq><rdf:li>JANE EXAMPLE</rdf:li></rdf:Seq></dc:creator><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">AFP or licensors</rdf:li></rdf:Alt></dc:rights>`+
		`<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Boats at the quay of the harbour on Sunday, when the night ferry sailed again. (Photo by Jane Example / AFP)</rdf:li></rdf:Alt></dc:description>`+
		`<dc:subject><rdf:Bag>`+strings.Repeat(`<rdf:li>keyword</rdf:li>`, 30)+`</rdf:Bag></dc:subject><xmpMM:History><rdf:Seq>`+history.String()+`</rdf:Seq></xmpMM:History>`+
		`<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorURL>https://licensor.example/1</plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor></rdf:Description>`) + strings.Repeat(strings.Repeat(" ", 99)+"\n", 20)
}

// pressFiles are pictures as news sites have them.
func pressFiles(t testing.TB) map[string][]byte {
	picture := image.NewRGBA(image.Rect(0, 0, 640, 480))
	noise := rand.NewChaCha8([32]byte{})
	for i := range picture.Pix {
		picture.Pix[i] = byte(noise.Uint64())
	}
	picture.SetRGBA(0, 0, color.RGBA{})
	encode := func(f func(io.Writer) error) []byte {
		var b bytes.Buffer
		if err := f(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	plain := encode(func(w io.Writer) error { return jpeg.Encode(w, picture, nil) })
	plainPNG := encode(func(w io.Writer) error { return png.Encode(w, picture) })
	exif := directory(bigEndian, []tiffTag{text(tagDescription, "Boats at the quay"), text(tagArtist, "JANE EXAMPLE"), text(tagCopyright, "AFP")}, []tiffTag{text(0x9003, "2025:03:09 08:00:00")})
	iim := cat(ds(1, 90, declaresUTF8), ds(2, 0, "\x00\x04"), ds(2, 5, "HARBOUR"), ds(2, 80, "JANE EXAMPLE"), ds(2, 85, "STR"), ds(2, 105, "The harbour reopens"), ds(2, 110, "AFP/Getty Images"), ds(2, 115, "AFP"),
		ds(2, 116, "AFP or licensors"), ds(2, 120, "Boats at the quay of the harbour on Sunday, when the night ferry sailed again. (Photo by Jane Example / AFP)"))
	segments := func(list ...[]byte) []byte { return slices.Concat(plain[:2], bytes.Join(list, nil), plain[2:]) }
	icc := segment(0xE2, "ICC_PROFILE\x00\x01\x01", make([]byte, 3144))
	x := pressPacket()
	return map[string][]byte{
		"jpeg with everything": segments(exifSegment(append(exif, make([]byte, 8000)...)), segment(markerAPP13, headIRB, resource(1005, "", make([]byte, 16)), resource(resourceIIM, "", iim), resource(1036, "", make([]byte, 6001))), icc, xmpSegment(x)),
		"jpeg with IIM":        segments(iimSegment(iim)),
		"jpeg with C2PA":       segments(slices.Concat([][]byte{xmpSegment(x)}, jumbfSegments(manifestStore(t), 60000))...),
		"jpeg stripped":        plain,
		"png with XMP":         slices.Insert(slices.Clone(plainPNG), 33, chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00", x)...),
		"png stripped":         plainPNG,
		"webp with XMP":        riff(riffChunk("VP8 ", append([]byte("\x30\x01\x00\x9D\x01\x2A\x40\x00\x30\x00"), make([]byte, 90000)...)), riffChunk("EXIF", exif), riffChunk("XMP ", []byte(x))),
		"avif with both":       isoWithItems(exif, x),
		"gif":                  gifFile(gifBlocks("!\xFE", make([]byte, 100000)), nil),
	}
}

// The median over these files is what an image costs.
func BenchmarkRead(b *testing.B) {
	files := pressFiles(b)
	var medians []time.Duration
	for name, file := range files {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read(b, file)
			}
			medians = append(medians, b.Elapsed()/time.Duration(b.N))
		})
	}
	slices.Sort(medians)
	b.Run("median", func(b *testing.B) {
		if len(medians) == 0 {
			b.Skip("nothing was measured")
		}
		b.ReportMetric(float64(medians[len(medians)/2].Nanoseconds()), "ns/image")
	})
}

func TestPressFilesTakeLittleMemory(t *testing.T) {
	for name, file := range pressFiles(t) {
		t.Run(name, func(t *testing.T) {
			if n := testing.AllocsPerRun(10, func() { read(t, file) }); n > 500 {
				t.Errorf("%.0f allocations", n)
			}
			m := read(t, file)
			if !strings.Contains(name, "stripped") && name != "gif" && len(m.Statements) == 0 || m.Damage != nil {
				t.Errorf("%d statements, damage %v", len(m.Statements), m.Damage)
			}
		})
	}
}
