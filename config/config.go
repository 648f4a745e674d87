// Package config holds the settings that stand before a command is typed: the file tearsheet.yaml and the environment.
//
// It knows their names, defaults and limits, and it says with file, line and column what is wrong with them. It does not know the
// command line: cmd/tearsheet lays flags over what Load returns, and is the only package that imports this one. Nothing else in the
// program reads the environment. Precedence, weakest first:
//
//	defaults < tearsheet.yaml < environment < flags
//
// A configuration file, with every key and its default:
//
//	archive: ./archive     # folder of the archive; a relative path starts at this file's folder, ~/ at yours
//	user_agent: ""         # User-Agent of every request; empty for tearsheet's own
//	log:
//	  format: text         # text or json
//	  level: warn          # debug, info, warn or error
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// DefaultFile is the configuration file that is read, if it is there, when neither a flag nor the environment names one.
const DefaultFile = "tearsheet.yaml"

// Config is the settings after defaults, file and environment were laid over each other. Its yaml tags are the keys of the file.
type Config struct {
	Archive   string `yaml:"archive"`    // folder of the archive
	UserAgent string `yaml:"user_agent"` // User-Agent header; "" leaves the choice to the program
	Log       Log    `yaml:"log"`
}

// Default is what holds when nothing was configured.
func Default() Config {
	return Config{Archive: "archive", Log: Log{Format: Text, Level: Level(slog.LevelWarn)}}
}

// Environment is what the program takes from its environment.
type Environment struct {
	Archive string // TEARSHEET_ARCHIVE: folder of the archive
	File    string // TEARSHEET_CONFIG: the configuration file
	Home    string // HOME: what ~/ in the configuration file stands for
	NoColor bool   // NO_COLOR is set and not empty (https://no-color.org), or TERM is "dumb"
}

// ReadEnvironment reads the environment of this process.
func ReadEnvironment() Environment {
	return Environment{
		Archive: os.Getenv("TEARSHEET_ARCHIVE"),
		File:    os.Getenv("TEARSHEET_CONFIG"),
		Home:    os.Getenv("HOME"),
		NoColor: os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb",
	}
}

// place gives the folder that a file in dir names: relative to dir, or with ~/ below the home folder, as a shell would read it.
func place(folder, dir, home string) (string, error) {
	below, inHome := strings.CutPrefix(folder, "~/")
	switch {
	case inHome && home == "":
		return "", fmt.Errorf("archive is %s, and there is no home folder (HOME is not set)", folder)
	case inHome:
		return filepath.Join(home, below), nil
	case filepath.IsAbs(folder):
		return folder, nil
	}
	return filepath.Join(dir, folder), nil
}

// Load lays the configuration file and then env over the defaults. The file is the first that is named of: file (a flag's value), env.File,
// and DefaultFile in the current folder, which alone may be missing. Errors are of type *Error.
func Load(file string, env Environment) (Config, error) {
	c := Default()
	name, mustExist := DefaultFile, false
	for _, named := range []string{file, env.File} {
		if named != "" {
			name, mustExist = named, true
			break
		}
	}
	text, err := os.ReadFile(name)
	switch {
	case err == nil:
		if err := decode(text, name, &c); err != nil {
			return Config{}, err
		}
		if c.Archive, err = place(c.Archive, filepath.Dir(name), env.Home); err != nil {
			return Config{}, &Error{File: name, Err: err}
		}
	case mustExist || !errors.Is(err, fs.ErrNotExist):
		return Config{}, &Error{File: name, Err: errors.Unwrap(err)}
	}
	if env.Archive != "" {
		c.Archive = env.Archive
	}
	return c, nil
}
