package creditline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// namesReporter says that a text is a person and the word for the office: "홍길동 기자".
func namesReporter(text string) bool {
	for _, office := range theWords().personSuffixes {
		if name, ok := strings.CutSuffix(text, office); ok && name != "" {
			return isNameList(text) && len(Parse(text).People) > 0
		}
	}
	return false
}

// isCaselessPhrase says that a text in a script without capitals is longer than a name: there the words do not tell.
func isCaselessPhrase(text string) bool {
	for _, c := range text {
		if unicode.IsUpper(c) || unicode.IsLower(c) {
			return false
		}
	}
	if strings.IndexFunc(text, isCJK) >= 0 {
		return utf8.RuneCountInString(strings.TrimSpace(text)) > 5
	}
	return len(strings.Fields(text)) > 2
}

// IsCredit says that a text is a credit and nothing else, by what it says: a label or sign announces it, or it names an agency and
// beside it nothing but names.
func IsCredit(text string) bool {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 2*maxTail || isReservation(text) {
		return false
	}
	if inner, ok := unwrap(text); ok && (HasLabel(inner) || isNamed(inner)) {
		return IsCredit(inner)
	}
	if HasLabel(text) {
		rest := Normalise(text)
		if label, ok := labelOf(text); ok && isBare(label) && len(Parse(text).People) == 0 && !isNamed(rest) && !strings.ContainsAny(rest, "/|") {
			return false // "Photo Gallery"
		}
		return rest != "" && !isLabel(rest) && !tells(rest) && (begins(text) && !isOf(text) || isNameList(unsuffixed(text)))
	}
	return !strings.Contains(text, "\n") && isNamed(text)
}

// isReservation says that a text reserves rights and names nobody.
func isReservation(text string) bool {
	text = strings.ToLower(strings.Trim(text, " ©().-–—|"))
	for _, phrase := range [...]string{
		"all rights reserved", "riproduzione riservata", "alle rechte vorbehalten", "tous droits réservés", "todos los derechos reservados",
		"todos os direitos reservados", "alle rechten voorbehouden", "tüm hakları saklıdır", "wszelkie prawa zastrzeżone", "все права защищены",
		"무단 전재 및 재배포 금지", "無断転載禁止", "無断転載を禁ず", "kaikki oikeudet pidätetään", "minden jog fenntartva",
	} {
		if strings.TrimSpace(strings.TrimPrefix(text, "copyright")) == phrase {
			return true
		}
	}
	return false
}

// IsParty says that a text that stands alone where a caption would can only be a credit: [IsCredit], a word for who supplied the picture,
// or two parties with a stroke between them.
func IsParty(text string) bool {
	if IsCredit(text) {
		return true
	}
	text = strings.TrimSpace(text)
	if at := lastBracket(text); at > 0 {
		if inner, ok := unwrap(text[at:]); ok && HasLabel(inner) {
			return false // a caption, and the credit behind it
		}
	}
	if inner, ok := unwrap(text); ok {
		text = inner
	}
	if line := Parse(text); isSupplier(text) || len(line.People)+len(line.Agencies) == 0 && len(line.Markers) > 0 {
		return !tells(text)
	}
	return strings.ContainsAny(text, "/|／") && isNameList(text)
}

// LooksLikeCredit says that a text can be a credit where its place says that it is one: it holds names, and tells nothing.
func LooksLikeCredit(text string) bool {
	if IsParty(text) {
		return true
	}
	if inner, ok := unwrap(strings.TrimSpace(text)); ok {
		text = inner
	}
	return isNameList(text) && !isReservation(text) && !isLabel(Normalise(text))
}

