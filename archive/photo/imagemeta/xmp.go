package imagemeta

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/xml"

	"tearsheet/archive/photo"
)

const (
	maxXMPDepth   = 64
	maxXMPTokens  = 200_000
	maxXMPScope   = 64      // namespace declarations in force
	maxAttributes = 4096    // of one element. Lightroom puts its settings there, a few hundred.
	maxXMPItem    = 1 << 20 // items of an array are counted so far
)

// xmp reads an XMP packet.
func (rd *reading) xmp(s source, name string) {
	if !rd.admits() {
		return
	}
	b := rd.take(s, maxXMP, "the XMP")
	if len(b) == 0 {
		return
	}
	rd.carrier(CarrierXMP)
	p := &xmpPacket{reading: rd, place: rd.place(name)}
	p.read(rd.xmpText(b))
}

// xmpText makes a packet one that the lexer can read: UTF-16 becomes UTF-8, and NUL, which is the lexer's end, a space. Single bytes that are
// not UTF-8 are left for the values that they are in.
func (rd *reading) xmpText(b []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}), len(b) > 4 && b[0] == 0 && b[1] == '<':
		order = binary.BigEndian
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}), len(b) > 4 && b[0] == '<' && b[1] == 0:
		order = binary.LittleEndian
	}
	if order != nil {
		room := min(rd.room, int64(len(b)/2*3))
		text := make([]byte, 0, room+1)
		for ; len(b) >= 2 && int64(len(text))+utf8.UTFMax <= room; b = b[2:] {
			r := rune(order.Uint16(b))
			if utf16.IsSurrogate(r) && len(b) >= 4 {
				r = utf16.DecodeRune(r, rune(order.Uint16(b[2:])))
				b = b[2:]
			}
			text = utf8.AppendRune(text, r)
		}
		rd.room -= room
		b = text
	}
	for i := range b {
		if b[i] == 0 {
			b[i] = ' '
		}
	}
	return b
}

// xmpPacket is a packet that is being read, from token to token: no tree is made of it, and what nobody wants costs nothing but its tokens.
type xmpPacket struct {
	*reading
	place  string
	stack  []xmpFrame
	deep   int // open elements beyond the deepest that is looked at
	scope  []xmpPrefix
	values []xmpValue // of the fields that are open
	attrs  []xmpAttr
	cut    bool // the packet ended, with elements open
}

// xmpFrame is an open element.
type xmpFrame struct {
	tag   []byte // its name, as written
	role  xmpRole
	field *xmpField // what it is, or is inside; nil when nothing in it is wanted
	item  int       // its number in its array, from 1; 0 when it is in none
	items int       // of an array, so far
	first int       // of its values in xmpPacket.values
	alt   bool      // its values are one in several languages
	lang  []byte
	text  []byte
	owned bool // text is a copy
	inner bool // it has elements in it, so its text says nothing
	prop  bool // it is a property, also when it is a node at the same time by rdf:parseType
}

// xmpRole is what an element is in RDF/XML (W3C RDF 1.1 XML Syntax, section 7.2).
type xmpRole uint8

const (
	outside  xmpRole = iota // of rdf:RDF
	rdfRoot                 // rdf:RDF
	node                    // rdf:Description, or whatever has properties as its elements
	property                // of a node
	array                   // rdf:Seq, rdf:Bag, rdf:Alt
	item                    // of an array, or rdf:value
)

// xmpPrefix is a namespace declaration.
type xmpPrefix struct {
	prefix []byte
	name   string // ours; "" for a namespace that nothing is wanted of
	depth  int
}

type xmpAttr struct{ name, value []byte }

// xmpValue is a value of an open field.
type xmpValue struct {
	lang    string
	text    []byte
	locator string
}

