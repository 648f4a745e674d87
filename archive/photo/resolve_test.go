package photo

import (
	"fmt"
	"slices"
	"testing"

	"tearsheet/archive/photo/creditline"
)

func page(kind Kind, value string) Statement {
	return Statement{Property: CreditLine, Value: value, Kind: kind}
}

func of(kind Kind, property Property, value string, flags ...Flag) Statement {
	return Statement{Property: property, Value: value, Kind: kind, Flags: flags}
}

// cases are pictures of which pages and files say something, and what a careful reader of both would print under them.
var cases = []struct {
	name       string
	statements []Statement
	want       string // line
	people     []string
	agencies   []string
	agreement  Agreement
	confidence float64
	basis      []int
}{
	{name: "nobody says anything", agreement: None},
	{"what is no statement about the makers makes none", []Statement{
		of(PageAlt, Alt, "Two presidents"), of(FileIIM, Caption, "Two presidents wave."), of(FileXMP, UsageTerms, "Editorial use only."),
	}, "", nil, nil, None, 0, nil},
	{"the presidents wave: the alternative text and the file add the agency of the same person", []Statement{
		page(PageCredit, "MIKHAIL KLIMENTYEV/Getty Images"),
		page(PageAlt, "(Photo credit should read MIKHAIL KLIMENTYEV/AFP/Getty Images)"),
		of(FileIIM, Creator, "MIKHAIL KLIMENTYEV"), of(FileIIM, CreditLine, "AFP/Getty Images"), of(FileIIM, Source, "AFP"),
		of(FileIIM, Caption, "The presidents wave. (Photo credit should read MIKHAIL KLIMENTYEV/AFP/Getty Images)"),
	}, "MIKHAIL KLIMENTYEV/Getty Images", []string{"Mikhail Klimentyev"}, []string{"AFP", "Getty Images"}, Agree, 0.98, []int{0, 1, 3, 2, 5}},
	{"what stands behind an agency's name elsewhere makes no second agency", []Statement{
		page(PageCredit, "Photo by Caspian Doyle /Kestrel News"), of(PageJSONLD, CreditLine, "Photo by Caspian Doyle/Kestrel News assignment 4711"),
	}, "Photo by Caspian Doyle /Kestrel News", []string{"Caspian Doyle"}, []string{"Kestrel News"}, PageOnly, 0.8, []int{0, 1}},
	{"the publication that a template names for every picture is not heard", []Statement{
		of(PageJSONLD, Creator, "The Harbour Gazette", Publisher), of(PageJSONLD, CopyrightHolder, "The Harbour Gazette", Publisher),
	}, "", nil, nil, None, 0, nil},
	{"page and file name different persons: the page wins, and nothing of the file is added", []Statement{
		page(PageCredit, "Photo: Caspian Doyle/Kestrel Images"),
		of(FileIIM, Creator, "Ottilie Brandt"), of(FileXMP, Creator, "Ottilie Brandt"), of(FileXMP, CreditLine, "Meridian News Agency"),
	}, "Photo: Caspian Doyle/Kestrel Images", []string{"Caspian Doyle"}, []string{"Kestrel Images"}, Conflict, 0.5, []int{0}},
	{"different persons of the same agency are a conflict too", []Statement{
		page(PageCredit, "Caspian Doyle/AP"), of(FileIIM, Creator, "OTTILIE BRANDT"), of(FileIIM, CreditLine, "AP"),
	}, "Caspian Doyle/AP", []string{"Caspian Doyle"}, []string{"AP"}, Conflict, 0.5, []int{0}},
	{"the page names the agency, the file the person beside it", []Statement{
		page(PageCredit, "Photo: Kestrel Images"), of(FileIIM, Creator, "Caspian Doyle"), of(FileIIM, CreditLine, "Kestrel Images"),
	}, "Photo: Kestrel Images", []string{"Caspian Doyle"}, []string{"Kestrel Images"}, Compatible, 0.9, []int{0, 2, 1}},
	{"the page names an agency that the file does not name: nobody is added", []Statement{
		page(PageCredit, "Foto: dpa"), of(FileIIM, Creator, "Caspian Doyle"), of(FileIIM, CreditLine, "Kestrel Images"),
	}, "Foto: dpa", nil, []string{"dpa"}, Compatible, 0.7, []int{0}},
	{"the page names the person, the file only an agency: it is not added", []Statement{
		page(PageCredit, "Foto: Caspian Doyle"), of(FileXMP, CreditLine, "Kestrel Images"),
	}, "Foto: Caspian Doyle", []string{"Caspian Doyle"}, nil, Compatible, 0.7, []int{0}},
	{"the file's credit was cut at 32 bytes", []Statement{
		page(PageCredit, "Ottilie Brandt/Meridian News Agency via Kestrel Images"),
		of(FileIIM, Creator, "Ottilie Brandt"), of(FileIIM, CreditLine, "Ottilie Brandt/Meridian News Age", Truncated),
	}, "Ottilie Brandt/Meridian News Agency via Kestrel Images", []string{"Ottilie Brandt"}, []string{"Meridian News Agency", "Kestrel Images"}, Agree, 0.98, []int{0, 2, 1}},
	{"the file's creator was cut at 32 bytes", []Statement{
		page(PageCredit, "Maximiliane-Antonia Hohenfels-Lindqvist/dpa"), of(FileIIM, Creator, "Maximiliane-Antonia Hohenfels-Li"),
	}, "Maximiliane-Antonia Hohenfels-Lindqvist/dpa", []string{"Maximiliane-Antonia Hohenfels-Lindqvist"}, []string{"dpa"}, Agree, 0.98, []int{0, 1}},
	{"the file writes without diacritics, and the page's spelling is kept", []Statement{
		page(PageCaption, "(Photo: Béla Osvath)"), of(FileIIM, Creator, "Bela Osvath"),
	}, "(Photo: Béla Osvath)", []string{"Béla Osvath"}, nil, Agree, 0.98, []int{0, 1}},
	{"the file has the surname first", []Statement{
		page(PageCredit, "Hildur Vance/Reuters"), of(FileXMP, Creator, "Vance, Hildur"), of(FileXMP, CreditLine, "REUTERS"),
	}, "Hildur Vance/Reuters", []string{"Hildur Vance"}, []string{"Reuters"}, Agree, 0.98, nil},
	{"the page has an initial, the file the whole name", []Statement{
		page(PageCredit, "Foto: H. Vance"), of(FileXMP, Creator, "Hildur Vance"),
	}, "Foto: H. Vance", []string{"Hildur Vance"}, nil, Agree, 0.98, []int{0, 1}},
	{"capitals are shown as the caption's end in the file writes them", []Statement{
		page(PageCredit, "RORY MACDONALD/AP"), of(FileIIM, Creator, "RORY MACDONALD"), of(FileIIM, CreditLine, "AP"),
		of(FileIIM, Caption, "Rain. (AP Photo/Rory MacDonald)"),
	}, "RORY MACDONALD/AP", []string{"Rory MacDonald"}, []string{"AP"}, Agree, 0.98, []int{0, 2, 1, 3}},
	{"who holds the rights is another role than who made the picture", []Statement{
		page(PageCredit, "Foto: Caspian Doyle/dpa"), of(FileEXIF, Copyright, "© 2026 The Harbour Courier"),
	}, "Foto: Caspian Doyle/dpa", []string{"Caspian Doyle"}, []string{"dpa"}, PageOnly, 0.8, []int{0}},
	{"a notice that is nothing but the photographer's name agrees", []Statement{
		page(PageCredit, "CASPIAN DOYLE/AFP"), of(FileXMP, Copyright, "CASPIAN DOYLE"),
	}, "CASPIAN DOYLE/AFP", []string{"Caspian Doyle"}, []string{"AFP"}, Agree, 0.98, []int{0, 1}},
	{"a code in the source names no agency", []Statement{
		of(FileIIM, Creator, "SIMON ROE"), of(FileIIM, Source, "X06555"), of(FileIIM, CreditLine, "REUTERS"),
	}, "REUTERS", []string{"Simon Roe"}, []string{"REUTERS"}, FileOnly, 0.85, nil},
	{"a code alone is nobody", []Statement{of(FileIIM, Source, "X00227")}, "", nil, nil, None, 0, nil},
	{"only the file speaks, and the end of its caption says the same", []Statement{
		of(FileIIM, Creator, "PAUL ROE"), of(FileIIM, CreditLine, "AP"), of(FileIIM, Caption, "Rain in June. (AP Photo/Paul Roe)"),
	}, "AP", []string{"Paul Roe"}, []string{"AP"}, FileOnly, 0.9, []int{1, 0, 2}},
	{"only the end of the file's caption speaks", []Statement{
		of(FileXMP, Caption, "A screen in London, December 11, 2018. REUTERS/Simon Roe"),
	}, "REUTERS/Simon Roe", []string{"Simon Roe"}, []string{"REUTERS"}, FileOnly, 0.6, []int{0}},
	{"a camera's owner is a weak witness", []Statement{of(FileEXIF, Creator, "Carl Roe")}, "Carl Roe", []string{"Carl Roe"}, nil, FileOnly, 0.6, []int{0}},
	{"XMP is believed before IIM, and IIM before EXIF", []Statement{
		of(FileEXIF, Creator, "Anna Exif"), of(FileIIM, Creator, "Bert Iim"), of(FileXMP, Creator, "Carla Xmp"),
	}, "Carla Xmp", []string{"Carla Xmp"}, nil, FileOnly, 0.75, []int{2}},
	{"a page that agrees with one part of the file does not conflict with the file", []Statement{
		page(PageCredit, "Bert Roe"), of(FileIIM, Creator, "Bert Roe"), of(FileXMP, Creator, "Carla Doe"),
	}, "Bert Roe", []string{"Bert Roe"}, nil, Compatible, 0.7, []int{0}},
	{"fillers and ingredients are never heard", []Statement{
		of(FileEXIF, Copyright, "OLYMPUS DIGITAL CAMERA", Junk), of(FileC2PA, Creator, "John Doe", Ingredient),
	}, "", nil, nil, None, 0, nil},
	{"a claim in the file that nobody checked is heard when nothing else is", []Statement{
		of(FileC2PA, Creator, "Jo Roe", Unverified),
	}, "Jo Roe", []string{"Jo Roe"}, nil, FileOnly, 0.6, []int{0}},
	{"such a claim overrides nothing", []Statement{
		of(FileC2PA, Creator, "Jo Roe", Unverified), of(FileIIM, Creator, "Kim Lee"),
	}, "Kim Lee", []string{"Kim Lee"}, nil, FileOnly, 0.75, []int{1}},
	{"what stands beside the picture is believed before what stands in attributes", []Statement{
		page(PageAlt, "Foto: Facebook"), page(PageCaption, "Foto: Privat"),
	}, "Foto: Privat", nil, []string{"Privat"}, PageOnly, 0.8, []int{1}},
	{"a visible credit at the foot of the article is believed before structured data", []Statement{
		page(PageJSONLD, "Jo Roe"), page(PageText, "Photographs: Kim Lee/Kestrel Images"),
	}, "Photographs: Kim Lee/Kestrel Images", []string{"Kim Lee"}, []string{"Kestrel Images"}, PageOnly, 0.75, []int{1}},
	{"structured data that names the visible agency gives the person", []Statement{
		page(PageCredit, "Getty Images"),
		{Property: Creator, Value: "Jo Roe", Kind: PageJSONLD, Locator: "/0/image/creator/name"},
		{Property: CreditLine, Value: "AFP/Getty Images", Kind: PageJSONLD, Locator: "/0/image/creditText"},
	}, "Getty Images", []string{"Jo Roe"}, []string{"AFP", "Getty Images"}, PageOnly, 0.8, []int{0, 2, 1}},
	{"two pictures in structured data are two voices", []Statement{
		page(PageCredit, "Getty Images"),
		{Property: Creator, Value: "Jo Roe", Kind: PageJSONLD, Locator: "/0/image/0/creator/name"},
		{Property: CreditLine, Value: "Getty Images", Kind: PageJSONLD, Locator: "/0/thumbnail/creditText"},
	}, "Getty Images", nil, []string{"Getty Images"}, PageOnly, 0.8, []int{0, 2}},
	{"a marker names nobody, and the file does", []Statement{
		page(PageCredit, "Symbolbild"), of(FileIIM, Creator, "Jo Roe"), of(FileIIM, CreditLine, "dpa"),
	}, "Symbolbild", []string{"Jo Roe"}, []string{"dpa"}, Compatible, 0.7, []int{0, 2, 1}},
	{"persons in different scripts are not compared", []Statement{
		page(PageCredit, "Фото: Мила Ветрова"), of(FileIIM, Creator, "Mila Vetrova"),
	}, "Фото: Мила Ветрова", []string{"Мила Ветрова"}, nil, Compatible, 0.7, []int{0}},
	{"one of several photographers is the same person", []Statement{
		page(PageCredit, "Jo Roe and Kim Lee/Reuters"), of(FileIIM, Creator, "Kim Lee"), of(FileIIM, CreditLine, "Reuters"),
	}, "Jo Roe and Kim Lee/Reuters", []string{"Jo Roe", "Kim Lee"}, []string{"Reuters"}, Agree, 0.98, nil},
	{"another page's visible credit does not win over this page's structured data", []Statement{
		of(PageCredit, CreditLine, "Jo Roe/AFP", Shared), page(PageJSONLD, "Kim Lee"),
	}, "Kim Lee", []string{"Kim Lee"}, nil, PageOnly, 0.75, []int{1}},
	{"another page's credit is shown when this page has none", []Statement{
		of(PageCredit, CreditLine, "Jo Roe/AFP", Shared), of(FileIIM, Creator, "JO ROE"),
	}, "Jo Roe/AFP", []string{"Jo Roe"}, []string{"AFP"}, Agree, 0.98, []int{0, 1}},
	{"another rendition's file is heard behind this one's", []Statement{
		of(FileXMP, Creator, "Kim Lee", Shared), of(FileIIM, Creator, "Jo Roe"),
	}, "Jo Roe", []string{"Jo Roe"}, nil, FileOnly, 0.75, []int{1}},
}

