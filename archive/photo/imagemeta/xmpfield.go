package imagemeta

import (
	"strings"

	"tearsheet/archive/photo"
)

// xmpField is an XMP property that is read, or a structure with such fields in it.
type xmpField struct {
	name     string         // "dc:creator"
	property photo.Property // "" for a structure, and for xmpExtension
	isAlt    bool           // its array holds one value in several languages
	fields   map[string]*xmpField
}

// xmpExtension names the extended packet; it is no statement.
const xmpExtension = "xmpnote:hasextendedxmp"

// xmpNamespaces are the prefixes under which the fields are listed here, whatever the file calls them.
var xmpNamespaces = map[string]string{
	"http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
	"http://purl.org/dc/elements/1.1/":            "dc",
	"http://purl.org/dc/elements/1.1":             "dc",
	"http://purl.org/dc/terms/":                   "dcterms",
	"http://ns.adobe.com/photoshop/1.0/":          "photoshop",
	"http://ns.adobe.com/xap/1.0/rights/":         "xmpRights",
	"http://ns.adobe.com/xmp/note/":               "xmpNote",
	"http://ns.adobe.com/tiff/1.0/":               "tiff",
	"http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
	"http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
	"http://iptc.org/std/Iptc4xmpExt/2008-02-19/": "Iptc4xmpExt", // as a draft had it
	"http://ns.useplus.org/ldf/xmp/1.0/":          "plus",
	"http://creativecommons.org/ns#":              "cc",
	"http://web.resource.org/cc/":                 "cc",
}

// xmpFields are the fields by their names in lower case, as big agencies write some with capitals ("dc:Rights").
var xmpFields = xmpTable([]xmpField{
	{name: "dc:creator", property: photo.Creator},
	{name: "dc:rights", property: photo.Copyright, isAlt: true},
	{name: "dc:description", property: photo.Caption, isAlt: true},
	{name: "dc:title", property: photo.Title, isAlt: true},
	{name: "photoshop:Credit", property: photo.CreditLine},
	{name: "photoshop:Source", property: photo.Source},
	{name: "photoshop:AuthorsPosition", property: photo.CreatorJob},
	{name: "photoshop:CaptionWriter", property: photo.CaptionWriter},
	{name: "photoshop:Headline", property: photo.Headline},
	{name: "photoshop:Instructions", property: photo.Instructions},
	{name: "xmpRights:UsageTerms", property: photo.UsageTerms, isAlt: true},
	{name: "xmpRights:WebStatement", property: photo.WebStatement},
	{name: "xmpRights:Owner", property: photo.CopyrightHolder},
	{name: "cc:license", property: photo.WebStatement},
	{name: "dcterms:provenance", property: photo.Provenance},
	{name: "tiff:Artist", property: photo.Creator},
	{name: "tiff:Copyright", property: photo.Copyright, isAlt: true},
	{name: "tiff:ImageDescription", property: photo.Caption, isAlt: true},
	{name: "Iptc4xmpExt:DigitalSourceType", property: photo.DigitalSourceType},
	{name: "xmpNote:HasExtendedXMP"},

	{name: "Iptc4xmpCore:CreatorContactInfo/Iptc4xmpCore:CiUrlWork", property: photo.ContactURL},
	{name: "Iptc4xmpCore:CreatorContactInfo/Iptc4xmpCore:CiEmailWork", property: photo.Contact},
	{name: "Iptc4xmpExt:ArtworkOrObject/Iptc4xmpExt:AOCreator", property: photo.ArtworkCreator},
	{name: "Iptc4xmpExt:ArtworkOrObject/Iptc4xmpExt:AOCopyrightNotice", property: photo.ArtworkCopyright},
	{name: "plus:ImageCreator/plus:ImageCreatorName", property: photo.Creator},
	{name: "plus:CopyrightOwner/plus:CopyrightOwnerName", property: photo.CopyrightHolder},
	{name: "plus:ImageSupplier/plus:ImageSupplierName", property: photo.Supplier},
	{name: "plus:Licensor/plus:LicensorName", property: photo.Licensor},
	{name: "plus:Licensor/plus:LicensorURL", property: photo.LicensorURL},
	{name: "plus:Licensor/plus:LicensorEmail", property: photo.LicensorContact},
})

// xmpTable makes the tree of the fields from their paths.
func xmpTable(list []xmpField) *xmpField {
	root := &xmpField{fields: map[string]*xmpField{}}
	for _, f := range list {
		at := root
		outer, inner, nested := strings.Cut(f.name, "/")
		if nested {
			key := strings.ToLower(outer)
			if root.fields[key] == nil {
				root.fields[key] = &xmpField{name: outer, fields: map[string]*xmpField{}}
			}
			at, f.name = root.fields[key], inner
		}
		at.fields[strings.ToLower(f.name)] = &f
	}
	return root
}
