package page

import (
	"strconv"
	"strings"
)

// rendition is one candidate of a picture as the markup names it: not yet absolute. At most one of width (pixels) and density is set.
type rendition struct {
	url     string
	width   float64
	density float64
}

const srcsetSpace = " \t\n\f\r"

// parseSrcset is the algorithm of the HTML standard, section 4.8.4.2.2: a URL runs to the next white space, so that commas inside URLs
// stay, and only commas at its end separate. Candidates with descriptors that the standard calls errors are dropped, as it asks.
// Of an endless attribute the first 64 candidates count.
func parseSrcset(s string) []rendition {
	var out []rendition
	for len(out) < maxCandidates {
		s = strings.TrimLeft(s, srcsetSpace+",")
		if s == "" {
			break
		}
		end := strings.IndexAny(s, srcsetSpace)
		if end < 0 {
			end = len(s)
		}
		u := s[:end]
		s = s[end:]
		if trimmed := strings.TrimRight(u, ","); len(trimmed) < len(u) {
			out = append(out, rendition{url: trimmed})
			continue
		}
		var descriptors string
		descriptors, s = cutDescriptors(s)
		if c, ok := describe(u, descriptors); ok {
			out = append(out, c)
		}
	}
	return out
}

// cutDescriptors cuts the descriptors of one candidate: to the next comma outside parentheses.
func cutDescriptors(s string) (descriptors, rest string) {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth = max(0, depth-1)
		case ',':
			if depth == 0 {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

// describe reads the descriptors; false when they are in error.
func describe(u, descriptors string) (rendition, bool) {
	c := rendition{url: u}
	var height float64
	for d := range strings.FieldsSeq(descriptors) {
		number, unit := d[:len(d)-1], d[len(d)-1]
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || v < 0 || strings.Trim(number, "0123456789.eE+-") != "" || number[0] == '+' {
			return c, false
		}
		switch {
		case unit == 'w' && c.width == 0 && c.density == 0 && whole(number) && v > 0:
			c.width = v
		case unit == 'x' && c.width == 0 && c.density == 0 && height == 0:
			c.density = v
		case unit == 'h' && height == 0 && c.density == 0 && whole(number) && v > 0:
			height = v
		default:
			return c, false
		}
	}
	return c, height == 0 || c.width > 0
}

func whole(digits string) bool { return strings.Trim(digits, "0123456789") == "" }
