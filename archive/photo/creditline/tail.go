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
	if at := leading(text); at > 0 {
		return strings.TrimLeft(text[at:], " /|–—-"), text[:at]
	}
	return text, ""
}

// leading gives where a credit ends with which a caption begins, in the languages that put the label behind the name: "J. Roe / LRT nuotr. /
// Krantinė auštant"; -1 without one.
func leading(text string) int {
	at := strings.Index(text, "nuotr.")
	if at < 0 {
		return -1
	}
	at += len("nuotr.")
	rest := strings.TrimSpace(text[at:])
	if at > maxTail || rest == "" || strings.IndexByte("/|", rest[0]) < 0 || !isNameList(unsuffixed(text[:at])) {
		return -1
	}
	return at
}

// unsuffixed is a credit line without its labels, those behind the name as well.
func unsuffixed(text string) string {
	line := Normalise(text)
	if rest, ok := cutSuffix(line); ok {
		return rest
	}
	return line
}

// strongLabel gives where the first label begins that announces the rest of a text as a credit; -1 without one. A bracket before the label
// belongs to it.
func strongLabel(text string) int {
	for i := max(0, len(text)-maxTail); i < len(text); i++ {
		if !utf8.RuneStart(text[i]) || !startsTail(text, i) {
			continue
		}
		ahead := clip(text[i:], maxLabelBytes+8)
		if !mayAnnounce(ahead) {
			if !mayAnnounce(text[i:]) {
				return -1
			}
			continue
		}
		if !hasStrongLabel(text[i:]) {
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

// mayAnnounce says that a text has one of the signs or words with which strong labels end. It is cheap, and most captions have none.
func mayAnnounce(text string) bool {
	if strings.ContainsAny(text, ":=©…") {
		return true
	}
	for _, sign := range [...]string{"：", "＝", "ⓒ", "(c)", "(C)", "（", "...", "℗", "(p)", "📷", "📸", "(P)"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	for i := 0; ; {
		space := strings.IndexByte(text[i:], ' ')
		if space < 0 {
			return false
		}
		i += space + 1
		if i == len(text) {
			return false
		}
		switch text[i] | 0x20 {
		case 'b', 'v', 'c', 'p', 'd', 's':
			word, _, _ := strings.Cut(text[i:], " ")
			switch strings.ToLower(word) {
			case "by", "via", "courtesy", "par", "por", "durch", "should":
				return true
			}
		}
	}
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
	case !unicode.IsLetter(c) && cutCopyright(tail) != tail:
		return IsCredit(tail)
	case closing(c) != 0:
		inner, ok := unwrap(tail)
		return ok && isBracketed(before, inner)
	case c == '＝':
		return isNameList(tail[size:])
	}
	lists := (strings.HasSuffix(before, "、") || strings.HasSuffix(before, "，")) && !strings.ContainsAny(tail, "、，")
	switch ends := endsPart(before); {
	case !ends && !lists:
		return false // within a sentence only a strong label counts, which Split looks for first
	case begins(tail):
		return IsCredit(tail) && ends
	case HasLabel(tail): // at its end
		return isNameList(unsuffixed(tail))
	case !ends:
		return false
	}
	if strings.HasSuffix(before, "\n") && strings.ContainsAny(tail, "/|／") && isNameList(tail) {
		return true
	}
	return isNamed(tail) || namesReporter(tail)
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
