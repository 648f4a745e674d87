package photo

import (
	"strings"

	"tearsheet/archive/photo/creditline"
)

// captionTail gives the credit with which a file's caption ends, as agencies write them: "… at home. (AP Photo/Jo Roe)",
// "… in London. REUTERS/Jo Roe", "… am Abend. Foto: Jo Roe/dpa", "Mandatory Credit: Jo Roe/Getty Images". It is "" when there is none.
func captionTail(caption string) string {
	caption = strings.TrimRight(caption, " .\n")
	if strings.HasSuffix(caption, ")") || strings.HasSuffix(caption, "）") {
		if open := max(strings.LastIndex(caption, "("), strings.LastIndex(caption, "（")); open >= 0 {
			return tailIf(caption[open:])
		}
	}
	for i := len(caption) - 1; i > 0; i-- {
		if caption[i] != ' ' || len(caption)-i > maxTail {
			continue
		}
		if beginsCredit(caption[i+1:]) {
			return tailIf(caption[longerLabel(caption, i):])
		}
	}
	return tailIf(caption)
}

// longerLabel gives where the label really begins whose last word stands behind the space at i: "Mandatory Credit:".
func longerLabel(caption string, i int) int {
	begin := i + 1
	for range 3 {
		if i = strings.LastIndexByte(caption[:i], ' '); i < 0 || !creditline.HasLabel(caption[i+1:]) {
			break
		}
		begin = i + 1
	}
	return begin
}

// maxTail is how many bytes the credit at the end of a caption has at most.
const maxTail = 120

// beginsCredit says that a text begins as a credit does, with its label or with an agency and a slash.
func beginsCredit(text string) bool {
	word, _, _ := strings.Cut(text, " ")
	if strings.HasSuffix(word, ":") || strings.HasPrefix(word, "©") {
		return creditline.HasLabel(text)
	}
	agency, _, ok := strings.Cut(text, "/")
	if !ok || strings.Contains(agency, " ") && agency != "AP Photo" && agency != "AFP Photo" {
		return false
	}
	_, known := creditline.Agency(agency)
	return known && strings.ToUpper(agency) == agency
}

// tailIf gives a text that is a credit: labelled, or naming a known agency.
func tailIf(text string) string {
	if len(text) > maxTail || text == "" {
		return ""
	}
	if creditline.HasLabel(text) {
		return text
	}
	for _, name := range creditline.Parse(text).Agencies {
		if _, known := creditline.Agency(name); known && strings.Contains(text, "/") {
			return text
		}
	}
	return ""
}
