package page

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cssPaths names elements by selectors that find them again: from the nearest ancestor with an id, by position among siblings. It counts
// the children of an element once, however many of them are asked for.
type cssPaths map[*html.Node]map[*html.Node]int // by parent: the place of each child among those of its name, from 1

func (c cssPaths) of(n *html.Node) string {
	var steps []string
	for ; n != nil && n.Type == html.ElementNode; n = n.Parent {
		if id := attr(n, "id"); id != "" && isIdentifier(id) {
			steps = append(steps, "#"+id)
			break
		}
		step := n.Data
		if n.DataAtom != atom.Html && n.DataAtom != atom.Body {
			step = fmt.Sprintf("%s:nth-of-type(%d)", step, c.nth(n))
		}
		steps = append(steps, step)
	}
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		b.WriteString(steps[i])
		if i > 0 {
			b.WriteString(" > ")
		}
	}
	return b.String()
}

// nth is the place of an element among its siblings of the same name.
func (c cssPaths) nth(n *html.Node) int {
	if n.Parent == nil {
		return 1
	}
	places, counted := c[n.Parent]
	if !counted {
		places = map[*html.Node]int{}
		seen := map[string]int{}
		for s := n.Parent.FirstChild; s != nil; s = s.NextSibling {
			if s.Type == html.ElementNode {
				seen[s.Data]++
				places[s] = seen[s.Data]
			}
		}
		c[n.Parent] = places
	}
	return places[n]
}

func isIdentifier(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && c != '-' && c != '_' || i == 0 && c >= '0' && c <= '9' {
			return false
		}
	}
	return s != ""
}
