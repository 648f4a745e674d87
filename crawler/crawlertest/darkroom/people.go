package darkroom

import "image/color"

// pose is how a drawn person holds arms and legs.
type pose int

const (
	standing pose = iota
	waving
	running
)

func skins() []color.RGBA {
	return []color.RGBA{rgb(0xf1c9a5), rgb(0xd9a577), rgb(0xa9714b), rgb(0x70452c), rgb(0xe8b894)}
}

// person draws a figure with its feet at x, foot; h is its height in scene units.
func (c *canvas) person(x, foot, h float32, coat color.RGBA, p pose) {
	skin, dark := c.one(skins()...), blend(coat, rgb(0x101018), 0.6)
	stride := h * 0.06
	if p == running {
		stride = h * 0.18
	}
	c.line(dark, x-h*0.03, foot-h*0.45, x-stride, foot, h*0.09)
	c.line(dark, x+h*0.03, foot-h*0.45, x+stride, foot, h*0.09)
	c.polygon(coat, x-h*0.12, foot-h*0.8, x+h*0.12, foot-h*0.8, x+h*0.1, foot-h*0.4, x-h*0.1, foot-h*0.4)
	hand := foot - h*0.42
	if p == waving {
		hand = foot - h*1.05
	}
	c.line(coat, x+h*0.11, foot-h*0.77, x+h*0.2, (foot-h*0.77+hand)/2, h*0.065)
	c.line(coat, x+h*0.2, (foot-h*0.77+hand)/2, x+h*0.2, hand, h*0.06)
	c.disc(skin, x+h*0.2, hand, h*0.035)
	c.line(coat, x-h*0.11, foot-h*0.77, x-h*0.16, foot-h*0.42, h*0.065)
	c.rect(skin, x-h*0.03, foot-h*0.86, x+h*0.03, foot-h*0.78)
	c.disc(skin, x, foot-h*0.91, h*0.085)
	c.ellipse(c.one(rgb(0x2b1d14), rgb(0x8c6239), rgb(0xb9b9b9), rgb(0x15130f)), x, foot-h*0.955, h*0.088, h*0.055)
}

func (c *canvas) flag(x, top, h float32, bands ...color.RGBA) {
	c.line(rgb(0xb08d57), x, top, x, 2, 0.02)
	each := h / float32(len(bands))
	for i, col := range bands {
		y := top + float32(i)*each
		c.polygon(col, x, y, x+0.2, y+0.03, x+0.38, y-0.01, x+0.38, y+each-0.01, x+0.2, y+each+0.03, x, y+each)
	}
}

// summit is two people waving before a row of flags; the flags belong to no country.
func summit(c *canvas) {
	c.wash(rgb(0x1b2a49), rgb(0x52688f), 0, 1.55)
	for i := range 6 {
		x := 0.08 + float32(i)*0.5
		bands := []color.RGBA{rgb(0xe9c46a), rgb(0x2a9d8f), rgb(0xe9c46a)}
		if i%2 == 1 {
			bands = []color.RGBA{rgb(0xf4f1de), rgb(0x9b2226)}
		}
		c.flag(x, 0.25, 0.62, bands...)
	}
	c.wash(rgb(0x7b1e28), rgb(0x4d1119), 1.55, 2)
	c.rect(rgb(0xd4af37), 0, 1.54, 3, 1.57)
	for _, x := range []float32{0.95, 2.0} {
		c.person(x, 1.9, 1.35, c.one(rgb(0x1c2333), rgb(0x20252f)), waving)
		c.polygon(rgb(0xf5f5f5), x-0.05, 0.83, x+0.05, 0.83, x, 1.05)
		c.polygon(c.one(rgb(0xb5182b), rgb(0x233d7b)), x-0.018, 0.85, x+0.018, 0.85, x+0.025, 1.1, x, 1.16, x-0.025, 1.1)
	}
}

func crowd(c *canvas) {
	c.sky(0.9)
	c.terrace(1.3)
	for row := range 4 {
		foot := 1.6 + float32(row)*0.22
		for x := c.between(-0.1, 0.1); x < 3.1; x += c.between(0.22, 0.34) {
			if c.rng.IntN(6) == 0 {
				c.placard(x, foot-0.95)
			}
			c.person(x, foot, 0.75, c.one(c.light.accent, c.light.near, rgb(0x457b9d), rgb(0xe9c46a), rgb(0x6d597a), rgb(0x588157)), standing)
		}
	}
}

func (c *canvas) placard(x, y float32) {
	c.line(rgb(0x8a6d3b), x, y, x, y+0.5, 0.02)
	c.polygon(rgb(0xfaf7ee), x-0.19, y-0.2, x+0.19, y-0.22, x+0.19, y+0.06, x-0.19, y+0.08)
	for i := range 3 {
		ly := y - 0.14 + float32(i)*0.07
		c.rect(c.light.accent, x-0.14, ly, x+c.between(0.05, 0.14), ly+0.03)
	}
}

