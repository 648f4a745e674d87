package creditline

import (
	"strings"
)

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

// isBare says that a label is a word alone, without a sign or a preposition: "Foto", as in "Foto AP".
func isBare(label string) bool { return label != "copyright" && theWords().bare.has(label) }

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
