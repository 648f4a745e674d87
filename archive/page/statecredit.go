package page

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"tearsheet/archive/photo"
)

// state is text in which a page hands over to its scripts what it knows: a script element, or an attribute with JSON.
type state struct {
	node *html.Node
	key  string // the attribute; "" for the text of a script element
	text string
}

const (
	maxStates     = 64
	maxStateDepth = 64
	maxStateURLs  = 32 // of one object
)

// noteState keeps text that may name credits. Looking at it in full waits until the article's pictures are known.
func (r *reader) noteState(n *html.Node, key, text string) {
	if len(r.states) < maxStates && namesCredits(text) {
		r.states = append(r.states, state{n, key, text})
	}
}

// namesCredits says that one of the words stands in a text by which objects name the maker of a picture.
func namesCredits(text string) bool {
	for _, word := range [...]string{"redit", "hotographer", "opyright", "ttribution"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// stateDescriptions reads the objects that name a picture and its credit.
func (r *reader) stateDescriptions() []description {
	var all []description
	for _, st := range r.states {
		at := r.paths.of(st.node)
		if st.key != "" {
			at += "[" + st.key + "]"
		}
		quotes := `"'`
		if st.key != "" || strings.HasSuffix(strings.ToLower(attr(st.node, "type")), "json") {
			quotes = `"`
		}
		c := creditScan{locator: at, budget: &r.nested, found: &all}
		c.scan(st.text, quotes, 0, 0)
	}
	return all
}

// creditScan follows the braces of JSON and of object literals, and reads of each object the URLs and the credit. An object without a
// credit hands its URLs to the object around it: sizes often have objects of their own.
type creditScan struct {
	locator string
	budget  *int
	found   *[]description
	frames  []stateFrame
}

type stateFrame struct {
	urls     []stateURL
	credit   string
	from, to int // bytes of the credit's literal
	rank     int
}

type stateURL struct {
	url string
	up  int // objects that it was handed through
}

// maxHanded is how many objects a URL is handed through.
const maxHanded = 3

// scan reads text, which begins at byte base of the state.
func (c *creditScan) scan(text, quotes string, base, depth int) {
	key, outer := "", len(c.frames)
	for i := 0; i < len(text); {
		n := strings.IndexAny(text[i:], "{}"+quotes)
		if n < 0 {
			break
		}
		i += n
		switch text[i] {
		case '{':
			if len(c.frames) < maxStateDepth {
				c.frames = append(c.frames, stateFrame{})
			}
			i++
		case '}':
			if len(c.frames) > outer {
				c.leave()
			}
			i++
		default:
			end, escaped, closed := literalEnd(text, i)
			if !closed {
				i = min(end, len(text)-1) + 1
				continue
			}
			literal := text[i+1 : end]
			if nextByte(text, end+1) == ':' {
				key = literal
			} else {
				from, to := base+i+1, base+end
				if depth > 0 { // inside a literal offsets are those of the literal
					from, to = base, base
				}
				c.value(key, literal, escaped, from, to, depth)
			}
			i = end + 1
		}
	}
	for len(c.frames) > outer {
		c.leave()
	}
}

// value takes up one string.
func (c *creditScan) value(key, literal string, escaped bool, from, to, depth int) {
	if escaped && depth < 3 && strings.Contains(literal, `\"`) && len(literal) <= *c.budget && namesCredits(literal) {
		*c.budget -= len(literal)
		c.scan(unescapeJS(literal), `"`, from, depth+1)
		return
	}
	if len(c.frames) == 0 || len(literal) < 2 || len(literal) > maxURL {
		return
	}
	f := &c.frames[len(c.frames)-1]
	if escaped {
		literal = unescapeJS(literal)
	}
	switch rank := creditKey(key); {
	case rank > 0 && (f.rank == 0 || rank < f.rank):
		if text := plainText(literal); len(text) <= maxCredit && hasLetter(text) && !isSwitch(text) && !isReference(text) || isOneWord(text) {
			f.credit, f.rank, f.from, f.to = text, rank, from, to
		}
	case isReference(literal) && (hasImageExtension(literal) || isRooted(literal) && isImageWord(key)):
		if len(f.urls) < maxStateURLs {
			f.urls = append(f.urls, stateURL{literal, 0})
		}
	}
}

// isOneWord says that a single word that could be a reference is a name.
func isOneWord(text string) bool { return !strings.ContainsAny(text, "/:?&=_") && len(text) < 40 }

var joiners = strings.NewReplacer("_", "", "-", "", " ", "")

// creditKey ranks the names by which objects tell the maker of a picture, the most telling first; 0 for others.
func creditKey(key string) int {
	if len(key) > 40 {
		return 0
	}
	switch strings.ToLower(joiners.Replace(key)) {
	case "credit", "creditline", "credittext", "photocredit", "imagecredit", "mediacredit", "creditcaption", "credits", "picturecredit":
		return 1
	case "photographer", "photographers", "photographername", "attribution":
		return 2
	case "copyright", "copyrightholder", "copyrightnotice", "copyrighttext", "imagecopyright":
		return 3
	}
	return 0
}

// leave ends an object.
func (c *creditScan) leave() {
	last := len(c.frames) - 1
	f := c.frames[last]
	c.frames = c.frames[:last]
	if f.credit == "" {
		if last > 0 {
			parent := &c.frames[last-1]
			for _, u := range f.urls {
				if u.up++; u.up <= maxHanded && len(parent.urls) < maxStateURLs {
					parent.urls = append(parent.urls, u)
				}
			}
		}
		return
	}
	if len(f.urls) == 0 || len(*c.found) >= maxPictures {
		return
	}
	d := description{}
	for _, u := range f.urls {
		d.urls = append(d.urls, u.url)
	}
	locator := fmt.Sprintf("%s bytes %d-%d", c.locator, f.from, f.to)
	property := photo.CreditLine
	if f.rank == 3 {
		property = photo.Copyright
	}
	d.said = []photo.Statement{{Property: property, Value: f.credit, Kind: photo.PageState, Locator: locator}}
	*c.found = append(*c.found, d)
}
