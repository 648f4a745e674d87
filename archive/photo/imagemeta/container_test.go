package imagemeta

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func at(place string) string { return fmt.Sprintf(creditLine, place) }

func TestJPEGCarriers(t *testing.T) {
	const jane, janeIIM, janeEXIF = "Jane Doe", "creator: Jane Doe [file.iim APP13/8BIM:0404/2:80[1]]", "creator: Jane Doe [file.exif IFD0/0x013B]"
	long := cat(resource(0x040C, "", make([]byte, 70000)), resource(resourceIIM, "", byline(jane)))
	extended := packet(`<dc:title>` + strings.Repeat("y", 70000) + `</dc:title>` + creditElement)
	for _, c := range []struct {
		name string
		file []byte
		want []string
	}{
		{"IIM", jpegFile(iimSegment(byline(jane))), []string{janeIIM}},
		{"XMP", jpegFile(xmpSegment(packet(creditElement))), []string{at("APP1:xmp")}},
		{"EXIF", jpegFile(exifSegment(artist(jane))), []string{janeEXIF}},
		{"a second block of IIM and of XMP", jpegFile(iimSegment(byline(jane)), xmpSegment(packet(creditElement)), xmpSegment(packet(creditElement)), iimSegment(byline(jane))),
			[]string{at("APP1:xmp"), at("APP1:xmp[2]"), janeIIM, "creator: Jane Doe [file.iim APP13/8BIM:0404[2]/2:80[1]]"}},
		{"IIM behind a resource of odd size", jpegFile(segment(markerAPP13, headIRB, resource(1005, "", []byte("abc")), resource(resourceIIM, "", byline(jane)))), []string{janeIIM}},
		{"IIM behind a resource with a name of even length", jpegFile(segment(markerAPP13, headIRB, resource(1005, "ab", []byte("abcd")), resource(resourceIIM, "", byline(jane)))), []string{janeIIM}},
		{"IIM behind an APP13 of somebody else", jpegFile(segment(markerAPP13, "Adobe_CM\x00\x00\x00"), iimSegment(byline(jane))), []string{janeIIM}},
		{"IIM behind a resource that goes on in the next segment", jpegFile(segment(markerAPP13, headIRB, long[:60000]), segment(markerAPP13, headIRB, long[60000:])), []string{janeIIM}},
		{"IIM behind a damaged resource", jpegFile(segment(markerAPP13, headIRB, "8BIMgarbage in place of it", resource(resourceIIM, "", byline(jane)))), []string{janeIIM}},
		{"IIM without Photoshop's resources", jpegFile(segment(markerAPP13, byline(jane))), []string{"creator: Jane Doe [file.iim APP13/2:80[1]]"}},
		{"XMP in Photoshop's resources", jpegFile(segment(markerAPP13, headIRB, resource(resourceXMP, "", []byte(packet(creditElement))))), []string{at("APP13/8BIM:0424")}},
		{"XMP behind a damaged head", jpegFile(segment(markerAPP1, "XMP\x00://ns.adobe.com/xap/1.0/\x00", packet(creditElement))), []string{at("APP1:xmp")}},
		{"fill bytes before a marker", jpegFile([]byte("\xFF\xFF\xFF"), iimSegment(byline(jane))), []string{janeIIM}},
		{"bytes between segments", jpegFile(segment(0xE0, "JFIF\x00"), []byte("\x00garbage\x00"), iimSegment(byline(jane))), []string{janeIIM}},
		{"extended XMP whose parts are in disorder", jpegFile(extendedXMP("", extended, 30000)), []string{
			"title: " + strings.Repeat("y", MaxValue) + " [file.xmp APP1:xmp-extension/dc:title] (truncated)", at("APP1:xmp-extension")}},
		{"a comment, and one of a program", jpegFile(segment(markerCOM, "Photo by Jane Doe"), segment(markerCOM, "CREATOR: gd-jpeg v1.0")), []string{
			"caption: Photo by Jane Doe [file.comment COM]", "caption: CREATOR: gd-jpeg v1.0 [file.comment COM[2]] (junk)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := wants(t, c.file, c.want...); m.Header != (Header{JPEG, 64, 48}) {
				t.Errorf("header %+v", m.Header)
			}
		})
	}
}

