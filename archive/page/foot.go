package page

import (
	"strings"

	"golang.org/x/net/html"

	"tearsheet/archive/photo"
	"tearsheet/archive/photo/creditline"
)

// footParagraphs is how many paragraphs at the end of the text may be the one that names who took the pictures.
const footParagraphs = 5

// footCredit finds a paragraph at the end of the article that says who took the pictures: "Photos: Ana Lind / AP".
func (s *selection) footCredit() (string, *html.Node) {
	a := s.article
	if a.text.node == nil {
		return "", nil
	}
	seen := 0
	for i := len(s.r.paras) - 1; i >= 0 && seen < footParagraphs; i-- {
		p := s.r.paras[i]
		if p.node == nil || !a.holds(p.order) || p.order < a.begin {
			continue
		}
		if p.order <= a.end {
			seen++
		}
		text := textUpTo(p.node, maxCredit+1, nil)
		if len(text) > maxCredit || s.credited[p.node] || !creditline.NamesPicture(text) || claimsPage(text) {
			continue
		}
		if creditline.IsCredit(text) || seen <= 2 && namesAgency(text) {
			return text, p.node
		}
	}
	return "", nil
}

// claimsPage says that a text claims the rights in the page, as pages do at their foot.
func claimsPage(text string) bool {
	return strings.HasPrefix(text, "©") || hasPrefixFold(text, "(c)") || hasPrefixFold(text, "copyright")
}

// namesAgency says that a short text has the name of an agency in it.
func namesAgency(text string) bool {
	words := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" ,.;:()/|", c) })
	for i := range words {
		for n := 1; n <= 3 && i+n <= len(words); n++ {
			if _, ok := creditline.Agency(strings.Join(words[i:i+n], " ")); ok {
				return true
			}
		}
	}
	return false
}

// addFoot adds what stands at the article's foot to every picture for which the page shows no credit.
func (s *selection) addFoot(images []Image) {
	text, node := "", (*html.Node)(nil)
	for i := range images {
		if hasVisibleCredit(images[i].Statements) {
			continue
		}
		if node == nil {
			if text, node = s.footCredit(); node == nil {
				return
			}
		}
		images[i].Statements = append(images[i].Statements, photo.Statement{
			Property: photo.CreditLine, Value: text, Kind: photo.PageText, Locator: s.r.paths.of(node),
		})
	}
}

func hasVisibleCredit(said []photo.Statement) bool {
	for _, st := range said {
		if st.Property == photo.CreditLine && (st.Kind == photo.PageCredit || st.Kind == photo.PageCaption) {
			return true
		}
	}
	return false
}
