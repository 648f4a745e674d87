package imagemeta

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// encodedIn is a text in a character set of one byte a character.
func encodedIn(t *testing.T, set *charmap.Charmap, s string) string {
	t.Helper()
	out, err := set.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCharacterSetsOfIIM(t *testing.T) {
	const name, place = "Zoë Müller", " [file.iim APP13/8BIM:0404/2:80[1]]"
	latin := encodedIn(t, charmap.Windows1252, name)
	for _, c := range []struct {
		name string
		iim  []byte
		want string
		raw  string
	}{
		{"UTF-8 that is declared", cat(ds(1, 90, declaresUTF8), byline(name)), name + place, ""},
		{"UTF-8 that is declared behind what it is for", cat(byline(name), ds(1, 90, declaresUTF8)), name + place, ""},
		{"UTF-8 that is not declared", byline(name), name + place + " (charset_detected)", ""},
		{"Latin-1 that is declared", cat(ds(1, 90, "\x1B.A"), byline(latin)), name + place, ""},
		{"Latin-1 that is declared otherwise", cat(ds(1, 90, "\x1B-A"), byline(latin)), name + place, ""},
		{"Latin-2 that is declared", cat(ds(1, 90, "\x1B-B"), byline(encodedIn(t, charmap.ISO8859_2, "Łukasz Żak"))), "Łukasz Żak" + place, ""},
		{"Latin-1 that is not declared", byline(latin), name + place, latin},
		{"Latin-1 that is declared to be UTF-8", cat(ds(1, 90, declaresUTF8), byline(latin)), name + place + " (charset_mismatch)", latin},
		{"quotation marks of Windows", byline(encodedIn(t, charmap.Windows1252, "O’Brien")), "O’Brien" + place, "O\x92Brien"},
		{"Cyrillic of Windows, in capitals", byline(encodedIn(t, charmap.Windows1251, "МИХАИЛ")), "МИХАИЛ" + place + " (charset_detected)", "\xCC\xC8\xD5\xC0\xC8\xCB"},
		{"Cyrillic of Windows, with an agency in Latin letters", cat(byline(encodedIn(t, charmap.Windows1251, "Михаил Клементьев/ТАСС")), ds(2, 110, "AFP")),
			"Михаил Клементьев/ТАСС" + place + " (charset_detected)\ncredit: AFP [file.iim APP13/8BIM:0404/2:110]", encodedIn(t, charmap.Windows1251, "Михаил Клементьев/ТАСС")},
		{"French in capitals, which is not Cyrillic", byline(encodedIn(t, charmap.Windows1252, "ÉLÉONORE ÂÉÈ")), "ÉLÉONORE ÂÉÈ" + place, "\xC9L\xC9ONORE \xC2\xC9\xC8"},
		{"the old Macintosh set, which nothing tells from Latin-1", byline("Jens Tr\x9Fbiger"), "Jens TrŸbiger" + place, "Jens Tr\x9Fbiger"},
		{"UTF-8 that was cut within a letter", cat(ds(1, 90, declaresUTF8), byline("Zoë Müll\xC3")), "Zoë Müll" + place + " (truncated)", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := wants(t, jpegFile(iimSegment(c.iim)), strings.Split("creator: "+c.want, "\n")...)
			if len(m.Statements) > 0 && string(m.Statements[0].Raw) != c.raw {
				t.Errorf("raw %q, want %q", m.Statements[0].Raw, c.raw)
			}
		})
	}
}

