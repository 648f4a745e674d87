package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"tearsheet/archive"
	"tearsheet/archive/store"
	"tearsheet/config"
	"tearsheet/crawler/wire"
)

func TestCodeOf(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want code
	}{
		{"no error is success", nil, codeOK},
		{"an error without a class is internal", errors.New("?"), codeInternal},
		{"a wrapped usage error is usage", fmt.Errorf("x: %w", usagef("y")), codeUsage},
		{"a fault of the configuration file is configuration", &config.Error{File: "f", Err: fs.ErrNotExist}, codeConfiguration},
		{"an archive of a newer format is configuration", fmt.Errorf("x: %w", archive.ErrNewerFormat), codeConfiguration},
		{"a full store is storage", fmt.Errorf("x: %w", store.ErrFull), codeStorage},
		{"a store that does not answer is storage", fmt.Errorf("x: %w", store.ErrUnavailable), codeStorage},
		{"a full disk is storage", &fs.PathError{Op: "write", Err: syscall.ENOSPC}, codeStorage},
		{"a file size limit is storage", &fs.PathError{Op: "write", Err: syscall.EFBIG}, codeStorage},
		{"a full disk during a round trip is storage", &wire.Error{Class: wire.ClassArchive, Err: store.ErrFull}, codeStorage},
		{"a refused connection is nothing captured", &wire.Error{Class: wire.ClassConnect, Err: syscall.EACCES}, codeNothing},
		{"the time limit", errTimeLimit, codeTimeLimit},
		{"damage is fixity", fmt.Errorf("x: %w", archive.ErrFixity), codeFixity},
		{"an unknown URL is not archived", fmt.Errorf("x: %w", archive.ErrNotArchived), codeNotArchived},
		{"SIGINT is 130", interruption{syscall.SIGINT}, codeInterrupted},
		{"SIGTERM is 143", errors.Join(interruption{syscall.SIGTERM}, context.Canceled), codeTerminated},
		{"a result has the code that it was given", resultf(codePartial, "x: %w", store.ErrFull), codePartial},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := codeOf(c.err); got != c.want {
				t.Errorf("codeOf(%v) = %d, want %d", c.err, got, c.want)
			}
		})
	}
}

func TestNothingButAClosedPipeIsNoFailure(t *testing.T) {
	closed := fmt.Errorf("listing: %w", &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE})
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, true}, {closed, true}, {errors.Join(closed, closed), true},
		{errors.Join(closed, archive.ErrFixity), false}, {resultf(codePartial, "a page is missing"), false}, {syscall.ENOSPC, false},
		{fmt.Errorf("%w: %w", archive.ErrFixity, closed), false},
	} {
		if got := nothingBut(c.err, syscall.EPIPE); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}

func TestTotalsResult(t *testing.T) {
	for _, c := range []struct {
		name   string
		totals totals
		want   code
	}{
		{"all pages whole", totals{Pages: 2, OK: 2}, codeOK},
		{"a page that lacks something is partial", totals{Pages: 1, Partial: 1}, codePartial},
		{"a whole page and a failed one are partial", totals{Pages: 2, OK: 1, Failed: 1}, codePartial},
		{"every page failed", totals{Pages: 2, Failed: 1, Soft404: 1}, codeNothing},
		{"every page blocked", totals{Pages: 2, Blocked: 2}, codeBlocked},
		{"blocked and failed pages are nothing", totals{Pages: 2, Blocked: 1, Failed: 1}, codeNothing},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := codeOf(c.totals.result()); got != c.want {
				t.Errorf("%+v ends with %d, want %d", c.totals, got, c.want)
			}
		})
	}
}

func TestEveryCommandIsDocumented(t *testing.T) {
	root := newRootCommand(newApp(nil, nil, nil))
	if len(root.Commands()) < 9 {
		t.Fatalf("only %d commands", len(root.Commands()))
	}
	for _, c := range root.Commands() {
		t.Run(c.Name(), func(t *testing.T) {
			var help strings.Builder
			c.SetOut(&help)
			if err := c.Help(); err != nil {
				t.Fatal(err)
			}
			sections := []string{"USAGE\n", "EXIT STATUS\n    0  all good\n"}
			if c.Name() != "completion" && c.Name() != "help" { // cobra's own
				sections = append(sections, "EXAMPLES\n")
			}
			for _, s := range sections {
				if !strings.Contains(help.String(), s) {
					t.Errorf("the help lacks %q:\n%s", s, help.String())
				}
			}
			if c.Short == "" || c.Long == "" {
				t.Error("the command has no short or no long description")
			}
			for line := range strings.Lines(c.Long + "\n" + c.Example) {
				if len(line) > 110 {
					t.Errorf("a line of %d bytes is too long for a terminal: %s", len(line), line)
				}
			}
		})
	}
}
