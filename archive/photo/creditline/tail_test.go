package creditline

import (
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct{ name, text, caption, credit string }{
		{"a label behind the caption", "A quay at dawn. Foto: dpa", "A quay at dawn.", "Foto: dpa"},
		{"a label without a full stop before it", "A quay at dawn Foto: Ana Lind", "A quay at dawn", "Foto: Ana Lind"},
		{"a label in brackets", "A quay at dawn (Photo: Ana Lind/PA Wire)", "A quay at dawn", "(Photo: Ana Lind/PA Wire)"},
		{"a label in brackets without a colon", "Un quai, le 30 avril. (Photo Ana Lind. AFP)", "Un quai, le 30 avril.", "(Photo Ana Lind. AFP)"},
		{"an agency in brackets", "A quay at dawn. (AP Photo/Ana Lind)", "A quay at dawn.", "(AP Photo/Ana Lind)"},
		{"two parties of which none is known, in brackets", "A quay at dawn. (Ana Lind/Harbour Trust)", "A quay at dawn.", "(Ana Lind/Harbour Trust)"},
		{"a caption as short as a name", "Rain in June. (AP Photo/Ana Lind)", "Rain in June.", "(AP Photo/Ana Lind)"},
		{"brackets inside a credit", "A quay at dawn. Foto: Ana Lind (Getty)", "A quay at dawn.", "Foto: Ana Lind (Getty)"},
		{"two credits in brackets: the last", "A quay. (Photo by A. LIND / AFP) (Photo credit should read A. LIND/AFP/Getty Images)", "A quay. (Photo by A. LIND / AFP)", "(Photo credit should read A. LIND/AFP/Getty Images)"},
		{"a bar", "A quay | Ana Lind/Reuters", "A quay", "Ana Lind/Reuters"},
		{"a bar before a label", "Men With Masks | Bildquelle: WDR", "Men With Masks", "Bildquelle: WDR"},
		{"a dash and by", "A quay at dawn. — Picture by Ana Lind", "A quay at dawn.", "Picture by Ana Lind"},
		{"a sign", "A quay at dawn © Ana Lind", "A quay at dawn", "© Ana Lind"},
		{"a line of its own", "A quay at dawn\nAna Lind/Harbour Trust", "A quay at dawn", "Ana Lind/Harbour Trust"},
		{"an agency behind the full stop", "A quay at dawn. Ana Lind / Reuters", "A quay at dawn.", "Ana Lind / Reuters"},
		{"a place with a full stop before the brackets", "A quay in Hershey, Penn. Thursday. (ANA LIND/REUTERS)", "A quay in Hershey, Penn. Thursday.", "(ANA LIND/REUTERS)"},
		{"a word that is a label ends the caption", "Man sieht die Karte. Foto: dpa", "Man sieht die Karte.", "Foto: dpa"},
		{"Japanese, behind a sign", "夜明けの岸壁（北港で）＝ＡＰ", "夜明けの岸壁（北港で）", "＝ＡＰ"},
		{"Japanese, copyright in wide brackets", "夜明けの岸壁（左から）西田、石川（Ｃ）共同通信社", "夜明けの岸壁（左から）西田、石川", "（Ｃ）共同通信社"},
		{"Korean", "새벽의 부두. [사진 출처 = 연합뉴스]", "새벽의 부두.", "[사진 출처 = 연합뉴스]"},
		{"Lithuanian, label behind the name", "Krantinė auštant / J. Roe / LRT nuotr.", "Krantinė auštant", "J. Roe / LRT nuotr."},
		{"Lithuanian, before the caption", "Jono Roe / LRT nuotr. / Krantinė auštant", "Krantinė auštant", "Jono Roe / LRT nuotr."},
		{"a credit alone", "Photo: Ana Lind", "", "Photo: Ana Lind"},
		{"an agency alone", "HANDOUT / AFP", "", "HANDOUT / AFP"},
		{"a caption alone", "A quay at dawn.", "A quay at dawn.", ""},
		{"brackets that say where somebody stands", "The quay (left) and the mole (right)", "The quay (left) and the mole (right)", ""},
		{"a name in brackets inside a sentence", "The mayor (Ana Lind) opens the quay", "The mayor (Ana Lind) opens the quay", ""},
		{"what is shown, in words that begin like a label", "Imagen de un baño portátil situado en la pradera, en la edición de este año.", "Imagen de un baño portátil situado en la pradera, en la edición de este año.", ""},
		{"a portrait of somebody", "Ana Lind unveils a portrait of Senate Leader Jo Marsh.", "Ana Lind unveils a portrait of Senate Leader Jo Marsh.", ""},
		{"rights that name nobody", "A quay. All rights reserved.", "A quay. All rights reserved.", ""},
		{"nothing", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			caption, credit := Split(c.text)
			if caption != c.caption || credit != c.credit {
				t.Errorf("Split(%q) = %q, %q; want %q, %q", c.text, caption, credit, c.caption, c.credit)
			}
		})
	}
}

func TestWhatIsACreditByWhatItSays(t *testing.T) {
	for _, c := range []struct {
		text                 string
		credit, party, looks bool
	}{
		{"Photo: Ana Lind", true, true, true},
		{"© Ana Lind / stock.adobe.com", true, true, true},
		{"Ana Lind/AFP/Getty Images", true, true, true},
		{"(Unsplash)", true, true, true},
		{"Privat", false, true, true},
		{"Ana Lind/Harbour Trust", false, true, true},
		{"Ana Lind", false, false, true},
		{"A quay at dawn, seen from the mole", false, false, false},
		{"Photo: a man walks past the boats that the storm left on the road of the old town", false, false, false},
		{"© RIPRODUZIONE RISERVATA", false, false, false},
		{"写真・図版", false, false, false},
		{"", false, false, false},
	} {
		if got := IsCredit(c.text); got != c.credit {
			t.Errorf("IsCredit(%q) = %v", c.text, got)
		}
		if got := IsParty(c.text); got != c.party {
			t.Errorf("IsParty(%q) = %v", c.text, got)
		}
		if got := LooksLikeCredit(c.text); got != c.looks {
			t.Errorf("LooksLikeCredit(%q) = %v", c.text, got)
		}
	}
}

func TestNamesPictureKnowsLabelsOfTexts(t *testing.T) {
	for text, want := range map[string]bool{"Fotos: Ana Lind": true, "Foto AP": true, "© Ana Lind": true, "Quelle: dpa": false, "Source: AP": false, "Fotoğraf, AA": true, "Ana Lind": false} {
		if got := NamesPicture(text); got != want {
			t.Errorf("NamesPicture(%q) = %v", text, got)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, text := range []string{"A quay. (Photo: Ana Lind/AP)", "夜明け（北港で）＝ＡＰ", "x | © y", "(((", "Foto: Foto: (", "\xff(\xfe)", "a\nb/c", "A. B / C nuotr. / d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		caption, credit := Split(text)
		if !strings.Contains(text, caption) || !strings.Contains(text, credit) || len(caption)+len(credit) > len(text) {
			t.Errorf("Split(%q) = %q, %q", text, caption, credit)
		}
		IsCredit(text)
		IsParty(text)
		LooksLikeCredit(text)
		NamesPicture(text)
	})
}
