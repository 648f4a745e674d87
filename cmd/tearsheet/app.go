package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/mattn/go-isatty"

	"tearsheet/archive"
	"tearsheet/config"
)

// app is what the commands share.
type app struct {
	stdin  io.Reader
	stdout *output
	stderr io.Writer
	env    config.Environment
	flags  globalFlags
	begun  bool // a command's own work has begun: errors from now on are not about usage

	settings config.Config // set by configure
	log      *slog.Logger
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	return &app{
		stdin:  stdin,
		stdout: &output{w: stdout},
		stderr: stderr,
		env:    config.ReadEnvironment(),
		log:    slog.New(slog.DiscardHandler),
	}
}

// configure reads the configuration file, lays the global flags over it, and starts the log. Every command that uses the archive or the
// network calls it first.
func (a *app) configure() error {
	settings, err := config.Load(a.flags.config, a.env)
	if err != nil {
		return resultError{codeConfiguration, err}
	}
	if err := config.CheckEndpoint(a.flags.endpoint); err != nil {
		return usagef("--s3-endpoint: %w", err)
	}
	if a.flags.archive != "" {
		settings.Archive = a.flags.archive
	}
	if a.flags.endpoint != "" {
		settings.S3.Endpoint = a.flags.endpoint
	}
	if a.flags.logFormat != "" {
		settings.Log.Format = a.flags.logFormat
	}
	if a.flags.logLevel != nil {
		settings.Log.Level = *a.flags.logLevel
	}
	a.settings = settings
	a.log = slog.New(a.logHandler())
	return nil
}

func (a *app) logHandler() slog.Handler {
	o := &slog.HandlerOptions{Level: slog.Level(a.settings.Log.Level)}
	if a.settings.Log.Format == config.JSON {
		return slog.NewJSONHandler(a.stderr, o)
	}
	return slog.NewTextHandler(a.stderr, o)
}

// existing reads the configuration and opens an archive that is only to be read. A folder that is none is told as one that does not exist.
func (a *app) existing(ctx context.Context) (*archive.Archive, error) {
	if err := a.configure(); err != nil {
		return nil, err
	}
	arc, err := a.openArchive(ctx, false)
	if err != nil {
		return nil, err
	}
	for range arc.Entries(ctx) { // a damaged entry is told where it is read
		return arc, nil
	}
	exists, err := arc.Exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening the archive at %s: %w", a.settings.Archive, err)
	}
	if !exists {
		return nil, a.noArchive()
	}
	a.tell("the log of the archive names no run, and there are runs: they are not looked at; tearsheet verify tells which")
	return arc, nil
}

// recover commits what runs that were killed have left. Whoever only reads does not need it: there a failure, on a read-only disk say, is
// told and no more. That bytes were cut off is told in spite of --quiet: nobody may lose something without hearing of it.
func (a *app) recover(ctx context.Context, arc *archive.Archive, must bool) error {
	recovered, err := arc.Recover(ctx)
	for _, r := range recovered {
		about := []any{"run", r.RunID, "pages", r.Pages}
		if r.CutTail > 0 {
			about = append(about, "torn bytes", r.CutTail, "put aside in", r.Aside)
		}
		if r.Remains != nil {
			about = append(about, "left behind because of", r.Remains)
		}
		if r.CutTail > 0 {
			a.tell("an unfinished run was recovered", about...)
			continue
		}
		a.notice("an unfinished run was recovered", about...)
	}
	if err != nil && !must {
		a.notice("unfinished runs could not be recovered", "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("recovering unfinished runs in %s: %w", a.settings.Archive, err)
	}
	return nil
}

// notice tells something that is no failure and that a person should know: as a log line when the log is JSON, else as a sentence, unless
// --quiet. args are keys and values as for slog.
func (a *app) notice(message string, args ...any) {
	if a.flags.quiet && a.settings.Log.Format != config.JSON {
		return
	}
	a.tell(message, args...)
}

// tell is notice in spite of --quiet.
func (a *app) tell(message string, args ...any) {
	if a.settings.Log.Format == config.JSON {
		a.log.Warn(message, args...)
		return
	}
	text := "tearsheet: " + message
	for i := 0; i+1 < len(args); i += 2 {
		separator := ","
		if i == 0 {
			separator = ":"
		}
		text += fmt.Sprintf("%s %v %v", separator, args[i], args[i+1])
	}
	fmt.Fprintln(a.stderr, inert(text))
}

// complain tells why the program ends with a code other than 0. It is the only place where an error is printed.
func (a *app) complain(err error, c code, command string) {
	text := strings.ReplaceAll(err.Error(), "\n", "; ") // errors.Join puts each on a line of its own
	if a.settings.Log.Format == "" {
		a.settings.Log.Format = a.flags.logFormat // the error came before the configuration was read
	}
	if a.settings.Log.Format == config.JSON {
		slog.New(a.logHandler()).Error(text, "exit_code", int(c))
		return
	}
	fmt.Fprintln(a.stderr, "tearsheet:", inert(text)) // what is wrong is often quoted from the web
	if c == codeUsage {
		fmt.Fprintf(a.stderr, "run \"%s --help\" for help\n", command)
	}
}

// terminal reports whether w is a terminal.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
