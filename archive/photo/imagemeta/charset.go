package imagemeta

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"tearsheet/archive/photo"
)

// utf8Max is how many bytes more are read of a text that is bounded, so that the last character can be seen whole.
const utf8Max = utf8.UTFMax

// textSet is how the texts of an IIM block are to be decoded.
type textSet struct {
	single   *charmap.Charmap // nil for UTF-8
	declared bool
}

// isoSets are the character sets that IIM 1:90 can declare: the last byte of an ISO 2022 escape sequence that begins with ESC - or ESC . or
// ESC / (ISO International Register of Coded Character Sets). Windows-1252 is Latin-1 where that has printable characters.
var isoSets = map[byte]*charmap.Charmap{
	'A': charmap.Windows1252, 'B': charmap.ISO8859_2, 'C': charmap.ISO8859_3, 'D': charmap.ISO8859_4, 'F': charmap.ISO8859_7,
	'G': charmap.ISO8859_6, 'H': charmap.ISO8859_8, 'L': charmap.ISO8859_5, 'M': charmap.Windows1254,
}

// declaredSet reads IIM 1:90, the coded character set; ok says that it is one that is known here.
func declaredSet(escape []byte) (set textSet, ok bool) {
	for _, part := range bytes.Split(escape, []byte{0x1B}) {
		switch {
		case len(part) == 2 && part[0] == '%' && part[1] == 'G', len(part) == 3 && part[0] == '%' && part[1] == '/':
			return textSet{declared: true}, true
		case len(part) == 2 && (part[0] == '-' || part[0] == '.' || part[0] == '/') && isoSets[part[1]] != nil:
			set, ok = textSet{single: isoSets[part[1]], declared: true}, true
		}
	}
	return set, ok
}

// detectSet finds out how the texts of a block that declares nothing were encoded: UTF-8 if all of them are valid and not mere ASCII,
// Windows-1251 if they look like Cyrillic, else Windows-1252, in which anything can be read.
func detectSet(texts [][]byte) textSet {
	utf, high, cyrillic := true, false, true
	for _, t := range texts {
		t = withoutCutRune(t)
		if isASCII(t) {
			continue
		}
		high = true
		utf = utf && utf8.Valid(t)
		cyrillic = cyrillic && looksCyrillic(t)
	}
	switch {
	case high && utf:
		return textSet{}
	case high && cyrillic:
		return textSet{single: charmap.Windows1251}
	}
	return textSet{single: charmap.Windows1252}
}

// looksCyrillic reports whether a text reads well as Windows-1251 and cannot be in Latin letters: it has a word of at least four letters
// without a single ASCII letter among them, and each of its words is in one alphabet and in sensible case.
func looksCyrillic(t []byte) bool {
	long := false
	for word := range bytes.FieldsFuncSeq(t, func(r rune) bool { return r < 0x80 && !unicode.IsLetter(r) }) {
		if isASCII(word) {
			continue
		}
		text, _ := charmap.Windows1251.NewDecoder().Bytes(word)
		n, upper := 0, 0
		for _, r := range string(text) {
			if !unicode.Is(unicode.Cyrillic, r) {
				return false
			}
			if unicode.IsUpper(r) {
				if upper < n { // a capital behind a small letter
					return false
				}
				upper++
			}
			n++
		}
		if upper > 1 && upper < n {
			return false
		}
		long = long || n >= 4
	}
	return long
}

// decode makes a text UTF-8. raw are the bytes where the character set was only guessed.
func (set textSet) decode(b []byte) (text string, raw []byte, flags []photo.Flag) {
	b = bytes.TrimRight(b[:min(len(b), 2*MaxValue)], "\x00") // what is longer is cut anyway
	switch {
	case isASCII(b):
		return string(b), nil, nil
	case set.single == nil:
		text, raw, flags = decodeUTF8(b)
		if !set.declared && raw == nil {
			flags = append(flags, photo.Detected)
		}
		return text, raw, flags
	case set.declared:
		return single(set.single, b), nil, nil
	case set.single == charmap.Windows1251:
		flags = append(flags, photo.Detected)
	}
	return single(set.single, b), bytes.Clone(b), flags
}

// decodeUTF8 reads what is declared to be UTF-8. If it is not, Windows-1252 is the most likely of what it can be.
func decodeUTF8(b []byte) (text string, raw []byte, flags []photo.Flag) {
	if utf8.Valid(b) {
		return string(b), nil, nil
	}
	if whole := withoutCutRune(b); utf8.Valid(whole) {
		return string(whole), nil, []photo.Flag{photo.Truncated}
	}
	return single(charmap.Windows1252, b), bytes.Clone(b), []photo.Flag{photo.Mismatch}
}

// decodeASCII reads what must be ASCII or Latin-1 by its standard, and is UTF-8 more often.
func decodeASCII(b []byte) (text string, raw []byte, flags []photo.Flag) {
	if isASCII(b) {
		return string(b), nil, nil
	}
	return detectSet([][]byte{b}).decode(b)
}

// decodeUTF16 reads little-endian UTF-16 up to its first NUL.
func decodeUTF16(order binary.ByteOrder, b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		u := order.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}

func single(set *charmap.Charmap, b []byte) string {
	var text strings.Builder
	text.Grow(len(b) + len(b)/4)
	for _, c := range b {
		text.WriteRune(set.DecodeByte(c))
	}
	return text.String()
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// withoutCutRune drops the beginning of a UTF-8 character whose end is missing.
func withoutCutRune(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; c >= 0xC0 {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			return b
		} else if c < 0x80 {
			return b
		}
	}
	return b
}

// tidy makes a value as it is shown: white space collapsed, control characters and invalid bytes dropped, and not too long.
func tidy(value string, flags []photo.Flag) (string, []photo.Flag) {
	if isTidy(value) {
		return value, flags
	}
	var b strings.Builder
	b.Grow(min(len(value), MaxValue))
	space := false
	for _, r := range value {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case unicode.IsControl(r), r == utf8.RuneError, r == '\uFEFF':
			continue
		}
		room := MaxValue - b.Len() - utf8.RuneLen(r)
		if space {
			room--
		}
		if room < 0 {
			return b.String(), addFlag(flags, photo.Truncated)
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String(), flags
}

// isTidy reports whether a value is in printable ASCII with single spaces, as most are.
func isTidy(value string) bool {
	if len(value) > MaxValue {
		return false
	}
	space := true
	for i := range len(value) {
		c := value[i]
		if c < ' ' || c >= 0x7F || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space
}

func addFlag(flags []photo.Flag, f photo.Flag) []photo.Flag {
	for _, have := range flags {
		if have == f {
			return flags
		}
	}
	return append(flags, f)
}
