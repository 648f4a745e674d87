package page

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
)

func encode(t testing.TB, name, text string) string {
	t.Helper()
	e, _ := charset.Lookup(name)
	if e == nil {
		t.Fatalf("no charset %q", name)
	}
	s, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatalf("encode as %s: %v", name, err)
	}
	return s
}

const (
	russian  = "Паромы ушли из гавани рано утром. Фото: Анна Линдквист, Гавань"
	chinese  = "渡轮清晨离开港口。图片来源：安娜，港口报。新华社记者摄"
	japanese = "フェリーは早朝に港を出た。撮影＝山田太郎、写真提供：港新聞社"
	korean   = "여객선이 이른 아침 항구를 떠났다. 사진 = 한수진 기자"
	german   = "Die Fähren liefen früh aus. Foto: Jörg Müller"
)

func metaPage(name, text string) string {
	return `<html><head><meta http-equiv="Content-Type" content="text/html; charset=` + name + `"><title>x</title></head><body><p>` + text + `</p></body></html>`
}

func bare(text string) string {
	return "<html><body><p>" + strings.Repeat(text+" ", 8) + "</p></body></html>"
}

func TestUTF8MakesTheCreditReadable(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(bare(russian))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, body, contentType, charset, want string
	}{
		{"windows-1251 by its meta", encode(t, "windows-1251", metaPage("windows-1251", russian)), "text/html", "windows-1251", russian},
		{"windows-1251 by its header", encode(t, "windows-1251", bare(russian)), "text/html; charset=windows-1251", "windows-1251", russian},
		{"windows-1251 that nobody declares", encode(t, "windows-1251", bare(russian)), "", "windows-1251", russian},
		{"GBK by its meta", encode(t, "gbk", metaPage("gbk", chinese)), "", "gbk", chinese},
		{"GBK that nobody declares", encode(t, "gbk", bare(chinese)), "text/html", "gb18030", chinese},
		{"Shift_JIS by its meta", encode(t, "shift_jis", metaPage("Shift_JIS", japanese)), "", "shift_jis", japanese},
		{"Shift_JIS that nobody declares", encode(t, "shift_jis", bare(japanese)), "", "shift_jis", japanese},
		{"EUC-JP that nobody declares", encode(t, "euc-jp", bare(japanese)), "", "euc-jp", japanese},
		{"ISO-2022-JP by its meta", encode(t, "iso-2022-jp", metaPage("iso-2022-jp", japanese)), "", "iso-2022-jp", japanese},
		{"EUC-KR by its meta", encode(t, "euc-kr", metaPage("euc-kr", korean)), "", "euc-kr", korean},
		{"EUC-KR that nobody declares", encode(t, "euc-kr", bare(korean)), "", "euc-kr", korean},
		{"windows-1252 that nobody declares", encode(t, "windows-1252", bare(german)), "", "windows-1252", german},
		{"UTF-8 that nobody declares", bare(russian), "", "utf-8", russian},
		{"UTF-8 with a byte order mark under a lying header", "\xEF\xBB\xBF" + bare(russian), "text/html; charset=windows-1251", "utf-8", russian},
		{"UTF-16 with a byte order mark", utf16, "text/html; charset=utf-8", "utf-16le", russian},
		{"UTF-8 under a header that says Latin-1", bare(german), "text/html; charset=iso-8859-1", "utf-8", german},
		{"UTF-8 whose meta says windows-1251", metaPage("windows-1251", russian), "text/html", "utf-8", russian},
		{"UTF-8 whose meta says GBK", metaPage("gbk", chinese), "text/html; charset=gbk", "utf-8", chinese},
		{"windows-1251 under a header that says UTF-8", encode(t, "windows-1251", metaPage("windows-1251", russian)), "text/html; charset=utf-8", "windows-1251", russian},
		{"windows-1251 by its meta under a server's default Latin-1", encode(t, "windows-1251", metaPage("windows-1251", russian)), "text/html; charset=ISO-8859-1", "windows-1251", russian},
		{"a meta far behind the first kilobyte", "<html><head><script>" + strings.Repeat("x", 5000) + "</script>" + encode(t, "windows-1251", metaPage("windows-1251", russian)), "", "windows-1251", russian},
		{"a meta with bytes that are no UTF-8 before its charset", `<meta http-equiv=content-type content="` + strings.Repeat("\xD3", 90) + `; CharSet = 'windows-1251'">` + encode(t, "windows-1251", bare(russian)), "", "windows-1251", russian},
		{"a meta that says UTF-16 and cannot be", `<meta charset="utf-16">` + bare(russian), "", "utf-8", russian},
		{"UTF-8 with one damaged byte", bare(russian) + "\xFF" + bare(russian), "text/html; charset=utf-8", "utf-8", russian},
		{"UTF-8 cut inside a character", bare(russian)[:len(bare(russian))-len("</p></body></html>")-3], "", "utf-8", russian[:40]},
		{"plain ASCII under any name", "<p>Photo: Jo Marsh</p>", "text/html; charset=shift_jis", "utf-8", "Photo: Jo Marsh"},
		{"nothing", "", "", "utf-8", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, name := UTF8([]byte(c.body), c.contentType)
			if name != c.charset {
				t.Errorf("charset = %q, want %q", name, c.charset)
			}
			if !strings.Contains(string(text), c.want) {
				t.Errorf("text = %.200q, want it to hold %q", text, c.want)
			}
		})
	}
}

func TestUTF8KeepsTheBytesOfAPageThatIsUTF8(t *testing.T) {
	body := []byte(bare(japanese))
	text, _ := UTF8(body, "text/html")
	if &text[0] != &body[0] || len(text) != len(body) {
		t.Error("a UTF-8 body was copied")
	}
}

func TestParseReadsThePageInItsCharset(t *testing.T) {
	doc, err := Parse([]byte(encode(t, "windows-1251", metaPage("windows-1251", russian))), "text/html")
	if err != nil {
		t.Fatal(err)
	}
	if got := textOf(doc, nil); !strings.Contains(got, russian) {
		t.Errorf("text = %q, want %q", got, russian)
	}
	if _, err := Parse(bytes.Repeat([]byte("<div>"), 5000), ""); err == nil {
		t.Error("5,000 nested elements were parsed; html.Parse is expected to refuse them")
	}
}

func FuzzUTF8(f *testing.F) {
	f.Add([]byte(encode(f, "shift_jis", bare(japanese))), "text/html")
	f.Add([]byte(encode(f, "euc-kr", metaPage("euc-kr", korean))), "text/html; charset=utf-8")
	f.Add([]byte("\xFF\xFEa"), "text/html; charset=utf-16")
	f.Add([]byte{0x80}, "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		text, name := UTF8(body, contentType)
		if name == "" || len(text) > 4*len(body)+8 {
			t.Errorf("UTF8 gives %d bytes as %q of %d", len(text), name, len(body))
		}
	})
}
