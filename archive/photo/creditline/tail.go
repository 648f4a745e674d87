package creditline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTail is how many bytes a credit at the end of a caption has at most.
const maxTail = 240

// Split parts a caption that ends in a credit: "A quay at dawn. (Ana Lind/AP)" is the caption "A quay at dawn." and the credit
// "(Ana Lind/AP)". The credit is as shown, brackets and label included; separators at the cut belong to neither. Without a credit at its
// end, the caption is the whole text and the credit "". Line ends in the text part it as full stops do. A text that is a credit and nothing
// else has no caption.
func Split(text string) (caption, credit string) {
	text = strings.TrimSpace(text)
	if len(text) <= maxTail && begins(text) && IsCredit(text) {
		return "", text
	}
	bracket := lastBracket(text)
	if bracket > 0 && !isTail(text[:bracket], text[bracket:]) {
		bracket = -1
	}
	if bracket > 0 && begins(text[bracket:]) {
		return trimCut(text[:bracket]), text[bracket:]
	}
	if at := strongLabel(text); at > 0 {
		return trimCut(text[:at]), text[at:]
	}
	if len(text) <= maxTail && IsCredit(text) {
		return "", text
	}
	if bracket > 0 {
		return trimCut(text[:bracket]), text[bracket:]
	}
	for i := max(0, len(text)-maxTail); i < len(text); i++ {
		if !utf8.RuneStart(text[i]) || !startsTail(text, i) {
			continue
		}
		if tail := text[i:]; isTail(text[:i], tail) {
			return trimCut(text[:i]), tail
		}
	}
	return text, ""
}

// strongLabel gives where the first label begins that announces the rest of a text as a credit; -1 without one. A bracket before the label
// belongs to it.
func strongLabel(text string) int {
	for i := max(0, len(text)-maxTail); i < len(text); i++ {
		if !utf8.RuneStart(text[i]) || !startsTail(text, i) || !hasStrongLabel(text[i:]) {
			continue
		}
		c, size := utf8.DecodeRuneInString(text[i:])
		if end := closing(c); end != 0 && cutCopyright(text[i:]) == text[i:] && !isBracketed(text[:i], strings.TrimRight(text[i+size:], string(end)+".。 ")) || (end == 0 || cutCopyright(text[i:]) != text[i:]) && !IsCredit(text[i:]) {
			continue
		}
		return i
	}
	return -1
}

