// Command tearsheet archives news articles with their photographs and the photographs' credits, proves what it archived, and gives it back.
//
// This package is flags, printing and exit codes; the work is done by crawler (which fetches), archive (which keeps) and config (which
// reads the configuration file and the environment). Each command has a file of its own. They share one app, made by run: the standard
// streams, the settings and the logger. A command reports a failure by returning an error; exit.go turns it into the process's exit code,
// and main prints it once.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"

	"github.com/spf13/pflag"
)

func main() {
	os.Exit(int(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)))
}

// run is the whole program between its arguments and its exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) code {
	ctx, stop := interruptible(context.Background(), stderr)
	defer stop()
	a := newApp(stdin, stdout, stderr)
	root := newRootCommand(a)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err != nil && !a.begun:
		err = usageError{unquoted(err)}
	case errors.Is(a.stdout.err, syscall.EPIPE) && nothingBut(err, syscall.EPIPE): // whoever closed the pipe has read enough
		err = nil
	case err == nil && a.stdout.err != nil:
		err = fmt.Errorf("writing to standard output: %w", a.stdout.err)
	case errors.Is(err, context.Canceled) && context.Cause(ctx) != nil:
		err = context.Cause(ctx)
	}
	c := codeOf(err)
	if c != codeOK {
		a.complain(err, c, cmd.CommandPath())
	}
	return c
}

// nothingBut reports whether err is nil or comes of target alone: it wraps nothing else, however many errors are joined in it.
func nothingBut(err, target error) bool {
	switch e := err.(type) { //nolint:errorlint // it goes through what is wrapped itself
	case nil:
		return true
	case interface{ Unwrap() []error }:
		return !slices.ContainsFunc(e.Unwrap(), func(one error) bool { return !nothingBut(one, target) })
	case interface{ Unwrap() error }:
		if within := e.Unwrap(); within != nil {
			return nothingBut(within, target)
		}
	}
	return err == target
}

// unquoted leaves a flag's value out of the error about it when it holds a password, as a proxy's URL may. What the flag itself says of the
// value stays.
func unquoted(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) || withoutUser(invalid.GetValue()) == invalid.GetValue() {
		return err
	}
	return fmt.Errorf("--%s: %w", invalid.GetFlag().Name, invalid.Unwrap())
}