// isNamed says that a text names an agency, and beside it nothing but names.
func isNamed(text string) bool {
	if !isNameList(text) && !isStockList(text) || strings.Index(text, "＝") > 0 {
		return false
	}
	if at := lastBracket(text); at > 0 && (sentenceEnds(text[:at]) || isCaselessPhrase(text[:at])) {
		return false // a sentence, and its credit in brackets
	}
	if parts := strings.Split(text, " | "); len(parts) > 1 && len(strings.Fields(parts[0])) > 3 && !isNamed(parts[0]) {
		return false // a caption, and its credit behind the bar
	}
	for _, a := range Parse(text).Agencies {
		if _, ok := Agency(a); ok {
			return true
		}
	}
	return false
}

// tells says that a text tells something: many words, most of them small, that end like a sentence or are more than names ever have.
func tells(text string) bool {
	words := strings.Fields(text)
	small := 0
	for _, w := range words {
		if c, _ := utf8.DecodeRuneInString(w); unicode.IsLower(c) && !theWords().particles.has(fold(w)) {
			small++
		}
	}
	if strings.ContainsAny(text, "/|©") {
		return small > 12
	}
	return small > 5 && 2*small > len(words)
}

// isNameList says that a text consists of names: parts of at most six words with capitals, or short ones in a script without capitals.
func isNameList(text string) bool {
	if text == "" || len(text) > maxTail {
		return false
	}
	parts := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("/|,;&()（）[]+／•·", c) })
	if len(parts) == 0 {
		return false
	}
	for _, p := range parts {
		if !isNameShape(strings.TrimSpace(p)) {
			return false
		}
	}
	return true
}

// isStockList says that a text is two or three parts, of which one is an agency, and the others may be names of accounts.
func isStockList(text string) bool {
	parts := strings.FieldsFunc(text, func(c rune) bool { return c == '/' || c == ',' || c == '|' })
	if len(parts) < 2 || len(parts) > 3 {
		return false
	}
	known := false
	for _, p := range parts {
		p = strings.TrimSpace(p)
		if _, ok := Agency(p); ok {
			known = true
		} else if strings.Contains(p, " ") && !isNameShape(p) || strings.HasSuffix(p, ".") || len(p) < 3 {
			return false
		}
	}
	return known
}

func isNameShape(part string) bool {
	words := strings.Fields(part)
	if len(words) > 7 {
		return false
	}
	capitals := 0
	for i, w := range words {
		c, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "\"“„'‘«@#-–—"))
		switch {
		case len(w) > 5 && strings.HasSuffix(w, "."):
			return false // a sentence has ended
		case unicode.IsUpper(c) || unicode.IsTitle(c):
			capitals++
		case unicode.IsDigit(c):
			if len(words) == 1 && (!hasLetter(w) || strings.ContainsFunc(w, isCJK)) {
				return false
			}
			if len(words) == 1 {
				capitals++ // "15min", "24sata"
			}
		case c == utf8.RuneError || unicode.IsPunct(c) || unicode.IsSymbol(c):
		case unicode.IsLower(c):
			if !theWords().particles.has(fold(w)) && !isConnector(w) && !strings.ContainsAny(strings.TrimRight(w, "."), ".@") {
				if _, ok := Agency(w); !ok && !(len(words) == 1 && i == 0 && isHandle(w)) {
					return false
				}
			}
			if len(words) == 1 {
				capitals++
			}
		default: // a script without capitals
			if utf8.RuneCountInString(part) > 20 || strings.ContainsAny(part, ".。") {
				return false
			}
			capitals++
		}
	}
	return len(words) == 0 || capitals > 0
}

// isHandle says that a word of small letters can be the name of an account: stock photographers call themselves so.
func isHandle(w string) bool { return strings.ContainsAny(w, "0123456789_") }

// isConnector says that a small word joins names in a credit.
func isConnector(w string) bool {
	switch strings.ToLower(strings.Trim(w, ".")) {
	case "via", "for", "by", "and", "und", "et", "y", "e", "och", "og", "en", "i", "of", "the", "für", "pour", "per", "par", "von", "photo", "foto",
		"courtesy", "with", "mit", "from", "at", "in", "from the":
		return true
	}
	return false
}

func isSupplier(text string) bool { return theWords().supplied.has(fold(text)) }
