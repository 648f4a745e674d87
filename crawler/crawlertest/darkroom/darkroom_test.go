package darkroom

import (
	"bytes"
	"encoding/binary"
	"image"
	"maps"
	"slices"
	"strings"
	"testing"

	_ "golang.org/x/image/webp"
)

func TestEverySceneIsDrawnInEveryFormat(t *testing.T) {
	for _, f := range []Format{JPEG, PNG, GIF, WebP} {
		for name := range scenes() {
			p := Print{Scene: name, Seed: 3, Width: 120, Format: f}
			file, err := p.Make()
			if err != nil {
				t.Fatalf("%s as %s: %v", name, f, err)
			}
			img, got, err := image.Decode(bytes.NewReader(file))
			if err != nil || Format(got) != f {
				t.Fatalf("%s as %s decodes as %q: %v", name, f, got, err)
			}
			if w, h := p.Size(); img.Bounds() != image.Rect(0, 0, w, h) {
				t.Errorf("%s as %s is %v, not %d x %d", name, f, img.Bounds(), w, h)
			}
			if colours(img) < 4 {
				t.Errorf("%s as %s is all but empty", name, f)
			}
		}
	}
}

// colours counts the different colours of every fifth pixel.
func colours(img image.Image) int {
	seen := map[[3]uint32]bool{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 5 {
		for x := b.Min.X; x < b.Max.X; x += 5 {
			r, g, bl, _ := img.At(x, y).RGBA()
			seen[[3]uint32{r >> 12, g >> 12, bl >> 12}] = true
		}
	}
	return len(seen)
}

func TestPrintsAreDeterminedByTheirDescription(t *testing.T) {
	made := func(p Print) []byte {
		t.Helper()
		file, err := p.Make()
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	p := Print{Scene: "harbour", Seed: 1, Width: 120, Blocks: []Metadata{{Carriers: []Carrier{IIM, XMP, EXIF}, Creators: []string{"A"}}}}
	if !bytes.Equal(made(p), made(p)) {
		t.Error("two prints of one description differ")
	}
	other := p
	other.Seed = 2
	if bytes.Equal(made(p), made(other)) {
		t.Error("the seed changes nothing")
	}
}

func TestMakeRefuses(t *testing.T) {
	for name, p := range map[string]Print{
		"a scene that nobody has drawn":          {Scene: "elephants", Width: 100},
		"a width that holds no drawing":          {Scene: "hills", Width: 4},
		"a format that is none":                  {Scene: "hills", Width: 100, Format: "bmp"},
		"a carrier that the format has not":      {Scene: "hills", Width: 100, Format: GIF, Blocks: []Metadata{{Carriers: []Carrier{IIM}}}},
		"Latin IIM that is not windows-1252":     {Scene: "hills", Width: 100, Blocks: []Metadata{{Carriers: []Carrier{IIM}, Latin: true, Creators: []string{"Мила"}}}},
		"metadata too long for a JPEG's segment": {Scene: "hills", Width: 100, Blocks: []Metadata{{Carriers: []Carrier{XMP}, Caption: strings.Repeat("long ", 20000)}}},
	} {
		if file, err := p.Make(); err == nil {
			t.Errorf("%s: made %d bytes and no error", name, len(file))
		}
	}
}

var full = Metadata{
	Creators: []string{"Jörg Wäsche", "Noor Halloran"}, Credit: "Northlight Press", Source: "NLP-1", Copyright: "© 2026 Northlight",
	Caption: "Boats & <gulls>", Headline: "Boats", UsageTerms: "None.", WebStatement: "https://x.example/l", LicensorURL: "https://x.example/b",
	DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}

func labelled(t *testing.T, f Format, m Metadata, carriers ...Carrier) []byte {
	t.Helper()
	m.Carriers = carriers
	file, err := Print{Scene: "hills", Width: 60, Format: f, Blocks: []Metadata{m}}.Make()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := image.Decode(bytes.NewReader(file)); err != nil {
		t.Fatalf("the %s with %v no longer decodes: %v", f, carriers, err)
	}
	return file
}

// segments walks a JPEG up to the scan and gives its APP segments.
func segments(t *testing.T, file []byte) map[byte][][]byte {
	t.Helper()
	out := map[byte][][]byte{}
	for i := 2; i+4 <= len(file) && file[i] == 0xff && file[i+1] != 0xda; {
		n := int(binary.BigEndian.Uint16(file[i+2:]))
		out[file[i+1]] = append(out[file[i+1]], file[i+4:i+2+n])
		i += 2 + n
	}
	return out
}

// datasets walks the 8BIM resources of an APP13 segment to the IIM and gives its datasets.
func datasets(t *testing.T, app13 []byte) map[[2]byte][]string {
	t.Helper()
	rest, ok := bytes.CutPrefix(app13, []byte("Photoshop 3.0\x00"))
	for ok && len(rest) >= 12 {
		if string(rest[:4]) != "8BIM" {
			t.Fatalf("no resource at %q", rest[:4])
		}
		id, n := binary.BigEndian.Uint16(rest[4:]), int(binary.BigEndian.Uint32(rest[8:]))
		data := rest[12 : 12+n]
		if id == resourceIIM {
			out := map[[2]byte][]string{}
			for len(data) >= 5 {
				size := int(binary.BigEndian.Uint16(data[3:]))
				key := [2]byte{data[1], data[2]}
				out[key] = append(out[key], string(data[5:5+size]))
				data = data[5+size:]
			}
			return out
		}
		rest = rest[12+n+n%2:]
	}
	t.Fatal("no IIM in APP13")
	return nil
}

func TestIIMStandsInPhotoshopResourcesOfAPP13(t *testing.T) {
	got := datasets(t, segments(t, labelled(t, JPEG, full, IIM))[markerAPP13][0])
	want := map[[2]byte][]string{
		{1, 90}: {"\x1b%G"}, {2, 0}: {"\x00\x04"}, {2, 80}: full.Creators, {2, 105}: {"Boats"}, {2, 110}: {"Northlight Press"},
		{2, 115}: {"NLP-1"}, {2, 116}: {"© 2026 Northlight"}, {2, 120}: {"Boats & <gulls>"},
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("datasets are\n%q, not\n%q", got, want)
	}
}

func TestIIMCutsLongValuesBetweenCharacters(t *testing.T) {
	m := Metadata{Credit: strings.Repeat("a", 31) + "é and more"}
	got := datasets(t, segments(t, labelled(t, JPEG, m, IIM))[markerAPP13][0])[[2]byte{2, 110}]
	if want := strings.Repeat("a", 31); len(got) != 1 || got[0] != want {
		t.Errorf("the credit is %q, not %q", got, want)
	}
}

func TestLatinIIMIsWindows1252AndDoesNotSaySo(t *testing.T) {
	m := full
	m.Latin = true
	got := datasets(t, segments(t, labelled(t, JPEG, m, IIM))[markerAPP13][0])
	if _, says := got[[2]byte{1, 90}]; says || got[[2]byte{2, 80}][0] != "J\xf6rg W\xe4sche" {
		t.Errorf("datasets are %q", got)
	}
}

func TestXMPAndEXIFStandWhereTheFormatKeepsThem(t *testing.T) {
	const iptc = "<rdf:li>Jörg Wäsche</rdf:li><rdf:li>Noor Halloran</rdf:li>"
	for name, c := range map[string]struct {
		file []byte
		want []string // in this order
	}{
		"a JPEG has EXIF and XMP in APP1 segments": {
			labelled(t, JPEG, full, XMP, EXIF), []string{"Exif\x00\x00II*\x00", "Jörg Wäsche; Noor Halloran\x00", "http://ns.adobe.com/xap/1.0/\x00<?xpacket", iptc},
		},
		"a PNG has eXIf and iTXt before its pixels, texts in Latin-1 after them": {
			labelled(t, PNG, full, XMP, EXIF, Text),
			[]string{"eXIfII*\x00", "iTXtXML:com.adobe.xmp\x00\x00\x00\x00\x00<?xpacket", iptc, "IDAT", "tEXtAuthor\x00J\xf6rg", "tEXtCopyright\x00", "IEND"},
		},
		"a GIF has XMP in an application block before its end": {
			labelled(t, GIF, full, XMP), []string{"GIF89a", "\x21\xff\x0bXMP DataXMP<?xpacket", iptc, "\x01\xff\xfe", "\x01\x00\x00;"},
		},
		"a WebP has VP8X, the picture, EXIF and XMP": {
			labelled(t, WebP, full, XMP, EXIF), []string{"WEBPVP8X\x0a\x00\x00\x00\x0c", "VP8L", "EXIF", "II*\x00", "XMP ", iptc},
		},
	} {
		rest := c.file
		for _, w := range c.want {
			_, after, ok := bytes.Cut(rest, []byte(w))
			if !ok {
				t.Errorf("%s: %q is not there, or not in its place", name, w)
				break
			}
			rest = after
		}
	}
}

func TestChunksOfAWebPArePaddedToEvenLength(t *testing.T) {
	for _, creator := range []string{"A", "AB"} { // one of them makes the packet odd
		file := labelled(t, WebP, Metadata{Creators: []string{creator}}, XMP, EXIF)
		var kinds []string
		rest := file[12:]
		for len(rest) >= 8 {
			n := int(binary.LittleEndian.Uint32(rest[4:]))
			if kinds = append(kinds, string(rest[:4])); len(rest) < 8+n+n%2 {
				t.Fatalf("%s of %d bytes runs over the end", kinds, n)
			}
			rest = rest[8+n+n%2:]
		}
		if want := []string{"VP8X", "VP8L", "EXIF", "XMP "}; !slices.Equal(kinds, want) || len(rest) != 0 {
			t.Errorf("chunks are %q, with %d bytes left over", kinds, len(rest))
		}
		if got := int(binary.LittleEndian.Uint32(file[4:])); got != len(file)-8 {
			t.Errorf("RIFF says %d bytes, and there are %d", got, len(file)-8)
		}
	}
}

func TestXMPEscapesWhatXMLWouldMisread(t *testing.T) {
	packet, err := full.xmp()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(packet, []byte("Boats &amp; &lt;gulls&gt;")) {
		t.Errorf("the caption stands unescaped in\n%s", packet)
	}
}

func TestEmbedRefusesAnotherFormatsFile(t *testing.T) {
	for f, c := range map[Format]Carrier{JPEG: IIM, PNG: Text, GIF: XMP, WebP: XMP} {
		if _, err := Embed(f, []byte("this is no picture at all, however long it is"), []Metadata{{Carriers: []Carrier{c}, Copyright: "x"}}); err == nil {
			t.Errorf("%s: embedded into text", f)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	for _, f := range []Format{JPEG, PNG, GIF, WebP} {
		b.Run(string(f), func(b *testing.B) {
			for b.Loop() {
				if _, err := (Print{Scene: "harbour", Width: 400, Format: f}).Make(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
