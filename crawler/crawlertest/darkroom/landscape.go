package darkroom

import "math"

// scenes are the pictures that can be taken, by name.
func scenes() map[string]func(*canvas) {
	return map[string]func(*canvas){
		"harbour": harbour, "ferry": ferry, "hills": hills, "forest": forest, "bridge": bridge, "stars": stars, "gulls": gulls,
		"skyline": skyline, "street": street, "tram": tram,
		"stadium": stadium, "summit": summit, "crowd": crowd, "portrait": portrait, "gallery": gallery, "stage": stage, "bread": bread,
		"chart": chart, "cartoon": cartoon,
	}
}

// sea fills from the horizon down and lays glints on it.
func (c *canvas) sea(horizon float32) {
	deep := blend(c.light.near, rgb(0x0b3c5d), 0.5)
	c.wash(blend(c.light.skyLow, deep, 0.45), deep, horizon, sceneHeight)
	for range 26 {
		y := c.between(horizon+0.04, 1.95)
		x, w := c.between(-0.1, 2.9), (y-horizon)*c.between(0.1, 0.4)
		c.rect(blend(deep, c.light.skyLow, 0.3), x, y, x+w, y+0.008+0.01*(y-horizon))
	}
}

// ridge is a range of hills: a sum of three waves down to the lower edge.
func (c *canvas) ridge(base, height float32, t float32) {
	col := blend(c.light.far, c.light.near, t)
	a, b, d := c.between(0, 6), c.between(0, 6), c.between(0, 6)
	xy := []float32{sceneWidth, sceneHeight, 0, sceneHeight}
	for i := range 49 {
		x := float64(i) / 16
		wave := math.Sin(x*1.3+float64(a)) + 0.5*math.Sin(x*2.9+float64(b)) + 0.2*math.Sin(x*7.1+float64(d))
		xy = append(xy, float32(x), base-height*float32(wave+1.7)/3.4)
	}
	c.polygon(col, xy...)
}

func hills(c *canvas) {
	c.sky(1.4)
	for i := range 5 {
		t := float32(i) / 4
		c.ridge(1.15+t*0.75, 0.55-t*0.15, t)
	}
}

func harbour(c *canvas) {
	c.sky(1.1)
	c.ridge(1.12, 0.3, 0.1)
	c.sea(1.1)
	for range 3 + c.rng.IntN(3) {
		c.crane(c.between(0.1, 2.7), 1.12, c.between(0.35, 0.6))
	}
	for range 3 {
		c.boat(c.between(0.3, 2.6), c.between(1.3, 1.7))
	}
	x := c.between(0.2, 2.7)
	c.polygon(rgb(0xf4f1ea), x-0.06, 1.3, x-0.04, 0.65, x+0.04, 0.65, x+0.06, 1.3)
	for i := range 3 {
		y := 0.74 + 0.18*float32(i)
		c.rect(rgb(0xc8372d), x-0.05, y, x+0.05, y+0.08)
	}
	c.rect(c.light.near, x-0.055, 0.58, x+0.055, 0.65)
	c.disc(c.light.sun, x, 0.6, 0.035)
	c.polygon(c.light.near, x-0.5, 1.36, x-0.2, 1.26, x+0.25, 1.25, x+0.55, 1.36)
}

func (c *canvas) crane(x, foot, h float32) {
	col := blend(c.light.mid, c.light.accent, 0.3)
	c.line(col, x, foot, x, foot-h, 0.03)
	c.line(col, x-h*0.3, foot-h*0.75, x+h*0.8, foot-h*1.15, 0.022)
	c.line(col, x+h*0.7, foot-h*1.1, x+h*0.7, foot-h*0.5, 0.006)
}

func (c *canvas) boat(x, y float32) {
	s := (y - 0.9) * 0.6
	c.polygon(c.one(c.light.accent, c.light.near, rgb(0xf4f1ea)), x-s*0.5, y, x+s*0.55, y, x+s*0.4, y+s*0.2, x-s*0.4, y+s*0.2)
	c.line(c.light.near, x, y, x, y-s, 0.012)
	c.polygon(rgb(0xf7f3e8), x+0.01, y-s*0.95, x+0.01, y-s*0.08, x+s*0.45, y-s*0.08)
}

