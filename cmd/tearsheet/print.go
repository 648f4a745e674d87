package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"tearsheet/archive"
)

// printJSON prints v as one line of JSON.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// quoted is v as JSON. It is only for values of our own that can always be marshalled.
func quoted(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(b)
}

// shellQuoted gives s as one word of a POSIX shell, so that a printed command can be copied.
func shellQuoted(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// palette colours verdicts, or does not.
type palette struct{ on bool }

// palette has colours when standard output is a terminal that wants them.
func (a *app) palette() palette { return palette{on: terminal(a.stdout.w) && !a.env.NoColor} }

// of gives a verdict as a column of a table: padded to the longest, and coloured as traffic lights are.
func (p palette) of(v archive.Verdict) string {
	const width = 8
	padded := fmt.Sprintf("%-*s", width, v)
	if !p.on {
		return padded
	}
	colour := 31 // red
	switch v {
	case archive.OK:
		colour = 32 // green
	case archive.Partial:
		colour = 33 // yellow
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", colour, padded)
}
