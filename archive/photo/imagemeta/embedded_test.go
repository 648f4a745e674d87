package imagemeta

import (
	"reflect"
	"strings"
	"testing"

	"tearsheet/archive/photo"
)

func TestWhatIsShown(t *testing.T) {
	list := func(names ...string) string {
		return `<dc:creator><rdf:Seq><rdf:li>` + strings.Join(names, `</rdf:li><rdf:li>`) + `</rdf:li></rdf:Seq></dc:creator>`
	}
	exif := exifSegment(directory(bigEndian, []tiffTag{text(tagArtist, "EXIF One; EXIF Two"), text(tagCopyright, "A\x00B"), text(tagDescription, "OLYMPUS DIGITAL CAMERA")}, nil))
	iim := iimSegment(cat(byline("IIM One"), byline("IIM Two"), ds(2, 110, "IIM Credit"), ds(2, 116, "Copyright 2005")))
	for _, c := range []struct {
		name string
		file []byte
		want Embedded
	}{
		{"nothing", jpegFile(), Embedded{}},
		{"EXIF, with both parts of its copyright, and without a filler", jpegFile(exif), Embedded{Creator: []string{"EXIF One", "EXIF Two"}, Copyright: "A\nB"}},
		{"IIM before EXIF, field by field", jpegFile(exif, iim), Embedded{Creator: []string{"IIM One", "IIM Two"}, Credit: "IIM Credit", Copyright: "A\nB"}},
		{"XMP before IIM, field by field", jpegFile(exif, iim, xmpSegment(packet(list("XMP One", "XMP Two")))), Embedded{Creator: []string{"XMP One", "XMP Two"}, Credit: "IIM Credit", Copyright: "A\nB"}},
		{"the first block of two", jpegFile(iimSegment(byline("A")), iimSegment(cat(byline("B"), byline("C")))), Embedded{Creator: []string{"A"}}},
		{"what only XMP has", jpegFile(xmpSegment(packet(`<xmpRights:UsageTerms>U</xmpRights:UsageTerms><xmpRights:WebStatement>W</xmpRights:WebStatement>` +
			`<Iptc4xmpExt:DigitalSourceType>` + sourceTypes + `digitalCapture</Iptc4xmpExt:DigitalSourceType><photoshop:Headline>H</photoshop:Headline><photoshop:Source>S</photoshop:Source>` +
			`<plus:Licensor><rdf:Seq><rdf:li plus:LicensorURL="L"/><rdf:li plus:LicensorURL="M"/></rdf:Seq></plus:Licensor><dc:description>D</dc:description>`))),
			Embedded{UsageTerms: "U", WebStatement: "W", DigitalSourceType: sourceTypes + "digitalCapture", Headline: "H", Source: "S", LicensorURL: "L", Caption: "D"}},
		{"no field that repeats another carrier, or names another maker", jpegFile(xmpSegment(packet(`<tiff:Artist>A</tiff:Artist><cc:license rdf:resource="L"/><xmpRights:Owner>O</xmpRights:Owner>` +
			`<plus:ImageCreator><rdf:Seq><rdf:li plus:ImageCreatorName="B"/></rdf:Seq></plus:ImageCreator>`))), Embedded{}},
		{"no comment", jpegFile(segment(markerCOM, "Photo by Jane Doe")), Embedded{}},
		{"EXIF before XMP that is cut", jpegFile(exif, xmpSegment(packet(list("XMP One"))[:strings.Index(packet(list("XMP One")), " One")])), Embedded{Creator: []string{"EXIF One", "EXIF Two"}, Copyright: "A\nB"}},
		{"XMP that is cut before nothing", jpegFile(xmpSegment(packet(list("XMP One"))[:strings.Index(packet(list("XMP One")), " One")])), Embedded{Creator: []string{"XMP"}}},
		{"the artist before the author of Windows", jpegFile(exifSegment(directory(bigEndian, []tiffTag{{tagXPAuthor, typeByte, []byte("A\x00")}, text(tagArtist, "B")}, nil))), Embedded{Creator: []string{"B"}}},
		{"the text of PNG after EXIF", pngFile(chunk("tEXt", "Author\x00P"), chunk("tEXt", "Copyright\x00Q"), chunk("eXIf", artist("E"))), Embedded{Creator: []string{"E"}, Copyright: "Q"}},
		{"the source type of an ingredient is none of the picture", pngFile(chunk("caBX", superbox("c2pa",
			superbox("1", superbox("c2pa.assertions", superbox("c2pa.actions", cborBox(t, object{"actions": []object{{"digitalSourceType": sourceTypes + "trainedAlgorithmicMedia"}}})))), superbox("2")))), Embedded{C2PA: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.want.Creator == nil {
				c.want.Creator = []string{}
			}
			m := read(t, c.file)
			if got := m.Embedded(); !reflect.DeepEqual(got, c.want) {
				t.Errorf("shown %+v\nwant  %+v\nof\n%s", got, c.want, said(m.Statements))
			}
		})
	}
}

func TestJunk(t *testing.T) {
	for value, p := range map[string]photo.Property{
		"OLYMPUS DIGITAL CAMERA": photo.Caption, "SAMSUNG DIGITAL CAMERA": photo.Caption, "KODAK Z740 ZOOM DIGITAL CAMERA": photo.Caption, "Minolta Digital Camera": photo.Caption,
		"SONY DSC": photo.Caption, "Copyright 2005": photo.Copyright, "COPYRIGHT, 2007": photo.Copyright, "(C) 2007-2009.": photo.Copyright, "© 2019": photo.Copyright,
		"(C) by CANON User": photo.Copyright, "null": photo.Creator, "Copyright,": photo.Copyright, "Digital image": photo.Caption, `type="Seq" x="1"`: photo.Creator,
		"---": photo.CreditLine, "<rdf:Seq>": photo.Creator, "Created with The GIMP": photo.Caption, "LEAD Technologies Inc. V1.01": photo.Caption,
	} {
		if !isJunk(p, value) {
			t.Errorf("%q as %s is not taken for junk", value, p)
		}
	}
	for value, p := range map[string]photo.Property{
		"AP": photo.CreditLine, "X06555": photo.Source, "© 2003 Joseph Example": photo.Copyright, "Copyright 2005 by Jane Doe": photo.Copyright, "E.T.": photo.Copyright,
		"A man holds a digital camera": photo.Caption, "CREDIT": photo.Creator, "Copyright": photo.Copyright, "Copyright 2005": photo.Caption, "李伟": photo.Creator, "Nullarbor": photo.Caption,
		"(c) EUROPA PRESS": photo.Copyright, "Public Domain. Do whatever you like with this image": photo.Copyright,
	} {
		if isJunk(p, value) {
			t.Errorf("%q as %s is taken for junk", value, p)
		}
	}
}
