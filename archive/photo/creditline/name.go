package creditline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Agency gives the canonical name of a known agency, library, site, institution or company; ok is false for a name that is not in the
// table. Case, diacritics and dots make no difference.
func Agency(name string) (canonical string, ok bool) {
	if p := theWords().parties[fold(name)]; p != nil {
		return p.name, true
	}
	return "", false
}

// Key gives the form in which a name is compared and looked up: small letters without diacritics and punctuation, aliases of agencies
// resolved ("Associated Press" and "AP Photo" are both "ap").
func Key(name string) string {
	key := fold(name)
	if p := theWords().parties[key]; p != nil {
		return p.key
	}
	return joinCJK(key)
}

// joinCJK takes the spaces out of names in scripts that need none: "山本 さくら".
func joinCJK(key string) string {
	if first, _ := utf8.DecodeRuneInString(key); !isCJK(first) {
		return key
	}
	return norm.NFC.String(strings.ReplaceAll(key, " ", "")) // what was parted may compose
}

// The lengths in bytes at which IIM cuts names: 32 (IIM 2:80, 2:110, 2:115); some programs cut one earlier.
const (
	cutAt     = 32
	cutBefore = 31
)

// isCut says that a name may have been cut, and gives what is sure of it.
func isCut(name string) bool { return len(name) == cutAt || len(name) == cutBefore }

// samePrefix says that one name is the beginning of the other, cut at IIM's length.
func samePrefix(a, b string) bool {
	return isCut(a) && len(b) > len(a) && strings.HasPrefix(fold(b), fold(a)) || isCut(b) && len(a) > len(b) && strings.HasPrefix(fold(a), fold(b))
}

// SameAgency reports whether two names are of one agency: aliases, case, diacritics, legal forms and a cut at IIM's 32 bytes aside.
func SameAgency(a, b string) bool {
	ka, kb := Key(a), Key(b)
	if ka == "" || kb == "" {
		return false
	}
	return ka == kb || plainAgency(ka) == plainAgency(kb) || samePrefix(a, b)
}

// plainAgency is an agency's key without article, legal form and the word for its pictures.
func plainAgency(key string) string {
	v := theWords()
	key = strings.TrimPrefix(key, "the ")
	for {
		head, last, ok := cutLast(key)
		if !ok || !v.legal.has(last) && last != "photo" && last != "photos" && last != "com" && last != "via" {
			break
		}
		key = head
	}
	if p := v.parties[key]; p != nil {
		return p.key
	}
	return strings.ReplaceAll(key, " ", "")
}