func ferry(c *canvas) {
	c.sky(1.15)
	c.ridge(1.16, 0.2, 0.1)
	c.sea(1.15)
	white, hull := rgb(0xf5f2ea), c.one(rgb(0x1d3557), rgb(0x7b2d26), rgb(0x14532d))
	c.polygon(hull, 0.35, 1.25, 2.75, 1.22, 2.55, 1.55, 0.5, 1.55)
	c.polygon(white, 0.42, 1.25, 0.5, 1.02, 2.45, 1.02, 2.6, 1.23)
	c.polygon(white, 0.75, 1.03, 0.8, 0.84, 2.1, 0.84, 2.25, 1.03)
	c.polygon(hull, 1.05, 0.85, 1.1, 0.55, 1.38, 0.55, 1.36, 0.85)
	c.rect(c.light.accent, 1.08, 0.62, 1.375, 0.7)
	for i := range 14 {
		x := 0.62 + float32(i)*0.13
		c.rect(blend(c.light.near, c.light.sun, c.between(0.2, 0.9)), x, 1.09, x+0.08, 1.15)
		if i > 1 && i < 11 {
			c.rect(c.light.near, x+0.02, 0.9, x+0.09, 0.96)
		}
	}
	for i := range 4 {
		c.disc(blend(c.light.skyLow, rgb(0xffffff), 0.3), 1.3+float32(i)*0.16, 0.48-float32(i)*0.07, 0.07+float32(i)*0.03)
	}
}

func forest(c *canvas) {
	c.sky(1.5)
	c.ridge(1.3, 0.5, 0)
	for row := range 4 {
		t := float32(row) / 3
		foot := 1.35 + t*0.6
		for range 13 - row*2 {
			c.fir(c.between(-0.1, 3.1), foot+c.between(-0.05, 0.08), 0.35+t*0.75, t)
		}
	}
}

func (c *canvas) fir(x, foot, h, t float32) {
	col := blend(blend(c.light.far, rgb(0x2f6f4f), 0.3), c.light.near, t)
	c.rect(blend(col, rgb(0x3b2a1a), 0.6), x-h*0.03, foot-h*0.1, x+h*0.03, foot)
	for i := range 3 {
		y, w := foot-h*(0.08+0.27*float32(i)), h*(0.26-0.06*float32(i))
		c.polygon(col, x-w, y, x, y-h*0.42, x+w, y)
	}
}

func bridge(c *canvas) {
	c.sky(1.2)
	c.ridge(1.2, 0.35, 0.15)
	c.sea(1.2)
	steel := blend(c.light.near, c.light.accent, 0.55)
	for _, x := range []float32{0.75, 2.25} {
		c.rect(steel, x-0.045, 0.35, x+0.045, 1.45)
		c.rect(c.light.near, x-0.12, 1.4, x+0.12, 1.52)
	}
	c.rect(steel, -0.1, 1.08, 3.1, 1.14)
	sag := func(x float32) float32 { // the cable's height between and outside the towers
		d := x - 1.5
		if d < -0.75 || d > 0.75 {
			out := min(max(d, -d)-0.75, 0.75)
			return 0.38 + out*0.93
		}
		return 1.02 - 0.64*(d/0.75)*(d/0.75)
	}
	for i := range 60 {
		x := float32(i) * 0.05
		c.line(steel, x, sag(x), x+0.05, sag(x+0.05), 0.022)
		if i%2 == 0 {
			c.line(steel, x, sag(x), x, 1.1, 0.007)
		}
	}
}

func stars(c *canvas) {
	c.light = lights()[3]
	c.wash(rgb(0x050816), rgb(0x3a2f6b), 0, sceneHeight)
	for range 170 {
		r := c.between(0.003, 0.011)
		c.disc(blend(rgb(0x8aa0ff), rgb(0xffffff), c.between(0, 1)), c.between(0, 3), c.between(0, 1.5), r)
	}
	c.ridge(1.75, 0.35, 0.6)
	x := c.between(0.8, 2.2)
	dome := rgb(0xd8dde6)
	c.disc(dome, x, 1.35, 0.3)
	c.polygon(rgb(0x0a0f1f), x-0.03, 1.36, x+0.1, 1.04, x+0.17, 1.07, x+0.06, 1.36)
	c.rect(blend(dome, c.light.near, 0.35), x-0.3, 1.35, x+0.3, 1.66)
	c.rect(c.light.accent, x-0.05, 1.5, x+0.05, 1.66)
	c.ridge(1.95, 0.2, 1)
}

func gulls(c *canvas) {
	c.sky(1.5)
	c.sea(1.5)
	for range 11 {
		x, y, s := c.between(0.1, 2.9), c.between(0.15, 1.4), c.between(0.08, 0.26)
		lift := c.between(0.2, 0.6) * s
		c.polygon(rgb(0xfbfaf6), x-s, y-lift, x-s*0.4, y-lift*0.7, x, y, x+s*0.45, y-lift*0.8, x+s, y-lift, x+s*0.3, y-lift*0.2, x, y+s*0.16, x-s*0.3, y-lift*0.2)
		c.polygon(c.light.near, x-s, y-lift, x-s*0.75, y-lift*0.95, x-s*0.72, y-lift*0.7)
		c.polygon(c.light.near, x+s, y-lift, x+s*0.75, y-lift*0.98, x+s*0.72, y-lift*0.7)
	}
}
