package imagemeta

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// declare notes a namespace declaration, if it matters.
func (p *xmpPacket) declare(prefix, uri []byte) {
	name := xmpNamespaces[string(bytes.TrimSpace(uri))]
	if len(p.scope) == maxXMPScope || name == "" && p.prefix(prefix) == "" {
		return
	}
	p.scope = append(p.scope, xmpPrefix{prefix, name, len(p.stack) + 1})
}

// prefix gives our name for the namespace of a prefix; "" for one of which nothing is wanted. A prefix that is not declared, as in packets
// that broken writers made, stands for what it usually does.
func (p *xmpPacket) prefix(prefix []byte) string {
	for i := len(p.scope) - 1; i >= 0; i-- {
		if bytes.Equal(p.scope[i].prefix, prefix) {
			return p.scope[i].name
		}
	}
	return usualPrefixes[string(prefix)]
}

var usualPrefixes = func() map[string]string {
	all := map[string]string{}
	for _, name := range xmpNamespaces {
		all[name] = name
	}
	return all
}()

// field finds a field of a structure, or of the root, by its name as written.
func (p *xmpPacket) field(in *xmpField, name []byte) *xmpField {
	if in == nil || in.fields == nil {
		return nil
	}
	prefix, local, ok := bytes.Cut(name, []byte(":"))
	if !ok {
		return nil
	}
	ours := p.prefix(prefix)
	if ours == "" || ours == "rdf" {
		return nil
	}
	var buf [64]byte
	key := append(append(append(buf[:0], ours...), ':'), local[:min(len(local), 40)]...)
	for i, c := range key {
		if c >= 'A' && c <= 'Z' {
			key[i] = c + 'a' - 'A'
		}
	}
	return in.fields[string(key)]
}

// isRDF reports whether a name is one of RDF.
func (p *xmpPacket) isRDF(name []byte, local string) bool {
	prefix, rest, ok := bytes.Cut(name, []byte(":"))
	return ok && string(rest) == local && p.prefix(prefix) == "rdf"
}

// language is a language tag (BCP 47), "" for what is none.
func language(b []byte) string {
	const longest = 35
	if len(b) > longest {
		return ""
	}
	for _, c := range b {
		if c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return ""
		}
	}
	return string(b)
}

// unquoted is an attribute's value without its quotes; the last one may be missing.
func unquoted(b []byte) []byte {
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		return b
	}
	if n := len(b) - 1; n > 0 && b[n] == b[0] {
		return b[1:n]
	}
	return b[1:]
}

// unescaped replaces the references that XML itself defines (XML 1.0, sections 4.1 and 4.6). Others stay as they are: what a document type
// defines is never expanded.
func unescaped(b []byte) []byte {
	if bytes.IndexByte(b, '&') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return append(out, b...)
		}
		out, b = append(out, b[:i]...), b[i:]
		end := bytes.IndexByte(b[:min(len(b), 12)], ';')
		r, ok := rune(0), false
		if end > 1 {
			r, ok = reference(string(b[1:end]))
		}
		if ok {
			out, b = utf8.AppendRune(out, r), b[end+1:]
		} else {
			out, b = append(out, '&'), b[1:]
		}
	}
	return out
}

func reference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	return rune(n), err == nil
}
