package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"tearsheet/archive"
)

// verifyFlags are the flags of verify.
type verifyFlags struct {
	level       int
	since       string
	sample      int
	seed        string
	grace       time.Duration
	checkpoints []string
	save        string
	json        bool
}

// defaultGrace is how long a commit on another machine may take, where that machine's work folder cannot be seen.
const defaultGrace = 24 * time.Hour

func newVerifyCommand(a *app) *cobra.Command {
	f := verifyFlags{grace: -1}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that the archive holds what was written",
		Long: `Checks the archive at one of four levels, and tells each fault with the object that has it, what was
expected and what was found. Each level does what those above it in this table do:

  level  looks at                                                finds
  0      log, manifests, list of objects, and where the bucket   an object that is missing, cut or too many;
         keeps versions, what was deleted or overwritten         a rewritten manifest; a log entry that is
                                                                 missing, altered or dropped; delete markers
  1      what the store says of each object: checksum, version,  a checksum, version or lock that is not
         retention, legal hold                                   the one of the commit
  2      records chosen at random, each with its digests         damaged records, by chance: 300 whole ones
                                                                 say that fewer than 1 % are damaged
                                                                 (95 % confidence); an index that lies
  3      everything (this is what is done without --level)       every flipped byte

Level 1 proves what the store says, and reads no object. Of the objects in a bucket, level 0 costs one
request for each log entry and run, level 1 one more for each object, level 2 some 600 more, and
level 3 downloads the whole archive. With --since, levels 1 to 3 look only at runs that were
committed since then; log, manifests and list are always checked whole.

That the newest runs were dropped together with their entries can be seen only by who remembers them.
Every commit, and every verify that finds the log whole, keeps number and digest of the newest entry
in checkpoint.json in the work folder, and verify compares the log with it. --save-checkpoint writes
such a file elsewhere, and --checkpoint compares with it, on any machine.

A run that no entry of the log names is a fault when it has its manifest, is older than --grace, and is
not being committed on this machine; else it is told as unlisted (tearsheet gc removes what crashed
runs left). What may not be read, for want of permission, or because the store does not answer, is an
error and no fault of the archive.

Signatures of log entries are checked by the keys of signing: trusted: in the configuration, and by
one's own (tearsheet keygen makes them). Where there is neither, it is only told that there are some.

With --json: one object {level, since, entries, signed, unchecked, stamped, runs, objects, examined,
stated, files, records, pages, bytes, sample, checkpoint, unlisted, unread, problems}. stated is the
number of objects of which the store has the manifest's checksum; sample (level 2) is {records, seed,
all, confidence, damaged_below}; each problem has object, offset, what, expected and found.`,
		Example: `  tearsheet verify
  tearsheet verify --level 1 --since 30d --json
  tearsheet verify --sample 300 --save-checkpoint /media/safe/papers.json
  tearsheet verify --level 0 --checkpoint /media/safe/papers.json`,
		Args:        noArguments,
		Annotations: exitStatus(codeConfiguration, codeStorage, codeFixity, codeInterrupted, codeTerminated),
		RunE: func(cmd *cobra.Command, _ []string) error {
			given := cmd.Flags().Changed
			return a.verify(cmd.Context(), f, given("level"), given("sample"))
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.level, "level", int(archive.LevelFull), "how deep to look: `0|1|2|3`")
	flags.StringVar(&f.since, "since", "", "above level 0 only runs that were committed since `TIME`, or in the last 7d, 36h, …")
	flags.IntVar(&f.sample, "sample", archive.DefaultSample, "read `N` records chosen at random: level 2")
	flags.StringVar(&f.seed, "seed", "", "choose the records that `SEED` chose, which an earlier verify printed")
	ageFlag(flags, &f.grace, "grace", "how `LONG` a commit on another machine may take (default 24h for a bucket, none for a folder)")
	flags.StringArrayVar(&f.checkpoints, "checkpoint", nil, "compare the log with the checkpoint in `FILE`; may be given several times")
	flags.StringVar(&f.save, "save-checkpoint", "", "write the checkpoint to `FILE` when the log is whole, after comparing with what is there")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	return cmd
}

