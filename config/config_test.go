package config

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tearsheet.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestLoadReadsWhatTheFileSays(t *testing.T) {
	name := write(t, "archive: papers # the newspapers\nuser_agent: Library/1.0\nlog:\n  format: json\n  level: debug\n")
	got, err := Load(name, Environment{})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Archive = filepath.Join(filepath.Dir(name), "papers")
	want.UserAgent = "Library/1.0"
	want.Log = Log{Format: JSON, Level: Level(slog.LevelDebug)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestLoadKeepsDefaultsForKeysThatAreNotNamed(t *testing.T) {
	for name, text := range map[string]string{
		"an empty file":             "",
		"a file of comments":        "# nothing here\n",
		"a file with one other key": "user_agent: Library/1.0\n",
		"a group with nothing in":   "log:\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Load(write(t, text), Environment{Archive: "elsewhere"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Log != Default().Log || got.Archive != "elsewhere" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestLoadPrefersFlagToEnvironmentToCurrentFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	flag, env := write(t, "user_agent: flag\n"), write(t, "user_agent: env\n")
	if err := os.WriteFile(DefaultFile, []byte("user_agent: here\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ flag, env, want string }{
		{flag, env, "flag"},
		{"", env, "env"},
		{"", "", "here"},
	} {
		got, err := Load(c.flag, Environment{File: c.env})
		if err != nil {
			t.Fatal(err)
		}
		if got.UserAgent != c.want {
			t.Errorf("Load(%q, %q) read the file of %q, want %q", c.flag, c.env, got.UserAgent, c.want)
		}
	}
}

func TestLoadNeedsNoFileUnlessOneWasNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	got, err := Load("", Environment{})
	if err != nil || !reflect.DeepEqual(got, Default()) {
		t.Errorf("Load without a file = %+v, %v; want the defaults", got, err)
	}
	_, err = Load("missing.yaml", Environment{})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "missing.yaml") {
		t.Errorf("Load of a missing file: %v", err)
	}
}

func TestLoadSaysWhereAFileIsWrongAndWhatToMend(t *testing.T) {
	for _, c := range []struct {
		name, text   string
		line, column int
		says         []string
	}{
		{"a misspelt key names the one that was meant", "user_agent: x\narchve: y\n", 2, 1, []string{`"archve"`, `did you mean "archive"`}},
		{"a misspelt nested key names its full path", "log:\n  fromat: json\n", 2, 3, []string{`did you mean "log.format"`}},
		{"a key like no other lists them all", "bananas: 3\n", 1, 1, []string{"archive, work, keep_local, warc_size, user_agent, log, log.format, log.level, s3, s3.endpoint"}},
		{"a key that is given twice", "archive: a\narchive: b\n", 2, 1, []string{"archive"}},
		{"text where keys belong", "log: loud\n", 1, 6, []string{"a group of keys"}},
		{"a list where text belongs", "archive: [a, b]\n", 1, 10, []string{"text"}},
		{"an unknown log format", "log:\n  format: xml\n", 2, 11, []string{"xml", "text or json"}},
		{"an unknown log level", "log:\n  level: loud\n", 2, 10, []string{"loud"}},
		{"an empty archive", "archive: ''\n", 0, 0, []string{"archive is empty"}},
		{"a user agent with a line break", "user_agent: \"a\\r\\nX-Evil: b\"\n", 0, 0, []string{"user_agent", "one line"}},
		{"broken YAML", "archive: 'open\n", 1, 10, nil},
		{"a second document", "archive: a\n---\narchive: b\n", 0, 0, []string{"more than one document"}},
		{"a home folder where there is none", "archive: ~/papers\n", 0, 0, []string{"~/papers", "HOME"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := write(t, c.text)
			_, err := Load(name, Environment{})
			var fault *Error
			if !errors.As(err, &fault) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if fault.File != name || fault.Line != c.line || fault.Column != c.column {
				t.Errorf("fault is at %s:%d:%d, want %d:%d (%v)", fault.File, fault.Line, fault.Column, c.line, c.column, err)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
}

func TestLoadPutsTheArchiveWhereAShellWould(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a tilde is the home folder", "archive: ~/papers\n", "/home/ana/papers"},
		{"an absolute path stays", "archive: /srv/papers\n", "/srv/papers"},
		{"a byte order mark is no part of the first key", "\ufeffarchive: /srv/papers\n", "/srv/papers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Load(write(t, c.text), Environment{Home: "/home/ana"})
			if err != nil || got.Archive != c.want {
				t.Errorf("the archive is %q, %v; want %q", got.Archive, err, c.want)
			}
		})
	}
}
