package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Error is a fault in a configuration file, or a file that cannot be read. Line and Column count from 1; they are 0 where the fault is not
// at one place.
type Error struct {
	File         string
	Line, Column int
	Err          error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("configuration file %s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("configuration file %s, line %d, column %d: %v", e.File, e.Line, e.Column, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// decode reads text strictly into c: an unknown key is an error. Keys that text does not name keep their values.
func decode(text []byte, file string, c *Config) error {
	read := *c
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors on Windows begin files with it
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	switch err := decoder.Decode(&read); {
	case errors.Is(err, io.EOF) || err == nil && reflect.DeepEqual(read, Config{}):
		return nil // an empty document, for which the decoder clears its target
	case err != nil:
		return locate(err, file)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return &Error{File: file, Err: errors.New("it holds more than one document; what follows the line --- would be ignored")}
	}
	*c = read
	return check(c, file)
}

// locate takes line, column and cause out of the decoder's error.
func locate(err error, file string) error {
	fault := &Error{File: file, Err: err}
	var located yaml.Error
	if !errors.As(err, &located) {
		return fault
	}
	at := located.GetToken()
	fault.Err = errors.New(explain(located, at))
	if at != nil {
		fault.Line, fault.Column = at.Position.Line, at.Position.Column
	}
	return fault
}

// minWARC is the least size at which a new WARC file may be begun.
const minWARC = 1e6

// check finds values that have the right form and still make no sense.
func check(c *Config, file string) error {
	if strings.TrimSpace(c.Archive) == "" {
		return &Error{File: file, Err: errors.New("archive is empty: name a folder, or leave the key out for ./archive")}
	}
	if err := errors.Join(c.S3.check(), c.Signing.check()); err != nil {
		return &Error{File: file, Err: err}
	}
	if c.WARCSize < minWARC {
		return &Error{File: file, Err: errors.New("warc_size must be 1MB or more: each run would be thousands of files")}
	}
	if strings.ContainsAny(c.UserAgent, "\r\n\x00") {
		return &Error{File: file, Err: errors.New("user_agent must stand on one line")}
	}
	return nil
}

// explain puts the decoder's error into words for somebody who writes YAML, not Go.
func explain(err yaml.Error, at *token.Token) string {
	var unknown *yaml.UnknownFieldError
	var wrongType *yaml.TypeError
	var wrongNode *yaml.UnexpectedNodeTypeError
	switch {
	case errors.As(err, &unknown) && at != nil:
		return unknownKey(at.Value)
	case errors.As(err, &wrongType):
		return fmt.Sprintf("this should be %s", inWords(wrongType.DstType))
	case errors.As(err, &wrongNode) && wrongNode.Expected == ast.MappingType:
		return fmt.Sprintf("this should be %s", inWords(reflect.TypeFor[struct{}]()))
	default:
		return err.GetMessage()
	}
}

// unknownKey names the key that was probably meant, or all keys when none is near.
func unknownKey(key string) string {
	known := keys(reflect.TypeFor[Config](), "")
	best, distance := "", 3
	for _, k := range known {
		name := k[strings.LastIndexByte(k, '.')+1:]
		if d := levenshtein.ComputeDistance(key, name); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("unknown key %q; did you mean %q?", key, best)
	}
	return fmt.Sprintf("unknown key %q; the keys are %s", key, strings.Join(known, ", "))
}

// keys lists the keys of the file, nested ones with dots.
func keys(t reflect.Type, prefix string) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		if tag := f.Tag.Get("yaml"); tag == "" || tag == "-" {
			continue // of a value that reads itself
		}
		name := prefix + f.Tag.Get("yaml")
		names = append(names, name)
		if f.Type.Kind() == reflect.Struct {
			names = append(names, keys(f.Type, name+".")...)
		}
	}
	return names
}

func inWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "a group of keys, each on a line of its own and indented"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "a number"
	default:
		return "text"
	}
}
