package likeness

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/draw"

	"tearsheet/archive/photo/raster"
)

// scene draws a picture: a sky, hills and a few lights, all by chance, but the same for the same seed.
func scene(seed uint64, w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	type wave struct{ at, high, long, shift float64 }
	var hills []wave
	for range 4 {
		hills = append(hills, wave{.3 + .6*r.Float64(), .05 + .15*r.Float64(), 2 + 9*r.Float64(), 6 * r.Float64()})
	}
	type light struct{ x, y, size float64 }
	var lights []light
	for range 6 {
		lights = append(lights, light{r.Float64(), r.Float64(), .03 + .12*r.Float64()})
	}
	tint := [3]float64{60 + 150*r.Float64(), 60 + 150*r.Float64(), 60 + 150*r.Float64()}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for py := range h {
		for px := range w {
			x, y := float64(px)/float64(w), float64(py)/float64(h)
			shade := 1.2 - .5*y
			for i, v := range hills {
				if y > v.at+v.high*math.Sin(v.long*x+v.shift) {
					shade = .75 - .15*float64(i)
				}
			}
			for _, l := range lights {
				if math.Hypot(x-l.x, (y-l.y)*float64(h)/float64(w)) < l.size {
					shade = 1.3
				}
			}
			c := func(v float64) uint8 { return uint8(min(255, v*shade)) }
			img.SetRGBA(px, py, color.RGBA{c(tint[0]), c(tint[1]), c(tint[2]), 255})
		}
	}
	return img
}

func printOf(t *testing.T, img image.Image) *Print {
	t.Helper()
	p, err := Of(img)
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

func asJPEG(t *testing.T, img image.Image, quality int) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return decoded(t, b.Bytes())
}

func decoded(t *testing.T, b []byte) image.Image {
	t.Helper()
	img, err := raster.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestRenditionsAreAlike(t *testing.T) {
	for seed := range uint64(8) {
		original := scene(seed, 900, 600)
		want := printOf(t, original)
		var g bytes.Buffer
		if err := gif.Encode(&g, raster.Fit(original, 400), nil); err != nil {
			t.Fatal(err)
		}
		for name, img := range map[string]image.Image{
			"a small one":             raster.Fit(original, 200),
			"a strongly compressed":   asJPEG(t, raster.Fit(original, 800), 40),
			"one of 256 colours":      decoded(t, g.Bytes()),
			"one of a few pixels off": asJPEG(t, scene(seed, 640, 426), 80),
		} {
			if !want.Like(printOf(t, img)) {
				t.Errorf("picture %d: %s is not like the original", seed, name)
			}
		}
	}
}

func TestOtherPicturesAreNotAlike(t *testing.T) {
	var all []*Print
	for seed := range uint64(30) {
		p := printOf(t, scene(seed, 600, 400))
		for other, o := range all {
			if p.Like(o) || o.Like(p) {
				t.Errorf("picture %d is like picture %d", seed, other)
			}
		}
		all = append(all, p)
	}
	original := scene(3, 600, 400)
	want := printOf(t, original)
	mirrored, darker := image.NewRGBA(original.Rect), image.NewRGBA(original.Rect)
	for y := range 400 {
		for x := range 600 {
			c := original.RGBAAt(x, y)
			mirrored.SetRGBA(599-x, y, c)
			darker.SetRGBA(x, y, color.RGBA{c.B, c.R, c.G, 255})
		}
	}
	stretched := image.NewRGBA(image.Rect(0, 0, 600, 600))
	draw.BiLinear.Scale(stretched, stretched.Bounds(), original, original.Bounds(), draw.Src, nil)
	for name, img := range map[string]image.Image{
		"its mirror image":       mirrored,
		"one of other colours":   darker,
		"a part of it":           original.SubImage(image.Rect(150, 100, 450, 300)),
		"one that was stretched": stretched,
	} {
		if want.Like(printOf(t, img)) {
			t.Errorf("%s is like the original", name)
		}
	}
}

// crowd is a picture of many small greys by chance: from afar it is like any other of its kind, but for a shadow to the right.
func crowd(seed uint64) image.Image {
	r := rand.New(rand.NewPCG(seed, 2))
	img := image.NewGray(image.Rect(0, 0, 600, 400))
	for y := 0; y < 400; y += 10 {
		for x := 0; x < 600; x += 10 {
			grey := uint8(60 + r.IntN(130) + 40*(600-x)/600)
			draw.Draw(img, image.Rect(x, y, x+10, y+10), image.NewUniform(color.Gray{grey}), image.Point{}, draw.Src)
		}
	}
	return img
}

func TestPicturesThatAreAlikeFromAfarAreNotAlike(t *testing.T) {
	want := printOf(t, crowd(1))
	for seed := range uint64(10) {
		if want.Like(printOf(t, crowd(seed+2))) {
			t.Errorf("crowd %d is like the first", seed+2)
		}
	}
	if !want.Like(printOf(t, asJPEG(t, raster.Fit(crowd(1), 450), 70))) {
		t.Error("a smaller copy of the first is not like it")
	}
}

func TestPlainPicturesAreNotCompared(t *testing.T) {
	plain := image.NewRGBA(image.Rect(0, 0, 300, 200))
	draw.Draw(plain, plain.Bounds(), image.NewUniform(color.RGBA{200, 30, 30, 255}), image.Point{}, draw.Src)
	for name, img := range map[string]image.Image{"one colour": plain, "a thumbnail of a thumbnail": scene(1, 48, 32)} {
		if _, err := Of(img); !errors.Is(err, ErrTooPlain) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	img := scene(1, 1500, 1000)
	for b.Loop() {
		if _, err := Of(img); err != nil {
			b.Fatal(err)
		}
	}
}