func TestTheCreditIsResolvedFromPageAndFile(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Resolve(c.statements)
			if got.Line != c.want || !slices.Equal(got.People, c.people) || !slices.Equal(got.Agencies, c.agencies) || got.Agreement != c.agreement {
				t.Errorf("%q by %q of %q, %s\nwant %q by %q of %q, %s", got.Line, got.People, got.Agencies, got.Agreement, c.want, c.people, c.agencies, c.agreement)
			}
			if fmt.Sprintf("%.2f", got.Confidence) != fmt.Sprintf("%.2f", c.confidence) {
				t.Errorf("confidence %.2f, want %.2f: %s", got.Confidence, c.confidence, got.Rule)
			}
			if c.basis != nil && !slices.Equal(got.Basis, c.basis) {
				t.Errorf("rests on %v, want %v", got.Basis, c.basis)
			}
			if got.Rule == "" || got.People == nil || got.Agencies == nil || got.Basis == nil {
				t.Errorf("something is missing in %+v", got)
			}
		})
	}
}

func TestTheSameStatementsGiveTheSameCreditAndAreNotChanged(t *testing.T) {
	for _, c := range cases {
		before := fmt.Sprint(c.statements)
		first, second := Resolve(c.statements), Resolve(c.statements)
		if fmt.Sprint(first) != fmt.Sprint(second) {
			t.Errorf("%s: %+v and then %+v", c.name, first, second)
		}
		if after := fmt.Sprint(c.statements); after != before {
			t.Errorf("%s: the statements were %s and are %s", c.name, before, after)
		}
	}
}