func portrait(c *canvas) {
	backdrop := c.one(rgb(0x40576b), rgb(0x6b4c4c), rgb(0x46634e), rgb(0x70663f))
	c.wash(blend(backdrop, rgb(0xffffff), 0.25), blend(backdrop, rgb(0x000000), 0.35), 0, 2)
	for range 7 {
		c.disc(blend(backdrop, c.light.skyLow, 0.35), c.between(0, 3), c.between(0, 1.6), c.between(0.08, 0.24))
	}
	skin, hair := c.one(skins()...), c.one(rgb(0x2b1d14), rgb(0x6f4a2b), rgb(0xc0bdb6), rgb(0x15130f))
	coat := c.one(rgb(0x223048), c.light.accent, rgb(0x364f3a), rgb(0x5b3a57))
	x := c.between(1.2, 1.8)
	c.ellipse(hair, x, 0.78, 0.44, 0.52)
	c.polygon(coat, x-0.95, 2, x-0.8, 1.55, x-0.3, 1.36, x+0.3, 1.36, x+0.8, 1.55, x+0.95, 2)
	c.polygon(rgb(0xf4f1ea), x-0.2, 1.36, x+0.2, 1.36, x, 1.75)
	c.polygon(blend(skin, rgb(0x000000), 0.12), x-0.15, 1.0, x+0.15, 1.0, x+0.16, 1.38, x, 1.52, x-0.16, 1.38)
	c.ellipse(skin, x, 0.85, 0.35, 0.44)
	c.ellipse(hair, x, 0.47, 0.36, 0.16)
	for _, dx := range []float32{-0.13, 0.13} {
		c.ellipse(rgb(0xfafafa), x+dx, 0.8, 0.06, 0.034)
		c.disc(rgb(0x2a1f1a), x+dx, 0.8, 0.03)
		c.line(hair, x+dx-0.08, 0.71, x+dx+0.08, 0.7, 0.025)
	}
	shade := blend(skin, rgb(0x000000), 0.25)
	c.polygon(shade, x, 0.82, x+0.05, 0.97, x-0.02, 0.98)
	c.ellipse(blend(skin, rgb(0x9b2226), 0.5), x, 1.09, 0.12, 0.03)
}

func gallery(c *canvas) {
	wall := c.one(rgb(0xe8e2d4), rgb(0x6d2e37), rgb(0x2f4858))
	c.wash(wall, blend(wall, rgb(0x000000), 0.15), 0, 1.6)
	c.wash(rgb(0xa9794b), rgb(0x6b4526), 1.6, 2)
	for i := range 3 {
		x, w := 0.2+float32(i)*0.95, c.between(0.55, 0.72)
		c.rect(rgb(0xb08d3c), x-0.05, 0.3, x+w+0.05, 1.15)
		a, b := c.one(c.light.skyTop, c.light.accent, rgb(0x264653)), c.one(c.light.skyLow, rgb(0xe9c46a), c.light.mid)
		c.rect(a, x, 0.35, x+w, 1.1)
		c.polygon(b, x, 1.1, x, c.between(0.6, 0.95), x+w*0.5, c.between(0.5, 0.8), x+w, c.between(0.6, 0.95), x+w, 1.1)
		c.disc(c.one(c.light.sun, c.light.accent), x+c.between(0.15, w-0.15), 0.53, 0.08)
	}
	for range 2 + c.rng.IntN(2) {
		c.person(c.between(0.4, 2.6), c.between(1.8, 1.95), 0.85, c.one(rgb(0x1d3557), rgb(0x9b2226), rgb(0x3a5a40)), standing)
	}
}

func stage(c *canvas) {
	c.wash(rgb(0x120a1c), rgb(0x2b1840), 0, 2)
	for i := range 4 {
		x := 0.5 + float32(i)*0.66
		beam := blend(rgb(0x2b1840), c.one(c.light.accent, rgb(0x4cc9f0), rgb(0xf72585), rgb(0xffd166)), 0.4)
		c.polygon(beam, x-0.02, 0, x+0.02, 0, x+c.between(0.1, 0.5), 1.6, x-c.between(0.1, 0.5), 1.6)
	}
	c.polygon(rgb(0x6e1423), 0, 0, 0.35, 0, 0.2, 1.65, 0, 1.7)
	c.polygon(rgb(0x6e1423), 3, 0, 2.65, 0, 2.8, 1.65, 3, 1.7)
	c.wash(rgb(0x5a3a22), rgb(0x2e1c10), 1.6, 2)
	for i := range 3 {
		x := 0.8 + float32(i)*0.7
		c.person(x, 1.8, 1.0, c.one(rgb(0xf4f1de), c.light.accent, rgb(0x118ab2)), waving)
		c.line(rgb(0xbbbbbb), x-0.2, 1.8, x-0.2, 0.95, 0.012)
		c.disc(rgb(0xdddddd), x-0.2, 0.93, 0.035)
	}
}

func bread(c *canvas) {
	c.wash(blend(c.light.far, rgb(0xf0e4cf), 0.6), blend(c.light.mid, rgb(0xcbb592), 0.6), 0, 1.2)
	c.wash(rgb(0x9a6b3f), rgb(0x6a4526), 1.2, 2)
	for range 4 {
		x, y, r := c.between(0.5, 2.5), c.between(1.25, 1.6), c.between(0.25, 0.38)
		crust := blend(rgb(0xc58940), rgb(0x8a5222), c.between(0, 0.7))
		c.ellipse(rgb(0x4a2f19), x+0.04, y+r*0.5, r*1.05, r*0.3)
		c.ellipse(crust, x, y, r*1.1, r*0.62)
		for i := range 3 {
			dx := (float32(i) - 1) * r * 0.5
			c.line(blend(crust, rgb(0xfff3dc), 0.7), x+dx-r*0.1, y-r*0.3, x+dx+r*0.12, y+r*0.12, 0.035)
		}
	}
	c.polygon(rgb(0x3e6f8e), 0.15, 1.5, 0.1, 0.85, 0.6, 0.85, 0.55, 1.5)
	c.ellipse(rgb(0xf3efe4), 0.35, 0.85, 0.25, 0.06)
}
