package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tearsheet/archive/photo/creditline"
)

// creditLineArguments lets inspect take one page, or a credit line instead.
func creditLineArguments(cmd *cobra.Command, args []string) error {
	if !cmd.Flags().Changed("credit-line") {
		return arguments(1, 1, "name one page to inspect: a URL, a file, or - for standard input")(cmd, args)
	}
	if len(args) > 0 {
		return fmt.Errorf("--credit-line is read instead of a page, and %q is one", withoutUser(args[0]))
	}
	var err error
	own := cmd.LocalNonPersistentFlags()
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if own.Lookup(f.Name) != nil && f.Name != "credit-line" && f.Name != "json" && err == nil {
			err = fmt.Errorf("--%s is about pages; beside --credit-line only --json means something", f.Name)
		}
	})
	return err
}

// inspectLine shows whom a credit line names.
func (a *app) inspectLine(line string, asJSON bool) error {
	if strings.TrimSpace(line) == "" {
		return usagef("--credit-line is empty")
	}
	l := creditline.Parse(line)
	if asJSON {
		return a.printJSON(l)
	}
	fmt.Fprintln(a.stdout, plain(l.Text))
	for _, f := range []struct {
		name  string
		names []string
	}{{"people", l.People}, {"agencies", l.Agencies}, {"markers", l.Markers}} {
		if len(f.names) > 0 {
			fmt.Fprintf(a.stdout, "  %-10s %s\n", f.name, plain(strings.Join(f.names, "; ")))
		}
	}
	if len(l.People)+len(l.Agencies) == 0 {
		fmt.Fprintln(a.stdout, "  names nobody")
	}
	return nil
}
