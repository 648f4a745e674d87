package creditline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Normalise gives a credit line without what stands around the names: outer brackets, ©, label words ("Photo:", "Foto:", "Image via"),
// separators and the final stop are cut, repeatedly: "(Foto: © Bild: Ann Roe/dpa)" is "Ann Roe/dpa". The result is a part of the line
// with its white space collapsed, "" when there is nothing but labels.
func Normalise(text string) string { return normalise(collapse(text)) }

func normalise(s string) string {
	for {
		before := s
		s = strings.TrimLeftFunc(s, isSeparator)
		s = cutBrackets(s)
		s = cutCopyright(s)
		s, _ = cutLabel(s)
		s = cutStop(trimSeparators(s))
		if s == before {
			return s
		}
	}
}

// HasLabel reports whether a text begins with a label word of a credit ("Photo:", "© ", "(Photo by", "사진 ="), or ends with one in the
// languages that put it there ("nuotr.", "提供").
func HasLabel(text string) bool {
	s := collapse(text)
	for range 4 {
		if cut := cutCopyright(s); cut != s || strings.HasPrefix(s, "＝") { // "＝ＡＰ" is how Japanese papers begin a credit
			return true
		}
		before := s
		s = cutBrackets(trimSeparators(s))
		s = strings.TrimLeft(s, "([（［【〔〈「")
		if cut := cutCopyright(s); cut != s {
			return true
		}
		if _, ok := cutLabel(s); ok {
			return true
		}
		if s == before {
			break
		}
	}
	_, ok := cutSuffix(s)
	return ok && len(s) <= maxSuffixed
}

// maxSuffixed is how many bytes a credit has at most whose label stands behind the name: longer texts end so by chance.
const maxSuffixed = 120

func isSeparator(r rune) bool {
	switch r {
	case ' ', '-', '–', '—', '―', '|', '｜', '/', '／', '•', '·', '・', ',', '，', '、', ';', '；', ':', '：', '=', '＝', '▲', '△', '▶', '■', '□', '◆', '●', '*', '→', '>', '›', '»', '+':
		return true
	}
	return false
}

// trimSeparators cuts separators at both ends.
func trimSeparators(s string) string {
	return strings.TrimRightFunc(strings.TrimLeftFunc(s, isSeparator), func(r rune) bool { return isSeparator(r) && r != '»' && r != '+' })
}

// closing gives the bracket that closes an opening one, 0 for what is none.
func closing(r rune) rune {
	switch r {
	case '(':
		return ')'
	case '[':
		return ']'
	case '{':
		return '}'
	case '（':
		return '）'
	case '［':
		return '］'
	case '【':
		return '】'
	case '〔':
		return '〕'
	case '〈':
		return '〉'
	case '＜':
		return '＞'
	case '<':
		return '>'
	case '「':
		return '」'
	case '『':
		return '』'
	}
	return 0
}

// isBracket knows brackets that open and that close.
func isBracket(r rune) bool {
	switch r {
	case ')', ']', '}', '）', '］', '】', '〕', '〉', '＞', '>', '」', '』':
		return true
	}
	return closing(r) != 0
}

// cutBrackets cuts a pair of brackets around the whole text, and a bracket that nothing closes or opens.
func cutBrackets(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if end := closing(first); end != 0 {
		switch at := matching(s, first, end); at {
		case -1:
			return s[n:]
		case len(s) - utf8.RuneLen(end):
			return s[n:at]
		}
		return s
	}
	last, m := utf8.DecodeLastRuneInString(s)
	if isBracket(last) {
		opened := 0
		for _, r := range s[:len(s)-m] {
			if closing(r) == last {
				opened++
			} else if r == last {
				opened--
			}
		}
		if opened <= 0 || closing(last) != 0 {
			return s[:len(s)-m]
		}
	}
	return s
}

