package creditline

import (
	"strings"
	"sync"
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
	letters := 0 // of the word since it began, or since the last dot within initials
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
			letters++
			continue
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			b = append(b, c)
			letters++
			continue
		case c == '\'' || c == '`':
			continue
		case c == '.' && letters == 1:
		case c == '&' || c == '+':
			b = append(spaced(b), c, ' ')
		default:
			b = spaced(b)
		}
		letters = 0
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

// foldWide folds what is not plain ASCII.
func foldWide(s string) string {
	if strings.IndexFunc(s, needsNorm) >= 0 {
		return norm.NFC.String(foldRunes(norm.NFKD.String(s)))
	}
	return foldRunes(s)
}

// needsNorm says that a rune has to be decomposed to be folded: all but those of the table of plain letters, of ordinary punctuation
// and of the scripts of East Asia.
func needsNorm(r rune) bool {
	return r >= tableEnd && !(r >= 0x2010 && r <= 0x2023) && !(r >= 0x3001 && r <= 0x3030) && !(r >= 0x3041 && r <= 0x3096) &&
		!(r >= 0x30a1 && r <= 0x30fc) && !(r >= 0x4e00 && r <= 0x9fff) && !(r >= 0xac00 && r <= 0xd7a3)
}

// tableEnd is the end of the table of plain letters: Latin, Greek and Cyrillic.
const tableEnd = 0x500

// plainLetters gives the folded form of every letter below tableEnd, "" for what is none.
var plainLetters = sync.OnceValue(func() *[tableEnd]string {
	var table [tableEnd]string
	for r := rune(0); r < tableEnd; r++ {
		if r >= 0x300 && r <= 0x36f || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		folded := ""
		for _, d := range norm.NFKD.String(string(r)) {
			d = unicode.ToLower(d)
			if other, ok := letter(d); ok {
				folded += other
			} else if unicode.IsLetter(d) || unicode.IsDigit(d) {
				folded += string(d)
			}
		}
		table[r] = folded
	}
	return &table
})

func foldRunes(s string) string {
	plain := plainLetters()
	b := make([]byte, 0, len(s)+8)
	letters := 0 // of the word since it began, or since the last dot within initials
	for _, r := range s {
		switch {
		case r < tableEnd && plain[r] != "":
			b = append(b, plain[r]...)
			letters++
			continue
		case r >= tableEnd && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)):
			b = utf8.AppendRune(b, unicode.ToLower(r))
			letters++
			continue
		case r >= 0x300 && r <= 0x36f || r == '\'' || r == '`' || r == '’' || r == '‘' || r == 'ʼ' || r == '´' || r == '·' || isUnseen(r):
			continue
		case r == '.' && letters == 1: // the next initial joins
		case r == '&' || r == '+':
			b = append(utf8.AppendRune(spaced(b), r), ' ')
		default:
			b = spaced(b)
		}
		letters = 0
	}
	return strings.TrimSuffix(string(b), " ")
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
