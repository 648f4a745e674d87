package creditline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cjkKind is the kind of a part in Chinese, Japanese or Korean that is not in the table.
func (r *reading) cjkKind(p *piece) kind {
	v := r.words
	for _, suffix := range v.personSuffixes {
		before, ok := strings.CutSuffix(p.text, suffix)
		if !ok || strings.TrimSpace(before) == "" {
			continue
		}
		before = strings.TrimSpace(before)
		if i := strings.LastIndexByte(before, ' '); i > 0 && strings.IndexFunc(before[i:], isHangul) >= 0 {
			before = before[i+1:] // "본지 한수진 기자"
		}
		p.text, p.key = before, fold(before)
		return isPerson
	}
	for _, ending := range v.organisationEndings {
		if strings.HasSuffix(p.text, ending) && len(p.text) > len(ending) && !shortHan(p.text, ending) {
			return isAgency
		}
	}
	if r.cjkPerson(p.text) && !r.supplier {
		return isName
	}
	return isAgency
}

// shortHan says that an ending of one character is the last one of three: it may be that of a person's given name.
func shortHan(text, ending string) bool {
	return utf8.RuneCountInString(ending) == 1 && utf8.RuneCountInString(text) <= 3 && strings.IndexFunc(text, unicode.IsSpace) < 0 && ending != "社" && ending != "網" && ending != "网"
}

// cjkPerson says that a text is shaped like a person's name in Chinese, Japanese or Korean: two to four Han characters, up to seven with
// kana among them, foreign names in katakana with a dot between, two to four Hangul syllables that begin with a surname.
func (r *reading) cjkPerson(text string) bool {
	han, kana, hangul, other, total := 0, 0, 0, 0, 0
	for _, c := range text {
		total++
		switch {
		case isHan(c):
			han++
		case isHangul(c):
			hangul++
		case c >= 0x3040 && c <= 0x30ff && c != '・':
			kana++
		case c == ' ' || c == '　' || c == '・' || c == '·':
			total--
		default:
			other++
		}
	}
	switch {
	case other > 0 || total < 2:
		return false
	case hangul > 0:
		return han == 0 && kana == 0 && total <= 4 && koreanSurname(text)
	case kana > 0 && han == 0:
		return strings.ContainsAny(text, "・ ") && total <= 16 || total >= 4 && total <= 7 && isHiragana(text)
	case kana > 0:
		return total <= 7 && !strings.Contains(text, "の")
	}
	return total <= 4
}

func isHiragana(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < 0x3041 || r > 0x309f }) < 0
}

// koreanSurnames are those of more than nine of ten Koreans.
const koreanSurnames = "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부"

func koreanSurname(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	n := utf8.RuneCountInString(text)
	return strings.ContainsRune(koreanSurnames, first) && (n == 3 || strings.ContainsRune("김이박최정강조윤장임한오서신권황안송류홍", first))
}
