package imagemeta

import (
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

func TestXMPForms(t *testing.T) {
	const p = "[file.xmp APP1:xmp/"
	element := func(attributes, inner string) string {
		return packetOf(`<rdf:Description` + xmpNamespaceAttributes + attributes + `>` + inner + `</rdf:Description>`)
	}
	for _, c := range []struct {
		name, packet string
		want         []string
	}{
		{"an element", packet(creditElement), []string{at("APP1:xmp")}},
		{"an attribute", element(` photoshop:Credit="AFP &amp; &#71;etty&#x20;Images"`, ""), []string{"credit: AFP & Getty Images " + p + "photoshop:Credit]"}},
		{"an attribute in single quotes", element(` dc:creator='Jane "JD" Doe'`, ""), []string{`creator: Jane "JD" Doe ` + p + "dc:creator]"}},
		{"a list", packet(`<dc:creator><rdf:Seq><rdf:li>Jane Doe</rdf:li><rdf:li/><rdf:li> John Roe </rdf:li></rdf:Seq></dc:creator>`), []string{
			"creator: Jane Doe " + p + "dc:creator[1]]", "creator: John Roe " + p + "dc:creator[3]]"}},
		{"languages", packet(`<dc:rights><rdf:Alt><rdf:li xml:lang="de">Alle Rechte</rdf:li><rdf:li xml:lang="x-default">All rights</rdf:li></rdf:Alt></dc:rights>`), []string{
			"copyright: All rights " + p + "dc:rights[2]] de=Alle Rechte"}},
		{"languages without a default", packet(`<dc:rights><rdf:Alt><rdf:li xml:lang="de">Alle Rechte</rdf:li><rdf:li xml:lang="en">All rights</rdf:li></rdf:Alt></dc:rights>`), []string{
			"copyright: Alle Rechte " + p + "dc:rights[1]] in de en=All rights"}},
		{"a language that says the same as the default", packet(`<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">All rights</rdf:li><rdf:li xml:lang="en">All rights</rdf:li></rdf:Alt></dc:rights>`), []string{
			"copyright: All rights " + p + "dc:rights[1]]"}},
		{"a structure in a list", packet(`<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorName>AFP</plus:LicensorName><plus:LicensorURL>https://afp.example/</plus:LicensorURL>` +
			`<plus:LicensorEmail>a@afp.example</plus:LicensorEmail></rdf:li></rdf:Seq></plus:Licensor>`), []string{
			"licensor: AFP " + p + "plus:Licensor[1]/plus:LicensorName]", "licensor_url: https://afp.example/ " + p + "plus:Licensor[1]/plus:LicensorURL]", "licensor_contact: a@afp.example " + p + "plus:Licensor[1]/plus:LicensorEmail]"}},
		{"a structure as a description", packet(`<plus:ImageCreator><rdf:Seq><rdf:li><rdf:Description plus:ImageCreatorName="A"/></rdf:li><rdf:li><rdf:Description><plus:ImageCreatorName>B</plus:ImageCreatorName></rdf:Description></rdf:li></rdf:Seq></plus:ImageCreator>`), []string{
			"creator: A " + p + "plus:ImageCreator[1]/plus:ImageCreatorName]", "creator: B " + p + "plus:ImageCreator[2]/plus:ImageCreatorName]"}},
		{"a structure in attributes", packet(`<plus:CopyrightOwner><rdf:Seq><rdf:li plus:CopyrightOwnerName="AFP"/></rdf:Seq></plus:CopyrightOwner><Iptc4xmpCore:CreatorContactInfo Iptc4xmpCore:CiUrlWork="a.example"/>`), []string{
			"copyright_holder: AFP " + p + "plus:CopyrightOwner[1]/plus:CopyrightOwnerName]", "contact_url: a.example " + p + "Iptc4xmpCore:CreatorContactInfo/Iptc4xmpCore:CiUrlWork]"}},
		{"a structure whose writer forgot to call it one", packet(`<Iptc4xmpCore:CreatorContactInfo><Iptc4xmpCore:CiEmailWork>a@b.example</Iptc4xmpCore:CiEmailWork></Iptc4xmpCore:CreatorContactInfo>`), []string{
			"contact: a@b.example " + p + "Iptc4xmpCore:CreatorContactInfo/Iptc4xmpCore:CiEmailWork]"}},
		{"suppliers, and works that the photograph shows", packet(`<plus:ImageSupplier><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:ImageSupplierName>Zuma</plus:ImageSupplierName></rdf:li></rdf:Seq></plus:ImageSupplier>` +
			`<Iptc4xmpExt:ArtworkOrObject><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:AOCreator><rdf:Seq><rdf:li>Monet</rdf:li></rdf:Seq></Iptc4xmpExt:AOCreator><Iptc4xmpExt:AOCopyrightNotice>© M</Iptc4xmpExt:AOCopyrightNotice></rdf:li></rdf:Bag></Iptc4xmpExt:ArtworkOrObject>`), []string{
			"supplier: Zuma " + p + "plus:ImageSupplier[1]/plus:ImageSupplierName]", "artwork_creator: Monet " + p + "Iptc4xmpExt:ArtworkOrObject[1]/Iptc4xmpExt:AOCreator[1]]",
			"artwork_copyright: © M " + p + "Iptc4xmpExt:ArtworkOrObject[1]/Iptc4xmpExt:AOCopyrightNotice]"}},
		{"a value with qualifiers", packet(`<photoshop:Credit rdf:parseType="Resource"><rdf:value>AFP</rdf:value><dc:source>x</dc:source></photoshop:Credit><photoshop:Source><rdf:Description><rdf:value>B</rdf:value></rdf:Description></photoshop:Source>`), []string{
			"credit: AFP " + p + "photoshop:Credit]", "source: B " + p + "photoshop:Source]"}},
		{"addresses as resources", packet(`<cc:license rdf:resource="https://l.example/"/><dcterms:provenance rdf:resource="https://c.example/m"/><xmpRights:WebStatement>https://w.example/</xmpRights:WebStatement>`), []string{
			"web_statement: https://l.example/ " + p + "cc:license]", "provenance: https://c.example/m " + p + "dcterms:provenance]", "web_statement: https://w.example/ " + p + "xmpRights:WebStatement]"}},
		{"the rest", packet(`<dc:title>T</dc:title><dc:description>D</dc:description><photoshop:AuthorsPosition>STR</photoshop:AuthorsPosition><photoshop:CaptionWriter>W</photoshop:CaptionWriter>` +
			`<photoshop:Headline>H</photoshop:Headline><photoshop:Instructions>I</photoshop:Instructions><xmpRights:UsageTerms>U</xmpRights:UsageTerms><xmpRights:Owner><rdf:Bag><rdf:li>O</rdf:li></rdf:Bag></xmpRights:Owner>` +
			`<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture</Iptc4xmpExt:DigitalSourceType><tiff:Artist>A</tiff:Artist>`), []string{
			"title: T " + p + "dc:title]", "caption: D " + p + "dc:description]", "creator_job: STR " + p + "photoshop:AuthorsPosition]", "caption_writer: W " + p + "photoshop:CaptionWriter]", "headline: H " + p + "photoshop:Headline]",
			"instructions: I " + p + "photoshop:Instructions]", "usage_terms: U " + p + "xmpRights:UsageTerms]", "copyright_holder: O " + p + "xmpRights:Owner[1]]",
			"digital_source_type: http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture " + p + "Iptc4xmpExt:DigitalSourceType]", "creator: A " + p + "tiff:Artist]"}},
		{"CDATA and comments", packet(`<photoshop:Credit>A<!-- x --> &amp; <![CDATA[B &amp; <C>]]></photoshop:Credit>`), []string{"credit: A & B &amp; <C> " + p + "photoshop:Credit]"}},
		{"a name in other letters", packet(`<dc:Rights>CHRISTOF EXAMPLE</dc:Rights>`), []string{"copyright: CHRISTOF EXAMPLE " + p + "dc:rights]"}},
		{"other prefixes", packetOf(`<r:Description xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://ns.adobe.com/photoshop/1.0/" xmlns:photoshop="http://other.example/"><a:Credit>A</a:Credit><photoshop:Credit>no</photoshop:Credit></r:Description>`), []string{
			"credit: A " + p + "photoshop:Credit]"}},
		{"prefixes that nobody declared", packetOf(`<rdf:Description><photoshop:Credit>A</photoshop:Credit></rdf:Description>`), []string{"credit: A " + p + "photoshop:Credit]"}},
		{"the same name inside something else", packet(`<xmpMM:Ingredients><rdf:Bag><rdf:li rdf:parseType="Resource"><photoshop:Credit>no</photoshop:Credit></rdf:li></rdf:Bag></xmpMM:Ingredients>`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := wants(t, jpegFile(xmpSegment(c.packet)), c.want...); m.Damage != nil {
				t.Errorf("damage %v", m.Damage)
			}
		})
	}
}

// utf16Of is a text in UTF-16.
func utf16Of(order byteOrder, s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestDamagedXMP(t *testing.T) {
	const zoe = "credit: Zoë/Getty Images [file.xmp APP1:xmp/photoshop:Credit]"
	whole := packet(creditElement + `<dc:title>The boats</dc:title>`)
	for _, c := range []struct {
		name, packet string
		want         []string
		damaged      bool
	}{
		{"UTF-16, big end first", utf16Of(bigEndian, packet(strings.Replace(creditElement, "AFP", "Zoë", 1))), []string{zoe}, false},
		{"UTF-16, little end first, with its mark", "\xFF\xFE" + utf16Of(littleEndian, packet(strings.Replace(creditElement, "AFP", "Zoë", 1))), []string{zoe}, false},
		{"a character that XML forbids", strings.Replace(whole, "AFP", "A\x01FP", 1), []string{at("APP1:xmp"), "title: The boats [file.xmp APP1:xmp/dc:title]"}, false},
		{"a NUL", strings.Replace(whole, "/Getty", "\x00Getty", 1), []string{"credit: AFP Getty Images [file.xmp APP1:xmp/photoshop:Credit]", "title: The boats [file.xmp APP1:xmp/dc:title]"}, false},
		{"Latin-1 in one value and UTF-8 in another", strings.NewReplacer("AFP", encodedIn(t, charmap.Windows1252, "Zoë"), "boats", "bøats").Replace(whole), []string{zoe + " (charset_mismatch)", "title: The bøats [file.xmp APP1:xmp/dc:title]"}, false},
		{"an end within a value", whole[:strings.Index(whole, "oats")], []string{at("APP1:xmp"), "title: The b [file.xmp APP1:xmp/dc:title] (truncated)"}, true},
		{"an end within a tag", whole[:strings.Index(whole, "title>The")], []string{at("APP1:xmp")}, true},
		{"an element without an end, which loses what it seems to hold", strings.Replace(whole+packet(`<photoshop:Source>AFP</photoshop:Source>`), "</photoshop:Credit>", "", 1), []string{"source: AFP [file.xmp APP1:xmp/photoshop:Source]"}, false},
		{"an end without an element", strings.Replace(whole, "<dc:title>", "</nonsense><dc:title>", 1), []string{at("APP1:xmp"), "title: The boats [file.xmp APP1:xmp/dc:title]"}, false},
		{"references to entities of its own", "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" + strings.Replace(whole, "AFP", "&b; AFP", 1), []string{
			"credit: &b; AFP/Getty Images [file.xmp APP1:xmp/photoshop:Credit]", "title: The boats [file.xmp APP1:xmp/dc:title]"}, false},
		{"elements too deep to look at", strings.Replace(whole, "<dc:title>", strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100)+"<dc:title>", 1), []string{at("APP1:xmp"), "title: The boats [file.xmp APP1:xmp/dc:title]"}, false},
		{"a language that is none", packet("<dc:rights><rdf:Alt><rdf:li xml:lang='x-\xFF'>A</rdf:li></rdf:Alt></dc:rights>"), []string{"copyright: A [file.xmp APP1:xmp/dc:rights[1]]"}, false},
		{"no RDF", "<x>" + creditElement + "</x>", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := wants(t, jpegFile(xmpSegment(c.packet)), c.want...); (m.Damage != nil) != c.damaged {
				t.Errorf("damage %v", m.Damage)
			}
		})
	}
}
