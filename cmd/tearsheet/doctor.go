package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"tearsheet/archive"
	"tearsheet/archive/store"
	"tearsheet/config"
)

func newDoctorCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check configuration, disk, clock, store and archive",
		Long: `Tries out what tearsheet relies on, and says of each thing what was found and what that means:
  good     as it should be
  warning  it works, with a disadvantage that is told
  fault    it does not work, or cannot be trusted
  unknown  it could not be found out

Checked are the configuration, the local folder in which runs are written (space, fsync, locks), the
clock, Chromium, the archive and its newest entry, and the place where the archive is. A bucket is
asked to do all that is needed of it, and to refuse what it must refuse: conditional writes, checksums
that are wrong, uploads in parts, ranges, lists, versions, Object Lock. For that, objects are written
below a name of their own (doctor-…) and removed again, where that is allowed. Nothing is changed in
the archive, no unfinished run is touched, and no other place on the network is asked.

Warnings alone end with 0. When both the configuration and something else are at fault it ends with 3.

With --json: one object a line {name, level, found, means}.`,
		Example: `  tearsheet doctor
  tearsheet doctor --archive s3://papers/daily --s3-endpoint https://s3.example.net
  tearsheet doctor --json | jq -r 'select(.level != "good") | .name'`,
		Args:        noArguments,
		Annotations: exitStatus(codeConfiguration, codeStorage, codeFixity, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.diagnose(cmd.Context(), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

// checkUp collects what doctor finds.
type checkUp struct {
	*app
	found []store.Finding
	code  code // of the gravest fault
}

// add takes findings of which a fault ends with c. A fault of the configuration comes before all others, which may follow from it.
func (u *checkUp) add(c code, findings ...store.Finding) {
	for _, f := range findings {
		u.found = append(u.found, f)
		if f.Level == store.Fault && (u.code == codeOK || c == codeConfiguration) {
			u.code = c
		}
	}
}

func (u *checkUp) tell(c code, name string, g store.Grade, found, means string) {
	u.add(c, store.Finding{Name: name, Level: g, Found: found, Means: means})
}

// faultCode is the exit code of a fault that an error tells: what no other code stands for is the store's.
func faultCode(err error) code {
	if c := codeOf(err); c != codeInternal {
		return c
	}
	return codeStorage
}

func (a *app) diagnose(ctx context.Context, asJSON bool) error {
	u := &checkUp{app: a}
	var newest time.Time
	if u.configuration() {
		if !u.unknownPlace() {
			u.workFolder()
		}
		u.keys()
		u.browser()
		if st := u.place(ctx); st != nil {
			newest = u.archive(ctx, st)
		}
	}
	u.add(codeConfiguration, plausible(time.Now(), readVersion().Time, newest))
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if err := u.print(asJSON); err != nil {
		return err
	}
	return u.result(asJSON)
}

// configuration reads it, and reports whether there is any to go on with.
func (u *checkUp) configuration() bool {
	const name = "configuration"
	file, mayBeMissing := config.FileName(u.flags.config, u.env)
	if err := u.configure(); err != nil {
		u.tell(codeConfiguration, name, store.Fault, err.Error(), "all commands that use the archive or the network refuse to work; what follows from it was not checked")
		return false
	}
	if _, err := os.Stat(file); mayBeMissing && errors.Is(err, fs.ErrNotExist) {
		u.tell(codeConfiguration, name, store.Good, "no file "+file+" here: defaults, environment and flags hold", "")
		return true
	}
	u.tell(codeConfiguration, name, store.Good, file+" was read", "")
	return true
}

// unknownPlace reports whether the archive is neither a folder nor a bucket. Opening it tells.
func (u *checkUp) unknownPlace() bool {
	return !u.settings.Bucket() && strings.Contains(u.settings.Archive, "://")
}

// tightSpace is the free space in bytes with which nothing should be begun.
const tightSpace = 64 << 20

// workFolder checks the local folder in which runs are written. One that does not exist yet is checked where it will be made.
func (u *checkUp) workFolder() {
	dir, err := u.work()
	if err != nil {
		u.tell(codeConfiguration, "work folder", store.Fault, err.Error(), "no run can be written")
		return
	}
	if dir, err = filepath.Abs(dir); err != nil {
		u.tell(codeStorage, "work folder", store.Unknown, err.Error(), "")
		return
	}
	at := nearest(dir)
	if at == dir {
		u.tell(codeStorage, "work folder", store.Good, dir, "")
	} else {
		u.tell(codeStorage, "work folder", store.Good, dir+", which is made when it is needed", "")
	}
	objects := ""
	if fi, err := os.Stat(u.settings.Archive); !u.settings.Bucket() && err == nil && fi.IsDir() {
		objects = u.settings.Archive
	}
	u.add(codeStorage, store.ProbeWork(at, objects)...)
	u.space("work: free space", at)
}

// nearest gives the nearest folder above path, or path itself, that exists.
func nearest(path string) string {
	for {
		above := filepath.Dir(path)
		if fi, err := os.Stat(path); err == nil && fi.IsDir() || above == path {
			return path
		}
		path = above
	}
}

// space checks how much may still be written to a disk: two WARC files should always fit, one that is written and one that is stored.
func (u *checkUp) space(name, dir string) {
	free, err := store.FreeSpace(dir)
	text := humanize.Bytes(uint64(free))
	switch {
	case err != nil:
		u.tell(codeStorage, name, store.Unknown, err.Error(), "")
	case free < tightSpace:
		u.tell(codeStorage, name, store.Fault, text, "the disk of "+dir+" is full: free some space")
	case free < 2*int64(u.settings.WARCSize):
		u.tell(codeStorage, name, store.Warning, text, "less than two WARC files as large as they may become (warc_size): free some space on the disk of "+dir)
	default:
		u.tell(codeStorage, name, store.Good, text, "")
	}
}

// keys looks whether what signs the log and exports can be used, and says as whom.
func (u *checkUp) keys() {
	signing, err := u.signing()
	if err == nil {
		err = signing.Fault
	}
	if err == nil {
		_, err = u.packing()
	}
	c := u.settings.Signing
	switch {
	case err != nil:
		u.tell(codeConfiguration, "signing", store.Fault, err.Error(), "nothing can be captured until the key is there, or the setting is gone")
	case signing.Required && signing.Notary == nil:
		u.tell(codeConfiguration, "signing", store.Fault, "require_signature is set, and there is no key", "nothing can be captured: make a key with tearsheet keygen, and name it with signing: key:")
	case signing.Notary == nil:
		u.tell(codeConfiguration, "signing", store.Warning, "no key: the log is not signed", "whoever can write to the archive could make another log: tearsheet keygen makes a key")
	case c.WACZKey == "":
		u.tell(codeConfiguration, "signing", store.Good, "the log is signed as "+signing.Notary.Public(), "exported WACZ files are not: signing: wacz_key: names no key")
	default:
		u.tell(codeConfiguration, "signing", store.Good, "the log is signed as "+signing.Notary.Public()+", and exported WACZ files are signed", "")
	}
}

// browsers are the names under which Chromium and its kin are installed.
func browsers() []string {
	return []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"}
}

// browser looks for Chromium and does not start it.
func (u *checkUp) browser() {
	for _, name := range browsers() {
		if path, err := exec.LookPath(name); err == nil {
			u.tell(codeOK, "Chromium", store.Good, path, "")
			return
		}
	}
	u.tell(codeOK, "Chromium", store.Good, "not found", "nothing that this version does needs it; it is for pages as PDF and PNG, which are not made yet")
}

// place opens the place where the archive is and tries it out; nil when there is none in which to look for entries.
func (u *checkUp) place(ctx context.Context) store.Store {
	dir := u.settings.Archive
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && !u.settings.Bucket() && !u.unknownPlace() {
		u.tell(codeStorage, "archive", store.Warning, "there is none at "+dir+" yet", "the first capture makes it; if there should be one, name it with --archive")
		return nil
	}
	st, err := u.openStore(ctx, false)
	if err != nil {
		u.tell(faultCode(err), "archive", store.Fault, err.Error(), "nothing can be archived or read")
		return nil
	}
	reached := true
	if probed, ok := st.(interface {
		Probe(ctx context.Context) []store.Finding
	}); ok {
		findings := probed.Probe(ctx)
		u.add(codeStorage, findings...)
		for _, f := range findings {
			reached = reached && (f.Name != "reach" && f.Name != "store" || f.Level != store.Fault)
		}
	}
	if !u.settings.Bucket() {
		u.space("free space", dir)
	}
	if !reached {
		return nil
	}
	return st
}

// archive opens it without finishing what is unfinished, and gives the time of its newest entry.
func (u *checkUp) archive(ctx context.Context, st store.Store) time.Time {
	const name = "archive"
	arc, err := archive.Open(ctx, st, archive.Options{Software: software(), Log: u.log})
	if err != nil {
		err = u.openingError(err)
		u.tell(faultCode(err), name, store.Fault, err.Error(), "nothing can be archived or read")
		return time.Time{}
	}
	for e, err := range arc.Entries(ctx) {
		if err != nil {
			u.tell(faultCode(err), name, store.Fault, err.Error(), "nothing can be added to the log: tearsheet verify tells more")
			return time.Time{}
		}
		u.tell(codeOK, name, store.Good, fmt.Sprintf("%s at %s, the newest of %s UTC (run %s), format %d",
			english.Plural(int(e.N), "log entry", "log entries"), st, e.Time.UTC().Format(time.DateTime), e.RunID, e.Format), "")
		return e.Time
	}
	exists, err := arc.Exists(ctx)
	switch {
	case err != nil:
		u.tell(faultCode(err), name, store.Fault, err.Error(), "nothing can be read")
	case exists:
		u.tell(codeOK, name, store.Warning, "no log entry at "+st.String()+", and there are runs", "they are not looked at: tearsheet verify tells which")
	default:
		u.tell(codeOK, name, store.Good, "empty at "+st.String()+": the first capture begins it", "")
	}
	return time.Time{}
}

// plausible judges the clock without another one: it cannot be earlier than the program's source (RFC 3339, "" where that is not known) or than what
// was archived.
func plausible(now time.Time, built string, newest time.Time) store.Finding {
	f := store.Finding{Name: "time", Level: store.Good, Found: now.UTC().Format(time.DateTime) + " UTC"}
	source, err := time.Parse(time.RFC3339, built)
	switch {
	case err == nil && now.Before(source.Add(-24*time.Hour)):
		f.Level, f.Found = store.Fault, f.Found+", before this program was written"
		f.Means = "times in the archive are wrong, and certificates seem not to be valid: set this machine's clock (NTP)"
	case now.Before(newest.Add(-5 * time.Minute)):
		f.Level, f.Found = store.Warning, f.Found+", before the newest entry of the log"
		f.Means = "this machine's clock is wrong, or that of the one that wrote the entry was"
	}
	return f
}

// print prints what was found as a table, or as lines of JSON.
func (u *checkUp) print(asJSON bool) error {
	if asJSON {
		for _, f := range u.found {
			if err := u.printJSON(f); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(u.stdout, 0, 0, 2, ' ', 0)
	for _, f := range u.found {
		text := fmt.Sprintf("%s\t%s\t%s\n", plain(f.Name), f.Level, plain(f.Found))
		if f.Means != "" {
			text += fmt.Sprintf("\t\t  %s\n", plain(f.Means))
		}
		if _, err := fmt.Fprint(table, text); err != nil {
			return err
		}
	}
	return table.Flush()
}

// result ends the command by the gravest that was found.
func (u *checkUp) result(asJSON bool) error {
	number := map[store.Grade]int{}
	var faults []string
	for _, f := range u.found {
		number[f.Level]++
		if f.Level == store.Fault {
			faults = append(faults, f.Name)
		}
	}
	if len(faults) > 0 {
		return resultf(u.code, "%s: %s", english.Plural(len(faults), "fault", ""), strings.Join(faults, ", "))
	}
	if asJSON || u.flags.quiet {
		return nil
	}
	text := "no fault"
	if n := number[store.Warning]; n > 0 {
		text += ", " + english.Plural(n, "warning", "")
	}
	if n := number[store.Unknown]; n > 0 {
		text += fmt.Sprintf("; %d could not be found out", n)
	}
	fmt.Fprintln(u.stdout, text)
	return nil
}
