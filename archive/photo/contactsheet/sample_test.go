package contactsheet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/photo"
)

// hue is one of some colours that no part of the sheet itself has.
func hue(i int) color.RGBA {
	return [...]color.RGBA{{200, 40, 160, 255}, {40, 160, 220, 255}, {60, 170, 60, 255}, {230, 140, 20, 255}, {110, 70, 200, 255}, {20, 140, 140, 255}}[i%6]
}

// painting is a picture of one colour, with a lighter sun in it so that it is not flat.
type painting struct {
	width, height int
	tint          color.RGBA
}

func (p painting) ColorModel() color.Model { return color.RGBAModel }
func (p painting) Bounds() image.Rectangle { return image.Rect(0, 0, p.width, p.height) }
func (p painting) Opaque() bool            { return true }
func (p painting) At(x, y int) color.Color {
	if dx, dy := x-p.width/2, y-p.height/2; dx*dx+dy*dy < p.height*p.height/25 {
		return color.RGBA{255 - (255-p.tint.R)/2, 255 - (255-p.tint.G)/2, 255 - (255-p.tint.B)/2, 255}
	}
	return p.tint
}

func jpegOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// fileOf is an archived file with these bytes.
func fileOf(name string, width, height int, b []byte) File {
	return File{
		URL: "https://media.harbour.example/" + name, Width: width, Height: height, Size: int64(len(b)), Where: "20261110t073000z-abcdefghij-00001.warc.gz at 123456", Digest: "sha256:" + strings.Repeat("5e", 32),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil },
	}
}

// errRotten is what reading a damaged archive gives.
var errRotten = errors.New("the payload has another digest than its record says")

// rotten is a file that ends with errRotten.
func rotten(name string) File {
	f := fileOf(name, 600, 400, nil)
	f.Size = 5000
	f.Open = func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("\xff\xd8\xff"), failing{})), nil
	}
	return f
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errRotten }

func placeOf(n int, title string) Place {
	return Place{
		URL: fmt.Sprintf("https://www.harbour.example/city/2026/11/%02d/story?id=%d&part=1", 10+n, n), Title: title, Position: 1,
		Time: time.Date(2026, 11, 10+n, 7, 30, n, 0, time.UTC), Run: "20261110t073000z-abcdefghij", Record: "urn:uuid:11111111-2222-4333-8444-555555555555",
		Restore: "tearsheet restore --archive /srv/archive https://www.harbour.example/ --at 2026-11-10T07:30:00Z -o FOLDER",
	}
}

// again is a page that was captured two more times.
func again(p Place) Place {
	p.Again = []time.Time{p.Time.Add(-time.Hour), p.Time.Add(-2 * time.Hour)}
	return p
}

