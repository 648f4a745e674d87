package crawlertest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// generate makes up article number i for editions larger than the written stock, as benchmarks and long crawls want them. Each has one
// photograph with a credit element, and every second file says the same as the page.
func generate(i int, seed uint64, date time.Time) Article {
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	place := pick("the old customs shed", "Mill Street", "Ropewalk Hill", "the fish quay", "the infirmary", "the gasworks", "Upper Rope Street", "the corn exchange")
	thing := pick("a bell", "a bench", "a clock", "a staircase", "a boundary stone", "a weather vane", "a drinking fountain", "a letter box")
	who := pick("The parish", "A neighbour", "The works department", "The sailing club", "The fire brigade", "A class of nine-year-olds")
	deed := pick("has found", "has mended", "has moved", "has counted", "has painted", "has asked for")
	person := pick("Noor Halloran", "Béla Osvath", "Caspian Doyle", "Ines Quillfeather", "Signe Aalto-Rask")
	agency := pick("Northlight Press", "Tideline Pictures", "Kestrel Images", "Meridian News Agency")
	all := sections("")
	a := Article{
		Slug:       fmt.Sprintf("notice-%05d", i),
		Section:    all[rng.IntN(len(all))].Slug,
		Headline:   fmt.Sprintf("%s %s %s at %s", who, deed, thing, place),
		Standfirst: fmt.Sprintf("Notice %d from the streets of the town.", i),
		Authors:    []string{pick("Ida Marlowe", "Tomasz Lindgrave", "Edda Strandhem", "Lucan Farrowby", "Priya Vennor")},
		Published:  date.Add(-time.Duration(180+i) * time.Hour),
		Tags:       []string{pick("notices", "council", "people")},
	}
	a.Modified = a.Published
	for range 3 + rng.IntN(4) {
		a.Text = append(a.Text, paragraph(pick, thing, place))
	}
	p := Photograph{
		Slug: a.Slug, Scene: pick("street", "harbour", "crowd", "hills", "tram", "portrait", "bridge", "gulls"),
		Alt: "A view of " + place, Caption: fmt.Sprintf("At %s, where the matter rests for now.", place),
		Credit: "Photo: " + person + "/" + agency, Placement: Element,
		Want: Credit{Line: "Photo: " + person + "/" + agency, People: []string{person}, Agencies: []string{agency}, Agreement: []string{"page_only"}},
	}
	if i%2 == 0 {
		p.Embedded = []metadata{{Carriers: pressCarriers(), Creators: []string{person}, Credit: agency}}
		p.Want.Agreement = []string{"agree"}
	}
	a.Photographs = []Photograph{p}
	return a
}

func paragraph(pick func(...string) string, thing, place string) string {
	return strings.Join([]string{
		fmt.Sprintf("There was %s at %s before, and those who remember it do not agree on its colour.", thing, place),
		pick("The matter came up on Tuesday, after the minutes and before the sandwiches.",
			"Nobody had asked for it, which in this town has never been a hindrance.",
			"It took a morning, a ladder and more advice than was needed.",
			"A form had been filled in for it in spring, and was found in autumn."),
		pick("“We shall see,” said a man who has seen most of it.",
			"“It was time,” said the chairwoman, and looked at hers.",
			"“I only hold the ladder,” said the youngest of the helpers.",
			"“As long as it does not ring,” said a woman from across the road."),
		pick("The cost is borne by a collection and, where that ends, by the harbour office.",
			"The council will look at it again when the days are longer.",
			"Anyone who knows more is asked to write to this newspaper.",
			"Work goes on as soon as the paint is dry."),
	}, " ")
}