// read goes through the tokens. Markup that is wrong loses what is in it, and not what is in front of it and, mostly, behind it.
func (p *xmpPacket) read(b []byte) {
	input := parse.NewInputBytes(b)
	lexer := xml.NewLexer(input)
	var name []byte
	instruction := false
	for range maxXMPTokens {
		kind, _ := lexer.Next()
		switch kind {
		case xml.ErrorToken:
			p.end()
			return
		case xml.StartTagToken:
			name, instruction, p.attrs = lexer.Text(), false, p.attrs[:0]
		case xml.StartTagPIToken:
			instruction = true
		case xml.AttributeToken:
			if !instruction && len(p.attrs) < maxAttributes {
				p.attrs = append(p.attrs, xmpAttr{lexer.Text(), unquoted(lexer.AttrVal())})
			}
		case xml.StartTagCloseToken, xml.StartTagCloseVoidToken:
			p.open(name)
			if kind == xml.StartTagCloseVoidToken {
				p.close()
			}
		case xml.EndTagToken:
			p.closeNamed(lexer.Text())
		case xml.TextToken, xml.CDATAToken:
			p.characters(lexer.Text(), kind == xml.CDATAToken)
		}
	}
	p.problem("the XMP at %s has more than %d tokens", p.place, maxXMPTokens)
	p.end()
}

// end closes what the packet left open.
func (p *xmpPacket) end() {
	if len(p.stack) > 0 {
		p.problem("the XMP at %s ends within <%.40s>", p.place, p.stack[len(p.stack)-1].tag)
	}
	p.cut, p.deep = true, 0
	for len(p.stack) > 0 {
		p.close()
	}
}

// open begins an element.
func (p *xmpPacket) open(name []byte) {
	if len(p.stack) == maxXMPDepth || p.deep > 0 {
		p.deep++
		return
	}
	for _, a := range p.attrs {
		if bytes.HasPrefix(a.name, []byte("xmlns:")) {
			p.declare(a.name[len("xmlns:"):], a.value)
		}
	}
	f := xmpFrame{tag: name, first: len(p.values)}
	if n := len(p.stack); n > 0 {
		p.stack[n-1].inner = true
		p.classify(&f, &p.stack[n-1], name)
	} else if p.isRDF(name, "RDF") {
		f.role = rdfRoot
	}
	p.stack = append(p.stack, f)
	if f.field != nil {
		p.attributes()
	}
}

// classify finds out what an element is by what it is in.
func (p *xmpPacket) classify(f, parent *xmpFrame, name []byte) {
	f.field = parent.field
	switch parent.role {
	case outside:
		if p.isRDF(name, "RDF") {
			f.role = rdfRoot
		}
	case rdfRoot:
		f.role, f.field = node, xmpFields
	case node:
		f.role, f.field = property, p.field(parent.field, name)
		if p.isRDF(name, "value") && parent.field != xmpFields {
			f.role, f.field = item, parent.field
		}
	case array:
		parent.items = min(parent.items+1, maxXMPItem)
		f.role, f.item = item, parent.items
	case property, item:
		switch inner := p.field(parent.field, name); {
		case p.isRDF(name, "Alt"):
			f.role = array
			p.markAlt()
		case p.isRDF(name, "Seq"), p.isRDF(name, "Bag"):
			f.role = array
		case p.isRDF(name, "li"), p.isRDF(name, "value"):
			f.role = item
		case inner != nil: // a structure without rdf:parseType
			f.role, f.field = property, inner
		default:
			f.role = node
		}
	}
	if f.prop = f.role == property; f.prop && f.field != nil {
		f.alt = f.field.isAlt
	}
}

// markAlt notes at the property that is open that its values are alternatives.
func (p *xmpPacket) markAlt() {
	for i := len(p.stack) - 1; i >= 0; i-- {
		if p.stack[i].prop {
			p.stack[i].alt = true
			return
		}
	}
}

// attributes reads those of the element just opened: properties of a node, and what RDF says about values.
func (p *xmpPacket) attributes() {
	f := &p.stack[len(p.stack)-1]
	for _, a := range p.attrs {
		switch {
		case string(a.name) == "xml:lang":
			f.lang = a.value
		case f.role != node && p.isRDF(a.name, "parseType") && string(a.value) == "Resource":
			f.role = node
		case (f.role == property || f.role == item) && p.isRDF(a.name, "resource"):
			p.value(f, a.value)
		default:
			if inner := p.field(f.field, a.name); inner != nil && f.role != array {
				p.stack = append(p.stack, xmpFrame{role: property, prop: true, field: inner, text: a.value, first: len(p.values)})
				p.close()
				f = &p.stack[len(p.stack)-1]
			}
		}
	}
}

