package darkroom

import (
	"hash/fnv"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

// The canvas is measured in scene units, so that every width of a print shows the same picture: x runs from 0 to 3, y from 0 at the top to 2.
const (
	sceneWidth  = 3
	sceneHeight = 2
)

// canvas is a drawing in the making: the pixels, the light that the scene is drawn in, and the chance that varies it.
type canvas struct {
	img   *image.RGBA
	scale float32 // pixels per scene unit
	rng   *rand.Rand
	light light
	pen   *vector.Rasterizer
}

// light is the set of colours of one hour and weather.
type light struct {
	skyTop, skyLow color.RGBA
	sun            color.RGBA
	far, mid, near color.RGBA // from the horizon to the foreground
	accent         color.RGBA
}

func lights() []light {
	return []light{
		{rgb(0x274472), rgb(0xf6c28b), rgb(0xfff1d0), rgb(0x8d7b93), rgb(0x4f5d75), rgb(0x22304a), rgb(0xd1495b)}, // dawn
		{rgb(0x4a90d9), rgb(0xd6ecfa), rgb(0xfffbe6), rgb(0x8fb3a5), rgb(0x4f8a66), rgb(0x26523d), rgb(0xe4572e)}, // noon
		{rgb(0x3b1f4a), rgb(0xf08a4b), rgb(0xffd9a0), rgb(0x7a4a62), rgb(0x4b2d4f), rgb(0x231530), rgb(0xf2c14e)}, // dusk
		{rgb(0x0b132b), rgb(0x31486b), rgb(0xf4f1de), rgb(0x2b3a55), rgb(0x1c2740), rgb(0x0d1526), rgb(0xffb703)}, // night
		{rgb(0x8797a3), rgb(0xdfe3e2), rgb(0xffffff), rgb(0x9aa7a6), rgb(0x66757a), rgb(0x36434a), rgb(0x1f7a8c)}, // overcast
		{rgb(0x6c8ea0), rgb(0xf3dfb0), rgb(0xfff4cf), rgb(0xb08450), rgb(0x8a4f24), rgb(0x4a2712), rgb(0x9b2226)}, // autumn
	}
}

func rgb(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff} }

// newCanvas seeds the chance with the scene's name too, so that two scenes of one seed do not stand in the same light by rule.
func newCanvas(w, h int, seed uint64, scene string) *canvas {
	name := fnv.New64a()
	name.Write([]byte(scene))
	c := &canvas{
		img:   image.NewRGBA(image.Rect(0, 0, w, h)),
		scale: float32(w) / sceneWidth,
		rng:   rand.New(rand.NewPCG(seed, name.Sum64())),
		pen:   new(vector.Rasterizer),
	}
	all := lights()
	c.light = all[c.rng.IntN(len(all))]
	return c
}

// between draws a number from lo to hi.
func (c *canvas) between(lo, hi float32) float32 { return lo + c.rng.Float32()*(hi-lo) }

// one picks a colour.
func (c *canvas) one(of ...color.RGBA) color.RGBA { return of[c.rng.IntN(len(of))] }

