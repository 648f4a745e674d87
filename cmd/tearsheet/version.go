package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by a release build: go build -ldflags "-X main.version=1.2.3". Other builds take what the Go tool knows.
var version string

// build says which program this is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the version control system
	Time     string `json:"time,omitempty"`     // of that revision, RFC 3339
	Modified bool   `json:"modified"`           // the source differed from the revision
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func readVersion() build {
	b := build{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			b.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value
			case "vcs.time":
				b.Time = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	if version != "" {
		b.Version = version
	}
	return b
}

// software names this program in what it writes: warcinfo records, manifests, and the User-Agent.
func software() string { return "tearsheet/" + readVersion().Version }

func newVersionCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which tearsheet this is",
		Long: `Prints the version, the revision of the source that it was built from, the Go release, and the platform.

With --json: one object with version, revision, time, modified, go and platform.`,
		Example:     "  tearsheet version\n  tearsheet version --json",
		Args:        noArguments,
		Annotations: exitStatus(),
		RunE: func(*cobra.Command, []string) error {
			b := readVersion()
			if asJSON {
				return a.printJSON(b)
			}
			fmt.Fprintf(a.stdout, "tearsheet %s\n", b.Version)
			if b.Revision != "" {
				changed := ""
				if b.Modified {
					changed = ", modified"
				}
				fmt.Fprintf(a.stdout, "revision  %s (%s%s)\n", b.Revision, b.Time, changed)
			}
			fmt.Fprintf(a.stdout, "built by  %s for %s\n", b.Go, b.Platform)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}