func TestTheLineIsAStatementAsShown(t *testing.T) {
	for _, c := range cases {
		got := Resolve(c.statements)
		if got.Agreement == None {
			continue
		}
		if won := c.statements[got.Basis[0]]; won.Value != got.Line && won.Property != Caption {
			t.Errorf("%s: the line is %q, and the statement that won %q", c.name, got.Line, won.Value)
		}
	}
}

func TestTheEndOfACaptionIsACreditWhenItReadsLikeOne(t *testing.T) {
	for caption, want := range map[string]string{
		"Rain in June. (AP Photo/Paul Roe)":                                          "(AP Photo/Paul Roe)",
		"A corridor in London, December 11, 2018. REUTERS/Simon Roe":                 "REUTERS/Simon Roe",
		"Madrid: a speech. Photo: Óscar Roe/EUROPA PRESS/dpa":                        "Photo: Óscar Roe/EUROPA PRESS/dpa",
		"The USA won 2-1. DIGITAL IMAGE. Mandatory Credit: Stephen Roe/Getty Images": "Mandatory Credit: Stephen Roe/Getty Images",
		"Rain. (Photo credit should read JIM ROE/AFP/Getty Images)":                  "(Photo credit should read JIM ROE/AFP/Getty Images)",
		"The harbour (left) and the sea (right)":                                     "",
		"The harbour at night, seen from the north/west":                             "",
		"": "",
	} {
		if _, got := creditline.Split(caption); got != want {
			t.Errorf("%q ends in %q, want %q", caption, got, want)
		}
	}
}

