package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Marks of links in the text of a byline; control characters do not get into it from the page.
const (
	linkBegins = "\x01"
	linkEnds   = "\x02"
)

// text gives the text of a byline in lines, as a browser would break it, with its links marked, and without times, pictures and what
// only screen readers tell.
func (b *bylines) text(n *html.Node) string {
	var t strings.Builder
	b.write(&t, n, 0)
	return t.String()
}

func (b *bylines) write(t *strings.Builder, n *html.Node, depth int) {
	for c := n.FirstChild; c != nil && depth < propLevels && t.Len() < maxBylineText && b.mayLook(); c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			appendCollapsed(t, clip(c.Data, 4*maxBylineText))
		case c.Type != html.ElementNode || isUnseen(c) || b.r.zoneOf(c)&zoneHidden != 0:
		case isTime(c) || c.DataAtom == atom.Button:
			t.WriteByte('\n')
		case c.DataAtom == atom.A:
			t.WriteString(linkBegins)
			b.write(t, c, depth+1)
			t.WriteString(linkEnds)
		case isBlock(c):
			t.WriteByte('\n')
			b.write(t, c, depth+1)
			t.WriteByte('\n')
		default:
			before := t.Len()
			b.write(t, c, depth+1)
			if isPreposition(t.String()[before:]) {
				t.WriteByte(' ') // what a margin would do
			}
		}
	}
}

// lineNames reads one line of a byline. Links with which it begins are the names; what stands behind them is something else, unless
// the line goes on with a conjunction.
func lineNames(line string) []string {
	plain := withoutMarks(line)
	before, rest, ok := strings.Cut(line, linkBegins)
	if !ok || cutLabel(before) != "" {
		return visibleNames(plain)
	}
	var names []string
	for {
		linked, after, _ := strings.Cut(rest, linkEnds)
		names = append(names, visibleNames(withoutMarks(linked))...)
		between, next, more := strings.Cut(after, linkBegins)
		between = strings.TrimSpace(between)
		if more && (between == "," || isConjunction(between)) {
			rest = next
			continue
		}
		if word, _, _ := strings.Cut(between, " "); strings.HasPrefix(word, "(") || isConjunction(word) || len(names) == 0 {
			return visibleNames(plain)
		}
		return names
	}
}

func withoutMarks(line string) string {
	return collapse(strings.ReplaceAll(strings.ReplaceAll(line, linkBegins, ""), linkEnds, ""))
}

func isConjunction(word string) bool {
	switch strings.Trim(word, ", ") {
	case "and", "und", "et", "y", "e", "och", "og", "&":
		return true
	}
	return false
}

// visibleNames reads the names in one line of a byline: what stands behind the preposition or the label, and before an office, a date
// or anything else.
func visibleNames(line string) []string {
	line = cutLabel(line)
	for _, mark := range [...]string{"|", "•", "·", " / ", " – ", " — ", " - "} {
		line, _, _ = strings.Cut(line, mark)
	}
	names := splitNames(strings.TrimSpace(cutDate(line)))
	for i, name := range names {
		if names[i] = cutPlace(strings.Trim(cutByline(name), " ,;:()")); !isName(names[i]) {
			return nil // prose
		}
	}
	return names
}

// maxLabel is how many bytes the label of a byline has at most.
const maxLabel = 24

// cutLabel cuts "By", "Text:" and the like, in the small letters of a line's beginning too; a line that is nothing else becomes empty.
func cutLabel(line string) string {
	line = strings.TrimSpace(line)
	if label, rest, ok := strings.Cut(line, ":"); ok && len(label) <= maxLabel && !strings.ContainsAny(label, "0123456789") {
		line = strings.TrimSpace(rest)
	}
	for {
		word, rest, _ := strings.Cut(line, " ")
		next, _, _ := strings.Cut(rest, " ")
		if !isPreposition(word) || rest != "" && !isCapital(rest) && !isPreposition(next) {
			return line
		}
		line = rest
	}
}

// isPreposition knows the words with which a byline begins.
func isPreposition(word string) bool {
	switch strings.ToLower(word) {
	case "by", "von", "par", "por", "door", "di", "av", "af":
		return true
	}
	return false
}

// cutDate cuts a text at its first digit, and before the name of a month in front of it. Dates are glued to names where a style sheet
// would have parted them.
func cutDate(text string) string {
	i := strings.IndexAny(text, "0123456789")
	if i < 0 {
		return text
	}
	text = strings.TrimRight(text[:i], " ,.")
	last := text[strings.LastIndexByte(text, ' ')+1:]
	if !isMonth(last) {
		return text
	}
	before := strings.TrimRight(strings.TrimSuffix(text, last), " ")
	name := strings.TrimRight(before, ",")
	if name == before || hasSpace(name) {
		return name
	}
	return "" // the day of the week
}

// isMonth knows a month by its first letters in the languages of western Europe.
func isMonth(word string) bool {
	letters := []rune(strings.ToLower(word))
	if len(letters) < 3 || len(letters) > 9 {
		return false
	}
	switch string(letters[:3]) {
	case "jan", "feb", "fev", "fév", "ene", "gen", "mar", "mär", "mrt", "apr", "avr", "abr", "may", "mai", "mei", "mag", "maj", "jun", "giu",
		"jui", "jul", "lug", "aug", "ago", "aoû", "sep", "set", "oct", "okt", "ott", "out", "nov", "dec", "dez", "dic", "déc":
		return true
	}
	return false
}

// cutPlace cuts the place or the agency behind a full name: "Ana Lindqvist, Oslo".
func cutPlace(name string) string {
	if before, after, ok := strings.Cut(name, ","); ok && hasSpace(before) && !hasSpace(after) {
		return strings.TrimSpace(before)
	}
	return name
}