// sample is a sheet's entries of every kind.
func sample(tb testing.TB) []Entry {
	tb.Helper()
	picture := func(i int) []byte { return jpegOf(tb, painting{600, 400, hue(i)}) }
	return []Entry{
		{
			Caption: "Two presidents wave before they sit down to talk.", Alt: "Two men raise a hand (Photo credit should read ANNA NOVÁKOVÁ/KP/Quay Images)",
			Credit: photo.Credit{
				Line: "Anna Nováková/KP", People: []string{"Anna Nováková"}, Agencies: []string{"KP", "Quay Images"}, Basis: []int{0, 1, 2},
				Agreement: photo.Compatible, Confidence: .97, Rule: "the credit beside the picture; the alternative text names the same person and another agency",
			},
			Statements: []photo.Statement{
				{Property: photo.CreditLine, Value: "Anna Nováková/KP", Kind: photo.PageCredit, Locator: "html>body>main>article>figure:nth-of-type(1)>figcaption>span.credit"},
				{Property: photo.CreditLine, Value: "ANNA NOVÁKOVÁ/KP/Quay Images", Kind: photo.PageAlt, Locator: "html>body>main>article>figure:nth-of-type(1)>img[alt]"},
				{Property: photo.Creator, Value: "ANNA NOVAKOVA", Kind: photo.FileIIM, Locator: "APP13/8BIM:0404/2:80", Flags: []photo.Flag{photo.Detected}},
				{Property: photo.Caption, Value: "Two presidents wave", Kind: photo.FileXMP, Locator: "APP1/XMP/dc:description", Lang: "en", Flags: []photo.Flag{photo.Truncated}},
			},
			Places: []Place{placeOf(1, "The talks begin"), placeOf(4, "The talks, a week on")},
			Files:  []File{fileOf("talks-600.jpg", 600, 400, picture(0)), fileOf("talks-300.jpg", 300, 200, picture(0))},
		},
		{
			Caption: "The opera house, seen from the water.",
			Credit: photo.Credit{
				Line: "Photo: Jonas Feld", People: []string{"Jonas Feld"}, Basis: []int{0}, Agreement: photo.Conflict, Confidence: .5, Rule: "the page's visible credit wins",
			},
			Statements: []photo.Statement{
				{Property: photo.CreditLine, Value: "Photo: Jonas Feld", Kind: photo.PageCaption, Locator: "html>body>figure>figcaption"},
				{Property: photo.Creator, Value: "Mira Castellanos", Kind: photo.FileXMP, Locator: "APP1/XMP/dc:creator[1]"},
				{Property: photo.Creator, Value: "OLYMPUS DIGITAL CAMERA", Kind: photo.FileEXIF, Locator: "IFD0/0x013B", Flags: []photo.Flag{photo.Junk}},
			},
			Places: []Place{again(placeOf(2, "An opera for three voices"))}, Files: []File{fileOf("opera.jpg", 600, 400, picture(1))},
		},
		{
			Caption: "The night market under the viaduct.", Alt: "Stalls & <lanterns>",
			Credit: photo.Credit{Agreement: photo.None, Rule: "no statement names a maker"},
			Places: []Place{placeOf(3, "The night market may stay")}, Files: []File{fileOf("market.png", 300, 200, pngOf(tb, painting{300, 200, hue(2)}))},
		},
		{
			Credit:     photo.Credit{Line: "写真：高橋 彩", People: []string{"高橋 彩"}, Basis: []int{0}, Agreement: photo.PageOnly, Confidence: .9, Rule: "the page's credit"},
			Statements: []photo.Statement{{Property: photo.CreditLine, Value: "写真：高橋 彩", Kind: photo.PageText, Locator: "p:nth-of-type(9)", Flags: []photo.Flag{photo.Shared}}},
			Places:     []Place{placeOf(5, "港の朝市")}, Files: []File{fileOf("asa.jpg", 1800, 2700, jpegOf(tb, noisy{painting{1800, 2700, hue(3)}}))},
		},
		{
			Caption: "A picture that the archive no longer has whole.", Credit: photo.Credit{Agreement: photo.None},
			Places: []Place{placeOf(6, "Rot")}, Files: []File{rotten("rotten.jpg")},
		},
		{Caption: "A picture that never came.", Credit: photo.Credit{Agreement: photo.None}, Places: []Place{placeOf(7, "")}},
	}
}

// noisy is a painting with grain, so that its JPEG is too large to be shown as it is.
type noisy struct{ painting }

func (n noisy) At(x, y int) color.Color {
	c := n.painting.At(x, y).(color.RGBA)
	if grain := uint32(x*7919+y*104729) * 2654435761; grain>>28 < 8 {
		c.R, c.G, c.B = c.R-min(c.R, uint8(grain>>24)%16), c.G-min(c.G, uint8(grain>>20)%16), c.B-min(c.B, uint8(grain>>16)%16)
	}
	return c
}

func sampleSheet() Sheet {
	return Sheet{
		Title: "Photographs of the harbour", Query: []Term{{"pages", "https://www.harbour.example/"}, {"since", "2026-11-01"}}, Archive: "/srv/archive",
		Made: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC), Software: "tearsheet v0", Remarks: []string{"run 20261101t000000z-aaaaaaaaaa could not be read"},
	}
}
