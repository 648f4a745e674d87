package page

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cssPath names an element by a selector that finds it again: from the nearest ancestor with an id, by position among siblings.
func cssPath(n *html.Node) string {
	var steps []string
	for ; n != nil && n.Type == html.ElementNode; n = n.Parent {
		if id := attr(n, "id"); id != "" && isIdentifier(id) {
			steps = append(steps, "#"+id)
			break
		}
		step := n.Data
		if n.DataAtom != atom.Html && n.DataAtom != atom.Body {
			nth := 1
			for s := n.PrevSibling; s != nil; s = s.PrevSibling {
				if s.Type == html.ElementNode && s.Data == n.Data {
					nth++
				}
			}
			step = fmt.Sprintf("%s:nth-of-type(%d)", step, nth)
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

func isIdentifier(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && c != '-' && c != '_' || i == 0 && c >= '0' && c <= '9' {
			return false
		}
	}
	return true
}
