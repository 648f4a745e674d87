package creditline

import "testing"

func TestNamesOfOnePersonAreTheSame(t *testing.T) {
	for _, c := range []struct{ name, a, b string }{
		{"case", "MIKHAIL KLIMENTYEV", "Mikhail Klimentyev"},
		{"diacritics", "Béla Osváth", "Bela Osvath"},
		{"letters that do not decompose", "Søren Łuczak", "Soren Luczak"},
		{"umlauts written out", "Jörg Müller", "Joerg Mueller"},
		{"sharp s", "Weiß, Jörg", "Jörg Weiss"},
		{"order of names", "Vance, Hildur", "Hildur Vance"},
		{"order of names in Hungarian", "Osvath Bela", "Bela Osvath"},
		{"an initial", "H. Vance", "Hildur Vance"},
		{"initials without stops", "HJ Vance", "H. J. Vance"},
		{"a middle initial that one leaves out", "Robert F. Roe", "Robert Roe"},
		{"a middle name and its initial", "Robert Francis Roe", "Robert F. Roe"},
		{"a hyphen", "Jung Yeon-je", "Jung Yeonje"},
		{"an apostrophe", "Sinéad O’Brien", "SINEAD O'BRIEN"},
		{"junior", "Sam Roe Jr.", "Sam Roe"},
		{"a title", "Dr. Anna Roe", "Anna Roe"},
		{"a cut at 32 bytes", "Maximiliane-Antonia Hohenfels-Li", "Maximiliane-Antonia Hohenfels-Lindqvist"},
		{"a cut at 31 bytes", "Maximiliane-Antonia Hohenfels-L", "Maximiliane-Antonia Hohenfels-Lindqvist"},
		{"a space in a Japanese name", "山本 さくら", "山本さくら"},
		{"wide letters", "ＪＯ　ＲＯＥ", "Jo Roe"},
		{"ё and е", "Семён Петров", "Семен Петров"},
	} {
		if !SamePerson(c.a, c.b) || !SamePerson(c.b, c.a) {
			t.Errorf("%s: %q and %q are not the same", c.name, c.a, c.b)
		}
	}
}

func TestNamesOfDifferentPersonsAreNotTheSame(t *testing.T) {
	for _, c := range []struct{ name, a, b string }{
		{"surnames alike, given names not", "Anna Roe", "Bert Roe"},
		{"given names alike, surnames not", "Anna Roe", "Anna Doe"},
		{"another initial", "A. Roe", "Bert Roe"},
		{"a surname alone is nobody's whole name", "Roe", "Anna Roe"},
		{"initials alone", "A. R.", "Anna Roe"},
		{"a beginning that is not cut at IIM's length", "Max Hohen", "Max Hohenfels"},
		{"one twice", "Roe Roe", "Anna Roe"},
		{"nothing", "", "Anna Roe"},
		{"nothing and nothing", "", "…"},
	} {
		if SamePerson(c.a, c.b) || SamePerson(c.b, c.a) {
			t.Errorf("%s: %q and %q are the same", c.name, c.a, c.b)
		}
	}
}

func TestAnAgencyIsKnownByItsAliases(t *testing.T) {
	for alias, want := range map[string]string{
		"Associated Press": "AP", "AP Photo": "AP", "the associated press": "AP", "ＡＰ": "AP", "A.P.": "AP",
		"Agence France-Presse": "AFP", "GETTY": "Getty Images", "gettyimages": "Getty Images", "EPA-EFE": "EPA", "ロイター": "Reuters",
		"Deutsche Presse-Agentur": "dpa", "ТАСС": "TASS", "PICTURE-ALLIANCE": "picture alliance", "stock.adobe.com": "Adobe Stock",
	} {
		if got, ok := Agency(alias); !ok || got != want {
			t.Errorf("Agency(%q) is %q, %t; want %q", alias, got, ok, want)
		}
	}
	if got, ok := Agency("Harbour Watch Weekly"); ok {
		t.Errorf("an agency that nobody knows is %q", got)
	}
}

func TestNamesOfOneAgencyAreTheSame(t *testing.T) {
	for _, c := range [][2]string{
		{"AP", "Associated Press"}, {"AP Photo", "The Associated Press"}, {"dpa", "DPA"}, {"Getty", "Getty Images"},
		{"Kestrel Images", "KESTREL IMAGES"}, {"Kestrel Images Ltd.", "Kestrel Images"}, {"The Harbour Courier", "Harbour Courier"},
		{"Meridian News Agency of the North", "Meridian News Agency of the Nort"}, {"Agência Maré", "Agencia Mare"},
	} {
		if !SameAgency(c[0], c[1]) || !SameAgency(c[1], c[0]) {
			t.Errorf("%q and %q are not the same", c[0], c[1])
		}
	}
	for _, c := range [][2]string{{"AP", "AFP"}, {"Kestrel Images", "Kestrel Pictures"}, {"", ""}, {"Reuters", ""}, {"Redux", "REA"}} {
		if SameAgency(c[0], c[1]) {
			t.Errorf("%q and %q are the same", c[0], c[1])
		}
	}
}

func TestNamesInCapitalsAreShownReadable(t *testing.T) {
	for name, want := range map[string]string{
		"MIKHAIL KLIMENTYEV": "Mikhail Klimentyev", "JAN VAN DER BERG": "Jan van der Berg", "VAN DER BERG": "Van der Berg",
		"MARIA DE LA CRUZ": "Maria de la Cruz", "LUDWIG VON HOHENFELS": "Ludwig von Hohenfels", "OSAMA BIN ZAYED": "Osama bin Zayed",
		"OMAR AL-SAYED": "Omar al-Sayed", "SINÉAD O'BRIEN": "Sinéad O'Brien", "RORY MCDONALD": "Rory McDonald", "JEAN-PAUL D'ARC": "Jean-Paul D'Arc",
		"K.C. ROE": "K.C. Roe", "ROBERT F. ROE": "Robert F. Roe", "SAM ROE JR.": "Sam Roe Jr.", "SAM ROE III": "Sam Roe III",
		"МИЛА ВЕТРОВА": "Мила Ветрова", "ÖMER YILMAZ": "Ömer Yilmaz", "ΓΙΩΡΓΟΣ ΝΗΣΙΩΤΗΣ": "Γιωργος Νησιωτης",
		"Jaafar ASHTIYEH": "Jaafar ASHTIYEH", "Jo Roe": "Jo Roe", "JR": "JR", "Kak": "Kak", "山本さくら": "山本さくら", "": "",
	} {
		if got := DisplayName(name); got != want {
			t.Errorf("%q is shown as %q, want %q", name, got, want)
		}
	}
}

func TestKeysOfNamesThatCompareEqualAreEqual(t *testing.T) {
	for _, c := range [][2]string{
		{"AP Photo", "Associated Press"}, {"Béla Osváth", "BELA OSVATH"}, {"O'Brien", "O’Brien"}, {"K.C. Roe", "KC Roe"}, {"山本 さくら", "山本さくら"},
	} {
		if Key(c[0]) != Key(c[1]) {
			t.Errorf("the key of %q is %q, and that of %q is %q", c[0], Key(c[0]), c[1], Key(c[1]))
		}
	}
}
