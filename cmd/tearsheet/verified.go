package main

import (
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"tearsheet/archive"
)

// verified is what verify --json prints.
type verified struct {
	Level      archive.Level       `json:"level"`
	Since      time.Time           `json:"since,omitzero"`
	Entries    int                 `json:"entries"`
	Signed     int                 `json:"signed"`
	Unchecked  int                 `json:"unchecked"`
	Stamped    int                 `json:"stamped"`
	Runs       int                 `json:"runs"`
	Objects    int                 `json:"objects"`
	Examined   int                 `json:"examined"`
	Stated     int                 `json:"stated"`
	Files      int                 `json:"files"`
	Records    int                 `json:"records"`
	Pages      int                 `json:"pages"`
	Bytes      int64               `json:"bytes"`
	Sample     *verifiedSample     `json:"sample,omitempty"`
	Checkpoint *archive.Checkpoint `json:"checkpoint"`
	Unlisted   []archive.Unlisted  `json:"unlisted"`
	Unread     []archive.Problem   `json:"unread"`
	Problems   []archive.Problem   `json:"problems"`
}

// verifiedSample tells of the records that were read at level 2. DamagedBelow is missing where something was found.
type verifiedSample struct {
	Records      int      `json:"records"`
	Seed         string   `json:"seed"`
	All          bool     `json:"all"`
	Confidence   float64  `json:"confidence"`
	DamagedBelow *float64 `json:"damaged_below,omitempty"`
}

func verifiedOf(r archive.VerifyReport, since time.Time) verified {
	v := verified{
		Level: r.Level, Since: since, Entries: r.Entries, Signed: r.Signed, Unchecked: r.Unchecked, Stamped: r.Stamped, Runs: r.Runs, Objects: r.Objects, Examined: r.Examined, Stated: r.Stated,
		Files: r.Files, Records: r.Records, Pages: r.Pages, Bytes: r.Bytes, Checkpoint: r.Checkpoint,
		Unlisted: listOf(r.Unlisted), Unread: listOf(r.Unread), Problems: listOf(r.Problems),
	}
	if s := r.Sample; s != nil {
		v.Sample = &verifiedSample{Records: s.Records, Seed: seedText(s.Seed), All: s.All, Confidence: archive.Confidence}
		if len(r.Problems) == 0 && len(r.Unread) == 0 {
			below := s.Below()
			v.Sample.DamagedBelow = &below
		}
	}
	return v
}

// seedText is a seed as --seed takes it. It is a text in JSON, whose numbers lose digits in many programs.
func seedText(seed uint64) string { return fmt.Sprintf("%016x", seed) }

func (a *app) tellVerified(r archive.VerifyReport, whole bool) {
	for _, p := range r.Problems {
		fmt.Fprint(a.stdout, plain(p.Object))
		if p.Offset > 0 {
			fmt.Fprintf(a.stdout, " at byte %d", p.Offset)
		}
		fmt.Fprintf(a.stdout, ": %s\n", plain(p.What))
		if p.Expected != "" || p.Found != "" {
			fmt.Fprintf(a.stdout, "    expected %s\n    found    %s\n", plain(p.Expected), plain(p.Found))
		}
	}
	if a.flags.quiet {
		return
	}
	for _, u := range r.Unlisted {
		fmt.Fprintln(a.stdout, unlistedText(u, time.Now()))
	}
	verdict := "all as written"
	switch n := len(r.Problems); {
	case n > 0:
		verdict = english.Plural(n, "problem", "")
	case !whole:
		verdict = "not everything could be read"
	case r.Level == archive.LevelList:
		verdict = "all there"
	case r.Level == archive.LevelStated:
		verdict = "all there, and nothing that the store says of it is wrong"
	case r.Level == archive.LevelSample:
		verdict = "all there, and the sample as written"
	}
	fmt.Fprintf(a.stdout, "%s: %s\n", verdict, verifiedText(r))
	if told := signedText(r); told != "" {
		fmt.Fprintln(a.stdout, told)
	}
	if told := proofText(r, whole); told != "" {
		fmt.Fprintln(a.stdout, told)
	}
}

// signedText tells of the signatures that hold, and of those that nobody could check.
func signedText(r archive.VerifyReport) string {
	if r.Unchecked > 0 {
		return fmt.Sprintf("%s a signature that was not checked, as signing: trusted: in the configuration names no public key",
			english.PluralWord(r.Unchecked, "1 log entry has", fmt.Sprintf("%d log entries have", r.Unchecked)))
	}
	if r.Signed == 0 {
		return ""
	}
	told := fmt.Sprintf("%d of %s signed", r.Signed, english.Plural(r.Entries, "log entry", "log entries"))
	if r.Stamped > 0 {
		told += fmt.Sprintf(", %d with a time stamp that holds", r.Stamped)
	}
	return told
}

// verifiedText counts what was looked at.
func verifiedText(r archive.VerifyReport) string {
	read := humanize.Bytes(uint64(r.Bytes)) + " read"
	if r.Level == archive.LevelFull {
		return fmt.Sprintf("%s, %s, %s, %s, %s", english.Plural(r.Runs, "run", ""), english.Plural(r.Pages, "page", ""),
			english.Plural(r.Files, "file", ""), english.Plural(r.Records, "record", ""), read)
	}
	return fmt.Sprintf("%s, %s, %s, %s", english.Plural(r.Entries, "log entry", "log entries"), english.Plural(r.Runs, "run", ""),
		english.Plural(r.Objects, "object", ""), read)
}

// proofText says what a verify that did not read everything proves, and what it does not.
func proofText(r archive.VerifyReport, whole bool) string {
	skipped := ""
	if n := r.Runs - r.Examined; n > 0 && r.Level > archive.LevelList {
		skipped = fmt.Sprintf("; %s older than --since looked at as at level 0", english.PluralWord(n, "1 run was", fmt.Sprintf("%d runs were", n)))
	}
	switch r.Level {
	case archive.LevelList:
		return "level 0 looks whether all objects are there with their sizes, and not into them"
	case archive.LevelStated:
		return fmt.Sprintf("level 1 proves what the store says, and reads no object: it vouches for the bytes of %d%s", r.Stated, skipped)
	case archive.LevelSample:
		s := r.Sample
		if s == nil {
			return ""
		}
		told := fmt.Sprintf("%s chosen at random, seed %s", english.Plural(s.Records, "record was", "records were"), seedText(s.Seed))
		switch {
		case len(r.Problems) > 0 || !whole:
		case s.All:
			told += "; these are all that the indexes list"
		default:
			told += fmt.Sprintf("; with %.0f %% confidence fewer than %.2g %% of the records are damaged", 100*archive.Confidence, 100*s.Below())
		}
		return told + skipped
	}
	return skipped[min(len(skipped), len("; ")):]
}

// unlistedText tells of a run that no log entry names.
func unlistedText(u archive.Unlisted, now time.Time) string {
	told := fmt.Sprintf("run %s is in no entry of the log yet: ", u.Run)
	if u.Here {
		return told + "its commit is under way"
	}
	age := humanize.RelTime(u.Newest, now, "old", "from now")
	return told + fmt.Sprintf("%s, the newest %s; its commit is under way elsewhere, or it crashed (tearsheet gc shows what can be removed)",
		english.Plural(u.Objects, "object", ""), age)
}