// blend mixes two colours; t is 0 for a, 1 for b.
func blend(a, b color.RGBA, t float32) color.RGBA {
	mix := func(x, y uint8) uint8 { return uint8(float32(x) + (float32(y)-float32(x))*t) }
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

// wash fills the whole width between two heights with a vertical gradient.
func (c *canvas) wash(top, low color.RGBA, y0, y1 float32) {
	from, to := int(y0*c.scale), min(int(math.Ceil(float64(y1*c.scale))), c.img.Rect.Dy())
	for y := from; y < to; y++ {
		col := blend(top, low, float32(y-from)/float32(to-from))
		row := c.img.Pix[y*c.img.Stride : (y+1)*c.img.Stride]
		row[0], row[1], row[2], row[3] = col.R, col.G, col.B, col.A
		for n := 4; n < len(row); n *= 2 { // doubling copies are the fastest way to repeat a pixel
			copy(row[n:], row[:n])
		}
	}
}

// sky is the wash that most scenes begin with, down to the horizon, and a sun or moon in it.
func (c *canvas) sky(horizon float32) {
	c.wash(c.light.skyTop, c.light.skyLow, 0, horizon)
	x, y, r := c.between(0.4, 2.6), c.between(0.25, horizon*0.7), c.between(0.1, 0.2)
	c.disc(blend(c.light.skyLow, c.light.sun, 0.35), x, y, r*1.5)
	c.disc(c.light.sun, x, y, r)
}

// polygon fills the outline given as x, y, x, y …
func (c *canvas) polygon(col color.RGBA, xy ...float32) {
	c.path(col, xy, func(p []float32) {
		c.pen.MoveTo(p[0], p[1])
		for i := 2; i < len(p); i += 2 {
			c.pen.LineTo(p[i], p[i+1])
		}
	})
}

// rect fills whole pixels: scenes have hundreds of windows, and an upright edge needs no smoothing.
func (c *canvas) rect(col color.RGBA, x0, y0, x1, y1 float32) {
	px := func(v float32) int { return int(math.Floor(float64(v*c.scale) + 0.5)) }
	box := image.Rect(px(x0), px(y0), max(px(x1), px(x0)+1), max(px(y1), px(y0)+1))
	draw.Draw(c.img, box, image.NewUniform(col), image.Point{}, draw.Src)
}

func (c *canvas) disc(col color.RGBA, x, y, r float32) { c.ellipse(col, x, y, r, r) }

// ellipse is four cubic curves; 0.5523 is the handle's length that comes closest to a quarter circle.
func (c *canvas) ellipse(col color.RGBA, x, y, rx, ry float32) {
	const k = 0.5523
	c.path(col, []float32{x - rx, y - ry, x + rx, y + ry, x, y}, func(p []float32) {
		cx, cy, rx, ry := p[4], p[5], p[2]-p[4], p[3]-p[5]
		c.pen.MoveTo(cx+rx, cy)
		c.pen.CubeTo(cx+rx, cy+k*ry, cx+k*rx, cy+ry, cx, cy+ry)
		c.pen.CubeTo(cx-k*rx, cy+ry, cx-rx, cy+k*ry, cx-rx, cy)
		c.pen.CubeTo(cx-rx, cy-k*ry, cx-k*rx, cy-ry, cx, cy-ry)
		c.pen.CubeTo(cx+k*rx, cy-ry, cx+rx, cy-k*ry, cx+rx, cy)
	})
}

// line is a stroke of the given thickness.
func (c *canvas) line(col color.RGBA, x0, y0, x1, y1, thick float32) {
	dx, dy := x1-x0, y1-y0
	n := float32(math.Hypot(float64(dx), float64(dy)))
	if n == 0 {
		return
	}
	ox, oy := -dy/n*thick/2, dx/n*thick/2
	c.polygon(col, x0+ox, y0+oy, x1+ox, y1+oy, x1-ox, y1-oy, x0-ox, y0-oy)
}

// path rasterises inside the outline's own box, since the pen's cost is that of its box. trace gets the points in pixels of that box.
func (c *canvas) path(col color.RGBA, xy []float32, trace func(p []float32)) {
	x0, y0, x1, y1 := xy[0], xy[1], xy[0], xy[1]
	for i := 0; i < len(xy); i += 2 {
		x0, x1 = min(x0, xy[i]), max(x1, xy[i])
		y0, y1 = min(y0, xy[i+1]), max(y1, xy[i+1])
	}
	box := image.Rect(int(x0*c.scale)-1, int(y0*c.scale)-1, int(x1*c.scale)+2, int(y1*c.scale)+2).Intersect(c.img.Rect)
	if box.Empty() {
		return
	}
	p := make([]float32, len(xy))
	for i := range xy {
		p[i] = xy[i]*c.scale - float32([2]int{box.Min.X, box.Min.Y}[i%2])
	}
	c.pen.Reset(box.Dx(), box.Dy())
	trace(p)
	c.pen.ClosePath()
	c.pen.Draw(c.img, box, image.NewUniform(col), image.Point{})
}

// posterise reduces a drawing to the 216 web-safe colours; drawn scenes have so few that dithering would only add noise.
func posterise(img *image.RGBA) *image.Paletted {
	pal := make(color.Palette, 0, 216)
	for i := range 216 {
		pal = append(pal, color.RGBA{uint8(i / 36 * 51), uint8(i / 6 % 6 * 51), uint8(i % 6 * 51), 0xff})
	}
	out := image.NewPaletted(img.Rect, pal)
	step := func(v uint8) uint8 { return uint8((int(v) + 25) / 51) }
	for i := range out.Pix {
		p := img.Pix[i*4 : i*4+3]
		out.Pix[i] = step(p[0])*36 + step(p[1])*6 + step(p[2])
	}
	return out
}