// closeNamed ends the innermost element of that name, and those within it that have no end. An end without a beginning is passed over.
func (p *xmpPacket) closeNamed(name []byte) {
	if p.deep > 0 {
		p.deep--
		return
	}
	const far = 8
	for i := len(p.stack) - 1; i >= max(0, len(p.stack)-far); i-- {
		if bytes.Equal(p.stack[i].tag, name) {
			for len(p.stack) > i {
				p.close()
			}
			return
		}
	}
}

// close ends the innermost element: its text is a value, unless elements were in it, and with a property all its values are known.
func (p *xmpPacket) close() {
	if p.deep > 0 {
		p.deep--
		return
	}
	n := len(p.stack) - 1
	f := &p.stack[n]
	if f.field != nil && !f.inner && (f.role == property || f.role == item) {
		p.value(f, f.text)
	}
	if f.prop && f.field != nil {
		p.tell(f)
	}
	for len(p.scope) > 0 && p.scope[len(p.scope)-1].depth > n {
		p.scope = p.scope[:len(p.scope)-1]
	}
	p.stack = p.stack[:n]
}

// characters adds text to the element that is open. A CDATA section has no references in it, so its ampersands are made such.
func (p *xmpPacket) characters(text []byte, verbatim bool) {
	if len(p.stack) == 0 || p.deep > 0 {
		return
	}
	f := &p.stack[len(p.stack)-1]
	if f.field == nil || f.inner || f.role != property && f.role != item || len(f.text) > 2*MaxValue {
		return
	}
	if verbatim {
		text = bytes.ReplaceAll(text[:min(len(text), 2*MaxValue)], []byte("&"), []byte("&amp;"))
	}
	switch {
	case len(f.text) == 0:
		f.text = text
	case !f.owned:
		f.text, f.owned = append(bytes.Clone(f.text), text[:min(len(text), 2*MaxValue)]...), true
	default:
		f.text = append(f.text, text[:min(len(text), 2*MaxValue)]...)
	}
}

// value notes a value of the field that is open.
func (p *xmpPacket) value(f *xmpFrame, text []byte) {
	if text = bytes.TrimSpace(text); len(text) == 0 || f.field.name == "" || len(p.values) >= MaxStatements || p.full {
		return
	}
	p.values = append(p.values, xmpValue{language(f.lang), text, p.locator()})
}

// tell makes statements of the values of a property: one of each or, of alternatives, one of the default (XMP part 1, section 8.2.2.4) with
// the others as its translations.
func (p *xmpPacket) tell(f *xmpFrame) {
	values := p.values[f.first:]
	p.values = p.values[:f.first]
	if len(values) == 0 {
		return
	}
	if f.field.property == "" {
		if f.field == xmpFields.fields[xmpExtension] {
			p.extended = bytes.Clone(values[0].text)
		}
		return
	}
	if !f.alt {
		for _, v := range values {
			if p.full {
				return
			}
			p.say(p.statement(f, v))
		}
		return
	}
	chosen := 0
	for i, v := range values {
		if v.lang == "x-default" {
			chosen = i
			break
		}
	}
	s := p.statement(f, values[chosen])
	if values[chosen].lang != "x-default" {
		s.Lang = values[chosen].lang
	}
	for i, v := range values {
		if i != chosen && len(s.Translations) < maxLanguages {
			if other := p.statement(f, v); other.Value != s.Value {
				s.Translations = append(s.Translations, photo.Translation{Lang: v.lang, Value: other.Value})
			}
		}
	}
	p.say(s)
}

func (p *xmpPacket) statement(f *xmpFrame, v xmpValue) photo.Statement {
	s := photo.Statement{Property: f.field.property, Kind: photo.FileXMP, Locator: v.locator}
	s.Value, s.Raw, s.Flags = decodeUTF8(unescaped(v.text[:min(len(v.text), 2*MaxValue)]))
	if p.cut {
		s.Flags = addFlag(s.Flags, photo.Truncated)
	}
	return s
}

// locator is the path of the element that is open: "APP1:xmp/plus:Licensor[1]/plus:LicensorURL".
func (p *xmpPacket) locator() string {
	path := []byte(p.place)
	for _, f := range p.stack {
		if f.prop && f.field != nil {
			path = append(append(path, '/'), f.field.name...)
		}
		if f.item > 0 {
			path = append(strconv.AppendInt(append(path, '['), int64(f.item), 10), ']')
		}
	}
	return string(path)
}
