package restore

import (
	"strings"

	"tearsheet/archive/page"
)

// nowhere is what a reference that must not be followed is replaced with: a URL that is loaded without a request.
const nowhere = "data:,"

// rewriteStyle replaces the references of a style sheet, or of the declarations of a style attribute, with what refer says of them. All other
// bytes stay.
func rewriteStyle(sheet []byte, refer func(ref string, kind page.Kind) string) []byte {
	out := make([]byte, 0, len(sheet)+len(sheet)/8)
	written := 0
	for ref := range page.StyleReferences(sheet) {
		to := refer(ref.URL, ref.Kind)
		if to == ref.URL {
			continue
		}
		out = append(out, sheet[written:ref.Start]...)
		out = appendReference(out, to, ref.String)
		written = ref.End
	}
	return append(out, sheet[written:]...)
}

// appendReference writes a reference as a string, or as url() with one.
func appendReference(out []byte, ref string, asString bool) []byte {
	if ref == "" {
		ref = nowhere
	}
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\a `, "\r", `\d `, "\f", `\c `, "<", `\3c `).Replace(ref) + `"`
	if asString {
		return append(out, quoted...)
	}
	return append(append(append(out, "url("...), quoted...), ')')
}