// lastBracket gives where the bracket opens that the text ends with; -1 when it ends otherwise.
func lastBracket(text string) int {
	trimmed := strings.TrimRight(text, ".。 ")
	last, size := utf8.DecodeLastRuneInString(trimmed)
	open := opening(last)
	if open == 0 {
		return -1
	}
	depth := 1
	for i := len(trimmed) - size; i > 0; {
		c, n := utf8.DecodeLastRuneInString(trimmed[:i])
		i -= n
		switch c {
		case last:
			depth++
		case open:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func opening(end rune) rune {
	for _, open := range "([（［【〔" {
		if closing(open) == end {
			return open
		}
	}
	return 0
}

// trimCut takes off what joined caption and credit.
func trimCut(s string) string { return strings.TrimRight(s, " \n\u00a0/–—-•·:;,＝、，|") }

// startsTail says that a credit can begin at i: at the start of a word, or at a sign that opens one.
func startsTail(text string, i int) bool {
	c, _ := utf8.DecodeRuneInString(text[i:])
	if c == ' ' {
		return false
	}
	if strings.ContainsRune("([（［【〔©＝ⓒ", c) {
		return true
	}
	if i == 0 {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	if !unicode.IsLetter(c) && c != '@' {
		return false
	}
	return !unicode.IsLetter(before) && !unicode.IsDigit(before) && before != '\'' && before != '’' && before != '-'
}

// isTail says that tail, which ends a text that begins with before, is a credit.
func isTail(before, tail string) bool {
	c, size := utf8.DecodeRuneInString(tail)
	switch {
	case cutCopyright(tail) != tail:
		return IsCredit(tail)
	case closing(c) != 0:
		inner, ok := unwrap(tail)
		return ok && isBracketed(before, inner)
	case c == '＝':
		return isNameList(tail[size:])
	case begins(tail):
		return IsCredit(tail) && (endsPart(before) || hasStrongLabel(tail))
	case HasLabel(tail): // at its end
		lists := strings.HasSuffix(before, "、") || strings.HasSuffix(before, "，")
		return (endsPart(before) || lists && !strings.ContainsAny(tail, "、，")) && isNameList(Normalise(tail))
	}
	if strings.HasSuffix(before, "\n") && strings.ContainsAny(tail, "/|／") && isNameList(tail) {
		return true
	}
	return endsPart(before) && (isNamed(tail) || namesReporter(tail))
}

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

// isBracketed says that what stands in brackets behind a caption is a credit.
func isBracketed(before, inner string) bool {
	if HasLabel(inner) && !tells(inner) || isNamed(inner) {
		return true
	}
	if word, rest, ok := strings.Cut(inner, " "); ok && NamesPicture(word+":"+rest) && isNameList(strings.ReplaceAll(rest, ". ", ", ")) {
		return true // "Photo Ana Lind. AFP"
	}
	// Two parties, or one name behind a sentence that has ended.
	if strings.ContainsAny(inner, "/|／") && isNameList(inner) {
		return true
	}
	return sentenceEnds(before) && isNameList(inner) && len(Parse(inner).People) > 0 && strings.Contains(inner, " ")
}

// endsPart says that a new part can begin behind a text: a sentence has ended, or a separator stands there.
func endsPart(before string) bool {
	before = strings.TrimRight(before, " \u00a0")
	if before == "" || strings.HasSuffix(before, "\n") {
		return true
	}
	c, size := utf8.DecodeLastRuneInString(before)
	switch c {
	case '|', '—', '–', '•', '·', '*', '/', '-':
		return strings.HasSuffix(before[:len(before)-size], " ")
	}
	return sentenceEnds(before)
}

func sentenceEnds(before string) bool {
	before = strings.TrimRight(before, " \u00a0")
	if before == "" {
		return false
	}
	c, size := utf8.DecodeLastRuneInString(before)
	switch c {
	case '!', '?', '。', '．', '…', '」', '”', '"', '»', ')', '）', ']', '।', '؟':
		return true
	case '.':
		return !endsInAbbreviation(before[:len(before)-size])
	}
	return false
}

// endsInAbbreviation says that the point behind a text ends no sentence: an initial ("J."), or a title.
func endsInAbbreviation(s string) bool {
	word := s[strings.LastIndexAny(s, " (\u00a0")+1:]
	if utf8.RuneCountInString(word) == 1 {
		c, _ := utf8.DecodeRuneInString(word)
		return unicode.IsUpper(c)
	}
	switch word {
	case "Dr", "Mr", "Mrs", "Ms", "St", "Prof", "Gen", "Sen", "Rep", "Gov", "Lt", "Col", "Sgt", "Capt", "Rev", "Hon", "No", "vs", "Mt":
		return true
	}
	return false
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
		return rest != "" && !isLabel(rest) && !tells(rest) && (begins(text) && !isOf(text) || isNameList(rest))
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
			if len(words) == 1 {
				return false
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

// unwrap takes off brackets that enclose the whole text, and a full stop behind them.
func unwrap(text string) (string, bool) {
	open, size := utf8.DecodeRuneInString(text)
	end := closing(open)
	if end == 0 {
		return "", false
	}
	inner, ok := strings.CutSuffix(strings.TrimRight(text, ".。 "), string(end))
	if !ok || len(inner) < size {
		return "", false
	}
	inner = inner[size:]
	if strings.ContainsRune(inner, open) && strings.ContainsRune(inner, end) && strings.IndexRune(inner, end) < strings.IndexRune(inner, open) {
		return "", false // two pairs
	}
	return strings.TrimSpace(inner), true
}

// isOf says that the label of a text ends in a word that may as well say what is shown: "Imagen de", "Bild von", "Photo of".
func isOf(text string) bool {
	label, ok := labelOf(text)
	if !ok {
		return false
	}
	switch label[strings.LastIndexByte(label, ' ')+1:] {
	case "of", "de", "del", "della", "di", "da", "do", "dos", "von", "vom", "van", "af", "av", "от", "od", "z":
		return !strings.HasSuffix(label, "courtesy of") && !strings.HasSuffix(label, "permission of")
	}
	return false
}

// begins reports whether a text begins with a label, and does not only end in one as some languages have it.
func begins(text string) bool {
	label, ok := labelOf(text)
	return ok && (!strings.HasSuffix(label, " of") || strings.HasSuffix(label, "courtesy of") || strings.HasSuffix(label, "permission of"))
}

// hasStrongLabel reports whether the label that a text begins with announces a credit wherever it stands: it ends in a colon or another
// sign, or says by whom a picture is.
func hasStrongLabel(text string) bool {
	label, ok := labelOf(text)
	if !ok {
		return false
	}
	if strings.ContainsAny(label, "©:：=＝…") {
		return true
	}
	for _, maker := range [...]string{" by", " via", " courtesy of", " par", " por", " durch", " should read"} {
		if strings.HasSuffix(label, maker) {
			return NamesPicture(text)
		}
	}
	return false
}

// labelOf gives the label that a text begins with: folded, or with the sign that ends it.
func labelOf(text string) (string, bool) {
	s := collapse(text)
	if cutCopyright(s) != s {
		return "©", true
	}
	s = strings.TrimLeft(s, "([（［【〔〈「 ")
	if cutCopyright(s) != s {
		return "©", true
	}
	rest, ok := cutLabel(s)
	if !ok {
		return "", false
	}
	label := strings.TrimSuffix(s, rest)
	if strings.Contains(strings.TrimRight(label, ".… "), ". ") {
		return "", false // a label word ends one sentence, and another begins the next
	}
	if strings.ContainsAny(label, ":：=＝…") {
		return label, true
	}
	return fold(label), true
}

// NamesPicture says that a text begins with a label that speaks of a picture, and not of where a text comes from: "Photos: …", but not
// "Source: …". A colon may be missing: "Foto AP".
func NamesPicture(text string) bool {
	text = strings.TrimLeft(collapse(text), "([（［【〔〈「 ")
	if cutCopyright(text) != text {
		return true
	}
	rest, ok := cutLabel(text)
	if !ok {
		word, _, _ := strings.Cut(text, " ")
		word = strings.Trim(word, ",:;")
		return isLabel(word) && !isSourceWord(fold(word))
	}
	for word := range strings.FieldsSeq(fold(strings.TrimSuffix(text, rest))) {
		if isSourceWord(word) {
			return false
		}
	}
	return true
}

// isSourceWord knows the words, folded, that stand before the source of a text as well as before that of a picture.
func isSourceWord(word string) bool {
	switch word {
	case "source", "sources", "via", "quelle", "quellen", "fuente", "fuentes", "fonte", "fonti", "bron", "kalla", "kilde", "lahde", "heimild",
		"zrodlo", "zdroj", "izvor", "vir", "forras", "sursa", "allikas", "avots", "saltinis", "burimi", "πηγη", "источник", "источники", "джерело",
		"извор", "kaynak", "出典", "出所", "来源", "來源", "출처", "nguon", "sumber", "copyright", "rights", "text", "texte", "texto", "tekst":
		return true
	}
	return false
}

func isSupplier(text string) bool { return theWords().supplied.has(fold(text)) }
