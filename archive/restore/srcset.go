package restore

import (
	"strings"

	"tearsheet/archive/page"
)

// rewriteSrcset replaces the URLs of a srcset with what refer says of them, and drops the candidates that it knows nothing of.
func rewriteSrcset(value string, refer func(ref string) string) string {
	var out []string
	for c := range page.SplitSrcset(value) {
		if to := refer(c.URL); to != "" {
			out = append(out, strings.TrimSpace(to+" "+strings.Join(strings.Fields(c.Descriptors), " ")))
		}
	}
	return strings.Join(out, ", ")
}
