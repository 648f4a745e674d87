package crawlertest

import (
	"fmt"
	"html/template"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// charsetHeader is the Content-Type of a page in a charset. Only half of the old charsets are named there, as on real servers: a reader has
// to look into the document for the others.
func charsetHeader(charset string) (string, error) {
	if _, err := htmlindex.Get(charset); err != nil {
		return "", fmt.Errorf("charset %q: %w", charset, err)
	}
	switch charset {
	case "utf-8":
		return typeHTML, nil
	case "shift_jis":
		return "text/html; charset=Shift_JIS", nil
	}
	return "text/html", nil
}

// charsetMeta is how the document itself names its charset. Chinese pages say gb2312 and mean GBK, and browsers read it so
// (WHATWG Encoding Standard section 4.2).
func charsetMeta(charset string) template.HTML {
	if charset == "gbk" {
		return `<meta http-equiv="Content-Type" content="text/html; charset=gb2312">`
	}
	return template.HTML(`<meta charset="` + template.HTMLEscapeString(charset) + `">`)
}

// encode turns a finished page into its charset. What the charset lacks becomes a character reference.
func encode(page, charset string) ([]byte, error) {
	if charset == "utf-8" {
		return []byte(page), nil
	}
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("charset %q: %w", charset, err)
	}
	out, err := encoding.HTMLEscapeUnsupported(enc.NewEncoder()).String(page)
	if err != nil {
		return nil, fmt.Errorf("writing the page as %s: %w", charset, err)
	}
	return []byte(out), nil
}

// spaceless tells whether a language is written without spaces, so that a credit follows its caption directly.
func spaceless(language string) bool {
	return strings.HasPrefix(language, "ja") || strings.HasPrefix(language, "zh")
}
