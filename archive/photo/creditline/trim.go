package creditline

import "strings"

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
	*rest = strings.TrimPrefix(*rest, "the ")
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
