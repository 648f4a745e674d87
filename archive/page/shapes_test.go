package page

import "testing"

// How pages of many countries and systems write captions and credits. Each shape stands alone in the text of an article, and says what a careful
// reader would: the credit as shown, and the caption without it.
func TestReadKnowsTheShapesOfCaptionsAndCredits(t *testing.T) {
	figure := func(caption string) string {
		return `<figure><img src="/media/picture-one.jpg" alt="x"><figcaption>` + caption + `</figcaption></figure>`
	}
	for _, c := range []struct{ name, markup, credit, caption string }{
		{"a blog system", "<div class='wp-caption alignnone'><img src=/p1-picture.jpg><p class='wp-caption-text'>The quay at dawn on Tuesday. (Photo by Jane Roe)</p></div>", "(Photo by Jane Roe)", "The quay at dawn on Tuesday."},
		{"credit before caption, by classes", "<div class='module image'><img src=/p1-picture.jpg><p class='wp-media-credit'>Jane Roe / AP</p><p class='wp-caption-text'>The quay at dawn on Tuesday.</p></div>", "Jane Roe / AP", "The quay at dawn on Tuesday."},
		{"labels for screen readers", "<figure><div><picture><img src=/p1-picture.jpg></picture><p class='ssrcss-IPTCCredit'><span role=text><span class='visually-hidden'>Image source, </span>Getty Images</span></p></div><figcaption><span class='visually-hidden'>Image caption, </span>The quay at dawn on Tuesday.</figcaption></figure>", "Getty Images", "The quay at dawn on Tuesday."},
		{"a dash before the credit element", figure("Cais ao amanhecer - <span class='widget-image__credits'>Fulano de Tal/Folhapress</span>"), "Fulano de Tal/Folhapress", "Cais ao amanhecer"},
		{"a long dash, Portuguese", "<div class='content-media'><img src=/p1-picture.jpg><p class='content-media__description'>Cais ao amanhecer na terça-feira — Foto: Fulano de Tal/TV Globo</p></div>", "Foto: Fulano de Tal/TV Globo", "Cais ao amanhecer na terça-feira"},
		{"classes that say nothing, Spanish", "<figure class='a_m'><span><img src=/p1-picture.jpg></span><figcaption class='a_m_p'><span>El muelle al amanecer, este martes.</span><span class='a_m_m'>Fulano Pérez (EFE)</span></figcaption></figure>", "Fulano Pérez (EFE)", "El muelle al amanecer, este martes."},
		{"French, credit element", figure("Le quai à l’aube, mardi 3 mars. <span class='article__credit'>JEANNE ROE / AFP</span>"), "JEANNE ROE / AFP", "Le quai à l’aube, mardi 3 mars."},
		{"French, capitals and for a paper", figure("Le quai à l’aube, mardi 3 mars. JEANNE ROE POUR «LE MONDE»"), "JEANNE ROE POUR «LE MONDE»", "Le quai à l’aube, mardi 3 mars."},
		{"small, told by a data attribute", figure("<p data-manual='caption'>Der Kai am Morgen.</p><small data-manual='image-credit'>(Foto: Anna Roe/dpa)</small>"), "(Foto: Anna Roe/dpa)", "Der Kai am Morgen."},
		{"label and name in nested elements", figure("<p>Der Kai am Morgen.</p><span>Foto: <span>Anna Roe / dpa</span></span>"), "Foto: Anna Roe / dpa", "Der Kai am Morgen."},
		{"two elements, one called caption", "<figure><img src=/p1-picture.jpg><figcaption><span class='caption'>Der Kai am Morgen.</span> <span>Bild: dpa</span></figcaption></figure>", "Bild: dpa", "Der Kai am Morgen."},
		{"the figcaption is the credit, another element the caption", "<div class='image'><div class='image__container'><picture><img src=/p1-picture.jpg></picture></div><div class='image__metadata'><div class='image__caption attribution'><span>The quay at dawn on Tuesday.</span></div><figcaption class='image__credit'>Jim Roe/AFP/Getty Images/File</figcaption></div></div>", "Jim Roe/AFP/Getty Images/File", "The quay at dawn on Tuesday."},
		{"Credit… for screen readers", figure("<span aria-hidden=true>The quay at dawn on Tuesday.</span><span><span class='visually-hidden'>Credit...</span><span><span aria-hidden=false>Jane Roe for The New York Times</span></span></span>"), "Jane Roe for The New York Times", "The quay at dawn on Tuesday."},
		{"counter before, agency behind", figure("[1/4] The quay at dawn on Tuesday. REUTERS/Jane Roe"), "REUTERS/Jane Roe", "The quay at dawn on Tuesday."},
		{"agency, and words of its shop", figure("The quay at dawn on Tuesday. REUTERS/Jane Roe/File Photo Purchase Licensing Rights"), "REUTERS/Jane Roe/File Photo Purchase Licensing Rights", "The quay at dawn on Tuesday."},
		{"Japanese, photographer behind the place", figure("夜明けの岸壁＝2025年1月3日、東京都江東区、山田太郎撮影"), "山田太郎撮影", "夜明けの岸壁＝2025年1月3日、東京都江東区"},
		{"Korean, archive picture", figure("새벽의 부두 [연합뉴스 자료사진]"), "[연합뉴스 자료사진]", "새벽의 부두"},
		{"Korean, a reporter", figure("새벽의 부두. 홍길동 기자"), "홍길동 기자", "새벽의 부두."},
		{"Korean, a stroke before the agency", figure("새벽의 부두. /뉴시스"), "뉴시스", "새벽의 부두."},
		{"Chinese, reporter of an agency", figure("图为黎明的码头。新华社记者 张三 摄"), "新华社记者 张三 摄", "图为黎明的码头。"},
		{"traditional Chinese, brackets and stroke", figure("黎明的碼頭。（圖／記者王小明攝）"), "（圖／記者王小明攝）", "黎明的碼頭。"},
		{"traditional Chinese, agency and reporter grown together", figure("黎明的碼頭。（中央社記者王小明攝）"), "（中央社記者王小明攝）", "黎明的碼頭。"},
		{"traditional Chinese, taken from a platform", figure("黎明的碼頭。圖／翻攝自臉書"), "圖／翻攝自臉書", "黎明的碼頭。"},
		{"Italian, sign", figure("La banchina all'alba © ANSA/AFP"), "© ANSA/AFP", "La banchina all'alba"},
		{"Italian, agency in small letters", figure("La banchina all'alba di martedì (ansa)"), "(ansa)", "La banchina all'alba di martedì"},
		{"Danish, label and sign", figure("Kajen ved daggry. (Foto: © Anna Roe, Ritzau Scanpix)"), "(Foto: © Anna Roe, Ritzau Scanpix)", "Kajen ved daggry."},
		{"Dutch, sign", figure("De kade bij dageraad. © ANP"), "© ANP", "De kade bij dageraad."},
		{"Dutch, label without colon", figure("De kade bij dageraad. Beeld Anna Roe"), "Beeld Anna Roe", "De kade bij dageraad."},
		{"Dutch, Foto without colon", figure("De kade bij dageraad. Foto Anna Roe"), "Foto Anna Roe", "De kade bij dageraad."},
		{"Polish", figure("Nabrzeże o świcie, 3 marca. Fot. Jan Kowalski / Agencja Wyborcza.pl"), "Fot. Jan Kowalski / Agencja Wyborcza.pl", "Nabrzeże o świcie, 3 marca."},
		{"Polish, brackets", figure("Nabrzeże o świcie (fot. PAP/Jan Kowalski)"), "(fot. PAP/Jan Kowalski)", "Nabrzeże o świcie"},
		{"Hungarian", figure("A rakpart hajnalban. Fotó: Nagy Anna / MTI"), "Fotó: Nagy Anna / MTI", "A rakpart hajnalban."},
		{"Czech, bar and label", figure("Nábřeží za úsvitu. | Foto: Jan Novák, ČTK"), "Foto: Jan Novák, ČTK", "Nábřeží za úsvitu."},
		{"Arabic, brackets", figure("الميناء عند الفجر (رويترز)"), "(رويترز)", "الميناء عند الفجر"},
		{"Arabic, sign", figure("الميناء عند الفجر © أ ف ب"), "© أ ف ب", "الميناء عند الفجر"},
		{"Hindi", figure("भोर में घाट। (फोटो: पीटीआई)"), "(फोटो: पीटीआई)", "भोर में घाट।"},
		{"Greek", figure("Η προβλήτα την αυγή (φωτό: Eurokinissi)"), "(φωτό: Eurokinissi)", "Η προβλήτα την αυγή"},
		{"a bar and an agency", figure("The quay at dawn on Tuesday | AFP"), "AFP", "The quay at dawn on Tuesday"},
		{"Turkish", figure("Şafakta rıhtım. (Fotoğraf: AA)"), "(Fotoğraf: AA)", "Şafakta rıhtım."},
		{"Russian, sign and full stop", figure("Причал на рассвете © РИА Новости . Анна Линд"), "© РИА Новости . Анна Линд", "Причал на рассвете"},
		{"Indonesian", figure("Dermaga saat fajar. (ANTARA FOTO/Budi Santoso/foc)"), "(ANTARA FOTO/Budi Santoso/foc)", "Dermaga saat fajar."},
		{"Indonesian, a supplier", figure("Dermaga saat fajar. (Dok. Istimewa)"), "(Dok. Istimewa)", "Dermaga saat fajar."},
		{"Vietnamese", figure("Bến cảng lúc bình minh. Ảnh: Reuters"), "Ảnh: Reuters", "Bến cảng lúc bình minh."},
		{"Finnish", figure("Laituri aamunkoitteessa. Kuva: Anna Roe / Lehtikuva"), "Kuva: Anna Roe / Lehtikuva", "Laituri aamunkoitteessa."},
		{"Romanian", figure("Cheiul în zori. Foto: Inquam Photos / Ana Roe"), "Foto: Inquam Photos / Ana Roe", "Cheiul în zori."},
		{"Afrikaans, supplied", figure("Die kaai met dagbreek. Foto: Verskaf"), "Foto: Verskaf", "Die kaai met dagbreek."},
		{"an office in brackets is no credit", figure("Mayor Jane Roe (Democrats) at the quay"), "", "Mayor Jane Roe (Democrats) at the quay"},
		{"a sentence that ends in an agency", figure("The quay was built by Getty Images."), "", "The quay was built by Getty Images."},
		{"an agency behind the full stop", figure("The quay seen from space. NASA"), "NASA", "The quay seen from space."},
		{"courtesy of", figure("The quay at dawn on Tuesday. Courtesy of Jane Roe"), "Courtesy of Jane Roe", "The quay at dawn on Tuesday."},
		{"courtesy without of", figure("The quay at dawn on Tuesday. Courtesy Harbour Museum"), "Courtesy Harbour Museum", "The quay at dawn on Tuesday."},
		{"via a platform", figure("The quay at dawn on Tuesday. Screenshot via YouTube"), "Screenshot via YouTube", "The quay at dawn on Tuesday."},
		{"the label is an icon", "<figure><img src=/p1-picture.jpg><figcaption>The quay at dawn on Tuesday.</figcaption><div class='c7'><i class='icon-camera'></i> Jane Roe/Imago</div></figure>", "Jane Roe/Imago", "The quay at dawn on Tuesday."},
		{"a tooltip with the source", "<figure><img src=/p1-picture.jpg><span class='tooltip-source'>Quelle: imago/Jane Roe</span><figcaption>Der Kai am Morgen.</figcaption></figure>", "Quelle: imago/Jane Roe", "Der Kai am Morgen."},
		{"a notice of copyright", figure("The quay at dawn on Tuesday. <span class='copyright'>Copyright 2024 The Associated Press. All rights reserved</span>"), "Copyright 2024 The Associated Press. All rights reserved", "The quay at dawn on Tuesday."},
		{"brackets around cite", figure("The quay at dawn on Tuesday. (<cite>ABC News: Jane Roe</cite>)"), "ABC News: Jane Roe", "The quay at dawn on Tuesday."},
		{"brackets grown to the full stop", figure("The quay at dawn on Tuesday.(ABC News: Jane Roe)"), "(ABC News: Jane Roe)", "The quay at dawn on Tuesday."},
		{"credit twice, and a button", "<div class='bucketwrap image'><img src=/p1-picture.jpg><div class='credit-caption'><div class='caption-wrap'><div class='caption'><p>The quay at dawn on Tuesday. <b class='credit'>Jane Roe/AP</b> <b class='hide-caption'><b>hide caption</b></b></p></div></div><span class='credit'>Jane Roe/AP</span></div></div>", "Jane Roe/AP", "The quay at dawn on Tuesday."},
		{"full stop and bar", figure("The quay at dawn on Tuesday. | Jane Roe/Getty Images"), "Jane Roe/Getty Images", "The quay at dawn on Tuesday."},
		{"caption and credit in a paragraph of emphasis", "<p><img src=/p1-picture.jpg></p><p><em>The quay at dawn on Tuesday. Photo by Jane Roe.</em></p>", "Photo by Jane Roe.", "The quay at dawn on Tuesday."},
		{"small under the picture", "<center><img src=/p1-picture.jpg><br><small>Photo: Jane Roe</small></center>", "Photo: Jane Roe", ""},
		{"a table", "<table><tr><td><img src=/p1-picture.jpg></td></tr><tr><td class=bildtext>Der Kai am Morgen. Foto: dpa</td></tr></table>", "Foto: dpa", "Der Kai am Morgen."},
		{"a quotation", figure("“The quay is ours,” says Jane Roe, mayor of Harbour"), "", "“The quay is ours,” says Jane Roe, mayor of Harbour"},
		{"a date", figure("The quay at dawn, March 3, 2024"), "", "The quay at dawn, March 3, 2024"},
		{"Croatian, capitals", figure("Kaj u zoru. FOTO: Ivan Horvat/PIXSELL"), "FOTO: Ivan Horvat/PIXSELL", "Kaj u zoru."},
		{"a stroke before the label", figure("Der Kai am Morgen. / Foto: Anna Roe"), "Foto: Anna Roe", "Der Kai am Morgen."},
		{"an agency before the name", figure("Der Kai am Morgen. Keystone / Anna Roe"), "Keystone / Anna Roe", "Der Kai am Morgen."},
		{"French, sign grown to the agency", figure("Le quai à l'aube. ©AFP - Jeanne Roe"), "©AFP - Jeanne Roe", "Le quai à l'aube."},
		{"French, two parties", figure("Le quai à l'aube © Radio France - Jeanne Roe"), "© Radio France - Jeanne Roe", "Le quai à l'aube"},
		{"a paper in capitals behind a bar", figure("Le quai à l'aube. | OUEST-FRANCE"), "OUEST-FRANCE", "Le quai à l'aube."},
		{"French, label without colon", figure("Le quai à l'aube. Photo Le Progrès /Jeanne ROE"), "Photo Le Progrès /Jeanne ROE", "Le quai à l'aube."},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := read(t, `<title>Harbour reopens</title><article><h1>Harbour reopens</h1>`+paragraphs(1)+c.markup+paragraphs(4)+`</article>`)
			if len(d.Images) != 1 {
				t.Fatalf("images = %+v", d.Images)
			}
			got := ""
			for _, s := range d.Images[0].Statements {
				if s.Property == "credit" {
					got = s.Value
					break
				}
			}
			if got != c.credit || d.Images[0].Caption != c.caption {
				t.Errorf("credit %q, caption %q; want %q and %q", got, d.Images[0].Caption, c.credit, c.caption)
			}
		})
	}
}