func cutLast(s string) (head, last string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// SamePerson reports whether two names can be of one person: case, diacritics, order of names, middle names, initials ("H. Vance" and
// "Hildur Vance") and a cut at IIM's 32 bytes aside. A surname alone is nobody's name in full, and is the same only as itself.
func SamePerson(a, b string) bool {
	wa, wb := nameWords(a), nameWords(b)
	if len(wa) == 0 || len(wb) == 0 {
		return false
	}
	if joined(wa) == joined(wb) || samePrefix(a, b) {
		return true
	}
	if len(wa) > len(wb) {
		wa, wb = wb, wa
	}
	return matchWords(wa, wb)
}

// matchWords says that every word of the shorter name is one of the longer name, or an initial of one; at least two words match, one of
// them in full.
func matchWords(short, long []string) bool {
	if len(short) < 2 {
		return false
	}
	taken := make([]bool, len(long))
	whole := 0
	for _, w := range short {
		if len(w) < 2 {
			continue
		}
		for i, l := range long {
			if !taken[i] && w == l {
				taken[i] = true
				whole++
				break
			}
		}
	}
	if whole == 0 {
		return false
	}
	left := len(short) - whole
	for _, w := range short {
		if contains(long, w, taken) {
			continue
		}
		for i, l := range long {
			if !taken[i] && (isInitialOf(w, l) || isInitialOf(l, w)) {
				taken[i] = true
				left--
				break
			}
		}
	}
	return left <= 0
}

// contains says that a word of more than one letter was matched in full already.
func contains(long []string, w string, taken []bool) bool {
	if utf8.RuneCountInString(w) < 2 {
		return false
	}
	for i, l := range long {
		if taken[i] && l == w {
			return true
		}
	}
	return false
}

func isInitialOf(initial, word string) bool {
	return utf8.RuneCountInString(initial) == 1 && strings.HasPrefix(word, initial)
}

func joined(words []string) string { return strings.Join(words, "") }

// nameWords are the folded words of a person's name, initials apart, without titles and "Jr.", and with "ue" for "ü" undone, so that
// "Müller" and "Mueller" are the same.
func nameWords(name string) []string {
	v := theWords()
	name = strings.ReplaceAll(name, ".", ". ")
	words := strings.Fields(fold(name))
	out := words[:0]
	for i, w := range words {
		if len(words) > 2 && (v.nameSuffixes.has(w) && i == len(words)-1 || i == 0 && v.titles.has(w)) {
			continue
		}
		for _, pair := range [...][2]string{{"ae", "a"}, {"oe", "o"}, {"ue", "u"}} {
			w = strings.ReplaceAll(w, pair[0], pair[1])
		}
		out = append(out, w)
	}
	return out
}

// DisplayName makes a person's name that is all capitals readable: "MIKHAIL KLIMENTYEV" is "Mikhail Klimentyev", "JAN VAN DER BERG" is
// "Jan van der Berg". Names that have small letters already, single words of up to three letters and scripts without capitals stay as
// they are.
func DisplayName(name string) string {
	upper := 0
	for _, c := range name {
		if unicode.IsLower(c) {
			return name
		}
		if unicode.IsUpper(c) {
			upper++
		}
	}
	words := strings.Split(name, " ")
	if upper < 4 && len(words) < 2 {
		return name
	}
	for i, word := range words {
		words[i] = displayWord(word, i == 0, i == len(words)-1)
	}
	return strings.Join(words, " ")
}

// displayWord writes one word of a name in small letters with a capital.
func displayWord(word string, first, last bool) string {
	key := fold(word)
	switch {
	case key == "ii" || key == "iii" || key == "iv" || utf8.RuneCountInString(key) == 1:
		return word
	case strings.Contains(strings.TrimSuffix(word, "."), "."): // initials: "K.C."
		return word
	case !first && !last && isDisplayParticle(key):
		return lower(word)
	}
	var b strings.Builder
	for i, part := range splitKeeping(word) {
		if (part == "AL" || part == "EL" || part == "AD" || part == "AS" || part == "AR") && i == 0 && strings.HasPrefix(word[len(part):], "-") {
			b.WriteString(lower(part))
			continue
		}
		b.WriteString(capitalise(part))
	}
	return b.String()
}

// isDisplayParticle knows the particles that are written small between the names of a person.
func isDisplayParticle(key string) bool {
	switch key {
	case "de", "del", "della", "di", "da", "das", "do", "dos", "du", "des", "van", "von", "vom", "zu", "zur", "der", "den", "dem", "ter", "ten", "la", "las", "los", "bin", "bint", "ibn", "af", "av", "y", "e", "le":
		return true
	}
	return false
}

// splitKeeping parts a word behind hyphens and apostrophes and keeps them.
func splitKeeping(word string) []string {
	var parts []string
	start := 0
	for i, c := range word {
		if c == '-' || c == '\'' || c == '’' || c == '‑' {
			parts = append(parts, word[start:i], word[i:i+utf8.RuneLen(c)])
			start = i + utf8.RuneLen(c)
		}
	}
	return append(parts, word[start:])
}

// capitalise writes a word small but for its first letter; "MC" before a name keeps the capital behind it.
func capitalise(word string) string {
	r, n := utf8.DecodeRuneInString(word)
	if n == 0 {
		return word
	}
	rest := word[n:]
	if r == 'M' && strings.HasPrefix(rest, "C") && utf8.RuneCountInString(rest) > 2 {
		next, m := utf8.DecodeRuneInString(rest[1:])
		return "Mc" + string(next) + lower(rest[1+m:])
	}
	return string(r) + lower(rest)
}

// lower is the small form of capitals: without the dot that a Turkish İ would leave behind, and with the Greek sigma of a word's end.
func lower(s string) string {
	s = strings.ToLower(strings.ReplaceAll(s, "İ", "i"))
	if rest, ok := strings.CutSuffix(s, "σ"); ok && rest != "" {
		return rest + "ς"
	}
	return s
}
