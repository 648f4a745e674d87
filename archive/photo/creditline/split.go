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
	party  *party // of the table, if it is there
	person bool   // something beside it says that it is a person, or that it is none: see settle
	key    string // folded
}

// reading is a credit line while it is taken apart.
type reading struct {
	line     *Line
	words    *vocabulary
	pieces   []piece
	personal bool // the label says that a person follows
	skipping bool // behind a label of other work: "Text: …"
}

// split takes a normalised line apart at its separators.
func (r *reading) split(body string) {
	r.pieces = make([]piece, 0, 6)
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
		case c == ',' || c == '，' || c == '、' || c == '､':
			cut(i, i+n, comma)
		case isBracket(c):
			cut(i, i+n, bracket)
		case (c == '-' || c == '–' || c == '—' || c == '+' || c == '~' || c == '―') && (spacedOut(body, i, n) || c == '—' || c == '―'):
			cut(i, i+n, dash)
		case c == '。' || c == '.' && endsSentence(body, i):
			cut(i, i+n, slash)
		case c == ':' && !strings.HasPrefix(body[i:], "://") || c == '：':
			if v := r.words; isLabel(body[start:i]) || v.otherLabels.has(fold(body[start:i])) {
				r.skipping = v.otherLabels.has(fold(body[start:i]))
				start = i + n
			} else {
				cut(i, i+n, slash)
			}
		}
	}
	r.add(body[start:], before)
}

// spacedOut says that there is a space before and behind the sign of n bytes at i.
func spacedOut(s string, i, n int) bool {
	return i > 0 && s[i-1] == ' ' && i+n < len(s) && s[i+n] == ' '
}

// inAddress says that the slash at i belongs to the address of a page.
func inAddress(s string, i int) bool {
	word := s[strings.LastIndexByte(s[:i], ' ')+1 : i]
	return strings.HasSuffix(word, ":") || strings.HasSuffix(word, ":/") || strings.Contains(word, "://")
}

// endsSentence says that the stop at i ends a sentence, and no abbreviation.
func endsSentence(s string, i int) bool {
	if i+2 >= len(s) || s[i+1] != ' ' || !startsUpper(s[i+2:]) {
		return false
	}
	word := s[strings.LastIndexAny(s[:i], " .")+1 : i]
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
	text = r.trim(text)
	if text == "" || r.skipping {
		return
	}
	if label, rest, ok := strings.Cut(text, " "); ok && r.words.labels.has(fold(label)) && r.words.supplied.has(fold(rest)) {
		text = rest // "Foto beigestellt"
	}
	key := fold(text)
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

// trim cuts labels, titles, quotation marks and suffixes around one part.
func (r *reading) trim(text string) string {
	for {
		start := text
		text = normalise(text)
		text = strings.TrimSpace(strings.Trim(text, "\"“”„‟«»‹›'‘’!?"))
		if r.words.parties[fold(text)] != nil {
			return text
		}
		if rest, ok := cutSuffix(text, false); ok && !r.organisation(rest) {
			if known := r.words.parties[fold(rest)]; known != nil || startsUpper(rest) || startsCJK(rest) {
				text = rest
			}
		}
		if text == start {
			return text
		}
	}
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

// partWords parts a text at the first word that joins parties: via, for, "and" between whole names.
func (r *reading) partWords(text string) (left, right string, with sign, ok bool) {
	if isHangulText(text) {
		return r.partHangul(text)
	}
	for i := strings.IndexByte(text, ' '); i > 0 && i < len(text); {
		j := strings.IndexByte(text[i+1:], ' ')
		if j < 0 {
			break
		}
		j += i + 1
		word := text[i+1 : j]
		left, right = text[:i], text[j+1:]
		if len(word) <= 8 {
			switch key := fold(word); {
			case r.words.joints.has(key):
				right = strings.TrimPrefix(right, "of ")
				return left, right, joint, true
			case (key == "for" || key == "fur" || key == "pour" || key == "para" || key == "voor" || key == "per" || key == "for the") && r.wholeName(left):
				return left, right, joint, true
			case r.words.conjunctions.has(key) && r.parts(left, right):
				return left, right, and, true
			}
		}
		i = j
	}
	return r.runOn(text)
}

// parts says that both sides of an "and" are whole names.
func (r *reading) parts(left, right string) bool {
	return r.wholeName(left) && (r.wholeName(right) || r.hasJoin(right))
}

func (r *reading) wholeName(text string) bool {
	return r.words.parties[fold(text)] != nil || r.personLike(text) >= 2 || r.cjkPerson(text)
}

// hasJoin says that a text is a list of whole names itself.
func (r *reading) hasJoin(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != ' ' {
			continue
		}
		j := strings.IndexByte(text[i+1:], ' ')
		if j < 0 {
			return false
		}
		key := fold(text[i+1 : i+1+j])
		if r.words.conjunctions.has(key) || r.words.joints.has(key) || key == "for" {
			return r.wholeName(text[:i])
		}
	}
	return false
}

// runOn parts "Max Rossi Reuters" and "AFP Paul Ellis".
func (r *reading) runOn(text string) (left, right string, with sign, ok bool) {
	for i, words := len(text), 1; words <= 2; words++ {
		if i = strings.LastIndexByte(text[:i], ' '); i <= 0 {
			break
		}
		if r.words.runOn.has(fold(text[i+1:])) && (r.personLike(text[:i]) >= 2 || r.words.runOn.has(fold(text[:i]))) {
			return text[:i], text[i+1:], slash, true
		}
	}
	for i, words := 0, 1; words <= 2; words++ {
		next := strings.IndexByte(text[i:], ' ')
		if next < 0 {
			break
		}
		i += next
		if r.words.runOn.has(fold(text[:i])) && r.personLike(text[i+1:]) >= 2 {
			return text[:i], text[i+1:], slash, true
		}
		i++
	}
	return "", "", 0, false
}

// partHangul parts Korean text: "AP 연합뉴스" are two agencies, "한수진 기자" is one person.
func (r *reading) partHangul(text string) (left, right string, with sign, ok bool) {
	i := strings.LastIndexByte(text, ' ')
	if i > 0 && r.words.parties[fold(text[i+1:])] != nil {
		return text[:i], text[i+1:], slash, true
	}
	if i = strings.IndexByte(text, ' '); i > 0 && r.words.parties[fold(text[:i])] != nil && r.cjkPerson(text[i+1:]) {
		return text[:i], text[i+1:], slash, true
	}
	return "", "", 0, false
}

func isHangulText(s string) bool { return strings.IndexFunc(s, isHangul) >= 0 }

// hasLetter says that there is a name in a text at all.
func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }
