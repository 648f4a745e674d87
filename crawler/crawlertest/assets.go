package crawlertest

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"golang.org/x/image/font/gofont/gosmallcaps"

	"tearsheet/crawler/crawlertest/darkroom"
)

const (
	mastheadPath = "/assets/masthead.svg"
	pixelPath    = "/pixel.gif"
	houseAdPath  = "/assets/house-ad.png"
	fontPath     = "/assets/courier-smallcaps.ttf"
)

// chrome lists what every page of the paper needs, whatever stands on it: styles with what they import and refer to, script, masthead, icons.
func chrome() []string {
	return []string{
		"/assets/paper.css", "/assets/type.css", "/assets/print.css", "/assets/paper.js", fontPath,
		mastheadPath, "/assets/sky.png", "/assets/waves-1x.png", "/assets/waves-2x.png", "/favicon.ico", "/assets/icon.svg",
	}
}

// printAssets adds the files in assets/, the font, and the small pictures of the paper's own.
func (e *edition) printAssets() error {
	entries, err := files.ReadDir("assets")
	if err != nil {
		return fmt.Errorf("reading the assets: %w", err)
	}
	types := map[string]string{"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "html": typeHTML}
	for _, entry := range entries {
		name := entry.Name()
		e.put("/assets/"+name, types[name[strings.LastIndexByte(name, '.')+1:]], e.date, func() ([]byte, error) {
			return files.ReadFile("assets/" + name)
		})
	}
	e.put(fontPath, "font/ttf", e.date, func() ([]byte, error) { return gosmallcaps.TTF, nil })
	e.put(pixelPath, "image/gif", e.date, darkroom.Print{Scene: "cartoon", Width: 16, Format: darkroom.GIF}.Make)
	e.put("/favicon.ico", "image/x-icon", e.date, favicon)
	for path, p := range map[string]darkroom.Print{
		"/assets/sky.png":      {Scene: "stars", Width: 480},
		"/assets/waves-1x.png": {Scene: "hills", Width: 240},
		"/assets/waves-2x.png": {Scene: "hills", Width: 480},
		houseAdPath:            {Scene: "bread", Width: 240},
	} {
		p.Seed, p.Format = e.shotSeed(path), darkroom.PNG
		if strings.Contains(path, "waves") {
			p.Seed = e.shotSeed("waves")
		}
		e.put(path, "image/png", e.date, p.Make)
	}
	e.put(TidesPath, typeHTML, e.date, e.tides)
	return nil
}

func (e *edition) printPortrait(name string) {
	shot := darkroom.Print{Scene: "portrait", Seed: e.shotSeed(name), Width: 96, Format: darkroom.PNG}
	e.put(portraitPath(name), "image/png", e.date, shot.Make)
}

// favicon wraps a PNG as the one image of an ICO file.
func favicon() ([]byte, error) {
	shot := darkroom.Print{Scene: "cartoon", Width: 48, Format: darkroom.PNG}
	png, err := shot.Make()
	if err != nil {
		return nil, fmt.Errorf("drawing the icon: %w", err)
	}
	const head = 6 + 16
	w, h := shot.Size()
	out := []byte{0, 0, 1, 0, 1, 0, byte(w), byte(h), 0, 0, 1, 0, 32, 0}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(png)))
	out = binary.LittleEndian.AppendUint32(out, head)
	return append(out, png...), nil
}

// tide is a line of the table.
type tide struct {
	Time   time.Time
	Metres float64
}

// tides is the page in the iframe: a table with a style sheet of its own.
func (e *edition) tides() ([]byte, error) {
	const spring = 2 // days from the edition to the highest water
	week := make([]tide, 7)
	top := e.date.Truncate(24 * time.Hour).Add(spring*24*time.Hour + 9*time.Hour + 11*time.Minute)
	for i := range week { // high water comes some fifty minutes later every day
		off := i - spring
		week[i] = tide{top.Add(time.Duration(off) * (24*time.Hour + 50*time.Minute)), 4.9 - 0.12*float64(max(off, -off))}
	}
	return e.setPage("tides.html", "utf-8", week)
}