// matching finds the bracket that closes the one with which s begins; -1 if there is none.
func matching(s string, open, end rune) int {
	depth := 0
	for i, r := range s {
		switch r {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// cutCopyright cuts one sign of copyright at the beginning.
func cutCopyright(s string) string {
	for _, sign := range [...]string{"©", "(c)", "(C)", "（Ｃ）", "（C）", "（c）", "（ｃ）", "ⓒ", "Ⓒ", "℗", "®", "™", "(p)", "(P)", "&copy;", "📷", "📸", "Ⓒ"} {
		if rest, ok := strings.CutPrefix(s, sign); ok {
			return rest
		}
	}
	return s
}

// cutStop cuts the stop at the end of a sentence, but not that of an abbreviation.
func cutStop(s string) string {
	rest, ok := strings.CutSuffix(s, ".")
	if !ok {
		if rest, ok = strings.CutSuffix(s, "。"); ok {
			return rest
		}
		return s
	}
	word := rest[strings.LastIndexAny(rest, " .")+1:]
	switch strings.ToLower(word) {
	case "jr", "sr", "inc", "co", "ltd", "bros", "corp", "nuotr", "e.v", "v":
		return s
	}
	if utf8.RuneCountInString(word) == 1 && word != "." && startsUpper(word) && !strings.HasSuffix(rest, ".") {
		return s // an initial: "Kim J."
	}
	return rest
}

// maxLabelBytes and maxLabelWords bound where a label is looked for.
const (
	maxLabelBytes = 64
	maxLabelWords = 7
)

// cutLabel cuts one label at the beginning: "Photo:", "Foto von", "Courtesy of", "CreditCredit", "사진 =".
func cutLabel(s string) (rest string, ok bool) {
	if rest, ok = cutMarkedLabel(s); ok {
		return rest, true
	}
	if rest, ok = cutWordedLabel(s); ok {
		return rest, true
	}
	for _, glued := range theWords().gluedLabels {
		if rest, ok = strings.CutPrefix(s, glued); ok && rest != "" {
			return rest, true
		}
	}
	for _, glued := range [...]string{"Credit", "CREDIT", "Dok."} { // "CreditJo Roe", "Credit...Jo Roe", "Dok.IGI"
		if rest, ok = strings.CutPrefix(s, glued); ok && rest != "" && (startsUpper(rest) && glued != "CREDIT" || rest[0] == '.') {
			return strings.TrimLeft(rest, ".… "), true
		}
	}
	return s, false
}

// cutMarkedLabel cuts a label that ends in a colon or another sign.
func cutMarkedLabel(s string) (string, bool) {
	head := clip(s, maxLabelBytes)
	for i, r := range head {
		switch r {
		case ':', '：', '=', '＝', '…', '︰', '﹕', '∶', '・', '►', '▸', '■', '●', '>', '»':
		case ',', '，', '،': // "Image source, Reuters"
			if i == 0 || !theWords().suppliers.has(fold(s[:i])) {
				return s, false
			}
		case '/', '／', '|', '｜':
			// In scripts without spaces only: "写真／Name".
			if last, _ := utf8.DecodeLastRuneInString(s[:i]); i == 0 || !isCJK(last) {
				continue
			}
		case '.':
			if !strings.HasPrefix(s[i:], "...") {
				continue
			}
		case '©', 'ⓒ':
			if isLabel(s[:i]) {
				return s[i:], true
			}
			continue
		default:
			continue
		}
		if i == 0 || !isLabel(s[:i]) {
			if r == ':' || r == '：' {
				return s, false
			}
			continue
		}
		return strings.TrimLeft(s[i+utf8.RuneLen(r):], ".…:= "), true
	}
	return s, false
}

// isLabel says that a text is a label: a label word, with a preposition behind it or not.
func isLabel(text string) bool {
	v := theWords()
	key := fold(text)
	if v.labels.has(key) || v.leads.has(key) {
		return true
	}
	for i := len(key) - 1; i > 0; i-- {
		if key[i] == ' ' && v.labels.has(key[:i]) && (v.prepositions.has(key[i+1:]) || v.weakPrepositions.has(key[i+1:]) || v.labels.has(key[i+1:])) {
			return true
		}
	}
	if first, second, ok := strings.Cut(text, "/"); ok { // "Foto/Montage:", "Text/Foto:"
		return v.labels.has(fold(second)) && (v.labels.has(fold(first)) || v.otherLabels.has(fold(first)))
	}
	return false
}

// cutWordedLabel cuts a label that is only words: a label word and a preposition ("Photo by"), a lead ("Courtesy of"), or a label word
// of which a capitalised name follows ("Foto Reuters").
func cutWordedLabel(s string) (string, bool) {
	v := theWords()
	best := -1
	for i, words := 0, 1; words <= maxLabelWords && i < len(s) && i <= maxLabelBytes; words++ {
		end := strings.IndexByte(s[i:], ' ')
		if end < 0 {
			break
		}
		end += i
		head := s[:end]
		if words == 1 && !v.firsts.has(fold(head)) {
			return s, false
		}
		i = end + 1
		key := fold(head)
		switch {
		case v.leads.has(key) || words > 1 && isLabelWithPreposition(v, key):
			if v.parties[fold(s)] == nil {
				best = i
			}
		case words > 1 && beginsName(s[i:]) && isWeakLabel(v, key):
			best = i
		case v.bare.has(key) && (beginsName(s[i:]) || head[len(head)-1] == '.') && !v.namesParty(s):
			best = i
		case v.labels.has(key) || v.markers.has(key):
			best = -1 // "Captura de pantalla" is more than the lead "Captura de"
		}
	}
	if key := fold(s); best >= 0 && (v.markers.has(key) || v.supplied.has(key) || v.labels.has(key)) {
		return s, false
	}
	if best < 0 || best >= len(s) {
		return s, false
	}
	return s[best:], true
}

// namesParty says that the whole text is a known party: "Photo Researchers", "Foto Arena".
func (v *vocabulary) namesParty(s string) bool { return v.parties[fold(s)] != nil }

func isLabelWithPreposition(v *vocabulary, key string) bool {
	for i := 0; i < len(key); i++ {
		if key[i] == ' ' && v.prepositions.has(key[i+1:]) && v.labels.has(key[:i]) {
			return true
		}
	}
	return false
}

// isWeakLabel knows "Foto von": a word for photograph, and a preposition that captions have too.
func isWeakLabel(v *vocabulary, key string) bool {
	for i := 0; i < len(key); i++ {
		if key[i] == ' ' && v.weakPrepositions.has(key[i+1:]) && v.bare.has(key[:i]) {
			return true
		}
	}
	return false
}

// cutSuffix cuts a label at the end: "J. Roe nuotr.", "海岸図書館提供".
func cutSuffix(s string) (string, bool) {
	v := theWords()
	for _, glued := range v.gluedSuffixes {
		if rest, ok := strings.CutSuffix(s, glued); ok && rest != "" {
			return strings.TrimRight(rest, " "), true
		}
	}
	for i, words := len(s), 1; words <= 3; words++ {
		i = strings.LastIndexByte(s[:i], ' ')
		if i <= 0 {
			break
		}
		if v.suffixes.has(fold(s[i:])) {
			return s[:i], true
		}
	}
	return s, false
}

// beginsName says that a text begins as a name does after a label without a sign: with a capital, an account or a year.
func beginsName(s string) bool {
	return startsUpper(s) || startsCJK(s) || strings.HasPrefix(s, "@") || len(s) > 5 && isYear(s[:4]) && s[4] == ' '
}

func startsUpper(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

func startsCJK(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isCJK(r)
}

// namesSupplier says that the label of a line is of who supplied the picture: "사진제공=", "提供：".
func namesSupplier(line string) bool {
	line = strings.TrimLeftFunc(line, func(r rune) bool { return isSeparator(r) || isBracket(r) })
	i := strings.IndexAny(line, ":：=＝")
	return i > 0 && i <= maxLabelBytes && theWords().suppliers.has(fold(line[:i]))
}

// namesPerson says that the label of a line is of a person: "Photographer:", "Fotograf:".
func namesPerson(line string) bool {
	label, _, ok := strings.Cut(clip(line, maxLabelBytes), ":")
	return ok && theWords().personal.has(fold(label))
}
