package creditline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a part of a credit line looks like by itself.
type kind int

const (
	isNothing   kind = iota // a date, a number, a lone letter
	isMarker                // "Handout"
	isSupplied              // "privat"
	isAgency                // known, or by its words
	isPerson                // by what stands beside the name
	isName                  // shaped like a person's name
	isWord                  // one word that could be anything
	isSmallWord             // one word in small letters
	isPhrase                // several words, and no name
)

// classify says of each part what it looks like.
func (r *reading) classify() {
	for i := range r.pieces {
		p := &r.pieces[i]
		p.kind = r.kindOf(p)
	}
}

func (r *reading) kindOf(p *piece) kind {
	v, text := r.words, p.text
	p.party = v.parties[p.key]
	switch {
	case !hasLetter(text) || utf8.RuneCountInString(p.key) < 2:
		return isNothing
	case v.markers.has(p.key) || isLicence(p.key):
		return isMarker
	case v.supplied.has(p.key):
		return isSupplied
	case p.party != nil:
		return isAgency
	case v.labels.has(p.key) || isDate(p.key) || isCode(text) || len(r.pieces) > 1 && startsCJK(text) && v.places.has(p.key):
		return isNothing
	case text[0] == '@' || text[0] == '#' || isDomain(text):
		return isAgency
	}
	if startsCJK(text) || strings.IndexFunc(text, isCJK) >= 0 {
		return r.cjkKind(p)
	}
	if r.titled(p) {
		return isPerson
	}
	words := strings.Fields(text)
	if len(words) == 1 && strings.Count(p.key, " ") == 0 {
		return r.wordKind(text, p.key)
	}
	if isProse(words) {
		return isPhrase
	}
	if r.byWords(p, words) {
		return isAgency
	}
	if r.personLike(p.text) >= 2 {
		return isName
	}
	if len(words) == 1 {
		return r.wordKind(text, p.key)
	}
	return isPhrase
}

// wordKind is the kind of a single word that is not in the table.
func (r *reading) wordKind(word, key string) kind {
	upper, lower, digits := 0, 0, 0
	for _, c := range word {
		switch {
		case unicode.IsUpper(c):
			upper++
		case unicode.IsLower(c):
			lower++
		case unicode.IsDigit(c):
			digits++
		}
	}
	switch {
	case upper > 0 && (r.words.organisations.has(key) || r.isCompound(key)):
		return isAgency
	case r.words.given.has(key) && upper > 0:
		return isWord
	case upper > 0 && lower == 0 && upper <= 6:
		return isAgency // an acronym
	case upper == 0 && lower > 0:
		return isSmallWord
	}
	return isWord
}

// titled cuts a person's title ("Sgt.", "Staff photographer") before a name.
func (r *reading) titled(p *piece) bool {
	for i, words := 0, 1; words <= 5; words++ {
		next := strings.IndexByte(p.text[i:], ' ')
		if next < 0 {
			return false
		}
		i += next
		if r.words.titles.has(fold(p.text[:i])) && r.personLike(p.text[i+1:]) >= 1 && !r.organisation(p.text[i+1:]) {
			p.text = p.text[i+1:]
			p.key = fold(p.text)
			return true
		}
		i++
	}
	return false
}

// byWords says that the words of a name are those of an organisation.
func (r *reading) byWords(p *piece, words []string) bool {
	v := r.words
	keys := strings.Fields(p.key)
	if len(keys) == 0 {
		return false
	}
	switch keys[0] {
	case "the", "los", "las", "les", "os", "die", "das", "der", "het":
		return startsUpper(words[0]) && len(keys) > 1 || keys[0] == "the"
	case "el", "la", "le", "il", "lo", "o", "a", "l":
		if len(words) == 2 && startsUpper(words[1]) && !v.given.has(keys[len(keys)-1]) {
			return true
		}
	}
	if v.beginnings.has(keys[0]) && len(keys) > 1 && !v.given.has(keys[0]) {
		return true
	}
	if r.legalForm(keys, words) || r.ofPlace(keys, words) {
		return true
	}
	for i, key := range keys {
		if (v.organisations.has(key) || r.isCompound(key)) && !(i > 0 && i < len(keys)-1 && len(key) < 3) && !r.isNamePart(keys, i) {
			return true
		}
		if i+1 < len(keys) && v.organisations.has(key+" "+keys[i+1]) {
			return true
		}
		if i > 0 && (key == "of" || key == "for" || key == "fur" || key == "&") {
			return true
		}
	}
	return r.acronymFirst(words)
}

