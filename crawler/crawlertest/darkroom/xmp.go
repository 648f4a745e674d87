package darkroom

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"text/template"
)

// xmpPacket has the shapes that real writers use: a Seq for creators, language alternatives for texts, a Bag of structures for licensors,
// and attributes for the simple photoshop: values.
const xmpPacket = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
    xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    {{- with .Credit}} photoshop:Credit="{{xml .}}"{{end}}
    {{- with .Source}} photoshop:Source="{{xml .}}"{{end}}
    {{- with .Headline}} photoshop:Headline="{{xml .}}"{{end}}>
{{- if .Creators}}
   <dc:creator><rdf:Seq>{{range .Creators}}<rdf:li>{{xml .}}</rdf:li>{{end}}</rdf:Seq></dc:creator>
{{- end}}
{{- with .Copyright}}
   <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{{xml .}}</rdf:li></rdf:Alt></dc:rights>
{{- end}}
{{- with .Caption}}
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{{xml .}}</rdf:li></rdf:Alt></dc:description>
{{- end}}
{{- with .UsageTerms}}
   <xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang="x-default">{{xml .}}</rdf:li></rdf:Alt></xmpRights:UsageTerms>
{{- end}}
{{- with .WebStatement}}
   <xmpRights:Marked>True</xmpRights:Marked>
   <xmpRights:WebStatement>{{xml .}}</xmpRights:WebStatement>
{{- end}}
{{- with .LicensorURL}}
   <plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource"><plus:LicensorURL>{{xml .}}</plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor>
{{- end}}
{{- with .DigitalSourceType}}
   <Iptc4xmpExt:DigitalSourceType>{{xml .}}</Iptc4xmpExt:DigitalSourceType>
{{- end}}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`

// xmp is the packet. The template is parsed per packet: a print is made once and then kept, and package state would be the alternative.
func (m Metadata) xmp() ([]byte, error) {
	t, err := template.New("xmp").Funcs(template.FuncMap{"xml": xmlEscape}).Parse(xmpPacket)
	if err != nil {
		return nil, fmt.Errorf("reading the packet's template: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, m); err != nil {
		return nil, fmt.Errorf("filling the packet: %w", err)
	}
	return out.Bytes(), nil
}

func xmlEscape(s string) (string, error) {
	var out bytes.Buffer
	err := xml.EscapeText(&out, []byte(s))
	return out.String(), err
}
