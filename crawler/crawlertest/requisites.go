package crawlertest

import "slices"

// requisites lists what a whole capture of an article fetches besides the page, as absolute URLs: styles and what they refer to, script,
// icons, the article's pictures in every rendition that the page names, portraits, teasers' thumbnails, the house ad, the pixel, and the frame
// with its style.
func (e *edition) requisites(i int) []string {
	a := &e.articles[i]
	paths := append(chrome(), houseAdPath, pixelPath+"?page="+a.Slug)
	for _, name := range a.Authors {
		paths = append(paths, portraitPath(name))
	}
	for n := range a.Photographs {
		paths = append(paths, a.Photographs[n].named()...)
	}
	for _, t := range e.readNext(i) {
		if t.Thumb != nil {
			paths = append(paths, t.Thumb.Path)
		}
	}
	if a.Embed {
		paths = append(paths, TidesPath, "/assets/tides.css")
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	for n := range paths {
		paths[n] = e.origin + paths[n]
	}
	return paths
}

// named lists the renditions that the article's page names: the largest in any case, since JSON-LD and OpenGraph do.
func (p *Photograph) named() []string {
	var out []string
	inSet := p.Delivery == Srcset || p.Delivery == DataSrcset
	for _, r := range p.Renditions {
		if inSet || r.Width == widthColumn || r.URL == p.URL || r.Format != p.Format {
			out = append(out, r.Path)
		}
	}
	return out
}