func TestDatasetsOfIIM(t *testing.T) {
	const p = "[file.iim APP13/8BIM:0404/2:"
	for _, c := range []struct {
		name    string
		iim     []byte
		want    []string
		damaged bool
	}{
		{"every one that is read", cat(ds(2, 5, "T"), ds(2, 25, "a keyword"), ds(2, 40, "I"), ds(2, 80, "C1"), ds(2, 80, "C2"), ds(2, 85, "J"), ds(2, 105, "H"), ds(2, 110, "Cr"), ds(2, 115, "S"),
			ds(2, 116, "© C"), ds(2, 118, "Co"), ds(2, 120, "Ca"), ds(2, 122, "W")), []string{
			"title: T " + p + "5]", "instructions: I " + p + "40]", "creator: C1 " + p + "80[1]]", "creator: C2 " + p + "80[2]]", "creator_job: J " + p + "85[1]]", "headline: H " + p + "105]",
			"credit: Cr " + p + "110]", "source: S " + p + "115]", "copyright: © C " + p + "116] (charset_detected)", "contact: Co " + p + "118[1]]", "caption: Ca " + p + "120]", "caption_writer: W " + p + "122[1]]"}, false},
		{"one that may not be repeated, and is", cat(ds(2, 110, "A"), ds(2, 110, "B")), []string{"credit: A " + p + "110]", "credit: B " + p + "110[2]]"}, false},
		{"one as long as it may be", ds(2, 110, strings.Repeat("x", 32)), []string{"credit: " + strings.Repeat("x", 32) + " " + p + "110] (truncated)"}, false},
		{"one longer than it may be", ds(2, 110, strings.Repeat("x", 40)), []string{"credit: " + strings.Repeat("x", 40) + " " + p + "110]"}, false},
		{"an extended one", cat("\x1C\x02\x78\x80\x04\x00\x00\x00\x0Clong caption", byline("A")), []string{"caption: long caption " + p + "120]", "creator: A " + p + "80[1]]"}, false},
		{"padding between them", cat(ds(2, 5, "T"), "\x00\x00", byline("A")), []string{"title: T " + p + "5]", "creator: A " + p + "80[1]]"}, false},
		{"NULs and white space in them", byline(" Jane\r\n  Doe\x00\x00"), []string{"creator: Jane Doe " + p + "80[1]]"}, false},
		{"an empty one", byline(" "), nil, false},
		{"one that is cut", byline("Jane Doe")[:9], []string{"creator: Jane " + p + "80[1]]"}, true},
		{"garbage behind one", cat(byline("A"), "garbage"), []string{"creator: A " + p + "80[1]]"}, true},
		{"an extended one of impossible length", []byte("\x1C\x02\x78\x80\x09aaaaaaaaaaaaaaaa"), nil, true},
		{"another record", ds(3, 80, "A"), nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := wants(t, jpegFile(iimSegment(c.iim)), c.want...); (m.Damage != nil) != c.damaged {
				t.Errorf("damage %v", m.Damage)
			}
		})
	}
}

func TestIIMBesideXMP(t *testing.T) {
	const xmp = "credit: ©1985 David Example: www.example.com [file.xmp APP1:xmp/photoshop:Credit]"
	x := xmpSegment(packet(`<photoshop:Credit>©1985 David Example: www.example.com</photoshop:Credit>`))
	latin := func(s string) string { return encodedIn(t, charmap.Windows1252, s) }
	for _, c := range []struct {
		name, iim, want string
	}{
		{"the same", latin("©1985 David Example: www.example.com"), "©1985 David Example: www.example.com [file.iim APP13/8BIM:0404/2:110]"},
		{"the beginning of it", latin("©1985 David Example: www.example"), "©1985 David Example: www.example [file.iim APP13/8BIM:0404/2:110] (truncated)"},
		{"a beginning too short to be a cut", "David", "David [file.iim APP13/8BIM:0404/2:110] (out_of_sync)"},
		{"something else", "AFP", "AFP [file.iim APP13/8BIM:0404/2:110] (out_of_sync)"},
		{"the same in the old Macintosh set", "\xA91985 David Example: www.example.com", "©1985 David Example: www.example.com [file.iim APP13/8BIM:0404/2:110]"},
	} {
		t.Run(c.name, func(t *testing.T) { wants(t, jpegFile(x, iimSegment(ds(2, 110, c.iim))), xmp, "credit: "+c.want) })
	}
	t.Run("a name in the old Macintosh set", func(t *testing.T) {
		wants(t, jpegFile(xmpSegment(packet(`<dc:creator><rdf:Seq><rdf:li>Jens Trübiger</rdf:li></rdf:Seq></dc:creator>`)), iimSegment(byline("Jens Tr\x9Fbiger"))),
			"creator: Jens Trübiger [file.xmp APP1:xmp/dc:creator[1]]", "creator: Jens Trübiger [file.iim APP13/8BIM:0404/2:80[1]] (charset_detected)")
	})
	t.Run("a value that only just fits", func(t *testing.T) {
		full := strings.Repeat("x", 32)
		wants(t, jpegFile(xmpSegment(packet(`<photoshop:Credit>`+full+`</photoshop:Credit>`)), iimSegment(ds(2, 110, full))),
			"credit: "+full+" [file.xmp APP1:xmp/photoshop:Credit]", "credit: "+full+" [file.iim APP13/8BIM:0404/2:110]")
	})
}
