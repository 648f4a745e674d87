package darkroom

import "image/color"

func skyline(c *canvas) {
	c.sky(1.6)
	for row := range 3 {
		t := float32(row) / 2
		for x := c.between(-0.2, 0); x < 3; {
			w, h := c.between(0.16, 0.34), c.between(0.35, 0.95)*(1.15-t*0.45)
			c.tower(x, 1.75+t*0.2, w, h, t)
			x += w + c.between(0, 0.06)
		}
	}
	c.rect(c.light.near, 0, 1.93, 3, 2)
}

func (c *canvas) tower(x, foot, w, h, t float32) {
	wall := blend(c.light.far, c.light.near, 0.25+0.75*t)
	c.rect(wall, x, foot-h, x+w, 2)
	if c.rng.IntN(4) == 0 {
		c.line(wall, x+w/2, foot-h, x+w/2, foot-h-0.18, 0.012)
	}
	lit := blend(wall, c.light.accent, 0.75)
	for y := foot - h + 0.06; y < foot-0.1; y += 0.085 {
		for wx := x + 0.03; wx < x+w-0.04; wx += 0.06 {
			if c.rng.IntN(5) < 2 {
				c.rect(lit, wx, y, wx+0.03, y+0.045)
			}
		}
	}
}

// house is a terraced front with a gable and two rows of windows.
func (c *canvas) house(x, w, top, foot float32, wall color.RGBA) {
	c.rect(wall, x, top, x+w, foot)
	c.polygon(blend(wall, c.light.near, 0.6), x-0.02, top, x+w/2, top-w*0.55, x+w+0.02, top)
	pane := blend(c.light.sun, c.light.accent, c.between(0, 0.6))
	for _, y := range []float32{top + 0.12, top + 0.42} {
		for i := range 2 {
			wx := x + w*(0.18+0.42*float32(i))
			c.rect(rgb(0xf2efe6), wx-0.012, y-0.012, wx+w*0.22+0.012, y+0.172)
			c.rect(blend(c.light.near, pane, c.between(0.1, 1)), wx, y, wx+w*0.22, y+0.16)
		}
	}
	c.rect(blend(wall, c.light.near, 0.75), x+w*0.38, foot-0.26, x+w*0.62, foot)
}

func (c *canvas) terrace(foot float32) {
	for x := c.between(-0.25, -0.05); x < 3; {
		w := c.between(0.36, 0.5)
		wall := c.one(rgb(0xc9a27e), rgb(0xa8503f), rgb(0xe3d5b8), rgb(0x7d99a8), rgb(0xd98e5f), rgb(0x8a9a74))
		c.house(x, w, c.between(0.55, 0.78), foot, blend(wall, c.light.skyLow, 0.12))
		x += w
	}
}

func street(c *canvas) {
	c.sky(1.2)
	c.terrace(1.55)
	c.wash(blend(c.light.mid, rgb(0x777777), 0.5), blend(c.light.near, rgb(0x444444), 0.4), 1.55, 2)
	for range 6 {
		x, foot := c.between(0.2, 2.8), c.between(1.7, 1.95)
		coat := c.one(c.light.accent, c.light.near, rgb(0x2a6f97), rgb(0xe9c46a))
		c.person(x, foot, 0.5, coat, standing)
		if c.rng.IntN(2) == 0 {
			c.umbrella(x+0.03, foot-0.58, 0.2, c.one(c.light.accent, rgb(0x1d3557), rgb(0x6a994e)))
		}
	}
}

func (c *canvas) umbrella(x, y, r float32, col color.RGBA) {
	c.line(rgb(0x222222), x, y-r*0.2, x, y+r*1.2, 0.012)
	c.polygon(col, x-r, y, x-r*0.75, y-r*0.45, x-r*0.3, y-r*0.7, x, y-r*0.76, x+r*0.3, y-r*0.7, x+r*0.75, y-r*0.45, x+r, y, x+r*0.5, y-r*0.1, x, y, x-r*0.5, y-r*0.1)
}

func tram(c *canvas) {
	c.sky(1.2)
	c.terrace(1.5)
	c.wash(blend(c.light.mid, rgb(0x8a8a8a), 0.5), blend(c.light.near, rgb(0x3d3d3d), 0.4), 1.5, 2)
	body := c.one(rgb(0xb5292e), rgb(0x1f6f5c), rgb(0x25528f))
	c.line(rgb(0x222222), 0, 0.62, 3, 0.58, 0.008)
	c.line(rgb(0x333333), 1.5, 0.95, 1.35, 0.61, 0.015)
	c.rect(body, 0.45, 1.0, 2.6, 1.72)
	c.rect(rgb(0xf3ead2), 0.45, 1.0, 2.6, 1.08)
	c.rect(rgb(0xf3ead2), 0.45, 1.44, 2.6, 1.48)
	for i := range 7 {
		x := 0.53 + float32(i)*0.295
		c.rect(blend(rgb(0x22303c), c.light.sun, c.between(0.1, 0.7)), x, 1.13, x+0.24, 1.4)
		c.disc(rgb(0x2b2b2b), x+0.12, 1.25, 0.04)
		c.rect(rgb(0x2b2b2b), x+0.06, 1.29, x+0.18, 1.4)
	}
	for _, x := range []float32{0.8, 1.15, 1.9, 2.25} {
		c.disc(rgb(0x1a1a1a), x, 1.74, 0.09)
		c.disc(rgb(0x888888), x, 1.74, 0.04)
	}
	c.line(rgb(0xbdbdbd), 0, 1.85, 3, 1.85, 0.015)
}

func stadium(c *canvas) {
	c.wash(c.light.skyTop, c.light.skyLow, 0, 0.7)
	c.rect(blend(c.light.near, rgb(0x222233), 0.4), 0, 0.55, 3, 0.95)
	for range 420 {
		c.disc(c.one(c.light.accent, rgb(0xf4f1de), c.light.mid, rgb(0xd9a066)), c.between(0, 3), c.between(0.58, 0.92), 0.012)
	}
	for i := range 10 { // mown stripes, widening towards the camera
		a, b := float32(i)*0.3, float32(i+1)*0.3
		grass := [2]color.RGBA{rgb(0x3f8f3f), rgb(0x4ba34b)}[i%2]
		c.polygon(grass, a, 0.95, b, 0.95, 1.5+(b-1.5)*1.9, 2, 1.5+(a-1.5)*1.9, 2)
	}
	c.line(rgb(0xf5f5f5), 0, 1.25, 3, 1.25, 0.012)
	c.ellipse(rgb(0xf5f5f5), 1.5, 1.55, 0.6, 0.2)
	c.ellipse(rgb(0x47994a), 1.5, 1.55, 0.58, 0.185)
	home, away := c.one(c.light.accent, rgb(0xc1121f)), rgb(0xf8f8f8)
	for i := range 9 {
		shirt := [2]color.RGBA{home, away}[i%2]
		c.person(c.between(0.2, 2.8), c.between(1.2, 1.95), 0.42, shirt, running)
	}
	c.disc(rgb(0xffffff), c.between(1, 2), c.between(1.4, 1.8), 0.03)
	for _, x := range []float32{0.15, 2.85} {
		c.line(rgb(0x333333), x, 0.9, x, 0.15, 0.025)
		c.rect(c.light.sun, x-0.12, 0.08, x+0.12, 0.2)
	}
}