// isProse says that more words begin with small letters than a name has.
func isProse(words []string) bool {
	small := 0
	for _, word := range words {
		if first, _ := utf8.DecodeRuneInString(word); unicode.IsLower(first) {
			small++
		}
	}
	return small > 3 && 2*small >= len(words)-1
}

// isCompound says that a long word ends in one of organisations: "Staatsgalerie".
func (r *reading) isCompound(key string) bool {
	for _, ending := range r.words.compounds {
		if len(key) > len(ending)+2 && strings.HasSuffix(key, ending) {
			return true
		}
	}
	return false
}

// legalForm says that a name ends in a company's legal form. The short ones are surnames and particles too, and count in capitals only.
func (r *reading) legalForm(keys, words []string) bool {
	last := len(keys) - 1
	if last < 1 {
		return false
	}
	if last > 1 && r.words.legal.has(keys[last-1]+" "+keys[last]) {
		return true
	}
	return r.words.legal.has(keys[last]) && (len(keys[last]) > 2 && keys[last] != "sas" || allCaps(words[len(words)-1]) && !r.words.given.has(keys[0]))
}

// ofPlace says that a name is one of a place: it begins with a place or ends in one, and not with a given name: "Parks Canada", "Junta de
// Andalucía", "Sipa US", "Trader Joe's", "Fraunhofer IPA".
func (r *reading) ofPlace(keys, words []string) bool {
	if len(keys) < 2 {
		return false
	}
	last := words[len(words)-1]
	if strings.HasSuffix(last, "'s") || strings.HasSuffix(last, "’s") || isCountry(words[0]) {
		return true
	}
	if n := utf8.RuneCountInString(last); n > 1 && n <= 3 && allCaps(last) && !allCaps(words[0]) && !strings.Contains(last, ".") {
		return !r.words.capitalSurnames.has(fold(last)) && !r.words.nameSuffixes.has(fold(last))
	}
	if r.words.given.has(keys[0]) {
		return false
	}
	if r.words.places.has(keys[0]) {
		return true
	}
	if !r.words.places.has(keys[len(keys)-1]) || len(keys) > 4 {
		return false
	}
	switch keys[len(keys)-2] {
	case "van", "von", "der", "den", "ter", "zu":
		return false
	}
	return true
}

// isCountry knows the abbreviations that stand before or behind the name of a branch or a body: "Sipa US", "US Soccer".
func isCountry(word string) bool {
	switch word {
	case "US", "USA", "UK", "EU", "UN", "FC", "UAE":
		return true
	}
	return false
}

// isNamePart says that a word of organisations stands where a person's name has it: it is a given name too and stands first, or behind a
// given name and is a surname too.
func (r *reading) isNamePart(keys []string, i int) bool {
	return i == 0 && r.words.given.has(keys[0]) || i > 0 && len(keys) <= 3 && r.words.given.has(keys[0]) && r.words.surnames.has(keys[i])
}

// acronymFirst knows "EDF Energy" and "NASA Goddard": three capitals or more before words that are not all capitals.
func (r *reading) acronymFirst(words []string) bool {
	if len(words) < 2 || utf8.RuneCountInString(words[0]) < 3 || !allCaps(words[0]) {
		return false
	}
	for _, word := range words[1:] {
		if !allCaps(word) {
			return !r.words.capitalSurnames.has(fold(words[0]))
		}
	}
	return false
}

// allCaps says that a word has capitals, and no other letters and signs than those of a name.
func allCaps(word string) bool {
	upper := false
	for _, c := range word {
		if unicode.IsUpper(c) {
			upper = true
		} else if c != '-' && c != '\'' && c != '’' && c != '.' {
			return false
		}
	}
	return upper
}

