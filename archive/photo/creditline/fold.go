package creditline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold gives the form of a name in which names are compared: small letters without diacritics, words parted by one space, no
// punctuation. Dots between initials and apostrophes part nothing ("A.P." is "ap", "O'Brien" is "obrien").
func fold(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return foldWide(s)
		}
	}
	var stack [96]byte
	b := stack[:0]
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			b = append(b, c)
		case c == '\'' || c == '`':
		case c == '.' && endsInInitial(b):
		case c == '&' || c == '+':
			b = append(spaced(b), c, ' ')
		default:
			b = spaced(b)
		}
	}
	return strings.TrimSuffix(string(b), " ")
}

// spaced ends a word.
func spaced(b []byte) []byte {
	if len(b) == 0 || b[len(b)-1] == ' ' {
		return b
	}
	return append(b, ' ')
}

// endsInInitial says that the last word of b so far is one letter, or letters parted by dots that were taken out.
func endsInInitial(b []byte) bool {
	n := len(b)
	return n == 1 && b[0] != ' ' || n >= 2 && b[n-1] != ' ' && b[n-2] == ' '
}

// foldWide folds what is not plain ASCII.
func foldWide(s string) string {
	b := make([]byte, 0, len(s)+8)
	letters := 0 // of the word so far
	for _, r := range norm.NFKD.String(s) {
		if r >= 0x300 && r <= 0x36f {
			continue
		}
		r = unicode.ToLower(r)
		if other, ok := letter(r); ok {
			b = append(b, other...)
			letters++
			continue
		}
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b = utf8.AppendRune(b, r)
			letters++
			continue
		case r == '\'' || r == '`' || r == '’' || r == '‘' || r == 'ʼ' || r == '´' || r == '·' || isUnseen(r):
			continue
		case r == '.' && letters == 1:
			letters = 0 // the next initial joins
			continue
		case r == '&' || r == '+':
			b = append(utf8.AppendRune(spaced(b), r), ' ')
		default:
			b = spaced(b)
		}
		letters = 0
	}
	return strings.TrimSuffix(norm.NFC.String(string(b)), " ")
}

// letter is what compares equal to a letter that does not decompose into one and a diacritic.
func letter(r rune) (string, bool) {
	switch r {
	case 'ß':
		return "ss", true
	case 'æ':
		return "ae", true
	case 'œ':
		return "oe", true
	case 'ø':
		return "o", true
	case 'ł':
		return "l", true
	case 'đ', 'ð':
		return "d", true
	case 'þ':
		return "th", true
	case 'ı':
		return "i", true
	case 'ħ':
		return "h", true
	case 'ς':
		return "σ", true
	case 'ё':
		return "е", true
	}
	return "", false
}

// isCJK says that a rune is of a script that puts no spaces between words.
func isCJK(r rune) bool {
	return r >= 0x3040 && r <= 0x30ff || r >= 0x31f0 && r <= 0x31ff || r >= 0x3400 && r <= 0x4dbf || r >= 0x4e00 && r <= 0x9fff ||
		r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0x20000 && r <= 0x3ffff || r == '々' || r == 'ー'
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) || r == '々' }

func isHangul(r rune) bool { return r >= 0xac00 && r <= 0xd7a3 }
