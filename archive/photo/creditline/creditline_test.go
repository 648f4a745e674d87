package creditline

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
)

// lines are credit lines as newspapers print them, and whom they name.
var lines = []struct {
	name, line                string
	people, agencies, markers []string
}{
	{"a photographer, the agency and who sells its pictures", "MIKHAIL KLIMENTYEV/AFP/Getty Images", []string{"MIKHAIL KLIMENTYEV"}, []string{"AFP", "Getty Images"}, nil},
	{"what the agency wants to be printed", "(Photo credit should read MIKHAIL KLIMENTYEV/AFP/Getty Images)", []string{"MIKHAIL KLIMENTYEV"}, []string{"AFP", "Getty Images"}, nil},
	{"the word for the agency's pictures is not its name", "AP Photo/John Smith", []string{"John Smith"}, []string{"AP"}, nil},
	{"a marker beside a real party is dropped", "AP Photo/Eric Gay, File", []string{"Eric Gay"}, []string{"AP"}, []string{"File"}},
	{"an agency that is written out stays so", "The Associated Press", nil, []string{"The Associated Press"}, nil},
	{"an agency through a library", "AFP via Getty Images", nil, []string{"AFP", "Getty Images"}, nil},
	{"a photographer for a newspaper through a library", "Photo: Tom Brenner for The Washington Post via Getty Images", []string{"Tom Brenner"}, []string{"The Washington Post", "Getty Images"}, nil},
	{"a library, an agency and behind a bar the photographer", "picture alliance/dpa | Ann Roe", []string{"Ann Roe"}, []string{"picture alliance", "dpa"}, nil},
	{"the library in brackets", "Foto: Graeme Roe (Getty)", []string{"Graeme Roe"}, []string{"Getty"}, nil},
	{"a name that is repeated counts once", "Ann Roe/dpa/Ann Roe", []string{"Ann Roe"}, []string{"dpa"}, nil},
	{"several photographers", "Fotos: Ann Roe und Kim Lee/dpa", []string{"Ann Roe", "Kim Lee"}, []string{"dpa"}, nil},
	{"a user of a stock site", "Foto: fizkes / Shutterstock", []string{"fizkes"}, []string{"Shutterstock"}, nil},
	{"who supplied it, when nobody else is named", "Foto: Privat", nil, []string{"Privat"}, nil},
	{"a label without a colon before who supplied it", "Foto beigestellt", nil, []string{"beigestellt"}, nil},
	{"Japanese, in wide signs", "＝ＡＰ", nil, []string{"ＡＰ"}, nil},
	{"Japanese, photographer and agency", "（写真・山本さくら／潮風通信社）", []string{"山本さくら"}, []string{"潮風通信社"}, nil},
	{"Chinese, photographer and agency", "（摄影：林晓舟／海岸图片社）", []string{"林晓舟"}, []string{"海岸图片社"}, nil},
	{"Korean, a reporter", "[사진 = 한수진 기자]", []string{"한수진"}, nil, nil},
	{"Japanese, supplied by a museum", "（写真：潮風美術館提供）", nil, []string{"潮風美術館"}, nil},
	{"Russian, photographer and newspaper", "Фото: Мила Ветрова, Коммерсантъ", []string{"Мила Ветрова"}, []string{"Коммерсантъ"}, nil},
	{"Russian, an agency by its words", "Фото: Мила Ветрова / Агентство Северный свет", []string{"Мила Ветрова"}, []string{"Агентство Северный свет"}, nil},
	{"Lithuanian has the label behind the name", "J. Rūta nuotr.", []string{"J. Rūta"}, nil, nil},
	{"a handout of a ministry", "Handout/Ministry of Fisheries", nil, []string{"Ministry of Fisheries"}, []string{"Handout"}},
	{"an unknown studio behind a slash", "Caspian Doyle/Blue Door", []string{"Caspian Doyle"}, []string{"Blue Door"}, nil},
	{"an account", "@harbour_watch via X / Reuters", nil, []string{"@harbour_watch", "Reuters"}, nil},
	{"nobody", "Photo:", nil, nil, nil},
	{"nothing", "", nil, nil, nil},
}

func TestACreditLineIsTakenApartIntoPersonsAgenciesAndMarkers(t *testing.T) {
	for _, c := range lines {
		t.Run(c.name, func(t *testing.T) {
			l := Parse(c.line)
			if !slices.Equal(l.People, c.people) || !slices.Equal(l.Agencies, c.agencies) || !slices.Equal(l.Markers, c.markers) {
				t.Errorf("%q\n names %q %q %q\n  want %q %q %q", c.line, l.People, l.Agencies, l.Markers, c.people, c.agencies, c.markers)
			}
		})
	}
}

//go:embed testdata/lines.tsv
var printedLines string

func TestLinesAsThePapersOfTheWorldPrintThemNameWhomAReaderSeesInThem(t *testing.T) {
	for row := range strings.Lines(printedLines) {
		if strings.HasPrefix(row, "#") {
			continue
		}
		cells := strings.Split(strings.TrimRight(row, "\n"), "\t")
		if len(cells) != 3 {
			t.Fatalf("%q has %d cells, want 3", row, len(cells))
		}
		l := Parse(cells[0])
		people, agencies := strings.Join(l.People, "; "), strings.Join(l.Agencies, "; ")
		if people != cells[1] || agencies != cells[2] {
			t.Errorf("%q\n names %q and %q\n  want %q and %q", cells[0], people, agencies, cells[1], cells[2])
		}
	}
}
