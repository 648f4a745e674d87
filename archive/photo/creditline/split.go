package creditline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sign is what stands before a part of a credit line.
type sign int

const (
	atStart sign = iota
	slash        // / | ; and the like, between any parties
	comma
	bracket // inside brackets
	dash
	joint // via, for
	and
)

// piece is one part of a credit line: a party, or something that names none.
type piece struct {
	text   string
	before sign
	kind   kind
	party  *party   // of the table, if it is there
	key    string   // folded
	known  []string // parties of the table that a phrase names
}

// reading is a credit line while it is taken apart.
type reading struct {
	line     *Line
	words    *vocabulary
	pieces   []piece
	personal bool // the label says that a person follows
	supplier bool // the label says that who supplied the picture follows
	skipping bool // behind a label of other work: "Text: …"
}

// split takes a normalised line apart at its separators.
func (r *reading) split(body string) {
	r.pieces = make([]piece, 0, 6)
	if key := fold(body); r.words.parties[key] != nil && r.words.parties[fold(beforeSign(body))] == nil { // "RFE/RL"
		r.pieces = append(r.pieces, piece{text: body, key: key})
		return
	}
	start, before := 0, atStart
	cut := func(end, next int, with sign) {
		r.add(body[start:end], before)
		start, before = next, with
	}
	for i, c := range body {
		if i < start {
			continue
		}
		n := utf8.RuneLen(c)
		if c == utf8.RuneError {
			n = 1
		}
		switch {
		case c == '/' && inAddress(body, i):
		case c == '/' || c == '／' || c == '|' || c == '｜' || c == ';' || c == '；' || c == '\\' || c == '=' || c == '＝' || c == '▲' || c == '△' || c == '>' || c == '·' && spacedOut(body, i, n) ||
			c == '•' || c == '©' || c == 'ⓒ' || c == '®' || c == '→' || c == '¦' || c == '*' && spacedOut(body, i, n):
			cut(i, i+n, slash)
		case c == ',' && staysTogether(body[i+n:]):
		case c == ',' || c == '，' || c == '、' || c == '､' || c == '،' || c == '؛':
			cut(i, i+n, comma)
		case isBracket(c):
			cut(i, i+n, bracket)
		case (c == '-' || c == '–' || c == '—' || c == '+' || c == '~' || c == '―') && (spacedOut(body, i, n) || c == '—' || c == '―' || strings.HasPrefix(body[i:], "++")):
			cut(i, i+n, dash)
		case c == '。' || c == '.' && endsSentence(body, i):
			cut(i, i+n, slash)
		case c == ':' && !strings.HasPrefix(body[i:], "://") || c == '：':
			if label := strings.TrimSpace(body[start:i]); isLabel(label) || r.words.otherLabels.has(fold(label)) || r.isRole(label) {
				r.skipping = r.words.otherLabels.has(fold(label))
				start = i + n
			} else {
				cut(i, i+n, slash)
			}
		}
	}
	r.add(body[start:], before)
}

// isRole says that what stands before a colon is what somebody did, and no party: "Design", "Food styling".
func (r *reading) isRole(label string) bool {
	first, rest, _ := strings.Cut(label, " ")
	if r.words.parties[fold(label)] != nil || r.words.supplied.has(fold(label)) || len(first) < 3 || allCaps(first) || !startsUpper(first) || r.organisation(first) {
		return false
	}
	return rest == "" && !r.words.given.has(fold(first)) || rest != "" && strings.ToLower(rest) == rest && !strings.ContainsAny(rest, " ./")
}

// beforeSign is a line up to its first separator.
func beforeSign(body string) string {
	before, _, _ := strings.Cut(body, "/")
	return before
}

// staysTogether says that what follows a comma belongs to the name before it: "Inc", "Jr."
func staysTogether(after string) bool {
	word := strings.TrimLeft(clip(after, 12), " ")
	if i := strings.IndexAny(word, " ,/|;)"); i >= 0 {
		word = word[:i]
	}
	switch fold(word) {
	case "inc", "ltd", "llc", "corp", "gmbh", "limited", "plc", "jr", "sr", "ii", "iii", "phd", "md":
		return true
	}
	return false
}

// spacedOut says that there is a space before and behind the sign of n bytes at i.
func spacedOut(s string, i, n int) bool {
	return i > 0 && s[i-1] == ' ' && i+n < len(s) && s[i+n] == ' '
}

// inAddress says that the slash at i belongs to the address of a page.
func inAddress(s string, i int) bool {
	word := s[strings.LastIndexByte(s[:i], ' ')+1 : i]
	if strings.HasSuffix(word, ":") || strings.HasSuffix(word, ":/") || strings.Contains(word, "://") {
		return true
	}
	next, _ := utf8.DecodeRuneInString(s[i+1:])
	known := theWords().parties[fold(word)]
	return (isDomain(word) || known != nil && known.sort == ofPlatform && strings.Contains(word, ".")) && unicode.IsLower(next) // "t.me/harbour", but "mbl.is/Jo Roe"
}

// endsSentence says that the stop at i ends a sentence, and no abbreviation.
func endsSentence(s string, i int) bool {
	if i+2 >= len(s) || s[i+1] != ' ' || !startsUpper(s[i+2:]) {
		return false
	}
	word := s[strings.LastIndexAny(s[:i], " ./|(-")+1 : i]
	if utf8.RuneCountInString(word) < 3 {
		return false
	}
	switch strings.ToLower(word) {
	case "bros", "inc", "ltd", "corp", "mrs", "sgt", "capt", "prof", "dept", "univ", "gen", "col", "maj", "cpl", "dipl", "ing", "gmbh", "rev", "hon", "phot", "nuotr", "fot":
		return false
	}
	return true
}

// add takes a part up to the next separator, and parts it at its words.
func (r *reading) add(text string, before sign) {
	if before == bracket && text == "" {
		return
	}
	text, key := r.trim(text)
	if text == "" || r.skipping {
		return
	}
	if label, rest, ok := strings.Cut(key, " "); ok && r.words.parties[key] == nil && r.words.labels.has(label) && r.words.supplied.has(rest) {
		text, key = text[strings.IndexByte(text, ' ')+1:], rest // "Foto beigestellt"
	}
	if r.words.parties[key] != nil {
		r.pieces = append(r.pieces, piece{text: text, before: before, key: key})
		return
	}
	if left, right, with, ok := r.partWords(text); ok {
		r.add(left, before)
		r.add(right, with)
		return
	}
	if n := len(r.pieces); n > 0 && r.continues(&r.pieces[n-1], before, key) {
		return
	}
	r.pieces = append(r.pieces, piece{text: text, before: before, key: key})
}

// organisation says that a text has a word of organisations.
func (r *reading) organisation(text string) bool {
	for word := range strings.SplitSeq(fold(text), " ") {
		if r.words.organisations.has(word) {
			return true
		}
	}
	return false
}

// continues says that a part belongs to the one before it: "Inc" behind a comma, or the second half of a known name that has a
// separator in it. Places behind a comma are dropped.
func (r *reading) continues(last *piece, before sign, key string) bool {
	if before != comma {
		return false
	}
	return r.words.legal.has(key) || r.words.nameSuffixes.has(key) || r.words.places.has(key)
}
