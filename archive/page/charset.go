package page

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/saintfish/chardet"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

const (
	prescanBytes = 64 << 10 // how far a meta declaration is looked for; the standard asks for 1024, pages need more
	sniffBytes   = 64 << 10
)

// Parse makes the tree of a document from its bytes, decoded as [UTF8] does. It fails on markup nested deeper than 512 elements.
func Parse(body []byte, contentType string) (*html.Node, error) {
	text, _ := UTF8(body, contentType)
	return html.Parse(bytes.NewReader(text))
}

// UTF8 gives body as UTF-8 and the canonical name of the charset that it was in (WHATWG Encoding Standard). A byte order mark decides;
// then bytes that can only be UTF-8 are UTF-8 whatever header and meta say; then Content-Type and meta decide, the first of them that
// fits the bytes; without a declaration the bytes are sniffed. Bytes that fit nothing become U+FFFD. body itself is returned when it is
// UTF-8 already, without its byte order mark.
func UTF8(body []byte, contentType string) ([]byte, string) {
	if name, text := byteOrderMark(body); name != "" {
		if name == "utf-8" {
			return text, name
		}
		return decode(text, name), name
	}
	declared := declaredCharsets(body, contentType)
	if len(declared) > 0 && strings.HasPrefix(declared[0], "utf-16") && bytes.IndexByte(body, 0) >= 0 {
		return decode(body, declared[0]), declared[0]
	}
	multi, broken := countUTF8(body)
	ascii := multi == 0 && broken == 0
	if ascii {
		for _, name := range declared {
			if name == "iso-2022-jp" { // says everything in seven bits
				return decode(body, name), name
			}
		}
	}
	if ascii || multi > 50*broken {
		return body, "utf-8"
	}
	for _, name := range declared {
		if text := decode(body, name); name != "utf-8" && fits(body, text) {
			return text, name
		}
	}
	if multi > broken { // UTF-8 with damage
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), "utf-8"
	}
	name := sniff(body)
	return decode(body, name), name
}

// byteOrderMark gives the charset that a BOM at the start tells, and the text after it.
func byteOrderMark(body []byte) (string, []byte) {
	switch {
	case bytes.HasPrefix(body, []byte("\xEF\xBB\xBF")):
		return "utf-8", body[3:]
	case bytes.HasPrefix(body, []byte("\xFE\xFF")):
		return "utf-16be", body[2:]
	case bytes.HasPrefix(body, []byte("\xFF\xFE")):
		return "utf-16le", body[2:]
	}
	return "", body
}

// declaredCharsets lists what header and meta declare, in the order in which they are believed. The header comes first (HTML standard,
// section 13.2.3.2), unless it says windows-1252, which is what a server says that was never configured.
func declaredCharsets(body []byte, contentType string) []string {
	var declared []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		if _, name := charset.Lookup(params["charset"]); name != "" {
			declared = append(declared, name)
		}
	}
	if name := metaCharset(body); name != "" {
		if len(declared) == 1 && declared[0] == "windows-1252" {
			return []string{name, declared[0]}
		}
		declared = append(declared, name)
	}
	return declared
}

// metaCharset reads the declaration inside the document. A meta cannot be read as UTF-16, so that such a declaration means UTF-8.
func metaCharset(body []byte) string {
	z := html.NewTokenizer(bytes.NewReader(body[:min(len(body), prescanBytes)]))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			tag, more := z.TagName()
			if string(tag) == "body" {
				return ""
			}
			if string(tag) != "meta" || !more {
				continue
			}
			if name := metaDeclaration(z); name != "" {
				if strings.HasPrefix(name, "utf-16") {
					return "utf-8"
				}
				return name
			}
		}
	}
}

func metaDeclaration(z *html.Tokenizer) string {
	var label, content string
	pragma := false
	for {
		key, value, more := z.TagAttr()
		switch string(key) {
		case "charset":
			label = string(value)
		case "content":
			content = string(value)
		case "http-equiv":
			pragma = strings.EqualFold(string(value), "content-type")
		}
		if !more {
			break
		}
	}
	if label == "" && pragma {
		label = charsetLabel(content)
	}
	_, name := charset.Lookup(label)
	return name
}

// charsetLabel takes the label out of "text/html; charset=label". The bytes are in a charset that is not known yet: a lower-case copy could
// have another length.
func charsetLabel(content string) string {
	const word = "charset"
	for i := range content {
		if !hasPrefixFold(content[i:], word) {
			continue
		}
		label := strings.TrimLeft(content[i+len(word):], htmlSpace+"=\"'")
		if end := strings.IndexAny(label, htmlSpace+";\"'"); end >= 0 {
			label = label[:end]
		}
		return label
	}
	return ""
}

// countUTF8 counts the well-formed multi-byte sequences and the bytes that belong to none. A sequence cut by the end of body is neither.
func countUTF8(body []byte) (multi, broken int) {
	for len(body) > 0 {
		if body[0] < utf8.RuneSelf {
			body = body[1:]
			continue
		}
		r, size := utf8.DecodeRune(body)
		switch {
		case r != utf8.RuneError || size > 1:
			multi++
		case !utf8.FullRune(body):
			return multi, broken
		default:
			broken++
		}
		body = body[size:]
	}
	return multi, broken
}

func decode(body []byte, name string) []byte {
	var e encoding.Encoding
	switch name {
	case "utf-8":
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	case "utf-16be":
		e = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	default:
		if e, _ = charset.Lookup(name); e == nil {
			return bytes.ToValidUTF8(body, []byte("\uFFFD"))
		}
	}
	text, err := e.NewDecoder().Bytes(body)
	if err != nil { // decoders of the Encoding Standard replace and go on; what one refuses stays readable as far as it is ASCII
		return bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	return text
}

// fits says whether text can be what was meant by body: hardly anything in it had to be replaced.
func fits(body, text []byte) bool {
	return bytes.Count(text, []byte("\uFFFD")) <= len(body)/500
}

// sniff guesses the charset of bytes that nobody declared and that are not UTF-8. The detector's names are ICU's.
func sniff(body []byte) string {
	if len(body) > sniffBytes {
		body = body[:sniffBytes]
	}
	best, err := chardet.NewHtmlDetector().DetectBest(body)
	if err != nil || best.Confidence < 10 {
		return "windows-1252"
	}
	label := best.Charset
	if label == "GB-18030" {
		label = "gb18030"
	}
	if _, name := charset.Lookup(label); name != "" {
		return name
	}
	return "windows-1252"
}
