package creditline

import (
	"strings"
	"unicode"
)

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
		if r.mayRunOn(text[:i], text[i+1:]) && r.personLike(text[i+1:]) >= 2 && !r.organisation(text[i+1:]) {
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
		p := r.words.parties[right]
		if named && (p != nil && p.sort <= ofStock || r.startsGiven(left) && strings.Contains(right, " ") && r.organisation(right)) || (named || r.words.parties[left] != nil) && r.words.markers.has(right) || left == "ho" {
			return text[:i], text[i+1:], dash, true // "Kirby Lee-Imagn Images", "dpa-Pool", "HO-Polri"
		}
	}
	return "", "", 0, false
}

// mayRunOn says that an agency's name can stand before a person's without a separator: the great ones before any name, capitals before a
// name that begins with a common given name.
func (r *reading) mayRunOn(agency, name string) bool {
	key := fold(agency)
	p := r.words.parties[key]
	return r.words.runOn.has(key) || p != nil && p.sort <= ofNews && allCaps(agency) && r.startsGiven(fold(name))
}

// startsGiven says that a folded name begins with a common given name.
func (r *reading) startsGiven(key string) bool {
	first, _, _ := strings.Cut(key, " ")
	return r.words.given.has(first)
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