// settle reads the flags that depend on each other.
func (f *verifyFlags) settle(levelGiven, sampleGiven bool) (seed uint64, err error) {
	if f.level < int(archive.LevelList) || f.level > int(archive.LevelFull) {
		return 0, usagef("--level is %d; it is 0, 1, 2 or 3", f.level)
	}
	wantsSample := sampleGiven || f.seed != ""
	if wantsSample && levelGiven && f.level != int(archive.LevelSample) {
		return 0, usagef("--sample and --seed are for level 2, and --level is %d; leave one out", f.level)
	}
	if wantsSample {
		f.level = int(archive.LevelSample)
	}
	if f.sample < 1 {
		return 0, usagef("--sample is %d; read at least one record", f.sample)
	}
	if f.seed != "" {
		if seed, err = strconv.ParseUint(f.seed, 16, 64); err != nil {
			return 0, usagef("--seed %q is none; it is what verify prints, up to 16 hexadecimal digits", f.seed)
		}
		return seed, nil
	}
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return 0, fmt.Errorf("choosing a seed: %w", err)
	}
	return binary.BigEndian.Uint64(random[:]), nil
}

// options makes options of the flags. The file of --save-checkpoint is compared with too, when it is there.
func (f *verifyFlags) options(seed uint64, now time.Time) ([]archive.VerifyOption, time.Time, error) {
	options := []archive.VerifyOption{archive.AtLevel(archive.Level(f.level)), archive.SampleOf(f.sample, seed), archive.Grace(f.grace)}
	var since time.Time
	if f.since != "" {
		var err error
		if since, err = parseSince(f.since, now); err != nil {
			return nil, since, usagef("--since %w", err)
		}
		options = append(options, archive.Since(since))
	}
	for _, path := range f.checkpoints {
		c, err := archive.ReadCheckpoint(path)
		if err != nil {
			return nil, since, usagef("--checkpoint: %w", err)
		}
		options = append(options, archive.Against(c, path))
	}
	if f.save != "" {
		c, err := archive.ReadCheckpoint(f.save)
		if err == nil {
			options = append(options, archive.Against(c, f.save))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, since, usagef("--save-checkpoint: %w; name a checkpoint or a new file", err)
		}
	}
	return options, since, nil
}

func (a *app) verify(ctx context.Context, f verifyFlags, levelGiven, sampleGiven bool) error {
	seed, err := f.settle(levelGiven, sampleGiven)
	if err != nil {
		return err
	}
	arc, err := a.existing(ctx)
	if err != nil {
		return err
	}
	if f.grace < 0 {
		f.grace = a.grace()
	}
	options, since, err := f.options(seed, time.Now())
	if err != nil {
		return err
	}
	progress, done := a.verifyProgress()
	r, err := arc.Verify(ctx, append(options, archive.OnProgress(progress))...)
	done()
	if err != nil {
		err = fmt.Errorf("verifying the archive at %s: %w", a.settings.Archive, err)
	}
	if ctx.Err() != nil {
		return err
	}
	if f.json {
		if told := a.printJSON(verifiedOf(r, since)); told != nil {
			return errors.Join(err, told)
		}
	} else {
		a.tellVerified(r, err == nil)
	}
	err = errors.Join(err, a.keepCheckpoint(ctx, arc, r, f.save))
	if n := len(r.Problems); n > 0 {
		return errors.Join(resultf(codeFixity, "the archive at %s is damaged: %s", a.settings.Archive, english.Plural(n, "problem", "")), err)
	}
	return err
}

// grace is how long a commit may take that is under way on another machine. The work folder of a folder is that of all who write to it.
func (a *app) grace() time.Duration {
	if a.settings.Bucket() {
		return defaultGrace
	}
	return 0
}

// keepCheckpoint remembers the newest entry, if the log is whole. That it cannot be remembered here, where an archive is on a read-only disk
// say, is no failure; that it is not where the user wants it is one.
func (a *app) keepCheckpoint(ctx context.Context, arc *archive.Archive, r archive.VerifyReport, file string) error {
	if r.Checkpoint == nil {
		if file != "" {
			return resultf(codeStorage, "no checkpoint was written to %s: the log is empty, or is not known to be whole", file)
		}
		return nil
	}
	if err := arc.KeepCheckpoint(ctx, *r.Checkpoint); err != nil {
		a.notice("the newest entry of the log could not be remembered here", "error", err)
	}
	if file == "" {
		return nil
	}
	return r.Checkpoint.Save(file)
}

// verifyProgress shows on a terminal how far it is; done takes it away.
func (a *app) verifyProgress() (progress func(archive.VerifyReport), done func()) {
	if a.flags.quiet || !terminal(a.stderr) {
		return func(archive.VerifyReport) {}, func() {}
	}
	bar := progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(a.stderr),
		progressbar.OptionSetDescription("verifying"),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionShowBytes(true),
		progressbar.OptionClearOnFinish(),
	)
	ignore := func(error) {} // a terminal that takes no more is no reason to stop
	return func(r archive.VerifyReport) { ignore(bar.Set64(r.Bytes)) }, func() { ignore(bar.Finish()) }
}
