package imagemeta

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

// isSVG says that the first element of the text is svg.
func isSVG(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))
	trimmed := bytes.TrimLeft(head, " \t\r\n")
	if !bytes.HasPrefix(trimmed, []byte("<")) {
		return false
	}
	root, err := svgRoot(bytes.NewReader(trimmed))
	return err == nil && root.Name.Local == "svg"
}

// svgRoot gives the first element.
func svgRoot(r io.Reader) (xml.StartElement, error) {
	d := xml.NewDecoder(r)
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // names and numbers are ASCII anyway
	for {
		t, err := d.RawToken()
		if err != nil {
			return xml.StartElement{}, err
		}
		if e, ok := t.(xml.StartElement); ok {
			return e, nil
		}
	}
}

// svg reads width and height, or the viewBox where these are missing or relative (SVG 2, section 8.2).
func (rd *reading) svg() {
	root, err := svgRoot(io.NewSectionReader(rd.r, 0, min(rd.size, maxMeta)))
	if err != nil {
		rd.problem("the file has no first element: %w", err)
		return
	}
	var width, height int
	box := ""
	for _, a := range root.Attr {
		switch a.Name.Local {
		case "width":
			width = svgLength(a.Value)
		case "height":
			height = svgLength(a.Value)
		case "viewBox":
			box = a.Value
		}
	}
	if width == 0 || height == 0 {
		width, height = 0, 0
		if f := strings.Fields(strings.ReplaceAll(box, ",", " ")); len(f) == 4 {
			width, height = svgLength(f[2]), svgLength(f[3])
		}
	}
	rd.sized(width, height)
}

// svgLength reads a length in user units; 0 for a relative or unreadable one.
func svgLength(s string) int {
	v, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "px"), 64)
	if err != nil || !(v > 0 && v < 1e9) {
		return 0
	}
	return int(v + 0.5)
}
