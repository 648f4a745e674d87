package page

import (
	"iter"
	"strconv"
	"strings"
)

// Candidate is one of the pictures that a srcset names, as it is written there.
type Candidate struct {
	URL         string // not yet absolute; without white space, and without commas at its ends
	Descriptors string // "400w", "2x": what stands between the URL and the comma, white space and mistakes included
}

// htmlSpace is what HTML calls ASCII white space.
const htmlSpace = " \t\n\f\r"

// SplitSrcset gives the candidates of a srcset in the order in which they stand. It splits as the HTML standard does, section 4.8.4.2.2:
// a URL runs to the next white space, so that commas inside URLs stay, and only commas at its end separate. Whether the descriptors mean
// something is not looked at, so that also candidates are given which browsers drop.
func SplitSrcset(value string) iter.Seq[Candidate] {
	return func(yield func(Candidate) bool) {
		for s := value; ; {
			s = strings.TrimLeft(s, htmlSpace+",")
			if s == "" {
				return
			}
			end := strings.IndexAny(s, htmlSpace)
			if end < 0 {
				end = len(s)
			}
			c := Candidate{URL: s[:end]}
			s = s[end:]
			if bare := strings.TrimRight(c.URL, ","); len(bare) < len(c.URL) {
				c.URL = bare
			} else {
				c.Descriptors, s = cutDescriptors(s)
			}
			if !yield(c) {
				return
			}
		}
	}
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

// rendition is one candidate of a picture as the markup names it: not yet absolute. At most one of width (pixels) and density is set.
type rendition struct {
	url     string
	width   float64
	density float64
}

// parseSrcset reads the candidates with their descriptors. Those with descriptors that the standard calls errors are dropped, as it asks.
// Of an endless attribute the first 256 candidates count, and the others are added to leftOut.
func parseSrcset(s string, leftOut *int) []rendition {
	var out []rendition
	for c := range SplitSrcset(s) {
		if r, ok := describe(c); !ok {
			continue
		} else if len(out) < maxCandidates {
			out = append(out, r)
		} else {
			*leftOut++
		}
	}
	return out
}

// describe reads the descriptors of a candidate; false when they are in error.
func describe(candidate Candidate) (rendition, bool) {
	c := rendition{url: candidate.URL}
	var height float64
	for d := range strings.FieldsSeq(candidate.Descriptors) {
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
