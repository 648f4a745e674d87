package darkroom

// chart is an infographic without words: bars, a line over them, and a grid.
func chart(c *canvas) {
	c.wash(rgb(0xfbfaf6), rgb(0xfbfaf6), 0, 2)
	c.rect(rgb(0x1f2d3d), 0.15, 0.12, 1.5, 0.19)
	c.rect(rgb(0x9aa5b1), 0.15, 0.26, 1.05, 0.3)
	for i := range 6 {
		y := 0.5 + float32(i)*0.25
		c.rect(rgb(0xe1e4e8), 0.15, y, 2.85, y+0.008)
	}
	blue := c.one(rgb(0x2a6f97), rgb(0x6a994e), rgb(0x8d5a97))
	level, px, py := c.between(0.3, 0.6), float32(0), float32(0)
	for i := range 12 {
		level = min(max(level+c.between(-0.18, 0.24), 0.12), 1.2)
		x := 0.25 + float32(i)*0.215
		c.rect(blend(blue, rgb(0xffffff), 0.35), x, 1.75-level, x+0.14, 1.75)
		y := 1.6 - level*0.85
		if i > 0 {
			c.line(rgb(0xc8372d), px, py, x+0.07, y, 0.022)
		}
		c.disc(rgb(0xc8372d), x+0.07, y, 0.026)
		px, py = x+0.07, y
	}
	c.rect(rgb(0x1f2d3d), 0.15, 1.75, 2.85, 1.765)
}

// cartoon is flat and outlined, with few colours, as a GIF wants it: a gull in a captain's cap reads the paper.
func cartoon(c *canvas) {
	c.rect(c.one(rgb(0xffe8a3), rgb(0xcfe8ef), rgb(0xf6d5d5)), 0, 0, 3, 2)
	c.rect(rgb(0x336699), 0, 1.55, 3, 2)
	for i := range 8 {
		x := float32(i)*0.4 + c.between(0, 0.1)
		c.ellipse(rgb(0x6699cc), x, 1.58, 0.18, 0.05)
	}
	ink, white := rgb(0x000000), rgb(0xffffff)
	c.ellipse(ink, 1.2, 1.15, 0.52, 0.42)
	c.ellipse(white, 1.2, 1.15, 0.49, 0.39)
	c.disc(ink, 1.35, 0.68, 0.3)
	c.disc(white, 1.35, 0.68, 0.27)
	c.disc(ink, 1.45, 0.64, 0.04)
	c.polygon(ink, 1.58, 0.64, 1.98, 0.77, 1.58, 0.86)
	c.polygon(rgb(0xff9900), 1.6, 0.68, 1.9, 0.77, 1.6, 0.82)
	c.polygon(ink, 1.0, 0.5, 1.06, 0.26, 1.64, 0.26, 1.7, 0.5)
	c.rect(rgb(0x003366), 1.06, 0.3, 1.64, 0.42)
	c.rect(rgb(0xffcc00), 1.06, 0.42, 1.64, 0.47)
	c.line(ink, 1.08, 1.5, 1.08, 1.72, 0.04)
	c.line(ink, 1.32, 1.5, 1.32, 1.72, 0.04)
	c.polygon(ink, 1.75, 0.98, 2.62, 0.88, 2.68, 1.5, 1.8, 1.58)
	c.polygon(white, 1.78, 1.01, 2.59, 0.91, 2.65, 1.47, 1.83, 1.55)
	for i := range 5 {
		y := 1.1 + float32(i)*0.09
		c.line(ink, 1.86, y, 1.86+c.between(0.4, 0.66), y-0.06, 0.022)
	}
}