func TestExtendedXMPThatCannotBeJoined(t *testing.T) {
	whole := extendedXMP(creditElement, packet(`<photoshop:Source>A</photoshop:Source>`+strings.Repeat(" ", 5000)+`<photoshop:Headline>B</photoshop:Headline>`), 2000)
	segments := bytes.SplitAfter(whole, []byte("<?xpacket end=\"w\"?>"))[0]
	parts := whole[len(segments):]
	last := bytes.LastIndex(parts, []byte(headExtended)) - 4
	t.Run("without its first part", func(t *testing.T) {
		if m := wants(t, jpegFile(segments, parts[:last]), at("APP1:xmp")); m.Damage == nil {
			t.Error("no damage is told")
		}
	})
	t.Run("which no packet names", func(t *testing.T) {
		if m := wants(t, jpegFile(parts)); m.Damage == nil {
			t.Error("no damage is told")
		}
	})
}

func TestTheDigestOfTheIIM(t *testing.T) {
	sum := []byte("\xAF\x1D\x2E\x29\x35\x32\x62\xF7\x1A\xD8\x98\x2C\xB3\xBE\xC8\xBA")
	for _, c := range []struct {
		name    string
		digest  []byte
		changed bool
	}{
		{"of zeros", make([]byte, 16), false}, {"of something else", sum, true}, {"of the wrong size", sum[:8], false},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := jpegFile(segment(markerAPP13, headIRB, resource(resourceDigest, "", c.digest), resource(resourceIIM, "", byline("A"))))
			if m := read(t, file); m.IIMChanged != c.changed {
				t.Errorf("changed: %v", m.IIMChanged)
			}
		})
	}
}

