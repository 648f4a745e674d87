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

// trim cuts labels, quotation marks and suffixes around one part, and gives it with its folded form.
func (r *reading) trim(text string) (trimmed, key string) {
	text = trimSeparators(text)
	key = fold(text)
	for {
		if r.words.markers.has(key) || r.words.supplied.has(key) || r.words.parties[key] != nil {
			return text, key // "Captura de pantalla" is more than the label "Captura de"
		}
		start := text
		text = cutYears(normalise(text))
		text = strings.TrimSpace(strings.Trim(text, "\"“”„‟«»‹›'‘’!?"))
		if text != start {
			key = fold(text)
			if r.words.parties[key] != nil {
				return text, key
			}
		}
		if lead, rest, ok := strings.Cut(text, " "); ok && r.isPartLead(&lead, &rest) {
			text, key = rest, fold(rest)
		}
		if rest := r.cutTail(text); rest != text {
			text, key = rest, fold(rest)
		}
		if text == start {
			return text, key
		}
	}
}

// isPartLead knows words before a party within a line, of one word or two: "For The Times", "Special to The Times".
func (r *reading) isPartLead(lead, rest *string) bool {
	if next, behind, ok := strings.Cut(*rest, " "); ok && r.words.partLeads.has(fold(*lead+" "+next)) {
		*rest = behind
		return startsUpper(behind)
	}
	return r.words.partLeads.has(fold(*lead)) && startsUpper(*rest)
}

// cutTail cuts what stands behind a name and is no part of it: the word for its pictures ("Bernama pic", "Jo Roe photo"), markers
// ("Kremlin Pool Photo"), and before an archive's name the word for it ("Archivo El Tiempo").
func (r *reading) cutTail(text string) string {
	v := r.words
	if rest, ok := cutSuffix(text); ok {
		return rest
	}
	for _, glued := range v.weakSuffixes {
		if rest, ok := strings.CutSuffix(text, glued); ok && len(rest) > len("字") {
			return strings.TrimRight(rest, " ")
		}
	}
	if rest, last, ok := cutLast(text); ok && v.looseSuffixes.has(fold(last)) {
		first, _, _ := strings.Cut(fold(rest), " ")
		switch {
		case v.parties[fold(rest)] != nil, len(rest) <= 4 && allCaps(rest):
			return rest
		case r.personLike(rest) >= 2 && !r.organisation(rest) && (!startsUpper(last) || v.given.has(first)):
			return rest
		}
	}
	for i, words := len(text), 1; words <= 3; words++ {
		if i = strings.LastIndexByte(text[:i], ' '); i <= 0 {
			break
		}
		if v.markers.has(fold(text[i+1:])) && (words > 1 || v.parties[fold(text[:i])] != nil) {
			return text[:i]
		}
	}
	for i, words := 0, 1; words <= 3; words++ {
		next := strings.IndexByte(text[i:], ' ')
		if next < 0 {
			break
		}
		i += next + 1
		if v.markers.has(fold(text[:i])) && v.parties[fold(text[i:])] != nil {
			return text[i:]
		}
	}
	return text
}

// cutYears cuts a year before or behind a name: "2024 Maxar", "Jo Roe 2023".
func cutYears(text string) string {
	if len(text) > 5 && isYear(text[:4]) && (text[4] == ' ' || text[4] == ',') {
		text = strings.TrimLeft(text[4:], " ,")
	}
	if n := len(text); n > 5 && isYear(text[n-4:]) && text[n-5] == ' ' {
		text = strings.TrimRight(text[:n-4], " ,")
	}
	return text
}

func isYear(s string) bool {
	return (s[:2] == "19" || s[:2] == "20") && s[2] >= '0' && s[2] <= '9' && s[3] >= '0' && s[3] <= '9'
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
	for _, reporter := range [...]string{"记者", "記者"} { // "新华社记者 李响", "記者王小明"
		if i := strings.Index(text, reporter); i >= 0 && i+len(reporter) < len(text) {
			return text[:i], text[i+len(reporter):], joint, true
		}
	}
	if i := strings.IndexByte(text, '@'); i > 0 {
		if text[i-1] == ' ' { // "Instagram @harbour"
			return text[:i-1], text[i:], slash, true
		}
		_, right, _ = strings.Cut(text[i:], " ") // behind an address of electronic mail
		return text[:max(strings.LastIndexByte(text[:i], ' '), 0)], right, slash, true
	}
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
			case key == "by" && r.cutLabelWord(&left):
				return left, right, joint, true
			case (key == "on" || key == "auf" || key == "sur" || key == "su" || key == "en" || key == "pa") && r.isSite(right):
				return left, right, joint, true
			case r.words.joints.has(key):
				right = strings.TrimPrefix(right, "of ")
				return left, right, joint, true
			case (key == "for" || key == "fur" || key == "pour" || key == "para" || key == "voor" || key == "per") && r.worksFor(left):
				return left, right, joint, true
			case r.words.conjunctions.has(key) && r.parts(left, right):
				return left, right, and, true
			}
		}
		i = j
	}
	return r.runOn(text)
}

// worksFor says that a text is who works for what follows: a person or an agency.
func (r *reading) worksFor(text string) bool {
	if p := r.words.parties[fold(text)]; p != nil {
		return p.sort <= ofPlatform
	}
	return r.wholeName(text)
}

// cutLabelWord cuts a label word at the end of a text: what stands before "photo by" is a party.
func (r *reading) cutLabelWord(text *string) bool {
	i := strings.LastIndexByte(*text, ' ')
	if i < 0 || !r.words.labels.has(fold((*text)[i+1:])) {
		return false
	}
	*text = (*text)[:i]
	return true
}

// isSite says that a text is a stock site or a platform.
func (r *reading) isSite(text string) bool {
	p := r.words.parties[fold(text)]
	return p != nil && (p.sort == ofStock || p.sort == ofPlatform)
}

// parts says that both sides of an "and" are whole names.
func (r *reading) parts(left, right string) bool {
	return (r.wholeName(left) || r.words.given.has(fold(left))) && (r.wholeName(right) || r.hasJoin(right) || strings.Contains(right, " ") && r.organisation(right))
}

func (r *reading) wholeName(text string) bool {
	return r.words.parties[fold(text)] != nil || r.words.supplied.has(fold(text)) || r.personLike(text) >= 2 && !r.organisation(text) || r.cjkPerson(text)
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
		if r.words.runOn.has(fold(text[:i])) && r.personLike(text[i+1:]) >= 2 && !r.organisation(text[i+1:]) {
			return text[:i], text[i+1:], slash, true
		}
		i++
	}
	for i := 1; i < len(text)-1; i++ {
		if text[i] != '-' {
			continue
		}
		left, right = fold(text[:i]), fold(text[i+1:])
		named := r.personLike(text[:i]) >= 2
		if named && r.words.parties[right] != nil || (named || r.words.parties[left] != nil) && r.words.markers.has(right) || left == "ho" {
			return text[:i], text[i+1:], dash, true // "Kirby Lee-Imagn Images", "dpa-Pool", "HO-Polri"
		}
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