func TestWhatOtherPlacesSayIsSharedAndNotRepeated(t *testing.T) {
	own := []Statement{page(PageCredit, "Jo Roe/AFP"), of(FileIIM, Creator, "JO ROE")}
	other := []Statement{page(PageCredit, "Kim Lee/Getty Images"), of(FileIIM, Creator, "JO ROE"), of(PageAlt, CreditLine, "Getty", Detected)}
	all := Merge(own, other, other)
	if len(all) != 4 || !slices.Equal(all[2].Flags, []Flag{Shared}) || !slices.Equal(all[3].Flags, []Flag{Detected, Shared}) {
		t.Fatalf("merged into %+v", all)
	}
	if other[0].Flags != nil || len(other[2].Flags) != 1 {
		t.Errorf("the other page's statements were changed: %+v", other)
	}
	got := Resolve(all)
	if got.Line != "Jo Roe/AFP" || !slices.Equal(got.People, []string{"Jo Roe"}) || !slices.Equal(got.Agencies, []string{"AFP"}) {
		t.Errorf("this page's credit did not win: %+v", got)
	}
}

func FuzzResolveIsTotalAndPure(f *testing.F) {
	f.Add("MIKHAIL KLIMENTYEV/Getty Images", "MIKHAIL KLIMENTYEV", "AFP/Getty Images", "Wave. (AFP)", uint16(0))
	f.Add("Foto: dpa", "Ottilie Brandt/Meridian News Age", "", "Photo: x", uint16(517))
	kinds := []Kind{PageCredit, PageAlt, PageJSONLD, FileXMP, FileIIM, FileEXIF, FileC2PA, "page.other"}
	properties := []Property{CreditLine, Creator, Copyright, Source, Caption, CopyrightHolder, Supplier, Alt}
	f.Fuzz(func(t *testing.T, a, b, c, d string, mix uint16) {
		var statements []Statement
		for i, value := range []string{a, b, c, d} {
			pick := int(mix>>(3*i)) & 7
			statements = append(statements, Statement{Property: properties[(i+pick)&7], Value: value, Kind: kinds[(i*3+pick)&7]})
		}
		got := Resolve(statements)
		if got.Agreement != None && len(got.Basis) == 0 || got.Confidence < 0 || got.Confidence > 1 || got.Rule == "" {
			t.Errorf("%+v of %+v", got, statements)
		}
		for _, i := range got.Basis {
			if i < 0 || i >= len(statements) {
				t.Errorf("rests on %d of %d statements", i, len(statements))
			}
		}
		if again := Resolve(statements); fmt.Sprint(again) != fmt.Sprint(got) {
			t.Errorf("%+v, and then %+v", got, again)
		}
	})
}

func BenchmarkResolve(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Resolve(cases[2].statements)
	}
}

func TestWithoutMergingOnlyTheLineIsRead(t *testing.T) {
	for _, c := range cases {
		merged, plain := Resolve(c.statements), ResolveUnmerged(c.statements)
		if merged.Line != plain.Line || merged.Agreement != plain.Agreement {
			t.Errorf("%s: the line is %q, %s; and without merging %q, %s", c.name, merged.Line, merged.Agreement, plain.Line, plain.Agreement)
		}
	}
	if got := ResolveUnmerged(cases[2].statements); !slices.Equal(got.Agencies, []string{"Getty Images"}) {
		t.Errorf("the presidents' agencies without merging are %q", got.Agencies)
	}
}