func TestPNGCarriers(t *testing.T) {
	iim := byline("Jane Doe")
	for _, c := range []struct {
		name string
		file []byte
		want []string
	}{
		{"XMP", pngFile(chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00", packet(creditElement))), []string{at("iTXt:XML:com.adobe.xmp")}},
		{"compressed XMP", pngFile(chunk("iTXt", "XML:com.adobe.xmp\x00\x01\x00en\x00x\x00", deflated(packet(creditElement)))), []string{at("iTXt:XML:com.adobe.xmp")}},
		{"an IIM profile", pngFile(chunk("tEXt", "Raw profile type iptc\x00", hexProfile("iptc", iim))), []string{"creator: Jane Doe [file.iim tEXt:Raw profile type iptc/2:80[1]]"}},
		{"a compressed IIM profile in resources", pngFile(chunk("zTXt", "Raw profile type 8bim\x00\x00", deflated(hexProfile("8bim", resource(resourceIIM, "", iim))))),
			[]string{"creator: Jane Doe [file.iim zTXt:Raw profile type 8bim/8BIM:0404/2:80[1]]"}},
		{"an EXIF profile with the head of a JPEG segment", pngFile(chunk("zTXt", "Raw profile type APP1\x00\x00", deflated(hexProfile("APP1", cat(headEXIF, "\x00", artist("Jane Doe")))))), []string{"creator: Jane Doe [file.exif IFD0/0x013B]"}},
		{"an EXIF profile", pngFile(chunk("zTXt", "Raw profile type exif\x00\x00", deflated(hexProfile("exif", artist("Jane Doe"))))), []string{"creator: Jane Doe [file.exif IFD0/0x013B]"}},
		{"an XMP profile with the head of a JPEG segment", pngFile(chunk("zTXt", "Raw profile type APP1\x00\x00", deflated(hexProfile("APP1", cat(headXMP, packet(creditElement)))))), []string{at("zTXt:Raw profile type APP1")}},
		{"an XMP profile", pngFile(chunk("tEXt", "Raw profile type xmp\x00", hexProfile("xmp", []byte(packet(creditElement))))), []string{at("tEXt:Raw profile type xmp")}},
		{"eXIf", pngFile(chunk("eXIf", artist("Jane Doe"))), []string{"creator: Jane Doe [file.exif IFD0/0x013B]"}},
		{"texts, in Latin-1 and in UTF-8", pngFile(chunk("tEXt", "Author\x00Zo\xEB"), chunk("iTXt", "Copyright\x00\x00\x00\x00\x00© Zoë"), chunk("tEXt", "Description\x00Zoë")), []string{
			"creator: Zoë [file.png tEXt:Author]", "copyright: © Zoë [file.png iTXt:Copyright]", "caption: Zoë [file.png tEXt:Description] (charset_detected)"}},
		{"a text that names the device, and a comment of a program", pngFile(chunk("tEXt", "Source\x00Scanner 5"), chunk("tEXt", "Comment\x00Created with GIMP")), []string{
			"caption: Created with GIMP [file.comment tEXt:Comment] (junk)"}},
		{"texts whose head is damaged", pngFile(chunk("tEXt", "no keyword"), chunk("zTXt", "Author\x00\x09"), chunk("iTXt", "Author\x00\x00"), chunk("zTXt", "Author\x00\x00no zlib"), chunk("tEXt", "Title\x00Boats")), []string{
			"title: Boats [file.png tEXt:Title]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := wants(t, c.file, c.want...); m.Header != (Header{PNG, 64, 48}) {
				t.Errorf("header %+v", m.Header)
			}
		})
	}
	t.Run("a text behind the picture", func(t *testing.T) {
		file := pngFile()
		wants(t, slices.Insert(file, len(file)-12, chunk("tEXt", "Author\x00Jane Doe")...), "creator: Jane Doe [file.png tEXt:Author]")
	})
}

func TestWebPCarriers(t *testing.T) {
	vp8x := func(flags byte) []byte { return riffChunk("VP8X", []byte{flags, 0, 0, 0, 63, 0, 0, 47, 0, 0}) }
	for _, c := range []struct {
		name string
		file []byte
		want []string
	}{
		{"XMP behind a picture of odd length", riff(vp8x(4), vp8, riffChunk("XMP ", []byte(packet(creditElement)))), []string{at("XMP")}},
		{"XMP that VP8X does not announce", riff(vp8x(0), vp8, riffChunk("XMP ", []byte(packet(creditElement)))), []string{at("XMP")}},
		{"EXIF", riff(vp8x(8), vp8, riffChunk("EXIF", artist("Jane Doe"))), []string{"creator: Jane Doe [file.exif IFD0/0x013B]"}},
		{"EXIF with the head of a JPEG segment", riff(vp8x(8), vp8, riffChunk("EXIF", cat(headEXIF, "\x00", artist("Jane Doe")))), []string{"creator: Jane Doe [file.exif IFD0/0x013B]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := wants(t, c.file, c.want...); m.Header != (Header{WebP, 64, 48}) || m.Damage != nil {
				t.Errorf("header %+v, damage %v", m.Header, m.Damage)
			}
		})
	}
}

func TestGIFCarriers(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		want []string
	}{
		{"XMP in front", gifFile(gifXMP(packet(creditElement)), nil), []string{at("XMP DataXMP")}},
		{"XMP behind", gifFile(nil, gifXMP(packet(creditElement))), []string{at("XMP DataXMP")}},
		{"XMP behind a comment and a loop", gifFile(cat(gifBlocks("!\xFE", []byte("Photo by Jane Doe")), "!\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00", gifXMP(packet(creditElement))), nil), []string{
			"caption: Photo by Jane Doe [file.comment comment]", at("XMP DataXMP")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := wants(t, c.file, c.want...); m.Header != (Header{GIF, 64, 48}) || m.Damage != nil {
				t.Errorf("header %+v, damage %v", m.Header, m.Damage)
			}
		})
	}
}

