package imagemeta

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"tearsheet/archive/photo"
)

// sound checks what holds of every file's metadata.
func sound(t *testing.T, m *Metadata) {
	t.Helper()
	if len(m.Statements) > MaxStatements || m.Header.Width < 0 || m.Header.Height < 0 {
		t.Errorf("%d statements, header %+v", len(m.Statements), m.Header)
	}
	for _, s := range m.Statements {
		if s.Value == "" || len(s.Value) > MaxValue || len(s.Raw) > MaxValue || !utf8.ValidString(s.Value) || !utf8.ValidString(s.Lang) || s.Property == "" || !s.Kind.OfFile() || s.Locator == "" {
			t.Errorf("statement %+v", s)
		}
		if again, _ := tidy(s.Value, nil); again != s.Value {
			t.Errorf("%q is not tidy: %q", s.Value, again)
		}
	}
	if _, err := json.Marshal(m.Embedded()); err != nil {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range everyCarrier(f) {
		f.Add(file)
	}
	for _, file := range samples(f) {
		f.Add(file)
	}
	f.Add(isoFile("heic", 1<<31, 1<<31, true))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := Read(bytes.NewReader(file), int64(len(file)))
		if (err == nil) != (Sniff(file[:min(len(file), sniffBytes)]) != "") {
			t.Fatal(err)
		}
		if err == nil {
			sound(t, m)
		}
	})
}

// fuzzBlock fuzzes the reader of one carrier.
func fuzzBlock(f *testing.F, read func(*reading, source)) {
	f.Fuzz(func(t *testing.T, block []byte) {
		given := bytes.Clone(block)
		rd := newReading(source{r: bytes.NewReader(block), size: int64(len(block))})
		read(rd, rd.source)
		rd.finish()
		sound(t, rd.meta)
		if !bytes.Equal(block, given) {
			t.Error("the file was written to")
		}
	})
}

func FuzzXMP(f *testing.F) {
	f.Add([]byte(pressPacket()))
	f.Add([]byte(utf16Of(bigEndian, packet(creditElement))))
	for _, p := range hostilePackets() {
		f.Add([]byte(p[:4096]))
	}
	f.Add([]byte(packet("<dc:rights xml:lang='x-\xFF'>A</dc:rights>")))
	f.Add([]byte(packet(`<dc:creator><rdf:Seq><rdf:li rdf:resource="a"/><rdf:li xml:lang="x"><![CDATA[&]]>&#xD800;&#0;</rdf:li></rdf:Seq></dc:creator>`)))
	fuzzBlock(f, func(rd *reading, s source) { rd.xmp(s, "x") })
}

func FuzzIIM(f *testing.F) {
	f.Add(cat(ds(1, 90, declaresUTF8), byline("Zoë"), ds(2, 110, "AFP"), "\x1C\x02\x78\x80\x04\x00\x00\x00\x0Clong caption", ds(2, 116, "\xA9 A")))
	f.Add(resource(resourceIIM, "a", byline("\xCC\xC8\xD5\xC0\xC8\xCB")))
	fuzzBlock(f, func(rd *reading, s source) {
		rd.iim(s, "x")
		rd.resources(s, "y/")
	})
}

func FuzzEXIF(f *testing.F) {
	for _, order := range []byteOrder{bigEndian, littleEndian} {
		f.Add(directory(order, []tiffTag{text(tagArtist, "A;B;\xE9"), text(tagCopyright, "A\x00B"), {tagXPAuthor, typeByte, []byte("A\x00\xD8\x00")}}, []tiffTag{{tagTitle, typeUTF8, []byte("T")}}))
	}
	fuzzBlock(f, func(rd *reading, s source) {
		rd.exif(s, false)
		rd.exif(s, true)
	})
}

func FuzzJUMBF(f *testing.F) {
	f.Add(manifestStore(f))
	f.Add(nested(5))
	fuzzBlock(f, func(rd *reading, s source) { rd.c2pa(s) })
}

func FuzzCharset(f *testing.F) {
	f.Add([]byte("Zo\xEB"), []byte("\x1B%G"))
	f.Add([]byte("\xCC\xC8\xD5\xC0\xC8\xCB"), []byte("\x1B-L"))
	f.Fuzz(func(t *testing.T, text, escape []byte) {
		set, ok := declaredSet(escape)
		if !ok {
			set = detectSet([][]byte{text})
		}
		value, raw, flags := set.decode(text)
		if !utf8.ValidString(value) || len(raw) > len(text) || len(flags) > 2 {
			t.Errorf("%q from %q, %v", value, raw, flags)
		}
		isJunk(photo.Copyright, value)
		mostlyControl(value)
	})
}
