package creditline

import "testing"

func TestALineIsNormalisedToItsNames(t *testing.T) {
	for line, want := range map[string]string{
		"(Foto: © Bild: Ann Roe/dpa)":      "Ann Roe/dpa",
		"Photo by Ann Roe":                 "Ann Roe",
		"(AP Photo/Ann Roe)":               "AP Photo/Ann Roe",
		"CreditCreditAnn Roe":              "Ann Roe",
		"Credit...Ann Roe/The Paper":       "Ann Roe/The Paper",
		"Courtesy of Kestrel Images":       "Kestrel Images",
		"PHOTOGRAPH COURTESY OF KESTREL":   "KESTREL",
		"Image via Getty Images":           "Getty Images",
		"（Ｃ）共同通信社":                         "共同通信社",
		"＝ＡＰ":                              "ＡＰ",
		"[사진 출처 = 연합뉴스]":                   "연합뉴스",
		"Foto beigestellt":                 "Foto beigestellt",
		"Foto: Graeme Roe (Getty)":         "Graeme Roe (Getty)",
		"Foto Reuters":                     "Reuters",
		"Fot. Ann Roe":                     "Ann Roe",
		"Crédit photo : Ann Roe.":          "Ann Roe",
		"Warner Bros.":                     "Warner Bros.",
		"Sam Roe Jr.":                      "Sam Roe Jr.",
		"Ann  Roe /\u00a0dpa":              "Ann Roe / dpa",
		"Fuente de la imagen: Harbour TV":  "Harbour TV",
		"Photo finish at the harbour race": "Photo finish at the harbour race",
		"Photo:":                           "",
		"(":                                "",
	} {
		if got := Normalise(line); got != want {
			t.Errorf("%q is normalised to %q, want %q", line, got, want)
		}
	}
}

func TestALabelIsSeen(t *testing.T) {
	for _, line := range []string{
		"Photo: Ann Roe", "Foto: dpa", "© Ann Roe", "(c) dpa", "(Photo by Ann Roe)", "사진 = 한수진 기자", "[사진=연합뉴스]", "J. Rūta nuotr.", "潮風美術館提供", "（山本さくら撮影）", "＝ＡＰ", "（Ｃ）ＮＨＫ",
		"Фото: ТАСС", "Fotoğraf: AA", "Ảnh: Reuters", "صورة: رويترز", "צילום: רויטרס", "图片来源：新华社", "写真・山本さくら", "Courtesy of the artist", "Credit...Ann Roe", "Mandatory Credit: Ann Roe",
		"Foto von Ann Roe", "Bildquelle: dpa", "Crédit photo : AFP", "Illustration by Ann Roe", "Fot. Ann Roe", "Image source, Getty Images",
	} {
		if !HasLabel(line) {
			t.Errorf("no label is seen in %q", line)
		}
	}
	for _, line := range []string{
		"The harbour reopens", "Ann Roe/dpa", "Getty Images", "Photo finish at the harbour", "Foto van de brand in de haven", "Images of the harbour at night", "For the first time in weeks the ferry sails",
		"Thanks to the rain the harbour is full", "Portrait of a Lady, by an unknown painter", "A source said that the harbour is closed", "Map of the harbour", "Picture this: a ferry at night", "El foto finish", "",
		"多くの市民にサービスを提供しているこの施設は、来年の春に改修工事が始まる予定だが、それまでは通常どおりの営業を続けると市は説明し、さらに新しい情報を提供",
	} {
		if HasLabel(line) {
			t.Errorf("a label is seen in %q", line)
		}
	}
}
