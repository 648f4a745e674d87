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
	endpoint        string
	quiet           bool
	logFormat       config.Format
	logLevel        *config.Level
}

func (g *globalFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&g.archive, "archive", "", "the archive: a `DIR`, or s3://BUCKET/PREFIX (default ./archive; also TEARSHEET_ARCHIVE, or archive: in the configuration)")
	fs.StringVar(&g.endpoint, "s3-endpoint", "", "`URL` of an S3 store that is not Amazon's (also s3: endpoint: in the configuration, or AWS_ENDPOINT_URL_S3)")
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

		Version: readVersion().Version,

		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetHelpTemplate(helpTemplate)
	a.flags.add(root.PersistentFlags())
	root.AddCommand(
		newCaptureCommand(a),
		newInspectCommand(a),
		newListCommand(a),
		newPhotosCommand(a),
		newVerifyCommand(a),
		newGCCommand(a),
		newDoctorCommand(a),
		newRestoreCommand(a),
		newExportCommand(a),
		newImportCommand(a),
		newKeygenCommand(a),
		newDemoCommand(a),
		newVersionCommand(a),
	)
	root.SetHelpCommand(newHelpCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	finishGenerated(root)
	a.noteBeginnings(root)
	return root
}

// noteBeginnings makes every command tell when its own work begins, which is when flags, groups of flags and arguments have been accepted:
// errors before that are mistakes on the command line.
func (a *app) noteBeginnings(cmd *cobra.Command) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.begun = true
			return work(cmd, args)
		}
	}
	for _, c := range cmd.Commands() {
		a.noteBeginnings(c)
	}
}

// newHelpCommand is cobra's, but that a topic which is no command is an error.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		Long:  `Prints the help of a command; the same as its flag --help.`,
		Example: `  tearsheet help
  tearsheet help capture`,
		Annotations: exitStatus(),
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("%q is no command", strings.Join(args, " "))
			}
			topic.InitDefaultHelpFlag() // so that it is listed
			return topic.Help()
		},
	}
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

// finishGenerated gives the commands that cobra makes an EXIT STATUS section too, and lets those that only hold others refuse what is none
// of these.
func finishGenerated(cmd *cobra.Command) {
	if cmd.Annotations == nil {
		cmd.Annotations = exitStatus()
	}
	if !cmd.Runnable() {
		cmd.Args, cmd.RunE = knownCommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, c := range cmd.Commands() {
		finishGenerated(c)
	}
}