// personLike counts the words of a text that can be a person's name: two to five words that begin with capitals, initials and
// particles between them; 0 for what is shaped otherwise.
func (r *reading) personLike(text string) int {
	if len(text) > 80 || strings.ContainsAny(text, "0123456789@#&!?*_<>\"“”„") {
		return 0
	}
	count, full, total := 0, 0, 0
	for word := range strings.SplitSeq(text, " ") {
		total++
		if total > 6 {
			return 0
		}
		first, n := utf8.DecodeRuneInString(word)
		key := ""
		if unicode.IsLower(first) || len(word) <= 3 {
			key = fold(word)
		}
		switch {
		case !unicode.IsLetter(first):
			return 0
		case !unicode.IsUpper(first) && !unicode.IsLower(first): // a script without capitals
			count++
			full++
		case unicode.IsLower(first):
			if !r.words.particles.has(key) && !isPrefixed(word) {
				return 0
			}
			if isPrefixed(word) {
				count++
				full++
			}
		case r.words.nameSuffixes.has(key) && count > 1:
		default:
			count++
			if len(word) > n+1 {
				full++
			}
		}
	}
	if count > 5 || full == 0 {
		return 0
	}
	return count
}

// isPrefixed knows names with a small particle joined to them: "al-Sayed", "d'Agata", "el-Haddad".
func isPrefixed(word string) bool {
	head, tail, ok := strings.Cut(word, "-")
	if !ok {
		head, tail, ok = strings.Cut(strings.ReplaceAll(word, "’", "'"), "'")
	}
	return ok && len(head) <= 3 && startsUpper(tail)
}

// isDomain knows "a100stoppen.de" and "www.example.org": the address of a site.
func isDomain(text string) bool {
	text = strings.TrimPrefix(text, "https://")
	text = strings.TrimPrefix(text, "http://")
	if strings.Contains(text, " ") {
		return false
	}
	host, _, _ := strings.Cut(text, "/")
	i := strings.LastIndexByte(host, '.')
	if i <= 0 || len(host)-i < 3 || len(host)-i > 9 {
		return false
	}
	for _, c := range host[i+1:] {
		if !unicode.IsLetter(c) {
			return false
		}
	}
	label := host[strings.LastIndexByte(host[:i], '.')+1 : i]
	if utf8.RuneCountInString(label) < 2 {
		return false
	}
	if strings.ToLower(host[i:]) == host[i:] {
		return true
	}
	switch host[i:] { // in capitals only what is surely one: "TP.HCM" is none
	case ".COM", ".NET", ".ORG", ".DE", ".FR", ".IT", ".ES", ".RU", ".PL", ".CZ", ".BR", ".CH", ".AT", ".EU", ".TV", ".INFO", ".UK":
		return strings.ToUpper(host) == host
	}
	return false
}

// isDate knows what is only numbers, months and the like: "22 March 2024", "2019".
func isDate(key string) bool {
	digits := strings.IndexFunc(key, unicode.IsDigit) >= 0
	if !digits {
		return false
	}
	for word := range strings.SplitSeq(key, " ") {
		if isNumber(word) || isMonth(word) {
			continue
		}
		return false
	}
	return true
}

// isNumber knows "22", "2019" and "3rd".
func isNumber(word string) bool {
	rest := strings.TrimLeft(word, "0123456789")
	return rest != word && (rest == "" || rest == "th" || rest == "st" || rest == "nd" || rest == "rd")
}

func isMonth(word string) bool {
	if len(word) < 3 || len(word) > 9 {
		return false
	}
	switch word[:3] {
	case "jan", "feb", "mar", "apr", "may", "mai", "jun", "jul", "aug", "sep", "oct", "okt", "nov", "dec", "dez", "ene", "abr", "ago", "dic":
		return true
	}
	return false
}

// isCode knows "s41467" and "220101-99-12345": numbers with a letter or two.
func isCode(text string) bool {
	digits, letters := 0, 0
	for _, c := range text {
		if unicode.IsDigit(c) {
			digits++
		} else if unicode.IsLetter(c) {
			letters++
		}
	}
	return digits > 2 && letters <= 2
}

// isLicence knows "CC BY-SA 4.0".
func isLicence(key string) bool {
	return strings.HasPrefix(key, "cc by") || strings.HasPrefix(key, "cc0")
}