func TestTIFFCarriers(t *testing.T) {
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		t.Run(order.String(), func(t *testing.T) {
			iim := cat(byline("Jane Doe"), ds(2, 5, "Boat"))
			for len(iim)%4 != 0 {
				iim = append(iim, 0)
			}
			number := func(id, n int) tiffTag { return tiffTag{id, typeShort, order.AppendUint16(nil, uint16(n))} }
			file := directory(order, []tiffTag{
				number(tagWidth, 64), number(tagHeight, 48), text(tagDescription, "Boats"), {tagXMP, typeByte, []byte(packet(creditElement))},
				{tagIIM, typeLong, iim}, {tagResources, typeByte, resource(resourceIIM, "", ds(2, 115, "AFP"))}, text(tagCopyright, "Jane Doe\x00The Daily"),
			}, []tiffTag{text(tagPhotograph, "J. Doe")})
			m := wants(t, file,
				"caption: Boats [file.exif IFD0/0x010E]", at("IFD0/0x02BC"), "creator: Jane Doe [file.iim IFD0/0x83BB/2:80[1]]", "title: Boat [file.iim IFD0/0x83BB/2:5]",
				"source: AFP [file.iim IFD0/0x8649/8BIM:0404/2:115]", "copyright: Jane Doe [file.exif IFD0/0x8298[1]]", "copyright: The Daily [file.exif IFD0/0x8298[2]]",
				"creator: J. Doe [file.exif ExifIFD/0xA437]")
			if m.Header != (Header{TIFF, 64, 48}) || m.Damage != nil {
				t.Errorf("header %+v, damage %v", m.Header, m.Damage)
			}
		})
	}
	t.Run("IIM as LONGs with their bytes turned round", func(t *testing.T) {
		iim := byline("Jane Doe!!!") // 16 bytes
		for i := 0; i < len(iim); i += 4 {
			slices.Reverse(iim[i : i+4])
		}
		wants(t, directory(binary.LittleEndian, []tiffTag{{tagIIM, typeLong, iim}}, nil), "creator: Jane Doe!!! [file.iim IFD0/0x83BB/2:80[1]]")
	})
}

func TestISOCarriers(t *testing.T) {
	file := isoWithItems(artist("Jane Doe"), packet(creditElement))
	uuid := isoBox("uuid", []byte(uuidXMP), []byte(packet(`<photoshop:Source>AFP</photoshop:Source>`)))
	m := wants(t, cat(file, uuid), "creator: Jane Doe [file.exif IFD0/0x013B]", at("item 3"), "source: AFP [file.xmp uuid:xmp/photoshop:Source]")
	if m.Header != (Header{AVIF, 64, 48}) || m.Damage != nil {
		t.Errorf("header %+v, damage %v", m.Header, m.Damage)
	}
}

func TestJPEGXLCarriers(t *testing.T) {
	brob := func(kind, body string) []byte {
		var b bytes.Buffer
		z := brotli.NewWriter(&b)
		z.Write([]byte(body))
		z.Close()
		return isoBox("brob", []byte(kind), b.Bytes())
	}
	for _, c := range []struct {
		name string
		file []byte
		want []string
	}{
		{"XMP and EXIF", jxlContainer(isoBox("xml ", []byte(packet(creditElement))), isoBox("Exif", be32(0), artist("Jane Doe"))), []string{at("xml"), "creator: Jane Doe [file.exif IFD0/0x013B]"}},
		{"compressed XMP", jxlContainer(brob("xml ", packet(creditElement)), brob("jbrd", "x")), []string{at("xml")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := wants(t, c.file, c.want...); m.Header != (Header{JPEGXL, 64, 48}) || m.Damage != nil {
				t.Errorf("header %+v, damage %v", m.Header, m.Damage)
			}
		})
	}
}

func TestCarriersAreListed(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		want []string
	}{
		{"nothing, and a comment is none", jpegFile(segment(markerCOM, "Lavc57.0")), nil},
		{"EXIF that says nothing of makers", jpegFile(exifSegment(directory(binary.BigEndian, nil, nil))), []string{CarrierEXIF}},
		{"EXIF, IIM and XMP", jpegFile(exifSegment(artist("A")), iimSegment(byline("A")), xmpSegment(packet(""))), []string{CarrierEXIF, CarrierXMP, CarrierIIM}},
		{"PNG text", pngFile(chunk("tEXt", "Author\x00A")), []string{CarrierPNG}},
		{"a TIFF file's own directory with a text", directory(bigEndian, []tiffTag{text(tagArtist, "A")}, nil), []string{CarrierEXIF}},
		{"a TIFF file's own directory without one", directory(bigEndian, nil, nil), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.file).Carriers; !slices.Equal(got, c.want) {
				t.Errorf("carriers %q, want %q", got, c.want)
			}
		})
	}
}
