package config

import (
	"encoding"
	"fmt"
	"log/slog"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Log says how the program tells what it is doing on standard error.
type Log struct {
	Format Format `yaml:"format"`
	Level  Level  `yaml:"level"`
}

// Format is the form of log lines.
type Format string

const (
	Text Format = "text" // for people
	JSON Format = "json" // one object a line, as log/slog writes it
)

// UnmarshalText accepts the names of the formats.
func (f *Format) UnmarshalText(text []byte) error {
	switch v := Format(text); v {
	case Text, JSON:
		*f = v
		return nil
	default:
		return fmt.Errorf("%q is no log format; use text or json", text)
	}
}

// MarshalText gives the format's name.
func (f Format) MarshalText() ([]byte, error) { return []byte(f), nil }

// UnmarshalYAML reads the format from a configuration file.
func (f *Format) UnmarshalYAML(n ast.Node) error { return readText(f, n) }

// Level is the least weight of a log line that is written.
type Level slog.Level

// UnmarshalText accepts debug, info, warn and error, in lower or upper case.
func (l *Level) UnmarshalText(text []byte) error {
	var v slog.Level
	if err := v.UnmarshalText(text); err != nil {
		return fmt.Errorf("%q is no log level; use debug, info, warn or error", text)
	}
	*l = Level(v)
	return nil
}

// MarshalText gives the level's name.
func (l Level) MarshalText() ([]byte, error) { return slog.Level(l).MarshalText() }

// UnmarshalYAML reads the level from a configuration file.
func (l *Level) UnmarshalYAML(n ast.Node) error { return readText(l, n) }

// readText reads a value from its node, so that a fault carries the place of the value: for a plain encoding.TextUnmarshaler the decoder
// forgets it.
func readText(v encoding.TextUnmarshaler, n ast.Node) error {
	if err := v.UnmarshalText([]byte(n.GetToken().Value)); err != nil {
		return &yaml.SyntaxError{Message: err.Error(), Token: n.GetToken()}
	}
	return nil
}
