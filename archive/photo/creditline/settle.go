package creditline

import (
	"slices"
	"strings"
	"unicode"
)

// settle decides what the parts that could be several things are, by what stands beside them.
func (r *reading) settle() {
	parties, names := 0, 0
	stock, uploads, agencies := false, false, 0
	for i := range r.pieces {
		p := &r.pieces[i]
		switch p.kind {
		case isNothing, isMarker, isSupplied:
			continue
		case isAgency:
			agencies++
		case isName, isPerson:
			names++
		}
		parties++
		if p.party != nil {
			stock = stock || p.party.sort == ofStock
			uploads = uploads || r.words.uploads.has(p.party.key)
		}
	}
	persons := 0
	for i := range r.pieces {
		p := &r.pieces[i]
		switch {
		case stock && parties == 2 && p.party == nil && !isDomain(p.text) && p.kind > isSupplied:
			p.kind = isPerson
		case p.kind == isName && p.before == slash && persons > 0 && agencies == 0 && i == len(r.pieces)-1 && !r.given(p) && !r.continuesList(i):
			p.kind = isAgency // "Ann Roe/Blue Door"
		case p.kind == isName:
			p.kind = isPerson
		case p.kind == isWord:
			p.kind = r.settleWord(i, parties, stock || uploads)
		case p.kind == isSmallWord:
			p.kind = settleSmall(p, parties, stock || uploads)
		case p.kind == isPhrase:
			r.settlePhrase(p, parties)
		}
		if p.kind == isPerson {
			persons++
		}
	}
}

// given says that a name begins with a common given name or an initial.
func (r *reading) given(p *piece) bool {
	return r.startsGiven(p.key) || strings.HasPrefix(strings.TrimLeftFunc(p.text, unicode.IsUpper), ". ")
}

// continuesList says that the parts before i are a list of names parted by the same sign.
func (r *reading) continuesList(i int) bool {
	return i >= 2 && r.pieces[i-1].kind == isPerson && r.pieces[i-2].kind == isPerson
}

// settleWord decides on a single word that begins with a capital. Beside a newspaper's name and a slash stands who works for it
// ("NDR/Roe"), and behind a wire agency's too; before an agency's stands where it has the picture from ("Lego/dpa").
func (r *reading) settleWord(i, parties int, users bool) kind {
	p := &r.pieces[i]
	switch {
	case r.personal, users && parties > 1, r.words.given.has(p.key):
		return isPerson
	case parties == 2 && i > 0 && p.before == slash && r.isOf(i-1, ofWires, ofNews):
		return isPerson
	case parties == 2 && i+1 < len(r.pieces) && r.pieces[i+1].before == slash && r.isOf(i+1, ofNews):
		return isPerson
	}
	return isAgency
}

// isOf says that part i is in the table as one of the sorts.
func (r *reading) isOf(i int, sorts ...sort) bool {
	p := r.pieces[i].party
	return p != nil && slices.Contains(sorts, p.sort)
}

// settleSmall decides on a single word in small letters: a user of a stock site, an organisation that writes itself so, or the initials
// of an editor.
func settleSmall(p *piece, parties int, users bool) kind {
	switch {
	case users && parties > 1:
		return isPerson
	case parties > 1 && len(p.text) <= 4:
		return isMarker
	}
	return isAgency
}

// maxPhraseWords is how many words a phrase has at most that is taken for the name of a party.
const maxPhraseWords = 7

// settlePhrase reads several words that are no name: the known parties among them, or else the whole as a party.
func (r *reading) settlePhrase(p *piece, parties int) {
	p.known = r.known(p.text)
	switch {
	case len(p.known) > 0:
		p.kind = isAgency
	case strings.Count(p.text, " ") < maxPhraseWords && !isProse(strings.Fields(p.text)) && (parties == 1 || startsUpper(p.text)):
		p.kind = isAgency
	default:
		p.kind = isNothing
	}
}

// known finds the parties of the table that a phrase names, words of small letters aside.
func (r *reading) known(text string) []string {
	var found []string
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		for n := min(4, len(words)-i); n > 0; n-- {
			name := strings.Join(words[i:i+n], " ")
			at := strings.Index(text, name)
			p := r.words.parties[fold(name)]
			if p == nil || at < 0 || n == 1 && (p.sort > ofPlatform || len(name) < 3) && !allCaps(name) {
				continue
			}
			found = append(found, text[at:at+len(name)])
			i += n - 1
			break
		}
	}
	return found
}

// deliver puts the parts into the line, each once.
func (r *reading) deliver() {
	l := r.line
	for i := range r.pieces {
		p := &r.pieces[i]
		switch p.kind {
		case isPerson:
			l.People = appendOnce(l.People, p.text)
		case isAgency:
			for _, name := range p.known {
				l.Agencies = appendOnce(l.Agencies, name)
			}
			if p.known == nil {
				l.Agencies = appendOnce(l.Agencies, r.shown(p))
			}
		case isMarker:
			l.Markers = appendOnce(l.Markers, p.text)
		}
	}
	for i := range r.pieces {
		p := &r.pieces[i]
		if p.kind != isSupplied {
			continue
		}
		if len(l.People)+len(l.Agencies) == 0 {
			l.Agencies = appendOnce(l.Agencies, p.text)
		} else {
			l.Markers = appendOnce(l.Markers, p.text)
		}
	}
	if len(l.People)+len(l.Agencies) == 0 && len(l.Markers) == 1 && standsAlone(l.Markers[0]) {
		l.Agencies = append(l.Agencies, l.Markers[0])
	}
}

// standsAlone knows the markers that say where a picture comes from when nobody is named.
func standsAlone(marker string) bool {
	switch fold(marker) {
	case "handout", "handouts", "handout photo", "pool", "archiv", "archive", "archives", "archivo", "arquivo", "file", "file photo":
		return true
	}
	return false
}

// shown is the name of an agency without the word for its pictures: "AP Photo" shows "AP".
func (r *reading) shown(p *piece) string {
	if p.party == nil {
		return p.text
	}
	i := strings.LastIndexByte(p.text, ' ')
	if i <= 0 {
		return p.text
	}
	switch fold(p.text[i+1:]) {
	case "photo", "photos", "foto", "fotos", "bildfunk", "wirephoto", "pic", "pics":
		if p.party == r.words.parties[fold(p.text[:i])] {
			return p.text[:i]
		}
	}
	return p.text
}

// appendOnce appends a name unless it is there already, however spelled.
func appendOnce(names []string, name string) []string {
	if slices.ContainsFunc(names, func(n string) bool { return n == name || fold(n) == fold(name) }) {
		return names
	}
	return append(names, name)
}
