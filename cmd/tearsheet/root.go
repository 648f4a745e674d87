package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tearsheet/config"
)

// annotationExit holds a command's EXIT STATUS section.
const annotationExit = "exit status"

// helpTemplate is cobra's, with our sections in the order that a manual page has.
const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}

{{end}}USAGE
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{if .HasExample}}
EXAMPLES
{{.Example | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableSubCommands}}
COMMANDS
{{- range .Commands}}{{if or .IsAvailableCommand (eq .Name "help")}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{end}}{{if .HasAvailableLocalFlags}}
FLAGS
{{.LocalFlags.FlagUsagesWrapped 100 | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableInheritedFlags}}
GLOBAL FLAGS
{{.InheritedFlags.FlagUsagesWrapped 100 | trimTrailingWhitespaces}}
{{end}}{{with index .Annotations "` + annotationExit + `"}}
EXIT STATUS
{{.}}{{end}}`

// globalFlags are the flags that every command accepts. Zero values mean "not given": the configuration holds.
type globalFlags struct {
	archive, config string
	quiet           bool
	logFormat       config.Format
	logLevel        *config.Level
}

func (g *globalFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&g.archive, "archive", "", "`DIR` of the archive (default ./archive; also TEARSHEET_ARCHIVE, or archive: in the configuration)")
	fs.StringVar(&g.config, "config", "", "configuration `FILE` (default ./tearsheet.yaml if it is there; also TEARSHEET_CONFIG)")
	fs.BoolVarP(&g.quiet, "quiet", "q", false, "no progress, no summary, no notices: only what was asked for, and errors")
	fs.Func("log-format", "log lines on standard error as `text|json` (default text)", func(s string) error {
		return g.logFormat.UnmarshalText([]byte(s))
	})
	fs.Func("log-level", "least level that is logged: `debug|info|warn|error` (default warn)", func(s string) error {
		g.logLevel = new(config.Level)
		return g.logLevel.UnmarshalText([]byte(s))
	})
	fs.BoolFuncP("verbose", "v", "log what is being done: the same as --log-level info", func(string) error {
		info := config.Level(slog.LevelInfo)
		g.logLevel = &info
		return nil
	})
}

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "tearsheet",
		Short: "Archive news articles with their photographs and credits",
		Long: `tearsheet archives news articles with their photographs and the photographs' credits.

A page is kept as it went over the wire, in WARC files that other tools read, under a log that can
only grow: what was archived can be proven later, and given back in a form that opens in a browser.
New here? "tearsheet demo" shows the whole way in a few seconds, without the Internet.`,
		Example: `  tearsheet demo
  tearsheet capture https://www.example.com/news/story.html
  tearsheet ls
  tearsheet restore https://www.example.com/news/story.html --format folder -o story`,
		Annotations:                exitStatus(),
		Args:                       knownCommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,

		SilenceErrors: true,
		SilenceUsage:  true,
		// The hook runs when flags and arguments have been accepted: errors before it are mistakes on the command line.
		PersistentPreRun: func(*cobra.Command, []string) { a.begun = true },
	}
	root.SetHelpTemplate(helpTemplate)
	a.flags.add(root.PersistentFlags())
	root.AddCommand(
		newCaptureCommand(a),
		newInspectCommand(a),
		newListCommand(a),
		newVerifyCommand(a),
		newRestoreCommand(a),
		newExportCommand(a),
		newDemoCommand(a),
		newVersionCommand(a),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	annotateGenerated(root)
	return root
}

// knownCommand refuses what is no command, in one line.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("%q is no command; did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return fmt.Errorf("%q is no command", args[0])
}

// arguments accepts between least and most of them, and else says what to write.
func arguments(least, most int, say string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return errors.New(say)
		}
		return nil
	}
}

// noArguments is for commands that take flags only.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, and %q is one", cmd.Name(), args[0])
	}
	return nil
}

// annotateGenerated gives the commands that cobra makes an EXIT STATUS section too.
func annotateGenerated(cmd *cobra.Command) {
	if cmd.Annotations == nil {
		cmd.Annotations = exitStatus()
	}
	for _, c := range cmd.Commands() {
		annotateGenerated(c)
	}
}
