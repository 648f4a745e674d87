package page

import (
	"regexp"
	"strings"
)

// interfacePhrases are what pages write beside pictures for those who click, in the languages in which we met them. They are cut off the
// begin and the end of a caption.
var interfacePhrases = [...]string{
	"view image in fullscreen", "view image in full screen", "open image in modal", "open image in gallery", "view gallery", "open gallery",
	"hide caption", "toggle caption", "enlarge image", "enlarge this image", "enlarge", "click to enlarge", "expand image", "expand", "zoom",
	"less", "read more", "see more", "show more", "show less", "more", "image caption,", "image caption", "image source,", "caption:", "caption",
	"close", "share", "download", "view more", "next", "previous", "fullscreen", "article continues below", "advertisement",
	"bild vergrößern", "bild in großansicht", "vergrößern", "legende:", "bildlegende:", "bild öffnen", "vollbild", "mehr anzeigen", "mehr",
	"anzeige", "schließen", "bildunterschrift:", "bildunterschrift anzeigen",
	"agrandir l'image", "agrandir l’image", "agrandir", "légende :", "légende:", "voir plus", "plein écran", "publicité",
	"ampliar imagen", "ampliar", "ver más", "ver galería", "cerrar", "publicidad", "ampliar foto",
	"ingrandisci", "leggi tutto", "apri la galleria", "ver mais", "abrir imagem", "fechar", "ler mais",
	"visa mer", "visa bild", "förstora bilden", "vis mer", "les mer", "vis større", "forstørr", "læs mere", "lue lisää", "näytä lisää",
	"lees meer", "vergroot", "bekijk groter", "powiększ", "zobacz więcej", "zvětšit", "увеличить", "развернуть", "читать далее",
	"büyüt", "devamını oku", "拡大", "拡大する", "画像を拡大", "写真を拡大", "전체화면", "사진 확대", "이미지 확대보기", "放大", "查看大图", "xem thêm",
}

// counters are the numbers of slides: "1 of 12 |", "[1/5]", "(3 / 8)", "Bild 1 von 4", "1/9".
var counters = regexp.MustCompile(`(?i)^(?:[\[(]?\s*(?:(?:image|photo|slide|bild|foto|picture)\s+)?\d{1,3}\s*(?:/|of|von|sur|de|di|av|van|из)\s*\d{1,3}\s*[\])]?(?:\s*[|:–—-]\s*|\s+|$))`)

// cutInterface takes off a caption what belongs to the page's controls.
func cutInterface(text string) string {
	for {
		was := text
		text = strings.TrimRight(strings.Trim(text, " \n|/–—"), "- ")
		for _, empty := range [...]string{"()", "( )", "[]", "[ ]", "（）"} { // the credit stood there
			text = strings.TrimSpace(strings.TrimSuffix(text, empty))
		}
		if m := counters.FindString(text); m != "" {
			text = text[len(m):]
		}
		for _, phrase := range interfacePhrases {
			if hasPrefixFold(text, phrase) && endsWord(text, len(phrase)) {
				text = strings.TrimLeft(text[len(phrase):], " :>»›.…")
				break
			}
			if at := len(text) - len(phrase); hasSuffixFold(text, phrase) && (at == 0 || isPhraseStart(text, at)) {
				text = strings.TrimRight(text[:at], " :>»›…")
				break
			}
		}
		if text == was {
			return text
		}
	}
}

// endsWord says that no word of a sentence goes on at i: "More than a hundred people" is a caption, "More" and "More >" are not.
func endsWord(text string, i int) bool {
	if i == len(text) {
		return true
	}
	rest := strings.TrimLeft(text[i:], " ")
	if rest == "" || strings.ContainsRune(":>»›", rune(rest[0])) || strings.ContainsRune(":,", rune(text[i-1])) {
		return true
	}
	// Of several words, the phrase is an instruction also before a sentence.
	return strings.Contains(text[:i], " ") && text[i] == ' ' && rest[0] >= 'A' && rest[0] <= 'Z'
}

// isPhraseStart says that what stands before i has ended there: a sentence, or a part of a list.
func isPhraseStart(text string, i int) bool {
	before := strings.TrimRight(text[:i], " ")
	if before == "" || before == text[:i] {
		return before == ""
	}
	return strings.ContainsAny(before[len(before)-1:], ".!?)]>|»”\"…") || strings.Contains(text[i:], " ")
}
