package page

import (
	"slices"
	"strings"
	"testing"
)

func TestSplitSrcset(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []Candidate
	}{
		{"only separators", " ,, \n, ", nil},
		{"descriptors as they stand, mistakes included", "a.jpg  400w\t300h ,b.jpg wide", []Candidate{{"a.jpg", "  400w\t300h "}, {"b.jpg", " wide"}}},
		{"commas inside URLs and at their end", "/w,1/a.jpg 1x, b.jpg,, c.jpg", []Candidate{{"/w,1/a.jpg", " 1x"}, {"b.jpg", ""}, {"c.jpg", ""}}},
		{"parentheses hide commas", "a (x,(y,),z) 1x, b", []Candidate{{"a", " (x,(y,),z) 1x"}, {"b", ""}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := slices.Collect(SplitSrcset(c.in)); !slices.Equal(got, c.want) {
				t.Errorf("SplitSrcset(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestParseSrcset(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []rendition
	}{
		{"an empty attribute names nothing", "", nil},
		{"only separators name nothing", " ,, \n, ", nil},
		{"a bare URL", "a.jpg", []rendition{{url: "a.jpg"}}},
		{"widths", "a.jpg 400w, b.jpg 800w", []rendition{{url: "a.jpg", width: 400}, {url: "b.jpg", width: 800}}},
		{"densities, also fractional and in scientific notation", "a.jpg, b.jpg 1.5x, c.jpg 2e0x", []rendition{{url: "a.jpg"}, {url: "b.jpg", density: 1.5}, {url: "c.jpg", density: 2}}},
		{"commas inside a URL stay", "/w_400,h_300,c_fill/a.png 1x, /w_800,h_600,c_fill/a.png 2x", []rendition{{url: "/w_400,h_300,c_fill/a.png", density: 1}, {url: "/w_800,h_600,c_fill/a.png", density: 2}}},
		{"a comma at the end of a URL separates", "a.jpg, b.jpg", []rendition{{url: "a.jpg"}, {url: "b.jpg"}}},
		{"several commas at the end of a URL are one", "a.jpg,,, b.jpg 2x", []rendition{{url: "a.jpg"}, {url: "b.jpg", density: 2}}},
		{"without white space two URLs are one", "a.jpg,b.jpg 2x", []rendition{{url: "a.jpg,b.jpg", density: 2}}},
		{"no white space after the separating comma", "a.jpg 1x,b.jpg 2x", []rendition{{url: "a.jpg", density: 1}, {url: "b.jpg", density: 2}}},
		{"a leading comma is skipped", ",a.jpg 1x", []rendition{{url: "a.jpg", density: 1}}},
		{"line ends and tabs separate", "\n\ta.jpg\t400w,\r\n\fb.jpg 800w\n", []rendition{{url: "a.jpg", width: 400}, {url: "b.jpg", width: 800}}},
		{"a future height beside a width", "a.jpg 400w 300h", []rendition{{url: "a.jpg", width: 400}}},
		{"a height alone is an error", "a.jpg 300h, b.jpg", []rendition{{url: "b.jpg"}}},
		{"width and density together are an error", "a.jpg 400w 2x, b.jpg 1x", []rendition{{url: "b.jpg", density: 1}}},
		{"a width twice is an error", "a.jpg 400w 400w, b.jpg", []rendition{{url: "b.jpg"}}},
		{"a zero width is an error", "a.jpg 0w, b.jpg", []rendition{{url: "b.jpg"}}},
		{"a negative or signed number is an error", "a.jpg -2x, b.jpg +2x, c.jpg 2x", []rendition{{url: "c.jpg", density: 2}}},
		{"a fractional width is an error", "a.jpg 400.5w, b.jpg", []rendition{{url: "b.jpg"}}},
		{"an unknown descriptor is an error", "a.jpg 400q, b.jpg wide, c.jpg", []rendition{{url: "c.jpg"}}},
		{"infinity is no number", "a.jpg infx, b.jpg NaNx, c.jpg", []rendition{{url: "c.jpg"}}},
		{"parentheses of a future descriptor hide commas", "a.jpg calc(1, 2)x, b.jpg 2x", []rendition{{url: "b.jpg", density: 2}}},
		{"an open parenthesis runs to the end", "a.jpg (1x, b.jpg 2x", nil},
		{"data URLs keep their comma", "data:image/gif;base64,R0lG 1x, a.jpg 2x", []rendition{{url: "data:image/gif;base64,R0lG", density: 1}, {url: "a.jpg", density: 2}}},
		{"a query with spaces written as plus", "/r?url=a+b.jpg&w=1,2 2x", []rendition{{url: "/r?url=a+b.jpg&w=1,2", density: 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := parseSrcset(c.in, new(int)); !slices.Equal(got, c.want) {
				t.Errorf("parseSrcset(%q) = %+v, want %+v", c.in, got, c.want)
			}
		})
	}
}

func TestParseSrcsetStopsAfterSixtyFourCandidates(t *testing.T) {
	if got := parseSrcset(strings.Repeat("a.jpg 1x, ", 1_000_000), new(int)); len(got) != maxCandidates {
		t.Errorf("%d candidates, want %d", len(got), maxCandidates)
	}
}

func FuzzSrcset(f *testing.F) {
	for _, s := range []string{"a 1x, b 2x", "a,b", ",,a", "a (1x, b", "a 1e400x", "\n\t,", "a 1w 2h, b 1.5x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rest := s
		for c := range SplitSrcset(s) {
			_, after, found := strings.Cut(rest, c.URL+c.Descriptors)
			if !found || c.URL == "" {
				t.Fatalf("candidate %q does not stand in %q of %q", c, rest, s)
			}
			rest = after
		}
		for _, c := range parseSrcset(s, new(int)) {
			if c.url == "" || strings.ContainsAny(c.url, htmlSpace) || strings.HasSuffix(c.url, ",") || strings.HasPrefix(c.url, ",") {
				t.Errorf("candidate %q of %q", c.url, s)
			}
			if !strings.Contains(s, c.url) {
				t.Errorf("candidate %q is not in %q", c.url, s)
			}
			if c.width < 0 || c.density < 0 || c.width > 0 && c.density > 0 {
				t.Errorf("candidate %+v of %q", c, s)
			}
		}
	})
}
